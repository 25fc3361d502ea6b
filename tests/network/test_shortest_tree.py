"""The compiled shortest-path tree against networkx and against its definition."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jibek.network import build_network
from jibek.network.kernels import ALL, shortest_tree
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
