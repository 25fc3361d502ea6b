"""Names on a map: from places and countries to texts with positions that do not overlap at a given width."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from jibek.present.basemap import read_basemap
from jibek.present.labels import Label, Layout
from jibek.present.projection import Frame, project, unproject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapely.geometry.base import BaseGeometry

    from jibek.present.language import Language

__all__ = ["MapName", "country_names", "place_names"]


@dataclass(frozen=True)
class MapName:
    """A name on a map: point in degrees, text, size in pixels, Plotly's text position."""

    lon: float
    lat: float
    text: str
    size: float
    position: str


def country_names(frame: Frame, width: int, language: Language) -> list[MapName]:
    """Names of the countries that have room for theirs, in the middle of their largest part in the frame."""
    window = shapely.box(
        frame.x - frame.width / 2, frame.y - frame.height / 2, frame.x + frame.width / 2, frame.y + frame.height / 2
    )
    scale = width / frame.width
    names: list[MapName] = []
    layout = Layout(width, width / frame.aspect)
    for code, ground in sorted(_projected().items(), key=lambda item: (-item[1].area, item[0])):
        shown = ground.intersection(window) if ground.intersects(window) else None
        if shown is None or shown.area * scale**2 < 1600:
            continue
        text = language.country(code).upper()
        largest = max(getattr(shown, "geoms", [shown]), key=lambda part: part.area)
        middle = _roomiest(largest)
        size = 11.0 if width >= 600 else 9.0
        x, y = (middle.x - frame.x + frame.width / 2) * scale, (frame.y + frame.height / 2 - middle.y) * scale
        half = 0.36 * size * len(text) / scale
        crossed = shapely.LineString([(middle.x - half, middle.y), (middle.x + half, middle.y)])
        if (
            largest.intersection(crossed).length < 0.8 * crossed.length
            or layout.place(x, y, text, size * 1.2, ["middle center"]) is None
        ):
            continue
        lon, lat = unproject(middle.x, middle.y)
        names.append(MapName(round(lon, 3), round(lat, 3), text, size, "middle center"))
    return names


def place_names(
    frame: Frame,
    width: int,
    places: Sequence[Mapping[str, Any]],
    *,
    most: int,
    countries: Sequence[MapName],
    dots: Sequence[tuple[float, float, float]] = (),
    certain: int = 0,
) -> list[MapName]:
    """Name up to ``most`` places, the first ones first, clear of each other, of countries' names and of dots.

    Parameters
    ----------
    frame, width
        Part of the plane that is shown, and its width in pixels.
    places
        Rows with ``name, lon, lat``, the most important first.
    most
        Number of names at most.
    countries
        Names that stand already.
    dots
        Longitude, latitude and radius in pixels of what names keep off.
    certain
        So many of the first places are named even over dots.
    """
    layout = Layout(width, width / frame.aspect)
    texts = [place["name"].split(" (", maxsplit=1)[0] for place in places]
    size = 12.0 if width >= 600 else 11.0
    for name in countries:
        at_x, at_y = frame.pixels(np.array([name.lon]), np.array([name.lat]), width)
        layout.place(float(at_x[0]), float(at_y[0]), name.text, name.size * 1.2, ["middle center"])
    x, y = frame.pixels(np.array([p["lon"] for p in places], float), np.array([p["lat"] for p in places], float), width)
    placed = layout.place_all(x[:certain], y[:certain], texts[:certain], size=size, dot=3.5, most=most)
    for lon, lat, radius in dots:
        at_x, at_y = frame.pixels(np.array([lon]), np.array([lat]), width)
        layout.block(float(at_x[0]), float(at_y[0]), radius)
    rest = layout.place_all(x[certain:], y[certain:], texts[certain:], size=size, dot=3.5, most=most - len(placed))
    placed += [Label(label.index + certain, label.position) for label in rest]
    return [MapName(places[p.index]["lon"], places[p.index]["lat"], texts[p.index], size, p.position) for p in placed]


@cache
def _projected() -> dict[str, BaseGeometry]:
    """Country polygons in the map's plane."""
    plane = {}
    for code, geometry in read_basemap().countries.items():
        flat = shapely.transform(geometry, lambda points: np.column_stack(project(points[:, 0], points[:, 1])))
        plane[code] = shapely.make_valid(flat).buffer(0)
    return plane


def _roomiest(ground: BaseGeometry) -> shapely.Point:
    """Find the middle of the longest of some level lines through a polygon: there a level name has most room."""
    west, south, east, north = ground.bounds
    best, room = ground.representative_point(), 0.0
    for share in (0.3, 0.4, 0.5, 0.6, 0.7):
        y = south + share * (north - south)
        cut = ground.intersection(shapely.LineString([(west, y), (east, y)]))
        for part in getattr(cut, "geoms", [cut]):
            # the middle of the polygon is preferred to its edges
            length = part.length * (1 - abs(share - 0.5))
            if length > room:
                best, room = part.centroid, length
    return best
