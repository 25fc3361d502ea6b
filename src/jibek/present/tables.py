"""Tables of the report: from result tables to rows of written-out cells, in one language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from markupsafe import Markup

from jibek.present.figures import MOVING, STATUSES
from jibek.present.language import Language
from jibek.present.marks import progress, scale, span, sparkline

__all__ = [
    "PairTable", "border_crossings", "complete", "estimate_rows", "localised", "pair_tables", "project_groups", "project_scale", "source_rows", "summary_rows", "target_groups",
]  # fmt: skip

Row = dict[str, Any]
PROJECT_STATUSES = ("construction", "planned", "study", "stopped", "completed")
_COLUMNS = {
    "places": "id name country lat lon kind",
    "modes": "id name medium",
    "links": "id from_place to_place mode length_km status open_share",
    "borders": "id link direction commodity hours",
    "corridors": "id name",
    "routes": "pair origin destination commodity rank corridor hours hours_moving hours_waiting usd kg_co2 km countries",
    "route_legs": "pair rank leg from_place to_place mode hours_moving hours_waiting usd km",
    "route_waits": "pair rank leg kind id place hours usd",
    "services": "id name",
    "route_payments": "pair rank payee usd",
    "route_paths": "pair rank sequence place lat lon mode",
    "unrouted": "pair origin destination reason",
    "targets": "id title sector status reason baseline baseline_year latest latest_year target unit due_year required_growth observed_growth",
    "target_observations": "target year value",
    "projects": "id title countries sector capex_usd start finish status",
    "project_places": "project lat lon label",
    "grades": "table grade rows",
    "estimates": "table id column value low high source note",
    "unpriced": "",
    "notices": "severity table row column value expected remedy",
    "sources": "id title publisher date url uses",
}
_ESTIMATES_FIRST = ("borders", "terminals", "rates", "services", "resources", "links", "modes")


@dataclass(frozen=True)
class PairTable:
    """The alternatives of one pair.

    Attributes
    ----------
    pair : str
        Key of the pair in the results.
    origin, destination, commodity : str
        Written out.
    routes : list of dict
        One row an alternative; its ``legs`` are rows too.
    """

    pair: str
    origin: str
    destination: str
    commodity: str
    routes: list[Row]


def complete(results: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The results with an empty table for each that this run did not make, so that its section is left out."""
    return {name: results.get(name, pl.DataFrame(schema=dict.fromkeys(columns.split(), pl.String))) for name, columns in _COLUMNS.items()}


def localised(results: Mapping[str, pl.DataFrame], language: Language) -> dict[str, pl.DataFrame]:
    """The same tables with names and titles in a language, where its catalogue has them."""
    tables = dict(results)
    for table, kind, column in (("places", "place", "name"), ("corridors", "corridor", "name"), ("targets", "title", "title"), ("projects", "title", "title"), ("services", "service", "name")):
        frame = tables[table]
        names = [language.name(kind, i, default) for i, default in frame.select("id", column).iter_rows()]
        tables[table] = frame.with_columns(pl.Series(column, names, dtype=pl.String))
    corridor = dict(zip(results["corridors"]["name"], tables["corridors"]["name"], strict=True)) | {"other": language.text("route.unnamed")}
    tables["routes"] = tables["routes"].with_columns(pl.col("corridor").replace(corridor))
    # A call on the way is a wait for the next departure to whoever travels.
    tables["route_waits"] = tables["route_waits"].with_columns(pl.col("kind").replace({"stop": "boarding"}))
    return tables


# routes -------------------------------------------------------------------------------------------------------------


def pair_tables(results: Mapping[str, pl.DataFrame], language: Language) -> list[PairTable]:
    """Alternatives of every pair, pairs in the order of the results."""
    places = dict(results["places"].select("id", "name").iter_rows())
    tables = []
    for pair in results["routes"]["pair"].unique(maintain_order=True):
        routes = results["routes"].filter(pl.col("pair") == pair).sort("rank")
        first = routes.row(0, named=True)
        tables.append(
            PairTable(
                pair=pair,
                origin=_short(places.get(first["origin"], first["origin"])),
                destination=_short(places.get(first["destination"], first["destination"])),
                commodity=language.word(f"commodity.{first['commodity']}", first["commodity"]),
                routes=[_route_row(route, routes, results, places, language) for route in routes.iter_rows(named=True)],
            )
        )
    return tables


def _short(name: str) -> str:
    """A place's name without what stands in brackets after it."""
    return name.split(" (")[0]


def _route_row(route: Row, routes: pl.DataFrame, results: Mapping[str, pl.DataFrame], places: Mapping[str, str], language: Language) -> Row:
    """One alternative, marked where it is the best of its pair."""
    best = {column: route[column] == routes[column].min() for column in ("hours", "usd", "kg_co2")}
    return {
        "rank": route["rank"],
        "corridor": route["corridor"],
        "days": language.days(route["hours"]),
        "waiting": language.percent(route["hours_waiting"] / route["hours"] if route["hours"] else None),
        "usd": language.usd(route["usd"]),
        "co2": language.count(route["kg_co2"]) + " " + language.text("unit.kg"),
        "km": language.km(route["km"]),
        "countries": language.countries(route["countries"] or []),
        "best": best,
        "legs": list(_leg_rows(route["pair"], route["rank"], results, places, language)),
    }


def _leg_rows(pair: str, rank: int, results: Mapping[str, pl.DataFrame], places: Mapping[str, str], language: Language) -> Iterator[Row]:
    """Legs of one alternative, each with the waits before and on it."""
    chosen = (pl.col("pair") == pair) & (pl.col("rank") == rank)
    medium = dict(results["modes"].select("id", "medium").iter_rows())
    waits = _wait_rows(results["route_waits"].filter(chosen), _passed(results, places), places, language)
    for leg in results["route_legs"].filter(chosen).sort("leg").iter_rows(named=True):
        yield {
            "from": places.get(leg["from_place"], leg["from_place"]),
            "to": places.get(leg["to_place"], leg["to_place"]),
            "mode": language.mode(leg["mode"]),
            "medium": medium[leg["mode"]],
            "moving": language.hours(leg["hours_moving"]),
            "waiting": language.hours(leg["hours_waiting"]),
            "usd": language.usd(leg["usd"]),
            "km": language.km(leg["km"]),
            "waits": waits.get(leg["leg"], []),
        }


def _wait_rows(waits: pl.DataFrame, passed: Mapping[str, str], places: Mapping[str, str], language: Language) -> dict[int, list[Row]]:
    """Waits of one alternative by leg; those of no time and no money are left out."""
    rows: dict[int, list[Row]] = {}
    for wait in waits.filter((pl.col("hours") > 0) | (pl.col("usd") > 0)).iter_rows(named=True):
        what = [passed.get(wait["id"]), None if wait["kind"] == "border" else places.get(wait["place"])]
        told = [*(name for name in what if name), language.hours(wait["hours"])] + ([language.usd(wait["usd"])] if wait["usd"] else [])
        rows.setdefault(wait["leg"], []).append({"kind": wait["kind"], "text": f"{language.text('part.' + wait['kind'])}: {', '.join(told)}"})
    return rows


def _passed(results: Mapping[str, pl.DataFrame], places: Mapping[str, str]) -> dict[str, str]:
    """Names of borders, by the places on both sides, and of services."""
    ends = {link: f"{places[a]} – {places[b]}" for link, a, b in results["links"].select("id", "from_place", "to_place").iter_rows()}
    borders = {border: ends[link] for border, link in results["borders"].select("id", "link").iter_rows()}
    return borders | dict(results["services"].select("id", "name").iter_rows())


def summary_rows(results: Mapping[str, pl.DataFrame], language: Language) -> list[Row]:
    """Fastest, cheapest and cleanest alternative of each pair."""
    places = dict(results["places"].select("id", "name").iter_rows())
    rows = []
    for pair in results["routes"]["pair"].unique(maintain_order=True):
        routes = results["routes"].filter(pl.col("pair") == pair)
        fastest, cheapest, cleanest = (routes.sort(column, "rank").row(0, named=True) for column in ("hours", "usd", "kg_co2"))
        rows.append(
            {
                "origin": _short(places.get(fastest["origin"], fastest["origin"])),
                "destination": _short(places.get(fastest["destination"], fastest["destination"])),
                "fastest": (language.days(fastest["hours"]), fastest["corridor"]),
                "cheapest": (language.usd(cheapest["usd"]), cheapest["corridor"]),
                "cleanest": (f"{language.count(cleanest['kg_co2'])} {language.text('unit.kg')}", cleanest["corridor"]),
            }
        )
    return rows


def border_crossings(results: Mapping[str, pl.DataFrame], *, most: int = 12) -> list[tuple[str, str, float]]:
    """Open crossings that take longest by land and short sea: (name, medium, hours), the longest first."""
    places = {row["id"]: row for row in results["places"].iter_rows(named=True)}
    medium = dict(results["modes"].select("id", "medium").iter_rows())
    links = {row["id"]: row for row in results["links"].iter_rows(named=True)}
    longest: dict[tuple[str, str], float] = {}
    for border in results["borders"].sort("id").iter_rows(named=True):
        link = links[border["link"]]
        if medium[link["mode"]] not in MOVING or not link["open_share"]:
            continue
        key = (f"{places[link['from_place']]['name']} – {places[link['to_place']]['name']}", medium[link["mode"]])
        longest[key] = max(longest.get(key, 0.0), border["hours"])
    return [(name, kind, hours) for (name, kind), hours in sorted(longest.items(), key=lambda item: (-item[1], item[0]))[:most]]


# promises and projects ----------------------------------------------------------------------------------------------


def target_groups(results: Mapping[str, pl.DataFrame], language: Language, *, year: int) -> list[tuple[str, list[Row]]]:
    """Rows of the promises by status; the most urgent first in each."""
    history: dict[str, list[tuple[int, float]]] = {}
    for target, when, value in results["target_observations"].sort("target", "year", "value").select("target", "year", "value").iter_rows():
        history.setdefault(target, []).append((when, value))
    groups = []
    for status in STATUSES:
        rows = results["targets"].filter(pl.col("status") == status).sort("due_year", "title", "id", nulls_last=True)
        if rows.height:
            groups.append((status, [_target_row(row, history.get(row["id"], []), language, year) for row in rows.iter_rows(named=True)]))
    return groups


def _target_row(row: Row, history: Sequence[tuple[int, float]], language: Language, year: int) -> Row:
    drawn = sparkline(history, language.text("targets.history", title=row["title"], points="; ".join(f"{y}: {language.number(v)}" for y, v in history)), target=row["target"])
    return {
        "title": row["title"],
        "sector": language.word(f"sector.{row['sector']}", row["sector"] or ""),
        "baseline": _dated(row["baseline"], row["baseline_year"], language),
        "latest": _dated(row["latest"], row["latest_year"], language),
        "target": _dated(row["target"], row["due_year"], language),
        "unit": language.unit(row["unit"]),
        "required": language.growth(row["required_growth"]),
        "observed": language.growth(row["observed_growth"]),
        "reason": language.word(f"reason.{row['reason']}", row["reason"] or ""),
        "history": drawn,
        "progress": _progress(row, language, year),
    }


def _progress(row: Row, language: Language, year: int) -> Markup:
    """Bar from baseline to target; nothing where one of them is unknown or both are the same."""
    start, now, goal = row["baseline"], row["latest"], row["target"]
    if start is None or now is None or goal is None or goal == start:
        return Markup("")
    share = (now - start) / (goal - start)
    first, due = row["baseline_year"], row["due_year"]
    elapsed = ((row["latest_year"] or year) - first) / (due - first) if first and due and due > first else None
    return progress(share, elapsed, row["status"], language.text("targets.progress", share=max(share, 0.0)))


def _dated(value: float | None, year: int | None, language: Language) -> tuple[str, str]:
    return language.number(value), "" if year is None else str(year)


def project_groups(results: Mapping[str, pl.DataFrame], language: Language, *, year: int) -> list[tuple[str, list[Row]]]:
    """Rows of the projects by status, each with its bar on one common scale of years."""
    years = _project_years(results["projects"], year)
    groups = []
    for status in PROJECT_STATUSES:
        rows = results["projects"].filter(pl.col("status") == status).sort("finish", "start", "title", "id", nulls_last=True)
        if rows.height:
            groups.append((status, [_project_row(row, language, years, year) for row in rows.iter_rows(named=True)]))
    return groups


def project_scale(projects: pl.DataFrame, *, year: int) -> Markup:
    """The years above the projects' bars."""
    years = _project_years(projects, year)
    return scale(years, f"{years[0]} – {years[1]}")


def _project_years(projects: pl.DataFrame, year: int) -> tuple[int, int]:
    """First and last year of the scale that all projects share."""
    days = [day.year for column in ("start", "finish") for day in projects[column] if day is not None]
    return max(min(days, default=year), year - 15), min(max(days, default=year) + 1, year + 20)


def _project_row(row: Row, language: Language, years: tuple[int, int], now: int) -> Row:
    words = language.text("projects.from_to", start=str(row["start"].year) if row["start"] else "?", finish=str(row["finish"].year) if row["finish"] else "?")
    return {
        "title": row["title"],
        "countries": language.countries(row["countries"] or []),
        "sector": language.word(f"sector.{row['sector']}", row["sector"] or ""),
        "capex": language.money(row["capex_usd"]),
        "years": words if row["start"] or row["finish"] else language.text("number.missing"),
        "bar": span(row["start"], row["finish"], row["status"], words, years=years, now=now),
    }


# evidence -----------------------------------------------------------------------------------------------------------


def estimate_rows(results: Mapping[str, pl.DataFrame], language: Language, *, most: int) -> list[Row]:
    """Estimates with their ranges: those that decide times and costs first, and in a table the widest range first."""
    titles = dict(results["sources"].select("id", "title").iter_rows())

    def width(row: Row) -> float:
        known = row["value"] and row["low"] is not None and row["high"] is not None
        return abs((row["high"] - row["low"]) / row["value"]) if known else -1.0

    def order(row: Row) -> tuple[int, str, float, str, str]:
        rank = _ESTIMATES_FIRST.index(row["table"]) if row["table"] in _ESTIMATES_FIRST else len(_ESTIMATES_FIRST)
        return rank, row["table"], -width(row), row["id"], row["column"]

    return [
        {
            "table": language.word(f"table.{row['table']}", row["table"]),
            "id": row["id"],
            "column": row["column"],
            "value": language.number(row["value"]),
            "range": f"{language.number(row['low'])} – {language.number(row['high'])}" if row["low"] is not None and row["high"] is not None else language.text("number.missing"),
            "source": titles.get(row["source"], row["source"]),
            "note": row["note"] or "",
        }
        for row in sorted(results["estimates"].iter_rows(named=True), key=order)[:most]
    ]


def source_rows(sources: pl.DataFrame) -> list[Row]:
    """Sources that something rests on, the most used first."""
    used = sources.filter(pl.col("uses") > 0).sort("uses", "title", "id", descending=[True, False, False])
    return list(used.iter_rows(named=True))
