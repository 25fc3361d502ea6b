"""Bounds that give way: a programme in which what cannot be kept is missed, by the least share of what was asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from jibek.balances.solution import Missed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.balances.programme import Programme

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Yielding", "missed_of", "yielding"]

_ROUNDING = 1e-9  # of what was asked: nothing is missed
_LEAST_ASKED = 1.0


@dataclass(frozen=True)
class Yielding:
    """A programme whose least levels, contents and uses, and whose accounts, give way.

    Attributes
    ----------
    programme : Programme
        The given one with further columns at its end.
    missed : float64 array, shape (n_columns,)
        The aim to miss little: one over what is asked, for each further column.
    column, row : int64 arrays, shape (n_further,)
        Column whose least, or row which gives way by each further column; -1 where it is the other.
    n_spilt : int
        How many of the further columns, the last, spill.
    """

    programme: Programme
    missed: Floats
    column: Ints
    row: Ints
    n_spilt: int

    def settled(self, column: Floats) -> Floats:
        """Give the given programme's columns, less what they miss."""
        n_given = len(column) - len(self.column)
        values, its = column[:n_given].copy(), self.column >= 0
        values[self.column[its]] -= column[n_given:][its]
        return values

    def spilt(self, column: Floats) -> Floats:
        """Give what each account spills, less what it lacks."""
        further = column[len(column) - len(self.row) :]
        first = int((self.column >= 0).sum())
        spilt: Floats = further[len(further) - self.n_spilt :] - further[first : first + self.n_spilt]
        return spilt


def yielding(programme: Programme) -> Yielding:
    """Let each least above 0 be missed; an account may lack what it is bound to give, or spill what arrives."""
    problem = programme.problem
    of_columns = np.flatnonzero(programme.lower > 0)
    is_limit = np.arange(len(programme.row_lower)) >= len(programme.row_lower) - len(problem.limits.ids)
    accounts = np.arange(len(problem.accounts) * problem.n_periods)
    limits = np.flatnonzero(is_limit & (programme.row_lower > 0))
    of_rows = np.concatenate([accounts, limits, accounts])
    sign = np.repeat([1.0, -1.0], [len(accounts) + len(limits), len(accounts)])
    counts = np.diff(programme.start)[of_columns]
    ends = np.cumsum(counts)
    entries = np.arange(counts.sum()) + np.repeat(programme.start[of_columns] - (ends - counts), counts)
    further = len(of_columns) + len(of_rows)
    asked = np.concatenate([programme.lower[of_columns], np.abs(programme.row_lower[of_rows])])
    added = np.concatenate([np.diff(programme.start), counts, np.ones(len(of_rows), np.int32)])
    grown = replace(
        programme,
        start=np.append(0, np.cumsum(added)).astype(np.int32),
        row=np.concatenate([programme.row, programme.row[entries], of_rows]).astype(np.int32),
        value=np.concatenate([programme.value, -programme.value[entries], sign]),
        cost=np.concatenate([programme.cost, -programme.cost[of_columns], np.zeros(len(of_rows))]),
        lower=np.concatenate([programme.lower, np.zeros(further)]),
        upper=np.concatenate([programme.upper, programme.lower[of_columns], np.full(len(of_rows), np.inf)]),
    )
    missed = np.concatenate([np.zeros(len(programme.cost)), 1 / np.maximum(asked, _LEAST_ASKED)])
    nothing = np.full(further, -1)
    column, row = nothing.copy(), nothing.copy()
    column[: len(of_columns)], row[len(of_columns) :] = of_columns, of_rows
    return Yielding(grown, missed, column, row, len(accounts))


def missed_of(soft: Yielding, column: Floats) -> list[Missed]:
    """Name what was missed, and by how much."""
    n_given = len(column) - len(soft.column)
    by = column[n_given:]
    found = np.flatnonzero(by * soft.missed[n_given:] > _ROUNDING).tolist()
    return [Missed(*_name(soft, number), float(by[number])) for number in found]


def _name(soft: Yielding, number: int) -> tuple[str, str, str]:
    """Name what a further column lets give way."""
    if soft.column[number] >= 0:
        return soft.programme.column_name(int(soft.column[number]))
    kind, name, period = soft.programme.row_name(int(soft.row[number]))
    return "spill" if number >= len(soft.row) - soft.n_spilt else kind, name, period
