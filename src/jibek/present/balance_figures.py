"""Charts of balances: what stores hold over the year, as plain data in light colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from jibek.present.balance_rows import written
from jibek.present.figures import plain_layout
from jibek.present.palette import PAYEES, colour

if TYPE_CHECKING:
    from jibek.present.figures import Figure
    from jibek.present.language import Language

__all__ = ["shown_stores", "stock_chart"]

_STORES = 8  # so many have a line, the largest first


def shown_stores(stocks: pl.DataFrame) -> list[tuple[str, str]]:
    """List the largest stores with the colours of their lines."""
    sizes = stocks.group_by("store").agg((pl.col("capacity") - pl.col("dead")).first().alias("live"))
    largest = sizes.filter(pl.col("live") > 0).sort("live", "store", descending=[True, False])["store"].head(_STORES)
    return [(store, light) for store, (light, _) in zip(largest, PAYEES, strict=False)]


def stock_chart(stocks: pl.DataFrame, names: dict[str, str], language: Language) -> Figure:
    """Draw how full the largest stores are at the end of each period, as a share of what can be drawn.

    Parameters
    ----------
    stocks
        Rows of ``balance_stocks`` of one system.
    names
        Of places, by id.
    language
        Language of texts.
    """
    live = pl.col("capacity") - pl.col("dead")
    traces: list[dict[str, Any]] = []
    for store, light in shown_stores(stocks):
        rows = stocks.filter(store=store).sort("period").with_columns(share=(pl.col("content") - pl.col("dead")) / live)
        name = names.get(rows["place"][0], rows["place"][0]).split(" (")[0]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": rows["period"].to_list(),
                "y": [round(100 * share, 2) for share in rows["share"]],
                "name": name,
                "text": [
                    f"<b>{name}</b><br>{period}: {written(content, unit, language)}"
                    for period, content, unit in rows.select("period", "content", "unit").iter_rows()
                ],
                "hoverinfo": "text",
                "line": {"color": light, "width": 2},
                "marker": {"color": light, "size": 5},
            }
        )
    axis = {"gridcolor": colour("rule"), "zeroline": False, "tickfont": {"color": colour("quiet"), "size": 11}}
    title = {
        "text": language.text("axis.live_volume"),
        "font": {"size": 12, "color": colour("quiet")},
        "standoff": 8,
    }
    layout = {
        "height": 380,
        "margin": {"l": 58, "r": 12, "t": 8, "b": 44},
        "xaxis": {**axis, "type": "category", "fixedrange": True},
        "yaxis": {**axis, "title": title, "range": [-4, 104], "fixedrange": True},
        "hovermode": "closest",
        **plain_layout(),
    }
    return {"data": traces, "layout": layout}
