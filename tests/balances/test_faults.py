"""Systems that are none: each fault is named with its table, row and column; and why a balance has no answer."""

from __future__ import annotations

import numpy as np
import pytest
from balanced_systems import System

from jibek.balances import balance
from jibek.errors import BalanceError


def places_of(system: System) -> set[tuple[str, str, str]]:
    with pytest.raises(BalanceError) as raised:
        system.problem()
    return {(fault.table, fault.row, fault.column) for fault in raised.value.faults}


def test_a_negative_yield_is_named() -> None:
    system = System()
    base, out = system.act("mill", {"wheat": -1.0}), system.act("mill/flour", {"flour": 1.0})
    system.ratio(out, base, -0.1, 0.8)
    assert places_of(system) == {("ratios", "mill/flour, 0", "least")}


def test_dead_volume_above_capacity_and_a_wrong_share_are_told_together() -> None:
    system = System()
    system.store("dam", "river", 10, dead=11, loss_rate=1.2)
    assert places_of(system) == {("stores", "dam", "dead"), ("stores", "dam, 0", "loss_rate")}


def test_a_number_that_is_none_is_named_with_its_period() -> None:
    system = System(2)
    system.act("supply", {"here": 1.0}, usd=[1, np.nan])
    assert places_of(system) == {("activities", "supply, 1", "usd")}


def test_a_circle_that_makes_something_from_nothing_is_found_and_named() -> None:
    system = System()
    system.act("turbine", {"water": -1.0, "power": 0.5})
    system.act("pump", {"power": -1.0, "water": 2.5})
    system.act("spare", {"water": -1.0, "lake": 1.0})
    with pytest.raises(BalanceError) as raised:
        system.problem()
    (fault,) = raised.value.faults
    assert fault.row == "turbine; pump"
    assert fault.value == "something from nothing"


def test_a_circle_over_bounded_yields_is_found() -> None:
    system = System()
    base, out = system.act("plant", {"gas": -1.0}), system.act("plant/power", {"power": 1.0})
    system.ratio(out, base, 0.3, 1.2)
    system.act("electrolysis", {"power": -1.0, "gas": 0.9})
    with pytest.raises(BalanceError, match="plant; plant/power; electrolysis"):
        system.problem()


@pytest.mark.parametrize("back", [1.9, 2.0])
def test_a_circle_that_loses_or_keeps_is_none(back: float) -> None:
    system = System()
    system.act("turbine", {"water": -1.0, "power": 0.5})
    system.act("pump", {"power": -1.0, "water": back})
    system.problem()


def test_a_source_is_no_circle() -> None:
    """A solar plant takes nothing that is balanced; its output may be bounded by a ratio."""
    system = System()
    base, out = system.act("sun", {}), system.act("sun/power", {"power": 1.0})
    system.ratio(out, base, 0, 1)
    system.problem()


def conflicts(system: System) -> dict[tuple[str, str, str], str]:
    with pytest.raises(BalanceError) as raised:
        balance(system.problem())
    return {(fault.table, fault.row, fault.column): fault.value for fault in raised.value.faults}


def test_an_infeasible_system_names_place_period_and_amount() -> None:
    """Compensation flow of 5, inflow of 3, a canal that carries 4: 2 are lacking at the delta in period 1."""
    system = System(2)
    system.act("inflow", {"river": 1.0}, most=[5, 3])
    system.act("canal", {"river": -1.0, "delta": 1.0}, most=5)
    system.act("compensation", {"delta": -1.0}, least=5, most=5)
    found = conflicts(system)
    assert found.pop(("activity", "inflow", "quantity")) == "holds at 3 in 1"
    assert found.pop(("activity", "compensation", "minimum")) == "holds at 5 in 1"
    ((place, value),) = found.items()
    assert place in {("places", "river", "goods"), ("places", "delta", "goods")}
    assert value == "2 lacking in 1"


def test_a_limit_that_conflicts_is_named() -> None:
    system = System()
    use = system.act("use", {"a": -1.0}, least=5)
    system.act("supply", {"a": 1.0})
    system.limit("line", {use: 1.0}, most=3)
    assert conflicts(system) == {
        ("resources", "line", "capacity"): "missed by 2 in 0",
        ("activity", "use", "minimum"): "holds at 5 in 0",
    }


def test_a_limit_in_the_way_of_a_place_is_named() -> None:
    """A place must get 5 by a line of 3, one of two that lead to it by a weight of 2 a unit."""
    system = System()
    system.act("supply", {"a": 1.0})
    ways = [system.act(name, {"a": -1.0, "b": 1.0}) for name in ("there", "also")]
    system.act("use", {"b": -1.0}, least=5, most=9)
    system.limit("line", {ways[0]: 1.0}, most=3)
    system.limit("wire", {ways[1]: 2.0}, most=2)
    found = conflicts(system)
    assert found.pop(("activity", "use", "minimum")) == "holds at 5 in 0"
    assert ("resources", "line", "capacity") in found
    assert len(found) == 3
    assert "1 lacking in 0" in found.values() or "missed by 1 in 0" in found.values()


def test_cost_without_end_names_who_earns() -> None:
    system = System()
    system.act("supply", {"a": 1.0}, usd=1)
    system.act("sale", {"a": -1.0}, usd=-2)
    assert conflicts(system) == {
        ("activity", "supply", ""): "no end in 0",
        ("activity", "sale", ""): "no end in 0",
    }
