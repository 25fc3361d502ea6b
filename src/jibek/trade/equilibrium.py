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

_ENOUGH = 1e-13  # excess demand over what is made
_MOST_STEPS = 12  # of Newton's method for one part of the change
_FAR = 10.0  # change of the logarithm of a wage in one step, after which nothing is found
_LEAST_PART = 2.0**-20  # of the change, below which nothing is found


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
    iterations : int
        Steps of Newton's method.
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
    iterations: int
    certificate: Certificate


def counterfactual(matrix: TradeMatrix, elasticity: float, cost_change: Floats) -> Counterfactual:
    """Find the trade that follows from a change of costs.

    Where Newton's method fails for the whole change, it is made in parts, each from the solution of the one before.

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
    state, steps = _solved(matrix, elasticity, cost_change)
    flows = state.shares * state.expenditure
    price = np.exp(-state.log_competition / elasticity)
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
        iterations=steps,
        certificate=certificate,
    )


def _solved(matrix: TradeMatrix, elasticity: float, cost_change: Floats) -> tuple[_State, int]:
    """Clear all markets, for the whole change at once if that succeeds, else for one part of it after the other."""
    n, ratio = len(matrix.countries), matrix.expenditure / matrix.output
    wage: Floats = np.ones(n)
    done, part, steps = 0.0, 1.0, 0
    with np.errstate(divide="ignore"):
        log_shares = np.log(matrix.shares)  # minus infinity where nothing was bought
    while True:
        log_reachable = log_shares - elasticity * (done + part) * np.log(cost_change)
        state, tried = _Market(log_reachable, matrix.output, ratio, elasticity).cleared(wage)
        steps += tried
        if state is None:
            part /= 2
            if part < _LEAST_PART:
                remedy = "Make the change smaller, or look for countries that buy from nobody or sell to nobody abroad."
                found, expected = f"none beyond {done:.3g} of the change", "prices that clear all markets"
                raise TradeError([Fault("fault", "trade", "", "equilibrium", found, expected, remedy)])
            continue
        wage, done = state.wage, done + part
        if done == 1.0:
            return state, steps
        part = min(2 * part, 1.0 - done)


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
    log_competition: Floats
    shares: Floats
    expenditure: Floats
    sales: Floats


class _Market:
    """All countries at some wages."""

    def __init__(self, log_reachable: Floats, output: Floats, ratio: Floats, elasticity: float) -> None:
        self._log_reachable, self._output, self._ratio, self._elasticity = log_reachable, output, ratio, elasticity
        self._world = output.sum()

    def at(self, wage: Floats) -> _State:
        """Follow wages to sales, at the world's output of before."""
        wage = wage * (self._world / (wage @ self._output))
        log_weights = self._log_reachable - self._elasticity * np.log(wage)[:, None]
        greatest = log_weights.max(axis=0)
        weights = np.exp(log_weights - greatest)
        competition = weights.sum(axis=0)
        shares = weights / competition
        spent = self._ratio * wage * self._output
        expenditure = spent * (self._world / spent.sum())
        return _State(wage, greatest + np.log(competition), shares, expenditure, shares @ expenditure)

    def excess(self, state: _State) -> Floats:
        """Give demand over what is made, country by country, in logarithms."""
        excess: Floats = np.log(state.sales / (state.wage * self._output))
        return excess

    def cleared(self, wage: Floats) -> tuple[_State | None, int]:
        """Clear all markets by Newton's method for excess demand by wages, both in logarithms; None if it fails."""
        state = self.at(wage)
        for step in range(_MOST_STEPS):
            excess = self.excess(state)
            if np.abs(excess).max(initial=0.0) <= _ENOUGH:
                return state, step
            moved = np.linalg.solve(self._slopes(state), -excess)
            if not np.abs(moved).max(initial=0.0) < _FAR:
                break
            state = self.at(state.wage * np.exp(moved))
        return None, _MOST_STEPS

    def _slopes(self, state: _State) -> Floats:
        """Differentiate excess demand by wages, both in logarithms; a rise of all wages alike counts as excess."""
        spent = state.shares * state.expenditure
        sales: Floats = self._elasticity * (spent @ state.shares.T) + spent
        # A rise of all wages alike is taken out; what it adds to demand and takes away again leaves expenditure here.
        slopes: Floats = sales / state.sales[:, None] - state.expenditure / self._world
        slopes[np.diag_indices_from(slopes)] -= self._elasticity + 1
        return slopes
