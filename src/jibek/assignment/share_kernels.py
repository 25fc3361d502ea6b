"""Compiled kernels that hold the shares of bushes: from trips to flows on arcs, from costs of arcs to those of ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from jibek.assignment.tree_kernels import BYTES, FLOATS, INDEX_MATRIX, INDICES, READ_FLOATS, TRIPS
from jibek.network.compiler import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Indices = NDArray[np.uint32]
    IndexMatrix = NDArray[np.uint32]
    Floats = NDArray[np.float64]
    Bytes = NDArray[np.uint8]

__all__ = ["average_costs", "spread_trips"]

_PAIRS = (*TRIPS[1:3], BYTES)
_BUSHES = (INDICES, INDEX_MATRIX, INDEX_MATRIX, INDICES, INDICES, FLOATS)


@compiled(types.float64(types.int64, types.int64, types.int64, READ_FLOATS), within=True, inline=True)
def _share(edge: int, begin: int, end: int, flow: Floats) -> float:
    """Give the share of an edge in what comes to its node by the edges from ``begin`` on; the first has it all of 0."""
    if end == begin + 1:
        return 1.0
    total = 0.0
    for other in range(begin, end):
        total += flow[other]
    if total <= 0.0:
        return 1.0 if edge == begin else 0.0
    return flow[edge] / total  # type: ignore[no-any-return]


@compiled(types.UniTuple(FLOATS, 2)(types.int64, READ_FLOATS, *_PAIRS, *_BUSHES))
def spread_trips(
    n_arcs: int,
    trips: Floats,
    first_pair: Ints,
    destination: Indices,
    joined: Bytes,
    n_reached: Indices,
    order: IndexMatrix,
    first_edge: IndexMatrix,
    edge_arc: Indices,
    edge_from: Indices,
    flow: Floats,
) -> tuple[Floats, Floats]:
    """Spread trips over the edges of bushes in the shares in which the edges carry flow.

    Parameters
    ----------
    n_arcs : int
        Arcs of the graph.
    trips : float64 array, shape (n_pairs,)
        Trips, or changes of trips of either sign.
    first_pair, destination, joined, n_reached, order, first_edge, edge_arc, edge_from, flow
        Bushes as in `jibek.assignment.tree_kernels.grow_bushes`.

    Returns
    -------
    edge_flow : float64 array, shape (n_edges,)
        What comes to each edge.
    arc_flow : float64 array, shape (n_arcs,)
        The same by arcs.
    """
    edge_flow, arc_flow = np.zeros(len(flow)), np.zeros(n_arcs)
    passing, position = np.empty(order.shape[1]), np.empty(order.shape[1], np.uint32)
    for bush in range(len(n_reached)):
        n, first = n_reached[bush], first_edge[bush]
        for place in range(n):
            position[order[bush, place]] = place
            passing[place] = 0.0
        for pair in range(first_pair[bush], first_pair[bush + 1]):
            if joined[pair] != 0:
                passing[position[destination[pair]]] += trips[pair]
        for place in range(n - 1, 0, -1):
            for edge in range(first[place], first[place + 1]):
                edge_flow[edge] = passing[place] * _share(edge, first[place], first[place + 1], flow)
                passing[edge_from[edge]] += edge_flow[edge]
                arc_flow[edge_arc[edge]] += edge_flow[edge]
    return edge_flow, arc_flow


@compiled(FLOATS(READ_FLOATS, *_PAIRS, *_BUSHES))
def average_costs(
    cost: Floats,
    first_pair: Ints,
    destination: Indices,
    joined: Bytes,
    n_reached: Indices,
    order: IndexMatrix,
    first_edge: IndexMatrix,
    edge_arc: Indices,
    edge_from: Indices,
    flow: Floats,
) -> Floats:
    """Give what a trip of each pair costs on average over its ways; the transpose of `spread_trips`.

    Parameters
    ----------
    cost : float64 array, shape (n_arcs,)
        Cost of each arc.
    first_pair, destination, joined, n_reached, order, first_edge, edge_arc, edge_from, flow
        Bushes as in `jibek.assignment.tree_kernels.grow_bushes`.

    Returns
    -------
    float64 array, shape (n_pairs,)
        0 where no way leads.
    """
    average = np.zeros(len(destination))
    label, position = np.zeros(order.shape[1]), np.empty(order.shape[1], np.uint32)
    for bush in range(len(n_reached)):
        n, first = n_reached[bush], first_edge[bush]
        for place in range(n):
            position[order[bush, place]] = place
            label[place] = 0.0
            for edge in range(first[place], first[place + 1]):
                share = _share(edge, first[place], first[place + 1], flow)
                if share > 0.0:
                    label[place] += share * (label[edge_from[edge]] + cost[edge_arc[edge]])
        for pair in range(first_pair[bush], first_pair[bush + 1]):
            if joined[pair] != 0:
                average[pair] = label[position[destination[pair]]]
    return average
