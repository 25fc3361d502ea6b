"""One aim after the other: of all answers that are best for the first, those best for the second, and so on.

What is best for an aim is a face of the feasible set, and complementary slackness says which: a column with a reduced
cost stays where it is, and so does a row with a dual. The last aim may be `least_amount`, which leaves one answer of
many and none that goes in circles for nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from jibek.balances.solver import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from jibek.balances.programme import Programme
    from jibek.balances.solver import Answer

    Floats = NDArray[np.float64]

__all__ = ["least_amount", "run_in_turn"]

_GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
_NO_PRICE = 1e-7  # of the greatest cost of the aim: the solver's own tolerance of duals


def least_amount(programme: Programme) -> Floats:
    """Give the weights, 1 to 2 and without a pattern, by which the least sum of all columns is one answer only."""
    weights: Floats = 1.0 + (_GOLDEN * np.arange(1, len(programme.cost) + 1)) % 1.0
    return weights


def run_in_turn(programme: Programme, aims: Sequence[Floats]) -> tuple[Answer, ...]:
    """Solve a programme for several aims in their order.

    Parameters
    ----------
    programme
        Its own cost counts only where it is one of the aims.
    aims : sequence of float64 arrays, shape (n_columns,)
        What is to be least.

    Returns
    -------
    tuple of Answer
        One for each aim; it ends with the first that is not optimal.
    """
    answers: list[Answer] = []
    for aim in aims:
        programme = replace(programme, cost=aim)
        answer = run(programme)
        answers.append(answer)
        if answer.status != "optimal":
            break
        programme = _face(programme, answer)
    return tuple(answers)


def _face(programme: Programme, answer: Answer) -> Programme:
    """Hold what has a price where it is."""
    least = _NO_PRICE * max(float(np.abs(programme.cost).max(initial=0.0)), np.finfo(float).tiny)
    lower, upper = _held(programme.lower, programme.upper, answer.column, answer.reduced_cost, least)
    row_lower, row_upper = _held(programme.row_lower, programme.row_upper, answer.row, answer.row_dual, least)
    return replace(programme, lower=lower, upper=upper, row_lower=row_lower, row_upper=row_upper)


def _held(lower: Floats, upper: Floats, value: Floats, dual: Floats, least: float) -> tuple[Floats, Floats]:
    """Bring both bounds to the one that has the price."""
    bound = np.where(dual > 0, lower, upper)
    bound = np.where(np.isfinite(bound), bound, value)
    held = np.abs(dual) > least
    return np.where(held, bound, lower), np.where(held, bound, upper)
