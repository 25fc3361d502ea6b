"""What all maps share: the frame round points, the ground with countries' names, the names of places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jibek.present import map_traces
from jibek.present.lettering import place_names
from jibek.present.palette import FONT, colour
from jibek.present.projection import frame_around

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jibek.present.basemap import Point
    from jibek.present.figures import Figure
    from jibek.present.lettering import MapName
    from jibek.present.map_content import Row
    from jibek.present.projection import Frame

__all__ = ["NAMES", "frame_of", "ground", "name_places"]

NAMES: Mapping[int, int] = {1000: 54, 680: 32, 340: 11}
"""Widths in pixels for which names are placed, and how many places may be named; a page shows the set that fits."""


def frame_of(points: Sequence[Point], *, core: float = 1.0) -> Frame:
    """Find the frame that holds the middle share ``core`` of points."""
    lon, lat = np.array(points, float).T
    return frame_around(lon, lat, core=core)


def ground(frame: Frame, countries: Mapping[int, list[MapName]]) -> Figure:
    """Draw the base map of a frame, with the countries' names below all that follows."""
    widest = max(countries)
    labels = [
        map_traces.country_labels(placed, width, visible=width == widest)
        for width, placed in countries.items()
        if placed
    ]
    layout = {
        "geo": {**frame.geo(), "bgcolor": colour("water_area")},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "paper_bgcolor": colour("water_area"),
        "showlegend": False,
        "meta": {"aspect": round(frame.aspect, 4)},
        "font": {"family": FONT, "color": colour("ink"), "size": 12},
        "hoverlabel": {
            "bgcolor": colour("paper"),
            "bordercolor": colour("rule"),
            "font": {"color": colour("ink"), "size": 13},
            "align": "left",
        },
    }
    return {"data": [map_traces.base(), *labels], "layout": layout}


def name_places(
    figure: Figure,
    frame: Frame,
    places: Sequence[Row],
    names: Mapping[int, int],
    countries: Mapping[int, list[MapName]],
    *,
    keep_off: Sequence[tuple[float, float, float]] = (),
    certain: int = 0,
) -> None:
    """Name places, for each width as many as fit; only the widest set is visible until a page chooses."""
    for width, most in names.items():
        placed = place_names(
            frame, width, places, most=most, countries=countries[width], dots=keep_off, certain=certain
        )
        figure["data"].append(map_traces.place_labels(placed, width, visible=width == max(names)))
