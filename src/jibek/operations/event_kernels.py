"""The compiled event loop: one replication, from the first hour to the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from jibek.network.compiler import compiled
from jibek.operations.chance_kernels import draw_from, mix
from jibek.operations.clock_kernels import elapse
from jibek.operations.mover_kernels import (
    AGAIN,
    ARRIVES,
    CALL,
    END,
    FINISHED,
    JOINS,
    LEAVES,
    ON_ONE,
    TRAVEL,
    draw_hours,
    go_on,
    mark,
    release,
    remove,
    skip_departures,
)
from jibek.operations.queue_kernels import (
    DIRTY,
    FREE_MOVER,
    HAPPENED,
    KIND,
    LEVELS,
    N_EVENTS,
    N_SOON,
    READY,
    READY_END,
    WHO,
    look_ahead,
    pop,
    push,
)
from jibek.operations.records import NONE
from jibek.operations.station_kernels import arrive, serve
from jibek.operations.tally_kernels import end_batches, note, observe, quantiles
from jibek.operations.vehicle_kernels import board, let_off
from jibek.operations.world import WORLD

__all__ = ["list_arrivals", "run"]

if TYPE_CHECKING:
    from jibek.operations.world import World


@compiled(ON_ONE, within=True, merged=True, counted=False)
def _count_route(world: World, number: int, now: float) -> None:
    """Add to a route's integral what has passed since a consignment came or went."""
    route = world.routes[number]
    begin = max(route.last, world.window[0])
    if now > begin:
        route.area += route.inside * (now - begin)
    route.last = now


@compiled(ON_ONE, within=True, merged=True, counted=False)
def _deliver(world: World, number: int, now: float) -> None:
    """Let a consignment that has come to the end of its route leave."""
    mover = world.movers[number]
    route = world.routes[mover.route]
    _count_route(world, mover.route, now)
    route.inside -= 1
    observe(world, route.tally, now - mover.born, now)
    if now >= world.window[0]:
        route.delivered += 1
        route.clipped += now - max(mover.born, world.window[0])
    release(world, number, now)
    remove(world, number)


@compiled(ON_ONE, within=True, merged=True, counted=False)
def _enter(world: World, number: int, now: float) -> None:
    """Begin a mover's step."""
    mover = world.movers[number]
    step = world.steps[mover.step]
    if step.kind == AGAIN:
        mover.step = step.to
        step = world.steps[mover.step]
    mover.since = now
    if step.kind == TRAVEL:
        release(world, number, now)
        push(world.agenda, world.counts, now + draw_hours(world, number), FINISHED, number)
    elif step.kind == END:
        _deliver(world, number, now)
    else:
        arrive(world, number, now)


@compiled(ON_ONE, within=True, merged=True, counted=False)
def _finish(world: World, number: int, now: float) -> None:
    """End a mover's travel, or the service of it and of those served with it."""
    mover = world.movers[number]
    step = world.steps[mover.step]
    if step.kind == TRAVEL:
        mover.next = NONE
    else:
        note(world, step.station, now)
        world.stations[step.station].working -= 1
    if step.kind == CALL:
        let_off(world, number, now)
        return
    member = number
    while member != NONE:
        following = world.movers[member].next
        if world.movers[member].route != NONE:
            row = world.steps[world.movers[member].step].tally
            observe(world, row, now - world.movers[member].since, now)
        go_on(world, member)
        member = following


@compiled(ON_ONE, within=True, merged=True, counted=False)
def _list_arrival(world: World, number: int, now: float) -> None:
    """List the next arrival of a route."""
    route = world.routes[number]
    if route.law != NONE:
        hours, luck = draw_from(route.law, route.a, route.b, world.values, route.luck)
        route.luck = luck
        hour = now + hours
        if route.profile != NONE:
            hour = elapse(now, hours, world.profiles[route.profile])
        push(world.agenda, world.counts, hour, ARRIVES, number)
    elif route.given < route.given_end:
        push(world.agenda, world.counts, world.given[route.given], ARRIVES, number)
        route.given += 1


@compiled(types.void(WORLD), counted=False)
def list_arrivals(world: World) -> None:
    """List the first arrival of each route."""
    for number in range(len(world.routes)):
        _list_arrival(world, number, 0.0)


@compiled(ON_ONE, within=True, merged=True, counted=False)
def _begin(world: World, at: int, now: float) -> None:
    """Let a consignment of a route come into being."""
    _list_arrival(world, at, now)
    route = world.routes[at]
    number = np.uint32(world.counts[FREE_MOVER])
    mover = world.movers[number]
    world.counts[FREE_MOVER] = mover.next
    mover.route, mover.priority = at, route.priority
    mover.luck = mix(route.key ^ mix(route.serial))
    route.serial += np.uint64(1)
    mover.held, mover.born = NONE, now
    _count_route(world, at, now)
    route.inside += 1
    if now >= world.window[0]:
        route.arrived += 1
    mover.step = route.first - 1
    go_on(world, number)


@compiled(types.void(WORLD, types.float64), within=True, merged=True, counted=False)
def _settle(world: World, now: float) -> None:
    """Work through all that follows from the events of this instant."""
    counts = world.counts
    while counts[READY] < counts[READY_END] or counts[DIRTY] > 0:
        if counts[READY] < counts[READY_END]:
            number = world.ready[np.uint32(counts[READY])]
            counts[READY] += 1
            if counts[READY] == counts[READY_END]:
                counts[READY], counts[READY_END] = 0, 0
            _enter(world, number, now)
            continue
        counts[DIRTY] -= 1
        at = world.dirty[np.uint32(counts[DIRTY])]
        station = world.stations[at]
        station.dirty = 0
        if station.stop == NONE:
            serve(world, at, now)
        else:
            board(world, station.stop, now)


@compiled(types.void(WORLD), within=True, merged=True, counted=False)
def _close_books(world: World) -> None:
    """Bring all statistics up to the end, those of movers that still wait or are on the way among them."""
    begin, end = world.window[0], world.window[1]
    for at in range(len(world.stations)):
        note(world, at, end)
    for at in range(len(world.routes)):
        _count_route(world, at, end)
    for line in range(len(world.lines)):
        number = world.lines[line].first
        while number != NONE:
            at = line // (2 * world.counts[LEVELS])
            world.stations[at].clipped += end - max(world.movers[number].since, begin)
            number = world.movers[number].next
    for number in range(len(world.movers)):
        mover = world.movers[number]
        if mover.step != NONE and mover.route != NONE:  # noqa: PLR1714
            world.routes[mover.route].clipped += end - max(mover.born, begin)
    for at in range(len(world.stops)):
        if world.stops[at].departures > 0:
            skip_departures(world, at, end)
    end_batches(world, end)
    quantiles(world.histogram, world.tallies)


@compiled(types.boolean(WORLD), counted=False)
def run(world: World) -> bool:
    """Simulate on, up to the end of the window, or until there is no room for another mover or event.

    Parameters
    ----------
    world
        As `replication` makes it; its arrays are written.

    Returns
    -------
    ended : bool
        False if there must be more room to go on.
    """
    counts, soon = world.counts, world.agenda.soon
    while look_ahead(world.agenda, counts):
        if counts[FREE_MOVER] == NONE or 2 * counts[N_EVENTS] > len(soon):
            return False
        now = soon[0].time
        kind, who = soon[0].key >> KIND, np.uint32(soon[0].key & ((1 << WHO) - 1))
        pop(soon, counts)
        counts[HAPPENED] += 1
        if now >= world.window[2]:
            end_batches(world, now)
        if kind == FINISHED:
            _finish(world, who, now)
        elif kind == ARRIVES:
            _begin(world, who, now)
        elif kind == JOINS:
            go_on(world, who)
        elif kind == LEAVES:
            step = world.steps[world.movers[who].step]
            if step.kind == CALL:
                mark(world, world.stops[step.to].yard)
        else:
            mark(world, who)
        if counts[N_SOON] == 0 or soon[0].time > now:
            _settle(world, now)
    _close_books(world)
    return True
