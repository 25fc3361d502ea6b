"""Uses in a folder of the General Modeling Network Specification: what they weigh, and which links are open to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from jibek.assignment.formats.csv_cells import need, read_cells, unique
from jibek.assignment.formats.faults import LARGEST
from jibek.assignment.formats.texts import LINE, numbers_in
from jibek.corridor.tables import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jibek.assignment.formats.faults import Faults

__all__ = ["Use", "allowed_uses", "read_groups", "read_uses"]

_MINUTES = 60.0
_WORDS = ("all", "none")  # of allowed_uses


@dataclass(frozen=True, kw_only=True)
class Use:
    """What ``use_definition.csv`` says about a use.

    Attributes
    ----------
    pce : float
        Passenger-car equivalents of one trip.
    minutes_per_toll, minutes_per_length : float or None
        What toll and length are worth in time: from the columns ``value_of_time`` (currency per hour) and
        ``distance_cost`` (currency per unit of length), which are Jibek's own; None where they do not stand.
    """

    pce: float = 1.0
    minutes_per_toll: float | None = None
    minutes_per_length: float | None = None


def read_uses(path: Path, faults: Faults) -> dict[str, Use] | None:
    """Read ``use_definition.csv``; None if there is none or it cannot be read."""
    if not path.exists():
        return None
    columns = {name: (name,) for name in ("use", "pce", "value_of_time", "distance_cost")}
    cells = read_cells(path, columns, faults, required=("use", "pce"))
    if cells is None:
        return None
    file = str(path)
    unique(cells, "use", faults, file)
    worth = numbers_in(cells, "value_of_time", faults, file, lowest=1e-6, default=LARGEST)
    rows = cells.select(
        "use",
        numbers_in(cells, "pce", faults, file).fill_null(1.0),  # a use with a fault is still one that links may name
        worth=pl.when(pl.col("value_of_time").is_not_null()).then(worth),
        cost=numbers_in(cells, "distance_cost", faults, file, default=0.0).fill_null(0.0),
    )
    costly = rows["worth"].is_null() & (rows["cost"] > 0)
    places = cells.filter(costly).select(LINE, "distance_cost").iter_rows()
    remedy = "Give both, or neither."
    faults.add_all(file, places, "distance_cost", expected="a value_of_time beside it", remedy=remedy)
    return {
        use: Use(
            pce=pce,
            minutes_per_toll=None if worth is None else _MINUTES / worth,
            minutes_per_length=None if worth is None else _MINUTES / worth * cost,
        )
        for use, pce, worth, cost in rows.drop_nulls("use").iter_rows()
    }


def read_groups(path: Path, faults: Faults) -> dict[str, frozenset[str]]:
    """Read ``use_group.csv``; empty if there is none."""
    if not path.exists():
        return {}
    columns = {name: (name,) for name in ("use_group", "uses")}
    cells = read_cells(path, columns, faults, required=("use_group", "uses"))
    if cells is None:
        return {}
    unique(cells, "use_group", faults, str(path))
    need(cells, "uses", faults, str(path), expected="names of uses")
    return {
        group: frozenset(word.strip() for word in uses.split(","))
        for group, uses in cells.drop_nulls().select("use_group", "uses").iter_rows()
    }


def allowed_uses(
    file: str,
    cells: pl.DataFrame,
    uses: Mapping[str, Use] | None,
    groups: Mapping[str, frozenset[str]],
    faults: Faults,
) -> list[frozenset[str] | None]:
    """Return the uses that each link is open to; None for all.

    Parameters
    ----------
    file, cells
        Path of ``link.csv``, and its column ``allowed_uses`` as texts: names of uses or groups, ``all`` or ``none``.
    uses
        Uses that are defined; None where there is no ``use_definition.csv``, and any name will do.
    groups
        Uses by the name of their group.
    faults
        Takes a fault for the first line with an unknown name.
    """
    known = {*(uses or ()), *groups, *_WORDS}
    sets: dict[str | None, frozenset[str] | None] = {None: None}
    firsts = cells.filter(pl.col("allowed_uses").is_first_distinct()).drop_nulls("allowed_uses")
    for line, text in firsts.select(LINE, "allowed_uses").iter_rows():
        words = [word.strip() for word in text.replace(";", ",").split(",") if word.strip()]
        for word in words:
            if uses is not None and word not in known:
                remedy = f"{nearest(word, known)}Define it or correct the cell."
                expected = "uses of use_definition.csv or groups of use_group.csv"
                faults.add(file, line, "allowed_uses", word, expected=expected, remedy=remedy)
        named = frozenset().union(*(groups.get(word, frozenset({word})) for word in words))
        sets[text] = None if "all" in words else named - {"none"}
    return [sets[text] for text in cells["allowed_uses"]]
