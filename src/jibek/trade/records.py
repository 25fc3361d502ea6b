"""From the table ``trade``, in which several count the same trade, to one matrix, cell by cell with what it rests on.

Trade is counted on both sides of a frontier, and the two counts differ. Both stay in the table; of those for one cell
the first of this list is taken (rule `trade-8` of the documentation):

1. the importer's own count, since customs look closest at what pays duty;
2. ``COMTRADE``, the importer's count as the United Nations publish it, summed over the members of a region;
3. the exporter's own count;
4. anybody else's;
5. ``estimate``.

What is sold at home is in the rows of which exporter and importer are the same; the codes of these rows are the
economies of the matrix, and a country that is none of them belongs to that of the regions which holds it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.errors import Fault, TradeError
from jibek.trade.matrix import TradeMatrix

if TYPE_CHECKING:
    from jibek.corridor import Corridor

__all__ = ["TradeRecords", "economies_of", "matrix_of", "trade_years", "with_trade"]

TOTAL = "total"
"""Group of all goods."""

_CUSTOMS = "COMTRADE"  # counts what crosses a frontier, so nothing that is sold at home
_ESTIMATE = "estimate"
_ESTIMATED = 4  # its rank
_GRADES = {"observed": 0, "official": 1, "derived": 2, "estimate": 3}  # the greater, the weaker
_APART = 300.0
"""How many times two counts of one trade may lie apart before one of them is in another unit or currency."""
_LARGE = 1e8  # USD; below it counts do lie far apart
_MISSING = {"exporter": pl.String, "importer": pl.String, "reason": pl.String}


@dataclass(frozen=True)
class TradeRecords:
    """Trade of a year.

    Attributes
    ----------
    year : int
        The year.
    matrix : TradeMatrix
        In USD of the year; 0 where nobody gives a value.
    cells : polars.DataFrame
        What each cell rests on: ``exporter, importer, usd, low, high`` (its range; the value itself where none is
        given), ``reporter, rows`` (of the table that were added), ``grade`` (the worst of them), ``others`` (what other
        reporters count, ``reporter value`` in USD, separated by ``;``), ``source``.
    left_out : polars.DataFrame
        ``exporter, importer, reason``: pairs without a value, and rows between none of the economies.
    """

    year: int
    matrix: TradeMatrix
    cells: pl.DataFrame
    left_out: pl.DataFrame


def trade_years(world: Corridor) -> list[int]:
    """List the years for which a corridor knows trade and what is sold at home."""
    return _rows(world).filter(pl.col("exporter") == pl.col("importer"))["year"].unique().sort().to_list()


def economies_of(world: Corridor, year: int) -> dict[str, str]:
    """Give the economy of each country, region and economy that is part of one.

    Raises
    ------
    TradeError
        If a country is in two of them.
    """
    rows = _rows(world).filter((pl.col("year") == year) & (pl.col("exporter") == pl.col("importer")))
    economies = rows["exporter"].unique().sort().to_list()
    members = world["regions"].filter(pl.col("region").is_in(economies) & ~pl.col("country").is_in(economies))
    twice = members.filter(pl.col("country").is_duplicated()).group_by("country").agg(pl.col("region").sort())
    if twice.height:
        remedy = "Take the sales at home of one of them out of the table trade."
        raise TradeError(
            [
                Fault("fault", "regions", country, "region", ", ".join(regions), "one economy a country", remedy)
                for country, regions in twice.sort("country").iter_rows()
            ]
        )
    return {economy: economy for economy in economies} | dict(
        members.select("country", "region").sort("country").rows()
    )


def matrix_of(world: Corridor, year: int) -> TradeRecords:
    """Build the matrix of trade of a year.

    Parameters
    ----------
    world
        With the tables ``trade``, ``regions`` and ``evidence``.
    year
        One of `trade_years`.

    Raises
    ------
    TradeError
        If the corridor has no sales at home in the year, one of its countries trades but has none or belongs to two
        economies, or two counts of one trade lie so far apart that they cannot both be in USD.
    """
    years = trade_years(world)
    if year not in years:
        expected = f"one of {', '.join(map(str, years))}" if years else "rows whose exporter is the importer"
        remedy = "Add what each country sells at home, or ask for another year."
        raise TradeError([Fault("fault", "trade", "", "year", str(year), expected, remedy)])
    economy = economies_of(world, year)
    rows = _ranged(world, _rows(world).filter(pl.col("year") == year)).with_columns(
        seller=pl.col("exporter").replace_strict(economy, default=None, return_dtype=pl.String),
        buyer=pl.col("importer").replace_strict(economy, default=None, return_dtype=pl.String),
    )
    known = rows.drop_nulls(["seller", "buyer"])
    counts = _counts(known)
    faults = [
        *_without_sales_at_home(world, rows, year),
        *(_in_other_units(year, *row) for row in _far_apart(counts).iter_rows()),
    ]
    if faults:
        raise TradeError(faults)
    best = counts.filter(pl.col("rank") == pl.col("rank").min().over("seller", "buyer"))
    cells = (
        best.sort("reporter")
        .unique(["seller", "buyer"], keep="first", maintain_order=True)
        .join(_others(counts), on=["seller", "buyer", "reporter"], how="left")
        .select(
            *(pl.col("seller").alias("exporter"), pl.col("buyer").alias("importer")),
            *("usd", "low", "high", "reporter", "rows", "grade", "others", "source"),
        )
        .sort("exporter", "importer")
    )
    names = sorted(set(economy.values()))
    return TradeRecords(year, _matrix(names, cells), cells, _left_out(names, cells, rows))


def with_trade(corridor: Corridor, rows: pl.DataFrame) -> Corridor:
    """Lay counts over those of a corridor; one of the same reporter, pair, group and year takes the other's place.

    Parameters
    ----------
    corridor
        Any.
    rows
        In the columns of the table ``trade``.
    """
    key = ["reporter", "exporter", "importer", "group", "year"]
    both = pl.concat([rows, corridor["trade"].select(rows.columns).join(rows, on=key, how="anti")])
    table = both.select(corridor["trade"].columns).sort(key)
    return replace(corridor, tables={**corridor.tables, "trade": table})


def _rows(world: Corridor) -> pl.DataFrame:
    """Give what is known of all goods together."""
    return world["trade"].filter((pl.col("group") == TOTAL) & pl.col("usd").is_not_null())


def _ranged(world: Corridor, rows: pl.DataFrame) -> pl.DataFrame:
    """Add the range of each row; the value itself where evidence gives none."""
    ranges = world["evidence"].filter((pl.col("table") == "trade") & (pl.col("column") == "usd"))
    key = pl.concat_str(["reporter", "exporter", "importer", "group", "year"], separator="/")
    return (
        rows.with_columns(id=key)
        .join(ranges.select("id", "low", "high"), on="id", how="left", maintain_order="left")
        .with_columns(pl.coalesce(bound, "usd").alias(bound) for bound in ("low", "high"))
    )


def _counts(rows: pl.DataFrame) -> pl.DataFrame:
    """Give what each reporter counts for each cell, with its rank by the rule above.

    Only customs are summed over the members of a region; anybody else has to name the region, since few name all.
    """
    at_home = pl.col("seller") == pl.col("buyer")
    whole = (pl.col("exporter") == pl.col("seller")) & (pl.col("importer") == pl.col("buyer"))
    customs = pl.col("reporter") == _CUSTOMS
    rank = (
        pl.when(pl.col("reporter") == pl.col("buyer"))
        .then(0)
        .when(customs)
        .then(1)
        .when(pl.col("reporter") == pl.col("seller"))
        .then(2)
        .when(pl.col("reporter") == _ESTIMATE)
        .then(_ESTIMATED)
        .otherwise(3)
    )
    return (
        rows.filter(pl.when(customs).then(~at_home).otherwise(whole))
        .sort("id")
        .group_by("seller", "buyer", "reporter", maintain_order=True)
        .agg(
            pl.col("usd", "low", "high").sum(),
            rows=pl.len().cast(pl.Int64),
            grade=pl.col("grade").replace_strict(_GRADES, return_dtype=pl.Int64).max(),
            source=pl.col("source").list.explode().unique().sort(),
        )
        .with_columns(
            rank=rank, grade=pl.col("grade").replace_strict({worth: grade for grade, worth in _GRADES.items()})
        )
    )


def _without_sales_at_home(world: Corridor, rows: pl.DataFrame, year: int) -> list[Fault]:
    """Name the countries of the corridor that trade and belong to no economy."""
    ends = pl.concat(
        [
            rows.filter(pl.col("seller").is_null()).select(country="exporter"),
            rows.filter(pl.col("buyer").is_null()).select(country="importer"),
        ]
    )
    named = ends.filter(pl.col("country").is_in(world["places"]["country"].implode())).unique().sort("country")
    remedy = "Add what it makes less what it exports, or put it into a region that has sales at home."
    expected = f"a row of {year} of which exporter and importer are the country itself"
    return [
        Fault("fault", "trade", f"{country} to {country}, {year}", "usd", "no such row", expected, remedy)
        for country in named["country"]
    ]


def _far_apart(counts: pl.DataFrame) -> pl.DataFrame:
    """List cells whose counts cannot all be in USD: ends, the least and the greatest of them, and by whom."""
    counted = counts.filter((pl.col("rank") < _ESTIMATED) & (pl.col("usd") > 0)).sort(
        "seller", "buyer", "usd", "reporter"
    )
    ends = counted.group_by("seller", "buyer", maintain_order=True).agg(
        pl.col("usd").first().alias("least"),
        pl.col("reporter").first().alias("least_by"),
        pl.col("usd").last().alias("most"),
        pl.col("reporter").last().alias("most_by"),
    )
    return ends.filter((pl.col("most") > _LARGE) & (pl.col("most") > _APART * pl.col("least")))


def _in_other_units(
    year: int, seller: str, buyer: str, least: float, least_by: str, most: float, most_by: str
) -> Fault:
    found = f"{least:,.12g} counted by {least_by}, {most:,.12g} by {most_by}"
    remedy = "Give all counts in US dollars: no thousands or millions, no other currency."
    return Fault(
        "fault", "trade", f"{seller} to {buyer}, {year}", "usd", found, f"at most {_APART:g} times apart", remedy
    )


def _others(counts: pl.DataFrame) -> pl.DataFrame:
    """Write for each count of a cell what the other reporters count."""
    pair = ["seller", "buyer"]
    said = pl.col("reporter_other") + " " + pl.col("usd_other").round(0).cast(pl.Int64).cast(pl.String)
    joined = counts.select(*pair, "reporter", "usd").join(
        counts.select(*pair, "reporter", "usd"), on=pair, suffix="_other"
    )
    return (
        joined.filter(pl.col("reporter") != pl.col("reporter_other"))
        .sort(*pair, "reporter", "reporter_other")
        .group_by(*pair, "reporter", maintain_order=True)
        .agg(others=said.str.join("; "))
    )


def _matrix(names: list[str], cells: pl.DataFrame) -> TradeMatrix:
    number = {name: row for row, name in enumerate(names)}
    flows = np.zeros((len(names), len(names)))
    row, column = (
        cells[side].replace_strict(number, return_dtype=pl.Int64).to_numpy() for side in ("exporter", "importer")
    )
    flows[row, column] = cells["usd"].to_numpy()
    return TradeMatrix(tuple(names), flows)


def _left_out(names: list[str], cells: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Name the pairs without a value and the rows that belong to no cell."""
    known = set(cells.select("exporter", "importer").rows())
    empty = [(one, other, "no value") for one in names for other in names if (one, other) not in known]
    strange = rows.filter(pl.col("seller").is_null() | pl.col("buyer").is_null())
    unplaced = strange.select("exporter", "importer").unique().sort("exporter", "importer").rows()
    beyond = [(*pair, "no economy of the matrix") for pair in unplaced]
    return pl.DataFrame(empty + beyond, schema=_MISSING, orient="row")
