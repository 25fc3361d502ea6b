"""Compiled kernels of link times and of shifts of flow within bushes: arithmetic only, no names, no checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit, types

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Ints = NDArray[np.int64]
    Int32s = NDArray[np.int32]
    Floats = NDArray[np.float64]
    Matrix = NDArray[np.float64]

__all__ = ["add_flows", "link_costs", "shift_flows"]

_BPR, _CONICAL = 0, 1
_FREE, _PER_CAPACITY, _RISE, _POWER = 0, 1, 2, 3
_GREATEST = 1e100  # times and slopes stay finite, so that sums and differences of paths are numbers
_OVERSHOT = 0.5  # of the former difference, left over with the other sign: then a secant step leads back

_FLOATS, _INTS, _INT32S = types.float64[::1], types.int64[::1], types.int32[::1]
_MATRIX = types.float64[:, ::1]
_INT32_MATRIX = types.int32[:, ::1]
_READ_BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_READ_INTS = types.Array(types.int64, 1, "C", readonly=True)
_READ_INT32S = types.Array(types.int32, 1, "C", readonly=True)
_READ_FLOATS = types.Array(types.float64, 1, "C", readonly=True)
_READ_MATRIX = types.Array(types.float64, 2, "C", readonly=True)


@njit(  # type: ignore[untyped-decorator]
    types.UniTuple(types.float64, 2)(types.uint8, _READ_FLOATS, types.float64, types.boolean),
    cache=True,
    nogil=True,
    inline="always",
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


@njit(  # type: ignore[untyped-decorator]
    types.void(
        _READ_BYTES, _READ_MATRIX, types.boolean, _READ_FLOATS, _READ_FLOATS, types.float64, _FLOATS, _FLOATS
    ),
    cache=True,
    nogil=True,
)
def link_costs(
    kind: Bytes,
    delay: Matrix,
    marginal: bool,  # noqa: FBT001
    volume: Floats,
    fixed: Floats,
    load: float,
    cost: Floats,
    slope: Floats,
) -> None:
    """Work out what each arc costs a class, and how that rises with a trip of it.

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
    fixed : float64 array, shape (n_arcs,)
        Added for this class; infinite where it may not go.
    load : float
        Vehicle equivalents of a trip.
    cost, slope : float64 arrays, shape (n_arcs,)
        Where the results are written.
    """
    for arc in range(len(volume)):
        time, rise = _time(kind[arc], delay[arc], volume[arc], marginal)
        cost[arc] = time + fixed[arc]
        slope[arc] = rise * load


@njit(types.void(_FLOATS, _READ_INT32S, _READ_FLOATS, types.float64), cache=True, nogil=True)  # type: ignore[untyped-decorator]
def add_flows(volume: Floats, arc: Int32s, flow: Floats, load: float) -> None:
    """Add the flows of edges of bushes, times ``load``, to the volumes of their arcs."""
    for edge in range(len(arc)):
        volume[arc[edge]] += load * flow[edge]


@njit(  # type: ignore[untyped-decorator]
    types.void(
        _READ_BYTES, _READ_MATRIX, types.boolean, _READ_FLOATS, types.float64, types.float64,
        types.int64, types.int64, _READ_INT32S, _READ_INT32S, _READ_INT32S, _FLOATS, _FLOATS, _FLOATS, _FLOATS,
    ),
    cache=True,
    nogil=True,
)
def _move(
    kind: Bytes,
    delay: Matrix,
    marginal: bool,  # noqa: FBT001
    fixed: Floats,
    load: float,
    moved: float,
    row: int,
    parting: int,
    way: Int32s,
    edge_arc: Int32s,
    edge_from: Int32s,
    flow: Floats,
    volume: Floats,
    cost: Floats,
    slope: Floats,
) -> None:
    """Add trips to a way through a core, from where ways part to a row, and bring its arcs up to date."""
    while row != parting:
        edge = way[row]
        arc = edge_arc[edge]
        flow[edge] = max(flow[edge] + moved, 0.0)
        volume[arc] += load * moved
        time, rise = _time(kind[arc], delay[arc], volume[arc], marginal)
        cost[arc], slope[arc] = time + fixed[arc], rise * load
        row = edge_from[edge]


@njit(types.float64(types.int64, types.int64, _READ_INT32S, _READ_INT32S, _READ_INT32S, _READ_FLOATS), cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _cost_of_way(row: int, parting: int, way: Int32s, edge_arc: Int32s, edge_from: Int32s, cost: Floats) -> float:
    """Add up what a way through a core costs from where ways part to a row."""
    total = 0.0
    while row != parting:
        total += cost[edge_arc[way[row]]]
        row = edge_from[way[row]]
    return total


@njit(  # type: ignore[untyped-decorator]
    types.float64(
        _READ_BYTES, _READ_MATRIX, types.boolean, _READ_MATRIX, _READ_FLOATS, _READ_INTS,
        _READ_INT32S, _READ_INT32S, _READ_INT32S, _READ_INT32S, _FLOATS, _FLOATS, types.int64, types.float64,
    ),
    cache=True,
    nogil=True,
)
def shift_flows(
    kind: Bytes,
    delay: Matrix,
    marginal: bool,  # noqa: FBT001
    fixed: Matrix,
    load: Floats,
    first_bush: Ints,
    first_core: Int32s,
    core_first: Int32s,
    edge_arc: Int32s,
    edge_from: Int32s,
    flow: Floats,
    volume: Floats,
    passes: int,
    enough: float,
) -> float:
    """Shift flow from the longest used to the shortest way to each merge, bush after bush, pass after pass.

    In each bush labels of the shortest and the longest used way are found in topological order; then, from the last
    merge to the first, the two ways are followed back to where they part (the last common node), and by one step of
    Newton's method on the difference of their costs trips go from the longer to the shorter one (Dial 2006, section 3;
    Nie 2010, eq. 7). Costs of arcs change at once, so the next shift meets them.
    """
    n_rows, n_arcs = len(core_first) - 1, len(volume)
    least, most = np.zeros(n_rows), np.zeros(n_rows)
    short, long = np.zeros(n_rows, np.int32), np.zeros(n_rows, np.int32)
    merge = np.empty(n_rows, np.int32)
    cost, slope = np.empty(n_arcs), np.empty(n_arcs)
    n_classes = len(load)
    first_work = 0.0
    for number in range(passes):
        work = 0.0
        for k in range(n_classes):
            its_fixed, its_load = fixed[k], load[k]
            if n_classes > 1 or number == 0:
                link_costs(kind, delay, marginal, volume, its_fixed, its_load, cost, slope)
            for bush in range(first_bush[k], first_bush[k + 1]):
                n_merges = 0
                for row in range(first_core[bush], first_core[bush + 1]):
                    begin, end = core_first[row], core_first[row + 1]
                    if end == begin + 1:
                        before, step = edge_from[begin], cost[edge_arc[begin]]
                        short[row] = long[row] = begin
                        least[row] = most[row] = step
                        if before >= 0:
                            least[row] += least[before]
                            most[row] += most[before]
                        continue
                    shortest, longest, used = np.inf, -1.0, -1
                    for edge in range(begin, end):
                        before, step = edge_from[edge], cost[edge_arc[edge]]
                        label = step if before < 0 else step + least[before]
                        if label < shortest:
                            shortest = label
                            short[row] = edge
                        if flow[edge] > 0.0:
                            label = step if before < 0 else step + most[before]
                            if label > longest:
                                longest, used = label, edge
                    if used < 0:
                        used = short[row]
                        before = edge_from[used]
                        longest = cost[edge_arc[used]] + (0.0 if before < 0 else most[before])
                    least[row], most[row], long[row] = shortest, longest, used
                    if used != short[row] and longest > shortest:
                        merge[n_merges] = row
                        n_merges += 1
                for last in range(n_merges - 1, -1, -1):
                    row = merge[last]
                    edge_short, edge_long = short[row], long[row]
                    a, b = edge_from[edge_short], edge_from[edge_long]
                    difference = cost[edge_arc[edge_long]] - cost[edge_arc[edge_short]]
                    rise = slope[edge_arc[edge_short]] + slope[edge_arc[edge_long]]
                    movable = flow[edge_long]
                    while a != b:
                        if a > b:
                            edge = short[a]
                            difference -= cost[edge_arc[edge]]
                            a = edge_from[edge]
                        else:
                            edge = long[b]
                            difference += cost[edge_arc[edge]]
                            movable = min(movable, flow[edge])
                            b = edge_from[edge]
                        rise += slope[edge_arc[edge]]
                    if movable <= 0.0 or difference <= 0.0:
                        continue
                    moved = movable if difference >= movable * rise else difference / rise
                    work += moved * difference * its_load
                    _move(kind, delay, marginal, its_fixed, its_load, moved, row, a, short, edge_arc, edge_from, flow, volume, cost, slope)
                    _move(kind, delay, marginal, its_fixed, its_load, -moved, row, a, long, edge_arc, edge_from, flow, volume, cost, slope)
        if number == 0:
            first_work = work
        if work <= enough * first_work:
            break
    return number + 1.0
