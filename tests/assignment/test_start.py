"""A start from an earlier solution: the same equilibrium in fewer rounds, whatever has changed since."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import class_of, grid, hostile, network_of, sioux_falls
from test_hostile_networks import assert_acyclic

from jibek.assignment import TrafficNetwork, TravelClass, solve
from jibek.errors import AssignmentError

TIGHT = 1e-12
"""Gap at which link flows are those of the equilibrium to six digits or more."""
FLOWS = {"rtol": 1e-5, "atol": 1e-4}
GAP = 1e-6
ROUNDING = 1e-12
"""Share of the trips: sums of some dozen numbers."""


def test_a_start_from_the_solution_itself_is_the_solution() -> None:
    network, travel = sioux_falls()
    cold = solve(network, [travel], gap=TIGHT)
    warm = solve(network, [travel], gap=TIGHT, start=cold)
    assert warm.iterations == 1
    np.testing.assert_allclose(warm.volume, cold.volume, rtol=1e-9)


@pytest.mark.parametrize("change", ["more trips", "other times", "a closed link", "a new origin", "an origin gone"])
def test_the_equilibrium_is_the_one_from_nothing_in_fewer_rounds(change: str) -> None:
    network, travel = sioux_falls()
    before = solve(network, [travel], gap=TIGHT)
    if change == "more trips":
        travel = replace(travel, trips=travel.trips * np.linspace(0.9, 1.1, len(travel.trips)))
    elif change == "other times":
        network = replace(network, capacity=network.capacity * np.linspace(0.95, 1.05, network.n_links))
    elif change == "a closed link":
        network = replace(network, capacity=np.where(np.arange(network.n_links) == 30, 0.0, network.capacity))
    else:
        kept = travel.origin != 12
        without = replace(
            travel, origin=travel.origin[kept], destination=travel.destination[kept], trips=travel.trips[kept]
        )
        if change == "an origin gone":
            travel = without
        else:
            before = solve(network, [without], gap=TIGHT)
    cold, warm = solve(network, [travel], gap=TIGHT), solve(network, [travel], gap=TIGHT, start=before)
    np.testing.assert_allclose(warm.volume, cold.volume, **FLOWS)
    assert warm.converged
    if change != "a closed link":  # most bushes had a way by it, and grow anew
        assert warm.trace[0] < cold.trace[0]


def test_a_link_that_opens_leads_to_zones_that_none_led_to() -> None:
    network = network_of(3, [(0, 1, 1.0, 10.0, 0.15, 4.0), (1, 2, 1.0, 0.0, 0.15, 4.0)])
    travel = class_of(network, [(0, 1, 3.0), (0, 2, 4.0)])
    shut = solve(network, [travel])
    opened = solve(replace(network, capacity=np.array([10.0, 10.0])), [travel], start=shut)
    assert opened.volume.tolist() == [7.0, 4.0]
    assert opened.unrouted.height == 0
    assert solve(network, [travel], start=opened).unrouted.rows() == [("car", "n0", "n2", 4.0)]


def test_the_start_itself_stays_as_it_is_and_results_do_not_depend_on_threads() -> None:
    network, travel = grid(20, 100, seed=3)
    before = solve(network, [travel], gap=1e-4)
    kept = [(block.order.copy(), block.flow.copy(), block.edge_arc.copy()) for block in before.bushes]
    more = replace(travel, trips=travel.trips * 1.2)
    one, two = (solve(network, [more], gap=1e-8, threads=threads, start=before) for threads in (1, 2))
    assert one.flow.tobytes() == two.flow.tobytes()
    for block, (order, flow, edge_arc) in zip(before.bushes, kept, strict=True):
        np.testing.assert_array_equal(block.order, order)
        np.testing.assert_array_equal(block.flow, flow)
        np.testing.assert_array_equal(block.edge_arc, edge_arc)


def test_a_start_on_another_network_or_with_other_classes_is_refused() -> None:
    network, travel = sioux_falls()
    other, its_travel = grid(4, 4, seed=1)
    with pytest.raises(AssignmentError) as caught:
        solve(network, [travel], start=solve(other, [its_travel, its_travel]))
    assert [fault.table for fault in caught.value.faults] == ["classes", "links"]


@settings(deadline=None, max_examples=300)
@given(seed=st.integers(0, 2**32))
def test_any_change_of_any_network_keeps_the_certificate(seed: int) -> None:
    network, classes = hostile(seed)
    before = solve(network, classes, gap=1e-3)
    network, classes = changed(random.Random(seed), network, classes)
    found = solve(network, classes, gap=GAP, start=before)
    assert found.converged
    assert found.certificate.imbalance <= ROUNDING
    assert found.certificate.misplaced == 0
    assert np.isclose(found.unrouted["trips"].sum(), found.certificate.unrouted)
    for block in found.bushes:
        assert_acyclic(found.graph, block)


def changed(
    draw: random.Random, network: TrafficNetwork, classes: list[TravelClass]
) -> tuple[TrafficNetwork, list[TravelClass]]:
    """Draw other capacities, closed ones among them, other trips and links that may be used."""
    capacity = np.array([draw.choice([1.0, 1.0, 1.0, 0.0, 2.0]) for _ in network.link_ids])
    its_classes = [
        replace(
            each,
            trips=np.array([draw.choice([0.0, 1.0, trips]) for trips in each.trips]),
            allowed=each.allowed ^ np.array([draw.random() < 0.05 for _ in network.link_ids], dtype=bool),
        )
        for each in classes
    ]
    return replace(network, capacity=np.where(draw.random() < 0.5, capacity, network.capacity)), its_classes
