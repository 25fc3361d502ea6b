"""Trips spread in the shares of bushes: what the flows were made of, and a map whose transpose averages costs."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import class_of, hostile, network_of

from jibek.assignment import solve
from jibek.assignment.bushes import average, spread

ROUNDING = 1e-12
"""Share of the trips: sums of some dozen numbers."""

seeds = st.integers(0, 2**32)


@settings(deadline=None, max_examples=200)
@given(seed=seeds)
def test_the_trips_of_a_solution_spread_to_its_flows(seed: int) -> None:
    network, classes = hostile(seed)
    found = solve(network, classes)
    flow = np.zeros_like(found.flow)
    for block in found.bushes:
        edge_flow, arc_flow = spread(found.graph, block, block.trips)
        np.testing.assert_allclose(edge_flow, block.flow, rtol=ROUNDING, atol=ROUNDING)
        flow[block.travel, found.graph.link] += arc_flow
    np.testing.assert_allclose(flow, found.flow, rtol=ROUNDING, atol=ROUNDING)


@settings(deadline=None, max_examples=200)
@given(seed=seeds)
def test_average_costs_are_the_transpose(seed: int) -> None:
    """Trips times average costs are flows times costs, whatever trips (of either sign) and costs."""
    network, classes = hostile(seed)
    found = solve(network, classes)
    draw = np.random.default_rng(seed)
    cost = draw.uniform(0, 3, len(found.graph.link))
    for block in found.bushes:
        trips = draw.normal(size=len(block.trips))
        _, arc_flow = spread(found.graph, block, trips)
        assert np.isclose(trips @ average(block, cost), arc_flow @ cost, atol=1e-9)


def test_a_pair_pays_the_average_of_its_ways() -> None:
    """Two routes of ``10 + v / 10`` and 15 for 100 trips: 50 each, so costs of 1 and 3 are 2 on average."""
    network = network_of(2, [(0, 1, 10.0, 100.0, 1.0, 1.0), (0, 1, 15.0, 1.0, 0.0, 4.0)])
    (block,) = solve(network, [class_of(network, [(0, 1, 100.0)])], gap=1e-12).bushes
    assert np.isclose(average(block, np.array([1.0, 3.0]))[0], 2.0, rtol=1e-9)
