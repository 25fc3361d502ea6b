"""What a map shows, before it is drawn: from result tables to lines, dots and names in order of importance."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl

from jibek.present.basemap import has_ground, sea_lanes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jibek.present.basemap import Line, Point

__all__ = [
    "Crossing",
    "DrawnLink",
    "LinkState",
    "Way",
    "crossings",
    "drawn_links",
    "main_places",
    "middle",
    "number_spots",
    "route_places",
    "ways",
]

LinkState = Literal["open", "planned", "closed"]
Row = dict[str, Any]
_RANK = {"seaport": 2, "city": 2, "dry_port": 1, "border_post": 1}


@dataclass(frozen=True)
class DrawnLink:
    """A link on a map: its row, the rows of its ends, its medium, its state and its line in degrees."""

    row: Row
    ends: tuple[Row, Row]
    medium: str
    state: LinkState
    line: Line

    @property
    def name(self) -> str:
        """Names of both ends."""
        return f"{self.ends[0]['name']} – {self.ends[1]['name']}"


@dataclass(frozen=True)
class Crossing:
    """A place where frontiers are crossed by land: point, and (hours, link) of each passage, the longest first."""

    point: Point
    passages: tuple[tuple[float, DrawnLink], ...]


@dataclass(frozen=True)
class Way:
    """An alternative on a map: its places in order, and (medium, line) of each step."""

    places: tuple[str, ...]
    modes: tuple[str, ...]
    steps: tuple[tuple[str, Line], ...]


def drawn_links(results: Mapping[str, pl.DataFrame], media: Sequence[str]) -> list[DrawnLink]:
    """List the links of some media by id: straight lines on land, ways over water at sea."""
    places = _by_id(results["places"])
    medium = dict(results["modes"].select("id", "medium").iter_rows())
    rows = [row for row in _by_id(results["links"]).values() if medium[row["mode"]] in media]
    ends = [(places[row["from_place"]], places[row["to_place"]]) for row in rows]
    points = [(_point(start), _point(end)) for start, end in ends]
    lanes = sea_lanes(pair for row, pair in zip(rows, points, strict=True) if medium[row["mode"]] == "sea")
    return [
        DrawnLink(row, pair, medium[row["mode"]], _state(row), _line(spots, medium[row["mode"]], lanes))
        for row, pair, spots in zip(rows, ends, points, strict=True)
    ]


def crossings(borders: pl.DataFrame, links: Sequence[DrawnLink]) -> list[Crossing]:
    """Gather the open passages of land frontiers by place; those without formalities are left out."""
    by_id = {link.row["id"]: link for link in links if link.medium != "sea" and link.state == "open"}
    found: dict[Point, set[tuple[float, str]]] = {}
    for border in _by_id(borders).values():
        if border["link"] in by_id and border["hours"]:
            spot = _frontier(by_id[border["link"]])
            found.setdefault(spot, set()).add((-border["hours"], border["link"]))
    listed = [Crossing(spot, tuple((-hours, by_id[link]) for hours, link in sorted(found[spot]))) for spot in found]
    return sorted(listed, key=lambda crossing: (-crossing.passages[0][0], crossing.point))


def ways(results: Mapping[str, pl.DataFrame], pair: int) -> list[Way]:
    """List the alternatives of a pair in order of rank."""
    medium = dict(results["modes"].select("id", "medium").iter_rows())
    table = results["route_paths"].filter(pl.col("pair") == pair).sort("rank", "sequence")
    paths = [list(path.iter_rows(named=True)) for _, path in table.group_by("rank", maintain_order=True)]
    steps = [[((_point(a), _point(b)), medium[b["mode"]]) for a, b in itertools.pairwise(path)] for path in paths]
    lanes = sea_lanes(spots for path in steps for spots, kind in path if kind == "sea")
    return [
        Way(
            places=tuple(point["place"] for point in path),
            modes=tuple(point["mode"] for point in path),
            steps=tuple((kind, _line(spots, kind, lanes)) for spots, kind in moved),
        )
        for path, moved in zip(paths, steps, strict=True)
    ]


def main_places(results: Mapping[str, pl.DataFrame], links: Sequence[DrawnLink]) -> list[Row]:
    """List the places that links touch: ends of the pairs shown first, then by number of links and kind."""
    places = {end["id"]: end for link in links for end in link.ends}
    degree = dict.fromkeys(places, 0)
    for link in links:
        for end in link.ends:
            degree[end["id"]] += 1
    asked = set(results["routes"]["origin"]) | set(results["routes"]["destination"])
    order = sorted(places, key=lambda i: (i not in asked, -degree[i] - _RANK.get(places[i]["kind"], 0), i))
    return [places[i] for i in order]


def route_places(results: Mapping[str, pl.DataFrame], alternatives: Sequence[Way]) -> list[Row]:
    """List the places of alternatives: the ends first, then where the mode changes, then what most of them pass."""
    places = _by_id(results["places"])
    weight: dict[str, int] = {}
    for way in alternatives:
        for number, place in enumerate(way.places):
            is_end = number in (0, len(way.places) - 1)
            changes = not is_end and way.modes[number] != way.modes[number + 1]
            weight[place] = weight.get(place, 0) + (100 if is_end else 10 if changes else 1)
    order = sorted(weight, key=lambda i: (-weight[i] - _RANK.get(places[i]["kind"], 0), i))
    return [places[i] for i in order]


def number_spots(alternatives: Sequence[Way]) -> list[Point]:
    """Find a point on each way where it is farthest from the other ways and, less so, from the points before."""
    spots: list[Point] = []
    middles = [[middle([a, b]) for _, line in way.steps for a, b in itertools.pairwise(line)] for way in alternatives]
    for number, own in enumerate(middles):
        others = [spot for i, way in enumerate(middles) if i != number for spot in way]
        inside = [spot for spot in own if has_ground(spot)] or own
        away = [_distance(spot, others) + 0.002 * _distance(spot, spots) for spot in inside]
        spots.append(inside[int(np.argmax(away))])
    return spots


def middle(line: Line) -> Point:
    """Find the point half-way along a line, by its number of points."""
    if len(line) > 2:
        return line[len(line) // 2]
    (x0, y0), (x1, y1) = line
    return (x0 + x1) / 2, (y0 + y1) / 2


def _state(link: Row) -> LinkState:
    """Tell whether a link carries traffic, will carry it, or is closed."""
    if link["open_share"] > 0:
        return "open"
    return "planned" if link["status"] in {"construction", "planned"} else "closed"


def _frontier(link: DrawnLink) -> Point:
    """Find where a link crosses the frontier: at its border post, or half-way."""
    posts = [end for end in link.ends if end["kind"] == "border_post"] or link.ends
    lon, lat = (sum(post[axis] for post in posts) / len(posts) for axis in ("lon", "lat"))
    return round(lon, 2), round(lat, 2)


def _line(spots: tuple[Point, Point], medium: str, lanes: Mapping[tuple[Point, Point], Line]) -> Line:
    return lanes[spots] if medium == "sea" else list(spots)


def _distance(spot: Point, others: Sequence[Point]) -> float:
    """Degrees to the nearest of others; 0 if there are none."""
    return min((float(np.hypot(spot[0] - x, spot[1] - y)) for x, y in others), default=0.0)


def _by_id(table: pl.DataFrame) -> dict[str, Row]:
    return {row["id"]: row for row in table.sort("id").iter_rows(named=True)}


def _point(place: Mapping[str, Any]) -> Point:
    return place["lon"], place["lat"]
