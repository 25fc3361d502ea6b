"""What the flows are meant to reach, beside what they reach: every goal of the validation, met or missed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["goals"]

MEDIAN_ERROR = 0.20
"""Largest median of the absolute errors of counts that were never seen."""

WITHIN = 0.80
"""Least share of them that is at most 40 percent off."""

DIRECTION_ERROR = 0.15
"""Largest error of the containers of a corridor in one direction and year."""

FIRST_YEAR = 2023
"""Year from which each direction is judged."""

RESPONSES = ((2021, 2023), (2023, 2024))
"""Years between which the world changed: sanctions and the end of dear sea freight, attacks in the Red Sea."""

RESPONSE_SIZE = (0.5, 2.0)
"""Least and greatest modelled change, as a share of the observed one."""

_GOALS: dict[str, pl.DataType | type[pl.DataType]] = {
    "goal": pl.String,
    "corridor": pl.String,
    "direction": pl.String,
    "year": pl.Int64,
    "since": pl.Int64,
    "observed": pl.Float64,
    "least": pl.Float64,
    "most": pl.Float64,
    "reached": pl.Float64,
    "counted_by": pl.List(pl.String),
}
_WIDEST_FIRST = ("both", "westbound", "eastbound")

Row = tuple[object, ...]


def goals(summary: pl.DataFrame, directions: pl.DataFrame) -> pl.DataFrame:
    """Judge what the validation found.

    Parameters
    ----------
    summary, directions
        As `jibek.study.validation.summary` and `jibek.study.validation.directions` give them, the latter of all years.

    Returns
    -------
    polars.DataFrame
        ``goal`` (``median_error``, ``within_40_percent``, both of counts never seen; ``naive_median_error``,
        ``naive_within``: the same against the naive yardstick; ``direction``; ``response``), ``corridor, direction,
        year, since`` (of a response, the year before), ``observed, least, most, reached`` (shares, containers, or a
        relative change), ``met``, ``counted_by`` (series that count
        the same corridor in the year).
    """
    rows = [*_of_errors(summary), *_of_directions(directions), *_of_responses(directions)]
    frame = pl.DataFrame(rows, schema=_GOALS, orient="row")
    least, most = pl.col("least").fill_null(-float("inf")), pl.col("most").fill_null(float("inf"))
    reached = pl.col("reached")
    no_better = pl.col("goal").str.starts_with("naive") & ((reached == least) | (reached == most))
    return frame.with_columns(met=reached.is_between(least, most) & ~no_better)


def _of_errors(summary: pl.DataFrame) -> Iterator[Row]:
    checked = {row["method"]: row for row in summary.filter(pl.col("sample") == "check").iter_rows(named=True)}
    if "model" not in checked:
        return
    model = checked["model"]
    median, within = model["median_error"], model["within_40_percent"]
    yield ("median_error", *(None,) * 6, MEDIAN_ERROR, median, None)
    yield ("within_40_percent", *(None,) * 5, WITHIN, None, within, None)
    if "naive" in checked:
        yield ("naive_median_error", *(None,) * 6, checked["naive"]["median_error"], median, None)
        yield ("naive_within", *(None,) * 5, checked["naive"]["within_40_percent"], None, within, None)


def _of_directions(directions: pl.DataFrame) -> Iterator[Row]:
    known = directions.filter((pl.col("year") >= FIRST_YEAR) & pl.col("observed").is_not_null())
    for row in known.sort("corridor", "direction", "year").iter_rows(named=True):
        ends = ((1 - DIRECTION_ERROR) * row["observed"], (1 + DIRECTION_ERROR) * row["observed"])
        named = (row["corridor"], row["direction"], row["year"], None)
        yield ("direction", *named, row["observed"], *ends, row["modelled"], row["counted_by"])


def _of_responses(directions: pl.DataFrame) -> Iterator[Row]:
    """Compare changes; where no direction is known in both years, that of both together stands beside one of them."""
    known = directions.drop_nulls("observed")
    for (corridor,), rows in known.sort("corridor").group_by("corridor", maintain_order=True):
        by_year = {year: _widest(rows.filter(pl.col("year") == year)) for year in rows["year"].unique()}
        for since, year in RESPONSES:
            if since in by_year and year in by_year:
                then, now = by_year[since], by_year[year]
                observed, modelled = (now[name] / then[name] - 1 for name in ("observed", "modelled"))
                least, most = sorted(size * observed for size in RESPONSE_SIZE)
                direction = then["direction"] if then["direction"] == now["direction"] else None
                yield ("response", corridor, direction, year, since, observed, least, most, modelled, now["counted_by"])


def _widest(rows: pl.DataFrame) -> dict[str, Any]:
    """Take both directions together where they were counted, else one."""
    order: Sequence[str] = [name for name in _WIDEST_FIRST if name in set(rows["direction"])]
    return rows.row(by_predicate=pl.col("direction") == order[0], named=True)
