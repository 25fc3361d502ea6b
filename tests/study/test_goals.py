"""Goals: met within their bounds, missed beyond, left out where nothing was counted."""

from __future__ import annotations

import polars as pl
import pytest

from jibek.study.goals import goals


def directions(*rows: tuple[str, int, float | None, float]) -> pl.DataFrame:
    """Make a table of directions of one corridor."""
    return pl.DataFrame(
        [("north", direction, year, observed, modelled, ["a"]) for direction, year, observed, modelled in rows],
        schema=["corridor", "direction", "year", "observed", "modelled", "counted_by"],
        orient="row",
    )


def summary(*rows: tuple[str, str, float, float]) -> pl.DataFrame:
    """Make a summary of errors."""
    return pl.DataFrame(rows, schema=["sample", "method", "median_error", "within_40_percent"], orient="row")


def met(frame: pl.DataFrame) -> dict[tuple[object, ...], bool]:
    """Say which goals are met."""
    return {tuple(row[:4]): row[4] for row in frame.select("goal", "direction", "since", "year", "met").iter_rows()}


def test_errors_are_judged_by_what_was_never_seen_alone() -> None:
    judged = goals(
        summary(("fit", "model", 0.01, 1.0), ("check", "model", 0.25, 0.85), ("check", "naive", 0.5, 0.9)),
        directions(),
    )
    assert met(judged) == {
        ("median_error", None, None, None): False,
        ("within_40_percent", None, None, None): True,
        ("naive_median_error", None, None, None): True,
        ("naive_within", None, None, None): False,
    }


def test_as_good_as_the_naive_yardstick_is_not_better() -> None:
    judged = goals(summary(("check", "model", 0.5, 0.9), ("check", "naive", 0.5, 0.9)), directions())
    assert not met(judged)["naive_median_error", None, None, None]
    assert not met(judged)["naive_within", None, None, None]


@pytest.mark.parametrize(("modelled", "reached"), [(84.9, False), (85.1, True), (114.9, True), (115.1, False)])
def test_a_direction_is_met_within_fifteen_percent(modelled: float, *, reached: bool) -> None:
    judged = goals(summary(), directions(("westbound", 2024, 100.0, modelled), ("eastbound", 2024, None, 7.0)))
    assert met(judged) == {("direction", "westbound", None, 2024): reached}


@pytest.mark.parametrize(
    ("now", "reached"),
    [(1.0, False), (1.35, False), (1.45, True), (2.5, True), (2.7, False), (0.5, False)],
)
def test_a_response_has_the_right_sign_and_between_half_and_twice_the_size(now: float, *, reached: bool) -> None:
    rows = directions(("both", 2023, 200.0, 100.0), ("both", 2024, 360.0, 100.0 * now))
    assert met(goals(summary(), rows).filter(pl.col("goal") == "response")) == {
        ("response", "both", 2023, 2024): reached
    }


def test_a_fall_is_judged_like_a_rise() -> None:
    rows = directions(("both", 2021, 400.0, 400.0), ("both", 2023, 200.0, 290.0))
    judged = goals(summary(), rows).filter(pl.col("goal") == "response").row(0, named=True)
    assert (judged["observed"], judged["least"], judged["most"]) == (-0.5, -1.0, -0.25)
    assert judged["met"]


def test_years_counted_in_different_directions_name_none() -> None:
    rows = directions(("westbound", 2021, 400.0, 400.0), ("both", 2023, 200.0, 200.0))
    assert goals(summary(), rows).filter(pl.col("goal") == "response")["direction"].to_list() == [None]
