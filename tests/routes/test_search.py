"""Searches in lists against the compiled kernel; overlap, detours and spreading by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from jibek.network import arc_costs, build_network
from jibek.network.kernels import ALL, shortest_tree
from jibek.routes.choice import largest_detour, overlap
from jibek.routes.graph import Graph, grow_tree, least_to, usable_graph
from jibek.routes.pareto import spread
from small_corridor import GOODS, MODES, Rows, link, make_corridor, place, rows


def graph_of(tables: Rows) -> tuple[Graph, np.ndarray]:
    corridor = make_corridor(**tables)
    network = build_network(corridor)
    costs = arc_costs(network, corridor, "goods", 2025)
    start, end = network.origin_node[0], network.destination_node[1]
    graph = usable_graph(network, costs, costs.allowed, int(start), int(end))
    allowed = np.where(costs.allowed, costs.generalised_hours, np.inf)
    return graph, shortest_tree(network.first_out, network.arc_to, allowed, start, ALL)[0]


@settings(deadline=None, max_examples=40)
@given(tables=rows())
def test_lists_and_the_compiled_kernel_agree(tables: Rows) -> None:
    graph, compiled = graph_of(tables)
    tree = grow_tree(graph)
    np.testing.assert_array_equal([np.inf if cost is None else cost[0] for cost in tree.cost], compiled)
    hours = [cost[0] for cost in graph.cost]
    backward = least_to(graph, hours, {graph.destination: 0.0})
    assert backward[graph.origin] == compiled[graph.destination]


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ({1: 30.0, 2: 70.0}, {1: 30.0, 3: 170.0}, 0.3),
        ({1: 30.0}, {2: 30.0}, 0.0),
        ({1: 30.0}, {1: 30.0}, 1.0),
        ({1: 0.0}, {1: 0.0}, 1.0),
        ({1: 0.0}, {2: 0.0}, 0.0),
    ],
)
def test_overlap_is_the_share_of_the_shorter(one: dict[int, float], other: dict[int, float], share: float) -> None:
    assert overlap(one, other) == overlap(other, one) == share


def path_graph(*paths: list[tuple[int, float]]) -> tuple[Graph, list[list[int]]]:
    """Make a graph of several paths from place 0; a node is a place."""
    n = 1 + max(place for path in paths for place, _ in path)
    tails, heads, cost, arcs = [], [], [], []
    for path in paths:
        here, numbers = 0, []
        for head, hours in path:
            numbers.append(len(tails))
            tails.append(here)
            heads.append(head)
            cost.append((hours, 0.0, 0.0, 0.0))
            here = head
        arcs.append(numbers)
    out = [[arc for arc, tail in enumerate(tails) if tail == node] for node in range(n)]
    into = [[arc for arc, head in enumerate(heads) if head == node] for node in range(n)]
    return Graph(out, into, tails, heads, list(range(n)), cost, 0, paths[0][-1][0]), arcs


@pytest.mark.parametrize(
    ("path", "ratio"),
    [
        ([(1, 10.0), (2, 10.0), (3, 10.0)], 1.0),
        ([(1, 10.0), (4, 25.0), (2, 5.0), (3, 10.0)], 3.0),
        ([(4, 25.0), (3, 35.0)], 2.0),
        ([(2, 10.0), (1, 10.0), (3, 50.0)], np.inf),
    ],
)
def test_a_detour_is_measured_where_a_path_leaves_the_best(path: list[tuple[int, float]], ratio: float) -> None:
    best = [(1, 10.0), (2, 10.0), (3, 10.0)]
    graph, (best_arcs, arcs) = path_graph(best, path)
    assert largest_detour(graph, arcs, best_arcs) == ratio


def test_spreading_keeps_extremes_and_then_the_farthest() -> None:
    points = [(1.0, 100.0), (2.0, 50.0), (2.1, 49.0), (10.0, 10.0), (100.0, 1.0)]
    assert spread(points, 2) == [0, 4]
    assert spread(points, 3) == [0, 3, 4]
    assert spread(points, 9) == [0, 1, 2, 3, 4]


def test_forbidden_places_are_not_passed() -> None:
    places = [place(name, "AAA", i, i) for i, name in enumerate("abc")]
    links = [link("a", "b", "rail", 64), link("b", "c", "rail", 64)]
    graph, _ = graph_of({"places": places, "modes": MODES, "links": links, "commodities": [GOODS]})
    hours = [cost[0] for cost in graph.cost]
    assert least_to(graph, hours, {graph.destination: 0.0})[graph.origin] == 1.0
    assert least_to(graph, hours, {graph.destination: 0.0}, frozenset({0}))[graph.origin] == np.inf
