"""Compiled kernels of the list of events, a binary heap, and of lines of movers: arithmetic only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit, types

from jibek.operations.records import EVENTS, INTS, LINES, MOVERS, NONE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Records = NDArray[np.void]
    Ints = NDArray[np.int64]

__all__ = [
    "DIRTY",
    "FREE_LOT",
    "FREE_MOVER",
    "HAPPENED",
    "LEVELS",
    "N_COUNTS",
    "N_EVENTS",
    "READY",
    "READY_END",
    "SERIAL",
    "append",
    "pop",
    "push",
    "take",
]

N_EVENTS, SERIAL, HAPPENED, READY, READY_END, DIRTY, FREE_MOVER, FREE_LOT, LEVELS, N_COUNTS = range(10)
"""Counts that the loop keeps: events listed; listed ever; happened; first and end of those ready to go on; stations to
be looked at; first free mover and batch; priorities; and how many counts there are."""


@njit(types.void(EVENTS, INTS, types.float64, types.int64, types.int64), cache=True, nogil=True, _nrt=False)  # type: ignore[untyped-decorator]
def push(events: Records, counts: Ints, time: float, kind: int, who: int) -> None:
    """List an event; of those at the same time the smaller kind comes first, then the one that was listed first."""
    at = counts[N_EVENTS]
    order = (kind << 48) | counts[SERIAL]
    counts[N_EVENTS] += 1
    counts[SERIAL] += 1
    while at > 0:
        up = (at - 1) >> 1
        if events[up].time < time or (events[up].time == time and events[up].order < order):
            break
        events[at].time, events[at].order, events[at].who = events[up].time, events[up].order, events[up].who
        at = up
    events[at].time, events[at].order, events[at].who = time, order, who


@njit(types.void(EVENTS, INTS), cache=True, nogil=True, _nrt=False)  # type: ignore[untyped-decorator]
def pop(events: Records, counts: Ints) -> None:
    """Take the first event off the list."""
    counts[N_EVENTS] -= 1
    size = counts[N_EVENTS]
    time, order, who = events[size].time, events[size].order, events[size].who
    at, down = 0, 1
    while down < size:
        right = down + 1
        if right < size and (
            events[right].time < events[down].time
            or (events[right].time == events[down].time and events[right].order < events[down].order)
        ):
            down = right
        if time < events[down].time or (time == events[down].time and order < events[down].order):
            break
        events[at].time, events[at].order, events[at].who = events[down].time, events[down].order, events[down].who
        at, down = down, 2 * down + 1
    events[at].time, events[at].order, events[at].who = time, order, who


@njit(types.void(LINES, MOVERS, types.int64, types.int64), cache=True, nogil=True, _nrt=False)  # type: ignore[untyped-decorator]
def append(lines: Records, movers: Records, line: int, mover: int) -> None:
    """Put a mover at the end of a line."""
    movers[mover].next = NONE
    if lines[line].first == NONE:
        lines[line].first = mover
    else:
        movers[lines[line].last].next = mover
    lines[line].last = mover


@njit(types.int64(LINES, MOVERS, types.int64), cache=True, nogil=True, _nrt=False)  # type: ignore[untyped-decorator]
def take(lines: Records, movers: Records, line: int) -> int:
    """Take the first mover out of a line that has one."""
    mover: int = lines[line].first
    lines[line].first = movers[mover].next
    return mover
