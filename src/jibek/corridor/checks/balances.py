"""Do supplies, processes, stores and resources say what a balance can use? What it could not would have no effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jibek.corridor.checks.reporting import Tables, report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jibek.errors import Fault

__all__ = ["check_balances"]

_LONG = ("season", "year")  # time of a capacity that is a sum over months


def check_balances(tables: Tables) -> Iterator[Fault]:
    """Check profiles of the right kind, months beside profiles, empty processes, evaporation, and sums over months."""
    if tables.knows("profiles"):
        yield from _kinds(tables)
    for table in ("supplies", "needs"):
        both = tables[table].filter(pl.col("month").is_not_null() & pl.col("profile").is_not_null())
        remedy = "Leave the month blank to spread the year, or the profile to mean the month."
        yield from report(table, both, "profile", expected="blank, since a month is given", remedy=remedy)
    if tables.knows("process_flows"):
        empty = tables["processes"].join(tables["process_flows"], left_on="id", right_on="process", how="anti")
        remedy = "Add rows to process_flows."
        yield from report("processes", empty, "id", expected="something that goes in or out", remedy=remedy)
    dry = tables["stores"].filter((pl.col("evaporation_mm_year") > 0) & pl.col("area_curve").is_null())
    remedy = "Name a curve, or leave evaporation_mm_year blank."
    yield from report("stores", dry, "area_curve", expected="a curve, since water evaporates", remedy=remedy)
    yield from _sums(tables)


def _kinds(tables: Tables) -> Iterator[Fault]:
    """Find shares where factors are meant, and factors where shares are."""
    yearly = tables["processes"].filter(decided="year")["id"].implode()
    shares = {
        "supplies": pl.lit(value=True),
        "needs": pl.lit(value=True),
        "process_flows": pl.col("process").is_in(yearly),
        "resources": pl.lit(value=False),
    }
    kinds = tables["profiles"].select(pl.col("id").alias("profile"), pl.col("kind").alias("_kind")).unique("profile")
    for table, is_share in shares.items():
        meant = pl.when(is_share).then(pl.lit("share")).otherwise(pl.lit("factor")).alias("_meant")
        rows = tables[table].with_columns(meant).join(kinds, on="profile", how="inner", maintain_order="left")
        wrong = rows.filter(pl.col("_kind") != pl.col("_meant"))
        expected = [f"a profile of kind {kind}" for kind in wrong["_meant"]]
        found = [f"{name}, of kind {kind}" for name, kind in wrong.select("profile", "_kind").iter_rows()]
        remedy = "A yearly quantity is spread by shares, a rate varies by factors: name another profile."
        yield from report(table, wrong, "profile", value=found, expected=expected, remedy=remedy)


def _sums(tables: Tables) -> Iterator[Fault]:
    """Find months where no sum is meant, and sums whose capacity is no sum."""
    resources = tables["resources"]
    totals = resources.filter(limit="total")
    short = totals.filter(~pl.col("per").is_in(_LONG))
    remedy = "Give the sum of the months named, or write limit rate."
    yield from report("resources", short, "per", expected="season or year, since limit is total", remedy=remedy)
    remedy = "Leave it blank: a sum has no shape within its months."
    shaped = totals.drop_nulls("profile")
    yield from report("resources", shaped, "profile", expected="blank, since limit is total", remedy=remedy)
    seasonal = resources.filter(pl.col("limit") != "total").drop_nulls(["first_month", "last_month"])
    remedy = "Write limit total for a sum over these months, or a profile of factors for a rate that varies."
    yield from report("resources", seasonal, "first_month", expected="blank, since limit is rate", remedy=remedy)
