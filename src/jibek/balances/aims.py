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
    Bools = NDArray[np.bool_]

__all__ = ["least_amount", "run_in_turn"]

_GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
_NO_PRICE = 1e-8  # of the greatest term of a reduced cost
_ROUNDING = (1e-11, 1e-9, 1e-7)  # of what is held, the least that will do: tonnes and m3 never meet to the last digit


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
    answers = [run(replace(programme, cost=aims[0]))]
    for aim in aims[1:]:
        if answers[-1].status != "optimal":
            break
        for rounding in _ROUNDING:
            face = replace(_face(replace(programme, cost=aims[len(answers) - 1]), answers[-1], rounding), cost=aim)
            answer = run(face)
            if answer.status == "optimal":
                break
        programme = face
        answers.append(answer)
    return tuple(answers)


def _face(programme: Programme, answer: Answer, rounding: float) -> Programme:
    """Hold what has a price where it is.

    A price is told from rounding by the terms that a reduced cost is made of, not by its size: a cubic metre's is a
    millionth of a million cubic metres'.
    """
    columns = np.repeat(np.arange(len(programme.cost)), np.diff(programme.start))
    terms = np.abs(programme.value * answer.row_dual[programme.row])
    size = np.abs(programme.cost)
    np.maximum.at(size, columns, terms)
    weight = np.zeros(len(programme.row_lower))
    np.maximum.at(weight, programme.row, terms / np.maximum(size[columns], np.finfo(float).tiny))
    dear_columns, dear_rows = np.abs(answer.reduced_cost) > _NO_PRICE * size, weight > _NO_PRICE
    lower, upper = _held(programme.lower, programme.upper, answer.column, answer.reduced_cost, dear_columns, rounding)
    row_lower, row_upper = _held(
        programme.row_lower, programme.row_upper, answer.row, answer.row_dual, dear_rows, rounding
    )
    return replace(programme, lower=lower, upper=upper, row_lower=row_lower, row_upper=row_upper)


def _held(
    lower: Floats, upper: Floats, value: Floats, dual: Floats, held: Bools, rounding: float
) -> tuple[Floats, Floats]:
    """Bring both bounds to the one that has the price, as near as rounding allows."""
    bound = np.where(dual > 0, lower, upper)
    bound = np.where(np.isfinite(bound), bound, value)
    near = np.abs(value - bound) + rounding * np.abs(bound)
    least, most = np.maximum(lower, bound - near), np.minimum(upper, bound + near)
    return np.where(held, least, lower), np.where(held, most, upper)
