"""Stochastic user equilibria against closed forms, the dual of their programme, and the laws that they keep."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import benchmark, class_of, grid, hostile, network_of, sioux_falls
from scipy.optimize import brentq
from test_hostile_networks import assert_acyclic, lost_pairs

from jibek.assignment import (
    DelayKind,
    StochasticAssignment,
    TrafficNetwork,
    TravelClass,
    certify_logit,
    link_times,
    solve,
    solve_stochastic,
)
from jibek.errors import AssignmentError

TIGHT = 1e-10
"""Residual at which flows are those of the equilibrium to nine digits."""
FLOWS = {"rtol": 1e-7, "atol": 1e-7}

DELAYS = [
    (DelayKind.BPR, 1.0, 1.0),
    (DelayKind.BPR, 0.15, 4.0),
    (DelayKind.BPR, 2.0, 1.5),
    (DelayKind.BPR, 0.4, 0.0),
    (DelayKind.CONICAL, 0.5, 4.0),
    (DelayKind.CONICAL, 0.5, 1.5),
    (DelayKind.CONSTANT, 7.0, 4.0),
]


def spread_out(
    problem: tuple[TrafficNetwork, TravelClass], spread: float, residual: float = TIGHT
) -> StochasticAssignment:
    """Solve a problem of one class."""
    network, travel = problem
    found = solve_stochastic(network, [travel], spread=spread, residual=residual)
    assert found.converged
    return found


@pytest.mark.parametrize("spread", [0.2, 3.0, 50.0])
@pytest.mark.parametrize(("kind", "b", "power"), DELAYS)
def test_two_routes_share_as_the_binary_logit_says(kind: DelayKind, b: float, power: float, spread: float) -> None:
    """The first route takes 10 and its delay, the second 15: its share is the fixed point of one equation."""
    network = network_of(2, [(0, 1, 10.0, 100.0, b, power), (0, 1, 15.0, 1.0, 0.0, 4.0)], kinds=[kind, DelayKind.BPR])

    def excess(v: float) -> float:
        time = link_times(network, np.array([v, 0.0])).value[0]
        return float(v - 150 * (1 - np.tanh((time - 15) / (2 * spread))))

    expected = brentq(excess, 0, 300, xtol=1e-12, rtol=1e-15)
    found = spread_out((network, class_of(network, [(0, 1, 300.0)])), spread)
    np.testing.assert_allclose(found.volume, [expected, 300 - expected], **FLOWS)


def test_parallel_routes_of_every_delay_share_as_one_equation_says() -> None:
    """The cost of each route and the spread times the logarithm of its trips are the same sum, on all of them."""
    kinds, bs, powers = zip(*DELAYS, strict=True)
    links = [(0, 1, 8.0 + n, 20.0, b, power) for n, (b, power) in enumerate(zip(bs, powers, strict=True))]
    network, spread = network_of(2, links, kinds=list(kinds)), 2.0

    def flows(level: float) -> np.ndarray:
        def above(v: float, link: int) -> float:
            return float(link_times(network, np.full(len(links), v)).value[link] + spread * np.log(v) - level)

        return np.array([brentq(above, 1e-30, 1e12, args=(n,), xtol=1e-14, rtol=1e-15) for n in range(len(links))])

    level = brentq(lambda level: flows(level).sum() - 150.0, -10.0, 40.0, xtol=1e-13)
    found = spread_out((network, class_of(network, [(0, 1, 150.0)])), spread)
    np.testing.assert_allclose(found.volume, flows(level), **FLOWS)
    assert found.pairs["expected_cost"].item() == pytest.approx(level - spread * np.log(150.0), rel=1e-9)


@pytest.mark.parametrize("spread", [0.1, 1.0, 20.0])
def test_the_objective_is_that_of_the_dual(spread: float) -> None:
    """Daganzo (1982): expected costs of all trips, less the delay of volumes at their times, and its integrals."""
    network, travel = sioux_falls()
    found = spread_out((network, travel), spread)
    times = link_times(network, found.volume)
    expected = (found.pairs["trips"] * found.pairs["expected_cost"]).sum()
    dual = expected - (found.volume * times.value).sum() + times.integral.sum()
    assert found.certificate.objective == pytest.approx(dual, rel=1e-10)


def test_with_less_and_less_spread_it_is_the_user_equilibrium() -> None:
    network, travel = sioux_falls()
    user = solve(network, [travel], gap=1e-12)
    apart, dearer = [], []
    for spread in (1.0, 0.1, 0.01):
        found = spread_out((network, travel), spread, residual=1e-7)
        apart.append(np.abs(found.volume - user.volume).max() / user.volume.max())
        dearer.append(abs(found.certificate.total_cost / user.certificate.total_cost - 1))
        assert found.certificate.objective < user.certificate.objective
    assert apart[2] < apart[1] / 5 < apart[0] / 10
    assert apart[2] < 2e-3
    assert dearer[2] < dearer[1] / 5 < dearer[0] / 10
    assert dearer[2] < 5e-4


def test_more_spread_evens_out() -> None:
    network = network_of(2, [(0, 1, 10.0, 1.0, 0.0, 0.0), (0, 1, 15.0, 1.0, 0.0, 0.0)])
    shares = [
        spread_out((network, class_of(network, [(0, 1, 1.0)])), spread).volume[0] for spread in (0.1, 1, 10, 1e3, 1e6)
    ]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == pytest.approx(1, abs=1e-9)
    assert shares[-1] == pytest.approx(0.5, abs=1e-5)


def test_what_all_ways_cost_alike_changes_no_flow_and_is_paid_by_all() -> None:
    """A toll of 7 at the end of every way to zone 1."""
    links = [(0, 2, 3.0, 10.0, 1.0, 2.0), (0, 2, 4.0, 10.0, 1.0, 2.0), (2, 1, 1.0, 10.0, 1.0, 2.0)]
    network = network_of(3, links)
    travel = class_of(network, [(0, 1, 12.0)])
    free = spread_out((network, travel), 1.0)
    tolled = spread_out((network, replace(travel, fixed_cost=np.array([0.0, 0.0, 7.0]))), 1.0)
    np.testing.assert_allclose(tolled.volume, free.volume, **FLOWS)
    assert tolled.pairs["expected_cost"].item() - free.pairs["expected_cost"].item() == pytest.approx(7)


def test_renumbering_nodes_and_links_changes_nothing() -> None:
    network, travel = sioux_falls()
    draw = np.random.default_rng(1)
    node, row = draw.permutation(24).astype(np.int32), draw.permutation(network.n_links)
    renumbered = replace(
        network,
        tail=node[network.tail[row]],
        head=node[network.head[row]],
        free_time=network.free_time[row],
        capacity=network.capacity[row],
    )
    its_travel = replace(travel, origin=node[travel.origin], destination=node[travel.destination])
    expected, found = spread_out((network, travel), 1.0), spread_out((renumbered, its_travel), 1.0)
    np.testing.assert_allclose(found.volume, expected.volume[row], **FLOWS)


def test_rows_of_trips_in_any_order_change_nothing() -> None:
    network, travel = sioux_falls()
    row = np.random.default_rng(2).permutation(len(travel.trips))
    moved = replace(travel, origin=travel.origin[row], destination=travel.destination[row], trips=travel.trips[row])
    found, expected = spread_out((network, moved), 1.0), spread_out((network, travel), 1.0)
    assert found.volume.tobytes() == expected.volume.tobytes()
    assert found.pairs.equals(expected.pairs)


def test_demand_and_capacity_scale_together() -> None:
    network, travel = sioux_falls()
    scaled = replace(network, capacity=network.capacity * 7), replace(travel, trips=travel.trips * 7)
    expected = spread_out((network, travel), 1.0)
    np.testing.assert_allclose(spread_out(scaled, 1.0).volume, 7 * expected.volume, **FLOWS)


def test_times_and_spread_scale_together() -> None:
    network, travel = sioux_falls()
    minutes = replace(network, free_time=network.free_time * 60)
    expected = spread_out((network, travel), 1.0)
    np.testing.assert_allclose(spread_out((minutes, travel), 60.0).volume, expected.volume, **FLOWS)


def test_classes_that_do_not_differ_are_one_class_and_weigh_as_they_load() -> None:
    """A third of the trips in vehicles that count double, half as many of them."""
    network, travel = sioux_falls()
    part = np.arange(len(travel.trips)) % 3 == 0
    classes = [
        replace(travel, trips=np.where(part, travel.trips / 2, 0.0), load=2.0),
        replace(travel, name="other", trips=np.where(part, 0.0, travel.trips)),
    ]
    expected = spread_out((network, travel), 1.0)
    found = solve_stochastic(network, classes, spread=1.0, residual=TIGHT)
    assert found.converged
    np.testing.assert_allclose(found.volume, expected.volume, **FLOWS)
    np.testing.assert_allclose(2 * found.flow[0] + found.flow[1], found.volume)
    assert found.certificate.objective == pytest.approx(expected.certificate.objective, rel=1e-10)


def test_a_class_stays_off_links_that_it_may_not_use_and_chooses_by_its_own_costs() -> None:
    """Times do not depend on flows: cars pay 3 on the second link, so both cost 15; lorries have the second only."""
    network = network_of(2, [(0, 1, 15.0, 100.0, 0.0, 1.0), (0, 1, 12.0, 100.0, 0.0, 1.0)])
    cars = class_of(network, [(0, 1, 300.0)], fixed_cost=np.array([0.0, 3.0]))
    lorries = class_of(network, [(0, 1, 20.0)], name="lorry", allowed=np.array([False, True]), load=2.5)
    found = solve_stochastic(network, [cars, lorries], spread=2.0)
    np.testing.assert_allclose(found.flow, [[150.0, 150.0], [0.0, 20.0]])
    np.testing.assert_allclose(found.volume, [150.0, 200.0])
    np.testing.assert_allclose(found.pairs["expected_cost"], [15 - 2 * np.log(2), 12.0])


def test_an_earlier_result_keeps_its_alternatives() -> None:
    network, travel = sioux_falls()
    first = spread_out((network, travel), 1.0)
    wider = replace(network, capacity=np.where(np.arange(network.n_links) == 25, 3.0, 1.0) * network.capacity)
    more = replace(travel, trips=travel.trips * 1.1)
    found = solve_stochastic(wider, [more], spread=1.0, residual=TIGHT, before=first)
    again = solve_stochastic(network, [travel], spread=1.0, residual=TIGHT, before=found)
    assert found.converged
    for one, two in zip(first.bushes, found.bushes, strict=True):
        assert one.edge_arc.tobytes() == two.edge_arc.tobytes()
    np.testing.assert_allclose(again.volume, first.volume, **FLOWS)
    assert np.abs(found.volume - first.volume).max() > 1
    np.testing.assert_allclose(found.pairs["trips"], first.pairs["trips"] * 1.1)


def test_a_quicker_link_benefits_users_by_what_it_saves_them() -> None:
    """For a little less time the benefit is the trips of the link times the saving, at flows that do not delay."""
    network, travel = sioux_falls()
    free, saving = replace(network, b=np.zeros(network.n_links)), 1e-4
    first = spread_out((free, travel), 1.0)
    quicker = replace(free, free_time=free.free_time - saving * (np.arange(network.n_links) == 25))
    found = solve_stochastic(quicker, [travel], spread=1.0, before=first)
    benefit = (first.pairs["trips"] * (first.pairs["expected_cost"] - found.pairs["expected_cost"])).sum()
    assert benefit == pytest.approx(saving * first.volume[25], rel=1e-4)


def test_an_earlier_result_of_another_problem_is_refused() -> None:
    links = [(0, 1, 1.0, 1.0, 1.0, 1.0), (1, 2, 1.0, 1.0, 1.0, 1.0), (2, 0, 1.0, 1.0, 1.0, 1.0)]
    network = network_of(3, links)
    travel = class_of(network, [(0, 1, 1.0)])
    first = spread_out((network, travel), 1.0)
    with pytest.raises(AssignmentError, match="links, zones and classes"):
        solve_stochastic(network_of(3, links[:2]), [class_of(network_of(3, links[:2]), [])], spread=1.0, before=first)
    with pytest.raises(AssignmentError, match="links, zones and classes"):
        solve_stochastic(network, [travel, travel], spread=1.0, before=first)
    closed = class_of(network, [(0, 1, 1.0), (2, 1, 1.0)], allowed=np.array([False, True, True]))
    with pytest.raises(AssignmentError) as told:
        solve_stochastic(network, [closed], spread=1.0, before=first)
    assert {(fault.row, fault.value) for fault in told.value.faults} == {("", "n2"), ("l0", "closed")}


@pytest.mark.parametrize("spread", [0.0, -1.0, np.nan, np.inf])
def test_a_spread_that_is_not_above_zero_is_refused(spread: float) -> None:
    network = network_of(2, [(0, 1, 1.0, 1.0, 1.0, 1.0)])
    with pytest.raises(AssignmentError, match="above 0"):
        solve_stochastic(network, [class_of(network, [(0, 1, 1.0)])], spread=spread)


def test_trips_that_follow_their_cost_are_refused() -> None:
    network = network_of(2, [(0, 1, 1.0, 1.0, 1.0, 1.0)])
    elastic = replace(class_of(network, [(0, 1, 1.0)]), elasticity=0.5)
    with pytest.raises(AssignmentError) as told:
        solve_stochastic(network, [elastic], spread=0.0)
    assert [fault.value for fault in told.value.faults] == ["0.0", "0.5"]


def test_what_is_not_assigned_is_named() -> None:
    network = network_of(3, [(0, 1, 1.0, 10.0, 0.15, 4.0), (1, 2, 1.0, 0.0, 0.15, 4.0)])
    found = spread_out((network, class_of(network, [(0, 1, 3.0), (0, 2, 4.0), (1, 1, 5.0)])), 1.0)
    assert found.unrouted.rows() == [("car", "n0", "n2", 4.0)]
    assert found.within.rows() == [("car", "n1", 5.0)]
    assert found.volume.tolist() == [3.0, 0.0]
    assert found.pairs["expected_cost"].to_list()[1] == np.inf


def test_a_residual_that_is_not_reached_is_said() -> None:
    network, travel = sioux_falls()
    found = solve_stochastic(network, [travel], spread=1.0, most_iterations=2)
    assert not found.converged
    assert found.residual == found.certificate.residual > 1e-8
    assert len(found.trace) == found.iterations == 2


@pytest.mark.parametrize("spread", [1e-300, 1e30])
@pytest.mark.parametrize(("capacity", "trips"), [(1e-30, 1e30), (1e-6, 1e6), (1e30, 1e-30)])
def test_numbers_at_the_end_of_their_range_give_flows_that_are_numbers(
    spread: float, capacity: float, trips: float
) -> None:
    """A triangle; what is too great to be reckoned with bars the residual, and that is said."""
    ends = (0, 1), (0, 1), (0, 2), (2, 1)
    network = network_of(3, [(*pair, 1.0, capacity, 0.15, 4.0) for pair in ends])
    found = solve_stochastic(network, [class_of(network, [(0, 1, trips), (0, 2, trips)])], spread=spread)
    assert np.isfinite(found.flow).all()
    assert found.certificate.imbalance < 1e-12
    assert found.converged == (found.residual <= 1e-8)


def test_the_certificate_sees_flows_that_are_not_the_loaded_ones() -> None:
    """The flows of another spread, conserved as they are, and flows of which a tenth is lost."""
    network, travel = sioux_falls()
    travel = replace(travel, trips=np.where(travel.origin < travel.destination, travel.trips, 0.0))
    found = spread_out((network, travel), 1.0)
    parts = network, [travel], found.graph
    assert certify_logit(*parts, found.bushes, spread=1.0) == found.certificate
    other = certify_logit(*parts, found.bushes, spread=2.0)
    assert other.residual > 0.01
    assert other.imbalance < 1e-12
    lost = [replace(block, flow=0.9 * block.flow) for block in found.bushes]
    assert certify_logit(*parts, lost, spread=1.0).imbalance > 1e-3


def test_a_network_of_thousands_of_links_is_solved_to_the_goal() -> None:
    network, travel = benchmark("ChicagoSketch", toll_factor=0.02, distance_factor=0.04)
    found = spread_out((network, travel), 1.0, residual=1e-8)
    assert found.certificate.imbalance < 1e-12
    assert found.certificate.misplaced == 0


def test_results_are_the_same_to_the_last_bit_for_any_number_of_threads() -> None:
    network, travel = grid(20, 100, seed=3)
    lorries = replace(travel, name="lorry", trips=travel.trips / 9, load=2.0)
    one, two, sixteen = (
        solve_stochastic(network, [travel, lorries], spread=0.5, threads=threads) for threads in (1, 2, 16)
    )
    for other in (two, sixteen):
        assert other.flow.tobytes() == one.flow.tobytes()
        assert other.trace == one.trace
        assert other.certificate == one.certificate
        assert other.pairs.equals(one.pairs)


@settings(deadline=None, max_examples=int(os.environ.get("JIBEK_EXAMPLES", "300")))
@given(seed=st.integers(0, 2**32), spread=st.sampled_from([0.1, 1.0, 30.0]))
def test_on_any_network_nothing_is_lost_and_the_residual_is_reached_or_said(seed: int, spread: float) -> None:
    """Rounding bars the residual only where a trip more changes a time by a million spreads."""
    network, classes = hostile(seed)
    found = solve_stochastic(network, classes, spread=spread)
    assert found.certificate.imbalance <= 1e-12
    assert found.certificate.misplaced == 0
    assert np.isfinite(found.time).all()
    assert found.converged == (found.residual <= 1e-8)
    assert found.converged or link_times(network, found.volume).derivative.max() > 1e6 * spread
    flow = np.zeros_like(found.flow)
    for block in found.bushes:
        assert_acyclic(found.graph, block)
        np.add.at(flow[block.travel], found.graph.link[block.edge_arc], block.flow)
    np.testing.assert_allclose(flow, found.flow, rtol=1e-12, atol=1e-12)
    lost = {(travel.name, *pair) for travel in classes for pair in lost_pairs(network, travel)}
    assert set(found.unrouted.select("class", "origin", "destination").rows()) == lost
