"""Compiled kernels that grow shortest-path trees and label nodes in the order of a bush: arithmetic only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from jibek.network.compiler import compiled
from jibek.network.kernels import ALL, NONE, grow_tree, tree_room

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Indices = NDArray[np.uint32]
    IndexMatrix = NDArray[np.uint32]
    Floats = NDArray[np.float64]
    Bytes = NDArray[np.uint8]

__all__ = [
    "BUSHES",
    "BYTES",
    "FLOATS",
    "GRAPH",
    "INDEX_MATRIX",
    "INDICES",
    "READ_FLOATS",
    "READ_INDICES",
    "TRIPS",
    "correct_labels",
    "grow_bushes",
    "label_forward",
]

FLOATS, _INTS, INDICES, BYTES = types.float64[::1], types.int64[::1], types.uint32[::1], types.uint8[::1]
INDEX_MATRIX = types.uint32[:, ::1]
_READ_INTS = types.Array(types.int64, 1, "C", readonly=True)
READ_INDICES = types.Array(types.uint32, 1, "C", readonly=True)
READ_FLOATS = types.Array(types.float64, 1, "C", readonly=True)
GRAPH = (READ_INDICES, READ_INDICES, READ_INDICES, READ_FLOATS)
TRIPS = (READ_INDICES, _READ_INTS, READ_INDICES, READ_FLOATS)
BUSHES = (INDEX_MATRIX, INDEX_MATRIX, INDICES, INDICES, FLOATS)


@compiled(types.Tuple((BYTES, INDICES, *BUSHES))(*GRAPH, *TRIPS))
def grow_bushes(
    first_out: Indices,
    head: Indices,
    tail: Indices,
    cost: Floats,
    root: Indices,
    first_pair: Ints,
    destination: Indices,
    trips: Floats,
) -> tuple[Bytes, Indices, IndexMatrix, IndexMatrix, Indices, Indices, Floats]:
    """Make the first bush of each of some origins: its shortest-path tree, with all trips on it.

    Parameters
    ----------
    first_out : uint32 array, shape (n_nodes + 1,)
        Forward star: the arcs out of ``v`` are ``first_out[v]`` to ``first_out[v + 1] - 1``.
    head, tail : uint32 arrays, shape (n_arcs,)
        Where arcs end and begin.
    cost : float64 array, shape (n_arcs,)
        Not negative; infinite where an arc is closed.
    root : uint32 array, shape (n_bushes,)
        Node where the trips of each origin begin.
    first_pair : int64 array, shape (n_bushes + 1,)
        Pairs of each origin.
    destination, trips : arrays, shape (n_pairs,)
        Node where each pair's trips end, and their number.

    Returns
    -------
    joined : uint8 array, shape (n_pairs,)
        1 where a way leads to the destination, 0 elsewhere.
    n_reached : uint32 array, shape (n_bushes,)
        Nodes that can be reached, the root among them.
    order : uint32 array, shape (n_bushes, n_nodes)
        Node at each position; every edge leads to a greater position. Filled up to ``n_reached``.
    first_edge : uint32 array, shape (n_bushes, n_nodes + 1)
        The edges that come to position ``p`` are ``first_edge[bush, p]`` to ``first_edge[bush, p + 1] - 1``.
    edge_arc, edge_from : uint32 arrays, shape (n_edges,)
        Arc of each edge, and the position from which it leads.
    flow : float64 array, shape (n_edges,)
        Trips on each edge.
    """
    n_nodes, n_bushes = len(first_out) - 1, len(root)
    joined, n_reached = np.zeros(len(trips), np.uint8), np.zeros(n_bushes, np.uint32)
    order = np.zeros((n_bushes, n_nodes), np.uint32)
    first_edge = np.zeros((n_bushes, n_nodes + 1), np.uint32)
    edge_arc, edge_from = np.empty(n_bushes * n_nodes, np.uint32), np.empty(n_bushes * n_nodes, np.uint32)
    flow = np.zeros(n_bushes * n_nodes)
    distance, passing = np.empty(n_nodes), np.zeros(n_nodes)
    predecessor, room = np.empty(n_nodes, np.uint32), tree_room(n_nodes, cost)
    left, position = room[1], room[2]
    n_edges = 0
    for bush in range(n_bushes):
        nodes = order[bush]
        n = grow_tree(first_out, head, cost, root[bush], ALL, distance, predecessor, *room)
        n_reached[bush] = n
        for place in range(n):
            nodes[place], passing[place] = left[place], 0.0
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


@compiled(
    types.int64(
        types.int64,
        types.int64,
        *GRAPH,
        READ_INDICES,
        READ_INDICES,
        READ_INDICES,
        READ_INDICES,
        BYTES,
        FLOATS,
        INDICES,
        INDICES,
        FLOATS,
    )
)
def label_forward(
    n: int,
    root: int,
    first_out: Indices,
    head: Indices,
    tail: Indices,
    cost: Floats,
    first: Indices,
    edge_arc: Indices,
    order: Indices,
    position: Indices,
    changed: Bytes,
    distance: Floats,
    nearest: Indices,
    forward: Indices,
    within: Floats,
) -> int:
    """Find the shortest ways all of whose arcs lead forward in a bush's order; count nodes with a shorter way yet.

    ``forward`` gets the last arc of the way to each node, ``within`` the cost of the shortest way by edges of the bush.
    ``distance`` and ``nearest`` already know of one arc back, and ``changed`` marks nodes that have one.
    """
    distance[root] = within[root] = 0.0
    nearest[root] = forward[root] = NONE
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


@compiled(types.void(types.int64, *GRAPH[:2], READ_FLOATS, READ_INDICES, READ_INDICES, BYTES, FLOATS, INDICES))
def correct_labels(
    n: int,
    first_out: Indices,
    head: Indices,
    cost: Floats,
    order: Indices,
    position: Indices,
    changed: Bytes,
    distance: Floats,
    nearest: Indices,
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
