"""Compiled kernels that observe: hours into tallies and histograms, queues and servers over time.

A histogram has 128 classes between one power of two and the next, from 2 ** -11 hours (two seconds) to 2 ** 19 (sixty
years), so that a quantile is read to within 0.8 % of its value.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import types

from jibek.network.compiler import compiled
from jibek.operations.queue_kernels import BATCH
from jibek.operations.records import BLOCK, CLASSES, HISTOGRAM, INDEX, NONE, TALLIES
from jibek.operations.world import WORLD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.operations.world import World

__all__ = ["class_hours", "end_batches", "note", "observe", "quantiles"]

_LEAST_EXPONENT = -10
_PER_OCTAVE = 128
_TO_CLASS = 52 - 7  # of the bits of a float, whose exponent and first seven binary places number the classes
_BEFORE = (1022 + _LEAST_EXPONENT) * _PER_OCTAVE


@compiled(types.float64(types.int64), merged=True, counted=False)
def class_hours(number: int) -> float:
    """Give the middle of a class of the histogram, hours."""
    exponent = number // _PER_OCTAVE
    share = (number - exponent * _PER_OCTAVE + 0.5) / (2 * _PER_OCTAVE)
    return math.ldexp(0.5 + share, exponent + _LEAST_EXPONENT)


@compiled(types.void(WORLD, INDEX, types.float64, types.float64), within=True, merged=True, counted=False)
def observe(world: World, row: int, hours: float, now: float) -> None:
    """Note hours that something took, if they are counted and it ends in measured time."""
    if now < world.window[0] or row == NONE:
        return
    tally = world.tallies[row]
    tally.count += 1
    tally.total += hours
    tally.least = min(tally.least, hours)
    tally.most = max(tally.most, hours)
    number: int = (np.float64(hours).view(np.int64) >> _TO_CLASS) - _BEFORE  # type: ignore[assignment]
    world.histogram[row, np.uint32(min(max(number, 0), CLASSES - 1))] += 1


@compiled(types.void(WORLD, types.float64), within=True, merged=True, counted=False)
def end_batches(world: World, now: float) -> None:
    """Keep what has been observed up to the end of each batch that is over now, and set the end of the next."""
    begin, end, batches = world.window[0], world.window[1], world.batches
    while now >= world.window[2]:
        at = world.counts[BATCH]
        for row in range(len(world.tallies)):
            batches[at, row, 0], batches[at, row, 1] = world.tallies[row].total, world.tallies[row].count
        world.counts[BATCH] = at = at + 1
        world.window[2] = min(begin + (end - begin) * (at + 1) / len(batches), end) if at < len(batches) else np.inf


@compiled(types.void(HISTOGRAM, TALLIES), merged=True, counted=False)
def quantiles(histogram: NDArray[np.int32], tallies: NDArray[np.void]) -> None:
    """Read P50, P80 and P95 of each row: the least class up to which that share of the observations lies."""
    for row in range(len(tallies)):
        tally = tallies[row]
        if tally.count == 0:
            continue
        seen, number = 0, -1
        for share in (0.5, 0.8, 0.95):
            while seen < share * tally.count:
                number += 1
                seen += histogram[row, number]
            hours = min(max(class_hours(number), tally.least), tally.most)
            if number == 0:
                hours = tally.least
            if share == 0.5:
                tally.p50 = hours
            elif share == 0.8:
                tally.p80 = hours
            else:
                tally.p95 = hours


@compiled(types.float64(WORLD, INDEX, types.float64, types.float64), within=True, merged=True, counted=False)
def _open_hours(world: World, number: int, begin: float, end: float) -> float:
    """Give the hours between two times, the later never falling, in which a station is open."""
    station = world.stations[number]
    hours = end - begin
    while station.measured_gap < station.gap_end and world.shut_from[station.measured_gap] < end:
        gap = station.measured_gap
        hours -= max(min(world.shut_to[gap], end) - max(world.shut_from[gap], begin), 0.0)
        if world.shut_to[gap] > end:
            break
        station.measured_gap += 1
    return hours


@compiled(types.void(WORLD, INDEX, types.float64, types.float64), within=True, merged=True, counted=False)
def _fill_blocks(world: World, number: int, begin: float, end: float) -> None:
    """Add a queue that did not change to the blocks between two times, and keep the last of them for the next."""
    station = world.stations[number]
    block = int(begin / BLOCK)
    while (block + 1) * BLOCK < end:
        world.queues[number, np.uint32(block)] += station.waiting * ((block + 1) * BLOCK - begin)
        block += 1
        begin = block * BLOCK
    world.queues[number, np.uint32(block)] += station.waiting * (end - begin)
    station.block, station.block_end = block, (block + 1) * BLOCK


@compiled(types.void(WORLD, INDEX, types.float64), within=True, merged=True, counted=False)
def note(world: World, number: int, now: float) -> None:
    """Add to a station's integrals what has passed since its state last changed; to be called before it changes."""
    station = world.stations[number]
    last = station.last
    if now <= last:
        return
    station.last = now
    begin = max(last, world.window[0])
    waiting = station.waiting
    if waiting > 0:
        station.longest = max(station.longest, waiting)
        if now <= station.block_end:
            world.queues[number, station.block] += waiting * (now - last)
        else:
            _fill_blocks(world, number, last, now)
    if now > begin:
        hours = now - begin
        station.waiting_area += waiting * hours
        station.held_area += (station.servers - station.free - station.working) * hours
        if station.gap_end > station.measured_gap:
            hours = _open_hours(world, number, begin, now)
        station.open_hours += hours
        station.busy_area += station.working * hours
