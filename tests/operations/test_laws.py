"""What holds in every model: nothing is lost, Little's law, same seed same bytes, more servers never wait longer."""

from __future__ import annotations

import random
from dataclasses import astuple, fields, is_dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jibek.operations import (
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
    delay_curves,
    empirical,
    exponential,
    gamma,
    lognormal,
    simulate,
)
from jibek.operations.distributions import Distribution

ROUNDING = 1e-9
few = settings(max_examples=60)
seeds = st.integers(0, 2**32)


def drawn_hours(chance: random.Random, mean: float) -> Distribution:
    return chance.choice(
        [constant(mean), exponential(mean), gamma(mean, 0.6), lognormal(mean, 1.2), empirical([0.0, mean, 2 * mean])]
    )


def drawn_model(seed: int) -> Model:
    """Draw a model of every feature, with chance in it; it may be overloaded or run into a deadlock."""
    chance = random.Random(seed)
    stations = tuple(
        Station(
            f"s{k}",
            chance.randint(1, 3),
            room=chance.choice([None, None, 2, 6]),
            when_full=chance.choice(["block", "block", "turn_away"]),
            most=chance.choice([1, 1, 3]),
        )
        for k in range(4)
    )
    quays = (Station("quay"), Station("jetty", 2))
    rules = ("at_once", "full", "full_or_time", "timetable")
    services = tuple(
        Service(
            name,
            chance.randint(1, 3),
            4.0,
            (
                Call(
                    "there",
                    drawn_hours(chance, 1.0),
                    "quay",
                    chance.choice(rules),
                    0.75,
                    5.0,
                    (3.0, 9.0),
                    12.0,
                    chance.choice([None, 3]),
                ),
                Travel(drawn_hours(chance, 4.0)),
                Call("back", drawn_hours(chance, 1.0), chance.choice(["", "jetty"])),
                Travel(drawn_hours(chance, 4.0)),
            ),
        )
        for name in ("f", "g")
    )
    routes = []
    for k in range(3):
        steps: list[Visit | Travel | Ride] = [
            Visit(chance.choice(stations).id, drawn_hours(chance, 0.8)) for _ in range(chance.randint(1, 3))
        ]
        steps.insert(chance.randrange(len(steps)), Travel(drawn_hours(chance, 3.0)))
        steps.insert(
            chance.randrange(len(steps)),
            Ride(chance.choice("fg"), *chance.sample(["there", "back"], 2), chance.choice([1.0, 2.0])),
        )
        routes.append(Route(f"r{k}", tuple(steps), drawn_hours(chance, 2.0), priority=k % 2))
    closures = (Closure("c", ("s0", "quay"), 50.0, 80.0),)
    wind = Stoppage("wind", ("quay", "jetty"), (0.1,), drawn_hours(chance, 5.0))
    return Model((*stations, *quays), tuple(routes), services, closures, (wind,))


def assert_same(one: object, other: object) -> None:
    """Compare results to the last bit."""
    if is_dataclass(one):
        for field in fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, np.ndarray):
        assert one.tobytes() == other.tobytes()
    else:
        assert repr(one) == repr(other)


def run(model: Model, **more: object) -> Simulation:
    return simulate(model, **{"hours": 400.0, "warmup_hours": 37.0, "replications": 3, "seed": 9} | more)


@few
@given(seed=seeds)
def test_nothing_is_lost_and_little_holds(seed: int) -> None:
    model = drawn_model(seed)
    found = run(model, warmup_hours=0.0)
    assert found.little < ROUNDING
    routes = found.routes
    one = run(model, warmup_hours=0.0, replications=1)
    left = one.routes.arrived.value - one.routes.delivered.value - one.routes.turned_away.value
    assert (left >= 0).all()
    assert (routes.histogram.sum(axis=1) == routes.hours.count).all()
    waits = (found.stations.wait, found.calls.wait, routes.hours, found.legs.hours)
    for times in waits:
        values = np.stack([times.least, times.p50.value, times.p80.value, times.p95.value, times.most])
        known = ~np.isnan(values).any(axis=0)
        assert (np.diff(values[:, known], axis=0) >= -ROUNDING).all()
    shares = (found.stations.utilisation.value, found.stations.open_share.value, found.stations.held.value)
    assert all(((share >= -ROUNDING) & (share <= 1 + ROUNDING)).all() for share in shares)
    assert (found.calls.load.value[found.calls.departures.value > 0] <= 1 + ROUNDING).all()


@few
@given(seed=seeds)
def test_consignments_that_stay_are_those_under_way(seed: int) -> None:
    """What has arrived, not left and not been turned away is on the way in the last moment."""
    model = drawn_model(seed)
    whole = run(model, warmup_hours=0.0, replications=1)
    end = run(model, warmup_hours=400.0 - 1e-6, replications=1)
    left = whole.routes.arrived.value - whole.routes.delivered.value - whole.routes.turned_away.value
    np.testing.assert_allclose(end.routes.under_way.value, left, atol=1e-6)


@settings(max_examples=15)
@given(seed=seeds)
def test_same_seed_same_bytes_whatever_the_threads_and_the_order_of_rows(seed: int) -> None:
    model = drawn_model(seed)
    one = run(model, threads=1, replications=5)
    assert_same(one, run(model, threads=3, replications=5))
    chance = random.Random(seed)
    shuffled = {
        field.name: tuple(chance.sample(rows := getattr(model, field.name), len(rows))) for field in fields(model)
    }
    assert_same(one, run(Model(**shuffled), replications=5))


def test_replications_differ_and_more_of_them_keep_the_first() -> None:
    model = drawn_model(1)
    few, many = run(model, replications=2), run(model, replications=4)
    assert (few.events == many.events[:2]).all()
    assert len(set(many.events.tolist())) > 1
    assert (run(model, seed=10).events != run(model, seed=9).events).any()


def renamed(model: Model) -> Model:
    return Model(
        tuple(replace(row, id=f"new-{row.id}") for row in model.stations),
        tuple(
            replace(route, steps=tuple(replace(step, station=f"new-{step.station}") for step in route.steps))
            for route in model.routes
        ),
    )


def test_new_names_of_stations_change_nothing() -> None:
    """A consignment's luck is its own: it hangs on its route alone."""
    stations = (Station("a", 2), Station("b"))
    model = Model(
        stations, (Route("r", (Visit("a", exponential(1.5)), Visit("b", gamma(0.8, 2.0))), exponential(1.0)),)
    )
    one, other = run(model), run(renamed(model))
    assert one.stations.ids != other.stations.ids
    assert_same(one.routes, other.routes)
    assert_same(one.stations.wait, other.stations.wait)


@few
@given(seed=seeds, factor=st.sampled_from([0.25, 2.0, 64.0]))
def test_another_unit_of_size_changes_nothing(seed: int, factor: float) -> None:
    model = drawn_model(seed)

    def larger(step: Travel | Visit | Ride) -> Travel | Visit | Ride:
        return replace(step, size=step.size * factor) if isinstance(step, Ride) else step

    scaled = replace(
        model,
        routes=tuple(replace(route, steps=tuple(map(larger, route.steps))) for route in model.routes),
        services=tuple(replace(service, capacity=service.capacity * factor) for service in model.services),
    )
    assert_same(run(model).routes, run(scaled).routes)


@few
@given(
    seed=st.integers(0, 1000),
    servers=st.integers(1, 4),
    hours=st.sampled_from([constant(1.8), exponential(1.8), lognormal(1.8, 2.0), empirical([0.5, 6.0])]),
)
def test_more_servers_never_wait_longer(seed: int, servers: int, hours: Distribution) -> None:
    """First come, first served: each starts no later with a server more, since all have the same work."""

    arrivals = tuple(np.cumsum(np.random.default_rng(seed).exponential(1.0, 200)).tolist())

    def waits(count: int) -> tuple[float, ...]:
        model = Model((Station("s", count),), (Route("r", (Visit("s", hours),), arrivals=arrivals),))
        found = simulate(model, hours=50_000.0, seed=seed)
        assert found.routes.delivered.value[0] == len(arrivals), "who is still waiting would not be counted"
        return found.stations.longest[0], found.stations.wait.most[0], found.routes.hours.most[0]

    assert all(more <= less + ROUNDING for more, less in zip(waits(servers + 1), waits(servers), strict=True))


@settings(max_examples=25)
@given(seed=seeds)
def test_faster_service_for_all_never_makes_a_row_of_stations_slower(seed: int) -> None:
    def most(factor: float) -> float:
        steps = tuple(Visit(f"s{k}", gamma(0.8, 1.0).scaled(factor)) for k in range(3))
        model = Model(tuple(Station(f"s{k}") for k in range(3)), (Route("r", steps, exponential(1.0)),))
        return float(run(model, seed=seed, warmup_hours=0.0).routes.hours.most[0])

    assert most(0.5) <= most(1.0)


def test_batches_of_one_run_hold_all_that_was_observed() -> None:
    """Also where rounding would put the end of the last one behind the end of the run."""
    begin, end = 433.9, 1963.3
    assert begin + (end - begin) > end
    model = Model((Station("s", 50),), (Route("r", (Visit("s", constant(1.0)),), exponential(2.0)),))
    found = simulate(model, hours=end, warmup_hours=begin, replications=1).routes.hours
    assert found.mean.value == pytest.approx(1.0)
    assert found.count > 600


def test_delay_curves_have_no_point_where_nobody_came() -> None:
    """A consignment in thirty years is not a queue without end."""
    model = Model((Station("s"),), (Route("r", (Visit("s", constant(1.0)),), exponential(250_000.0)),))
    (curve,) = delay_curves(model, (0.5, 1.0), hours=1000, replications=2)
    assert curve.overloaded == ()
    assert len(curve.factor) == 0


def test_delay_curves_are_those_of_theory() -> None:
    """M/M/1 at five loads: 24 arrivals a day at a load of 1, a mean wait of load / (1 - load) hours."""
    factors = (0.3, 0.5, 0.7, 0.8, 1.1)
    model = Model((Station("s"),), (Route("r", (Visit("s", exponential(1.0)),), exponential(1.0)),))
    (curve,) = delay_curves(model, factors, hours=30_000, warmup_hours=2000, replications=20, confidence=0.99)
    np.testing.assert_allclose(curve.load, [24 * factor for factor in factors[:4]], rtol=0.02)
    theory = np.array([factor / (1 - factor) for factor in factors[:4]])
    assert ((curve.low < theory) & (theory < curve.high)).all()
    assert curve.overloaded == (1.1,)
    assert (np.diff(curve.hours) > 0).all()
    assert (np.diff(curve.hours) / np.diff(curve.load))[0] < (np.diff(curve.hours) / np.diff(curve.load))[-1]
    assert curve.moved == pytest.approx(0.0, abs=ROUNDING)


def test_results_are_frozen() -> None:
    found = run(drawn_model(2))
    with pytest.raises(AttributeError):
        found.seed = 3
    assert len(astuple(found.routes.hours.mean)) == 3
