"""What commodities exchange so that they keep shared capacities together: a small linear programme around their plans.

At prices of the capacities each commodity has an optimal plan, held by a spanning tree. Every arc outside the tree
that leaves its bound moves goods around one cycle. In these cycles the conservation at nodes is gone; what remains is
``min r z + price s`` over exchanges ``z`` with their reduced costs ``r``, where ``s`` is what capacities with a price
have left: the objective is what the programme costs above the Lagrangian bound. Only few arcs of the trees come near
their bounds and only few exchanges pay, so rows and columns enter when a solution violates or prices them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from highspy import Highs
from scipy import sparse

from jibek.balances.simplex_kernels import IN_TREE, cycles, price_nodes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from jibek.balances.circulations import Circulation, Plan

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Exchange"]

_NEAR = 0.02  # share of the mean cost of an arc below which reduced costs take part from the start
_EXCESS = 10.0  # times the dearest cost, USD for each unit beyond a bound, so that there is always a solution
_NOTHING = 1e-9  # of the greatest bound or cost


class Exchange:
    """The linear programme, its rows and columns growing.

    Parameters
    ----------
    circulations, plans
        Commodities, and their optimal plans at the prices.
    capacity, price : float64 arrays, shape (n_rows,)
        Shared capacities and their prices.
    side_by_side
        Maps a function over commodities.
    """

    def __init__(
        self,
        circulations: Sequence[Circulation],
        plans: Sequence[Plan],
        capacity: Floats,
        price: Floats,
        side_by_side: Callable[..., Iterable[Any]],
    ) -> None:
        self._circulations, self._plans, self._side_by_side = circulations, plans, side_by_side
        self._capacity, self._price = capacity, price
        self._ends = np.cumsum([len(each.tail) for each in circulations])[:-1]
        self._cost = np.concatenate([each.cost_at(price) for each in circulations])
        self._flow = np.concatenate([plan.flow for plan in plans])
        self._outside = np.concatenate([plan.state for plan in plans]) != IN_TREE
        self._upper = np.concatenate([each.upper for each in circulations])
        self._upper[~np.isfinite(self._upper)] = 0.0  # the artificial arcs, which carry nothing
        self._row = np.concatenate([each.row for each in circulations])
        weights = np.concatenate([np.full(len(each.tail), each.weight) for each in circulations])
        self._weight = np.where(self._row >= 0, weights, 0.0)
        arcs = np.flatnonzero(self._row >= 0)
        shape = len(capacity), len(self._flow)
        self._loads = sparse.csr_array((self._weight[arcs], (self._row[arcs], arcs)), shape=shape)
        self._load = self._loads @ self._flow

        # Rows of arcs come before those of capacities; -1 where a row or column is not in the programme.
        self._programme_row = np.full(len(self._flow) + len(capacity), -1)
        self._column: Ints = np.empty(0, np.int64)
        self._exchanged: Ints = np.empty(0, np.int64)
        self._effect = sparse.csr_array((len(self._programme_row), 0))
        self._n_columns = self._n_rows = 0
        self._reduced = self._reduced_costs(self._cost)
        dearest = max(float(np.abs(self._cost).max(initial=0.0)), 1.0)
        self._excess, self._nothing = _EXCESS * dearest, _NOTHING * dearest
        self._solver = Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off")):
            self._solver.setOptionValue(option, value)
        real = np.concatenate([each.cost[: len(each.arc)] for each in circulations])
        near = self._outside & (self._reduced <= _NEAR * (real.sum() / max(len(real), 1))) & (self._upper > 0)
        self._add_columns(np.flatnonzero(near))
        self._add_rows(len(self._flow) + np.flatnonzero((price > 0) | (self._load > capacity)))

    def solve(self) -> tuple[list[Floats], Floats, bool]:
        """Solve the programme, then let in what it lacks.

        Returns
        -------
        flow : list of float64 arrays
            Of each commodity, conserved at nodes; rows that were lacking may be violated.
        price : float64 array, shape (n_rows,)
            Of the shared capacities.
        complete : bool
            Whether nothing was lacking, so that this is the optimum.
        """
        self._solver.run()
        solution = self._solver.getSolution()
        change = self._effect @ np.asarray(solution.col_value)[self._column]
        n = len(self._flow)
        flow, load = self._flow + change[:n], self._load + change[n:]
        dual = np.append(np.asarray(solution.row_dual), 0.0)[self._programme_row]
        price = self._price - dual[n:]
        reduced = self._reduced_costs(self._cost - dual[:n] - self._weight * np.append(dual[n:], 0.0)[self._row])

        scale = max(float(self._upper.max(initial=0.0)), 1.0)
        beyond = np.maximum(-flow, flow - self._upper)
        beyond[self._outside] = 0.0
        violated = np.concatenate([beyond, load - self._capacity]) > 100 * _NOTHING * scale
        rows = np.flatnonzero(violated & (self._programme_row < 0))
        is_in = np.zeros(n, np.bool_)
        is_in[self._exchanged] = True
        columns = np.flatnonzero(self._outside & ~is_in & (reduced < -self._nothing) & (self._upper > 0))
        self._add_columns(columns)
        self._add_rows(rows)
        return np.split(flow, self._ends), np.maximum(price, 0.0), len(rows) + len(columns) == 0

    def _reduced_costs(self, cost: Floats) -> Floats:
        """Give what a unit that leaves its bound costs, the trees being priced anew."""

        def work(circulation: Circulation, plan: Plan, its_cost: Floats) -> Floats:
            price = np.empty_like(plan.price)
            price_nodes(circulation.tail, its_cost, plan.tree, price)
            reduced: Floats = plan.state * (its_cost + price[circulation.tail] - price[circulation.head])
            return reduced

        pieces = [np.ascontiguousarray(piece) for piece in np.split(cost, self._ends)]
        return np.concatenate(list(self._side_by_side(work, self._circulations, self._plans, pieces)))

    def _add_columns(self, arcs: Ints) -> None:
        """Let arcs leave their bounds."""
        if len(arcs) == 0:
            return

        def work(circulation: Circulation, plan: Plan, its_arcs: Ints) -> sparse.csr_array:
            changed, by, change = cycles(its_arcs, circulation.tail, circulation.head, plan.state, plan.tree)
            numbers = np.arange(len(its_arcs))
            entries = (
                np.concatenate([change, plan.state[its_arcs].astype(np.float64)]),
                (np.concatenate([changed, its_arcs]), np.concatenate([by, numbers])),
            )
            return sparse.csr_array(entries, shape=(len(circulation.tail), len(its_arcs)))

        first = np.append(0, self._ends)
        pieces = [
            piece - begin for piece, begin in zip(np.split(arcs, np.searchsorted(arcs, self._ends)), first, strict=True)
        ]
        parts = self._side_by_side(work, self._circulations, self._plans, pieces)
        of_arcs = sparse.csr_array(sparse.block_diag(list(parts)))
        effect = sparse.csr_array(sparse.vstack([of_arcs, self._loads @ of_arcs]))
        known = np.flatnonzero(self._programme_row >= 0)
        entries = sparse.csc_array(effect[known])
        n = len(arcs)
        self._new_columns(
            np.maximum(self._reduced[arcs], 0.0),
            self._upper[arcs],
            entries.indptr[:-1],
            self._programme_row[known][entries.indices],
            entries.data,
        )
        self._column = np.concatenate([self._column, np.arange(self._n_columns - n, self._n_columns)])
        self._exchanged = np.concatenate([self._exchanged, arcs])
        self._effect = sparse.csr_array(sparse.hstack([self._effect, effect]))

    def _add_rows(self, rows: Ints) -> None:
        """Hold arcs of trees and shared capacities to their bounds."""
        if len(rows) == 0:
            return
        n, count = len(self._flow), len(rows)
        is_arc = rows < n
        arcs, shared = rows[is_arc], rows[~is_arc] - n
        entries = sparse.csr_array(self._effect[rows])
        price, room = self._price[shared], self._capacity[shared] - self._load[shared]
        lower = np.concatenate([-self._flow[arcs], np.where(price > 0, room, -np.inf)])
        upper = np.concatenate([self._upper[arcs] - self._flow[arcs], room])
        begin, columns = entries.indptr[:-1].astype(np.int32), self._column[entries.indices].astype(np.int32)
        self._solver.addRows(count, lower, upper, entries.nnz, begin, columns, entries.data)
        numbers = np.arange(self._n_rows, self._n_rows + count)
        self._programme_row[rows] = numbers
        self._n_rows += count
        of_arcs, of_shared = numbers[: len(arcs)], numbers[len(arcs) :]
        self._new_slacks(price[price > 0], of_shared[price > 0], 1.0)  # left of a capacity that has a price
        self._new_slacks(np.full(len(shared), self._excess), of_shared, -1.0)
        self._new_slacks(np.full(len(arcs), self._excess), of_arcs, 1.0)
        self._new_slacks(np.full(len(arcs), self._excess), of_arcs, -1.0)

    def _new_slacks(self, cost: Floats, rows: Ints, sign: float) -> None:
        """Put columns of one entry into the programme."""
        n = len(rows)
        self._new_columns(cost, np.full(n, np.inf), np.arange(n), rows, np.full(n, sign))

    def _new_columns(self, cost: Floats, upper: Floats, begin: Ints, rows: Ints, entries: Floats) -> None:
        """Put columns into the programme."""
        n = len(cost)
        if n:
            begin, rows = begin.astype(np.int32), rows.astype(np.int32)
            self._solver.addCols(n, cost, np.zeros(n), upper, len(entries), begin, rows, entries)
            self._n_columns += n
