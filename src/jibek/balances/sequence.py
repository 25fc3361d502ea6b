"""A problem balanced without foresight: period after period, as operators do who know only what is there.

In each period, bounds that cannot be kept are missed as little as can be, then needs are served by priority, then cost
is least, then as much as can be is kept. Contents, what is under way, and what is left of a season's limit go on to the
next period.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from jibek.balances.aims import least_amount, run_in_turn
from jibek.balances.certificate import certify
from jibek.balances.explanation import unsolved
from jibek.balances.problem import Problem
from jibek.balances.programme import build
from jibek.balances.solution import Balance
from jibek.balances.yielding import missed_of, yielding
from jibek.errors import BalanceError, Fault

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.balances.programme import Programme
    from jibek.balances.solution import Missed

    Floats = NDArray[np.float64]

__all__ = ["balance_in_sequence"]


@dataclass
class _State:
    """What earlier periods leave.

    Attributes
    ----------
    content : float64 array, shape (n_stores,)
        Of stores.
    arriving : float64 array, shape (n_accounts, n_periods)
        What arrives in each period of what set out before; less than 0 where something is bound to be taken.
    used : float64 array, shape (n_limits,)
        Of each limit.
    """

    content: Floats
    arriving: Floats
    used: Floats


def balance_in_sequence(problem: Problem) -> Balance:
    """Serve a system period after period, each known only when it is there.

    Parameters
    ----------
    problem
        The system. Every store's first content is given, and nothing that arrives later goes round the year.

    Returns
    -------
    Balance
        Without prices and worths; what could not be kept stands in ``missed``.

    Raises
    ------
    BalanceError
        If a first content is unknown, arrivals go round, or cost can fall without end.
    """
    _check(problem)
    n = problem.n_periods
    state = _State(
        problem.stores.initial.copy(), np.zeros((len(problem.accounts), n)), np.zeros(len(problem.limits.ids))
    )
    level, content = np.zeros(problem.activities.usd.shape), np.zeros(problem.stores.loss.shape)
    below = np.zeros(len(problem.limits.ids))
    spilt = np.zeros(state.arriving.shape)
    missed: list[Missed] = []
    for period in range(n):
        now, limits = _alone(problem, state, period)
        programme = _with_arrivals(build(now), state.arriving[:, period])
        soft = yielding(programme)
        ranks = sorted(set(now.activities.priority.tolist()) - {0})
        served = (_served(soft.programme, rank) for rank in ranks)
        aims = [soft.missed, *served, soft.programme.cost, _kept(soft.programme), least_amount(soft.programme)]
        answer = run_in_turn(soft.programme, aims)[-1]
        if answer.status != "optimal":
            raise unsolved(programme, answer.status)
        column = soft.settled(answer.column)
        level[:, period] = column[: len(level)]
        content[:, period] = column[len(level) : len(level) + len(content)]
        below[limits[programme.soft]] = column[len(level) + len(content) :]
        spilt[:, period] = soft.spilt(answer.column)
        missed += missed_of(soft, answer.column)
        _go_on(problem, state, period, level, content)
    nothing = np.full(len(problem.limits.ids), np.nan)
    certificate = certify(problem, level, content, below, np.nan, spilt=spilt)
    return Balance(
        problem=problem,
        level=level,
        content=content,
        price=np.full((len(problem.accounts), n), np.nan),
        use=problem.limits.used(level),
        worth=nothing,
        usd=certificate.usd,
        certificate=certificate,
        missed=tuple(sorted(missed)),
    )


def _alone(problem: Problem, state: _State, period: int) -> tuple[Problem, NDArray[np.int64]]:
    """Give the problem of one period, and which limits count in it."""
    acts, ratios, stores, limits = problem.activities, problem.ratios, problem.stores, problem.limits
    its = slice(period, period + 1)
    at_once = acts.delay == 0
    uses = limits.period == period
    count = np.unique(limits.limit[uses])
    is_last = ~np.isin(count, limits.limit[limits.period > period])  # a season's least is asked for when it ends
    last = period == problem.n_periods - 1
    now = Problem(
        periods=problem.periods[its],
        accounts=problem.accounts,
        activities=replace(
            acts,
            least=acts.least[:, its],
            most=acts.most[:, its],
            usd=acts.usd[:, its],
            activity=acts.activity[at_once],
            account=acts.account[at_once],
            delay=acts.delay[at_once],
            amount=acts.amount[at_once, its],
        ),
        ratios=replace(ratios, least=ratios.least[:, its], most=ratios.most[:, its]),
        stores=replace(
            stores,
            initial=state.content,
            final=stores.final if last else np.full_like(stores.final, np.nan),
            loss=stores.loss[:, its],
            loss_rate=stores.loss_rate[:, its],
        ),
        limits=replace(
            limits,
            ids=tuple(limits.ids[row] for row in count),
            periods=tuple(limits.periods[row] for row in count),
            least=np.where(is_last, (limits.least - state.used)[count], -np.inf),
            most=np.maximum((limits.most - state.used)[count], 0.0),
            usd_below=limits.usd_below[count],
            limit=np.searchsorted(count, limits.limit[uses]),
            activity=limits.activity[uses],
            period=np.zeros(int(uses.sum()), np.int64),
            weight=limits.weight[uses],
        ),
        names=problem.names,
    )
    return now, count


def _with_arrivals(programme: Programme, arriving: Floats) -> Programme:
    """Bring to each account what set out before."""
    row_lower, row_upper = programme.row_lower.copy(), programme.row_upper.copy()
    row_lower[: len(arriving)] -= arriving
    row_upper[: len(arriving)] -= arriving
    return replace(programme, row_lower=row_lower, row_upper=row_upper)


def _kept(programme: Programme) -> Floats:
    """Give the aim to keep as much in stores as can be: nobody empties them for nothing."""
    aim = np.zeros(len(programme.cost))
    first = len(programme.problem.activities.ids)
    aim[first : first + len(programme.problem.stores.ids)] = -1.0
    return aim


def _served(programme: Programme, rank: int) -> Floats:
    """Give the aim to serve the needs of a rank as far as can be."""
    aim = np.zeros(len(programme.cost))
    priority = programme.problem.activities.priority
    aim[: len(priority)] = np.where(priority == rank, -1.0, 0.0)
    return aim


def _go_on(problem: Problem, state: _State, period: int, level: Floats, content: Floats) -> None:
    """Bring the state to the end of a period."""
    acts, limits = problem.activities, problem.limits
    state.content = content[:, period]
    arrives = period + acts.delay
    later = (acts.delay > 0) & (arrives < problem.n_periods)
    amount = acts.amount[later, period] * level[acts.activity[later], period]
    np.add.at(state.arriving, (acts.account[later], arrives[later]), amount)
    uses = limits.period == period
    np.add.at(state.used, limits.limit[uses], limits.weight[uses] * level[limits.activity[uses], period])


def _check(problem: Problem) -> None:
    """Look for what operators without foresight cannot begin with."""
    stores = problem.stores
    remedy = "Give it, or balance with foresight: the store then ends as it begins."
    faults = [
        Fault("fault", "stores", stores.ids[row], "initial", "nothing", "a content", remedy)
        for row in np.flatnonzero(np.isnan(stores.initial)).tolist()
    ]
    if problem.cyclic and (problem.activities.delay > 0).any():
        remedy = "Balance it with foresight, or without arrivals from the year before."
        expected = "not cyclic: without foresight the first period does not know what the last one sends"
        faults.append(Fault("fault", "balances", "", "cyclic", "True", expected, remedy))
    if faults:
        raise BalanceError(faults)
