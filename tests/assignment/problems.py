"""Traffic problems that tests assign, and how to read the public benchmark files."""

from __future__ import annotations

import csv
import gzip
import os
import random
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jibek.assignment import DelayKind, TrafficNetwork, TravelClass

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
    """Sioux Falls of LeBlanc, Morlok and Pierskalla (1975), Transportation Research 9, in the benchmark's units."""
    with (HERE / "sioux_falls_links.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    network = network_of(
        24, [(int(r["from"]) - 1, int(r["to"]) - 1, float(r["time"]), float(r["capacity"]), 0.15, 4.0) for r in rows]
    )
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
    if not home:
        pytest.skip("JIBEK_BENCHMARK_DATA does not name the folder of the benchmark files")
    folder = Path(home) / "tntp" / name
    network = read_network(folder / f"{name}_net.tntp")
    trips = read_trips(folder / f"{name}_trips.tntp")
    fixed_cost = toll_factor * network.toll + distance_factor * network.length
    return network, class_of(network, trips, fixed_cost=fixed_cost)


def read_network(path: Path) -> TrafficNetwork:
    """Read a network in TNTP format."""
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text(encoding="utf-8")
    head, body = text.split("<END OF METADATA>")
    numbers = {key: int(value) for key, value in re.findall(r"<([A-Z ]+)>\s*(\d+)", head)}
    lines = [line.replace(";", "").split() for line in body.splitlines() if line.strip() and "~" not in line]
    table = np.array(lines, dtype=float)
    network = network_of(
        numbers["NUMBER OF NODES"],
        [(r[0] - 1, r[1] - 1, r[4], r[2], r[5], r[6]) for r in table],
        n_zones=numbers["NUMBER OF ZONES"],
        first_through=numbers["FIRST THRU NODE"] - 1,
    )
    return replace(network, length=table[:, 3].copy(), toll=table[:, 8].copy())


def read_trips(path: Path) -> list[tuple[int, int, float]]:
    """Read trips in TNTP format."""
    trips = []
    for part in path.read_text(encoding="utf-8").split("Origin")[1:]:
        origin = int(part.split()[0]) - 1
        trips += [(origin, int(to) - 1, float(much)) for to, much in re.findall(r"(\d+)\s*:\s*([\d.eE+-]+)", part)]
    return trips


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
