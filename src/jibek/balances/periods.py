"""A year in one period or twelve, and what a quantity of the year or a monthly profile is in each."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Calendar", "calendar_of", "profiles_of"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class Calendar:
    """Periods of a year.

    Attributes
    ----------
    periods : tuple of str
        ``2024``, or ``2024-01`` to ``2024-12``.
    days : float64 array, shape (n_periods,)
        Length of each.
    month_days : float64 array, shape (12,)
        Length of each month.
    """

    periods: tuple[str, ...]
    days: Floats
    month_days: Floats

    @cached_property
    def hours(self) -> float:
        """Mean length of a period."""
        return 24.0 * float(self.days.mean())

    @property
    def share(self) -> Floats:
        """Share of the year's days in each period."""
        share: Floats = self.days / self.days.sum()
        return share

    def spread(self, quantity: float, month: int | None, shares: Floats | None) -> Floats:
        """Give a quantity of a month, or of the year by shares of months (by days where there are none)."""
        if month is None:
            by_month = quantity * (self.month_days / self.month_days.sum() if shares is None else shares)
        else:
            by_month = np.where(np.arange(1, 13) == month, quantity, 0.0)
        spread: Floats = by_month if len(self.periods) > 1 else by_month.sum(keepdims=True)
        return spread

    def mean(self, factors: Floats | None) -> Floats:
        """Give the mean of a monthly factor in each period; 1 where there is none."""
        if factors is None:
            return np.ones(len(self.periods))
        whole = float(factors @ self.month_days) / float(self.month_days.sum())
        return factors if len(self.periods) > 1 else np.array([whole])

    def within(self, first: int | None, last: int | None) -> list[int]:
        """List the periods from one month to another, over the turn of the year where that is earlier."""
        first, last = first or 1, last or 12
        months = [m for m in range(1, 13) if (first <= m <= last if first <= last else m >= first or m <= last)]
        if len(self.periods) > 1:
            return [month - 1 for month in months]
        return [0] if len(months) == len(_MONTHS) else []


def calendar_of(year: int, step: Literal["year", "month"]) -> Calendar:
    """Divide a year."""
    month_days = np.array([monthrange(year, month)[1] for month in range(1, 13)], np.float64)
    if step == "year":
        return Calendar((str(year),), month_days.sum(keepdims=True), month_days)
    return Calendar(tuple(f"{year}-{month:02d}" for month in range(1, 13)), month_days, month_days)


def profiles_of(profiles: pl.DataFrame) -> Mapping[str, tuple[str, Floats]]:
    """Give kind and monthly values of each profile."""
    return {
        row["id"]: (row["kind"], np.array([row[month] for month in _MONTHS])) for row in profiles.iter_rows(named=True)
    }
