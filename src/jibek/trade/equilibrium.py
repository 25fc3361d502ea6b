"""What trade becomes when costs change: general equilibrium of one sector in changes, exact hat algebra.

Each country makes goods of its own from its labour and buys from all, so that the share of exporter ``i`` in what ``j``
spends is

    share_ij = (wage_i cost_ij) ** -elasticity / sum over k of (wage_k cost_kj) ** -elasticity.

Written in changes (hats), technology and the level of costs drop out, and the trade of today is all that is needed
(Dekle, Eaton and Kortum 2007, Unbalanced trade, American Economic Review 97; ids `trade-1` to `trade-3` of the
documentation). A country whose sales exceed its purchases keeps the ratio of the two (Yotov, Piermartini, Monteiro and
Larch 2016, chapter 2), up to a factor common to all that lets the world spend what it earns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jibek.errors import Fault, TradeError
from jibek.trade.certificate import Certificate, certify
from jibek.trade.matrix import pair_faults

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.trade.matrix import TradeMatrix

    Floats = NDArray[np.float64]

__all__ = ["Counterfactual", "counterfactual"]

_ENOUGH = 1e-13  # excess demand over sales
_MOST_STEPS = 200
_SHORTEST = 1e-4  # of a Newton step, below which the plain step is taken
_LONGEST_STEP = 2.0  # change of a logarithm of a wage in one step


@dataclass(frozen=True)
class Counterfactual:
    """Trade after a change of costs, relative to world output, which is the numéraire.

    Attributes
    ----------
    countries : tuple of str, length n
        Their codes.
    elasticity : float
        By which trade falls with its cost.
    flows : float64 array, shape (n, n)
        Trade, in the currency of the matrix and at the same world output.
    output_change : float64 array, shape (n,)
        Nominal output, which moves with the wage, over that before.
    price_change : float64 array, shape (n,)
        Price index of what is bought, over that before.
    real_output_change : float64 array, shape (n,)
        Output over price index, over that before: ``share at home ** (-1 / elasticity)`` (Arkolakis, Costinot and
        Rodríguez-Clare 2012, American Economic Review 102, equation 1).
    real_income_change : float64 array, shape (n,)
        Expenditure over price index, over that before; differs where world imbalances do.
    converged : bool
        Whether all markets clear.
    iterations : int
        Steps.
    certificate : Certificate
        What the solution is worth, worked out anew.
    """

    countries: tuple[str, ...]
    elasticity: float
    flows: Floats
    output_change: Floats
    price_change: Floats
    real_output_change: Floats
    real_income_change: Floats
    converged: bool
    iterations: int
    certificate: Certificate


def counterfactual(matrix: TradeMatrix, elasticity: float, cost_change: Floats) -> Counterfactual:
    """Find the trade that follows from a change of costs.

    Parameters
    ----------
    matrix
        Trade before.
    elasticity
        By which trade falls with its cost, above 0; in Armington's model the elasticity of substitution less 1.
    cost_change : float64 array, shape (n, n)
        Cost of bringing goods from the row's country to the column's, all that is paid for goods worth 1, over that
        before: 1.05 where carriage rises by 5 percent of the value of goods.

    Raises
    ------
    TradeError
        If the elasticity or a change is not above 0, or no equilibrium with positive trade was found.
    """
    _check(matrix, elasticity, cost_change)
    n = len(matrix.countries)
    reachable = matrix.shares * np.power(cost_change, -elasticity)
    ratio = matrix.expenditure / matrix.output
    wage, steps, excess = np.ones(n), 0, np.inf
    market = _Market(reachable, matrix.output, ratio, elasticity)
    state = market.at(wage)
    while steps < _MOST_STEPS and (excess := market.distance(state)) > _ENOUGH:
        state = market.improved(state)
        steps += 1
    flows = state.shares * state.expenditure
    price = state.competition ** (-1 / elasticity)
    certificate = certify(matrix, elasticity, cost_change, flows, state.wage, price)
    if not certificate.is_sound:
        raise TradeError([_without_meaning(certificate)])
    return Counterfactual(
        countries=matrix.countries,
        elasticity=elasticity,
        flows=flows,
        output_change=state.wage,
        price_change=price,
        real_output_change=state.wage / price,
        real_income_change=state.expenditure / matrix.expenditure / price,
        converged=bool(excess <= _ENOUGH or certificate.clearing <= 1e-9),
        iterations=steps,
        certificate=certificate,
    )


def _check(matrix: TradeMatrix, elasticity: float, cost_change: Floats) -> None:
    """Refuse what has no meaning."""
    n = len(matrix.countries)
    if not 0 < elasticity < np.inf:
        remedy = "Give it as a positive number: trade falls where its cost rises."
        raise TradeError([Fault("fault", "trade", "", "elasticity", str(elasticity), "above 0", remedy)])
    if cost_change.shape != (n, n):
        shape, remedy = " by ".join(map(str, cost_change.shape)), "Give one change for every pair, 1 where none is."
        raise TradeError([Fault("fault", "trade", "", "cost_change", shape, f"{n} by {n}", remedy)])
    faults = list(pair_faults("cost_change", matrix.countries, cost_change, cost_change > 0, "a number above 0"))
    if faults:
        raise TradeError(faults)


def _without_meaning(certificate: Certificate) -> Fault:
    found = f"clearing off by {certificate.clearing:.1e}, least price {certificate.least_price:.1e}"
    remedy = "Make the change of costs smaller, or look for countries that trade with nobody."
    return Fault("fault", "trade", "", "equilibrium", found, "positive prices that clear all markets", remedy)


@dataclass(frozen=True)
class _State:
    """What follows from wages."""

    wage: Floats
    competition: Floats
    shares: Floats
    expenditure: Floats
    sales: Floats


class _Market:
    """All countries at some wages."""

    def __init__(self, reachable: Floats, output: Floats, ratio: Floats, elasticity: float) -> None:
        self._reachable, self._output, self._ratio, self._elasticity = reachable, output, ratio, elasticity
        self._world = output.sum()

    def at(self, wage: Floats) -> _State:
        """Follow wages to sales, at the world's output of before."""
        wage = wage * (self._world / (wage @ self._output))
        weights = self._reachable * (wage**-self._elasticity)[:, None]
        competition = weights.sum(axis=0)
        shares = weights / competition
        spent = self._ratio * wage * self._output
        expenditure = spent * (self._world / spent.sum())
        return _State(wage, competition, shares, expenditure, shares @ expenditure)

    def distance(self, state: _State) -> float:
        """Give the largest excess demand, as a share of what a country makes."""
        made = state.wage * self._output
        return float(np.abs(state.sales / made - 1).max(initial=0.0))

    def improved(self, state: _State) -> _State:
        """Take a step of Newton's method for excess demand in logarithms of wages, or a plain one if it does not help.

        The plain step raises wages where demand exceeds what is made; goods are gross substitutes, so it comes to the
        equilibrium from anywhere (Alvarez and Lucas 2007, Journal of Monetary Economics 54).
        """
        made = state.wage * self._output
        step = np.clip(np.linalg.solve(self._slopes(state, made), made - state.sales), -_LONGEST_STEP, _LONGEST_STEP)
        length = 1.0
        while length > _SHORTEST:
            tried = self.at(state.wage * np.exp(length * step))
            if self.distance(tried) < self.distance(state):
                return tried
            length /= 4
        return self.at(state.wage * (state.sales / made) ** (1 / (1 + self._elasticity)))

    def _slopes(self, state: _State, made: Floats) -> Floats:
        """Differentiate sales less what is made by the logarithms of wages; what is made in the world is kept."""
        spent = state.shares * state.expenditure
        world = made / self._world - state.expenditure / self._world
        slopes: Floats = self._elasticity * (spent @ state.shares.T) + spent + np.outer(state.sales, world)
        slopes[np.diag_indices_from(slopes)] -= self._elasticity * state.sales + made
        return slopes - np.outer(made, made / self._world)
