"""Compiled kernel that finds who can never move again, each waiting for room that the other holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from jibek.network.compiler import compiled
from jibek.operations.mover_kernels import AGAIN, CALL, SERVERLESS
from jibek.operations.queue_kernels import LEVELS
from jibek.operations.records import ABOARD, INDEX, INDICES, NONE
from jibek.operations.world import WORLD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.operations.world import World

    Bools = NDArray[np.bool_]
    Numbers = NDArray[np.uint32]

__all__ = ["stuck"]

_BOOLS = types.boolean[::1]


@compiled(types.boolean(WORLD, INDEX, INDEX), within=True)
def _calls_at(world: World, vehicle: int, stop: int) -> bool:
    """Say whether a vehicle comes by a stop on its path."""
    start = step = world.movers[vehicle].step
    while True:
        if world.steps[step].kind == CALL and world.steps[step].to == stop:
            return True
        step += 1
        if world.steps[step].kind == AGAIN:
            step = world.steps[step].to
        if step == start:
            return False


@compiled(types.void(WORLD, INDICES, INDICES), within=True)
def _whereabouts(world: World, inside: Numbers, outside: Numbers) -> None:
    """Note at which station each mover waits, inside for service or outside for room."""
    levels = world.counts[LEVELS]
    for line in range(len(world.lines)):
        at, is_outside = line // (2 * levels), line // levels % 2 == 1
        number = world.lines[line].first
        while number != NONE:
            if is_outside:
                outside[number] = at
            else:
                inside[number] = at
            number = world.movers[number].next


@compiled(types.boolean(WORLD, _BOOLS, INDEX, types.boolean), within=True)
def _someone_leaves(world: World, moves: Bools, at: int, from_server: bool) -> bool:  # noqa: FBT001
    """Say whether somebody who has a place, or a server, at a station can go on."""
    for number in range(len(moves)):
        mover = world.movers[number]
        if moves[number] and mover.held == at and (mover.lot != SERVERLESS or not from_server):
            return True
    return False


@compiled(types.boolean(WORLD, _BOOLS, INDICES, INDICES, INDEX), within=True)
def _can_move(world: World, moves: Bools, inside: Numbers, outside: Numbers, number: int) -> bool:
    """Say whether what a mover waits for can happen, given who can move so far."""
    if outside[number] != NONE:
        station = world.stations[outside[number]]
        return bool(station.inside < station.room) or _someone_leaves(world, moves, outside[number], False)  # noqa: FBT003
    if inside[number] != NONE:
        station = world.stations[inside[number]]
        if station.stop == NONE:
            return bool(station.free > 0) or _someone_leaves(world, moves, inside[number], True)  # noqa: FBT003
        for vehicle in range(len(moves)):
            mover = world.movers[vehicle]
            if (
                moves[vehicle]
                and mover.step != NONE
                and mover.route == NONE
                and _calls_at(world, vehicle, station.stop)
            ):
                return True
        return False
    if number < len(world.carriers) and world.carriers[number].alighting > 0:
        for passenger in range(len(moves)):
            if world.movers[passenger].held == ABOARD + number and not moves[passenger]:
                return False
    return True


@compiled(types.Tuple((_BOOLS, types.float64))(WORLD))
def stuck(world: World) -> tuple[Bools, float]:
    """Find the stations that no one can enter again, since all who are there wait for each other's room.

    Who travels or is served can move. Others can if what they wait for can happen: room or a server if one who has it
    can move, a vehicle if one that calls there can move. Nobody is added any more: the rest is stuck.

    Returns
    -------
    stations : bool array, shape (n_stations,)
        Those for whose room somebody waits for ever.
    hour : float
        Since when the first of them waits; NaN if all is well.
    """
    count = len(world.movers)
    named = np.zeros(len(world.stations), np.bool_)
    hour = np.nan
    if not (world.stations["outside"] > 0).any():
        return named, hour
    inside, outside = np.full(count, NONE), np.full(count, NONE)
    _whereabouts(world, inside, outside)
    moves = np.zeros(count, np.bool_)
    changed = True
    while changed:
        changed = False
        for number in range(count):
            mover = world.movers[number]
            if not moves[number] and mover.step != NONE and _can_move(world, moves, inside, outside, number):
                moves[number] = True
                changed = True
    for number in range(count):
        if not moves[number] and outside[number] != NONE:
            named[outside[number]] = True
            if not world.movers[number].since >= hour:
                hour = world.movers[number].since
    return named, hour
