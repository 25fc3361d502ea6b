"""Why a programme has no answer: which accounts, limits and bounds conflict, and by how much."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from jibek.balances.rows import named, row_of
from jibek.balances.solver import run
from jibek.errors import BalanceError, ConflictError, Fault

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.balances.programme import Programme
    from jibek.balances.solver import Answer, Status

    Floats = NDArray[np.float64]

__all__ = ["unsolved"]

_SHOWN = 20
_NOTHING = 1e-7  # relative to the greatest violation


def unsolved(programme: Programme, status: Status) -> BalanceError:
    """Say why there is no answer.

    Parameters
    ----------
    programme
        What has none.
    status
        ``infeasible``: the fewest units of violation that make it feasible are found, by a programme in which every row
        may be violated at a cost of 1 a unit; limits and bounds that have a price there are in the way. ``unbounded``:
        the activities that together make cost fall without end are the answer of the programme of its ways: all bounds
        0, and levels up to 1.
    """
    if status == "unbounded":
        return BalanceError(_endless(programme))
    if status == "infeasible" and (conflicts := _conflicts(programme)):
        return ConflictError(conflicts)
    remedy = "Look for numbers of very different size, such as 1e-9 beside 1e9, and choose other units."
    return BalanceError([Fault("fault", "balances", "", "", status, "an answer of the solver", remedy)])


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
    answer = run(elastic)
    missed = answer.column[n_columns:].reshape(2, n_rows)
    worst = np.argsort(-missed.max(axis=0), kind="stable")
    shown = [int(row) for row in worst if missed[:, row].max() > _NOTHING * missed.max()]
    conflicts = [_missed(programme, row, *missed[:, row].tolist()) for row in shown]
    return _told_once(conflicts) + _told_once(_in_the_way(programme, answer, shown))


def _told_once(faults: list[Fault]) -> list[Fault]:
    """Tell each cell once, of the first faults, with how many more periods there are."""
    cells: dict[tuple[str, str, str], list[Fault]] = {}
    for fault in faults:
        cells.setdefault((fault.table, fault.row, fault.column), []).append(fault)
    return [
        replace(first, value=f"{first.value} and {len(more)} more") if more else first
        for first, *more in list(cells.values())[:_SHOWN]
    ]


def _missed(programme: Programme, row: int, lacking: float, spare: float) -> Fault:
    """Name a row that cannot be kept: a place that lacks or cannot get rid of something, a yield, a resource."""
    kind, name, period = programme.row_name(row)
    amount = f"{max(lacking, spare):.6g}"
    if kind == "balance":
        place, commodity = programme.problem.accounts[row // programme.problem.n_periods]
        found = f"{amount} lacking" if lacking > spare else f"{amount} too much"
        remedy = "Let more come, or ask for less." if lacking > spare else "Let it leave or be kept, or bring less."
        return _fault(
            programme, "places", place, commodity, f"{found} in {period}", "as much that comes as leaves", remedy
        )
    if kind == "ratio":
        column = "yield_min" if lacking > spare else "yield_max"
        name = name.partition("/")[2] or name
        expected, remedy = "a yield within its bounds", "Widen the yield, or what it depends on."
        return _fault(programme, "process_flows", name, column, f"missed by {amount} in {period}", expected, remedy)
    column = "minimum" if lacking > spare else "capacity"
    expected, remedy = "a use within its bounds", "Raise the capacity, lower the minimum, or ask for less."
    return _fault(programme, "resources", name, column, f"missed by {amount} in {period}", expected, remedy)


def _in_the_way(programme: Programme, answer: Answer, missed: list[int]) -> list[Fault]:
    """Name what holds the conflict: limits and bounds that have a price in units of violation, the dearest first.

    They count where they hang together with what is missed through rows that have a price, too. Bounds of 0 are left
    out, since no flow runs backwards, and so are balances, since nothing gives way there.
    """
    n_limits = len(programme.problem.limits.ids)
    first, n_columns = len(programme.row_lower) - n_limits, len(programme.cost)
    with_missed = _hanging_together(programme, answer.row_dual, missed)
    dual = answer.row_dual[first:] * with_missed[first : first + n_limits]
    dual[[row - first for row in missed if row >= first]] = 0.0
    reduced = answer.reduced_cost[:n_columns] * with_missed[first + n_limits :]
    at = np.where(reduced > 0, programme.lower, programme.upper)
    reduced = np.where(np.isfinite(at) & ((reduced < 0) | (at != 0)), reduced, 0.0)
    price = np.abs(np.concatenate([dual, reduced]))
    return [
        _limit(programme, number, is_least=dual[number] > 0)
        if number < n_limits
        else _bound(programme, number - n_limits, is_least=reduced[number - n_limits] > 0)
        for number in np.argsort(-price, kind="stable").tolist()
        if price[number] > _NOTHING
    ]


def _hanging_together(programme: Programme, dual: Floats, missed: list[int]) -> NDArray[np.bool_]:
    """Mark rows, then columns, that rows with a price join with a missed one."""
    n_rows, n_columns = len(programme.row_lower), len(programme.cost)
    priced = np.abs(dual[programme.row]) > _NOTHING
    row, column = programme.row[priced], np.repeat(np.arange(n_columns), np.diff(programme.start))[priced]
    rows, columns = np.zeros(n_rows, np.bool_), np.zeros(n_columns, np.bool_)
    rows[missed] = True
    marked = -1
    while marked != (marked := int(rows.sum() + columns.sum())):  # from rows to columns and back, until no more join
        columns[column[rows[row]]] = True
        rows[row[columns[column]]] = True
    return np.concatenate([rows, columns])


def _limit(programme: Programme, number: int, *, is_least: bool) -> Fault:
    """Name a limit that holds."""
    limits = programme.problem.limits
    column, at = ("minimum", limits.least) if is_least else ("capacity", limits.most)
    return _holding(programme, "resources", limits.ids[number], column, float(at[number]), limits.periods[number])


def _bound(programme: Programme, number: int, *, is_least: bool) -> Fault:
    """Name a level or content at its bound."""
    kind, name, period = programme.column_name(number)
    table, row = row_of(name, kind)
    least, most = ("dead or final", "capacity") if kind == "store" else ("minimum", "quantity")
    at = programme.lower if is_least else programme.upper
    return _holding(programme, table, row, least if is_least else most, float(at[number]), period)


def _holding(programme: Programme, table: str, row: str, column: str, at: float, period: str) -> Fault:
    """Name a bound that keeps a conflict from being solved."""
    expected, remedy = "room for what conflicts with it", "Change it, or what is lacking or too much elsewhere."
    return _fault(programme, table, row, column, f"holds at {at:.6g} in {period}", expected, remedy)


def _crossed(programme: Programme, column: int) -> Fault:
    """Name a column whose bounds contradict each other."""
    kind, name, period = programme.column_name(column)
    table, row = row_of(name, kind)
    found = f"least {programme.lower[column]:.6g}, most {programme.upper[column]:.6g} in {period}"
    name = "final" if kind == "store" else "minimum"
    return _fault(programme, table, row, name, found, "a least that is not above the most", "Correct one of the two.")


def _endless(programme: Programme) -> list[Fault]:
    """Name the columns of the way along which cost falls most, bounds being left behind that are not in its way."""
    way = replace(
        programme,
        lower=np.where(np.isfinite(programme.lower), 0.0, -1.0),
        upper=np.where(np.isfinite(programme.upper), 0.0, 1.0),
        row_lower=np.where(np.isfinite(programme.row_lower), 0.0, -np.inf),
        row_upper=np.where(np.isfinite(programme.row_upper), 0.0, np.inf),
    )
    found = [programme.column_name(int(column)) for column in np.flatnonzero(np.abs(run(way).column) > _NOTHING)]
    remedy = "Give it a capacity, or correct a price: together these earn money without end."
    return _told_once(
        [
            _fault(programme, *row_of(name, kind), "", f"no end in {period}", "a level that is bounded", remedy)
            for kind, name, period in found
        ]
    )


def _fault(programme: Programme, table: str, row: str, column: str, value: str, expected: str, remedy: str) -> Fault:
    """Name a row of the tables with what people call it."""
    return Fault("fault", table, named(programme.problem.names, table, row), column, value, expected, remedy)
