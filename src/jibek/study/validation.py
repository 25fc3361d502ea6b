"""How well the flows meet what was counted: fitted, left out in turn, and never seen; beside a naive yardstick."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from jibek.flows import (
    equilibrium_of,
    folds_of,
    geh,
    marks_of,
    observed_in,
    place_zones,
    preferences_in,
    quantities,
)
from jibek.study.assignment import assigned_in
from jibek.study.goals import goals
from jibek.study.threads import side_by_side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.flows import RouteMarks
    from jibek.study.assignment import Assigned
    from jibek.study.case import Case

__all__ = [
    "BASE_YEAR",
    "FOLDS",
    "YEARS",
    "cross_validated",
    "directions",
    "summary",
    "validation_tables",
    "with_calibration",
    "with_values",
]

BASE_YEAR = 2024
"""Year on which the model is judged."""

YEARS = (2021, 2023, 2024, 2025)
"""Years that are set beside counts."""

FOLDS = 5
"""Parts into which counts are dealt for cross-validation."""

CLOSE = 0.4
"""Largest error with which a count is called met."""

_DAYS = 365.0
_SUMMARY = {
    "sample": pl.String,
    "method": pl.String,
    "observations": pl.Int64,
    "median_error": pl.Float64,
    "within_40_percent": pl.Float64,
    "median_geh": pl.Float64,
}


_VALUES = {"id": pl.String, "_value": pl.Float64}

_DIRECTIONS: dict[str, pl.DataType | type[pl.DataType]] = {
    "corridor": pl.String,
    "direction": pl.String,
    "year": pl.Int64,
    "observed": pl.Float64,
    "modelled": pl.Float64,
    "counted_by": pl.List(pl.String),
}
_BOTH = ("CHN", "EU27")


def validation_tables(case: Case) -> dict[str, pl.DataFrame]:
    """Write how well the flows meet what was counted in `YEARS`, without the case's scenario.

    Returns
    -------
    dict of polars.DataFrame
        ``flow_counts`` (counts beside the model, with ``year``), ``flow_cross_validated``, ``flow_validation`` (both of
        `BASE_YEAR`), ``flow_directions``, ``flow_goals`` and ``flow_preferences`` (``id, name, kind, value, low, high,
        fitted, note``).
    """
    counts, by_direction = {}, []
    for year, judged in zip(YEARS, side_by_side(lambda year: _judged(case, year), YEARS), strict=True):
        case.progress(f"validation, {year}")
        counts[year] = judged.counts
        by_direction.append(judged.directions)
        if judged.result is not None:
            validated = cross_validated(judged.result)
    ranges = case.world["evidence"].filter((pl.col("table") == "preferences") & (pl.col("column") == "value"))
    preferences = (
        case.world["preferences"]
        .join(ranges.select("id", "low", "high"), on="id", how="left")
        .select("id", "name", "kind", "value", "low", "high", pl.col("fitted").fill_null(value=False), "note")
        .sort("id")
    )
    summed = summary(counts[BASE_YEAR], validated)
    of_directions = pl.concat(by_direction)
    return {
        "flow_counts": pl.concat(list(counts.values())).sort("year", "series"),
        "flow_cross_validated": validated,
        "flow_validation": summed,
        "flow_directions": of_directions,
        "flow_goals": goals(summed, of_directions),
        "flow_preferences": preferences,
    }


class _Judged(NamedTuple):
    """A year beside its counts; all else of it is let go of but in the base year, since it takes much memory."""

    counts: pl.DataFrame
    directions: pl.DataFrame
    result: Assigned | None


def _judged(case: Case, year: int) -> _Judged:
    result = assigned_in(case, year)
    return _Judged(result.counts, directions(result), result if year == BASE_YEAR else None)


def with_calibration(corridor: Corridor, *, as_of: int | None = None, fold: int | None = None) -> Corridor:
    """Give the preferences the values of a calibration that saw less; those it did not fit stay as they are.

    What began only after ``as_of`` was not known then and is left out.
    """
    seen = corridor["calibrations"].filter(
        pl.col("as_of").eq_missing(pl.lit(as_of, dtype=pl.Int64))
        & pl.col("fold").eq_missing(pl.lit(fold, dtype=pl.Int64))
    )
    preferences = with_values(corridor["preferences"], dict(seen.select("preference", "value").iter_rows()))
    if as_of is not None:
        preferences = preferences.filter(pl.col("from_year").fill_null(as_of) <= as_of)
    return replace(corridor, tables={**corridor.tables, "preferences": preferences})


def with_values(preferences: pl.DataFrame, values: Mapping[str, float]) -> pl.DataFrame:
    """Give rows of ``preferences`` other values, by id."""
    moved = pl.DataFrame({"id": list(values), "_value": list(values.values())}, schema=_VALUES)
    return (
        preferences.join(moved, on="id", how="left", maintain_order="left")
        .with_columns(value=pl.coalesce("_value", "value"))
        .drop("_value")
    )


def cross_validated(result: Assigned) -> pl.DataFrame:
    """Model each fitted count with the calibration that did not see it.

    Returns
    -------
    polars.DataFrame
        ``series, fold, observed, modelled, error, geh``; empty where the corridor holds no calibrations by fold.
    """
    counts = result.counted
    marks = marks_of(result.world, result.routes)
    fold_of = folds_of(counts, result.world, FOLDS)
    fitted = result.counts.filter((pl.col("use") == "fit") & pl.col("modelled").is_not_null())
    folds = sorted(set(result.world["calibrations"]["fold"].drop_nulls()))
    rows = []
    for fold, flow in zip(folds, side_by_side(lambda fold: _flow_with(result, marks, fold), folds), strict=True):
        modelled = dict(zip(counts.series, counts.modelled(flow).tolist(), strict=True))
        rows += [
            (series, fold, observed, modelled[series])
            for series, observed in fitted.select("series", "observed").iter_rows()
            if fold_of[series] == fold
        ]
    schema = {"series": pl.String, "fold": pl.Int64, "observed": pl.Float64, "modelled": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row").sort("series")
    daily = (frame[name].to_numpy() / _DAYS for name in ("modelled", "observed"))
    return frame.with_columns(
        error=(pl.col("modelled") - pl.col("observed")) / pl.col("observed"),
        geh=pl.Series(geh(*daily), dtype=pl.Float64),
    )


def summary(counts: pl.DataFrame, validated: pl.DataFrame) -> pl.DataFrame:
    """Sum the errors up: series that count the same weigh as one.

    Returns
    -------
    polars.DataFrame
        ``sample`` (``fit``, ``cross_validated``, ``check``), ``method`` (``model``, ``naive``), ``observations``,
        ``median_error, within_40_percent`` (shares), ``median_geh``.
    """
    compared = counts.drop_nulls("modelled")
    rows = []
    for sample in ("fit", "check"):
        of_sample = compared.filter(pl.col("use") == sample)
        rows.append((sample, "model", *_errors(of_sample, "error", "geh")))
        rows.append((sample, "naive", *_errors(of_sample, "naive_error", "naive_geh")))
    left_out = validated.join(compared.select("series", "group"), on="series")
    rows.append(("cross_validated", "model", *_errors(left_out, "error", "geh")))
    return pl.DataFrame(rows, schema=_SUMMARY, orient="row").filter(pl.col("observations") > 0)


def directions(result: Assigned) -> pl.DataFrame:
    """Set containers between China and the European Union by corridor and direction beside what was counted.

    Returns
    -------
    polars.DataFrame
        ``corridor, direction`` (``westbound``, ``eastbound``, ``both``), ``year, observed, modelled``, ``counted_by``
        (series that count the corridor between the two in that year, in whatever direction), ``error``.
    """
    routes = result.routes
    zones = place_zones(result.world)
    pair = routes.pair_of_route
    units = dict(result.world["commodities"].select("id", "unit").iter_rows())
    boxes = np.array([units[name] == "teu" for name in routes.commodities], dtype=np.bool_)
    if not set(_BOTH) <= set(zones):
        return pl.DataFrame(schema={**_DIRECTIONS, "error": pl.Float64})
    west = zones["CHN"][routes.origin] & zones["EU27"][routes.destination] & boxes[routes.commodity]
    east = zones["EU27"][routes.origin] & zones["CHN"][routes.destination] & boxes[routes.commodity]
    rows = []
    seen = observed_in(result.world, result.world.year)
    for number, way in enumerate(routes.ways):
        counts = _counts_between(result.world, way.id)
        series = sorted(set(counts["series"]) & set(seen["series"]))
        for direction, pairs in (("westbound", west), ("eastbound", east), ("both", west | east)):
            modelled = float(result.flows.equilibrium.flow[(routes.way == number) & pairs[pair]].sum())
            observed = _counted(seen, counts, direction)
            rows.append((way.id, direction, result.world.year, observed, modelled, series))
    frame = pl.DataFrame(rows, schema=_DIRECTIONS, orient="row")
    error = (pl.col("modelled") - pl.col("observed")) / pl.col("observed")
    return frame.with_columns(error=error).filter((pl.col("modelled") > 0) | pl.col("observed").is_not_null())


def _counts_between(world: Corridor, corridor: str) -> pl.DataFrame:
    """Find the rows of ``counts`` that count a corridor, and nothing else, between China and the European Union."""
    between = [pl.col(end).list.set_difference(list(_BOTH)).list.len() == 0 for end in ("origin", "destination")]
    return world["counts"].filter(
        (pl.col("table") == "corridors"),
        (pl.col("elements").list.len() == 1) & (pl.col("elements").list.first() == corridor),
        *between,
    )


def _counted(seen: pl.DataFrame, counts: pl.DataFrame, direction: str) -> float | None:
    """Find what was counted of a corridor in one direction: the mean of the longest periods of series of just that."""
    ends = {"westbound": (["CHN"], ["EU27"]), "eastbound": (["EU27"], ["CHN"]), "both": (list(_BOTH),) * 2}
    origin, destination = ends[direction]
    series = counts.filter(
        (pl.col("origin").list.sort() == pl.lit(origin)) & (pl.col("destination").list.sort() == pl.lit(destination))
    )["series"]
    rows = seen.filter(pl.col("series").is_in(series.implode()))
    mean = rows.filter(pl.col("months") == pl.col("months").max())["observed"].mean()
    return None if mean is None else float(mean)  # type: ignore[arg-type]


def _errors(rows: pl.DataFrame, error: str, volume: str) -> tuple[int, float | None, float | None, float | None]:
    """Give the number of counts, the median of the absolute error, the share met, and the median GEH, by weight."""
    if rows.is_empty():
        return 0, None, None, None
    weighed = rows.with_columns(weight=1 / pl.len().over("group"))
    absolute = weighed[error].abs().to_numpy()
    weight = weighed["weight"].to_numpy()
    within = float((weight * (absolute <= CLOSE)).sum() / weight.sum())
    return (
        weighed["group"].n_unique(),
        _median(absolute, weight),
        within,
        _median(weighed[volume].to_numpy(), weight),
    )


def _median(values: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    """Give the weighted median."""
    order = np.argsort(values, kind="stable")
    passed = np.cumsum(weight[order]) >= weight.sum() / 2
    return float(values[order][int(np.argmax(passed))])


def _flow_with(result: Assigned, marks: RouteMarks, fold: int) -> NDArray[np.float64]:
    """Assign with the values of the calibration that did not see a fold."""
    world = with_calibration(result.world, fold=fold)
    flows = equilibrium_of(
        result.routes,
        result.flows.priced,
        preferences_in(world, result.routes, marks, world.year),
        result.flows.reference,
        quantities(result.routes, result.demand),
        start=result.flows.equilibrium,
    )
    return flows.equilibrium.flow
