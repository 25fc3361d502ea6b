"""Compiled kernels that read a solved assignment: who passes an arc, which routes trips take, what ways cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from jibek.assignment.tree_kernels import (
    BUSHES,
    BYTES,
    FLOATS,
    GRAPH,
    INDICES,
    READ_FLOATS,
    READ_INDICES,
    TRIPS,
)
from jibek.network.compiler import compiled
from jibek.network.kernels import ALL, grow_tree, tree_room

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Indices = NDArray[np.uint32]
    IndexMatrix = NDArray[np.uint32]
    Floats = NDArray[np.float64]
    Matrix = NDArray[np.float64]
    Matrices = NDArray[np.float64]
    Bytes = NDArray[np.uint8]

__all__ = ["select_arc", "skim_trees", "trace_routes"]

_INTS = types.int64[::1]
_MATRIX, _MATRICES = types.float64[:, ::1], types.float64[:, :, ::1]
_PAIRS = TRIPS[1:]


@compiled(types.void(types.int64, types.int64, READ_INDICES, READ_INDICES, READ_FLOATS, FLOATS, FLOATS), within=True)
def _find_passed(
    n: int, chosen: int, first: Indices, edge_from: Indices, flow: Floats, passed: Floats, total: Floats
) -> None:
    """Find the share of the trips at each position that have passed an edge, and the trips there in all."""
    for place in range(n):
        passed[place] = total[place] = 0.0
        for edge in range(first[place], first[place + 1]):
            total[place] += flow[edge]
            passed[place] += flow[edge] * (1.0 if edge == chosen else passed[edge_from[edge]])
        if total[place] > 0.0:
            passed[place] /= total[place]


@compiled(FLOATS(types.int64, *_PAIRS, READ_INDICES, *BUSHES, FLOATS))
def select_arc(
    arc: int,
    first_pair: Ints,
    destination: Indices,
    trips: Floats,
    n_reached: Indices,
    order: IndexMatrix,
    first_edge: IndexMatrix,
    edge_arc: Indices,
    edge_from: Indices,
    flow: Floats,
    arc_flow: Floats,
) -> Floats:
    """Find the trips of each pair that pass an arc, shape (n_pairs,), and where else they go.

    Seen from its end, a trip comes to each node by one of the node's edges, in the shares of their flows, whatever it
    does afterwards. So the share of the trips at a node that have passed the arc follows from the nodes before; and
    what passes the arc goes back from its tail to the root in the same shares.

    Parameters
    ----------
    arc : int
        Arc.
    first_pair, destination, trips, n_reached, order, first_edge, edge_arc, edge_from, flow
        Bushes as in `jibek.assignment.tree_kernels.grow_bushes`.
    arc_flow : float64 array, shape (n_arcs,)
        The trips that pass the arc are added to each arc that they use.
    """
    n_nodes = order.shape[1]
    passed, before, total = np.empty(n_nodes), np.empty(n_nodes), np.empty(n_nodes)
    position = np.empty(n_nodes, np.uint32)
    through = np.zeros(len(trips))
    for bush in range(len(n_reached)):
        n, first = n_reached[bush], first_edge[bush]
        chosen = -1
        for edge in range(first[0], first[n]):
            if edge_arc[edge] == arc and flow[edge] > 0.0:
                chosen = edge
        if chosen < 0:
            continue
        _find_passed(n, chosen, first, edge_from, flow, passed, total)
        position[:] = 0  # so that nothing has passed where no way leads
        for place in range(n):
            position[order[bush, place]] = place
            before[place] = 0.0
        for pair in range(first_pair[bush], first_pair[bush + 1]):
            through[pair] = trips[pair] * passed[position[destination[pair]]]
        for place in range(n - 1, 0, -1):
            for edge in range(first[place], first[place + 1]):
                if flow[edge] > 0.0:
                    back = flow[edge] * (1.0 if edge == chosen else before[place] / total[place])
                    before[edge_from[edge]] += back
                    arc_flow[edge_arc[edge]] += back + flow[edge] * passed[edge_from[edge]]
    return through


@compiled(
    types.Tuple((types.int64, types.float64))(
        types.int64,
        types.float64,
        READ_INDICES,
        READ_INDICES,
        READ_FLOATS,
        READ_FLOATS,
        INDICES,
        INDICES,
        INDICES,
        FLOATS,
    ),
    within=True,
)
def _go_back(
    depth: int,
    least_share: float,
    first: Indices,
    edge_from: Indices,
    flow: Floats,
    total: Floats,
    at: Indices,
    next_edge: Indices,
    taken: Indices,
    share: Floats,
) -> tuple[int, float]:
    """Go on along a way back, depth first, until it comes to the root or, at depth -1, no other is left.

    ``at``, ``next_edge``, ``taken`` and ``share`` hold the way so far: after each step back the position, the edge to
    try next there, the edge taken, and the share of trips. Also gives the share of the ways that were given up.
    """
    left_out = 0.0
    while depth >= 0 and at[depth] > 0:
        place, edge = at[depth], next_edge[depth]
        if edge == first[place + 1]:
            depth -= 1
            continue
        next_edge[depth] += 1
        its = share[depth] * (flow[edge] / total[place])
        if its < least_share:
            left_out += its
        elif flow[edge] > 0.0:
            taken[depth] = edge
            depth += 1
            at[depth], share[depth] = edge_from[edge], its
            next_edge[depth] = first[at[depth]]
    return depth, left_out


@compiled(
    types.UniTuple(types.int64, 2)(
        types.float64, BYTES, *_PAIRS[:2], READ_INDICES, *BUSHES, _INTS, FLOATS, _INTS, INDICES, FLOATS
    )
)
def trace_routes(
    least_share: float,
    wanted: Bytes,
    first_pair: Ints,
    destination: Indices,
    n_reached: Indices,
    order: IndexMatrix,
    first_edge: IndexMatrix,
    edge_arc: Indices,
    edge_from: Indices,
    flow: Floats,
    pair_of: Ints,
    share: Floats,
    length: Ints,
    arcs: Indices,
    left_out: Floats,
) -> tuple[int, int]:
    """Follow trips back from where they end, at each node in the shares of its edges' flows, and write their routes.

    A way back is given up where less than ``least_share`` of the pair's trips would take it; so there are never more
    than ``1 / least_share`` of them at hand. Without room for results, routes and their arcs are counted only.

    Parameters
    ----------
    least_share : float
        Share of a pair's trips below which a route is left out.
    wanted : uint8 array, shape (n_pairs,)
        1 for the pairs whose routes are asked for; a way has to join them.
    first_pair, destination, n_reached, order, first_edge, edge_arc, edge_from, flow
        Bushes as in `jibek.assignment.tree_kernels.grow_bushes`.
    pair_of : int64 array, shape (n_routes,) or (0,)
        Gets the pair of each route, ascending.
    share : float64 array, shape (n_routes,) or (0,)
        Gets the share of the pair's trips.
    length : int64 array, shape (n_routes,) or (0,)
        Gets the number of arcs.
    arcs : uint32 array, shape (n_arcs,) or (0,)
        Gets the arcs of all routes, one route after the other, each from origin to destination.
    left_out : float64 array, shape (n_pairs,)
        Gets the share of the pair's trips whose routes are left out; 0 where none is.

    Returns
    -------
    n_routes, n_arcs : int
        Number of routes, and of arcs of all routes.
    """
    n_nodes = order.shape[1]
    position, total, passed = np.empty(n_nodes, np.uint32), np.empty(n_nodes), np.empty(n_nodes)
    at, next_edge, taken = np.empty(n_nodes, np.uint32), np.empty(n_nodes, np.uint32), np.empty(n_nodes, np.uint32)
    on_way = np.empty(n_nodes)
    n_routes = n_arcs = 0
    for bush in range(len(n_reached)):
        first = first_edge[bush]
        _find_passed(n_reached[bush], -1, first, edge_from, flow, passed, total)
        for place in range(n_reached[bush]):
            position[order[bush, place]] = place
        for pair in range(first_pair[bush], first_pair[bush + 1]):
            left_out[pair] = 0.0
            if wanted[pair] == 0:
                continue
            depth, at[0], on_way[0] = 0, position[destination[pair]], 1.0
            next_edge[0] = first[at[0]]
            while depth >= 0:
                depth, given_up = _go_back(
                    depth, least_share, first, edge_from, flow, total, at, next_edge, taken, on_way
                )
                left_out[pair] += given_up
                if depth < 0:
                    break
                if len(share) > 0:
                    pair_of[n_routes], share[n_routes], length[n_routes] = pair, on_way[depth], depth
                    for step in range(depth):
                        arcs[n_arcs + step] = edge_arc[taken[depth - 1 - step]]
                n_routes += 1
                n_arcs += depth
                depth -= 1
    return n_routes, n_arcs


@compiled(types.void(*GRAPH, _MATRIX, READ_INDICES, READ_INDICES, _MATRICES))
def skim_trees(
    first_out: Indices,
    head: Indices,
    tail: Indices,
    cost: Floats,
    measure: Matrix,
    origin: Indices,
    root: Indices,
    skims: Matrices,
) -> None:
    """Add up measures along the cheapest ways from some origins to all zones.

    Parameters
    ----------
    first_out, head, tail, cost
        As in `jibek.assignment.tree_kernels.grow_bushes`.
    measure : float64 array, shape (n_measures, n_arcs)
        What is added up beside the cost.
    origin, root : uint32 arrays, shape (n_origins,)
        Zones, and the nodes where their trips begin.
    skims : float64 array, shape (1 + n_measures, n_zones, n_zones)
        Where the rows of these origins are written, cost first: infinite where no way leads, 0 within a zone.
    """
    n_nodes, n_zones, n_measures = len(first_out) - 1, skims.shape[2], len(measure)
    distance, along = np.empty(n_nodes), np.empty((n_nodes, n_measures))
    predecessor, room = np.empty(n_nodes, np.uint32), tree_room(n_nodes, cost)
    for row in range(len(root)):
        n = grow_tree(first_out, head, cost, root[row], ALL, distance, predecessor, *room)
        along[:] = np.inf
        along[root[row]] = 0.0
        for node in room[1][1:n]:
            arc = predecessor[node]
            for number in range(n_measures):
                along[node, number] = along[tail[arc], number] + measure[number, arc]
        for zone in range(n_zones):
            inside = zone == origin[row]
            skims[0, origin[row], zone] = 0.0 if inside else distance[zone]
            for number in range(n_measures):
                skims[1 + number, origin[row], zone] = 0.0 if inside else along[zone, number]
