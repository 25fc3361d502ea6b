"""Alternative segments and the shifts between them against plain loops over the same cores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import grid, hostile, sioux_falls

from jibek.assignment import TrafficNetwork, TravelClass, certify
from jibek.assignment.bushes import Cores, join
from jibek.assignment.equilibrium import _Rounds
from jibek.assignment.graph import graph_of, trips_of
from jibek.assignment.segments import Segments, segments_of
from jibek.assignment.workers import Workers

ROUNDING = 1e-9

many = settings(max_examples=200)
seeds = st.integers(0, 2**32)


def crowded(side: int, seed: int) -> tuple[TrafficNetwork, TravelClass]:
    """Make a grid with so many trips that no street is left empty."""
    network, travel = grid(side, side + 3, seed)
    return network, replace(travel, trips=50 * travel.trips)


def problem_of(seed: int) -> tuple[TrafficNetwork, list[TravelClass]]:
    """Draw a network with ties and closures, where few ways part, or a crowded one, where many do."""
    if seed % 2:
        return hostile(seed)
    network, travel = crowded(4, seed)
    return network, [travel, replace(travel, name="truck", load=2.0, fixed_cost=travel.fixed_cost + network.length)]


def mended(network: TrafficNetwork, classes: list[TravelClass]) -> _Rounds:
    """Give bushes after their first mending, when many ways differ."""
    trips = [trips_of(each, network.n_zones) for each in classes]
    rounds = _Rounds(classes, graph_of(network), trips, Workers(1), marginal=False, start=None)
    rounds.mend()
    return rounds


def found(rounds: _Rounds) -> tuple[Cores, Segments]:
    rounds._take_times()
    cores = join(rounds.bushes, rounds._cores)
    return cores, segments_of(cores, rounds._first_bush, rounds._cost, Workers(1))


def labels(cores: Cores, costs: np.ndarray, rows: range) -> dict[int, float]:
    """Cost of the shortest way to each row, counted from 1, from where it leaves the core, 0."""
    least = {0: 0.0}
    for row in rows:
        edges = range(cores.core_first[row], cores.core_first[row + 1])
        least[row + 1] = min(least[int(cores.edge_from[edge])] + costs[cores.edge_arc[edge]] for edge in edges)
    return least


@many
@given(seed=seeds)
def test_a_pair_is_two_ways_between_the_same_places_the_first_shortest(seed: int) -> None:
    rounds = mended(*problem_of(seed))
    cores, pairs = found(rounds)
    row_of = np.repeat(np.arange(len(cores.core_first) - 1), np.diff(cores.core_first))
    bush_of = np.repeat(np.arange(len(cores.first_core) - 1), np.diff(cores.first_core))
    for pair, k in enumerate(pairs.travel.tolist()):
        costs = rounds._cost(k)
        begin, middle, end = pairs.first[pair], pairs.middle[pair], pairs.first[pair + 1]
        short, dear = pairs.edges[begin:middle], pairs.edges[middle:end]
        for way in (short, dear):
            np.testing.assert_array_equal(cores.edge_from[way[:-1]], 1 + row_of[way[1:]])
        assert row_of[short[0]] == row_of[dear[0]]
        assert cores.edge_from[short[-1]] == cores.edge_from[dear[-1]]
        assert not set(row_of[short[1:]]) & set(row_of[dear[1:]])
        bush = bush_of[row_of[short[0]]]
        least = labels(cores, costs, range(cores.first_core[bush], cores.first_core[bush + 1]))
        spent = [costs[cores.edge_arc[way]].sum() for way in (short, dear)]
        assert spent[0] == pytest.approx(least[1 + row_of[short[0]]] - least[int(cores.edge_from[short[-1]])])
        assert spent[1] >= spent[0] - ROUNDING
        np.testing.assert_array_equal(pairs.movable[pair], [cores.flow[dear].min(), cores.flow[short].min()])
        assert pairs.movable[pair, 0] > 0


@many
@given(seed=seeds)
def test_each_used_edge_beside_the_shortest_way_is_in_a_pair(seed: int) -> None:
    rounds = mended(*problem_of(seed))
    cores, pairs = found(rounds)
    ends = {int(pairs.edges[middle]) for middle in pairs.middle}
    for k in range(len(rounds._load)):
        for bush in range(rounds._first_bush[k], rounds._first_bush[k + 1]):
            rows = range(cores.first_core[bush], cores.first_core[bush + 1])
            costs = rounds._cost(k)
            least = labels(cores, costs, rows)
            for row in rows:
                edges = range(cores.core_first[row], cores.core_first[row + 1])
                by_edge = [least[int(cores.edge_from[edge])] + costs[cores.edge_arc[edge]] for edge in edges]
                shortest = edges[int(np.argmin(by_edge))]
                assert all((edge in ends) == (cores.flow[edge] > 0 and edge != shortest) for edge in edges)


@many
@given(seed=seeds)
def test_groups_are_the_pairs_with_the_same_arcs(seed: int) -> None:
    cores, pairs = found(mended(*problem_of(seed)))
    plain: dict[tuple[object, ...], list[int]] = {}
    for pair, k in enumerate(pairs.travel.tolist()):
        arcs = cores.edge_arc[pairs.edges[pairs.first[pair] : pairs.first[pair + 1]]]
        plain.setdefault((k, pairs.middle[pair] - pairs.first[pair], *arcs.tolist()), []).append(pair)
    groups = np.split(pairs.member, pairs.first_member[1:-1]) if len(pairs.member) else []
    assert [group.tolist() for group in groups] == list(plain.values())


@pytest.mark.parametrize("problem", [sioux_falls(), crowded(6, 3)], ids=["sioux falls", "grid"])
def test_shifts_lower_the_objective_and_lose_no_trip(problem: tuple[TrafficNetwork, TravelClass]) -> None:
    network, travel = problem
    rounds = mended(network, [travel])
    _, pairs = found(rounds)
    assert any(np.diff(pairs.first_member) > 1), "bushes share pairs"
    objectives = []
    for _ in range(4):
        flow = np.zeros((1, network.n_links))
        flow[:, rounds.graph.link] = rounds.flow
        certificate = certify(network, [travel], flow)
        assert certificate.imbalance <= ROUNDING
        assert certificate.misplaced == 0
        objectives.append(certificate.objective)
        rounds.shift()
        shifted = rounds.volume.copy()
        rounds.mend()
        np.testing.assert_allclose(shifted, rounds.volume, atol=ROUNDING * rounds.volume.max())
    assert all(np.diff(objectives) < 0)
