"""The embedded corridor as balances: Kazakhstan's crude and the rivers in 2024, and one small system by hand."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest

from jibek.balances import Balance, System, balance, balance_in_sequence, binding, system_of
from jibek.balances.periods import calendar_of
from jibek.corridor import Scenario, apply_scenario, read_corridor

SAME = 1e-6


@cache
def found(goods: str, step: str) -> tuple[System, Balance]:
    world = apply_scenario(read_corridor(), Scenario(name="year", year=2024))
    system = system_of(world, goods.split(","), step=step, cyclic=True)
    return system, balance(system.problem)


@pytest.mark.parametrize(
    ("goods", "step"), [("oil", "year"), ("oil", "month"), ("water,power", "month"), ("gas,raw-gas", "year")]
)
def test_the_embedded_systems_balance(goods: str, step: str) -> None:
    _, its = found(goods, step)
    assert its.certificate.imbalance < SAME
    assert its.certificate.excess < SAME
    assert its.certificate.gap < SAME


def test_rivers_without_foresight_keep_what_they_can_and_name_the_rest() -> None:
    """Every store whose first content is known goes on by the rule; what was bound to be and could not is listed."""
    world = apply_scenario(read_corridor(), Scenario(name="year", year=2024))
    known = world["stores"].drop_nulls("initial")
    tables = {**world.tables, "stores": known}
    rivers = system_of(replace(world, tables=tables), ["water", "power"], step="month", cyclic=False)
    ruled, foreseen = balance_in_sequence(rivers.problem), balance(rivers.problem)
    assert ruled.certificate.imbalance < SAME
    assert {missed.kind for missed in ruled.missed} == {"spill"}
    toktogul = ruled.content[rivers.problem.stores.ids.index("stores/toktogul--store")]
    assert toktogul[-1] == pytest.approx(13890), "nobody empties a reservoir for nothing"
    assert toktogul.argmin() in {1, 2, 3}, "lowest before the snow melts"
    assert ruled.usd >= foreseen.usd * (1 + SAME)


def test_crude_leaves_the_fields_and_what_arrives_is_wanted() -> None:
    """Nothing is lost in pipelines: supply is what refineries and buyers take."""
    system, its = found("oil", "year")
    level = dict(zip(system.problem.activities.ids, its.level[:, 0], strict=True))
    crude = "--crude"
    supply = sum(value for name, value in level.items() if name.startswith("supplies/") and crude in name)
    needs = sum(value for name, value in level.items() if name.startswith("needs/") and crude in name)
    refined = sum(
        value for name, value in level.items() if name.startswith("processes/refining--") and name.count("/") == 1
    )
    assert supply == pytest.approx(needs + refined)
    market = level["needs/need--novorossiysk-cpc-terminal--crude-market--2024"]
    assert market == pytest.approx(54_900_000, rel=0.02)  # published; only contracts of the year before are given


def test_products_weigh_no_more_than_the_crude() -> None:
    system, its = found("oil", "year")
    level = dict(zip(system.problem.activities.ids, its.level[:, 0], strict=True))
    for refinery in ("atyrau", "pavlodar", "shymkent"):
        name = f"processes/refining--{refinery}-refinery"
        made = sum(
            level.get(f"{name}/{each}", 0.0) for each in ("diesel", "gasoline", "heating-oil", "jet-fuel", "lpg")
        )
        assert 0 < made <= level[name] * (1 + SAME)


def test_half_a_pipeline_binds_and_is_worth_something() -> None:
    """The line to Kenkiyak carries 4.5 Mt of 6; with room for 2 it binds."""
    world = apply_scenario(read_corridor(), Scenario(name="year", year=2024))
    name = "atyrau-pump-station--kenkiyak--oil_pipeline--capacity"
    narrow = pl.when(pl.col("id") == name).then(2e6).otherwise(pl.col("capacity")).alias("capacity")
    tables = {**world.tables, "resources": world["resources"].with_columns(narrow)}
    its = balance(system_of(replace(world, tables=tables), ["oil"], step="year", cyclic=True).problem)
    row = binding(its).row(0, named=True)
    assert row["resource"] == name
    assert row["use"] == pytest.approx(2e6)
    assert row["usd"] > 0


def test_what_is_left_out_is_named() -> None:
    """No tariff of a gas pipeline was found, and plants that make chemicals are in no system."""
    system, _ = found("gas,raw-gas", "year")
    assert all(fault.severity == "notice" and fault.expected for fault in system.left_out)
    assert {"links", "processes"} <= {fault.table for fault in system.left_out}


def test_the_order_of_rows_changes_nothing() -> None:
    world = apply_scenario(read_corridor(), Scenario(name="year", year=2024))
    turned = replace(world, tables={name: table.reverse() for name, table in world.tables.items()})
    problems = [system_of(each, ["oil"], step="year", cyclic=True).problem for each in (world, turned)]
    levels = [balance(problem).level for problem in problems]
    assert problems[0].activities.ids == problems[1].activities.ids
    assert np.array_equal(*levels)


def test_a_year_is_spread_by_days_or_shares() -> None:
    months, year = calendar_of(2024, "month"), calendar_of(2024, "year")
    assert months.days.sum() == 366
    assert months.spread(366.0, None, None)[:3] == pytest.approx([31, 29, 31])
    assert months.spread(5.0, 4, None).nonzero()[0].tolist() == [3]
    assert year.spread(5.0, 4, None).tolist() == [5.0]
    assert months.within(10, 3) == [0, 1, 2, 9, 10, 11]
    assert year.within(4, 9) == []
