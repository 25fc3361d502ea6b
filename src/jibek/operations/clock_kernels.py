"""Compiled kernels of time that does not run evenly: seasons, and stations that are shut for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from jibek.network.compiler import compiled
from jibek.operations.chance_kernels import draw, uniform
from jibek.operations.records import FLOATS, READ_DRAWS, READ_FLOATS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["elapse", "random_closures", "work_end"]

_MONTH_ENDS = 24.0 * np.array([31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365])
_YEAR = 8760.0


@compiled(types.float64(types.float64, types.float64, READ_FLOATS))
def elapse(hour: float, amount: float, speed: Floats) -> float:
    """Give the hour at which a clock that runs at the speed of each month has gone on by an amount.

    Parameters
    ----------
    hour
        From the start of the first year.
    amount
        Hours of that clock.
    speed : float64 array, shape (12,)
        Not negative, and above 0 in some month.
    """
    year = np.floor(hour / _YEAR) * _YEAR
    month = 0
    while month < 11 and hour - year >= _MONTH_ENDS[month]:
        month += 1
    while True:
        left = year + _MONTH_ENDS[month] - hour
        if amount <= left * speed[month] and speed[month] > 0.0:
            return float(hour + amount / speed[month])
        amount -= left * speed[month]
        hour += left
        month += 1
        if month == 12:
            month = 0
            year += _YEAR
            hour = year


@compiled(types.Tuple((FLOATS, FLOATS))(types.float64, READ_FLOATS, READ_DRAWS, READ_FLOATS, types.int64, types.uint64))
def random_closures(
    end: float, rate: Floats, draws: NDArray[np.void], values: Floats, number: int, luck: np.uint64
) -> tuple[Floats, Floats]:
    """Draw when something is closed until an hour.

    Parameters
    ----------
    end
        Last hour.
    rate : float64 array, shape (12,)
        Closings per hour open, by month; above 0 in some month.
    draws, values, number
        How long it is closed, see `chance_kernels.draw`.
    luck
        Place in the sequence of random numbers.

    Returns
    -------
    begins, ends : float64 arrays
        In order.
    """
    begins: Floats = np.empty(16)
    ends: Floats = np.empty(16)
    count, hour = 0, 0.0
    while True:
        u, luck = uniform(luck)
        hour = elapse(hour, -np.log(u), rate)
        if hour >= end:
            return begins[:count].copy(), ends[:count].copy()
        if count == len(begins):
            begins, ends = np.append(begins, np.empty(count)), np.append(ends, np.empty(count))
        begins[count] = hour
        hours, luck = draw(draws, values, number, luck)
        hour += hours
        ends[count] = hour
        count += 1


@compiled(types.float64(READ_FLOATS, READ_FLOATS, types.int64, types.int64, types.float64, types.float64))
def work_end(shut_from: Floats, shut_to: Floats, gap: int, gap_end: int, hour: float, work: float) -> float:
    """Give the hour at which work that begins in the open is done; it rests while the station is shut.

    Parameters
    ----------
    shut_from, shut_to : float64 arrays
        When stations are shut.
    gap, gap_end
        Rows of those of this station that are not over yet.
    hour
        When the work begins.
    work
        Hours of it.
    """
    while gap < gap_end and hour + work > shut_from[gap]:
        work -= shut_from[gap] - hour
        hour = shut_to[gap]
        gap += 1
    return hour + work
