"""Compiled kernels of vehicles at a stop: they let off, take on and leave by their rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import types

from jibek.network.compiler import compiled
from jibek.operations.mover_kernels import (
    FULL,
    FULL_OR_TIME,
    LEAVES,
    ON_ONE,
    first_in_line,
    go_on,
    release,
    shut_until,
    take_on,
)
from jibek.operations.queue_kernels import push
from jibek.operations.records import ABOARD, BLOCK, INDEX, NONE
from jibek.operations.station_kernels import end_wait, let_in
from jibek.operations.tally_kernels import observe
from jibek.operations.world import WORLD

if TYPE_CHECKING:
    from jibek.operations.world import World

__all__ = ["board", "let_off"]

_ROUNDING = 1e-9  # of a load that is a sum of sizes


@compiled(types.void(WORLD, INDEX, INDEX), within=True, merged=True, counted=False)
def _carry(world: World, number: int, passenger: int) -> None:
    """Add a passenger to those aboard."""
    carrier = world.carriers[number]
    world.movers[passenger].next = NONE
    if carrier.aboard == NONE:
        carrier.aboard = passenger
    else:
        world.movers[carrier.aboard_last].next = passenger
    carrier.aboard_last = passenger


@compiled(ON_ONE, within=True, merged=True, counted=False)
def let_off(world: World, number: int, now: float) -> None:
    """Let those alight from a vehicle who are where they want to be; the vehicle waits until all have found room."""
    carrier = world.carriers[number]
    here = world.steps[world.movers[number].step].to
    if world.stops[here].ends == 0:
        take_on(world, number, now)
        return
    passenger = carrier.aboard
    carrier.aboard, carrier.aboard_last = NONE, NONE
    while passenger != NONE:
        mover = world.movers[passenger]
        following = mover.next
        if world.steps[mover.step].to == here:
            observe(world, world.steps[mover.step].tally, now - mover.since, now)
            mover.held = ABOARD + number
            carrier.alighting += 1
            carrier.load -= world.steps[mover.step].a
            go_on(world, passenger)
        else:
            _carry(world, number, passenger)
        passenger = following
    if carrier.alighting == 0:
        take_on(world, number, now)


@compiled(types.boolean(WORLD, INDEX, INDEX, types.float64), within=True, merged=True, counted=False)
def _fill(world: World, at: int, number: int, now: float) -> bool:
    """Let all board for whom there is room, in their order; say whether the vehicle is full."""
    stop, carrier = world.stops[at], world.carriers[number]
    station = world.stations[stop.yard]
    let_in(world, stop.yard, now)
    while station.waiting > station.outside:
        first = world.lines[first_in_line(world, 2 * stop.yard)].first
        if carrier.load + world.steps[world.movers[first].step].a > stop.capacity * (1.0 + _ROUNDING):
            return True
        passenger = end_wait(world, stop.yard, now)
        release(world, passenger, now)
        carrier.load += world.steps[world.movers[passenger].step].a
        _carry(world, number, passenger)
        let_in(world, stop.yard, now)
    full: bool = carrier.load >= stop.full_load * (1.0 - _ROUNDING)
    return full


@compiled(types.void(WORLD, INDEX, INDEX, types.boolean, types.float64), within=True, merged=True, counted=False)
def _count_departure(world: World, at: int, number: int, full: bool, now: float) -> None:  # noqa: FBT001
    """Count a departure within measured time."""
    if now < world.window[0]:
        return
    stop = world.stops[at]
    stop.sailed += 1
    stop.full += int(full)
    stop.carried += world.carriers[number].load
    stop.left_behind += world.stations[stop.yard].waiting
    day = int(now / BLOCK)
    stop.days += int(day != stop.last_day)
    stop.last_day = day


@compiled(ON_ONE, within=True, merged=True, counted=False)
def board(world: World, at: int, now: float) -> None:
    """Fill the vehicles that wait at a stop, one after the other, and let those leave whose rule says so."""
    stop = world.stops[at]
    let_in(world, stop.yard, now)
    while stop.ready != NONE:
        number = stop.ready
        carrier = world.carriers[number]
        full = _fill(world, at, number, now)
        fills = stop.rule in (FULL, FULL_OR_TIME)
        if now < carrier.due and not (full and fills):
            return
        opens = shut_until(world, stop.berth, now)
        if opens > now:
            if carrier.wake != opens:
                carrier.wake = opens
                push(world.agenda, world.counts, opens, LEAVES, number)
            return
        stop.ready = world.movers[number].next
        _count_departure(world, at, number, full, now)
        go_on(world, number)
