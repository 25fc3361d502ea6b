"""Maps: from result tables to Plotly figures over the package's own base map, needing no network and no map tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jibek.present import map_traces
from jibek.present.basemap import has_ground
from jibek.present.lettering import country_names
from jibek.present.map_content import crossings, drawn_links, main_places, number_spots, route_places, ways
from jibek.present.map_frame import NAMES, frame_of, ground, name_places

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jibek.present.figures import Figure
    from jibek.present.language import Language

__all__ = ["network_map", "route_map"]

_ROUTE_NAMES = {1000: 30, 680: 20, 340: 7}
_DOT, _BADGE = 3.5, 11.0  # pixels round the middle of a dot or a number that names keep free
_DRAWN_FIRST = ("water", "power", "pipeline", "sea", "road", "rail")


def network_map(
    results: Mapping[str, pl.DataFrame],
    language: Language,
    *,
    media: Sequence[str],
    core: float = 1.0,
    names: Mapping[int, int] = NAMES,
) -> Figure:
    """Draw the links of some media with land borders, projects and the main places.

    Parameters
    ----------
    results
        Tables ``places``, ``modes``, ``links``, ``borders``, ``routes``, ``projects``, ``project_places``.
    language
        Language of names and hover texts.
    media
        Media of the modes drawn, as in the attribute ``modes.medium``.
    core
        Middle share of the places that the frame must hold: less than 1 enlarges the middle of the network.
    names
        Number of places that may be named, by width of the figure in pixels.
    """
    links = drawn_links(results, media)
    on_land = [(end["lon"], end["lat"]) for link in links for end in link.ends if link.medium != "sea"]
    frame = frame_of(sorted(set(on_land)) or [point for link in links for point in link.line], core=core)
    countries = {width: country_names(frame, width, language) for width in NAMES}
    figure = ground(frame, countries)
    for medium in (medium for medium in _DRAWN_FIRST if medium in media):
        for state in ("closed", "planned", "open"):
            lines = [link.line for link in links if link.medium == medium and link.state == state]
            if lines:
                figure["data"].append(map_traces.link_lines(lines, medium, state))
    figure["data"].append(map_traces.link_facts(links, language))
    building = results["projects"].filter(pl.col("status").is_in(["construction", "planned"]))
    sited = results["project_places"].join(building, left_on="project", right_on="id").sort("project", "lon", "lat")
    keep_off: list[tuple[float, float, float]] = []
    if "rail" in media:
        frontiers = crossings(results["borders"], links)
        figure["data"].extend(map_traces.project_dots(sited, language))
        figure["data"].extend(map_traces.border_dots(frontiers, language))
        spots = [crossing.point for crossing in frontiers] + list(
            sited.select("lon", "lat").unique().sort("lon", "lat").iter_rows()
        )
        keep_off = [(*spot, _DOT) for spot in spots]
    ends = {*results["routes"]["origin"], *results["routes"]["destination"]}
    places = main_places(results, links)
    certain = sum(place["id"] in ends for place in places)
    name_places(figure, frame, places, names, countries, keep_off=keep_off, certain=certain)
    return figure


def route_map(results: Mapping[str, pl.DataFrame], language: Language, *, pair: int) -> Figure:
    """Draw the alternatives of one pair: the best in bold, each with its number where it goes its own way."""
    alternatives = ways(results, pair)
    points = [point for way in alternatives for _, line in way.steps for point in line]
    frame = frame_of([point for point in points if has_ground(point)])
    countries = {width: country_names(frame, width, language) for width in NAMES}
    figure = ground(frame, countries)
    for number, way in reversed(list(enumerate(alternatives))):
        for medium in _DRAWN_FIRST:
            lines = [line for kind, line in way.steps if kind == medium]
            if lines:
                figure["data"].append(map_traces.link_lines(lines, medium, "open", width=2.0 if number else 4.0))
    spots = number_spots(alternatives)
    name_places(
        figure,
        frame,
        route_places(results, alternatives),
        _ROUTE_NAMES,
        countries,
        keep_off=[(*spot, _BADGE) for spot in spots],
    )
    figure["data"].append(map_traces.number_badges({str(number): spot for number, spot in enumerate(spots, 1)}))
    return figure
