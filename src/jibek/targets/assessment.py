"""From a promise and the observed values of its series to a status, a required and an observed growth."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.corridor import Corridor

__all__ = ["Assessment", "Promise", "assess", "judge"]

Status = Literal["met", "on_track", "behind", "unknown"]

# What piles up over a year can be judged by whole years only; a level can be read on any day.
_SUMMED_OVER_A_YEAR = ("flow", "usd")


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What was promised, in the unit of its series.

    Attributes
    ----------
    target : float or None
        Promised value.
    due_year : int or None
        Last year in which it may be reached.
    baseline, baseline_year : float or None, int or None
        Value and year from which progress is measured.
    aim : {"at_least", "at_most"}
        Whether more or less is better.
    """

    target: float | None
    due_year: int | None
    baseline: float | None
    baseline_year: int | None
    aim: Literal["at_least", "at_most"]


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """Where a promise stands.

    Attributes
    ----------
    status : {"met", "on_track", "behind", "unknown"}
        By the rule of `judge`.
    reason : str
        Key of the sentence that says why, in the catalogue of texts.
    latest, latest_year : float or None, int or None
        Last value observed, not after the due year.
    required_growth : float or None
        Growth a year from the latest value that would reach the target in the due year, as a fraction.
    observed_growth : float or None
        Growth a year from the observation (or baseline) before the latest one, as a fraction.
    growth_since_baseline : float or None
        Growth a year from the baseline (or the first observation) to the latest value, as a fraction.
    distance : float or None
        Target less latest value, in the unit of the series.
    """

    status: Status
    reason: str
    latest: float | None = None
    latest_year: int | None = None
    required_growth: float | None = None
    observed_growth: float | None = None
    growth_since_baseline: float | None = None
    distance: float | None = None


def judge(promise: Promise, observed: Mapping[int, float], *, year: int) -> Assessment:
    """Judge one promise.

    A promise is *met* when its latest value not after the due year reaches the target. Once the due year is past it
    is *behind* if that year or a later one was observed, else *unknown*. Before, it is *on track* when both the growth
    since the baseline and the latest growth are at least the growth still required, else *behind*. It is also
    *unknown* when there is no target, no observation, no due year, only one observation, or no growth rate, as between
    values that are not positive.

    Parameters
    ----------
    promise
        What was promised.
    observed
        Value by year, whole years only where the quantity adds up over a year.
    year
        Last year that counts as past.
    """
    if promise.target is None:
        return Assessment(status="unknown", reason="no_target")
    past = {at: value for at, value in observed.items() if promise.due_year is None or at <= promise.due_year}
    if not past:
        return Assessment(status="unknown", reason="no_observation")
    latest_year = max(past)
    latest = past[latest_year]
    earlier = {at: value for at, value in _with_baseline(promise, past).items() if at < latest_year}
    recent = since = None
    if earlier:
        last, start = max(earlier), promise.baseline_year if promise.baseline_year in earlier else min(earlier)
        recent = _growth(earlier[last], latest, latest_year - last)
        since = _growth(earlier[start], latest, latest_year - start)
    required = None if promise.due_year is None else _growth(latest, promise.target, promise.due_year - latest_year)
    status, reason = _settled(promise, promise.target, latest, max(observed), year) or (
        _by_growth(promise.aim, required, recent, since) if earlier else ("unknown", "one_observation")
    )
    return Assessment(
        status=status,
        reason=reason,
        latest=latest,
        latest_year=latest_year,
        required_growth=None if status == "met" else required,
        observed_growth=recent,
        growth_since_baseline=since,
        distance=promise.target - latest,
    )


def _with_baseline(promise: Promise, observed: Mapping[int, float]) -> dict[int, float]:
    """Add the baseline to the observations, where it has a year and a value."""
    if promise.baseline is None or promise.baseline_year is None:
        return dict(observed)
    return {**observed, promise.baseline_year: promise.baseline}


def _growth(start: float, end: float, years: int) -> float | None:
    """Compound growth a year; None where it has no meaning (no time between, a value that is not positive)."""
    if years <= 0 or start <= 0 or end <= 0:
        return None
    return float((end / start) ** (1 / years) - 1)


def _settled(
    promise: Promise, target: float, latest: float, last_observed: int, year: int
) -> tuple[Status, str] | None:
    """Judge what needs no growth: the target is reached, there is no due year, or it has passed."""
    if latest >= target if promise.aim == "at_least" else latest <= target:
        return "met", "reached"
    if promise.due_year is None:
        return "unknown", "no_due_year"
    if promise.due_year <= year:
        seen = last_observed >= promise.due_year
        return ("behind", "due_year_passed") if seen else ("unknown", "due_year_not_observed")
    return None


def _by_growth(aim: str, required: float | None, recent: float | None, since: float | None) -> tuple[Status, str]:
    """Compare what is needed a year with what was observed: of late, and since the baseline."""
    if required is None or recent is None or since is None:
        return "unknown", "no_growth_rate"
    slower = min(recent, since) if aim == "at_least" else max(recent, since)
    suffices = slower >= required if aim == "at_least" else slower <= required
    return ("on_track", "growth_suffices") if suffices else ("behind", "growth_too_small")


def assess(corridor: Corridor, *, year: int) -> pl.DataFrame:
    """Judge every commitment of a corridor.

    Parameters
    ----------
    corridor
        Tables ``commitments``, ``series`` and ``observations`` are read.
    year
        Last year that counts as past.

    Returns
    -------
    polars.DataFrame
        One row per commitment, sorted by id: ``id, title, sector, parties, series, unit, aim, baseline,
        baseline_year, target, due_year`` as in the table, and the columns of `Assessment`.
    """
    series = {row["id"]: row for row in corridor["series"].iter_rows(named=True)}
    observed = _observed(corridor)
    rows = []
    for row in corridor["commitments"].sort("id").iter_rows(named=True):
        counted = series.get(row["series"], {})
        promise = Promise(**{name: row[name] for name in Promise.__dataclass_fields__})
        result = judge(promise, observed.get(row["series"], {}), year=year)
        kept = ("id", "title", "sector", "parties", "series", "aim", "baseline", "baseline_year", "target", "due_year")
        rows.append({name: row[name] for name in kept} | {"unit": counted.get("unit")} | asdict(result))
    return pl.DataFrame(rows, schema=_SCHEMA)


def _observed(corridor: Corridor) -> dict[str, dict[int, float]]:
    """Value by series and year; of several months of a level, the last."""
    whole_years = (pl.col("from_month") == 1) & (pl.col("to_month") == 12)
    rows = (
        corridor["observations"]
        .join(corridor["series"].select("id", "measure"), left_on="series", right_on="id")
        .filter(whole_years | ~pl.col("measure").is_in(_SUMMED_OVER_A_YEAR))
        .sort("series", "year", "to_month", "from_month")
    )
    values: dict[str, dict[int, float]] = {}
    for series, year, value in rows.select("series", "year", "value").iter_rows():
        values.setdefault(series, {})[year] = value
    return values


_SCHEMA = pl.Schema(
    {
        "id": pl.String(),
        "title": pl.String(),
        "sector": pl.String(),
        "parties": pl.List(pl.String()),
        "series": pl.String(),
        "unit": pl.String(),
        "aim": pl.String(),
        "baseline": pl.Float64(),
        "baseline_year": pl.Int64(),
        "target": pl.Float64(),
        "due_year": pl.Int64(),
        "status": pl.String(),
        "reason": pl.String(),
        "latest": pl.Float64(),
        "latest_year": pl.Int64(),
        "required_growth": pl.Float64(),
        "observed_growth": pl.Float64(),
        "growth_since_baseline": pl.Float64(),
        "distance": pl.Float64(),
    }
)
