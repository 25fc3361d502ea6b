"""From a corridor and its traffic to a model of operations: what queues, what sails, what is put aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.corridor import lineages
from jibek.operations.consignments import consignment_sizes, per_unit_of
from jibek.operations.corridor_elsewhere import elsewhere
from jibek.operations.corridor_journeys import EVERY_HOURS, observed_journeys
from jibek.operations.corridor_routes import Ways
from jibek.operations.corridor_services import fleet_of
from jibek.operations.corridor_stations import queues_of
from jibek.operations.corridor_weather import closings_of, weather_of
from jibek.operations.distributions import exponential
from jibek.operations.elements import Route
from jibek.operations.model import Model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.operations.corridor_services import Fleet
    from jibek.operations.corridor_stations import Queues
    from jibek.operations.rules import Rules
    from jibek.operations.traffic import Traffic

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

__all__ = ["WARMUP_HOURS", "YEAR_HOURS", "CorridorModel", "corridor_model"]

YEAR_HOURS = 8760.0
WARMUP_HOURS = 59 * 24.0
"""January and February, which are measured at the end instead, so that each month is measured once."""

_LEAST_CONSIGNMENTS = 1.0


@dataclass(frozen=True)
class CorridorModel:
    """A corridor, ready to be simulated.

    Attributes
    ----------
    model : Model
        Stations, routes, services, closures and weather.
    groups : polars.DataFrame
        ``group, corridor, direction, goods, routes, quantity, unit, consignments`` (a year).
    queues : Queues
        Stations.
    fleet : Fleet
        Services.
    aside : polars.DataFrame
        What is not followed on its way, only where it loads: ``corridor, goods, quantity, unit, share`` (of the named
        corridor's quantity).
    journeys : polars.DataFrame
        As `jibek.operations.corridor_journeys.observed_journeys` found them.
    known : tuple of str
        Elements that were known to be shut for a part of the year, which the simulation leaves open.
    """

    model: Model
    groups: pl.DataFrame
    queues: Queues
    fleet: Fleet
    aside: pl.DataFrame
    journeys: pl.DataFrame
    known: tuple[str, ...]


def corridor_model(
    world: Corridor, traffic: Traffic, closings: pl.DataFrame, rules: Rules, journeys: pl.DataFrame | None = None
) -> CorridorModel:
    """Make a model of a corridor.

    Routes of a named corridor with at least one consignment a year are followed from end to end. All others come to
    each station and vessel on their way by themselves, as single visits and rides.

    Parameters
    ----------
    world
        The corridor in the scenario.
    traffic
        Routes with volumes.
    closings
        As `jibek.corridor.closings_in` lists them.
    rules
        Estimates.
    journeys
        ``origin, destination, goods`` (a commodity or a parent of it): from which place to which the time is observed,
        as a test box that is sent along does, by each named corridor.

    Raises
    ------
    OperationsError
        If the tables make no model: all faults at once.
    """
    weather = weather_of(world, traffic, rules)
    queues = queues_of(traffic, rules)
    fleet = fleet_of(world, traffic, rules, weather.shut)
    shut = closings_of(traffic, closings, WARMUP_HOURS)
    sizes = consignment_sizes(world, traffic, rules)
    per_unit = {
        unit: per_unit_of(world, traffic.commodities, unit) for unit in world["services"]["unit"].drop_nulls().unique()
    }
    followed = (traffic.way >= 0) & (traffic.quantity / sizes >= _LEAST_CONSIGNMENTS)
    groups = _groups(world, traffic, sizes)
    stopped = {station for row in weather.stoppages for station in row.stations}
    stopped |= {station for row in shut.closures for station in row.stations}
    ways = Ways(traffic, queues, fleet, shut.gates, stopped, per_unit, rules)
    names = groups["group"].to_list()
    routes = [
        Route(
            f"route {route}",
            ways.steps(route, float(sizes[route])),
            exponential(YEAR_HOURS * float(sizes[route] / traffic.quantity[route])),
            group=names[route],
            by_leg=False,
        )
        for route in np.flatnonzero(followed).tolist()
    ]
    rest = np.where(followed, 0.0, traffic.quantity)
    routes += elsewhere(traffic, queues, fleet, rest, sizes, per_unit)
    observed = observed_journeys(world, traffic, journeys)
    routes += [
        Route(
            f"journey {group}",
            ways.steps(route, float(sizes[route]), observed=True, part=slice(first, last)),
            exponential(EVERY_HOURS),
            group=group,
            by_leg=False,
        )
        for group, route, first, last in observed.select("group", "route", "first", "last").iter_rows()
    ]
    stations = (*queues.stations, *fleet.waters, *shut.stations)
    return CorridorModel(
        Model(stations, tuple(routes), fleet.services, shut.closures, weather.stoppages),
        _summed(groups.filter(followed)),
        queues,
        fleet,
        _aside(groups, followed),
        observed,
        shut.known,
    )


def _groups(world: Corridor, traffic: Traffic, sizes: Floats) -> pl.DataFrame:
    """Say of each route to which group it belongs, and its yearly quantity and consignments."""
    lines = lineages(world["commodities"])
    units = dict(world["commodities"].select("id", "unit").iter_rows())
    goods = np.array([lines[name][-1] for name in traffic.commodities])[traffic.commodity]
    names = np.array([*traffic.ways, ""])[traffic.way]
    return pl.DataFrame(
        {
            "corridor": names,
            "direction": _directions(world, traffic),
            "goods": goods,
            "quantity": traffic.quantity,
            "unit": np.array([units[name] for name in traffic.commodities])[traffic.commodity],
            "consignments": traffic.quantity / sizes,
        },
        schema_overrides={"corridor": pl.String, "direction": pl.String, "goods": pl.String, "unit": pl.String},
    ).with_columns(group=pl.concat_str("corridor", "direction", "goods", separator="/"))


def _directions(world: Corridor, traffic: Traffic) -> NDArray[np.str_]:
    """Say where each route leads, along the axis on which most of its corridor's goods move."""
    network = traffic.network
    lat, lon = (world["places"][name].to_numpy() for name in ("lat", "lon"))
    start = network.start_place[traffic.arcs[traffic.first_arc[:-1]]]
    end = network.end_place[traffic.arcs[traffic.first_arc[1:] - 1]]
    north = lat[end] - lat[start]
    east = (lon[end] - lon[start]) * np.cos(np.radians((lat[end] + lat[start]) / 2.0))
    along: NDArray[np.str_] = np.where(east >= 0, "eastward", "westward")
    across = np.where(north >= 0, "northward", "southward")
    n = len(traffic.ways) + 1
    moved = [np.bincount(traffic.way + 1, traffic.quantity * np.abs(each), minlength=n) for each in (east, north)]
    return np.where((moved[0] >= moved[1])[traffic.way + 1], along, across)


def _summed(routes: pl.DataFrame) -> pl.DataFrame:
    """Add up the routes of each group."""
    return (
        routes.group_by("group", "corridor", "direction", "goods", "unit")
        .agg(
            routes=pl.len().cast(pl.Int64), quantity=pl.col("quantity").sum(), consignments=pl.col("consignments").sum()
        )
        .select("group", "corridor", "direction", "goods", "routes", "quantity", "unit", "consignments")
        .sort("group")
    )


def _aside(groups: pl.DataFrame, followed: Bools) -> pl.DataFrame:
    """Add up what is not followed."""
    key = ["corridor", "goods", "unit"]
    return (
        groups.with_columns(aside=pl.Series(~followed))
        .group_by(key)
        .agg(
            quantity=pl.col("quantity").filter("aside").sum(),
            share=pl.col("quantity").filter("aside").sum() / pl.col("quantity").sum(),
        )
        .filter(pl.col("quantity") > 0)
        .select("corridor", "goods", "quantity", "unit", "share")
        .sort("corridor", "goods", "unit")
    )
