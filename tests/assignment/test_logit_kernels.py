"""Loading by logit within bushes against a list of all their ways, and its derivative against a difference quotient."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from problems import grid
from scipy.special import logsumexp

from jibek.assignment import Bushes, Graph, solve
from jibek.assignment.logit_kernels import answer_costs, load_bushes, widen_bushes

ROUNDING = 1e-10
"""Sums of some hundred ways, whose costs are up to 1e6 spreads."""


@pytest.fixture(scope="module")
def alternatives() -> tuple[Graph, np.ndarray, Bushes]:
    """Widen the bushes of a small city at free times."""
    network, travel = grid(4, 6, seed=8)
    found = solve(network, [travel])
    graph = found.graph
    cost = network.free_time[graph.link]
    return graph, cost, widened(graph, cost, found.bushes[0])


def widened(graph: Graph, cost: np.ndarray, block: Bushes) -> Bushes:
    names = "n_reached", "order", "first_edge", "edge_arc", "edge_from"
    edges = widen_bushes(graph.first_out, graph.head, cost, block.root)
    return replace(block, **dict(zip(names, edges, strict=True)), flow=np.zeros(len(edges[-1])))


def load(spread: float, cost: np.ndarray, bushes: Bushes) -> tuple[np.ndarray, np.ndarray]:
    pairs = bushes.first_pair, bushes.destination, bushes.trips
    edges = bushes.n_reached, bushes.order, bushes.first_edge, bushes.edge_arc, bushes.edge_from, bushes.flow
    return load_bushes(spread, cost, *pairs, *edges)  # type: ignore[no-any-return]


def edges_of(bushes: Bushes, bush: int) -> np.ndarray:
    return bushes.edge_arc[bushes.first_edge[bush, 0] : bushes.first_edge[bush, bushes.n_reached[bush]]]


def test_a_bush_holds_the_arcs_whose_head_is_farther_than_their_tail(
    alternatives: tuple[Graph, np.ndarray, Bushes],
) -> None:
    graph, cost, bushes = alternatives
    roads = nx.DiGraph()
    roads.add_weighted_edges_from(zip(graph.tail.tolist(), graph.head.tolist(), cost.tolist(), strict=True))
    for bush, root in enumerate(bushes.root.tolist()):
        distance = nx.single_source_dijkstra_path_length(roads, root)
        away = [
            a
            for a, (i, j) in enumerate(zip(graph.tail.tolist(), graph.head.tolist(), strict=True))
            if distance[i] < distance[j]
        ]
        assert sorted(edges_of(bushes, bush).tolist()) == away


@pytest.mark.parametrize("spread", [1e-6, 0.1, 1.0, 1e3])
def test_loading_is_the_logit_over_all_ways(alternatives: tuple[Graph, np.ndarray, Bushes], spread: float) -> None:
    graph, _, bushes = alternatives
    cost = np.random.default_rng(5).uniform(1, 3, len(graph.link))
    expected_flow, expected_least = np.zeros(len(cost)), []
    for bush, root in enumerate(bushes.root.tolist()):
        roads = nx.DiGraph()
        roads.add_edges_from((graph.tail[a], graph.head[a], {"arc": a}) for a in edges_of(bushes, bush).tolist())
        for pair in range(bushes.first_pair[bush], bushes.first_pair[bush + 1]):
            ways = [
                [roads.edges[i, j]["arc"] for i, j in way]
                for way in nx.all_simple_edge_paths(roads, root, bushes.destination[pair])
            ]
            utility = np.array([-cost[way].sum() / spread for way in ways])
            expected_least.append(-spread * logsumexp(utility))
            for way, share in zip(ways, np.exp(utility - logsumexp(utility)), strict=True):
                expected_flow[way] += share * bushes.trips[pair]
    least, flow = load(spread, cost, bushes)
    np.testing.assert_allclose(least, expected_least, rtol=ROUNDING)
    np.testing.assert_allclose(flow, expected_flow, rtol=ROUNDING, atol=ROUNDING)


@pytest.mark.parametrize("spread", [0.3, 5.0])
def test_the_answer_to_costs_is_the_derivative_of_the_loading(
    alternatives: tuple[Graph, np.ndarray, Bushes], spread: float
) -> None:
    _, cost, bushes = alternatives
    change, step = np.random.default_rng(6).uniform(-1, 1, len(cost)), 1e-5
    (_, less), (_, more) = (load(spread, cost + sign * step * change, bushes) for sign in (-1, 1))
    load(spread, cost, bushes)
    answer = answer_costs(
        spread, change, bushes.n_reached, bushes.first_edge, bushes.edge_arc, bushes.edge_from, bushes.flow
    )
    np.testing.assert_allclose(answer, (more - less) / (2 * step), atol=1e-7)


@pytest.mark.parametrize(("spread", "scale"), [(1e-300, 1.0), (1.0, 1e100), (1e30, 1.0), (1e-300, 1e100)])
def test_no_cost_and_no_spread_loses_trips(
    alternatives: tuple[Graph, np.ndarray, Bushes], spread: float, scale: float
) -> None:
    graph, cost, bushes = alternatives
    _, flow = load(spread, cost * scale, bushes)
    balance = np.bincount(graph.head, flow, 16) - np.bincount(graph.tail, flow, 16)
    np.add.at(balance, bushes.destination, -bushes.trips)
    np.add.at(balance, np.repeat(bushes.root, np.diff(bushes.first_pair)), bushes.trips)
    np.testing.assert_allclose(balance, 0, atol=1e-12)
