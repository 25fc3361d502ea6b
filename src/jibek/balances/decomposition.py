"""Least-cost flows of many commodities that share capacities, to a certified gap, by taking the commodities apart.

First, prices of the shared capacities rise until the commodities, each optimised for itself by a network simplex, keep
them nearly (Lagrangian relaxation); that gives a bound. Then a small linear programme says what the commodities
exchange around these plans. Its loads are what each commodity is allotted of every capacity; optimised within the
allotments the commodities keep all capacities together, and that gives a solution. When the programme lacks nothing
any more it is the optimum itself, so that every gap down to rounding can be reached. Where that is too large, the mean
of the plans on the way (Barahona and Anbil 2000, The volume algorithm, Mathematical Programming 87) says what is
allotted.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import config

from jibek.balances.capacity_prices import ascend
from jibek.balances.circulations import circulation_of, optimise, start
from jibek.balances.flow_certificate import FlowCertificate, certify_flow, relative_gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from jibek.balances.circulations import Circulation, Plan
    from jibek.balances.multicommodity import Multicommodity

    Floats = NDArray[np.float64]

__all__ = ["Decomposition", "decompose"]


_NEWEST = 0.05  # share of the newest plan in the mean of plans


@dataclass(frozen=True)
class Decomposition:
    """A solution, as good as it was reached, and a proof how good that is.

    Attributes
    ----------
    flow : float64 array, shape (n_commodities, n_arcs)
        Units on arcs.
    taken, served : float64 arrays, shapes (n_supplies,) and (n_needs,)
        Units from supplies and to needs.
    capacity_price : float64 array, shape (n_rows,)
        Worth of one more unit of each shared capacity, USD.
    node_price : float64 array, shape (n_commodities, n_nodes)
        Worth of one more unit of a commodity at a node, USD.
    cost, bound : float
        USD of the solution, and that no solution can cost less than.
    gap : float
        Their difference over the cost.
    converged : bool
        Whether the gap was reached, by the certificate.
    steps : int
        How often all commodities were optimised while prices rose.
    exchanges : int
        Linear programmes that were solved.
    certificate : FlowCertificate
        Cost, bound and violations, worked out anew.
    """

    flow: Floats
    taken: Floats
    served: Floats
    capacity_price: Floats
    node_price: Floats
    cost: float
    bound: float
    gap: float
    converged: bool
    steps: int
    exchanges: int
    certificate: FlowCertificate


def decompose(
    programme: Multicommodity,
    *,
    gap: float = 1e-4,
    threads: int | None = None,
    most_exchanges: int = 100,
    progress: Callable[[str], None] = lambda _: None,
) -> Decomposition:
    """Solve a programme of several commodities.

    Parameters
    ----------
    programme
        What moves, where, and what it shares.
    gap
        Goal for the relative gap.
    threads
        How many commodities are optimised side by side, as many as there are processors if None; the result does not
        depend on it.
    most_exchanges
        Linear programmes after which to give up; the result then says that it has not converged. With 0 the solution
        is that of the rising prices alone, which is near and needs little memory.
    progress
        Told after each linear programme.

    Raises
    ------
    ImportError
        Without SciPy, which comes with ``jibek[large]``.
    """
    from jibek.balances.exchange import Exchange  # noqa: PLC0415 - needs SciPy, which nothing else here does

    with ThreadPoolExecutor(threads or config.NUMBA_NUM_THREADS) as pool:
        search = _Search(programme, pool.map)
        price, steps = ascend(search.bound_at, programme.capacity)
        exchanges, complete = 0, False
        if most_exchanges:
            search.bound_at(price)
            exchange = Exchange(search.circulations, search.plans, programme.capacity, price, pool.map)
        else:
            search.restore(search.average)
        while exchanges < most_exchanges and not complete:
            flow, price, complete = exchange.solve()
            exchanges += 1
            if complete:
                search.bound_at(price)
            if complete or exchanges > 1:  # the first knows nothing of the bounds of arcs
                search.restore(flow)
            progress(f"Exchange {exchanges}: gap {search.gap:.1e}")
            if search.gap <= gap:
                break
    worth = _whole_worth(search.circulations, search.node_price, programme.capacity, search.best_price)
    found = search.solution, worth, search.node_price
    certificate = certify_flow(programme, *found[0], *found[1:])
    return Decomposition(
        *found[0],
        *found[1:],
        cost=certificate.cost,
        bound=certificate.bound,
        gap=certificate.gap,
        converged=certificate.gap <= gap,
        steps=steps,
        exchanges=exchanges,
        certificate=certificate,
    )


class _Search:
    """The best bound and the best solution so far.

    Attributes
    ----------
    average : list of float64 arrays
        Mean of the plans of each commodity, the latest counting most.
    """

    def __init__(self, programme: Multicommodity, side_by_side: Callable[..., Iterable[Any]]) -> None:
        self._programme, self._side_by_side = programme, side_by_side
        commodities = range(programme.n_commodities)
        self.circulations = [circulation_of(programme, commodity) for commodity in commodities]
        self.plans = [start(each) for each in self.circulations]
        self._all_short = float(programme.need_quantity @ programme.need_usd_short)
        self._bound, self._cost = -np.inf, self._all_short
        self.best_price: Floats = np.zeros(len(programme.capacity))
        self.node_price: Floats = np.zeros((programme.n_commodities, programme.n_nodes))
        nothing: tuple[Floats, Floats] = np.zeros(len(programme.supply_usd)), np.zeros(len(programme.need_usd_short))
        self.average = [plan.flow.copy() for plan in self.plans]
        self._steps = 0
        nowhere: Floats = np.zeros((programme.n_commodities, programme.n_arcs))
        self.solution = nowhere, *nothing

    @property
    def gap(self) -> float:
        """Give the relative gap between the best bound and the best solution."""
        return relative_gap(self._programme, self._cost, self._bound)

    def bound_at(self, price: Floats) -> tuple[float, Floats]:
        """Optimise all commodities at prices of capacities; give the Lagrangian bound and the loads."""

        def work(circulation: Circulation, plan: Plan) -> float:
            return optimise(circulation, circulation.cost_at(price), circulation.upper, plan)

        costs = list(self._side_by_side(work, self.circulations, self.plans))
        self._steps += 1
        weight = max(_NEWEST, 1 / self._steps)
        self.average = [mean + weight * (plan.flow - mean) for mean, plan in zip(self.average, self.plans, strict=True)]
        bound = self._all_short + sum(costs) - float(price @ self._programme.capacity)
        if bound > self._bound:
            self._bound, self.best_price = bound, price
            self.node_price = np.stack([plan.price[:-1] for plan in self.plans])
        loads = (each.load(plan.flow, len(price)) for each, plan in zip(self.circulations, self.plans, strict=True))
        return bound, sum(loads, np.zeros(len(price)))

    def restore(self, flow: list[Floats]) -> None:
        """Optimise each commodity within what its arcs take of capacities and an equal part of what is left of them."""
        capacity = self._programme.capacity
        row = np.concatenate([each.row for each in self.circulations])
        load = np.concatenate(
            [each.weight * np.maximum(its_flow, 0.0) for each, its_flow in zip(self.circulations, flow, strict=True)]
        )
        total, users = (np.bincount(row + 1, each, len(capacity) + 1)[1:] for each in (load, None))
        fit = np.minimum(1.0, np.divide(capacity, total, out=np.ones_like(total), where=total > 0))
        left = np.maximum(capacity - fit * total, 0.0) / np.maximum(users, 1)
        allotted = load * np.append(fit, 1.0)[row] + np.append(left, np.inf)[row]

        def work(circulation: Circulation, its: Floats) -> tuple[float, Floats]:
            plan = start(circulation)
            upper = np.minimum(circulation.upper, its / circulation.weight)
            return optimise(circulation, circulation.cost, upper, plan), plan.flow

        pieces = np.split(allotted, np.cumsum([len(each.tail) for each in self.circulations])[:-1])
        costs, flows = zip(*self._side_by_side(work, self.circulations, pieces), strict=True)
        cost = self._all_short + sum(costs)
        if cost < self._cost:
            self._cost, self.solution = cost, self._in_programme(flows)

    def _in_programme(self, flows: Iterable[Floats]) -> tuple[Floats, Floats, Floats]:
        """Put flows of circulations where they belong in the programme."""
        flow, taken, served = (np.zeros_like(each) for each in self.solution)
        for k, (each, its_flow) in enumerate(zip(self.circulations, flows, strict=True)):
            ends = np.cumsum([len(each.arc), len(each.supply), len(each.need)])
            flow[k, each.arc], taken[each.supply], served[each.need], _ = np.split(its_flow, ends)
        return flow, taken, served


def _whole_worth(circulations: Iterable[Circulation], node_price: Floats, capacity: Floats, price: Floats) -> Floats:
    """Add to prices what a shared capacity is worth to a commodity that could fill it alone.

    Each commodity is held to the whole of every capacity, so what more of that is worth to the one that fills it stands
    in the reduced cost of its arcs. In the price it makes the bound no lower: it counts once instead of once for each.
    """
    worth = np.zeros_like(price)
    for circulation, its_price in zip(circulations, node_price, strict=True):
        node = np.append(its_price, 0.0)
        reduced = circulation.cost_at(price) + node[circulation.tail] - node[circulation.head]
        arcs = np.flatnonzero(circulation.row >= 0)
        row = circulation.row[arcs]
        is_held = circulation.upper[arcs] == capacity[row] / circulation.weight
        np.maximum.at(worth, row[is_held], -reduced[arcs][is_held] / circulation.weight)
    return np.asarray(price + worth, np.float64)
