"""Without foresight: period after period, needs by priority; what cannot be kept is missed and named."""

from __future__ import annotations

import numpy as np
import pytest
from balanced_systems import System

from jibek.balances import Missed, balance, balance_in_sequence
from jibek.errors import BalanceError

EXACT = 1e-6


def reservoir(inflow: list[float], *, initial: float = 0.0, minimum: float = 0.0) -> System:
    """Write a river with a reservoir of 10, a farm worth 5 a unit and a town worth 3 that comes first."""
    system = System(len(inflow))
    system.act("inflow", {"dam": 1.0}, most=inflow)
    system.store("reservoir", "dam", 10, initial=initial)
    system.act("farm", {"dam": -1.0}, most=6, usd=-5, priority=2)
    system.act("town", {"dam": -1.0}, most=4, least=minimum, usd=-3, priority=1)
    return system


def test_the_first_is_served_first_though_the_second_pays_more() -> None:
    found = balance_in_sequence(reservoir([7, 7]).problem())
    assert found.level[1] == pytest.approx([3, 3], abs=EXACT)
    assert found.level[2] == pytest.approx([4, 4], abs=EXACT)


def test_who_foresees_drought_keeps_water_and_who_does_not_runs_dry() -> None:
    """A hand-computed year: 10 comes at once. Foresight serves the dearest need of both months, the rule does not."""
    problem = reservoir([10, 0]).problem()
    with_it, without = balance(problem), balance_in_sequence(problem)
    assert with_it.level[1].sum() == pytest.approx(10)
    assert without.level[1:, 0] == pytest.approx([6, 4], abs=EXACT)
    assert without.level[1:, 1] == pytest.approx([0, 0], abs=EXACT)
    assert with_it.usd == pytest.approx(-50)
    assert without.usd == pytest.approx(-42)
    assert np.isnan(without.certificate.gap)
    assert without.certificate.imbalance < EXACT


def test_a_delivery_that_cannot_be_made_is_missed_and_named() -> None:
    found = balance_in_sequence(reservoir([5, 1], minimum=3).problem())
    (missed,) = found.missed
    assert (missed.kind, missed.id, missed.period) == ("activity", "town", "1")
    assert missed.by == pytest.approx(2)
    assert found.level[2] == pytest.approx([4, 1], abs=EXACT)


def test_what_is_under_way_arrives_later() -> None:
    """A river of a period and a half: half arrives after one period, half after two."""
    system = System(4)
    system.act("spring", {"up": 1.0}, least=[8, 0, 0, 0], most=[8, 0, 0, 0])
    system.act("river", {"up": -1.0}, most=10)
    system.entries += [(1, system.account("down"), 1, [0.5] * 4), (1, system.account("down"), 2, [0.5] * 4)]
    system.act("use", {"down": -1.0}, most=10, usd=-1, priority=1)
    found = balance_in_sequence(system.problem())
    assert found.level[2] == pytest.approx([0, 4, 4, 0], abs=EXACT)
    assert found.missed == ()


def test_a_season_is_used_up() -> None:
    system = System(3)
    system.act("supply", {"here": 1.0}, most=5)
    use = system.act("use", {"here": -1.0}, most=5, usd=-1, priority=1)
    system.limit("licence", {use: 1.0}, most=8, season=range(3))
    found = balance_in_sequence(system.problem())
    assert found.level[use] == pytest.approx([5, 3, 0], abs=EXACT)
    assert found.use == pytest.approx([8], abs=EXACT)


def test_the_least_use_of_a_season_is_asked_for_at_its_end() -> None:
    system = System(2)
    system.act("supply", {"here": 1.0}, most=2, usd=1)
    use = system.act("use", {"here": -1.0}, most=5)
    system.limit("contract", {use: 1.0}, least=3, season=range(2))
    found = balance_in_sequence(system.problem())
    assert found.level[use] == pytest.approx([0, 2], abs=EXACT)
    assert found.missed == (Missed("limit", "contract", "0-1", pytest.approx(1.0)),)


def test_an_unknown_beginning_is_a_fault() -> None:
    with pytest.raises(BalanceError, match="initial"):
        balance_in_sequence(reservoir([1, 1], initial=float("nan")).problem())


def test_arrivals_round_the_year_are_a_fault() -> None:
    system = System(2, cyclic=True)
    system.act("river", {"a": -1.0, "b": 1.0}, delay=1.0, most=1)
    with pytest.raises(BalanceError, match="cyclic"):
        balance_in_sequence(system.problem())
