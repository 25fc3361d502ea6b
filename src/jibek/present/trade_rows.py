"""Trade as rows of written-out cells: pairs of economies, economies, how the loop went."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.present.language import Language

__all__ = [
    "certified_trade",
    "country_rows",
    "left_out_rows",
    "pair_rows",
    "promise_rows",
    "trace_rows",
]

Row = dict[str, Any]
_TOTAL = "total"
_MUCH = 10  # times, from which decimals say nothing
_SHOWN_YEAR = 2030  # for which promises without a due year are shown


def pair_rows(results: Mapping[str, pl.DataFrame], language: Language, *, most: int) -> list[Row]:
    """List pairs of economies that the demand joins: with a scenario where it changes most, else the largest.

    Returns
    -------
    list of dict
        ``pair, before, range`` (of the value before), ``after, change, interval`` (of the change over elasticities),
        ``cost`` (its change), ``factor`` (trade over the value of the demand), ``grade, others``.
    """
    pairs = results["trade_pairs"].filter((pl.col("group") == _TOTAL) & pl.col("tonnes").is_not_null())
    change = (pl.col("counterfactual_usd") - pl.col("baseline_usd")).abs()
    order = pl.coalesce(change, "baseline_usd")
    rows = []
    for row in (
        pairs.sort(order, "exporter", "importer", descending=[True, False, False]).head(most).iter_rows(named=True)
    ):
        before, after = row["baseline_usd"], row["counterfactual_usd"]
        ends = [None if row[end] is None else language.growth(row[end] / before - 1) for end in ("low", "high")]
        rows.append(
            {
                "pair": " – ".join(language.economy(row[end]) for end in ("exporter", "importer")),
                "before": language.money(before),
                "range": _range(row["baseline_low"], row["baseline_high"], before, language),
                "after": language.money(after),
                "change": language.growth(None if after is None else after / before - 1),
                "interval": " … ".join(end for end in ends if end is not None),
                "cost": language.growth(None if row["cost_change"] is None else row["cost_change"] - 1),
                "factor": language.fixed(row["usd_factor"], 0 if (row["usd_factor"] or 0.0) >= _MUCH else 2),
                "grade": language.word(f"grade.{row['grade']}", row["grade"]),
                "others": _others(row["others"], language),
            }
        )
    return rows


def country_rows(results: Mapping[str, pl.DataFrame], language: Language) -> list[Row]:
    """List economies: ``name, exports, imports, income`` (change of real income), ``interval``; most gained first."""
    order = pl.coalesce(pl.col("real_income_change"), pl.col("exports_usd"))
    rows = results["trade_countries"].sort(order, "id", descending=[True, False])
    return [
        {
            "name": language.economy(row["id"]),
            "exports": language.money(row["exports_usd"]),
            "imports": language.money(row["imports_usd"]),
            "income": language.share(row["real_income_change"]),
            "interval": "" if row["low"] is None else " … ".join(language.share(row[end]) for end in ("low", "high")),
        }
        for row in rows.iter_rows(named=True)
    ]


def promise_rows(results: Mapping[str, pl.DataFrame], language: Language) -> list[Row]:
    """List the promises of trade in money, the largest first.

    Returns
    -------
    list of dict
        ``title, latest, target, outlook`` (in the due year, or in 2030 where none was named), ``range, status``.
    """
    ahead = {(row["target"], row["year"]): row for row in results["trade_outlook"].iter_rows(named=True)}
    promised = results["targets"].filter((pl.col("sector") == "trade") & pl.col("unit").str.starts_with("BUSD"))
    rows = []
    for row in promised.sort("target", "id", descending=[True, False], nulls_last=True).iter_rows(named=True):
        year = row["due_year"] or _SHOWN_YEAR
        then = ahead.get((row["id"], year))
        rows.append(
            {
                "title": row["title"],
                "latest": _dated(row["latest"], row["latest_year"], language),
                "target": _dated(row["target"], row["due_year"], language),
                "outlook": _dated(then["base"] if then else None, year, language),
                "range": f"{language.money(1e9 * then['low'])} – {language.money(1e9 * then['high'])}" if then else "",
                "status": row["status"],
            }
        )
    return rows


def score_rows(results: Mapping[str, pl.DataFrame], language: Language) -> list[Row]:
    """List how far off forecasts of the past were: ``sample, method, number, error, range``."""
    return [
        {
            "sample": language.text(f"trade.sample.{row['sample']}"),
            "method": language.text(f"forecast.{row['method']}"),
            "number": language.count(row["forecasts"]),
            "error": language.percent(math.expm1(row["median_error"])),
            "range": " – ".join(language.percent(math.expm1(row[end])) for end in ("low", "high")),
        }
        for row in results["trade_hindcast_scores"].iter_rows(named=True)
    ]


def trace_rows(results: Mapping[str, pl.DataFrame], language: Language) -> list[Row]:
    """List the passes of the loop: ``number, trade, tonnes, delay, gap``."""
    return [
        {
            "number": language.count(row["pass"]),
            "trade": language.share(row["trade_change"]),
            "tonnes": language.amount(row["tonnes"], "t"),
            "delay": language.money(row["delay_usd"]),
            "gap": language.share(row["largest_change"]).removeprefix("+"),
        }
        for row in results["trade_trace"].sort("pass").iter_rows(named=True)
    ]


def left_out_rows(results: Mapping[str, pl.DataFrame], language: Language) -> list[Row]:
    """Count what is in no figure, by reason: ``reason, count, tonnes``."""
    grouped = (
        results["trade_left_out"]
        .group_by("reason")
        .agg(count=pl.len(), tonnes=pl.col("tonnes").sum())
        .sort("count", "reason", descending=[True, False])
    )
    return [
        {
            "reason": language.word(f"trade.reason.{row['reason']}", row["reason"]),
            "count": language.count(row["count"]),
            "tonnes": language.amount(row["tonnes"], "t") if row["tonnes"] else "",
        }
        for row in grouped.iter_rows(named=True)
    ]


def certified_trade(results: Mapping[str, pl.DataFrame], language: Language) -> str:
    """Say how the loop ended and what the equilibrium is worth; empty without a scenario."""
    table = results["trade_certificate"]
    row = table.row(0, named=True) if table.height else {}
    if row.get("converged") is None:
        return ""
    end = language.text("trade.agreed" if row["converged"] else "trade.not_agreed", passes=row["passes"])
    told = {"clearing": f"{row['clearing']:.0e}", "elasticity": row["elasticity"]}
    ranged = {"low": row["elasticity_low"], "high": row["elasticity_high"], "draws": row["draws"]}
    return f"{end} {row['reason']}".strip() + " " + language.text("trade.certificate", **told, **ranged)


def _range(low: float | None, high: float | None, value: float, language: Language) -> str:
    """Write a range, but not one that is the value itself."""
    if low is None or high is None or low == value == high:
        return ""
    return f"{language.money(low)} – {language.money(high)}"


def _dated(billion: float | None, year: float | None, language: Language) -> str:
    """Write billions of dollars with their year."""
    if billion is None:
        return language.text("number.missing")
    return language.money(1e9 * billion) + ("" if year is None else f" ({year:.0f})")


def _others(others: str | None, language: Language) -> str:
    """Write what other reporters count."""
    counts = [count.rsplit(" ", 1) for count in (others or "").split("; ") if count]
    told = [f"{language.economy(who)}: {language.money(float(usd))}" for who, usd in counts]
    return "; ".join(told)
