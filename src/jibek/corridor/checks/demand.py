"""Can demand enter the network, and can what is counted be found in it? Demand, zones, preferences and counts."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import polars as pl

from jibek.corridor.checks.reporting import Tables, report
from jibek.corridor.corridor import leaves, lineages
from jibek.corridor.schema import schema_of
from jibek.corridor.tables import key_text, nearest
from jibek.corridor.vocabulary import countries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jibek.errors import Fault

__all__ = ["check_demand"]

SHARE_TOLERANCE = 1e-6  # what six decimal shares may lose when they are added
_NEEDED = ("modes", "usd_per_unit", "time_cost_percent_per_day")
# Columns that narrow a row down to the goods of some ends.
_ENDS = tuple((table, side) for table in ("demand", "preferences", "counts") for side in ("origin", "destination"))
_SPREADS = ("spread_nest", "spread_route")


def check_demand(tables: Tables) -> Iterator[Fault]:
    """Check that demand has ends, modes and a value of time, and that counts and preferences name what exists."""
    if tables.knows("places", "zones", "regions"):
        yield from _unknown_ends(tables)
        yield from _ends_without_places(tables)
    yield from _zone_shares(tables)
    if tables.knows("commodities"):
        yield from _not_carried(tables)
    yield from _spreads(tables)
    yield from _counted_elements(tables)
    if tables.knows("links", "places"):
        yield from _corridors_off_the_network(tables)


def _unknown_ends(tables: Tables) -> Iterator[Fault]:
    """Find ends that are neither a place nor a country nor a region."""
    known = {*tables["places"]["id"].drop_nulls(), *countries(), *tables["regions"]["region"].drop_nulls()}
    for table, column in (*_ENDS, ("zones", "zone")):
        rows = tables[table].explode(column) if table == "counts" else tables[table]
        wrong = rows.filter(pl.col(column).is_not_null() & ~pl.col(column).is_in(list(known)))
        remedy = [nearest(end, known) or "Add it to places." for end in wrong[column]]
        expected = "a country or region" if table == "zones" else "a place, country or region"
        yield from report(table, wrong, column, expected=expected, remedy=remedy)


def _ends_without_places(tables: Tables) -> Iterator[Fault]:
    """Find demand of a country or region that zones spread over no place, for its goods and side."""
    known = {*countries(), *tables["regions"]["region"]} - set(tables["places"]["id"])
    lines = lineages(tables["commodities"]) if tables.knows("commodities") else {}
    spread = set(tables["zones"].select("zone", "side", "commodity").iter_rows())
    for column in ("origin", "destination"):
        rows = tables["demand"].filter(pl.col(column).is_in(list(known)))
        bare = [
            not spread & set(product((zone,), (column, None), (*lines.get(goods, (goods,)), None)))
            for zone, goods in rows.select(column, "commodity").iter_rows()
        ]
        wrong = rows.filter(pl.Series(bare, dtype=pl.Boolean))
        remedy = [
            f"Add rows to zones that say which places stand for {zone} as {column} of {goods}."
            for zone, goods in wrong.select(column, "commodity").iter_rows()
        ]
        yield from report("demand", wrong, column, expected="a place, or a zone with places", remedy=remedy)


def _zone_shares(tables: Tables) -> Iterator[Fault]:
    """Find zones whose shares do not sum to one."""
    key = ["zone", "commodity", "side"]
    sums = tables["zones"].with_columns(pl.col("share").sum().over(key).alias("_sum"))
    wrong = sums.filter((pl.col("_sum") - 1).abs() > SHARE_TOLERANCE).unique(key, keep="first", maintain_order=True)
    shown = [f"sum {total:.7g}" for total in wrong["_sum"]]
    remedy = "Divide every share of this zone, commodity and side by their sum."
    yield from report("zones", wrong, "share", value=shown, expected="shares that sum to 1", remedy=remedy)


def _not_carried(tables: Tables) -> Iterator[Fault]:
    """Find demand for a commodity that no mode carries or whose time is worth nothing; each commodity once."""
    commodities = tables["commodities"].filter(pl.col("id").is_in(leaves(tables["commodities"])))
    for column in _NEEDED:
        blank = commodities.filter(pl.col(column).is_null())["id"].to_list()
        rows = tables["demand"].filter(pl.col("commodity").is_in(blank))
        wrong = rows.unique("commodity", keep="first", maintain_order=True)
        remedy = [f"Fill in {column} of {goods} or of its parent in commodities." for goods in wrong["commodity"]]
        yield from report("demand", wrong, "commodity", expected=f"a commodity with {column}", remedy=remedy)


def _spreads(tables: Tables) -> Iterator[Fault]:
    """Find spreads that are not above zero: choice would not follow cost."""
    wrong = tables["preferences"].filter(pl.col("kind").is_in(_SPREADS) & (pl.col("value") <= 0))
    expected = "a number above 0"
    yield from report("preferences", wrong, "value", expected=expected, remedy="Give the spread a positive value.")


def _counted_elements(tables: Tables) -> Iterator[Fault]:
    """Find counts of elements that do not exist, and counts that name none."""
    counts = tables["counts"]
    bare = counts.filter(~pl.col("flow").is_in(["none", "moving"]) & pl.col("elements").is_null())
    yield from report("counts", bare, "elements", expected="ids joined by ;", remedy="Name what is counted.")
    open_ended = counts.filter(
        (pl.col("flow") == "moving") & (pl.col("origin").is_null() | pl.col("destination").is_null())
    )
    remedy = "Name both ends of what moves."
    yield from report("counts", open_ended, "origin", expected="origin and destination", remedy=remedy)
    rows = counts.explode("elements").drop_nulls(["elements", "table"])
    for (table,), named in sorted(rows.partition_by("table", as_dict=True).items()):
        name = str(table)
        if name != "countries" and not tables.knows(name):
            continue
        known = set(countries()) if name == "countries" else set(key_text(tables[name], schema_of(name)))
        wrong = named.filter(~pl.col("elements").is_in(list(known)))
        remedies = [nearest(element, known) or f"The ids stand in {name}.csv." for element in wrong["elements"]]
        yield from report("counts", wrong, "elements", expected=f"ids of {name}", remedy=remedies)


def _corridors_off_the_network(tables: Tables) -> Iterator[Fault]:
    """Find corridors of which no route can bear the name: no link touches any place of one alternative."""
    touched = {*tables["links"]["from_place"], *tables["links"]["to_place"]}
    rows = tables["corridors"].drop_nulls("via")
    lonely = [[way for way in via if touched.isdisjoint(way.split("/"))] for via in rows["via"]]
    wrong = rows.with_columns(pl.Series("_lonely", lonely, dtype=pl.List(pl.String()))).filter(
        pl.col("_lonely").list.len() > 0
    )
    yield from report(
        "corridors",
        wrong,
        "via",
        value=[", ".join(places) for places in wrong["_lonely"]],
        expected="places that links touch",
        remedy="Add a link to one of these places, or correct via.",
    )
