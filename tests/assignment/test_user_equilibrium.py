"""Equilibria against closed forms, published objectives and the laws that every equilibrium keeps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from problems import benchmark, class_of, grid, network_of, sioux_falls

from jibek.assignment import Assignment, DelayKind, TrafficNetwork, TravelClass, price_of_anarchy, solve

TIGHT = 1e-13
"""Gap at which link flows are those of the equilibrium to six digits or more."""
FLOWS = {"rtol": 1e-5, "atol": 1e-4}
DIGITS = 1e-12

BRIDGE = 4
BRAESS = [  # links s-a, s-b, a-t, b-t, a-b; times 10 v, 50 + v, 50 + v, 10 v, 10 + v
    (0, 2, 1e-9, 1.0, 1e10, 1.0),
    (0, 3, 50.0, 1.0, 0.02, 1.0),
    (2, 1, 50.0, 1.0, 0.02, 1.0),
    (3, 1, 1e-9, 1.0, 1e10, 1.0),
    (2, 3, 10.0, 1.0, 0.1, 1.0),
]


def braess(*, bridge: bool) -> tuple[TrafficNetwork, TravelClass]:
    """Braess, D. (1968), Unternehmensforschung 12: six travellers from s (0) to t (1)."""
    network = network_of(4, BRAESS if bridge else BRAESS[:BRIDGE], n_zones=2)
    return network, class_of(network, [(0, 1, 6.0)])


def assign(problem: tuple[TrafficNetwork, TravelClass], gap: float = TIGHT, **options: str) -> Assignment:
    """Solve a problem of one class; near the rounding of sums the last digits of a gap are not asked for."""
    network, travel = problem
    return solve(network, [travel], gap=gap, **options)  # type: ignore[arg-type]


def test_braess_equilibrium_and_paradox() -> None:
    with_bridge, without = assign(braess(bridge=True)), assign(braess(bridge=False))
    np.testing.assert_allclose(with_bridge.volume, [4, 2, 2, 4, 2], rtol=1e-9)
    np.testing.assert_allclose(without.volume, [3, 3, 3, 3], rtol=1e-9)
    assert with_bridge.certificate.total_cost == pytest.approx(6 * 92, rel=1e-9)
    assert without.certificate.total_cost == pytest.approx(6 * 83, rel=1e-9)


def test_braess_system_optimum_leaves_the_bridge_and_gives_the_price_of_anarchy() -> None:
    user, system = assign(braess(bridge=True)), assign(braess(bridge=True), objective="system")
    np.testing.assert_allclose(system.volume, [3, 3, 3, 3, 0], atol=1e-9)
    assert price_of_anarchy(user, system) == pytest.approx(92 / 83, rel=1e-9)


def test_sioux_falls_objective_to_twelve_digits() -> None:
    found = assign(sioux_falls())
    assert found.certificate.objective == pytest.approx(42.31335287107440e5, rel=DIGITS)
    assert found.certificate.gap < 1e-12


@pytest.mark.parametrize(
    ("name", "factors", "objective"),
    [
        ("Anaheim", (0.0, 0.0), 1286032.17109602),
        ("ChicagoSketch", (0.02, 0.04), 17313018.7387477),
    ],
)
def test_best_known_objectives(name: str, factors: tuple[float, float], objective: float) -> None:
    """Best known solutions of Transportation Networks for Research, with tolls and distances priced as there."""
    found = assign(benchmark(name, toll_factor=factors[0], distance_factor=factors[1]), gap=1e-12)
    assert found.converged
    assert found.certificate.gap < 2e-12
    assert found.certificate.objective == pytest.approx(objective, rel=DIGITS)


@pytest.mark.parametrize(
    ("kind", "b", "power", "expected"),
    [
        (DelayKind.BPR, 1.0, 1.0, 50.0),  # 10 (1 + v / 100) = 15
        (DelayKind.BPR, 0.15, 4.0, 100 * (0.5 / 0.15) ** 0.25),
        (DelayKind.BPR, 2.0, 1.5, 100 * 0.25 ** (1 / 1.5)),
        (DelayKind.CONICAL, 0.5, 4.0, 100.0),  # at capacity a conical delay is b times the free time
        (DelayKind.CONICAL, 0.5, 1.5, 100.0),
        (DelayKind.CONSTANT, 7.0, 4.0, 300.0),
        (DelayKind.BPR, 0.4, 0.0, 300.0),  # power 0: 14 at any flow
        (DelayKind.BPR, 0.6, 0.0, 0.0),
    ],
)
def test_two_routes_share_as_the_closed_form_says(kind: DelayKind, b: float, power: float, expected: float) -> None:
    """The first route takes 10 and its delay, the second 15: the first gets what makes it 15 too, or all."""
    links = [(0, 1, 10.0, 100.0, b, power), (0, 1, 15.0, 1.0, 0.0, 4.0)]
    network = network_of(2, links, kinds=[kind, DelayKind.BPR])
    found = assign((network, class_of(network, [(0, 1, 300.0)])))
    np.testing.assert_allclose(found.volume, [expected, 300.0 - expected], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("b", "power"), [(1.0, 1.0), (0.15, 4.0), (2.0, 1.5)])
def test_two_routes_are_best_together_where_marginal_times_meet(b: float, power: float) -> None:
    """``10 (1 + b x^p)`` has the marginal time ``10 (1 + (p + 1) b x^p)``, which is 15."""
    network = network_of(2, [(0, 1, 10.0, 100.0, b, power), (0, 1, 15.0, 1.0, 0.0, 4.0)])
    found = assign((network, class_of(network, [(0, 1, 300.0)])), objective="system")
    expected = 100 * (0.5 / (b * (power + 1))) ** (1 / power)
    np.testing.assert_allclose(found.volume, [expected, 300 - expected], rtol=1e-9)


def test_two_conical_routes_are_best_together_where_the_total_cost_is_least() -> None:
    network = network_of(2, [(0, 1, 10.0, 100.0, 0.5, 4.0), (0, 1, 15.0, 1.0, 0.0, 4.0)], kinds=[1, 0])
    problem = network, class_of(network, [(0, 1, 300.0)])
    found = assign(problem, objective="system")
    v = np.linspace(0, 300, 300_001)
    y, beta = 4 * (1 - v / 100), 7 / 6
    total = v * 10 * (1 + 0.5 * (1 + np.sqrt(y**2 + beta**2) - y - beta)) + (300 - v) * 15
    assert found.certificate.total_cost == pytest.approx(total.min(), rel=1e-9)
    assert found.volume[0] == pytest.approx(v[total.argmin()], abs=2e-3)


def test_renumbering_nodes_and_links_changes_nothing() -> None:
    network, travel = sioux_falls()
    draw = np.random.default_rng(1)
    node, row = draw.permutation(24).astype(np.int32), draw.permutation(network.n_links)
    renumbered = replace(
        network,
        tail=node[network.tail[row]],
        head=node[network.head[row]],
        free_time=network.free_time[row],
        capacity=network.capacity[row],
    )
    its_travel = replace(travel, origin=node[travel.origin], destination=node[travel.destination])
    expected, found = assign((network, travel)), assign((renumbered, its_travel))
    np.testing.assert_allclose(found.volume, expected.volume[row], **FLOWS)


def test_rows_of_trips_in_any_order_and_parts_change_nothing() -> None:
    network, travel = sioux_falls()
    row = np.random.default_rng(2).permutation(np.repeat(np.arange(len(travel.trips)), 2))
    parts = replace(travel, origin=travel.origin[row], destination=travel.destination[row], trips=travel.trips[row] / 2)
    assert assign((network, parts)).volume.tobytes() == assign((network, travel)).volume.tobytes()


def test_two_parallel_links_are_one_of_both_capacities() -> None:
    network, travel = sioux_falls()
    twice = np.repeat(np.arange(network.n_links), 2)
    doubled = replace(
        network,
        link_ids=tuple(f"{number}" for number in range(2 * network.n_links)),
        **{
            name: getattr(network, name)[twice]
            for name in ("tail", "head", "free_time", "b", "power", "length", "toll")
        },
        capacity=np.column_stack([0.3 * network.capacity, 0.7 * network.capacity]).ravel(),
    )
    its_travel = replace(travel, fixed_cost=np.zeros(2 * network.n_links), allowed=np.ones(2 * network.n_links, bool))
    found = assign((doubled, its_travel))
    np.testing.assert_allclose(found.volume.reshape(-1, 2).sum(axis=1), assign((network, travel)).volume, **FLOWS)


def test_demand_and_capacity_scale_together() -> None:
    network, travel = sioux_falls()
    scaled = replace(network, capacity=network.capacity * 7), replace(travel, trips=travel.trips * 7)
    np.testing.assert_allclose(assign(scaled).volume, 7 * assign((network, travel)).volume, **FLOWS)


def test_a_zone_split_in_two_loads_links_as_one() -> None:
    """A twin of zone 10 joined to it by links of no time; half of the trips are given to the twin."""
    network, travel = sioux_falls()
    twin, zone = 24, 9
    links = np.column_stack([network.tail, network.head, network.free_time, network.capacity, network.b, network.power])
    split = network_of(25, [*map(tuple, links.tolist()), (zone, twin, 0, 1, 0, 0), (twin, zone, 0, 1, 0, 0)])  # type: ignore[list-item]
    rows = list(zip(travel.origin.tolist(), travel.destination.tolist(), travel.trips.tolist(), strict=True))
    halves = [(i, j, t / (2 if zone in {i, j} else 1)) for i, j, t in rows]
    halves += [(twin if i == zone else i, twin if j == zone else j, t / 2) for i, j, t in rows if zone in {i, j}]
    found = assign((split, class_of(split, halves)))
    np.testing.assert_allclose(found.volume[:-2], assign((network, travel)).volume, **FLOWS)


def test_classes_that_do_not_differ_are_one_class() -> None:
    network, travel = sioux_falls()
    part = np.arange(len(travel.trips)) % 3 == 0
    classes = [
        replace(travel, trips=np.where(part, travel.trips, 0.0)),
        replace(travel, trips=np.where(part, 0.0, travel.trips)),
    ]
    found = solve(network, classes, gap=TIGHT)
    np.testing.assert_allclose(found.volume, assign((network, travel)).volume, **FLOWS)


def test_a_trip_of_two_vehicle_equivalents_is_two_trips() -> None:
    network, travel = sioux_falls()
    heavy = replace(travel, trips=travel.trips / 2, load=2.0)
    expected, found = assign((network, travel)), assign((network, heavy))
    np.testing.assert_allclose(found.volume, expected.volume, **FLOWS)
    np.testing.assert_allclose(found.flow[0] * 2, expected.flow[0], **FLOWS)
    assert found.certificate.objective == pytest.approx(expected.certificate.objective, rel=DIGITS)


def test_a_class_stays_off_links_that_it_may_not_use_and_pays_its_own_costs() -> None:
    """Lorries may not take the short route; cars pay a toll of 3 on the long one, so the short one takes 15 + 3."""
    network = network_of(2, [(0, 1, 10.0, 100.0, 1.0, 1.0), (0, 1, 15.0, 100.0, 0.0, 1.0)])
    cars = class_of(network, [(0, 1, 300.0)], fixed_cost=np.array([0.0, 3.0]))
    lorries = class_of(network, [(0, 1, 20.0)], allowed=np.array([False, True]), load=2.5)
    found = solve(network, [cars, lorries], gap=TIGHT)
    np.testing.assert_allclose(found.flow, [[80.0, 220.0], [0.0, 20.0]], rtol=1e-9)
    np.testing.assert_allclose(found.volume, [80.0, 270.0], rtol=1e-9)


def test_nobody_passes_through_a_zone_that_is_none_to_pass() -> None:
    """From zone 0 to zone 1 the way by zone 2 is shorter, and closed to all but trips to zone 2."""
    links = [
        (0, 2, 1.0, 1.0, 0.0, 0.0),
        (2, 1, 1.0, 1.0, 0.0, 0.0),
        (0, 3, 5.0, 1.0, 0.0, 0.0),
        (3, 1, 5.0, 1.0, 0.0, 0.0),
    ]
    network = network_of(4, links, n_zones=3, first_through=3)
    found = assign((network, class_of(network, [(0, 1, 8.0), (0, 2, 4.0), (2, 1, 2.0)])))
    assert found.volume.tolist() == [4.0, 2.0, 8.0, 8.0]


def test_what_is_not_assigned_is_named() -> None:
    network = network_of(3, [(0, 1, 1.0, 10.0, 0.15, 4.0), (1, 2, 1.0, 0.0, 0.15, 4.0)])
    found = assign((network, class_of(network, [(0, 1, 3.0), (0, 2, 4.0), (1, 1, 5.0)])))
    assert found.unrouted.rows() == [("car", "n0", "n2", 4.0)]
    assert found.within.rows() == [("car", "n1", 5.0)]
    assert found.volume.tolist() == [3.0, 0.0]


def test_a_gap_that_is_not_reached_is_said() -> None:
    network, travel = sioux_falls()
    found = solve(network, [travel], gap=1e-12, most_iterations=2)
    assert not found.converged
    assert found.gap == found.certificate.gap > 1e-12
    assert len(found.trace) == found.iterations


def test_the_gap_that_the_solver_finds_is_the_certified_one() -> None:
    network, travel = sioux_falls()
    for goal in (1e-2, 1e-4, 1e-6):
        found = solve(network, [travel], gap=goal)
        assert found.certificate.gap == pytest.approx(found.trace[-1], rel=1e-5)
        assert found.converged
        assert found.gap <= goal < found.trace[-2]


def test_results_are_the_same_to_the_last_bit_for_any_number_of_threads() -> None:
    network, travel = grid(20, 100, seed=3)
    lorries = replace(travel, name="lorry", trips=travel.trips / 9, load=2.0)
    one, two, sixteen = (solve(network, [travel, lorries], gap=1e-8, threads=threads) for threads in (1, 2, 16))
    for other in (two, sixteen):
        assert other.flow.tobytes() == one.flow.tobytes()
        assert other.trace == one.trace
        assert other.certificate == one.certificate
