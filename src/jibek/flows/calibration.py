"""Calibration: constants, spreads and demand factors fitted to counts, by bounded, regularised least squares.

Only observations with use ``fit`` are seen. Residuals are logarithms of modelled over observed counts; series that
count the same share one weight; far misses weigh less than their square; each parameter is held near the
middle of its range.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.flows.assignment import pose
from jibek.flows.counts import observed_in
from jibek.flows.equilibrium import Equilibrium, Neighbourhood, Problem, solve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.flows.assignment import PricedRoutes
    from jibek.flows.counts import Counts
    from jibek.flows.preferences import Preference
    from jibek.flows.route_sets import RouteSets

    Floats = NDArray[np.float64]

__all__ = ["Calibration", "Sample", "calibrate", "folds_of"]

_POSITIVE = ("spread_nest", "spread_route", "demand")  # fitted by their logarithm
_SPREAD_OF_COUNT = {"observed": 0.1, "official": 0.1, "derived": 0.15, "estimate": 0.3}  # of the logarithm
_SPREAD_OF_PART_YEAR = 0.25
_SPREAD_OF_MODEL = 0.25  # what the best of such models miss at a crossing or a port, beside the errors of counts
_SPREAD_OF_CORRIDOR = 0.1  # the same for goods on a whole corridor, where misses of single routes cancel
_SPREAD_OF_YEAR = 0.1  # more for each year of distance from the base year, whose demand is known best
_FAR = 2.0  # standard deviations beyond which a miss weighs less than its square
_LEAST = 1e-3  # share of the observed below which a count is as good as missed
_STEP = 0.02  # of a parameter's range, for numeric derivatives
_RESIDUAL = 1e-7
_TOLERANCE = 1e-3  # of cost and parameters; finer is below what counts can tell


@dataclass(frozen=True)
class Sample:
    """One year of a calibration.

    Attributes
    ----------
    year : int
        Year.
    routes : RouteSets
        The alternatives.
    priced : PricedRoutes
        What they cost in that year.
    preferences : sequence of Preference
        Those that hold in the year.
    reference, quantity : float64 arrays, shape (n_pairs,)
        Cost of reference and demand before factors.
    counts : Counts
        What series count.
    world : Corridor
        The corridor in the year, with its observations.
    """

    year: int
    routes: RouteSets
    priced: PricedRoutes
    preferences: Sequence[Preference]
    reference: Floats
    quantity: Floats
    counts: Counts
    world: Corridor


@dataclass(frozen=True)
class Calibration:
    """Fitted values, and how well they fit.

    Attributes
    ----------
    values : mapping of str to float
        By id of the preference.
    predictions : polars.DataFrame
        ``year, series, group, observed, modelled, months, grade`` of the observations that were fitted.
    cost : float
        Half the sum of squared residuals, regularisation included.
    evaluations : int
        How often all years were solved.
    converged : bool
        Whether the fit ended at a minimum.
    """

    values: Mapping[str, float]
    predictions: pl.DataFrame
    cost: float
    evaluations: int
    converged: bool


def folds_of(counts: Counts, world: Corridor, folds: int) -> dict[str, int]:
    """Deal the quantities that are fitted out to folds, series of one quantity together, in the order of their ids.

    What is only checked takes no part, so that it can change without moving any fold.
    """
    fitted = set(world["series"].filter(pl.col("use") == "fit")["id"])
    number: dict[int, int] = {}
    dealt = {}
    for series, of in sorted(zip(counts.series, counts.group, strict=True)):
        if series in fitted:
            dealt[series] = number.setdefault(of, len(number) % folds)
    return dealt


def calibrate(
    samples: Sequence[Sample],
    ranges: Mapping[str, tuple[float, float]],
    *,
    base_year: int,
    use: Callable[[str], bool] = lambda _: True,
    weight_of_prior: float = 1.0,
    most_evaluations: int = 40,
    progress: Callable[[str], None] = lambda _: None,
) -> Calibration:
    """Fit the preferences that have a range, starting from the values that they have.

    Parameters
    ----------
    samples
        Years to fit together.
    ranges
        Least and greatest value by id of preference.
    base_year
        Year to whose counts the fit keeps closest.
    use
        Says of a series whether it may be seen; all observations of use ``fit`` when not given.
    weight_of_prior
        Weight of a parameter's distance from the middle of its range, half the range counting 1.
    most_evaluations
        Where to give up, in evaluations of the derivative.
    progress
        Called with a sentence after each evaluation.

    Raises
    ------
    ImportError
        Without SciPy, which comes with ``jibek[calibration]``.
    """
    from scipy.optimize import least_squares  # noqa: PLC0415 - only calibration needs it

    fit = _Fit(samples, ranges, base_year, use, weight_of_prior, progress)
    found = least_squares(
        fit.residuals,
        fit.start,
        jac=fit.derivative,
        bounds=(fit.low, fit.high),
        x_scale=fit.high - fit.low,
        max_nfev=most_evaluations,
        ftol=_TOLERANCE,
        xtol=_TOLERANCE,
    )
    if not found.success:
        progress(f"Not settled: {found.message}")
    predictions = fit.predictions(found.x)
    return Calibration(
        values=dict(zip(fit.ids, fit.values(found.x).tolist(), strict=True)),
        predictions=predictions,
        cost=float(found.cost),
        evaluations=fit.evaluations,
        converged=bool(found.success),
    )


class _Fit:
    """Residuals as a function of parameters."""

    def __init__(
        self,
        samples: Sequence[Sample],
        ranges: Mapping[str, tuple[float, float]],
        base_year: int,
        use: Callable[[str], bool],
        weight_of_prior: float,
        progress: Callable[[str], None],
    ) -> None:
        kinds = {p.id: p.kind for sample in samples for p in sample.preferences if p.id in ranges}
        self.ids = sorted(kinds)
        self._samples = samples
        self._weight_of_prior = weight_of_prior
        self._progress = progress
        self._solutions: list[Equilibrium | None] = [None] * len(samples)
        self._observed = [self._observations(sample, abs(sample.year - base_year), use) for sample in samples]
        self._positive = np.array([kinds[i] in _POSITIVE for i in self.ids])
        low, high = (np.array([ranges[i][end] for i in self.ids]) for end in (0, 1))
        self.low, self.high = self._transformed(low), self._transformed(high)
        self._neutral = (self.low + self.high) / 2
        now = {p.id: p.value for sample in samples for p in sample.preferences}
        given = self._transformed(np.array([now[i] for i in self.ids]))
        inside = 1e-6 * (self.high - self.low)
        self.start = np.clip(given, self.low + inside, self.high - inside)
        self.evaluations = 0

    def values(self, x: Floats) -> Floats:
        """Turn parameters into values of preferences."""
        return np.where(self._positive, np.exp(x), x)

    def residuals(self, x: Floats) -> Floats:
        """Compare all counts, and hold the parameters near the middle of their ranges."""
        self.evaluations += 1
        parts = self._by_sample(lambda number: self._compared(number, self._solved(number, x)))
        prior = self._weight_of_prior * (x - self._neutral) / ((self.high - self.low) / 2)
        residuals = np.concatenate([*parts, prior])
        self._progress(f"Evaluation {self.evaluations}: {float(residuals @ residuals) / 2:.4f}")
        return residuals

    def derivative(self, x: Floats) -> Floats:
        """Differentiate the residuals by each parameter, loads following to first order."""
        at = self.residuals(x)
        steps = _STEP * (self.high - self.low)
        steps = np.where(x + steps > self.high, -steps, steps)
        parts = self._by_sample(lambda number: self._derivative_of(number, x, steps))
        columns = np.concatenate([*parts, np.zeros((len(x), len(x)))])
        row = len(at) - len(x)
        columns[row:] = np.diag(self._weight_of_prior / ((self.high - self.low) / 2))
        return columns

    def _derivative_of(self, number: int, x: Floats, steps: Floats) -> Floats:
        """Differentiate the residuals of one year, whose loads the residuals have just been worked out with."""
        sample, solution = self._samples[number], self._solutions[number]
        assert solution is not None  # noqa: S101
        around = Neighbourhood(self._problem(sample, x), solution.load)
        unmoved = self._compared(number, around.flow(self._problem(sample, x)))
        columns = np.zeros((len(unmoved), len(x)))
        for parameter, step in enumerate(steps):
            moved = x.copy()
            moved[parameter] += step
            there = self._compared(number, around.flow(self._problem(sample, moved)))
            columns[:, parameter] = (there - unmoved) / step
        return columns

    def _by_sample(self, work: Callable[[int], Floats]) -> list[Floats]:
        """Work on all years side by side: the kernels let go of the interpreter."""
        with ThreadPoolExecutor() as pool:
            return list(pool.map(work, range(len(self._samples))))

    def predictions(self, x: Floats) -> pl.DataFrame:
        """List what is modelled beside what was observed."""
        frames = []
        for number, sample in enumerate(self._samples):
            modelled = self._counted(number, self._solved(number, x))
            frames.append(
                self._observed[number].with_columns(
                    year=pl.lit(sample.year, dtype=pl.Int64), modelled=pl.Series(modelled, dtype=pl.Float64)
                )
            )
        columns = ("year", "series", "group", "observed", "modelled", "months", "grade")
        return pl.concat(frames).select(columns).sort("year", "series")

    def _transformed(self, values: Floats) -> Floats:
        return np.where(self._positive, np.log(np.maximum(values, 1e-9)), values)

    def _observations(self, sample: Sample, years_off: int, use: Callable[[str], bool]) -> pl.DataFrame:
        schema = {"series": pl.String, "group": pl.Int64}
        columns = (sample.counts.series, sample.counts.group)
        counts = pl.DataFrame(dict(zip(schema, columns, strict=True)), schema=schema).with_row_index("row")
        seen = observed_in(sample.world, sample.year).filter((pl.col("use") == "fit") & (pl.col("observed") > 0))
        rows = counts.join(seen, on="series").sort("series")
        rows = rows.filter(pl.Series([use(series) for series in rows["series"]], dtype=pl.Boolean))
        spread = pl.col("grade").replace_strict(_SPREAD_OF_COUNT, return_dtype=pl.Float64)
        spread = (
            pl.when(pl.col("months") < 12)
            .then(pl.max_horizontal(spread, pl.lit(_SPREAD_OF_PART_YEAR)))
            .otherwise(spread)
        )
        of_corridors = sample.world["counts"].filter(pl.col("table") == "corridors")["series"]
        whole = pl.col("series").is_in(of_corridors.implode()) & pl.col("base_unit").is_in(["t", "TEU"])
        of_model = pl.when(whole).then(_SPREAD_OF_CORRIDOR).otherwise(_SPREAD_OF_MODEL)
        spread = (spread**2 + of_model**2 + (_SPREAD_OF_YEAR * years_off) ** 2).sqrt()
        return rows.with_columns(spread=spread, same=pl.len().over("group").cast(pl.Float64))

    def _compared(self, number: int, flow: Floats) -> Floats:
        """Give the residuals of one year's counts: logarithms of modelled over observed, in standard deviations.

        They are softened so that their squares make the pseudo-Huber loss, and divided
        so that series of one quantity weigh as one.
        """
        rows = self._observed[number]
        observed, spread, same = (rows[name].to_numpy() for name in ("observed", "spread", "same"))
        miss = np.log(np.maximum(self._counted(number, flow), _LEAST * observed) / observed) / spread
        compared: Floats = miss * np.sqrt(2 / (1 + np.sqrt(1 + (miss / _FAR) ** 2))) / np.sqrt(same)
        return compared

    def _counted(self, number: int, flow: Floats) -> Floats:
        counted: Floats = self._samples[number].counts.modelled(flow)[self._observed[number]["row"].to_numpy()]
        return counted

    def _solved(self, number: int, x: Floats) -> Floats:
        """Solve one year, from the solution of the last time, and give the flows."""
        solution = solve(self._problem(self._samples[number], x), residual=_RESIDUAL, start=self._solutions[number])
        self._solutions[number] = solution
        return solution.flow

    def _problem(self, sample: Sample, x: Floats) -> Problem:
        fitted = dict(zip(self.ids, self.values(x).tolist(), strict=True))
        preferences = [replace(p, value=fitted.get(p.id, p.value)) for p in sample.preferences]
        return pose(sample.routes, sample.priced, preferences, sample.reference, sample.quantity)
