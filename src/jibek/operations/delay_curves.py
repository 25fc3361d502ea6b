"""How long a station makes one wait at which load: measured by simulation, made increasing and convex."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from jibek.errors import Fault, OperationsError
from jibek.operations.simulation import simulate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from jibek.operations.elements import Route
    from jibek.operations.model import Model

    Floats = NDArray[np.float64]

__all__ = ["DelayCurve", "convex_increasing", "delay_curves"]


@dataclass(frozen=True)
class DelayCurve:
    """Mean wait at a station by load.

    Attributes
    ----------
    station : str
        Its name.
    factor : float64 array, shape (n_points,)
        By which the volumes were multiplied, increasing; without those at which nobody came, or no more than at a
        smaller one.
    load : float64 array, shape (n_points,)
        Consignments and vehicles that arrive in 24 hours, increasing.
    hours : float64 array, shape (n_points,)
        Mean wait: increasing and convex in load.
    low, high : float64 arrays, shape (n_points,)
        Interval of the wait that was measured.
    moved : float
        How far ``hours`` stands from what was measured at most, hours.
    overloaded : tuple of float
        Factors at which the queue had no end; they give no point.
    """

    station: str
    factor: Floats
    load: Floats
    hours: Floats
    low: Floats
    high: Floats
    moved: float
    overloaded: tuple[float, ...]


def delay_curves(
    model: Model,
    factors: Sequence[float],
    *,
    hours: float,
    warmup_hours: float = 0.0,
    replications: int = 10,
    seed: int = 0,
    confidence: float = 0.95,
    threads: int | None = None,
) -> tuple[DelayCurve, ...]:
    """Measure the curves of all stations at once.

    Parameters
    ----------
    model
        At its present volume; all routes need an ``interval``.
    factors
        By which all volumes are multiplied, one simulation each; above 0 and increasing.
    hours, warmup_hours, replications, seed, confidence, threads
        See `simulate`.

    Returns
    -------
    curves : tuple of DelayCurve
        In order of the stations' names.

    Raises
    ------
    OperationsError
        If volumes cannot be multiplied so.
    """
    _check(model, factors)
    runs = []
    for factor in factors:
        routes = tuple(_scaled(route, factor) for route in model.routes)
        found = simulate(
            replace(model, routes=routes),
            hours=hours,
            warmup_hours=warmup_hours,
            replications=replications,
            seed=seed,
            confidence=confidence,
            threads=threads,
        )
        runs.append(found.stations)
    days = (hours - warmup_hours) / 24.0
    curves = []
    for at, station in enumerate(runs[0].ids):
        points = [
            (run.arrived.value[at] / days, *(each[at] for each in (mean.value, mean.low, mean.high)), factor)
            for run, factor in zip(runs, factors, strict=True)
            for mean in [run.wait.mean]
        ]
        rows = np.array([row for row in points if np.isfinite(row[1])]).reshape(-1, 5)
        rows = rows[np.concatenate([[True], np.diff(rows[:, 0]) > 0])[: len(rows)]]
        shaped, moved = convex_increasing(rows[:, 0], rows[:, 1])
        endless = tuple(
            factor for run, factor in zip(runs, factors, strict=True) if np.isnan(run.queue.value[at])
        )  # the wait has no mean where nobody came, either
        curves.append(DelayCurve(station, rows[:, 4], rows[:, 0], shaped, rows[:, 2], rows[:, 3], moved, endless))
    return tuple(curves)


def convex_increasing(x: Floats, y: Floats) -> tuple[Floats, float]:
    """Give the increasing, convex values that are nowhere farther from ``y`` than must be, and how far that is.

    The greatest increasing convex function below the points lies at most some distance below them; half of that
    distance above it, it is as near as any such function can be.

    Parameters
    ----------
    x : float64 array, shape (n,)
        Strictly increasing.
    y : float64 array, shape (n,)
        Values.

    Returns
    -------
    values : float64 array, shape (n,)
        Increasing and convex.
    moved : float
        Largest distance.
    """
    if len(x) == 0:
        return y, 0.0
    lowest = np.minimum.accumulate(y[::-1])[::-1]
    hull: list[int] = []
    for at in range(len(x)):
        while len(hull) > 1 and _turns_down(x, lowest, hull[-2], hull[-1], at):
            hull.pop()
        hull.append(at)
    below = np.interp(x, x[hull], lowest[hull])
    moved = float((y - below).max() / 2.0)
    return below + moved, moved


def _turns_down(x: Floats, y: Floats, first: int, middle: int, last: int) -> bool:
    """Say whether the middle of three points lies on or above the line between the others."""
    return bool((y[middle] - y[first]) * (x[last] - x[first]) >= (y[last] - y[first]) * (x[middle] - x[first]))


def _scaled(route: Route, factor: float) -> Route:
    """Return a route with more or less volume."""
    return route if route.interval is None else replace(route, interval=route.interval.scaled(1.0 / factor))


def _check(model: Model, factors: Sequence[float]) -> None:
    """Check that volumes can be multiplied."""
    remedy = "Give the time between arrivals instead of their hours."
    faults = [
        Fault("fault", "routes", route.id, "interval", "none", "an interval, which a volume divides", remedy)
        for route in model.routes
        if route.interval is None
    ]
    increase = all(after > before for before, after in zip([0.0, *factors], factors, strict=False))
    if not factors or not increase:
        remedy = "List the factors in order."
        faults.append(Fault("fault", "simulation", "", "factors", str(factors), "increasing, above 0", remedy))
    if faults:
        raise OperationsError(faults)
