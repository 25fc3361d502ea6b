"""A corridor simulated: small ones whose answer is known, and laws that hold for every one."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from polars.testing import assert_frame_equal

from jibek.corridor import Entry, Scenario, closings_in
from jibek.operations import ELSEWHERE, Ride, Rules, Travel, Visit, simulate
from jibek.study.case import Case
from jibek.study.operated import Operated, Prepared, operate, prepared
from jibek.study.operations import operations_tables
from jibek.study.operations_curves import curve_table
from small_corridor import MODES, make_corridor, mode, place
from small_flows import DAYS, TRAIN, flow_rows, resource, user, wants, ways_between

if TYPE_CHECKING:
    from small_corridor import Rows

CALM = Rules(cv_moving=0.0, cv_sailing=0.0, cv_standing=0.0)
"""Nothing varies but arrivals and service."""
SURE = 3.5
"""Half-widths of a 95 % interval, within which a mean must lie: beyond chance by seven standard errors."""
TRAINS = TRAIN | {"per_unit": 100.0, "empty_return": 0.0}
EIGHT_A_DAY = DAYS * 800.0
"""Tonnes a year that make eight trains a day of 100 t."""


def case_of(tables: Rows, scenario: Scenario | None = None) -> Case:
    return Case(make_corridor(**tables), scenario)


def start_of(tables: Rows, scenario: Scenario | None = None) -> Prepared:
    return prepared(case_of(tables, scenario))


def one_way(quantity: float = EIGHT_A_DAY, **more: Any) -> Rows:  # noqa: ANN401
    """Join ``start`` and ``end`` by one way of 24 hours."""
    return ways_between([24.0], quantity, conversions=[TRAINS]) | more


def queue_at(capacity: float, **more: Any) -> Rows:  # noqa: ANN401
    """Put a station with so many trains a day on the first link of the way."""
    return {
        "resources": [resource("gate", capacity, unit="train", kind="line", **more)],
        "resource_users": [user("gate", "links", "start--middle-0--rail")],
    }


def by_ferry(quantity: float = EIGHT_A_DAY, **service: Any) -> Rows:  # noqa: ANN401
    """Carry goods over a sea of 240 km in 15 hours."""
    row = {
        "id": "ferry",
        "name": "Ferry",
        "mode": "ferry",
        "unit": "t",
        "rule": "timetable",
        "departures_per_week": 7.0,
    }
    return {
        "places": [place("start", "AAA", 1, 1), place("end", "AAA", 2, 2)],
        "modes": [*MODES[:3], mode("ferry", "sea", 16.0, needs_service=True)],
        "links": [
            {"id": "sea", "from_place": "start", "to_place": "end", "mode": "ferry", "length_km": 240.0}
            | {"status": "operating"}
        ],
        "services": [row | service],
        "stops": [
            {"service": "ferry", "sequence": n, "place": end, "hours": 0.0} for n, end in ((1, "start"), (2, "end"))
        ],
        "corridors": [{"id": "way", "name": "Way", "via": ["start", "end"]}],
        "commodities": ways_between([1.0])["commodities"],
        "conversions": [TRAINS],
        "demand": [wants("start", "end", quantity)],
    }


def mean_hours(result: Operated, group: str) -> tuple[float, float]:
    """Give the mean hours of a group and half the width of its interval."""
    at = result.simulation.routes.ids.index(group)
    mean = result.simulation.routes.hours.mean
    return float(mean.value[at]), float(mean.high[at] - mean.value[at])


def test_a_queue_of_trains_waits_as_pollaczek_and_khinchine_say() -> None:
    """(operations-3), 8 trains a day where 10 can pass: 2.4 hours of service that are part of the way's 24."""
    result = operate(start_of(one_way() | queue_at(10.0)), replications=32, rules=CALM)
    service, rate = 2.4, 8 / 24
    wait = rate * service**2 * (1 + CALM.cv_service**2) / (2 * (1 - rate * service))
    mean, half = mean_hours(result, "way-0/northward/goods")
    assert mean == pytest.approx(24.0 + wait, abs=SURE * half)
    assert half < 0.5
    assert result.made.queues.load.tolist() == [pytest.approx(0.8)]


def test_what_moves_anyway_and_empties_leave_less_room() -> None:
    """Of 10 trains a day 1 is a stranger's; each train that comes back empty takes a place of its own."""
    back = [TRAINS | {"empty_return": 0.25}]
    start = start_of(one_way() | queue_at(12.5, background=1.0) | {"conversions": back})
    row = operations_tables(operate(start, replications=2))["operations_stations"].row(0, named=True)
    assert row["empties"] == pytest.approx(2.0)
    assert row["load"] == pytest.approx(8.0 / (12.5 - 1.0 - 2.0))


@pytest.mark.parametrize("capacity", [8.0, 4.0, 8.4])
def test_a_station_without_room_takes_the_formula_and_is_named(capacity: float) -> None:
    """No capacity below 8 / 0.95 trains a day lets a queue find its mean: nobody queues, and the tables say so."""
    start = start_of(one_way() | queue_at(capacity))
    result = operate(start, replications=2, rules=CALM)
    delay = start.traffic.stations["delay_hours"].item()
    assert delay > 0
    assert mean_hours(result, "way-0/northward/goods")[0] == pytest.approx(24.0 + delay)
    found = operations_tables(result)
    station = found["operations_stations"].row(0, named=True)
    assert (station["simulated"], station["mean_wait_hours"]) == (False, pytest.approx(delay))
    assert station["load"] == pytest.approx(8.0 / capacity)
    assert found["operations_notices"].filter(table="resources")["row"].to_list() == ["gate"]


def test_goods_wait_half_the_time_between_two_departures() -> None:
    """A ferry a day, from one shore by timetable: 12 hours of waiting on the mean, 15 at sea."""
    result = operate(start_of(by_ferry(DAYS * 100.0)), replications=8, rules=CALM)
    mean, half = mean_hours(result, "way/northward/goods")
    assert mean == pytest.approx(12.0 + 15.0, abs=SURE * half)
    call = operations_tables(result)["operations_services"].filter(call="start").row(0, named=True)
    assert call["departures_per_week"] == pytest.approx(7.0, rel=0.01)


def test_two_vessels_make_the_departures_of_the_table() -> None:
    """Two vessels, seven departures a week: 48 hours a round, of which 30 at sea, so 9 at each shore."""
    ferry = {
        "vehicles": 2.0,
        "vehicle_capacity": 1e6,
        "full_share": 0.001,
        "rule": "full_or_time",
        "max_wait_hours": 0.01,
    }
    result = operate(start_of(by_ferry(DAYS * 100.0, **ferry)), replications=2, rules=CALM)
    (service,) = result.made.model.services
    assert service.vehicles == 2
    assert [step.hours.mean for step in service.path] == pytest.approx([0.0, 9.0, 15.0, 0.0, 9.0, 15.0])
    calls = operations_tables(result)["operations_services"]
    assert calls["departures_per_week"].to_list() == pytest.approx([7.0, 7.0], rel=0.01)


def test_a_service_without_room_is_named_and_leaves_nobody_behind() -> None:
    result = operate(start_of(by_ferry(vehicle_capacity=300.0, vehicles=1.0)), replications=2)
    found = operations_tables(result)
    service = found["operations_services"].row(0, named=True)
    assert (service["simulated"], service["load"]) == (False, pytest.approx(800.0 / 300.0))
    assert found["operations_notices"].filter(table="services")["row"].to_list() == ["ferry"]
    hours, _ = mean_hours(result, "way/northward/goods")
    assert 15.0 < hours < 24.0 * 7


def test_who_is_under_way_waits_while_a_way_is_shut() -> None:
    """Ten days shut in June: of the year's trains one in 36.5 waits five days on the mean."""
    scenario = Scenario(
        name="shut",
        year=2025,
        close=(Entry(id="links/middle-0--end--rail", first_day=date(2025, 6, 1), last_day=date(2025, 6, 10)),),
    )
    result = operate(start_of(one_way(), scenario), replications=4, rules=CALM)
    mean, half = mean_hours(result, "way-0/northward/goods")
    assert mean == pytest.approx(24.0 + 10 / 365 * 5 * 24, abs=SURE * half)
    at = result.simulation.routes.ids.index("way-0/northward/goods")
    assert result.simulation.routes.hours.most[at] == pytest.approx(24.0 + 240.0, abs=12.0)


def test_what_was_known_to_be_shut_is_told_and_not_simulated() -> None:
    shut = {"table": "links", "id": "start--middle-0--rail", "operation": "close"}
    rows = one_way() | {"changes": [shut | {"from_date": date(2025, 1, 1), "to_date": date(2025, 3, 31)}]}
    start = start_of(rows)
    assert start.closings.rows() == [
        ("links", "start--middle-0--rail", False, date(2025, 1, 1), date(2025, 3, 31)),
    ]
    result = operate(start, replications=1)
    assert not result.made.model.closures
    assert operations_tables(result)["operations_notices"].filter(table="links").height == 1


def test_closings_join_and_end_with_the_year() -> None:
    shut = {"table": "links", "id": "start--middle-0--rail", "operation": "close"}
    days = [((2024, 5, 1), (2025, 2, 1)), ((2025, 2, 2), (2025, 2, 3)), ((2025, 12, 31), (2026, 5, 1))]
    changes = [shut | {"from_date": date(*first), "to_date": date(*last)} for first, last in days]
    found = closings_in(make_corridor(**one_way(changes=changes)))
    assert found.select("from_date", "to_date").rows() == [
        (date(2025, 1, 1), date(2025, 2, 3)),
        (date(2025, 12, 31), date(2025, 12, 31)),
    ]


def moments(steps: tuple[Travel | Visit | Ride, ...]) -> tuple[float, float]:
    """Add up means and variances of travel."""
    hours = [step.hours for step in steps if isinstance(step, Travel)]
    return sum(each.mean for each in hours), sum((each.mean * each.cv) ** 2 for each in hours)


def test_cutting_a_way_changes_neither_mean_nor_spread() -> None:
    """A queue in the middle of a way cuts its time in two; the spread of the whole stays what the rule says."""
    rows = one_way() | queue_at(1e9)
    for tables in (one_way(), rows):
        (route,) = start_of(tables).model(Rules()).model.routes
        mean, variance = moments(route.steps)
        assert mean == pytest.approx(24.0)
        assert math.sqrt(variance) == pytest.approx(Rules().cv_moving * 24.0)


def test_seconds_left_beside_a_queue_vary_no_more_than_the_engine_takes() -> None:
    """A train is served for all but a millionth of the hours of its link, and queues again on the next."""
    rows = one_way(DAYS * 100.0) | queue_at(24.0 / (12.0 - 1e-6))
    rows["resources"].append(resource("next", 1e9, unit="train", kind="line"))
    rows["resource_users"].append(user("next", "links", "middle-0--end--rail"))
    (route,) = start_of(rows).model(Rules()).model.routes
    first, *_ = (step.hours for step in route.steps if isinstance(step, Travel))
    assert (first.mean, first.cv) == (pytest.approx(1e-6), 100.0)


def test_a_test_box_meets_the_hours_of_its_journey_and_loads_nothing() -> None:
    rows = one_way() | queue_at(10.0)
    rows["corridors"][0] |= {"from_place": "start", "to_place": "end", "commodity": "goods"}
    result = operate(start_of(rows), replications=16, rules=CALM)
    journeys = operations_tables(result)["operations_journeys"]
    assert journeys.select("corridor", "origin", "destination").rows() == [("way-0", "start", "end")]
    box, half = mean_hours(result, journeys["group"].item())
    mean, _ = mean_hours(result, "way-0/northward/goods")
    assert box == pytest.approx(mean, abs=SURE * half)
    without = operate(start_of(one_way() | queue_at(10.0)), replications=16, rules=CALM)
    assert without.simulation.stations.utilisation.value == pytest.approx(result.simulation.stations.utilisation.value)


def test_a_published_journey_is_travelled_as_part_of_a_longer_way() -> None:
    """Nobody sets out in the middle, but who passes it to the end takes half of the way's 24 hours from there."""
    series = {"id": "half", "title": "Half", "measure": "hours", "unit": "h", "scope_table": "corridors"} | {
        "scope_id": "way-0",
        "origin": "middle-0",
        "destination": "end",
        "commodity": "goods",
        "use": "check",
        "grade": "observed",
    }
    seen = {"series": "half", "year": 2024, "from_month": 1, "to_month": 12, "value": 18.0}
    result = operate(start_of(one_way(series=[series], observations=[seen])), replications=2, rules=CALM)
    row = operations_tables(result)["operations_checks"].row(0, named=True)
    assert (row["kind"], row["unit"], row["use"]) == ("journey", "days", "check")
    assert row["observed"] == pytest.approx(18 / 24)
    assert row["modelled"] == pytest.approx(12 / 24)


def reported(id_: str, measure: str, unit: str, table: str, scope: str) -> Rows:
    """Give a series of a queue or a load, and what was reported."""
    row = {"id": id_, "title": id_, "measure": measure, "unit": unit, "scope_table": table, "scope_id": scope}
    seen = {"series": id_, "year": 2024, "from_month": 9, "to_month": 9, "value": 7.0}
    return {"series": [row | {"use": "check", "grade": "observed"}], "observations": [seen]}


def report_of(result: Operated) -> dict[str, Any]:
    return operations_tables(result)["operations_reports"].row(0, named=True)


def test_reported_trains_stand_beside_the_queue_of_theory() -> None:
    """The queue of Pollaczek and Khinchine in trains, or in wagons of 20 t; the longest is longer."""
    queue = (8 / 10) ** 2 * (1 + CALM.cv_service**2) / (2 * (1 - 8 / 10))
    wagons = [TRAINS, TRAINS | {"unit": "wagon", "per_unit": 20.0}]
    for unit, per_train in (("trains", 1.0), ("wagons", 5.0)):
        rows = one_way() | queue_at(10.0) | reported("gate-waiting", "stock", unit, "resources", "gate")
        row = report_of(operate(start_of(rows | {"conversions": wagons}), replications=32, rules=CALM))
        assert (row["kind"], row["observed"], row["year"]) == ("queue", 7.0, 2024)
        assert row["modelled"] == pytest.approx(per_train * queue, rel=0.1)
        assert row["most"] > 3 * row["modelled"]


def test_as_many_are_said_to_wait_as_come_in_the_delay_by_formula() -> None:
    rows = one_way() | queue_at(8.2) | reported("gate-waiting", "stock", "trains", "resources", "gate")
    result = operate(start_of(rows), replications=2)
    (delay,) = result.made.queues.delay_hours.tolist()
    row = report_of(result)
    assert result.made.queues.formula.all()
    assert row["modelled"] == pytest.approx(8 * delay / 24)
    assert row["most"] is None


def test_flows_may_delay_by_the_curve_that_operations_measured() -> None:
    """Trains queue as Pollaczek and Khinchine say: put in place of the formula, the curve gives flows their wait."""
    rows = one_way() | queue_at(10.0)
    base = operate(start_of(rows), replications=2, rules=CALM)
    measured = curve_table(base, replications=24, seed=0)
    points = [{"id": "gate", "x": x, "y": y} for x, y in measured.select("load_share", "hours").iter_rows()]
    rows = one_way(curves=points) | queue_at(10.0, delay="curve", delay_curve="gate")
    assigned = case_of(rows).assigned
    load = 8 / 10
    wait = load * 2.4 * (1 + CALM.cv_service**2) / (2 * (1 - load))
    assert assigned.flows.equilibrium.hours.item() == pytest.approx(wait, rel=0.06)


def test_what_waits_for_a_ferry_and_goes_by_it_stands_beside_what_was_counted() -> None:
    """Eight wagons a day, by Little's law as many as come in the mean wait, go eight by eight with a daily ferry."""
    wagons = [TRAINS, TRAINS | {"unit": "wagon", "per_unit": 100.0}]
    ferry = by_ferry(unit="wagon", vehicle_capacity=30.0) | {"conversions": wagons}
    found = {}
    for measure, unit in (("stock", "wagons"), ("ratio", "wagons/vessel")):
        rows = ferry | reported("port-waiting", measure, unit, "places", "start")
        result = operate(start_of(rows), replications=8, rules=CALM)
        found[unit] = report_of(result)["modelled"]
    call = operations_tables(result)["operations_services"].filter(call="start").row(0, named=True)
    assert found["wagons"] == pytest.approx(8 * call["mean_wait_hours"] / 24, rel=0.02)
    assert 2.0 < found["wagons"] < 4.0, "a day between two ferries, part of which one of them stands in port"
    assert found["wagons/vessel"] == pytest.approx(8.0, rel=0.02)


def test_a_report_of_what_the_model_does_not_have_says_so() -> None:
    rows = one_way() | queue_at(10.0) | reported("end-waiting", "stock", "trucks", "places", "end")
    row = report_of(operate(start_of(rows), replications=1))
    assert row["modelled"] is None
    assert row["reason"] == "nothing of the kind waits there in the model"


@given(flow_rows())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_stations_carry_in_the_simulation_what_flows_brought(rows: Rows) -> None:
    """Followed or not, all goods come to every station on their way: the loads are the same to rounding."""
    start = start_of(rows)
    made = start.model(Rules())
    carried = made.groups["quantity"].sum() + made.aside["quantity"].sum()
    assert carried == pytest.approx(start.traffic.quantity.sum())
    followed = sum(route.group != ELSEWHERE for route in made.model.routes)
    assert followed == made.groups["routes"].sum() + made.journeys.height
    found = simulate(made.model, hours=48.0, replications=1)
    offered = dict(zip(found.stations.ids, found.stations.offered_load.tolist(), strict=True))
    for station, load, waits in zip(made.queues.ids, made.queues.load, made.queues.waits, strict=True):
        if waits:
            assert offered[station] == pytest.approx(load, rel=1e-3, abs=1e-3), station
        assert math.isnan(load) or waits != (load >= 0.95)


def test_the_same_seed_gives_the_same_tables_whatever_the_threads_and_the_order_of_rows() -> None:
    rows = one_way() | queue_at(10.0)
    corridor = make_corridor(**rows)
    turned = replace(corridor, tables={name: table.reverse() for name, table in corridor.tables.items()})
    first, second = (
        operations_tables(operate(prepared(Case(each, None)), replications=3)) for each in (corridor, turned)
    )
    for name, table in first.items():
        assert_frame_equal(table, second[name], check_exact=True)
    model = prepared(Case(corridor, None)).model(Rules()).model
    one, two = (simulate(model, hours=4000.0, replications=3, threads=threads) for threads in (1, 2))
    np.testing.assert_array_equal(one.routes.histogram, two.routes.histogram)
    other = operations_tables(operate(prepared(Case(corridor, None)), replications=3, seed=1))
    assert not other["operations_routes"].equals(first["operations_routes"])


def test_a_run_without_goods_says_nothing_and_breaks_nothing() -> None:
    found = operations_tables(operate(start_of(one_way() | {"demand": []}), replications=1))
    assert found["operations_routes"].is_empty()
    assert found["operations_solution"]["consignments"].item() == 0


def test_days_of_a_group_sum_to_one() -> None:
    found = operations_tables(operate(start_of(one_way() | queue_at(10.0)), replications=2))
    shares = found["operations_days"].group_by("group").agg(pl.col("share").sum())["share"]
    assert shares.to_list() == pytest.approx([1.0])
