"""What is possible but odd: unreached places, unpaid elements, estimates without a range, totals beside their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jibek.corridor.checks.reporting import Tables, report
from jibek.corridor.checks.sharing import passed_twice
from jibek.corridor.corridor import leaves
from jibek.corridor.schema import TABLES, schema_of
from jibek.corridor.tables import key_text
from jibek.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_plausibility"]

PARTS_TOLERANCE = 1.02  # parts are counted and rounded by others than the whole
IMPLIED_SPEED = 4  # times faster or slower than the mode: more than stops and terrain explain
IMPLIED_HOURS = 2  # so short a difference changes no plan
_RANGED = (
    "modes",
    "links",
    "borders",
    "terminals",
    "rates",
    "services",
    "resources",
    "conversions",
    "commodities",
    "demand",
    "supplies",
    "needs",
    "processes",
    "process_flows",
    "stores",
    "observations",
)
_CARRYING_DEMAND = ("demand", "supplies", "needs", "stores", "process_flows")


def check_plausibility(tables: Tables) -> Iterator[Fault]:
    """Find what a planner should look at, and goods named where only a leaf may stand."""
    if tables.knows("links", "services"):
        yield from _unreached(tables)
        yield from _unpaid(tables)
    yield from _odd_speeds(tables)
    yield from passed_twice(tables)
    if tables.knows("commodities"):
        yield from _groups_with_demand(tables)
    yield from _without_range(tables)
    yield from _without_effect(tables)
    yield from _outside_range(tables)
    yield from _parts_above_whole(tables)


def _unreached(tables: Tables) -> list[Fault]:
    touched = pl.concat([tables["links"]["from_place"], tables["links"]["to_place"]])
    alone = tables["places"].filter(~pl.col("id").is_in(touched.implode()))
    remedy = "Add a link, or leave it if it only carries observations."
    return report("places", alone, "id", expected="a link that ends here", remedy=remedy, severity="notice")


def _unpaid(tables: Tables) -> Iterator[Fault]:
    """Find modes with links for which no rate stands, neither for the mode nor for all of its links."""
    rates = tables["rates"].filter(pl.col("table") == "links")
    paid_modes = rates.filter(pl.col("id_of").is_null())["mode"]
    blanket = rates.filter(pl.col("id_of").is_null() & pl.col("mode").is_null()).height > 0
    links = tables["links"].filter(
        ~pl.col("mode").is_in(paid_modes.implode()) & ~pl.col("id").is_in(rates["id_of"].implode())
    )
    for (mode,), rows in sorted(links.drop_nulls("mode").partition_by("mode", as_dict=True).items()):
        if not blanket:
            yield _summary("links", "id", rows, f"a rate for mode {mode}", "Add rows to rates, or it costs nothing.")


def _odd_speeds(tables: Tables) -> list[Fault]:
    """Find links whose hours do not go with the speed of their mode."""
    speeds = dict(tables["modes"].select("id", "speed_kmh").iter_rows())
    speed = pl.col("mode").replace_strict(speeds, default=None, return_dtype=pl.Float64())
    links = tables["links"].with_columns(speed.alias("_speed"), (pl.col("length_km") / pl.col("hours")).alias("_own"))
    ratio = pl.col("_own") / pl.col("_speed")
    apart = (pl.col("hours") - pl.col("length_km") / pl.col("_speed")).abs() > IMPLIED_HOURS
    odd = links.filter(apart & ((ratio > IMPLIED_SPEED) | (ratio < 1 / IMPLIED_SPEED)))
    value = [f"{hours:g} h, {own:.3g} km/h" for hours, own in odd.select("hours", "_own").iter_rows()]
    expected = [f"about {speed:g} km/h, the speed of the mode" for speed in odd["_speed"]]
    remedy = "Check hours and length; waiting belongs to borders, terminals and resources."
    return report("links", odd, "hours", value=value, expected=expected, remedy=remedy, severity="notice")


def _groups_with_demand(tables: Tables) -> Iterator[Fault]:
    """Find quantities for a group, which would stand beside those of its members."""
    single = leaves(tables["commodities"])
    known = tables["commodities"]["id"]
    for table in _CARRYING_DEMAND:
        wrong = tables[table].filter(pl.col("commodity").is_in(known.implode()) & ~pl.col("commodity").is_in(single))
        remedy = "Name the commodities of the group one by one."
        yield from report(table, wrong, "commodity", expected="a commodity without children", remedy=remedy)


def _without_range(tables: Tables) -> Iterator[Fault]:
    """Find estimates that evidence gives no low and high for."""
    evidence = tables["evidence"].drop_nulls(["low", "high"])
    for table in _RANGED:
        frame = tables[table]
        ranged = evidence.filter(pl.col("table") == table)["id"]
        rows = frame.with_columns(tables.keys(table).alias("_key")).filter(
            (pl.col("grade") == "estimate") & ~pl.col("_key").is_in(ranged.implode())
        )
        if rows.height:
            yield _summary(table, "grade", rows, "low and high in evidence", "Add rows to evidence.")


def _without_effect(tables: Tables) -> Iterator[Fault]:
    """Find projects to come and disruptions that change nothing, so that a scenario cannot name them."""
    owners = tables["changes"]["owner"]
    to_come = tables["projects"].filter(pl.col("status").is_in(["construction", "planned", "study"]))
    for table, frame in (("projects", to_come), ("disruptions", tables["disruptions"])):
        rows = frame.filter(~pl.col("id").is_in(owners.implode()))
        if rows.height:
            yield _summary(table, "id", rows, "rows in changes that say what it does", "A scenario cannot name it.")


def _outside_range(tables: Tables) -> Iterator[Fault]:
    """Find values outside the range that evidence gives them."""
    evidence = tables["evidence"].drop_nulls(["table", "id", "column"])
    for (table,), rows in sorted(evidence.partition_by("table", as_dict=True).items()):
        numbers = [a.name for a in schema_of(str(table)).attributes if a.is_number] if table in TABLES else []
        if not numbers:
            continue
        cells = tables[str(table)].select(tables.keys(str(table)).alias("id"), *numbers)
        cells = cells.unique("id", keep="first").unpivot(
            numbers, index="id", variable_name="column", value_name="_value"
        )
        joined = rows.join(cells, on=["id", "column"], maintain_order="left")
        wrong = joined.filter((pl.col("_value") < pl.col("low")) | (pl.col("_value") > pl.col("high")))
        yield from report(
            "evidence",
            wrong,
            "low",
            value=[f"{_shown(low)} to {_shown(high)}" for low, high in wrong.select("low", "high").iter_rows()],
            expected=[
                f"a range around {name} {value:g}" for name, value in wrong.select("column", "_value").iter_rows()
            ],
            remedy="Check the value and its range.",
            severity="notice",
        )


def _shown(bound: float | None) -> str:
    return "?" if bound is None else f"{bound:g}"


def _parts_above_whole(tables: Tables) -> list[Fault]:
    """Find parts of a series that together exceed it in the same months."""
    series = tables["series"].unique("id", keep="first", maintain_order=True)
    months = ["year", "from_month", "to_month"]
    values = tables["observations"].drop_nulls(["series", *months, "value"])
    values = values.join(series.select(pl.col("id").alias("series"), "unit", "share_of"), on="series")
    parts = values.drop_nulls("share_of").group_by("share_of", "unit", *months).agg(pl.col("value").sum().alias("_sum"))
    whole = values.join(
        parts, left_on=["series", "unit", *months], right_on=["share_of", "unit", *months], maintain_order="left"
    )
    wrong = whole.filter((pl.col("value") > 0) & (pl.col("_sum") > pl.col("value") * PARTS_TOLERANCE))
    expected = [f"at least {total:g}, the sum of its parts" for total in wrong["_sum"]]
    remedy = "Check the definitions: parts may overlap."
    return report("observations", wrong, "value", expected=expected, remedy=remedy, severity="notice")


def _summary(table: str, column: str, rows: pl.DataFrame, expected: str, remedy: str) -> Fault:
    """Report many rows of one kind in one line."""
    examples = ", ".join(sorted(key_text(rows, schema_of(table)))[:3])
    value = f"{rows.height} row{'s' * (rows.height > 1)}, such as {examples}"
    return Fault("notice", table, "", column, value, expected, remedy)
