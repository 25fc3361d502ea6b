"""Networks that benchmarks solve: generated cities, and the Chicago Regional network with demand by gravity."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from jibek.assignment import TrafficNetwork, TravelClass, TripTable, class_of, read_flows, read_network, solve
from jibek.assignment.graph import graph_of
from jibek.network.kernels import ALL, shortest_tree

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["chicago_regional", "city", "times_between"]

BLOCK_KM, JITTER_KM = 0.25, 0.06
# Local streets, arterial streets, motorways: km/h, vehicles per hour.
SPEED, CAPACITY = np.array([30.0, 50.0, 80.0]), np.array([600.0, 1500.0, 4000.0])
CONNECTOR_SPEED, CONNECTOR_CAPACITY = 20.0, 1e6
CITY_DECAY = 0.1  # per minute
CITY_LOAD = 1.5
CHICAGO_DECAY, CHICAGO_LEAST = 0.0638, 0.02  # per minute; trips
SWEEPS = 100


def city(side: int, n_zones: int, seed: int = 1) -> tuple[TrafficNetwork, TravelClass]:
    """Draw a city: blocks, every fifth street arterial, a ring and two axes of motorway, zones denser at the centre.

    Crossings are moved off their grid and every direction of a street has a speed and capacity of its own, so no two
    ways are equal. A zone is joined to its two nearest crossings and not passed through. Trips follow a doubly
    constrained gravity model at free times, all pairs of zones. They are as many as make flow over capacity
    `CITY_LOAD`, in the mean of what vehicles meet on streets, if all take the way that is shortest in an empty city; so
    in equilibrium the busiest streets carry more than their capacity.

    Parameters
    ----------
    side
        Crossings along an edge; there are ``4 side (side - 1) + 4 n_zones`` links.
    n_zones
        Zones.
    seed
        Of what is drawn.

    Returns
    -------
    tuple
        Network in minutes, kilometres and vehicles per hour; trips.
    """
    draw = np.random.default_rng(seed)
    tail, head, kind = _streets(side)
    grid = np.stack(np.divmod(np.arange(side * side), side), axis=1)
    crossing = BLOCK_KM * grid + draw.uniform(-JITTER_KM, JITTER_KM, (side * side, 2))
    street_km = np.linalg.norm(crossing[tail] - crossing[head], axis=1)
    middle = BLOCK_KM * (side - 1) / 2
    zone = np.clip(draw.normal(middle, middle / 2, (n_zones, 2)), 0, 2 * middle)
    apart = np.linalg.norm(zone[:, None] - crossing, axis=2)
    near = np.argsort(apart, axis=1, kind="stable")[:, :2]
    own, joint = np.repeat(np.arange(n_zones), 2), n_zones + near.ravel()
    connector_km = np.take_along_axis(apart, near, axis=1).ravel()

    n_streets, n_connectors = len(tail), 2 * len(own)
    length = np.concatenate([street_km, connector_km, connector_km])
    speed = np.concatenate([SPEED[kind] * draw.uniform(0.85, 1.15, n_streets), np.full(n_connectors, CONNECTOR_SPEED)])
    capacity = np.concatenate(
        [CAPACITY[kind] * draw.uniform(0.7, 1.3, n_streets), np.full(n_connectors, CONNECTOR_CAPACITY)]
    )
    network = TrafficNetwork(
        node_ids=tuple(str(number) for number in range(1, n_zones + side * side + 1)),
        n_zones=n_zones,
        first_through=n_zones,
        link_ids=tuple(str(number) for number in range(1, n_streets + n_connectors + 1)),
        tail=np.concatenate([n_zones + tail, own, joint]).astype(np.int32),
        head=np.concatenate([n_zones + head, joint, own]).astype(np.int32),
        free_time=60 * length / speed,
        capacity=capacity,
        b=np.repeat([0.15, 0.0], [n_streets, n_connectors]),
        power=np.full(n_streets + n_connectors, 4.0),
        length=length,
        toll=np.zeros(n_streets + n_connectors),
    )
    produced, attracted = draw.lognormal(0, 0.5, (2, n_zones))
    attracted *= produced.sum() / attracted.sum()
    trips = _gravity(times_between(network, network.free_time), produced, attracted, CITY_DECAY)
    shortest = class_of(network, _table(trips))
    flow = solve(network, [shortest], gap=1.0).volume[:n_streets]  # before any shift all are on the shortest ways
    met = (flow * flow / network.capacity[:n_streets]).sum() / flow.sum()
    return network, replace(shortest, trips=shortest.trips * (CITY_LOAD / met))


def chicago_regional(folder: Path) -> tuple[TrafficNetwork, TravelClass]:
    """Read the Chicago Regional network, and make trips for it, since its trip table is not everywhere to be had.

    What each zone sends and receives is read off the published flows on its connectors. Trips follow a doubly
    constrained gravity model at the published costs; cells below `CHICAGO_LEAST` are dropped. That is good for times,
    not for the published optimum.
    """
    network = read_network(folder / "ChicagoRegional_net.tntp.gz")
    published = read_flows(folder / "ChicagoRegional_flow.tntp.gz", network)
    produced, attracted = (
        np.bincount(ends, published.flow, network.n_nodes)[: network.n_zones] for ends in (network.tail, network.head)
    )
    trips = _gravity(times_between(network, published.cost), produced, attracted, CHICAGO_DECAY)
    trips[trips < CHICAGO_LEAST] = 0.0
    return network, class_of(network, _table(trips), toll_factor=0.1, distance_factor=0.25)


def times_between(network: TrafficNetwork, cost: Floats) -> Floats:
    """Give the least cost between all zones, shape (n_zones, n_zones)."""
    graph = graph_of(network)
    first_out, head, cost = graph.first_out.astype(np.int64), graph.head.astype(np.int32), cost[graph.link]
    trees = (shortest_tree(first_out, head, cost, start, ALL) for start in graph.start.tolist())
    return np.stack([distance[: network.n_zones] for distance, _ in trees])


def _streets(side: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Lay out streets, each in both directions: the crossings at their ends, and their kind (see `SPEED`)."""
    number = np.arange(side * side).reshape(side, side)
    line, along = np.indices((side, side - 1))  # which street, which of its blocks
    across, off = np.abs(line - side // 2), np.abs(along + 0.5 - side // 2)
    is_motorway = (across == 0) | ((across == side // 4) & (off < side // 4))
    kind = np.where(is_motorway, 2, np.where(line % 5 == 0, 1, 0)).ravel()
    tail = np.concatenate([number[:, :-1].ravel(), number.T[:, :-1].ravel()])
    head = np.concatenate([number[:, 1:].ravel(), number.T[:, 1:].ravel()])
    return np.concatenate([tail, head]), np.concatenate([head, tail]), np.tile(kind, 4)


def _gravity(times: Floats, produced: Floats, attracted: Floats, decay: float) -> Floats:
    """Spread trips over pairs in proportion to ``exp(-decay * time)`` so that both totals of each zone are met.

    By iterative proportional fitting (Furness 1965), without trips within zones. Sums are NumPy's own, which come out
    the same whatever the number of threads.
    """
    weight = np.exp(-decay * times)
    np.fill_diagonal(weight, 0.0)
    balance = np.ones(len(weight))
    for _ in range(SWEEPS):
        sent = produced / (weight * balance).sum(axis=1)
        balance = attracted / (weight * sent[:, None]).sum(axis=0)
    return sent[:, None] * weight * balance


def _table(trips: Floats) -> TripTable:
    """Keep the pairs that have trips."""
    origin, destination = np.nonzero(trips)
    return TripTable(origin.astype(np.int32), destination.astype(np.int32), trips[origin, destination])
