"""Balances of two runs as tables: losers first, no rounding as a change, names and units in both languages."""

from __future__ import annotations

import polars as pl
import pytest

from jibek.present.comparison_balances import balance_tables
from jibek.present.language import language_of
from jibek.study import Comparison

PLACES = {"places": pl.DataFrame({"id": ["delta", "farm", "dam"], "name": ["Delta (mouth)", "Farm", "Dam"]})}


def compared(*rows: tuple[str, float, float, float, float]) -> Comparison:
    """Compare needs of water: place, delivered before and after, loss before and after; all want 10."""
    needs = pl.DataFrame(
        [
            ("water", place, "water", "million m3", 10.0, 10.0, got, then, 10.0 - got, 10.0 - then, usd, usd_then)
            for place, got, then, usd, usd_then in rows
        ],
        schema=["system", "place", "commodity", "unit"]
        + [f"{name}_{when}" for name in ("wanted", "delivered", "short", "usd") for when in ("before", "after")],
        orient="row",
    )
    stocks = pl.DataFrame(
        [
            ("water", "dam", "dam", "water", "million m3", 4000.0, 3000.0),
            ("water", "pond", "farm", "water", "million m3", 0.0, 1e-9),
        ],
        schema=["system", "store", "place", "commodity", "unit", "mean_before", "mean_after"],
        orient="row",
    )
    return Comparison((), None, None, needs, stocks)


def test_who_loses_most_comes_first_and_what_stays_is_left_out() -> None:
    comparison = compared(
        ("farm", 5.0, 8.0, 3e6, 1e6), ("delta", 9.0, 4.0, 1e6, 6e6), ("dam", 10.0, 10.0 - 1e-6, 0.0, 0.0)
    )
    needs, stocks = balance_tables(comparison, PLACES, language_of("en"))
    assert (needs.key, stocks.key) == ("needs_water", "stocks")
    assert [row[0] for row in needs.rows] == ["Delta", "Farm"]
    assert needs.rows[0][4:] == ["−5\u00a0million\u00a0m³", "+$5\u00a0million"]
    assert [row[0] for row in stocks.rows] == ["Dam"]
    assert stocks.rows[0][4] == "−1\u00a0billion\u00a0m³"


def test_nothing_is_told_of_runs_without_balances() -> None:
    assert balance_tables(Comparison((), None, None, None, None), PLACES, language_of("en")) == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_heading_has_a_word(language: str) -> None:
    words = language_of(language)  # type: ignore[arg-type]
    for table in balance_tables(compared(("farm", 5.0, 8.0, 3e6, 1e6)), PLACES, words):
        assert words.text(f"compare.{table.key}")
        assert all(words.text(f"column.{column}") for column in table.columns)
        assert all(len(row) == len(table.columns) for row in table.rows)
    assert all(words.text(f"compare.needs_{system}") for system in ("energy", "water", "food"))
