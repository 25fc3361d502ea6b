"""A problem balanced with foresight: one linear programme over all periods."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from jibek.balances.aims import least_amount, run_in_turn
from jibek.balances.certificate import certify
from jibek.balances.explanation import unsolved
from jibek.balances.programme import build
from jibek.balances.solution import Balance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.balances.problem import Problem
    from jibek.balances.programme import Programme
    from jibek.balances.solver import Answer

    Floats = NDArray[np.float64]

__all__ = ["balance"]


def balance(problem: Problem) -> Balance:
    """Find the cheapest way to serve a system, all periods known; of several, the one of the least amounts.

    Parameters
    ----------
    problem
        The system.

    Raises
    ------
    ConflictError
        If nothing satisfies all bounds: with the accounts, limits and bounds that conflict, and by how much.
    BalanceError
        If cost can fall without end, with the way along which it falls.
    """
    programme = build(problem)
    answers = run_in_turn(programme, [programme.cost, _amount_kept(programme)])
    if answers[-1].status != "optimal":
        raise unsolved(programme, answers[-1].status)
    cheapest, chosen = answers
    return _balance(programme, replace(cheapest, column=chosen.column))


def _amount_kept(programme: Programme) -> Floats:
    """Give the aim that leaves one answer: the least amount, but nobody empties a store for nothing.

    What a store holds counts against the amount where its first content is given; where it is unknown, a store needs
    no more than it has use for.
    """
    aim, stores = least_amount(programme), programme.problem.stores
    first = programme.problem.activities.usd.size
    contents = aim[first : first + stores.loss.size].reshape(stores.loss.shape)  # a view
    contents[np.isfinite(stores.initial)] *= -1.0
    return aim


def _balance(programme: Programme, answer: Answer) -> Balance:
    """Read the answer of the programme."""
    problem = programme.problem
    n_periods, n_limits = problem.n_periods, len(problem.limits.ids)
    n_levels, n_contents = problem.activities.usd.size, problem.stores.loss.size
    level = answer.column[:n_levels].reshape(-1, n_periods)
    content = answer.column[n_levels : n_levels + n_contents].reshape(-1, n_periods)
    n_balances = len(problem.accounts) * n_periods
    worth = answer.row_dual[len(answer.row_dual) - n_limits :]
    below = np.zeros(n_limits)
    below[programme.soft] = answer.column[n_levels + n_contents :]
    certificate = certify(problem, level, content, below, _gap(programme, answer))
    return Balance(
        problem=problem,
        level=level,
        content=content,
        price=answer.row_dual[:n_balances].reshape(-1, n_periods),
        use=problem.limits.used(level),
        worth=-worth,
        usd=certificate.usd,
        certificate=certificate,
    )


def _gap(programme: Programme, answer: Answer) -> float:
    """Give cost less the bound that the duals prove, over the cost or over 1.

    Whatever the row duals ``y`` are, ``cost @ x`` is at least the sum of ``y`` at the bounds of rows and of the reduced
    costs ``cost - y @ matrix`` at those of columns; a bound that is infinite takes no dual of its sign.
    """
    column = np.repeat(np.arange(len(programme.cost)), np.diff(programme.start))
    reduced = programme.cost - np.bincount(
        column, programme.value * answer.row_dual[programme.row], len(programme.cost)
    )
    bound = 0.0
    for dual, lower, upper in (
        (answer.row_dual, programme.row_lower, programme.row_upper),
        (reduced, programme.lower, programme.upper),
    ):
        at = np.where(dual > 0, lower, upper)
        bound += float((dual * np.where(np.isfinite(at), at, 0.0)).sum())
    usd = float(programme.cost @ answer.column)
    return abs(usd - bound) / max(abs(usd), 1.0)
