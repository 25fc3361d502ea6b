"""Time the simulation of operations beside SimPy and Ciw, and a corridor-sized model beside its goals.

    python benchmarks/operations.py [--quick]

Both sides serve 100,000 customers (Jibek as many as come in 100,000 hours at one an hour), and the events counted are
the same: arrivals and ends of service. Jibek runs its general event loop with all statistics on, SimPy and Ciw note
waits and times in system.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from statistics import median
from typing import TYPE_CHECKING

import ciw
import simpy

from jibek.operations import (
    Calendar,
    Call,
    Closure,
    Model,
    Ride,
    Route,
    Service,
    Station,
    Stoppage,
    Travel,
    Visit,
    exponential,
    gamma,
    lognormal,
    simulate,
)

if TYPE_CHECKING:
    from collections.abc import Callable

CUSTOMERS = 100_000
RUNS = 3
REPLICATIONS = 200
YEAR = 8760.0
GOALS = {"SimPy": (50, 100), "Ciw": (120, 250)}


def queue(stations: int, servers: int) -> Model:
    """Give a row of stations at 90 % of what they can do, with one arrival an hour."""
    rows = tuple(Station(f"station-{k}", servers) for k in range(stations))
    steps = tuple(Visit(row.id, exponential(0.9 * servers)) for row in rows)
    return Model(rows, (Route("customer", steps, interval=exponential(1.0)),))


def jibek_seconds(stations: int, servers: int, hours: float = CUSTOMERS) -> tuple[float, int]:
    """Simulate with Jibek, from the model to its results; give seconds and events."""
    model = queue(stations, servers)
    begin = time.perf_counter()
    found = simulate(model, hours=hours, replications=1, threads=1)
    return time.perf_counter() - begin, int(found.events[0])


def simpy_seconds(stations: int, servers: int) -> tuple[float, int]:
    """Simulate with SimPy; give seconds and events."""
    world = simpy.Environment()
    resources = [simpy.Resource(world, servers) for _ in range(stations)]
    chance = random.Random(1)  # noqa: S311
    waits, times = [], []

    def customer():  # noqa: ANN202
        born = world.now
        for station in resources:
            since = world.now
            with station.request() as turn:
                yield turn
                waits.append(world.now - since)
                yield world.timeout(chance.expovariate(1.0 / (0.9 * servers)))
        times.append(world.now - born)

    def source():  # noqa: ANN202
        for _ in range(CUSTOMERS):
            yield world.timeout(chance.expovariate(1.0))
            world.process(customer())

    world.process(source())
    begin = time.perf_counter()
    world.run()
    seconds = time.perf_counter() - begin
    return seconds, len(times) * (stations + 1)


def ciw_seconds(stations: int, servers: int) -> tuple[float, int]:
    """Simulate with Ciw; give seconds and events."""
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(1.0), *[None] * (stations - 1)],
        service_distributions=[ciw.dists.Exponential(1.0 / (0.9 * servers))] * stations,
        number_of_servers=[servers] * stations,
        routing=[[float(j == i + 1) for j in range(stations)] for i in range(stations)],
    )
    ciw.seed(1)
    world = ciw.Simulation(network)
    begin = time.perf_counter()
    world.simulate_until_max_customers(CUSTOMERS, method="Finish")
    seconds = time.perf_counter() - begin
    return seconds, len(world.get_all_records()) * (stations + 1) // stations


def corridor(volume: float = 1.0) -> Model:
    """Make up a corridor: 40 stations, 25 services, 60 routes, 25,000 consignments a year; only its size is real."""
    chance = random.Random(7)  # noqa: S311
    shifts = (None, None, None, Calendar(6, 22), Calendar(weekdays=(0, 1, 2, 3, 4, 5)))
    borders = [
        Station(f"station-{k:02}", chance.randint(2, 4), room=None if k % 4 else 60, calendar=chance.choice(shifts))
        for k in range(30)
    ]
    berths = [Station(f"station-{k:02}", chance.randint(2, 3)) for k in range(30, 40)]
    rules = ({"rule": "full_or_time", "max_wait_hours": 48.0}, {"rule": "timetable", "departures": (20.0, 100.0)}, {})
    services = []
    for k in range(25):
        first, last = chance.sample(berths, 2)
        rule = rules[k % 3]
        path = (
            Call("there", gamma(8.0, 0.4), berth=first.id, **rule),
            Travel(lognormal(24.0, 0.3)),
            Call("back", gamma(8.0, 0.4), berth=last.id),
            Travel(lognormal(24.0, 0.3)),
        )
        services.append(Service(f"service-{k:02}", 3, 60.0, path))
    routes = []
    for k in range(60):
        steps: list[Visit | Travel | Ride] = []
        for station in chance.sample(borders, 4):
            steps += [Visit(station.id, gamma(3.0 / volume, 0.7)), Travel(lognormal(15.0, 0.3))]
        if k % 2 == 0:
            steps.insert(4, Ride(f"service-{k % 25:02}", "there", "back"))
        season = tuple(1.0 + 0.2 * (month in {8, 9, 10}) for month in range(12))
        routes.append(Route(f"route-{k:02}", tuple(steps), exponential(20.0 / volume), profile=season, priority=k % 2))
    winds = tuple(
        Stoppage(f"wind-{k}", tuple(row.id for row in berths[2 * k : 2 * k + 2]), (0.05,), exponential(12.0))
        for k in range(5)
    )
    services = [Service(row.id, row.vehicles, row.capacity * volume, row.path) for row in services]
    strike = Closure("strike", ("station-03",), 4000.0, 4048.0)
    return Model((*borders, *berths), tuple(routes), tuple(services), (strike,), winds)


def compile_seconds() -> float:
    """Give what compilation adds to the seconds of a process with one small simulation."""
    code = (
        "import jibek.operations as o\n"
        "route = o.Route('r', (o.Visit('s', o.constant(1)),), o.constant(2))\n"
        "o.simulate(o.Model((o.Station('s'),), (route,)), hours=9)"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        seconds = []
        for _ in range(2):
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], env=environment, check=True)
            seconds.append(time.perf_counter() - begin)
    print(f"{'first simulation in a new process, compiled before, s':62}{seconds[1]:12.3g}")
    return seconds[0] - seconds[1]


def best(work: Callable[[], tuple[float, int]], runs: int) -> float:
    """Give events per second, the median of several runs."""
    return median(events / seconds for seconds, events in (work() for _ in range(runs)))


def main() -> None:
    """Print the table."""
    runs = 1 if "--quick" in sys.argv else RUNS
    print(f"{'':62}{'measured':>12}{'goal':>10}{'stretch':>10}")
    print(f"{'compile time, s':62}{compile_seconds():12.3g}")
    jibek_seconds(1, 8, 100)
    for name, stations, servers in (("M/M/8", 1, 8), ("ten stations in tandem", 10, 1)):
        own = best(lambda s=stations, c=servers: jibek_seconds(s, c), 2 * runs + 1)
        print(f"{f'{name}, Jibek, million events/s':62}{own / 1e6:12.3g}")
        for peer, work in (("SimPy", simpy_seconds), ("Ciw", ciw_seconds)):
            theirs = best(lambda s=stations, c=servers, w=work: w(s, c), runs)
            goal, stretch = GOALS[peer]
            print(f"{f'{name}, {peer}, thousand events/s':62}{theirs / 1e3:12.3g}")
            print(f"{f'{name}, times as fast as {peer}':62}{own / theirs:12.3g}{goal:10}{stretch:10}", flush=True)
    corridor_rows(REPLICATIONS if runs > 1 else 20)


def corridor_rows(replications: int) -> None:
    """Print what a year of a made-up corridor takes, and how cost per event grows with volume."""
    costs = []
    for volume in (1.0, 10.0):
        count = replications if volume == 1.0 else max(replications // 10, 2)
        begin = time.perf_counter()
        found = simulate(corridor(volume), hours=YEAR, warmup_hours=YEAR / 12, replications=count, seed=1)
        seconds = time.perf_counter() - begin
        events = int(found.events.sum())
        costs.append(seconds / events)
        if volume == 1.0:
            arrived = found.routes.arrived.value.sum() * 12 / 11
            print(f"{'corridor of 40 stations, consignments a year':62}{arrived:12,.0f}")
            print(f"{'corridor, events per replication':62}{events / count:12,.0f}")
            print(f"{'corridor, queues without end':62}{len(found.notices):12}")
            a_year = seconds / count * REPLICATIONS
            print(f"{f'corridor, a year, {REPLICATIONS} replications, s':62}{a_year:12.3g}{120:10}{60:10}")
        else:
            print(f"{'ten times the volume, queues without end':62}{len(found.notices):12}")
    print(f"{'cost per event with ten times the volume, over that with one':62}{costs[1] / costs[0]:12.3g}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{'memory at its peak, GiB':62}{peak:12.3g}{1.0:10}", flush=True)


if __name__ == "__main__":
    main()
