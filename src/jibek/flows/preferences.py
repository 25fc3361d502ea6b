"""What sways the choice of a route beyond money and time, from the rows of ``preferences`` to terms of each route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.corridor import lineages
from jibek.flows.selection import OVERLAND, SEA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.flows.route_sets import RouteSets

    Floats = NDArray[np.float64]

__all__ = [
    "DEFAULT_SPREADS",
    "Preference",
    "RouteMarks",
    "Weights",
    "marks_of",
    "place_zones",
    "preferences_in",
    "weigh",
]

DEFAULT_SPREADS: Mapping[str, float] = {"spread_nest": 3.0, "spread_route": 6.0}
"""Spreads of goods for which ``preferences`` gives none."""

_OF_PAIRS = ("spread_nest", "spread_route", "demand")
_LAND_MEDIA = ("rail", "road")
_NESTS = {"overland": OVERLAND, "sea": SEA}


@dataclass(frozen=True)
class RouteMarks:
    """What preferences look at: countries and modes of each route, zones of each pair.

    Attributes
    ----------
    country : mapping of str to bool array, shape (n_routes,)
        Whether a route crosses a country.
    mode : mapping of str to bool array, shape (n_routes,)
        Whether a route goes by a mode: by a vessel at all, on land only where the medium (rail, road) carries it for
        more than half of its km, so that the lorry to the station does not make a train a lorry.
    place_zones : mapping of str to bool array, shape (n_places,)
        Whether a place lies in a country or region, or is the place of this id.
    """

    country: Mapping[str, NDArray[np.bool_]]
    mode: Mapping[str, NDArray[np.bool_]]
    place_zones: Mapping[str, NDArray[np.bool_]]

    def within(self, zone: str, places: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Say which of some places lie in a zone; none in a country without places."""
        if zone not in self.place_zones:
            return np.zeros(len(places), dtype=np.bool_)
        return self.place_zones[zone][places]


@dataclass(frozen=True)
class Preference:
    """One row of ``preferences`` and what it holds for.

    Attributes
    ----------
    id, kind : str
        As in the table.
    value : float
        Spread, share of the cheapest route's cost, USD per unit, or factor on demand.
    on : bool array, shape (n_pairs,) or (n_routes,)
        Pairs (of a spread or a factor) or routes that it holds for.
    depth : int
        Number of ancestors of its commodity, itself included; of the spreads for some goods the deepest wins.
    """

    id: str
    kind: str
    value: float
    on: NDArray[np.bool_]
    depth: int


def marks_of(world: Corridor, routes: RouteSets) -> RouteMarks:
    """Find which countries and modes each route meets, and which zones each place belongs to."""
    network = routes.network
    countries = world["places"]["country"].fill_null("").to_numpy().astype(str)
    modes = world["modes"]["id"].to_numpy().astype(str)
    ends = network.arc_to[routes.arcs]
    names, code = np.unique(countries, return_inverse=True)
    by_mode = _met_by_routes(routes, modes.tolist(), network.node_layer[ends])
    mostly = _mostly_by(routes, world["modes"]["medium"].to_numpy().astype(str))
    return RouteMarks(
        country=_met_by_routes(routes, names.tolist(), code[network.node_place[ends]]),
        mode={
            mode: by_mode[mode] & mostly.get(medium, np.True_)
            for mode, medium in world["modes"].select("id", "medium").iter_rows()
            if mode in by_mode
        },
        place_zones=place_zones(world),
    )


def place_zones(world: Corridor) -> dict[str, NDArray[np.bool_]]:
    """Say for each country, region and place which places lie in it; bool arrays, shape (n_places,)."""
    countries = world["places"]["country"].fill_null("").to_numpy().astype(str)
    members = dict(world["regions"].group_by("region").agg("country").iter_rows())
    zones = {country: countries == country for country in np.unique(countries).tolist() if country}
    zones |= {region: np.isin(countries, within) for region, within in members.items()}
    for row, place in enumerate(world["places"]["id"]):
        zones[place] = np.arange(len(countries)) == row
    return zones


def preferences_in(world: Corridor, routes: RouteSets, marks: RouteMarks, year: int) -> list[Preference]:
    """List the preferences that hold in a year, in the order of their ids."""
    lines = lineages(world["commodities"])
    in_year = (pl.col("from_year").fill_null(year) <= year) & (pl.col("to_year").fill_null(year) >= year)
    return [
        _preference(row, lines, routes, marks)
        for row in world["preferences"].filter(in_year).sort("id").iter_rows(named=True)
    ]


@dataclass(frozen=True)
class Weights:
    """Preferences added up.

    Attributes
    ----------
    spread_nest, spread_route : float64 arrays, shape (n_pairs,)
        Of rows for the nearest of the commodity, its parent, ..., all commodities; the nest's is at most the route's.
    demand : float64 array, shape (n_pairs,)
        Factor on the quantity.
    share : float64 array, shape (n_routes,)
        Added cost as a share of the pair's cheapest route.
    usd : float64 array, shape (n_routes,)
        Subsidy per unit.
    """

    spread_nest: Floats
    spread_route: Floats
    demand: Floats
    share: Floats
    usd: Floats


def weigh(preferences: Sequence[Preference], routes: RouteSets) -> Weights:
    """Add preferences up."""
    spreads = {}
    for kind, default in DEFAULT_SPREADS.items():
        spreads[kind] = np.full(routes.n_pairs, default)
        for preference in sorted((p for p in preferences if p.kind == kind), key=lambda p: p.depth):
            spreads[kind][preference.on] = preference.value
    demand = np.ones(routes.n_pairs)
    share, usd = np.zeros(routes.n_routes), np.zeros(routes.n_routes)
    for preference in preferences:
        if preference.kind in {"constant", "aversion"}:
            share[preference.on] += preference.value
        elif preference.kind == "subsidy":
            usd[preference.on] += preference.value
        elif preference.kind == "demand":
            demand[preference.on] *= preference.value
    nest = np.minimum(spreads["spread_nest"], spreads["spread_route"])
    return Weights(nest, spreads["spread_route"], demand, share, usd)


def _preference(
    row: Mapping[str, object], lines: Mapping[str, tuple[str, ...]], routes: RouteSets, marks: RouteMarks
) -> Preference:
    """Find the pairs or routes for which a row holds."""
    commodity = row["commodity"]
    holds = np.array([commodity is None or commodity in lines[leaf] for leaf in routes.commodities], dtype=np.bool_)
    pairs = holds[routes.commodity]
    for end, places in (("origin", routes.origin), ("destination", routes.destination)):
        if row[end] is not None:
            pairs = pairs & marks.within(str(row[end]), places)
    kind = str(row["kind"])
    of_pairs = kind in _OF_PAIRS
    depth = len(lines[str(commodity)]) if commodity else 0
    on = pairs if of_pairs else pairs[routes.pair_of_route]
    if not of_pairs:
        nowhere = np.zeros(routes.n_routes, dtype=np.bool_)
        if row["nest"] is not None:
            on = on & (routes.nest == _NESTS[str(row["nest"])])
        if row["corridor"] is not None:
            ids = [way.id for way in routes.ways]
            on = on & (routes.way == ids.index(str(row["corridor"])))
        if row["country"] is not None:
            on = on & marks.country.get(str(row["country"]), nowhere)
        if row["mode"] is not None:
            on = on & marks.mode.get(str(row["mode"]), nowhere)
    return Preference(str(row["id"]), kind, float(row["value"]), on, depth)  # type: ignore[arg-type]


def _met_by_routes(
    routes: RouteSets, names: Sequence[str], code: NDArray[np.int64] | NDArray[np.int32]
) -> dict[str, NDArray[np.bool_]]:
    """Say for each name which routes meet it; ``code`` is the name's number at each arc of the routes, -1 for none."""
    met = np.zeros((len(names) + 1, routes.n_routes), dtype=np.bool_)
    met[code, np.repeat(np.arange(routes.n_routes), np.diff(routes.first_arc))] = True
    return {name: met[number] for number, name in enumerate(names) if met[number].any()}


def _mostly_by(routes: RouteSets, media: NDArray[np.str_]) -> dict[str, NDArray[np.bool_]]:
    """Say which routes a medium on land carries for more than half of their km; ``media`` is that of each layer."""
    network = routes.network
    of_arc = np.append(media, "")[network.node_layer[network.arc_to]]
    half = routes.sums(network.km) / 2
    return {medium: routes.sums(np.where(of_arc == medium, network.km, 0.0)) > half for medium in _LAND_MEDIA}
