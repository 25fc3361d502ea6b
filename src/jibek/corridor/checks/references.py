"""Does every id exist, and once? References, keys and circles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jibek.corridor.checks.reporting import Tables, report
from jibek.corridor.schema import TABLES, UNIQUE_ID_TABLES, Attribute, schema_of
from jibek.corridor.tables import key_text, nearest, suggestions
from jibek.corridor.vocabulary import countries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jibek.errors import Fault

__all__ = ["check_references"]

# Columns that hold the id of a row in the table that another column of the same row names.
_ROW_REFERENCES = (
    ("rates", "id_of", "table"),
    ("resource_users", "id", "table"),
    ("changes", "id", "table"),
    ("evidence", "id", "table"),
    ("series", "scope_id", "scope_table"),
)
# Columns that hold an id of either of two tables.
_EITHER = (
    ("resource_users", "resource", ("resources", "services")),
    ("changes", "owner", ("projects", "disruptions")),
)
_TREES = (("commodities", "parent"), ("series", "share_of"), ("projects", "requires"))


def check_references(tables: Tables) -> Iterator[Fault]:
    """Check keys, references from table to table, and trees."""
    for table in TABLES:
        yield from _duplicate_keys(tables, table)
        for attribute in schema_of(table).attributes:
            if attribute.target is not None and tables.knows(attribute.target):
                yield from _dangling(tables, table, attribute)
    yield from _shared_ids(tables)
    for table, column, targets in _EITHER:
        if tables.knows(*targets):
            known = pl.concat([tables[target]["id"] for target in targets])
            yield from _unknown(tables[table], table, column, known, " or ".join(targets))
    for table, column, named_by in _ROW_REFERENCES:
        yield from _dangling_rows(tables, table, column, named_by)
    yield from _evidence_columns(tables)
    for table, column in _TREES:
        yield from _cycles(tables, table, column)


def _duplicate_keys(tables: Tables, table: str) -> Iterator[Fault]:
    schema = schema_of(table)
    frame = tables[table]
    key = frame.select(schema.key)
    if not key.is_duplicated().any():
        return
    again = frame.filter(~key.select(pl.struct(pl.all()).is_first_distinct()).to_series())
    yield from report(
        table,
        again,
        schema.key[0],
        value=key_text(again, schema).to_list(),
        expected=f"each {'/'.join(schema.key)} once",
        remedy="Remove the row or give it another key.",
    )


def _dangling(tables: Tables, table: str, attribute: Attribute) -> Iterator[Fault]:
    """Find references to rows that do not exist."""
    target = str(attribute.target)
    known = tables[target]["id"]
    frame = tables[table]
    if attribute.kind != "list":
        yield from _unknown(frame, table, attribute.name, known, target)
        return
    items = frame.explode(attribute.name)
    if "alternatives" in attribute.type:
        items = items.with_columns(pl.col(attribute.name).str.split("/")).explode(attribute.name)
    yield from _unknown(items, table, attribute.name, known, target)


def _unknown(frame: pl.DataFrame, table: str, column: str, known: pl.Series, target: str) -> list[Fault]:
    wrong = frame.filter(pl.col(column).is_not_null() & ~pl.col(column).is_in(known.implode()))
    if wrong.is_empty():
        return []
    hints = suggestions(wrong[column].to_list(), known.drop_nulls().unique())
    advice = [f"{hint}Correct the id or add the row to {target}." for hint in hints]
    return report(table, wrong, column, expected=f"an id of {target}", remedy=advice)


def _shared_ids(tables: Tables) -> Iterator[Fault]:
    """Find ids used in more than one of the tables that share one set of ids."""
    owners: dict[str, str] = {}
    for table in UNIQUE_ID_TABLES:
        frame = tables[table]
        taken = frame.filter(pl.col("id").is_in(list(owners)))
        advice = [f"Rename it: a row of {owners[i]} has this id." for i in taken["id"]]
        yield from report(
            table, taken, "id", expected=f"an id unique over {', '.join(UNIQUE_ID_TABLES)}", remedy=advice
        )
        owners |= dict.fromkeys(frame["id"].drop_nulls(), table)


def _dangling_rows(tables: Tables, table: str, column: str, named_by: str) -> Iterator[Fault]:
    """Find ids that do not exist in the table that their row names."""
    frame = tables[table].filter(pl.col(column).is_not_null() & pl.col(named_by).is_not_null())
    for (target,), rows in sorted(frame.partition_by(named_by, as_dict=True).items()):
        known = _ids_of(tables, str(target))
        if known is None:
            expected = "one of " + ", ".join(TABLES)
            yield from report(
                table, rows, named_by, expected=expected, remedy=nearest(str(target), TABLES) + "Correct the table."
            )
        elif str(target) not in tables.unreadable:
            yield from _unknown(rows, table, column, known, str(target))


def _ids_of(tables: Tables, target: str) -> pl.Series | None:
    """Return what identifies the rows of a table, a region or a country; None for an unknown table."""
    if target == "countries":
        return pl.Series(list(countries()))
    if target == "regions":
        return pl.concat([tables["regions"]["region"], tables.keys("regions")])
    return tables.keys(target) if target in TABLES else None


def _evidence_columns(tables: Tables) -> Iterator[Fault]:
    """Find evidence for columns that the table does not have."""
    frame = tables["evidence"].filter(pl.col("table").is_in(TABLES) & pl.col("column").is_not_null())
    for (target,), rows in sorted(frame.partition_by("table", as_dict=True).items()):
        columns = schema_of(str(target)).columns
        wrong = rows.filter(~pl.col("column").is_in(columns))
        advice = [nearest(word, columns) + f"{target} has {', '.join(columns)}." for word in wrong["column"]]
        yield from report("evidence", wrong, "column", expected=f"a column of {target}", remedy=advice)


def _cycles(tables: Tables, table: str, column: str) -> Iterator[Fault]:
    """Find rows that lead back to themselves."""
    frame = tables[table]
    cells = dict(zip(frame["id"], frame[column], strict=True))
    after = {i: [] if cell is None else [cell] if isinstance(cell, str) else list(cell) for i, cell in cells.items()}
    inside = _on_cycle(after)
    if not inside:
        return
    rows = frame.filter(pl.col("id").is_in(sorted(inside)))
    yield from report(
        table, rows, column, expected="no row that leads back to itself", remedy="Break the circle at one of its rows."
    )


def _on_cycle(after: Mapping[str | None, Sequence[str]]) -> set[str]:
    """Return the nodes from which a walk comes back: those left when ends and beginnings are peeled off."""
    left = {node for node, nexts in after.items() if node is not None and nexts}
    while True:
        targets = {n for node in left for n in after[node]}
        inner = {node for node in left & targets if any(n in left for n in after[node])}
        if inner == left:
            return inner
        left = inner
