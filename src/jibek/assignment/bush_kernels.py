"""Compiled kernels that grow and mend bushes, acyclic sets of arcs that an origin uses: arithmetic only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit, types

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Int32s = NDArray[np.int32]
    Int32Matrix = NDArray[np.int32]
    Floats = NDArray[np.float64]
    Bytes = NDArray[np.uint8]

__all__ = ["grow_bushes", "mend_bushes"]

_ARITY = 4
_DUST = 1e-14  # share of what passes a node below which an edge counts as unused
_MANY = 32  # above a 32nd of the nodes a tree is grown anew rather than corrected

_FLOATS, _INTS, _INT32S, _BYTES = types.float64[::1], types.int64[::1], types.int32[::1], types.uint8[::1]
_INT32_MATRIX = types.int32[:, ::1]
_READ_INTS = types.Array(types.int64, 1, "C", readonly=True)
_READ_INT32S = types.Array(types.int32, 1, "C", readonly=True)
_READ_FLOATS = types.Array(types.float64, 1, "C", readonly=True)
_GRAPH = (_READ_INT32S, _READ_INT32S, _READ_INT32S, _READ_FLOATS)
_TRIPS = (_READ_INT32S, _READ_INTS, _READ_INT32S, _READ_FLOATS)
_BUSHES = (_INT32_MATRIX, _INT32_MATRIX, _INT32S, _INT32S, _FLOATS)


@njit(  # type: ignore[untyped-decorator]
    types.int64(*_GRAPH[:2], _READ_FLOATS, types.int64, _FLOATS, _INT32S, _INT32S, _INT32S, _INT32S, _FLOATS),
    cache=True,
    nogil=True,
)
def _grow_tree(
    first_out: Int32s,
    head: Int32s,
    cost: Floats,
    root: int,
    distance: Floats,
    predecessor: Int32s,
    order: Int32s,
    heap: Int32s,
    slot_of: Int32s,
    key: Floats,
) -> int:
    """Grow a shortest-path tree (Dijkstra 1959), write nodes in the order in which they settle, and count them.

    Unlike `jibek.network.kernels.shortest_tree` it keeps that order, and keys beside the heap.
    """
    distance[:] = np.inf
    slot_of[:] = -1
    distance[root] = 0.0
    predecessor[root] = -1
    heap[0], key[0] = root, 0.0
    size, settled = 1, 0
    while size > 0:
        node = heap[0]
        order[settled] = node
        settled += 1
        size -= 1
        if size > 0:
            moved, its_key = heap[size], key[size]
            slot, child = 0, 1
            while child < size:
                least = child
                for other in range(child + 1, min(child + _ARITY, size)):
                    if key[other] < key[least]:
                        least = other
                if key[least] >= its_key:
                    break
                heap[slot], key[slot] = heap[least], key[least]
                slot_of[heap[slot]] = slot
                slot = least
                child = _ARITY * slot + 1
            heap[slot], key[slot] = moved, its_key
            slot_of[moved] = slot
        reached = distance[node]
        for arc in range(first_out[node], first_out[node + 1]):
            to = head[arc]
            label = reached + cost[arc]
            if label < distance[to]:
                slot = slot_of[to]
                if slot < 0:
                    slot = size
                    size += 1
                distance[to] = label
                predecessor[to] = arc
                while slot > 0:
                    above = (slot - 1) // _ARITY
                    if key[above] <= label:
                        break
                    heap[slot], key[slot] = heap[above], key[above]
                    slot_of[heap[slot]] = slot
                    slot = above
                heap[slot], key[slot] = to, label
                slot_of[to] = slot
    return settled


@njit(  # type: ignore[untyped-decorator]
    types.Tuple((_BYTES, _INT32S, *_BUSHES))(*_GRAPH, *_TRIPS), cache=True, nogil=True
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
    distance, key, passing = np.empty(n_nodes), np.empty(n_nodes), np.zeros(n_nodes)
    predecessor, position = np.empty(n_nodes, np.int32), np.empty(n_nodes, np.int32)
    heap, slot_of = np.empty(n_nodes, np.int32), np.empty(n_nodes, np.int32)
    n_edges = 0
    for bush in range(n_bushes):
        nodes = order[bush]
        n = _grow_tree(first_out, head, cost, root[bush], distance, predecessor, nodes, heap, slot_of, key)
        n_reached[bush] = n
        for place in range(n):
            position[nodes[place]] = place
            passing[place] = 0.0
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
    types.void(types.int64, _READ_INT32S, _READ_INT32S, _FLOATS, _FLOATS), cache=True, nogil=True
)
def _settle_flows(n: int, first: Int32s, edge_from: Int32s, passing: Floats, flow: Floats) -> None:
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


@njit(  # type: ignore[untyped-decorator]
    types.int64(
        types.int64,
        types.int64,
        *_GRAPH[:2],
        _READ_FLOATS,
        _READ_INT32S,
        _READ_INT32S,
        _BYTES,
        _FLOATS,
        _INT32S,
        _INT32S,
    ),
    cache=True,
    nogil=True,
)
def _label_forward(
    n: int,
    root: int,
    first_out: Int32s,
    head: Int32s,
    cost: Floats,
    order: Int32s,
    position: Int32s,
    changed: Bytes,
    distance: Floats,
    nearest: Int32s,
    forward: Int32s,
) -> int:
    """Find the shortest ways all of whose arcs lead forward in the order, and count the nodes with a shorter way yet.

    ``forward`` gets the last arc of the way to each node. ``distance`` and ``nearest`` already know of one arc back,
    and ``changed`` marks nodes that have one.
    """
    for place in range(n):
        distance[order[place]] = np.inf
    distance[root] = 0.0
    nearest[root] = forward[root] = -1
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
    types.void(types.int64, *_GRAPH[:2], _READ_FLOATS, _READ_INT32S, _READ_INT32S, _BYTES, _FLOATS, _INT32S),
    cache=True,
    nogil=True,
)
def _correct_labels(
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


@njit(  # type: ignore[untyped-decorator]
    types.boolean(
        types.int64,
        types.int64,
        _READ_INT32S,
        _READ_INT32S,
        _READ_INT32S,
        _READ_FLOATS,
        _READ_INT32S,
        _READ_INT32S,
        _INT32S,
        _INT32S,
        _BYTES,
        _INT32S,
    ),
    cache=True,
    nogil=True,
)
def _make_way(
    low: int,
    high: int,
    tail: Int32s,
    first: Int32s,
    edge_arc: Int32s,
    flow: Floats,
    tree: Int32s,
    was: Int32s,
    order: Int32s,
    position: Int32s,
    marked: Bytes,
    later: Int32s,
) -> bool:
    """Change the order so that the node at ``high`` comes before that at ``low``, unless a way leads from low to high.

    Only positions between the two are touched (Pearce and Kelly 2006, A dynamic topological sort algorithm, section 3,
    with one search: the nodes from which ``high`` is reached move to the front together). Edges are the used ones and
    the arc ``tree`` of each node. ``marked`` is zero before and after.
    """
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
            if flow[edge] > 0.0:
                before = tail[edge_arc[edge]]
                if position[before] >= low:
                    marked[before] = 1
        if marked[target] != 0:
            break
    possible = marked[target] == 0
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


@njit(  # type: ignore[untyped-decorator]
    types.int64(types.int64, _READ_INT32S, _READ_INT32S, _INT32S, _INT32S), cache=True, nogil=True
)
def _find_core(n: int, first: Int32s, edge_from: Int32s, parting: Int32s, reach: Int32s) -> int:
    """Find the core of a bush, the nodes on the unlike ways to its merges, and count its edges.

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
    n_edges = 0
    for place in range(n - 1, 0, -1):
        begin, end = first[place], first[place + 1]
        if end > begin + 1:
            reach[place] = min(reach[place], parting[place])
        if reach[place] < n:
            n_edges += end - begin
            for edge in range(begin, end):
                before = edge_from[edge]
                if before > reach[place]:
                    reach[before] = min(reach[before], reach[place])
    return n_edges


@njit(_INT32S(_READ_INT32S, types.int64, types.int64), cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _longer(values: Int32s, used: int, room: int) -> Int32s:
    """Give the used part of an array room to grow."""
    grown = np.empty(room, np.int32)
    grown[:used] = values[:used]
    return grown


@njit(  # type: ignore[untyped-decorator]
    types.Tuple((_INT32_MATRIX, _INT32S, _INT32S, _FLOATS, _INT32S, _INT32S, _INT32S, _INT32S, _FLOATS, _FLOATS))(
        *_GRAPH, *_TRIPS, _BYTES, _READ_INT32S, *_BUSHES
    ),
    cache=True,
    nogil=True,
)
def mend_bushes(
    first_out: Int32s,
    head: Int32s,
    tail: Int32s,
    cost: Floats,
    root: Int32s,
    first_pair: Ints,
    destination: Int32s,
    trips: Floats,
    joined: Bytes,
    n_reached: Int32s,
    order: Int32Matrix,
    first_edge: Int32Matrix,
    edge_arc: Int32s,
    edge_from: Int32s,
    flow: Floats,
) -> tuple[Int32Matrix, Int32s, Int32s, Floats, Int32s, Int32s, Int32s, Int32s, Floats, Floats]:
    """Bring bushes up to date with costs: unused edges go, shortest ways come.

    An arc of the shortest-path tree is taken in if it closes no cycle; the order is changed where needed
    (`_make_way`). Where it would, the shortest way that keeps the order stays instead: flow has to leave the other way
    round first.

    Parameters
    ----------
    first_out, head, tail, cost, root, first_pair, destination, trips
        As in `grow_bushes`.
    joined, n_reached, order, first_edge, edge_arc, edge_from, flow
        Bushes as `grow_bushes` gives them; ``order`` and ``flow`` are changed in place.

    Returns
    -------
    first_edge, edge_arc, edge_from, flow
        The new bushes.
    first_core : int32 array, shape (n_bushes + 1,)
        The core of a bush, the nodes on unlike ways to its merges in topological order, are the rows
        ``first_core[bush]`` to ``first_core[bush + 1] - 1``.
    core_first : int32 array, shape (n_core_nodes + 1,)
        Edges of the core that come to each of its nodes.
    core_edge, core_from : int32 arrays, shape (n_core_edges,)
        Edge of the bush; row of the core from which it leads, or -1 from the node outside of the core where ways part.
    arc_flow : float64 array, shape (n_arcs,)
        Trips of all these bushes on each arc.
    spent : float64 array, shape (2,)
        Cost of all trips, and their cost if each went the shortest way at these costs.
    """
    n_nodes, n_bushes = len(first_out) - 1, len(root)
    new_first = np.zeros((n_bushes, n_nodes + 1), np.int32)
    room = len(edge_arc) + n_nodes
    new_arc, new_from, new_flow = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room)
    core_room = n_nodes
    first_core, core_first = np.zeros(n_bushes + 1, np.int32), np.empty(core_room + 1, np.int32)
    core_edge, core_from = np.empty(core_room, np.int32), np.empty(core_room, np.int32)
    arc_flow, spent = np.zeros(len(head)), np.zeros(2)
    distance, key, passing = np.empty(n_nodes), np.empty(n_nodes), np.empty(n_nodes)
    nearest, tree = np.empty(n_nodes, np.int32), np.empty(n_nodes, np.int32)
    position, was = np.empty(n_nodes, np.int32), np.empty(n_nodes, np.int32)
    one, two, three = np.empty(n_nodes, np.int32), np.empty(n_nodes, np.int32), np.empty(n_nodes, np.int32)
    marked = np.zeros(n_nodes, np.uint8)
    n_core_nodes = n_core_edges = n_edges = 0
    for bush in range(n_bushes):
        nodes, first, n = order[bush], first_edge[bush], n_reached[bush]
        for place in range(n):
            position[nodes[place]] = was[nodes[place]] = place
        passing[:n] = 0.0
        for pair in range(first_pair[bush], first_pair[bush + 1]):
            if joined[pair] != 0:
                passing[position[destination[pair]]] += trips[pair]
        _settle_flows(n, first, edge_from, passing, flow)

        changed = _label_forward(n, root[bush], first_out, head, cost, nodes, position, marked, distance, nearest, tree)
        if changed > n // _MANY:
            marked[:] = 0
            _grow_tree(first_out, head, cost, root[bush], distance, nearest, one, two, three, key)
        elif changed > 0:
            _correct_labels(n, first_out, head, cost, nodes, position, marked, distance, nearest)
        for pair in range(first_pair[bush], first_pair[bush + 1]):
            if joined[pair] != 0:
                spent[1] += trips[pair] * distance[destination[pair]]

        backward, later = one, two
        n_backward = 0
        if changed > 0:
            for place in range(1, n):
                node = nodes[place]
                if position[tail[nearest[node]]] < place:
                    tree[node] = nearest[node]
                else:
                    backward[n_backward] = node
                    n_backward += 1
        for node in backward[:n_backward]:
            low, high = position[node], position[tail[nearest[node]]]
            if high < low or _make_way(
                low, high, tail, first, edge_arc, flow, tree, was, nodes, position, marked, later
            ):
                tree[node] = nearest[node]

        new = new_first[bush]
        most_edges = n_edges + (first[n] - first[0]) + n
        if most_edges > room:
            room = 2 * most_edges
            new_arc, new_from = _longer(new_arc, n_edges, room), _longer(new_from, n_edges, room)
            grown = np.empty(room)
            grown[:n_edges] = new_flow[:n_edges]
            new_flow = grown
        new[0] = new[1] = n_edges
        for place in range(1, n):
            node = nodes[place]
            wanted = tree[node]
            for edge in range(first[was[node]], first[was[node] + 1]):
                arc = edge_arc[edge]
                if arc == wanted:
                    wanted = -1
                elif flow[edge] <= 0.0:
                    continue
                new_arc[n_edges], new_from[n_edges], new_flow[n_edges] = arc, position[tail[arc]], flow[edge]
                spent[0] += flow[edge] * cost[arc]
                arc_flow[arc] += flow[edge]
                n_edges += 1
            if wanted >= 0:
                new_arc[n_edges], new_from[n_edges], new_flow[n_edges] = wanted, position[tail[wanted]], 0.0
                n_edges += 1
            new[place + 1] = n_edges

        parting, reach = one, two
        n_core = _find_core(n, new, new_from, parting, reach)
        if n_core_edges + n_core > core_room:
            core_room = 2 * (n_core_edges + n_core)
            core_edge = _longer(core_edge, n_core_edges, core_room)
            core_from = _longer(core_from, n_core_edges, core_room)
            core_first = _longer(core_first, n_core_nodes, core_room + 1)
        row_of = reach
        for place in range(n):
            if reach[place] == n:
                row_of[place] = -1
                continue
            row_of[place] = n_core_nodes
            core_first[n_core_nodes] = n_core_edges
            n_core_nodes += 1
            for edge in range(new[place], new[place + 1]):
                core_edge[n_core_edges], core_from[n_core_edges] = edge, row_of[new_from[edge]]
                n_core_edges += 1
        first_core[bush + 1] = n_core_nodes
    core_first[n_core_nodes] = n_core_edges
    return (
        new_first,
        new_arc[:n_edges].copy(),
        new_from[:n_edges].copy(),
        new_flow[:n_edges].copy(),
        first_core,
        core_first[: n_core_nodes + 1].copy(),
        core_edge[:n_core_edges].copy(),
        core_from[:n_core_edges].copy(),
        arc_flow,
        spent,
    )
