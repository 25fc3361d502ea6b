"""How well flows meet what was counted, as rows: counts, errors, forecasts looked back at, preferences."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

import polars as pl

from jibek.present.inputs import FORECASTS
from jibek.present.marks import forecast_strip, range_bar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jibek.present.language import Language

__all__ = [
    "compared",
    "count_rows",
    "excluded_rows",
    "goal_rows",
    "hindcast_rows",
    "preference_groups",
    "summary_rows",
]

Row = dict[str, Any]
_SCORED = ("check", "fit")
_CLOSE = 0.4
_KINDS = ("aversion", "constant", "subsidy", "spread_nest", "spread_route", "demand")
_UNIT = {"spread_nest": "spread", "spread_route": "spread", "aversion": "constant"}


def compared(counts: pl.DataFrame) -> pl.DataFrame:
    """Keep the series that are scored and that the model has a number for."""
    return counts.filter(pl.col("use").is_in(_SCORED) & pl.col("modelled").is_not_null() & (pl.col("observed") > 0))


def count_rows(counts: pl.DataFrame, use: str, language: Language) -> list[Row]:
    """List the counts of a use year by year, the worst error of the model last."""
    rows = compared(counts).filter(pl.col("use") == use).sort("year", pl.col("error").abs(), "series")
    return [
        {
            "title": row["title"],
            "unit": language.unit(row["base_unit"]),
            "year": f"{row['year']:.0f}" if row["year"] else "",
            "geh": language.number(row["geh"]),
            "observed": language.round(row["observed"]),
            "modelled": language.round(row["modelled"]),
            "error": language.growth(row["error"]),
            "close": abs(row["error"]) <= _CLOSE,
            "naive": language.round(row["naive"]),
            "naive_error": language.growth(row["naive_error"]),
        }
        for row in rows.iter_rows(named=True)
    ]


def excluded_rows(counts: pl.DataFrame, language: Language) -> list[Row]:
    """List the series that the model has no number for, with the reason."""
    rows = counts.filter(pl.col("modelled").is_null() & (pl.col("use") != "input")).sort("title", "series")
    return [
        {"title": row["title"], "reason": language.word(f"uncounted.{row['reason']}", row["reason"] or "")}
        for row in rows.iter_rows(named=True)
    ]


def summary_rows(results: Mapping[str, pl.DataFrame], language: Language) -> list[Row]:
    """Sum the errors up by sample and method: as the run judged them, else from the counts themselves."""
    judged = results["flow_validation"]
    rows = list(judged.iter_rows(named=True)) if judged.height else _summed(results["flow_counts"])
    return [
        {
            "sample": language.word(f"use.{row['sample']}", row["sample"]),
            "method": language.word(f"method.{row['method']}", row["method"]),
            "number": language.count(row["observations"]),
            "median_error": language.percent(row["median_error"]),
            "within": language.percent(row["within_40_percent"]),
            "geh": language.number(row["median_geh"]),
            "main": row["method"] == "model",
        }
        for row in rows
    ]


def goal_rows(results: Mapping[str, pl.DataFrame], language: Language) -> list[Row]:
    """List what is asked of the flows beside what they reach; where they miss, with all that was counted."""
    corridors = dict(results["corridors"].select("id", "name").iter_rows())
    counts = results["flow_counts"]
    rows = []
    for row in results["flow_goals"].iter_rows(named=True):
        told = {
            "corridor": corridors.get(row["corridor"], row["corridor"]),
            "direction": language.word(f"direction.{row['direction']}", row["direction"] or ""),
            "years": "–".join(f"{year:.0f}" for year in (row["since"], row["year"]) if year is not None),
        }
        write = {"direction": language.round, "response": language.growth}.get(row["goal"], language.percent)
        seen = counts.filter(
            pl.col("series").is_in(row["counted_by"] or []) & pl.col("year").eq_missing(pl.lit(row["year"]))
        )
        told_of = [] if row["met"] else [(each["title"], language.round(each["observed"])) for each in seen.to_dicts()]
        off = row["reached"] / row["observed"] - 1 if row["goal"] == "direction" and row["observed"] else None
        rows.append(
            {
                "name": language.text(f"goal.{row['goal']}", **told),
                "asked": _bounds(row, write, language),
                "reached": write(row["reached"]),
                "off": "" if off is None else language.growth(off),
                "met": bool(row["met"]),
                "mixed": row["goal"] == "response" and row["direction"] is None,
                "against": told_of,
            }
        )
    return rows


def hindcast_rows(results: Mapping[str, pl.DataFrame], language: Language) -> list[Row]:
    """List what would have been forecast beside what came, by quantity and year."""
    table = results["flow_hindcast"]
    columns = ["observed", *FORECASTS]
    largest = {
        key: max(abs(value) for name in columns for value in part[name].drop_nulls().to_list() or [0.0])
        for (key,), part in table.group_by("quantity")
    }
    rows = []
    for row in table.sort("quantity", "year").iter_rows(named=True):
        known = [(name, row[name]) for name in FORECASTS if row[name] is not None]
        cells = {name: language.round(row[name]) for name in columns}
        label = "; ".join(f"{language.text(f'forecast.{name}')}: {cells[name]}" for name in columns)
        observed = row["observed"]
        rows.append(
            cells
            | {
                "title": row["title"] or row["quantity"],
                "unit": language.unit(row["unit"]),
                "year": str(row["year"]),
                "errors": {name: _off(row[name], observed, language) for name in FORECASTS},
                "strip": "" if observed is None else forecast_strip(observed, known, label, largest[row["quantity"]]),
            }
        )
    return rows


def preference_groups(preferences: pl.DataFrame, language: Language) -> list[tuple[str, list[Row]]]:
    """List preferences by kind, each with its range on a scale that the kind shares."""
    groups = []
    for kind in _KINDS:
        of_kind = preferences.filter(pl.col("kind") == kind).sort(pl.col("value").abs(), "id", descending=[True, False])
        if of_kind.height:
            bounds = [value for name in ("value", "low", "high") for value in of_kind[name].drop_nulls().to_list()]
            ends = (min(0.0, *bounds), max(0.0, *bounds))
            rows = [_preference(row, ends, language) for row in of_kind.iter_rows(named=True)]
            groups.append((language.text(f"preference.{kind}"), rows))
    return groups


def _bounds(row: Row, write: Callable[[float], str], language: Language) -> str:
    """Write what is asked: at least, at most, or between; more or less than the naive yardstick."""
    least, most = row["least"], row["most"]
    if least is None or most is None:
        better = row["goal"].startswith("naive")
        above, below = ("more_than", "less_than") if better else ("at_least", "at_most")
        name, value = (below, most) if least is None else (above, least)
        return language.text(f"goal.{name}", value="" if value is None else write(value))
    return f"{write(least)} – {write(most)}"


def _off(forecast: float | None, observed: float | None, language: Language) -> str:
    """Write how far a forecast lies from what came; empty where one of them is unknown."""
    return "" if forecast is None or not observed else language.growth(forecast / observed - 1)


def _preference(row: Row, ends: tuple[float, float], language: Language) -> Row:
    unit = f"preference.unit_{_UNIT.get(row['kind'], row['kind'])}"
    value = language.text(unit, value=row["value"])
    has_range = row["low"] is not None and row["high"] is not None
    return {
        "name": row["name"],
        "value": value,
        "fitted": bool(row["fitted"]),
        "note": row["note"] or "",
        "range": f"{language.number(row['low'])} – {language.number(row['high'])}" if has_range else "",
        "bar": range_bar(row["value"], row["low"], row["high"], value, ends=ends) if has_range else "",
    }


def _summed(counts: pl.DataFrame) -> list[Row]:
    """Take medians of absolute errors over numbers counted once: series of one group share a vote."""
    rows = []
    for use in _SCORED:
        scored = compared(counts).filter(pl.col("use") == use)
        for method, column in (("model", "error"), ("naive", "naive_error")):
            errors = (
                scored.group_by("group").agg(pl.col(column).abs().mean())[column].drop_nulls().to_list()
                if scored.height
                else []
            )
            if errors:
                close = sum(error <= _CLOSE for error in errors) / len(errors)
                rows.append(
                    {
                        "sample": use,
                        "method": method,
                        "observations": len(errors),
                        "median_error": statistics.median(errors),
                        "within_40_percent": close,
                        "median_geh": None,
                    }
                )
    return rows
