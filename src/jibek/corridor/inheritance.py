"""From commodities with blank cells to commodities with their parents' values."""

from __future__ import annotations

import polars as pl

from jibek.corridor.corridor import lineages

__all__ = ["inherit_from_parents"]

_INHERITED = ("usd_per_unit", "time_cost_percent_per_day", "modes", "hs", "decided_by", "system")


def inherit_from_parents(commodities: pl.DataFrame) -> pl.DataFrame:
    """Fill blank cells with the value of the nearest parent that has one.

    A value in USD per unit is only taken from a parent counted in the same unit.
    """
    rows = {row["id"]: row for row in commodities.iter_rows(named=True)}
    lines = lineages(commodities)
    filled = {name: [_inherited(name, lines[i], rows) for i in commodities["id"]] for name in _INHERITED}
    return commodities.with_columns(
        pl.Series(name, values, dtype=commodities.schema[name]) for name, values in filled.items()
    )


def _inherited(name: str, line: tuple[str, ...], rows: dict[str, dict[str, object]]) -> object:
    unit = rows[line[0]]["unit"]
    for commodity in line:
        row = rows.get(commodity, {})
        if row.get(name) is not None and (name != "usd_per_unit" or row["unit"] == unit):
            return row[name]
    return None
