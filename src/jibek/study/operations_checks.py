"""Times that are published, beside the simulated ones: from end to end of a journey, and at borders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jibek.study.published import border_dwell, latest_dwell

if TYPE_CHECKING:
    from jibek.corridor import Corridor

__all__ = ["check_table", "journeys_in"]

_GOODS = "containers"
_COLUMNS = (
    *("kind", "series", "title", "corridor", "use", "unit", "year", "observed", "modelled", "p50", "p95", "reason"),
)


def journeys_in(world: Corridor) -> pl.DataFrame:
    """List the journeys whose time is published for a named corridor, and those by which corridors are shown.

    Returns
    -------
    polars.DataFrame
        ``origin, destination, goods, corridor`` (of a published time; null for those shown by every corridor).
    """
    anywhere = pl.lit(None, pl.String).alias("corridor")
    shown = world["corridors"].select(anywhere, origin="from_place", destination="to_place", goods="commodity")
    goods = pl.col("commodity").fill_null(_GOODS).alias("goods")
    published = _published(world).select("origin", "destination", goods, corridor="scope_id")
    key = ["origin", "destination", "goods"]
    found = pl.concat([shown.select(*key, "corridor"), published]).drop_nulls(key).unique()
    return found.sort(*key, "corridor")


def check_table(world: Corridor, journeys: pl.DataFrame, stations: pl.DataFrame) -> pl.DataFrame:
    """Set published times beside the simulated ones.

    Parameters
    ----------
    world
        The corridor in the scenario.
    journeys
        As ``operations_journeys``.
    stations
        As ``operations_stations``.

    Returns
    -------
    polars.DataFrame
        ``kind`` (``journey`` in days, ``border`` in hours), ``series, title, corridor, use, unit, year, observed,
        modelled`` (mean), ``p50, p95``, ``reason`` (why nothing stands beside it). Only the latest year of a series
        counts. Series of ``use`` ``check`` were never looked at to set any figure of the model.
    """
    return pl.concat([_journeys(world, journeys), _borders(world, stations)]).sort("kind", "series")


def _published(world: Corridor) -> pl.DataFrame:
    """List the latest observation of each series of hours between two places, in days."""
    series = world["series"].filter(
        (pl.col("measure") == "hours")
        & (pl.col("scope_table") == "corridors")
        & pl.col("grade").is_in(["observed", "official"])
        & pl.col("origin").is_in(world["places"]["id"].implode())
        & pl.col("destination").is_in(world["places"]["id"].implode())
    )
    latest = world["observations"].sort("series", "year").group_by("series", maintain_order=True).last()
    days = pl.col("value") / pl.when(pl.col("unit") == "h").then(24.0).otherwise(1.0)
    return series.join(latest.select("series", "year", "value"), left_on="id", right_on="series").with_columns(
        observed=days
    )


def _journeys(world: Corridor, journeys: pl.DataFrame) -> pl.DataFrame:
    found = journeys.select(
        "corridor", "origin", "destination", "goods", modelled="mean_days", p50="p50_days", p95="p95_days"
    )
    return (
        _published(world)
        .with_columns(goods=pl.col("commodity").fill_null(_GOODS))
        .join(
            found,
            left_on=["scope_id", "origin", "destination", "goods"],
            right_on=["corridor", "origin", "destination", "goods"],
            how="left",
        )
        .with_columns(
            kind=pl.lit("journey"),
            series="id",
            corridor="scope_id",
            unit=pl.lit("days"),
            reason=pl.when(pl.col("modelled").is_null()).then(pl.lit("no goods go this way in the model")),
        )
        .select(_COLUMNS)
    )


def _borders(world: Corridor, stations: pl.DataFrame) -> pl.DataFrame:
    """Add the wait to the formalities of each crossing, in the direction in which it is longer, series by series."""
    longest = stations.sort("mean_wait_hours", "station", descending=[True, False], nulls_last=True)
    waits = longest.group_by("resource", maintain_order=True).agg(pl.col("mean_wait_hours", "p95_wait_hours").first())
    series = world["series"].select("id", "title", "use")
    return (
        latest_dwell(world)
        .join(border_dwell(world).select("crossing", "hours_model"), on="crossing")
        .join(series, left_on="series", right_on="id")
        .join(waits, left_on="crossing", right_on="resource", how="left")
        .select(
            pl.lit("border").alias("kind"),
            "series",
            "title",
            pl.lit(None, pl.String).alias("corridor"),
            "use",
            pl.lit("h").alias("unit"),
            "year",
            pl.col("value").alias("observed"),
            (pl.col("hours_model") + pl.col("mean_wait_hours").fill_null(0.0)).alias("modelled"),
            pl.lit(None, pl.Float64).alias("p50"),
            (pl.col("hours_model") + pl.col("p95_wait_hours")).alias("p95"),
            pl.when(pl.col("mean_wait_hours").is_null()).then(pl.lit("formalities alone: no queue")).alias("reason"),
        )
    )
