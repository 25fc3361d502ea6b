"""Elastic demand against roots of one equation, the fixed problem, and the laws that trips and costs keep."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from problems import class_of, grid, hostile, network_of, sioux_falls
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from jibek.assignment import TravelClass, certify, solve
from jibek.assignment.demand import DemandFunction
from jibek.errors import AssignmentError

GAP = 1e-9
TRIPS = 1e-7
"""Relative error of trips at that gap."""
ROUNDING = 1e-12

seeds = st.integers(0, 2**32)


def bpr(flow: float) -> float:
    return 10 * (1 + 0.15 * (flow / 50) ** 4)


@pytest.mark.parametrize("elasticity", [0.3, 1.0, 2.0, 8.0])
@pytest.mark.parametrize("reference", [5.0, 10.0, 30.0])
def test_trips_of_one_link_solve_one_equation(elasticity: float, reference: float) -> None:
    network = network_of(2, [(0, 1, 10.0, 50.0, 0.15, 4.0)])
    travel = class_of(network, [(0, 1, 80.0)], elasticity=elasticity, reference_cost=np.array([reference]))
    found = solve(network, [travel], gap=GAP)
    expected = brentq(lambda d: d - 80 * (bpr(d) / reference) ** -elasticity, 1e-3, 1e3, xtol=1e-12)
    assert found.trips[0].tolist() == pytest.approx([expected], rel=TRIPS)
    assert found.volume.tolist() == pytest.approx([expected], rel=TRIPS)
    surplus = quad(lambda c: 80 * (c / reference) ** -elasticity, bpr(expected), reference)[0]
    assert found.certificate.surplus == pytest.approx(surplus, rel=1e-6)


def test_a_system_optimum_makes_trips_pay_what_they_cost_all() -> None:
    """The marginal time ``10 (1 + 5 * 0.15 (d / 50)^4)`` is what trips answer to."""
    network = network_of(2, [(0, 1, 10.0, 50.0, 0.15, 4.0)])
    travel = class_of(network, [(0, 1, 80.0)], elasticity=1.0)
    found = solve(network, [travel], gap=GAP, objective="system")
    expected = brentq(lambda d: d - 80 / (1 + 0.75 * (d / 50) ** 4), 1e-3, 1e3, xtol=1e-12)
    assert found.trips[0].tolist() == pytest.approx([expected], rel=TRIPS)


def test_a_start_from_other_trips_ends_at_the_same() -> None:
    network, travel = sioux_falls()
    elastic = replace(travel, elasticity=1.0)
    cold = solve(network, [elastic], gap=GAP)
    warm = solve(network, [elastic], gap=GAP, start=solve(network, [replace(travel, elasticity=0.3)]))
    assert warm.converged
    np.testing.assert_allclose(warm.trips[0], cold.trips[0], rtol=1e-5)


def test_two_routes_cost_the_same_and_trips_are_those_at_that_cost() -> None:
    """The second route always takes 15, so 150 * (15 / 10) ** -1 trips go, and the first gets what makes it 15."""
    network = network_of(2, [(0, 1, 10.0, 50.0, 0.15, 4.0), (0, 1, 15.0, 1.0, 0.0, 4.0)])
    found = solve(network, [class_of(network, [(0, 1, 150.0)], elasticity=1.0)], gap=GAP)
    first = 50 * (0.5 / 0.15) ** 0.25
    assert found.trips[0].tolist() == pytest.approx([100.0], rel=TRIPS)
    assert found.volume.tolist() == pytest.approx([first, 100 - first], rel=TRIPS)


def test_an_elasticity_of_zero_is_the_fixed_problem_to_the_last_bit() -> None:
    network, travel = sioux_falls()
    fixed = solve(network, [travel])
    reference = np.full(len(travel.trips), 7.0)
    found = solve(network, [replace(travel, elasticity=0.0, reference_cost=reference)])
    assert found.flow.tobytes() == fixed.flow.tobytes()
    assert found.certificate == fixed.certificate
    assert found.trips[0].tobytes() == travel.trips.tobytes()


@pytest.mark.parametrize("elasticity", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("objective", ["user", "system"])
def test_sioux_falls_reaches_gap_and_demand(elasticity: float, objective: str) -> None:
    network, travel = sioux_falls()
    found = solve(network, [replace(travel, elasticity=elasticity)], gap=1e-6, objective=objective)  # type: ignore[arg-type]
    assert found.converged
    assert found.certificate.gap <= 1e-6
    assert found.certificate.misfit <= 1e-6
    assert found.certificate.imbalance <= ROUNDING


def test_the_more_elastic_the_fewer_trips_where_costs_are_above_the_reference() -> None:
    network, travel = sioux_falls()
    trips = [solve(network, [replace(travel, elasticity=e)]).trips[0].sum() for e in (0.0, 0.1, 0.5, 1.0, 2.0, 4.0)]
    assert (np.diff(trips) < 0).all()


def test_the_costs_of_the_fixed_equilibrium_as_reference_keep_its_trips() -> None:
    network, travel = sioux_falls()
    fixed = solve(network, [travel], gap=1e-12)
    times = csr_matrix((fixed.time, (network.tail, network.head)), shape=(network.n_nodes, network.n_nodes))
    reference = dijkstra(times)[travel.origin, travel.destination]
    found = solve(network, [replace(travel, elasticity=1.5, reference_cost=reference)], gap=GAP)
    np.testing.assert_allclose(found.trips[0], travel.trips, rtol=1e-6)
    assert abs(found.certificate.surplus) < 1e-6 * found.certificate.total_cost


def test_classes_answer_each_for_itself_and_meet_on_the_road() -> None:
    """Two classes on one link, one of them elastic: cars make way for lorries that count twice."""
    network = network_of(2, [(0, 1, 10.0, 50.0, 0.15, 4.0)])
    cars = class_of(network, [(0, 1, 80.0)], elasticity=1.0)
    lorries = class_of(network, [(0, 1, 20.0)], load=2.0, fixed_cost=np.array([4.0]), elasticity=0.5)
    found = solve(network, [cars, lorries], gap=GAP)
    d = np.concatenate(found.trips)
    cost = bpr(d[0] + 2 * d[1])
    np.testing.assert_allclose(d, [80 * (cost / 10) ** -1.0, 20 * ((cost + 4) / 14) ** -0.5], rtol=TRIPS)


def test_rows_of_a_pair_share_its_trips_and_trips_within_zones_stay() -> None:
    network = network_of(3, [(0, 1, 10.0, 50.0, 0.15, 4.0)])
    rows = [(0, 1, 60.0), (1, 1, 7.0), (0, 1, 20.0), (0, 2, 3.0)]
    parts = solve(network, [class_of(network, rows, elasticity=1.0)], gap=GAP)
    whole = solve(network, [class_of(network, [(0, 1, 80.0)], elasticity=1.0)], gap=GAP).trips[0][0]
    assert parts.trips[0].tolist() == pytest.approx([0.75 * whole, 7.0, 0.25 * whole, 3.0])
    assert parts.unrouted["trips"].to_list() == [3.0]


def test_the_certificate_sees_trips_that_do_not_follow_their_costs() -> None:
    """60 trips cost 13.1 each, at which 80 * 10 / 13.1 would be made."""
    network = network_of(2, [(0, 1, 10.0, 50.0, 0.15, 4.0)])
    travel = class_of(network, [(0, 1, 80.0)], elasticity=1.0, reference_cost=np.array([10.0]))
    wanted = 80 * 10 / bpr(60.0)
    found = certify(network, [travel], np.array([[60.0]]), trips=[np.array([60.0])])
    assert found.gap == 0
    assert found.imbalance == 0
    assert found.misfit == pytest.approx(abs(60 - wanted) / wanted)


def test_results_are_the_same_to_the_last_bit_for_any_number_of_threads() -> None:
    network, travel = grid(20, 100, seed=3)
    elastic = replace(travel, elasticity=1.0, trips=travel.trips * 3)
    one, two = (solve(network, [elastic], threads=threads) for threads in (1, 2))
    assert one.trips[0].tobytes() == two.trips[0].tobytes()
    assert one.certificate == two.certificate


@settings(deadline=None, max_examples=300)
@given(seed=seeds, elasticity=st.sampled_from([0.1, 1.0, 2.0, 5.0, 30.0]))
@example(seed=26316, elasticity=0.1)  # two groups pull against each other, and move little without a pattern move
@example(seed=5174, elasticity=30.0)  # steps that are cut short go to and fro if all may go equally far
def test_on_any_network_trips_follow_their_costs_and_none_is_lost(seed: int, elasticity: float) -> None:
    network, classes = hostile(seed)
    elastic = [with_reference(each, elasticity / (1 + k)) for k, each in enumerate(classes)]
    found = solve(network, elastic, gap=1e-6)
    assert found.converged
    assert found.certificate.misfit <= 1e-6 + ROUNDING
    assert found.certificate.imbalance <= ROUNDING
    assert found.certificate.misplaced == 0
    assert all(np.isfinite(trips).all() for trips in found.trips)


def with_reference(travel: TravelClass, elasticity: float) -> TravelClass:
    reference = np.array([0.1, 1.0, 1.0, 3.0, 10.0])[(3 * travel.origin + 7 * travel.destination) % 5]
    return replace(travel, elasticity=elasticity, reference_cost=reference)


@settings(deadline=None)
@given(
    st.floats(0.01, 20),
    st.floats(0.5, 2),
    st.floats(0.5, 2),
)
def test_surplus_is_the_integral_of_the_demand_function(elasticity: float, reference: float, cost: float) -> None:
    function = DemandFunction(*(np.array([value]) for value in (3.0, reference, elasticity)))
    area, error = quad(lambda c: function.at(np.array([c]))[0], cost, reference)
    assert function.surplus(np.array([cost]))[0] == pytest.approx(area, rel=1e-6, abs=10 * error + 1e-9)


def test_the_demand_function_is_flat_a_million_times_away() -> None:
    function = DemandFunction(np.array([1.0, 1.0]), np.array([1.0, 1.0]), np.array([2.0, 2.0]))
    assert function.at(np.array([0.0, 1e9])).tolist() == pytest.approx([1e6, 1e-6])
    assert function.surplus(np.array([0.0, 1.0]))[0] == pytest.approx((1 - 1e-3 ** (1 - 2)) / (1 - 2) + 1e6 * 1e-3)


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"elasticity": -1.0}, "elasticity"),
        ({"elasticity": np.nan}, "elasticity"),
        ({"elasticity": 1e9}, "elasticity"),
        ({"reference_cost": np.array([1.0, 0.0])}, "reference_cost"),
        ({"reference_cost": np.array([1.0, np.nan])}, "reference_cost"),
        ({"reference_cost": np.array([1.0])}, "reference_cost"),
        ({"reference_cost": np.array([1.0, 2.0])}, "reference_cost"),
    ],
)
def test_what_is_no_demand_function_is_a_fault(changes: dict[str, object], column: str) -> None:
    network = network_of(2, [(0, 1, 10.0, 50.0, 0.15, 4.0)])
    with pytest.raises(AssignmentError) as caught:
        class_of(network, [(0, 1, 1.0), (0, 1, 2.0)], **changes)
    assert [fault.column for fault in caught.value.faults] == [column]


def test_a_reference_of_no_cost_is_a_fault() -> None:
    network = network_of(2, [(0, 1, 0.0, 50.0, 0.15, 4.0)])
    with pytest.raises(AssignmentError, match="reference_cost"):
        solve(network, [class_of(network, [(0, 1, 1.0)], elasticity=1.0)])
