"""Whether a problem makes sense; all that is wrong with it, at once."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

from jibek.balances.nothing import from_nothing
from jibek.balances.rows import named, row_of
from jibek.errors import BalanceError, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from jibek.balances.problem import Problem

    Floats = NDArray[np.float64]

__all__ = ["check"]

_PARTS = ("activities", "ratios", "stores", "limits")
_MAY_BE_BLANK = {"initial", "final"}
_MAY_BE_ENDLESS = {"least", "most", "usd_below"}


def check(problem: Problem) -> None:
    """Look at every number.

    Raises
    ------
    BalanceError
        With all faults.
    """
    faults = [*_shapes(problem)]
    if not faults:
        faults = [*_numbers(problem), *_names(problem), *_bounds(problem), *_stores(problem)]
    if not faults:
        faults = [*_circles(problem)]
    if faults:
        raise BalanceError(faults)


def _shapes(problem: Problem) -> Iterator[Fault]:
    """Arrays of one part are as long as its names, or as its entries, and as wide as there are periods."""
    n = problem.n_periods
    acts, ratios, stores, limits = (getattr(problem, part) for part in _PARTS)
    wanted: dict[tuple[str, str], tuple[int, ...]] = {
        **{("activities", name): (len(acts.ids), n) for name in ("least", "most", "usd")},
        ("activities", "priority"): (len(acts.ids),),
        **{("activities", name): (len(acts.activity),) for name in ("activity", "account", "delay")},
        ("activities", "amount"): (len(acts.activity), n),
        **{("ratios", name): (len(ratios.activity),) for name in ("activity", "base")},
        **{("ratios", name): (len(ratios.activity), n) for name in ("least", "most")},
        **{("stores", name): (len(stores.ids),) for name in ("account", "capacity", "dead", "initial", "final")},
        **{("stores", name): (len(stores.ids), n) for name in ("loss", "loss_rate")},
        **{("limits", name): (len(limits.ids),) for name in ("least", "most", "usd_below")},
        **{("limits", name): (len(limits.limit),) for name in ("limit", "activity", "period", "weight")},
    }
    for (part, name), shape in wanted.items():
        found = getattr(getattr(problem, part), name).shape
        if found != shape:
            yield Fault("fault", part, "", name, str(found), str(shape), "Give one value for each.")


def _numbers(problem: Problem) -> Iterator[Fault]:
    """Every value is a number, and finite where an endless one means nothing."""
    for part in _PARTS:
        table = getattr(problem, part)
        for field in fields(table):
            values = getattr(table, field.name)
            if not isinstance(values, np.ndarray) or not np.issubdtype(values.dtype, np.floating):
                continue
            bad = ~np.isfinite(values)
            if field.name in _MAY_BE_BLANK:
                bad &= ~np.isnan(values)
            if field.name in _MAY_BE_ENDLESS:
                bad = np.isnan(values)
            for place in np.argwhere(bad):
                yield _fault(problem, part, field.name, place, values[tuple(place)], "a number", "Correct the value.")


def _names(problem: Problem) -> Iterator[Fault]:
    """Entries name what exists."""
    acts, n = problem.activities, problem.n_periods
    pointers = (
        ("activities", "activity", len(acts.ids)),
        ("activities", "account", len(problem.accounts)),
        ("ratios", "activity", len(acts.ids)),
        ("ratios", "base", len(acts.ids)),
        ("stores", "account", len(problem.accounts)),
        ("limits", "limit", len(problem.limits.ids)),
        ("limits", "activity", len(acts.ids)),
        ("limits", "period", n),
    )
    for part, name, count in pointers:
        values = getattr(getattr(problem, part), name)
        for place in np.argwhere((values < 0) | (values >= count)):
            expected = f"a number from 0 to {count - 1}"
            yield _fault(problem, part, name, place, values[tuple(place)], expected, "Name what exists.")
    for place in np.argwhere(acts.delay < 0):
        yield _fault(problem, "activities", "delay", place, acts.delay[tuple(place)], "at least 0", "Correct it.")
    for what, ids in (
        ("activities", acts.ids),
        ("stores", problem.stores.ids),
        ("accounts", tuple("/".join(account) for account in problem.accounts)),
    ):
        for repeated in sorted({name for name in ids if ids.count(name) > 1} if len(set(ids)) < len(ids) else ()):
            yield Fault("fault", what, repeated, "id", "twice", "each name once", "Give it another name.")


def _bounds(problem: Problem) -> Iterator[Fault]:
    """No least is above its most, and shares, yields and weights are not below 0."""
    for part in ("activities", "ratios", "limits"):
        table = getattr(problem, part)
        for place in np.argwhere(table.least > table.most):
            at = tuple(place)
            expected = f"at most {table.most[at]:.6g}"
            yield _fault(problem, part, "least", place, table.least[at], expected, "Correct one of the two.")
    for part, name in (("ratios", "least"), ("ratios", "most"), ("limits", "weight"), ("limits", "usd_below")):
        values = getattr(getattr(problem, part), name)
        for place in np.argwhere(values < 0):
            yield _fault(problem, part, name, place, values[tuple(place)], "at least 0", "Correct the value.")


def _stores(problem: Problem) -> Iterator[Fault]:
    """Contents fit in their store, and no more evaporates than is there."""
    stores = problem.stores
    least_lost = stores.loss + stores.loss_rate * stores.dead[:, None]
    for name, values in (
        *((name, getattr(stores, name)) for name in ("capacity", "dead", "loss_rate")),
        ("loss", least_lost),
    ):
        for place in np.argwhere(values < 0):
            yield _fault(problem, "stores", name, place, values[tuple(place)], "at least 0", "Correct the value.")
    for name in ("dead", "initial", "final"):
        values = getattr(stores, name)
        for place in np.argwhere(values > stores.capacity):
            expected = f"at most the capacity, {stores.capacity[place[0]]:.6g}"
            yield _fault(problem, "stores", name, place, values[place[0]], expected, "Correct one of the two.")
    for place in np.argwhere(stores.loss_rate > 1):
        expected = "at most 1, all that is kept"
        yield _fault(
            problem, "stores", "loss_rate", place, stores.loss_rate[tuple(place)], expected, "Correct the rate."
        )


def _circles(problem: Problem) -> Iterator[Fault]:
    """No activities make something from nothing."""
    circle = from_nothing(problem)
    if circle:
        remedy = "Lower a yield of one of them: together they bring more than they take."
        rows = [row_of(name, "activities") for name in circle]
        tables = "; ".join(sorted({table for table, _ in rows}))
        its = "; ".join(named(problem.names, *each) for each in rows)
        yield Fault("fault", tables, its, "amount", "something from nothing", "a loss", remedy)


def _fault(
    problem: Problem, part: str, name: str, place: NDArray[np.int64], value: object, expected: str, remedy: str
) -> Fault:
    """Name a value of an array."""
    table, (row, *period) = getattr(problem, part), place.tolist()
    ids = _ratio_ids(problem) if part == "ratios" else getattr(table, "ids", ())
    described = (
        ids[row] if row < len(ids) and name not in {"activity", "account", "delay", "amount"} else f"entry {row}"
    )
    when = f", {problem.periods[period[0]]}" if period else ""
    of_table, its = row_of(described, part)
    return Fault("fault", of_table, its + when, name, str(value), expected, remedy)


def _ratio_ids(problem: Problem) -> list[str]:
    """Name ratios by their activity, as far as it exists."""
    ids = dict(enumerate(problem.activities.ids))
    return [ids.get(number, f"entry {row}") for row, number in enumerate(problem.ratios.activity.tolist())]
