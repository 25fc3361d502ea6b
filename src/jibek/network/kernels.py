"""Compiled kernels of shortest-path trees on flat arrays: arithmetic only, no names, no checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from jibek.network.compiler import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Int32s = NDArray[np.int32]
    Indices = NDArray[np.uint32]
    IndexMatrix = NDArray[np.uint32]
    Floats = NDArray[np.float64]

__all__ = ["ALL", "NONE", "grow_tree", "shortest_costs", "shortest_tree", "tree_room"]

_PER_MEAN = 8  # buckets to the mean cost of an arc
_MOST_BUCKETS = 4096

ALL = -1
"""Target of a tree that shall reach every node."""

NONE = np.uint32(0xFFFFFFFF)
"""No node, arc or position. Indices have no sign, so that no reading of an array asks for one."""

_INDICES, _FLOATS, _INDEX_MATRIX = types.uint32[::1], types.float64[::1], types.uint32[:, ::1]
# A network's arrays are read-only.
_READ_INTS, _READ_INT32S, _READ_INDICES, _READ_FLOATS = (
    types.Array(dtype, 1, "C", readonly=True) for dtype in (types.int64, types.int32, types.uint32, types.float64)
)


@compiled(types.Tuple((types.float64, types.int64))(_READ_FLOATS), within=True)
def _bucket_rate(cost: Floats) -> tuple[float, int]:
    """Give buckets per unit of cost, and how many, a power of two, hold the labels that wait at the same time.

    Buckets are an eighth of the mean cost wide: so narrow that hardly a node is left twice, so wide that few are empty.
    """
    total = greatest = 0.0
    n = 0
    for each in cost:
        if 0.0 < each < np.inf:
            greatest = max(greatest, each)
            total += each
            n += 1
    if n == 0 or not 0.0 < total / n < np.inf:
        return 0.0, 1
    wanted = min(_PER_MEAN * greatest / (total / n), float(_MOST_BUCKETS - 2))
    n_buckets = 4
    while n_buckets < wanted + 2.0:
        n_buckets *= 2
    rate = wanted / greatest
    return (rate, n_buckets) if rate < np.inf else (0.0, 1)


@compiled(types.Tuple((types.float64, _INDICES, _INDICES, _INDEX_MATRIX, _INDEX_MATRIX))(types.int64, _READ_FLOATS))
def tree_room(n_nodes: int, cost: Floats) -> tuple[float, Indices, Indices, IndexMatrix, IndexMatrix]:
    """Make what `grow_tree` needs for trees at these costs: the rate of buckets, and room."""
    rate, n_buckets = _bucket_rate(cost)
    order, place = np.empty(2 * n_nodes, np.uint32), np.empty(n_nodes, np.uint32)
    return rate, order, place, np.empty((2, n_buckets), np.uint32), np.empty((3, n_nodes), np.uint32)


@compiled(types.int64(_INDICES, _INDICES, types.int64), within=True)
def _without_repeats(order: Indices, place: Indices, n: int) -> int:
    """Keep only the last time at which each node was left, and count nodes."""
    kept = 0
    for number in range(n):
        node = order[number]
        if place[node] == number:
            order[kept] = node
            place[node] = kept
            kept += 1
    return kept


@compiled(types.void(types.int64, types.int64, _INDEX_MATRIX, _INDEX_MATRIX), within=True)
def _queue(node: int, bucket: int, ends: IndexMatrix, queue: IndexMatrix) -> None:
    """Put a node at the end of a bucket, out of that in which it may wait."""
    first, last = ends
    following, before, waits_in = queue
    if waits_in[node] != NONE:
        after, ahead = following[node], before[node]
        if after != NONE:
            before[after] = ahead
        else:
            last[waits_in[node]] = ahead
        if ahead != NONE:
            following[ahead] = after
        else:
            first[waits_in[node]] = after
    waits_in[node], following[node] = bucket, NONE
    if first[bucket] == NONE:
        first[bucket], before[node] = node, NONE
    else:
        following[last[bucket]], before[node] = node, last[bucket]
    last[bucket] = node


@compiled(
    types.int64(
        *(_READ_INDICES, _READ_INDICES, _READ_FLOATS, types.int64, types.int64),
        *(_FLOATS, _INDICES, types.float64, _INDICES, _INDICES, _INDEX_MATRIX, _INDEX_MATRIX),
    )
)
def grow_tree(
    first_out: Indices,
    head: Indices,
    cost: Floats,
    root: int,
    target: int,
    distance: Floats,
    predecessor: Indices,
    rate: float,
    order: Indices,
    place: Indices,
    ends: IndexMatrix,
    queue: IndexMatrix,
) -> int:
    """Grow the shortest-path tree of one origin, and count the nodes that it reaches.

    Nodes wait in buckets by their labels, first come first served (Dial 1969, Algorithm 360, with buckets wider than
    the cheapest arc: Denardo and Fox 1979, Shortest-route methods, Operations Research 27). A node whose label falls
    after it was left waits once more, so that the tree is exact whatever the width.

    Parameters
    ----------
    first_out, head, cost, root, target
        As in `shortest_tree`.
    distance : float64 array, shape (n_nodes,)
        Gets the cost of the shortest way to each node; infinite where nothing leads.
    predecessor : uint32 array, shape (n_nodes,)
        Gets the arc by which each node is reached, else `NONE`.
    rate : float
        Buckets per unit of cost, as all that follows from `tree_room`.
    order : uint32 array, shape (2 n_nodes,)
        Gets the nodes in an order in which every node comes after that from which it is reached.
    place : uint32 array, shape (n_nodes,)
        Gets where in the order each node is.
    ends : uint32 array, shape (2, n_buckets)
        First and last node of each bucket.
    queue : uint32 array, shape (3, n_nodes)
        The node after and before each in its bucket, and the bucket.
    """
    following, waits_in = queue[0], queue[2]
    mask = ends.shape[1] - 1
    distance[:] = np.inf
    predecessor[:] = NONE
    ends[:] = NONE
    waits_in[:] = NONE
    distance[root] = 0.0
    _queue(root, 0, ends, queue)
    waiting, bucket, n = 1, 0, 0
    while waiting > 0:
        node = ends[0, bucket]
        if node == NONE:
            if target != ALL and distance[target] < np.inf and waits_in[target] == NONE:
                break
            bucket = (bucket + 1) & mask
            continue
        ends[0, bucket] = following[node]
        if following[node] != NONE:
            queue[1, following[node]] = NONE
        waits_in[node] = NONE
        waiting -= 1
        if n == len(order):
            n = _without_repeats(order, place, n)
        order[n], place[node] = node, n
        n += 1
        reached = distance[node]
        for arc in range(first_out[node], first_out[node + 1]):
            to = head[arc]
            label = reached + cost[arc]
            if label > distance[to] or label == np.inf:
                continue
            is_known = predecessor[to] == arc  # its tail was left once more, so it has to follow
            if label < distance[to] or is_known or (arc < predecessor[to] and reached < label):
                distance[to], predecessor[to] = label, arc
                wanted = np.int64(label * rate) & mask
                if waits_in[to] != wanted:
                    waiting += waits_in[to] == NONE
                    _queue(to, wanted, ends, queue)
    return int(_without_repeats(order, place, n))


@compiled(types.Tuple((_FLOATS, types.int64[::1]))(_READ_INTS, _READ_INT32S, _READ_FLOATS, types.int64, types.int64))
def shortest_tree(first_out: Ints, head: Int32s, cost: Floats, origin: int, target: int) -> tuple[Floats, Ints]:
    """Grow the shortest-path tree of one origin, see `grow_tree`.

    Parameters
    ----------
    first_out : int64 array, shape (n_nodes + 1,)
        Forward star: the arcs out of ``v`` are ``first_out[v]`` to ``first_out[v + 1] - 1``.
    head : int32 array, shape (n_arcs,)
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
        Arc by which each node is reached; -1 for the root and for nodes out of reach. Of equally short ways over
        nodes that are nearer the smaller arc wins.
    """
    n_nodes = len(first_out) - 1
    distance, predecessor = np.empty(n_nodes), np.empty(n_nodes, np.uint32)
    room = tree_room(n_nodes, cost)
    grow_tree(first_out.astype(np.uint32), head.view(np.uint32), cost, origin, target, distance, predecessor, *room)
    return distance, predecessor.view(np.int32).astype(np.int64)


@compiled(_FLOATS(_READ_INDICES, _READ_INDICES, _READ_FLOATS, _READ_INDICES, _READ_INTS, _READ_INDICES))
def shortest_costs(
    first_out: Indices, head: Indices, cost: Floats, origin: Indices, first_pair: Ints, destination: Indices
) -> Floats:
    """Give the cost of the shortest way of each pair of some origins.

    Parameters
    ----------
    first_out, head, cost
        As in `shortest_tree`.
    origin : uint32 array, shape (n_origins,)
        Roots.
    first_pair : int64 array, shape (n_origins + 1,)
        Pairs of each origin.
    destination : uint32 array, shape (n_pairs,)
        Nodes.

    Returns
    -------
    float64 array, shape (n_pairs,)
        Infinite where nothing leads.
    """
    n_nodes = len(first_out) - 1
    distance, predecessor = np.empty(n_nodes), np.empty(n_nodes, np.uint32)
    room, costs = tree_room(n_nodes, cost), np.empty(len(destination))
    for number in range(len(origin)):
        grow_tree(first_out, head, cost, origin[number], ALL, distance, predecessor, *room)
        for pair in range(first_pair[number], first_pair[number + 1]):
            costs[pair] = distance[destination[pair]]
    return costs
