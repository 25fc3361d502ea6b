"""A problem as a linear programme: sparse columns and rows whose names are made when somebody asks for them.

Columns are the levels of activities, the contents of stores at the end of each period, and what limits stay below their
least. Rows, in this order, with the ids of the equations in the documentation:

- `balances-1`: what comes to an account, less what leaves it, less what its stores take up and lose, is 0;
- `balances-2`: an activity stays between two multiples of another;
- `balances-3`: use of a limit stays between its least and its most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.balances.problem import Problem

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Programme", "build"]

_Entries = tuple["Ints", "Ints", "Floats"]  # rows, columns, values


@dataclass(frozen=True)
class Programme:
    """Least ``cost @ x`` with ``lower <= x <= upper`` and ``row_lower <= matrix @ x <= row_upper``.

    Attributes
    ----------
    problem : Problem
        What it says.
    start : int32 array, shape (n_columns + 1,)
        Entries of column ``j`` are ``start[j]`` to ``start[j + 1] - 1``.
    row : int32 array, shape (n_entries,)
        Row of each entry, ascending in each column.
    value : float64 array, shape (n_entries,)
        Coefficients, none of them 0.
    cost, lower, upper : float64 arrays, shape (n_columns,)
        Of columns.
    row_lower, row_upper : float64 arrays, shape (n_rows,)
        Of rows.
    soft : int64 array, shape (n_soft,)
        Limits whose least may be missed at a price; each has a column at the end.
    """

    problem: Problem
    start: NDArray[np.int32]
    row: NDArray[np.int32]
    value: Floats
    cost: Floats
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    soft: Ints

    def column_name(self, column: int) -> tuple[str, str, str]:
        """Give kind (``activity``, ``store``, ``below``), id and period of a column."""
        its, n_periods = self.problem, self.problem.n_periods
        number, period = divmod(column, n_periods)
        if number < len(its.activities.ids):
            return "activity", its.activities.ids[number], its.periods[period]
        number -= len(its.activities.ids)
        if number < len(its.stores.ids):
            return "store", its.stores.ids[number], its.periods[period]
        limit = self.soft[column - n_periods * (len(its.activities.ids) + len(its.stores.ids))]
        return "below", its.limits.ids[limit], its.limits.periods[limit]

    def row_name(self, row: int) -> tuple[str, str, str]:
        """Give kind (``balance``, ``ratio``, ``limit``), id and period of a row."""
        its, n_periods = self.problem, self.problem.n_periods
        if row < len(its.accounts) * n_periods:
            place, commodity = its.accounts[row // n_periods]
            return "balance", f"{place}/{commodity}", its.periods[row % n_periods]
        row -= len(its.accounts) * n_periods
        if row < 2 * len(its.ratios.activity) * n_periods:
            number, period = divmod(row // 2, n_periods)
            return "ratio", its.activities.ids[its.ratios.activity[number]], its.periods[period]
        row -= 2 * len(its.ratios.activity) * n_periods
        return "limit", its.limits.ids[row], its.limits.periods[row]


def build(problem: Problem) -> Programme:
    """Write a problem as a linear programme.

    Returns
    -------
    Programme
        Ready for `jibek.balances.solve`.
    """
    n_periods, acts, stores, limits = problem.n_periods, problem.activities, problem.stores, problem.limits
    soft = np.flatnonzero((limits.least > 0) & np.isfinite(limits.usd_below))
    n_columns = n_periods * (len(acts.ids) + len(stores.ids)) + len(soft)
    n_balances, n_ratios = n_periods * len(problem.accounts), 2 * n_periods * len(problem.ratios.activity)
    kept, stored = _stored(problem)
    blocks = [
        _moved(problem),
        stored,
        _ratios(problem, n_balances),
        _used(problem, n_balances + n_ratios),
        (n_balances + n_ratios + soft, n_columns - len(soft) + np.arange(len(soft)), np.ones(len(soft))),
    ]
    start, row, value = _compressed(blocks, n_columns)
    return Programme(
        problem=problem,
        start=start,
        row=row,
        value=value,
        cost=np.concatenate([acts.usd.ravel(), np.zeros(stores.loss.size), limits.usd_below[soft]]),
        lower=np.concatenate([acts.least.ravel(), *_contents(problem, least=True), np.zeros(len(soft))]),
        upper=np.concatenate([acts.most.ravel(), *_contents(problem, least=False), np.full(len(soft), np.inf)]),
        row_lower=np.concatenate([kept, np.zeros(n_ratios), limits.least]),
        row_upper=np.concatenate([kept, np.full(n_ratios, np.inf), limits.most]),
        soft=soft,
    )


def _moved(problem: Problem) -> _Entries:
    """Give what activities take from accounts and bring to them."""
    acts, n_periods = problem.activities, problem.n_periods
    leaves = np.broadcast_to(np.arange(n_periods), acts.amount.shape)
    arrives = leaves + acts.delay[:, None]
    counts = acts.amount != 0
    if problem.cyclic:
        arrives = arrives % n_periods
    else:
        counts &= arrives < n_periods
    rows = acts.account[:, None] * n_periods + arrives
    columns = problem.column(acts.activity[:, None], leaves)
    return rows[counts], columns[counts], acts.amount[counts]


def _stored(problem: Problem) -> tuple[Floats, _Entries]:
    """Give what the balances of accounts owe to stores: their right side, and what follows from contents.

    In a period a store takes up ``content after - content before`` and loses ``loss + loss_rate (before + after) / 2``.
    """
    stores, n_periods = problem.stores, problem.n_periods
    kept = np.zeros(len(problem.accounts) * n_periods)
    rows = stores.account[:, None] * n_periods + np.arange(n_periods)
    np.add.at(kept, rows, stores.loss)
    given = np.flatnonzero(np.isfinite(stores.initial))
    from_before = 1 - stores.loss_rate / 2
    np.subtract.at(kept, rows[given, 0], from_before[given, 0] * stores.initial[given])
    first = len(problem.activities.ids) * n_periods
    after = first + np.arange(len(stores.ids) * n_periods).reshape(-1, n_periods)
    before = np.roll(after, 1, axis=1)  # a beginning that is free is the end again
    counts = np.ones(before.shape, np.bool_)
    counts[given, 0] = False
    entries = (
        np.concatenate([rows.ravel(), rows[counts]]),
        np.concatenate([after.ravel(), before[counts]]),
        np.concatenate([-(1 + stores.loss_rate / 2).ravel(), from_before[counts]]),
    )
    return kept, entries


def _ratios(problem: Problem, first: int) -> _Entries:
    """Give the rows of ratios: activity less its least multiple, and its most multiple less activity, at least 0."""
    ratios, n_periods = problem.ratios, problem.n_periods
    number = np.arange(ratios.least.size).reshape(-1, n_periods)
    above, below = first + 2 * number, first + 2 * number + 1
    of_activity = problem.column(ratios.activity[:, None], np.arange(n_periods))
    of_base = problem.column(ratios.base[:, None], np.arange(n_periods))
    ones = np.ones(number.shape)
    blocks = (
        (above, of_activity, ones),
        (above, of_base, -ratios.least),
        (below, of_activity, -ones),
        (below, of_base, ratios.most),
    )
    rows, columns, values = (np.concatenate([np.ravel(block[part]) for block in blocks]) for part in range(3))
    return rows[values != 0], columns[values != 0], values[values != 0]


def _used(problem: Problem, first: int) -> _Entries:
    """Give who uses which limit."""
    limits = problem.limits
    return first + limits.limit, problem.column(limits.activity, limits.period), limits.weight


def _contents(problem: Problem, *, least: bool) -> list[Floats]:
    """Bound the contents of stores."""
    stores = problem.stores
    bound = np.repeat(stores.dead if least else stores.capacity, problem.n_periods).reshape(stores.loss.shape)
    if least and problem.n_periods:
        bound[:, -1] = np.fmax(bound[:, -1], stores.final)
    return [bound.ravel()]


def _compressed(blocks: list[_Entries], n_columns: int) -> tuple[NDArray[np.int32], NDArray[np.int32], Floats]:
    """Put entries in order of columns, then rows, and add up those in one cell."""
    rows, columns, values = (np.concatenate([block[part] for block in blocks]) for part in range(3))
    order = np.lexsort((rows, columns))
    rows, columns, values = rows[order], columns[order], values[order]
    is_first = np.ones(len(rows), np.bool_)
    is_first[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
    if not is_first.all():
        values = np.add.reduceat(values, np.flatnonzero(is_first))
        rows, columns = rows[is_first], columns[is_first]
    start = np.searchsorted(columns, np.arange(n_columns + 1))
    return start.astype(np.int32), rows.astype(np.int32), values
