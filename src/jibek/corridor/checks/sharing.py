"""Does a route pass a shared resource twice? Then its load would count twice.

Two users of a resource stand in series if a route can pass one right after the other: a border and its link, a
terminal and a link of one of its modes that ends there, two links or borders of one mode that meet at one place.
Users for different commodities never meet on one route; where the capacity holds for each member, nothing is shared.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import polars as pl

from jibek.corridor.checks.reporting import Tables, report

if TYPE_CHECKING:
    from jibek.errors import Fault

__all__ = ["passed_twice"]


@dataclass(frozen=True, kw_only=True)
class _User:
    """One user of a resource, as far as routes are concerned: places where they enter and leave it, and its modes."""

    row: int
    name: str
    link: str | None
    entries: frozenset[str]
    exits: frozenset[str]
    modes: frozenset[str]
    commodity: str | None


def passed_twice(tables: Tables) -> list[Fault]:
    """Name the pairs of users of one resource that stand in series, as notices."""
    shared = tables["resources"].filter(pl.col("each").is_null() | (pl.col("each") == "direction"))["id"]
    groups: dict[str, list[_User]] = {}
    for resource, user in _users(tables):
        groups.setdefault(resource, []).append(user)
    wanted = set(shared)
    pairs = [
        (one, other)
        for resource, users in sorted(groups.items())
        if resource in wanted
        for one, other in combinations(users, 2)
        if _in_series(one, other)
    ]
    return report(
        "resource_users",
        tables["resource_users"][[other.row for _, other in pairs]],
        "id",
        value=[f"{one.name} and {other.name}" for one, other in pairs],
        expected="users of a shared resource that no route passes one after the other",
        remedy="Keep both only if each pass truly counts; else remove one, or set each to member.",
        severity="notice",
    )


def _users(tables: Tables) -> list[tuple[str, _User]]:
    """List the users that are links, borders and terminals, with their resource."""
    links = {
        i: (*_ends(start, end, oneway=bool(oneway)), frozenset({mode}))
        for i, start, end, oneway, mode in tables["links"]
        .select("id", "from_place", "to_place", "oneway", "mode")
        .iter_rows()
    }
    borders = dict(tables["borders"].select("id", "link").iter_rows())
    terminals = {
        i: (frozenset({place}), frozenset({place}), frozenset({one, other}))
        for i, place, one, other in tables["terminals"].select("id", "place", "from_mode", "to_mode").iter_rows()
    }
    found = []
    columns = tables["resource_users"].select("resource", "table", "id", "commodity")
    for row, (resource, table, element, commodity) in enumerate(columns.iter_rows()):
        link = element if table == "links" else borders.get(element) if table == "borders" else None
        placed = terminals.get(element) if table == "terminals" else links.get(link) if link else None
        if resource is not None and placed is not None:
            entries, exits, modes = placed
            name = f"{table}/{element}"
            user = _User(row=row, name=name, link=link, entries=entries, exits=exits, modes=modes, commodity=commodity)
            found.append((resource, user))
    return found


def _ends(start: str | None, end: str | None, *, oneway: bool) -> tuple[frozenset[str], frozenset[str]]:
    """Return where routes enter and where they leave a link."""
    ends = frozenset(place for place in (start, end) if place is not None)
    return (ends - {end}, ends - {start}) if oneway and start != end else (ends, ends)


def _in_series(one: _User, other: _User) -> bool:
    """Whether one route may pass both."""
    if one.name == other.name or (None not in {one.commodity, other.commodity} and one.commodity != other.commodity):
        return False
    if one.link is not None and one.link == other.link:
        return True
    both_terminals = one.link is None and other.link is None
    parallel = len((one.entries | one.exits) & (other.entries | other.exits)) > 1
    follows = bool(one.exits & other.entries or other.exits & one.entries)
    return follows and not parallel and not both_terminals and bool(one.modes & other.modes)
