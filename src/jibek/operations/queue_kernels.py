"""Compiled kernels of the list of events and of lines of movers: arithmetic only.

The time of a simulation is cut into equal slots (Brown 1988 calls such a list a calendar): the events of the present
slot stand in a binary heap, short enough for the fastest memory, those of each later slot in a chain without order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import types

from jibek.network.compiler import compiled
from jibek.operations.records import EVENTS, FLOATS, INDEX, INDICES, INTS, LATER, LINES, MOVERS, NONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Records = NDArray[np.void]
    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = [
    "AGENDA",
    "BATCH",
    "DIRTY",
    "FREE_EVENT",
    "FREE_LOT",
    "FREE_MOVER",
    "HAPPENED",
    "KIND",
    "LEVELS",
    "N_COUNTS",
    "N_EVENTS",
    "N_SOON",
    "READY",
    "READY_END",
    "SERIAL",
    "SLOT",
    "SLOTS",
    "WHO",
    "Agenda",
    "append",
    "look_ahead",
    "pop",
    "push",
    "take",
]

KIND, WHO = 60, 24
"""Bits below the kind in the key of an event, and below its number: up to 16 million movers and 68 billion events."""
N_EVENTS, N_SOON, SLOT, FREE_EVENT, SERIAL, HAPPENED = range(6)
READY, READY_END, DIRTY, FREE_MOVER, FREE_LOT, LEVELS, BATCH, N_COUNTS = range(6, 14)
"""Counts that the loop keeps: events listed; those of them in the heap; present slot; first free row of a later event;
events listed ever; happened; first and end of those ready to go on; stations to be looked at; first free mover and
batch; priorities; batches of time that are over; and how many counts there are."""
SLOTS = 2**20
"""Of the time simulated: a year of a corridor has some three events in each, and few take longer than one alone."""

_0, _1, _2 = np.uint64(0), np.uint64(1), np.uint64(2)


class Agenda(NamedTuple):
    """What is to happen.

    Attributes
    ----------
    soon : array of `records.EVENT`
        A heap: what happens in the present slot.
    later : array of `records.LATER_EVENT`
        What happens in later ones, in chains, and free rows, in a chain, too.
    slots : uint32 array, shape (SLOTS,)
        First row of each slot in ``later``.
    span : float64 array, shape (2,)
        The end, and slots per hour.
    """

    soon: Records
    later: Records
    slots: NDArray[np.uint32]
    span: Floats


AGENDA = types.NamedTuple((EVENTS, LATER, INDICES, FLOATS), Agenda)
"""Its type in compiled code."""


@compiled(types.void(EVENTS, INTS, types.float64, types.int64), merged=True, counted=False)
def _rise(soon: Records, counts: Ints, time: float, key: int) -> None:
    """Put an event into the heap."""
    at = np.uint64(counts[N_SOON])
    counts[N_SOON] += 1
    while at > _0:
        up = (at - _1) >> _1
        if soon[up].time < time or (soon[up].time == time and soon[up].key < key):
            break
        soon[at].time, soon[at].key = soon[up].time, soon[up].key
        at = up
    soon[at].time, soon[at].key = time, key


@compiled(types.void(AGENDA, INTS, types.float64, types.int64, INDEX), merged=True, counted=False)
def push(agenda: Agenda, counts: Ints, time: float, kind: int, who: int) -> None:
    """List an event; of those at the same time the smaller kind comes first, then the one that was listed first.

    What is after the end is not listed.
    """
    if time >= agenda.span[0]:
        return
    key = (kind << KIND) | (counts[SERIAL] << WHO) | who
    counts[SERIAL] += 1
    counts[N_EVENTS] += 1
    slot = np.uint32(min(int(time * agenda.span[1]), SLOTS - 1))
    if slot <= counts[SLOT]:
        _rise(agenda.soon, counts, time, key)
        return
    at = np.uint32(counts[FREE_EVENT])
    event = agenda.later[at]
    counts[FREE_EVENT] = event.next
    event.time, event.key, event.next = time, key, agenda.slots[slot]
    agenda.slots[slot] = at


@compiled(types.boolean(AGENDA, INTS), merged=True, counted=False)
def look_ahead(agenda: Agenda, counts: Ints) -> bool:
    """Put the events of the next slot that has any into the heap, if that is empty; say whether there is an event."""
    while counts[N_SOON] == 0:
        if counts[SLOT] == SLOTS - 1:
            return False
        counts[SLOT] += 1
        at = agenda.slots[np.uint32(counts[SLOT])]
        while at != NONE:
            event = agenda.later[at]
            _rise(agenda.soon, counts, event.time, event.key)
            following = event.next
            event.next = counts[FREE_EVENT]
            counts[FREE_EVENT] = at
            at = following
    return True


@compiled(types.void(EVENTS, INTS), merged=True, counted=False)
def pop(soon: Records, counts: Ints) -> None:
    """Take the first event off the heap."""
    counts[N_EVENTS] -= 1
    counts[N_SOON] -= 1
    size = np.uint64(counts[N_SOON])
    time, key = soon[size].time, soon[size].key
    at, down = _0, _1
    while down < size:
        first, first_key = soon[down].time, soon[down].key
        right = down + _1
        if right < size:
            other, other_key = soon[right].time, soon[right].key
            if other < first or (other == first and other_key < first_key):
                down, first, first_key = right, other, other_key
        if time < first or (time == first and key < first_key):
            break
        soon[at].time, soon[at].key = first, first_key
        at, down = down, _2 * down + _1
    soon[at].time, soon[at].key = time, key


@compiled(types.void(LINES, MOVERS, INDEX, INDEX), merged=True, counted=False)
def append(lines: Records, movers: Records, line: int, mover: int) -> None:
    """Put a mover at the end of a line."""
    movers[mover].next = NONE
    if lines[line].first == NONE:
        lines[line].first = mover
    else:
        movers[lines[line].last].next = mover
    lines[line].last = mover


@compiled(INDEX(LINES, MOVERS, INDEX), merged=True, counted=False)
def take(lines: Records, movers: Records, line: int) -> int:
    """Take the first mover out of a line that has one."""
    mover: int = lines[line].first
    lines[line].first = movers[mover].next
    return mover
