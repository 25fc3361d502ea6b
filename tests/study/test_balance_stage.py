"""The stage of balances on the embedded corridor: what tables say adds up, and stands beside what was published."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import polars as pl
import pytest

from jibek import Corridor, read_corridor
from jibek.balances import described_year
from jibek.corridor import Scenario, apply_scenario, embedded_corridors, packaged_scenarios
from jibek.study.balance_measures import binding_in_year, flows_in_year, goods_in_year, needs_in_year
from jibek.study.balances import balance_tables
from jibek.study.case import Case

Tables = dict[str, pl.DataFrame]
SAME = 1e-9  # of what passes


@cache
def base() -> Corridor:
    return read_corridor()


@cache
def balanced(name: str = "") -> Tables:
    """Balance the corridor as it stands, or a packaged scenario of it."""
    scenarios = {each.name: each for each in packaged_scenarios(None, base())}
    return balance_tables(Case(base(), scenarios[name] if name else None))


def check(year: int, series: str) -> dict[str, float]:
    row = balanced()["balance_checks"].filter(year=year, series=series)
    return row.row(0, named=True)


def test_every_account_adds_up_in_every_period() -> None:
    """What comes less what leaves is what stores take up, and what evaporates."""
    tables = balanced()
    stocks = tables["balance_stocks"].sort("store", "period")
    taken_up = stocks.with_columns(
        change=pl.col("content") - pl.col("content").shift(1).over("store"), first=pl.col("period").is_first_distinct()
    )
    kept = {(row["place"], row["commodity"]) for row in stocks.iter_rows(named=True)}
    sums = (
        tables["balance_sheet"]
        .group_by("place", "commodity", "period")
        .agg(pl.col("quantity").sum(), size=pl.col("quantity").abs().sum())
    )
    for row in sums.iter_rows(named=True):
        if (row["place"], row["commodity"]) not in kept:
            assert abs(row["quantity"]) <= SAME * max(row["size"], 1.0), row
    later = taken_up.drop_nulls("change").join(sums, on=["place", "commodity", "period"])
    assert later.filter((pl.col("quantity") - pl.col("change")) < -SAME * pl.col("size")).is_empty()


def test_needs_are_what_was_wanted_less_what_is_short() -> None:
    needs = balanced()["balance_needs"]
    served = needs.filter(pl.col("priority") > 0)
    off = (served["wanted"] - served["delivered"] - served["short"]).abs() / served["wanted"].clip(1.0)
    assert off.max() < SAME
    assert needs.filter(priority=0)["short"].sum() == 0.0, "a market is never short"


def test_the_year_that_is_told_best_is_balanced_in_any_year() -> None:
    assert balanced()["balance_solution"]["year"].item() == 2024
    assert base().year == 2025
    later = apply_scenario(base(), Scenario(name="later", year=2030))
    earlier = apply_scenario(base(), Scenario(name="earlier", year=2023))
    assert described_year(later, ["crude"]) == 2024
    assert described_year(earlier, ["crude"]) == 2023


def test_the_caspian_line_takes_what_contracts_leave() -> None:
    """Published: 56.7 and 54.9 Mt. Only output, refining and contracts of the year before are given."""
    assert abs(check(2024, "cpc-atyrau--novorossiysk-cpc-terminal--oil_pipeline-flow")["error"]) < 0.02
    assert abs(check(2023, "cpc-atyrau--novorossiysk-cpc-terminal--oil_pipeline-flow-estimate")["error"]) < 0.04


def test_exports_under_contract_are_those_of_the_year_before() -> None:
    for series in ("atyrau-pump-station--samara--oil_pipeline-flow", "uzen-field--aktau-port--oil_pipeline-flow"):
        row = check(2024, series)
        assert row["modelled"] == pytest.approx(row["naive"], rel=1e-3)


def test_lines_that_nothing_counts_are_not_compared() -> None:
    compared = balanced()["balance_checks"]
    assert "omsk--pavlodar-refinery--oil_pipeline-flow-estimate" not in set(compared["series"])
    assert set(compared["year"]) == {2024, 2023}
    assert set(compared.filter(year=2023)["system"]) == {"energy"}


def test_shymkent_at_twelve_million_tonnes() -> None:
    """Two pipelines have to grow; what is announced for one suffices, for the other it falls just short."""
    grown = {row["limit"]: row for row in balanced("shymkent-12")["balance_growth"].iter_rows(named=True)}
    atyrau = grown["atyrau-pump-station--kenkiyak--oil_pipeline--capacity"]
    kumkol = grown["kenkiyak--kumkol--oil_pipeline--capacity"]
    assert 9e6 < atyrau["needed"] <= atyrau["announced"] == 12e6
    assert kumkol["announced"] == 15e6
    assert kumkol["needed"] == pytest.approx(15.3e6, rel=0.02)
    assert (atyrau["suffices"], kumkol["suffices"]) == (True, False)
    binds = binding_in_year(balanced("shymkent-12")).filter(limit="kenkiyak--kumkol--oil_pipeline--capacity")
    assert binds["relieved_by"].item().to_list() == ["kenkiyak-kumkol-expansion"]
    as_it_stands = set(balanced()["balance_growth"]["limit"])
    assert not {"kenkiyak--kumkol--oil_pipeline--capacity"} & as_it_stands


def test_water_that_comes_is_handed_on_to_shardara() -> None:
    """Published: 18.7 km3 released and 8.7 used above, on a record whose inflows the balance was given."""
    record = {(row["place"], row["quantity"]): row for row in balanced()["balance_record"].iter_rows(named=True)}
    assert abs(record["shardara", "release"]["error"]) < 0.10
    assert abs(record["shardara", "net_use"]["error"]) < 0.10
    rivers = pl.col("id").str.contains("supply--(naryn-in|chirchik-in|shardara|vakhsh-in|irtysh-in)--water")
    came = balanced()["balance_sheet"].filter(rivers & (pl.col("kind") == "supplies"))["quantity"].sum()
    told = base()["supplies"].filter(rivers, year=2024)["quantity"].sum()
    assert came == pytest.approx(told), "what a river brings comes whether it is wanted or not"


def test_nobody_empties_a_reservoir_for_nothing() -> None:
    """Nothing below Bukhtarma asks for more than the Satpayev canal takes."""
    content = balanced()["balance_stocks"].filter(place="bukhtarma").sort("period")["content"]
    assert content.min() >= 36_048


def test_no_more_is_carried_than_there_is_room() -> None:
    loads = balanced()["balance_flows"]["load_share"].drop_nulls()
    assert loads.max() <= 1 + SAME


def test_sums_over_the_year_are_those_of_the_months() -> None:
    tables = balanced()
    assert flows_in_year(tables)["quantity"].sum() == pytest.approx(
        tables["balance_flows"].filter(kind="links")["quantity"].sum()
    )
    assert needs_in_year(tables)["short"].sum() == pytest.approx(tables["balance_needs"]["short"].sum())
    crude = goods_in_year(tables).filter(commodity="crude").row(0, named=True)
    assert crude["supplied"] == pytest.approx(crude["used"] + crude["delivered"], rel=1e-4)


def test_the_order_of_rows_changes_nothing() -> None:
    turned = replace(base(), tables={name: table.reverse() for name, table in base().tables.items()})
    again = balance_tables(Case(turned, None))
    for name, table in balanced().items():
        assert again[name].equals(table), name


def test_the_worked_example_and_an_empty_one_balance() -> None:
    example = read_corridor(embedded_corridors()["example"])
    assert balance_tables(Case(example, None))["balance_solution"]["status"].item() == "optimal"
    bare = {
        name: example.tables[name].clear() for name in ("supplies", "needs", "processes", "process_flows", "stores")
    }
    empty = balance_tables(Case(replace(example, tables={**example.tables, **bare}), None))
    assert empty["balance_needs"].is_empty()
    assert {name: table.columns for name, table in empty.items()} == {
        name: table.columns for name, table in balanced().items()
    }
