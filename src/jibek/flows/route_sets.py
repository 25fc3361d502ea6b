"""Route sets: the alternatives of every pair of places, found once over all scenarios and then frozen.

The sets depend on the corridor alone, not on the scenario that is run, so two scenarios choose among the same routes
and can be compared. A route of which a part is closed stays in the set and gets no goods.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from jibek.flows.candidates import Candidates, CandidateSearch
from jibek.network import ArcKind, build_network, costs_by_commodity, named_ways, way_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.flows.demand import Demand
    from jibek.network import ArcCosts, NamedWay, Network

__all__ = ["OVERLAND", "SEA", "RouteSets", "build_route_sets", "everything_open"]

OVERLAND, SEA = 0, 1
"""Nests: routes that are by ocean ship for most of their km, `_AT_SEA` or more, are ``SEA``."""

_OCEAN_MODES = ("deep_sea",)
_AT_SEA = 0.75  # a way by land to a far port, as from Urumqi to Bandar Abbas, is none by sea
_OPENED = ("links", "borders", "terminals", "services")
_VEHICLES = (("rail", "rail_ferry"), ("road", "road_ferry"))  # medium, and the mode that ferries its vehicles
_MOST_COST = 2.5  # times the cheapest of the pair, for the first route of a name
_MOST_OTHERS = 6  # of one pair, beside the best of each scenario and name
_MOST_COST_OF_OTHERS = 2.0
_MOST_OVERLAP = 0.85  # share of km in common with a cheaper route of the same name and vehicle
_LEAST_OWN_KM = 500.0  # with so many km of its own a route is another one whatever it shares


@dataclass(frozen=True)
class RouteSets:
    """The frozen alternatives of all pairs.

    Routes of a pair stand together, overland before sea, each nest by cost.

    Attributes
    ----------
    network : Network
        With everything that may be open in any scenario.
    ways : tuple of NamedWay
        The corridors, in the order in which they give their name.
    commodities : tuple of str
        Commodities.
    commodity, origin, destination : int32 arrays, shape (n_pairs,)
        Row in ``commodities``, rows in ``places``; sorted.
    first_route : int64 array, shape (n_pairs + 1,)
        The routes of pair ``p`` are ``first_route[p]`` to ``first_route[p + 1] - 1``.
    first_arc : int64 array, shape (n_routes + 1,)
        The arcs of route ``r`` are ``arcs[first_arc[r]:first_arc[r + 1]]``.
    arcs : int32 array
        Arcs of ``network``.
    nest : uint8 array, shape (n_routes,)
        ``OVERLAND`` or ``SEA``.
    way : int16 array, shape (n_routes,)
        Row in ``ways``; -1 for none.
    path_size : float64 array, shape (n_routes,)
        Share of the route that is its own (Ben-Akiva and Bierlaire 1999, eq. 20): a length shared by n routes of the
        pair that are open in the base year counts 1/n.
    """

    network: Network
    ways: tuple[NamedWay, ...]
    commodities: tuple[str, ...]
    commodity: NDArray[np.int32]
    origin: NDArray[np.int32]
    destination: NDArray[np.int32]
    first_route: NDArray[np.int64]
    first_arc: NDArray[np.int64]
    arcs: NDArray[np.int32]
    nest: NDArray[np.uint8]
    way: NDArray[np.int16]
    path_size: NDArray[np.float64]

    @property
    def n_pairs(self) -> int:
        """Count the pairs."""
        return len(self.commodity)

    @property
    def n_routes(self) -> int:
        """Count the routes."""
        return len(self.nest)

    @cached_property
    def pair_of_route(self) -> NDArray[np.int64]:
        """Pair of each route."""
        return np.repeat(np.arange(self.n_pairs), np.diff(self.first_route))

    def of_commodity(self, code: int) -> slice:
        """Give the routes of one commodity, which stand together."""
        begin, end = np.searchsorted(self.commodity, [code, code + 1])
        return slice(int(self.first_route[begin]), int(self.first_route[end]))

    def arcs_of(self, routes: slice) -> tuple[NDArray[np.int64], slice]:
        """Give the arcs of routes that stand together: where each route's arcs start among them, and where they lie."""
        first = self.first_arc[routes.start : routes.stop + 1]
        return first - first[0], slice(int(first[0]), int(first[-1]))

    def sums(self, values: NDArray[np.float64], routes: slice | None = None) -> NDArray[np.float64]:
        """Add up over each route what is given for the arcs of the network; all routes, or some that stand together."""
        first, index = self.arcs_of(slice(0, self.n_routes) if routes is None else routes)
        if len(first) == 1:
            return np.zeros(0)
        sums: NDArray[np.float64] = np.add.reduceat(values[self.arcs[index]], first[:-1])  # no route is empty
        return sums


def everything_open(world: Corridor) -> Corridor:
    """Open whatever is planned, closed or shut for a time, so that its routes can be found."""
    opened = {name: world[name].with_columns(open_share=pl.lit(1.0)) for name in _OPENED}
    return replace(world, tables={**world.tables, **opened})


def build_route_sets(
    world: Corridor, years: Sequence[Corridor], scenarios: Sequence[Corridor], demands: Sequence[Demand]
) -> RouteSets:
    """Find the alternatives of every pair that has demand in any of some years.

    Parameters
    ----------
    world
        The corridor in the base year, resolved.
    years
        The corridor in other years that are looked at.
    scenarios
        The corridor in the scenarios over which the sets shall hold.
    demands
        Demand of all years that the sets shall serve.

    Returns
    -------
    RouteSets
        A pair without any route has an empty set.
    """
    network = build_network(everything_open(world))
    ways = named_ways(world, network.place_index)
    masks = [_open_arcs(network, each) for each in (world, *years, *scenarios)]
    n_years = len(_distinct(masks[: 1 + len(years)]))
    worlds = [*_distinct(masks), np.ones(network.n_arcs, np.bool_)]
    commodities = tuple(sorted({commodity for demand in demands for commodity in demand.commodities}))
    pairs = sorted(
        {
            (commodities.index(demand.commodities[code]), origin, destination)
            for demand in demands
            for code, origin, destination in zip(
                demand.commodity.tolist(), demand.origin.tolist(), demand.destination.tolist(), strict=True
            )
        }
    )
    features = _Features(network, world, ways, worlds)
    unbroken, without = _unbroken(network, features.by_ferry, world), _without(network, world)
    country = world["places"]["country"].rank("dense").cast(pl.Int64).fill_null(-1).to_numpy()
    priced = costs_by_commodity(network, world, commodities, world.year)
    routes: dict[tuple[int, int, int], list[_Route]] = {}
    for codes in _kinds(world, commodities, priced):
        costs = {code: np.where(priced[code].allowed, priced[code].generalised_hours, np.inf) for code in codes}
        searches = {
            code: CandidateSearch(
                network, cost, ways, worlds, n_years, unbroken, without, _MOST_COST, country, features.by_ocean_ship
            )
            for code, cost in costs.items()
        }
        middle = codes[len(codes) // 2]
        of_kind = sorted((pair for pair in pairs if pair[0] in costs), key=lambda pair: pair[1])
        for origin, group in groupby(of_kind, key=lambda pair: pair[1]):
            of_origin = list(group)
            shared = searches[middle].paths(origin, sorted({pair[2] for pair in of_origin}))
            for code, cost in costs.items():
                ends = [pair[2] for pair in of_origin if pair[0] == code]
                found = shared if code == middle else searches[code].best(origin, ends)
                for place in ends:
                    found[place].join(shared[place])
                    routes[code, origin, place] = _chosen(features, network.km, cost, found[place])
    return _assembled(network, ways, commodities, pairs, [routes[pair] for pair in pairs])


def _kinds(world: Corridor, commodities: Sequence[str], priced: Sequence[ArcCosts]) -> list[list[int]]:
    """Group the commodities that have the same parent, each group in the order of the value of time."""
    parents = dict(world["commodities"].select("id", "parent").iter_rows())
    rows = [(parents[name] or name, priced[code].hours_per_usd, code) for code, name in enumerate(commodities)]
    return [[code for *_, code in rows] for _, rows in groupby(sorted(rows), key=lambda row: row[0])]


@dataclass(frozen=True, order=True)
class _Route:
    """A candidate, sorted by nest and cost."""

    nest: int
    cost: float
    key: bytes
    way: int
    by_road: bool
    by_ferry: bool
    open: tuple[bool, ...]  # in each world
    arcs: NDArray[np.int64] = field(compare=False)

    @property
    def sort(self) -> tuple[int, int, bool, bool]:
        """What makes it an alternative of its own."""
        return self.nest, self.way, self.by_road, self.by_ferry


class _Feature(NamedTuple):
    """What a path is, whatever it carries."""

    nest: int
    way: int  # row of the corridor whose name it bears; -1: none
    by_road: bool
    by_ferry: bool
    open: tuple[bool, ...]  # in each world


class _Features:
    """What paths are, whatever they carry; worked out once for each path.

    Attributes
    ----------
    by_ocean_ship, by_ferry : bool array, shape (n_arcs,)
        Links by ocean ship, and by ferry for wagons or lorries.
    """

    def __init__(
        self, network: Network, world: Corridor, ways: tuple[NamedWay, ...], worlds: Sequence[NDArray[np.bool_]]
    ) -> None:
        self._network = network
        self._ways = ways
        self._worlds = np.stack(worlds)
        ocean = np.append(world["modes"]["id"].is_in(list(_OCEAN_MODES)).to_numpy(), False)
        road = np.append((world["modes"]["medium"] == "road").to_numpy(), False)
        layer = network.node_layer[network.arc_to]
        self.by_ocean_ship = (network.kind == ArcKind.LINK) & ocean[layer]
        ferry = np.append(world["modes"]["id"].is_in([mode for _, mode in _VEHICLES]).to_numpy(), False)
        self.by_ferry = (network.kind == ArcKind.LINK) & ferry[layer]
        self._by_road = road[layer]
        self._known: dict[bytes, _Feature] = {}

    def of(self, paths: Mapping[bytes, NDArray[np.int64]]) -> list[_Feature]:
        """Give what each path is.

        A path is by road if lorries carry it for more than half of its km, at sea if ships do for `_AT_SEA` of them.
        """
        new = {key: path for key, path in paths.items() if key not in self._known}
        if new:
            self._known |= zip(new, self._worked_out(list(new.values())), strict=True)
        return [self._known[key] for key in paths]

    def _worked_out(self, paths: Sequence[NDArray[np.int64]]) -> list[_Feature]:
        network = self._network
        arcs, starts = np.concatenate(paths), _starts([len(path) for path in paths])[:-1]
        km = network.km[arcs]
        length, by_ship, by_road = (
            np.add.reduceat(km * part, starts) for part in (1.0, self.by_ocean_ship[arcs], self._by_road[arcs])
        )
        nest = np.where(by_ship >= _AT_SEA * length, SEA, OVERLAND)
        is_open = np.logical_and.reduceat(self._worlds[:, arcs], starts, axis=1).T
        by_ferry = np.logical_or.reduceat(self.by_ferry[arcs], starts)
        places = [frozenset(part.tolist()) for part in np.split(network.node_place[network.arc_from[arcs]], starts[1:])]
        ends = network.node_place[network.arc_to[[path[-1] for path in paths]]].tolist()
        named = [way_of(self._ways, passed | {end}) for passed, end in zip(places, ends, strict=True)]
        return [
            _Feature(*row)
            for row in zip(
                nest.tolist(),
                [self._ways.index(way) if way else -1 for way in named],
                (by_road > length / 2).tolist(),
                by_ferry.tolist(),
                map(tuple, is_open.tolist()),
                strict=True,
            )
        ]


def _chosen(
    features: _Features, km: NDArray[np.float64], cost: NDArray[np.float64], candidates: Candidates
) -> list[_Route]:
    """Keep in each world the cheapest of each nest, name and vehicle; in the base year others that differ as well."""
    found = _priced(features, cost, candidates.paths)
    kept = {route: None for route in found if route.key in candidates.needed}
    for world in range(len(found[0].open) if found else 0):
        kept |= dict.fromkeys(_best_of([route for route in found if route.open[world]]))
    usable = [route for route in found if route.open[0]]
    most = len(kept) + _MOST_OTHERS
    for route in usable:
        if len(kept) >= most or route.cost > _MOST_COST_OF_OTHERS * usable[0].cost:
            break
        same_sort = [other for other in kept if other.sort == route.sort]
        if route not in kept and all(_differ(km, route, other) for other in same_sort):
            kept[route] = None
    return sorted(kept)


def _priced(features: _Features, cost: NDArray[np.float64], paths: Mapping[bytes, NDArray[np.int64]]) -> list[_Route]:
    """Make routes of the paths that the commodity may take, the cheapest first."""
    if not paths:
        return []
    totals = np.add.reduceat(
        cost[np.concatenate(list(paths.values()))], _starts([len(path) for path in paths.values()])[:-1]
    )
    allowed = {key: path for (key, path), total in zip(paths.items(), totals, strict=True) if np.isfinite(total)}
    found = [
        _Route(feature.nest, total, key, feature.way, feature.by_road, feature.by_ferry, feature.open, path)
        for (key, path), total, feature in zip(
            allowed.items(), totals[np.isfinite(totals)].tolist(), features.of(allowed), strict=True
        )
    ]
    return sorted(found, key=lambda route: (route.cost, route.key))


def _best_of(routes: Sequence[_Route]) -> list[_Route]:
    """Pick the cheapest of each nest, and of each name and vehicle where it costs not far more than the best."""
    of_nest = {route.nest: route for route in reversed(routes)}
    near = [route for route in routes if route.cost <= _MOST_COST * routes[0].cost]
    of_sort = {route.sort: route for route in reversed(near)}
    return [*of_nest.values(), *of_sort.values()]


def _differ(km: NDArray[np.float64], one: _Route, other: _Route) -> bool:
    """Whether two routes are two to a shipper: little in common, or a long way of their own across a continent."""
    shared = float(km[np.intersect1d(one.arcs, other.arcs, assume_unique=True)].sum())
    shorter = float(min(km[one.arcs].sum(), km[other.arcs].sum()))
    return shared <= _MOST_OVERLAP * shorter or shorter - shared >= _LEAST_OWN_KM


def _assembled(
    network: Network,
    ways: tuple[NamedWay, ...],
    commodities: tuple[str, ...],
    pairs: Sequence[tuple[int, int, int]],
    routes: Sequence[Sequence[_Route]],
) -> RouteSets:
    """Lay the routes of all pairs out in flat arrays."""
    flat = [route for each in routes for route in each]
    keys = np.array(pairs, dtype=np.int32).reshape(-1, 3)
    arcs = [route.arcs.astype(np.int32) for route in flat]
    return RouteSets(
        network=network,
        ways=ways,
        commodities=commodities,
        commodity=keys[:, 0],
        origin=keys[:, 1],
        destination=keys[:, 2],
        first_route=_starts([len(each) for each in routes]),
        first_arc=_starts([len(each) for each in arcs]),
        arcs=np.concatenate([np.empty(0, np.int32), *arcs]),
        nest=np.array([route.nest for route in flat], dtype=np.uint8),
        way=np.array([route.way for route in flat], dtype=np.int16),
        path_size=np.concatenate([np.empty(0), *(_path_sizes(network.km, each) for each in routes)]),
    )


def _starts(lengths: Sequence[int]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)


def _path_sizes(km: NDArray[np.float64], routes: Sequence[_Route]) -> NDArray[np.float64]:
    """Give the share of each route's km that is its own, km shared by n routes of the pair counting 1/n.

    A route that is open in the base year shares with others that are open then; one that is not shares with all. So a
    line that is only planned takes nothing from what exists, and hardly pays as variety alone once it opens.
    """
    if not routes:
        return np.empty(0)
    lengths = [len(route.arcs) for route in routes]
    arcs, starts = np.concatenate([route.arcs for route in routes]), _starts(lengths)[:-1]
    is_open = np.repeat([route.open[0] for route in routes], lengths)
    now, ever = np.bincount(arcs, weights=is_open), np.bincount(arcs)
    own = np.add.reduceat(km[arcs] / np.where(is_open, now[arcs], ever[arcs]), starts)
    length = np.add.reduceat(km[arcs], starts)
    return np.where(length > 0, own / np.where(length > 0, length, 1.0), 1.0)


def _open_arcs(network: Network, world: Corridor) -> NDArray[np.bool_]:
    """Mark the arcs of the network with everything open that are open in a world."""
    return network.positions_in(build_network(world)) >= 0


def _distinct(masks: Sequence[NDArray[np.bool_]]) -> list[NDArray[np.bool_]]:
    """Drop masks that repeat an earlier one."""
    return list({mask.tobytes(): mask for mask in reversed(masks)}.values())[::-1]


def _unbroken(network: Network, by_ferry: NDArray[np.bool_], world: Corridor) -> list[NDArray[np.bool_]]:
    """Mark the arcs that goods pass on one wagon, on one lorry, and where neither goes aboard a ferry.

    Arcs that are no link are among all three.
    """
    layer = network.node_layer[network.arc_to]
    modes = world["modes"]
    fits = [
        np.append(((modes["medium"] == medium) | (modes["id"] == ferry)).to_numpy(), False)
        for medium, ferry in _VEHICLES
    ]
    return [*((network.kind != ArcKind.LINK) | fit[layer] for fit in fits), ~by_ferry]


def _without(network: Network, world: Corridor) -> list[NDArray[np.bool_]]:
    """Mark all arcs but those of railways, and all but those of roads."""
    media = np.append(world["modes"]["medium"].to_numpy().astype(str), "")[network.node_layer[network.arc_to]]
    return [(network.kind != ArcKind.LINK) | (media != medium) for medium, _ in _VEHICLES]
