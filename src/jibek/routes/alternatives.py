"""Good and really different ways: k paths of least generalised cost with limited overlap.

Finding them exactly takes exponential time. After the best path of each named corridor, candidates
are *single-via paths*, the cheapest ways through each arc, from one tree at the origin and one at the destination; they are taken in the
order of their cost where they overlap little enough with those taken before (SVP+ of Chondrogiannis,
Bouros, Gamper, Leser and Blumenthal 2020, Finding k-shortest paths with limited overlap, VLDB
Journal 29, section 6, with arcs for nodes, so that a place more on a link changes nothing). If they
do not suffice, links already taken are made dearer and the search is repeated (penalty method,
Akgün, Erkut and Batta 2000, European Journal of Operational Research 121).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jibek.routes.graph import Cost, Graph, Tree, added, grow_tree, is_simple, shortest_simple_path
from jibek.routes.named import NamedWay, best_path_along, places_of, way_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["Candidate", "best_alternatives", "overlap"]

_PENALTY = 0.5  # what a link gets dearer by, of its own cost, each time a path takes it
_ROUNDS_PER_ROUTE = 4
_MOST_DETOUR = 2.0  # a path that costs more than this many times the best is no alternative,
_MOST_DETOUR_OF_NAMED = 2.5  # unless it is a named corridor and costs no more than this


@dataclass(frozen=True, order=True)
class Candidate:
    """A path with its cost, and the km of each link on it."""

    cost: Cost
    arcs: tuple[int, ...]


def overlap(one: Mapping[int, float], other: Mapping[int, float]) -> float:
    """Share of km that two routes have in common, of the shorter; each maps its links to km."""
    shorter = min(sum(one.values()), sum(other.values()))
    common = sum(km for link, km in one.items() if link in other)
    return common / shorter if shorter > 0 else float(one.keys() == other.keys())


def best_alternatives(
    graph: Graph,
    *,
    k: int,
    most_overlap: float,
    km_by_link: Callable[[Sequence[int]], dict[int, float]],
    named_ways: Sequence[NamedWay],
) -> list[tuple[int, ...]]:
    """Choose up to k paths that a planner would call different.

    The best path comes first. Then the best path of every further named corridor whose generalised
    cost is at most two and a half times the best, then whatever is cheapest up to twice the best; always with
    at most ``most_overlap`` in common with each path already chosen.

    Parameters
    ----------
    graph
        Where.
    k
        How many at most.
    most_overlap
        Largest share of km in common, of the shorter of two.
    km_by_link
        Links of a path with their km.
    named_ways
        The corridors that have a name, in the order in which they give it.

    Returns
    -------
    list of tuple of int
        Arcs of each path, by generalised cost; empty if nothing leads from origin to destination.
    """
    to_destination = grow_tree(graph, graph.cost, backward=True)
    best = shortest_simple_path(graph, graph.cost, to_destination)
    if best is None:
        return []
    chosen = _Choice(k, most_overlap, km_by_link)
    first = _candidate(graph, best)
    chosen.offer(first)
    most = _MOST_DETOUR * first.cost[0]
    from_origin = grow_tree(graph, graph.cost)
    for offers in (
        _named_paths(graph, from_origin, to_destination, first, named_ways),
        _single_via_paths(graph, from_origin, to_destination, most=most),
    ):
        if not chosen.is_full:
            for candidate in sorted(set(offers)):
                chosen.offer(candidate)
    _penalised(graph, to_destination, chosen, most=most)
    return [candidate.arcs for candidate in sorted(chosen.taken)]


class _Choice:
    """The paths taken so far, at most k, no two of which overlap too much."""

    def __init__(self, k: int, most_overlap: float, km_by_link: Callable[[Sequence[int]], dict[int, float]]) -> None:
        self.k = k
        self.most_overlap = most_overlap
        self.km_by_link = km_by_link
        self.taken: list[Candidate] = []
        self._links: list[dict[int, float]] = []

    @property
    def is_full(self) -> bool:
        return len(self.taken) >= self.k

    def offer(self, candidate: Candidate) -> bool:
        """Take a path if there is room for it and it differs enough."""
        if self.is_full:
            return False
        links = self.km_by_link(candidate.arcs)
        if any(overlap(links, other) > self.most_overlap for other in self._links):
            return False
        self.taken.append(candidate)
        self._links.append(links)
        return True


def _candidate(graph: Graph, path: Sequence[int]) -> Candidate:
    costs = zip(*(graph.cost[arc] for arc in path), strict=True)
    first, second, third, fourth = (sum(column) for column in costs)
    return Candidate((first, second, third, fourth), tuple(path))


def _single_via_paths(graph: Graph, from_origin: Tree, to_destination: Tree, *, most: float) -> Iterator[Candidate]:
    """Join the cheapest way to every arc and the cheapest way from it.

    An arc of the origin's tree gives the same path as the arc after it, so only the others count.
    """
    for arcs in graph.out:
        for arc in arcs:
            tail, head = graph.tail[arc], graph.head[arc]
            before, after = from_origin.cost[tail], to_destination.cost[head]
            if before is None or after is None or before[0] + graph.cost[arc][0] + after[0] > most:
                continue
            if from_origin.arc[head] == arc and head != graph.destination:
                continue
            path = [
                *_to_root(graph, from_origin, tail),
                arc,
                *_to_root(graph, to_destination, head, backward=True),
            ]
            if is_simple(graph, path):
                yield _candidate(graph, path)


def _to_root(graph: Graph, tree: Tree, node: int, *, backward: bool = False) -> list[int]:
    """Follow a tree from a node to its root; arcs in the order of travel."""
    end = graph.head if backward else graph.tail
    arcs = []
    while (arc := tree.arc[node]) is not None:
        arcs.append(arc)
        node = end[arc]
    return arcs if backward else arcs[::-1]


def _named_paths(
    graph: Graph, from_origin: Tree, to_destination: Tree, best: Candidate, named_ways: Sequence[NamedWay]
) -> Iterator[Candidate]:
    """Find the best path along each named corridor other than that of the best path."""
    most = _MOST_DETOUR_OF_NAMED * best.cost[0]
    taken = way_of(named_ways, places_of(graph, best.arcs))
    near: set[int] = set()
    for node, (before, after) in enumerate(zip(from_origin.cost, to_destination.cost, strict=True)):
        if before is not None and after is not None and before[0] + after[0] <= most:
            near.add(graph.place[node])
    for way in named_ways:
        if way is taken or any(places.isdisjoint(near) for places in way.via):
            continue
        path = best_path_along(graph, way, named_ways, to_destination, most=most)
        if path is not None:
            yield _candidate(graph, path)


def _penalised(graph: Graph, to_destination: Tree, chosen: _Choice, *, most: float) -> None:
    """Make what was found dearer and search again until k paths are taken or the rounds are over."""
    cost = list(graph.cost)
    for candidate in chosen.taken:
        _make_dearer(graph, cost, candidate.arcs)
    for _ in range(_ROUNDS_PER_ROUTE * chosen.k):
        if chosen.is_full:
            return
        path = shortest_simple_path(graph, cost, to_destination)
        if path is None:
            return
        candidate = _candidate(graph, path)
        if candidate.cost[0] <= most:
            chosen.offer(candidate)
        _make_dearer(graph, cost, path)


def _make_dearer(graph: Graph, cost: list[Cost], path: Sequence[int]) -> None:
    for arc in path:
        cost[arc] = added(cost[arc], (_PENALTY * graph.cost[arc][0], 0.0, 0.0, 0.0))
