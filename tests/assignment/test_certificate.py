"""The certificate against hand-made flows: it must see what is wrong with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from problems import class_of, network_of, sioux_falls

from jibek.assignment import DelayKind, certify, link_times
from jibek.assignment.graph import graph_of
from jibek.assignment.shift_kernels import arc_times

LINKS = [(0, 1, 10.0, 100.0, 1.0, 1.0), (0, 1, 15.0, 1.0, 0.0, 4.0)]
"""Two routes of ``10 + v / 10`` and 15 for 100 trips: 50 each in equilibrium."""


def test_an_equilibrium_has_no_gap_and_the_objective_of_its_integrals() -> None:
    network = network_of(2, LINKS)
    found = certify(network, [class_of(network, [(0, 1, 100.0)])], np.array([[50.0, 50.0]]))
    assert found.gap == 0
    assert found.imbalance == found.misplaced == found.unrouted == 0
    assert found.objective == 10 * 50 + 50**2 / 20 + 15 * 50
    assert found.total_cost == 15 * 100


def test_a_gap_is_what_could_be_saved_at_the_same_times() -> None:
    network = network_of(2, LINKS)
    found = certify(network, [class_of(network, [(0, 1, 100.0)])], np.array([[80.0, 20.0]]))
    assert found.gap == pytest.approx((80 * 18 + 20 * 15 - 100 * 15) / (80 * 18 + 20 * 15))
    assert found.average_excess == pytest.approx(80 * 3 / 100)


def test_a_system_optimum_is_judged_by_marginal_times() -> None:
    """``10 + v / 5`` and 15 meet at 25."""
    network = network_of(2, LINKS)
    travel = class_of(network, [(0, 1, 100.0)])
    assert certify(network, [travel], np.array([[25.0, 75.0]]), objective="system").gap == 0
    assert certify(network, [travel], np.array([[50.0, 50.0]]), objective="system").gap > 0


@pytest.mark.parametrize("flow", [[50.0, 49.0], [51.0, 50.0]])
def test_trips_lost_or_made_are_an_imbalance(flow: list[float]) -> None:
    network = network_of(2, LINKS)
    assert certify(network, [class_of(network, [(0, 1, 100.0)])], np.array([flow])).imbalance == pytest.approx(0.01)


def test_trips_through_a_zone_are_an_imbalance() -> None:
    network = network_of(3, [(0, 2, 1.0, 1.0, 0.0, 0.0), (2, 1, 1.0, 1.0, 0.0, 0.0), (0, 1, 9.0, 1.0, 0.0, 0.0)])
    closed = replace(network, first_through=3)
    flow = np.array([[8.0, 8.0, 0.0]])
    assert certify(network, [class_of(network, [(0, 1, 8.0)])], flow).imbalance == 0
    assert certify(closed, [class_of(closed, [(0, 1, 8.0)])], flow).imbalance == 1


def test_flows_below_zero_or_on_closed_links_are_misplaced() -> None:
    network = network_of(2, LINKS)
    trips = [(0, 1, 100.0)]
    assert certify(network, [class_of(network, trips)], np.array([[103.0, -3.0]])).misplaced == 3
    shut = class_of(network, trips, allowed=np.array([True, False]))
    assert certify(network, [shut], np.array([[98.0, 2.0]])).misplaced == 2


def test_trips_that_no_way_joins_are_counted_apart() -> None:
    network = network_of(3, LINKS)
    found = certify(network, [class_of(network, [(0, 1, 100.0), (1, 0, 7.0), (2, 2, 5.0)])], np.array([[50.0, 50.0]]))
    assert found.unrouted == 7
    assert found.imbalance == 0


@pytest.mark.parametrize("kind", list(DelayKind))
@pytest.mark.parametrize("power", [1.5, 4.0])
def test_times_integrals_and_slopes_belong_together(kind: DelayKind, power: float) -> None:
    network = network_of(2, [(0, 1, 3.0, 80.0, 0.6, power)], kinds=[kind])
    volume, step = 95.0, 1e-4
    grid = np.linspace(0, volume, 20_001)
    values = np.array([link_times(network, np.array([v])).value[0] for v in grid[::100]])
    at = link_times(network, np.array([volume]))
    before, after = (link_times(network, np.array([volume + sign * step])).value[0] for sign in (-1, 1))
    assert at.integral[0] == pytest.approx(np.trapezoid(values, grid[::100]), rel=1e-4)
    assert at.derivative[0] == pytest.approx((after - before) / (2 * step), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("marginal", [False, True])
def test_compiled_times_are_the_plain_ones(marginal: bool) -> None:  # noqa: FBT001
    """The kernel's times and slopes against the plain formulas, the slope against a difference quotient."""
    network, _ = sioux_falls()
    kinds = np.arange(network.n_links, dtype=np.uint8) % 3
    powers = np.array([4.0, 1.5, 2.0, 1.0, 6.0])[np.arange(network.n_links) % 5]
    powers[(kinds == DelayKind.CONICAL) & (powers == 1)] = 3.0
    network = replace(network, delay=kinds, power=powers)
    graph = graph_of(network)
    volume = np.random.default_rng(4).uniform(0.2, 1.5, network.n_links) * network.capacity

    def compiled(v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        time, slope = np.empty(len(graph.link)), np.empty(len(graph.link))
        arc_times(graph.kind, graph.delay, marginal, v[graph.link], time, slope)
        return time, slope

    plain = link_times(network, volume)
    expected = plain.value + volume * plain.derivative if marginal else plain.value
    time, slope = compiled(volume)
    np.testing.assert_allclose(time, expected[graph.link], rtol=1e-12)
    step = 1e-4 * volume
    rise = (compiled(volume + step)[0] - compiled(volume - step)[0]) / (2 * step[graph.link])
    np.testing.assert_allclose(slope, rise, rtol=1e-5, atol=1e-12)
