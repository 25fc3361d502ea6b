"""How a commodity is carried: its modes, what its time is worth, how many of its units fill others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jibek.corridor import find_id, lineages
from jibek.errors import RouteError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jibek.corridor import Corridor

__all__ = ["Carriage", "carriage_of", "carriages_of"]

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
    return carriages_of(corridor, [commodity])[0]


def carriages_of(corridor: Corridor, commodities: Sequence[str]) -> tuple[Carriage, ...]:
    """Collect how several commodities are carried, as `carriage_of` does for one."""
    table = corridor["commodities"]
    lines = lineages(table)
    rows = {row["id"]: row for row in table.iter_rows(named=True)}
    per_unit: dict[str, dict[str, float]] = {name: {} for name in rows}
    for name, unit, per in corridor["conversions"].select("commodity", "unit", "per_unit").iter_rows():
        per_unit[name][unit] = per
    found = (name if name in rows else find_id(corridor, "commodities", name) for name in commodities)
    return tuple(_carriage(lines[name], rows, per_unit) for name in found)


def _carriage(
    lineage: tuple[str, ...], rows: Mapping[str, Mapping[str, Any]], per_unit: Mapping[str, Mapping[str, float]]
) -> Carriage:
    """Put the row of a commodity and its conversions together; those of parents in the same unit hold where none is."""
    row = rows[lineage[0]]
    blank = [column for column in _NEEDED if not row[column]]
    if blank:
        raise RouteError(
            f"Nothing says how {lineage[0]!r} is carried: it and its parents leave {', '.join(blank)} blank in table "
            "commodities. Fill it in one of them."
        )
    conversions: dict[str, float] = {}
    for ancestor in reversed(lineage):  # the nearest stays
        if rows[ancestor]["unit"] == row["unit"]:
            conversions |= per_unit[ancestor]
    return Carriage(
        lineage=lineage,
        unit=row["unit"],
        modes=frozenset(row["modes"]),
        usd_per_hour=row["usd_per_unit"] * row["time_cost_percent_per_day"] / 100 / _HOURS_PER_DAY,
        per_unit=conversions | {row["unit"]: 1.0},
    )
