"""Compiled kernels of movers: what they draw, how they go on, and how they let go of the place that they hold.

Nothing in the kernels calls itself: who may go on stands in the list ``ready``, where something changed in the list
``dirty``, and the loop works through both before time goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from jibek.network.compiler import compiled
from jibek.operations.chance_kernels import draw_from
from jibek.operations.queue_kernels import DIRTY, FREE_LOT, FREE_MOVER, LEVELS, READY_END, push
from jibek.operations.records import ABOARD, INDEX, NONE
from jibek.operations.tally_kernels import note
from jibek.operations.world import WORLD

if TYPE_CHECKING:
    from jibek.operations.world import World

__all__ = [
    "AGAIN",
    "ALONE",
    "ARRIVES",
    "AT_ONCE",
    "CALL",
    "END",
    "FINISHED",
    "FULL",
    "FULL_OR_TIME",
    "JOINS",
    "LEAVES",
    "ON_ONE",
    "OPENS",
    "RIDE",
    "SERVERLESS",
    "TIMETABLE",
    "TRAVEL",
    "VISIT",
    "draw_hours",
    "first_in_line",
    "go_on",
    "mark",
    "release",
    "remove",
    "shut_until",
    "skip_departures",
    "take_on",
]

TRAVEL, VISIT, RIDE, CALL, END, AGAIN = range(6)
"""Kinds of steps."""
FINISHED, JOINS, OPENS, ARRIVES, LEAVES = range(5)
"""Kinds of events, in the order in which they happen at one time: a mover's travel or service ends; a vehicle begins;
a station opens; a consignment arrives; a vehicle's time is up."""
AT_ONCE, FULL, FULL_OR_TIME, TIMETABLE = range(4)
"""Rules by which vehicles leave."""
ALONE, SERVERLESS = NONE, NONE - np.uint32(1)
"""What a mover has for a batch when it is served by itself, or not served yet."""

ON_ONE = types.void(WORLD, INDEX, types.float64)
"""Signature of what is done with one mover, station or stop now."""


@compiled(types.void(WORLD, INDEX), within=True, merged=True, counted=False)
def mark(world: World, number: int) -> None:
    """List a station to be looked at."""
    station = world.stations[number]
    if station.dirty == 0:
        station.dirty = 1
        world.dirty[np.uint32(world.counts[DIRTY])] = number
        world.counts[DIRTY] += 1


@compiled(types.void(WORLD, INDEX), within=True, merged=True, counted=False)
def go_on(world: World, mover: int) -> None:
    """List a mover to begin its next step."""
    world.movers[mover].step += 1
    world.ready[np.uint32(world.counts[READY_END])] = mover
    world.counts[READY_END] += 1


@compiled(types.void(WORLD, INDEX), within=True, merged=True, counted=False)
def remove(world: World, number: int) -> None:
    """Give a mover's row back."""
    mover = world.movers[number]
    mover.step = NONE
    mover.next = world.counts[FREE_MOVER]
    world.counts[FREE_MOVER] = number


@compiled(types.float64(WORLD, INDEX), within=True, merged=True, counted=False)
def draw_hours(world: World, number: int) -> float:
    """Draw how long a mover's step takes."""
    mover = world.movers[number]
    step = world.steps[mover.step]
    hours: float
    hours, luck = draw_from(step.law, step.a, step.b, world.values, mover.luck)
    mover.luck = luck
    return hours


@compiled(types.float64(WORLD, INDEX, types.float64), within=True, merged=True, counted=False)
def shut_until(world: World, number: int, now: float) -> float:
    """Give the hour at which a station that is shut opens, or now."""
    station = world.stations[number]
    while station.gap < station.gap_end and world.shut_to[station.gap] <= now:
        station.gap += 1
    if station.gap < station.gap_end and world.shut_from[station.gap] <= now:
        return float(world.shut_to[station.gap])
    return now


@compiled(INDEX(WORLD, INDEX), within=True, merged=True, counted=False)
def first_in_line(world: World, lines: int) -> int:
    """Give the line of the highest priority in which somebody stands; lines are numbered as in `World`."""
    line = np.uint64(lines * world.counts[LEVELS])
    while world.lines[line].first == NONE:
        line += np.uint64(1)
    return line  # type: ignore[return-value]


@compiled(types.float64(WORLD, INDEX, types.float64), within=True, merged=True, counted=False)
def skip_departures(world: World, number: int, now: float) -> float:
    """Give the next departure of a stop's timetable, and count those until now as missed."""
    stop = world.stops[number]
    while True:
        row = np.uint32(stop.departure + stop.slot % stop.departures)
        hour: float = stop.slot // stop.departures * stop.period + world.timetable[row]
        if hour >= now:
            return hour
        stop.slot += 1
        if hour >= world.window[0]:
            stop.missed += 1


@compiled(types.float64(WORLD, INDEX, types.float64), within=True, merged=True, counted=False)
def _due(world: World, number: int, now: float) -> float:
    """Say when a vehicle that is handled now leaves a stop at the latest; by timetable it uses up a departure."""
    stop = world.stops[number]
    if stop.rule == AT_ONCE:
        return now
    if stop.rule == FULL:
        return np.inf
    if stop.rule == FULL_OR_TIME:
        latest: float = now + stop.max_wait
        return latest
    hour: float = skip_departures(world, number, now)
    stop.slot += 1
    return hour


@compiled(ON_ONE, within=True, merged=True, counted=False)
def take_on(world: World, number: int, now: float) -> None:
    """Let a vehicle from which all have alighted wait for those who board."""
    vehicle, carrier = world.movers[number], world.carriers[number]
    at = world.steps[vehicle.step].to
    carrier.due = _due(world, at, now)
    if now < carrier.due < np.inf:
        push(world.agenda, world.counts, carrier.due, LEAVES, number)
    stop = world.stops[at]
    vehicle.next = NONE
    if stop.ready == NONE:
        stop.ready = number
    else:
        world.movers[stop.ready_last].next = number
    stop.ready_last = number
    mark(world, stop.yard)


@compiled(ON_ONE, within=True, merged=True, counted=False)
def release(world: World, number: int, now: float) -> None:
    """Let go of the place that a mover holds: at a station, or in the vehicle from which it alights."""
    mover = world.movers[number]
    held = mover.held
    mover.held = NONE
    if held == NONE:
        return
    if held >= ABOARD:
        vehicle = held - ABOARD
        world.carriers[vehicle].alighting -= 1
        if world.carriers[vehicle].alighting == 0:
            take_on(world, vehicle, now)
        return
    note(world, held, now)
    station = world.stations[held]
    station.inside -= 1
    lot = mover.lot
    if lot == ALONE:
        station.free += 1
    elif lot != SERVERLESS:
        world.lots[lot] -= 1
        if world.lots[lot] == 0:
            station.free += 1
            world.lots[lot] = world.counts[FREE_LOT]
            world.counts[FREE_LOT] = lot
    mark(world, held)
