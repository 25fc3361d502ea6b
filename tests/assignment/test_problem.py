"""Problems that are none: every fault is named with its row."""

from __future__ import annotations

import numpy as np
import pytest
from problems import class_of, network_of

from jibek.assignment import solve
from jibek.errors import AssignmentError

GOOD = (0, 1, 1.0, 10.0, 0.15, 4.0)


@pytest.mark.parametrize(
    ("link", "column"),
    [
        ((0, 9, 1.0, 10.0, 0.15, 4.0), "head"),
        ((-1, 1, 1.0, 10.0, 0.15, 4.0), "tail"),
        ((0, 1, -1.0, 10.0, 0.15, 4.0), "free_time"),
        ((0, 1, np.nan, 10.0, 0.15, 4.0), "free_time"),
        ((0, 1, 1e308, 10.0, 0.15, 4.0), "free_time"),
        ((0, 1, 1.0, -10.0, 0.15, 4.0), "capacity"),
        ((0, 1, 1.0, 1e-200, 0.15, 4.0), "capacity"),
        ((0, 1, 1.0, 10.0, np.inf, 4.0), "b"),
        ((0, 1, 1.0, 10.0, 0.15, 0.5), "power"),
    ],
)
def test_a_bad_link_is_named(link: tuple[int, int, float, float, float, float], column: str) -> None:
    with pytest.raises(AssignmentError) as raised:
        network_of(2, [GOOD, link])
    assert {(fault.row, fault.column) for fault in raised.value.faults} == {("l1", column)}


def test_a_conical_delay_needs_an_alpha_above_one() -> None:
    with pytest.raises(AssignmentError, match="alpha"):
        network_of(2, [(0, 1, 1.0, 10.0, 0.15, 1.0)], kinds=[1])


def test_columns_of_unlike_length_are_named() -> None:
    network = network_of(2, [GOOD])
    with pytest.raises(AssignmentError, match="allowed"):
        solve(network, [class_of(network, [(0, 1, 1.0)], allowed=np.ones(3, dtype=bool))])


@pytest.mark.parametrize("trips", [[(0, 1, -1.0)], [(0, 1, np.nan)], [(0, 1, 1e308)]])
def test_bad_trips_are_named(trips: list[tuple[int, int, float]]) -> None:
    with pytest.raises(AssignmentError, match="trips of car"):
        class_of(network_of(2, [GOOD]), trips)


def test_a_trip_to_an_unknown_zone_is_named() -> None:
    network = network_of(3, [GOOD], n_zones=2)
    with pytest.raises(AssignmentError, match="number of a zone"):
        solve(network, [class_of(network, [(0, 2, 1.0)])])


def test_great_numbers_end_in_a_gap_that_is_said() -> None:
    """Times beyond all reckoning: no warning, no number that is none, and no claim of an equilibrium."""
    network = network_of(2, [(0, 1, 1e30, 1e-30, 1e30, 4.0), (0, 1, 1.0, 1e-30, 1e30, 4.0)])
    found = solve(network, [class_of(network, [(0, 1, 1e30)])], most_iterations=3)
    assert not np.isnan(found.flow).any()
    assert found.flow.sum() == pytest.approx(1e30)
    assert not found.converged
