"""How sure an average is: intervals from independent replications, or from batches of one long run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Estimates", "batch_ratios", "half_width", "means", "ratios", "student_quantile"]

_CORRELATED = 1.645  # times 1 over the root of the number of batches: one-sided 5 % of the first autocorrelation


@dataclass(frozen=True)
class Estimates:
    """Averages with their intervals, all of one shape; NaN where there is nothing to tell.

    Attributes
    ----------
    value : float64 array
        The average.
    low, high : float64 arrays
        Ends of its confidence interval.
    """

    value: Floats
    low: Floats
    high: Floats

    def without(self, rows: NDArray[np.bool_]) -> Estimates:
        """Return the estimates with NaN in the rows named."""
        return Estimates(*(np.where(rows, np.nan, column) for column in (self.value, self.low, self.high)))


def student_quantile(probability: float, degrees: int) -> float:
    """Give the quantile of Student's t, above the median, by Hill's series (1970, algorithm 396).

    Parameters
    ----------
    probability
        Above 0.5 and below 1.
    degrees
        Degrees of freedom, at least 1.
    """
    tail = 2.0 * (1.0 - probability)
    if degrees == 1:
        return 1.0 / math.tan(tail * math.pi / 2.0)
    if degrees == 2:
        return math.sqrt(2.0 / (tail * (2.0 - tail)) - 2.0)
    a = 1.0 / (degrees - 0.5)
    b = 48.0 / a**2
    c = ((20700.0 * a / b - 98.0) * a - 16.0) * a + 96.36
    d = ((94.5 / (b + c) - 3.0) / b + 1.0) * math.sqrt(a * math.pi / 2.0) * degrees
    y = (d * tail) ** (2.0 / degrees)
    if y > 0.05 + a:
        x = NormalDist().inv_cdf(0.5 * tail)
        y = x * x
        if degrees < 5:
            c += 0.3 * (degrees - 4.5) * (x + 0.6)
        c += (((0.05 * d * x - 5.0) * x - 7.0) * x - 2.0) * x + b
        y = (((((0.4 * y + 6.3) * y + 36.0) * y + 94.5) / c - y - 3.0) / b + 1.0) * x
        y = math.expm1(a * y * y)
    else:
        y = (
            (
                1.0 / (((degrees + 6.0) / (degrees * y) - 0.089 * d - 0.822) * (degrees + 2.0) * 3.0)
                + 0.5 / (degrees + 4.0)
            )
            * y
            - 1.0
        ) * (degrees + 1.0) / (degrees + 2.0) + 1.0 / y
    return math.sqrt(degrees * y)


def half_width(spread: Floats, count: int, confidence: float) -> Floats:
    """Give half the width of an interval from a standard deviation between so many values; NaN for one value."""
    if count < 2:
        return np.full_like(spread, np.nan)
    return student_quantile(0.5 + confidence / 2, count - 1) * spread / math.sqrt(count)


def means(values: Floats, confidence: float) -> Estimates:
    """Estimate averages from independent replications, one a row."""
    value = values.mean(axis=0)
    half = half_width(values.std(axis=0, ddof=1) if len(values) > 1 else value, len(values), confidence)
    return Estimates(value, value - half, value + half)


def ratios(totals: Floats, counts: Floats, confidence: float) -> Estimates:
    """Estimate averages per observation from replications that each have some: the ratio estimator.

    Parameters
    ----------
    totals, counts : float64 arrays, shape (n_replications, ...)
        Sum and number of the observations.
    confidence
        Of the interval.
    """
    count = counts.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = totals.sum(axis=0) / count
        apart = (totals - value * counts) / (count / len(counts))
    spread = np.sqrt((apart**2).sum(axis=0) / max(len(counts) - 1, 1))
    half = np.where(count > 1, half_width(spread, len(counts), confidence), np.nan)
    return Estimates(value, value - half, value + half)


def batch_ratios(totals: Floats, counts: Floats, confidence: float) -> tuple[Estimates, NDArray[np.bool_]]:
    """Estimate averages per observation from the batches of one run, and say where it is too short for an interval.

    It is where a batch is empty or where the means of neighbouring batches hang together: then more time must pass
    until what happens is independent of what was (von Neumann 1941).

    Parameters
    ----------
    totals, counts : float64 arrays, shape (n_batches, n_rows)
        Sum and number of the observations.
    confidence
        Of the interval.
    """
    found = ratios(totals, counts, confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = totals / counts - found.value
        correlation = (apart[1:] * apart[:-1]).sum(axis=0) / (apart**2).sum(axis=0)
    short = (counts == 0).any(axis=0) | (correlation > _CORRELATED / math.sqrt(len(counts)))
    low, high = (np.where(short, np.nan, end) for end in (found.low, found.high))
    return Estimates(found.value, low, high), short
