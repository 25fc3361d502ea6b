"""Maps of flows: width is tonnes a year, colour the load of the line; or what a scenario adds and takes away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jibek.present import map_traces
from jibek.present.flow_strokes import Stroke, stroke_traces, width_of
from jibek.present.lettering import country_names
from jibek.present.map_content import drawn_links, main_places, middle
from jibek.present.map_frame import NAMES, frame_of, ground, name_places

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from jibek.present.basemap import Point
    from jibek.present.figures import Figure
    from jibek.present.language import Language
    from jibek.present.map_content import DrawnLink

__all__ = ["LOADS", "MEDIA", "bottleneck_spots", "change_map", "flow_map", "load_meaning", "stroke_map", "widest_flow"]

MEDIA = ("rail", "road", "sea")
LOADS: tuple[tuple[float, str], ...] = (
    (0.5, "load_free"),
    (0.8, "load_busy"),
    (1.0, "load_full"),
    (1.5, "load_over"),
    (float("inf"), "load_far"),
)
"""Load as a share of capacity below which a colour holds, and the colour's meaning."""

_ORDER = {name: rank for rank, name in enumerate(("sea_flow", "load_unknown", *(name for _, name in LOADS)))}
_BADGE = 11.0
_APART = 0.6  # degrees within which two numbers share a badge
_NAMES = {1000: 44, 680: 26, 340: 9}
_STILL = 0.003  # share of the largest change on land below which a change is not drawn


def load_meaning(share: float | None) -> str:
    """Give the meaning of a load as a colour of the palette."""
    return "load_unknown" if share is None else next(name for limit, name in LOADS if share < limit)


def widest_flow(flows: pl.DataFrame, links: pl.DataFrame, modes: pl.DataFrame, column: str = "tonnes") -> float:
    """Find the largest flow or change on land, which has the greatest width."""
    sea = modes.filter(modes["medium"].is_in(["rail", "road"]))["id"]
    land = links.filter(links["mode"].is_in(sea.implode()))["id"]
    found = flows.filter(flows["id"].is_in(land.implode()))[column].abs().max()
    return float(found) if isinstance(found, int | float) else 0.0


def flow_map(
    results: Mapping[str, pl.DataFrame],
    flows: pl.DataFrame,
    language: Language,
    *,
    core: float = 1.0,
    spots: Mapping[str, Point] | None = None,
) -> Figure:
    """Draw what passes each link and how loaded its line is.

    Parameters
    ----------
    results
        Tables ``places``, ``modes``, ``links``, ``routes``.
    flows
        Result of `jibek.study.flow_measures.link_flows`.
    language
        Language of names and hover texts.
    core
        Middle share of the places that the frame must hold.
    spots
        Where bottlenecks lie, by the number or numbers that the map shows.
    """
    most = widest_flow(flows, results["links"], results["modes"])
    by_link = {row["id"]: row for row in flows.iter_rows(named=True)}
    strokes = [
        Stroke(
            link,
            width_of(by_link[link.row["id"]]["tonnes"], most, link.medium),
            "sea_flow" if link.medium == "sea" else load_meaning(by_link[link.row["id"]]["load_share"]),
            _flow_text(link, by_link[link.row["id"]], language),
        )
        for link in drawn_links(results, MEDIA)
        if link.row["id"] in by_link
    ]
    strokes.sort(key=lambda s: (_ORDER[s.meaning], -s.width, s.link.row["id"]))
    return stroke_map(results, strokes, language, core=core, spots=spots)


def change_map(results: Mapping[str, pl.DataFrame], changes: pl.DataFrame, language: Language) -> Figure:
    """Draw where more and where less passes than before.

    Parameters
    ----------
    results
        Tables ``places``, ``modes``, ``links``, ``routes``.
    changes
        ``links`` of `jibek.study.FlowComparison`.
    language
        Language of names and hover texts.
    """
    most = widest_flow(changes, results["links"], results["modes"], "change")
    by_link = {row["id"]: row for row in changes.iter_rows(named=True) if abs(row["change"]) > _STILL * most}
    strokes = [
        Stroke(
            link,
            width_of(abs(by_link[link.row["id"]]["change"]), most, link.medium),
            "more" if by_link[link.row["id"]]["change"] > 0 else "less",
            _change_text(link, by_link[link.row["id"]], language),
        )
        for link in drawn_links(results, MEDIA)
        if link.row["id"] in by_link
    ]
    strokes.sort(key=lambda s: (s.link.medium != "sea", -s.width, s.link.row["id"]))
    return stroke_map(results, strokes, language)


def bottleneck_spots(
    results: Mapping[str, pl.DataFrame], stations: pl.DataFrame, resources: Sequence[str]
) -> dict[str, Point]:
    """Find where ranked resources lie: where the run tells it, else in the middle of the first link of a line.

    Returns
    -------
    dict
        Points by rank; those too close together to be told apart share one. A resource of unknown place has none.
    """
    told = results.get("resource_places")
    at: dict[str, Point] = {}
    if told is not None:
        means = told.group_by("resource").mean().sort("resource")
        at = {resource: (lon, lat) for resource, lon, lat in means.select("resource", "lon", "lat").iter_rows()}
    lines = {f"links/{link.row['id']}": middle(link.line) for link in drawn_links(results, MEDIA)}
    for resource, member in stations.select("resource", "member").sort("resource", "member").iter_rows():
        if member in lines:
            at.setdefault(resource, lines[member])
    together: list[tuple[Point, list[str]]] = []
    for rank, resource in enumerate(resources, 1):
        if resource in at:
            near = next((ranks for spot, ranks in together if _close(spot, at[resource])), None)
            if near is None:
                together.append((at[resource], [str(rank)]))
            else:
                near.append(str(rank))
    return {"·".join(ranks): spot for spot, ranks in together}


def _close(one: Point, other: Point) -> bool:
    return abs(one[0] - other[0]) < _APART and abs(one[1] - other[1]) < _APART


def stroke_map(
    results: Mapping[str, pl.DataFrame],
    strokes: Sequence[Stroke],
    language: Language,
    *,
    core: float = 1.0,
    spots: Mapping[str, Point] | None = None,
) -> Figure:
    """Draw strokes over the base map, with the names of countries and of the main places that they join."""
    land = [stroke.link for stroke in strokes if stroke.link.medium != "sea"]
    shown = land or [stroke.link for stroke in strokes]
    points = sorted({(end["lon"], end["lat"]) for link in shown for end in link.ends})
    frame = frame_of(points, core=core)
    countries = {width: country_names(frame, width, language) for width in NAMES}
    figure = ground(frame, countries)
    figure["data"].extend(stroke_traces(strokes, frame_of(points)))
    keep_off = [(*spot, _BADGE) for spot in (spots or {}).values()]
    name_places(figure, frame, main_places(results, shown), _NAMES, countries, keep_off=keep_off)
    if spots:
        figure["data"].append(map_traces.number_badges(spots, meta="bottleneck"))
    return figure


def _flow_text(link: DrawnLink, flow: Mapping[str, Any], language: Language) -> str:
    lines = [
        _head(link, language),
        language.text("flows.hover_flow", tonnes=flow["tonnes"]),
        language.text("flows.hover_ways", forward=flow["forward"], backward=flow["backward"]),
    ]
    if flow["load_share"] is not None:
        lines.append(language.text("flows.hover_load", load=flow["load_share"], hours=flow["delay_hours"]))
    return "<br>".join(lines)


def _change_text(link: DrawnLink, row: Mapping[str, Any], language: Language) -> str:
    amounts = {name: language.amount(row[name], "t") for name in ("before", "after")}
    change = language.change(row["change"], lambda value: language.amount(value, "t"))
    return f"{_head(link, language)}<br>{language.text('compare.hover', change=change, **amounts)}"


def _head(link: DrawnLink, language: Language) -> str:
    return f"<b>{link.name}</b><br>{language.mode(link.row['mode'])}"
