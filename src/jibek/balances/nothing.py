"""Something from nothing: activities that go round in a circle and bring more than they take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jibek.balances.programme import Programme, compressed
from jibek.balances.solver import run

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.balances.problem import Problem

    Floats = NDArray[np.float64]

__all__ = ["from_nothing"]

_GAIN = 1e-7  # of what goes round in all


def from_nothing(problem: Problem) -> tuple[str, ...]:
    """Find activities that together take nothing from outside and still bring something.

    Each entry counts with its best amount of all periods, wherever it arrives in time, and each ratio with its widest
    multiples; capacities and prices do not count. Activities that by themselves only bring are sources, and not meant.
    The circle is the answer of a small programme: of all mixes of activities whose levels sum to 1 and after which no
    account lacks anything, the one that brings most.

    Returns
    -------
    tuple of str
        Ids of the activities; empty where there is no such circle.
    """
    acts, ratios = problem.activities, problem.ratios
    n, n_accounts = len(acts.ids), len(problem.accounts)
    if problem.n_periods == 0:
        return ()
    amount = acts.amount.max(axis=1)
    if not _may_gain(problem, amount):
        return ()
    n_ratios = len(ratios.activity)
    row = np.concatenate(
        [
            acts.account,
            *(n_accounts + part * n_ratios + np.arange(n_ratios) for part in (0, 0, 1, 1)),
            np.full(n, n_accounts + 2 * n_ratios),
        ]
    )
    column = np.concatenate([acts.activity, *(ratios.activity, ratios.base) * 2, np.arange(n)])
    ones = np.ones(n_ratios)
    least, most = ratios.least.min(axis=1, initial=np.inf), ratios.most.max(axis=1, initial=0.0)
    value = np.concatenate([amount, ones, -least, -ones, np.minimum(most, 1e12), np.ones(n)])
    start, row, value = compressed([(row, column, value)], n)
    gains = np.bincount(acts.activity, amount, n).astype(np.float64)
    balanced = np.zeros(n_accounts + 2 * n_ratios)
    answer = run(
        Programme(
            problem=problem,
            start=start,
            row=row,
            value=value,
            cost=-gains,
            lower=np.zeros(n),
            upper=np.where(_sources(problem, amount), 0.0, 1.0),
            row_lower=np.append(balanced, 0.0),
            row_upper=np.append(np.full(len(balanced), np.inf), 1.0),
            soft=np.zeros(0, np.int64),
        )
    )
    if answer.status != "optimal" or gains @ answer.column <= _GAIN:
        return ()
    return tuple(acts.ids[number] for number in np.flatnonzero(answer.column > _GAIN))


def _may_gain(problem: Problem, amount: Floats) -> bool:
    """Say whether anything that takes may bring more than it takes; on a mere network nothing does."""
    acts = problem.activities
    gains = np.bincount(acts.activity, amount, len(acts.ids))
    takes = np.bincount(acts.activity, amount < 0, len(acts.ids)) > 0
    return len(problem.ratios.activity) > 0 or bool((gains[takes] > _GAIN).any())


def _sources(problem: Problem, amount: Floats) -> NDArray[np.bool_]:
    """Mark what only brings: no part of the process to which an activity belongs takes anything."""
    acts, ratios = problem.activities, problem.ratios
    takes = np.bincount(acts.activity, amount < 0, len(acts.ids)) > 0
    process = np.arange(len(acts.ids))
    process[ratios.activity] = ratios.base
    taking: NDArray[np.bool_] = np.bincount(process, takes, len(acts.ids)) > 0
    sources: NDArray[np.bool_] = ~taking[process]
    return sources
