"""Commodities taken apart cost what they cost together; equations by their ids in docs/explanation/decomposition.md."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programmes import drawn, least_cost

from jibek.balances.circulations import circulation_of, optimise, start
from jibek.balances.decomposition import Decomposition, decompose
from jibek.balances.flow_certificate import certify_flow
from jibek.balances.multicommodity import Multicommodity
from jibek.balances.simplex_kernels import IN_TREE, cycles
from jibek.errors import BalanceError

EXACT = 1e-9
"""Gap asked for where optima are compared."""
ROUNDING = 1e-12
"""Of quantities, relative to the greatest: sums of some dozen numbers."""
ALIKE = 1e-6
"""Of costs beside HiGHS, whose bounds hold to 1e-7."""

seeds = st.integers(0, 2**32)
many = settings(max_examples=200)
some = settings(max_examples=50)


def scale(programme: Multicommodity) -> float:
    """Say what costs are compared over."""
    return (
        1.0
        + float(np.abs(programme.supply_usd) @ programme.supply_quantity)
        + float(programme.need_usd_short @ programme.need_quantity)
    )


def certified(programme: Multicommodity, found: Decomposition) -> None:
    again = certify_flow(programme, found.flow, found.taken, found.served, found.capacity_price, found.node_price)
    assert again == found.certificate
    assert found.converged
    assert again.gap <= EXACT
    assert again.imbalance <= ROUNDING
    assert again.excess <= ROUNDING


def two_sources() -> Multicommodity:
    """Two commodities over one bridge of capacity 10; the dearer shortage of the second takes it first."""
    return Multicommodity(
        n_nodes=2,
        tail=np.array([0], np.int32),
        head=np.array([1], np.int32),
        cost=np.array([[1.0], [2.0]]),
        upper=np.full((2, 1), np.inf),
        row=np.array([0], np.int32),
        weight=np.array([1.0, 2.0]),
        capacity=np.array([10.0]),
        supply_commodity=np.array([0, 1], np.int32),
        supply_node=np.array([0, 0], np.int32),
        supply_quantity=np.array([8.0, 4.0]),
        supply_usd=np.array([3.0, 3.0]),
        need_commodity=np.array([0, 1], np.int32),
        need_node=np.array([1, 1], np.int32),
        need_quantity=np.array([8.0, 4.0]),
        need_usd_short=np.array([14.0, 45.0]),
    )


def test_a_bridge_is_shared_as_worked_out_by_hand() -> None:
    # A unit of capacity is worth 14 - 1 - 3 = 10 to the first, (45 - 2 - 3) / 2 = 20 to the second: 8 go to the second.
    found = decompose(two_sources(), gap=EXACT)
    assert found.flow == pytest.approx(np.array([[2.0], [4.0]]))
    assert found.cost == pytest.approx(2 * 4 + 4 * 5 + 6 * 14)
    assert found.capacity_price == pytest.approx([10.0])
    assert found.node_price[:, 1] == pytest.approx([14.0, 3.0 + 2.0 + 2 * 10.0])


@pytest.mark.parametrize(("closed", "what"), [("capacity", [0.0]), ("row", None)])
def test_needs_that_nothing_reaches_stay_short(closed: str, what: list[float] | None) -> None:
    programme = two_sources()
    if what is None:
        programme = replace(programme, head=programme.tail)
    else:
        programme = replace(programme, **{closed: np.array(what)})
    found = decompose(programme, gap=EXACT)
    assert not found.served.any()
    assert found.cost == 8 * 14 + 4 * 45
    certified(programme, found)


def test_a_store_carries_over_what_a_delay_brings_too_late() -> None:
    # Place 0 in three periods are nodes 0 to 2, place 1 nodes 3 to 5; a link takes a period, a store holds 3 at most.
    programme = Multicommodity(
        n_nodes=6,
        tail=np.array([0, 1, 3, 4], np.int32),
        head=np.array([4, 5, 4, 5], np.int32),
        cost=np.array([[2.0, 2.0, 1.0, 1.0]]),
        upper=np.array([[np.inf, np.inf, 3.0, 3.0]]),
        row=np.array([0, 1, -1, -1], np.int32),
        weight=np.array([1.0]),
        capacity=np.array([9.0, 4.0]),
        supply_commodity=np.zeros(2, np.int32),
        supply_node=np.array([0, 1], np.int32),
        supply_quantity=np.array([9.0, 9.0]),
        supply_usd=np.array([1.0, 1.0]),
        need_commodity=np.zeros(2, np.int32),
        need_node=np.array([4, 5], np.int32),
        need_quantity=np.array([2.0, 9.0]),
        need_usd_short=np.array([50.0, 50.0]),
    )
    found = decompose(programme, gap=EXACT)
    assert found.flow == pytest.approx(np.array([[5.0, 4.0, 0.0, 3.0]]))  # 2 for now and 3 to keep; 2 stay short
    assert found.cost == pytest.approx(9 * 3 + 3 * 1 + 2 * 50)
    assert found.capacity_price == pytest.approx([0.0, 47.0])


@many
@given(seed=seeds)
def test_costs_what_highs_finds(seed: int) -> None:
    programme = drawn(seed)
    found = decompose(programme, gap=EXACT)
    certified(programme, found)
    assert found.cost == pytest.approx(least_cost(programme), abs=ALIKE * scale(programme))


@pytest.mark.parametrize("seed", range(12))
def test_costs_what_highs_finds_where_many_rows_and_columns_enter(seed: int) -> None:
    programme = drawn(seed, size=20)
    found = decompose(programme, gap=EXACT)
    certified(programme, found)
    assert found.cost == pytest.approx(least_cost(programme), abs=ALIKE * scale(programme))


@many
@given(seed=seeds, gap=st.sampled_from([0.5, 1e-2, 1e-4]), most=st.integers(0, 3))
def test_the_optimum_lies_between_bound_and_cost(seed: int, gap: float, most: int) -> None:
    programme = drawn(seed)
    found = decompose(programme, gap=gap, most_exchanges=most)
    least = least_cost(programme)
    assert found.bound <= least + ALIKE * scale(programme)
    assert found.cost >= least - ALIKE * scale(programme)
    assert found.converged == (found.gap <= gap)


@some
@given(seed=seeds)
def test_order_of_rows_changes_nothing(seed: int) -> None:
    programme, draw = drawn(seed), np.random.default_rng(seed)
    arc, supply, need = (
        draw.permutation(len(each)) for each in (programme.tail, programme.supply_node, programme.need_node)
    )
    commodity = draw.permutation(programme.n_commodities)
    number = np.argsort(commodity).astype(np.int32)
    permuted = replace(
        programme,
        **{name: getattr(programme, name)[arc] for name in ("tail", "head", "row")},
        **{name: getattr(programme, name)[commodity][:, arc] for name in ("cost", "upper")},
        weight=programme.weight[commodity],
        supply_commodity=number[programme.supply_commodity[supply]],
        **{name: getattr(programme, name)[supply] for name in ("supply_node", "supply_quantity", "supply_usd")},
        need_commodity=number[programme.need_commodity[need]],
        **{name: getattr(programme, name)[need] for name in ("need_node", "need_quantity", "need_usd_short")},
    )
    one, other = decompose(programme, gap=EXACT), decompose(permuted, gap=EXACT)
    assert one.cost == pytest.approx(other.cost, abs=2 * EXACT * scale(programme))


@some
@given(seed=seeds)
def test_threads_change_nothing(seed: int) -> None:
    programme = drawn(seed)
    one, two = decompose(programme, threads=1), decompose(programme, threads=2)
    for name in ("flow", "taken", "served", "capacity_price", "node_price"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
    assert one.certificate == two.certificate


@some
@given(seed=seeds, factor=st.sampled_from([1e-3, 8.0, 1e3]))
def test_money_and_quantities_scale(seed: int, factor: float) -> None:
    programme = drawn(seed)
    cost = decompose(programme, gap=EXACT).cost
    money, quantities = (
        ("cost", "supply_usd", "need_usd_short"),
        ("upper", "capacity", "supply_quantity", "need_quantity"),
    )
    for names in (money, quantities):
        scaled = replace(programme, **{name: factor * getattr(programme, name) for name in names})
        assert decompose(scaled, gap=EXACT).cost == pytest.approx(
            factor * cost, abs=2 * EXACT * factor * scale(programme)
        )


@some
@given(seed=seeds)
def test_more_capacity_never_costs_more(seed: int) -> None:
    programme = drawn(seed)
    wider = replace(programme, capacity=programme.capacity + 1.0)
    cost = decompose(programme, gap=EXACT).cost
    assert decompose(wider, gap=EXACT).cost <= cost + 2 * EXACT * scale(programme)


@many
@given(seed=seeds)
def test_cycles_conserve_and_tree_arcs_cost_nothing(seed: int) -> None:
    programme = drawn(seed)
    for k in range(programme.n_commodities):
        circulation = circulation_of(programme, k)
        plan = start(circulation)
        optimise(circulation, circulation.cost, circulation.upper, plan)
        tail, head = circulation.tail, circulation.head
        reduced = circulation.cost + plan.price[tail] - plan.price[head]
        in_tree = plan.state == IN_TREE
        assert in_tree.sum() == programme.n_nodes
        assert np.abs(reduced[in_tree]).max(initial=0.0) <= 1e-9
        assert (plan.state * reduced).min(initial=0.0) >= -1e-9
        assert not plan.flow[circulation.n_real :].any()
        outside = np.flatnonzero(~in_tree)
        changed, by, change = cycles(outside, tail, head, plan.state, plan.tree)
        for number, arc in enumerate(outside):
            effect = np.zeros(len(tail))
            effect[changed[by == number]] = change[by == number]
            effect[arc] += plan.state[arc]
            balance = np.bincount(head, effect, programme.n_nodes + 1)
            assert (balance == np.bincount(tail, effect, programme.n_nodes + 1)).all()
            assert effect @ circulation.cost == pytest.approx(plan.state[arc] * reduced[arc], abs=1e-9)


def test_the_certificate_sees_what_is_wrong() -> None:
    programme = two_sources()
    found = decompose(programme, gap=EXACT)
    prices = found.capacity_price, found.node_price
    lost = certify_flow(programme, 0.5 * found.flow, found.taken, found.served, *prices)
    assert lost.imbalance == pytest.approx(2 / 8)
    twice = certify_flow(programme, 2 * found.flow, 2 * found.taken, 2 * found.served, *prices)
    assert twice.imbalance == 0
    assert twice.excess == pytest.approx(10 / 8)
    negative = certify_flow(programme, -found.flow, -found.taken, -found.served, *prices)
    assert negative.excess == pytest.approx(4 / 8)
    for price in (0.0, 9.0, 11.0):
        assert certify_flow(programme, *zero(programme), np.array([price]), found.node_price).bound <= found.cost
    assert certify_flow(programme, *zero(programme), *prices).bound == pytest.approx(found.cost)


def zero(programme: Multicommodity) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.zeros_like(programme.cost), np.zeros(len(programme.supply_usd)), np.zeros(len(programme.need_usd_short))


def test_all_faults_are_named_at_once() -> None:
    programme = two_sources()
    with pytest.raises(BalanceError) as raised:
        replace(
            programme,
            head=np.array([2], np.int32),
            cost=np.array([[-1.0], [np.nan]]),
            weight=np.array([0.0, 1.0]),
            capacity=np.array([np.inf]),
            need_commodity=np.array([0, -1], np.int32),
        )
    places = sorted((fault.column, fault.row) for fault in raised.value.faults)
    assert places == [
        ("capacity", "0"),
        ("cost", "0/0"),
        ("cost", "1/0"),
        ("head", "0"),
        ("need_commodity", "1"),
        ("weight", "0"),
    ]
    with pytest.raises(BalanceError, match="shape"):
        replace(programme, need_quantity=np.zeros(3))


def test_a_gap_that_is_not_reached_is_said() -> None:
    found = decompose(two_sources(), gap=EXACT, most_exchanges=0)
    assert not found.converged
    assert found.gap > EXACT
    assert found.exchanges == 0
