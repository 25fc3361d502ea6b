"""Good and really different ways: k paths of least generalised cost with limited overlap.

Finding them exactly takes exponential time. After the best path of each named corridor, candidates
are *single-via paths*, the cheapest ways through each arc, from one tree at the origin and one at
the destination; they are taken in the order of their cost where they overlap little enough with
those taken before (SVP+ of Chondrogiannis, Bouros, Gamper, Leser and Blumenthal 2020, Finding
k-shortest paths with limited overlap, VLDB Journal 29, with arcs for nodes, so that one more place
on a link changes nothing). If they do not suffice, links already taken are made dearer and the
search is repeated (penalty method, Akgün, Erkut and Batta 2000, European Journal of Operational
Research 121).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from jibek.network import NamedWay, way_of
from jibek.routes.choice import Candidate, Choice, candidate_of, largest_detour
from jibek.routes.graph import Cost, Graph, Tree, added, grow_tree, is_simple, shortest_simple_path
from jibek.routes.named import best_path_along, places_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Search = Callable[[Sequence[Cost]], Sequence[int] | None]

__all__ = ["best_alternatives"]

_PENALTY = 0.5  # what a link gets dearer by, of its own cost, each time it is to be avoided
_ROUNDS = 4
# Where a path leaves the best one, it may cost at most this many times as much until it comes back to it;
_MOST_DETOUR = 2.0
_MOST_DETOUR_OF_NAMED = 3.0
_MOST_DETOUR_OF_VARIANT = 1.5  # where it leaves the one of which it is a variant, this many times.


def best_alternatives(
    graph: Graph,
    *,
    k: int,
    most_overlap: float,
    km_by_link: Callable[[Sequence[int]], dict[int, float]],
    named_ways: Sequence[NamedWay],
) -> list[tuple[int, ...]]:
    """Choose up to k paths that a planner would call different.

    The best path comes first. Then the best path of every further named corridor that makes no
    detour of more than three times what the best path costs between the same places; then, for the
    corridors whose best path has too much in common with these, another path of theirs; then
    whatever is cheapest without a detour of more than twice. No two have more than ``most_overlap``
    in common, but for the best path and a named corridor, if the best path follows none.

    Parameters
    ----------
    graph
        Where.
    k
        How many at most.
    most_overlap
        Largest share of km in common, of the shorter of two.
    km_by_link
        From the arcs of a path to its links with their km.
    named_ways
        The corridors that have a name, in the order in which they give it.

    Returns
    -------
    list of tuple of int
        Arcs of each path, by generalised cost; empty if nothing leads from origin to destination.
    """
    to_destination = grow_tree(graph, backward=True)
    path = shortest_simple_path(graph, graph.cost)
    if path is None:
        return []
    has_name = way_of(named_ways, places_of(graph, path)) is not None
    chosen = Choice(graph, candidate_of(graph, path), k, most_overlap, km_by_link, has_name)
    from_origin = grow_tree(graph)
    _take_named(chosen, from_origin, to_destination, named_ways)
    if not chosen.is_full:
        most = _MOST_DETOUR * chosen.best.cost[0]
        for candidate in sorted(set(_single_via_paths(graph, from_origin, to_destination, most=most))):
            chosen.offer(candidate, most_detour=_MOST_DETOUR)
    while not chosen.is_full and _take_variant(chosen, chosen.best, partial(shortest_simple_path, graph)):
        pass
    return [candidate.arcs for candidate in sorted(chosen.taken)]


def _take_named(chosen: Choice, from_origin: Tree, to_destination: Tree, named_ways: Sequence[NamedWay]) -> None:
    """Take the best path along each named corridor; then, where that overlaps too much, one there that does not."""
    if chosen.is_full:
        return
    graph, best = chosen.graph, chosen.best
    most = _MOST_DETOUR_OF_NAMED * best.cost[0]
    near = _places_within(graph, from_origin, to_destination, most)
    taken = way_of(named_ways, places_of(graph, best.arcs))
    found: list[tuple[Candidate, Search]] = []
    for way in named_ways:
        if way is not taken and not any(places.isdisjoint(near) for places in way.via):
            path = best_path_along(graph, graph.cost, way, named_ways, most=most)
            if path is not None and largest_detour(graph, path, best.arcs) <= _MOST_DETOUR_OF_NAMED:
                found.append((candidate_of(graph, path), partial(best_path_along, graph, way=way, ways=named_ways)))
    found.sort(key=lambda pair: pair[0])
    refused = [
        (path, search)
        for path, search in found
        if not chosen.offer(path, most_detour=_MOST_DETOUR_OF_NAMED, has_name=True)
    ]
    for candidate, search in refused:
        if not chosen.is_full:
            _take_variant(chosen, candidate, search)


def _places_within(graph: Graph, from_origin: Tree, to_destination: Tree, most: float) -> set[int]:
    """Collect the places past which some way costs no more than a limit."""
    return {
        graph.place[node]
        for node, (before, after) in enumerate(zip(from_origin.cost, to_destination.cost, strict=True))
        if before is not None and after is not None and before[0] + after[0] <= most
    }


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
                yield candidate_of(graph, path)


def _to_root(graph: Graph, tree: Tree, node: int, *, backward: bool = False) -> list[int]:
    """Follow a tree from a node to its root; arcs in the order of travel."""
    end = graph.head if backward else graph.tail
    arcs = []
    while (arc := tree.arc[node]) is not None:
        arcs.append(arc)
        node = end[arc]
    return arcs if backward else arcs[::-1]


def _take_variant(chosen: Choice, refused: Candidate, search: Search) -> bool:
    """Take a path like one that was refused, but with less in common with those taken, if there is one.

    Links of the taken paths that are too like it are made dearer, then those of what was found,
    until something differs enough. A variant that makes a large detour from the refused path only
    to differ is none.
    """
    graph = chosen.graph
    cost = list(graph.cost)
    for arc in {arc for candidate in chosen.conflicts(refused, has_name=False) for arc in candidate.arcs}:
        cost[arc] = _dearer(graph, cost, arc)
    for _ in range(_ROUNDS):
        path = search(cost)
        if path is None:
            return False
        natural = largest_detour(graph, path, refused.arcs) <= _MOST_DETOUR_OF_VARIANT
        if natural and chosen.offer(candidate_of(graph, path), most_detour=_MOST_DETOUR_OF_NAMED):
            return True
        for arc in path:
            cost[arc] = _dearer(graph, cost, arc)
    return False


def _dearer(graph: Graph, cost: Sequence[Cost], arc: int) -> Cost:
    return added(cost[arc], (_PENALTY * graph.cost[arc][0], 0.0, 0.0, 0.0))
