"""Shortest paths over a network: trees of all nodes, and the arcs of one path; cost in, cost out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.network.network import Network

__all__ = ["path_to", "shortest_tree"]


def shortest_tree(
    network: Network, cost: NDArray[np.float64], origin: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Grow the shortest-path tree of one origin with the compiled kernel.

    Parameters
    ----------
    network
        The graph.
    cost
        Non-negative cost of each arc; infinite where it is closed.
    origin
        Node number, for example ``network.origin_node[place]``.

    Returns
    -------
    distance : float64 array, shape (n_nodes,)
        Infinite where nothing leads.
    predecessor : int64 array, shape (n_nodes,)
        Arc by which each node is reached, -1 where none.
    """
    # Loading the compiler takes longer than most questions, so only those who ask for trees pay.
    from jibek.network import kernels  # noqa: PLC0415

    distance, predecessor = kernels.shortest_tree(
        network.first_out, network.arc_to, np.ascontiguousarray(cost, dtype=np.float64), int(origin)
    )
    return distance, predecessor


def path_to(network: Network, predecessor: NDArray[np.int64], node: int) -> list[int]:
    """Follow a tree back from a node and list the arcs from the root to it."""
    arcs = []
    while (arc := int(predecessor[node])) >= 0:
        arcs.append(arc)
        node = int(network.arc_from[arc])
    return arcs[::-1]
