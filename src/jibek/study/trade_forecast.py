"""Trade in the years to come, and forecasts of years that have passed beside what happened.

Economies grow, costs stay (`jibek.trade.grown`); a scenario multiplies each pair by its own change. Forecasts of what
promises count, and of turnovers that are looked back at, are pivoted: the last observation times the model's ratio of
both years. *Blind* knows the growth of real GDP that was known then, and how prices in USD rose, since what happened is
counted in USD of its year; *conditional* knows the GDP in USD that came. Beside them stand *no change* and *last growth
goes on*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.study.trade_economies import dollar_inflation, nominal_change, people_change, real_growth
from jibek.trade import economies_of, grown, matrix_of, trade_years

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.study.trade import Agreement
    from jibek.trade import TradeMatrix, TradeRecords

    Floats = NDArray[np.float64]

__all__ = ["AS_OF", "LAST_YEAR", "forecast", "hindcast_scores", "outlook", "trade_hindcast"]

LAST_YEAR = 2035
AS_OF = 2022
"""Last year that forecasts of turnovers know."""

_KINDS = ("low", "base", "high")
_METHODS = ("conditional", "blind", "no_change", "last_growth")
_RESAMPLES = 1000
_NUMBER = pl.Float64
_HINDCAST = {
    "sample": pl.String, "exporter": pl.String, "importer": pl.String, "series": pl.String, "known_year": pl.Int64,
    "year": pl.Int64, "known": _NUMBER, "observed": _NUMBER, "conditional": _NUMBER, "blind": _NUMBER,
    "no_change": _NUMBER, "last_growth": _NUMBER,
}  # fmt: skip


def forecast(
    world: Corridor, records: TradeRecords, economy: Mapping[str, str], answer: Agreement | None
) -> pl.DataFrame:
    """Forecast trade from the year of the matrix to `LAST_YEAR`.

    Returns
    -------
    polars.DataFrame
        ``exporter, importer, year, low_usd, base_usd, high_usd`` (USD of the matrix's year, constant costs), and
        ``scenario_usd``, the base with the scenario's change of the pair; null without one.
    """
    matrix = records.matrix
    growth = real_growth(world, economy, matrix.countries, known_to=world.year)
    change = answer.after.flows / np.where(matrix.flows > 0, matrix.flows, np.inf) if answer else None
    n = len(matrix.countries)
    ends = np.indices((n, n)).reshape(2, -1)
    names = pl.Series(matrix.countries)
    parts = []
    for year in range(records.year, LAST_YEAR + 1):
        people = people_change(world, economy, matrix.countries, records.year, year)
        flows = {kind: grown(matrix, (1 + growth[kind]) ** (year - records.year) * people).flows for kind in _KINDS}
        part = pl.DataFrame(
            {"exporter": names.gather(ends[0]), "importer": names.gather(ends[1])}
            | {f"{kind}_usd": flows[kind].ravel() for kind in _KINDS}
        )
        scenario = None if change is None else pl.Series((flows["base"] * change).ravel())
        parts.append(part.with_columns(year=pl.lit(year, pl.Int64), scenario_usd=pl.lit(scenario, _NUMBER)))
    kept = pl.concat(parts).filter(pl.col("exporter") != pl.col("importer"))
    return kept.select("exporter", "importer", "year", *(f"{kind}_usd" for kind in _KINDS), "scenario_usd").sort(
        "exporter", "importer", "year"
    )


def outlook(world: Corridor, forecasts: pl.DataFrame, economy: Mapping[str, str]) -> pl.DataFrame:
    """Carry on what promises of trade count: the last observation times the model's ratio of both years.

    Returns
    -------
    polars.DataFrame
        ``target, series, year, low, base, high, scenario`` in the unit of the series.
    """
    promised = world["commitments"].select(target="id", series="series").drop_nulls()
    seen = _turnovers(world).join(promised, on="series").filter(pl.col("year") < LAST_YEAR)
    last = seen.sort("target", "year").group_by("target", maintain_order=True).last()
    columns = [f"{kind}_usd" for kind in _KINDS] + ["scenario_usd"]
    parts = []
    for row in last.iter_rows(named=True):
        between = _both_ways(
            forecasts, _members(world, economy, row["origin"]), _members(world, economy, row["destination"])
        )
        sums = between.group_by("year").agg(pl.col(name).sum() for name in columns).sort("year")
        start = sums.filter(pl.col("year") == row["year"])
        if start.is_empty() or not start["base_usd"].item():
            continue
        scale = row["value"] / start["base_usd"].item()
        spread = {"low": start["low_usd"].item(), "high": start["high_usd"].item(), "base": start["base_usd"].item()}
        later = sums.filter(pl.col("year") > row["year"])
        parts.append(
            later.select(
                target=pl.lit(row["target"]),
                series=pl.lit(row["series"]),
                year="year",
                **{kind: pl.col(f"{kind}_usd") * (row["value"] / spread[kind]) for kind in _KINDS},
                scenario=pl.when(forecasts["scenario_usd"].is_not_null().any()).then(pl.col("scenario_usd") * scale),
            )
        )
    schema = {"target": pl.String, "series": pl.String, "year": pl.Int64}
    empty = pl.DataFrame(schema=schema | dict.fromkeys((*_KINDS, "scenario"), _NUMBER))
    return pl.concat([empty, *parts]).sort("target", "year")


def trade_hindcast(world: Corridor) -> pl.DataFrame:
    """Forecast the pairs of the last matrix from the first, and turnovers after `AS_OF` from the matrix before.

    Returns
    -------
    polars.DataFrame
        ``sample`` (``matrix`` or ``turnover``), ``exporter, importer`` or ``series``, ``known_year, year, known,
        observed, conditional, blind, no_change, last_growth`` (null where nothing earlier is known). Of a corridor that
        knows one year of trade only, nothing can be forecast.
    """
    years = trade_years(world)
    known = [year for year in years if year <= AS_OF]
    return pl.concat(
        [
            pl.DataFrame(schema=_HINDCAST),
            *([_of_matrix(world, years[0], years[-1])] if len(years) > 1 else []),
            *([_of_turnovers(world, known[-1], AS_OF)] if known else []),
        ]
    )


def hindcast_scores(rows: pl.DataFrame, *, seed: int = 0) -> pl.DataFrame:
    """Score forecasts by the median absolute logarithm of forecast over observation, with a bootstrap interval.

    Returns
    -------
    polars.DataFrame
        ``sample, method, pairs`` (or series), ``forecasts, median_error, low, high`` (95 % of `_RESAMPLES` resamples of
        pairs, each with all its years). The sample ``turnover_with_growth`` has the series of which an earlier year is
        known, so that *last growth* meets the others there.
    """
    generator = np.random.default_rng(seed)
    growing = rows.filter(pl.col("last_growth").is_not_null() & (pl.col("sample") == "turnover"))
    samples = pl.concat([rows, growing.with_columns(sample=pl.lit("turnover_with_growth"))])
    found = []
    for sample in samples["sample"].unique().sort():
        for method in _METHODS:
            known = samples.filter((pl.col("sample") == sample) & (pl.col(method) > 0) & (pl.col("observed") > 0))
            if known.height and known.height == samples.filter(sample=sample).height:
                found.append((sample, method, *_scored(known, method, generator)))
    schema = {"sample": pl.String, "method": pl.String, "pairs": pl.Int64, "forecasts": pl.Int64}
    return pl.DataFrame(found, schema=schema | dict.fromkeys(("median_error", "low", "high"), _NUMBER), orient="row")


def _scored(known: pl.DataFrame, method: str, generator: np.random.Generator) -> tuple[int, int, float, float, float]:
    """Give number of pairs and forecasts, the median error, and its interval by drawing pairs anew."""
    error = (pl.col(method) / pl.col("observed")).log().abs()
    pairs = known.group_by("exporter", "importer", "series").agg(error).sort("exporter", "importer", "series")
    errors = [np.array(each) for each in pairs[method].to_list()]
    drawn = [
        float(np.median(np.concatenate([errors[pair] for pair in generator.integers(0, len(errors), len(errors))])))
        for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975]).tolist()
    return len(errors), known.height, float(np.median(np.concatenate(errors))), low, high


def _of_matrix(world: Corridor, since: int, to: int) -> pl.DataFrame:
    """Forecast every pair that somebody counted in both years."""
    before, after = matrix_of(world, since), matrix_of(world, to)
    economy = economies_of(world, since)
    codes = before.matrix.countries
    conditional = grown(before.matrix, nominal_change(world, economy, codes, since, to))
    growth = real_growth(world, economy, codes, known_to=since)["base"]
    dearer = 1 + dollar_inflation(world, known_to=since)
    blind = grown(before.matrix, ((1 + growth) * dearer) ** (to - since))
    counted = [
        each.cells.filter((pl.col("grade") != "estimate") & (pl.col("exporter") != pl.col("importer")))
        for each in (before, after)
    ]
    both = counted[0].join(counted[1], on=["exporter", "importer"], suffix="_after").sort("exporter", "importer")
    at = {code: row for row, code in enumerate(codes)}
    seller, buyer = (
        both[side].replace_strict(at, return_dtype=pl.Int64).to_numpy() for side in ("exporter", "importer")
    )
    return both.select(
        sample=pl.lit("matrix"),
        exporter="exporter",
        importer="importer",
        series=pl.lit(None, pl.String),
        known_year=pl.lit(since, pl.Int64),
        year=pl.lit(to, pl.Int64),
        known="usd",
        observed="usd_after",
        conditional=pl.Series(conditional.flows[seller, buyer], dtype=_NUMBER),
        blind=pl.Series(blind.flows[seller, buyer], dtype=_NUMBER),
        no_change="usd",
        last_growth=pl.lit(None, _NUMBER),
    )


def _of_turnovers(world: Corridor, matrix_year: int, since: int) -> pl.DataFrame:
    """Forecast turnovers of the years after ``since`` with the matrix that was known then."""
    matrix = matrix_of(world, matrix_year).matrix
    economy = economies_of(world, matrix_year)
    growth = real_growth(world, economy, matrix.countries, known_to=since)["base"]
    dearer = 1 + dollar_inflation(world, known_to=since)
    seen = _turnovers(world)
    known = seen.filter(pl.col("year") == since)
    earlier = seen.filter(pl.col("year") < since).sort("series", "year").group_by("series", maintain_order=True).last()
    rows = (
        known.join(seen.filter(pl.col("year") > since), on="series", suffix="_then")
        .join(earlier.select("series", before="value", before_year="year"), on="series", how="left")
        .sort("series", "year_then")
    )
    at_known = grown(matrix, nominal_change(world, economy, matrix.countries, matrix_year, since))
    found = []
    for row in rows.iter_rows(named=True):
        year = row["year_then"]
        then = grown(matrix, nominal_change(world, economy, matrix.countries, matrix_year, year))
        unseen = grown(at_known, ((1 + growth) * dearer) ** (year - since))
        ends = [_members(world, economy, row[side]) for side in ("origin", "destination")]
        base, real, blind = (_between(each, *ends) for each in (at_known, then, unseen))
        last = None
        if row["before"]:
            last = row["value"] * (row["value"] / row["before"]) ** ((year - since) / (since - row["before_year"]))
        forecasts = (row["value"] * real / base, row["value"] * blind / base, row["value"], last)
        found.append(("turnover", None, None, row["series"], since, year, row["value"], row["value_then"], *forecasts))
    return pl.DataFrame(found, schema=_HINDCAST, orient="row")


def _turnovers(world: Corridor) -> pl.DataFrame:
    """List yearly trade between two countries or regions, both ways: ``series, origin, destination, year, value``."""
    series = world["series"].filter(
        (pl.col("measure") == "usd") & (pl.col("unit") == "BUSD/yr") & (pl.col("use") != "comparison")
        & pl.col("origin").is_not_null() & pl.col("destination").is_not_null()
        & pl.col("commodity").is_null() & pl.col("id").str.contains(r"turnover(-[a-z]+)?$|uzbekistan-trade$")
    )  # fmt: skip
    kept = world["observations"].filter(
        (pl.col("from_month") == 1) & (pl.col("to_month") == 12) & (pl.col("value") > 0)
    )
    return (
        kept.join(series.select("id", "origin", "destination"), left_on="series", right_on="id")
        .filter(pl.col("destination") != "WORLD")
        .select("series", "origin", "destination", "year", "value")
        .sort("series", "year")
    )


def _members(world: Corridor, economy: Mapping[str, str], code: str) -> set[str]:
    """Economies of a country, or of the members of a region."""
    if code in economy:
        return {economy[code]}
    members = world["regions"].filter(pl.col("region") == code)["country"].to_list()
    return {economy[country] for country in members if country in economy}


def _both_ways(table: pl.DataFrame, ones: set[str], others: set[str]) -> pl.DataFrame:
    def way(sellers: Sequence[str], buyers: Sequence[str]) -> pl.Expr:
        return pl.col("exporter").is_in(sellers) & pl.col("importer").is_in(buyers)

    return table.filter(way(sorted(ones), sorted(others)) | way(sorted(others), sorted(ones)))


def _between(matrix: TradeMatrix, ones: set[str], others: set[str]) -> float:
    """Add up trade between two sets of economies, both ways."""
    one, other = (np.isin(matrix.countries, sorted(codes)) for codes in (ones, others))
    chosen = (one[:, None] & other[None, :]) | (other[:, None] & one[None, :])
    return float(matrix.flows[chosen & ~np.eye(len(one), dtype=np.bool_)].sum())
