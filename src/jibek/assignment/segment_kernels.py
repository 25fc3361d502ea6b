"""Compiled kernels that find the ways between which trips can be shifted: arithmetic only, no names, no checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from jibek.assignment.tree_kernels import FLOATS, INDICES, READ_FLOATS, READ_INDICES
from jibek.network.compiler import compiled
from jibek.network.kernels import NONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Indices = NDArray[np.uint32]
    Floats = NDArray[np.float64]
    Keys = NDArray[np.uint64]

__all__ = ["READ_INTS", "find_segments", "group_segments"]

_INTS, _KEYS, _MATRIX = types.int64[::1], types.uint64[::1], types.float64[:, ::1]
READ_INTS = types.Array(types.int64, 1, "C", readonly=True)
_READ_KEYS = types.Array(types.uint64, 1, "C", readonly=True)
_CORE = (READ_INDICES, READ_INDICES, READ_INDICES, READ_FLOATS)


@compiled(types.uint64(types.uint64, types.int64), within=True)
def _stir(key: np.uint64, number: int) -> np.uint64:
    """Stir a number into a key: multiply by an odd constant, fold (as SplitMix, Steele, Lea and Flood 2014)."""
    stirred = (key ^ np.uint64(number)) * np.uint64(0x9E3779B97F4A7C15)
    return stirred ^ (stirred >> np.uint64(29))


@compiled(types.void(types.int64, types.int64, *_CORE, READ_FLOATS, FLOATS, INDICES, INDICES), within=True)
def _label(
    begin_row: int,
    end_row: int,
    core_first: Indices,
    edge_arc: Indices,
    edge_from: Indices,
    flow: Floats,
    cost: Floats,
    least: Floats,
    short: Indices,
    busy: Indices,
) -> None:
    """Label rows from the first on: cost of the shortest way, its last edge, and the busiest edge."""
    for row in range(begin_row, end_row):
        number = row - begin_row
        least[number], most = np.inf, -1.0
        for edge in range(core_first[row], core_first[row + 1]):
            label = cost[edge_arc[edge]]
            if edge_from[edge] > 0:
                label += least[edge_from[edge] - 1 - begin_row]
            if label < least[number]:
                least[number], short[number] = label, edge
            if flow[edge] > most:
                most, busy[number] = flow[edge], edge


@compiled(
    types.Tuple((types.int64, types.int64, types.float64, types.float64))(
        types.int64,
        types.int64,
        types.int64,
        types.int64,
        READ_INDICES,
        READ_FLOATS,
        READ_INDICES,
        READ_INDICES,
        INDICES,
        INDICES,
    ),
    within=True,
)
def _trace(
    begin_row: int,
    cheap: int,
    dear: int,
    put: int,
    edge_from: Indices,
    flow: Floats,
    short: Indices,
    busy: Indices,
    edges: Indices,
    other: Indices,
) -> tuple[int, int, float, float]:
    """Follow the shortest way back from one edge and the busiest from another to where they part.

    Edges of the first are written from ``put`` on and those of the second after them. Give where the second begin and
    where they end, and the trips on the whole of the second and of the first; without trips on the second its edges end
    where they begin.
    """
    edges[put], other[0] = cheap, dear
    middle, n_other, movable, back = put + 1, 1, flow[dear], flow[cheap]
    a, b = edge_from[cheap], edge_from[dear]
    while a != b and movable > 0.0:
        if a > b:
            edge = short[a - 1 - begin_row]
            edges[middle], a = edge, edge_from[edge]
            back = min(back, flow[edge])
            middle += 1
        else:
            edge = busy[b - 1 - begin_row]
            other[n_other], b = edge, edge_from[edge]
            n_other += 1
            movable = min(movable, flow[edge])
    if movable <= 0.0:
        return middle, middle, 0.0, 0.0
    for number in range(n_other):
        edges[middle + number] = other[number]
    return middle, middle + n_other, movable, back


@compiled(INDICES(READ_INDICES, types.int64), within=True)
def _twice_as_long(numbers: Indices, n_used: int) -> Indices:
    """Make room for more numbers behind those that are used."""
    longer = np.empty(2 * len(numbers), np.uint32)
    for place in range(n_used):
        longer[place] = numbers[place]
    return longer


@compiled(
    types.Tuple((_KEYS, _INTS, _INTS, INDICES, _MATRIX))(
        types.int64, types.int64, types.int64, READ_INDICES, *_CORE, READ_FLOATS
    )
)
def find_segments(
    travel: int,
    begin_bush: int,
    end_bush: int,
    first_core: Indices,
    core_first: Indices,
    edge_arc: Indices,
    edge_from: Indices,
    flow: Floats,
    cost: Floats,
) -> tuple[Keys, Ints, Ints, Indices, Floats]:
    """Find pairs of alternative segments in bushes of a class: two ways from one node to another, both to be used.

    At each merge each used edge that is not on the shortest way is followed back along the busiest edges, so that no
    trace of flow bounds what can be shifted, to where its way parts from the shortest one (Bar-Gera 2010, Traffic
    assignment by paired alternative segments, Transportation Research B 44, section 4.1).

    Parameters
    ----------
    travel
        Number of the class.
    begin_bush, end_bush
        Bushes of that class, the first and that after the last.
    first_core : uint32 array, shape (n_bushes + 1,)
        Rows of each bush's core.
    core_first, edge_from
        Cores as `jibek.assignment.bush_kernels.mend_bushes` gives them, rows counted over all bushes.
    edge_arc : uint32 array, shape (n_core_edges,)
        Arc of each edge.
    flow : float64 array, shape (n_core_edges,)
        Trips on each edge.
    cost : float64 array, shape (n_arcs,)
        Cost of each arc for the class.

    Returns
    -------
    key : uint64 array, shape (n_pairs,)
        The same for pairs of one class with the same arcs; for others it differs, but for one chance in 10 ** 19.
    first, middle : int64 arrays, shapes (n_pairs + 1,) and (n_pairs,)
        The shortest way of a pair has the edges ``edges[first[pair]:middle[pair]]``, the dearer one
        ``edges[middle[pair]:first[pair + 1]]``, both from the merge back.
    edges : uint32 array
        Edges of all pairs.
    movable : float64 array, shape (n_pairs, 2)
        Trips that pass the whole of the dearer way, and of the shortest.
    """
    most_rows = most_pairs = np.int64(0)
    for bush in range(begin_bush, end_bush):
        begin_row, end_row = np.int64(first_core[bush]), np.int64(first_core[bush + 1])
        most_rows = max(most_rows, end_row - begin_row)
        most_pairs += np.int64(core_first[end_row]) - np.int64(core_first[begin_row]) - (end_row - begin_row)
    least, other = np.empty(most_rows), np.empty(most_rows + 1, np.uint32)
    short, busy = np.empty(most_rows, np.uint32), np.empty(most_rows, np.uint32)
    key, first = np.empty(most_pairs, np.uint64), np.zeros(most_pairs + 1, np.int64)
    middle, edges = np.empty(most_pairs, np.int64), np.empty(16 * most_pairs + 2 * most_rows + 2, np.uint32)
    movable = np.empty((most_pairs, 2))
    n_pairs = n_edges = 0
    for bush in range(begin_bush, end_bush):
        begin_row, end_row = first_core[bush], first_core[bush + 1]
        _label(begin_row, end_row, core_first, edge_arc, edge_from, flow, cost, least, short, busy)
        for row in range(begin_row, end_row):
            number = row - begin_row
            for edge in range(core_first[row], core_first[row + 1]):
                if edge == short[number] or flow[edge] <= 0.0:
                    continue
                if n_edges + 2 * (most_rows + 1) > len(edges):
                    edges = _twice_as_long(edges, n_edges)
                parted, end, forth, back = _trace(
                    begin_row, short[number], edge, n_edges, edge_from, flow, short, busy, edges, other
                )
                if end == parted:
                    continue
                stirred = _stir(np.uint64(travel + 1), parted - n_edges)
                for put in range(n_edges, end):
                    stirred = _stir(stirred, edge_arc[edges[put]])
                key[n_pairs], middle[n_pairs], first[n_pairs + 1] = stirred, parted, end
                movable[n_pairs, 0], movable[n_pairs, 1] = forth, back
                n_pairs, n_edges = n_pairs + 1, end
    return (
        key[:n_pairs].copy(),
        first[: n_pairs + 1].copy(),
        middle[:n_pairs].copy(),
        edges[:n_edges].copy(),
        movable[:n_pairs].copy(),
    )


@compiled(types.Tuple((_INTS, INDICES))(_READ_KEYS))
def group_segments(key: Keys) -> tuple[Ints, Indices]:
    """Put pairs with the same key together, groups in order of their first pair.

    Parameters
    ----------
    key : uint64 array, shape (n_pairs,)
        As `find_segments` gives it.

    Returns
    -------
    first_member : int64 array, shape (n_groups + 1,)
        Members of each group.
    member : uint32 array, shape (n_pairs,)
        Pairs, ascending in each group.
    """
    n_pairs, n_slots = len(key), 16
    while n_slots < 2 * n_pairs:
        n_slots *= 2
    last_slot = np.uint64(n_slots - 1)
    slots = np.full(n_slots, NONE, np.uint32)
    group, founder = np.empty(n_pairs, np.uint32), np.empty(n_pairs, np.uint32)
    count = np.zeros(n_pairs + 1, np.int64)
    n_groups = 0
    for pair in range(n_pairs):
        slot = (key[pair] >> np.uint64(8)) & last_slot
        while slots[slot] != NONE and key[founder[slots[slot]]] != key[pair]:
            slot = (slot + np.uint64(1)) & last_slot
        if slots[slot] == NONE:
            slots[slot], founder[n_groups] = n_groups, pair
            n_groups += 1
        group[pair] = slots[slot]
        count[group[pair] + 1] += 1
    for group_before in range(n_groups):
        count[group_before + 1] += count[group_before]
    first_member = count[: n_groups + 1].copy()
    put, member = first_member[:n_groups].copy(), np.empty(n_pairs, np.uint32)
    for pair in range(n_pairs):
        member[put[group[pair]]] = pair
        put[group[pair]] += 1
    return first_member, member
