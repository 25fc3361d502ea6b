"""Compiled kernels on flat arrays: arithmetic only, no names, no checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit, types

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["shortest_tree"]

_ARITY = 4
_NEVER_QUEUED = -1
_SETTLED = -2

_INTS, _FLOATS = types.int64[::1], types.float64[::1]
# A network's arrays are read-only.
_READ_INTS, _READ_INT32S, _READ_FLOATS = (
    types.Array(dtype, 1, "C", readonly=True) for dtype in (types.int64, types.int32, types.float64)
)


@njit(types.void(_INTS, _INTS, _FLOATS, types.int64, types.int64), cache=True)  # type: ignore[untyped-decorator]
def _rise(heap: Ints, position: Ints, distance: Floats, node: int, slot: int) -> None:
    """Move a node from a slot of the heap up to its place."""
    while slot > 0:
        above = (slot - 1) // _ARITY
        if distance[heap[above]] <= distance[node]:
            break
        heap[slot] = heap[above]
        position[heap[slot]] = slot
        slot = above
    heap[slot] = node
    position[node] = slot


@njit(types.void(_INTS, _INTS, _FLOATS, types.int64, types.int64), cache=True)  # type: ignore[untyped-decorator]
def _sink(heap: Ints, position: Ints, distance: Floats, node: int, size: int) -> None:
    """Put a node on top of the heap and move it down to its place."""
    slot = 0
    while _ARITY * slot + 1 < size:
        least = _ARITY * slot + 1
        for child in range(least + 1, min(_ARITY * slot + 1 + _ARITY, size)):
            if distance[heap[child]] < distance[heap[least]]:
                least = child
        if distance[heap[least]] >= distance[node]:
            break
        heap[slot] = heap[least]
        position[heap[slot]] = slot
        slot = least
    heap[slot] = node
    position[node] = slot


@njit(types.Tuple((_FLOATS, _INTS))(_READ_INTS, _READ_INT32S, _READ_FLOATS, types.int64), cache=True)  # type: ignore[untyped-decorator]
def shortest_tree(first_out: Ints, arc_to: NDArray[np.int32], cost: Floats, origin: int) -> tuple[Floats, Ints]:
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
    heap = np.empty(n_nodes, dtype=np.int64)
    position = np.full(n_nodes, _NEVER_QUEUED, dtype=np.int64)
    distance[origin] = 0.0
    heap[0] = origin
    size = 1
    while size > 0:
        node = heap[0]
        position[node] = _SETTLED
        size -= 1
        if size > 0:
            _sink(heap, position, distance, heap[size], size)
        for arc in range(first_out[node], first_out[node + 1]):
            head = arc_to[arc]
            reached = distance[node] + cost[arc]
            if reached < distance[head]:
                distance[head] = reached
                predecessor[head] = arc
                if position[head] == _NEVER_QUEUED:
                    position[head] = size
                    size += 1
                _rise(heap, position, distance, head, position[head])
            elif reached == distance[head] and arc < predecessor[head] and position[head] != _SETTLED:
                predecessor[head] = arc
    return distance, predecessor
