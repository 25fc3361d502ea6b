"""Every kind of element in a case worked out by hand; equations by their ids in docs/explanation/balances.md."""

from __future__ import annotations

import numpy as np
import pytest
from balanced_systems import System

from jibek.balances import balance, balance_in_sequence, binding, flows, prices, shortages, stocks

EXACT = 1e-7


def market(system: System, place: str, need: float, worth: float, **bounds: float) -> int:
    return system.act(f"need/{place}", {place: -1.0}, most=need, usd=-worth, priority=1, **bounds)


@pytest.mark.parametrize(("arrives", "enters"), [(1 - 0.2, 12.5), (1 / (1 + 0.2), 12.0)])
def test_loss_of_what_enters_and_of_what_arrives(arrives: float, enters: float) -> None:
    """`balances-1`: to deliver 10, a loss of 20 % of what enters takes 12.5, one of what arrives 12."""
    system = System()
    system.act("supply", {"a": 1.0}, usd=1)
    link = system.act("link", {"a": -1.0, "b": arrives})
    market(system, "b", 10, 5)
    found = balance(system.problem())
    assert found.level[link, 0] == pytest.approx(enters)
    assert found.price[:, 0] == pytest.approx([1.0, 1 / arrives])


@pytest.mark.parametrize(("delay", "arrival"), [(0.0, [8, 0, 0, 0]), (0.25, [6, 2, 0, 0]), (2.0, [0, 0, 8, 0])])
def test_a_delay_of_d_periods(delay: float, arrival: list[float]) -> None:
    """`balances-1`: of n + f periods the share f arrives after n + 1."""
    system = System(4)
    system.act("spring", {"a": 1.0}, least=[8, 0, 0, 0], most=[8, 0, 0, 0])
    system.act("river", {"b": 1.0 - delay % 1})
    river = len(system.acts) - 1
    system.entries[-1] = (river, system.account("b"), int(delay), system.each(1.0 - delay % 1))
    system.entries.append((river, system.account("b"), int(delay) + 1, system.each(delay % 1)))
    system.entries.append((river, system.account("a"), 0, system.each(-1.0)))
    use = market(system, "b", 100, 1)
    found = balance(system.problem())
    assert found.level[use] == pytest.approx(arrival, abs=EXACT)


def test_a_delay_goes_round_a_typical_year() -> None:
    system = System(3, cyclic=True)
    system.act("spring", {"a": 1.0}, least=[0, 0, 5], most=[0, 0, 5])
    river = system.act("river", {"a": -1.0})
    system.entries.append((river, system.account("b"), 2, system.each(1.0)))
    use = market(system, "b", 100, 1)
    assert balance(system.problem()).level[use] == pytest.approx([0, 5, 0], abs=EXACT)


def test_a_store_is_emptied_and_refilled() -> None:
    """Cheap in the first period of two pairs: all is bought then, the price is carried over."""
    system = System(4)
    supply = system.act("supply", {"a": 1.0}, most=10, usd=[1, 9, 2, 9])
    system.act("use", {"a": -1.0}, least=4, most=4)
    system.store("tank", "a", 4, initial=0, final=0)
    found = balance(system.problem())
    assert found.level[supply] == pytest.approx([8, 0, 8, 0], abs=EXACT)
    assert found.content[0] == pytest.approx([4, 0, 4, 0], abs=EXACT)
    assert found.price[0, [0, 2]] == pytest.approx([1, 2])
    assert stocks(found)["content"].to_list() == pytest.approx([4, 0, 4, 0], abs=EXACT)
    assert prices(found).row(2) == ("a", "goods", "2", pytest.approx(2))


def test_a_store_that_ends_as_it_begins_keeps_its_dead_volume() -> None:
    system = System(2)
    supply = system.act("inflow", {"a": 1.0}, least=[6, 0], most=[6, 0])
    use = market(system, "a", 3, 1)
    system.store("dam", "a", 20, dead=5)
    found = balance(system.problem())
    assert found.level[supply].sum() == pytest.approx(found.level[use].sum())
    assert found.content[0] == pytest.approx([8, 5])


def test_evaporation_from_a_surface_that_grows_with_content() -> None:
    """A content that nobody draws on falls by (1 - r/2)/(1 + r/2) each period, less what is lost at any content."""
    rate, fixed, n = 0.1, 0.5, 5
    system = System(n)
    system.store("lake", "a", 100, initial=80, loss=fixed, loss_rate=rate)
    expected, content = [], 80.0
    for _ in range(n):
        content = (content * (1 - rate / 2) - fixed) / (1 + rate / 2)
        expected.append(content)
    assert balance(system.problem()).content[0] == pytest.approx(expected)


def test_a_process_of_fixed_yields_takes_and_makes_several() -> None:
    """Water and land to crop and straw: 2 of water and 1 of land a unit; 10 of water, 4 of land: land binds."""
    system = System()
    system.act("water", {"water": 1.0}, most=10)
    land = system.act("land", {"land": 1.0}, most=4)
    grow = system.act("grow", {"water": -2.0, "land": -1.0, "crop": 3.0, "straw": 1.0}, usd=1)
    system.act("crop", {"crop": -1.0}, usd=-2)
    system.act("straw", {"straw": -1.0})
    found = balance(system.problem())
    assert found.level[[land, grow], 0] == pytest.approx([4, 4])
    assert found.usd == pytest.approx(4 * (1 - 6))
    assert found.price[1, 0] == pytest.approx(5.0)  # a unit of land more earns 6 less 1


def test_a_refinery_moves_within_its_yields() -> None:
    """`balances-2`: diesel pays more than petrol, so it is drawn to its most, and petrol takes what is left of 1."""
    system = System()
    system.act("crude", {"crude": 1.0}, most=10)
    refine = system.act("refine", {"crude": -1.0, "mass": 1.0})
    products = []
    for name, low, high, usd in (("diesel", 0.2, 0.5, -8), ("petrol", 0.3, 0.7, -6)):
        made = system.act(f"refine/{name}", {"mass": -1.0, name: 1.0})
        system.ratio(made, refine, low, high)
        system.act(name, {name: -1.0}, usd=usd)
        products.append(made)
    found = balance(system.problem())
    assert found.level[products, 0] == pytest.approx([5, 5])


def test_a_convex_cost_by_steps_is_taken_from_the_cheapest() -> None:
    system = System()
    steps = [system.act(f"step/{usd}", {"a": 1.0}, most=3, usd=usd) for usd in (1, 2, 4)]
    system.act("use", {"a": -1.0}, least=5, most=5)
    found = balance(system.problem())
    assert found.level[steps, 0] == pytest.approx([3, 2, 0], abs=EXACT)
    assert found.price[0, 0] == pytest.approx(2.0)


def test_a_shared_resource_binds_and_says_what_one_more_unit_is_worth() -> None:
    """`balances-3`: oil worth 7 and grain worth 3 share 10 wagons, grain taking two each: a wagon is worth 1.5."""
    system = System()
    oil, grain = (
        system.act(name, {}, most=most, usd=-usd, priority=1) for name, most, usd in (("oil", 6, 7), ("grain", 6, 3))
    )
    system.limit("wagons", {oil: 1.0, grain: 2.0}, most=10)
    found = balance(system.problem())
    assert found.level[[oil, grain], 0] == pytest.approx([6, 2])
    assert binding(found).row(0) == ("wagons", "0", pytest.approx(10.0), 10.0, pytest.approx(1.5))
    assert shortages(found)["need"].to_list() == ["grain"]
    assert shortages(found)["usd"].to_list() == pytest.approx([12.0])
    assert flows(found)["level"].to_list() == pytest.approx([6, 2])


def test_a_season_shares_its_licence_out_to_the_dearest_months() -> None:
    system = System(4)
    system.act("water", {"a": 1.0})
    use = system.act("use", {"a": -1.0}, most=4, usd=[-1, -5, -3, -9], priority=1)
    system.limit("licence", {use: 1.0}, most=6, season=[0, 1, 2])
    found = balance(system.problem())
    assert found.level[use] == pytest.approx([0, 4, 2, 4], abs=EXACT)
    assert found.worth[0] == pytest.approx(3)


@pytest.mark.parametrize(("fine", "used"), [(1.0, 0.0), (3.0, 4.0)])
def test_a_contract_is_kept_where_missing_it_costs_more(fine: float, used: float) -> None:
    """`balances-3`: using costs 2 a unit; a minimum of 4 is missed at 1 a unit and kept at 3."""
    system = System()
    use = system.act("use", {}, usd=2)
    system.limit("contract", {use: 1.0}, least=4, usd_below=fine)
    found = balance(system.problem())
    assert found.level[use, 0] == pytest.approx(used, abs=EXACT)
    assert found.usd == pytest.approx(min(4 * fine, 8))


def test_compensation_flow_comes_before_supply() -> None:
    system = System()
    system.act("river", {"a": 1.0}, most=7)
    delta = system.act("delta", {"a": -1.0}, least=5, most=5)
    town = market(system, "a", 10, 100)
    found = balance(system.problem())
    assert found.level[[delta, town], 0] == pytest.approx([5, 2])


def test_water_and_power_meet_in_a_turbine() -> None:
    """Released water makes power and goes on to the farm: in winter the store gives way to power, as its price says."""
    system = System(2)
    system.act("inflow", {("dam", "water"): 1.0}, most=[10, 0])
    system.store("dam", "dam", 10, commodity="water", initial=0)
    turbine = system.act("turbine", {("dam", "water"): -1.0, ("farm", "water"): 1.0, ("grid", "power"): 0.5})
    system.act("spill", {("farm", "water"): -1.0})
    system.act("farm", {("farm", "water"): -1.0}, most=[4, 0], usd=-1, priority=1)
    power = system.act("power", {("grid", "power"): -1.0}, most=[1, 5], usd=[-1, -20], priority=1)
    found = balance(system.problem())
    assert found.level[turbine] == pytest.approx([0, 10], abs=EXACT)
    assert found.level[power] == pytest.approx([0, 5], abs=EXACT)


def test_an_order_of_rows_changes_nothing_but_the_order() -> None:
    """A degenerate optimum, found from rows in two orders: costs agree, and the circle of no cost stays empty."""

    def system_in(order: list[int]) -> System:
        system = System()
        system.act("supply", {"a": 1.0}, most=5)
        ways = [("there", "a", "b"), ("back", "b", "a"), ("also", "a", "b")]
        for number in order:
            name, start, end = ways[number]
            system.act(name, {start: -1.0, end: 1.0})
        market(system, "b", 5, 1)
        return system

    for order in ([0, 1, 2], [2, 1, 0]):
        found = balance(system_in(order).problem())
        levels = dict(zip(found.problem.activities.ids, found.level[:, 0], strict=True))
        assert levels["back"] == pytest.approx(0, abs=EXACT)
        assert levels["there"] + levels["also"] == pytest.approx(5)


def test_costs_in_another_money_change_no_level() -> None:
    for scale in (1.0, 1000.0):
        system = System(2)
        system.act("supply", {"a": 1.0}, most=[6, 3], usd=np.array([1, 2]) * scale)
        market(system, "a", 4, 3 * scale)
        system.store("tank", "a", 5, initial=0)
        found = balance(system.problem())
        assert found.level == pytest.approx(np.array([[6, 2], [4, 4]]), abs=EXACT)


def test_foresight_never_costs_more_than_its_absence() -> None:
    system = System(6)
    inflow = [9, 1, 0, 5, 0, 1]
    system.act("inflow", {"a": 1.0}, most=inflow)
    system.store("dam", "a", 6, initial=1)
    system.act("farm", {"a": -1.0}, most=3, usd=[-1, -4, -9, -1, -6, -2], priority=2)
    system.act("town", {"a": -1.0}, most=2, usd=-3, priority=1)
    problem = system.problem()
    assert balance(problem).usd <= balance_in_sequence(problem).usd + EXACT
