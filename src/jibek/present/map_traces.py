"""How each thing on a map looks: from content to Plotly traces, as plain data, in the report's light colours.

Every trace carries in ``meta`` the layer by which a page can switch it, or the width for which its names are placed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import polars as pl

from jibek.present.map_content import middle
from jibek.present.palette import colour

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jibek.present.basemap import Line, Point
    from jibek.present.language import Language
    from jibek.present.lettering import MapName
    from jibek.present.map_content import Crossing, DrawnLink, LinkState

__all__ = [
    "BASEMAP",
    "Trace",
    "base",
    "border_dots",
    "border_size",
    "country_labels",
    "geo_trace",
    "link_facts",
    "link_lines",
    "number_badges",
    "place_labels",
    "project_dots",
]

Trace = dict[str, Any]
"""A trace as Plotly's JSON has it."""

BASEMAP = "basemap"
"""``meta`` of the trace that holds the base map."""

_WIDTH = {"rail": 2.2, "road": 1.3, "sea": 1.4, "pipeline": 1.6, "water": 1.6, "power": 1.2}
_DASH: Mapping[LinkState, str] = {"open": "solid", "planned": "5px,4px", "closed": "2px,3px"}
_OPACITY: Mapping[LinkState, float] = {"open": 1.0, "planned": 0.9, "closed": 0.55}
_DOTTED = "1.5px,3.5px"
_TOLD = 6  # passages that one dot's hover text names


def base() -> Trace:
    """Draw the countries of the base map, whose points a page with many maps fills in itself: it carries them once."""
    return geo_trace(
        lon=[],
        lat=[],
        mode="lines",
        fill="toself",
        fillcolor=colour("land"),
        line={"color": colour("frontier"), "width": 0.7},
        hoverinfo="skip",
        meta=BASEMAP,
    )


def link_lines(lines: Sequence[Line], medium: str, state: LinkState, *, width: float | None = None) -> Trace:
    """Draw many lines as one trace; ways over sea are dotted, since they show a direction and no track."""
    lon: list[float | None] = []
    lat: list[float | None] = []
    for line in lines:
        lon += [*(round(x, 3) for x, _ in line), None]
        lat += [*(round(y, 3) for _, y in line), None]
    dash = _DOTTED if medium == "sea" and state == "open" else _DASH[state]
    style = {"color": colour(medium), "width": width or _WIDTH[medium], "dash": dash}
    opacity = _OPACITY[state]
    return geo_trace(lon=lon, lat=lat, mode="lines", line=style, opacity=opacity, hoverinfo="skip", meta=medium)


def link_facts(links: Sequence[DrawnLink], language: Language) -> Trace:
    """Set unseen points in the middle of links that tell their facts."""
    texts = [
        f"<b>{link.name}</b><br>{language.mode(link.row['mode'])} · {language.km(link.row['length_km'])}<br>"
        f"{language.text(f'link_state.{link.state}')}"
        for link in links
    ]
    points = [middle(link.line) for link in links]
    return _dots(points, texts, {"size": 9, "opacity": 0, "color": colour("ink")}, meta="facts")


def border_size(hours: float, longest: float) -> float:
    """Give the diameter in pixels of a border's dot: its area grows with the hours spent there."""
    return round(3 + 11 * math.sqrt(hours / longest), 1)


def border_dots(crossings: Sequence[Crossing], language: Language) -> list[Trace]:
    """Draw a dot for each place where frontiers are crossed, as large as its longest passage takes."""
    if not crossings:
        return []
    head = f"<b>{language.text('map.border')}</b>"
    texts = [
        "<br>".join([head, *(_passage(hours, link, language) for hours, link in crossing.passages[:_TOLD])])
        for crossing in crossings
    ]
    longest = crossings[0].passages[0][0]
    marker = {
        "size": [border_size(crossing.passages[0][0], longest) for crossing in crossings],
        "color": colour("border"),
        "opacity": 0.72,
        "line": {"color": colour("paper"), "width": 0.8},
    }
    return [_dots([crossing.point for crossing in crossings], texts, marker, meta="border")]


def project_dots(sited: pl.DataFrame, language: Language) -> list[Trace]:
    """Draw a diamond at each place where something is being built or planned, one trace a status.

    Several projects at one place share a diamond; a planned one stands out behind one under construction.
    """
    told: dict[str, dict[Point, list[str]]] = {"planned": {}, "construction": {}}
    for row in sited.filter(pl.col("status").is_in(list(told))).iter_rows(named=True):
        told[row["status"]].setdefault((round(row["lon"], 2), round(row["lat"], 2)), []).append(row["title"])
    traces = []
    for status, spots in told.items():
        state = language.text(f"project_status.{status}")
        texts = ["<br>".join([*(f"<b>{title}</b>" for title in titles), state]) for titles in spots.values()]
        behind = [status == "planned" and spot in told["construction"] for spot in spots]
        edge = {"color": colour("paper"), "width": 1}
        marker = {"symbol": "diamond", "size": [14 if b else 9 for b in behind], "color": colour(status), "line": edge}
        if spots:
            traces.append(_dots(list(spots), texts, marker, meta=status))
    return traces


def country_labels(names: Sequence[MapName], width: int, *, visible: bool) -> Trace:
    """Write the names of countries for one width of the figure."""
    return geo_trace(
        lon=[name.lon for name in names],
        lat=[name.lat for name in names],
        text=[name.text for name in names],
        mode="text",
        textfont={"size": names[0].size, "color": colour("country_name")},
        hoverinfo="skip",
        visible=visible,
        meta={"names": width},
    )


def place_labels(names: Sequence[MapName], width: int, *, visible: bool) -> Trace:
    """Mark and name places for one width of the figure."""
    return geo_trace(
        lon=[name.lon for name in names],
        lat=[name.lat for name in names],
        text=[name.text for name in names],
        textposition=[name.position for name in names],
        mode="markers+text",
        textfont={"size": [name.size for name in names], "color": colour("ink")},
        marker={"size": 5, "color": colour("paper"), "line": {"color": colour("ink"), "width": 1.2}},
        hoverinfo="skip",
        visible=visible,
        meta={"names": width},
    )


def number_badges(spots: Mapping[str, Point], *, meta: str = "number") -> Trace:
    """Set numbers on the map, each at its point; a badge with several is wider."""
    return geo_trace(
        lon=[round(lon, 3) for lon, _ in spots.values()],
        lat=[round(lat, 3) for _, lat in spots.values()],
        text=[f"<b>{number}</b>" for number in spots],
        mode="markers+text",
        textfont={"size": 11, "color": colour("paper")},
        textposition="middle center",
        marker={
            "size": [19 if len(number) < 3 else 27 for number in spots],
            "color": colour("ink"),
            "line": {"color": colour("paper"), "width": 1.5},
        },
        hoverinfo="skip",
        meta=meta,
    )


def _passage(hours: float, link: DrawnLink, language: Language) -> str:
    return f"{link.name}, {language.mode(link.row['mode'])}: {language.hours(hours)}"


def _dots(points: Sequence[Point], texts: Sequence[str], marker: Mapping[str, object], *, meta: str) -> Trace:
    return geo_trace(
        lon=[round(lon, 3) for lon, _ in points],
        lat=[round(lat, 3) for _, lat in points],
        mode="markers",
        text=list(texts),
        marker=dict(marker),
        hoverinfo="text",
        meta=meta,
    )


def geo_trace(**properties: object) -> Trace:
    """Make a trace over the base map."""
    return {"type": "scattergeo", **properties}
