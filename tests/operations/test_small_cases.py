"""Cases small enough to be worked out by hand: each number below follows from the rule in the name of the test."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jibek.operations import (
    Calendar,
    Call,
    Closure,
    Model,
    Ride,
    Route,
    Service,
    Simulation,
    Station,
    Stoppage,
    Travel,
    Visit,
    constant,
    exponential,
    simulate,
)

FAR = 10_000.0


def hours_of(found: Simulation, route: int = 0) -> tuple[float, float, float]:
    """Least, mean and most hours of a route."""
    hours = found.routes.hours
    total = hours.mean.value[route]
    return float(hours.least[route]), float(total), float(hours.most[route])


def one(model: Model, hours: float = FAR, **more: float) -> Simulation:
    found = simulate(model, hours=hours, replications=2, **more)
    assert found.little < 1e-9
    return found


def at(station: str, hours: float, *arrivals: float, **more: object) -> Route:
    return Route("r", (Visit(station, constant(hours)),), arrivals=arrivals, **more)


def test_one_server_takes_one_after_the_other() -> None:
    found = one(Model((Station("s"),), (at("s", 2, 0, 0, 0, 10),)))
    assert hours_of(found) == (2, (2 + 4 + 6 + 2) / 4, 6)
    assert found.stations.wait.mean.value[0] == (0 + 2 + 4 + 0) / 4
    assert found.stations.longest[0] == 2
    assert found.stations.utilisation.value[0] == pytest.approx(8 / FAR)
    assert found.stations.queue.value[0] == pytest.approx(6 / FAR)
    assert found.routes.hours.p50.value[0] == pytest.approx(2, rel=0.004)
    assert found.routes.hours.p80.value[0] == 6
    assert found.events.tolist() == [8, 8]


def test_a_thousand_at_the_same_moment() -> None:
    found = one(Model((Station("s", 10),), (at("s", 1, *[5.0] * 1000),)))
    assert hours_of(found) == (1, pytest.approx(50.5), 100)
    assert found.stations.longest[0] == 990


def test_priorities_change_who_is_next_not_who_is_served() -> None:
    slow = Route("slow", (Visit("s", constant(10)),), arrivals=(0, 1), priority=1)
    fast = Route("fast", (Visit("s", constant(10)),), arrivals=(2,), priority=0)
    found = one(Model((Station("s"),), (slow, fast)))
    assert hours_of(found, 0) == (18, 18, 18), "the fast one comes at 2 and is served from 10 to 20"
    assert hours_of(found, 1) == (10, (10 + 29) / 2, 29)


@pytest.mark.parametrize(
    ("least", "most", "expected"), [(2, 2, [5, 4, 7, 6]), (1, 3, [4, 7, 6, 5]), (4, 4, [7, 6, 5, 4])]
)
def test_batches(least: int, most: int, expected: list[float]) -> None:
    """Arrivals at 0, 1, 2 and 3; work of 4 hours for whoever goes together.

    By twos the first pair goes from 1 to 5 and the second from 5 to 9; up to three, one goes from 0 to 4 and the others
    from 4 to 8; all four go from 3 to 7.
    """
    found = one(Model((Station("s", least=least, most=most),), (at("s", 4, 0, 1, 2, 3),)))
    assert hours_of(found) == (min(expected), sum(expected) / 4, max(expected))


def test_a_batch_that_never_fills_waits_for_ever() -> None:
    found = one(Model((Station("s", least=3, most=3),), (at("s", 4, 0, 1),)), hours=100)
    assert found.routes.delivered.value[0] == 0
    assert np.isnan(found.routes.hours.mean.value[0])
    assert found.stations.queue.value[0] == pytest.approx((100 + 99) / 100)


def test_a_calendar_interrupts_work() -> None:
    """Open from 8 to 20: who comes at 6 begins at 8; 5 hours from 18 end at 11 of the next day."""
    station = Station("s", calendar=Calendar(8, 20))
    found = one(Model((station,), (at("s", 5, 6, 18),)), hours=240)
    assert hours_of(found) == (7, (7 + 17) / 2, 17)
    assert found.stations.open_share.value[0] == 0.5
    assert found.stations.utilisation.value[0] == pytest.approx(10 / 120)


def test_a_calendar_past_midnight_on_weekdays_and_in_months() -> None:
    night = Station("s", calendar=Calendar(22, 6, weekdays=(0, 1)))
    found = one(Model((night,), (at("s", 1, 7, 30, 55),)), hours=240)
    # Nights of days 0 and 1 last from 22 to 30 and from 46 to 54; day 7 begins at hour 168, its night at 190.
    assert hours_of(found) == (16, pytest.approx((16 + 17 + 136) / 3), 136)
    summer = Station("s", calendar=Calendar(months=(6, 7)))
    found = one(Model((summer,), (at("s", 1, 0),)), hours=8760)
    assert hours_of(found)[0] == 151 * 24 + 1
    assert found.stations.open_share.value[0] == pytest.approx(61 / 365)


def test_closures_overlap_and_work_rests() -> None:
    closures = (Closure("flood", ("s",), 3, 10), Closure("strike", ("s",), 8, 12))
    found = one(Model((Station("s"),), (at("s", 4, 1, 2, 20),), closures=closures))
    # The first works from 1 to 3 and from 12 to 14, the second until 18.
    assert hours_of(found) == (4, (13 + 16 + 4) / 3, 16)


def test_who_finds_no_room_keeps_the_server_before() -> None:
    """The second is done at 2 at the first station, but gets on at 10, when the other one is free."""
    stations = (Station("a"), Station("b", room=1))
    route = Route("r", (Visit("a", constant(1)), Visit("b", constant(9))), arrivals=(0, 0, 0))
    found = one(Model(stations, (route,)))
    assert hours_of(found) == (10, (10 + 19 + 28) / 3, 28)
    # The third waits at a from 0 to 10: its work begins when the second has left.
    assert found.stations.wait.mean.value.tolist() == [(0 + 1 + 10) / 3, (0 + 8 + 8) / 3]
    assert found.stations.held.value[0] == pytest.approx((8 + 8) / FAR)


def test_who_is_turned_away_is_counted() -> None:
    station = Station("s", room=2, when_full="turn_away")
    found = one(Model((station,), (at("s", 5, 0, 1, 2, 6),)))
    assert found.routes.turned_away.value[0] == 1
    assert found.routes.delivered.value[0] == 3
    assert hours_of(found) == (5, (5 + 9 + 9) / 3, 9)


def ferry(rule: str, vehicles: int = 1, **more: object) -> Service:
    """A crossing of 10 hours and back, with handling of 2 hours at either end."""
    there = Call("there", constant(2), rule=rule, **more)
    return Service(
        "ferry", vehicles, 3.0, (there, Travel(constant(10)), Call("back", constant(2)), Travel(constant(10)))
    )


def crossing(*arrivals: float, size: float = 1.0) -> Route:
    return Route("r", (Ride("ferry", "there", "back", size),), arrivals=arrivals)


def test_a_vehicle_that_leaves_at_once() -> None:
    """It leaves at 2, 26, 50 and arrives 12 hours later, its handling included."""
    found = one(Model((), (crossing(0, 1, 3, 40),), (ferry("at_once"),)), hours=100)
    assert hours_of(found) == (13, (14 + 13 + 35 + 22) / 4, 35)
    assert found.calls.departures.value.tolist() == [5, 4]
    assert found.calls.load.value[0] == pytest.approx(4 / 3 / 5)


def test_a_vehicle_that_leaves_when_full() -> None:
    found = one(Model((), (crossing(0, 1, 7, 8),), (ferry("full"),)), hours=100)
    assert hours_of(found) == (12, (19 + 18 + 12) / 3, 19), "three leave at 7, the fourth waits for ever"
    assert found.calls.departures.value.tolist() == [1, 1]
    assert found.calls.share_full.value[0] == 1
    assert found.calls.left_behind.value[0] == 0


def test_a_vehicle_is_full_when_the_next_does_not_fit() -> None:
    found = one(Model((), (crossing(0, 5, size=2.0),), (ferry("full"),)), hours=24)
    assert hours_of(found) == (17, 17, 17)
    assert found.calls.left_behind.value[0] == 1
    assert found.calls.load.value[0] == pytest.approx(2 / 3)


def test_a_vehicle_that_leaves_when_full_or_its_time_is_up() -> None:
    found = one(Model((), (crossing(0, 30, 31, 32),), (ferry("full_or_time", max_wait_hours=6),)), hours=72)
    # It is ready at 2, leaves at 8, is handled again at 32 and full; then at 56, and leaves empty at 62.
    assert hours_of(found) == (12, (20 + 14 + 13 + 12) / 4, 20)
    assert found.calls.share_full.value[0] == pytest.approx(1 / 3)


def test_a_vehicle_that_leaves_by_timetable() -> None:
    """Departures at 6 and 18 of each day; the round takes 24 hours, so that 18 is missed each day."""
    found = one(Model((), (crossing(0, 7),), (ferry("timetable", departures=(6, 18), period_hours=24),)), hours=48)
    # It leaves at 6, is ready again at 30, leaves at once, and is away at 42.
    assert hours_of(found) == (18, (18 + 35) / 2, 35)
    assert found.calls.departures.value[0] == 2
    assert found.calls.missed.value[0] == 2
    two = one(Model((), (crossing(0, 7),), (ferry("timetable", 2, departures=(6, 18), period_hours=24),)), hours=48)
    assert hours_of(two) == (18, (18 + 23) / 2, 23)
    assert two.calls.missed.value[0] == 0


def test_days_without_a_departure() -> None:
    found = one(Model((), (crossing(0, 1, 7),), (ferry("full"),)), hours=240)
    assert found.calls.days_without.value.tolist() == [9, 9]


def test_a_berth_that_is_shut_lets_no_vehicle_leave() -> None:
    path = (
        Call("there", constant(2), berth="quay", rule="full"),
        Travel(constant(10)),
        Call("back", constant(2)),
        Travel(constant(10)),
    )
    service = Service("ferry", 1, 2.0, path)
    model = Model((Station("quay"),), (crossing(0, 5),), (service,), closures=(Closure("wind", ("quay",), 4, 9),))
    found = one(model, hours=24)
    assert hours_of(found) == (16, (21 + 16) / 2, 21), "full at 5, away at 9, handled at 21"
    assert found.stations.held.value[0] == pytest.approx((9 - 2) / 24)


def test_vehicles_queue_for_a_berth() -> None:
    path = (
        Call("there", constant(4), berth="quay"),
        Travel(constant(1)),
        Call("back", constant(0)),
        Travel(constant(1)),
    )
    found = one(Model((Station("quay"),), (crossing(0),), (Service("ferry", 2, 9.0, path),)), hours=4000)
    # The second begins half a round of 6 hours later, at 3; from then on each round takes twice the handling.
    assert found.calls.departures.value[0] == pytest.approx(1000, abs=1)
    assert found.stations.utilisation.value[0] == pytest.approx(1.0, abs=1e-3)


def test_a_full_yard_holds_the_vessel_and_the_vessel_its_berth() -> None:
    """Two arrive by ferry at a yard for one, where work takes 30 hours; the ferry leaves when both have got off."""
    path = (
        Call("there", constant(0), rule="full"),
        Travel(constant(10)),
        Call("back", constant(0), berth="quay"),
        Travel(constant(10)),
    )
    route = Route("r", (Ride("ferry", "there", "back"), Visit("yard", constant(30))), arrivals=(0, 0))
    found = one(
        Model((Station("quay"), Station("yard", room=1)), (route,), (Service("ferry", 1, 2.0, path),)), hours=200
    )
    assert hours_of(found) == (40, 55, 70)
    assert found.stations.held.value[found.stations.ids.index("quay")] == pytest.approx(30 / 200)


def test_waiting_rooms_of_calls_block_the_way() -> None:
    """One fits into the waiting room: the second keeps the gate until the first has boarded at 22."""
    service = Service(
        "ferry",
        1,
        1.0,
        (Call("there", constant(22), room=1), Travel(constant(1)), Call("back", constant(1)), Travel(constant(1))),
    )
    route = Route("r", (Visit("gate", constant(1)), Ride("ferry", "there", "back")), arrivals=(0, 0, 0))
    found = one(Model((Station("gate"),), (route,), (service,)), hours=200)
    # Ready at 22, 47, 72: one at a time.
    assert hours_of(found) == (24, (24 + 49 + 74) / 3, 74)
    assert found.stations.held.value[0] == pytest.approx((20 + 24) / 200)


def test_breakdowns_stop_all_that_they_name_at_the_same_time() -> None:
    """Two queues with the same arrivals and work, shut together, see the same waits."""
    routes = tuple(Route(name, (Visit(name, constant(1)),), arrivals=tuple(range(0, 4000, 3))) for name in ("a", "b"))
    wind = Stoppage("wind", ("a", "b"), (0.2,), exponential(10))
    found = one(Model((Station("a"), Station("b")), routes, stoppages=(wind,)), hours=4000)
    waits = found.stations.wait.mean.value
    assert waits[0] == waits[1] > 0


def test_seasons_of_weather_and_arrivals() -> None:
    july = tuple(0.5 if month == 7 else 0.0 for month in range(1, 13))
    route = Route(
        "r",
        (Visit("s", constant(1)),),
        interval=constant(10),
        profile=tuple(float(month == 7) for month in range(1, 13)),
    )
    wind = Stoppage("wind", ("s",), july, constant(5))
    found = simulate(Model((Station("s", 99),), (route,), stoppages=(wind,)), hours=8760, replications=40, seed=3)
    assert found.routes.arrived.value[0] == pytest.approx(876, abs=1)
    share = 1 - found.stations.open_share.value[0]
    half = found.stations.open_share.high[0] - found.stations.open_share.value[0]
    assert abs(share - 31 / 365 / 2) < 1.5 * half < 0.01


def test_a_deadlock_is_named() -> None:
    """East-bound trains hold track a and want b, west-bound ones the other way round."""
    stations = (Station("a", room=1), Station("b", room=1), Station("c"))
    routes = (
        Route("east", (Visit("a", constant(2)), Visit("b", constant(2))), arrivals=(0, 50)),
        Route("west", (Visit("b", constant(2)), Visit("a", constant(2))), arrivals=(1, 60)),
        Route("free", (Visit("c", constant(2)),), arrivals=(1, 60)),
    )
    found = one(Model(stations, routes), hours=100)
    (notice,) = found.notices
    assert notice.row == "a, b"
    assert notice.value == "deadlock in 2 of 2 replications, from hour 2.0 at the earliest"
    assert np.isnan(found.routes.hours.mean.value).tolist() == [True, False, True]
    assert np.isnan(found.stations.wait.mean.value).tolist() == [True, True, False]


def test_blocking_that_resolves_is_no_deadlock() -> None:
    stations = (Station("a"), Station("b", room=1))
    route = Route("r", (Visit("a", constant(1)), Visit("b", constant(50))), arrivals=(0, 0, 0, 0))
    assert not one(Model(stations, (route,)), hours=300).notices


def test_overload_is_named_and_has_no_mean() -> None:
    routes = (
        Route("much", (Visit("s", exponential(1.1)),), interval=exponential(1.0)),
        Route("little", (Visit("t", exponential(0.5)),), interval=exponential(1.0)),
    )
    found = one(Model((Station("s"), Station("t")), routes), hours=3000, warmup_hours=100)
    (notice,) = found.notices
    assert (notice.table, notice.row) == ("stations", "s")
    assert "1.1" in notice.value
    assert np.isnan(found.stations.wait.mean.value).tolist() == [True, False]
    assert np.isnan(found.routes.hours.p95.value).tolist() == [False, True]
    assert found.routes.delivered.value[1] == pytest.approx(2900 / 1.1, rel=0.1), "throughput is told"


def test_a_service_that_cannot_carry_all_is_named() -> None:
    route = Route("r", (Ride("ferry", "there", "back"),), interval=exponential(5.0))
    found = simulate(Model((), (route,), (ferry("at_once"),)), hours=8760, replications=5)
    assert [notice.row for notice in found.notices] == ["ferry/there"]
    assert np.isnan(found.calls.wait.mean.value[0])


def test_a_run_too_short_for_an_interval_says_so() -> None:
    model = Model((Station("s"),), (Route("r", (Visit("s", exponential(0.9)),), interval=exponential(1.0)),))
    runs = [simulate(model, hours=400, seed=seed) for seed in range(100)]
    short = [run for run in runs if {notice.table for notice in run.notices} == {"stations", "routes"}]
    assert len(short) >= 40, "at such a load batches of 20 hours hang together in about 57 of 100 runs"
    without = [run for run in short if run.stations.wait.mean.value[0] > 0]
    assert without
    assert all(np.isnan(run.stations.wait.mean.low[0]) for run in without)


def test_routes_of_one_group_are_counted_together() -> None:
    """Two routes by the same station: their times are those of all consignments, leg by leg by name."""
    apart = [
        Route("a", (Visit("s", constant(1)), Travel(constant(2)), Visit("s", constant(1))), arrivals=(0, 10)),
        Route("b", (Travel(constant(5)), Visit("s", constant(3))), arrivals=(20,)),
    ]
    found = one(Model((Station("s"),), tuple(replace(route, group="g") for route in apart)), hours=40)
    assert found.routes.ids == ("g",)
    assert found.routes.delivered.value[0] == 3
    assert found.routes.hours.mean.value[0] == pytest.approx((4 + 4 + 8) / 3)
    legs = dict(zip(found.legs.ids, found.legs.hours.mean.value.tolist(), strict=True))
    assert legs == pytest.approx({("g", 0, "s"): (1 + 1 + 3) / 3, ("g", 0, "travel"): 3, ("g", 1, "s"): 1})
    assert found.little < 1e-12
