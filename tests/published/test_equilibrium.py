"""Equilibria and overlapping routes of the literature; sharper and sharper choice comes to user equilibrium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from small_corridor import GOODS, MODES, Rows, link, place
from small_flows import DAYS, frozen, preference, resource, shares_of_ways, solved, user, wants, ways_between

if TYPE_CHECKING:
    from collections.abc import Callable

HAND = 1e-6  # published whole numbers, reached by way of a residual of 1e-8
PRINTED = 0.005  # flows that can be told from each other in print
SHARP = (10.0, 50.0, 250.0)  # spreads: a tenth of the cheapest cost more makes a route e, e^5, e^25 times rarer
SOLVED = 1e-8  # residual: the sharper the choice, the larger what rounding leaves


def spreads(value: float) -> list[dict[str, object]]:
    return [preference("spread_route", value), preference("spread_nest", value)]


# Braess, D. (1968), Über ein Paradoxon aus der Verkehrsplanung, Unternehmensforschung 12, 258-268: six vehicles,
# costs 10 x on two links, 50 + x on two, 10 + x on the link between. Without that link three take each way and bear 83;
# with it two take each of three ways and all bear 92.


def braess(spread: float, *closed: str) -> Rows:
    """Build the network; queues without variability that are always full delay in proportion to the load."""
    slope = {"start--north--rail": 10.0, "south--end--rail": 10.0}
    slope |= {"north--end--rail": 1.0, "start--south--rail": 1.0, "north--south--rail": 1.0}
    hours = {"north--end--rail": 50.0, "start--south--rail": 50.0, "north--south--rail": 10.0}
    ends = {name: name.split("--") for name in slope}
    return {
        "places": [place(name, "AAA", i, i) for i, name in enumerate(["start", "north", "south", "end"], start=1)],
        "modes": MODES,
        "commodities": [GOODS],
        "links": [
            link(*each, 1.0, hours=hours.get(name, 0.0), oneway=True, open_share=float(name not in closed))
            for name, each in ends.items()
        ],
        "corridors": [
            {"id": "across", "name": "Across", "via": ["north", "south"]},
            {"id": "northern", "name": "Northern", "via": ["north"], "not_via": ["south"]},
            {"id": "southern", "name": "Southern", "via": ["south"], "not_via": ["north"]},
        ],
        "demand": [wants("start", "end", 6 * DAYS)],
        # Above capacity the wait is T / 2 (v / c - 1) = 4380 h for each capacity that comes on top.
        "resources": [
            resource(f"at-{name}", 4380.0 / each, delay="queue", servers=1.0, cv_arrival=0.0, cv_service=0.0)
            | {"background": 4380.0 / each}
            for name, each in slope.items()
        ],
        "resource_users": [user(f"at-{name}", "links", name) for name in slope],
        "preferences": spreads(spread),
    }


MIDDLE = "north--south--rail"


@pytest.mark.parametrize(
    ("closed", "flows", "cost"), [([MIDDLE], [3.0, 3.0], 83.0), ([], [2.0, 2.0, 2.0], 92.0)], ids=["without", "with"]
)
def test_braess_s_road_makes_everybody_slower(closed: list[str], flows: list[float], cost: float) -> None:
    half_open = [braess(1.0, MIDDLE, name) for name in ("north--end--rail", "start--south--rail")]
    sets = frozen(braess(1.0), half_open)
    assert sets.n_routes == 3
    misses = []
    for spread in SHARP:
        rows = solved(braess(spread, *closed), routes=sets, residual=SOLVED).tables["flow_routes"]
        assert rows.height == len(flows)
        daily, hours = (rows["quantity"] / DAYS).to_list(), rows["hours"].to_list()
        misses.append(
            max(abs(one - other) for one, other in zip([*daily, *hours], [*flows, *[cost] * len(flows)], strict=True))
        )
    if not closed:
        # The way across shares its road with both others, so it counts as less than a way of its own.
        assert misses[0] > 0.05
        assert misses[0] > 4 * misses[1] > 16 * misses[2]
    assert misses[-1] < (HAND if closed else 2 * PRINTED)


# Sheffi, Y. (1985), Urban Transportation Networks, section 5.2: ten vehicles on three links whose times are those of
# the Bureau of Public Roads, t0 (1 + 0.15 (x / c)^4) with t0 of 10, 20, 25 and c of 2, 4, 3.

FREE, CAPACITY, TOTAL = (10.0, 20.0, 25.0), (2.0, 4.0, 3.0), 10.0


def bisected(function: Callable[[float], float], low: float, high: float) -> float:
    """Find the zero of a rising function."""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if function(middle) > 0 else (middle, high)
    return (low + high) / 2


def wardrop() -> tuple[float, list[float]]:
    """Find the time at which the links, all as slow as each other, take ten vehicles together."""

    def taken(time: float) -> list[float]:
        return [c * (max(time / t0 - 1, 0.0) / 0.15) ** 0.25 for t0, c in zip(FREE, CAPACITY, strict=True)]

    time = bisected(lambda time: sum(taken(time)) - TOTAL, 10.0, 100.0)
    return time, taken(time)


def test_sharper_choice_comes_to_the_user_equilibrium_of_three_links() -> None:
    time, flows = wardrop()
    assert flows == pytest.approx([3.58, 4.65, 1.77], abs=PRINTED)
    assert time == pytest.approx(25.46, abs=PRINTED)
    misses = []
    for spread in SHARP:
        tables = ways_between(
            FREE,
            TOTAL * DAYS,
            resources=[resource(f"at-{i}", CAPACITY[i], hours_at_capacity=0.15 * FREE[i]) for i in range(3)],
            resource_users=[user(f"at-{i}", "links", f"start--middle-{i}--rail") for i in range(3)],
            preferences=spreads(spread),
        )
        answer = solved(tables, residual=SOLVED)
        got = [share * TOTAL for share in shares_of_ways(answer)]
        misses.append(max(abs(one - other) for one, other in zip(got, flows, strict=True)))
    assert misses[0] > 0.1
    # Five times sharper, five times nearer.
    assert misses[0] > 4 * misses[1] > 16 * misses[2]
    assert misses[2] < 2 * PRINTED
    assert answer.tables["flow_routes"]["hours"].to_list() == pytest.approx([time] * 3, abs=10 * PRINTED)


# Ben-Akiva, M., Bierlaire, M. (1999), Discrete choice methods and their applications to short term travel decisions,
# section on path-size logit: three routes equally fast, two of which share a part of their length. Without the
# correction each gets a third; the more two have in common, the more they count as one.


def overlapping(shared_km: float, total_km: float = 1024.0) -> Rows:
    """Lead from start to end by a way of its own and by two that part after a common beginning."""
    own = total_km - shared_km
    return {
        "places": [
            place(name, "AAA", i, i) for i, name in enumerate(["start", "fork", "alone", "left", "right", "end"])
        ],
        "modes": MODES,
        "commodities": [GOODS],
        "links": [
            link("start", "alone", "rail", total_km / 2, oneway=True),
            link("alone", "end", "rail", total_km / 2, oneway=True),
            link("start", "fork", "rail", shared_km, oneway=True),
            *(link("fork", side, "rail", own / 2, oneway=True) for side in ("left", "right")),
            *(link(side, "end", "rail", own / 2, oneway=True) for side in ("left", "right")),
        ],
        "corridors": [{"id": side, "name": side, "via": [side]} for side in ("alone", "left", "right")],
        "demand": [wants("start", "end", DAYS)],
    }


@pytest.mark.parametrize("overlap", [1 / 1024, 0.25, 0.5, 0.75, 1023 / 1024])
def test_two_routes_count_the_less_the_more_they_have_in_common(overlap: float) -> None:
    rows = solved(overlapping(1024.0 * overlap)).tables["flow_routes"].sort("corridor")
    sizes = [1.0, 1 - overlap / 2, 1 - overlap / 2]
    assert rows["corridor"].to_list() == ["alone", "left", "right"]
    assert rows["share"].to_list() == pytest.approx([size / sum(sizes) for size in sizes], abs=1e-9)


def test_two_routes_that_are_all_but_one_share_a_half() -> None:
    rows = solved(overlapping(1023.0)).tables["flow_routes"].sort("corridor")
    assert rows["share"].to_list() == pytest.approx([1 / 2, 1 / 4, 1 / 4], abs=1e-3)
