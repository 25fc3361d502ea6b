"""Compiled kernels of link times and of shifts of flow between ways: arithmetic only, no names, no checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from jibek.assignment.segment_kernels import READ_INTS
from jibek.assignment.tree_kernels import FLOATS, INDICES, READ_FLOATS, READ_INDICES
from jibek.network.compiler import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Ints = NDArray[np.int64]
    Indices = NDArray[np.uint32]
    Floats = NDArray[np.float64]
    Matrix = NDArray[np.float64]

__all__ = ["arc_times", "shift_flows"]

_BPR, _CONICAL = 0, 1
_FREE, _PER_CAPACITY, _RISE, _POWER = 0, 1, 2, 3
_GREATEST = 1e100  # times and slopes stay finite, so that sums and differences of paths are numbers
_ENOUGH = 1e-2  # share of the first sweep's work at which sweeping ends
_MOST_SWEEPS = 20

_INTS = types.int64[::1]
_READ_BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_READ_MATRIX = types.Array(types.float64, 2, "C", readonly=True)
_DELAYS = (_READ_BYTES, _READ_MATRIX, types.boolean)
_CLASSES = (_READ_MATRIX, READ_FLOATS)
_GROUPS = (READ_INDICES, READ_INTS, READ_INTS, READ_INDICES, _READ_MATRIX)
_ARCS = (FLOATS, FLOATS, FLOATS)


@compiled(
    types.UniTuple(types.float64, 2)(types.uint8, READ_FLOATS, types.float64, types.boolean), within=True, inline=True
)
def _time(kind: int, delay: Floats, volume: float, marginal: bool) -> tuple[float, float]:  # noqa: FBT001
    """Give the time of a link and its slope at a volume; or the marginal time ``t + v t'`` and its slope."""
    x = max(volume, 0.0) * delay[_PER_CAPACITY]
    rise, power = delay[_RISE], delay[_POWER]
    if kind == _BPR:
        x_less = x * x * x if power == 4.0 else x ** (power - 1.0)
        time = delay[_FREE] + rise * x * x_less
        slope = power * rise * delay[_PER_CAPACITY] * x_less
        bend = (power - 1.0) * slope  # volume times second derivative
    elif kind == _CONICAL:
        beta = (2.0 * power - 1.0) / (2.0 * power - 2.0)
        y = power * (1.0 - x)
        root = np.hypot(y, beta)
        time = delay[_FREE] + rise * (1.0 + root - y - beta)
        slope = rise * power * delay[_PER_CAPACITY] * (1.0 - y / root)
        bend = x * rise * delay[_PER_CAPACITY] * (power * beta) ** 2 / root**3
    else:
        return delay[_FREE], 0.0
    if marginal:
        time += max(volume, 0.0) * slope
        slope = 2.0 * slope + bend
    return min(time, _GREATEST), min(slope, _GREATEST)


@compiled(types.void(*_DELAYS, READ_FLOATS, FLOATS, FLOATS))
def arc_times(
    kind: Bytes,
    delay: Matrix,
    marginal: bool,  # noqa: FBT001
    volume: Floats,
    time: Floats,
    slope: Floats,
) -> None:
    """Work out the time of each arc, and how it rises with a vehicle.

    Parameters
    ----------
    kind : uint8 array, shape (n_arcs,)
        Delay function.
    delay : float64 array, shape (n_arcs, 4)
        Free time, 1 over capacity, rise (free time times ``b``), power.
    marginal : bool
        Whether to take marginal time, ``t + v t'``, for a system optimum.
    volume : float64 array, shape (n_arcs,)
        Vehicle equivalents.
    time, slope : float64 arrays, shape (n_arcs,)
        Where the results are written.
    """
    for arc in range(len(volume)):
        time[arc], slope[arc] = _time(kind[arc], delay[arc], volume[arc], marginal)


@compiled(
    types.UniTuple(types.float64, 2)(
        types.int64, types.int64, types.int64, READ_INDICES, READ_FLOATS, READ_FLOATS, READ_FLOATS
    ),
    within=True,
)
def _difference(
    begin: int, middle: int, end: int, arcs: Indices, fixed: Floats, time: Floats, slope: Floats
) -> tuple[float, float]:
    """Give what the second of two ways costs more than the first, and how that falls with a vehicle shifted."""
    difference = rise = 0.0
    for arc in arcs[begin:middle]:
        difference -= time[arc] + fixed[arc]
        rise += slope[arc]
    for arc in arcs[middle:end]:
        difference += time[arc] + fixed[arc]
        rise += slope[arc]
    return difference, rise


@compiled(types.float64(types.float64, READ_INDICES, READ_INTS, READ_INTS, READ_INDICES, FLOATS), within=True)
def _carry_over(wanted: float, members: Indices, first: Ints, middle: Ints, edges: Indices, flow: Floats) -> float:
    """Move trips of one member after the other from the second way to the first, or back; give how many could move.

    What is wanted, and given, is negative for the way back.
    """
    left = abs(wanted)
    for pair in members:
        begin, end, to_begin, to_end = middle[pair], first[pair + 1], first[pair], middle[pair]
        if wanted < 0.0:
            begin, end, to_begin, to_end = to_begin, to_end, begin, end
        trips = left
        for edge in edges[begin:end]:
            trips = min(trips, flow[edge])
        if trips > 0.0:
            for edge in edges[begin:end]:
                flow[edge] = max(flow[edge] - trips, 0.0)
            for edge in edges[to_begin:to_end]:
                flow[edge] += trips
            left -= trips
        if left <= 0.0:
            break
    return wanted - left if wanted > 0.0 else wanted + left


@compiled(
    types.Tuple((_INTS, _INTS, INDICES))(READ_INTS, READ_INDICES, READ_INTS, READ_INTS, READ_INDICES, READ_INDICES),
    within=True,
)
def _arcs_of_groups(
    first_member: Ints, member: Indices, first: Ints, middle: Ints, edges: Indices, edge_arc: Indices
) -> tuple[Ints, Ints, Indices]:
    """Write the arcs of each group's first member, which all its members share, in one row."""
    n_groups = len(first_member) - 1
    begin, parted = np.zeros(n_groups + 1, np.int64), np.empty(n_groups, np.int64)
    for group in range(n_groups):
        pair = member[first_member[group]]
        begin[group + 1] = begin[group] + first[pair + 1] - first[pair]
        parted[group] = begin[group] + middle[pair] - first[pair]
    arcs = np.empty(begin[n_groups], np.uint32)
    for group in range(n_groups):
        pair = member[first_member[group]]
        for number in range(first[pair + 1] - first[pair]):
            arcs[begin[group] + number] = edge_arc[edges[first[pair] + number]]
    return begin, parted, arcs


@compiled(types.float64(*_DELAYS, *_CLASSES, *_GROUPS, types.float64, FLOATS, *_ARCS), within=True)
def _sweep(
    kind: Bytes,
    delay: Matrix,
    marginal: bool,  # noqa: FBT001
    fixed: Matrix,
    load: Floats,
    travel: Indices,
    begin: Ints,
    parted: Ints,
    arcs: Indices,
    bounds: Matrix,
    negligible: float,
    moved: Floats,
    volume: Floats,
    time: Floats,
    slope: Floats,
) -> float:
    """Take one step of Newton's method at each group, within what it can move; give the work done."""
    work = 0.0
    for group in range(len(moved)):
        k = travel[group]
        way = begin[group], parted[group], begin[group + 1]
        difference, rise = _difference(*way, arcs, fixed[k], time, slope)
        if abs(difference) <= negligible:
            continue
        trips = bounds[group, 1 if difference > 0.0 else 0] - moved[group]
        if abs(trips) * load[k] * rise > abs(difference):
            trips = difference / (load[k] * rise)
        if trips == 0.0:
            continue
        moved[group] += trips
        work += trips * difference
        for place in range(way[0], way[2]):
            arc = arcs[place]
            volume[arc] += load[k] * trips if place < way[1] else -load[k] * trips
            time[arc], slope[arc] = _time(kind[arc], delay[arc], volume[arc], marginal)
    return work


@compiled(types.void(*_DELAYS, *_CLASSES, *_GROUPS, FLOATS, *_ARCS), within=True)
def _go_on(
    kind: Bytes,
    delay: Matrix,
    marginal: bool,  # noqa: FBT001
    fixed: Matrix,
    load: Floats,
    travel: Indices,
    begin: Ints,
    parted: Ints,
    arcs: Indices,
    bounds: Matrix,
    moved: Floats,
    volume: Floats,
    time: Floats,
    slope: Floats,
) -> None:
    """Go on along the sum of what sweeps have moved, as far as that lowers the objective and no group meets a bound.

    Groups that pull against each other move little in each sweep, and far together (the pattern move of Hooke and
    Jeeves 1961, with one step of Newton's method for its length).
    """
    added = np.zeros(len(volume))
    gain, longest = 0.0, np.inf
    for group in range(len(moved)):
        room = bounds[group, 1 if moved[group] > 0.0 else 0] - moved[group]
        if moved[group] == 0.0 or abs(room) <= abs(moved[group]):
            continue
        k = travel[group]
        difference, _ = _difference(begin[group], parted[group], begin[group + 1], arcs, fixed[k], time, slope)
        gain += load[k] * moved[group] * difference
        longest = min(longest, room / moved[group])
        for place in range(begin[group], begin[group + 1]):
            added[arcs[place]] += load[k] * moved[group] if place < parted[group] else -load[k] * moved[group]
    bend = 0.0
    for arc in range(len(volume)):
        bend += slope[arc] * added[arc] ** 2
    if gain <= 0.0:
        return
    step = longest if gain >= longest * bend else gain / bend
    for group in range(len(moved)):
        room = bounds[group, 1 if moved[group] > 0.0 else 0] - moved[group]
        if abs(room) > abs(moved[group]):
            moved[group] += step * moved[group]
    for arc in range(len(volume)):
        if added[arc] != 0.0:
            volume[arc] += step * added[arc]
            time[arc], slope[arc] = _time(kind[arc], delay[arc], volume[arc], marginal)


@compiled(
    types.float64(
        *(*_DELAYS, *_CLASSES, READ_INDICES, READ_INTS, READ_INDICES, READ_INTS, READ_INTS, READ_INDICES),
        *(_READ_MATRIX, READ_INDICES, FLOATS, *_ARCS, types.float64),
    )
)
def shift_flows(
    kind: Bytes,
    delay: Matrix,
    marginal: bool,  # noqa: FBT001
    fixed: Matrix,
    load: Floats,
    travel: Indices,
    first_member: Ints,
    member: Indices,
    first: Ints,
    middle: Ints,
    edges: Indices,
    movable: Matrix,
    edge_arc: Indices,
    flow: Floats,
    volume: Floats,
    time: Floats,
    slope: Floats,
    negligible: float,
) -> float:
    """Shift trips between alternative segments, group after group, until the two cost the same.

    All bushes that share a pair of segments are taken together: one difference of costs, and one step of Newton's
    method on it, says what they shift between them (Bar-Gera 2010, section 4.3). Times of arcs change at once, so the
    next group meets them. Sweeps end when one does little of the first one's work, trips shifted times difference of
    cost; where half of them do not suffice, they go on along the sum of their moves. Only then do the bushes of each
    group follow, one after the other gives what it has. What they have not, since groups share edges, is taken back
    from the volumes.

    Parameters
    ----------
    kind, delay, marginal
        As in `arc_times`.
    fixed : float64 array, shape (n_classes, n_arcs)
        Fixed cost of each class.
    load : float64 array, shape (n_classes,)
        Vehicle equivalents of a trip.
    travel : uint32 array, shape (n_pairs,)
        Class of each pair.
    first_member, member
        Groups as `jibek.assignment.segment_kernels.group_segments` gives them.
    first, middle, edges, movable
        Pairs as `jibek.assignment.segment_kernels.find_segments` gives them.
    edge_arc : uint32 array, shape (n_core_edges,)
        Arc of each edge.
    flow : float64 array, shape (n_core_edges,)
        Trips on each edge, changed in place.
    volume, time, slope : float64 arrays, shape (n_arcs,)
        Vehicle equivalents on each arc, its time and slope, changed in place.
    negligible : float
        Difference of costs that is left alone.

    Returns
    -------
    float
        Work of the first sweep.
    """
    n_groups = len(first_member) - 1
    begin, parted, arcs = _arcs_of_groups(first_member, member, first, middle, edges, edge_arc)
    travel_of_group, bounds = np.empty(n_groups, np.uint32), np.zeros((n_groups, 2))
    for group in range(n_groups):
        travel_of_group[group] = travel[member[first_member[group]]]
        for pair in member[first_member[group] : first_member[group + 1]]:
            bounds[group, 0] -= movable[pair, 1]
            bounds[group, 1] += movable[pair, 0]
    delays, groups = (kind, delay, marginal), (travel_of_group, begin, parted, arcs, bounds)
    moved = np.zeros(n_groups)
    first_work = _sweep(*delays, fixed, load, *groups, negligible, moved, volume, time, slope)
    for number in range(1, _MOST_SWEEPS):
        if number == _MOST_SWEEPS // 2:
            _go_on(*delays, fixed, load, *groups, moved, volume, time, slope)
        work = _sweep(*delays, fixed, load, *groups, negligible, moved, volume, time, slope)
        if work <= _ENOUGH * first_work:
            break
    for group in range(n_groups):
        if moved[group] != 0.0:
            members = member[first_member[group] : first_member[group + 1]]
            carried = _carry_over(moved[group], members, first, middle, edges, flow)
            lacking = load[travel_of_group[group]] * (moved[group] - carried)
            for place in range(begin[group], begin[group + 1]):
                volume[arcs[place]] += -lacking if place < parted[group] else lacking
    arc_times(*delays, volume, time, slope)
    return float(first_work)
