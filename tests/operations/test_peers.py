"""The same models in SimPy and in Ciw: to the last hour where nothing is left to chance, elsewhere within intervals."""

from __future__ import annotations

import ciw
import numpy as np
import pytest
from simpy_twin import Twin
from timed_models import timed_model

from jibek.operations import (
    Call,
    Closure,
    Estimates,
    Model,
    Ride,
    Route,
    Service,
    Station,
    Travel,
    Visit,
    constant,
    exponential,
    gamma,
    simulate,
)
from jibek.operations.distributions import Distribution, DistributionKind
from jibek.operations.intervals import means

CONFIDENCE = 0.999
HOURS, WARMUP, RUNS = 2200.0, 200.0, 8
ROUNDING = 1e-9


@pytest.mark.parametrize("seed", range(100))
def test_each_consignment_takes_as_long_as_in_simpy(seed: int) -> None:
    """Every feature at once: rooms, blocking, batches, priorities, vehicles of every rule, timetables, closures."""
    model = timed_model(seed)
    twin, found = Twin(model, 260.0, seed), simulate(model, hours=260.0, threads=1)
    for row, name in enumerate(found.routes.ids):
        times = np.array([hours for _, hours in twin.times[name]])
        assert found.routes.delivered.value[row] == len(times)
        assert found.routes.turned_away.value[row] == twin.turned_away[name]
        if len(times):
            assert found.routes.hours.least[row] == pytest.approx(times.min(), abs=ROUNDING)
            assert found.routes.hours.most[row] == pytest.approx(times.max(), abs=ROUNDING)
            if np.isfinite(found.routes.hours.mean.value[row]):
                assert found.routes.hours.mean.value[row] == pytest.approx(times.mean(), abs=ROUNDING)
    for row, name in enumerate(found.calls.ids):
        assert found.calls.departures.value[row] == twin.departures[name]
    assert found.little < ROUNDING


def queue(hours: Distribution, servers: int = 1, **more: object) -> Model:
    route = Route("a", (Visit("s0", hours),), interval=exponential(1.0))
    return Model((Station("s0", servers, **more),), (route,))


def row_of(*stations: Station, hours: Distribution) -> Model:
    steps = tuple(Visit(station.id, hours) for station in stations)
    return Model(stations, (Route("a", steps, interval=exponential(1.0)),))


def two_classes() -> Model:
    routes = tuple(
        Route(name, (Visit("s0", exponential(0.6)),), interval=exponential(2.0), priority=k)
        for k, name in enumerate("ab")
    )
    return Model((Station("s0"),), routes)


def ferries(rule: str) -> Model:
    there = Call(
        "there",
        gamma(2.0, 0.5),
        berth="quay",
        rule=rule,
        max_wait_hours=10.0,
        departures=(5.0, 17.0),
        period_hours=24.0,
        room=30,
    )
    path = (there, Travel(gamma(8.0, 0.3)), Call("back", gamma(2.0, 0.5), berth="quay"), Travel(gamma(8.0, 0.3)))
    routes = (
        Route(
            "a",
            (Visit("gate", exponential(0.5)), Ride("f", "there", "back"), Travel(gamma(10.0, 0.5))),
            interval=exponential(1.0),
        ),
        Route("b", (Ride("f", "back", "there"), Visit("gate", exponential(0.5))), interval=exponential(3.0)),
    )
    closures = tuple(Closure(f"wind-{k}", ("quay",), 100.0 * k, 100.0 * k + 5.0) for k in range(1, 22))
    return Model((Station("quay", 2), Station("gate", 2)), routes, (Service("f", 4, 15.0, path),), closures)


MODELS = {
    "M/M/1": queue(exponential(0.7)),
    "M/M/3": queue(exponential(2.4), 3),
    "M/G/1": queue(gamma(0.7, 1.5)),
    "M/D/2": queue(constant(1.6), 2),
    "M/M/2/4": queue(exponential(1.8), 2, room=4, when_full="turn_away"),
    "priorities": two_classes(),
    "tandem": row_of(Station("s0"), Station("s1"), Station("s2"), hours=exponential(0.7)),
    "blocking": row_of(Station("s0"), Station("s1", room=2), Station("s2", room=3), hours=exponential(0.5)),
    "batches": queue(exponential(3.0), least=2, most=5),
    "ferries, full or time": ferries("full_or_time"),
    "ferries by timetable": ferries("timetable"),
}
IN_CIW = [name for name in MODELS if name != "batches" and "ferries" not in name]


def in_simpy(model: Model, seed: int) -> list[float]:
    """Mean hours of each route after the warm-up."""
    times = Twin(model, HOURS, seed).times
    return [float(np.mean([hours for end, hours in rows if end >= WARMUP])) for _, rows in sorted(times.items())]


def of_ciw(hours: Distribution) -> ciw.dists.Distribution:
    if hours.kind == DistributionKind.CONSTANT:
        return ciw.dists.Deterministic(hours.mean)
    if hours.kind == DistributionKind.GAMMA:
        return ciw.dists.Gamma(hours.cv**-2, hours.mean * hours.cv**2)
    return ciw.dists.Exponential(1.0 / hours.mean)


def in_ciw(model: Model, seed: int) -> list[float]:
    count = len(model.stations)
    rooms = [float("inf") if row.room is None else row.room - row.servers for row in model.stations]
    names = [route.id for route in model.routes]
    onwards = [[float(j == i + 1) for j in range(count)] for i in range(count)]
    network = ciw.create_network(
        arrival_distributions={r.id: [of_ciw(r.interval), *[None] * (count - 1)] for r in model.routes},
        service_distributions={r.id: [of_ciw(step.hours) for step in r.steps] for r in model.routes},
        number_of_servers=[row.servers for row in model.stations],
        queue_capacities=rooms,
        routing=dict.fromkeys(names, onwards),
        priority_classes={route.id: route.priority for route in model.routes},
    )
    ciw.seed(seed)
    world = ciw.Simulation(network)
    world.simulate_until_max_time(HOURS)
    begins: dict[int, float] = {}
    times: dict[str, list[float]] = {name: [] for name in names}
    records = sorted(world.get_all_records(only=["service"]), key=lambda record: (record.id_number, record.node))
    for record in records:
        begins.setdefault(record.id_number, record.arrival_date)
        if record.node == count and record.exit_date >= WARMUP:
            times[record.customer_class].append(record.exit_date - begins[record.id_number])
    return [float(np.mean(times[name])) for name in names]


def assert_alike(own: Estimates, other: Estimates) -> None:
    """Their difference lies within the interval that both make together."""
    half = np.hypot(own.high - own.value, other.high - other.value)
    assert (np.abs(own.value - other.value) < half).all()
    assert (half < 0.5 * own.value).all(), "the interval says something"


@pytest.mark.parametrize(
    ("name", "peer"), [*((name, in_simpy) for name in MODELS), *((name, in_ciw) for name in IN_CIW)]
)
def test_means_agree(name: str, peer: object) -> None:
    model = MODELS[name]
    found = simulate(model, hours=HOURS, warmup_hours=WARMUP, replications=40, seed=1, confidence=CONFIDENCE)
    other = means(np.array([peer(model, seed) for seed in range(RUNS)]), CONFIDENCE)
    assert_alike(found.routes.hours.mean, other)
    assert not found.notices
