"""From a value and the changes to it to its time-weighted mean over a year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Change", "in_order", "mean_over_year", "segment_starts"]

Operation = Literal["set", "scale", "add", "close", "open"]

_OPERATIONS: tuple[Operation, ...] = ("set", "scale", "add", "close", "open")
_OWNERS = ("history", "completed", "built", "disruption", "scenario")


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that happens to one cell, or to whether an element is open.

    Attributes
    ----------
    owner : {"history", "completed", "built", "disruption", "scenario"}
        On whose account; they act in this order.
    table, id, column : str
        Cell; column is ``open_share`` for close and open.
    operation : {"set", "scale", "add", "close", "open"}
        What happens.
    value : float
        Operand; 0 for close and 1 for open.
    first_day, last_day : datetime.date
        When, both included.
    monthly : tuple of 12 float or None
        How much of it acts in each month, 0 to 1; None for all.
    origin : str
        Row or scenario key it comes from, for messages.
    """

    owner: Literal["history", "completed", "built", "disruption", "scenario"]
    table: str
    id: str
    column: str
    operation: Operation
    value: float
    first_day: date = date.min
    last_day: date = date.max
    monthly: tuple[float, ...] | None = None
    origin: str = ""

    def acts_in(self, year: int) -> bool:
        """Whether it touches the year at all."""
        return self.first_day <= date(year, 12, 31) and self.last_day >= date(year, 1, 1)

    def on(self, day: date, value: float | None) -> float | None:
        """Apply it to the value of a day; None if there is no value to scale or add to."""
        share = 1.0 if self.monthly is None else self.monthly[day.month - 1]
        if not (self.first_day <= day <= self.last_day) or share == 0:
            return value
        if self.operation in {"set", "close", "open"}:
            changed = self.value
        elif value is None:
            return None
        else:
            changed = value * self.value if self.operation == "scale" else value + self.value
        return changed if share == 1 or value is None else value + share * (changed - value)


def in_order(changes: Sequence[Change]) -> list[Change]:
    """Sort changes as they act: by owner, then first day, then set, scale, add, close, open."""
    return sorted(
        changes,
        key=lambda change: (
            _OWNERS.index(change.owner),
            change.first_day,
            _OPERATIONS.index(change.operation),
            change.last_day,
            change.value,
            change.origin,
        ),
    )


def mean_over_year(value: float | None, changes: Sequence[Change], year: int) -> float | None:
    """Return the time-weighted mean of a value over a calendar year.

    Parameters
    ----------
    value
        Value before any change; None if unknown.
    changes
        Changes of this one cell, `in_order`.
    year
        Calendar year; a leap year has 366 days.

    Returns
    -------
    float or None
        None if the value is unknown on any day.
    """
    starts = segment_starts(changes, year)
    days = [(after - day).days for day, after in pairwise([*starts, date(year + 1, 1, 1)])]
    values: list[float] = []
    for day in starts:
        current = value
        for change in changes:
            current = change.on(day, current)
        if current is None:
            return None
        values.append(current)
    if len(set(values)) == 1:
        return values[0]
    return sum(v * n for v, n in zip(values, days, strict=True)) / sum(days)


def segment_starts(changes: Sequence[Change], year: int) -> list[date]:
    """Return the days of a year on which something may change, the first of January among them."""
    begin, end = date(year, 1, 1), date(year, 12, 31)
    starts = {begin}
    for change in changes:
        if begin < change.first_day <= end:
            starts.add(change.first_day)
        if begin <= change.last_day < end:
            starts.add(change.last_day + timedelta(days=1))
        if change.monthly is not None:
            starts |= {date(year, month, 1) for month in range(1, 13)}
    return sorted(starts)
