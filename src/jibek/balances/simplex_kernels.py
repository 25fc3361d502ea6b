"""Compiled network simplex of one commodity: arithmetic on flat arrays, no names, no checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from jibek.network.compiler import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Indices = NDArray[np.uint32]
    Ints = NDArray[np.int64]
    Tree = NDArray[np.uint32]
    Signs = NDArray[np.int8]
    Floats = NDArray[np.float64]

__all__ = ["AT_LOWER", "AT_UPPER", "IN_TREE", "cycles", "improve", "plant", "price_nodes"]

AT_LOWER, IN_TREE, AT_UPPER = np.int8(1), np.int8(0), np.int8(-1)
"""Where an arc's flow is: signs of the reduced cost at which it is right to be there."""

_NONE = np.uint32(0xFFFFFFFF)
_PARENT, _ARC, _DEPTH, _CHILD, _NEXT, _BEFORE = 0, 1, 2, 3, 4, 5  # rows of a tree

_INDICES, _FLOATS, _SIGNS, _TREE = types.uint32[::1], types.float64[::1], types.int8[::1], types.uint32[:, ::1]
_CYCLE, _BOUNDS = (types.uint32,) * 3, (_INDICES, _FLOATS, _FLOATS, _TREE)


@compiled(types.void(types.uint32, types.uint32, _TREE), within=True)
def _hang(node: np.uint32, parent: np.uint32, tree: Tree) -> None:
    """Make a node the first child of another."""
    first = tree[_CHILD, parent]
    tree[_PARENT, node], tree[_NEXT, node], tree[_BEFORE, node] = parent, first, _NONE
    if first != _NONE:
        tree[_BEFORE, first] = node
    tree[_CHILD, parent] = node


@compiled(types.void(types.uint32, _TREE), within=True)
def _cut(node: np.uint32, tree: Tree) -> None:
    """Take a node from its parent's children."""
    before, after = tree[_BEFORE, node], tree[_NEXT, node]
    if before != _NONE:
        tree[_NEXT, before] = after
    else:
        tree[_CHILD, tree[_PARENT, node]] = after
    if after != _NONE:
        tree[_BEFORE, after] = before


@compiled(types.uint32(types.uint32, types.uint32, _TREE), within=True)
def _following(node: np.uint32, top: np.uint32, tree: Tree) -> np.uint32:
    """Give the node after another in the order from the top down, `_NONE` at the end."""
    if tree[_CHILD, node] != _NONE:
        return np.uint32(tree[_CHILD, node])
    while node != top:
        if tree[_NEXT, node] != _NONE:
            return np.uint32(tree[_NEXT, node])
        node = tree[_PARENT, node]
    return _NONE


@compiled(types.void(_INDICES, _FLOATS, _TREE, _FLOATS))
def price_nodes(tail: Indices, cost: Floats, tree: Tree, price: Floats) -> None:
    """Give every node the price at which the arcs of the tree cost what they earn."""
    root = np.uint32(len(price) - 1)
    price[root] = 0.0
    node = _following(root, root, tree)
    while node != _NONE:
        parent, arc = tree[_PARENT, node], tree[_ARC, node]
        price[node] = price[parent] + (-cost[arc] if tail[arc] == node else cost[arc])
        node = _following(node, root, tree)


@compiled(
    types.Tuple((types.int64[::1], types.int64[::1], _FLOATS))(types.int64[::1], _INDICES, _INDICES, _SIGNS, _TREE)
)
def cycles(arcs: Ints, tail: Indices, head: Indices, state: Signs, tree: Tree) -> tuple[Ints, Ints, Floats]:
    """Say what changes in the tree when arcs outside leave their bounds by one unit each.

    Returns
    -------
    changed : int64 array, shape (n_changes,)
        Arc of the tree.
    by : int64 array, shape (n_changes,)
        Which of the given arcs makes the change.
    change : float64 array, shape (n_changes,)
        1 or -1.
    """
    room = 32 * len(arcs) + 32
    changed: Ints = np.empty(room, np.int64)
    by: Ints = np.empty(room, np.int64)
    change: Floats = np.empty(room)
    n = 0
    for number in range(len(arcs)):
        sign = np.float64(state[arcs[number]])
        one, other = tail[arcs[number]], head[arcs[number]]
        while one != other:
            is_down = tree[_DEPTH, one] >= tree[_DEPTH, other]
            node = one if is_down else other
            arc = tree[_ARC, node]
            if n == room:
                changed, by = np.append(changed, np.empty(room, np.int64)), np.append(by, np.empty(room, np.int64))
                change = np.append(change, np.empty(room))
                room *= 2
            changed[n], by[n] = arc, number
            # What has gone to the head comes back over the tree: up from the head, down to the tail.
            change[n] = sign if (tail[arc] == node) != is_down else -sign
            n += 1
            if is_down:
                one = tree[_PARENT, node]
            else:
                other = tree[_PARENT, node]
    return changed[:n], by[:n], change[:n]


@compiled(_TREE(types.int64, types.int64))
def plant(n_nodes: int, n_arcs: int) -> Tree:
    """Make the tree in which each node hangs on the root by an artificial arc.

    Returns
    -------
    uint32 array, shape (6, n_nodes + 1)
        For each node, the root being the last: parent, arc to it, depth, first child, next and previous sibling.
    """
    tree = np.full((6, n_nodes + 1), _NONE, np.uint32)
    root = np.uint32(n_nodes)
    tree[_DEPTH, root] = 0
    for node in range(n_nodes):
        _hang(np.uint32(node), root, tree)
        tree[_ARC, node], tree[_DEPTH, node] = n_arcs + node, 1
    return tree


@compiled(types.uint32(types.uint32, types.uint32, _TREE), within=True)
def _join(one: np.uint32, other: np.uint32, tree: Tree) -> np.uint32:
    """Find where the ways of two nodes to the root meet."""
    while one != other:
        if tree[_DEPTH, one] >= tree[_DEPTH, other]:
            one = tree[_PARENT, one]
        else:
            other = tree[_PARENT, other]
    return one


@compiled(types.Tuple((types.float64, types.uint32, types.boolean))(*_CYCLE, types.float64, *_BOUNDS), within=True)
def _room(
    first: np.uint32,
    second: np.uint32,
    join: np.uint32,
    amount: float,
    tail: Indices,
    upper: Floats,
    flow: Floats,
    tree: Tree,
) -> tuple[float, np.uint32, bool]:
    """Give what fits around a cycle, at most an amount; the node below the arc that is full then; if on the first side.

    Goods go down from the join to the first node and up from the second. Of several arcs the last on this way leaves
    the tree, which keeps it strongly feasible.
    """
    out, on_first = _NONE, False
    node = first
    while node != join:
        arc = tree[_ARC, node]
        room = flow[arc] if tail[arc] == node else upper[arc] - flow[arc]
        if room < amount:
            amount, out, on_first = max(room, 0.0), node, True
        node = tree[_PARENT, node]
    node = second
    while node != join:
        arc = tree[_ARC, node]
        room = flow[arc] if tail[arc] != node else upper[arc] - flow[arc]
        if room <= amount:
            amount, out, on_first = max(room, 0.0), node, False
        node = tree[_PARENT, node]
    return amount, out, on_first


@compiled(types.void(*_CYCLE, types.float64, _INDICES, _FLOATS, _TREE), within=True)
def _send(
    first: np.uint32, second: np.uint32, join: np.uint32, amount: float, tail: Indices, flow: Floats, tree: Tree
) -> None:
    """Send an amount from the join down to the first node and from the second up to the join."""
    node = first
    while node != join:
        arc = tree[_ARC, node]
        flow[arc] += -amount if tail[arc] == node else amount
        node = tree[_PARENT, node]
    node = second
    while node != join:
        arc = tree[_ARC, node]
        flow[arc] += amount if tail[arc] == node else -amount
        node = tree[_PARENT, node]


@compiled(types.void(*_CYCLE, types.uint32, _INDICES, _FLOATS, _TREE, _FLOATS), within=True)
def _rehang(
    top: np.uint32,
    parent: np.uint32,
    out: np.uint32,
    entering: np.uint32,
    tail: Indices,
    cost: Floats,
    tree: Tree,
    price: Floats,
) -> None:
    """Hang what is cut off above a node on another place, by the entering arc, and price it anew."""
    node, arc = top, entering
    while True:  # all on the way to where it is cut off hang the other way round
        above, its_arc = tree[_PARENT, node], tree[_ARC, node]
        _cut(node, tree)
        _hang(node, parent, tree)
        tree[_ARC, node] = arc
        if node == out:
            break
        parent, arc, node = node, its_arc, above
    node = top
    while node != _NONE:
        parent, arc = tree[_PARENT, node], tree[_ARC, node]
        price[node] = price[parent] + (-cost[arc] if tail[arc] == node else cost[arc])
        tree[_DEPTH, node] = tree[_DEPTH, parent] + 1
        node = _following(node, top, tree)


@compiled(types.void(types.uint32, _INDICES, _INDICES, _FLOATS, _FLOATS, _FLOATS, _SIGNS, _TREE, _FLOATS), within=True)
def _pivot(
    entering: np.uint32,
    tail: Indices,
    head: Indices,
    cost: Floats,
    upper: Floats,
    flow: Floats,
    state: Signs,
    tree: Tree,
    price: Floats,
) -> None:
    """Send what fits around the cycle that an arc closes, and let the arc into the tree for the last that is full."""
    sign = state[entering]
    first, second = tail[entering], head[entering]
    if sign == AT_UPPER:
        first, second = second, first
    join = _join(first, second, tree)
    amount, out, on_first = _room(first, second, join, upper[entering], tail, upper, flow, tree)
    if amount > 0.0:
        flow[entering] += sign * amount
        _send(first, second, join, amount, tail, flow, tree)
    if out == _NONE:
        flow[entering] = upper[entering] if sign == AT_LOWER else 0.0
        state[entering] = -sign
        return
    leaving = tree[_ARC, out]
    is_empty = (tail[leaving] == out) == on_first  # goods went against it, down on the first side or up on the second
    flow[leaving] = 0.0 if is_empty else upper[leaving]
    state[leaving] = AT_LOWER if is_empty else AT_UPPER
    state[entering] = IN_TREE
    if on_first:
        _rehang(first, second, out, entering, tail, cost, tree, price)
    else:
        _rehang(second, first, out, entering, tail, cost, tree, price)


@compiled(
    types.int64(
        *(_INDICES, _INDICES, _FLOATS, _FLOATS, types.float64),
        *(_FLOATS, _SIGNS, _TREE, _FLOATS),
    )
)
def improve(
    tail: Indices,
    head: Indices,
    cost: Floats,
    upper: Floats,
    tolerance: float,
    flow: Floats,
    state: Signs,
    tree: Tree,
    price: Floats,
) -> int:
    """Find the circulation of least cost, from one that a tree holds; count pivots.

    Primal network simplex with strongly feasible trees (Cunningham 1976, A network simplex method, Mathematical
    Programming 11), so that it ends although many pivots move nothing. Arcs are priced block by block.

    Parameters
    ----------
    tail, head : uint32 arrays, shape (n_arcs + n_nodes,)
        Ends; the last ``n_nodes`` arcs are artificial, from each node to the root.
    cost, upper : float64 arrays, shape (n_arcs + n_nodes,)
        Cost per unit and upper bounds; the lower ones are 0.
    tolerance : float
        Reduced cost that counts as nothing.
    flow : float64 array, shape (n_arcs + n_nodes,)
        Flow; is changed, as are all that follow.
    state : int8 array, shape (n_arcs + n_nodes,)
        Whether each arc is in the tree or at a bound.
    tree : uint32 array, shape (6, n_nodes + 1)
        See `plant`.
    price : float64 array, shape (n_nodes + 1,)
        Gets prices of nodes: ``cost + price[tail] - price[head]`` is 0 in the tree, not negative at the lower bound,
        not positive at the upper.
    """
    n_arcs = len(tail)
    block = int(2 * np.sqrt(n_arcs)) + 1
    price_nodes(tail, cost, tree, price)
    n_pivots, position, seen = 0, 0, 0
    while seen < n_arcs:
        entering, worst = _NONE, -tolerance
        while seen < n_arcs:
            for _ in range(block):
                violation = state[position] * (cost[position] + price[tail[position]] - price[head[position]])
                if violation < worst:
                    entering, worst = np.uint32(position), violation
                position = position + 1 if position + 1 < n_arcs else 0
            seen += block
            if entering != _NONE:
                break
        if entering == _NONE:
            break
        seen = 0
        n_pivots += 1
        _pivot(entering, tail, head, cost, upper, flow, state, tree, price)
    return n_pivots
