"""Balances beside published optima of textbooks and closed forms of networks and reservoirs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from balanced_systems import System
from hypothesis import given, settings
from hypothesis import strategies as st

from jibek.balances import Multicommodity, balance, balance_in_sequence, binding, decompose

EXACT = 1e-7
CERTIFIED = 1e-6

# Supplies, needs, cost by supply and need, and the published least cost.
TRANSPORT = {
    "Dantzig, Linear Programming and Extensions (1963), 3-3: canneries; the least cost is 153.675 thousand dollars": (
        [350, 600],
        [325, 300, 275],
        0.09 * np.array([[2.5, 1.7, 1.8], [2.5, 1.8, 1.4]]),
        153.675,
    ),
    "Taha, Operations Research: An Introduction: SunRay Transport; the least cost is 435": (
        [15, 25, 10],
        [5, 15, 15, 15],
        np.array([[10, 2, 20, 11], [12, 7, 9, 20], [4, 14, 16, 18]]),
        435,
    ),
    "Winston, Operations Research: Applications and Algorithms, chapter 7: Powerco; the least cost is 1020": (
        [35, 50, 40],
        [45, 20, 30, 30],
        np.array([[8, 6, 10, 9], [9, 12, 13, 7], [14, 9, 16, 5]]),
        1020,
    ),
}


@pytest.mark.parametrize("problem", TRANSPORT.values(), ids=[name.split(",")[0] for name in TRANSPORT])
def test_the_transport_problem_of_hitchcock(problem: tuple[list[int], list[int], np.ndarray, float]) -> None:
    supply, need, usd, least = problem
    system = System()
    for number, most in enumerate(supply):
        system.act(f"plant/{number}", {f"plant{number}": 1.0}, most=most)
    for (start, end), cost in np.ndenumerate(usd):
        system.act(f"way/{start}/{end}", {f"plant{start}": -1.0, f"market{end}": 1.0}, usd=float(cost))
    for number, wanted in enumerate(need):
        system.act(f"market/{number}", {f"market{number}": -1.0}, least=wanted, most=wanted)
    found = balance(system.problem())
    assert found.usd == pytest.approx(least)
    assert found.certificate.gap < EXACT


def test_a_transshipment_problem() -> None:
    """Widgetco of Winston, chapter 7: two factories, two airports and two cities; the least cost is 6370."""
    usd = {
        "memphis": {"new york": 8, "chicago": 13, "los angeles": 25, "boston": 28},
        "denver": {"new york": 15, "chicago": 12, "los angeles": 26, "boston": 25},
        "new york": {"chicago": 6, "los angeles": 16, "boston": 17},
        "chicago": {"new york": 6, "los angeles": 14, "boston": 16},
    }
    system = System()
    for start, ends in usd.items():
        for end, cost in ends.items():
            system.act(f"{start}/{end}", {start: -1.0, end: 1.0}, usd=cost)
    for factory, most in (("memphis", 150), ("denver", 200)):
        system.act(factory, {factory: 1.0}, most=most)
    for city in ("los angeles", "boston"):
        system.act(city, {city: -1.0}, least=130, most=130)
    found = balance(system.problem())
    levels = dict(zip(found.problem.activities.ids, found.level[:, 0], strict=True))
    assert found.usd == pytest.approx(6370)
    shipped = {name for name, level in levels.items() if level > EXACT and "/" in name}
    assert shipped == {"memphis/new york", "new york/los angeles", "denver/boston"}


# Several goods on one network.

RING = ("a", "b", "c")


def test_three_goods_on_a_ring_share_it_in_halves() -> None:
    """Each goes two of three arcs that carry one: no more than 3/2 pass, and one more arc's room is worth a half."""
    system = System()
    arcs: dict[str, list[int]] = {start: [] for start in RING}
    for number, origin in enumerate(RING):
        along = [*RING[number:], *RING[:number]]
        for start, end in pairwise(along):
            arcs[start].append(system.act(f"{start}/{origin}", {(start, origin): -1.0, (end, origin): 1.0}))
        system.act(f"supply/{origin}", {(origin, origin): 1.0})
        system.act(f"need/{origin}", {(along[-1], origin): -1.0}, most=1, usd=-1, priority=1)
    for start, users in arcs.items():
        system.limit(start, dict.fromkeys(users, 1.0), most=1)
    found = balance(system.problem())
    assert found.usd == pytest.approx(-1.5)
    assert binding(found)["usd"].to_list() == pytest.approx([0.5, 0.5, 0.5])


def test_three_goods_on_a_ring_by_decomposition() -> None:
    """The same as one programme of commodities: of 3 units wanted, 3/2 stay away."""
    number = np.arange(3, dtype=np.int32)
    ring = Multicommodity(
        n_nodes=3,
        tail=number,
        head=(number + 1) % 3,
        cost=np.zeros((3, 3)),
        upper=np.full((3, 3), np.inf),
        row=number,
        weight=np.ones(3),
        capacity=np.ones(3),
        supply_commodity=number,
        supply_node=number,
        supply_quantity=np.full(3, 5.0),
        supply_usd=np.zeros(3),
        need_commodity=number,
        need_node=(number + 2) % 3,
        need_quantity=np.ones(3),
        need_usd_short=np.ones(3),
    )
    found = decompose(ring, gap=CERTIFIED)
    assert found.converged
    assert found.cost == pytest.approx(1.5, rel=CERTIFIED)
    assert found.bound == pytest.approx(1.5, rel=CERTIFIED)


def test_cuts_promise_more_than_flows_can_carry() -> None:
    """Okamura and Seymour (1981): between two hubs and three others all cuts allow the whole of four goods, flows 3/4.

    Every line between a hub and another place carries one, in both directions together; one unit of each good is
    wanted between the hubs and between each two of the others, and as much of all four as can be at once.
    """
    hubs, others = ("s", "t"), ("x", "y", "z")
    pairs = [hubs, ("x", "y"), ("y", "z"), ("x", "z")]
    system = System()
    for hub in hubs:
        for other in others:
            users = {
                system.act(f"{start}{end}/{good}", {(start, str(good)): -1.0, (end, str(good)): 1.0}): 1.0
                for good in range(len(pairs))
                for start, end in ((hub, other), (other, hub))
            }
            system.limit(hub + other, users, most=1)
    ends = {
        (place, str(good)): sign
        for good, pair in enumerate(pairs)
        for place, sign in zip(pair, (1.0, -1.0), strict=True)
    }
    system.act("all", ends, usd=-1, priority=1, most=9)
    assert balance(system.problem()).usd == pytest.approx(-0.75)


# Reservoirs.


def sequent_peak(inflow: list[float], draft: float) -> float:
    """Give the least capacity that serves a draft over and over (Thomas and Burden 1963)."""
    deficit, greatest = 0.0, 0.0
    for flow in inflow * 2:
        deficit = max(0.0, deficit + draft - flow)
        greatest = max(greatest, deficit)
    return greatest


@given(inflow=st.lists(st.integers(0, 20), min_size=2, max_size=12), part=st.floats(0.2, 1.0), less=st.floats(0.1, 1.0))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_the_least_capacity_is_that_of_the_sequent_peak(inflow: list[int], part: float, less: float) -> None:
    """With that capacity a typical year lacks nothing; with a part less, something is lacking."""
    draft = part * sum(inflow) / len(inflow)
    capacity = sequent_peak([float(each) for each in inflow], draft)

    def lacking(capacity: float) -> float:
        system = System(len(inflow))
        system.act("inflow", {"dam": 1.0}, most=inflow)
        system.store("reservoir", "dam", capacity)
        system.act("town", {"dam": -1.0}, most=draft, usd=-1, priority=1)
        return len(inflow) * draft + balance(system.problem()).usd

    assert lacking(capacity) == pytest.approx(0, abs=EXACT * max(draft, 1.0))
    if capacity > less:
        assert lacking(capacity - less) >= less - EXACT * max(draft, 1.0)


def test_a_reservoir_fills_and_spills() -> None:
    """Without foresight and use it holds min(K, s + q t), and what comes when it is full goes over the dam."""
    inflow, capacity, initial, n = 7.0, 25.0, 3.0, 6
    system = System(n)
    system.act("inflow", {"dam": 1.0}, least=inflow, most=inflow)
    system.store("reservoir", "dam", capacity, initial=initial)
    spill = system.act("spill", {"dam": -1.0}, usd=1)
    found = balance_in_sequence(system.problem())
    content = np.minimum(capacity, initial + inflow * np.arange(n + 1))
    assert found.content[0] == pytest.approx(content[1:])
    assert found.level[spill] == pytest.approx(inflow - np.diff(content), abs=EXACT)
    assert found.missed == ()


@pytest.mark.parametrize("rate", [0.02, 0.3])
def test_water_kept_costs_more_by_what_evaporates(rate: float) -> None:
    """Of a unit kept (1 - r/2) / (1 + r/2) is there a period later, so the price rises by the inverse each period."""
    n, worth = 5, 8.0
    system = System(n)
    system.act("supply", {"a": 1.0}, most=[100, *[0] * (n - 1)], usd=1)
    system.act("use", {"a": -1.0}, most=2, usd=-worth, priority=1)
    system.store("lake", "a", 1000, initial=0, loss_rate=rate)
    found = balance(system.problem())
    price = ((1 + rate / 2) / (1 - rate / 2)) ** np.arange(n)
    assert found.price[0] == pytest.approx(np.minimum(price, worth))
    assert found.usd == pytest.approx(float((2 * np.minimum(price - worth, 0)).sum()))


def test_goods_mixed_in_a_fixed_ratio_are_made_by_the_scarcer() -> None:
    """A blend takes 3 of one to 1 of another: 12 and 3 give 12, and only the scarcer has a price."""
    system = System()
    for name, most in (("gasoline", 12.0), ("alcohol", 3.0)):
        system.act(name, {name: 1.0}, most=most)
    blend = system.act("blend", {"blend": 1.0})
    for name, share in (("gasoline", 0.75), ("alcohol", 0.25)):
        part = system.act(f"blend/{name}", {name: -1.0})
        system.ratio(part, blend, share, share)
    system.act("sale", {"blend": -1.0}, usd=-2)
    found = balance(system.problem())
    price = dict(zip([place for place, _ in found.problem.accounts], found.price[:, 0], strict=True))
    assert found.level[blend, 0] == pytest.approx(12)
    assert (price["gasoline"], price["alcohol"]) == (pytest.approx(0, abs=EXACT), pytest.approx(8))
