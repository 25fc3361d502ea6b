"""Trips that follow their cost by a constant elasticity, and what a change of costs is worth to the travellers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["DemandFunction"]

_MOST = 1e6  # times as many trips, or as few: beyond, the function is flat, and all numbers can be reckoned with


@dataclass(frozen=True)
class DemandFunction:
    """``trips * (cost / reference) ** -elasticity`` for each of some pairs; from a millionth to a million times trips.

    Attributes
    ----------
    trips : float64 array, shape (n_pairs,)
        Trips at the reference cost.
    reference : float64 array, shape (n_pairs,)
        Cost at which they were observed; above 0.
    elasticity : float64 array, shape (n_pairs,)
        Percent of the trips that one percent of cost takes away; at least 0.
    """

    trips: Floats
    reference: Floats
    elasticity: Floats

    def log_factor(self, cost: Floats) -> Floats:
        """Give the logarithm of the factor by which trips differ from those at the reference, at a cost."""
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = -self.elasticity * np.log(cost / self.reference)
        return np.where(self.elasticity > 0, np.clip(factor, -np.log(_MOST), np.log(_MOST)), 0.0)

    def at(self, cost: Floats) -> Floats:
        """Give the trips at a cost."""
        trips: Floats = self.trips * np.exp(self.log_factor(cost))
        return trips

    def slope_share(self, cost: Floats) -> Floats:
        """Give by which share trips fall as the cost rises by 1, at a cost; 0 where the function is flat."""
        inside = np.abs(self.log_factor(cost)) < np.log(_MOST)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(inside & (self.elasticity > 0), self.elasticity / cost, 0.0)

    def surplus(self, cost: Floats) -> Floats:
        """Give the change of the travellers' surplus: the integral of the function from a cost to the reference."""
        with np.errstate(divide="ignore", over="ignore"):
            reach = np.where(self.elasticity > 0, _MOST ** (1 / self.elasticity), np.inf)
        ratio = np.clip(cost / self.reference, 1 / reach, reach)
        power = 1 - self.elasticity
        log = np.log(np.maximum(ratio, np.finfo(float).tiny))
        # (1 - ratio ** power) / power, which is -log(ratio) for an elasticity of 1
        with np.errstate(divide="ignore", invalid="ignore"):
            curved = np.where(power == 0, -log, -np.expm1(power * log) / power)
        flat = self.at(cost) * (ratio * self.reference - cost)
        surplus: Floats = self.trips * self.reference * curved + flat
        return surplus
