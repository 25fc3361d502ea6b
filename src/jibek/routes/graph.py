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
    "Demand",
    "Graph",
    "Label",
    "Tree",
    "added",
    "demand_for",
    "grow_tree",
    "is_simple",
    "repeated_places",
    "shortest_simple_path",
    "trace",
    "usable_graph",
]

Cost = tuple[float, float, float, float]
FREE: Cost = (0.0, 0.0, 0.0, 0.0)


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
        Bits of the demands that it meets.
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


def grow_tree(
    graph: Graph, cost: Sequence[Cost], *, backward: bool = False, seeds: Mapping[int, Cost] | None = None
) -> Tree:
    """Find the least cost from the origin to every node, or from every node to the destination (Dijkstra 1959).

    ``seeds`` are roots with a cost of their own that stand instead of the gate.
    """
    arcs_at, end = (graph.into, graph.tail) if backward else (graph.out, graph.head)
    best: list[Cost | None] = [None] * len(graph.out)
    by: list[int | None] = [None] * len(graph.out)
    heap = [(cost, node) for node, cost in (seeds or {graph.destination if backward else graph.origin: FREE}).items()]
    for root_cost, node in heap:
        best[node] = root_cost
    heapq.heapify(heap)
    while heap:
        reached, node = heapq.heappop(heap)
        if reached != best[node]:
            continue
        for arc in arcs_at[node]:
            total = added(reached, cost[arc])
            neighbour = end[arc]
            known = best[neighbour]
            if known is None or total < known:
                best[neighbour] = total
                by[neighbour] = arc
                heapq.heappush(heap, (total, neighbour))
    return Tree(best, by)


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


@dataclass(frozen=True)
class Demand:
    """One of several places that a path must pass.

    Attributes
    ----------
    places : frozenset of int
        Any of these.
    bound : list of Cost or None
        Least cost from each node to the destination past one of them.
    """

    places: frozenset[int]
    bound: list[Cost | None]


def demand_for(graph: Graph, places: frozenset[int], to_destination: Tree) -> Demand:
    """Bound the cost of passing one of some places on the way to the destination."""
    seeds = {
        node: cost for node, cost in enumerate(to_destination.cost) if cost is not None and graph.place[node] in places
    }
    return Demand(places, grow_tree(graph, graph.cost, backward=True, seeds=seeds).cost)


def shortest_simple_path(
    graph: Graph,
    cost: Sequence[Cost],
    to_destination: Tree,
    *,
    demands: Sequence[Demand] = (),
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
        Cost of each arc, at least ``graph.cost``.
    to_destination
        Tree of ``graph.cost`` to the destination.
    demands
        What the path must pass.
    forbidden
        Places that it must not pass.
    most
        Largest generalised cost that is of interest.

    Returns
    -------
    list of int or None
        Arcs, None if there is no such path.
    """
    critical: dict[int, int] = {}
    bounds = [to_destination.cost, *(demand.bound for demand in demands)]
    met = _bits_by_place(demands)
    while (path := _astar(graph, cost, bounds, met, critical, forbidden, most)) is not None:
        repeated = repeated_places(graph, path)
        if not repeated:
            return path
        for place in repeated:
            critical.setdefault(place, 1 << len(critical))
    return None


def _bits_by_place(demands: Sequence[Demand]) -> dict[int, int]:
    """Give each place the bits of the demands that it meets."""
    bits: dict[int, int] = {}
    for number, demand in enumerate(demands):
        for place in demand.places:
            bits[place] = bits.get(place, 0) | 1 << number
    return bits


def _astar(
    graph: Graph,
    cost: Sequence[Cost],
    bounds: Sequence[Sequence[Cost | None]],
    met_at: dict[int, int],
    critical: dict[int, int],
    forbidden: frozenset[int],
    most: float,
) -> list[int] | None:
    """Find the cheapest path that meets all demands and passes no critical place twice (A*, Hart et al. 1968).

    The state is the node, the critical places passed and the demands met. ``bounds`` are the least
    costs to the destination, first of all and then past each demand; the largest that is still due
    guides the search.
    """
    everything = (1 << len(bounds) - 1) - 1

    def rest(node: int, met: int) -> Cost | None:
        due = [bounds[0][node], *(bound[node] for i, bound in enumerate(bounds[1:]) if not met >> i & 1)]
        return None if None in due else max(due)  # type: ignore[type-var]

    origin = graph.place[graph.origin]
    labels = [Label(FREE, graph.origin, critical.get(origin, 0), -1, -1, met_at.get(origin, 0))]
    settled: list[list[tuple[int, int]]] = [[] for _ in graph.out]
    start = rest(graph.origin, labels[0].met)
    heap = [(start, graph.origin, 0)] if start is not None and origin not in forbidden else []
    while heap:
        _, node, number = heapq.heappop(heap)
        so_far, _, passed, _, _, met = labels[number]
        if any(less & passed == less and more & met == met for less, more in settled[node]):
            continue
        if node == graph.destination:
            return trace(labels, number)
        settled[node].append((passed, met))
        for arc in graph.out[node]:
            head = graph.head[arc]
            place = graph.place[head]
            bit = critical.get(place, 0) if place != graph.place[node] else 0
            if bit & passed or place in forbidden:
                continue
            now_met = met | met_at.get(place, 0)
            to_go = rest(head, now_met)
            if to_go is None or (head == graph.destination and now_met != everything):
                continue
            total = added(so_far, cost[arc])
            if total[0] + to_go[0] <= most:
                labels.append(Label(total, head, passed | bit, arc, number, now_met))
                heapq.heappush(heap, (added(total, to_go), head, len(labels) - 1))
    return None
