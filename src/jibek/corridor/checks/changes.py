"""Can every change be done? It must say what it changes, and how, in terms of its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jibek.corridor.checks.reporting import Tables, report
from jibek.corridor.schema import schema_of
from jibek.corridor.tables import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jibek.errors import Fault

__all__ = ["CLOSABLE", "check_changes"]

CLOSABLE = ("places", "links", "borders", "terminals", "services", "resources")
"""Tables whose rows can be closed and opened; closing a place closes its links and terminals."""


def check_changes(tables: Tables) -> Iterator[Fault]:
    """Check that operation, column and value of each change fit together."""
    frame = tables["changes"]
    switches = pl.col("operation").is_in(["close", "open"])
    closing = frame.filter(switches)
    yield from report(
        "changes",
        closing.filter(~pl.col("table").is_in(CLOSABLE)),
        "table",
        expected="one of " + ", ".join(CLOSABLE),
        remedy="Only these can be closed or opened.",
    )
    for column in ("column", "value"):
        yield from report(
            "changes",
            closing.filter(pl.col(column).is_not_null()),
            column,
            expected="nothing, since the row closes or opens",
            remedy="Leave the cell blank.",
        )
    yield from _operands(frame.filter(~switches))


def _operands(frame: pl.DataFrame) -> Iterator[Fault]:
    """Check changes that set, add or scale."""
    for column in ("column", "value"):
        yield from report(
            "changes",
            frame.filter(pl.col(column).is_null()),
            column,
            expected="a value, since the row sets, adds or scales",
            remedy="Fill it in.",
        )
    named = frame.drop_nulls(["table", "column"])
    for (table,), rows in sorted(named.partition_by("table", as_dict=True).items()):
        quantities = [attribute.name for attribute in schema_of(str(table)).attributes if attribute.is_number]
        wrong = rows.filter(~pl.col("column").is_in(quantities))
        yield from report(
            "changes",
            wrong,
            "column",
            expected=f"a quantity of {table}: {', '.join(quantities)}",
            remedy=[nearest(word, quantities) + "Only quantities can change." for word in wrong["column"]],
        )
        for (name,), cells in sorted(rows.partition_by("column", as_dict=True).items()):
            if name in quantities:
                yield from _out_of_range(str(table), str(name), cells)


def _out_of_range(table: str, column: str, rows: pl.DataFrame) -> list[Fault]:
    """Find values to be set outside the range of their column, and negative factors."""
    attribute = schema_of(table)[column]
    value = pl.col("value")
    outside = pl.lit(value=False)
    if attribute.lowest is not None:
        outside |= value <= attribute.lowest if attribute.kind == "positive" else value < attribute.lowest
    if attribute.highest is not None:
        outside |= value > attribute.highest
    wrong = rows.filter(((pl.col("operation") == "set") & outside) | ((pl.col("operation") == "scale") & (value < 0)))
    return report("changes", wrong, "value", expected=attribute.expected, remedy=attribute.description)
