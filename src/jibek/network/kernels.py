"""Compiled kernels of the heap and of shortest-path trees, on flat arrays: arithmetic only, no names, no checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit, types

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Int32s = NDArray[np.int32]
    Floats = NDArray[np.float64]

__all__ = ["ALL", "rise", "shortest_tree", "sink"]

_ARITY = 4
_NEVER_QUEUED = -1
_SETTLED = -2

ALL = -1
"""Target of a tree that shall reach every node."""

_INTS, _INT32S, _FLOATS = types.int64[::1], types.int32[::1], types.float64[::1]
# A network's arrays are read-only.
_MATRIX_OF_INTS, _MATRIX_OF_FLOATS = types.int64[:, ::1], types.float64[:, ::1]
_READ_INTS, _READ_INT32S, _READ_FLOATS = (
    types.Array(dtype, 1, "C", readonly=True) for dtype in (types.int64, types.int32, types.float64)
)


@njit(  # type: ignore[untyped-decorator]
    types.void(_INT32S, _FLOATS, _INT32S, types.int64, types.float64, types.int64), cache=True, nogil=True
)
def rise(heap: Int32s, key: Floats, slot_of: Int32s, node: int, label: float, slot: int) -> None:
    """Move a node from a slot of the heap up to its place."""
    while slot > 0:
        above = (slot - 1) // _ARITY
        if key[above] <= label:
            break
        heap[slot], key[slot] = heap[above], key[above]
        slot_of[heap[slot]] = slot
        slot = above
    heap[slot], key[slot] = node, label
    slot_of[node] = slot


@njit(  # type: ignore[untyped-decorator]
    types.void(_INT32S, _FLOATS, _INT32S, types.int64, types.float64, types.int64), cache=True, nogil=True
)
def sink(heap: Int32s, key: Floats, slot_of: Int32s, node: int, label: float, size: int) -> None:
    """Put a node on top of the heap and move it down to its place."""
    slot, child = 0, 1
    while child < size:
        least = child
        for other in range(child + 1, min(child + _ARITY, size)):
            if key[other] < key[least]:
                least = other
        if key[least] >= label:
            break
        heap[slot], key[slot] = heap[least], key[least]
        slot_of[heap[slot]] = slot
        slot = least
        child = _ARITY * slot + 1
    heap[slot], key[slot] = node, label
    slot_of[node] = slot


@njit(  # type: ignore[untyped-decorator]
    types.Tuple((_FLOATS, _INTS))(_READ_INTS, _READ_INT32S, _READ_FLOATS, types.int64, types.int64),
    cache=True,
    nogil=True,
)
def shortest_tree(
    first_out: Ints, arc_to: NDArray[np.int32], cost: Floats, origin: int, target: int
) -> tuple[Floats, Ints]:
    """Grow the shortest-path tree of one origin by Dijkstra's (1959) method on a 4-ary heap.

    Parameters
    ----------
    first_out : int64 array, shape (n_nodes + 1,)
        Forward star: the arcs out of ``v`` are ``first_out[v]`` to ``first_out[v + 1] - 1``.
    arc_to : int32 array, shape (n_arcs,)
        Heads.
    cost : float64 array, shape (n_arcs,)
        Non-negative costs; infinite where an arc is closed.
    origin : int
        Root.
    target : int
        Where to stop: nodes that are farther away are not final then; `ALL` for none.

    Returns
    -------
    distance : float64 array, shape (n_nodes,)
        Infinite where nothing leads.
    predecessor : int64 array, shape (n_nodes,)
        Arc by which each node is reached; -1 for the root and for nodes out of reach. Of equally
        short ways the smaller arc wins.
    """
    n_nodes = len(first_out) - 1
    distance = np.full(n_nodes, np.inf)
    predecessor = np.full(n_nodes, -1, dtype=np.int64)
    heap, key = np.empty(n_nodes, dtype=np.int32), np.empty(n_nodes)
    slot_of = np.full(n_nodes, _NEVER_QUEUED, dtype=np.int32)
    distance[origin] = 0.0
    heap[0], key[0] = origin, 0.0
    size = 1
    while size > 0:
        node = heap[0]
        if node == target:
            break
        slot_of[node] = _SETTLED
        size -= 1
        if size > 0:
            sink(heap, key, slot_of, heap[size], key[size], size)
        for arc in range(first_out[node], first_out[node + 1]):
            head = arc_to[arc]
            reached = distance[node] + cost[arc]
            if reached < distance[head]:
                distance[head] = reached
                predecessor[head] = arc
                slot = slot_of[head]
                if slot == _NEVER_QUEUED:
                    slot = size
                    size += 1
                rise(heap, key, slot_of, head, reached, slot)
            elif reached == distance[head] and arc < predecessor[head] and slot_of[head] != _SETTLED:
                predecessor[head] = arc
    return distance, predecessor
