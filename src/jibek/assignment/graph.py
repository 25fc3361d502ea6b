"""A traffic network as the kernels want it: arcs in forward star order, zones that nobody passes through cut in two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jibek.assignment.problem import DelayKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from jibek.assignment.problem import TrafficNetwork, TravelClass

    Floats = NDArray[np.float64]

__all__ = ["Graph", "Trips", "fixed_costs", "graph_of", "pair_numbers", "same_arcs", "trips_of"]


@dataclass(frozen=True)
class Graph:
    """Arcs in forward star order.

    A node below ``first_through`` has its outgoing links moved to a twin, from which its trips begin; so no way leads
    through it, and the kernels need no rule for it. A link from a node to itself is left out.

    Attributes
    ----------
    link : int64 array, shape (n_arcs,)
        Link of each arc.
    first_out : uint32 array, shape (n_graph_nodes + 1,)
        The arcs out of ``v`` are ``first_out[v]`` to ``first_out[v + 1] - 1``.
    head, tail : uint32 arrays, shape (n_arcs,)
        Where arcs end and begin.
    start : uint32 array, shape (n_zones,)
        Node where the trips of each zone begin; they end at the node that has the zone's number.
    kind : uint8 array, shape (n_arcs,)
        `DelayKind`.
    delay : float64 array, shape (n_arcs, 4)
        Free time, 1 over capacity, rise (free time times ``b``), power.
    closed : bool array, shape (n_arcs,)
        Capacity 0.
    """

    link: NDArray[np.int64]
    first_out: NDArray[np.uint32]
    head: NDArray[np.uint32]
    tail: NDArray[np.uint32]
    start: NDArray[np.uint32]
    kind: NDArray[np.uint8]
    delay: Floats
    closed: NDArray[np.bool_]


@dataclass(frozen=True)
class Trips:
    """Trips of one class between zones, by origin.

    Attributes
    ----------
    origin : uint32 array, shape (n_origins,)
        Zones where any trip begins, ascending.
    first_pair : int64 array, shape (n_origins + 1,)
        Pairs of each origin.
    destination : uint32 array, shape (n_pairs,)
        Zones, ascending for each origin, none twice and none the origin.
    trips : float64 array, shape (n_pairs,)
        Above 0.
    within : float64 array, shape (n_zones,)
        Trips within each zone, which use no link.
    """

    origin: NDArray[np.uint32]
    first_pair: NDArray[np.int64]
    destination: NDArray[np.uint32]
    trips: Floats
    within: Floats


def graph_of(network: TrafficNetwork) -> Graph:
    """Lay out a network."""
    n_nodes, cut = network.n_nodes, network.first_through
    outward = np.where(network.tail < cut, n_nodes + network.tail, network.tail)
    link = np.lexsort((network.head, outward))
    link = link[network.tail[link] != network.head[link]]
    tail = outward[link].astype(np.uint32)
    zones = np.arange(network.n_zones)
    power, rise, free = network.power[link], (network.free_time * network.b)[link], network.free_time[link]
    kind = network.delay_kind[link].copy()
    closed = network.capacity[link] == 0
    is_flat = (rise == 0) | ((kind == DelayKind.BPR) & (power == 0)) | closed
    free = np.where(is_flat & (kind == DelayKind.BPR) & (power == 0), free + rise, free)
    kind[is_flat] = DelayKind.CONSTANT
    per_capacity = 1 / np.where(closed, 1.0, network.capacity[link])
    return Graph(
        link=link,
        first_out=np.searchsorted(tail, np.arange(n_nodes + cut + 1)).astype(np.uint32),
        head=network.head[link].astype(np.uint32),
        tail=tail,
        start=np.where(zones < cut, n_nodes + zones, zones).astype(np.uint32),
        kind=kind,
        delay=np.ascontiguousarray(np.column_stack([free, per_capacity, rise, power])),
        closed=closed,
    )


def same_arcs(graph: Graph, other: Graph) -> bool:
    """Say whether two graphs have the same arcs, whatever they cost and whether they are open."""
    names = "link", "tail", "head", "start"
    return all(np.array_equal(getattr(graph, name), getattr(other, name)) for name in names)


def fixed_costs(graph: Graph, classes: Sequence[TravelClass]) -> Floats:
    """Give the fixed cost of each arc for each class, shape (n_classes, n_arcs); infinite where it may not go."""
    costs = np.full((len(classes), len(graph.link)), np.inf)
    for k, each in enumerate(classes):
        is_open = each.allowed[graph.link] & ~graph.closed
        costs[k, is_open] = each.fixed_cost[graph.link][is_open]
    return costs


def trips_of(travel: TravelClass, n_zones: int) -> Trips:
    """Add up trips of the same pair and sort them by origin."""
    origin, destination = travel.origin.astype(np.int64), travel.destination.astype(np.int64)
    is_within = origin == destination
    within = np.bincount(origin[is_within], travel.trips[is_within], minlength=n_zones)
    goes = ~is_within & (travel.trips > 0)
    pair, trips = origin[goes] * n_zones + destination[goes], travel.trips[goes]
    if np.any(np.diff(pair) <= 0):  # a table that is in order already is taken as it stands
        pair, row = np.unique(pair, return_inverse=True)
        trips = np.bincount(row, trips, minlength=len(pair))
    its_origin = pair // max(n_zones, 1)
    first_pair = np.flatnonzero(np.diff(its_origin, prepend=-1))
    return Trips(
        origin=its_origin[first_pair].astype(np.uint32),
        first_pair=np.append(first_pair, len(pair)).astype(np.int64),
        destination=(pair % max(n_zones, 1)).astype(np.uint32),
        trips=trips.astype(np.float64),
        within=within.astype(np.float64),
    )


def pair_numbers(trips: Trips, origin: NDArray[np.integer], destination: NDArray[np.integer]) -> NDArray[np.int64]:
    """Find pairs of zones among those of trips; -1 where there is none."""
    n_zones = len(trips.within)
    known = np.repeat(trips.origin, np.diff(trips.first_pair)).astype(np.int64) * n_zones + trips.destination
    wanted = origin.astype(np.int64) * n_zones + destination
    number = np.searchsorted(known, wanted)
    found = np.append(known, -1)[number] == wanted
    return np.where(found, number, -1)
