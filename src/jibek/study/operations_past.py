"""Disruptions of the past, as closings in the year of a case."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jibek.corridor import Corridor
    from jibek.study.case import Case

__all__ = ["Disruption", "disruptions_of"]

_CLOSINGS = {"table": pl.String, "id": pl.String, "sudden": pl.Boolean, "from_date": pl.Date, "to_date": pl.Date}


@dataclass(frozen=True)
class Disruption:
    """What shut or narrowed something for a while.

    Attributes
    ----------
    id, title : str
        As in table ``disruptions``.
    days : float
        From the first to the last.
    closings : polars.DataFrame
        As `jibek.corridor.closings_in` lists them, in the year of the case. A way narrowed to a share of its capacity
        loses as many days of passage as the share that is gone, all at once from the first day on.
    """

    id: str
    title: str
    days: float
    closings: pl.DataFrame

    @property
    def days_lost(self) -> float:
        """Days for which the element is shut that is shut longest."""
        days = Counter[tuple[str, str]]()
        for table, element, _, first, last in self.closings.iter_rows():
            days[table, element] += (last - first).days + 1
        return float(max(days.values()))


def disruptions_of(case: Case) -> Iterator[Disruption]:
    """List disruptions that shut or narrowed something for a while, in order of their ids."""
    changes = case.corridor["changes"].drop_nulls(["owner", "from_date", "to_date"]).sort(pl.all())
    for name, title in case.corridor["disruptions"].sort("id").select("id", "title").iter_rows():
        rows = changes.filter(owner=name)
        shut = [
            (table, element, first, last)
            for table, element, operation, first, last in rows.select(
                "table", "id", "operation", "from_date", "to_date"
            ).iter_rows()
            if operation == "close"
        ]
        narrowed = rows.filter(pl.col("operation").is_in(["scale", "set"]), table="resources", column="capacity")
        for resource, operation, value, first, last in narrowed.select(
            "id", "operation", "value", "from_date", "to_date"
        ).iter_rows():
            left = float(value) / (1.0 if operation == "scale" else _capacity(case.world, resource))
            lost = round((1.0 - left) * ((last - first).days + 1))
            users = case.world["resource_users"].filter(resource=resource).select("table", "id").sort("table", "id")
            shut += [
                (table, element, first, first + timedelta(days=lost - 1))
                for table, element in users.iter_rows()
                if lost > 0
            ]
        if shut:
            first, last = min(rows["from_date"].to_list()), max(rows["to_date"].to_list())
            yield Disruption(name, title, float((last - first).days + 1), _in_year_of(case, shut))


def _capacity(world: Corridor, resource: str) -> float:
    """Give the capacity of a resource as its row has it."""
    return float(world["resources"].filter(id=resource)["capacity"].item())


def _in_year_of(case: Case, shut: list[tuple[str, str, date, date]]) -> pl.DataFrame:
    """Write what is shut as closings in the year of a case; what would go on into the next year begins it earlier."""
    year = case.world.year
    rows = []
    for table, element, first, last in shut:
        begin = date(year, first.month, min(first.day, 28) if first.month == 2 else first.day)
        end = begin + (last - first)
        over = max((end - date(year, 12, 31)).days, 0)
        rows.append((table, element, True, begin - timedelta(days=over), end - timedelta(days=over)))
    return pl.DataFrame(sorted(set(rows)), schema=_CLOSINGS, orient="row")
