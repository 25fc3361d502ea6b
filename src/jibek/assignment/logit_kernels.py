"""Compiled kernels of logit choice within bushes: which arcs they hold, loading, and how it answers costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from jibek.assignment.tree_kernels import (
    BUSHES,
    FLOATS,
    GRAPH,
    INDEX_MATRIX,
    INDICES,
    READ_FLOATS,
    READ_INDICES,
    TRIPS,
)
from jibek.network.compiler import compiled
from jibek.network.kernels import ALL, NONE, grow_tree, tree_room

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Indices = NDArray[np.uint32]
    IndexMatrix = NDArray[np.uint32]
    Floats = NDArray[np.float64]

__all__ = ["answer_costs", "load_bushes", "widen_bushes"]


@compiled(types.void(types.int64, READ_INDICES, READ_FLOATS, INDICES, INDICES), within=True)
def _by_distance(n: int, left: Indices, distance: Floats, nodes: Indices, position: Indices) -> None:
    """Sort nodes by distance, those as far in the order in which a tree left them; hardly any has to move."""
    for number in range(n):
        node, place = left[number], number
        while place > 0 and distance[nodes[place - 1]] > distance[node]:
            nodes[place] = nodes[place - 1]
            position[nodes[place]] = place
            place -= 1
        nodes[place], position[node] = node, place


@compiled(types.Tuple((INDICES, INDEX_MATRIX, INDEX_MATRIX, INDICES, INDICES))(*GRAPH[:2], READ_FLOATS, READ_INDICES))
def widen_bushes(
    first_out: Indices, head: Indices, cost: Floats, root: Indices
) -> tuple[Indices, IndexMatrix, IndexMatrix, Indices, Indices]:
    """Make of each bush all arcs that lead away from its root (Dial 1971, Transportation Research 5, reasonable paths).

    An arc leads away if its head is farther from the root than its tail, or as far and later in the tree's order.

    Parameters
    ----------
    first_out, head, cost, root
        As in `jibek.assignment.tree_kernels.grow_bushes`.

    Returns
    -------
    n_reached, order, first_edge, edge_arc, edge_from
        The bushes, as `grow_bushes` gives them.
    """
    n_nodes, n_bushes = len(first_out) - 1, len(root)
    n_reached, order = np.zeros(n_bushes, np.uint32), np.zeros((n_bushes, n_nodes), np.uint32)
    first_edge = np.zeros((n_bushes, n_nodes + 1), np.uint32)
    edge_arc, edge_from = np.empty(n_bushes * len(head), np.uint32), np.empty(n_bushes * len(head), np.uint32)
    distance, predecessor = np.empty(n_nodes), np.empty(n_nodes, np.uint32)
    room, free = tree_room(n_nodes, cost), np.empty(n_nodes, np.uint32)
    position = room[2]
    n_edges = 0
    for bush in range(n_bushes):
        nodes, first = order[bush], first_edge[bush]
        n = grow_tree(first_out, head, cost, root[bush], ALL, distance, predecessor, *room)
        n_reached[bush] = n
        _by_distance(n, room[1], distance, nodes, position)
        for place in range(n):
            for arc in range(first_out[nodes[place]], first_out[nodes[place] + 1]):
                if cost[arc] < np.inf and position[head[arc]] > place:
                    first[position[head[arc]] + 1] += 1
        first[0] = n_edges
        for place in range(n):
            first[place + 1] += first[place]
            free[place] = first[place]
        for place in range(n):
            for arc in range(first_out[nodes[place]], first_out[nodes[place] + 1]):
                if cost[arc] < np.inf and position[head[arc]] > place:
                    edge = free[position[head[arc]]]
                    edge_arc[edge], edge_from[edge] = arc, place
                    free[position[head[arc]]] += 1
        n_edges = first[n]
    return n_reached, order, first_edge, edge_arc[:n_edges].copy(), edge_from[:n_edges].copy()


@compiled(types.UniTuple(FLOATS, 2)(types.float64, READ_FLOATS, *TRIPS[1:], READ_INDICES, *BUSHES))
def load_bushes(
    spread: float,
    cost: Floats,
    first_pair: Ints,
    destination: Indices,
    trips: Floats,
    n_reached: Indices,
    order: IndexMatrix,
    first_edge: IndexMatrix,
    edge_arc: Indices,
    edge_from: Indices,
    flow: Floats,
) -> tuple[Floats, Floats]:
    """Spread trips over all ways of their bush, each in proportion to ``exp(-cost / spread)``.

    No way is listed: by the expected least cost of each node the trips that pass it divide among the arcs that come to
    it (Dial 1971). Weights are taken relative to the cheapest of these, so that none overflows and they sum to 1.

    Parameters
    ----------
    spread : float
        In units of cost, above 0.
    cost : float64 array, shape (n_arcs,)
        Finite on the arcs of the bushes.
    first_pair, destination, trips, n_reached, order, first_edge, edge_arc, edge_from, flow
        Bushes as `jibek.assignment.tree_kernels.grow_bushes` gives them; ``flow`` is written.

    Returns
    -------
    least : float64 array, shape (n_pairs,)
        Expected least cost, ``-spread * log(sum of exp(-cost / spread))`` over all ways; infinite where there is none.
    arc_flow : float64 array, shape (n_arcs,)
        Trips of all these bushes on each arc.
    """
    n_nodes = order.shape[1]
    least, arc_flow = np.full(len(trips), np.inf), np.zeros(len(cost))
    position, label, passing = np.empty(n_nodes, np.uint32), np.zeros(n_nodes), np.empty(n_nodes)
    for bush in range(len(n_reached)):
        first, n = first_edge[bush], n_reached[bush]
        position[:] = NONE
        position[order[bush, 0]] = 0
        for place in range(1, n):
            position[order[bush, place]] = place
            begin, end = first[place], first[place + 1]
            nearest = np.inf
            for edge in range(begin, end):
                flow[edge] = label[edge_from[edge]] + cost[edge_arc[edge]]
                nearest = min(nearest, flow[edge])
            total = 0.0
            for edge in range(begin, end):
                flow[edge] = np.exp((nearest - flow[edge]) / spread)
                total += flow[edge]
            for edge in range(begin, end):
                flow[edge] /= total
            label[place] = nearest - spread * np.log(total)
        passing[:n] = 0.0
        for pair in range(first_pair[bush], first_pair[bush + 1]):
            place = position[destination[pair]]
            if place != NONE:
                least[pair] = label[place]
                passing[place] += trips[pair]
        for place in range(n - 1, 0, -1):
            for edge in range(first[place], first[place + 1]):
                flow[edge] *= passing[place]
                passing[edge_from[edge]] += flow[edge]
                arc_flow[edge_arc[edge]] += flow[edge]
    return least, arc_flow


@compiled(FLOATS(types.float64, READ_FLOATS, READ_INDICES, *BUSHES[1:]))
def answer_costs(
    spread: float,
    change: Floats,
    n_reached: Indices,
    first_edge: IndexMatrix,
    edge_arc: Indices,
    edge_from: Indices,
    flow: Floats,
) -> Floats:
    """Give the derivative of what `load_bushes` loads in the direction of a change of costs.

    It follows the loading forward and back once: expected costs of nodes change by the mean of what comes to them, the
    shares of arcs by how much dearer than that mean they get.

    Parameters
    ----------
    spread, n_reached, first_edge, edge_arc, edge_from, flow
        Of the loading.
    change : float64 array, shape (n_arcs,)
        Change of costs.

    Returns
    -------
    float64 array, shape (n_arcs,)
        Change of trips on each arc.
    """
    answer = np.zeros(len(change))
    n_nodes = first_edge.shape[1] - 1
    mean, through, more = np.zeros(n_nodes), np.zeros(n_nodes), np.zeros(n_nodes)
    for bush in range(len(n_reached)):
        first, n = first_edge[bush], n_reached[bush]
        for place in range(1, n):
            through[place] = mean[place] = more[place] = 0.0
            for edge in range(first[place], first[place + 1]):
                through[place] += flow[edge]
                mean[place] += flow[edge] * (mean[edge_from[edge]] + change[edge_arc[edge]])
            if through[place] > 0.0:
                mean[place] /= through[place]
        for place in range(n - 1, 0, -1):
            if through[place] <= 0.0:
                continue
            for edge in range(first[place], first[place + 1]):
                before, arc = edge_from[edge], edge_arc[edge]
                dearer = mean[before] + change[arc] - mean[place]
                moved = flow[edge] * (more[place] / through[place] - dearer / spread)
                more[before] += moved
                answer[arc] += moved
    return answer
