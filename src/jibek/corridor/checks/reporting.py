"""From rows that break a rule to the faults that name them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from jibek.corridor.schema import schema_of
from jibek.corridor.tables import key_text, row_names
from jibek.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

__all__ = ["Tables", "report"]


@dataclass(frozen=True, kw_only=True)
class Tables:
    """What the checks look at.

    Attributes
    ----------
    frames : mapping of str to polars.DataFrame
        All tables, typed, with ``_line`` and ``_layer``; cells with a fault of their own are null.
    unreadable : set of str
        Tables whose ids are not known, since their file is missing or broken; nothing is held against them again.
    """

    frames: Mapping[str, pl.DataFrame]
    unreadable: frozenset[str]

    def __getitem__(self, table: str) -> pl.DataFrame:
        """Return a table by name."""
        return self.frames[table]

    def knows(self, *tables: str) -> bool:
        """Whether the ids of all these tables are known."""
        return self.unreadable.isdisjoint(tables)

    def keys(self, table: str) -> pl.Series:
        """Return the keys of a table as text, parts joined by ``/``."""
        return key_text(self.frames[table], schema_of(table))


def report(  # one argument for each column of a fault
    table: str,
    rows: pl.DataFrame,
    column: str,
    *,
    expected: str | Sequence[str],
    remedy: str | Sequence[str],
    value: Sequence[str] | None = None,
    severity: Literal["fault", "notice"] = "fault",
) -> list[Fault]:
    """Make one fault of every row; texts hold for all rows or are given row by row."""
    count = rows.height
    if not count:
        return []
    values = _shown(rows[column]) if value is None else value
    expectations = [expected] * count if isinstance(expected, str) else expected
    remedies = [remedy] * count if isinstance(remedy, str) else remedy
    names = row_names(rows, schema_of(table))
    return [
        Fault(severity, table, name, column, shown, wanted, advice)
        for name, shown, wanted, advice in zip(names, values, expectations, remedies, strict=True)
    ]


def _shown(cells: pl.Series) -> list[str]:
    """Write cells as a person would: lists joined by ``;``, numbers short, unknown empty."""
    return [_text(cell) for cell in cells.to_list()]


def _text(cell: object) -> str:
    if isinstance(cell, list):
        return ";".join(map(str, cell))
    return "" if cell is None else f"{cell:g}" if isinstance(cell, float) else str(cell)
