"""Candidate routes between places: shortest paths over a network of which parts are closed in turn.

The shipper's alternatives are not the k shortest paths, which are near twins. They are the best ways past each named
corridor, without each frontier crossing, without rail or road, and in each scenario's network. All come from
shortest-path trees, which the compiled kernel grows by the thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jibek.network import ArcKind
from jibek.network.kernels import shortest_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from jibek.network import NamedWay, Network

    Mask = NDArray[np.bool_]
    Path = tuple[int, ...]

__all__ = ["CandidateSearch"]


@dataclass(frozen=True)
class CandidateSearch:
    """Searches candidates for one commodity.

    Attributes
    ----------
    network : Network
        With everything that may be open in any scenario.
    cost : float64 array, shape (n_arcs,)
        Generalised hours of the commodity, infinite where it may not pass.
    ways : sequence of NamedWay
        The corridors.
    worlds : sequence of bool arrays, shape (n_arcs,)
        What is open: in the base year first, then in each scenario, last of all everything.
    medium : str array, shape (n_arcs,)
        Medium of each link's mode, empty for what is no link.
    media : sequence of str
        Media that are closed in turn, so that each pair keeps a way without rail and one without road.
    """

    network: Network
    cost: NDArray[np.float64]
    ways: Sequence[NamedWay]
    worlds: Sequence[Mask]
    medium: NDArray[np.str_]
    media: Sequence[str]

    def paths(self, origin: int, destinations: Sequence[int]) -> Mapping[int, set[Path]]:
        """Find the candidates from a place to others.

        Parameters
        ----------
        origin, destinations
            Rows in ``places``.

        Returns
        -------
        mapping of int to set of tuple of int
            Arcs of each path, by destination; without those that come back to a place.
        """
        found: dict[int, set[Path]] = {place: set() for place in destinations}
        for world in self.worlds:
            self._grow(origin, world, found)
        ends = (self.worlds[0], self.worlds[-1])
        for world in ends:
            for medium in self.media:
                self._grow(origin, world & (self.medium != medium), found)
        for way in self.ways:
            for world in ends:
                self._grow_past(origin, world, way, found)
        for crossing in self._crossings(found):
            self._grow(origin, ends[0] & ~crossing, found)
        return found

    def _grow(self, origin: int, world: Mask, found: dict[int, set[Path]]) -> None:
        """Add the shortest path to each destination."""
        network = self.network
        cost = np.where(world, self.cost, np.inf)
        distance, predecessor = shortest_tree(network.first_out, network.arc_to, cost, int(network.origin_node[origin]))
        for place, paths in found.items():
            node = int(network.destination_node[place])
            if np.isfinite(distance[node]):
                self._keep(list(_back(predecessor, network.arc_from, node)), paths)

    def _grow_past(self, origin: int, world: Mask, way: NamedWay, found: dict[int, set[Path]]) -> None:
        """Add the shortest path that follows a named way: a tree over one copy of the network per set of places met."""
        network = self.network
        n_nodes, n_arcs, n_copies = network.n_nodes, network.n_arcs, 1 << len(way.via)
        met_at = np.zeros(len(network.origin_node), dtype=np.int64)
        for number, places in enumerate(way.via):
            met_at[list(places)] |= 1 << number
        head_place = network.node_place[network.arc_to]
        forbidden = np.isin(head_place, list(way.not_via)) if way.not_via else np.zeros(n_arcs, dtype=np.bool_)
        cost = np.where(world & ~forbidden, self.cost, np.inf)
        copies = np.arange(n_copies)
        first_out = np.append((network.first_out[:-1] + copies[:, None] * n_arcs).ravel(), n_copies * n_arcs)
        met = copies[:, None] | met_at[head_place]
        arc_to = (network.arc_to + met * n_nodes).ravel().astype(np.int32)
        root = int(network.origin_node[origin] + met_at[origin] * n_nodes)
        distance, predecessor = shortest_tree(first_out, arc_to, np.tile(cost, n_copies), root)
        tails = (network.arc_from + copies[:, None] * n_nodes).ravel()
        for place, paths in found.items():
            node = int(network.destination_node[place] + (n_copies - 1) * n_nodes)
            if np.isfinite(distance[node]):
                self._keep([arc % n_arcs for arc in _back(predecessor, tails, node)], paths)

    def _keep(self, backward: list[int], paths: set[Path]) -> None:
        path = tuple(reversed(backward))
        if not self._comes_back(path):
            paths.add(path)

    def _comes_back(self, path: Path) -> bool:
        """Whether a path returns to a place that it has left."""
        places = self.network.node_place[self.network.arc_to[list(path)]]
        visits = places[np.flatnonzero(np.diff(places, prepend=-1))]
        return len(np.unique(visits)) < len(visits)

    def _crossings(self, found: Mapping[int, set[Path]]) -> list[Mask]:
        """List the frontier crossings on the paths found, each as the arcs between its two places."""
        arcs = np.unique([arc for paths in found.values() for path in paths for arc in path]).astype(np.int64)
        network = self.network
        frontier = arcs[network.kind[arcs] == ArcKind.BORDER]
        ends = np.sort(np.stack([network.start_place[frontier], network.end_place[frontier]]), axis=0)
        all_ends = np.sort(np.stack([network.start_place, network.end_place]), axis=0)
        is_border = network.kind == ArcKind.BORDER
        return [
            is_border & (all_ends[0] == one) & (all_ends[1] == other)
            for one, other in sorted(set(zip(*ends, strict=True)))
        ]


def _back(predecessor: NDArray[np.int64], tail: NDArray[np.int32], node: int) -> Iterator[int]:
    """Follow a tree from a node to its root."""
    while (arc := int(predecessor[node])) >= 0:
        yield arc
        node = int(tail[arc])
