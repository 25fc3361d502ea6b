"""Does every place lie in its country? And is every link as long as the way between its ends: two checks."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import shapely

from jibek.corridor.checks.reporting import Tables, report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from jibek.errors import Fault

__all__ = ["check_geography", "country_shapes", "great_circle_km"]

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
MARGIN_KM = 10  # simplified outlines and coast: what a place may lie outside beyond its own tolerance


def great_circle_km(
    lat: NDArray[np.float64], lon: NDArray[np.float64], other_lat: NDArray[np.float64], other_lon: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return great-circle distances between points given in degrees (haversine formula).

    Parameters
    ----------
    lat, lon, other_lat, other_lon
        Coordinates in degrees, all of one shape.

    Returns
    -------
    ndarray
        Kilometres, of the same shape.
    """
    phi, other_phi = np.radians(lat), np.radians(other_lat)
    half = np.sin((other_phi - phi) / 2) ** 2
    half += np.cos(phi) * np.cos(other_phi) * np.sin(np.radians(other_lon - lon) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1))))


@cache
def country_shapes() -> Mapping[str, shapely.Geometry]:
    """Return the outline of every country on the base map, by ISO code, in degrees."""
    text = files("jibek").joinpath("datasets", "basemap", "countries.geojson").read_text("utf-8")
    shapes = shapely.get_parts(shapely.from_geojson(text))
    codes = [feature["properties"]["iso3"] for feature in json.loads(text)["features"]]
    return {code: shape for code, shape in zip(codes, shapes, strict=True) if code is not None}


def check_geography(tables: Tables) -> Iterator[Fault]:
    """Check coordinates against countries and lengths against great circles."""
    yield from _misplaced(tables)
    yield from _too_short(tables)


def _misplaced(tables: Tables) -> list[Fault]:
    """Find places outside their country by more than their tolerance and the margin."""
    places = tables["places"].drop_nulls(["country", "lat", "lon", "tolerance_km"])
    places = places.filter(pl.col("country").is_in(list(country_shapes())))
    outlines = np.array([country_shapes()[code] for code in places["country"]], dtype=object)
    lat, lon = places["lat"].to_numpy(), places["lon"].to_numpy()
    allowed = places["tolerance_km"].to_numpy() + MARGIN_KM
    off = np.zeros(len(places))
    for row in np.flatnonzero(~shapely.contains_xy(outlines, lon, lat)):
        off[row] = _km_outside(outlines[row], lat[row], lon[row])
    far = off > allowed
    distances, bounds = off[far], allowed[far]
    wrong = places.filter(far)
    return report(
        "places",
        wrong,
        "country",
        value=[
            f"{country}, {distance:.0f} km from {lat:g} N {lon:g} E"
            for country, distance, lat, lon in zip(wrong["country"], distances, wrong["lat"], wrong["lon"], strict=True)
        ],
        expected=[f"a country within {bound:g} km of the coordinates" for bound in bounds],
        remedy="Check lat, lon (are they exchanged?) and country, or widen tolerance_km.",
    )


def _km_outside(outline: shapely.Geometry, lat: float, lon: float) -> float:
    """Return the distance from a point to an outline, on a plane that is true to scale near the point."""
    scale = np.radians(1) * EARTH_RADIUS_KM
    stretch = np.array([np.cos(np.radians(lat)) * scale, scale])
    local = shapely.transform(outline, lambda points: (points - [lon, lat]) * stretch)
    return float(shapely.distance(local, shapely.Point(0, 0)))


def _too_short(tables: Tables) -> list[Fault]:
    """Find links shorter than the great circle, allowing for the tolerance of both ends."""
    ends = tables["places"].unique("id", keep="first", maintain_order=True).select("id", "lat", "lon", "tolerance_km")
    first = ends.rename({name: f"_from_{name}" for name in ends.columns})
    second = ends.rename({name: f"_to_{name}" for name in ends.columns})
    links = tables["links"].join(first, left_on="from_place", right_on="_from_id", maintain_order="left")
    links = links.join(second, left_on="to_place", right_on="_to_id", maintain_order="left")
    links = links.drop_nulls(["length_km", "_from_lat", "_from_lon", "_to_lat", "_to_lon"])
    coordinates = (links[f"_{end}_{axis}"].to_numpy() for end in ("from", "to") for axis in ("lat", "lon"))
    direct = great_circle_km(*coordinates)
    slack = (links["_from_tolerance_km"].fill_null(0) + links["_to_tolerance_km"].fill_null(0)).to_numpy()
    short = links["length_km"].to_numpy() + slack < direct
    bounds = (direct - slack)[short]
    return report(
        "links",
        links.filter(short),
        "length_km",
        expected=[f"at least {bound:.0f} km, the great circle less both tolerances" for bound in bounds],
        remedy="Check the length and the coordinates of both ends.",
    )
