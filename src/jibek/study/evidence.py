"""How well a run is founded: estimates with their ranges, sources with their uses, notices, where projects stand."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import polars as pl

from jibek.corridor import grade_shares, schema_of

if TYPE_CHECKING:
    from jibek.corridor import Corridor

__all__ = ["evidence_tables", "project_places", "resource_places"]

_CELLS = {"table": pl.String, "id": pl.String, "column": pl.String, "value": pl.Float64}
_LINE = r" ?\(line \d+( of .+)?\)$"  # where a row stands in its file does not belong to a result
_FAULT_COLUMNS = ("severity", "table", "row", "column", "value", "expected", "remedy")


def evidence_tables(world: Corridor) -> dict[str, pl.DataFrame]:
    """Say what is observed, what is estimated and what was noticed.

    Returns
    -------
    dict of polars.DataFrame
        ``grades`` (rows by table and grade), ``estimates`` (every estimated cell with value, low, high and rule),
        ``sources`` (with the number of rows that cite each), ``notices``.
    """
    notices = pl.DataFrame(
        [asdict(notice) for notice in world.notices], schema=dict.fromkeys(_FAULT_COLUMNS, pl.String)
    )
    return {
        "grades": grade_shares(world),
        "estimates": _estimates(world),
        "sources": _sources(world),
        "notices": notices.with_columns(pl.col("row").str.replace(_LINE, "")).sort(_FAULT_COLUMNS),
    }


def _estimates(world: Corridor) -> pl.DataFrame:
    """Give each estimated cell its value beside its range."""
    estimates = world["evidence"].filter(grade="estimate")
    cells = [
        _cells(world, table, column)
        for table, column in estimates.select("table", "column").unique().sort("table", "column").rows()
    ]
    values = pl.concat(cells) if cells else pl.DataFrame(schema=_CELLS)
    return (
        estimates.join(values, on=["table", "id", "column"], how="left", maintain_order="left")
        .select("table", "id", "column", "value", "low", "high", pl.col("source").list.join("; "), "note")
        .sort("table", "id", "column")
    )


def _cells(world: Corridor, table: str, column: str) -> pl.DataFrame:
    """Give one column of a table, with the key of each row joined as table ``evidence`` names it."""
    key = [pl.col(name).cast(pl.String).fill_null("") for name in schema_of(table).key]
    return world[table].select(
        pl.lit(table).alias("table"),
        pl.concat_str(key, separator="/").alias("id"),
        pl.lit(column).alias("column"),
        (pl.col(column) if world[table].schema[column].is_numeric() else pl.lit(None)).cast(pl.Float64).alias("value"),
    )


def _sources(world: Corridor) -> pl.DataFrame:
    """Count the rows that cite each source."""
    cited = [
        table.select(source=pl.col("source").explode())
        for _, table in sorted(world.tables.items())
        if table.schema.get("source") == pl.List(pl.String)
    ]
    uses = pl.concat(cited).drop_nulls().group_by("source").len("uses")
    joined = world["sources"].join(uses, left_on="id", right_on="source", how="left", maintain_order="left")
    return joined.with_columns(pl.col("uses").fill_null(0)).sort("id")


def project_places(world: Corridor) -> pl.DataFrame:
    """Put each project where the elements lie that it changes: one point an element, a link at its middle.

    Returns
    -------
    polars.DataFrame
        ``project, lat, lon``; projects that change nothing on the map have no row.
    """
    owned = (
        world["changes"]
        .join(world["projects"].select(owner="id"), on="owner", how="semi")
        .select("owner", "table", "id")
    )
    users = world["resource_users"].select(resource="resource", used_table="table", used_id="id")
    through_resources = (
        owned.filter(table="resources")
        .join(users, left_on="id", right_on="resource", how="inner")
        .select("owner", table="used_table", id="used_id")
    )
    elements = pl.concat([owned, through_resources]).unique().join(_points(world), on=["table", "id"], how="inner")
    return elements.select(project="owner", lat="lat", lon="lon").unique().sort("project", "lat", "lon")


def resource_places(world: Corridor) -> pl.DataFrame:
    """Put each resource where the elements lie that use it.

    Returns
    -------
    polars.DataFrame
        ``resource, lat, lon``.
    """
    users = world["resource_users"].select("resource", "table", "id").join(_points(world), on=["table", "id"])
    return users.select("resource", "lat", "lon").unique().sort("resource", "lat", "lon")


def _points(world: Corridor) -> pl.DataFrame:
    """Place the elements of the network: places, terminals, links at their middle, borders with their link."""
    where = world["places"].select("id", "lat", "lon")
    ends = world["links"].select("id", place=pl.concat_list("from_place", "to_place")).explode("place")
    links = ends.join(where, left_on="place", right_on="id").group_by("id").agg(pl.col("lat", "lon").mean())
    points = {
        "places": where,
        "links": links,
        "terminals": world["terminals"].select("id", "place").join(where, left_on="place", right_on="id"),
        "borders": world["borders"].select("id", "link").join(links, left_on="link", right_on="id"),
    }
    return pl.concat([table.select(pl.lit(name).alias("table"), "id", "lat", "lon") for name, table in points.items()])
