"""Which candidate paths become routes: what each is, and whether it is an alternative of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from jibek.flows.kernels import shared_km
from jibek.network import ArcKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.flows.candidates import Candidates
    from jibek.network import NamedWay, Network

    Mask = NDArray[np.bool_]
    Floats = NDArray[np.float64]

__all__ = ["MOST_COST", "OVERLAND", "SEA", "VEHICLES", "Features", "Route", "chosen"]

OVERLAND, SEA = 0, 1
"""Nests: routes that are by ocean ship for most of their km, `_AT_SEA` or more, are ``SEA``."""

MOST_COST = 2.5
"""Times the cheapest of the pair, for the first route of a name."""

VEHICLES = (("rail", "rail_ferry"), ("road", "road_ferry"))
"""Medium, and the mode that ferries its vehicles."""

_OCEAN_MODES = ("deep_sea",)
_AT_SEA = 0.75  # a way by land to a far port, as from Urumqi to Bandar Abbas, is none by sea
_MOST_OTHERS = 6  # of one pair, beside the best of each scenario and name
_MOST_COST_OF_OTHERS = 2.0
_MOST_OVERLAP = 0.85  # share of km in common with a cheaper route of the same name and vehicle
_LEAST_OWN_KM = 500.0  # with so many km of its own a route is another one whatever it shares


@dataclass(frozen=True)
class _Feature:
    """What a path is, whatever it carries.

    Attributes
    ----------
    sort : tuple
        What makes it an alternative of its own: nest, row of the corridor whose name it bears (-1: none), by road, by
        ferry.
    open : tuple of bool
        In each world.
    """

    sort: tuple[int, int, bool, bool]
    open: tuple[bool, ...]


@dataclass(frozen=True, order=True)
class Route:
    """A path for one commodity, sorted by nest and cost.

    Attributes
    ----------
    nest : int
        ``OVERLAND`` or ``SEA``.
    cost : float
        Generalised hours.
    key : bytes
        Of the path, as in `jibek.flows.candidates.Candidates`.
    what : _Feature
        What the path is.
    arcs : int64 array
        The path.
    """

    nest: int
    cost: float
    key: bytes
    what: _Feature = field(compare=False)
    arcs: NDArray[np.int64] = field(compare=False)

    @property
    def way(self) -> int:
        """Row of the corridor whose name the route bears; -1 for none."""
        return self.what.sort[1]


class Features:
    """What paths are, whatever they carry; worked out once for each path.

    Attributes
    ----------
    by_ocean_ship, by_ferry : bool array, shape (n_arcs,)
        Links by ocean ship, and by ferry for wagons or lorries.
    """

    def __init__(self, network: Network, world: Corridor, ways: tuple[NamedWay, ...], worlds: Sequence[Mask]) -> None:
        self._network = network
        self._worlds = np.stack(worlds)
        ocean = np.append(world["modes"]["id"].is_in(list(_OCEAN_MODES)).to_numpy(), False)
        road = np.append((world["modes"]["medium"] == "road").to_numpy(), False)
        layer = network.node_layer[network.arc_to]
        self.by_ocean_ship = (network.kind == ArcKind.LINK) & ocean[layer]
        ferry = np.append(world["modes"]["id"].is_in([mode for _, mode in VEHICLES]).to_numpy(), False)
        self.by_ferry = (network.kind == ArcKind.LINK) & ferry[layer]
        self._by_road = road[layer]
        self._known: dict[bytes, _Feature] = {}
        # The places of which a path must pass one, and those of which it must pass none, of all corridors in turn.
        zones = [*(places for way in ways for places in way.via), *(way.not_via for way in ways)]
        self._zones = np.zeros((len(zones), len(world["places"])), np.bool_)
        for row, places in enumerate(zones):
            self._zones[row, list(places)] = True
        self._first_zone = np.cumsum([0, *(len(way.via) for way in ways)])

    def of(self, paths: Mapping[bytes, NDArray[np.int64]]) -> list[_Feature]:
        """Give what each path is.

        A path is by road if lorries carry it for more than half of its km, at sea if ships do for `_AT_SEA` of them.
        """
        new = {key: path for key, path in paths.items() if key not in self._known}
        if new:
            self._known |= zip(new, self._worked_out(list(new.values())), strict=True)
        return [self._known[key] for key in paths]

    def _worked_out(self, paths: Sequence[NDArray[np.int64]]) -> list[_Feature]:
        arcs, starts = np.concatenate(paths), _starts(paths)
        km = self._network.km[arcs]
        length, by_ship, by_road = (
            np.add.reduceat(km * part, starts) for part in (1.0, self.by_ocean_ship[arcs], self._by_road[arcs])
        )
        sorts = zip(
            np.where(by_ship >= _AT_SEA * length, SEA, OVERLAND).tolist(),
            self._named(paths, arcs, starts).tolist(),
            (by_road > length / 2).tolist(),
            np.logical_or.reduceat(self.by_ferry[arcs], starts).tolist(),
            strict=True,
        )
        is_open = np.logical_and.reduceat(self._worlds[:, arcs], starts, axis=1).T.tolist()
        return [_Feature(sort, tuple(in_worlds)) for sort, in_worlds in zip(sorts, is_open, strict=True)]

    def _named(
        self, paths: Sequence[NDArray[np.int64]], arcs: NDArray[np.int64], starts: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Give the row of the first corridor that each path follows, as `jibek.network.way_of` does; -1 for none."""
        network, n_ways = self._network, len(self._first_zone) - 1
        if not n_ways:
            return np.full(len(paths), -1)
        end = network.node_place[network.arc_to[[path[-1] for path in paths]]]
        passed = np.logical_or.reduceat(self._zones[:, network.node_place[network.arc_from[arcs]]], starts, axis=1)
        passed |= self._zones[:, end]
        shunned = passed[self._first_zone[-1] :]
        follows = np.logical_and.reduceat(passed[: self._first_zone[-1]], self._first_zone[:-1], axis=0) & ~shunned
        return np.where(follows.any(axis=0), follows.argmax(axis=0), -1)


def chosen(features: Features, km: Floats, cost: Floats, candidates: Candidates) -> list[Route]:
    """Keep in each world the cheapest of each nest, name and vehicle; in the base year others that differ as well.

    Parameters
    ----------
    features
        What paths are.
    km, cost : float64 arrays, shape (n_arcs,)
        Length and generalised hours of the arcs; infinite where the commodity may not pass.
    candidates
        Paths of one pair.
    """
    found = _priced(features, cost, candidates.paths)
    if not found:
        return []
    kept = {route for route in found if route.key in candidates.needed}
    for world in set(zip(*(route.what.open for route in found), strict=True)):
        kept.update(_best_of([route for route, is_open in zip(found, world, strict=True) if is_open]))
    rows = [number for number, route in enumerate(found) if route in kept]
    most, alike = len(rows) + _MOST_OTHERS, _alike(km, found)
    usable = [number for number, route in enumerate(found) if route.what.open[0]]
    for number in usable:
        if len(rows) >= most or found[number].cost > _MOST_COST_OF_OTHERS * found[usable[0]].cost:
            break
        if number not in rows and not alike[number, rows].any():
            rows.append(number)
    return sorted(found[number] for number in rows)


def _priced(features: Features, cost: Floats, paths: Mapping[bytes, NDArray[np.int64]]) -> list[Route]:
    """Make routes of the paths that the commodity may take, the cheapest first."""
    if not paths:
        return []
    arcs = list(paths.values())
    totals = np.add.reduceat(cost[np.concatenate(arcs)], _starts(arcs)).tolist()
    allowed = {key: path for (key, path), total in zip(paths.items(), totals, strict=True) if total < np.inf}
    found = [
        Route(what.sort[0], total, key, what, path)
        for (key, path), total, what in zip(
            allowed.items(), (total for total in totals if total < np.inf), features.of(allowed), strict=True
        )
    ]
    return sorted(found, key=lambda route: (route.cost, route.key))


def _best_of(routes: Sequence[Route]) -> list[Route]:
    """Pick the cheapest of each nest, and of each name and vehicle where it costs not far more than the best."""
    of_nest = {route.nest: route for route in reversed(routes)}
    near = [route for route in routes if route.cost <= MOST_COST * routes[0].cost]
    of_sort = {route.what.sort: route for route in reversed(near)}
    return [*of_nest.values(), *of_sort.values()]


def _alike(km: Floats, routes: Sequence[Route]) -> Mask:
    """Say which routes of one sort are one to a shipper: much in common, and no long way of their own."""
    first = np.cumsum([0, *(len(route.arcs) for route in routes)])
    shared = shared_km(first, np.concatenate([route.arcs for route in routes]), km)
    shorter = np.minimum.outer(shared.diagonal(), shared.diagonal())
    sorts: dict[tuple[int, int, bool, bool], int] = {}
    sort = np.array([sorts.setdefault(route.what.sort, len(sorts)) for route in routes])
    alike: Mask = np.equal.outer(sort, sort)
    alike &= (shared > _MOST_OVERLAP * shorter) & (shorter - shared < _LEAST_OWN_KM)
    return alike


def _starts(paths: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Say where each path begins when they stand one after the other."""
    return np.cumsum([0, *(len(path) for path in paths[:-1])])
