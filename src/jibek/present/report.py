"""The report: from result tables and facts of a run to one self-contained HTML page that a minister can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from jibek.present import figures, maps, tables
from jibek.present.balance_section import SYSTEMS, balance_sections
from jibek.present.basemap import has_ground
from jibek.present.border_tables import dwell_table
from jibek.present.facts import ReportFacts, headline
from jibek.present.flow_section import flow_section
from jibek.present.inputs import complete, localised
from jibek.present.language import Language, LanguageCode, language_of
from jibek.present.map_traces import border_size
from jibek.present.marks import progress, sparkline
from jibek.present.operations_section import operations_section
from jibek.present.page import render_page
from jibek.present.route_tables import pair_tables, summary_rows
from jibek.present.trade_section import trade_section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.present.figures import Figure

__all__ = ["report_html"]

_TRANSPORT = ("rail", "road", "sea")
_SUPPLY = ("pipeline", "power", "water")
_SUPPLY_NAMES = {1000: 36, 680: 22, 340: 8}
_PRINTED_ROWS = 40
_SECTIONS = {
    "borders": "border_dwell",
    "flows": "flow_relations",
    "trade": "trade_pairs",
    "late": "operations_routes",
    "balances": "balance_conflicts",
} | {name: name for name in ("routes", "targets", "projects", "sources")}
_ESTIMATES = 500  # rows of the estimates' table; all of them are in the run folder
_MIDDLE = 0.74  # share of the places that the enlarged map shows


def report_html(results: Mapping[str, pl.DataFrame], facts: ReportFacts, *, language: LanguageCode = "en") -> str:
    """Write the report.

    Parameters
    ----------
    results
        Result tables by name (``places``, ``modes``, ``links``, ``borders``, ``corridors``, ``routes``, ``route_legs``,
        ``route_waits``, ``route_payments``, ``route_paths``, ``published_times``, ``border_dwell``, ``targets``,
        ``target_observations``, ``projects``,
        ``project_places``, ``grades``, ``estimates``, ``unpriced``, ``notices``, ``sources``, and those of the
        flows, balances and trade).
    facts
        What is said of the run as a whole.
    language
        Language of every text; names without a translation stay as the tables have them.

    Returns
    -------
    str
        An HTML page without any outside resource; the same input gives the same text.
    """
    words = language_of(language)
    local = localised(complete(results), words)
    section = flow_section(local, words)
    balances = balance_sections(local, words)
    trade = trade_section(local, words)
    late = operations_section(local, words)
    drawn = _figures(local, words)
    for part in (section, trade, late, *balances):
        drawn |= part.figures if part else {}
    return render_page(
        "report.html.j2",
        words,
        drawn,
        facts=facts,
        title=words.name("title", facts.corridor, facts.title),
        headline=headline(facts, language=language),
        summary=summary_rows(local, words),
        pairs=pair_tables(local, words),
        flows=section,
        balances=balances,
        conflicts=list(local["balance_conflicts"].iter_rows(named=True)),
        trade=trade,
        late=late,
        legends=_legends(local, words),
        shown=_shown(local) | {system: system in {part.system for part in balances} for system in SYSTEMS},
        unrouted=list(local["unrouted"].iter_rows(named=True)),
        unpriced_columns=local["unpriced"].columns,
        dwell=dwell_table(local["border_dwell"], local["places"], words),
        targets=tables.target_groups(local, words, year=facts.year),
        projects=tables.project_groups(local, words, year=facts.year),
        project_scale=tables.project_scale(local["projects"], year=facts.year),
        estimates=tables.estimate_rows(local, words, most=_ESTIMATES),
        estimate_count=local["estimates"].height,
        unpriced=list(local["unpriced"].iter_rows()),
        notices=list(local["notices"].iter_rows(named=True)),
        sources=tables.source_rows(local["sources"]),
        key_bar=progress(0.6, 0.4, "on_track", words.text("targets.key_bar")),
        key_line=sparkline([(0, 1.0), (1, 2.0), (2, 2.2), (3, 3.0)], words.text("targets.key_line"), target=3.6),
        printed_rows=_PRINTED_ROWS,
        border_sizes=_border_scale(local),
    )


def _figures(results: Mapping[str, pl.DataFrame], language: Language) -> dict[str, Figure]:
    """Every figure of the page but those of the flows, by its name."""
    drawn: dict[str, Figure] = {
        "network": maps.network_map(results, language, media=_TRANSPORT),
        "network-middle": maps.network_map(results, language, media=_TRANSPORT, core=_MIDDLE),
    }
    if _has_links(results, _SUPPLY):
        drawn["supply"] = maps.network_map(results, language, media=_SUPPLY, names=_SUPPLY_NAMES)
    for number, pair in enumerate(_pairs(results), 1):
        colours = figures.payee_colours(results["route_payments"], pair=pair)
        drawn[f"map-{number}"] = maps.route_map(results, language, pair=pair)
        drawn[f"time-{number}"] = figures.time_chart(results, language, pair=pair)
        drawn[f"money-{number}"] = figures.money_chart(results, language, pair=pair, colours=colours)
    if results["targets"].height:
        drawn["targets"] = figures.target_chart(results["targets"], language)
    if results["grades"].height:
        drawn["grades"] = figures.grade_chart(results["grades"], language)
    return drawn


def _pairs(results: Mapping[str, pl.DataFrame]) -> list[int]:
    """Numbers of the pairs in the order of the results."""
    return results["routes"]["pair"].unique(maintain_order=True).to_list()


def _legends(results: Mapping[str, pl.DataFrame], language: Language) -> list[dict[str, Any]]:
    """Tell what the figures of each pair show: media, parts of the time, payees with colours, places off the map."""
    medium = dict(results["modes"].select("id", "medium").iter_rows())
    names = dict(results["places"].select("id", "name").iter_rows())
    legends = []
    for pair in _pairs(results):
        colours = figures.payee_colours(results["route_payments"], pair=pair)
        parts = set(figures.time_parts(results, pair=pair)["part"])
        path = results["route_paths"].filter(pl.col("pair") == pair)
        points = path.select("place", "lon", "lat").unique().sort("place").iter_rows()
        beyond = [names.get(place, place) for place, lon, lat in points if not has_ground((lon, lat))]
        legends.append(
            {
                "media": [kind for kind in _TRANSPORT if kind in {medium.get(mode) for mode in path["mode"]}],
                "parts": [part for part in (*figures.MOVING, *figures.WAITING) if part in parts],
                "payees": [(figures.payee_name(payee, language), fill) for payee, fill in colours.items()],
                "beyond": beyond,
            }
        )
    return legends


def _border_scale(results: Mapping[str, pl.DataFrame]) -> list[tuple[str, float]]:
    """Legend of the borders' dots: (hours, pixels) of a short, a middling and the longest passage."""
    modes = results["modes"].filter(pl.col("medium").is_in(["rail", "road"]))["id"]
    links = results["links"].filter(pl.col("mode").is_in(modes.implode()) & (pl.col("open_share") > 0))["id"]
    hours = results["borders"].filter(pl.col("link").is_in(links.implode()))["hours"]
    longest = float(hours.max() or 0.0)  # type: ignore[arg-type]
    steps = sorted({max(1, round(longest * share)) for share in (0.15, 0.5, 1)} if longest else set())
    return [(str(hours), border_size(hours, longest)) for hours in steps]


def _has_links(results: Mapping[str, pl.DataFrame], media: tuple[str, ...]) -> bool:
    modes = results["modes"].filter(pl.col("medium").is_in(media))["id"]
    return bool(results["links"]["mode"].is_in(modes.implode()).any())


def _shown(results: Mapping[str, pl.DataFrame]) -> dict[str, bool]:
    """Which sections have something to show."""
    return {"headline": True, "map": True, "evidence": True} | {
        section: results[table].height > 0 for section, table in _SECTIONS.items()
    }
