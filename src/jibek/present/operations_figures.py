"""Charts of operations: how long a journey takes by each way, and what the result hangs on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from jibek.present.figures import plain_layout
from jibek.present.palette import colour

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.present.figures import Figure
    from jibek.present.language import Language

__all__ = ["days_chart", "tornado_chart"]

_ROW = 76  # pixels a way, with its name above it
_HEIGHT = 0.5  # of a row, for the highest part of a distribution
_MARKS = (("p50_days", "circle", "P50"), ("p95_days", "diamond", "P95"))
_DAY = 24.0


def days_chart(results: Mapping[str, pl.DataFrame], language: Language, *, origin: str, destination: str) -> Figure:
    """Draw the distribution of the days that a journey takes, one way above the other, on one scale.

    Parameters
    ----------
    results
        Result tables, complete and with names in the language.
    language
        Language of texts.
    origin, destination
        Of the journey: ids of places.
    """
    ways = results["operations_journeys"].filter(
        (pl.col("origin") == origin) & (pl.col("destination") == destination) & pl.col("mean_days").is_not_null()
    )
    names = dict(results["corridors"].select("id", "name").iter_rows())
    rows = ways.sort("mean_days", "corridor").to_dicts()
    traces = []
    for at, row in enumerate(rows):
        days = results["operations_days"].filter(group=row["group"]).sort("day")
        traces += [_ridge(days, at, row, language), *(_mark(row, at, *mark, language) for mark in _MARKS)]
    headings = [(at, names.get(row["corridor"], row["corridor"])) for at, row in enumerate(rows)]
    return {"data": traces, "layout": _layout(headings, language, language.text("axis.days"))}


def tornado_chart(tornado: pl.DataFrame, language: Language) -> Figure:
    """Draw how far each estimate moves the P95 of a route between the ends of its range, the furthest first."""
    rows = tornado.sort("reach", "rule", descending=[True, False]).to_dicts()
    names = {row["rule"]: language.text(f"operations.rule.{row['rule']}") for row in rows}
    traces: list[dict[str, Any]] = []
    for end, meaning in (("low", "less"), ("high", "more")):
        ends = [row[f"p95_{end}"] for row in rows]
        moved = [None if days is None else days - row["p95_base"] for days, row in zip(ends, rows, strict=True)]
        texts = [
            f"{names[row['rule']]}: {language.number(row[f'value_{end}'])}<br>"
            f"P95 {language.days(None if days is None else days * _DAY)}"
            for days, row in zip(ends, rows, strict=True)
        ]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": list(range(len(rows))),
                "x": [None if value is None else round(value, 3) for value in moved],
                "name": language.text(f"operations.{end}"),
                "text": texts,
                "textposition": "none",
                "hoverinfo": "text",
                "marker": {"color": colour(meaning)},
                "width": 0.42,
            }
        )
    headings = [(at, _estimate(row, names[row["rule"]], language)) for at, row in enumerate(rows)]
    layout = _layout(headings, language, language.text("operations.moved_axis")) | {"barmode": "overlay"}
    layout["xaxis"] |= {"zeroline": True, "zerolinecolor": colour("quiet"), "rangemode": "normal"}
    layout["annotations"] = [note | {"yshift": 14} for note in layout["annotations"]]
    return {"data": traces, "layout": layout}


def _estimate(row: Mapping[str, Any], name: str, language: Language) -> str:
    """Name an estimate, and say at which end a service has no room left."""
    ends = [language.text(f"operations.{end}") for end in ("low", "high") if row[f"p95_{end}"] is None]
    return f"{name} ({language.text('operations.no_room')} {', '.join(ends)})" if ends else name


def _ridge(days: pl.DataFrame, at: int, row: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """Draw one distribution as a filled curve that stands on its row."""
    share = dict(days.select("day", "share").iter_rows())
    first, last = min(share, default=0), max(share, default=0)
    whole = list(range(first - 1, last + 2))
    highest = max(share.values(), default=1.0)
    text = "<br>".join(
        f"{name}: {language.days(row[f'{key}_days'] * _DAY)}"
        for key, name in (
            ("mean", language.text("operations.column.mean")),
            ("p50", "P50"),
            ("p80", "P80"),
            ("p95", "P95"),
        )
        if row[f"{key}_days"] is not None
    )
    return {
        "type": "scatter",
        "x": [day + 0.5 for day in [*whole, whole[0]]],
        "y": [round(at - _HEIGHT * share.get(day, 0.0) / highest, 4) for day in whole] + [at],
        "mode": "lines",
        "fill": "toself",
        "fillcolor": colour("rule"),
        "line": {"color": colour("accent"), "width": 1.4, "shape": "linear"},
        "hoveron": "fills",
        "hoverinfo": "text",
        "text": text,
        "showlegend": False,
    }


def _mark(row: Mapping[str, Any], at: int, column: str, symbol: str, name: str, language: Language) -> dict[str, Any]:
    """Mark a quantile on the base of its row."""
    return {
        "type": "scatter",
        "x": [None if row[column] is None else round(row[column], 2)],
        "y": [at],
        "mode": "markers",
        "name": name,
        "hoverinfo": "text",
        "text": [f"{name}: {language.days(None if row[column] is None else row[column] * _DAY)}"],
        "marker": {
            "color": colour("check" if name == "P95" else "accent"),
            "symbol": symbol,
            "size": 9,
            "line": {"color": colour("paper"), "width": 1},
        },
        "showlegend": False,
    }


def _layout(headings: list[tuple[int, str]], language: Language, axis: str) -> dict[str, Any]:
    """Lay out rows with their names above them."""
    notes = [
        {
            "xref": "paper",
            "x": 0,
            "y": at,
            "text": text,
            "xanchor": "left",
            "yanchor": "bottom",
            "yshift": 40,
            "showarrow": False,
            "font": {"size": 12},
        }
        for at, text in headings
    ]
    return {
        "annotations": notes,
        "height": _ROW * len(headings) + 62,
        "margin": {"l": 4, "r": 14, "t": 12, "b": 46},
        "showlegend": False,
        "xaxis": {
            "title": {"text": axis, "font": {"size": 12, "color": colour("quiet")}, "standoff": 6},
            "gridcolor": colour("rule"),
            "zeroline": False,
            "tickfont": {"color": colour("quiet")},
            "nticks": 8,
            "fixedrange": True,
            "rangemode": "tozero",
        },
        "yaxis": {"visible": False, "range": [len(headings) - 0.7, -1.0], "fixedrange": True},
        "separators": ",\u202f" if language.code == "ru" else ".\u202f",
        "hovermode": "closest",
        **plain_layout(),
    }
