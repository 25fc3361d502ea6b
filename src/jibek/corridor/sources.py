"""Where figures come from: the sources of one row, and how much of each table is observed or estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jibek.corridor.schema import TABLES, schema_of
from jibek.corridor.tables import key_text, nearest
from jibek.errors import JibekError

if TYPE_CHECKING:
    from jibek.corridor.corridor import Corridor

__all__ = ["grade_shares", "list_sources", "where_from"]

# Rows of other tables that belong to a row, by the column that names it.
_PARTS = (
    ("borders", "link"),
    ("rates", "id_of"),
    ("stops", "service"),
    ("resource_users", "resource"),
    ("resource_users", "id"),
    ("process_flows", "process"),
    ("changes", "owner"),
    ("changes", "id"),
    ("series", "scope_id"),
    ("observations", "series"),
)
_COLUMNS = {
    "table": pl.String(),
    "id": pl.String(),
    "column": pl.String(),
    "source": pl.String(),
    "url": pl.String(),
    "grade": pl.String(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "note": pl.String(),
}


def where_from(corridor: Corridor, id: str) -> pl.DataFrame:  # noqa: A002 - the column's own name
    """Tell where the figures of a row come from.

    Parameters
    ----------
    corridor
        Corridor.
    id
        Key of a row of any table (an element, a series, ...) or of ``sources``, then all that rests on it.

    Returns
    -------
    polars.DataFrame
        One row for each source of the row, of the rows that belong to it, and of single cells (``column``): table, id,
        column (null: the whole row), source (title), url, grade, low, high, note.

    Raises
    ------
    JibekError
        If there is no such row.
    """
    is_source = id in corridor["sources"]["id"]
    found = [_cited(corridor, table, id) if is_source else _belonging(corridor, table, id) for table in TABLES]
    cited = pl.concat(found)
    if cited.is_empty() and not is_source:
        known = {i for table in TABLES if "id" in schema_of(table) for i in corridor[table]["id"].unique()}
        remedy = nearest(id, known).strip() or "The ids stand in the tables; `jibek sources` lists the sources."
        raise JibekError(f"No row has the id {id!r}. {remedy}")
    sources = corridor["sources"].select(pl.col("id").alias("_source"), pl.col("title").alias("source"), "url")
    titled = cited.explode("_source").join(sources, on="_source", how="left", maintain_order="left")
    return titled.select(_COLUMNS)


def list_sources(corridor: Corridor) -> pl.DataFrame:
    """List all sources in the columns of `where_from`."""
    sources = corridor["sources"].select("id", "url", pl.lit("sources").alias("table"), pl.col("title").alias("source"))
    missing = [pl.lit(None, kind).alias(name) for name, kind in _COLUMNS.items() if name not in sources.columns]
    return sources.with_columns(missing).select(_COLUMNS)


def grade_shares(corridor: Corridor) -> pl.DataFrame:
    """Count how much of each table is observed, official, derived and estimated.

    Parameters
    ----------
    corridor
        Corridor.

    Returns
    -------
    polars.DataFrame
        table, grade, rows, share (of the table's rows); tables in the order of the documentation, grades by strength.
    """
    grades = schema_of("links")["grade"].choices
    counted = []
    for table in TABLES:
        if table in {"sources", "evidence"} or corridor[table].is_empty():
            continue
        total = corridor[table].height
        rows = dict(corridor[table]["grade"].value_counts().iter_rows())
        counted += [(table, grade, rows[grade], rows[grade] / total) for grade in grades if grade in rows]
    return pl.DataFrame(
        counted,
        schema={"table": pl.String(), "grade": pl.String(), "rows": pl.Int64(), "share": pl.Float64()},
        orient="row",
    )


def _belonging(corridor: Corridor, table: str, key: str) -> pl.DataFrame:
    """Return the rows of a table that are, belong to, or give evidence for the row with this key."""
    frame = corridor[table].with_columns(key_text(corridor[table], schema_of(table)).alias("_key"))
    if table == "sources":
        return _as_findings(frame.clear(), table)
    columns = ["_key", *(column for part, column in _PARTS if part == table)]
    columns += ["id"] if table in {"curves", "evidence"} else []
    return _as_findings(frame.filter(pl.any_horizontal(pl.col(name) == key for name in columns)), table)


def _cited(corridor: Corridor, table: str, source: str) -> pl.DataFrame:
    """Return the rows of a table that rest on a source."""
    frame = corridor[table].with_columns(key_text(corridor[table], schema_of(table)).alias("_key"))
    if table == "sources":
        return _as_findings(frame.filter(pl.col("id") == source), table)
    return _as_findings(frame.filter(pl.col("source").list.contains(source)), table)


def _as_findings(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """Bring rows of any table into one form; evidence speaks of the table, row and cell it names."""
    empty = {name: pl.lit(None, dtype=kind) for name, kind in _COLUMNS.items()}
    if table == "sources":
        given = {"table": pl.lit(table), "id": pl.col("_key"), "_source": pl.concat_list("id")}
    elif table == "evidence":
        given = {name: pl.col(name) for name in ("table", "id", "column", "grade", "low", "high", "note")}
        given["_source"] = pl.col("source")
    else:
        given = {"table": pl.lit(table), "id": pl.col("_key"), "grade": pl.col("grade"), "note": pl.col("note")}
        given["_source"] = pl.col("source")
    wanted = {name: kind for name, kind in empty.items() if name not in {"source", "url"}} | given
    return frame.select(expression.alias(name) for name, expression in wanted.items())
