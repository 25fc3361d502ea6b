"""Pictures of trade: who sells which goods to whom, where it goes on the map, how the loop went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from jibek.present import map_traces
from jibek.present.figures import plain_layout
from jibek.present.lettering import country_names
from jibek.present.map_frame import NAMES, frame_of, ground
from jibek.present.palette import PAYEES, colour

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jibek.present.basemap import Point
    from jibek.present.figures import Figure
    from jibek.present.language import Language

__all__ = ["sankey", "trace_chart", "trade_map"]

_SEE_THROUGH = "66"  # of links, appended to a colour
_WIDEST, _NARROWEST = 14.0, 0.8
_STILL = 5e-4  # change below which trade is drawn as unchanged
_CURVE = 24  # points of a line on the map


def sankey(shown: pl.DataFrame, language: Language) -> Figure:
    """Draw who sells which goods to whom: sellers, groups of goods, buyers, from left to right.

    Parameters
    ----------
    shown
        As `jibek.present.trade_groups.shown_trade` gives it.
    language
        Language of names.
    """
    sales = shown.group_by("exporter", "goods").agg(pl.col("usd").sum())
    purchases = shown.group_by("goods", "importer").agg(pl.col("usd").sum())
    columns = [_by_size(sales, "exporter"), _by_size(shown, "goods"), _by_size(purchases, "importer")]
    starts = [0, len(columns[0]), len(columns[0]) + len(columns[1])]
    at = [{name: start + i for i, name in enumerate(names)} for start, names in zip(starts, columns, strict=True)]
    fills = [fill for fill, _ in PAYEES[:-1]]
    of_seller = {name: fills[i % len(fills)] for i, name in enumerate(columns[0])}
    labels = [
        *(language.economy(name) for name in columns[0]),
        *(language.word(f"trade.goods.{name}", language.word(f"commodity.{name}", name)) for name in columns[1]),
        *(language.economy(name) for name in columns[2]),
    ]
    links = [(at[0][one], at[1][goods], usd, of_seller[one]) for one, goods, usd in _sorted(sales, *at[:2])]
    links += [(at[1][goods], at[2][other], usd, colour("quiet")) for goods, other, usd in _sorted(purchases, *at[1:])]
    node = {
        "label": labels,
        "color": [*of_seller.values(), *(colour("quiet") for _ in labels[starts[1] :])],
        "pad": 14,
        "thickness": 12,
        "line": {"width": 0},
    }
    link = {
        "source": [link[0] for link in links],
        "target": [link[1] for link in links],
        "value": [round(link[2] / 1e9, 4) for link in links],
        "color": [link[3] + _SEE_THROUGH for link in links],
        "customdata": [language.money(link[2]) for link in links],
        "hovertemplate": "%{source.label} – %{target.label}: %{customdata}<extra></extra>",
    }
    trace = {"type": "sankey", "node": node, "link": link, "valueformat": ".1f", "arrangement": "snap"}
    layout = {"height": 620, "margin": {"l": 6, "r": 6, "t": 10, "b": 14}, **plain_layout()}
    return {"data": [trace], "layout": layout}


def _by_size(table: pl.DataFrame, column: str) -> list[str]:
    sums = table.group_by(column).agg(pl.col("usd").sum())
    return sums.sort("usd", column, descending=[True, False])[column].to_list()


def _sorted(table: pl.DataFrame, one: Mapping[str, int], other: Mapping[str, int]) -> list[tuple[str, str, float]]:
    """List flows in the order of both ends."""
    first, second, _ = table.columns
    return sorted(table.select(first, second, "usd").iter_rows(), key=lambda row: (one[row[0]], other[row[1]]))


def trade_map(results: Mapping[str, pl.DataFrame], shown: pl.DataFrame, language: Language) -> Figure | None:
    """Draw trade between countries on the map, both directions together; with a scenario, coloured by its change.

    Parameters
    ----------
    results
        Tables ``places`` and ``regions``.
    shown
        As `jibek.present.trade_groups.shown_trade` gives it; economies without a place in the corridor are not drawn.
    language
        Language of names and hover texts.
    """
    middles = _middles(results)
    sums: dict[tuple[str, str], list[float]] = {}
    by_pair = shown.group_by("exporter", "importer").agg(pl.col("usd", "after").sum()).sort("exporter", "importer")
    for one, other, usd, after in by_pair.iter_rows():
        if one in middles and other in middles and one != other:
            both_ways = sums.setdefault((min(one, other), max(one, other)), [0.0, 0.0])
            both_ways[0] += usd
            both_ways[1] += after
    if not sums:
        return None
    compared = shown["after"].null_count() < shown.height
    points = sorted({middles[end] for ends in sums for end in ends})
    frame = frame_of(points)
    figure = ground(frame, {width: country_names(frame, width, language) for width in NAMES})
    most = max(usd for usd, _ in sums.values())
    for pair, (usd, after) in sorted(sums.items(), key=lambda item: (-item[1][0], item[0])):
        change = after / usd - 1 if compared else None
        figure["data"].append(_line(middles[pair[0]], middles[pair[1]], usd / most, _meaning(change)))
    figure["data"].append(_facts(sums, middles, language, compared=compared))
    return figure


def _middles(results: Mapping[str, pl.DataFrame]) -> dict[str, Point]:
    """Give each country the middle of its places; also each region of which a quarter of the members have some."""
    places = results["places"].drop_nulls("country").select("country", "lon", "lat")
    size = results["regions"].group_by("region").agg(members=pl.col("country").n_unique())
    of_region = results["regions"].join(places, on="country").group_by("region")
    known = of_region.agg(pl.col("lon", "lat").mean(), seen=pl.col("country").n_unique()).join(size, on="region")
    regions = known.filter(4 * pl.col("seen") >= pl.col("members")).select("region", "lon", "lat").sort("region")
    countries = places.group_by("country").mean().sort("country")
    return {
        code: (round(lon, 2), round(lat, 2)) for part in (regions, countries) for code, lon, lat in part.iter_rows()
    }


def _meaning(change: float | None) -> str:
    if change is None:
        return "accent"
    return "load_unknown" if abs(change) < _STILL else "more" if change > 0 else "less"


def _line(start: Point, end: Point, share: float, meaning: str) -> dict[str, Any]:
    """Draw a line bent sideways, so that lines from one country part."""
    (x0, y0), (x1, y1) = start, end
    steps = [step / (_CURVE - 1) for step in range(_CURVE)]
    bend = [0.5 * step * (1 - step) for step in steps]
    return map_traces.geo_trace(
        lon=[round(x0 + step * (x1 - x0) - lift * (y1 - y0), 2) for step, lift in zip(steps, bend, strict=True)],
        lat=[round(y0 + step * (y1 - y0) + lift * (x1 - x0), 2) for step, lift in zip(steps, bend, strict=True)],
        mode="lines",
        line={"color": colour(meaning), "width": round(max(_NARROWEST, _WIDEST * share**0.5), 2)},
        opacity=0.7,
        hoverinfo="skip",
        meta="flow-trade",
    )


def _facts(
    sums: Mapping[tuple[str, str], Sequence[float]],
    middles: Mapping[str, Point],
    language: Language,
    *,
    compared: bool,
) -> dict[str, Any]:
    """Set a point in the middle of each line that tells what is traded."""
    spots, texts = [], []
    for pair, (usd, after) in sums.items():
        (x0, y0), (x1, y1) = (middles[end] for end in pair)
        spots.append((round((x0 + x1) / 2 - (y1 - y0) / 8, 2), round((y0 + y1) / 2 + (x1 - x0) / 8, 2)))
        change = f"<br>{language.growth(after / usd - 1)}" if compared else ""
        names = " – ".join(language.economy(end) for end in pair)
        texts.append(f"<b>{names}</b><br>{language.money(usd)}{change}")
    return map_traces.geo_trace(
        lon=[lon for lon, _ in spots],
        lat=[lat for _, lat in spots],
        mode="markers",
        text=texts,
        marker={"size": 11, "opacity": 0, "color": colour("ink")},
        hoverinfo="text",
        meta="facts",
    )


def trace_chart(trace: pl.DataFrame, language: Language) -> Figure:
    """Draw by how much trade rises or falls in each pass of the loop."""
    rows = trace.sort("pass")
    changes = [round(100 * change, 5) for change in rows["trade_change"]]
    axis = {"gridcolor": colour("rule"), "tickfont": {"color": colour("quiet"), "size": 11}, "fixedrange": True}
    title = {"font": {"size": 12, "color": colour("quiet")}, "standoff": 8}
    line = {
        "type": "scatter",
        "x": rows["pass"].to_list(),
        "y": changes,
        "mode": "lines+markers",
        "line": {"color": colour("accent"), "width": 2.4},
        "marker": {"size": 9, "color": colour("accent")},
        "hovertemplate": "%{x}: %{y:.3f} %<extra></extra>",
    }
    layout = {
        "height": 260,
        "margin": {"l": 66, "r": 12, "t": 10, "b": 46},
        "xaxis": {**axis, "dtick": 1, "title": {**title, "text": language.text("trade.column.number")}},
        "yaxis": {**axis, "tickformat": ".3f", "title": {**title, "text": language.text("trade.axis")}},
        "separators": ",\u202f" if language.code == "ru" else ".\u202f",
        **plain_layout(),
    }
    return {"data": [line], "layout": layout}
