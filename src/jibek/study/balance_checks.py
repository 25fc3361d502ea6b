"""What the balances carry beside what was counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jibek.corridor import units

if TYPE_CHECKING:
    from collections.abc import Collection

    from jibek.corridor import Corridor

__all__ = ["balance_checks"]

_PER_QUANTITY = {"million m3": 1e6, "GWh": 1e3}
_SCHEMA = {
    "system": pl.String,
    "year": pl.Int64,
    "series": pl.String,
    "title": pl.String,
    "use": pl.String,
    "unit": pl.String,
    "observed": pl.Float64,
    "modelled": pl.Float64,
    "naive": pl.Float64,
}


def balance_checks(world: Corridor, flows: pl.DataFrame, year: int, commodities: Collection[str]) -> pl.DataFrame:
    """Set what series count on links beside what a balance carries there.

    Parameters
    ----------
    world
        With ``counts``, ``series`` and ``observations``.
    flows
        What links carry, as `jibek.study.balances.carried` lists it.
    year
        Of the balance; only counts of the whole year are compared.
    commodities
        Of which.

    Returns
    -------
    polars.DataFrame
        ``system, year, series, title, use`` (``input``: the model was given it), ``unit, observed, modelled, naive``
        (counted the year before), ``error, naive_error`` (share of the observed), sorted by series.
    """
    factor = {name: (unit.factor, unit.base) for name, unit in units().items()}
    system_of = dict(flows.select("commodity", "system").iter_rows())
    counted = (
        world["counts"]
        .filter((pl.col("flow") == "passing") & (pl.col("table") == "links"))
        .filter(pl.col("commodity").is_in(system_of.keys() & set(commodities)))
        .select("series", "elements", "direction", "commodity")
        .join(world["series"].select("id", "title", "use", "unit"), left_on="series", right_on="id")
        .join(_of_whole_year(world, year, "observed"), on="series")
        .join(_of_whole_year(world, year - 1, "naive"), on="series", how="left")
        .sort("series")
    )
    rows = []
    for row in counted.iter_rows(named=True):
        size, base = factor[row["unit"]]
        if size is None or not base.endswith("/yr"):
            continue
        ways = ["forward", "backward"] if row["direction"] is None else [row["direction"]]
        its = flows.filter(
            pl.col("id").is_in(row["elements"]) & pl.col("direction").is_in(ways), commodity=row["commodity"]
        )
        modelled = sum(
            quantity * _PER_QUANTITY.get(unit, 1.0) / size
            for quantity, unit in its.select("quantity", "unit").iter_rows()
        )
        told = row | {"system": system_of[row["commodity"]], "year": year, "modelled": modelled}
        rows.append({name: told.get(name) for name in _SCHEMA})
    off = [(pl.col(name) / pl.col("observed") - 1) for name in ("modelled", "naive")]
    return pl.DataFrame(rows, schema=_SCHEMA).with_columns(error=off[0], naive_error=off[1])


def _of_whole_year(world: Corridor, year: int, name: str) -> pl.DataFrame:
    """List what was observed over a whole year, in the series' own unit."""
    whole = (pl.col("year") == year) & (pl.col("from_month") == 1) & (pl.col("to_month") == 12)
    return world["observations"].filter(whole).select("series", pl.col("value").alias(name))
