"""The compiled kernels of labels and first bushes against the library's plain shortest-path tree."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jibek.assignment.tree_kernels import correct_labels, grow_bushes, label_forward
from jibek.network.kernels import ALL, shortest_tree

many = settings(deadline=None, max_examples=200)
seeds = st.integers(0, 2**32)


class Graph:
    """A small random graph with ties, free and closed arcs."""

    def __init__(self, draw: random.Random) -> None:
        self.n_nodes = draw.randint(1, 9)
        nodes = range(self.n_nodes)
        ends = sorted((draw.choice(nodes), draw.choice(nodes)) for _ in range(draw.randint(0, 4 * self.n_nodes)))
        self.tail, self.head = (np.array([pair[end] for pair in ends], dtype=np.uint32) for end in (0, 1))
        self.first_out = np.searchsorted(self.tail, np.arange(self.n_nodes + 1)).astype(np.uint32)
        self.cost = np.array([draw.choice([0.0, 0.5, 1.0, 1.0, 2.0, np.inf]) for _ in ends])

    def distance(self, cost: np.ndarray) -> np.ndarray:
        return shortest_tree(self.first_out.astype(np.int64), self.head.view(np.int32), cost, 0, ALL)[0]

    def room(self, dtype: type = np.uint32) -> np.ndarray:
        return np.full(self.n_nodes, 9, dtype=dtype)


@many
@given(seed=seeds)
def test_labels_in_any_order_end_at_the_shortest_distances(seed: int) -> None:
    """The order is that of a tree at other costs, so that ways lead back in it."""
    draw = random.Random(seed)
    graph = Graph(draw)
    other = np.where(np.isfinite(graph.cost), [draw.choice([0.0, 1.0, 5.0]) for _ in graph.cost], np.inf)
    none = np.zeros(2, dtype=np.int64), np.empty(0, np.uint32), np.empty(0)
    _, n_reached, orders, first_edge, edge_arc, *_ = grow_bushes(
        graph.first_out, graph.head, graph.tail, other, np.zeros(1, np.uint32), *none
    )
    n, order = int(n_reached[0]), orders[0]
    position = graph.room()
    position[order[:n]] = np.arange(n)
    distance, nearest, forward, changed = (graph.room(kind) for kind in (float, np.uint32, np.uint32, np.uint8))
    changed[:] = 0
    within = graph.room(float)
    label_forward(
        n,
        0,
        graph.first_out,
        graph.head,
        graph.tail,
        graph.cost,
        first_edge[0],
        edge_arc,
        order,
        position,
        changed,
        distance,
        nearest,
        forward,
        within,
    )
    assert all(position[graph.tail[forward[node]]] < position[node] for node in order[1:n])
    correct_labels(n, graph.first_out, graph.head, graph.cost, order, position, changed, distance, nearest)
    np.testing.assert_array_equal(distance[order[:n]], graph.distance(graph.cost)[order[:n]])
    assert not changed.any()


@many
@given(seed=seeds)
def test_first_bushes_carry_all_trips_on_shortest_paths(seed: int) -> None:
    draw = random.Random(seed)
    graph = Graph(draw)
    ends = np.arange(1, graph.n_nodes, dtype=np.uint32)
    trips = np.array([draw.choice([1.0, 2.0]) for _ in ends])
    pairs = np.array([0, len(ends)]), ends, trips
    joined, *_, edge_arc, _, flow = grow_bushes(
        graph.first_out, graph.head, graph.tail, graph.cost, np.zeros(1, np.uint32), *pairs
    )
    distance = graph.distance(graph.cost)[ends]
    np.testing.assert_array_equal(joined == 1, np.isfinite(distance))
    assert np.isclose(flow @ graph.cost[edge_arc], trips[joined == 1] @ distance[joined == 1])
