"""Models that make no sense: every fault with table, row and column, all of them at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jibek.errors import OperationsError
from jibek.operations import (
    Calendar,
    Call,
    Closure,
    Distribution,
    DistributionKind,
    Model,
    Ride,
    Route,
    Service,
    Station,
    Stoppage,
    Travel,
    Visit,
    constant,
    delay_curves,
    empirical,
    exponential,
    gamma,
    simulate,
)

CALL = Call("there", constant(1))
BACK = Call("back", constant(1))
FERRY = Service("f", 1, 10.0, (CALL, Travel(constant(3)), BACK, Travel(constant(3))))
SHIP = Route("r", (Visit("s", constant(1)), Ride("f", "there", "back")), exponential(2.0))
STATION = Station("s")
SOUND = Model(
    (STATION,), (SHIP,), (FERRY,), (Closure("c", ("s",), 1, 2),), (Stoppage("w", ("s",), (0.1,), constant(3)),)
)


def with_call(**changes: object) -> dict[str, object]:
    return {"services": (replace(FERRY, path=(replace(CALL, **changes), *FERRY.path[1:])),)}


def with_steps(*steps: Visit | Travel | Ride) -> dict[str, object]:
    return {"routes": (replace(SHIP, steps=steps),)}


FAULTS = {
    ("stations", "s", "servers"): {"stations": (replace(STATION, servers=0),)},
    ("stations", "s", "room"): {"stations": (replace(STATION, room=0),)},
    ("stations", "s", "least, most"): {"stations": (replace(STATION, least=3, most=2),)},
    ("stations", "s", "when_full"): {"stations": (replace(STATION, when_full="explode"),)},
    ("stations", "s", "id"): {"stations": (STATION, STATION)},
    ("stations", "s", "calendar.to_hour"): {"stations": (replace(STATION, calendar=Calendar(8, 8)),)},
    ("stations", "s", "calendar.weekdays"): {"stations": (replace(STATION, calendar=Calendar(weekdays=(7,))),)},
    ("stations", "s", "calendar.months"): {"stations": (replace(STATION, calendar=Calendar(months=())),)},
    ("services", "f", "vehicles"): {"services": (replace(FERRY, vehicles=0),)},
    ("services", "f", "capacity"): {"services": (replace(FERRY, capacity=float("nan")),)},
    ("services", "f", "path"): {
        "services": (replace(FERRY, path=(replace(CALL, hours=constant(0)), replace(BACK, hours=constant(0)))),)
    },
    ("calls", "f/there", "berth"): with_call(berth="nowhere"),
    ("calls", "f/there", "rule"): with_call(rule="never"),
    ("calls", "f/there", "full_share"): with_call(full_share=1.5),
    ("calls", "f/there", "max_wait_hours"): with_call(max_wait_hours=-1.0),
    ("calls", "f/there", "room"): with_call(room=0),
    ("calls", "f/there", "departures"): with_call(rule="timetable", departures=(5.0, 3.0)),
    ("routes", "r", "steps"): with_steps(Visit("nowhere", constant(1))),
    ("routes", "r", "board"): with_steps(Ride("f", "nowhere", "back")),
    ("routes", "r", "alight"): with_steps(Ride("f", "there", "there")),
    ("routes", "r", "interval"): {"routes": (replace(SHIP, interval=None),)},
    ("routes", "r", "arrivals"): {"routes": (replace(SHIP, interval=None, arrivals=(3.0, 2.0)),)},
    ("routes", "r", "profile"): {"routes": (replace(SHIP, profile=(1.0, 2.0)),)},
    ("routes", "r", "size"): with_steps(Visit("s", constant(1)), Ride("f", "there", "back", 11.0)),
    ("closures", "c", "to_hour"): {"closures": (Closure("c", ("s",), 5, float("inf")),)},
    ("closures", "c", "stations"): {"closures": (Closure("c", ("nowhere",), 5, 6),)},
    ("stoppages", "w", "share"): {"stoppages": (Stoppage("w", ("s",), (1.0,), constant(3)),)},
    ("stoppages", "w", "hours"): {"stoppages": (Stoppage("w", ("s",), (0.1,), constant(0)),)},
}


@pytest.mark.parametrize("place", FAULTS, ids=" ".join)
def test_a_fault_names_its_place(place: tuple[str, str, str]) -> None:
    with pytest.raises(OperationsError) as caught:
        replace(SOUND, **FAULTS[place])
    found = {(fault.table, fault.row, fault.column) for fault in caught.value.faults}
    assert place in found
    assert all(fault.expected and fault.remedy for fault in caught.value.faults)


@pytest.mark.parametrize(
    "hours",
    [
        constant(-1),
        constant(float("nan")),
        constant(float("inf")),
        empirical([]),
        empirical([1.0, -1.0]),
        gamma(3.0, 0.0),
        gamma(3.0, float("nan")),
        Distribution(DistributionKind.LOGNORMAL, 1.0, 1e6),
    ],
)
def test_hours_that_are_none(hours: Distribution) -> None:
    with pytest.raises(OperationsError):
        replace(SOUND, **with_steps(Travel(hours)))


def test_a_path_that_no_service_runs() -> None:
    with pytest.raises(OperationsError, match=r"found 'g', expected the id of a service that runs there"):
        replace(SOUND, **with_steps(Ride("g", "there", "back")))


def test_a_vehicle_needs_a_berth_that_takes_it_alone_and_never_turns_it_away() -> None:
    for station in (replace(STATION, most=2), replace(STATION, when_full="turn_away", room=3)):
        with pytest.raises(OperationsError) as caught:
            replace(SOUND, stations=(station,), **with_call(berth="s"))
        assert [fault.column for fault in caught.value.faults] == ["path"]


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(OperationsError, match=r"The model of operations has 4 faults") as caught:
        Model((replace(STATION, servers=0),), (SHIP,), (replace(FERRY, vehicles=0, capacity=0.0),))
    assert len(caught.value.faults) == 4


@pytest.mark.parametrize(
    ("name", "value"), [("hours", 0.0), ("warmup_hours", 100.0), ("replications", 0), ("confidence", 1.0)]
)
def test_requests_that_make_no_sense(name: str, value: float) -> None:
    with pytest.raises(OperationsError, match=name):
        simulate(SOUND, **{"hours": 100.0} | {name: value})


def test_curves_need_volumes_that_can_be_multiplied() -> None:
    given = replace(SHIP, interval=None, arrivals=(1.0,))
    with pytest.raises(OperationsError, match="interval"):
        delay_curves(replace(SOUND, routes=(given,)), (0.5, 1.0), hours=100)
    with pytest.raises(OperationsError, match="factors"):
        delay_curves(SOUND, (1.0, 0.5), hours=100)
