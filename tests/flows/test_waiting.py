"""Waiting for a vessel to fill, against what one ferry line gives by hand, and its trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from jibek.flows import marks_of, preferences_in, quantities, reference_costs
from jibek.network import ArcKind
from jibek.study.waiting import CLOSE_ENOUGH_HOURS, MOST_PASSES, assign_with_waiting
from small_corridor import GOODS, MODES, Rows, link, make_corridor, place
from small_flows import DAYS, demand_of, frozen, wants

if TYPE_CHECKING:
    import polars as pl

    from jibek.corridor import Corridor
    from jibek.flows import Flows, RouteSets

WEEK = 168.0
SAILING = 16.0  # 256 km at 16 km/h
laws = settings(deadline=None, max_examples=12, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def line(quantity: float, *, by_land: float | None = None, **service: Any) -> Rows:  # noqa: ANN401
    """Join two ports by one vessel of 100 t and, if wanted, by a road of so many hours."""
    vessel = {"id": "vessel", "name": "Vessel", "mode": "ferry", "unit": "t", "rule": "full_or_time"}
    vessel |= {"vehicle_capacity": 100.0, "full_share": 0.8, "max_wait_hours": 84.0, "departures_per_week": 7.0}
    return {
        "places": [place("east", "AAA", 1, 1), place("west", "AAA", 2, 2)],
        "modes": MODES,
        "links": [
            link("east", "west", "ferry", 256.0),
            *([] if by_land is None else [link("east", "west", "road", 256.0, hours=by_land)]),
        ],
        "services": [vessel | service],
        "stops": [
            {"service": "vessel", "sequence": i, "place": at, "hours": 0.0} for i, at in enumerate(["east", "west"])
        ],
        "terminals": [
            {"id": f"quay-{at}", "place": at, "from_mode": "road", "to_mode": "ferry", "hours": 0.0}
            for at in ("east", "west")
        ],
        "commodities": [GOODS],
        "demand": [wants("east", "west", quantity)],
    }


def waited(tables: Rows) -> tuple[Flows, pl.DataFrame]:
    world = make_corridor(**tables)
    return settled(world, frozen(tables), residual=1e-9)


def settled(world: Corridor, routes: RouteSets, *, residual: float = 1e-6) -> tuple[Flows, pl.DataFrame]:
    preferences = preferences_in(world, routes, marks_of(world, routes), world.year)
    found = assign_with_waiting(
        world,
        routes,
        preferences,
        reference_costs(world, routes),
        quantities(routes, demand_of(world)),
        residual=residual,
    )
    return found[0], found[2]


def hours_by_sea(flows: Flows, tables: Rows) -> tuple[float, float]:
    """Give quantity and hours of the sea route; the wait is what exceeds the sailing."""
    routes, priced = flows.routes, flows.priced
    for route in range(routes.n_routes):
        arcs = priced.arcs[slice(*routes.first_arc[route : route + 2])]
        if (priced.network.kind[arcs] == ArcKind.BOARDING).any():
            return float(flows.equilibrium.flow[route]), float(priced.hours[route])
    raise AssertionError(f"no route by sea in {tables['services']}")


@pytest.mark.parametrize(
    ("weekly", "wait"),
    [
        (1600.0, WEEK / 7 / 2),  # would fill twenty vessels; there are seven departures
        (320.0, WEEK / 4 / 2),  # fills four of 80 t
        (240.0, WEEK / 3 / 2),  # fills three
        (80.0, 84.0 / 2),  # fills one, but none waits longer than 84 hours
        (8.0, 84.0 / 2),
    ],
)
def test_goods_wait_half_the_time_between_departures(weekly: float, wait: float) -> None:
    tables = line(weekly * DAYS / 7)
    flows, trace = waited(tables)
    assert trace["largest_change_hours"][-1] <= CLOSE_ENOUGH_HOURS
    assert hours_by_sea(flows, tables)[1] - SAILING == pytest.approx(wait, abs=CLOSE_ENOUGH_HOURS)


def test_a_timetable_does_not_wait() -> None:
    tables = line(80.0 * DAYS / 7, rule="timetable")
    flows, trace = waited(tables)
    assert trace.height == 1
    assert hours_by_sea(flows, tables)[1] - SAILING == pytest.approx(WEEK / 7 / 2)


@laws
@given(weekly=st.floats(1.0, 2000.0), by_land=st.floats(20.0, 120.0), most=st.sampled_from([12.0, 84.0, 336.0]))
def test_the_trace_falls_and_the_wait_is_within_bounds(weekly: float, by_land: float, most: float) -> None:
    tables = line(weekly * DAYS / 7, by_land=by_land, max_wait_hours=most)
    flows, trace = waited(tables)
    changes = trace["largest_change_hours"].to_list()
    assert trace["pass"].to_list() == list(range(1, trace.height + 1))
    assert trace.height <= MOST_PASSES
    assert changes[-1] <= max(changes[0], CLOSE_ENOUGH_HOURS)
    if trace.height < MOST_PASSES:
        assert changes[-1] <= CLOSE_ENOUGH_HOURS
    assert (trace["residual"] <= 1e-9).all()
    quantity, hours = hours_by_sea(flows, tables)
    assert 0 <= quantity <= weekly * DAYS / 7 * (1 + 1e-12)
    wait = hours - SAILING
    # Never under half the headway of the fullest timetable, never over the longest wait.
    assert wait >= min(WEEK / 7 / 2, most) - 1e-9
    assert wait <= most + 1e-9


@pytest.mark.parametrize("weekly", [10.0, 400.0, 1999.0])
def test_without_a_longest_wait_nobody_waits_for_years(weekly: float) -> None:
    # A line that loses goods to the road sails less, and so loses more: after eight passes the wait was 1e56 hours.
    tables = line(weekly * DAYS / 7, by_land=23.0, rule="full", max_wait_hours=None)
    flows, trace = waited(tables)
    assert hours_by_sea(flows, tables)[1] < 24 * DAYS
    assert trace["largest_change_hours"][-1] <= CLOSE_ENOUGH_HOURS


def test_the_wait_agrees_with_what_waits() -> None:
    tables = line(400.0 * DAYS / 7, by_land=60.0)
    flows, trace = waited(tables)
    quantity, hours = hours_by_sea(flows, tables)
    departures = min(7.0, max(quantity * 7 / DAYS / 80.0, WEEK / 84.0))
    assert trace["largest_change_hours"][-1] <= CLOSE_ENOUGH_HOURS
    assert hours - SAILING == pytest.approx(WEEK / departures / 2, abs=CLOSE_ENOUGH_HOURS)


def test_more_goods_never_wait_longer() -> None:
    waits = []
    for weekly in (50.0, 150.0, 300.0, 600.0):
        tables = line(weekly * DAYS / 7)
        waits.append(hours_by_sea(waited(tables)[0], tables)[1])
    assert waits == sorted(waits, reverse=True)
    assert waits[0] > waits[-1]


@pytest.mark.parametrize(("rule", "most", "wait"), [("full", None, 4 * WEEK / 2), ("full_or_time", 84.0, 84.0 / 2)])
def test_a_line_that_nobody_uses_leaves_after_its_longest_wait_or_four_weeks(
    rule: str, most: float | None, wait: float
) -> None:
    tables = line(0.0, rule=rule, max_wait_hours=most)
    world = make_corridor(**tables)
    flows, trace = settled(world, frozen(line(100.0)))
    assert trace["largest_change_hours"][-1] <= CLOSE_ENOUGH_HOURS
    assert hours_by_sea(flows, tables)[1] - SAILING == pytest.approx(wait, abs=CLOSE_ENOUGH_HOURS)
