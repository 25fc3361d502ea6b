"""Time the simulation of operations beside SimPy and Ciw, and a year of the whole corridor beside its goals.

    python benchmarks/operations.py [--quick | --corridor]

Both sides serve 100,000 customers (Jibek as many as come in 100,000 hours at one an hour), and the events counted are
the same: arrivals and ends of service. Jibek runs its general event loop with all statistics on, SimPy and Ciw note
waits and times in system. The corridor is the embedded one with the flows of its own year; with more volume, stations
and vessels do as much more, so that only the number of events grows.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import ciw
import numpy as np
import simpy

from jibek.operations import (
    WARMUP_HOURS,
    YEAR_HOURS,
    Model,
    Ride,
    Route,
    Rules,
    Station,
    Travel,
    Visit,
    exponential,
    simulate,
)

if TYPE_CHECKING:
    from collections.abc import Callable

CUSTOMERS = 100_000
RUNS = 3
REPLICATIONS = 200
ENDLESS = 1e12  # the greatest capacity, of vessels of which none is known
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


def grown(model: Model, volume: float) -> Model:
    """Give a corridor with so many times the consignments, vessels that carry and stations that do as much more."""

    def faster(step: Visit | Travel | Ride) -> Visit | Travel | Ride:
        return replace(step, hours=step.hours.scaled(1.0 / volume)) if isinstance(step, Visit) else step

    routes = (
        replace(row, steps=tuple(map(faster, row.steps)), interval=row.interval.scaled(1.0 / volume))
        for row in model.routes
        if row.interval is not None
    )
    services = (replace(row, capacity=min(row.capacity * volume, ENDLESS)) for row in model.services)
    return replace(model, routes=tuple(routes), services=tuple(services))


def write_corridor(file: Path) -> None:
    """Assign the demand of the embedded corridor and write what is simulated of it."""
    from jibek.corridor import packaged_scenarios, read_corridor  # noqa: PLC0415 - what the year does not need
    from jibek.study.case import Case  # noqa: PLC0415
    from jibek.study.operated import prepared  # noqa: PLC0415

    base = read_corridor(None)
    model = prepared(Case(base, None, packaged_scenarios(None, base))).model(Rules()).model
    file.write_bytes(pickle.dumps(model))


def simulate_year(file: Path, volume: float, replications: int) -> None:
    """Simulate the corridor for a year; print what it took."""
    model = grown(pickle.loads(file.read_bytes()), volume)  # noqa: S301 - written by this program
    tiny = Model((Station("s"),), (Route("r", (Visit("s", exponential(1.0)),), exponential(2.0)),))
    simulate(tiny, hours=9.0)  # reads the compiled code
    begin = time.perf_counter(), time.process_time()
    found = simulate(
        model, hours=WARMUP_HOURS + YEAR_HOURS, warmup_hours=WARMUP_HOURS, replications=replications, seed=0
    )
    wall, processor = time.perf_counter() - begin[0], time.process_time() - begin[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    endless = sum(np.isnan(found.stations.wait.mean.value[found.stations.arrived.value > 0]))
    print(json.dumps([wall, processor, peak, int(found.events.sum()), int(endless), found.little]))


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
    """Print what a year of the whole corridor takes, each volume in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model"
        subprocess.run([sys.executable, __file__, "--write", str(file)], check=True)
        costs = []
        for volume, count in ((1, replications), (3, max(replications // 10, 2)), (10, max(replications // 40, 2))):
            command = [sys.executable, __file__, "--year", str(file), str(volume), str(count)]
            told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            wall, processor, peak, events, endless, little = json.loads(told)
            costs.append(processor / events)
            name = f"corridor, {volume} times the volume"
            print(f"{f'{name}, million events a replication':62}{events / count / 1e6:12.3g}")
            timed = f"{120:10}{60:10}" if count == REPLICATIONS else ""
            print(f"{f'{name}, a year, {count} replications, s':62}{wall:12.3g}{timed}")
            print(f"{f'{name}, the same on all processors together, s':62}{processor:12.3g}")
            print(f"{f'{name}, processor time an event, ns':62}{1e9 * costs[-1]:12.3g}")
            print(f"{f'{name}, memory at its peak, GiB':62}{peak:12.3g}{1.0:10}")
            print(f"{f'{name}, queues without end':62}{endless:12}")
            print(f"{f'{name}, Little, largest difference':62}{little:12.1e}", flush=True)
    print(f"{'cost an event, ten times the volume over one':62}{costs[-1] / costs[0]:12.3g}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--write", file]:
            write_corridor(Path(file))
        case ["--year", file, volume, count]:
            simulate_year(Path(file), float(volume), int(count))
        case ["--corridor"]:
            corridor_rows(REPLICATIONS)
        case _:
            main()
