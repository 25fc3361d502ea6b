"""What flows hand over to operations: routes with volumes and what they load, as plain values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.flows import incidences_of
from jibek.operations import Passages, Traffic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.flows import Flows
    from jibek.network import Network
    from jibek.study.assignment import Assigned

    Floats = NDArray[np.float64]

__all__ = ["traffic_of"]

_DAYS = 365.0
_LEAST = 1e-6  # units a year


def traffic_of(result: Assigned) -> Traffic:
    """Give the routes that carry goods, and the stations and departures that they meet.

    Loads are those of the mean day: the busy day, which flows reckon with, comes out of the simulation.
    """
    flows, routes = result.flows, result.flows.routes
    priced = flows.priced
    used = np.flatnonzero(flows.equilibrium.flow > _LEAST)
    first = np.concatenate([[0], np.cumsum(np.diff(routes.first_arc)[used])]).astype(np.int64)
    starts = np.repeat(routes.first_arc[used] - first[:-1], np.diff(first))
    return Traffic(
        network=_with_waiting(result),
        commodities=routes.commodities,
        commodity=routes.commodity[routes.pair_of_route[used]].astype(np.int64),
        ways=tuple(way.id for way in routes.ways),
        way=routes.way[used].astype(np.int64),
        quantity=flows.equilibrium.flow[used],
        first_arc=first,
        arcs=priced.arcs[np.arange(first[-1]) + starts].astype(np.int64),
        passages=_passages(flows, result.world),
        stations=_stations(flows, result.world),
    )


def _with_waiting(result: Assigned) -> Network:
    """Give the network with the waiting for departures that goods and vessels agreed on."""
    network = result.flows.priced.network
    position = result.flows.routes.network.positions_in(network)
    hours = network.hours_waiting.copy()
    for arc, waiting in result.waiting.items():
        if position[arc] >= 0:
            hours[position[arc]] = waiting
    return replace(network, hours_waiting=hours)


def _passages(flows: Flows, world: Corridor) -> tuple[Passages, ...]:
    """List who meets which station with goods."""
    priced, peak = flows.priced, flows.priced.stations.peak
    found = []
    for each in incidences_of(priced.network, world, priced.stations, flows.routes.commodities):
        goods = (each.load - each.empties) / peak[each.station]
        met = np.flatnonzero((goods > 0) & (each.delay > 0))
        order = met[np.lexsort((each.station[met], each.arc[met]))]
        arc, station = (column[order].astype(np.int64) for column in (each.arc, each.station))
        found.append(Passages(arc, station, goods[order], each.delay[order]))
    return tuple(found)


def _stations(flows: Flows, world: Corridor) -> pl.DataFrame:
    """Write the stations with what is left of them."""
    priced, stations = flows.priced, flows.priced.stations
    route_of_entry = np.repeat(np.arange(flows.routes.n_routes), np.diff(priced.first_entry))
    carried = flows.equilibrium.flow[route_of_entry] / _DAYS
    empties = np.bincount(priced.station, carried * priced.empties, minlength=stations.n_stations) / stations.peak
    given = world["resources"].select("id", "servers", "cv_service", "open_hours_per_day", "per")
    alone = pl.col("member").n_unique().over("resource") == 1
    return (
        stations.table.with_columns(
            station=pl.concat_str(
                "resource",
                pl.when(alone | (pl.col("member") == "")).then(pl.lit("")).otherwise(pl.lit("/") + pl.col("member")),
                pl.when(pl.col("way") == "").then(pl.lit("")).otherwise(pl.lit("/") + pl.col("way")),
            ),
            capacity=pl.Series(stations.capacity),
            background=pl.Series(stations.background),
            empties=pl.Series(empties),
            delay_hours=pl.Series(flows.equilibrium.hours),
        )
        .join(given, left_on="resource", right_on="id", how="left", maintain_order="left")
        .select(
            *("station", "resource", "unit", "capacity", "background", "empties", "servers"),
            *("cv_service", "delay_hours"),
            open_hours="open_hours_per_day",
        )
    )
