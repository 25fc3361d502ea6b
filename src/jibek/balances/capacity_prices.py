"""Prices of shared capacities at which commodities, each for itself, nearly keep them: a rough start, fast.

The Lagrangian bound is concave in the prices, and its slope is the load less the capacity. Prices follow a smoothed
slope by the step of Polyak (1969, Minimization of unsmooth functionals, USSR Computational Mathematics 9), toward a
level that comes down whenever it is not approached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["ascend"]

_FIRST_RISE = 0.1  # hoped for over the first bound
_LAST_RISE = 2e-5  # at which the rest is left to the exchange
_SMOOTHING = 0.7
_PATIENCE = 3  # steps without a tenth of the rise
_LOWERED = 0.7
_WORTH = 0.05  # of the hoped-for rise: less is no progress
_MOST_STEPS = 300


def ascend(evaluate: Callable[[Floats], tuple[float, Floats]], capacity: Floats) -> tuple[Floats, int]:
    """Raise the Lagrangian bound.

    Parameters
    ----------
    evaluate
        Gives bound and loads, shape (n_rows,), at prices.
    capacity : float64 array, shape (n_rows,)
        Shared capacities.

    Returns
    -------
    price : float64 array, shape (n_rows,)
        Of the best bound that was seen.
    steps : int
        How often the bound was evaluated.
    """
    price: Floats = np.zeros(len(capacity))
    best_price, direction = price, price
    best, hoped, tries = -np.inf, np.inf, 0
    for step in range(_MOST_STEPS):
        bound, load = evaluate(price)
        if step == 0:
            hoped = _FIRST_RISE * abs(bound)
        tries = 0 if bound > best + _WORTH * hoped else tries + 1
        if bound > best:
            best, best_price = bound, price
        if tries >= _PATIENCE:
            hoped, tries = _LOWERED * hoped, 0
        slope: Floats = np.where((price > 0) | (load > capacity), load - capacity, 0.0)
        length = float(slope @ slope)
        if length == 0 or hoped <= _LAST_RISE * abs(best):
            break
        direction = slope if step == 0 else _SMOOTHING * direction + (1 - _SMOOTHING) * slope
        price = np.maximum(price + (best + hoped - bound) / length * direction, 0.0)
    return best_price, step + 1
