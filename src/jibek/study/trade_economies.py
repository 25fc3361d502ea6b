"""How economies grow: from observations of countries to the output of the economies of a matrix over that before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from jibek.corridor import Corridor

    Floats = NDArray[np.float64]

__all__ = ["dollar_inflation", "knows_growth", "nominal_change", "people_change", "real_growth"]

_SINCE = 3  # years of growth behind the range of a forecast
_ENOUGH = 0.5  # share of the GDP of an economy whose growth stands for that of the whole
_WORLD = "WORLD"


def knows_growth(world: Corridor, economy: Mapping[str, str]) -> bool:
    """Whether the GDP and its growth of any economy are known; else nothing can be forecast."""
    return all(_observed(world, prefix, economy).height > 0 for prefix in ("gdp-current-", "gdp-growth-"))


def nominal_change(world: Corridor, economy: Mapping[str, str], codes: Sequence[str], since: int, to: int) -> Floats:
    """Give the GDP in current USD of each economy in a year over that in another.

    Members known in both years count; a year that is not known yet takes the last before it. An economy without any
    known member changes as the median of all.
    """
    gdp = _observed(world, "gdp-current-", economy)
    first = gdp.filter(pl.col("year") == since)
    last = gdp.filter(pl.col("year").is_between(since, to)).sort("country", "year")
    last = last.group_by("country", maintain_order=True).last()
    sums = first.join(last, on="country", suffix="_then").group_by("economy").agg(pl.col("value", "value_then").sum())
    return _in_order(dict(sums.select("economy", pl.col("value_then") / pl.col("value")).iter_rows()), codes)


def real_growth(
    world: Corridor, economy: Mapping[str, str], codes: Sequence[str], *, known_to: int
) -> dict[str, Floats]:
    """Give the yearly growth of real GDP of each economy: ``low, base, high`` as fractions.

    The mean of the last three years that are known, and the least and the most of them; members of a region count by
    their GDP. An economy takes that of the world where members with known growth make up less than half of its GDP, and
    the median of all where that of the world is not known either.
    """
    known = pl.col("year") <= known_to
    growth = _observed(world, "gdp-growth-", economy).filter(known)
    gdp = _observed(world, "gdp-current-", economy).filter(known).sort("country", "year")
    size = gdp.group_by("country", maintain_order=True).last().select("country", "economy", size="value")
    yearly = (
        growth.join(size, on=["country", "economy"])
        .join(size.group_by("economy").agg(whole=pl.col("size").sum()), on="economy")
        .group_by("economy", "year")
        .agg(
            value=(pl.col("value") * pl.col("size")).sum() / pl.col("size").sum() / 100,
            covered=pl.col("size").sum() / pl.col("whole").first(),
        )
        .filter(pl.col("covered") >= _ENOUGH)
    )
    everywhere = _observed(world, "gdp-growth-", {_WORLD: _WORLD}).filter(known)
    both = pl.concat(
        [yearly.select("economy", "year", "value"), everywhere.select("economy", "year", pl.col("value") / 100)]
    )
    last = both.sort("economy", "year", descending=[False, True]).group_by("economy", maintain_order=True).head(_SINCE)
    ranges = last.group_by("economy").agg(
        low=pl.col("value").min(), base=pl.col("value").mean(), high=pl.col("value").max()
    )
    return {
        name: _in_order(dict(ranges.select("economy", name).iter_rows()), codes) for name in ("low", "base", "high")
    }


def people_change(world: Corridor, economy: Mapping[str, str], codes: Sequence[str], since: int, to: int) -> Floats:
    """Give by what output changes from one year to another because people do not go on growing as they do.

    Growth of GDP is that of people and of what each of them makes. The latter goes on; people follow the projection,
    relative to its first year of growth, which stands for the growth that is known (id `trade-12` of the
    documentation). 1 where no projection is known.
    """
    projected = _observed(world, "population-projected-", economy)
    sums = projected.group_by("economy", "year").agg(pl.col("value").sum()).sort("economy", "year")
    found = {}
    for code, years, people in sums.group_by("economy", maintain_order=True).agg("year", "value").iter_rows():
        if len(years) > 1:
            at, logs = np.array(years, dtype=np.float64), np.log(people)
            pace = (logs[1] - logs[0]) / (at[1] - at[0])
            slower = logs - logs[0] - pace * (at - at[0])
            found[code] = float(np.exp(np.diff(np.interp([since, to], at, slower)).item()))
    return np.array([found.get(code, 1.0) for code in codes])


def dollar_inflation(world: Corridor, *, known_to: int) -> float:
    """Give by what prices in USD rise in a year, a fraction: the mean of the last three known years, else 0."""
    prices = _observed(world, "gdp-deflator-", {"USA": "USA"}).filter(pl.col("year") <= known_to).sort("year")
    return float(np.mean(prices["value"].tail(_SINCE).to_numpy())) / 100 if prices.height else 0.0


def _observed(world: Corridor, prefix: str, economy: Mapping[str, str]) -> pl.DataFrame:
    """List yearly values of a kind of series by country: ``country, economy, year, value``."""
    series = world["series"].filter(pl.col("id") == prefix + pl.col("scope_id").str.to_lowercase())
    return (
        world["observations"]
        .filter((pl.col("from_month") == 1) & (pl.col("to_month") == 12) & pl.col("value").is_not_null())
        .join(series.select("id", country="scope_id"), left_on="series", right_on="id")
        .with_columns(economy=pl.col("country").replace_strict(dict(economy), default=None, return_dtype=pl.String))
        .drop_nulls("economy")
        .select("country", "economy", "year", "value")
        .sort("country", "year")
    )


def _in_order(known: Mapping[str, float], codes: Sequence[str]) -> Floats:
    """Put values in the order of a matrix; what is not known takes that of the world, or the median of what is."""
    middle = known.get(_WORLD, float(np.median(list(known.values()))))
    return np.array([known.get(code, middle) for code in codes])
