"""The compiled shortest-path tree against networkx and against its definition."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jibek.network import build_network
from jibek.network.kernels import ALL, grow_tree, shortest_tree, tree_room
from jibek.network.path_kernels import path_to
from small_corridor import GOODS, MODES, link, make_corridor, place

# Few different costs make many ties; zeros too.
arcs = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.integers(0, 5)), max_size=60)


def forward_star(arcs: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    arcs = sorted(arcs)
    first_out = np.searchsorted([tail for tail, _, _ in arcs], np.arange(13)).astype(np.int64)
    heads = np.array([head for _, head, _ in arcs], dtype=np.int32)
    return first_out, heads, np.array([float(cost) for _, _, cost in arcs])


@settings(deadline=None)
@given(arcs=arcs)
def test_distances_are_those_of_networkx(arcs: list[tuple[int, int, int]]) -> None:
    first_out, heads, cost = forward_star(arcs)
    distance, predecessor = shortest_tree(first_out, heads, cost, 0, ALL)
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(12))
    graph.add_weighted_edges_from(arcs)
    lengths = nx.single_source_dijkstra_path_length(graph, 0)
    np.testing.assert_array_equal(distance, [lengths.get(node, np.inf) for node in range(12)])
    tails = np.repeat(np.arange(12), np.diff(first_out))
    for node in np.flatnonzero(predecessor >= 0):
        arc = predecessor[node]
        assert heads[arc] == node
        assert distance[tails[arc]] + cost[arc] == distance[node]
    assert set(np.flatnonzero(predecessor >= 0)) == set(lengths) - {0}


@settings(deadline=None)
@given(arcs=arcs)
def test_of_equally_short_ways_the_smaller_arc_wins(arcs: list[tuple[int, int, int]]) -> None:
    first_out, heads, cost = forward_star([(tail, head, cost + 1) for tail, head, cost in arcs])
    distance, predecessor = shortest_tree(first_out, heads, cost, 0, ALL)
    tails = np.repeat(np.arange(12), np.diff(first_out))
    for node in range(1, 12):
        tight = [a for a in range(len(heads)) if heads[a] == node and distance[tails[a]] + cost[a] == distance[node]]
        assert predecessor[node] == (min(tight) if np.isfinite(distance[node]) else -1)


# Costs from nothing to nearly infinity, none of which fits the buckets of another; closed arcs too.
uneven = st.one_of(
    st.sampled_from([0.0, 5e-324, 1e-300, 1e-9, 1.0, 3.0, 1e9, 1e300, np.inf]),
    st.floats(0, 1e6, allow_subnormal=True),
)


@settings(deadline=None, max_examples=300)
@given(data=st.data(), arcs=arcs, width=st.sampled_from([None, 0.0, 1e-3]))
def test_a_tree_is_exact_and_in_order_whatever_the_costs_and_the_width_of_buckets(
    data: st.DataObject, arcs: list[tuple[int, int, int]], width: float | None
) -> None:
    first_out, heads, tied = forward_star(arcs)
    cost = np.array(data.draw(st.lists(uneven, min_size=len(arcs), max_size=len(arcs)) | st.just(tied)))
    rate, order, place, ends, queue = tree_room(12, cost)
    if width is not None:  # all nodes in one bucket, or hardly two that are near
        rate = width / max(float(np.max(cost[np.isfinite(cost)], initial=0.0)), 1e-9)
        ends = np.empty((2, 4), np.uint32)
    distance, predecessor = np.empty(12), np.empty(12, np.uint32)
    star = first_out.astype(np.uint32), heads.astype(np.uint32)
    n = grow_tree(*star, cost, 0, ALL, distance, predecessor, rate, order, place, ends, queue)
    np.testing.assert_array_equal(distance, shortest_by_rounds(first_out, heads, cost))
    assert sorted(order[:n].tolist()) == np.flatnonzero(np.isfinite(distance)).tolist()
    tails = np.repeat(np.arange(12), np.diff(first_out))
    for node in order[1:n].tolist():
        arc = predecessor[node]
        assert heads[arc] == node
        assert place[tails[arc]] < place[node]
        assert distance[node] == distance[tails[arc]] + cost[arc]


@settings(deadline=None)
@given(arcs=arcs, target=st.integers(0, 11))
def test_a_tree_that_stops_knows_the_way_to_its_target(arcs: list[tuple[int, int, int]], target: int) -> None:
    first_out, heads, cost = forward_star(arcs)
    distance, predecessor = shortest_tree(first_out, heads, cost, 0, ALL)
    stopped_distance, stopped = shortest_tree(first_out, heads, cost, 0, target)
    assert stopped_distance[target] == distance[target]
    tails = np.repeat(np.arange(12), np.diff(first_out))
    node = target
    while np.isfinite(distance[target]) and node != 0:
        assert stopped[node] == predecessor[node]
        node = int(tails[stopped[node]])


def shortest_by_rounds(first_out: np.ndarray, heads: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Bellman and Ford's method, without any order of nodes."""
    tails = np.repeat(np.arange(12), np.diff(first_out))
    distance = np.where(np.arange(12) == 0, 0.0, np.inf)
    for _ in range(12):
        for arc in range(len(heads)):
            distance[heads[arc]] = min(distance[heads[arc]], distance[tails[arc]] + cost[arc])
    return distance


def test_a_tree_over_a_network_gives_the_arcs_of_a_path() -> None:
    places = [place("a", "AAA", 1, 1), place("b", "AAA", 2, 2), place("c", "AAA", 3, 3)]
    links = [link("a", "b", "rail", 64), link("b", "c", "rail", 128)]
    network = build_network(make_corridor(places=places, modes=MODES, links=links, commodities=[GOODS]))
    start, end = network.place_index["a"], network.place_index["c"]
    root = network.origin_node[start]
    distance, predecessor = shortest_tree(network.first_out, network.arc_to, network.hours_moving, root, ALL)
    assert distance[network.destination_node[end]] == 3.0
    path = path_to(predecessor, network.arc_from, network.destination_node[end])
    described = [network.describe_arc(arc) for arc in path]
    assert [(arc.kind.name, arc.id) for arc in described] == [
        ("ACCESS", "a"),
        ("LINK", "a--b--rail"),
        ("LINK", "b--c--rail"),
        ("EGRESS", "c"),
    ]
