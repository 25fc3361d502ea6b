"""Trade as a reader takes it in: the pairs that are shown, goods in a handful of groups, small partners together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OTHERS", "shown_trade"]

OTHERS = "others"
"""Partners beyond the main ones, together."""

_ENDS = ("exporter", "importer")
_HEART = "CA5"  # region whose trade is shown where the corridor has it
_PARTNERS = 7
_OWN = {
    "vehicles": "vehicles",
    "parcels": "parcels",
    "uranium": "minerals",
    "ores": "minerals",
    "metals": "minerals",
    "other": "other",
}
"""Goods that stand out from the group that the table ``commodities`` puts them in."""


def shown_trade(results: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Give the trade that the pictures show: of the heart of the corridor with its main partners, or all of it.

    Returns
    -------
    polars.DataFrame
        ``exporter, importer`` (codes, or `OTHERS`), ``goods`` (group), ``usd, after`` (with the scenario;
        null without).
    """
    heart = results["regions"].filter(pl.col("region") == _HEART)["country"]
    pairs = results["trade_pairs"]
    if heart.len():
        pairs = pairs.filter(pl.col("exporter").is_in(heart.implode()) | pl.col("importer").is_in(heart.implode()))
    groups = _groups(results["commodities"])
    carried = pairs.filter(pl.col("group") != "total").with_columns(
        goods=pl.col("group").replace_strict(groups, default=pl.col("group"), return_dtype=pl.String)
    )
    bare = pairs.filter(pl.col("group") == "total").join(carried, on=["exporter", "importer"], how="anti")
    rows = pl.concat([carried, bare.with_columns(goods=pl.lit("other"))], how="diagonal_relaxed")
    kept = {*heart, *_partners(pairs, heart)}
    place = {side: pl.when(pl.col(side).is_in(list(kept))).then(side).otherwise(pl.lit(OTHERS)) for side in _ENDS}
    return (
        rows.with_columns(**{side: expression.alias(side) for side, expression in place.items()})
        .group_by("exporter", "importer", "goods")
        .agg(usd=pl.col("baseline_usd").sum(), after=_sum_or_null("counterfactual_usd"))
        .sort("exporter", "importer", "goods")
    )


def _sum_or_null(column: str) -> pl.Expr:
    return pl.when(pl.col(column).is_null().all()).then(None).otherwise(pl.col(column).sum())


def _partners(pairs: pl.DataFrame, heart: pl.Series) -> list[str]:
    """List those who trade most with the heart of the corridor, or most of all."""
    total = pairs.filter(pl.col("group") == "total")
    sides = [total.select(code=side, usd="baseline_usd") for side in _ENDS]
    most = pl.concat(sides).filter(~pl.col("code").is_in(heart.implode())).group_by("code").agg(pl.col("usd").sum())
    return most.sort("usd", "code", descending=[True, False]).head(_PARTNERS)["code"].to_list()


def _groups(commodities: pl.DataFrame) -> dict[str, str]:
    """Give the group of each commodity: its own, or the child of a root among its ancestors."""
    parents = dict(commodities.select("id", "parent").iter_rows())
    found = dict(_OWN)
    for commodity in parents:
        line = [commodity]
        while parents.get(line[-1]) is not None and parents[line[-1]] not in line:
            line.append(parents[line[-1]])
        found.setdefault(commodity, line[-2] if len(line) > 1 and line[-1] == "freight" else line[-1])
    return found
