"""Words and bounds that hold for every corridor: countries, units of series, and limits of what is possible."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Limits", "Unit", "countries", "limits_of", "package_rows", "units"]


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit of a series.

    Attributes
    ----------
    base : str
        Coherent unit that it is a multiple of.
    factor : float or None
        How many base units one is; None where that is not fixed, as with a currency.
    description : str
        In words.
    """

    base: str
    factor: float | None
    description: str


@dataclass(frozen=True, kw_only=True)
class Limits:
    """From which size on a number is impossible or implausible.

    Attributes
    ----------
    fault_above, notice_above : float
        A number of at least this size, whatever its sign; infinite where there is no limit.
    reason : str
        Why.
    """

    fault_above: float
    notice_above: float
    reason: str


@cache
def countries() -> Mapping[str, tuple[str, str]]:
    """Return the English and the Russian name of every ISO 3166-1 alpha-3 code."""
    return {row["country"]: (row["name_en"], row["name_ru"]) for row in package_rows("countries.csv")}


@cache
def units() -> Mapping[str, Unit]:
    """Return the units that a series may have, by their spelling."""
    return {
        row["unit"]: Unit(
            base=row["base"],
            factor=float(row["factor"]) if row["factor"] else None,
            description=row["description"],
        )
        for row in package_rows("units.csv")
    }


def limits_of(table: str, attribute: str) -> Limits:
    """Return the limits of a column, or of a base unit (table ``units``); those of all others if it has none."""
    others = _limits()["units", "*"] if table == "units" else _limits()["*", "*"]
    return _limits().get((table, attribute), others)


def package_rows(*path: str) -> list[dict[str, str]]:
    """Read a CSV file of this package."""
    text = files("jibek.corridor").joinpath(*path).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def _limits() -> Mapping[tuple[str, str], Limits]:
    """Read ``limits.csv``: by table and attribute, or by ``units`` and base unit."""
    return {
        (row["table"], row["attribute"]): Limits(
            fault_above=float(row["fault_above"] or "inf"),
            notice_above=float(row["notice_above"] or "inf"),
            reason=row["reason"],
        )
        for row in package_rows("limits.csv")
    }
