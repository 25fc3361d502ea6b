"""Flows as lines of a map: from links with widths and colours to traces, links between the same places side by side.

Plotly gives all lines of a trace one width, so widths are rounded to a few steps; a page narrows them on small screens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jibek.present.map_traces import geo_trace
from jibek.present.palette import colour
from jibek.present.projection import project, unproject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jibek.present.basemap import Line, Point
    from jibek.present.map_content import DrawnLink
    from jibek.present.projection import Frame

__all__ = ["SEA_WIDEST", "WIDEST", "Stroke", "scale_steps", "stroke_traces", "width_of"]

WIDEST, SEA_WIDEST, NARROWEST = 14.0, 3.0, 0.8
"""Widths in pixels in a figure of `_WIDE` pixels."""

_WIDE = 1000.0
_STEP = 1.35  # from one width to the next
_WIDTHS = NARROWEST * _STEP ** np.arange(11)
_GAP = 0.8  # pixels between lines side by side
_LONG = 7.0  # degrees from which on a line tells its facts at several points


@dataclass(frozen=True)
class Stroke:
    """A link drawn as a flow: its line, width in pixels, meaning of its colour, layer and hover text."""

    link: DrawnLink
    width: float
    meaning: str
    text: str

    @property
    def layer(self) -> str:
        """Layer by which a page can switch it."""
        return f"flow-{self.link.medium}"


def width_of(tonnes: float, most: float, medium: str) -> float:
    """Give the width of a flow: in proportion to the largest on land, but never too thin to be seen.

    Parameters
    ----------
    tonnes
        A year.
    most
        Tonnes that are drawn with the greatest width.
    medium
        Flows at sea are cut to a thin line, since they would hide the land.
    """
    width = max(NARROWEST, min(WIDEST, WIDEST * tonnes / most if most > 0 else 0.0))
    return min(width, SEA_WIDEST) if medium == "sea" else width


def scale_steps(most: float) -> list[float]:
    """Choose round quantities for a legend: near the largest, a quarter and a twentieth of it."""
    steps = {_rounded(most * share) for share in (0.05, 0.25, 0.8)} if most > 0 else set()
    return sorted(steps)


def stroke_traces(strokes: Sequence[Stroke], frame: Frame) -> list[dict[str, Any]]:
    """Draw strokes in the order given, then the points that tell their facts.

    Parameters
    ----------
    strokes
        Lines with widths, colours and texts.
    frame
        Frame of the whole map, in which lines side by side touch; in an enlarged part of it they stand apart.
    """
    lines = _side_by_side(strokes, frame)
    drawn: dict[tuple[str, str, float], list[Line]] = {}
    for stroke, line in zip(strokes, lines, strict=True):
        step = float(_WIDTHS[np.argmin(np.abs(np.log(_WIDTHS / stroke.width)))])
        drawn.setdefault((stroke.layer, stroke.meaning, round(step, 2)), []).append(line)
    return [_trace(layer, meaning, width, found) for (layer, meaning, width), found in drawn.items()] + [
        _facts(layer, strokes, lines) for layer in dict.fromkeys(stroke.layer for stroke in strokes)
    ]


def _rounded(value: float) -> float:
    """Round down to 1, 2 or 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(max(step for step in (1, 2, 5) if step * power <= value * (1 + 1e-9)) * power)


def _trace(layer: str, meaning: str, width: float, lines: Sequence[Line]) -> dict[str, Any]:
    lon: list[float | None] = []
    lat: list[float | None] = []
    for line in lines:
        lon += [*(round(x, 2) for x, _ in line), None]
        lat += [*(round(y, 2) for _, y in line), None]
    style = {"color": colour(meaning), "width": width}
    return geo_trace(lon=lon, lat=lat, mode="lines", line=style, hoverinfo="skip", meta=layer)


def _facts(layer: str, strokes: Sequence[Stroke], lines: Sequence[Line]) -> dict[str, Any]:
    """Set unseen points on the lines that tell their facts."""
    points: list[Point] = []
    texts: list[str] = []
    for stroke, line in zip(strokes, lines, strict=True):
        if stroke.layer == layer:
            found = _spots(line)
            points += found
            texts += [stroke.text] * len(found)
    return geo_trace(
        lon=[round(lon, 2) for lon, _ in points],
        lat=[round(lat, 2) for _, lat in points],
        mode="markers",
        text=texts,
        marker={"size": 11, "opacity": 0, "color": colour("ink")},
        hoverinfo="text",
        meta=layer,
    )


def _spots(line: Line) -> list[Point]:
    """Find points on a line: its middle, or quarters of a long one."""
    if len(line) > 2:
        return [line[len(line) // 2]]
    (x0, y0), (x1, y1) = line
    shares = (0.25, 0.5, 0.75) if np.hypot(x1 - x0, y1 - y0) > _LONG else (0.5,)
    return [(x0 + share * (x1 - x0), y0 + share * (y1 - y0)) for share in shares]


def _side_by_side(strokes: Sequence[Stroke], frame: Frame) -> list[Line]:
    """Lay the lines between the same two places beside each other, by the width of each."""
    groups: dict[frozenset[str], list[int]] = {}
    for number, stroke in enumerate(strokes):
        if stroke.link.medium != "sea":
            groups.setdefault(frozenset(end["id"] for end in stroke.link.ends), []).append(number)
    lines = [stroke.link.line for stroke in strokes]
    for numbers in groups.values():
        ordered = sorted(numbers, key=lambda i: (strokes[i].link.medium, strokes[i].link.row["id"]))
        widths = [strokes[i].width for i in ordered]
        edge = -(sum(widths) + _GAP * (len(widths) - 1)) / 2
        for number, width in zip(ordered, widths, strict=True):
            if len(ordered) > 1:
                lines[number] = _shifted(strokes[number], (edge + width / 2) / _WIDE * frame.width)
            edge += width + _GAP
    return lines


def _shifted(stroke: Stroke, by: float) -> Line:
    """Shift a line sideways in the plane, the same way whichever end it starts from."""
    first, last = sorted(stroke.link.ends, key=lambda end: str(end["id"]))
    x, y = project(np.array([first["lon"], last["lon"]], float), np.array([first["lat"], last["lat"]], float))
    length = float(np.hypot(x[1] - x[0], y[1] - y[0])) or 1.0
    across, down = -float(y[1] - y[0]) / length * by, float(x[1] - x[0]) / length * by
    return [unproject(float(at_x) + across, float(at_y) + down) for at_x, at_y in zip(x, y, strict=True)]
