"""Skims against Dijkstra's trees of other programs, the certificate, and networks done by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from operator import itemgetter

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import class_of, grid, hostile, network_of, sioux_falls
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from jibek.assignment import TrafficNetwork, TravelClass, skim, solve

ROUNDING = 1e-12
"""Share of the cost: sums of some dozen numbers in another order."""

seeds = st.integers(0, 2**32)
many = settings(deadline=None, max_examples=200)


def digraph(network: TrafficNetwork, travel: TravelClass, time: np.ndarray, origin: int) -> nx.MultiDiGraph:
    """Links as far as trips from an origin may use them."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(network.n_nodes))
    for link, (tail, head) in enumerate(zip(network.tail.tolist(), network.head.tolist(), strict=True)):
        is_open = travel.allowed[link] and network.capacity[link] > 0
        if is_open and (tail == origin or tail >= network.first_through):
            graph.add_edge(tail, head, link=link, cost=time[link] + travel.fixed_cost[link])
    return graph


@many
@given(seed=seeds)
def test_costs_are_those_of_networkx(seed: int) -> None:
    network, classes = hostile(seed)
    result = solve(network, classes, gap=1e-2)
    for travel in classes:
        expected = np.full((network.n_zones, network.n_zones), np.inf)
        for origin in range(network.n_zones):
            found = nx.single_source_dijkstra_path_length(
                digraph(network, travel, result.time, origin), origin, weight="cost"
            )
            for node, cost in found.items():
                if node < network.n_zones:
                    expected[origin, node] = cost
        np.testing.assert_allclose(skim(network, travel, result).cost, expected, rtol=ROUNDING, atol=ROUNDING)


@many
@given(seed=seeds)
def test_measures_are_those_of_the_cheapest_way(seed: int) -> None:
    """Random fixed costs leave one cheapest way; random lengths and tolls tell it from others."""
    network, classes = hostile(seed)
    draw = np.random.default_rng(seed)
    network = replace(network, length=draw.random(network.n_links), toll=draw.random(network.n_links))
    result = solve(network, classes, gap=1e-2)
    for travel in [replace(each, fixed_cost=draw.random(network.n_links)) for each in classes]:
        found = skim(network, travel, result)
        for origin in range(network.n_zones):
            graph = digraph(network, travel, result.time, origin)
            for zone, nodes in nx.single_source_dijkstra_path(graph, origin, weight="cost").items():
                if zone < network.n_zones:
                    steps = [min(graph[i][j].values(), key=itemgetter("cost"))["link"] for i, j in pairwise(nodes)]
                    for name, of_links in (("time", result.time), ("length", network.length), ("toll", network.toll)):
                        assert getattr(found, name)[origin, zone] == pytest.approx(of_links[steps].sum(), abs=ROUNDING)
        for name in ("time", "length", "toll"):
            np.testing.assert_array_equal(np.isinf(getattr(found, name)), np.isinf(found.cost))


def test_costs_are_those_of_scipy_on_a_city() -> None:
    network, travel = grid(12, 40, seed=2)
    result = solve(network, [travel], gap=1e-4)
    matrix = csr_array((result.time, (network.tail, network.head)), (network.n_nodes, network.n_nodes))
    found = skim(network, travel, result)
    np.testing.assert_allclose(found.cost, dijkstra(matrix, indices=range(40))[:, :40], rtol=ROUNDING)
    np.testing.assert_array_equal(found.time, found.cost)


def test_the_trips_at_the_skimmed_costs_are_the_certificates_least() -> None:
    network, travel = sioux_falls()
    result = solve(network, [travel], gap=1e-4)
    least = float(skim(network, travel, result).cost[travel.origin, travel.destination] @ travel.trips)
    spent = result.certificate.total_cost
    assert (spent - least) / spent == pytest.approx(result.certificate.gap, rel=1e-6)


def test_cost_is_time_and_what_a_class_pays_along_its_own_way() -> None:
    """Cars go by node 2 at a toll, lorries may not and go straight; back leads no way, and none through zone 1."""
    links = [
        *((0, 3, 2.0, 1.0, 0.0, 0.0), (3, 1, 3.0, 1.0, 0.0, 0.0)),
        *((0, 1, 9.0, 1.0, 0.0, 0.0), (1, 2, 1.0, 1.0, 0.0, 0.0)),
    ]
    network = network_of(4, links, n_zones=3, first_through=3)
    network = replace(network, length=np.array([1.0, 2.0, 4.0, 8.0]), toll=np.array([0.5, 0.0, 0.25, 0.0]))
    cars = class_of(network, [(0, 1, 1.0)], fixed_cost=2 * network.toll)
    lorries = replace(cars, allowed=np.array([False, True, True, True]))
    result = solve(network, [cars, lorries])
    none = np.inf
    for travel, way in ((cars, (6.0, 5.0, 3.0, 0.5)), (lorries, (9.5, 9.0, 4.0, 0.25))):
        found = skim(network, travel, result)
        for measure, through, onward in zip(
            (found.cost, found.time, found.length, found.toll), way, (1.0, 1.0, 8.0, 0.0), strict=True
        ):
            assert measure.tolist() == [[0, through, none], [none, 0, onward], [none, none, 0]]


def test_a_system_optimum_is_skimmed_at_the_times_that_users_meet() -> None:
    """``10 + v / 5`` meets 15 at 25 trips, when the first route takes 12.5."""
    network = network_of(2, [(0, 1, 10.0, 100.0, 1.0, 1.0), (0, 1, 15.0, 1.0, 0.0, 4.0)])
    travel = class_of(network, [(0, 1, 100.0)])
    result = solve(network, [travel], gap=1e-12, objective="system")
    assert skim(network, travel, result).cost[0, 1] == pytest.approx(12.5, rel=1e-9)


def test_skims_are_the_same_to_the_last_bit_for_any_number_of_threads() -> None:
    network, travel = grid(12, 60, seed=5)
    result = solve(network, [travel], gap=1e-4)
    one, many_ = (skim(network, travel, result, threads=threads) for threads in (1, 16))
    for name in ("cost", "time", "length", "toll"):
        assert getattr(one, name).tobytes() == getattr(many_, name).tobytes()
