"""Corridors that have a name: which one a path follows, and the best path along one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jibek.routes.graph import Graph, shortest_simple_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jibek.corridor import Corridor
    from jibek.routes.graph import Cost

__all__ = ["NamedWay", "best_path_along", "named_ways", "places_of", "way_of"]

_MOST_CLOSURES = 2


@dataclass(frozen=True)
class NamedWay:
    """A named way through the network.

    Attributes
    ----------
    name : str
        For people.
    via : tuple of frozenset of int
        A path bears the name if it passes one place of each,
    not_via : frozenset of int
        and none of these.
    """

    name: str
    via: tuple[frozenset[int], ...]
    not_via: frozenset[int]

    def is_followed(self, passed: frozenset[int]) -> bool:
        """Tell whether a path that passes these places follows the way."""
        return all(places & passed for places in self.via) and not self.not_via & passed


def named_ways(corridor: Corridor, place_index: Mapping[str, int]) -> tuple[NamedWay, ...]:
    """List the corridors in the order in which they give their name: those that name most places first, then by id."""
    rows = sorted(corridor["corridors"].iter_rows(named=True), key=lambda row: (-len(row["via"]), row["id"]))
    return tuple(
        NamedWay(
            name=row["name"],
            via=tuple(frozenset(place_index[place] for place in via.split("/")) for via in row["via"]),
            not_via=frozenset(place_index[place] for place in row["not_via"] or ()),
        )
        for row in rows
    )


def places_of(graph: Graph, path: Sequence[int]) -> frozenset[int]:
    """Collect the places that a path passes."""
    return frozenset(graph.place[end[arc]] for arc in path for end in (graph.tail, graph.head))


def way_of(ways: Sequence[NamedWay], passed: frozenset[int]) -> NamedWay | None:
    """Give the first way that a path past these places follows, if any."""
    return next((way for way in ways if way.is_followed(passed)), None)


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
