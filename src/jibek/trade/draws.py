"""How sure a counterfactual is: the same change under elasticities and costs drawn from their ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jibek.trade.equilibrium import counterfactual

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from jibek.trade.matrix import TradeMatrix

    Floats = NDArray[np.float64]

__all__ = ["Interval", "counterfactual_draws"]


@dataclass(frozen=True)
class Interval:
    """Quantiles over draws.

    Attributes
    ----------
    low, median, high : float64 arrays
        The 5th, 50th and 95th percentile of each value.
    """

    low: Floats
    median: Floats
    high: Floats


def counterfactual_draws(
    matrix: TradeMatrix,
    elasticities: Floats,
    cost_change: Callable[[int], Floats],
    *,
    progress: Callable[[int], None] = lambda _: None,
) -> tuple[Interval, Interval]:
    """Repeat a counterfactual and say how far its answers lie apart.

    Parameters
    ----------
    matrix
        Trade before.
    elasticities : float64 array, shape (n_draws,)
        One of each draw.
    cost_change
        Gives the change of costs of a draw, shape (n, n), as `jibek.trade.counterfactual` takes it.
    progress
        Told the number of each draw after it.

    Returns
    -------
    flows : Interval, shape (n, n)
        Trade over that before; NaN where there was none.
    real_income : Interval, shape (n,)
        Real income over that before.

    Raises
    ------
    TradeError
        As `jibek.trade.counterfactual` does.
    """
    flows = np.empty((len(elasticities), *matrix.flows.shape), np.float32)
    income = np.empty((len(elasticities), len(matrix.countries)))
    before = np.where(matrix.flows > 0, matrix.flows, np.nan)
    for number, elasticity in enumerate(elasticities.tolist()):
        found = counterfactual(matrix, elasticity, cost_change(number))
        flows[number], income[number] = found.flows / before, found.real_income_change
        progress(number)
    return _interval(flows), _interval(income)


def _interval(values: NDArray[np.floating]) -> Interval:
    low, median, high = np.quantile(values, [0.05, 0.5, 0.95], axis=0).astype(np.float64)
    return Interval(low, median, high)
