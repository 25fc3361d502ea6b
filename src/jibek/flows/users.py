"""Who uses a resource: the load of its busiest station by commodity and by pair of places; quantities are a year's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.flows.stations import DAYS
from jibek.network import carriages_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.flows.assignment import Flows

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["station_users"]

_MOST_PAIRS = 10
_USERS = {"row": pl.Int64(), "quantity": pl.Float64(), "load": pl.Float64()} | dict.fromkeys(
    ("kind", "origin", "destination", "commodity", "unit"), pl.String()
)


def station_users(flows: Flows, world: Corridor) -> pl.DataFrame:
    """Say whose goods load each resource, at the station where it is loaded most.

    Parameters
    ----------
    flows
        As assigned.
    world
        The corridor in the scenario.

    Returns
    -------
    polars.DataFrame
        ``resource, member, way`` (the station), ``kind, origin, destination, commodity, unit, quantity`` (that passes
        in a year), ``load`` (of a busy day, empties included, in units of the resource), ``share`` (of the station's
        load); the greatest load first. Of kind ``commodity`` there is a row for each that comes, of kind ``background``
        one for what moves outside the demand: their shares sum to 1. Of kind ``pair`` there are the ten pairs of places
        that load most, all goods together, in tonnes as far as goods have a weight.
    """
    routes, stations = flows.routes, flows.priced.stations
    busiest = _busiest(flows)
    row, pair, quantity, load = _by_pair(flows, busiest)
    goods = carriages_of(world, routes.commodities)
    tonnes = np.array([1 / each.per_unit["t"] if "t" in each.per_unit else 0.0 for each in goods])
    commodity = routes.commodity[pair].astype(np.int64)
    places = world["places"]["id"]
    ends = routes.origin[pair].astype(np.int64) * len(places) + routes.destination[pair]

    names, units = (pl.Series(each, dtype=pl.String) for each in (routes.commodities, [each.unit for each in goods]))
    of_goods, code = _summed(row, commodity, quantity, load)
    of_pairs, end = _summed(row, ends, quantity * tonnes[commodity], load)
    outside = pl.DataFrame({"row": np.arange(len(busiest)), "load": (stations.background * stations.peak)[busiest]})
    parts = [
        of_goods.with_columns(kind=pl.lit("commodity"), commodity=names.gather(code), unit=units.gather(code)),
        of_pairs.with_columns(
            kind=pl.lit("pair"),
            origin=places.gather(end // len(places)),
            destination=places.gather(end % len(places)),
            unit=pl.lit("t"),
        ),
        outside.with_columns(kind=pl.lit("background")),
    ]
    station = stations.table.select("resource", "member", "way")[busiest].with_row_index("row")
    station = station.with_columns(pl.col("row").cast(pl.Int64), all=pl.Series(flows.equilibrium.load[busiest]))
    order = ["resource", "kind", "load", "commodity", "origin", "destination"]
    return (
        pl.concat([pl.DataFrame(schema=_USERS), *parts], how="diagonal")
        .filter(pl.col("load") > 0)
        .join(station, on="row")
        .sort(order, descending=[name == "load" for name in order])
        .filter((pl.col("kind") != "pair") | (pl.int_range(pl.len()).over("resource", "kind") < _MOST_PAIRS))
        .select(
            *("resource", "member", "way", "kind", "origin", "destination", "commodity", "unit", "quantity", "load"),
            share=pl.col("load") / pl.col("all"),
        )
    )


def _busiest(flows: Flows) -> Ints:
    """Give the station of each resource with the greatest load as a share of capacity, resources in order of name."""
    stations = flows.priced.stations
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(stations.capacity > 0, flows.equilibrium.load / stations.capacity, -1.0)
    ranked = stations.table.select("resource", share=pl.Series(share)).with_row_index("station")
    first = ranked.sort("resource", "share", "station", descending=[False, True, False]).unique(
        "resource", keep="first", maintain_order=True
    )
    return first["station"].to_numpy().astype(np.int64)


def _by_pair(flows: Flows, busiest: Ints) -> tuple[Ints, Ints, Floats, Floats]:
    """List which pair loads which of some stations: row of the station, pair, quantity that passes, load.

    A route whose goods pass a station twice loads it twice, but its quantity counts once.
    """
    routes, priced = flows.routes, flows.priced
    row_of = np.full(priced.stations.n_stations, -1)
    row_of[busiest] = np.arange(len(busiest))
    entry = np.flatnonzero(row_of[priced.station] >= 0)
    route = np.searchsorted(priced.first_entry, entry, side="right") - 1
    flow = flows.equilibrium.flow[route]
    row = row_of[priced.station[entry]]
    cell = row * routes.n_pairs + routes.pair_of_route[route]
    n = len(busiest) * routes.n_pairs
    load: Floats = np.bincount(cell, weights=flow / DAYS * priced.load[entry], minlength=n).astype(np.float64)
    loaded = np.flatnonzero(priced.load[entry] > priced.empties[entry])
    _, first = np.unique(row[loaded] * routes.n_routes + route[loaded], return_index=True)
    once = loaded[first]
    quantity: Floats = np.bincount(cell[once], weights=flow[once], minlength=n).astype(np.float64)
    used = np.flatnonzero(load).astype(np.int64)
    return used // max(routes.n_pairs, 1), used % max(routes.n_pairs, 1), quantity[used], load[used]


def _summed(row: Ints, code: Ints, quantity: Floats, load: Floats) -> tuple[pl.DataFrame, Ints]:
    """Add up what has one row and one code: ``row, quantity, load``, and the codes."""
    size = code.max(initial=0) + 1
    found, place = np.unique(row * size + code, return_inverse=True)
    sums = {
        name: np.bincount(place, weights=values, minlength=len(found)).astype(np.float64)
        for name, values in (("quantity", quantity), ("load", load))
    }
    return pl.DataFrame({"row": found // size, **sums}), found % size
