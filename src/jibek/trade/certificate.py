"""Whether a counterfactual clears all markets: worked out anew, market after market, from what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.trade.matrix import TradeMatrix

    Floats = NDArray[np.float64]

__all__ = ["Certificate", "certify"]

_CLEAR = 1e-6


@dataclass(frozen=True)
class Certificate:
    """What a counterfactual is worth, recomputed.

    Attributes
    ----------
    clearing : float
        Largest difference between what a country sells and what it makes, over what it makes.
    prices : float
        Largest difference between a price index and the one that follows from wages and costs, over the latter.
    shares : float
        Largest difference between a share of trade and the one that follows from wages and costs.
    imbalances : float
        Largest change of a country's ratio of purchases to sales, over the change common to all.
    least_price : float
        Smallest change of a wage or a price index.
    """

    clearing: float
    prices: float
    shares: float
    imbalances: float
    least_price: float

    @property
    def is_sound(self) -> bool:
        """Whether prices are positive numbers that clear all markets."""
        errors = (self.clearing, self.prices, self.shares, self.imbalances)
        return bool(np.isfinite(self.least_price) and self.least_price > 0 and all(error <= _CLEAR for error in errors))


def certify(
    matrix: TradeMatrix, elasticity: float, cost_change: Floats, flows: Floats, wage: Floats, price: Floats
) -> Certificate:
    """Judge a counterfactual.

    Parameters
    ----------
    matrix, elasticity, cost_change
        As in `jibek.trade.counterfactual`.
    flows : float64 array, shape (n, n)
        Trade after the change.
    wage, price : float64 arrays, shape (n,)
        Changes of wages, with which output moves, and of price indices.
    """
    n = len(matrix.countries)
    before, bought = matrix.flows, flows.sum(axis=0)
    clearing = prices = shares = 0.0
    for buyer in range(n):
        terms = [
            before[seller, buyer] / before[:, buyer].sum() * (wage[seller] * cost_change[seller, buyer]) ** -elasticity
            for seller in range(n)
        ]
        prices = max(prices, abs(price[buyer] / sum(terms) ** (-1 / elasticity) - 1))
        wanted = np.array(terms) / sum(terms)
        shares = max(shares, float(np.abs(flows[:, buyer] / bought[buyer] - wanted).max()))
    for seller in range(n):
        made = wage[seller] * before[seller].sum()
        clearing = max(clearing, abs(flows[seller].sum() / made - 1))
    ratio = bought / flows.sum(axis=1) / (matrix.expenditure / matrix.output)
    return Certificate(
        clearing=float(clearing),
        prices=float(prices),
        shares=float(shares),
        imbalances=float(np.abs(ratio / ratio.mean() - 1).max()),
        least_price=float(min(wage.min(), price.min())),
    )
