"""Flows beside what was counted: which routes a series counts, and what it observed in a year."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from jibek.corridor import lineages, units
from jibek.flows.kernels import route_sums
from jibek.network import ArcKind, carriages_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.flows.preferences import RouteMarks
    from jibek.flows.route_sets import RouteSets

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

__all__ = ["Counts", "counts_of", "geh", "observed_in"]

LEAST_MONTHS = 6
"""Shortest part of a year from which a yearly value is scaled."""

_ELEMENTS = {"links": ArcKind.LINK, "borders": ArcKind.BORDER, "terminals": ArcKind.TERMINAL}
_COUNTED_IN = {"t": "t", "TEU": "teu", "trains": "train", "trucks": "truck", "wagons": "wagon"}
_SAME_COUNT = ("flow", "table", "elements", "direction", "modes", "commodity", "origin", "destination", "loaded")
_MONTHS = 12


@dataclass(frozen=True)
class Counts:
    """What series count, as weights on routes.

    Attributes
    ----------
    series : tuple of str
        Ids, sorted.
    base_unit : tuple of str
        Unit of each modelled count: ``t``, ``TEU``, ``trains``, ``trucks`` or ``wagons`` a year.
    group : tuple of int
        Number of the quantity that each counts; series that count the same share it.
    route, weight : tuples of arrays
        The modelled count of a series is the sum of weight times flow over these routes.
    """

    series: tuple[str, ...]
    base_unit: tuple[str, ...]
    group: tuple[int, ...]
    route: tuple[NDArray[np.int64], ...]
    weight: tuple[Floats, ...]

    def modelled(self, flow: Floats) -> Floats:
        """Count the flows of all routes: base units a year, shape (n_series,)."""
        counted: Floats = route_sums(*self._flat, flow)
        return counted

    @cached_property
    def _flat(self) -> tuple[NDArray[np.int64], NDArray[np.int32], Floats]:
        """Lay routes and weights of all series one after the other, with the place where each series begins."""
        first = np.cumsum([0, *map(len, self.route)], dtype=np.int64)
        route = np.concatenate([np.empty(0, np.int32), *self.route]).astype(np.int32)
        return first, route, np.concatenate([np.empty(0), *self.weight])


def counts_of(world: Corridor, routes: RouteSets, marks: RouteMarks) -> Counts:
    """Find what each row of ``counts`` counts among the routes.

    Rows with flow ``none``, and those of goods that balances decide, count nothing here.
    """
    unit_of = dict(world["series"].select("id", "unit").iter_rows())
    left = set(world["commodities"].filter(decided_by="balances")["id"])
    rows = [
        row
        for row in world["counts"].filter(pl.col("flow") != "none").sort("series").iter_rows(named=True)
        if row["commodity"] not in left and _base_unit(unit_of[row["series"]]) is not None
    ]
    finder = _Finder(world, routes, marks)
    groups: dict[tuple[object, ...], int] = {}
    weights = [finder.weights(row, str(_base_unit(unit_of[row["series"]]))) for row in rows]
    chosen = [np.flatnonzero(weight) for weight in weights]
    return Counts(
        series=tuple(row["series"] for row in rows),
        base_unit=tuple(str(_base_unit(unit_of[row["series"]])) for row in rows),
        group=tuple(
            groups.setdefault(
                (*(_unordered(row[name]) for name in _SAME_COUNT), _base_unit(unit_of[row["series"]])), len(groups)
            )
            for row in rows
        ),
        route=tuple(chosen),
        weight=tuple(weight[some] for weight, some in zip(weights, chosen, strict=True)),
    )


def observed_in(world: Corridor, year: int) -> pl.DataFrame:
    """List what series of moving goods observed in a year, in base units a year.

    Of a series with several periods the longest counts. A part of a year of at least `LEAST_MONTHS` is scaled to
    twelve months; shorter ones are left out, since trade has seasons.

    Returns
    -------
    polars.DataFrame
        ``series, title, use, grade, unit, base_unit, observed, months``, sorted by series.
    """
    series = world["series"].filter(pl.col("measure").is_in(["flow", "count"])).select("id", "title", "use", "unit")
    months = pl.col("to_month") - pl.col("from_month") + 1
    rows = (
        world["observations"]
        .filter(pl.col("year") == year)
        .with_columns(months=months)
        .filter(pl.col("months") >= LEAST_MONTHS)
        .sort("series", "months", "from_month")
        .group_by("series", maintain_order=True)
        .last()
        .join(series, left_on="series", right_on="id")
    )
    known = units()
    factor = {name: unit.factor for name, unit in known.items()}
    base = {name: found for name in known if (found := _base_unit(name)) is not None}
    yearly = pl.col("unit").replace_strict({name: unit.base.endswith("/yr") for name, unit in known.items()})
    scale = pl.when(yearly).then(1.0).otherwise(_MONTHS / pl.col("months"))
    return (
        rows.with_columns(
            base_unit=pl.col("unit").replace_strict(base, default=None, return_dtype=pl.String),
            observed=pl.col("value") * pl.col("unit").replace_strict(factor, return_dtype=pl.Float64) * scale,
        )
        .drop_nulls("base_unit")
        .select("series", "title", "use", "grade", "unit", "base_unit", "observed", "months")
        .sort("series")
    )


def geh(modelled: Floats, observed: Floats) -> Floats:
    """Give the GEH statistic of two volumes: ``sqrt(2 (m - c)^2 / (m + c))`` (UK DMRB 12.2.1, section 4.3)."""
    total = modelled + observed
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, np.sqrt(2 * (modelled - observed) ** 2 / total), 0.0)


def _unordered(value: object) -> str:
    return str(sorted(value) if isinstance(value, list) else value)


def _base_unit(unit: str) -> str | None:
    """Name what a unit counts, without its period; None where it counts no goods that move."""
    base = units()[unit].base.removesuffix("/yr")
    return base if base in _COUNTED_IN and units()[unit].factor is not None else None


class _Finder:
    """Finds the routes that a row of ``counts`` counts."""

    def __init__(self, world: Corridor, routes: RouteSets, marks: RouteMarks) -> None:
        self._world = world
        self._routes = routes
        self._marks = marks
        self._lines = lineages(world["commodities"])
        self._carriage = carriages_of(world, routes.commodities)
        returns = world["conversions"].select("commodity", "unit", pl.col("empty_return").fill_null(0.0))
        self._empties = {(commodity, unit): float(share) for commodity, unit, share in returns.iter_rows()}
        self._route_of_arc = np.repeat(np.arange(routes.n_routes), np.diff(routes.first_arc))
        self._commodity = routes.commodity[routes.pair_of_route]

    def weights(self, row: Mapping[str, Any], unit: str) -> Floats:
        """Give the base units that one unit of flow on each route adds to the count."""
        holds = self._of_commodity(row["commodity"]) & self._between(row["origin"], row["destination"])
        counted = np.where(holds, 1.0, 0.0)
        empties = self._per_flow(unit, row["commodity"])[1] if row["loaded"] is False else np.zeros_like(counted)
        if row["flow"] == "passing" and row["table"] in _ELEMENTS:
            forward, backward = (self._passes(row, way) for way in ("forward", "backward"))
            there, back = {"forward": (forward, backward), "backward": (backward, forward)}.get(
                row["direction"], (forward + backward, forward + backward)
            )
            counted *= there + empties * back
        else:
            counted *= self._met(row) * (1 + empties)
        return counted * self._per_flow(unit, row["commodity"])[0]

    def _of_commodity(self, commodity: str | None) -> Mask:
        holds = [commodity is None or commodity in self._lines[leaf] for leaf in self._routes.commodities]
        return np.array(holds, dtype=np.bool_)[self._commodity]

    def _between(self, origins: Sequence[str] | None, destinations: Sequence[str] | None) -> Mask:
        pair = np.ones(self._routes.n_pairs, dtype=np.bool_)
        for zones, places in ((origins, self._routes.origin), (destinations, self._routes.destination)):
            if zones:
                pair &= np.any([self._marks.within(zone, places) for zone in zones], axis=0)
        return pair[self._routes.pair_of_route]

    def _per_flow(self, unit: str, commodity: str | None) -> tuple[Floats, Floats]:
        """Give counted units, and empties per loaded unit, of each route's commodity.

        Boxes are counted of what travels in boxes; a count of TEU without a commodity leaves out goods in tonnes.
        """
        wanted = _COUNTED_IN[unit]
        per, empty = [], []
        for leaf, carriage in zip(self._routes.commodities, self._carriage, strict=True):
            boxed = wanted != "teu" or carriage.unit == "teu" or commodity is not None
            per.append(1 / carriage.per_unit[wanted] if wanted in carriage.per_unit and boxed else 0.0)
            empty.append(self._empty_return(leaf, wanted))
        return np.array(per)[self._commodity], np.array(empty)[self._commodity]

    def _empty_return(self, leaf: str, unit: str) -> float:
        known = (self._empties.get((ancestor, unit)) for ancestor in self._lines[leaf])
        return next((share for share in known if share is not None), 0.0)

    def _passes(self, row: Mapping[str, Any], way: str) -> Floats:
        """Count how often each route passes the elements in one direction."""
        network = self._routes.network
        ids = self._world[row["table"]]["id"]
        wanted = ids.is_in(row["elements"]).to_numpy()
        here = (network.kind == _ELEMENTS[row["table"]]) & (network.direction == (way == "backward"))
        here[here] = wanted[network.element[here]]
        routes = self._routes_past(np.flatnonzero(here))
        return np.bincount(routes, minlength=self._routes.n_routes).astype(float)

    def _routes_past(self, arcs: NDArray[np.int64]) -> NDArray[np.int64]:
        """List the routes past some arcs, once for each."""
        order, first = self._by_arc
        parts = [self._route_of_arc[order[first[arc] : first[arc + 1]]] for arc in arcs]
        return np.concatenate([np.empty(0, np.int64), *parts])

    @cached_property
    def _by_arc(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Put the arcs of all routes in order: where each stood, and where those of each arc begin."""
        order = np.argsort(self._routes.arcs, kind="stable")
        return order, np.searchsorted(self._routes.arcs[order], np.arange(self._routes.network.n_arcs + 1))

    def _met(self, row: Mapping[str, Any]) -> Mask:
        """Mark the routes of a corridor, a country or a movement."""
        routes, marks = self._routes, self._marks
        everywhere = np.ones(routes.n_routes, dtype=np.bool_)
        by_mode = (
            np.any([marks.mode.get(mode, ~everywhere) for mode in row["modes"]], axis=0) if row["modes"] else everywhere
        )
        if row["table"] == "corridors":
            ids = [way.id for way in routes.ways]
            return by_mode & np.isin(routes.way, [ids.index(element) for element in row["elements"]])
        if row["flow"] == "moving":
            return by_mode
        starts, ends = (
            np.any([marks.within(country, places) for country in row["elements"]], axis=0)[routes.pair_of_route]
            for places in (routes.origin, routes.destination)
        )
        crossing = self._crosses(row["elements"], row["modes"])
        kinds: Mapping[str, Mask] = {
            "transit": ~starts & ~ends,
            "entering": ~starts & ends,
            "leaving": starts & ~ends,
        }
        return kinds[row["flow"]] & crossing

    def _crosses(self, countries: Sequence[str], modes: Sequence[str] | None) -> Mask:
        """Mark the routes that cross a frontier of some countries, by some modes."""
        network = self._routes.network
        start, end = (
            np.any([self._marks.within(country, places) for country in countries], axis=0)
            for places in (network.start_place, network.end_place)
        )
        at_frontier = (network.kind == ArcKind.BORDER) & (start | end)
        if modes:
            layers = np.append(self._world["modes"]["id"].is_in(list(modes)).to_numpy(), False)
            at_frontier &= layers[network.node_layer[network.arc_to]]
        crossed = np.zeros(self._routes.n_routes, dtype=np.bool_)
        crossed[self._routes_past(np.flatnonzero(at_frontier))] = True
        return crossed
