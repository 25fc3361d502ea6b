"""What is to be said first of trade: from result tables to sentences of the catalogue and their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["trade_sentences"]

Sentence = tuple[str, dict[str, Any]]

_TOTAL = "total"
_LEAST = 5e-5  # change of real income below which nobody is named


def trade_sentences(tables: Mapping[str, pl.DataFrame]) -> list[Sentence]:
    """Say by how much a scenario changes trade, between whom most, and whose real income gains most.

    Parameters
    ----------
    tables
        Result tables by name; without a scenario, or without trade, nothing is said.
    """
    if "trade_trace" not in tables or tables["trade_trace"].is_empty():
        return []
    pairs = tables["trade_pairs"].filter((pl.col("group") == _TOTAL) & pl.col("tonnes").is_not_null())
    change = pl.col("counterfactual_usd") - pl.col("baseline_usd")
    most = pairs.sort(change.abs(), "exporter", "importer", descending=[True, False, False]).row(0, named=True)
    told = {
        "change": tables["trade_trace"]["trade_change"][-1],
        "seller": most["exporter"],
        "buyer": most["importer"],
        "pair_change": most["counterfactual_usd"] / most["baseline_usd"] - 1,
    }
    best = tables["trade_countries"].sort("real_income_change", "id", descending=[True, False]).row(0, named=True)
    if best["real_income_change"] < _LEAST:
        return [("trade_changed", told)]
    gain = {"country": best["id"], "gain": best["real_income_change"]}
    return [("trade_changed", told), ("trade_gained", gain)]
