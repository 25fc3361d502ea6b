"""Balances with inputs drawn: ranges hold what was given, and no draw contradicts itself."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import polars as pl
import pytest

from jibek.corridor import Corridor, embedded_corridors, read_corridor
from jibek.study import run_study

RANGE = {"needs": ("almaty-flour", "quantity", 170_000.0, 230_000.0)}


@cache
def example(*, wide: bool) -> Corridor:
    """Give the worked example without ranges, or with one on what is wanted."""
    base = read_corridor(embedded_corridors()["example"])
    evidence = base["evidence"].clear()
    if wide:
        rows = [
            {"table": table, "id": name, "column": column, "low": low, "high": high}
            for table, (name, column, low, high) in RANGE.items()
        ]
        evidence = pl.concat([evidence, pl.DataFrame(rows)], how="diagonal")
    return replace(base, tables={**base.tables, "evidence": evidence})


@cache
def ranges(*, wide: bool, draws: int = 12) -> pl.DataFrame:
    return run_study(example(wide=wide), stages=["balances"], draws=draws).tables["balance_ranges"]


def test_without_ranges_every_draw_is_what_was_given() -> None:
    found = ranges(wide=False)
    assert found.height
    for name in ("delivered", "short"):
        for end in ("low", "high"):
            assert found[f"{name}_{end}"].to_list() == pytest.approx(found[name].to_list(), rel=1e-9)
    assert set(found["short_share"]) <= {0.0, 1.0}
    assert set(found["draws"]) == {12}


def test_ranges_hold_eight_in_ten_and_grow_with_the_input() -> None:
    flour = ranges(wide=True).filter(commodity="flour").row(0, named=True)
    assert flour["short_low"] < flour["short"] < flour["short_high"]
    assert 0.5 < flour["short_share"] < 1.0
    assert flour["draws"] + flour["unanswered"] == 12


def test_draws_repeat() -> None:
    again = run_study(example(wide=True), stages=["balances"], draws=12).tables["balance_ranges"]
    assert again.equals(ranges(wide=True))


def test_draws_of_the_embedded_corridor_all_have_an_answer() -> None:
    base = read_corridor()
    found = run_study(base, stages=["balances"], draws=2).tables["balance_ranges"]
    assert set(found["unanswered"]) == {0}
    crude = found.filter(place="novorossiysk-cpc-terminal", commodity="crude").row(0, named=True)
    assert crude["delivered_low"] < crude["delivered"] * 1.1
    assert crude["delivered_high"] > crude["delivered"] * 0.9
