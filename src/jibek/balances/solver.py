"""A linear programme handed to HiGHS, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import highspy
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.balances.programme import Programme

    Floats = NDArray[np.float64]

__all__ = ["Answer", "Status", "run"]

Status = Literal["optimal", "infeasible", "unbounded", "not solved"]

_STATUS: dict[highspy.HighsModelStatus, Status] = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kModelEmpty: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
}

_ATTEMPTS = ((False, True), (True, True), (True, False))
"""Scaled and presolved or not. A step of a scaled programme takes twice the time, but an unscaled one can lose its way;
presolve takes rounding, or an endless cost, for a conflict."""


@dataclass(frozen=True)
class Answer:
    """What a solver says.

    Attributes
    ----------
    status : {"optimal", "infeasible", "unbounded", "not solved"}
        How it ended; columns and rows mean something only where it is optimal.
    column : float64 array, shape (n_columns,)
        Values.
    row : float64 array, shape (n_rows,)
        Values of the rows.
    reduced_cost : float64 array, shape (n_columns,)
        By how much the objective rises with a column.
    row_dual : float64 array, shape (n_rows,)
        By how much the objective rises with the bound at which a row stands.
    """

    status: Status
    column: Floats
    row: Floats
    reduced_cost: Floats
    row_dual: Floats


def run(programme: Programme) -> Answer:
    """Solve a programme by HiGHS's simplex method, whose optimum is a vertex.

    Of vertices as good as each other the order of rows and columns decides, and that is theirs by name, however the
    tables were sorted.
    """
    for scaled, presolve in _ATTEMPTS:
        answer = _passed(programme, scaled=scaled, presolve=presolve)
        if answer.status == "optimal":
            break
    return answer


def _passed(programme: Programme, *, scaled: bool, presolve: bool) -> Answer:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(programme.cost), len(programme.row_lower)
    model.col_cost_, model.col_lower_, model.col_upper_ = programme.cost, programme.lower, programme.upper
    model.row_lower_, model.row_upper_ = programme.row_lower, programme.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_ = programme.start, programme.row
    model.a_matrix_.value_ = programme.value
    options = highspy.HighsOptions()
    options.output_flag, options.threads = False, 1
    options.solver, options.presolve = "simplex", "on" if presolve else "off"
    options.simplex_scale_strategy = 1 if scaled else 0
    solver = highspy.Highs()
    solver.passOptions(options)
    solver.passModel(model)
    solver.run()
    found, status = solver.getSolution(), _STATUS.get(solver.getModelStatus(), "not solved")
    column, row = np.array(found.col_value), np.array(found.row_value)
    if status == "optimal" and column.size:
        column, row = _refined(solver, programme, column, row)
    return Answer(
        status=status,
        column=column,
        row=row,
        reduced_cost=np.array(found.col_dual),
        row_dual=np.array(found.row_dual),
    )


def _refined(solver: highspy.Highs, programme: Programme, column: Floats, row: Floats) -> tuple[Floats, Floats]:
    """Take rounding out of the values of the basis, and so of all: one step of iterative refinement.

    A factored basis loses a ten-millionth of what a long chain hands on, such as a pipeline that is full the year round
    and of which a part arrives in the next period each time.

    Wilkinson, J. H. (1963). Rounding Errors in Algebraic Processes. Chapter 3.
    """
    columns = np.repeat(np.arange(len(programme.cost)), np.diff(programme.start))

    def rows_of(column: Floats) -> Floats:
        return np.bincount(programme.row, programme.value * column[columns], len(row)).astype(np.float64, copy=False)

    basic = np.array(solver.getBasicVariables()[1])
    loose = -basic[basic < 0] - 1  # rows that stand at no bound take what comes
    left = row - rows_of(column)
    left[loose] = 0.0
    step = np.array(solver.getBasisSolve(left)[1])
    refined, sums = column.copy(), row.copy()
    refined[basic[basic >= 0]] += step[basic >= 0]
    sums[loose] = rows_of(refined)[loose]
    return refined, sums
