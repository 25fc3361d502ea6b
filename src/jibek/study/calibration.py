"""Calibrate a corridor: fit its preferences to what was counted, with all counts, without each fold, and as of 2022."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from jibek.errors import RunError
from jibek.flows import (
    Sample,
    calibrate,
    folds_of,
    marks_of,
    preferences_in,
    quantities,
)
from jibek.study.assignment import assigned_in
from jibek.study.case import Case
from jibek.study.hindcast import AS_OF
from jibek.study.validation import BASE_YEAR, FOLDS, with_values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from jibek.corridor import Corridor, Scenario
    from jibek.flows import Calibration

__all__ = ["YEARS", "YEARS_AS_OF", "calibrate_corridor", "write_calibration"]

YEARS = (2021, 2023, 2024, 2025)
"""Years that are fitted together: before and after the sanctions, before and after the attacks in the Red Sea."""

YEARS_AS_OF = (2021, 2022)
"""Years that the calibration of the hindcast sees."""

_SCHEMA = {"as_of": pl.Int64, "fold": pl.Int64, "preference": pl.String, "value": pl.Float64}
_DIGITS = 6  # more would be noise of the platform


def calibrate_corridor(
    corridor: Corridor,
    scenarios: Sequence[Scenario] = (),
    *,
    most_evaluations: int = 24,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[dict[str, float], pl.DataFrame]:
    """Fit the preferences of a corridor that are marked as fitted.

    Parameters
    ----------
    corridor
        As read.
    scenarios
        Those that come with it: routes are found over all of them.
    most_evaluations
        Where each calibration gives up.
    progress
        Called with what is being done.

    Returns
    -------
    values : dict of str to float
        Fitted value by id of preference, from all observations of use ``fit``.
    calibrations : polars.DataFrame
        The same without each fold of the counts, and as of 2022: ``as_of, fold, preference, value``.

    Raises
    ------
    RunError
        If no preference is marked as fitted, or one has no range.
    """
    ranges = _ranges(corridor)
    case = Case(corridor, None, scenarios)
    progress("All counts")
    best, samples = _from_the_middle(case, YEARS, ranges, most_evaluations, progress)
    values = {name: round(value, _DIGITS) for name, value in best.values.items()}
    rows: list[tuple[int | None, int | None, str, float]] = []
    fold_of = folds_of(samples[0].counts, samples[0].world, FOLDS)
    at_best = [_moved(sample, values) for sample in samples]
    for fold in range(FOLDS):
        progress(f"Without fold {fold}")
        found = calibrate(
            at_best,
            ranges,
            base_year=BASE_YEAR,
            use=_outside(fold_of, fold),
            most_evaluations=most_evaluations,
            progress=progress,
        )
        rows += _rows(found, None, fold)
    progress(f"As of {AS_OF}")
    known, _ = _from_the_middle(case, YEARS_AS_OF, ranges, most_evaluations, progress, as_of=AS_OF)
    rows += _rows(known, AS_OF, None)
    return values, pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _from_the_middle(
    case: Case,
    years: Sequence[int],
    ranges: Mapping[str, tuple[float, float]],
    most_evaluations: int,
    progress: Callable[[str], None],
    *,
    as_of: int | None = None,
) -> tuple[Calibration, list[Sample]]:
    """Fit from the middle of the ranges, so that nothing rests on the values that the corridor holds already.

    Waiting for departures is that of the values that a fit starts from, so the fit is done again from its result.
    """
    middle = {name: (low + high) / 2 for name, (low, high) in ranges.items()}
    samples = [_sample(_beside(case, middle), year, as_of=as_of) for year in years]
    base_year = as_of or BASE_YEAR
    first = calibrate(samples, ranges, base_year=base_year, most_evaluations=most_evaluations, progress=progress)
    samples = [_sample(_beside(case, first.values), year, as_of=as_of) for year in years]
    best = calibrate(samples, ranges, base_year=base_year, most_evaluations=most_evaluations, progress=progress)
    return best, samples


def _beside(case: Case, values: Mapping[str, float]) -> Case:
    """Give the corridor of a case other values of preferences; its routes stay."""
    return case.with_preferences(with_values(case.corridor["preferences"], values))


def _ranges(corridor: Corridor) -> dict[str, tuple[float, float]]:
    """Collect the ranges of the preferences to fit."""
    fitted = corridor["preferences"].filter(pl.col("fitted"))["id"].to_list()
    if not fitted:
        raise RunError("No preference is marked as fitted. Write yes in column fitted of table preferences.")
    cells = corridor["evidence"].filter((pl.col("table") == "preferences") & (pl.col("column") == "value"))
    known = {
        i: (low, high) for i, low, high in cells.drop_nulls(["low", "high"]).select("id", "low", "high").iter_rows()
    }
    bare = [name for name in fitted if name not in known or known[name][0] >= known[name][1]]
    if bare:
        raise RunError(
            f"Nothing says in which range {', '.join(bare)} may lie. Add rows to evidence with table preferences, "
            "column value, low and high."
        )
    return {name: known[name] for name in fitted}


def _sample(case: Case, year: int, *, as_of: int | None) -> Sample:
    """Prepare one year with the preferences of the case."""
    result = assigned_in(case, year, as_of=as_of)
    world, routes = result.world, result.routes
    marks = marks_of(world, routes)
    return Sample(
        year=year,
        routes=routes,
        priced=result.flows.priced,
        preferences=preferences_in(world, routes, marks, year),
        reference=result.flows.reference,
        quantity=quantities(routes, result.demand),
        counts=result.counted,
        world=world,
    )


def _outside(fold_of: Mapping[str, int], fold: int) -> Callable[[str], bool]:
    """Say of a series whether it lies outside a fold."""
    return lambda series: fold_of.get(series) != fold


def _moved(sample: Sample, values: Mapping[str, float]) -> Sample:
    moved = [replace(each, value=values.get(each.id, each.value)) for each in sample.preferences]
    return replace(sample, preferences=moved)


def _rows(found: Calibration, as_of: int | None, fold: int | None) -> list[tuple[int | None, int | None, str, float]]:
    return [(as_of, fold, name, round(value, _DIGITS)) for name, value in sorted(found.values.items())]


def write_calibration(
    folder: Path, corridor: Corridor, values: dict[str, float], calibrations: pl.DataFrame
) -> tuple[Path, Path]:
    """Write the tables ``preferences`` with the fitted values and ``calibrations``, as a corridor reads them.

    Parameters
    ----------
    folder
        Where to; it exists.
    corridor
        As it was read.
    values, calibrations
        As `calibrate_corridor` gives them.

    Returns
    -------
    tuple of Path
        The two files.

    Raises
    ------
    RunError
        If they cannot be written.
    """
    preferences = with_values(corridor["preferences"], values)
    evidence = corridor["preferences"].filter(pl.col("fitted")).select("source").head(1)
    sources = ";".join(evidence["source"].to_list()[0]) if evidence.height else ""
    no_note = pl.lit(None, dtype=pl.String)
    made = calibrations.with_columns(source=pl.lit(sources), grade=pl.lit("derived"), note=no_note)
    files = (folder / "preferences.csv", folder / "calibrations.csv")
    try:
        for path, table in zip(files, (preferences, made), strict=True):
            path.write_text(_as_csv(table), encoding="utf-8")
    except OSError as error:
        raise RunError(f"Cannot write {folder}: {error.strerror}. Name another folder.") from error
    return files


def _as_csv(table: pl.DataFrame) -> str:
    """Write a table as its file would be: lists joined by ``;``, yes and no, whole numbers without a point."""
    columns = []
    for name, dtype in table.schema.items():
        column = pl.col(name)
        if dtype == pl.List(pl.String):
            column = column.list.join(";")
        elif dtype == pl.Boolean:
            column = pl.when(column).then(pl.lit("yes")).when(~column).then(pl.lit("no"))
        elif dtype == pl.Float64:
            column = column.cast(pl.String).str.strip_suffix(".0")
        columns.append(column.alias(name))
    return table.select(columns).write_csv()
