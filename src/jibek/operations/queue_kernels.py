"""Compiled kernels of the list of events, a binary heap, and of lines of movers: arithmetic only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import types

from jibek.network.compiler import compiled
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
    "KIND",
    "LEVELS",
    "N_COUNTS",
    "N_EVENTS",
    "READY",
    "READY_END",
    "SERIAL",
    "WHO",
    "append",
    "pop",
    "push",
    "take",
]

KIND, WHO = 60, 24
"""Bits below the kind in the key of an event, and below its number: up to 16 million movers and 68 billion events."""
N_EVENTS, SERIAL, HAPPENED, READY, READY_END, DIRTY, FREE_MOVER, FREE_LOT, LEVELS, N_COUNTS = range(10)
"""Counts that the loop keeps: events listed; listed ever; happened; first and end of those ready to go on; stations to
be looked at; first free mover and batch; priorities; and how many counts there are."""


@compiled(types.void(EVENTS, INTS, types.float64, types.int64, types.int64), merged=True, counted=False)
def push(events: Records, counts: Ints, time: float, kind: int, who: int) -> None:
    """List an event; of those at the same time the smaller kind comes first, then the one that was listed first."""
    key = (kind << KIND) | (counts[SERIAL] << WHO) | who
    counts[SERIAL] += 1
    at = counts[N_EVENTS]
    counts[N_EVENTS] += 1
    while at > 0:
        up = (at - 1) >> 1
        if events[up].time < time or (events[up].time == time and events[up].key < key):
            break
        events[at].time, events[at].key = events[up].time, events[up].key
        at = up
    events[at].time, events[at].key = time, key


@compiled(types.void(EVENTS, INTS), merged=True, counted=False)
def pop(events: Records, counts: Ints) -> None:
    """Take the first event off the list."""
    counts[N_EVENTS] -= 1
    size = counts[N_EVENTS]
    time, key = events[size].time, events[size].key
    at, down = 0, 1
    while down < size:
        first, first_key = events[down].time, events[down].key
        right = down + 1
        if right < size:
            other, other_key = events[right].time, events[right].key
            if other < first or (other == first and other_key < first_key):
                down, first, first_key = right, other, other_key
        if time < first or (time == first and key < first_key):
            break
        events[at].time, events[at].key = first, first_key
        at, down = down, 2 * down + 1
    events[at].time, events[at].key = time, key


@compiled(types.void(LINES, MOVERS, types.int64, types.int64), merged=True, counted=False)
def append(lines: Records, movers: Records, line: int, mover: int) -> None:
    """Put a mover at the end of a line."""
    movers[mover].next = NONE
    if lines[line].first == NONE:
        lines[line].first = mover
    else:
        movers[lines[line].last].next = mover
    lines[line].last = mover


@compiled(types.int64(LINES, MOVERS, types.int64), merged=True, counted=False)
def take(lines: Records, movers: Records, line: int) -> int:
    """Take the first mover out of a line that has one."""
    mover: int = lines[line].first
    lines[line].first = movers[mover].next
    return mover
