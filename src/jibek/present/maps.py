"""Maps: from result tables to Plotly figures over the package's own base map, needing no network and no map tiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
import polars as pl

from jibek.present.basemap import Line, read_basemap, sea_lanes
from jibek.present.language import Language
from jibek.present.lettering import MapName, country_names, place_names
from jibek.present.palette import FONT, colour
from jibek.present.projection import Frame, frame_around

__all__ = ["BASEMAP", "WIDTHS", "border_size", "network_map", "route_map"]

BASEMAP = "basemap"
"""``meta`` of the trace that holds the base map, so that a page with many maps can carry it once."""

WIDTHS: Mapping[int, int] = {1000: 54, 680: 32, 340: 11}
"""Widths in pixels for which names are placed, and how many places may be named; the page shows the set that fits."""

DRAWN_FIRST = ("water", "power", "pipeline", "sea", "road", "rail")
LINE_WIDTH = {"rail": 2.2, "road": 1.3, "sea": 1.1, "pipeline": 1.6, "water": 1.6, "power": 1.2}
State = Literal["open", "planned", "closed"]
DASH: Mapping[State, str] = {"open": "solid", "planned": "5px,4px", "closed": "2px,3px"}
_PLACE_RANK = {"seaport": 2, "dry_port": 1, "city": 2, "border_post": 1}


def border_size(hours: float, longest: float) -> float:
    """Diameter in pixels of a border's dot: its area grows with the hours spent there."""
    return round(3 + 11 * (hours / longest) ** 0.5, 1)


def network_map(results: Mapping[str, pl.DataFrame], language: Language, *, media: Sequence[str], core: float = 1.0, widths: Mapping[int, int] = WIDTHS) -> go.Figure:
    """Map of the links of some media with borders, projects and the main places.

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
    widths
        Widths in pixels for which names are placed, and how many places may be named.
    """
    places, modes = _by_id(results["places"]), _by_id(results["modes"])
    links = [row for row in results["links"].sort("id").iter_rows(named=True) if modes[row["mode"]]["medium"] in media]
    lines = _link_lines(links, places, modes)
    on_land = [places[i] for i in sorted({row[end] for row in links for end in ("from_place", "to_place") if _medium(modes, row["mode"]) != "sea"})]
    frame = _frame(on_land or list(places.values()), core=core)
    figure = _ground(frame, language)
    for medium in (m for m in DRAWN_FIRST if m in media):
        for state in ("closed", "planned", "open"):
            of_kind = [lines[row["id"]] for row in links if modes[row["mode"]]["medium"] == medium and link_state(row) == state]
            if of_kind:
                figure.add_trace(_lines(of_kind, colour(medium), LINE_WIDTH[medium], medium, state))
    figure.add_trace(_link_hover(links, lines, places, language))
    if "rail" in media:
        _add_projects(figure, results, language)
        _add_borders(figure, results["borders"], {row["id"]: row for row in links if _medium(modes, row["mode"]) != "sea"}, places, language)
    _add_names(figure, frame, _main_places(links, places, results["routes"]), language, widths)
    return figure


def route_map(results: Mapping[str, pl.DataFrame], language: Language, *, pair: str) -> go.Figure:
    """Map of the alternatives of one pair: the best in bold, each with its number where it goes its own way."""
    places, modes = _by_id(results["places"]), _by_id(results["modes"])
    table = results["route_paths"].filter(pl.col("pair") == pair).sort("rank", "sequence")
    paths = [list(path.iter_rows(named=True)) for _, path in table.group_by("rank", maintain_order=True)]
    steps = [(a, b) for path in paths for a, b in zip(path, path[1:], strict=False)]
    lanes = sea_lanes((_point(a), _point(b)) for a, b in steps if _medium(modes, b["mode"]) == "sea")
    drawn = [_point(p) for path in paths for p in path] + [point for lane in lanes.values() for point in lane]
    frame = _frame([{"lon": lon, "lat": lat} for lon, lat in drawn if _on_basemap(lon, lat)])
    figure = _ground(frame, language)
    ways = [[(_medium(modes, b["mode"]), lanes.get((_point(a), _point(b)), [_point(a), _point(b)])) for a, b in zip(path, path[1:], strict=False)] for path in paths]
    for rank, way in reversed(list(enumerate(ways))):
        for medium in DRAWN_FIRST:
            of_kind = [line for kind, line in way if kind == medium]
            if of_kind:
                figure.add_trace(_lines(of_kind, colour(medium), 2.0 if rank else 4.0, medium, "open"))
    numbers = _number_spots([[line for _, line in way] for way in ways])
    _add_names(figure, frame, _route_places(paths, places), language, {1000: 30, 680: 20, 340: 7}, numbers)
    _add_numbers(figure, numbers)
    return figure


def link_state(link: Mapping[str, Any]) -> State:
    """Whether a link of the result tables carries traffic, will carry it, or is closed."""
    share = link.get("open_share")
    if share is None:
        share = 1.0 if link["status"] == "operating" else 0.0
    if share > 0:
        return "open"
    return "planned" if link["status"] in ("construction", "planned") else "closed"


# ground and lines ---------------------------------------------------------------------------------------------------


def _ground(frame: Frame, language: Language) -> go.Figure:
    """An empty map of a frame over the base map, with the countries' names below all that follows."""
    base = read_basemap()
    figure = go.Figure()
    figure.add_trace(
        go.Scattergeo(
            lon=base.lon, lat=base.lat, mode="lines", fill="toself", fillcolor=colour("land"), hoverinfo="skip",
            line={"color": colour("frontier"), "width": 0.7}, meta=BASEMAP, showlegend=False,
        )
    )  # fmt: skip
    for width in WIDTHS:
        _add_country_names(figure, country_names(frame, width, language), width)
    figure.update_layout(
        template="none", geo={**frame.geo(), "bgcolor": colour("water_area")}, margin={"l": 0, "r": 0, "t": 0, "b": 0},
        paper_bgcolor=colour("water_area"), showlegend=False, meta={"aspect": round(frame.aspect, 4)},
        font={"family": FONT, "color": colour("ink"), "size": 12},
        hoverlabel={"bgcolor": colour("paper"), "bordercolor": colour("rule"), "font": {"color": colour("ink"), "size": 13}, "align": "left"},
    )  # fmt: skip
    return figure


def _frame(points: Sequence[Mapping[str, Any]], *, core: float = 1.0) -> Frame:
    return frame_around(np.array([p["lon"] for p in points], float), np.array([p["lat"] for p in points], float), core=core)


def _lines(lines: Sequence[Line], line_colour: str, width: float, medium: str, state: State) -> go.Scattergeo:
    """Many lines in one trace; ways over sea are dotted, since they show a direction and no track."""
    lon: list[float | None] = []
    lat: list[float | None] = []
    for line in lines:
        lon += [*(round(x, 3) for x, _ in line), None]
        lat += [*(round(y, 3) for _, y in line), None]
    dash = "1.5px,3.5px" if medium == "sea" and state == "open" else DASH[state]
    style = {"color": line_colour, "width": width * (1.25 if medium == "sea" else 1), "dash": dash}
    opacity = {"open": 1.0, "planned": 0.9, "closed": 0.55}[state]
    return go.Scattergeo(lon=lon, lat=lat, mode="lines", line=style, opacity=opacity, hoverinfo="skip", meta=medium)


def _link_lines(links: Sequence[Mapping[str, Any]], places: Mapping[str, Mapping[str, Any]], modes: Mapping[str, Mapping[str, Any]]) -> dict[str, Line]:
    """Line of each link: straight on land, over water at sea."""
    ends = {row["id"]: (_point(places[row["from_place"]]), _point(places[row["to_place"]])) for row in links}
    at_sea = {row["id"] for row in links if _medium(modes, row["mode"]) == "sea"}
    lanes = sea_lanes(ends[link] for link in at_sea)
    return {link: lanes[pair] if link in at_sea else list(pair) for link, pair in ends.items()}


def _link_hover(links: Sequence[Mapping[str, Any]], lines: Mapping[str, Line], places: Mapping[str, Mapping[str, Any]], language: Language) -> go.Scattergeo:
    """Unseen points in the middle of the links that carry their facts."""
    middles = [_middle(lines[row["id"]]) for row in links]
    texts = [
        "<br>".join(
            [
                f"<b>{places[row['from_place']]['name']} – {places[row['to_place']]['name']}</b>",
                f"{language.mode(row['mode'])} · {language.km(row['length_km'])}",
                language.text(f"link_state.{link_state(row)}"),
            ]
        )
        for row in links
    ]
    return go.Scattergeo(
        lon=[round(x, 3) for x, _ in middles], lat=[round(y, 3) for _, y in middles], mode="markers", text=texts, hoverinfo="text",
        marker={"size": 9, "opacity": 0, "color": colour("ink")}, meta="hover",
    )  # fmt: skip


def _middle(line: Line) -> tuple[float, float]:
    """Point half-way along a line."""
    if len(line) > 2:
        return line[len(line) // 2]
    (x0, y0), (x1, y1) = line
    return (x0 + x1) / 2, (y0 + y1) / 2


# borders and projects -----------------------------------------------------------------------------------------------


def _add_borders(
    figure: go.Figure, borders: pl.DataFrame, links: Mapping[str, Mapping[str, Any]], places: Mapping[str, Mapping[str, Any]], language: Language
) -> None:
    """One dot for each place where frontiers are crossed, as large as the longest crossing there takes."""
    crossings: dict[tuple[float, float], list[tuple[float, str]]] = {}
    for row in borders.sort("id").iter_rows(named=True):
        link = links.get(row["link"])
        if link is None or link_state(link) != "open" or not row["hours"]:
            continue
        ends = [places[link["from_place"]], places[link["to_place"]]]
        posts = [end for end in ends if end["kind"] == "border_post"] or ends
        spot = (round(sum(p["lon"] for p in posts) / len(posts), 2), round(sum(p["lat"] for p in posts) / len(posts), 2))
        name = f"{ends[0]['name']} – {ends[1]['name']}"
        crossings.setdefault(spot, []).append((row["hours"], f"{name}, {language.mode(link['mode'])}: {language.hours(row['hours'])}"))
    if not crossings:
        return
    head = language.text("map.border")
    longest = max(hours for found in crossings.values() for hours, _ in found)
    spots = sorted(crossings, key=lambda spot: (-max(crossings[spot])[0], spot))
    texts = [f"<b>{head}</b><br>" + "<br>".join(text for _, text in sorted(set(crossings[spot]), reverse=True)[:6]) for spot in spots]
    figure.add_trace(
        go.Scattergeo(
            lon=[x for x, _ in spots], lat=[y for _, y in spots], mode="markers", text=texts, hoverinfo="text", meta="border",
            marker={
                "size": [border_size(max(crossings[spot])[0], longest) for spot in spots], "color": colour("border"), "opacity": 0.72,
                "line": {"color": colour("paper"), "width": 0.8},
            },
        )
    )  # fmt: skip


def _add_projects(figure: go.Figure, results: Mapping[str, pl.DataFrame], language: Language) -> None:
    """Diamonds where something is being built or planned."""
    projects = _by_id(results["projects"])
    spots = [
        row for row in results["project_places"].sort("project", "lon", "lat").iter_rows(named=True)
        if row["project"] in projects and projects[row["project"]]["status"] in ("construction", "planned")
    ]  # fmt: skip
    for status in ("planned", "construction"):
        of_status = [row for row in spots if projects[row["project"]]["status"] == status]
        if not of_status:
            continue
        texts = [f"<b>{projects[r['project']]['title']}</b><br>{language.text(f'project_status.{status}')}" for r in of_status]
        figure.add_trace(
            go.Scattergeo(
                lon=[r["lon"] for r in of_status], lat=[r["lat"] for r in of_status], mode="markers", text=texts, hoverinfo="text", meta=status,
                marker={"symbol": "diamond", "size": 9, "color": colour(status), "line": {"color": colour("paper"), "width": 1}},
            )
        )  # fmt: skip


# names --------------------------------------------------------------------------------------------------------------


def _main_places(links: Sequence[Mapping[str, Any]], places: Mapping[str, Mapping[str, Any]], routes: pl.DataFrame) -> list[Mapping[str, Any]]:
    """Places that the links touch, the most important first: ends of the pairs shown, then by kind and number of links."""
    degree: dict[str, int] = {}
    for row in links:
        for end in (row["from_place"], row["to_place"]):
            degree[end] = degree.get(end, 0) + 1
    ends = set(routes["origin"]) | set(routes["destination"])
    order: Callable[[str], tuple[bool, int, str]] = lambda i: (i not in ends, -degree[i] - _PLACE_RANK.get(places[i]["kind"], 0), i)  # noqa: E731
    return [places[i] for i in sorted(degree, key=order)]


def _route_places(paths: Sequence[Sequence[Mapping[str, Any]]], places: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Places of the alternatives, the most important first: the ends, then where the mode changes, then what most pass."""
    importance: dict[str, int] = {}
    for path in paths:
        for index, point in enumerate(path):
            at_end = index in (0, len(path) - 1)
            changes = not at_end and path[index + 1]["mode"] != point["mode"]
            importance[point["place"]] = importance.get(point["place"], 0) + (100 if at_end else 10 if changes else 1)
    order = sorted(importance, key=lambda i: (-importance[i] - _PLACE_RANK.get(places[i]["kind"], 0), i))
    return [places[i] for i in order]


def _add_country_names(figure: go.Figure, countries: Sequence[MapName], width: int) -> None:
    if countries:
        figure.add_trace(
            go.Scattergeo(
                lon=[c.lon for c in countries], lat=[c.lat for c in countries], text=[c.text for c in countries], mode="text", visible=width == max(WIDTHS),
                textfont={"size": countries[0].size, "color": colour("country_name")}, hoverinfo="skip", meta={"names": width},
            )
        )  # fmt: skip


def _add_names(
    figure: go.Figure, frame: Frame, named: Sequence[Mapping[str, Any]], language: Language, widths: Mapping[int, int], dots: Sequence[tuple[float, float]] = ()
) -> None:
    """Names of places for each width; only the widest set is visible until a page chooses."""
    texts = [place["name"].split(" (")[0] for place in named]
    for width, most in widths.items():
        placed = place_names(frame, width, named, texts, most=most, countries=country_names(frame, width, language), dots=dots)
        figure.add_trace(
            go.Scattergeo(
                lon=[p.lon for p in placed], lat=[p.lat for p in placed], text=[p.text for p in placed], textposition=[p.position for p in placed],
                mode="markers+text", visible=width == max(widths), hoverinfo="skip", meta={"names": width},
                textfont={"size": 12 if width >= 600 else 11, "color": colour("ink")},
                marker={"size": 5, "color": colour("paper"), "line": {"color": colour("ink"), "width": 1.2}},
            )
        )  # fmt: skip


def _number_spots(ways: Sequence[Sequence[Line]]) -> list[tuple[float, float]]:
    """A point on each way: where it is farthest from the other ways and from the points before."""
    spots: list[tuple[float, float]] = []
    middles = [[_middle([a, b]) for line in way for a, b in zip(line, line[1:], strict=False)] for way in ways]
    for rank, own in enumerate(middles):
        others = [spot for i, middle in enumerate(middles) if i != rank for spot in middle]
        inside = [spot for spot in own if _on_basemap(*spot)] or own
        away = [_distance(spot, others) + 0.002 * _distance(spot, spots) for spot in inside]
        spots.append(inside[int(np.argmax(away))])
    return spots


def _distance(spot: tuple[float, float], others: Sequence[tuple[float, float]]) -> float:
    """Degrees to the nearest of others; 0 if there are none."""
    return min((float(np.hypot(spot[0] - x, spot[1] - y)) for x, y in others), default=0.0)


def _add_numbers(figure: go.Figure, spots: Sequence[tuple[float, float]]) -> None:
    """Number of each alternative on its way."""
    figure.add_trace(
        go.Scattergeo(
            lon=[round(x, 3) for x, _ in spots], lat=[round(y, 3) for _, y in spots], text=[f"<b>{i}</b>" for i in range(1, len(spots) + 1)],
            mode="markers+text", marker={"size": 19, "color": colour("ink"), "line": {"color": colour("paper"), "width": 1.5}}, hoverinfo="skip",
            textfont={"size": 11, "color": colour("paper")}, textposition="middle center", meta="number",
        )
    )  # fmt: skip


# small helpers ------------------------------------------------------------------------------------------------------


def _by_id(table: pl.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in table.sort("id").iter_rows(named=True)}


def _point(place: Mapping[str, Any]) -> tuple[float, float]:
    return place["lon"], place["lat"]


def _medium(modes: Mapping[str, Mapping[str, Any]], mode: str | None) -> str | None:
    return modes[mode]["medium"] if mode in modes else None


def _on_basemap(lon: float, lat: float) -> bool:
    """Whether a point lies where the base map has ground."""
    return lat > -1.9 and -25 < lon < 150
