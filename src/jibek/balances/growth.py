"""How much more room is needed: the growth of limits that serves all needs which room can serve, at the least price."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from jibek.balances.aims import least_amount, run_in_turn
from jibek.balances.explanation import unsolved
from jibek.balances.programme import build

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from jibek.balances.problem import Problem
    from jibek.balances.programme import Programme

    Floats = NDArray[np.float64]

__all__ = ["Growth", "least_growth"]


@dataclass(frozen=True)
class Growth:
    """Room that is missing, and what is done when it is there.

    Attributes
    ----------
    share : dict of str to float
        By which share of its most a resource has to grow, for those that have to.
    level : float64 array, shape (n_activities, n_periods)
        Of each activity.
    """

    share: dict[str, float]
    level: Floats


def least_growth(problem: Problem, usd_per_unit: Mapping[str, float]) -> Growth:
    """Find by how much limits have to grow to serve what room can serve.

    Three aims in their order: needs are served for as much money as can be; what grows costs least; all else costs
    least. A resource grows by the same share in all periods, since what is built stays.

    Parameters
    ----------
    problem
        The system.
    usd_per_unit
        Resources that may grow, with the price at which a unit of one weighs beside a unit of another.

    Raises
    ------
    ConflictError
        If nothing satisfies the bounds of the problem, whatever grows.
    """
    limits = problem.limits
    names = sorted(usd_per_unit.keys() & {*limits.ids})
    chosen = [np.flatnonzero([each == name for each in limits.ids]) for name in names]
    programme = _with_room(build(problem), chosen)
    n_columns, n_levels = len(programme.cost), problem.activities.usd.size
    served, room = np.zeros((2, n_columns))
    served[:n_levels] = np.where(problem.activities.priority[:, None] > 0, problem.activities.usd, 0.0).ravel()
    room[n_columns - len(names) :] = [
        usd_per_unit[name] * limits.most[its].sum() for name, its in zip(names, chosen, strict=True)
    ]
    answers = run_in_turn(programme, [served, room, programme.cost, least_amount(programme)])
    if answers[-1].status != "optimal":
        raise unsolved(build(problem), answers[-1].status)
    column = answers[-1].column
    shares = zip(names, column[n_columns - len(names) :].tolist(), strict=True)
    return Growth(
        {name: share for name, share in shares if share > 0}, column[:n_levels].reshape(-1, problem.n_periods)
    )


def _with_room(programme: Programme, chosen: list[NDArray[np.intp]]) -> Programme:
    """Add a column for each resource that may grow, which takes its share of the most off the use of its limits."""
    limits = programme.problem.limits
    first = len(programme.row_lower) - len(limits.ids)
    grows = [its[np.isfinite(limits.most[its])] for its in chosen]
    starts = programme.start[-1] + np.cumsum([len(its) for its in grows])
    free = np.zeros(len(grows))
    return replace(
        programme,
        start=np.concatenate([programme.start, starts]).astype(np.int32),
        row=np.concatenate([programme.row, *(first + its for its in grows)]).astype(np.int32),
        value=np.concatenate([programme.value, *(-limits.most[its] for its in grows)]),
        cost=np.concatenate([programme.cost, free]),
        lower=np.concatenate([programme.lower, free]),
        upper=np.concatenate([programme.upper, np.full(len(grows), np.inf)]),
    )
