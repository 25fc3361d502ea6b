"""Operations as the stable JSON of the command: from result tables to plain records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["operations_json"]

_TIMES = ("mean_days", "p50_days", "p80_days", "p95_days")


def operations_json(tables: Mapping[str, pl.DataFrame], year: int) -> dict[str, Any]:
    """Write operations as JSON has them.

    Parameters
    ----------
    tables
        Result tables of the stage of operations.
    year
        Year of the run.

    Returns
    -------
    dict
        ``year, replications, seed, confidence, events, routes, journeys, stations, services, queues, checks, reports,
        rules, notices``; ``what_ifs, tornado, replays, curves`` if they were asked for.
    """
    solution = tables["operations_solution"].row(0, named=True)
    stations = tables["operations_stations"].rename({"station": "id"})
    return {
        "year": year,
        **{name: solution[name] for name in ("replications", "seed", "confidence", "events")},
        "routes": _times(
            tables["operations_routes"],
            id="group",
            commodity="goods",
            **{name: name for name in ("corridor", "direction", "quantity", "unit", "consignments", "observed")},
        ),
        "journeys": _times(
            tables["operations_journeys"],
            commodity="goods",
            **{name: name for name in ("corridor", "origin", "destination", "share", "observed")},
        ),
        "stations": stations.drop("resource", "mean_wait_hours_low", "mean_wait_hours_high").to_dicts(),
        "services": _services(tables["operations_services"]),
        "queues": tables["operations_queues"].to_dicts(),
        "checks": tables["operations_checks"].to_dicts(),
        "reports": tables["operations_reports"].to_dicts(),
        "rules": tables["operations_rules"].to_dicts(),
        **{
            name: tables[f"operations_{name}"].to_dicts()
            for name in ("what_ifs", "tornado", "replays", "curves")
            if f"operations_{name}" in tables
        },
        "notices": tables["operations_notices"].to_dicts(),
    }


def _times(table: pl.DataFrame, **columns: str) -> list[dict[str, Any]]:
    """List transit times; ``interval_days`` is that of the mean."""
    interval = pl.concat_list("mean_days_low", "mean_days_high").alias("interval_days")
    p95 = pl.concat_list("p95_days_low", "p95_days_high").alias("p95_interval_days")
    named = [pl.col(column).alias(name) for name, column in columns.items()]
    return table.select(*named, *_TIMES, interval, p95).to_dicts()


def _services(table: pl.DataFrame) -> list[dict[str, Any]]:
    """List services: the share of full departures of the call at which it is greatest, and every call."""
    calls = {
        name: frame.drop("service", "load", "simulated").to_dicts()
        for (name,), frame in table.drop_nulls("call").partition_by("service", as_dict=True).items()
    }
    services = table.group_by("service", "load", "simulated").agg(pl.col("share_full").max()).sort("service")
    return [
        {**row, "calls": calls.get((row["id"]), [])}
        for row in services.select("load", "simulated", "share_full", id="service").to_dicts()
    ]
