"""Forecasts of years that have passed, made with what was known before.

*Blind* knows nothing after the last known year: demand grows as it grew, prices stay. *Conditional* is told how
economies, prices and the network really went on. Both are pivoted: the forecast is the last observation times the
model's ratio of the two years. Beside them stand the rules that cost nothing: no change, and last growth goes on.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import polars as pl

from jibek.flows import assign, demand_in_year, observed_in
from jibek.study.assignment import demand_of
from jibek.study.threads import side_by_side
from jibek.study.validation import with_calibration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jibek.corridor import Corridor
    from jibek.study.case import Case

__all__ = ["AS_OF", "YEARS", "hindcast"]

AS_OF = 2022
"""Last year that the forecasts know."""

YEARS = (2023, 2024, 2025)
"""Years that are forecast."""

_EARLIER = (2021, 2022)
_KINDS = ("blind", "conditional")
_NO_FORECAST = {
    "quantity": pl.String,
    "title": pl.String,
    "use": pl.String,
    "unit": pl.String,
    "year": pl.Int64,
    "known_year": pl.Int64,
    "known": pl.Float64,
    "observed": pl.Float64,
    "blind": pl.Float64,
    "conditional": pl.Float64,
    "no_change": pl.Float64,
    "last_growth": pl.Float64,
}


def hindcast(case: Case) -> pl.DataFrame:
    """Forecast what was counted in the years after `AS_OF`, for every series that was counted before as well.

    Parameters
    ----------
    case
        The corridor; its scenario is left aside.

    Returns
    -------
    polars.DataFrame
        ``quantity`` (id of the series), ``title, use, unit, year, known_year, known, observed, blind, conditional,
        no_change, last_growth``, in base units a year. Empty where no calibration as of that year is known.
    """
    calibrations = case.corridor["calibrations"].filter(pl.col("as_of") == AS_OF)
    if calibrations.is_empty():
        return pl.DataFrame(schema=_NO_FORECAST)
    known = _known(case)
    forecasts = [*(("known", year) for year in _EARLIER), *product(_KINDS, YEARS)]
    found = side_by_side(lambda each: _forecast(case, *each), forecasts)
    modelled = {}
    for (kind, year), counts in zip(forecasts, found, strict=True):
        case.progress(f"hindcast, {year}, {kind}")
        modelled[kind, year] = counts
    rows = []
    for year in YEARS:
        seen = observed_in(case.in_year(year), year).filter(pl.col("months") == 12)
        for row in seen.join(known, on="series").iter_rows(named=True):
            series, base = row["series"], row["known_year"]
            pivoted = [_pivoted(row["known"], modelled["known", base], modelled[kind, year], series) for kind in _KINDS]
            rows.append(
                (
                    *(row[name] for name in ("series", "title", "use", "base_unit")),
                    year,
                    *(row[name] for name in ("known_year", "known", "observed")),
                    *pivoted,
                    row["known"],
                    None if row["growth"] is None else row["known"] * row["growth"] ** (year - base),
                )
            )
    return pl.DataFrame(rows, schema=_NO_FORECAST, orient="row").drop_nulls("blind").sort("quantity", "year")


def _known(case: Case) -> pl.DataFrame:
    """Find the last observation of each series up to `AS_OF`, and the yearly growth before it."""
    years: Sequence[pl.DataFrame] = [
        observed_in(case.corridor, year).filter(pl.col("months") == 12).select("series", "observed", year=pl.lit(year))
        for year in range(AS_OF - 5, AS_OF + 1)
    ]
    rows = pl.concat(years).sort("series", "year").group_by("series", maintain_order=True)
    last = rows.agg(
        known=pl.col("observed").last(),
        known_year=pl.col("year").last().cast(pl.Int64),
        earlier=pl.col("observed").slice(-2, 1).first(),
        earlier_year=pl.col("year").slice(-2, 1).first().cast(pl.Int64),
        times=pl.len(),
    )
    growth = (pl.col("known") / pl.col("earlier")) ** (1 / (pl.col("known_year") - pl.col("earlier_year")))
    return last.filter(pl.col("known_year") >= _EARLIER[0]).select(
        "series", "known", "known_year", growth=pl.when((pl.col("times") > 1) & (pl.col("earlier") > 0)).then(growth)
    )


def _forecast(case: Case, kind: str, year: int) -> dict[str, float]:
    """Model every count in a year with the calibration as of `AS_OF`, as of what kind the forecast is."""
    world = case.in_year(year, as_of=AS_OF if kind == "blind" else None)
    demand = world["demand"]
    if kind == "conditional":
        demand = _grown(case.in_year(year, as_of=AS_OF)["demand"], world, year)
    world = with_calibration(world, as_of=AS_OF)
    flows = assign(world, world, case.routes, demand_of(world, demand))
    counts = case.counts_in(world)
    return dict(zip(counts.series, counts.modelled(flows.equilibrium.flow).tolist(), strict=True))


def _grown(demand: pl.DataFrame, world: Corridor, year: int) -> pl.DataFrame:
    """Let the demand of the last known year grow with the buyers' economies.

    The index is the GDP in current USD of the destination, or of the origin where that is not known, else none; a year
    whose GDP is not known yet takes that of the year before.
    """
    last = demand_in_year(demand, AS_OF)
    gdp = _gdp(world).sort("country", "year")
    then = gdp.filter(pl.col("year") == AS_OF).select("country", "gdp")
    now = gdp.filter(pl.col("year") <= year).group_by("country", maintain_order=True).last()
    index = then.join(now, on="country", suffix="_now").select("country", index=pl.col("gdp_now") / pl.col("gdp"))
    rows = last.join(index, left_on="destination", right_on="country", how="left")
    rows = rows.join(index, left_on="origin", right_on="country", how="left", suffix="_origin")
    factor = pl.coalesce("index", "index_origin", pl.lit(1.0))
    return rows.select(
        "origin", "destination", "commodity", pl.col("quantity") * factor, year=pl.lit(year, dtype=pl.Int64)
    )


def _gdp(world: Corridor) -> pl.DataFrame:
    """List GDP in current USD by country or region and year; a region is the sum of the members that are known."""
    series = world["series"].filter(
        (pl.col("scope_table") == "countries")
        & pl.col("id").str.starts_with("gdp-current-")
        & (pl.col("use") != "check")
    )
    values = (
        world["observations"]
        .join(series.select("id", country="scope_id"), left_on="series", right_on="id")
        .select("country", "year", gdp="value")
    )
    members = world["regions"].join(values, on="country").group_by("region", "year")
    regions = members.agg(pl.col("gdp").sum(), n=pl.len()).with_columns(most=pl.col("n").max().over("region"))
    complete = regions.filter(pl.col("n") == pl.col("most")).select(country="region", year="year", gdp="gdp")
    return pl.concat([values, complete])


def _pivoted(known: float, base: dict[str, float], then: dict[str, float], series: str) -> float | None:
    """Carry the last observation on by the model's ratio; None where the model has nothing there."""
    if not base.get(series):
        return None
    return known * then[series] / base[series]
