"""Compiled kernels that grow shortest-path trees and label nodes in the order of a bush: arithmetic only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit, types

from jibek.network.kernels import ALL, bucket_rate, grow_tree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Int32s = NDArray[np.int32]
    Int32Matrix = NDArray[np.int32]
    Floats = NDArray[np.float64]
    Bytes = NDArray[np.uint8]

__all__ = [
    "BUSHES",
    "BYTES",
    "FLOATS",
    "GRAPH",
    "INT32S",
    "INT32_MATRIX",
    "READ_FLOATS",
    "READ_INT32S",
    "TRIPS",
    "correct_labels",
    "grow_bushes",
    "label_forward",
]

FLOATS, _INTS, INT32S, BYTES = types.float64[::1], types.int64[::1], types.int32[::1], types.uint8[::1]
INT32_MATRIX = types.int32[:, ::1]
_READ_INTS = types.Array(types.int64, 1, "C", readonly=True)
READ_INT32S = types.Array(types.int32, 1, "C", readonly=True)
READ_FLOATS = types.Array(types.float64, 1, "C", readonly=True)
GRAPH = (READ_INT32S, READ_INT32S, READ_INT32S, READ_FLOATS)
TRIPS = (READ_INT32S, _READ_INTS, READ_INT32S, READ_FLOATS)
BUSHES = (INT32_MATRIX, INT32_MATRIX, INT32S, INT32S, FLOATS)


@njit(  # type: ignore[untyped-decorator]
    types.Tuple((BYTES, INT32S, *BUSHES))(*GRAPH, *TRIPS), cache=True, nogil=True
)
def grow_bushes(
    first_out: Int32s,
    head: Int32s,
    tail: Int32s,
    cost: Floats,
    root: Int32s,
    first_pair: Ints,
    destination: Int32s,
    trips: Floats,
) -> tuple[Bytes, Int32s, Int32Matrix, Int32Matrix, Int32s, Int32s, Floats]:
    """Make the first bush of each of some origins: its shortest-path tree, with all trips on it.

    Parameters
    ----------
    first_out : int32 array, shape (n_nodes + 1,)
        Forward star: the arcs out of ``v`` are ``first_out[v]`` to ``first_out[v + 1] - 1``.
    head, tail : int32 arrays, shape (n_arcs,)
        Where arcs end and begin.
    cost : float64 array, shape (n_arcs,)
        Not negative; infinite where an arc is closed.
    root : int32 array, shape (n_bushes,)
        Node where the trips of each origin begin.
    first_pair : int64 array, shape (n_bushes + 1,)
        Pairs of each origin.
    destination, trips : arrays, shape (n_pairs,)
        Node where each pair's trips end, and their number.

    Returns
    -------
    joined : uint8 array, shape (n_pairs,)
        1 where a way leads to the destination, 0 elsewhere.
    n_reached : int32 array, shape (n_bushes,)
        Nodes that can be reached, the root among them.
    order : int32 array, shape (n_bushes, n_nodes)
        Node at each position; every edge leads to a greater position. Filled up to ``n_reached``.
    first_edge : int32 array, shape (n_bushes, n_nodes + 1)
        The edges that come to position ``p`` are ``first_edge[bush, p]`` to ``first_edge[bush, p + 1] - 1``.
    edge_arc, edge_from : int32 arrays, shape (n_edges,)
        Arc of each edge, and the position from which it leads.
    flow : float64 array, shape (n_edges,)
        Trips on each edge.
    """
    n_nodes, n_bushes = len(first_out) - 1, len(root)
    joined, n_reached = np.zeros(len(trips), np.uint8), np.zeros(n_bushes, np.int32)
    order = np.zeros((n_bushes, n_nodes), np.int32)
    first_edge = np.zeros((n_bushes, n_nodes + 1), np.int32)
    edge_arc, edge_from = np.empty(n_bushes * n_nodes, np.int32), np.empty(n_bushes * n_nodes, np.int32)
    flow = np.zeros(n_bushes * n_nodes)
    rate, n_buckets = bucket_rate(cost)
    distance, passing = np.empty(n_nodes), np.zeros(n_nodes)
    predecessor, position = np.empty(n_nodes, np.int32), np.empty(n_nodes, np.int32)
    left, ends, queue = (
        np.empty(2 * n_nodes, np.int32),
        np.empty((2, n_buckets), np.int32),
        np.empty((3, n_nodes), np.int32),
    )
    n_edges = 0
    for bush in range(n_bushes):
        nodes = order[bush]
        n = grow_tree(first_out, head, cost, root[bush], ALL, rate, distance, predecessor, left, position, ends, queue)
        n_reached[bush] = n
        nodes[:n] = left[:n]
        passing[:n] = 0.0
        for pair in range(first_pair[bush], first_pair[bush + 1]):
            if distance[destination[pair]] < np.inf:
                joined[pair] = 1
                passing[position[destination[pair]]] += trips[pair]
        before_first = n_edges - 1  # each node but the root has one edge, that of position p is before_first + p
        first_edge[bush, 0] = n_edges
        for place in range(1, n + 1):
            first_edge[bush, place] = before_first + place
        for place in range(n - 1, 0, -1):
            arc = predecessor[nodes[place]]
            edge_arc[before_first + place], edge_from[before_first + place] = arc, position[tail[arc]]
            flow[before_first + place] = passing[place]
            passing[position[tail[arc]]] += passing[place]
        n_edges += n - 1
    edges = edge_arc[:n_edges].copy(), edge_from[:n_edges].copy(), flow[:n_edges].copy()
    return joined, n_reached, order, first_edge, *edges


@njit(  # type: ignore[untyped-decorator]
    types.int64(
        types.int64,
        types.int64,
        *GRAPH,
        READ_INT32S,
        READ_INT32S,
        READ_INT32S,
        READ_INT32S,
        BYTES,
        FLOATS,
        INT32S,
        INT32S,
        FLOATS,
    ),
    cache=True,
    nogil=True,
)
def label_forward(
    n: int,
    root: int,
    first_out: Int32s,
    head: Int32s,
    tail: Int32s,
    cost: Floats,
    first: Int32s,
    edge_arc: Int32s,
    order: Int32s,
    position: Int32s,
    changed: Bytes,
    distance: Floats,
    nearest: Int32s,
    forward: Int32s,
    within: Floats,
) -> int:
    """Find the shortest ways all of whose arcs lead forward in a bush's order; count nodes with a shorter way yet.

    ``forward`` gets the last arc of the way to each node, ``within`` the cost of the shortest way by edges of the bush.
    ``distance`` and ``nearest`` already know of one arc back, and ``changed`` marks nodes that have one.
    """
    distance[root] = within[root] = 0.0
    nearest[root] = forward[root] = -1
    for place in range(1, n):  # begun from the bush's own labels, there is little left to improve below
        node = order[place]
        distance[node] = np.inf
        for edge in range(first[place], first[place + 1]):
            arc = edge_arc[edge]
            label = distance[tail[arc]] + cost[arc]
            if label < distance[node]:
                distance[node], nearest[node] = label, arc
        within[node] = distance[node]
    n_changed = 0
    for place in range(n):
        node = order[place]
        reached = distance[node]
        forward[node] = nearest[node]
        for arc in range(first_out[node], first_out[node + 1]):
            to = head[arc]
            label = reached + cost[arc]
            if label < distance[to]:
                distance[to] = label
                nearest[to] = arc
                if position[to] < place and changed[to] == 0:
                    changed[to] = 1
                    n_changed += 1
    return n_changed


@njit(  # type: ignore[untyped-decorator]
    types.void(types.int64, *GRAPH[:2], READ_FLOATS, READ_INT32S, READ_INT32S, BYTES, FLOATS, INT32S),
    cache=True,
    nogil=True,
)
def correct_labels(
    n: int,
    first_out: Int32s,
    head: Int32s,
    cost: Floats,
    order: Int32s,
    position: Int32s,
    changed: Bytes,
    distance: Floats,
    nearest: Int32s,
) -> None:
    """Carry on from nodes marked as changed, pass after pass in the order, until no way gets shorter."""
    start = 0
    while start < n:
        again = n
        for place in range(start, n):
            node = order[place]
            if changed[node] == 0:
                continue
            changed[node] = 0
            reached = distance[node]
            for arc in range(first_out[node], first_out[node + 1]):
                to = head[arc]
                label = reached + cost[arc]
                if label < distance[to]:
                    distance[to] = label
                    nearest[to] = arc
                    changed[to] = 1
                    if position[to] < place:
                        again = min(again, position[to])
        start = again
