"""What makes one more path worth showing: little in common with the others, and no needless detour."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jibek.routes.graph import FREE, Cost, Graph, added

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Candidate", "Choice", "candidate_of", "largest_detour", "overlap"]


@dataclass(frozen=True, order=True)
class Candidate:
    """A path and its cost, by which candidates are sorted."""

    cost: Cost
    arcs: tuple[int, ...]


def candidate_of(graph: Graph, path: Sequence[int]) -> Candidate:
    """Sum the cost of a path."""
    cost = FREE
    for arc in path:
        cost = added(cost, graph.cost[arc])
    return Candidate(cost, tuple(path))


def overlap(one: Mapping[int, float], other: Mapping[int, float]) -> float:
    """Share of km that two routes have in common, of the shorter; each maps its links to km."""
    shorter = min(sum(one.values()), sum(other.values()))
    common = sum(km for link, km in one.items() if link in other)
    return common / shorter if shorter > 0 else float(one.keys() == other.keys())


def largest_detour(graph: Graph, path: Sequence[int], best: Sequence[int]) -> float:
    """Compare a path with the best one between the places where it leaves it and comes back to it.

    The bounded stretch of Abraham, Delling, Goldberg and Werneck (2013, Alternative routes in road
    networks, ACM Journal of Experimental Algorithmics 18), for detours from the best path.

    Returns
    -------
    float
        Largest ratio of generalised cost between two successive places that both paths pass, at
        least 1; infinite if the path passes them in another order.
    """
    along, worst = _cost_on_arrival(graph, best), 1.0
    left, left_best = 0.0, 0.0
    for place, arrived in _cost_on_arrival(graph, path).items():
        if place not in along:
            continue
        here, there = arrived - left, along[place] - left_best
        if there < 0 or here > worst * there:
            worst = here / there if there > 0 else math.inf
        left, left_best = arrived, along[place]
    return worst


def _cost_on_arrival(graph: Graph, path: Sequence[int]) -> dict[int, float]:
    """Sum the generalised cost to every place of a path in order, and to its end for the last one."""
    total, arrived = 0.0, {graph.place[graph.origin]: 0.0}
    for arc in path:
        total += graph.cost[arc][0]
        arrived.setdefault(graph.place[graph.head[arc]], total)
    arrived[graph.place[graph.destination]] = total
    return arrived


@dataclass
class Choice:
    """The paths taken so far: the best one and up to k - 1 others.

    Attributes
    ----------
    graph : Graph
        Where.
    best : Candidate
        Taken first.
    k : int
        How many at most.
    most_overlap : float
        Largest share of km that two may have in common.
    km_by_link : callable
        From the arcs of a path to its links with their km.
    best_has_name : bool
        Whether the best path follows a named corridor. One that does not holds back no named corridor: whoever
        asks wants to see that one too, however much the two have in common.
    taken : list of Candidate
        In the order of taking.
    """

    graph: Graph
    best: Candidate
    k: int
    most_overlap: float
    km_by_link: Callable[[Sequence[int]], dict[int, float]]
    best_has_name: bool
    taken: list[Candidate] = field(default_factory=list)
    _links: list[dict[int, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Take the best."""
        self.offer(self.best, most_detour=math.inf)

    @property
    def is_full(self) -> bool:
        """Tell whether there is room for one more."""
        return len(self.taken) >= self.k

    def offer(self, candidate: Candidate, *, most_detour: float, has_name: bool = False) -> bool:
        """Take a path if there is room for it, it differs enough and makes no larger detour than allowed."""
        if self.is_full or largest_detour(self.graph, candidate.arcs, self.best.arcs) > most_detour:
            return False
        if self.conflicts(candidate, has_name=has_name):
            return False
        self.taken.append(candidate)
        self._links.append(self.km_by_link(candidate.arcs))
        return True

    def conflicts(self, candidate: Candidate, *, has_name: bool) -> list[Candidate]:
        """List the paths taken with which another has too much in common."""
        links = self.km_by_link(candidate.arcs)
        first = 1 if has_name and not self.best_has_name else 0
        taken = zip(self.taken[first:], self._links[first:], strict=True)
        return [path for path, others in taken if overlap(links, others) > self.most_overlap]
