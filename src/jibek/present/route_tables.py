"""Route alternatives as rows of written-out cells, in one language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from jibek.present.language import HARD_SPACE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jibek.present.language import Language

__all__ = ["PairTable", "pair_tables", "summary_rows"]

Row = dict[str, Any]


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

    pair: int
    origin: str
    destination: str
    commodity: str
    routes: list[Row]


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
    """Shorten a place's name by what stands in brackets after it."""
    return name.split(" (", maxsplit=1)[0]


def _route_row(
    route: Row, routes: pl.DataFrame, results: Mapping[str, pl.DataFrame], places: Mapping[str, str], language: Language
) -> Row:
    """One alternative, marked where it is the best of its pair."""
    best = {column: route[column] == routes[column].min() for column in ("hours", "usd", "kg_co2")}
    return {
        "rank": route["rank"],
        "corridor": route["corridor"],
        "days": language.days(route["hours"]),
        "published": _published(route, results["published_times"], language),
        "waiting": language.percent(route["hours_waiting"] / route["hours"] if route["hours"] else None),
        "usd": language.usd(route["usd"]),
        "co2": language.count(route["kg_co2"]) + " " + language.text("unit.kg"),
        "km": language.km(route["km"]),
        "countries": language.countries(route["countries"] or []),
        "best": best,
        "legs": list(_leg_rows(route["pair"], route["rank"], results, places, language)),
    }


def _published(route: Row, times: pl.DataFrame, language: Language) -> str:
    """Write the time that is published for the same ends, goods and corridor; empty where there is none."""
    row = next((r for r in times.iter_rows(named=True) if all(r[k] == route[k] for k in ("pair", "corridor"))), None)
    if row is None:
        return ""
    low, high = language.days(row["low"]), language.days(row["high"])
    told = low if low == high else f"{low.split(HARD_SPACE)[0]}–{high}"
    return language.text("routes.published", days=told, year=row["year"])


def _leg_rows(
    pair: int, rank: int, results: Mapping[str, pl.DataFrame], places: Mapping[str, str], language: Language
) -> Iterator[Row]:
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


def _wait_rows(
    waits: pl.DataFrame, passed: Mapping[str, str], places: Mapping[str, str], language: Language
) -> dict[int, list[Row]]:
    """List the waits of one alternative by leg; those of no time and no money are left out."""
    rows: dict[int, list[Row]] = {}
    for wait in waits.filter((pl.col("hours") > 0) | (pl.col("usd") > 0)).iter_rows(named=True):
        what = [passed.get(wait["id"]), None if wait["kind"] == "border" else places.get(wait["place"])]
        told = [*(name for name in what if name), language.hours(wait["hours"])] + (
            [language.usd(wait["usd"])] if wait["usd"] else []
        )
        rows.setdefault(wait["leg"], []).append(
            {"kind": wait["kind"], "text": f"{language.text('part.' + wait['kind'])}: {', '.join(told)}"}
        )
    return rows


def _passed(results: Mapping[str, pl.DataFrame], places: Mapping[str, str]) -> dict[str, str]:
    """Names of borders, by the places on both sides, and of services."""
    ends = {
        link: f"{places[a]} – {places[b]}"
        for link, a, b in results["links"].select("id", "from_place", "to_place").iter_rows()
    }
    borders = {border: ends[link] for border, link in results["borders"].select("id", "link").iter_rows()}
    return borders | dict(results["services"].select("id", "name").iter_rows())


def summary_rows(results: Mapping[str, pl.DataFrame], language: Language) -> list[Row]:
    """Fastest, cheapest and cleanest alternative of each pair."""
    places = dict(results["places"].select("id", "name").iter_rows())
    rows = []
    for pair in results["routes"]["pair"].unique(maintain_order=True):
        routes = results["routes"].filter(pl.col("pair") == pair)
        fastest, cheapest, cleanest = (
            routes.sort(column, "rank").row(0, named=True) for column in ("hours", "usd", "kg_co2")
        )
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
