"""Compiled kernels on flat arrays: arithmetic only, no names, no checks."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["shortest_tree"]

_ARITY = 4


@njit("Tuple((float64[::1], int64[::1]))(int64[::1], int32[::1], float64[::1], int64)", cache=True)
def shortest_tree(first_out, arc_to, cost, origin):  # type: ignore[no-untyped-def]
    """Grow the shortest-path tree of one origin by Dijkstra's method on a 4-ary heap.

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
    position = np.full(n_nodes, -1, dtype=np.int64)  # -1: never queued, -2: settled
    distance[origin] = 0.0
    heap[0] = origin
    position[origin] = 0
    size = 1
    while size > 0:
        node = heap[0]
        position[node] = -2
        size -= 1
        if size > 0:
            # The last entry sinks from the top.
            last, slot = heap[size], 0
            while True:
                first = _ARITY * slot + 1
                if first >= size:
                    break
                least = first
                for child in range(first + 1, min(first + _ARITY, size)):
                    if distance[heap[child]] < distance[heap[least]]:
                        least = child
                if distance[heap[least]] >= distance[last]:
                    break
                heap[slot] = heap[least]
                position[heap[slot]] = slot
                slot = least
            heap[slot] = last
            position[last] = slot
        for arc in range(first_out[node], first_out[node + 1]):
            head = arc_to[arc]
            reached = distance[node] + cost[arc]
            if reached == distance[head] and arc < predecessor[head] and position[head] != -2:
                predecessor[head] = arc
            if reached >= distance[head]:
                continue
            distance[head] = reached
            predecessor[head] = arc
            if position[head] == -1:
                position[head] = size
                heap[size] = head
                size += 1
            slot = position[head]
            # The entry rises to its place.
            while slot > 0:
                above = (slot - 1) // _ARITY
                if distance[heap[above]] <= reached:
                    break
                heap[slot] = heap[above]
                position[heap[slot]] = slot
                slot = above
            heap[slot] = head
            position[head] = slot
    return distance, predecessor
