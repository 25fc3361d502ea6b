"""How a commodity is carried: its modes, what its time is worth, how many of its units fill others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from jibek.corridor import find_id, lineages
from jibek.errors import RouteError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.corridor import Corridor

__all__ = ["Carriage", "carriage_of"]

_HOURS_PER_DAY = 24.0
_NEEDED = ("modes", "usd_per_unit", "time_cost_percent_per_day")


@dataclass(frozen=True)
class Carriage:
    """How one commodity is carried.

    Attributes
    ----------
    lineage : tuple of str
        The commodity, its parent, its grandparent, ...
    unit : str
        Unit of its quantities.
    modes : frozenset of str
        Modes that can carry it.
    usd_per_hour : float
        Value of time of one unit: its value times ``time_cost_percent_per_day`` / 100 / 24.
    per_unit : mapping of str to float
        How many of its units fill one of another unit; 1 for its own.
    """

    lineage: tuple[str, ...]
    unit: str
    modes: frozenset[str]
    usd_per_hour: float
    per_unit: Mapping[str, float]


def carriage_of(corridor: Corridor, commodity: str) -> Carriage:
    """Collect how a commodity is carried.

    Raises
    ------
    RouteError
        If the commodity is unknown, or neither it nor a parent names its modes or value of time.
    """
    table = corridor["commodities"]
    lineage = lineages(table)[find_id(corridor, "commodities", commodity)]
    row = table.row(by_predicate=pl.col("id") == lineage[0], named=True)
    blank = [column for column in _NEEDED if not row[column]]
    if blank:
        raise RouteError(
            f"Nothing says how {lineage[0]!r} is carried: it and its parents leave {', '.join(blank)} blank in table "
            "commodities. Fill it in one of them."
        )
    same_unit = set(table.filter(pl.col("unit") == row["unit"])["id"])
    per_unit: dict[str, float] = {}
    for ancestor in reversed([ancestor for ancestor in lineage if ancestor in same_unit]):  # the nearest stays
        rows = corridor["conversions"].filter(pl.col("commodity") == ancestor)
        per_unit |= dict(rows.select("unit", "per_unit").iter_rows())
    return Carriage(
        lineage=lineage,
        unit=row["unit"],
        modes=frozenset(row["modes"]),
        usd_per_hour=row["usd_per_unit"] * row["time_cost_percent_per_day"] / 100 / _HOURS_PER_DAY,
        per_unit=per_unit | {row["unit"]: 1.0},
    )
