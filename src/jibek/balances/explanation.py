"""Why a programme has no answer: which accounts, limits and bounds conflict, and by how much."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from jibek.balances.solver import run
from jibek.errors import Fault

if TYPE_CHECKING:
    from jibek.balances.programme import Programme
    from jibek.balances.solver import Status

__all__ = ["explained"]

_SHOWN = 20
_NOTHING = 1e-7  # relative to the greatest violation
_AT_MOST = 1e6  # level in the units of the user, at which an endless fall of cost is shown

_LACKING = {
    "balance": ("{amount:.6g} more", "what comes equals what leaves", "Let more come, or ask for less."),
    "spare": ("{amount:.6g} too much", "what comes equals what leaves", "Let it leave or be kept, or bring less."),
    "ratio": ("off by {amount:.6g}", "a level within its ratios", "Widen the ratio, or what it depends on."),
    "limit": ("{amount:.6g} beyond", "a use within the limit", "Raise the most, lower the least, or ask for less."),
}


def explained(programme: Programme, status: Status) -> list[Fault]:
    """Say why there is no answer.

    Parameters
    ----------
    programme
        What has none.
    status
        ``infeasible``: the fewest units of violation that make it feasible are found, by a programme in which every row
        may be violated at a cost of 1 a unit. ``unbounded``: the activities that make cost fall without end are found
        by bounding all.
    """
    if status == "unbounded":
        return _endless(programme)
    if status == "infeasible":
        return _conflicts(programme)
    remedy = "Look for numbers of very different size, such as 1e-9 beside 1e9, and choose other units."
    return [Fault("fault", "balances", "", "", status, "an answer of the solver", remedy)]


def _conflicts(programme: Programme) -> list[Fault]:
    """Let every row be missed and find where it is."""
    crossed = programme.lower > programme.upper
    if crossed.any():
        return [_crossed(programme, int(column)) for column in np.flatnonzero(crossed)[:_SHOWN]]
    n_rows, n_columns = len(programme.row_lower), len(programme.cost)
    rows = np.arange(n_rows)
    start = np.concatenate([programme.start, programme.start[-1] + 1 + np.arange(2 * n_rows)]).astype(np.int32)
    elastic = replace(
        programme,
        start=start,
        row=np.concatenate([programme.row, rows, rows]).astype(np.int32),
        value=np.concatenate([programme.value, np.ones(n_rows), -np.ones(n_rows)]),
        cost=np.concatenate([np.zeros(n_columns), np.ones(2 * n_rows)]),
        lower=np.concatenate([programme.lower, np.zeros(2 * n_rows)]),
        upper=np.concatenate([programme.upper, np.full(2 * n_rows, np.inf)]),
    )
    missed = run(elastic).column[n_columns:].reshape(2, n_rows)
    worst = np.argsort(-missed.max(axis=0), kind="stable")[:_SHOWN]
    shown = [int(row) for row in worst if missed[:, row].max() > _NOTHING * missed.max()]
    return [_missed(programme, row, *missed[:, row].tolist()) for row in shown]


def _missed(programme: Programme, row: int, lacking: float, spare: float) -> Fault:
    """Name a row that cannot be kept."""
    kind, name, period = programme.row_name(row)
    found, expected, remedy = _LACKING["spare" if kind == "balance" and spare > lacking else kind]
    return Fault("fault", kind, f"{name}, {period}", "", found.format(amount=max(lacking, spare)), expected, remedy)


def _crossed(programme: Programme, column: int) -> Fault:
    """Name a column whose bounds contradict each other."""
    kind, name, period = programme.column_name(column)
    found = f"least {programme.lower[column]:.6g}, most {programme.upper[column]:.6g}"
    return Fault("fault", kind, f"{name}, {period}", "least", found, "least not above most", "Correct one of the two.")


def _endless(programme: Programme) -> list[Fault]:
    """Bound all columns and name those that go to the bound."""
    bounded = replace(
        programme,
        lower=np.maximum(programme.lower, np.minimum(-_AT_MOST, programme.upper)),
        upper=np.minimum(programme.upper, np.maximum(_AT_MOST, programme.lower)),
    )
    level = run(bounded).column
    at_bound = (~np.isfinite(programme.upper) & (level >= _AT_MOST)) | (
        ~np.isfinite(programme.lower) & (level <= -_AT_MOST)
    )
    remedy = "Give it a capacity, or correct a price: together these earn money without end."
    return [
        Fault("fault", kind, f"{name}, {period}", "most", "no end", "a level that is bounded", remedy)
        for kind, name, period in (programme.column_name(int(column)) for column in np.flatnonzero(at_bound)[:_SHOWN])
    ]
