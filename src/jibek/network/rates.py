"""Choose the rate of every arc: the most specific row of the table ``rates`` wins; USD and USD/km.

Rates are ranked once, for one commodity and year, from the most to the least specific; an arc then
takes the best ranked of the rows that fit it. The ranking is lexicographic:

1. the element itself, before mode and country, country, mode, all elements;
2. the commodity itself, before its nearest parent, ..., all commodities;
3. a row of one direction before one of both;
4. the commodity's own unit before one that ``conversions`` translate;
5. the latest year up to the year asked for, before no year, before the earliest later year;
6. where all that is equal, the cheaper row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["choose_rates", "rank_rates"]

# What a rate must name to be of level 0, 1, ...; the columns by which it is joined to elements.
_LEVELS = (("id",), ("mode", "country"), ("country",), ("mode",), ())


def rank_rates(rates: pl.DataFrame, units: Mapping[str, float], lineage: Sequence[str], year: int) -> pl.DataFrame:
    """Rank the rates that hold for a commodity in a year, the most specific first.

    Parameters
    ----------
    rates
        The table ``rates``.
    units
        How many of the commodity's units fill one unit of a rate, by the rate's unit.
    lineage
        The commodity, its parent, its grandparent, ...
    year
        Year asked for.

    Returns
    -------
    pl.DataFrame
        ``rank, level, table, id_of, mode, country, direction`` (0, 1 or null), ``payee`` and, per
        unit of the commodity, ``usd`` and ``usd_km``. Rates of other commodities, and those in a
        unit to which the commodity has no conversion, are left out.
    """
    level = pl.coalesce(
        pl.when(pl.col("id_of").is_not_null()).then(0),
        pl.when(pl.col("mode").is_not_null() & pl.col("country").is_not_null()).then(1),
        pl.when(pl.col("country").is_not_null()).then(2),
        pl.when(pl.col("mode").is_not_null()).then(3),
        pl.lit(4),
    )
    depth = pl.col("commodity").replace_strict(
        dict(zip(lineage, range(len(lineage)), strict=True)), default=None, return_dtype=pl.Int64
    )
    age = year - pl.col("year")
    per_unit = pl.col("unit").replace_strict(dict(units), default=None, return_dtype=pl.Float64)
    ranked = rates.with_columns(
        level.alias("level"),
        pl.when(pl.col("commodity").is_null()).then(len(lineage)).otherwise(depth).alias("depth"),
        pl.col("direction").replace_strict({"forward": 0, "backward": 1}, return_dtype=pl.Int32),
        per_unit.alias("per_unit"),
        pl.when(age >= 0).then(0).when(age.is_null()).then(1).otherwise(2).alias("period"),
        age.abs().alias("distance"),
        (pl.col("usd_per_unit") / per_unit).alias("usd"),
        (pl.col("usd_per_unit_km") / per_unit).alias("usd_km"),
    ).drop_nulls(["depth", "per_unit"])
    both, converted = pl.col("direction").is_null(), pl.col("per_unit") != 1
    ranked = ranked.sort("level", "depth", both, converted, "period", "distance", "usd", "usd_km", "payee")
    ranked = ranked.with_row_index("rank")
    return ranked.select("rank", "level", "table", "id_of", "mode", "country", "direction", "payee", "usd", "usd_km")


def choose_rates(elements: pl.DataFrame, ranked: pl.DataFrame, table: str) -> pl.DataFrame:
    """Find the best ranked rate of each directed element.

    Parameters
    ----------
    elements
        One row per directed element and side: ``id, mode, country, direction`` (0 or 1), and more.
    ranked
        As `rank_rates` returns it.
    table
        ``links``, ``borders`` or ``terminals``.

    Returns
    -------
    pl.DataFrame
        The elements in their order with ``level, payee, usd, usd_km``, null where no rate fits.
    """
    rates = ranked.lazy().filter(pl.col("table") == table).rename({"id_of": "id"})
    both = rates.filter(pl.col("direction").is_null())
    rates = pl.concat([rates.drop_nulls("direction"), *(both.with_columns(direction=pl.lit(way)) for way in (0, 1))])
    chosen = elements.lazy()
    bests = [f"rank_{level}" for level in range(len(_LEVELS))]
    for level, (keys, best) in enumerate(zip(_LEVELS, bests, strict=True)):
        on = [*keys, "direction"]
        ranks = rates.filter(pl.col("level") == level).group_by(on).agg(pl.col("rank").min().alias(best))
        chosen = chosen.join(ranks, on=on, how="left", maintain_order="left")
    chosen = chosen.with_columns(pl.min_horizontal(bests).alias("rank")).drop(bests)
    terms = rates.select("rank", "level", "payee", "usd", "usd_km").unique("rank")
    return chosen.join(terms, on="rank", how="left", maintain_order="left").drop("rank").collect()
