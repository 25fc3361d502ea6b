"""Compiled kernels that grow and mend bushes, acyclic sets of arcs that an origin uses: arithmetic only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from jibek.assignment.tree_kernels import (
    BUSHES,
    BYTES,
    FLOATS,
    GRAPH,
    INDEX_MATRIX,
    INDICES,
    READ_FLOATS,
    READ_INDICES,
    TRIPS,
    correct_labels,
    label_forward,
)
from jibek.network.compiler import compiled
from jibek.network.kernels import ALL, NONE, grow_tree, tree_room

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Indices = NDArray[np.uint32]
    IndexMatrix = NDArray[np.uint32]
    Floats = NDArray[np.float64]
    Bytes = NDArray[np.uint8]

__all__ = ["mend_bushes"]

_DUST = 1e-14  # share of what passes a node below which an edge counts as unused
_MANY = 32  # above a 32nd of the nodes a tree is grown anew rather than corrected


@compiled(types.void(types.int64, READ_INDICES, READ_INDICES, FLOATS, FLOATS), within=True)
def _settle_flows(n: int, first: Indices, edge_from: Indices, passing: Floats, flow: Floats) -> None:
    """Carry all trips back from where they end to the root, in the shares in which edges carry them now.

    So nothing is lost or made by rounding. ``passing`` holds the trips that end at each position and gets those that
    pass it.
    """
    for place in range(n - 1, 0, -1):
        begin, end = first[place], first[place + 1]
        through = passing[place]
        if through <= 0.0:
            for edge in range(begin, end):
                flow[edge] = 0.0
            continue
        if end == begin + 1:
            flow[begin] = through
            passing[edge_from[begin]] += through
            continue
        total = 0.0
        for edge in range(begin, end):
            if flow[edge] < _DUST * through:
                flow[edge] = 0.0
            total += flow[edge]
        if total <= 0.0:
            flow[begin] = total = through
        for edge in range(begin, end):
            if flow[edge] > 0.0:
                flow[edge] *= through / total
                passing[edge_from[edge]] += flow[edge]


@compiled(
    types.void(
        types.int64,
        types.int64,
        READ_INDICES,
        READ_INDICES,
        READ_INDICES,
        READ_FLOATS,
        READ_INDICES,
        READ_INDICES,
        READ_INDICES,
        READ_INDICES,
        BYTES,
    ),
    within=True,
)
def _mark_sources(
    low: int,
    high: int,
    tail: Indices,
    first: Indices,
    edge_arc: Indices,
    flow: Floats,
    tree: Indices,
    was: Indices,
    order: Indices,
    position: Indices,
    marked: Bytes,
) -> None:
    """Mark the nodes from ``low`` on that lead to the node at ``high``, until that at ``low`` is one of them."""
    target = order[low]
    marked[order[high]] = 1
    for place in range(high, low, -1):
        node = order[place]
        if marked[node] == 0:
            continue
        before = tail[tree[node]]
        if position[before] >= low:
            marked[before] = 1
        for edge in range(first[was[node]], first[was[node] + 1]):
            before = tail[edge_arc[edge]]
            if flow[edge] > 0.0 and position[before] >= low:
                marked[before] = 1
        if marked[target] != 0:
            break


@compiled(
    types.boolean(
        types.int64,
        types.int64,
        READ_INDICES,
        READ_INDICES,
        READ_INDICES,
        READ_FLOATS,
        READ_INDICES,
        READ_INDICES,
        INDICES,
        INDICES,
        BYTES,
        INDICES,
    ),
    within=True,
)
def _make_way(
    low: int,
    high: int,
    tail: Indices,
    first: Indices,
    edge_arc: Indices,
    flow: Floats,
    tree: Indices,
    was: Indices,
    order: Indices,
    position: Indices,
    marked: Bytes,
    later: Indices,
) -> bool:
    """Change the order so that the node at ``high`` comes before that at ``low``, unless a way leads from low to high.

    Only positions between the two are touched (Pearce and Kelly 2006, A dynamic topological sort algorithm, section 3,
    with one search: the nodes from which ``high`` is reached move to the front together). Edges are the used ones and
    the arc ``tree`` of each node. ``marked`` is zero before and after.
    """
    _mark_sources(low, high, tail, first, edge_arc, flow, tree, was, order, position, marked)
    possible = marked[order[low]] == 0
    put, n_later = low, 0
    for place in range(low, high + 1):
        node = order[place]
        if marked[node] != 0:
            marked[node] = 0
            if possible:
                order[put] = node
                position[node] = put
                put += 1
        elif possible:
            later[n_later] = node
            n_later += 1
    for number in range(n_later):
        order[put + number] = later[number]
        position[later[number]] = put + number
    return bool(possible)


@compiled(types.void(types.int64, READ_INDICES, READ_INDICES, INDICES, INDICES), within=True)
def _find_core(n: int, first: Indices, edge_from: Indices, parting: Indices, reach: Indices) -> None:
    """Find the core of a bush, the nodes on the unlike ways to its merges.

    The ways to a node part at its immediate dominator, the last node that all of them pass. In topological order it is
    the nearest common ancestor of the node's predecessors in the tree of dominators (Cooper, Harvey and Kennedy 2001).
    ``reach`` gets the earliest position to which a node's own ways have to be followed, or ``n`` where it is no part
    of the core.
    """
    parting[0] = 0
    reach[:n] = n
    for place in range(1, n):
        a = edge_from[first[place]]
        for edge in range(first[place] + 1, first[place + 1]):
            b = edge_from[edge]
            while a != b:
                if a > b:
                    a = parting[a]
                else:
                    b = parting[b]
        parting[place] = a
    for place in range(n - 1, 0, -1):
        begin, end = first[place], first[place + 1]
        if end > begin + 1:
            reach[place] = min(reach[place], parting[place])
        if reach[place] < n:
            for edge in range(begin, end):
                before = edge_from[edge]
                if before > reach[place]:
                    reach[before] = min(reach[before], reach[place])


@compiled(
    types.void(
        types.int64,
        READ_INDICES,
        READ_FLOATS,
        READ_INDICES,
        READ_INDICES,
        READ_FLOATS,
        READ_INDICES,
        READ_FLOATS,
        READ_INDICES,
        INDICES,
        INDICES,
        INDICES,
        BYTES,
        INDICES,
        INDICES,
    ),
    within=True,
)
def _take_in(
    n: int,
    tail: Indices,
    cost: Floats,
    first: Indices,
    edge_arc: Indices,
    flow: Floats,
    nearest: Indices,
    within: Floats,
    was: Indices,
    tree: Indices,
    order: Indices,
    position: Indices,
    marked: Bytes,
    shorter: Indices,
    later: Indices,
) -> None:
    """Make ``tree`` the last arc of the shortest way to each node, where that closes no cycle.

    Arcs that shorten a way by the bush's own labels come first. In a bush in equilibrium none of them closes a cycle
    (Nie 2010, A class of bush-based algorithms for the traffic assignment problem, Transportation Research B 44), while
    one that needs other new arcs before it might stand in their way.
    """
    for at_once in (True, False):
        n_shorter = 0
        for place in range(1, n):
            node = order[place]
            arc = nearest[node]
            if arc != tree[node] and (within[tail[arc]] + cost[arc] < within[node]) == at_once:
                shorter[n_shorter] = node
                n_shorter += 1
        for node in shorter[:n_shorter]:
            low, high = position[node], position[tail[nearest[node]]]
            if high < low or _make_way(
                low, high, tail, first, edge_arc, flow, tree, was, order, position, marked, later
            ):
                tree[node] = nearest[node]


@compiled(
    types.int64(
        types.int64,
        types.int64,
        READ_INDICES,
        READ_FLOATS,
        READ_INDICES,
        READ_INDICES,
        READ_FLOATS,
        READ_INDICES,
        READ_INDICES,
        READ_INDICES,
        READ_INDICES,
        INDICES,
        INDICES,
        INDICES,
        FLOATS,
        FLOATS,
        FLOATS,
    ),
    within=True,
)
def _rewrite(
    n: int,
    n_edges: int,
    tail: Indices,
    cost: Floats,
    first: Indices,
    edge_arc: Indices,
    flow: Floats,
    tree: Indices,
    was: Indices,
    order: Indices,
    position: Indices,
    new_first: Indices,
    new_arc: Indices,
    new_from: Indices,
    new_flow: Floats,
    arc_flow: Floats,
    spent: Floats,
) -> int:
    """Write the used edges of a bush and the arcs ``tree`` in the order, from edge ``n_edges`` on; count all edges."""
    new_first[0] = new_first[1] = n_edges
    for place in range(1, n):
        node = order[place]
        wanted = tree[node]
        for edge in range(first[was[node]], first[was[node] + 1]):
            arc = edge_arc[edge]
            if arc == wanted:
                wanted = NONE
            elif flow[edge] <= 0.0:
                continue
            new_arc[n_edges], new_from[n_edges], new_flow[n_edges] = arc, position[tail[arc]], flow[edge]
            spent[0] += flow[edge] * cost[arc]
            arc_flow[arc] += flow[edge]
            n_edges += 1
        if wanted != NONE:
            new_arc[n_edges], new_from[n_edges], new_flow[n_edges] = wanted, position[tail[wanted]], 0.0
            n_edges += 1
        new_first[place + 1] = n_edges
    return n_edges


@compiled(
    types.UniTuple(types.int64, 2)(
        types.int64, types.int64, types.int64, READ_INDICES, READ_INDICES, INDICES, INDICES, INDICES, INDICES
    ),
    within=True,
)
def _write_core(
    n: int,
    n_rows: int,
    n_edges: int,
    first: Indices,
    edge_from: Indices,
    reach: Indices,
    core_first: Indices,
    core_edge: Indices,
    core_from: Indices,
) -> tuple[int, int]:
    """Write the core of a bush from row ``n_rows`` and edge ``n_edges`` on, and count all rows and edges.

    ``reach`` is that of `_find_core` and gets the row of each position, counted from 1, and 0 outside of the core.
    """
    for place in range(n):
        if reach[place] == n:
            reach[place] = 0
            continue
        core_first[n_rows] = n_edges
        n_rows += 1
        reach[place] = n_rows
        for edge in range(first[place], first[place + 1]):
            core_edge[n_edges], core_from[n_edges] = edge, reach[edge_from[edge]]
            n_edges += 1
    return n_rows, n_edges


@compiled(
    types.Tuple((INDEX_MATRIX, INDICES, INDICES, FLOATS, INDICES, INDICES, INDICES, INDICES, FLOATS, FLOATS, FLOATS))(
        *GRAPH, *TRIPS, BYTES, READ_INDICES, *BUSHES
    )
)
def mend_bushes(
    first_out: Indices,
    head: Indices,
    tail: Indices,
    cost: Floats,
    root: Indices,
    first_pair: Ints,
    destination: Indices,
    trips: Floats,
    joined: Bytes,
    n_reached: Indices,
    order: IndexMatrix,
    first_edge: IndexMatrix,
    edge_arc: Indices,
    edge_from: Indices,
    flow: Floats,
) -> tuple[IndexMatrix, Indices, Indices, Floats, Indices, Indices, Indices, Indices, Floats, Floats, Floats]:
    """Bring bushes up to date with costs: unused edges go, shortest ways come.

    An arc of the shortest-path tree is taken in if it closes no cycle; the order is changed where needed
    (`_make_way`). Where it would, the shortest way that keeps the order stays instead: flow has to leave the other way
    round first.

    Parameters
    ----------
    first_out, head, tail, cost, root, first_pair, destination, trips
        As in `jibek.assignment.tree_kernels.grow_bushes`.
    joined, n_reached, order, first_edge, edge_arc, edge_from, flow
        Bushes as `grow_bushes` gives them; ``order`` and ``flow`` are changed in place.

    Returns
    -------
    first_edge, edge_arc, edge_from, flow
        The new bushes.
    first_core : uint32 array, shape (n_bushes + 1,)
        The core of a bush, the nodes on unlike ways to its merges in topological order, are the rows
        ``first_core[bush]`` to ``first_core[bush + 1] - 1``.
    core_first : uint32 array, shape (n_core_nodes + 1,)
        Edges of the core that come to each of its nodes.
    core_edge, core_from : uint32 arrays, shape (n_core_edges,)
        Edge of the bush; row of the core from which it leads, counted from 1, or 0 from the node outside of the core
        where ways part.
    arc_flow : float64 array, shape (n_arcs,)
        Trips of all these bushes on each arc.
    spent : float64 array, shape (2,)
        Cost of all trips, and their cost if each went the shortest way at these costs.
    least : float64 array, shape (n_pairs,)
        Cost of the shortest way of each pair, infinite where no way leads.
    """
    n_nodes, n_bushes = len(first_out) - 1, len(root)
    room = len(edge_arc) + n_bushes * n_nodes
    new_first = np.zeros((n_bushes, n_nodes + 1), np.uint32)
    new_arc, new_from, new_flow = np.empty(room, np.uint32), np.empty(room, np.uint32), np.empty(room)
    first_core, core_first = np.zeros(n_bushes + 1, np.uint32), np.empty(room + 1, np.uint32)
    core_edge, core_from = np.empty(room, np.uint32), np.empty(room, np.uint32)
    arc_flow, spent, least = np.zeros(len(head)), np.zeros(2), np.full(len(trips), np.inf)
    distance, passing, within = np.empty(n_nodes), np.empty(n_nodes), np.empty(n_nodes)
    nearest, tree = np.empty(n_nodes, np.uint32), np.empty(n_nodes, np.uint32)
    position, was = np.empty(n_nodes, np.uint32), np.empty(n_nodes, np.uint32)
    one, two = np.empty(n_nodes, np.uint32), np.empty(n_nodes, np.uint32)
    marked = np.zeros(n_nodes, np.uint8)
    room_for_tree = tree_room(n_nodes, cost)
    n_rows = n_core_edges = n_edges = 0
    for bush in range(n_bushes):
        nodes, first, n = order[bush], first_edge[bush], n_reached[bush]
        for place in range(n):
            position[nodes[place]] = was[nodes[place]] = place
            passing[place] = 0.0
        for pair in range(first_pair[bush], first_pair[bush + 1]):
            if joined[pair] != 0:
                passing[position[destination[pair]]] += trips[pair]
        _settle_flows(n, first, edge_from, passing, flow)

        changed = label_forward(
            n,
            root[bush],
            first_out,
            head,
            tail,
            cost,
            first,
            edge_arc,
            nodes,
            position,
            marked,
            distance,
            nearest,
            tree,
            within,
        )
        if changed > n // _MANY:
            marked[:] = 0
            grow_tree(first_out, head, cost, root[bush], ALL, distance, nearest, *room_for_tree)
        elif changed > 0:
            correct_labels(n, first_out, head, cost, nodes, position, marked, distance, nearest)
        for pair in range(first_pair[bush], first_pair[bush + 1]):
            if joined[pair] != 0:
                least[pair] = distance[destination[pair]]
                spent[1] += trips[pair] * least[pair]

        if changed > 0:
            _take_in(
                n, tail, cost, first, edge_arc, flow, nearest, within, was, tree, nodes, position, marked, one, two
            )

        new, parting, reach = new_first[bush], one, two
        n_edges = _rewrite(
            n,
            n_edges,
            tail,
            cost,
            first,
            edge_arc,
            flow,
            tree,
            was,
            nodes,
            position,
            new,
            new_arc,
            new_from,
            new_flow,
            arc_flow,
            spent,
        )
        _find_core(n, new, new_from, parting, reach)
        n_rows, n_core_edges = _write_core(
            n, n_rows, n_core_edges, new, new_from, reach, core_first, core_edge, core_from
        )
        first_core[bush + 1] = n_rows
    core_first[n_rows] = n_core_edges
    return (
        new_first,
        new_arc[:n_edges].copy(),
        new_from[:n_edges].copy(),
        new_flow[:n_edges].copy(),
        first_core,
        core_first[: n_rows + 1].copy(),
        core_edge[:n_core_edges].copy(),
        core_from[:n_core_edges].copy(),
        arc_flow,
        spent,
        least,
    )
