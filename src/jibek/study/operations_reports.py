"""Queues that were reported and loads of ferries that were counted, beside the simulated ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from jibek.network import carriages_of
from jibek.operations import LANDING, brought_to

if TYPE_CHECKING:
    from jibek.corridor import Corridor
    from jibek.operations import CorridorModel, Simulation
    from jibek.study.operated import Prepared

__all__ = ["report_table"]

_DAY, _DAYS = 24.0, 365.0
_QUEUES = {"trains": "train", "wagons": "wagon", "trucks": "truck"}
"""What is said to wait, and how services and resources call it."""
_PER_VESSEL = {f"{each}/vessel": unit for each, unit in _QUEUES.items()}
_MEAN_QUEUE = r"-waiting(-|$)"  # by the naming of series; a peak is no queue of a mean day
_PEAK = r"-peak$"
_ROLLING = ("wagon", "truck")
_COLUMNS = {
    **dict.fromkeys(("kind", "series", "title", "use", "unit"), pl.String),
    "year": pl.Int64,
    **dict.fromkeys(("observed", "modelled", "most"), pl.Float64),
    "reason": pl.String,
}


def report_table(start: Prepared, made: CorridorModel, found: Simulation) -> pl.DataFrame:
    """Set reported queues and counted loads of ferries beside the simulated ones.

    Reports are of days on which a queue was worth a report, most of them in a jam; the model tells the mean day. Where
    the delay by formula stands in for a queue, so many wait as come in that delay, by Little's law.

    Returns
    -------
    polars.DataFrame
        ``kind`` (``queue``, ``vessel``), ``series, title, use, unit, year, observed, modelled`` (mean), ``most`` (the
        longest queue of all replications; null where none is simulated), ``reason`` (why nothing stands beside it).
        Only the latest year of a series counts.
    """
    world = start.world
    reported = _latest(world)
    rows = []
    stations, calls = _stations(start, made, found), _calls(world, found)
    for kind, row in reported:
        unit = _QUEUES.get(row["unit"]) or _PER_VESSEL[row["unit"]]
        if kind == "vessel":
            modelled, most = _per_vessel(calls, row["scope_id"], unit), None
        elif row["scope_table"] == "places" and not (here := calls.filter(place=row["scope_id"], unit=unit)).is_empty():
            modelled, most = here["waiting"].sum(), None
        else:
            resources = {row["scope_id"]} if row["scope_table"] == "resources" else _at(world, row["scope_id"])
            modelled, most = _queue(stations, resources, unit)
        reason = None if modelled is not None else "nothing of the kind waits there in the model"
        told = (row[name] for name in ("id", "title", "use", "unit", "year", "value"))
        rows.append((kind, *told, modelled, most, reason))
    return pl.DataFrame(rows, schema=_COLUMNS, orient="row")


def _latest(world: Corridor) -> list[tuple[str, dict[str, Any]]]:
    """List the series that tell of queues or of ferries, with their latest observation, in order of their ids."""
    queue = pl.col("unit").is_in(list(_QUEUES)) & pl.col("id").str.contains(_MEAN_QUEUE)
    queue &= (pl.col("measure") == "stock") & ~pl.col("id").str.contains(_PEAK)
    vessel = pl.col("unit").is_in(list(_PER_VESSEL)) & (pl.col("measure") == "ratio")
    placed = pl.col("scope_table").is_in(["places", "resources"])
    series = world["series"].with_columns(kind=pl.when(queue).then(pl.lit("queue")).when(vessel).then(pl.lit("vessel")))
    years = world["observations"].filter(pl.col("year") <= world.year).sort("series", "year", "from_month")
    latest = years.group_by("series", maintain_order=True).last().select("series", "year", "value")
    rows = series.filter(pl.col("kind").is_not_null() & placed).join(latest, left_on="id", right_on="series").sort("id")
    return [(row["kind"], row) for row in rows.iter_rows(named=True)]


def _at(world: Corridor, place: str) -> set[str]:
    """List the resources of the borders at a place."""
    links = world["links"].filter((pl.col("from_place") == place) | (pl.col("to_place") == place))["id"]
    borders = world["borders"].filter(pl.col("link").is_in(links.implode()))["id"]
    return set(world["resource_users"].filter(pl.col("id").is_in(borders.implode()), table="borders")["resource"])


def _stations(start: Prepared, made: CorridorModel, found: Simulation) -> pl.DataFrame:
    """Give what waits at each station, in its unit: ``resource, unit, waiting, most, wagons`` (of one train)."""
    traffic, queues = start.traffic, made.queues
    by_goods = brought_to(traffic)
    brought = by_goods.sum(axis=0)
    per_train = np.array(
        [
            each.per_unit.get("train", np.nan) / each.per_unit.get("wagon", np.nan)
            for each in carriages_of(start.world, traffic.commodities)
        ]
    )
    told = np.isfinite(per_train)
    at = {name: number for number, name in enumerate(found.stations.ids)}
    rows = []
    for number, (name, resource, unit) in enumerate(traffic.stations.select("station", "resource", "unit").iter_rows()):
        waiting, most = None, None
        if queues.formula[number]:
            waiting = float(brought[number] * queues.delay_hours[number] / _DAY)
        elif queues.waits[number] and found.stations.arrived.value[at[name]] > 0:
            size = brought[number] * _DAYS / float(found.stations.arrived.value[at[name]])
            waiting = size * float(found.stations.queue.value[at[name]])
            most = size * float(found.stations.longest[at[name]])
        trains = by_goods[told, number].sum()
        wagons = float(by_goods[told, number] @ per_train[told] / trains) if trains > 0 else None
        rows.append((resource, unit, waiting, most, wagons))
    return _frame(rows, "resource", "unit", numbers=("waiting", "most", "wagons"))


def _queue(stations: pl.DataFrame, resources: set[str], unit: str) -> tuple[float | None, float | None]:
    """Add up what waits at resources, in a unit; the longest queue, too, where all of them are simulated."""
    here = stations.filter(pl.col("resource").is_in(sorted(resources)), pl.col("waiting").is_not_null())
    own = here.filter(unit=unit)
    if own.is_empty() and unit == "wagon":
        own = here.filter(unit="train").with_columns(pl.col("waiting", "most") * pl.col("wagons"))
    if own.is_empty():
        return None, None
    most = own["most"]
    return float(own["waiting"].sum()), None if most.has_nulls() else float(most.sum())


def _calls(world: Corridor, found: Simulation) -> pl.DataFrame:
    """Give what waits for and goes by vessels at calls: ``place, unit, departures, carried`` (a year), ``waiting``."""
    calls = found.calls
    services = {
        row["id"]: row for row in world["services"].select("id", "unit", "vehicle_capacity").iter_rows(named=True)
    }
    rows = []
    for at, (service, call) in enumerate(calls.ids):
        capacity, boarded = services[service]["vehicle_capacity"], calls.wait.count[at] / found.replications
        if capacity is None or call.endswith(LANDING):
            continue
        departures = float(calls.departures.value[at])
        carried = departures * float(np.nan_to_num(calls.load.value[at])) * capacity
        waiting = float(calls.queue.value[at]) * carried / boarded if boarded > 0 else 0.0
        rows.append((call.removesuffix(" back"), services[service]["unit"], departures, carried, waiting))
    return _frame(rows, "place", "unit", numbers=("departures", "carried", "waiting"))


def _per_vessel(calls: pl.DataFrame, place: str, unit: str) -> float | None:
    """Give what a ferry of any kind takes on the mean at a place."""
    here = calls.filter(pl.col("unit").is_in(_ROLLING), place=place)
    departures = here["departures"].sum()
    return float(here.filter(unit=unit)["carried"].sum() / departures) if departures > 0 else None


def _frame(rows: list[tuple[Any, ...]], *texts: str, numbers: tuple[str, ...]) -> pl.DataFrame:
    """Make a table of columns of text, then of numbers."""
    schema = {**dict.fromkeys(texts, pl.String), **dict.fromkeys(numbers, pl.Float64)}
    return pl.DataFrame(rows, schema=schema, orient="row")
