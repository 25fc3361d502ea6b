"""Compiled kernels on paths, many at a time, on flat arrays: arithmetic only, no names, no checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from jibek.network.compiler import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Int32s = NDArray[np.int32]
    Floats = NDArray[np.float64]

__all__ = ["cheapest_over", "first_return", "path_to", "paths_over"]

_INTS, _INT32S, _FLOATS = types.int64[::1], types.int32[::1], types.float64[::1]
# A network's arrays are read-only.
_MATRIX_OF_INTS, _MATRIX_OF_FLOATS = types.int64[:, ::1], types.float64[:, ::1]
_READ_INTS, _READ_INT32S, _READ_FLOATS = (
    types.Array(dtype, 1, "C", readonly=True) for dtype in (types.int64, types.int32, types.float64)
)


@compiled(types.int64[::1](_READ_INTS, _READ_INT32S, types.int64))
def path_to(predecessor: Ints, tail: NDArray[np.int32], node: int) -> Ints:
    """Follow a shortest-path tree back from a node and give the arcs from its root.

    Parameters
    ----------
    predecessor : int64 array, shape (n_nodes,)
        Arc by which each node is reached; -1 for the root and for nodes out of reach.
    tail : int32 array, shape (n_arcs,)
        Node from which each arc leads.
    node : int
        Where the path ends.
    """
    length = 0
    end = node
    while predecessor[end] >= 0:
        end = tail[predecessor[end]]
        length += 1
    path = np.empty(length, np.int64)
    end = node
    for step in range(length):
        path[length - 1 - step] = predecessor[end]
        end = tail[predecessor[end]]
    return path


@compiled(types.int64(_READ_INTS, _READ_INT32S, _READ_INT32S))
def first_return(path: Ints, head_place: NDArray[np.int32], head_layer: NDArray[np.int32]) -> int:
    """Find where a path comes back to a place that it has left, in the mode in which it was there.

    A dry port on a spur is left in another gauge by the way it was come to, so the place alone is no return.

    Parameters
    ----------
    path : int64 array
        Arcs.
    head_place, head_layer : int32 arrays, shape (n_arcs,)
        Place and layer (mode) in which each arc ends.

    Returns
    -------
    int
        The arc that comes back, -1 where none does.
    """
    stay = 0  # where the stay at the place begins
    for step in range(len(path)):
        arc = path[step]
        if step > 0 and head_place[arc] != head_place[path[step - 1]]:
            stay = step
        for earlier in range(stay):
            if head_place[path[earlier]] == head_place[arc] and head_layer[path[earlier]] == head_layer[arc]:
                return int(arc)
    return -1


@compiled(types.void(_INTS, _READ_INTS, _READ_INTS, _MATRIX_OF_FLOATS, _FLOATS, _FLOATS, _INTS), within=True)
def _pass_in_turn(
    order: Ints, first: Ints, nodes: Ints, distance: Floats, reached: Floats, cost: Floats, earlier: Ints
) -> None:
    """Write down what it costs to each node when the stages before are passed in an order, and over which row."""
    for number in range(len(order)):
        for row in range(first[order[number]], first[order[number] + 1]):
            if number == 0:
                cost[row], earlier[row] = reached[nodes[row]], -1
                continue
            cost[row] = np.inf
            for before in range(first[order[number - 1]], first[order[number - 1] + 1]):
                if cost[before] + distance[before, nodes[row]] < cost[row]:
                    cost[row] = cost[before] + distance[before, nodes[row]]
                    earlier[row] = before


@compiled(
    types.Tuple((_FLOATS, _MATRIX_OF_INTS))(
        _READ_INTS, _READ_INTS, _MATRIX_OF_INTS, _MATRIX_OF_FLOATS, _FLOATS, _READ_INTS
    )
)
def cheapest_over(
    first: Ints, nodes: Ints, orders: Ints, distance: Floats, reached: Floats, ends: Ints
) -> tuple[Floats, Ints]:
    """Find the cheapest ways to some ends that pass one node of each of several stages, in any of some orders.

    Parameters
    ----------
    first : int64 array, shape (n_stages + 1,)
        Stage ``s`` are the nodes ``nodes[first[s]:first[s + 1]]``; none is empty.
    nodes : int64 array, shape (n_passable,)
        Nodes of all stages.
    orders : int64 array, shape (n_orders, n_stages)
        Stages in the order in which they may be passed.
    distance : float64 array, shape (n_passable, n_nodes)
        From each of ``nodes`` to all nodes of the network.
    reached : float64 array, shape (n_nodes,)
        From where the ways begin.
    ends : int64 array
        Where the ways end.

    Returns
    -------
    cost : float64 array, shape (n_ends,)
        Infinite where nothing leads.
    passed : int64 array, shape (n_ends, n_stages)
        Rows in ``nodes`` in the order in which they are passed; -1 where nothing leads. Of equally cheap ways that of
        the first order wins, then that of the smaller rows from the end on.
    """
    n_stages = orders.shape[1]
    cost = np.full(len(ends), np.inf)
    passed = np.full((len(ends), n_stages), -1, dtype=np.int64)
    through = np.empty(len(nodes))
    earlier = np.empty(len(nodes), dtype=np.int64)
    for choice in range(len(orders)):
        order = orders[choice]
        _pass_in_turn(order, first, nodes, distance, reached, through, earlier)
        for end in range(len(ends)):
            last = -1
            for row in range(first[order[-1]], first[order[-1] + 1]):
                if through[row] + distance[row, ends[end]] < cost[end]:
                    cost[end] = through[row] + distance[row, ends[end]]
                    last = row
            if last >= 0:
                for number in range(n_stages - 1, -1, -1):
                    passed[end, number] = last
                    last = earlier[last]
    return cost, passed


@compiled(
    types.Tuple((_INTS, _INTS, types.boolean[::1]))(
        _INTS,
        _MATRIX_OF_INTS,
        _READ_INTS,
        _MATRIX_OF_INTS,
        _READ_INTS,
        _READ_INT32S,
        _READ_INT32S,
        _READ_INT32S,
    )
)
def paths_over(
    predecessor: Ints,
    predecessors: Ints,
    nodes: Ints,
    passed: Ints,
    ends: Ints,
    tail: NDArray[np.int32],
    head_place: NDArray[np.int32],
    head_layer: NDArray[np.int32],
) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Give the arcs of ways that pass some nodes in turn.

    Parameters
    ----------
    predecessor : int64 array, shape (n_nodes,)
        Shortest-path tree from where the ways begin, as in `path_to`.
    predecessors : int64 array, shape (n_passable, n_nodes)
        Trees from each of ``nodes``.
    nodes, passed
        As in `cheapest_over`; with no stage, ways lead straight to their ends.
    ends : int64 array
        Where the ways end.
    tail
        As in `path_to`.
    head_place, head_layer
        As in `first_return`.

    Returns
    -------
    arcs : int64 array
        Those of all ways, one after the other.
    first : int64 array, shape (n_ends + 1,)
        The arcs of way ``i`` are ``arcs[first[i]:first[i + 1]]``.
    comes_back : bool array, shape (n_ends,)
        Whether a way comes back to a place in the mode in which it was there.
    """
    n_stages = passed.shape[1]
    first = np.zeros(len(ends) + 1, np.int64)
    comes_back = np.zeros(len(ends), np.bool_)
    arcs = np.empty(0, np.int64)
    for end in range(len(ends)):
        first[end + 1] = first[end]
        for part in range(n_stages + 1):
            tree = predecessor if part == 0 else predecessors[passed[end, part - 1]]
            path = path_to(tree, tail, nodes[passed[end, part]] if part < n_stages else ends[end])
            stop = first[end + 1] + len(path)
            if stop > len(arcs):
                longer = np.empty(2 * stop, np.int64)
                longer[: len(arcs)] = arcs
                arcs = longer
            arcs[first[end + 1] : stop] = path
            first[end + 1] = stop
        comes_back[end] = first_return(arcs[first[end] : first[end + 1]], head_place, head_layer) >= 0
    return arcs[: first[-1]].copy(), first, comes_back
