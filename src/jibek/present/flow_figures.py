"""Charts of flows: counted against modelled, as plain data in light colours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import polars as pl

from jibek.present.figures import plain_layout
from jibek.present.flow_checks import compared
from jibek.present.palette import colour

if TYPE_CHECKING:
    from jibek.present.figures import Figure
    from jibek.present.language import Language

__all__ = ["count_chart"]

_SYMBOLS = {"t": "circle", "TEU": "square", "trains": "diamond", "wagons": "triangle-up", "trucks": "triangle-down"}
_BAND = 0.4


def count_chart(counts: pl.DataFrame, language: Language) -> Figure:
    """Draw each count against its number in the model, on scales in powers of ten."""
    scored = compared(counts)
    low, high = _ends(scored)
    floor = 10**low * 1.25
    traces = [_band(low, high), _equal(low, high)]
    for use in ("fit", "check"):
        rows = scored.filter(pl.col("use") == use).sort("series")
        if rows.height:
            traces.append(_points(rows, use, floor, language))
    axis = {
        "type": "log",
        "range": [low, high],
        "dtick": 1,
        "exponentformat": "none",
        "tickformat": ",.0f",
        "gridcolor": colour("rule"),
        "zeroline": False,
        "tickfont": {"color": colour("quiet"), "size": 11},
        "fixedrange": True,
    }
    titles = {name: _title(language.text(f"axis.{name}")) for name in ("counted", "modelled")}
    layout = {
        "height": 470,
        "margin": {"l": 78, "r": 12, "t": 8, "b": 48},
        "xaxis": {**axis, "title": titles["counted"]},
        "yaxis": {**axis, "title": titles["modelled"]},
        "separators": ",\u202f" if language.code == "ru" else ".\u202f",
        "hovermode": "closest",
        **plain_layout(),
    }
    return {"data": traces, "layout": layout}


def _ends(scored: pl.DataFrame) -> tuple[float, float]:
    """Give the powers of ten between which all counts lie, and the modelled numbers that are not far below them."""
    least, most = float(scored["observed"].min() or 1.0), float(scored["observed"].max() or 10.0)  # type: ignore[arg-type]
    above = max([most, *scored["modelled"].to_list()])
    return math.floor(math.log10(least)) - 0.7, math.ceil(math.log10(above) * 2) / 2 + 0.1


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "font": {"size": 12, "color": colour("quiet")}, "standoff": 8}


def _band(low: float, high: float) -> dict[str, Any]:
    """Shade where the model is at most 40 % off."""
    ends = [10**low, 10**high]
    upper, lower = [(1 + _BAND) * end for end in ends], [(1 - _BAND) * end for end in ends]
    return {
        "type": "scatter",
        "x": [*ends, *reversed(ends)],
        "y": [*upper, *reversed(lower)],
        "mode": "none",
        "fill": "toself",
        "fillcolor": colour("rule"),
        "hoverinfo": "skip",
    }


def _equal(low: float, high: float) -> dict[str, Any]:
    ends = [10**low, 10**high]
    line = {"color": colour("quiet"), "width": 1.2}
    return {"type": "scatter", "x": ends, "y": ends, "mode": "lines", "line": line, "hoverinfo": "skip"}


def _points(rows: pl.DataFrame, use: str, floor: float, language: Language) -> dict[str, Any]:
    """Draw the counts of a use; a number in the model below the scale stands at its edge."""
    texts = [
        f"<b>{row['title']}</b><br>{language.text('forecast.observed')}: {language.round(row['observed'])} "
        f"{language.unit(row['base_unit'])}<br>{language.text('method.model')}: {language.round(row['modelled'])} "
        f"({language.growth(row['error'])})"
        for row in rows.iter_rows(named=True)
    ]
    return {
        "type": "scatter",
        "x": rows["observed"].round(3).to_list(),
        "y": [round(max(value, floor), 3) for value in rows["modelled"]],
        "mode": "markers",
        "name": language.text(f"use.{use}"),
        "text": texts,
        "hoverinfo": "text",
        "marker": {
            "color": colour(use),
            "size": 10 if use == "check" else 8,
            "symbol": [_SYMBOLS.get(unit, "circle") for unit in rows["base_unit"]],
            "line": {"color": colour("paper"), "width": 1},
        },
    }
