"""Trips adjusted to counts: the truth where it is known, closed forms, SciPy's least squares, the laws of bounds."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import class_of, grid, hostile, network_of, sioux_falls
from scipy.optimize import lsq_linear

from jibek.assignment import Adjustment, Counts, TrafficNetwork, TravelClass, adjust, geh, solve
from jibek.assignment.bounded_squares import bounded_least_squares
from jibek.errors import AssignmentError

ROUNDING = 1e-9
"""Share of a factor."""


def counts_of(rows: list[tuple[int, int, float]]) -> Counts:
    """Make counts ``(link, class, count)`` of weight 1."""
    link, travel, count = (np.array(column) for column in zip(*rows, strict=True))
    return Counts(link.astype(np.int64), travel.astype(np.int64), count.astype(float), np.ones(len(rows)))


def perturbed(seed: int, *, spread: float = 0.3) -> tuple[TrafficNetwork, TravelClass, Counts]:
    """Sioux Falls counted on all links, and a prior whose trips are wrong by some tens of percent."""
    network, travel = sioux_falls()
    volume = solve(network, [travel], gap=1e-10).volume
    factor = np.exp(np.random.default_rng(seed).normal(0, spread, len(travel.trips)))
    counts = counts_of([(link, -1, count) for link, count in enumerate(volume.tolist())])
    return network, replace(travel, trips=travel.trips * factor), counts


def one_link(count: float, **options: object) -> Adjustment:
    """A hundred trips of one pair on one link, counted there."""
    network = network_of(2, [(0, 1, 10.0, 50.0, 0.15, 4.0)])
    return adjust(network, [class_of(network, [(0, 1, 100.0)])], counts_of([(0, -1, count)]), **options)  # type: ignore[arg-type]


def test_counts_on_all_links_of_a_known_truth_are_met() -> None:
    network, prior, counts = perturbed(seed=1)
    found = adjust(network, [prior], counts, prior_weight=0.0, gap=1e-9)
    assert found.converged
    assert np.abs(found.counted_before / counts.count - 1).max() > 0.1
    np.testing.assert_allclose(found.counted_after, counts.count, rtol=2e-3)
    assert geh(found.counted_after, counts.count).max() < 1
    assert np.isclose(found.trips[0].sum(), sioux_falls()[1].trips.sum(), rtol=0.01)


def test_the_heavier_the_prior_the_less_it_changes() -> None:
    network, prior, counts = perturbed(seed=2)
    weights = (0.0, 0.1, 1.0, 10.0, 1e12)
    found = [adjust(network, [prior], counts, prior_weight=weight) for weight in weights]
    away = [float(((its.trips[0] - prior.trips) ** 2 / prior.trips).sum()) for its in found]
    assert (np.diff(away) < 0).all()
    np.testing.assert_allclose(found[-1].trips[0], prior.trips, rtol=1e-6)
    np.testing.assert_array_equal(found[-1].before.volume, found[-1].counted_before)


@pytest.mark.parametrize("count", [60.0, 100.0, 170.0])
@pytest.mark.parametrize("weight", [0.0, 0.5, 3.0])
def test_one_pair_goes_where_count_and_prior_pull_it(count: float, weight: float) -> None:
    """The sum is ``(d - count)^2 / count + weight (d - 100)^2 / 100``."""
    found = one_link(count, prior_weight=weight)
    assert found.trips[0].tolist() == pytest.approx([(1 + weight) / (1 / count + weight / 100)], rel=1e-6)
    assert found.converged


def test_bounds_hold_and_are_told() -> None:
    found = one_link(1000.0, prior_weight=0.0, bounds=(0.5, 2.0))
    assert found.trips[0].tolist() == pytest.approx([200.0], rel=ROUNDING)
    assert found.at_bounds == (0, 1)
    assert one_link(0.0, prior_weight=0.0, bounds=(0.5, 2.0)).at_bounds == (1, 0)
    network, prior, counts = perturbed(seed=3, spread=1.0)
    found = adjust(network, [prior], counts, prior_weight=0.0, bounds=(0.8, 1.3))
    factor = found.trips[0] / prior.trips
    assert (factor >= 0.8 * (1 - ROUNDING)).all()
    assert (factor <= 1.3 * (1 + ROUNDING)).all()
    assert min(found.at_bounds) > 0
    assert sum(found.at_bounds) < len(factor)


def test_a_count_of_a_class_is_of_its_trips_and_others_of_vehicle_equivalents() -> None:
    """Lorries count twice: 30 of them are counted, and 130 equivalents of all, so 70 cars."""
    network = network_of(2, [(0, 1, 10.0, 50.0, 0.15, 4.0)])
    cars = class_of(network, [(0, 1, 100.0)])
    lorries = class_of(network, [(0, 1, 20.0)], name="lorry", load=2.0)
    found = adjust(network, [cars, lorries], counts_of([(0, 1, 30.0), (0, -1, 130.0)]), prior_weight=0.0)
    assert [its.tolist() for its in found.trips] == [pytest.approx([70.0]), pytest.approx([30.0])]
    assert found.counted_after.tolist() == pytest.approx([30.0, 130.0])


def test_a_count_without_weight_changes_nothing_and_one_that_no_route_reaches_neither() -> None:
    network = network_of(3, [(0, 1, 10.0, 50.0, 0.15, 4.0), (2, 1, 10.0, 50.0, 0.15, 4.0)])
    prior = class_of(network, [(0, 1, 100.0), (0, 2, 5.0), (1, 1, 3.0)])
    counts = replace(counts_of([(0, -1, 70.0), (1, -1, 70.0)]), weight=np.array([0.0, 1.0]))
    found = adjust(network, [prior], counts)
    assert found.trips[0].tolist() == prior.trips.tolist()
    assert found.counted_after.tolist() == [100.0, 0.0]
    assert found.pairs.rows() == [("car", "n0", "n1", 100.0, 100.0, 1.0)]


def test_rows_of_a_pair_are_scaled_alike() -> None:
    network = network_of(2, [(0, 1, 10.0, 50.0, 0.15, 4.0)])
    prior = class_of(network, [(0, 1, 60.0), (0, 1, 40.0)])
    found = adjust(network, [prior], counts_of([(0, -1, 150.0)]), prior_weight=0.0)
    assert found.trips[0].tolist() == pytest.approx([90.0, 60.0])


def test_threads_change_no_bit() -> None:
    network, travel = grid(20, 100, seed=3)
    volume = solve(network, [travel]).volume
    counts = counts_of([(link, -1, 1.3 * volume[link]) for link in range(0, network.n_links, 7)])
    one, two = (adjust(network, [travel], counts, threads=threads) for threads in (1, 2))
    assert one.trips[0].tobytes() == two.trips[0].tobytes()
    assert one.trace == two.trace


@settings(deadline=None, max_examples=100)
@given(seed=st.integers(0, 2**32), weight=st.sampled_from([0.0, 0.1, 1.0]))
def test_on_any_network_the_sum_never_rises_and_bounds_hold(seed: int, weight: float) -> None:
    network, classes = hostile(seed)
    draw = random.Random(seed)
    rows = [
        (link, draw.randint(-1, len(classes) - 1), draw.choice([0.0, 0.5, 3.0, 20.0]))
        for link in range(network.n_links)
        if draw.random() < 0.5
    ]
    if not rows:
        return
    found = adjust(network, classes, counts_of(rows), prior_weight=weight, bounds=(0.5, 3.0))
    assert (np.diff(found.trace) <= 0).all()
    for travel, trips in zip(classes, found.trips, strict=True):
        assert (trips >= 0.5 * travel.trips * (1 - ROUNDING)).all()
        assert (trips <= 3.0 * travel.trips * (1 + ROUNDING)).all()
    assert found.after.certificate.imbalance < 1e-12
    assert found.trace[-1] == pytest.approx(sum_of_squares(classes, counts_of(rows), weight, found), rel=1e-6, abs=1e-9)


def sum_of_squares(classes: list[TravelClass], counts: Counts, weight: float, found: Adjustment) -> float:
    """What is made least, reckoned pair by pair; pairs that no way joins do not change."""
    total = float(((found.counted_after - counts.count) ** 2 / np.maximum(counts.count, 1)).sum())
    prior: dict[tuple[int, int, int], list[float]] = {}
    for k, (travel, trips) in enumerate(zip(classes, found.trips, strict=True)):
        for row in range(len(trips)):
            sums = prior.setdefault((k, int(travel.origin[row]), int(travel.destination[row])), [0.0, 0.0])
            sums[0] += travel.trips[row]
            sums[1] += trips[row]
    return total + weight * sum((after - before) ** 2 / before for before, after in prior.values() if before > 0)


@settings(deadline=None, max_examples=100)
@given(seed=st.integers(0, 2**32), ridge=st.sampled_from([0.01, 1.0]))
def test_bounded_least_squares_are_those_of_scipy(seed: int, ridge: float) -> None:
    draw = np.random.default_rng(seed)
    matrix = draw.normal(size=(draw.integers(1, 8), draw.integers(1, 12)))
    goal = draw.normal(scale=3, size=len(matrix))
    low, high = -draw.uniform(0, 1, matrix.shape[1]), draw.uniform(0, 1, matrix.shape[1])
    found = bounded_least_squares(
        lambda z: matrix @ z, lambda r: r @ matrix, goal, ridge=ridge, low=low, high=high, start=0 * low
    )
    whole = np.vstack([matrix, np.sqrt(ridge) * np.eye(len(low))])
    expected = lsq_linear(whole, np.append(goal, 0 * low), (low, high + 1e-12), tol=1e-14).x
    rest = np.append(goal, 0 * low)
    ours, theirs = (np.sum((whole @ z - rest) ** 2) for z in (found, expected))
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-9)
    assert np.all((low <= found) & (found <= high))


def test_the_statistic_of_havers() -> None:
    assert geh(np.array([110.0, 0.0, 0.0]), np.array([90.0, 8.0, 0.0])).tolist() == pytest.approx(
        [2**0.5 * 20 / 200**0.5, 4.0, 0]
    )


@pytest.mark.parametrize(
    ("options", "columns"),
    [
        ({"prior_weight": -1.0, "bounds": (0.0, 5.0)}, ["bounds", "prior_weight"]),
        ({"prior_weight": np.nan, "bounds": (0.5, 0.9)}, ["bounds", "prior_weight"]),
    ],
)
def test_weights_and_bounds_that_are_none_are_faults(options: dict[str, object], columns: list[str]) -> None:
    with pytest.raises(AssignmentError) as caught:
        one_link(100.0, **options)
    assert [fault.column for fault in caught.value.faults] == columns


def test_counts_that_do_not_fit_the_network_are_faults() -> None:
    network = network_of(2, [(0, 1, 10.0, 50.0, 0.15, 4.0)])
    counts = Counts(np.array([1, 0]), np.array([0, 3]), np.array([np.nan, -1.0]), np.array([1.0, np.inf]))
    with pytest.raises(AssignmentError) as caught:
        adjust(network, [class_of(network, [(0, 1, 1.0)])], counts)
    found = [(fault.row, fault.column) for fault in caught.value.faults]
    assert found == [("0", "count"), ("0", "link"), ("1", "count"), ("1", "travel"), ("1", "weight")]
