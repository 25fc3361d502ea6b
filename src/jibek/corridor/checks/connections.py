"""Can everything that is drawn be used? And nothing may slip past a border."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from jibek.corridor.checks.reporting import Tables, report
from jibek.corridor.corridor import leaves, lineages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jibek.errors import Fault

__all__ = ["carried_by", "check_connections", "consecutive_calls", "countries_of_links"]


def check_connections(tables: Tables) -> Iterator[Fault]:
    """Check borders, usable links, services with their stops, and terminals."""
    links = countries_of_links(tables["links"], tables["places"])
    yield from _loops(links)
    if tables.knows("places", "links", "borders", "commodities"):
        yield from _unguarded(tables, links)
        yield from _needless_borders(tables, links)
    if tables.knows("modes", "commodities"):
        yield from _unusable(tables)
    if tables.knows("links", "modes", "services", "stops"):
        yield from _unserved(tables)
    if tables.knows("services", "stops", "links"):
        yield from _stops(tables)
    yield from _terminals(tables)


def countries_of_links(links: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Return the links with ``from_country`` and ``to_country``, null at sea or for an unknown place."""
    country = places.drop_nulls("id").unique("id", keep="first", maintain_order=True)
    lookup = dict(zip(country["id"], country["country"], strict=True))
    return links.with_columns(
        pl.col(f"{end}_place").replace_strict(lookup, default=None, return_dtype=pl.String()).alias(f"{end}_country")
        for end in ("from", "to")
    )


def carried_by(commodities: pl.DataFrame) -> dict[str, list[str]]:
    """Return the leaf commodities that each mode can carry."""
    modes = dict(zip(commodities["id"], commodities["modes"], strict=True))
    carried: dict[str, list[str]] = {}
    for leaf in leaves(commodities):
        for mode in modes[leaf] if modes[leaf] is not None else ():
            carried.setdefault(mode, []).append(leaf)
    return carried


def consecutive_calls(stops: pl.DataFrame) -> dict[str, list[tuple[str, str]]]:
    """Return the pairs of places that each service calls at one after the other."""
    known = stops.drop_nulls(["service", "sequence", "place"]).sort("service", "sequence")
    groups = known.group_by("service", maintain_order=True).agg("place")
    return {service: list(pairwise(places)) for service, places in groups.iter_rows()}


def _loops(links: pl.DataFrame) -> list[Fault]:
    wrong = links.filter(pl.col("from_place") == pl.col("to_place"))
    remedy = "Correct one end; what happens within a place is a terminal."
    return report("links", wrong, "to_place", expected="another place than from_place", remedy=remedy)


def _unguarded(tables: Tables, links: pl.DataFrame) -> Iterator[Fault]:
    """Find directions of links between two countries that some commodity passes without a border."""
    crossing = links.filter(pl.col("from_country") != pl.col("to_country"))
    guards: dict[str, list[tuple[str | None, str | None]]] = {}
    for link, direction, commodity in tables["borders"].select("link", "direction", "commodity").iter_rows():
        guards.setdefault(link, []).append((direction, commodity))
    carried = carried_by(tables["commodities"])
    lines = lineages(tables["commodities"])
    gaps: dict[int, str] = {}
    for row, (link, mode, oneway) in enumerate(crossing.select("id", "mode", "oneway").iter_rows()):
        if gap := _gap(guards.get(link, []), oneway=bool(oneway), carried=carried.get(mode, []), lines=lines):
            gaps[row] = gap
    wrong = crossing[list(gaps)]
    yield from report(
        "links",
        wrong,
        "id",
        value=[f"{one} to {other}" for one, other in wrong.select("from_country", "to_country").iter_rows()],
        expected=[f"a border on the link {gap}" for gap in gaps.values()],
        remedy="Add a row to borders with this link; hours 0 where nothing stops.",
    )


def _gap(
    guards: list[tuple[str | None, str | None]],
    *,
    oneway: bool,
    carried: list[str],
    lines: Mapping[str, tuple[str, ...]],
) -> str | None:
    """Say which direction or commodity meets no border; None if all do."""
    if not guards:
        return "in both directions"
    for direction in ("forward",) if oneway else ("forward", "backward"):
        guarded = {commodity for side, commodity in guards if side in {None, direction}}
        if not guarded:
            return f"in direction {direction}"
        free = [leaf for leaf in carried if None not in guarded and guarded.isdisjoint(lines[leaf])]
        if free:
            return f"in direction {direction} for {', '.join(free)}"
    return None


def _needless_borders(tables: Tables, links: pl.DataFrame) -> list[Fault]:
    inside = links.filter(pl.col("from_country") == pl.col("to_country"))
    country = dict(zip(inside["id"], inside["from_country"], strict=True))
    wrong = tables["borders"].filter(pl.col("link").is_in(list(country)))
    value = [f"{link} within {country[link]}" for link in wrong["link"]]
    remedy = "Remove the border, or correct the country of one end."
    return report("borders", wrong, "link", value=value, expected="a link between two countries", remedy=remedy)


def _unusable(tables: Tables) -> list[Fault]:
    """Find links whose mode no leaf commodity lists."""
    used = list(carried_by(tables["commodities"]))
    wrong = tables["links"].filter(~pl.col("mode").is_in(used))
    remedy = "Add the mode to the modes of a commodity that carries demand."
    return report("links", wrong, "mode", expected="a mode that some commodity may use", remedy=remedy)


def _unserved(tables: Tables) -> list[Fault]:
    """Find operating links that need a service at both ends and have none."""
    needy = tables["modes"].filter(pl.col("needs_service"))["id"]
    calls = consecutive_calls(tables["stops"])
    mode = dict(tables["services"].select("id", "mode").iter_rows())
    served = {(mode.get(service), *pair) for service, pairs in calls.items() for pair in pairs}
    links = tables["links"].filter(pl.col("mode").is_in(needy.implode()) & (pl.col("status") == "operating"))
    empty = [
        (m, a, b) not in served and (oneway is True or (m, b, a) not in served)
        for m, a, b, oneway in links.select("mode", "from_place", "to_place", "oneway").iter_rows()
    ]
    wrong = links.filter(pl.Series(empty, dtype=pl.Boolean()))
    remedy = "Add a service of the link's mode whose stops name both ends one after the other."
    return report("links", wrong, "mode", expected="a service that calls at both ends in turn", remedy=remedy)


def _stops(tables: Tables) -> Iterator[Fault]:
    """Find services with fewer than two calls, and calls that no link of the mode joins."""
    calls = consecutive_calls(tables["stops"])
    idle = tables["services"].filter(~pl.col("id").is_in([service for service, pairs in calls.items() if pairs]))
    remedy = "Add rows to stops."
    yield from report("services", idle, "id", expected="at least two stops", remedy=remedy)
    joined = set()
    for m, a, b, oneway in tables["links"].select("mode", "from_place", "to_place", "oneway").iter_rows():
        joined |= {(m, a, b)} if oneway else {(m, a, b), (m, b, a)}
    mode = dict(tables["services"].select("id", "mode").iter_rows())
    gaps = {
        (service, b): a
        for service, pairs in calls.items()
        for a, b in pairs
        if (mode.get(service), a, b) not in joined and mode.get(service) is not None
    }
    broken = [(service, place) in gaps for service, place in tables["stops"].select("service", "place").iter_rows()]
    wrong = tables["stops"].filter(pl.Series(broken, dtype=pl.Boolean()))
    expected = [
        f"a place joined with {gaps[service, place]} by a link of mode {mode[service]}"
        for service, place in wrong.select("service", "place").iter_rows()
    ]
    yield from report("stops", wrong, "place", expected=expected, remedy="Add the link or correct the sequence.")


def _terminals(tables: Tables) -> list[Fault]:
    """Find terminals that change nothing: only between two services may the mode stay the same."""
    served = tables["modes"].filter("needs_service")["id"].implode()
    same = pl.col("from_mode") == pl.col("to_mode")
    wrong = tables["terminals"].filter(same & ~pl.col("from_mode").is_in(served))
    expected = "another mode than from_mode, unless that needs a service"
    return report("terminals", wrong, "to_mode", expected=expected, remedy="Correct one mode.")
