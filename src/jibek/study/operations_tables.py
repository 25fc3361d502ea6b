"""Results of operations as tables: times of routes and journeys, stations, services, queues by month, notices."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.errors import Fault
from jibek.operations import ELSEWHERE, LANDING, RANGES, SEA, WARMUP_HOURS, class_hours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from jibek.operations import CorridorModel, Estimates, Rules, Simulation, Times
    from jibek.study.operated import Prepared

    Floats = NDArray[np.float64]

__all__ = [
    "notice_table",
    "queue_table",
    "rule_table",
    "service_table",
    "solution_table",
    "spread_table",
    "station_table",
    "time_tables",
]

_DAY = 24.0
_WEEKS = 365.0 / 7.0
_QUEUES = 24  # queues whose calendar is kept: those that are longest in any month
_MONTHS = np.repeat(np.arange(1, 13), [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_NOTICES = ("severity", "table", "row", "column", "value", "expected", "remedy")


def time_tables(made: CorridorModel, found: Simulation) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Write transit times in days.

    Returns
    -------
    routes : polars.DataFrame
        ``group, corridor, direction, goods, routes, quantity, unit, consignments`` (that set out in a year),
        ``observed`` (that arrived, all replications), ``mean_days, p50_days, p80_days, p95_days``, each with ``_low``
        and ``_high``.
    journeys : polars.DataFrame
        ``group, corridor, origin, destination, goods, share`` (of the corridor's goods on this journey that go the way
        observed), ``observed`` and the same times.
    """
    times = _times(found.routes.ids, found.routes.hours, _DAY)
    routes = made.groups.join(times, on="group", how="left", maintain_order="left")
    return routes, made.journeys.drop("route", "first", "last").join(
        times, on="group", how="left", maintain_order="left"
    )


def _times(ids: Sequence[str], hours: Times, divisor: float) -> pl.DataFrame:
    """Write times as columns: ``group, observed, mean_days``, ..."""
    columns = {"group": pl.Series(ids, dtype=pl.String), "observed": pl.Series(hours.count)}
    for name in ("mean", "p50", "p80", "p95"):
        columns |= _columns(f"{name}_days", getattr(hours, name), divisor)
    return pl.DataFrame(columns)


def _columns(name: str, estimates: Estimates, divisor: float = 1.0) -> dict[str, pl.Series]:
    """Write a value and its interval as three columns; null where there is none."""
    ends = ((name, estimates.value), (f"{name}_low", estimates.low), (f"{name}_high", estimates.high))
    return {column: pl.Series(values / divisor).fill_nan(None) for column, values in ends}


def spread_table(made: CorridorModel, found: Simulation) -> pl.DataFrame:
    """Write the share of consignments by whole days, of groups and of journeys: ``group, day, share``."""
    wanted = {*made.groups["group"], *made.journeys["group"]}
    day = np.floor(np.array([class_hours(at) for at in range(found.routes.histogram.shape[1])]) / _DAY).astype(np.int64)
    parts = [pl.DataFrame(schema={"group": pl.String, "day": pl.Int64, "share": pl.Float64})]
    for name, counts in zip(found.routes.ids, found.routes.histogram, strict=True):
        if name in wanted and counts.any():
            sums = np.bincount(day[counts > 0], counts[counts > 0])
            at = np.flatnonzero(sums)
            parts.append(pl.DataFrame({"group": [name] * len(at), "day": at, "share": sums[at] / sums.sum()}))
    return pl.concat(parts).sort("group", "day")


def station_table(made: CorridorModel, found: Simulation, start: Prepared) -> pl.DataFrame:
    """Write what happened at resources.

    Returns
    -------
    polars.DataFrame
        ``station, resource, name, kind, unit, capacity, background, empties`` (a day), ``load`` (of goods, over what is
        left; null where nothing is), ``simulated`` (else the delay by formula stands in for the queue), ``utilisation,
        mean_wait_hours, mean_wait_hours_low, mean_wait_hours_high, p95_wait_hours, queue`` (mean number of consignments
        that wait), ``longest``.
    """
    stations = found.stations
    times = pl.DataFrame(
        {
            "station": pl.Series(stations.ids, dtype=pl.String),
            "utilisation": pl.Series(stations.utilisation.value).fill_nan(None),
            **_columns("mean_wait_hours", stations.wait.mean),
            "p95_wait_hours": pl.Series(stations.wait.p95.value).fill_nan(None),
            "queue": pl.Series(stations.queue.value).fill_nan(None),
            "longest": pl.Series(stations.longest),
        }
    )
    names = start.world["resources"].select("id", "name", "kind")
    table = start.traffic.stations.select(
        "station", "resource", "unit", "capacity", "background", "empties", "delay_hours"
    )
    return (
        table.with_columns(load=pl.Series(made.queues.load), simulated=pl.Series(made.queues.waits))
        .filter(pl.col("load").is_not_nan())
        .with_columns(load=pl.when(pl.col("load").is_finite()).then("load"))
        .join(names, left_on="resource", right_on="id", how="left", maintain_order="left")
        .join(times, on="station", how="left", maintain_order="left")
        .with_columns(mean_wait_hours=pl.coalesce("mean_wait_hours", pl.when(~pl.col("simulated")).then("delay_hours")))
        .select(
            *("station", "resource", "name", "kind", "unit", "capacity", "background", "empties", "load", "simulated"),
            *("utilisation", "mean_wait_hours", "mean_wait_hours_low", "mean_wait_hours_high", "p95_wait_hours"),
            *("queue", "longest"),
        )
        .sort("station")
    )


def service_table(made: CorridorModel, found: Simulation) -> pl.DataFrame:
    """Write what happened at the calls of services.

    Returns
    -------
    polars.DataFrame
        ``service, call, load`` (most that wants to go on one hop, over the room of the departures that weather leaves),
        ``simulated`` (else it has no room for a queue), ``departures_per_week, share_full, filled`` (mean share of the
        capacity that is used), ``mean_wait_hours, p95_wait_hours, left_behind`` (consignments per departure),
        ``days_without`` (a year).
    """
    calls = found.calls
    rows = {
        "service": pl.Series([service for service, _ in calls.ids], dtype=pl.String),
        "call": pl.Series([call for _, call in calls.ids], dtype=pl.String),
        "departures_per_week": pl.Series(calls.departures.value / _WEEKS),
        "share_full": calls.share_full.value,
        "filled": calls.load.value,
        "mean_wait_hours": calls.wait.mean.value,
        "p95_wait_hours": calls.wait.p95.value,
        "left_behind": calls.left_behind.value,
        "days_without": calls.days_without.value,
    }
    numbers = [name for name in rows if name not in ("service", "call")]
    table = pl.DataFrame(rows).with_columns(pl.col(numbers).fill_nan(None))
    lines = pl.DataFrame(
        [(line.id, line.load, not line.full) for line in made.fleet.lines.values()],
        schema={"service": pl.String, "load": pl.Float64, "simulated": pl.Boolean},
        orient="row",
    )
    table = table.filter(~pl.col("call").str.ends_with(LANDING))
    return (
        lines.join(table, on="service", how="left")
        .select("service", "call", "load", "simulated", *numbers)
        .sort("service", "call")
    )


def queue_table(found: Simulation) -> pl.DataFrame:
    """Write how many consignments wait in each month where queues are longest.

    Returns
    -------
    polars.DataFrame
        ``table`` (``stations``, ``calls``, or ``weather``: who waits for a storm to end, of services without
        room), ``id, place`` (of a call), ``month, waiting, waiting_low, waiting_high``.
    """
    stations, calls = found.stations, found.calls
    keys: list[tuple[str, str, str | None]] = [
        ("weather", name.removeprefix(SEA), None) if name.startswith(SEA) else ("stations", name, None)
        for name in stations.ids
    ]
    keys += [("calls", service, call) for service, call in calls.ids]
    blocks = [
        np.concatenate([getattr(each.queue_by_block, end) for each in (stations, calls)])
        for end in ("value", "low", "high")
    ]
    first = int(WARMUP_HOURS // _DAY)
    months = _MONTHS[np.arange(first, blocks[0].shape[1]) % 365]
    means = [
        np.stack([each[:, first:][:, months == month].mean(axis=1) for month in range(1, 13)], axis=1)
        for each in blocks
    ]
    order = np.argsort(-means[0].max(axis=1), kind="stable")[:_QUEUES]
    rows = [
        (*keys[at], month + 1, *(float(each[at, month]) for each in means))
        for at in order.tolist()
        for month in range(12)
        if means[0][at].max() > 0
    ]
    schema = {
        **dict.fromkeys(("table", "id", "place"), pl.String),
        "month": pl.Int64,
        **dict.fromkeys(("waiting", "waiting_low", "waiting_high"), pl.Float64),
    }
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        pl.col("place").str.strip_suffix(" back"), pl.col("waiting_low", "waiting_high").fill_nan(None)
    )


def rule_table(rules: Rules) -> pl.DataFrame:
    """Write the estimates by rule: ``rule, value, low, high``."""
    rows = [(each.name, getattr(rules, each.name), each.low, each.high) for each in RANGES]
    schema = {"rule": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def solution_table(made: CorridorModel, found: Simulation) -> pl.DataFrame:
    """Write how it was simulated.

    Returns
    -------
    polars.DataFrame
        ``replications, seed, confidence, events`` (mean of a replication), ``consignments`` (followed in a year),
        ``overloaded`` (stations that take the delay by formula), ``full`` (services without room), ``little`` (largest
        difference of Little's law).
    """
    elsewhere = np.array([name != ELSEWHERE for name in found.routes.ids], np.bool_)
    return pl.DataFrame(
        {
            "replications": [found.replications],
            "seed": [found.seed],
            "confidence": [found.confidence],
            "events": [float(found.events.mean())],
            "consignments": [float(found.routes.arrived.value[elsewhere].sum())],
            "overloaded": [int(made.queues.formula.sum())],
            "full": [sum(line.full for line in made.fleet.lines.values())],
            "little": [found.little],
        }
    )


def notice_table(made: CorridorModel, found: Simulation) -> pl.DataFrame:
    """Write what could not be simulated or said, as faults have it."""
    faults = (*_overloaded(made), *_full(made), *_known(made), *_put_aside(made), *found.notices)
    return pl.DataFrame(
        [astuple(fault) for fault in faults], schema=dict.fromkeys(_NOTICES, pl.String), orient="row"
    ).sort(_NOTICES)


def _overloaded(made: CorridorModel) -> list[Fault]:
    """Name the stations whose queue would grow without end."""
    queues = made.queues
    return [
        Fault(
            "notice",
            "resources",
            queues.ids[at],
            "capacity",
            "no room beside what moves there anyway"
            if np.isinf(queues.load[at])
            else f"{queues.load[at]:.2f} of what is left",
            "a load below 0.95",
            "The queue has no mean: the delay by formula stands in for it. Check the capacity, or send less this way.",
        )
        for at in np.flatnonzero(queues.formula).tolist()
    ]


def _full(made: CorridorModel) -> list[Fault]:
    """Name the services that have no room for all who want to go."""
    return [
        Fault(
            "notice",
            "services",
            line.id,
            "vehicle_capacity",
            f"{line.load:.2f} of the room of its departures, weather counted",
            "a load below 0.95",
            "Goods take the waiting that routes were chosen with, nobody is left behind. Check vessels and departures.",
        )
        for line in made.fleet.lines.values()
        if line.full
    ]


def _known(made: CorridorModel) -> list[Fault]:
    """Name what was shut for a known part of the year."""
    return [
        Fault(
            "notice",
            table,
            element,
            "open_share",
            "shut for a known part of the year",
            "open",
            "What goes this way in the year goes evenly over all of it here.",
        )
        for table, element in (each.split("/", 1) for each in made.known)
    ]


def _put_aside(made: CorridorModel) -> list[Fault]:
    """Name what is not followed from end to end."""
    named = made.aside.filter(pl.col("corridor") != "")
    return [
        Fault(
            "notice",
            "corridors",
            row["corridor"],
            row["goods"],
            f"{row['quantity']:.0f} {row['unit']} a year, {row['share']:.1%}, on routes of less than one consignment",
            "whole consignments",
            "They load stations and vessels; their times are not in the results.",
        )
        for row in named.iter_rows(named=True)
    ]
