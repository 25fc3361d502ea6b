"""Sums over the year of what balances say by period: one place where months become a year, for report and commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["binding_in_year", "flows_in_year", "goods_in_year", "needs_in_year", "prices_in_year"]

SMALL = 1e-4
"""Share of what is wanted below which a shortage is the rounding of the tables."""


def needs_in_year(results: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Sum needs over the year by place, the dearest shortage first.

    Returns
    -------
    polars.DataFrame
        ``system, place, commodity, unit, market, wanted, delivered, short, usd, periods`` (in which it is short).
    """
    is_short = pl.col("short") > SMALL * pl.col("wanted")
    return (
        results["balance_needs"]
        .with_columns(market=pl.col("priority") == 0)
        .group_by("system", "place", "commodity", "unit", "market")
        .agg(
            pl.col("wanted", "delivered", "short", "usd").sum(),
            periods=pl.col("period").filter(is_short).unique().sort(),
        )
        .sort("usd", "system", "place", "commodity", "market", descending=[True, False, False, False, False])
    )


def goods_in_year(results: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Sum by commodity what is supplied, made and used, and what is short.

    Returns
    -------
    polars.DataFrame
        ``system, commodity, unit, supplied, made, used`` (by processes), ``delivered, short``, in order of names.
    """
    sheet = results["balance_sheet"]
    amount = pl.col("quantity")
    told = {
        "supplied": amount.filter(pl.col("kind") == "supplies"),
        "made": amount.filter((pl.col("kind") == "processes") & (amount > 0)),
        "used": -amount.filter((pl.col("kind") == "processes") & (amount < 0)),
        "delivered": -amount.filter(pl.col("kind") == "needs"),
    }
    key = ["system", "commodity", "unit"]
    short = results["balance_needs"].group_by(key).agg(pl.col("short").sum())
    return (
        sheet.group_by(key)
        .agg(**{name: expression.sum() for name, expression in told.items()})
        .join(short, on=key, how="left")
        .with_columns(pl.col("short").fill_null(0.0))
        .sort(key)
    )


def flows_in_year(results: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Sum over the year what links carry, both ways, and tell the load in the fullest period.

    Returns
    -------
    polars.DataFrame
        ``system, unit, id, quantity, forward, backward, load_share``.
    """
    way = pl.col("direction")
    return (
        results["balance_flows"]
        .filter(pl.col("kind") == "links")
        .group_by("system", "unit", "id")
        .agg(
            pl.col("quantity").sum(),
            forward=pl.col("quantity").filter(way == "forward").sum(),
            backward=pl.col("quantity").filter(way == "backward").sum(),
            load_share=pl.col("load_share").max(),
        )
        .sort("system", "unit", "id")
    )


def binding_in_year(results: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Gather limits that bind over the periods, in order of what one per cent more of them is worth.

    Returns
    -------
    polars.DataFrame
        ``system, limit, resource, name, kind, unit, periods`` (in which it binds), ``usd_per_unit`` (the most), ``usd``
        (of one per cent more in these periods), ``grade, relieved_by, commodities``.
    """
    return (
        results["balance_binding"]
        .group_by("system", "limit", "resource", "name", "kind", "unit", "grade", maintain_order=True)
        .agg(
            pl.col("usd_per_unit").sort_by(pl.col("usd_per_unit").abs()).last(),
            pl.col("usd").sum(),
            pl.col("relieved_by", "commodities").first(),
            periods=pl.col("period").sort(),
        )
        .sort(pl.col("usd").abs(), "system", "limit", descending=[True, False, False])
    )


def prices_in_year(results: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Give the mean price over the year where a commodity is wanted.

    Returns
    -------
    polars.DataFrame
        ``system, commodity, place, usd_per_unit, low, high`` (over the periods), the cheapest place of each first.
    """
    there = results["balance_sheet"].filter(kind="needs").select("commodity", "place")
    return (
        results["balance_prices"]
        .join(there.unique(), on=["commodity", "place"], how="semi")
        .group_by("system", "commodity", "place")
        .agg(pl.col("usd_per_unit").mean(), low=pl.col("usd_per_unit").min(), high=pl.col("usd_per_unit").max())
        .sort("system", "commodity", "usd_per_unit", "place")
    )
