"""The report's section on trade: from result tables to figures, rows and texts, each only where its table is filled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from jibek.present import trade_rows
from jibek.present.trade_figures import sankey, trace_chart, trade_map
from jibek.present.trade_groups import shown_trade

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.present.figures import Figure
    from jibek.present.language import Language

__all__ = ["TradeSection", "trade_section"]

Row = dict[str, Any]
_PAIRS = 25
_GAINS = 12


@dataclass(frozen=True)
class TradeSection:
    """What the section shows; an empty list is a part that is left out.

    Attributes
    ----------
    figures : dict
        By name: ``trade``, ``trade-map``, ``trade-trace``.
    year : int
        Year of the trade before.
    compared : bool
        Whether there is a scenario beside it.
    pairs, countries, trace, promises, scores, left_out : list of dict
        Rows of written-out cells.
    estimated : str
        Share of the trade shown that rests on estimates.
    certificate : str
        How the loop ended.
    converged : bool
        Whether trade and flows agree.
    """

    figures: dict[str, Figure]
    year: int
    compared: bool
    pairs: list[Row]
    countries: list[Row]
    trace: list[Row]
    promises: list[Row]
    scores: list[Row]
    left_out: list[Row]
    estimated: str
    certificate: str
    converged: bool


def trade_section(results: Mapping[str, pl.DataFrame], language: Language) -> TradeSection | None:
    """Make the section of trade.

    Parameters
    ----------
    results
        Result tables, complete.
    language
        Language of every text.

    Returns
    -------
    TradeSection or None
        None where the run knows no trade.
    """
    if results["trade_pairs"].is_empty():
        return None
    certificate = results["trade_certificate"].row(0, named=True)
    shown = shown_trade(results)
    figures = {"trade": sankey(shown, language)}
    drawn = trade_map(results, shown, language)
    if drawn is not None:
        figures["trade-map"] = drawn
    if results["trade_trace"].height:
        figures["trade-trace"] = trace_chart(results["trade_trace"], language)
    compared = results["trade_trace"].height > 0
    return TradeSection(
        figures=figures,
        year=certificate["matrix_year"],
        compared=compared,
        pairs=trade_rows.pair_rows(results, language, most=_PAIRS),
        countries=trade_rows.country_rows(results, language)[:_GAINS] if compared else [],
        trace=trade_rows.trace_rows(results, language),
        promises=trade_rows.promise_rows(results, language),
        scores=trade_rows.score_rows(results, language),
        left_out=trade_rows.left_out_rows(results, language),
        estimated=language.percent(_estimated(results["trade_pairs"])),
        certificate=trade_rows.certified_trade(results, language),
        converged=certificate["converged"] is not False,
    )


def _estimated(pairs: pl.DataFrame) -> float:
    """Share of trade between the economies that the demand joins that rests on estimates."""
    known = pairs.filter((pl.col("group") == "total") & pl.col("tonnes").is_not_null())
    total = float(known["baseline_usd"].sum())
    return float(known.filter(pl.col("grade") == "estimate")["baseline_usd"].sum()) / total if total else 0.0
