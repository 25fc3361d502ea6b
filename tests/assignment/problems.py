"""Traffic problems that tests assign, and how to read the public benchmark files."""

from __future__ import annotations

import csv
import os
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jibek.assignment import DelayKind, TrafficNetwork, TravelClass, read_problem

HERE = Path(__file__).parent


def network_of(
    n_nodes: int,
    links: list[tuple[int, int, float, float, float, float]],
    *,
    n_zones: int | None = None,
    first_through: int = 0,
    kinds: list[int] | None = None,
) -> TrafficNetwork:
    """Make a network of links ``(tail, head, free time, capacity, b, power)``."""
    table = np.array(links, dtype=float).reshape(-1, 6)
    return TrafficNetwork(
        node_ids=tuple(f"n{number}" for number in range(n_nodes)),
        n_zones=n_nodes if n_zones is None else n_zones,
        first_through=first_through,
        link_ids=tuple(f"l{number}" for number in range(len(table))),
        tail=table[:, 0].astype(np.int32),
        head=table[:, 1].astype(np.int32),
        free_time=table[:, 2].copy(),
        capacity=table[:, 3].copy(),
        b=table[:, 4].copy(),
        power=table[:, 5].copy(),
        length=np.ones(len(table)),
        toll=np.zeros(len(table)),
        delay=None if kinds is None else np.array(kinds, dtype=np.uint8),
    )


def class_of(network: TrafficNetwork, trips: list[tuple[int, int, float]], **changes: object) -> TravelClass:
    """Make a class of trips ``(origin, destination, number)`` that may go everywhere and pays nothing."""
    table = np.array(trips, dtype=float).reshape(-1, 3)
    plain = TravelClass(
        name="car",
        origin=table[:, 0].astype(np.int32),
        destination=table[:, 1].astype(np.int32),
        trips=table[:, 2].copy(),
        fixed_cost=np.zeros(network.n_links),
        allowed=np.ones(network.n_links, dtype=bool),
        load=1.0,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def sioux_falls() -> tuple[TrafficNetwork, TravelClass]:
    """Sioux Falls of LeBlanc, Morlok and Pierskalla (1975), Transportation Research 9.

    The time of a link is ``time + rise * 1e-18 * flow ** 4``, its coefficients as printed. The public benchmark holds
    the same as capacities of ten digits; the best-known objective is that of the rounded ones.
    """
    with (HERE / "sioux_falls_links.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    links = []
    for row in rows:
        time, rise = float(row["time"]), float(row["rise"]) * 1e-18
        capacity = float(f"{(0.15 * time / rise) ** 0.25:.10g}")
        links.append((int(row["from"]) - 1, int(row["to"]) - 1, time, capacity, 0.15, 4.0))
    network = network_of(24, links)
    with (HERE / "sioux_falls_trips.csv").open(encoding="utf-8", newline="") as file:
        matrix = np.array(list(csv.reader(file)), dtype=float)
    origin, destination = np.nonzero(matrix)
    trips = matrix[origin, destination]
    return network, class_of(network, list(zip(origin.tolist(), destination.tolist(), trips.tolist(), strict=True)))


def grid(side: int, n_zones: int, seed: int) -> tuple[TrafficNetwork, TravelClass]:
    """Make a city of blocks with streets of unlike width, zones at its first crossings."""
    draw = random.Random(seed)
    links = []
    for row in range(side):
        for column in range(side):
            here = row * side + column
            for there in ([here + 1] if column + 1 < side else []) + ([here + side] if row + 1 < side else []):
                links += [
                    (tail, head, draw.uniform(1, 3), draw.uniform(50, 200), 0.15, 4.0)
                    for tail, head in ((here, there), (there, here))
                ]
    network = network_of(side * side, links, n_zones=n_zones)
    zones = range(n_zones)
    trips = [(i, j, draw.uniform(0, 0.5)) for i in zones for j in zones if i != j and draw.random() < 0.5]
    return network, class_of(network, trips)


def benchmark(name: str, *, toll_factor: float, distance_factor: float) -> tuple[TrafficNetwork, TravelClass]:
    """Read a public benchmark (Transportation Networks for Research), or skip the test."""
    home = os.environ.get("JIBEK_BENCHMARK_DATA")
    folder = Path(home or "", "tntp", name)
    if not home or not folder.is_dir():
        pytest.skip("JIBEK_BENCHMARK_DATA does not name the folder of the benchmark files")
    problem = read_problem(
        folder / f"{name}_net.tntp",
        folder / f"{name}_trips.tntp",
        toll_factor=toll_factor,
        distance_factor=distance_factor,
    )
    return problem.network, problem.classes[0]


def hostile(seed: int) -> tuple[TrafficNetwork, list[TravelClass]]:
    """Draw a small network with ties, zero-cost cycles, dead ends, loops, twins and closed links, and odd trips."""
    draw = random.Random(seed)
    n_nodes = draw.randint(1, 8)
    n_zones = draw.randint(1, n_nodes)
    links = []
    for _ in range(draw.choice([0, 3, 12, 30])):
        ends = draw.randrange(n_nodes), draw.randrange(n_nodes)
        time, capacity = draw.choice([0.0, 0.0, 1.0, 1.0, 2.0, 0.3]), draw.choice([0.0, 1.0, 1.0, 10.0, 0.01])
        links.append((*ends, time, capacity, draw.choice([0.0, 0.15, 1.0]), draw.choice([0.0, 1.0, 1.5, 4.0])))
        links += [links[-1]] * draw.choice([0, 0, 0, 1, 2])
    kinds = [
        draw.choice([DelayKind.BPR, DelayKind.BPR, DelayKind.CONICAL, DelayKind.CONSTANT])
        if power > 1
        else DelayKind.BPR
        for *_, power in links
    ]
    first_through = draw.choice([0, 0, n_zones, draw.randint(0, n_nodes)])
    network = network_of(n_nodes, links, n_zones=n_zones, first_through=first_through, kinds=kinds)
    classes = []
    for number in range(draw.choice([0, 1, 1, 1, 2, 2])):
        trips = [
            (draw.randrange(n_zones), draw.randrange(n_zones), draw.choice([0.0, 1.0, 1.0, 0.1, 5.0]))
            for _ in range(draw.choice([0, 1, 5, 12]))
        ]
        changes = {
            "name": f"class {number}",
            "fixed_cost": np.array([draw.choice([0.0, 0.0, 1.0]) for _ in links]),
            "allowed": np.array([draw.random() < 0.9 for _ in links], dtype=bool),
            "load": draw.choice([1.0, 1.0, 2.5, 0.0]),
        }
        classes.append(class_of(network, trips, **changes))
    return network, classes
