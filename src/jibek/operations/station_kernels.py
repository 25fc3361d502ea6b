"""Compiled kernels of stations: movers arrive, find room or wait for it, and are served."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from jibek.network.compiler import compiled
from jibek.operations.clock_kernels import work_end
from jibek.operations.mover_kernels import (
    ALONE,
    FINISHED,
    ON_ONE,
    OPENS,
    SERVERLESS,
    draw_hours,
    first_in_line,
    mark,
    release,
    remove,
    shut_until,
)
from jibek.operations.queue_kernels import FREE_LOT, LEVELS, append, push, take
from jibek.operations.records import INDEX, NONE
from jibek.operations.tally_kernels import note, observe
from jibek.operations.world import WORLD

if TYPE_CHECKING:
    from jibek.operations.world import World

__all__ = ["arrive", "end_wait", "let_in", "serve"]


@compiled(types.void(WORLD, INDEX, INDEX, types.float64), within=True, merged=True, counted=False)
def _admit(world: World, number: int, at: int, now: float) -> None:
    """Give a mover a place in a station."""
    release(world, number, now)
    mover, station = world.movers[number], world.stations[at]
    station.inside += 1
    mover.held, mover.lot = at, SERVERLESS
    append(world.lines, world.movers, 2 * at * world.counts[LEVELS] + mover.priority, number)
    mark(world, at)


@compiled(ON_ONE, within=True, merged=True, counted=False)
def _turn_away(world: World, number: int, now: float) -> None:
    """Let a consignment that finds no room leave the system."""
    mover = world.movers[number]
    route = world.routes[mover.route]
    begin = world.window[0]
    if now > begin:
        route.area += route.inside * (now - max(route.last, begin))
        route.clipped += now - max(mover.born, begin)
    route.last = now
    route.inside -= 1
    if now >= begin:
        route.lost += 1
        world.stations[world.steps[mover.step].station].lost += 1
    release(world, number, now)
    remove(world, number)


@compiled(ON_ONE, within=True, merged=True, counted=False)
def arrive(world: World, number: int, now: float) -> None:
    """Bring a mover to the station of its step."""
    mover = world.movers[number]
    at = world.steps[mover.step].station
    note(world, at, now)
    station = world.stations[at]
    if now >= world.window[0]:
        station.arrived += 1
    has_room = station.inside < station.room and station.outside == 0
    if not has_room and station.loses == 1:
        _turn_away(world, number, now)
        return
    station.waiting += 1
    if has_room:
        _admit(world, number, at, now)
        return
    station.outside += 1
    append(world.lines, world.movers, (2 * at + 1) * world.counts[LEVELS] + mover.priority, number)


@compiled(ON_ONE, within=True, merged=True, counted=False)
def let_in(world: World, at: int, now: float) -> None:
    """Give those who wait outside a station the room that there is."""
    station = world.stations[at]
    while station.outside > 0 and station.inside < station.room:
        number = take(world.lines, world.movers, first_in_line(world, 2 * at + 1))
        station.outside -= 1
        _admit(world, number, at, now)


@compiled(INDEX(WORLD, INDEX, types.float64), within=True, merged=True, counted=False)
def end_wait(world: World, at: int, now: float) -> int:
    """Take the first of those who wait inside a station, and note how long he has waited."""
    station = world.stations[at]
    note(world, at, now)
    number: int = take(world.lines, world.movers, first_in_line(world, 2 * at))
    since = world.movers[number].since
    station.waiting -= 1
    if now >= world.window[0]:
        station.begun += 1
        station.clipped += now - max(since, world.window[0])
    observe(world, world.stations[at].tally, now - since, now)
    return number


@compiled(INDEX(WORLD, INDEX, types.float64), within=True, merged=True, counted=False)
def _take_batch(world: World, at: int, now: float) -> int:
    """Join those whom a server takes at once to a chain; give the first."""
    station = world.stations[at]
    members = min(station.most, station.waiting - station.outside)
    lot = ALONE
    if station.most > 1:
        lot = np.uint32(world.counts[FREE_LOT])
        world.counts[FREE_LOT] = world.lots[lot]
        world.lots[lot] = members
    first = last = NONE
    for _ in range(members):
        number = end_wait(world, at, now)
        mover = world.movers[number]
        mover.lot, mover.next = lot, NONE
        if first == NONE:
            first = number
        else:
            world.movers[last].next = number
        last = number
    return first  # type: ignore[return-value]


@compiled(ON_ONE, within=True, merged=True, counted=False)
def serve(world: World, at: int, now: float) -> None:
    """Begin all service that can begin at a station."""
    station = world.stations[at]
    let_in(world, at, now)
    while station.free > 0 and station.waiting - station.outside >= station.least:
        opens = now
        if station.gap < station.gap_end:
            opens = shut_until(world, at, now)
        if opens > now:
            if station.wake != opens:
                station.wake = opens
                push(world.agenda, world.counts, opens, OPENS, at)
            return
        first = _take_batch(world, at, now)
        station.free -= 1
        station.working += 1
        hours = draw_hours(world, first)
        done = now + hours
        if station.gap < station.gap_end:
            done = work_end(world.shut_from, world.shut_to, station.gap, station.gap_end, now, hours)
        push(world.agenda, world.counts, done, FINISHED, first)
