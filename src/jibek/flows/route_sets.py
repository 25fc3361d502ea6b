"""Route sets: the alternatives of every pair of places, found once over all scenarios and then frozen.

The sets depend on the corridor alone, not on the scenario that is run, so two scenarios choose among the same routes
and can be compared. A route of which a part is closed stays in the set and gets no goods.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.flows.candidates import CandidateSearch
from jibek.flows.selection import MOST_COST, VEHICLES, Features, Route, chosen
from jibek.network import ArcKind, build_network, costs_by_commodity, named_ways

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.flows.demand import Demand
    from jibek.network import ArcCosts, NamedWay, Network

__all__ = ["RouteSets", "build_route_sets", "everything_open"]

_OPENED = ("links", "borders", "terminals", "services")


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
    features = Features(network, world, ways, worlds)
    unbroken, without = _unbroken(network, features.by_ferry, world), _without(network, world)
    country = world["places"]["country"].rank("dense").cast(pl.Int64).fill_null(-1).to_numpy()
    priced = costs_by_commodity(network, world, commodities, world.year)
    routes: dict[tuple[int, int, int], list[Route]] = {}
    for codes in _kinds(world, commodities, priced):
        costs = {code: np.where(priced[code].allowed, priced[code].generalised_hours, np.inf) for code in codes}
        searches = {
            code: CandidateSearch(
                network=network,
                cost=cost,
                ways=ways,
                worlds=worlds,
                n_years=n_years,
                unbroken=unbroken,
                without=without,
                most_cost=MOST_COST,
                country=country,
                by_ocean_ship=features.by_ocean_ship,
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
                    routes[code, origin, place] = chosen(features, network.km, cost, found[place])
    return _assembled(network, ways, commodities, pairs, [routes[pair] for pair in pairs])


def _kinds(world: Corridor, commodities: Sequence[str], priced: Sequence[ArcCosts]) -> list[list[int]]:
    """Group the commodities that have the same parent, each group in the order of the value of time."""
    parents = dict(world["commodities"].select("id", "parent").iter_rows())
    rows = [(parents[name] or name, priced[code].hours_per_usd, code) for code, name in enumerate(commodities)]
    return [[code for *_, code in rows] for _, rows in groupby(sorted(rows), key=lambda row: row[0])]


def _assembled(
    network: Network,
    ways: tuple[NamedWay, ...],
    commodities: tuple[str, ...],
    pairs: Sequence[tuple[int, int, int]],
    routes: Sequence[Sequence[Route]],
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


def _path_sizes(km: NDArray[np.float64], routes: Sequence[Route]) -> NDArray[np.float64]:
    """Give the share of each route's km that is its own, km shared by n routes of the pair counting 1/n.

    A route that is open in the base year shares with others that are open then; one that is not shares with all. So a
    line that is only planned takes nothing from what exists, and hardly pays as variety alone once it opens.
    """
    if not routes:
        return np.empty(0)
    lengths = [len(route.arcs) for route in routes]
    arcs, starts = np.concatenate([route.arcs for route in routes]), _starts(lengths)[:-1]
    is_open = np.repeat([route.what.open[0] for route in routes], lengths)
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
        for medium, ferry in VEHICLES
    ]
    return [*((network.kind != ArcKind.LINK) | fit[layer] for fit in fits), ~by_ferry]


def _without(network: Network, world: Corridor) -> list[NDArray[np.bool_]]:
    """Mark all arcs but those of railways, and all but those of roads."""
    media = np.append(world["modes"]["medium"].to_numpy().astype(str), "")[network.node_layer[network.arc_to]]
    return [(network.kind != ArcKind.LINK) | (media != medium) for medium, _ in VEHICLES]
