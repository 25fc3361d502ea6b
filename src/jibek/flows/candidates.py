"""Candidate routes between places: shortest paths over a network of which parts are closed in turn.

The shipper's alternatives are not the k shortest paths, which are near twins. They are the best ways past each named
corridor and each frontier crossing, without each country in transit, on one lorry or wagon all the way, without
ferries, and in each scenario's network. All come from shortest-path trees, which the compiled kernel grows by the
thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, permutations, product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from jibek.network import ArcKind
from jibek.network.kernels import ALL, shortest_tree
from jibek.network.path_kernels import cheapest_over, first_return, path_to, paths_over

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from jibek.network import NamedWay, Network

    Mask = NDArray[np.bool_]

__all__ = ["CandidateSearch", "Candidates"]

_SORTABLE = np.dtype(">i4")  # the highest byte first, so that bytes sort as numbers
_OFF_THE_SEA = 10.0  # times the cost, to find the way that goes by ocean as far as it can
_MOST_ATTEMPTS = 5
_WORTH_SEEKING = 1.25  # times the best: where a walk there and back costs more, its straight way is a long detour
_WORTH_PASSING = 1.5  # times the best: a frontier crossing that costs more is far off the way


class _Stages(NamedTuple):
    """What a way past a named corridor or a frontier crossing must pass: a node of each of some stages.

    Attributes
    ----------
    first, nodes, orders, distance : arrays
        As in `cheapest_over`; every order of the stages is one.
    predecessor : int64 array, shape (n_passable, n_nodes)
        Shortest-path trees from ``nodes``.
    """

    first: NDArray[np.int64]
    nodes: NDArray[np.int64]
    orders: NDArray[np.int64]
    distance: NDArray[np.float64]
    predecessor: NDArray[np.int64]

    def cheapest(
        self, reached: NDArray[np.float64], ends: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Find the cheapest ways from where distances are ``reached``."""
        cost, passed = cheapest_over(self.first, self.nodes, self.orders, self.distance, reached, ends)
        return cost, passed


_NO_STAGES = _Stages(
    first=np.zeros(1, np.int64),
    nodes=np.empty(0, np.int64),
    orders=np.empty((1, 0), np.int64),
    distance=np.empty((0, 0)),
    predecessor=np.empty((0, 0), np.int64),
)


class _Ways(NamedTuple):
    """Ways from one root.

    Attributes
    ----------
    predecessor : int64 array, shape (n_nodes,)
        Shortest-path tree of the root.
    stages : _Stages
        What they pass.
    passed : int64 array, shape (n_ways, n_stages)
        Where they pass it, as in `cheapest_over`.
    end : int64 array, shape (n_ways,)
        Which of the destinations each leads to.
    worth : bool array, shape (n_ways,)
        Whether a way that comes back to a stop is worth seeking another.
    """

    predecessor: NDArray[np.int64]
    stages: _Stages
    passed: NDArray[np.int64]
    end: NDArray[np.int64]
    worth: Mask


class Candidates:
    """Paths of one pair, each once, in the order in which they were found.

    Attributes
    ----------
    most_cost : float
        Costlier paths are of no interest, unless they are needed.
    paths : dict of bytes to int64 array
        Arcs by a key of each path; keys sort as the paths do.
    needed : set of bytes
        Paths that are the best of some world, or on one vehicle: without them a pair could lose its last route when
        something closes, and goods that rail does not take would have no lorry.
    """

    def __init__(self, most_cost: float) -> None:
        self.most_cost = most_cost
        self.paths: dict[bytes, NDArray[np.int64]] = {}
        self.needed: set[bytes] = set()

    def add(self, path: NDArray[np.int64], key: bytes, *, needed: bool = False) -> None:
        """Add a path by its key, unless it is empty or known."""
        if key and key not in self.paths:
            self.paths[key] = path.copy()  # not a part of an array that would stay with it
        if key and needed:
            self.needed.add(key)

    def join(self, others: Candidates) -> None:
        """Add paths that were found for other goods of the same kind."""
        self.paths = {**others.paths, **self.paths}


def _key(path: NDArray[np.int64]) -> bytes:
    return path.astype(_SORTABLE).tobytes()


def _limits(found: Mapping[int, Candidates]) -> NDArray[np.float64]:
    return np.array([candidates.most_cost for candidates in found.values()])


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
        What is open: in the base year first, then in earlier years and scenarios, last of all everything.
    n_years : int
        How many of the worlds are years: past each corridor ways are sought in every one of them.
    unbroken : sequence of bool arrays, shape (n_arcs,)
        Where goods pass that stay on one vehicle (a lorry takes roads and their ferries), or change to ships.
    without : sequence of bool arrays, shape (n_arcs,)
        All but railways, and all but roads.
    most_cost : float
        Ways that cost more than so many times the best of the base year are of no interest.
    country : int array, shape (n_places,)
        Number of each place's country; -1 for none.
    by_ocean_ship : bool array, shape (n_arcs,)
        Links by ocean ship: the way by ocean as far as possible, and the best without such ships, are kept whatever
        they cost, for the choice of sea or overland.
    """

    network: Network
    cost: NDArray[np.float64]
    ways: Sequence[NamedWay]
    worlds: Sequence[Mask]
    n_years: int
    unbroken: Sequence[Mask]
    without: Sequence[Mask]
    most_cost: float
    country: NDArray[np.int64]
    by_ocean_ship: Mask

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
        found = self.best(origin, destinations)
        reach, _ = self._tree(self._cost_in(self.worlds[-1]), int(self.network.origin_node[origin]))
        for way, number in product(range(len(self.ways)), range(len(self._sought_past))):
            self._grow_past(origin, self._stages(way, number), self._cost_along(way, number), reach, found)
        self._grow_past_gates(origin, found)
        for country in self._countries(origin, found):
            self._grow(origin, self._cost_in(self.worlds[0] & ~country), found)
        return found

    def best(self, origin: int, destinations: Sequence[int]) -> Mapping[int, Candidates]:
        """Find only the paths that are needed: the best of each world, by each vehicle and not, by ocean and not."""
        root = int(self.network.origin_node[origin])
        distance, _ = self._tree(self._cost_in(self.worlds[0]), root)
        best = distance[self.network.destination_node[list(destinations)]]
        limits = np.where(np.isfinite(best), self.most_cost * best, np.inf)
        found = {place: Candidates(float(limit)) for place, limit in zip(destinations, limits, strict=True)}
        closed = [self.worlds[0] & passes for passes in (*self.without, ~self.by_ocean_ship)]
        used = self._grow(origin, self._cost_in(self.worlds[-1]), found, needed=True)
        for world in (*self.worlds[:-1], *self._narrowed, *closed):
            if not world[used].all():  # else the best of all that may be open is the best here
                self._grow(origin, self._cost_in(world), found, needed=True)
        by_sea = self._cost_in(self.worlds[0]) * np.where(self.by_ocean_ship, 1.0, _OFF_THE_SEA)
        self._grow(origin, by_sea, found, needed=True)
        return found

    @cached_property
    def _narrowed(self) -> list[Mask]:
        """What is open in the base year, by vehicle."""
        return [self.worlds[0] & passes for passes in self.unbroken]

    @cached_property
    def _sought_past(self) -> list[Mask]:
        """Worlds in which ways past each corridor are sought."""
        return [*self.worlds[: self.n_years], self.worlds[-1], *self._narrowed]

    def _cost_in(self, world: Mask) -> NDArray[np.float64]:
        return np.where(world, self.cost, np.inf)

    def _grow(
        self, origin: int, cost: NDArray[np.float64], found: Mapping[int, Candidates], *, needed: bool = False
    ) -> NDArray[np.int64]:
        """Add the shortest path to each destination, and give the arcs of all of them."""
        tree = self._tree(cost, int(self.network.origin_node[origin]))
        total = tree[0][self._ends(found)]
        sought = np.flatnonzero(np.isfinite(total) & (needed | (total <= _limits(found))))
        passed, worth = np.empty((len(sought), 0), np.int64), np.ones(len(sought), np.bool_)
        return self._add(origin, cost, found, _Ways(tree[1], _NO_STAGES, passed, sought, worth), needed=needed)

    def _grow_past(
        self,
        origin: int,
        stages: _Stages,
        cost: NDArray[np.float64],
        reach: NDArray[np.float64],
        found: Mapping[int, Candidates],
    ) -> None:
        """Add the shortest path over one node of each stage: from tree to tree, the stages in every order.

        ``reach`` bounds the distances from the origin from below, so most ways are dropped without growing its tree.
        """
        ends, limits = self._ends(found), _limits(found)
        if not np.diff(stages.first).all() or not (stages.cheapest(reach, ends)[0] <= limits).any():
            return
        distance, predecessor = self._tree(cost, int(self.network.origin_node[origin]))
        total, passed = stages.cheapest(distance, ends)
        sought = np.flatnonzero(np.isfinite(total) & (total <= limits))
        worth = (total * self.most_cost <= limits * _WORTH_SEEKING)[sought]
        self._add(origin, cost, found, _Ways(predecessor, stages, passed[sought], sought, worth))

    def _grow_past_gates(self, origin: int, found: Mapping[int, Candidates]) -> None:
        """Add the shortest path over each frontier crossing; where it would go there and back, none."""
        gates, cost = self._gates, self._cost_in(self.worlds[0])
        distance, predecessor = self._tree(cost, int(self.network.origin_node[origin]))
        total = distance[gates.nodes][:, None] + gates.distance[:, self._ends(found)]
        gate, end = np.nonzero(np.isfinite(total) & (total * self.most_cost <= _limits(found) * _WORTH_PASSING))
        self._add(origin, cost, found, _Ways(predecessor, gates, gate[:, None], end, np.zeros(len(end), np.bool_)))

    @cached_property
    def _gates(self) -> _Stages:
        """Grow trees from the far sides of all frontier crossings that are open."""
        cost = self._cost_in(self.worlds[0])
        crossings = (self.network.kind == ArcKind.BORDER) & np.isfinite(cost)
        return self._staged([np.unique(self.network.arc_to[crossings]).astype(np.int64)], cost)

    def _add(
        self,
        origin: int,
        cost: NDArray[np.float64],
        found: Mapping[int, Candidates],
        ways: _Ways,
        *,
        needed: bool = False,
    ) -> NDArray[np.int64]:
        """Add the ways that are sought; of those that come back to a stop, one that does not, if any.

        Give the arcs of all of them, those that come back included.
        """
        root, ends, wanted = int(self.network.origin_node[origin]), self._ends(found)[ways.end], list(found.values())
        arcs, first, comes_back = paths_over(
            ways.predecessor,
            ways.stages.predecessor,
            ways.stages.nodes,
            np.ascontiguousarray(ways.passed),
            np.ascontiguousarray(ends),
            self.network.arc_from,
            *self._heads,
        )
        used = [arcs]
        keys, starts = _key(arcs), (first * _SORTABLE.itemsize).tolist()
        for number, (end, returns) in enumerate(zip(ways.end.tolist(), comes_back.tolist(), strict=True)):
            if not returns:
                path = arcs[first[number] : first[number + 1]]
                wanted[end].add(path, keys[starts[number] : starts[number + 1]], needed=needed)
            elif ways.worth[number]:
                over = ways.stages.nodes[ways.passed[number]].tolist()
                path = self._straightened(cost, (root, *over, int(ends[number])))
                wanted[end].add(path, _key(path), needed=needed)
                used.append(path)
        return np.concatenate(used)

    def _ends(self, found: Mapping[int, Candidates]) -> NDArray[np.int64]:
        """List the nodes in which goods for each destination end."""
        return self.network.destination_node[list(found)].astype(np.int64)

    def _straightened(self, cost: NDArray[np.float64], nodes: Sequence[int]) -> NDArray[np.int64]:
        """Look for a way over some nodes that does not come back to a stop, as the cheapest walk over them does.

        Each part is sought anew without entering stops that were left, and without arcs by which it came back. Not the
        cheapest of all such ways, but one; nothing where none is found after a few attempts.
        """
        place, _ = self._heads
        home = int(self.network.node_place[nodes[-1]])
        straight = nothing = np.empty(0, np.int64)
        for start, end in pairwise(nodes):
            earlier = straight[place[straight] != self.network.node_place[start]]
            left = np.zeros(self._stops.max() + 1, dtype=np.bool_)
            left[self._stops[earlier]] = True
            closed = left[self._stops]
            if self.network.node_place[end] != home:
                closed |= place == home
            open_cost = np.where(closed, np.inf, cost)
            for _ in range(_MOST_ATTEMPTS):
                _, predecessor = self._tree(open_cost, start, end)
                part = path_to(predecessor, self.network.arc_from, end)
                returning = self._first_return(part)
                if returning < 0:
                    break
                open_cost[returning] = np.inf
            straight = np.concatenate([straight, part])
            if start != end and not len(part):
                return nothing
        return straight if self._first_return(straight) < 0 else nothing

    def _first_return(self, path: NDArray[np.int64]) -> int:
        return int(first_return(path, *self._heads))

    @cached_property
    def _heads(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Place and layer in which each arc ends."""
        ends = self.network.arc_to
        return self.network.node_place[ends].astype(np.int32), self.network.node_layer[ends].astype(np.int32)

    @cached_property
    def _stops(self) -> NDArray[np.int64]:
        """Number of the stop, a place in a mode, in which each arc ends."""
        place, layer = self._heads
        n_layers = int(self.network.node_layer.max(initial=0)) + 2
        stops: NDArray[np.int64] = place.astype(np.int64) * n_layers + layer + 1
        return stops

    def _tree(
        self, cost: NDArray[np.float64], root: int, target: int = ALL
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        distance, predecessor = shortest_tree(self.network.first_out, self.network.arc_to, cost, root, target)
        return distance, predecessor

    def _cost_along(self, way: int, world: int) -> NDArray[np.float64]:
        """Give the costs of a world in which a way's forbidden places are closed."""
        if (way, world) not in self._known_costs:
            self._known_costs[way, world] = self._closed_along(way, world)
        return self._known_costs[way, world]

    @cached_property
    def _known_costs(self) -> dict[tuple[int, int], NDArray[np.float64]]:
        return {}

    def _closed_along(self, way: int, world: int) -> NDArray[np.float64]:
        forbidden = np.isin(self.network.node_place[self.network.arc_to], list(self.ways[way].not_via))
        mask = self._sought_past[world]
        return np.where(mask & ~forbidden, self.cost, np.inf)

    def _stages(self, way: int, world: int) -> _Stages:
        """Grow trees from all nodes by which goods come to the places of a way; they serve all origins."""
        if (way, world) not in self._known_stages:
            entries = [self._entries_of(places) for places in self.ways[way].via]
            self._known_stages[way, world] = self._staged(entries, self._cost_along(way, world))
        return self._known_stages[way, world]

    def _staged(self, nodes: Sequence[NDArray[np.int64]], cost: NDArray[np.float64]) -> _Stages:
        """Grow the trees of the nodes of each stage."""
        trees = [self._tree(cost, node) for stage in nodes for node in stage.tolist()]
        shape = len(trees), self.network.n_nodes
        return _Stages(
            first=np.concatenate([[0], np.cumsum([len(stage) for stage in nodes])]).astype(np.int64),
            nodes=np.concatenate(nodes),
            orders=np.array(list(permutations(range(len(nodes)))), dtype=np.int64),
            distance=np.array([tree[0] for tree in trees], dtype=np.float64).reshape(shape),
            predecessor=np.array([tree[1] for tree in trees], dtype=np.int64).reshape(shape),
        )

    @cached_property
    def _known_stages(self) -> dict[tuple[int, int], _Stages]:
        return {}

    def _entries_of(self, places: frozenset[int]) -> NDArray[np.int64]:
        """List the nodes at which goods of this commodity come to some places: ends of links, and origins there."""
        network = self.network
        comes = np.isin(network.kind, (ArcKind.LINK, ArcKind.BORDER)) & np.isfinite(self.cost)
        heads = np.unique(network.arc_to[comes])
        at = heads[np.isin(network.node_place[heads], list(places))]
        entries: NDArray[np.int64] = np.concatenate([at, network.origin_node[sorted(places)]]).astype(np.int64)
        return entries

    def _countries(self, origin: int, found: Mapping[int, Candidates]) -> list[Mask]:
        """List the countries on the paths found, but the one they begin in, each as the arcs that end in it."""
        paths = [path for candidates in found.values() for path in candidates.paths.values()]
        used = np.unique(np.concatenate([np.empty(0, np.int64), *paths]))
        entered = self.country[self.network.node_place[self.network.arc_to]]
        others = np.setdiff1d(entered[used], [self.country[origin], -1])
        return [entered == country for country in others]
