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

__all__ = ["link_costs", "shift_flows"]

_BPR, _CONICAL = 0, 1
_FREE, _PER_CAPACITY, _RISE, _POWER = 0, 1, 2, 3
_GREATEST = 1e100  # times and slopes stay finite, so that sums and differences of paths are numbers
_ENOUGH = 1e-4  # share of the first pass's work at which shifting ends
_LONGEST_REST = 7  # passes
_MOST_VISITS = 2  # of one bush in a pass

_FLOATS, _INTS, _INT32S = types.float64[::1], types.int64[::1], types.int32[::1]
_READ_BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_READ_INTS = types.Array(types.int64, 1, "C", readonly=True)
_READ_INT32S = types.Array(types.int32, 1, "C", readonly=True)
_READ_FLOATS = types.Array(types.float64, 1, "C", readonly=True)
_READ_MATRIX = types.Array(types.float64, 2, "C", readonly=True)
_CORE = (_READ_INT32S, _READ_INT32S, _READ_INT32S, _FLOATS)
_DELAYS = (_READ_BYTES, _READ_MATRIX, types.boolean)
_OF_CLASS = (_READ_FLOATS, types.float64)
_ARCS = (_FLOATS, _FLOATS, _FLOATS)


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
    types.void(_READ_BYTES, _READ_MATRIX, types.boolean, _READ_FLOATS, _READ_FLOATS, types.float64, _FLOATS, _FLOATS),
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


@njit(  # type: ignore[untyped-decorator]
    types.int64(types.int64, types.int64, types.float64, *_CORE, _FLOATS, _FLOATS, _INT32S, _INT32S, _INT32S),
    cache=True,
    nogil=True,
)
def _find_merges(
    begin_row: int,
    end_row: int,
    negligible: float,
    core_first: Int32s,
    edge_arc: Int32s,
    edge_from: Int32s,
    flow: Floats,
    cost: Floats,
    least: Floats,
    short: Int32s,
    busy: Int32s,
    merge: Int32s,
) -> int:
    """Label a core with the costs of the shortest ways, and list the merges to which a dearer edge is used."""
    n_merges = 0
    for row in range(begin_row, end_row):
        begin, end = core_first[row], core_first[row + 1]
        if end == begin + 1:
            before, step = edge_from[begin], cost[edge_arc[begin]]
            short[row] = busy[row] = begin
            least[row] = step if before < 0 else step + least[before]
            continue
        least[row] = np.inf
        dearest, most = -1.0, -1.0
        for edge in range(begin, end):
            before, step = edge_from[edge], cost[edge_arc[edge]]
            label = step if before < 0 else step + least[before]
            if label < least[row]:
                least[row], short[row] = label, edge
            if flow[edge] > 0.0 and label > dearest:
                dearest = label
            if flow[edge] > most:
                most, busy[row] = flow[edge], edge
        if dearest - least[row] > negligible:
            merge[n_merges] = row
            n_merges += 1
    return n_merges


@njit(  # type: ignore[untyped-decorator]
    types.void(*_DELAYS, *_OF_CLASS, types.float64, types.int64, types.int64, types.int64, *_CORE[1:], _INT32S, *_ARCS),
    cache=True,
    nogil=True,
)
def _add_to_way(
    kind: Bytes,
    delay: Matrix,
    marginal: bool,  # noqa: FBT001
    fixed: Floats,
    load: float,
    trips: float,
    row: int,
    edge: int,
    parting: int,
    edge_arc: Int32s,
    edge_from: Int32s,
    flow: Floats,
    way: Int32s,
    volume: Floats,
    cost: Floats,
    slope: Floats,
) -> None:
    """Add trips to the way that comes to a row by an edge, back to where ways part, and bring its arcs up to date."""
    while row != parting:
        arc = edge_arc[edge]
        flow[edge] = max(flow[edge] + trips, 0.0)
        volume[arc] += load * trips
        time, rise = _time(kind[arc], delay[arc], volume[arc], marginal)
        cost[arc], slope[arc] = time + fixed[arc], rise * load
        row = edge_from[edge]
        edge = way[row]


@njit(  # type: ignore[untyped-decorator]
    types.float64(
        *_DELAYS,
        *_OF_CLASS,
        types.float64,
        types.int64,
        types.int64,
        *_CORE,
        *_ARCS,
        _FLOATS,
        _INT32S,
        _INT32S,
        _INT32S,
    ),
    cache=True,
    nogil=True,
)
def _balance_bush(
    kind: Bytes,
    delay: Matrix,
    marginal: bool,  # noqa: FBT001
    fixed: Floats,
    load: float,
    negligible: float,
    begin_row: int,
    end_row: int,
    core_first: Int32s,
    edge_arc: Int32s,
    edge_from: Int32s,
    flow: Floats,
    volume: Floats,
    cost: Floats,
    slope: Floats,
    least: Floats,
    short: Int32s,
    busy: Int32s,
    merge: Int32s,
) -> float:
    """Shift trips once at each merge of a bush, and give the work done: trips shifted times difference of cost."""
    n_merges = _find_merges(
        begin_row, end_row, negligible, core_first, edge_arc, edge_from, flow, cost, least, short, busy, merge
    )
    work = 0.0
    for row in merge[:n_merges]:
        for dear in range(core_first[row], core_first[row + 1]):
            movable = flow[dear]
            if dear == short[row] or movable <= 0.0:
                continue
            a, b = edge_from[short[row]], edge_from[dear]
            difference = cost[edge_arc[dear]] - cost[edge_arc[short[row]]]
            rise = slope[edge_arc[short[row]]] + slope[edge_arc[dear]]
            while a != b:
                if a > b:
                    edge = short[a]
                    difference -= cost[edge_arc[edge]]
                    a = edge_from[edge]
                else:
                    edge = busy[b]
                    difference += cost[edge_arc[edge]]
                    movable = min(movable, flow[edge])
                    b = edge_from[edge]
                rise += slope[edge_arc[edge]]
            if movable <= 0.0 or difference <= negligible:
                continue
            moved = movable if difference >= movable * rise else difference / rise
            work += moved * difference
            for way, edge, trips in ((short, short[row], moved), (busy, dear, -moved)):
                _add_to_way(
                    kind,
                    delay,
                    marginal,
                    fixed,
                    load,
                    trips,
                    row,
                    edge,
                    a,
                    edge_arc,
                    edge_from,
                    flow,
                    way,
                    volume,
                    cost,
                    slope,
                )
    return work


@njit(  # type: ignore[untyped-decorator]
    types.float64(
        *_DELAYS,
        *_OF_CLASS,
        types.float64,
        types.float64,
        types.int64,
        types.int64,
        *_CORE,
        *_ARCS,
        _FLOATS,
        _INT32S,
        _INT32S,
        _INT32S,
    ),
    cache=True,
    nogil=True,
)
def _visit_bush(
    kind: Bytes,
    delay: Matrix,
    marginal: bool,  # noqa: FBT001
    fixed: Floats,
    load: float,
    negligible: float,
    little: float,
    begin_row: int,
    end_row: int,
    core_first: Int32s,
    edge_arc: Int32s,
    edge_from: Int32s,
    flow: Floats,
    volume: Floats,
    cost: Floats,
    slope: Floats,
    least: Floats,
    short: Int32s,
    busy: Int32s,
    merge: Int32s,
) -> float:
    """Balance a bush, some times over while there is more than a little work; give the work of the first time."""
    first_done = 0.0
    for time in range(_MOST_VISITS):
        done = _balance_bush(
            kind,
            delay,
            marginal,
            fixed,
            load,
            negligible,
            begin_row,
            end_row,
            core_first,
            edge_arc,
            edge_from,
            flow,
            volume,
            cost,
            slope,
            least,
            short,
            busy,
            merge,
        )
        if time == 0:
            first_done = done
        if done <= little:
            break
    return first_done


@njit(  # type: ignore[untyped-decorator]
    types.int64(
        *_DELAYS, _READ_MATRIX, _READ_FLOATS, _READ_INTS, _READ_INT32S, *_CORE, _FLOATS, types.float64, types.int64
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
    negligible: float,
    most_passes: int,
) -> int:
    """Shift trips from dearer ways to the shortest one at each merge, bush after bush, until ways cost the same.

    In each bush the shortest ways are found in topological order. Then, from the first merge to the last, each dearer
    edge that is used is followed back along the busiest edges to where its way parts from the shortest one, and by one
    step of Newton's method on the difference of their costs trips go from the one to the other (Dial 2006, section 3;
    the busiest edges as Bar-Gera 2010, Traffic assignment by paired alternative segments, section 4.1, so that no trace
    of flow on the way bounds the shift). Costs of arcs change at once, so the next shift meets them. A bush with more
    than its share of the work is visited several times over; one with less rests for some passes.

    Parameters
    ----------
    kind, delay, marginal
        As in `link_costs`.
    fixed : float64 array, shape (n_classes, n_arcs)
        Fixed cost of each class.
    load : float64 array, shape (n_classes,)
        Vehicle equivalents of a trip.
    first_bush : int64 array, shape (n_classes + 1,)
        Bushes of each class.
    first_core : int32 array, shape (n_bushes + 1,)
        Rows of each bush's core.
    core_first, edge_from
        Cores as `mend_bushes` gives them, rows counted over all bushes.
    edge_arc : int32 array, shape (n_core_edges,)
        Arc of each edge.
    flow : float64 array, shape (n_core_edges,)
        Trips on each edge, changed in place.
    volume : float64 array, shape (n_arcs,)
        Vehicle equivalents on each arc, changed in place.
    negligible : float
        Difference of costs that is left alone.
    most_passes : int
        After so many it ends.

    Returns
    -------
    int
        Passes made.
    """
    n_rows, n_arcs, n_bushes = len(core_first) - 1, len(volume), len(first_core) - 1
    least = np.zeros(n_rows)
    short, busy, merge = np.zeros(n_rows, np.int32), np.zeros(n_rows, np.int32), np.empty(n_rows, np.int32)
    cost, slope = np.empty(n_arcs), np.empty(n_arcs)
    idle, rests = np.zeros(n_bushes, np.int32), np.zeros(n_bushes, np.int32)
    enough = np.inf
    for number in range(most_passes):
        work = 0.0
        for k in range(len(load)):
            if len(load) > 1 or number == 0:
                link_costs(kind, delay, marginal, volume, fixed[k], load[k], cost, slope)
            for bush in range(first_bush[k], first_bush[k + 1]):
                if rests[bush] > 0:
                    rests[bush] -= 1
                    continue
                done = _visit_bush(
                    kind,
                    delay,
                    marginal,
                    fixed[k],
                    load[k],
                    negligible,
                    enough / n_bushes,
                    first_core[bush],
                    first_core[bush + 1],
                    core_first,
                    edge_arc,
                    edge_from,
                    flow,
                    volume,
                    cost,
                    slope,
                    least,
                    short,
                    busy,
                    merge,
                )
                work += done
                idle[bush] = 0 if done > enough / n_bushes else min(2 * idle[bush] + 1, _LONGEST_REST)
                if number > 0:
                    rests[bush] = idle[bush]
        if number == 0:
            enough = _ENOUGH * work
        if work <= enough:
            break
    return number + 1
