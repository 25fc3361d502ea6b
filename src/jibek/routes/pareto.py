"""Every way that is not beaten in hours, money and emission at once: the Pareto set of paths.

Exact label setting (Martins 1984, European Journal of Operational Research 16) in the order of
NAMOA* (Mandow and Pérez de la Cruz 2010, Journal of the ACM 57(5)): labels are bounded by the least
hours, USD and kg CO2 from their node to the destination, each from a tree of its own. As they leave
the heap by the first criterion, the other two suffice to compare them (Pulido, Mandow and Pérez de
la Cruz 2015, Computers and Operations Research 64).
"""

from __future__ import annotations

import bisect
import heapq
import math
from typing import TYPE_CHECKING

from jibek.routes.graph import FREE, Cost, Graph, Label, added, least_to, repeated_places, trace

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["pareto_paths", "spread"]

_TOLERANCE = 1e-9  # ways that differ by less are one: sums of the same hours in another order
_SMALLEST = 1e-6


def pareto_paths(graph: Graph, criteria: Sequence[Cost]) -> list[tuple[int, ...]]:
    """Find one path for every point of the Pareto set.

    Parameters
    ----------
    graph
        Where.
    criteria
        Hours, USD, kg CO2 and, to break ties, km of each arc.

    Returns
    -------
    list of tuple of int
        Arcs of each path, by hours; empty if nothing leads from origin to destination. No path comes
        back to a place it has left.
    """
    bounds = _bounds(graph, criteria)
    critical: dict[int, int] = {}
    while True:
        paths = _label_setting(graph, criteria, bounds, critical)
        repeated = sorted({place for path in paths for place in repeated_places(graph, path)})
        if not repeated:
            return paths
        for place in repeated:
            critical.setdefault(place, 1 << len(critical))


def _bounds(graph: Graph, criteria: Sequence[Cost]) -> list[Cost]:
    """Give the least of each criterion from every node to the destination, infinite where nothing leads."""
    seeds = {graph.destination: 0.0}
    hours, usd, kg_co2 = (least_to(graph, [cost[i] for cost in criteria], seeds) for i in range(3))
    return [(*least, 0.0) for least in zip(hours, usd, kg_co2, strict=True)]


class _Front:
    """Pairs of which none is beaten by another: the first of the pair rises, the second falls."""

    def __init__(self) -> None:
        self._first: list[float] = []
        self._second: list[float] = []

    def beats(self, first: float, second: float) -> bool:
        """Tell whether a pair here is at least as good in both."""
        at = bisect.bisect_right(self._first, first * (1 + _TOLERANCE))
        return at > 0 and self._second[at - 1] <= second * (1 + _TOLERANCE)

    def add(self, first: float, second: float) -> None:
        """Add a pair that is not beaten, and drop those that it beats."""
        start = bisect.bisect_left(self._first, first)
        end = start
        while end < len(self._second) and self._second[end] >= second:
            end += 1
        self._first[start:end] = [first]
        self._second[start:end] = [second]


def _label_setting(
    graph: Graph, criteria: Sequence[Cost], bounds: Sequence[Cost], critical: dict[int, int]
) -> list[tuple[int, ...]]:
    """Set labels of node and critical places passed, in the order of bounded hours, USD, emission and km."""
    start = bounds[graph.origin]
    if start[0] == math.inf:
        return []
    fronts: list[dict[int, _Front]] = [{} for _ in graph.out]
    labels = [Label(FREE, graph.origin, critical.get(graph.place[graph.origin], 0), -1, -1)]
    heap = [(start, graph.origin, 0)]
    reached = _Front()
    found = []
    while heap:
        estimate, node, number = heapq.heappop(heap)
        cost, passed = labels[number].cost, labels[number].passed
        if reached.beats(estimate[1], estimate[2]) or _is_beaten(fronts[node], passed, cost):
            continue
        fronts[node].setdefault(passed, _Front()).add(cost[1], cost[2])
        if node == graph.destination:
            reached.add(cost[1], cost[2])
            found.append((cost, number))
            continue
        for arc in graph.out[node]:
            head = graph.head[arc]
            rest = bounds[head]
            if rest[0] == math.inf:
                continue
            bit = critical.get(graph.place[head], 0) if graph.place[head] != graph.place[node] else 0
            if bit & passed:
                continue
            total = added(cost, criteria[arc])
            labels.append(Label(total, head, passed | bit, arc, number))
            heapq.heappush(heap, (added(total, rest), head, len(labels) - 1))
    return [tuple(trace(labels, number)) for number in _unbeaten(found)]


def _is_beaten(fronts: dict[int, _Front], passed: int, cost: Cost) -> bool:
    """Tell whether a label at the node that passed no more critical places is as good."""
    return any(before & passed == before and front.beats(cost[1], cost[2]) for before, front in fronts.items())


def _unbeaten(found: Sequence[tuple[Cost, int]]) -> list[int]:
    """Drop solutions that a later one beats, whose first criterion is larger by rounding only."""
    return [
        number for cost, number in found if not any(other is not cost and _beats(other, cost) for other, _ in found)
    ]


def _beats(one: Cost, other: Cost) -> bool:
    pairs = list(zip(one[:3], other[:3], strict=True))
    within = all(a <= b * (1 + _TOLERANCE) for a, b in pairs)
    return within and any(a < b * (1 - _TOLERANCE) for a, b in pairs)


def spread(points: Sequence[Sequence[float]], k: int) -> list[int]:
    """Pick up to k of many points that cover them well.

    The best by each criterion in turn, then the point farthest from all picked so far, by the ratio
    of values (Gonzalez 1985, Theoretical Computer Science 38).

    Returns
    -------
    list of int
        Positions, in the order of ``points``.
    """
    by_criterion = [[point[i] for point in points] for i in range(len(points[0]))]
    picked = list(dict.fromkeys(values.index(min(values)) for values in by_criterion))
    logs = [[math.log(max(value, _SMALLEST)) for value in point] for point in points]
    while len(picked) < min(k, len(points)):
        rest = [p for p in range(len(points)) if p not in picked]
        picked.append(max(rest, key=lambda p: min(math.dist(logs[p], logs[q]) for q in picked)))
    return sorted(picked[:k])
