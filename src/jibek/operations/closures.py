"""When stations are shut: by their calendar, by closures with dates, by weather and breakdown; merged for one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jibek.operations.clock_kernels import random_closures

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.operations.elements import Calendar, Stoppage
    from jibek.operations.model import Model

    Floats = NDArray[np.float64]

__all__ = ["Shut", "calendar_gaps", "fixed_gaps", "merge", "random_gaps", "rates_of"]

Shut = tuple["NDArray[np.int64]", "Floats", "Floats"]
"""Numbers of stations, and from when to when they are shut."""

_MONTHS = np.repeat(np.arange(1, 13), [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def calendar_gaps(calendar: Calendar, hours: float) -> tuple[Floats, Floats]:
    """List when a calendar has a station shut until an hour: begins and ends, in order."""
    day = np.arange(-1, int(hours // 24) + 1)
    works = np.isin(day % 7, calendar.weekdays) & np.isin(_MONTHS[day % 365], calendar.months)
    start = 24.0 * day[works] + calendar.from_hour
    length = calendar.to_hour - calendar.from_hour
    end = start + (length if length > 0 else length + 24.0)
    begins = np.concatenate([[-24.0], end])
    ends = np.concatenate([start, [max(hours, 0.0) + 8760.0]])
    shut = (ends > begins) & (ends > 0)
    return np.maximum(begins[shut], 0.0), ends[shut]


def fixed_gaps(model: Model, numbers: dict[str, int], hours: float) -> Shut:
    """List what calendars and closures shut, the same in each replication."""
    rows: list[tuple[int, Floats, Floats]] = [
        (numbers[station.id], *calendar_gaps(station.calendar, hours))
        for station in model.stations
        if station.calendar is not None
    ]
    rows += [
        (numbers[station], np.array([closure.from_hour]), np.array([closure.to_hour]))
        for closure in model.closures
        for station in closure.stations
    ]
    return _joined(rows)


def rates_of(stoppage: Stoppage) -> Floats:
    """Give the closings per hour open in each month that make the long-run share closed, shape (12,).

    With mean times open ``a`` and closed ``h`` the share closed is ``h / (a + h)``, so the rate ``1 / a`` is
    ``share / ((1 - share) h)``.
    """
    share = np.resize(np.array(stoppage.share, np.float64), 12)
    return share / ((1.0 - share) * stoppage.hours.mean)


def random_gaps(
    stoppages: list[tuple[Floats, int, tuple[int, ...]]],
    draws: NDArray[np.void],
    values: Floats,
    hours: float,
    keys: list[int],
) -> Shut:
    """Draw what weather and breakdowns shut in one replication.

    Parameters
    ----------
    stoppages
        Of each: rates of closing, number of the distribution of its length, numbers of the stations.
    draws, values
        Distributions.
    hours
        Until when.
    keys
        Of their random numbers.
    """
    rows = []
    for (rate, number, stations), key in zip(stoppages, keys, strict=True):
        if rate.any():
            gaps = random_closures(hours, rate, draws, values, number, np.uint64(key))
            rows += [(station, *gaps) for station in stations]
    return _joined(rows)


def merge(first: Shut, second: Shut, n_stations: int) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Join what shuts stations; give where each station's gaps begin, shape (n_stations + 1,), and disjoint gaps."""
    station, begins, ends = (np.concatenate(pair) for pair in zip(first, second, strict=True))
    order = np.lexsort((ends, begins, station))
    station, begins, ends = station[order], begins[order], ends[order]
    firsts = np.zeros(len(order), np.bool_)
    for at in range(n_stations):
        rows = np.flatnonzero(station == at)
        if len(rows):
            latest = np.maximum.accumulate(ends[rows])
            ends[rows] = latest
            firsts[rows] = np.concatenate([[True], begins[rows[1:]] > latest[:-1]])
    lasts = np.append(firsts[1:], True)[: len(order)]
    first_gap = np.searchsorted(station[firsts], np.arange(n_stations + 1))
    return first_gap.astype(np.int64), begins[firsts], ends[lasts]


def _joined(rows: list[tuple[int, Floats, Floats]]) -> Shut:
    """Join lists of gaps."""
    station = np.concatenate([np.full(len(begins), at) for at, begins, _ in rows] or [np.empty(0)])
    begins = np.concatenate([begins for _, begins, _ in rows] or [np.empty(0)])
    ends = np.concatenate([ends for _, _, ends in rows] or [np.empty(0)])
    return station.astype(np.int64), begins, ends
