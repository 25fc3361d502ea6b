"""Whether a balance balances: worked out anew, account after account, from levels and contents alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.balances.problem import Problem

    Floats = NDArray[np.float64]

__all__ = ["Certificate", "certify"]


@dataclass(frozen=True)
class Certificate:
    """What a balance is worth, recomputed.

    Attributes
    ----------
    imbalance : float
        Largest sum of what comes to an account in a period, less what leaves it and what its stores take up and lose,
        over what comes and leaves there in the mean of all, or over 1 if that is less.
    excess : float
        By how much the worst level, content, ratio or limit passes its bound, over the bound or over 1.
    usd : float
        Cost of everything.
    gap : float
        Cost less the bound that prices and worths prove, over the cost or over 1; NaN without foresight.
    """

    imbalance: float
    excess: float
    usd: float
    gap: float


def certify(problem: Problem, level: Floats, content: Floats, below: Floats, gap: float) -> Certificate:
    """Judge a balance.

    Parameters
    ----------
    problem
        What was balanced.
    level, content
        As in `jibek.balances.Balance`.
    below : float64 array, shape (n_limits,)
        By how much each limit stays below its least, at a price.
    gap
        What duals prove.
    """
    acts, n_periods = problem.activities, problem.n_periods
    net = np.zeros((len(problem.accounts), n_periods))
    turnover = np.zeros(len(problem.accounts))
    for activity, account, delay, amount in zip(acts.activity, acts.account, acts.delay, acts.amount, strict=True):
        for period in range(n_periods):
            arrives = period + delay
            if arrives >= n_periods and problem.cyclic:
                arrives %= n_periods
            if arrives < n_periods:
                net[account, arrives] += amount[period] * level[activity, period]
                turnover[account] += abs(amount[period] * level[activity, period])
    excess = _beyond(level, acts.least, acts.most)
    for number, account in enumerate(problem.stores.account):
        before = problem.stores.initial[number]
        before = content[number, -1] if np.isnan(before) else before
        for period in range(n_periods):
            after = content[number, period]
            lost = problem.stores.loss[number, period] + problem.stores.loss_rate[number, period] * (before + after) / 2
            net[account, period] -= after - before + lost
            before = after
        capacity, dead, final = (getattr(problem.stores, name)[number] for name in ("capacity", "dead", "final"))
        excess = max(excess, _beyond(content[number], dead, capacity))
        if np.isfinite(final):
            excess = max(excess, _beyond(content[number, -1:], final, capacity))
    for number, (activity, base) in enumerate(zip(problem.ratios.activity, problem.ratios.base, strict=True)):
        least, most = (each[number] * level[base] for each in (problem.ratios.least, problem.ratios.most))
        excess = max(excess, _beyond(level[activity], least, most))
    limits = problem.limits
    use = limits.used(level)
    excess = max(excess, _beyond(use + below, limits.least, np.inf), _beyond(use, -np.inf, limits.most))
    usd = float((acts.usd * level).sum() + (limits.usd_below[below > 0] * below[below > 0]).sum())
    scale = np.maximum(turnover / max(n_periods, 1), 1.0)[:, None]
    return Certificate(imbalance=float(np.abs(net / scale).max(initial=0.0)), excess=excess, usd=usd, gap=gap)


def _beyond(values: Floats, least: Floats | float, most: Floats | float) -> float:
    """Give by how much the worst value passes its bounds, over the bound or over 1."""
    under = (least - values) / np.maximum(np.abs(np.where(np.isfinite(least), least, 1.0)), 1.0)
    over = (values - most) / np.maximum(np.abs(np.where(np.isfinite(most), most, 1.0)), 1.0)
    return float(max(under.max(initial=0.0), over.max(initial=0.0)))
