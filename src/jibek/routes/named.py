"""The best path along a corridor that has a name."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from jibek.network import way_of
from jibek.routes.graph import shortest_simple_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jibek.network import NamedWay
    from jibek.routes.graph import Cost, Graph

__all__ = ["best_path_along", "places_of"]

_MOST_CLOSURES = 2


def places_of(graph: Graph, path: Sequence[int]) -> frozenset[int]:
    """Collect the places that a path passes."""
    return frozenset(graph.place[end[arc]] for arc in path for end in (graph.tail, graph.head))


def best_path_along(
    graph: Graph, cost: Sequence[Cost], way: NamedWay, ways: Sequence[NamedWay], *, most: float = math.inf
) -> list[int] | None:
    """Find the cheapest path that bears a name.

    Where a path bears a stronger name, the places that give it are closed in turn; after two such
    names the search is given up.

    Parameters
    ----------
    graph
        Where.
    cost
        Cost of each arc.
    way
        The way that the path must follow,
    ways
        and all ways in the order in which they give their name: none before it may be followed.
    most
        Largest generalised cost that is of interest.

    Returns
    -------
    list of int or None
        Arcs, None if no such path was found.
    """

    def search(forbidden: frozenset[int], most: float, closures: int) -> tuple[float, list[int] | None]:
        path = shortest_simple_path(graph, cost, via=way.via, forbidden=forbidden, most=most)
        if path is None:
            return math.inf, None
        stronger = way_of(ways, places_of(graph, path))
        if stronger is way:
            return sum(cost[arc][0] for arc in path), path
        best: tuple[float, list[int] | None] = math.inf, None
        for places in stronger.via if stronger and closures else ():
            found = search(forbidden | places, min(most, best[0]), closures - 1)
            best = min(best, found, key=lambda found: found[0])
        return best

    return search(way.not_via, most, _MOST_CLOSURES)[1]
