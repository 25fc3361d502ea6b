"""What is published of times, beside the times of the model: at the borders, and from end to end of a journey."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from jibek.corridor import Corridor

__all__ = ["border_dwell", "latest_dwell", "published_times"]

# By the naming of series: "<crossing>-dwell", with a direction and a side if it holds for one of them only. Parts of
# the dwell (reloading, processing) and single runs (a convoy, one shipment) are named otherwise and stay out.
_DWELL = r"-dwell(-inbound|-outbound)?(-[a-z]+-side)?$"
_SERIES = ("id", "unit", "scope_table", "scope_id")


def border_dwell(world: Corridor) -> pl.DataFrame:
    """Set the hours that the model uses at each frontier crossing beside the dwell published for it.

    A dwell is published as a series of hours that is scoped to a border or to a resource that borders use; only means
    of whole years count. It holds queues and other waiting; the model's hours are formalities alone.

    Parameters
    ----------
    world
        The corridor in the scenario's year.

    Returns
    -------
    polars.DataFrame
        One row per crossing, the longest latest dwell first: ``crossing`` (id of the border or resource),
        ``from_place, to_place, name, countries`` (of its first link), ``medium``, ``hours_model`` (the longer
        direction), ``low, high`` (hours, over all years and directions), ``latest`` (hours; of several directions the
        longest), ``latest_year, first_year, series`` (ids), ``observations`` (their number).
    """
    in_latest = pl.col("value").filter(pl.col("year") == pl.col("year").max())
    published = (
        _yearly_hours(world, _dwell(world))
        .group_by("scope_table", "scope_id")
        .agg(
            low=pl.col("value").min(),
            high=pl.col("value").max(),
            latest=in_latest.max(),
            latest_year=pl.col("year").max(),
            first_year=pl.col("year").min(),
            series=pl.col("series").unique().sort(),
            observations=pl.len().cast(pl.Int64),
        )
    )
    return (
        _crossings(world)
        .join(published, left_on=["table", "crossing"], right_on=["scope_table", "scope_id"])
        .drop("table")
        .sort("latest", "crossing", descending=[True, False])
    )


def latest_dwell(world: Corridor) -> pl.DataFrame:
    """Give the latest yearly dwell of each series at a frontier crossing: ``series, crossing, year, value`` (hours)."""
    hours = _yearly_hours(world, _dwell(world)).rename({"scope_id": "crossing"})
    latest = hours.sort("series", "year", "value").group_by("series", maintain_order=True).last()
    return latest.select("series", "crossing", "year", "value")


def _dwell(world: Corridor) -> pl.DataFrame:
    """List the series of dwell at borders."""
    return world["series"].filter(
        (pl.col("measure") == "hours")
        & pl.col("scope_table").is_in(["borders", "resources"])
        & pl.col("id").str.contains(_DWELL)
    )


def published_times(world: Corridor, journeys: pl.DataFrame) -> pl.DataFrame:
    """Find the time published for a journey along a corridor: the latest year, from the lowest to the highest figure.

    Only a series that names the same corridor, both ends and the same goods is comparable, and only if it is observed
    or official: plans and results of studies are not.

    Parameters
    ----------
    world
        The corridor in the scenario's year.
    journeys
        Columns ``pair, from_place, to_place, commodity``.

    Returns
    -------
    polars.DataFrame
        ``pair, corridor`` (name), ``low, high`` (hours), ``year, series`` (ids), sorted by pair and corridor.
    """
    corridors = world["corridors"].select(scope_id="id", corridor="name")
    series = (
        world["series"]
        .filter(
            (pl.col("measure") == "hours")
            & (pl.col("scope_table") == "corridors")
            & pl.col("grade").is_in(["observed", "official"])
        )
        .join(
            journeys, left_on=["origin", "destination", "commodity"], right_on=["from_place", "to_place", "commodity"]
        )
        .join(corridors, on="scope_id")
    )
    hours = _yearly_hours(world, series).join(series.select("pair", "corridor", series="id"), on="series")
    latest = hours.filter(pl.col("year") == pl.col("year").max().over("pair", "corridor"))
    return (
        latest.group_by("pair", "corridor")
        .agg(
            low=pl.col("value").min(),
            high=pl.col("value").max(),
            year=pl.col("year").first(),
            series=pl.col("series").unique().sort(),
        )
        .sort("pair", "corridor")
    )


def _yearly_hours(world: Corridor, series: pl.DataFrame) -> pl.DataFrame:
    """Observations of some series that hold for a whole year, in hours."""
    observations = world["observations"].filter((pl.col("from_month") == 1) & (pl.col("to_month") == 12))
    in_hours = pl.col("value") * pl.when(pl.col("unit") == "days").then(24.0).otherwise(1.0)
    return (
        observations.select("series", "year", "value")
        .join(series.select(_SERIES), left_on="series", right_on="id")
        .filter(pl.col("unit").is_in(["h", "days"]))
        .with_columns(in_hours.alias("value"))
    )


def _crossings(world: Corridor) -> pl.DataFrame:
    """List borders, and resources that borders use, with their ends, medium and the model's hours."""
    users = world["resource_users"].filter(table="borders").select("resource", "id")
    keys = pl.concat(
        [
            world["borders"].select(pl.lit("borders").alias("table"), crossing="id", border="id"),
            users.select(pl.lit("resources").alias("table"), crossing="resource", border="id"),
        ]
    )
    places = world["places"].select("id", "name", "country")
    links = (
        world["links"]
        .select("id", "from_place", "to_place", "mode")
        .join(world["modes"].select(mode="id", medium="medium"), on="mode")
        .join(places.rename({"name": "from_name", "country": "from_country"}), left_on="from_place", right_on="id")
        .join(places.rename({"name": "to_name", "country": "to_country"}), left_on="to_place", right_on="id")
    )
    return (
        keys.join(world["borders"].select(border="id", link="link", hours="hours"), on="border")
        .join(links, left_on="link", right_on="id")
        .sort("table", "crossing", "border")
        .group_by("table", "crossing", maintain_order=True)
        .agg(
            pl.col("from_place", "to_place", "from_name", "to_name", "from_country", "to_country", "medium").first(),
            hours_model=pl.col("hours").max(),
        )
        .select(
            "table",
            "crossing",
            "from_place",
            "to_place",
            pl.concat_str("from_name", "to_name", separator=" – ").alias("name"),
            pl.concat_list("from_country", "to_country").alias("countries"),
            "medium",
            "hours_model",
        )
    )
