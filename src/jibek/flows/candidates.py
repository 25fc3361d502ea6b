"""Candidate routes between places: shortest paths over a network of which parts are closed in turn.

The shipper's alternatives are not the k shortest paths, which are near twins. They are the best ways past each named
corridor, without each frontier crossing, without rail or road, and in each scenario's network. All come from
shortest-path trees, which the compiled kernel grows by the thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from jibek.flows.kernels import simple_path
from jibek.network import ArcKind
from jibek.network.kernels import shortest_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from jibek.network import NamedWay, Network

    Mask = NDArray[np.bool_]

__all__ = ["CandidateSearch", "Candidates"]


class Candidates:
    """Paths of one pair, each once, in the order in which they were found.

    Attributes
    ----------
    needed : set of tuple of int
        Paths that are the best of some world, or without a medium: without them a pair could lose its last route when
        something closes, and goods that rail does not take would have no lorry.
    """

    def __init__(self) -> None:
        self._found: dict[bytes, tuple[int, ...]] = {}
        self.needed: set[tuple[int, ...]] = set()

    def add(self, path: NDArray[np.int64], *, needed: bool = False) -> None:
        """Add a path, unless it is empty or known."""
        if len(path):
            arcs = self._found.setdefault(path.tobytes(), tuple(path.tolist()))
            if needed:
                self.needed.add(arcs)

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        return iter(self._found.values())


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

    def paths(self, origin: int, destinations: Sequence[int]) -> Mapping[int, Candidates]:
        """Find the candidates from a place to others.

        Parameters
        ----------
        origin, destinations
            Rows in ``places``.

        Returns
        -------
        mapping of int to Candidates
            By destination; without paths that come back to a place in the same mode.
        """
        found = {place: Candidates() for place in destinations}
        for world in self.worlds:
            self._grow(origin, world, found, needed=True)
        ends = (self.worlds[0], self.worlds[-1])
        for world in ends:
            for medium in self.media:
                self._grow(origin, world & (self.medium != medium), found, needed=True)
        for way in self.ways:
            for world in ends:
                self._grow_past(origin, world, way, found)
        for crossing in self._crossings(found):
            self._grow(origin, ends[0] & ~crossing, found)
        return found

    def _grow(self, origin: int, world: Mask, found: Mapping[int, Candidates], *, needed: bool = False) -> None:
        """Add the shortest path to each destination."""
        network = self.network
        cost = np.where(world, self.cost, np.inf)
        _, predecessor = shortest_tree(network.first_out, network.arc_to, cost, int(network.origin_node[origin]))
        for place, candidates in found.items():
            node = int(network.destination_node[place])
            path = simple_path(predecessor, network.arc_from, self._head_stop, node)
            candidates.add(path, needed=needed)

    def _grow_past(self, origin: int, world: Mask, way: NamedWay, found: Mapping[int, Candidates]) -> None:
        """Add the shortest path that follows a named way: a tree over one copy of the network per set of places met."""
        network = self.network
        n_nodes, n_arcs, n_copies = network.n_nodes, network.n_arcs, 1 << len(way.via)
        met_at = np.zeros(len(network.origin_node), dtype=np.int64)
        for number, places in enumerate(way.via):
            met_at[list(places)] |= 1 << number
        forbidden = np.isin(self._head_place, list(way.not_via))
        cost = np.where(world & ~forbidden, self.cost, np.inf)
        copies = np.arange(n_copies)
        first_out = np.append((network.first_out[:-1] + copies[:, None] * n_arcs).ravel(), n_copies * n_arcs)
        met = copies[:, None] | met_at[self._head_place]
        arc_to = (network.arc_to + met * n_nodes).ravel().astype(np.int32)
        root = int(network.origin_node[origin] + met_at[origin] * n_nodes)
        _, predecessor = shortest_tree(first_out, arc_to, np.tile(cost, n_copies), root)
        tails = (network.arc_from + copies[:, None] * n_nodes).ravel().astype(np.int32)
        for place, candidates in found.items():
            node = int(network.destination_node[place] + (n_copies - 1) * n_nodes)
            candidates.add(simple_path(predecessor, tails, self._head_stop, node))

    @cached_property
    def _head_stop(self) -> NDArray[np.int32]:
        """Place and mode in which each arc ends: a dry port on a spur is left in another gauge by the way it came."""
        network = self.network
        n_layers = int(network.node_layer.max(initial=0)) + 2
        stop = network.node_place.astype(np.int64) * n_layers + network.node_layer + 1
        return stop[network.arc_to].astype(np.int32)

    @cached_property
    def _head_place(self) -> NDArray[np.int32]:
        """Place in which each arc ends."""
        return self.network.node_place[self.network.arc_to]

    def _crossings(self, found: Mapping[int, Candidates]) -> list[Mask]:
        """List the frontier crossings on the paths found, each as the arcs between its two places."""
        arcs = np.unique([arc for candidates in found.values() for path in candidates for arc in path]).astype(np.int64)
        network = self.network
        is_border = network.kind == ArcKind.BORDER
        frontier = arcs[is_border[arcs]]
        ends = np.sort(np.stack([network.start_place, network.end_place]), axis=0)
        crossed = sorted(set(zip(*ends[:, frontier].tolist(), strict=True)))
        return [is_border & (ends[0] == one) & (ends[1] == other) for one, other in crossed]
