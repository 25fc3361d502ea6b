"""Simulated means against closed forms, each within the 99 % interval; Little's law in every run.

Equations are those of docs/explanation/operations.md.
"""

from __future__ import annotations

from math import comb, exp, factorial

import numpy as np
import pytest

from jibek.operations import (
    Call,
    Estimates,
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
    empirical,
    exponential,
    gamma,
    lognormal,
    simulate,
)
from jibek.operations.distributions import Distribution

CONFIDENCE = 0.99
ROUNDING = 1e-9
SERVICE = [
    constant(0.8),
    exponential(0.8),
    gamma(0.8, 0.5),
    gamma(0.8, 2.0),
    lognormal(0.8, 1.5),
    empirical([0.2, 0.4, 1.8]),
]


def run(model: Model, *, hours: float = 40_000.0, replications: int = 20, seed: int = 1) -> Simulation:
    found = simulate(
        model, hours=hours, warmup_hours=hours / 20, replications=replications, seed=seed, confidence=CONFIDENCE
    )
    assert found.little < ROUNDING
    assert not found.notices
    return found


def assert_within(estimates: Estimates, expected: float, row: int = 0, *, sharp: float = 0.1) -> None:
    low, high = estimates.low[row], estimates.high[row]
    assert low <= expected <= high
    assert high - low < sharp * expected, "the interval says something"


def queue(hours: Distribution, *, servers: int = 1, interval: float = 1.0) -> Model:
    route = Route("ship", (Visit("berth", hours),), interval=exponential(interval))
    return Model((Station("berth", servers),), (route,))


def erlang_c(servers: int, load: float) -> float:
    """Probability that one waits in M/M/c (operations-2)."""
    last = load**servers / factorial(servers) / (1 - load / servers)
    return last / (sum(load**k / factorial(k) for k in range(servers)) + last)


@pytest.mark.parametrize("seed", range(5))
def test_m_m_1(seed: int) -> None:
    found = run(queue(exponential(0.8)), seed=seed)
    assert_within(found.stations.wait.mean, 3.2)
    assert_within(found.stations.queue, 3.2)
    assert_within(found.stations.utilisation, 0.8)
    assert_within(found.routes.hours.mean, 4.0)
    assert_within(found.routes.under_way, 4.0)
    for name, share in (("p50", 0.5), ("p80", 0.8), ("p95", 0.95)):
        assert_within(getattr(found.routes.hours, name), -4.0 * np.log(1 - share))


@pytest.mark.parametrize(("servers", "load"), [(2, 1.6), (8, 7.2), (40, 36.0)])
def test_m_m_c(servers: int, load: float) -> None:
    found = run(queue(exponential(load), servers=servers), replications=30)
    wait = erlang_c(servers, load) * load / (servers - load)
    assert_within(found.stations.wait.mean, wait, sharp=0.3)
    assert_within(found.stations.utilisation, load / servers)


@pytest.mark.parametrize("hours", SERVICE, ids=lambda hours: f"{hours.kind.name} {hours.cv:.2g}".lower())
def test_m_g_1(hours: Distribution) -> None:
    """Pollaczek and Khinchine (operations-3)."""
    found = run(queue(hours), replications=30)
    wait = hours.mean**2 * (1 + hours.cv**2) / 2 / (1 - hours.mean)
    assert_within(found.stations.wait.mean, wait, sharp=0.2)


@pytest.mark.parametrize(("servers", "room"), [(1, 1), (1, 4), (3, 5), (5, 5)])
def test_m_m_c_k(servers: int, room: int) -> None:
    """Who finds no room is turned away (operations-4)."""
    load = 0.9 * servers
    station = Station("berth", servers, room=room, when_full="turn_away")
    route = Route("ship", (Visit("berth", exponential(load)),), interval=exponential(1.0))
    found = run(Model((station,), (route,)))
    weights = np.array(
        [
            load**n / (factorial(n) if n <= servers else factorial(servers) * servers ** (n - servers))
            for n in range(room + 1)
        ]
    )
    share = weights / weights.sum()
    number = share @ np.arange(room + 1)
    assert_within(found.routes.turned_away, found.routes.arrived.value[0] * share[-1])
    assert_within(found.routes.under_way, number)
    assert_within(found.routes.hours.mean, number / (1 - share[-1]))


def test_priority_m_m_1() -> None:
    """Cobham (1954), who goes first does not interrupt (operations-5)."""
    first = Route("first", (Visit("berth", exponential(0.8)),), interval=exponential(2.5), priority=1)
    last = Route("last", (Visit("berth", exponential(0.8)),), interval=exponential(2.5), priority=2)
    found = run(Model((Station("berth"),), (last, first)), hours=80_000.0)
    load, rest = 0.32, 0.64 * 0.8
    assert_within(found.legs.hours.mean, rest / (1 - load) + 0.8)
    assert_within(found.legs.hours.mean, rest / (1 - load) / (1 - 2 * load) + 0.8, 1)


@pytest.mark.parametrize("most", [2, 5])
def test_bulk_service(most: int) -> None:
    """M/M^[1,b]/1 of Bailey (1954): the mean number in system follows from one root (operations-6).

    A server takes whoever waits, up to ``most``, and leaves nobody out: with a root z of ``m z**(b+1) - (l+m) z + l``
    the states while busy fall by z.
    """
    arrival, mean = 1.0, 0.8 * most
    rate = 1.0 / mean
    roots = np.roots([rate, *[0.0] * (most - 1), -(arrival + rate), arrival])
    z = max(root.real for root in roots if abs(root.imag) < ROUNDING and 0 < root.real < 1 - ROUNDING)
    waiting_if_busy = z / (1 - z)
    busy = 1 / (1 + rate * (1 - z) / arrival)
    station = Station("yard", least=1, most=most)
    route = Route("wagon", (Visit("yard", exponential(mean)),), interval=exponential(arrival))
    found = run(Model((station,), (route,)))
    assert_within(found.stations.utilisation, busy)
    assert_within(found.stations.queue, busy * waiting_if_busy, sharp=0.2)


def test_tandem_is_a_row_of_independent_queues() -> None:
    """Jackson (1957), and Burke (1956): each station is M/M/1 (operations-7)."""
    stations = tuple(Station(f"station-{k}") for k in range(4))
    hours = (0.5, 0.8, 0.7, 0.8)
    steps = tuple(Visit(station.id, exponential(mean)) for station, mean in zip(stations, hours, strict=True))
    found = run(Model(stations, (Route("train", steps, interval=exponential(1.0)),)), hours=80_000.0)
    for row, mean in enumerate(hours):
        assert_within(found.stations.wait.mean, mean**2 / (1 - mean), row)
    assert_within(found.routes.hours.mean, sum(mean / (1 - mean) for mean in hours))


def test_breakdowns_that_interrupt() -> None:
    """M/M/1 whose work rests in a breakdown, whether busy or not: Avi-Itzhak and Naor (1963) (operations-8)."""
    model = queue(exponential(0.5))
    down, share = 2.0, 0.1
    model = Model(model.stations, model.routes, stoppages=(Stoppage("crane", ("berth",), (share,), exponential(down)),))
    found = run(model)
    fails = share / (1 - share) / down
    completion = 0.5 * (1 + fails * down)
    # Second moment of the time from start to end of a service, and of the first one in an interrupted idle time.
    second = 2 * (0.5 * (1 + fails * down)) ** 2 + 0.5 * fails * 2 * down**2
    load = completion
    wait = second / 2 / (1 - load) + share * down
    assert_within(found.stations.open_share, 1 - share)
    assert_within(found.stations.utilisation, 0.5 / (1 - share))
    assert_within(found.routes.hours.mean, wait + completion, sharp=0.2)


def test_travel_has_no_queue() -> None:
    hours = lognormal(30.0, 0.4)
    found = run(Model((), (Route("sea", (Travel(hours),), interval=exponential(1.0)),)), hours=20_000.0, seed=2)
    sigma = np.sqrt(np.log(1 + 0.4**2))
    assert_within(found.routes.hours.mean, 30.0)
    assert_within(found.routes.hours.p95, 30.0 * exp(1.6448536 * sigma - sigma**2 / 2))
    assert_within(found.routes.under_way, 30.0)


def test_vehicles_that_leave_when_full() -> None:
    """The k-th of a load of n Poisson arrivals waits for n - k more (operations-9)."""
    capacity = 10
    service = Service(
        "ferry",
        20,
        float(capacity),
        (
            Call("aktau", constant(0.0), rule="full"),
            Travel(constant(5.0)),
            Call("alat", constant(0.0)),
            Travel(constant(5.0)),
        ),
    )
    route = Route("wagon", (Ride("ferry", "aktau", "alat"),), interval=exponential(1.0))
    found = run(Model((), (route,), (service,)))
    assert found.calls.wait.most[0] == 0.0, "there is always a vehicle to board, where they wait for the others"
    assert_within(found.routes.hours.mean, (capacity - 1) / 2 + 5.0)
    assert found.calls.share_full.value[0] == 1.0


@pytest.mark.parametrize("model", ["M/M/1", "tandem"])
def test_intervals_cover_as_often_as_they_say(model: str) -> None:
    """Of 200 intervals at 95 % a binomial count of at least 180 holds the truth, but for one case in a thousand."""
    steps = (
        (Visit("a", exponential(0.5)),)
        if model == "M/M/1"
        else (Visit("a", exponential(0.5)), Visit("b", exponential(0.5)))
    )
    stations = (Station("a"), Station("b"))
    covered = 0
    for seed in range(200):
        found = simulate(
            Model(stations, (Route("r", steps, interval=exponential(1.0)),)),
            hours=2000,
            warmup_hours=100,
            replications=5,
            seed=seed,
        )
        mean = found.routes.hours.mean
        covered += int(mean.low[0] <= 1.0 * len(steps) <= mean.high[0])
    assert covered >= 180
    assert sum(comb(200, k) * 0.95**k * 0.05 ** (200 - k) for k in range(180)) < 2e-3


def test_batch_means_cover_too() -> None:
    covered = tried = 0
    for seed in range(100):
        found = simulate(queue(exponential(0.5)), hours=20_000, warmup_hours=500, seed=seed)
        mean = found.stations.wait.mean
        if not found.notices:
            tried += 1
            covered += int(mean.low[0] <= 0.5 <= mean.high[0])
    assert tried > 80
    assert covered > 0.88 * tried
