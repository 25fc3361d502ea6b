"""When elements are shut, by date: what `apply_scenario` keeps only as the open share of a year."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from jibek.corridor.application import OPEN_SHARE_TABLES, changes_in
from jibek.corridor.changes import Change, in_order, segment_starts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jibek.corridor.corridor import Corridor
    from jibek.corridor.scenario import Scenario

__all__ = ["closings_in"]

_CLOSINGS = {"table": pl.String, "id": pl.String, "sudden": pl.Boolean, "from_date": pl.Date, "to_date": pl.Date}
_SUDDEN = ("disruption", "scenario")


def closings_in(corridor: Corridor, scenario: Scenario | None = None) -> pl.DataFrame:
    """List when links, borders, terminals, services and resources are shut in the year of a scenario.

    Parameters
    ----------
    corridor
        Corridor as read.
    scenario
        What differs; None for the corridor's own year without any difference.

    Returns
    -------
    polars.DataFrame
        ``table, id, sudden, from_date, to_date`` (last day), sorted. What a disruption or the scenario shuts is
        ``sudden``: who is under way waits. What history or the date of a project shuts was known: who would pass does
        not set out. Recurrent disruptions, which have no dates, are left out.
    """
    year = corridor.year if scenario is None or scenario.year is None else scenario.year
    cells: dict[tuple[str, str], list[Change]] = {}
    for change in changes_in(corridor, scenario, year):
        if change.column == "open_share" and change.monthly is None and change.table in OPEN_SHARE_TABLES:
            cells.setdefault((change.table, change.id), []).append(change)
    planned = set(corridor["links"].filter(pl.col("status") != "operating")["id"])
    rows = [
        (table, element, sudden, first, last)
        for (table, element), changes in cells.items()
        for sudden, first, last in _shut(in_order(changes), float(element not in planned), year)
    ]
    return pl.DataFrame(sorted(rows), schema=_CLOSINGS, orient="row")


def _shut(changes: Sequence[Change], begin: float, year: int) -> Iterator[tuple[bool, date, date]]:
    """Give the times of a year in which an element is shut, and whether suddenly; touching ones are joined."""
    found: list[tuple[bool, date, date]] = []
    for first, after in pairwise([*segment_starts(changes, year), date(year + 1, 1, 1)]):
        known = value = begin
        for change in changes:
            value = change.on(first, value) or 0.0
            if change.owner not in _SUDDEN:
                known = change.on(first, known) or 0.0
        if value > 0:
            continue
        last, sudden = after - timedelta(days=1), known > 0
        goes_on = found and found[-1][0] == sudden and found[-1][2] + timedelta(days=1) == first
        found.append((sudden, found.pop()[1] if goes_on else first, last))
    yield from found
