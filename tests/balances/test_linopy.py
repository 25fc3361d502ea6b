"""Each equation rebuilt by linopy from the problem alone: the same rows, the same optimum.

The rows are those of `balances-1`, `balances-2` and `balances-3` in the documentation.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import linopy
import numpy as np
import pytest
import xarray as xr
from balanced_systems import random_problem
from hypothesis import example, given, settings
from hypothesis import strategies as st
from linopy.expressions import merge

from jibek.balances import balance, build

if TYPE_CHECKING:
    from jibek.balances import Problem

SAME = 1e-7  # relative, of two optima


def rebuilt(problem: Problem) -> linopy.Model:
    """Write a problem as linopy would have it, term by term."""
    acts, stores, limits, n = problem.activities, problem.stores, problem.limits, problem.n_periods
    model, periods = linopy.Model(), range(n)
    axes = [("activity", range(len(acts.ids))), ("period", periods)]
    model.add_variables(xr.DataArray(acts.least, axes), xr.DataArray(acts.most, axes), name="level")
    if stores.ids:
        least, most = (np.repeat(each[:, None], n, axis=1) for each in (stores.dead, stores.capacity))
        least[:, -1] = np.fmax(least[:, -1], stores.final)
        its_axes = [("store", range(len(stores.ids))), ("period", periods)]
        model.add_variables(xr.DataArray(least, its_axes), xr.DataArray(most, its_axes), name="content")
    soft = [row for row in range(len(limits.ids)) if limits.least[row] > 0 and np.isfinite(limits.usd_below[row])]
    cost = (model.variables["level"] * xr.DataArray(acts.usd, axes)).sum()
    if soft:
        below = model.add_variables(0, coords=[("soft", soft)], name="below")
        cost = cost + (below * xr.DataArray(limits.usd_below[soft], [("soft", soft)])).sum()
    model.add_objective(cost)
    add_balances(model, problem)
    add_ratios(model, problem)
    add_limits(model, problem, soft)
    return model


def total(terms: list[linopy.LinearExpression]) -> linopy.LinearExpression:
    return merge(terms, dim="_term")


def add_balances(model: linopy.Model, problem: Problem) -> None:
    """Add `balances-1`."""
    acts, stores, n = problem.activities, problem.stores, problem.n_periods
    level = model.variables["level"]
    terms: dict[tuple[int, int], list[object]] = {(a, t): [] for a in range(len(problem.accounts)) for t in range(n)}
    owed = dict.fromkeys(terms, 0.0)
    for activity, account, delay, amount in zip(acts.activity, acts.account, acts.delay, acts.amount, strict=True):
        for t in range(n):
            late = (t + int(delay)) % n if problem.cyclic else t + int(delay)
            if late < n and amount[t] != 0:
                terms[account, late].append(amount[t] * level.sel(activity=activity, period=t))
    for store, account in enumerate(stores.account):
        content = model.variables["content"].sel(store=store)
        for t in range(n):
            rate = stores.loss_rate[store, t]
            terms[account, t].append(-(1 + rate / 2) * content.sel(period=t))
            owed[account, t] += stores.loss[store, t]
            if t == 0 and np.isfinite(stores.initial[store]):
                owed[account, t] -= (1 - rate / 2) * stores.initial[store]
            else:
                terms[account, t].append((1 - rate / 2) * content.sel(period=(t - 1) % n))
    for (account, t), its in terms.items():
        if its:
            model.add_constraints(total(its) == owed[account, t], name=f"balance {account} {t}")


def add_ratios(model: linopy.Model, problem: Problem) -> None:
    """Add `balances-2`."""
    ratios, level = problem.ratios, model.variables["level"]
    for number, (activity, base) in enumerate(zip(ratios.activity, ratios.base, strict=True)):
        for t in range(problem.n_periods):
            its, of = level.sel(activity=activity, period=t), level.sel(activity=base, period=t)
            model.add_constraints(its - ratios.least[number, t] * of >= 0, name=f"ratio least {number} {t}")
            model.add_constraints(ratios.most[number, t] * of - its >= 0, name=f"ratio most {number} {t}")


def add_limits(model: linopy.Model, problem: Problem, soft: list[int]) -> None:
    """Add `balances-3`."""
    limits, level = problem.limits, model.variables["level"]
    uses = list(zip(limits.limit, limits.activity, limits.period, limits.weight, strict=True))
    for row in range(len(limits.ids)):
        its = [weight * level.sel(activity=act, period=t) for limit, act, t, weight in uses if limit == row]
        if np.isfinite(limits.most[row]):
            model.add_constraints(total(its) <= limits.most[row], name=f"limit most {row}")
        if np.isfinite(limits.least[row]):
            its += [1 * model.variables["below"].sel(soft=row)] if row in soft else []
            model.add_constraints(total(its) >= limits.least[row], name=f"limit least {row}")


def written(row: dict[int, float], sense: str, side: float) -> str:
    return " ".join([*(f"{value:+.9g} x{column}" for column, value in sorted(row.items())), sense, f"{side + 0.0:.9g}"])


def rows_of_linopy(model: linopy.Model) -> list[str]:
    parts = model.matrices
    matrix, names = parts.A.tocsr(), parts.vlabels
    rows = []
    for number, (sense, side) in enumerate(zip(parts.sense, parts.b, strict=True)):
        its = matrix.getrow(number)
        cells = {int(names[column]): value for column, value in zip(its.indices, its.data, strict=True) if value != 0}
        rows.append(written(cells, str(sense), float(side)))
    return sorted(rows)


def rows_of_ours(problem: Problem) -> list[str]:
    programme = build(problem)
    cells: list[dict[int, float]] = [{} for _ in programme.row_lower]
    for column in range(len(programme.cost)):
        for entry in range(programme.start[column], programme.start[column + 1]):
            cells[programme.row[entry]][column] = float(programme.value[entry])
    soft_from = len(programme.cost) - len(programme.soft)
    rows = []
    for its, lower, upper in zip(cells, programme.row_lower, programme.row_upper, strict=True):
        if not its:
            continue
        if lower == upper:
            rows.append(written(its, "=", lower))
            continue
        if np.isfinite(upper):  # what stays below the least has no part in the most
            rows.append(written({column: value for column, value in its.items() if column < soft_from}, "<", upper))
        if np.isfinite(lower):
            rows.append(written(its, ">", lower))
    return sorted(rows)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32))
@example(seed=7751)  # one period, and a store that ends as it begins
def test_the_rows_are_those_that_linopy_writes(seed: int) -> None:
    problem = random_problem(random.Random(seed))
    assert rows_of_ours(problem) == rows_of_linopy(rebuilt(problem))


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_optimum_is_that_of_linopy(seed: int) -> None:
    problem = random_problem(random.Random(seed))
    found, model = balance(problem), rebuilt(problem)
    assert model.solve("highs", io_api="direct", output_flag=False)[1] == "optimal"
    assert found.usd == pytest.approx(float(model.objective.value), rel=SAME, abs=SAME)
    assert found.certificate.imbalance < SAME
    assert found.certificate.excess < SAME
    assert found.certificate.gap < SAME
