"""Demand from place to place: yearly quantities of a corridor, those of countries spread over their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.corridor import lineages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from jibek.corridor import Corridor

__all__ = ["Demand", "demand_between_places", "demand_in_year"]

MOST_GROWTH = 0.08
"""Largest yearly growth or decline with which demand is carried beyond the years that are known."""

_PAIR = ("origin", "destination", "commodity")


@dataclass(frozen=True)
class Demand:
    """What wants to go from place to place in one year, sorted by commodity, origin and destination.

    Attributes
    ----------
    year : int
        Year.
    commodities : tuple of str
        Commodities that carry demand, in alphabetical order.
    commodity : int32 array, shape (n_pairs,)
        Row in ``commodities``.
    origin, destination : int32 arrays, shape (n_pairs,)
        Rows in ``places``; never the same.
    quantity : float64 array, shape (n_pairs,)
        Units of the commodity a year, above 0.
    within_places : polars.DataFrame
        Demand that begins and ends at the same place and needs no route: ``place, commodity, quantity``.
    """

    year: int
    commodities: tuple[str, ...]
    commodity: NDArray[np.int32]
    origin: NDArray[np.int32]
    destination: NDArray[np.int32]
    quantity: NDArray[np.float64]
    within_places: pl.DataFrame

    @property
    def n_pairs(self) -> int:
        """Count the pairs of places, by commodity."""
        return len(self.quantity)


def demand_in_year(demand: pl.DataFrame, year: int) -> pl.DataFrame:
    """Find the quantity of each pair and commodity in a year.

    Between two years that are known the quantity is interpolated. Before the first it is that of the first. After the
    last, the mean yearly growth over the known years goes on, at most `MOST_GROWTH` up or down.

    Parameters
    ----------
    demand
        Table ``demand``.
    year
        Any year.

    Returns
    -------
    polars.DataFrame
        ``origin, destination, commodity, quantity``, sorted.
    """
    rows = demand.select(*_PAIR, "year", "quantity").sort(*_PAIR, "year")
    before = rows.filter(pl.col("year") <= year).group_by(_PAIR).agg(pl.col("year", "quantity").last())
    after = rows.filter(pl.col("year") >= year).group_by(_PAIR).agg(pl.col("year", "quantity").first())
    spans = rows.group_by(_PAIR).agg(
        first_year=pl.col("year").first(),
        last_year=pl.col("year").last(),
        first=pl.col("quantity").first(),
        last=pl.col("quantity").last(),
    )
    known = spans.join(before, on=_PAIR, how="left").join(after, on=_PAIR, how="left", suffix="_after")
    years = (pl.col("last_year") - pl.col("first_year")).clip(1)
    growth = ((pl.col("last") / pl.col("first")) ** (1 / years)).clip(1 - MOST_GROWTH, 1 + MOST_GROWTH)
    growth = pl.when(pl.col("first") > 0).then(growth).otherwise(1.0)
    gap = (pl.col("year_after") - pl.col("year")).clip(1)
    inside = pl.col("quantity") + (pl.col("quantity_after") - pl.col("quantity")) * (year - pl.col("year")) / gap
    quantity = (
        pl.when(pl.col("year").is_null())
        .then(pl.col("quantity_after"))
        .when(pl.col("year_after").is_null())
        .then(pl.col("quantity") * growth ** (year - pl.col("year")))
        .otherwise(inside)
    )
    return known.select(*_PAIR, quantity.alias("quantity")).sort(_PAIR)


def demand_between_places(corridor: Corridor, quantities: pl.DataFrame, year: int) -> Demand:
    """Spread the demand of countries and regions over their places.

    A zone's goods are shared out by the rows of ``zones`` for the nearest of the commodity, its parent, ..., all
    commodities, and among those by the rows for one side before those for both.

    Parameters
    ----------
    corridor
        With the tables ``places``, ``zones`` and ``commodities``.
    quantities
        ``origin, destination, commodity, quantity``, as `demand_in_year` gives them.
    year
        Their year, for the record.
    """
    rows = quantities.filter(pl.col("quantity") > 0)
    for side in ("origin", "destination"):
        rows = _spread(rows, side, _shares(corridor, side)).filter(pl.col("quantity") > 0)
    summed = rows.group_by(_PAIR).agg(pl.col("quantity").sum()).sort("commodity", "origin", "destination")
    moving = summed.filter(pl.col("origin") != pl.col("destination"))
    row_of = {place: row for row, place in enumerate(corridor["places"]["id"])}
    commodities = tuple(sorted(set(moving["commodity"])))
    codes = {commodity: code for code, commodity in enumerate(commodities)}
    staying = summed.filter(pl.col("origin") == pl.col("destination"))
    return Demand(
        year=year,
        commodities=commodities,
        commodity=_codes(moving["commodity"], codes),
        origin=_codes(moving["origin"], row_of),
        destination=_codes(moving["destination"], row_of),
        quantity=moving["quantity"].to_numpy(),
        within_places=staying.select(pl.col("origin").alias("place"), "commodity", "quantity"),
    )


def _shares(corridor: Corridor, side: str) -> pl.DataFrame:
    """List for each zone and commodity the places that stand for it on one side: ``zone, commodity, place, share``."""
    zones = corridor["zones"].filter(pl.col("side").is_null() | (pl.col("side") == side))
    lines = [
        {"commodity": leaf, "ancestor": ancestor, "depth": depth}
        for leaf, line in lineages(corridor["commodities"]).items()
        for depth, ancestor in enumerate([*line, None])
    ]
    schema = {"commodity": pl.String, "ancestor": pl.String, "depth": pl.Int64}
    ancestors = pl.DataFrame(lines, schema=schema)
    fitting = zones.rename({"commodity": "ancestor"}).join(ancestors, on="ancestor", nulls_equal=True)
    rank = pl.col("depth") * 2 + pl.col("side").is_null()
    best = fitting.filter(rank == rank.min().over("zone", "commodity"))
    return best.select("zone", "commodity", "place", "share").sort("zone", "commodity", "place")


def _spread(rows: pl.DataFrame, side: str, shares: pl.DataFrame) -> pl.DataFrame:
    """Put the places of a zone in its stead; a place stands for itself."""
    joined = rows.join(shares.rename({"zone": side}), on=[side, "commodity"], how="left", maintain_order="left")
    return joined.with_columns(
        pl.coalesce("place", side).alias(side), pl.col("quantity") * pl.col("share").fill_null(1.0)
    ).select(*_PAIR, "quantity")


def _codes(column: pl.Series, codes: Mapping[str, int]) -> NDArray[np.int32]:
    return column.replace_strict(codes, return_dtype=pl.Int32).to_numpy().astype(np.int32)
