"""Kazakhstan's power in 2029 and 2036: what is built serves what more is wanted, and what is not built does not."""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest

from jibek import Corridor, read_corridor
from jibek.corridor import Scenario, apply_scenario, packaged_scenarios
from jibek.study import balance_results
from jibek.study.balances import balanced

GOODS = ("power", "uranium")
YEAR = 2024
SAME = 1e-3  # GWh: rounding of sums of tens of thousands


@cache
def base() -> Corridor:
    return read_corridor()


def packaged(name: str) -> Scenario:
    return next(each for each in packaged_scenarios(None, base()) if each.name == name)


def served(scenario: Scenario) -> tuple[dict[str, float], pl.DataFrame]:
    """Balance power and uranium: what Kazakhstan's needs of power are short of, by place, and the sheet."""
    world = apply_scenario(base(), scenario)
    system, found = balanced(world, GOODS, YEAR, freight=True)
    country = world["places"].select(place="id", country="country")
    needs = balance_results.needs(world, system, found).join(country, on="place")
    short = needs.filter(commodity="power", country="KAZ").group_by("place").agg(pl.col("short").sum())
    return dict(short.iter_rows()), balance_results.balance_sheet(world, system, found)


def made(sheet: pl.DataFrame, plant: str, commodity: str = "power") -> float:
    return sheet.filter(kind="processes", id=f"generation--{plant}", commodity=commodity)["quantity"].sum()


def without(scenario: Scenario, project: str) -> Scenario:
    return scenario.model_copy(update={"build": tuple(each for each in scenario.build if each.projects != project)})


def test_what_is_announced_for_2029_serves_the_demand_of_2029() -> None:
    short, sheet = served(packaged("kazakh-power-2029"))
    assert max(short.values()) <= SAME
    assert made(sheet, "mirny-wind-farm") == pytest.approx(350 * 366 * 24 / 1000)


def test_without_the_western_line_the_west_is_short_and_nobody_else() -> None:
    """The west has what its own plants give, 15,327 GWh, and nothing joins it to the rest of the country."""
    short, _ = served(without(packaged("kazakh-power-2029"), "western-zone-power-line"))
    assert short.pop("ss-karabatan") == pytest.approx(15033.818 * 1.2136 - 15327, abs=0.01)
    assert max(short.values()) <= SAME


def test_a_nuclear_plant_spares_coal_and_takes_uranium_from_exports() -> None:
    _, before = served(packaged("kazakh-power-2029"))
    _, then = served(packaged("kazakh-power-2036"))
    power = made(then, "ulken-nuclear-plant")
    assert 0.0 < power <= 2160 * 366 * 24 / 1000 * (1 + 1e-9)
    assert made(then, "ulken-nuclear-plant", "uranium") == pytest.approx(-0.025 * power)
    coal = [sum(made(sheet, f"ekibastuz-gres-{plant}") for plant in (1, 2, 3)) for sheet in (before, then)]
    assert coal[1] < coal[0]
    sold = [-sheet.filter(kind="needs", commodity="uranium")["quantity"].sum() for sheet in (before, then)]
    assert sold[1] <= sold[0] + SAME
