"""Two balances side by side: sums by hand, what only one of them has, and the same run twice."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jibek.errors import RunError
from jibek.study import Run, compare_runs
from jibek.study.balance_comparison import compare_needs, compare_stocks

quantities = st.floats(0, 1e6)


def needs(*rows: tuple[str, str, float, float]) -> pl.DataFrame:
    """List needs of water: place, period, wanted, delivered; a missing unit is worth 2."""
    return pl.DataFrame(
        [
            ("water", place, "water", "million m3", period, wanted, got, wanted - got, 2.0 * (wanted - got))
            for place, period, wanted, got in rows
        ],
        schema=dict.fromkeys(("system", "place", "commodity", "unit", "period"), pl.String)
        | dict.fromkeys(("wanted", "delivered", "short", "usd"), pl.Float64),
        orient="row",
    )


def stocks(*rows: tuple[str, str, float]) -> pl.DataFrame:
    """List contents: store, period, content."""
    return pl.DataFrame(
        [("water", store, "dam", "water", "million m3", period, content) for store, period, content in rows],
        schema=dict.fromkeys(("system", "store", "place", "commodity", "unit", "period"), pl.String)
        | {"content": pl.Float64},
        orient="row",
    )


def test_months_add_up_and_who_loses_most_comes_first() -> None:
    before = {"balance_needs": needs(("delta", "1", 5, 5), ("delta", "2", 5, 4), ("farm", "1", 3, 1))}
    after = {"balance_needs": needs(("farm", "1", 3, 3), ("delta", "1", 5, 1), ("delta", "2", 5, 1))}
    table = compare_needs(before, after)
    assert table["place"].to_list() == ["delta", "farm"]
    assert table["delivered_before"].to_list() == [9, 1]
    assert table["delivered_after"].to_list() == [2, 3]
    assert table["short_after"].to_list() == [8, 0]
    assert table["usd_after"].to_list() == [16, 0]


def test_a_need_of_one_run_only_counts_as_none_in_the_other() -> None:
    table = compare_needs({"balance_needs": needs()}, {"balance_needs": needs(("canal", "1", 6, 6))})
    assert table.row(0, named=True)["wanted_before"] == 0
    assert table.row(0, named=True)["delivered_after"] == 6


def test_a_store_shows_its_least_mean_and_last_content() -> None:
    run = {"balance_stocks": stocks(("a", "2", 4.0), ("a", "1", 2.0), ("a", "3", 3.0))}
    row = compare_stocks(run, {"balance_stocks": stocks()}).row(0, named=True)
    assert [row[f"{name}_before"] for name in ("least", "mean", "last")] == [2, 3, 3]
    assert row["last_after"] is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("12"), quantities, quantities), max_size=8))
def test_the_same_run_twice_differs_in_nothing_whatever_the_order(rows: list[tuple[str, str, float, float]]) -> None:
    whole = [(place, period, float(round(wanted)), float(round(got))) for place, period, wanted, got in rows]
    one, other = ({"balance_needs": needs(*its)} for its in (whole, whole[::-1]))
    table = compare_needs(one, other)
    for name in ("wanted", "delivered", "short", "usd"):
        assert table[f"{name}_before"].to_list() == table[f"{name}_after"].to_list()


def balanced(name: str, status: str = "optimal") -> Run:
    tables = {
        "balance_needs": needs(("delta", "1", 5, 5 if name == "wet" else 2)),
        "balance_stocks": stocks(("dam", "1", 3.0)),
        "balance_solution": pl.DataFrame({"status": [status]}),
    }
    return Run(Path("runs") / name, {"year": 2025}, tables)


def test_runs_of_balances_alone_are_compared() -> None:
    found = compare_runs(balanced("wet"), balanced("dry"))
    assert found.needs is not None
    assert found.needs["usd_after"].to_list() == [6.0]
    assert found.stocks is not None
    assert found.stocks["mean_after"].to_list() == [3.0]
    assert (found.routes, found.flows, list(found.notices)) == (None, None, [])


@pytest.mark.parametrize("turn", [1, -1])
def test_balances_in_conflict_are_named_and_not_compared(turn: int) -> None:
    routes = pl.DataFrame(
        schema=dict.fromkeys(("origin", "destination", "commodity", "corridor"), pl.String)
        | dict.fromkeys(("pair", "rank"), pl.Int64)
        | dict.fromkeys(("hours", "usd", "kg_co2", "km"), pl.Float64)
    )
    runs = [
        Run(run.folder, run.manifest, {**run.tables, "routes": routes})
        for run in (balanced("wet"), balanced("torn", "infeasible"))
    ]
    found = compare_runs(*runs[::turn])
    assert found.needs is None
    assert ("balances", {"run": "torn"}) in list(found.notices)


def test_balances_in_conflict_alone_are_nothing_to_compare() -> None:
    with pytest.raises(RunError, match="holds no routes"):
        compare_runs(balanced("wet"), balanced("torn", "infeasible"))
