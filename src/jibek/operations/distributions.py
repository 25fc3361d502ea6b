"""How long things take, in hours: distributions given by mean and coefficient of variation, or by observed values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "MOST_VARIED",
    "Distribution",
    "DistributionKind",
    "constant",
    "empirical",
    "exponential",
    "gamma",
    "lognormal",
]

MOST_VARIED = 100.0
"""The greatest coefficient of variation that a model may have."""


class DistributionKind(IntEnum):
    """The family."""

    CONSTANT = 0
    EXPONENTIAL = 1
    GAMMA = 2
    LOGNORMAL = 3
    EMPIRICAL = 4


@dataclass(frozen=True)
class Distribution:
    """A distribution of hours, not negative.

    Attributes
    ----------
    kind : DistributionKind
        The family.
    mean : float
        Hours.
    cv : float
        Standard deviation over mean.
    values : tuple of float
        For `EMPIRICAL`: the values, each equally likely.
    """

    kind: DistributionKind
    mean: float
    cv: float = 0.0
    values: tuple[float, ...] = ()

    def scaled(self, factor: float) -> Distribution:
        """Return the distribution with all hours multiplied."""
        return replace(self, mean=self.mean * factor, values=tuple(value * factor for value in self.values))


def constant(hours: float) -> Distribution:
    """Return always the same."""
    return Distribution(DistributionKind.CONSTANT, hours)


def exponential(mean: float) -> Distribution:
    """Return the exponential distribution: what has lasted long lasts no less for it."""
    return Distribution(DistributionKind.EXPONENTIAL, mean, 1.0)


def gamma(mean: float, cv: float) -> Distribution:
    """Return the gamma distribution; with a cv of ``1 / sqrt(k)`` it is Erlang's of k phases."""
    return Distribution(DistributionKind.GAMMA, mean, cv)


def lognormal(mean: float, cv: float) -> Distribution:
    """Return the lognormal distribution, which has the longer tail."""
    return Distribution(DistributionKind.LOGNORMAL, mean, cv)


def empirical(values: Sequence[float]) -> Distribution:
    """Return the distribution of observed values, each equally likely."""
    observed = tuple(float(value) for value in values)
    mean = sum(observed) / len(observed) if observed else 0.0
    variance = sum((value - mean) ** 2 for value in observed) / len(observed) if observed else 0.0
    return Distribution(DistributionKind.EMPIRICAL, mean, variance**0.5 / mean if mean else 0.0, observed)
