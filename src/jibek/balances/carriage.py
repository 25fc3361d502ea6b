"""Links and terminals of a corridor as activities, once for each direction and commodity that they carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from jibek.balances.cheapest import on_cheapest_ways
from jibek.network.rates import choose_rates, rank_rates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from jibek.balances.system import Reading

    Members = dict[tuple[str, str], list[tuple[str, str, str | None, float | NDArray[np.float64]]]]
    Usd = Mapping[tuple[str, str], float]

__all__ = ["add_carriage"]

_WATER = "water"
_WAYS = {"links", "terminals", "access", "egress"}


def add_carriage(reading: Reading) -> Members:
    """Add what carries the commodities that balances decide, and freight if that is asked for.

    Freight is what flows decide; it goes by the ways of `jibek.balances.cheapest` only, since roads and rails are many.
    What is neither is made and used where it stands.

    A place where several modes of a commodity meet, or terminals serve it, has an account for each mode besides its
    own, with ways between its own and the modes only for what the place itself brings or takes: what passes changes the
    mode at a terminal or not at all. Rivers and canals are one mode: water flows on.

    Returns
    -------
    dict of (table, id) to list
        Who uses a link's, border's or terminal's resources: activity, direction, commodity, units a level.
    """
    members: Members = {}
    layer = {
        mode: medium if medium == _WATER else mode
        for mode, medium in reading.world["modes"].select("id", "medium").iter_rows()
    }
    commodities = {row["id"]: row for row in reading.world["commodities"].iter_rows(named=True)}
    for commodity in reading.commodities:
        modes = set(commodities[commodity]["modes"] or ())
        is_freight = commodities[commodity]["decided_by"] != "balances"
        if not modes or (is_freight and not reading.freight):
            continue
        links = [
            row | {"layer": layer[row["mode"]]}
            for row in reading.world["links"].iter_rows(named=True)
            if row["mode"] in modes and row.get("open_share", row["status"] == "operating") > 0
        ]
        met = {(row[end], row["layer"]) for row in links for end in ("from_place", "to_place")}
        here = [place for place, _ in met]
        terminals = [
            row
            for row in reading.world["terminals"].iter_rows(named=True)
            if {row["from_mode"], row["to_mode"]} <= modes
            and layer[row["from_mode"]]
            != layer[row["to_mode"]]  # from ship to ship goods stay, and a canal's head is river
            and (row["commodity"] is None or row["commodity"] in reading.lineage[commodity])
            and row["place"] in here
            and row.get("open_share", 1.0) > 0
        ]
        split = {row["place"] for row in terminals} | {place for place in here if here.count(place) > 1}
        carried = len(reading.gathered.entries)
        _add_links(reading, members, commodity, links, split)
        for row in links:
            if row["layer"] == _WATER:  # a river leads on, and is no drain
                reading.gathered.drop_surplus(_account(row["from_place"], row["layer"], commodity, split))
        _add_terminals(reading, members, commodity, terminals)
        _join_own(reading, commodity, links, split)
        if is_freight:
            _keep_cheapest(reading, members, commodity, {row["id"]: row["mode"] for row in links}, carried)
    return members


def _keep_cheapest(
    reading: Reading, members: Members, commodity: str, mode_of: Mapping[str, str], carried: int
) -> None:
    """Take away the ways of a commodity that no cheapest path needs; their entries begin at ``carried``."""
    gathered = reading.gathered
    ends: dict[str, dict[bool, str]] = {}
    own: dict[bool, set[str]] = {True: set(), False: set()}
    for name, (place, goods), _, amount in gathered.entries:
        if goods == commodity:
            brings = bool((amount > 0).any())
            if name.split("/")[0] in _WAYS:
                ends.setdefault(name, {})[brings] = place
            else:
                own[brings].add(place)
    kept = {place for (place, goods), *_ in gathered.stores.values() if goods == commodity}
    usd = {name: float(gathered.activities[name][2][0]) for name in ends}  # the same in every period
    ways = [
        (name, its[False], its[True], usd[name], mode_of.get(name.split("/")[1], "") if name[0] == "l" else "")
        for name, its in sorted(ends.items())
    ]
    needless = ends.keys() - on_cheapest_ways(ways, own[True] | kept, own[False] | kept)
    gathered.entries[carried:] = [entry for entry in gathered.entries[carried:] if entry[0] not in needless]
    for name in needless:
        del gathered.activities[name]
    for key, its_members in members.items():
        members[key] = [member for member in its_members if member[0] not in needless]


def _add_links(
    reading: Reading, members: Members, commodity: str, links: list[dict[str, Any]], split: set[str]
) -> None:
    """Add the links of a commodity with their price, loss and travel time."""
    usd = _prices(reading, "links", commodity, links)
    speed = dict(reading.world["modes"].select("id", "speed_kmh").iter_rows())
    borders: dict[str, list[dict[str, Any]]] = {}
    for border in reading.world["borders"].iter_rows(named=True):
        borders.setdefault(border["link"], []).append(border)
    tolls = _tolls(reading, commodity, links, borders)
    for row in links:
        hours = row["length_km"] / speed[row["mode"]] if row["hours"] is None else row["hours"]
        ends = [_account(row[end], row["layer"], commodity, split) for end in ("from_place", "to_place")]
        for direction in ("forward",) if row["oneway"] else ("forward", "backward"):
            start, end = ends if direction == "forward" else ends[::-1]
            met = _met(borders.get(row["id"], ()), direction, reading.lineage[commodity])
            if any(border.get("open_share", 1.0) == 0 for border in met):
                continue
            name = f"links/{row['id']}/{direction}/{commodity}"
            paid = usd.get((row["id"], direction), 0.0) + sum(tolls.get((each["id"], direction), 0.0) for each in met)
            reading.gathered.add(name, {start: -1.0}, usd=paid)
            waits = sum(border["hours"] or 0.0 for border in met)
            delay = _delay(reading, hours + waits)
            reading.gathered.bring_later(name, end, 1.0 - (row["loss"] or 0.0), delay)
            if row["layer"] == _WATER:
                reading.gathered.add_surplus(end)  # what arrives after the season runs off
            member = (name, direction, commodity, 1.0)
            members.setdefault(("links", row["id"]), []).append(member)
            for border in met:
                members.setdefault(("borders", border["id"]), []).append(member)


def _delay(reading: Reading, hours: float) -> float:
    """Give hours in periods; in a year of one period all arrives at once."""
    return hours / reading.calendar.hours if len(reading.calendar.periods) > 1 else 0.0


def _tolls(
    reading: Reading, commodity: str, links: list[dict[str, Any]], borders: Mapping[str, list[dict[str, Any]]]
) -> Usd:
    """Give USD for a quantity of 1 that crosses a border, by its id and direction."""
    crossed = [
        border
        | {"from_place": link["from_place"], "to_place": link["to_place"], "mode": link["mode"], "length_km": 0.0}
        for link in links
        for border in borders.get(link["id"], ())
        if border["commodity"] is None or border["commodity"] in reading.lineage[commodity]
    ]
    return _prices(reading, "borders", commodity, crossed)


def _met(borders: Sequence[dict[str, Any]], direction: str, lineage: tuple[str, ...]) -> list[dict[str, Any]]:
    """List the borders that a commodity meets on a link: those of its nearest group, and there of this direction."""
    meant = [each for each in borders if each["direction"] in {None, direction}]
    for group in (*lineage, None):
        of_group = [each for each in meant if each["commodity"] == group]
        if of_group:
            return [each for each in of_group if each["direction"]] or of_group
    return []


def _add_terminals(reading: Reading, members: Members, commodity: str, terminals: list[dict[str, Any]]) -> None:
    """Add the changes between the modes of a commodity."""
    usd = _prices(reading, "terminals", commodity, terminals)
    for row in terminals:
        modes = row["from_mode"], row["to_mode"]
        for direction in ("forward",) if row["oneway"] else ("forward", "backward"):
            start, end = modes if direction == "forward" else modes[::-1]
            name = f"terminals/{row['id']}/{direction}/{commodity}"
            leaves, arrives = (_account(row["place"], mode, commodity, {row["place"]}) for mode in (start, end))
            reading.gathered.add(name, {leaves: -1.0}, usd=usd.get((row["id"], direction), 0.0))
            reading.gathered.bring_later(name, arrives, 1.0, _delay(reading, row["hours"] or 0.0))
            members.setdefault(("terminals", row["id"]), []).append((name, direction, commodity, 1.0))


def _join_own(reading: Reading, commodity: str, links: list[dict[str, Any]], split: set[str]) -> None:
    """Join a place's own supplies, needs, stores and processes with its modes."""
    modes = {(row[end], row["layer"]) for row in links for end in ("from_place", "to_place") if row[end] in split}
    gathered = reading.gathered
    its = [(account, amount) for _, account, _, amount in gathered.entries if account[1] == commodity]
    brings = {account for account, amount in its if (amount > 0).any()}
    takes = {account for account, amount in its if (amount < 0).any()}
    kept = {row[0] for row in gathered.stores.values()}
    for place, mode in sorted(modes):
        own, of_mode = (place, commodity), _account(place, mode, commodity, split)
        if own in brings or own in kept:
            gathered.add(f"access/{place}/{mode}/{commodity}", {own: -1.0, of_mode: 1.0})
        if own in takes or own in kept:
            gathered.add(f"egress/{place}/{mode}/{commodity}", {of_mode: -1.0, own: 1.0})
        if own in brings and own in takes:
            reading.leave_out(
                "terminals", f"{place}/{commodity}", "", "a place that brings and takes", "terminals alone"
            )


def _account(place: str, mode: str, commodity: str, split: set[str]) -> tuple[str, str]:
    """Give the account of a commodity at a place, of one mode where modes are split."""
    return (f"{place}/{mode}" if place in split else place), commodity


def _prices(reading: Reading, table: str, commodity: str, rows: Iterable[Mapping[str, Any]]) -> Usd:
    """Give USD for a quantity of 1, by id and direction; each country of a link charges its half of the way."""
    world, scale = reading.world, reading.scale[commodity]
    country = dict(world["places"].select("id", "country").iter_rows())
    elements = []
    for row in rows:
        places = [row["place"]] if table == "terminals" else [row["from_place"], row["to_place"]]
        sides = [country[place] for place in places]
        sides = sides if len(set(sides)) > 1 else sides[:1]
        mode = row["from_mode"] if table == "terminals" else row["mode"]
        km = 0.0 if table == "terminals" else row["length_km"]
        elements += [(row["id"], mode, side, way, km, 1 / len(sides)) for side in sides for way in (0, 1)]
    columns = {"id": pl.String, "mode": pl.String, "country": pl.String, "direction": pl.Int32}
    frame = pl.DataFrame(elements, schema={**columns, "km": pl.Float64, "share": pl.Float64}, orient="row")
    unit = dict(world["commodities"].select("id", "unit").iter_rows())
    lineage = reading.lineage[commodity]
    per_unit = {unit[commodity]: 1.0}
    for ancestor in reversed(lineage):
        if unit[ancestor] == unit[commodity]:
            per_unit |= dict(world["conversions"].filter(commodity=ancestor).select("unit", "per_unit").iter_rows())
    chosen = choose_rates(frame, rank_rates(world["rates"], per_unit, lineage, world.year), table)
    for free in sorted(set(chosen.filter(pl.col("payee").is_null())["id"])):
        reading.leave_out(table, free, "", "no rate", f"a rate for {commodity}; carried for nothing")
    paid = chosen.drop_nulls("payee").select(
        "id", "direction", usd=pl.col("share") * (pl.col("usd") + pl.col("usd_km") * pl.col("km")) * scale
    )
    total = paid.group_by("id", "direction").agg(pl.col("usd").sum())
    return {(name, ("forward", "backward")[way]): usd for name, way, usd in total.iter_rows()}
