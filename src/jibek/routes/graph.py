"""The part of a network that one question may use, as lists, and searches in it.

One question touches a few thousand arcs: plain lists and the standard library's heap answer it
sooner than a compiler could be loaded. Costs are tuples compared in order (generalised hours, km,
hours, kg CO2), so that ties between equally good ways are broken by what the ways are.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from jibek.network import ArcCosts, Network

__all__ = [
    "FREE",
    "Cost",
    "Graph",
    "Label",
    "Tree",
    "added",
    "grow_tree",
    "is_simple",
    "least_to",
    "repeated_places",
    "shortest_simple_path",
    "trace",
    "usable_graph",
]

Cost = tuple[float, float, float, float]
FREE: Cost = (0.0, 0.0, 0.0, 0.0)
_MOST_CRITICAL = 6


class Label(NamedTuple):
    """A way to a node.

    Attributes
    ----------
    cost : Cost
        Of the way.
    node : int
        Where it ends.
    passed : int
        Bits of the critical places on it.
    arc, before : int
        Its last arc, and the number of the label that it extends; -1 at the origin.
    met : int
        Bits of the sets of places that it has met.
    """

    cost: Cost
    node: int
    passed: int
    arc: int
    before: int
    met: int = 0


def added(one: Cost, other: Cost) -> Cost:
    """Add two costs."""
    return one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3]


def trace(labels: Sequence[Label], number: int) -> list[int]:
    """List the arcs of a label's way from the origin."""
    arcs = []
    while labels[number].before >= 0:
        arcs.append(labels[number].arc)
        number = labels[number].before
    return arcs[::-1]


@dataclass(frozen=True)
class Graph:
    """Usable arcs between two gates.

    Attributes
    ----------
    out, into : list of list of int
        Arcs out of and into each node.
    tail, head : list of int
        End nodes of each arc.
    place : list of int
        Place of each node.
    cost : list of Cost
        Generalised hours, km, hours and kg CO2 of each arc.
    origin, destination : int
        Gates.
    """

    out: list[list[int]]
    into: list[list[int]]
    tail: list[int]
    head: list[int]
    place: list[int]
    cost: list[Cost]
    origin: int
    destination: int


@dataclass(frozen=True)
class Tree:
    """Least cost between the root and every node, and the arc there; None where nothing leads."""

    cost: list[Cost | None]
    arc: list[int | None]


def usable_graph(network: Network, costs: ArcCosts, usable: NDArray[np.bool_], origin: int, destination: int) -> Graph:
    """Turn the usable arcs of a network into lists."""
    tail, head = network.arc_from.tolist(), network.arc_to.tolist()
    out: list[list[int]] = [[] for _ in range(network.n_nodes)]
    into: list[list[int]] = [[] for _ in range(network.n_nodes)]
    for arc in np.flatnonzero(usable).tolist():
        out[tail[arc]].append(arc)
        into[head[arc]].append(arc)
    columns = costs.generalised_hours, network.km, costs.hours, costs.kg_co2
    cost = list(zip(*(column.tolist() for column in columns), strict=True))
    return Graph(out, into, tail, head, network.node_place.tolist(), cost, origin, destination)


def grow_tree(graph: Graph, *, backward: bool = False) -> Tree:
    """Find the least cost from the origin to every node, or from every node to the destination (Dijkstra 1959)."""
    root, arcs_at, end = (
        (graph.destination, graph.into, graph.tail) if backward else (graph.origin, graph.out, graph.head)
    )
    best: list[Cost | None] = [None] * len(graph.out)
    by: list[int | None] = [None] * len(graph.out)
    best[root] = FREE
    heap = [(FREE, root)]
    while heap:
        reached, node = heapq.heappop(heap)
        if reached != best[node]:
            continue
        for arc in arcs_at[node]:
            total = added(reached, graph.cost[arc])
            neighbour = end[arc]
            known = best[neighbour]
            if known is None or total < known:
                best[neighbour] = total
                by[neighbour] = arc
                heapq.heappush(heap, (total, neighbour))
    return Tree(best, by)


def least_to(
    graph: Graph, cost: Sequence[float], seeds: Mapping[int, float], forbidden: frozenset[int] = frozenset()
) -> list[float]:
    """Find the least of one cost from every node to the end past one of the seeds, infinite where nothing leads.

    Parameters
    ----------
    graph
        Where.
    cost
        Cost of each arc.
    seeds
        Nodes with what is still to go from them.
    forbidden
        Places that must not be passed.
    """
    best = [math.inf] * len(graph.out)
    for node, start in seeds.items():
        best[node] = start
    heap = [(start, node) for node, start in seeds.items()]
    heapq.heapify(heap)
    while heap:
        reached, node = heapq.heappop(heap)
        if reached > best[node]:
            continue
        for arc in graph.into[node]:
            tail = graph.tail[arc]
            total = reached + cost[arc]
            if total < best[tail] and graph.place[tail] not in forbidden:
                best[tail] = total
                heapq.heappush(heap, (total, tail))
    return best


def repeated_places(graph: Graph, path: Sequence[int]) -> list[int]:
    """List the places to which a path comes back after leaving them."""
    seen, repeated = {graph.place[graph.tail[path[0]]]}, []
    for arc in path:
        here = graph.place[graph.head[arc]]
        if here == graph.place[graph.tail[arc]]:
            continue
        if here in seen:
            repeated.append(here)
        seen.add(here)
    return repeated


def is_simple(graph: Graph, path: Sequence[int]) -> bool:
    """Tell whether a path never comes back to a place."""
    return not repeated_places(graph, path)


def shortest_simple_path(
    graph: Graph,
    cost: Sequence[Cost],
    *,
    via: Sequence[frozenset[int]] = (),
    forbidden: frozenset[int] = frozenset(),
    most: float = math.inf,
) -> list[int] | None:
    """Find the cheapest path that never comes back to a place.

    A cheapest path through the layers may come back, for a gauge change at a spur. The places to
    which it does become *critical*, and the search is repeated with the critical places passed as
    part of its state until none is repeated (decremental state-space relaxation, Righini and Salani
    2008, Networks 51(3)).

    Parameters
    ----------
    graph
        Where.
    cost
        Cost of each arc.
    via
        Places of which the path must pass one of each set, in any order.
    forbidden
        Places that it must not pass.
    most
        Largest generalised cost that is of interest.

    Returns
    -------
    list of int or None
        Arcs, None if there is no such path. A way past ``via`` that would go back and forth along
        many places is given up.
    """
    if graph.place[graph.destination] in forbidden:
        return None
    critical: dict[int, int] = {}
    bounds, met_at = _bounds_by_met(graph, cost, via, forbidden), _bits_by_place(via)
    while (path := _astar(graph, cost, bounds, met_at, critical, most)) is not None:
        repeated = repeated_places(graph, path)
        if not repeated:
            return path
        for place in repeated:
            critical.setdefault(place, 1 << len(critical))
        if via and len(critical) > _MOST_CRITICAL:
            return None
    return None


def _bits_by_place(via: Sequence[frozenset[int]]) -> dict[int, int]:
    """Give each place the bits of the sets that it meets."""
    bits: dict[int, int] = {}
    for number, places in enumerate(via):
        for place in places:
            bits[place] = bits.get(place, 0) | 1 << number
    return bits


def _bounds_by_met(
    graph: Graph, cost: Sequence[Cost], via: Sequence[frozenset[int]], forbidden: frozenset[int]
) -> list[list[float]]:
    """Bound what is to go from each node for each combination of sets met: the largest bound that is still due."""
    hours = [each[0] for each in cost]
    free = least_to(graph, hours, {graph.destination: 0.0}, forbidden)
    past = []
    for places in via:
        seeds = {node: to_go for node, to_go in enumerate(free) if graph.place[node] in places and to_go < math.inf}
        past.append(least_to(graph, hours, seeds, forbidden))
    due = ([bound for i, bound in enumerate(past) if not met >> i & 1] for met in range(1 << len(via)))
    bounds: list[list[float]] = [np.max([free, *bounds], axis=0).tolist() for bounds in due]
    return bounds


def _astar(
    graph: Graph,
    cost: Sequence[Cost],
    bounds: Sequence[Sequence[float]],
    met_at: dict[int, int],
    critical: dict[int, int],
    most: float,
) -> list[int] | None:
    """Find the cheapest path that meets all sets and passes no critical place twice (A*, Hart et al. 1968).

    The state is the node, the critical places passed and the sets met; ``bounds`` hold the least
    generalised hours that are still to go, by sets met and node.
    """
    everything = len(bounds) - 1
    origin = graph.place[graph.origin]
    labels = [Label(FREE, graph.origin, critical.get(origin, 0), -1, -1, met_at.get(origin, 0))]
    settled: list[list[tuple[int, int]]] = [[] for _ in graph.out]
    heap = [(0.0, FREE, graph.origin, 0)]
    while heap:
        _, so_far, node, number = heapq.heappop(heap)
        label = labels[number]
        passed, met = label.passed, label.met
        if any(less & passed == less and more & met == met for less, more in settled[node]):
            continue
        if node == graph.destination:
            return trace(labels, number)
        settled[node].append((passed, met))
        here = graph.place[node]
        for arc in graph.out[node]:
            head = graph.head[arc]
            place = graph.place[head]
            now_passed, now_met = passed, met
            if place != here:
                bit = critical.get(place, 0)
                if bit & passed:
                    continue
                now_passed, now_met = passed | bit, met | met_at.get(place, 0)
            if head == graph.destination and now_met != everything:
                continue
            total = added(so_far, cost[arc])
            estimate = total[0] + bounds[now_met][head]
            if estimate <= most and estimate < math.inf:
                labels.append(Label(total, head, now_passed, arc, number, now_met))
                heapq.heappush(heap, (estimate, total, head, len(labels) - 1))
    return None
