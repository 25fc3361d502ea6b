"""The ground of every map: country polygons (degrees, WGS84), and ways over water between points on it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry import shape

from jibek.network.kernels import ALL, shortest_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

__all__ = ["Basemap", "Line", "Point", "has_ground", "read_basemap", "sea_lanes"]

Point = tuple[float, float]
"""Longitude and latitude in degrees."""

Line = list[Point]
"""Points in order."""

_STEP = 0.5  # degrees between points of the sea grid
_WEST, _EAST, _SOUTH, _NORTH = -25.0, 150.0, -40.0, 72.0
_COAST_SOUTH = -1.9  # the base map ends here; farther south the coasts are taken to run due south
_CAPE = -34.8  # as far as Africa does
_LAND_COST = (
    40.0  # a way over land counts as so many over water: only straits and canals finer than the grid are crossed
)
_NEIGHBOURS = [(dx, dy) for dx in (-2, -1, 0, 1, 2) for dy in (-2, -1, 0, 1, 2) if np.gcd(dx, dy) == 1]


@dataclass(frozen=True)
class Basemap:
    """Country polygons.

    Attributes
    ----------
    countries : mapping
        Geometry by ISO 3166-1 alpha-3 code, or by name where a territory has none.
    lon, lat : list
        All outer rings, clockwise as the browser's projection expects, None between two rings.
    """

    countries: Mapping[str, BaseGeometry]
    lon: list[float | None]
    lat: list[float | None]


@cache
def read_basemap() -> Basemap:
    """Read the base map of the package."""
    file = resources.files("jibek") / "datasets" / "basemap" / "countries.geojson"
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    countries = {f["properties"]["iso3"] or f["properties"]["name"]: shape(f["geometry"]) for f in features}
    lon: list[float | None] = []
    lat: list[float | None] = []
    for _, geometry in sorted(countries.items()):
        for polygon in getattr(geometry, "geoms", [geometry]):
            ring = np.asarray(shapely.geometry.polygon.orient(polygon, sign=-1.0).exterior.coords).round(2)
            lon += [*ring[:, 0].tolist(), None]
            lat += [*ring[:, 1].tolist(), None]
    return Basemap(countries, lon, lat)


def has_ground(point: Point) -> bool:
    """Tell whether a point lies where the base map has ground."""
    return point[1] > _COAST_SOUTH and _WEST < point[0] < _EAST


def sea_lanes(ends: Iterable[tuple[Point, Point]]) -> dict[tuple[Point, Point], Line]:
    """Find shortest ways over water between pairs of points, for drawing only: no length or time rests on them.

    Parameters
    ----------
    ends
        Pairs of points.

    Returns
    -------
    dict
        A line for each pair, from its first to its second point.
    """
    return {pair: list(_lane(*pair)) for pair in sorted(set(ends))}


@cache
def _lane(start: Point, end: Point) -> tuple[Point, ...]:
    """Find the way over water from one point to another."""
    grid = _sea_grid()
    nodes = grid.trace(_sea_tree(grid.nearest(start)), grid.nearest(end))
    return start, *grid.straighten(nodes)[1:-1], end


@lru_cache(maxsize=1)
def _sea_tree(origin: int) -> NDArray[np.int64]:
    """Predecessors of the shortest ways over water from a node; ways are asked for start by start."""
    grid = _sea_grid()
    predecessor: NDArray[np.int64] = shortest_tree(grid.first_out, grid.arc_to, grid.cost, origin, ALL)[1]
    return predecessor


@dataclass(frozen=True)
class _SeaGrid:
    """A grid of points over water and land as a graph in compressed sparse row form."""

    land: NDArray[np.bool_]
    first_out: NDArray[np.int64]
    arc_from: NDArray[np.int64]
    arc_to: NDArray[np.int32]
    cost: NDArray[np.float64]

    def nearest(self, point: Point) -> int:
        """Node nearest to a point."""
        rows, columns = self.land.shape
        column = int(np.clip(round((point[0] - _WEST) / _STEP), 0, columns - 1))
        row = int(np.clip(round((point[1] - _SOUTH) / _STEP), 0, rows - 1))
        return row * columns + column

    def trace(self, predecessor: NDArray[np.int64], node: int) -> NDArray[np.int64]:
        """Nodes from the tree's origin to a node."""
        nodes = [node]
        while predecessor[nodes[-1]] >= 0:
            nodes.append(int(self.arc_from[predecessor[nodes[-1]]]))
        return np.array(nodes[::-1])

    def straighten(self, nodes: NDArray[np.int64]) -> Line:
        """Leave out the points that can be passed by without more land under the way."""
        row, column = np.divmod(nodes, self.land.shape[1])
        kept, here = [0], 0
        while here < len(nodes) - 1:
            there = len(nodes) - 1
            while there > here + 1 and not self._sees(row, column, here, there):
                there -= 1
            kept.append(there)
            here = there
        return [(_WEST + _STEP * float(column[i]), _SOUTH + _STEP * float(row[i])) for i in kept]

    def _sees(self, row: NDArray[np.int64], column: NDArray[np.int64], here: int, there: int) -> bool:
        """Whether the straight way between two points of a path crosses no more land than the path."""
        share = np.linspace(0, 1, 2 * int(max(abs(row[there] - row[here]), abs(column[there] - column[here]))) + 1)
        rows = np.rint(row[here] + share * (row[there] - row[here])).astype(int)
        columns = np.rint(column[here] + share * (column[there] - column[here])).astype(int)
        return bool(self.land[rows, columns].sum() <= self.land[row[here : there + 1], column[here : there + 1]].sum())


@cache
def _sea_grid() -> _SeaGrid:
    """Lay the grid over the base map and join its points."""
    lon = np.arange(_WEST, _EAST + _STEP / 2, _STEP, dtype=np.float64)
    lat = np.arange(_SOUTH, _NORTH + _STEP / 2, _STEP, dtype=np.float64)
    land = _land(lon, lat)
    rows, columns = land.shape
    row, column = np.divmod(np.arange(rows * columns), columns)
    arcs = [_steps(land, lat, row, column, dx, dy) for dx, dy in _NEIGHBOURS]
    start, end, cost = (np.concatenate(part) for part in zip(*arcs, strict=True))
    order = np.lexsort((end, start))
    first_out = np.searchsorted(start[order], np.arange(rows * columns + 1))
    return _SeaGrid(land, first_out.astype(np.int64), start[order], end[order].astype(np.int32), cost[order])


def _land(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each point of a grid lies on land, shape (lat, lon)."""
    land = np.zeros((len(lat), len(lon)), bool)
    x, y = np.meshgrid(lon, np.maximum(lat, _COAST_SOUTH))
    for _, geometry in sorted(read_basemap().countries.items()):
        west, south, east, north = geometry.bounds
        inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        land[inside] |= shapely.contains_xy(geometry, x[inside], y[inside])
    land[lat < _CAPE] = False
    return land


def _steps(
    land: NDArray[np.bool_],
    lat: NDArray[np.float64],
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    dx: int,
    dy: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Arcs (from, to, cost) of one step in every point of the grid where it stays inside."""
    rows, columns = land.shape
    inside = (column + dx >= 0) & (column + dx < columns) & (row + dy >= 0) & (row + dy < rows)
    start = np.flatnonzero(inside)
    end = start + dy * columns + dx
    middle = np.radians((lat[row[start]] + lat[row[end]]) / 2)
    length = np.hypot(dx * np.cos(middle), dy)
    over_land = (land.ravel()[start].astype(float) + land.ravel()[end]) / 2
    return start, end, length * (1 + _LAND_COST * over_land)
