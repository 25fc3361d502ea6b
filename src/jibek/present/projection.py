"""The map's projection: from degrees to the plane and to pixels of a frame, as the browser will draw it.

Albers' equal-area conic with two standard parallels (Snyder 1987, *Map Projections: A Working Manual*, eq. 14-1 to
14-11), the same that Plotly calls "conic equal area". Knowing it here lets labels be placed before the page is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Frame", "frame_around", "project", "unproject"]

CENTRAL_LON = 65.0
PARALLELS = (28.0, 58.0)
_SIN = np.sin(np.radians(PARALLELS))
_N = float(_SIN.sum() / 2)
_C = float(1 + _SIN[0] * (2 * _N - _SIN[0]))
_HALF_BOX = 30.0  # half the longitudes of the box by which Plotly fits its frame; any size does

_MARGIN = 0.06  # free share of a frame's width and height on each side

Array = NDArray[np.float64]


def project(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Plane coordinates x (right) and y (up) in earth radii, shapes as given."""
    radius = np.sqrt(_C - 2 * _N * np.sin(np.radians(lat))) / _N
    angle = _N * np.radians(np.asarray(lon) - CENTRAL_LON)
    return radius * np.sin(angle), -radius * np.cos(angle)


def unproject(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude in degrees of a point of the plane."""
    angle, radius = np.arctan2(x, -y), np.hypot(x, y)
    sine = (_C - (radius * _N) ** 2) / (2 * _N)
    return float(CENTRAL_LON + np.degrees(angle / _N)), float(np.degrees(np.arcsin(np.clip(sine, -1, 1))))


@dataclass(frozen=True)
class Frame:
    """A rectangle of the plane that fills a figure.

    Attributes
    ----------
    x, y : float
        Its middle, in earth radii.
    width, height : float
        Its sides, in earth radii.
    """

    x: float
    y: float
    width: float
    height: float

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height

    def pixels(self, lon: Array, lat: Array, width: float) -> tuple[Array, Array]:
        """Pixels right and down from the upper left corner of a figure so many pixels wide."""
        x, y = project(np.asarray(lon, float), np.asarray(lat, float))
        scale = width / self.width
        return (x - self.x + self.width / 2) * scale, (self.y + self.height / 2 - y) * scale

    def holds(self, lon: Array, lat: Array) -> NDArray[np.bool_]:
        """Whether points lie inside."""
        x, y = project(np.asarray(lon, float), np.asarray(lat, float))
        return (np.abs(x - self.x) < self.width / 2) & (np.abs(y - self.y) < self.height / 2)

    def geo(self) -> dict[str, Any]:
        """Give Plotly's ``layout.geo`` that shows exactly this frame, without any map data of Plotly's own."""
        half_lat, box_width = _box(self.aspect)
        lon, lat = unproject(self.x, self.y)
        return {
            "projection": {
                "type": "conic equal area",
                "parallels": list(PARALLELS),
                "rotation": {"lon": CENTRAL_LON, "lat": 0, "roll": 0},
                "scale": round(box_width / self.width, 6),
                "minscale": 0.2,
            },
            "center": {"lon": round(lon, 4), "lat": round(lat, 4)},
            "lonaxis": {"range": [CENTRAL_LON - _HALF_BOX, CENTRAL_LON + _HALF_BOX]},
            "lataxis": {"range": [45 - half_lat, 45 + half_lat]},
            "visible": False,
            "domain": {"x": [0, 1], "y": [0, 1]},
        }


def frame_around(lon: Array, lat: Array, *, flattest: float = 2.3, steepest: float = 1.55, core: float = 1.0) -> Frame:
    """Smallest frame that holds points and whose width is between two multiples of its height.

    Parameters
    ----------
    lon, lat
        Degrees, shape (n,), n > 0.
    flattest, steepest
        Largest and smallest width over height.
    core
        Middle share of the points, from west to east and from south to north, that must lie inside.
    """
    x, y = project(np.asarray(lon, float), np.asarray(lat, float))
    tail = (1 - core) / 2
    (west, east), (south, north) = np.quantile(x, [tail, 1 - tail]), np.quantile(y, [tail, 1 - tail])
    width = max(float(east - west), 0.02) / (1 - 2 * _MARGIN)
    height = max(float(north - south), 0.02) / (1 - 2 * _MARGIN)
    width, height = max(width, height * steepest), max(height, width / flattest)
    return Frame(float(west + east) / 2, float(south + north) / 2, width, height)


def _box(aspect: float) -> tuple[float, float]:
    """Half the latitudes of the box round (65, 45) with this aspect, and the box's width in earth radii."""
    low, high = 1.0, 43.0
    for _ in range(40):
        middle = (low + high) / 2
        width, height = _box_size(middle)
        low, high = (middle, high) if width / height > aspect else (low, middle)
    half_lat = round(low, 4)
    return half_lat, _box_size(half_lat)[0]


def _box_size(half_lat: float) -> tuple[float, float]:
    """Width and height of the projected box, its edges great circles between quarter points, as Plotly draws it."""
    quarters = CENTRAL_LON + _HALF_BOX * np.array([-1, -0.5, 0, 0.5, 1])
    north, south = np.full(5, 45 + half_lat), np.full(5, 45 - half_lat)
    lon, lat = np.concatenate([quarters, quarters[::-1], quarters[:1]]), np.concatenate([north, south, north[:1]])
    edge = _great_circle(lon, lat, steps=60)
    x, y = project(*edge)
    return float(np.ptp(x)), float(np.ptp(y))


def _great_circle(lon: Array, lat: Array, *, steps: int) -> tuple[Array, Array]:
    """Points on the great circles between consecutive points."""
    u, v = np.radians(lon), np.radians(lat)
    points = np.stack([np.cos(v) * np.cos(u), np.cos(v) * np.sin(u), np.sin(v)], axis=1)
    share = np.linspace(0, 1, steps)[None, :, None]
    line = points[:-1, None] * (1 - share) + points[1:, None] * share
    line = line.reshape(-1, 3)
    line /= np.linalg.norm(line, axis=1, keepdims=True)
    return np.degrees(np.arctan2(line[:, 1], line[:, 0])), np.degrees(np.arcsin(line[:, 2]))
