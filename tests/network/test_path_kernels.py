"""The compiled kernels of paths against short, slow references."""

from __future__ import annotations

import random
from itertools import groupby, pairwise, product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jibek.network.kernels import ALL, shortest_tree
from jibek.network.path_kernels import cheapest_over, first_return, path_to, paths_over

many = settings(deadline=None, max_examples=150)
seeds = st.integers(0, 2**32)


class Graph:
    """A small random graph with ties, closed arcs and the shortest-path trees of all nodes."""

    def __init__(self, draw: random.Random) -> None:
        self.n_nodes = draw.randint(1, 9)
        ends = sorted(
            (draw.randrange(self.n_nodes), draw.randrange(self.n_nodes))
            for _ in range(draw.randint(0, 3 * self.n_nodes))
        )
        self.tail = np.array([tail for tail, _ in ends], dtype=np.int32)
        self.head = np.array([head for _, head in ends], dtype=np.int32)
        self.first_out = np.searchsorted(self.tail, np.arange(self.n_nodes + 1)).astype(np.int64)
        self.cost = np.array([draw.choice([0.0, 1.0, 2.0, 3.0, np.inf]) for _ in ends])
        self.place, self.layer = (np.array([draw.randrange(3) for _ in ends], dtype=np.int32) for _ in range(2))
        trees = [self.tree(node) for node in range(self.n_nodes)]
        self.distance = np.array([distance for distance, _ in trees])
        self.predecessor = np.array([predecessor for _, predecessor in trees])

    def tree(self, root: int, target: int = ALL) -> tuple[np.ndarray, np.ndarray]:
        return shortest_tree(self.first_out, self.head, self.cost, root, target)


@many
@given(seed=seeds)
def test_a_tree_that_stops_at_a_node_leads_there_as_the_whole_one_does(seed: int) -> None:
    graph = Graph(random.Random(seed))
    for root, target in product(range(graph.n_nodes), repeat=2):
        distance, predecessor = graph.tree(root, target)
        assert distance[target] == graph.distance[root, target]
        whole = path_to(graph.predecessor[root], graph.tail, target)
        assert path_to(predecessor, graph.tail, target).tolist() == whole.tolist()


@many
@given(seed=seeds)
def test_a_path_is_what_following_the_tree_gives(seed: int) -> None:
    graph = Graph(random.Random(seed))
    for root, node in product(range(graph.n_nodes), repeat=2):
        plain, end = [], node
        while graph.predecessor[root, end] >= 0:
            plain.append(graph.predecessor[root, end])
            end = graph.tail[plain[-1]]
        assert path_to(graph.predecessor[root], graph.tail, node).tolist() == plain[::-1]


@many
@given(seed=seeds)
def test_the_cheapest_way_over_stages_is_the_cheapest_of_all_choices(seed: int) -> None:
    draw = random.Random(seed)
    graph = Graph(draw)
    n_stages = draw.randint(1, 3)
    stages = [[draw.randrange(graph.n_nodes) for _ in range(draw.randint(1, 3))] for _ in range(n_stages)]
    first = np.concatenate([[0], np.cumsum([len(stage) for stage in stages])]).astype(np.int64)
    nodes = np.array([node for stage in stages for node in stage], dtype=np.int64)
    orders = [draw.sample(range(n_stages), n_stages) for _ in range(draw.randint(1, 3))]
    trees = graph.distance[nodes], graph.predecessor[nodes]
    root, ends = draw.randrange(graph.n_nodes), np.arange(graph.n_nodes)
    cost, passed = cheapest_over(
        first, nodes, np.array(orders, dtype=np.int64).reshape(-1, n_stages), trees[0], graph.distance[root], ends
    )
    for end in ends:
        walks = [
            sum(graph.distance[one, other] for one, other in pairwise([root, *over, end]))
            for order in orders
            for over in product(*(stages[stage] for stage in order))
        ]
        assert cost[end] == min(walks)
        if np.isinf(cost[end]):
            assert (passed[end] == -1).all()
            continue
        over = nodes[passed[end]].tolist()
        assert [int(np.searchsorted(first, row, side="right")) - 1 for row in passed[end]] in orders
        parts = [path_to(graph.predecessor[a], graph.tail, b).tolist() for a, b in pairwise([root, *over, end])]
        arcs, starts, comes_back = paths_over(
            graph.predecessor[root], trees[1], nodes, passed[[end]], ends[[end]], graph.tail, graph.place, graph.layer
        )
        assert arcs.tolist() == [arc for part in parts for arc in part]
        assert starts.tolist() == [0, len(arcs)]
        assert comes_back[0] == (first_return(arcs, graph.place, graph.layer) >= 0)
        assert sum(graph.cost[arcs]) == cost[end]


@many
@given(seed=seeds)
def test_ways_over_no_stage_are_the_paths_of_the_tree_one_after_the_other(seed: int) -> None:
    graph = Graph(random.Random(seed))
    nowhere = np.empty((graph.n_nodes, 0), dtype=np.int64)
    trees = np.empty((0, graph.n_nodes), dtype=np.int64)
    for root in range(graph.n_nodes):
        tree, ends = graph.predecessor[root], np.arange(graph.n_nodes)
        arcs, first, comes_back = paths_over(tree, trees, ends[:0], nowhere, ends, graph.tail, graph.place, graph.layer)
        for end in ends:
            path = path_to(tree, graph.tail, end)
            assert arcs[first[end] : first[end + 1]].tolist() == path.tolist()
            assert comes_back[end] == (first_return(path, graph.place, graph.layer) >= 0)


@many
@given(
    path=st.lists(st.integers(0, 9), max_size=8),
    stops=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1)), min_size=10, max_size=10),
)
def test_a_path_returns_where_a_place_left_is_met_again_in_the_same_layer(
    path: list[int], stops: list[tuple[int, int]]
) -> None:
    stays = [list(stay) for _, stay in groupby(path, key=lambda arc: stops[arc][0])]
    plain = -1
    for number, stay in enumerate(stays):
        before = {stops[arc] for earlier in stays[:number] for arc in earlier}
        plain = next((arc for arc in stay if stops[arc] in before), -1)
        if plain >= 0:
            break
    places, layers = (np.array([stop[side] for stop in stops], dtype=np.int32) for side in (0, 1))
    assert first_return(np.array(path, dtype=np.int64), places, layers) == plain
