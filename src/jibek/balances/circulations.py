"""One commodity of a programme as a circulation: arcs, supplies and needs with prices, closed over an outer node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jibek.balances.simplex_kernels import AT_LOWER, IN_TREE, improve, plant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.balances.multicommodity import Multicommodity

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Indices = NDArray[np.uint32]

__all__ = ["Circulation", "Plan", "circulation_of", "optimise", "start"]

_PRECISION = 1e-12  # of the dearest price: reduced costs below are rounding


@dataclass(frozen=True)
class Circulation:
    """Arcs of one commodity: those that it may use, its supplies from the outer node, its needs to it, artificial ones.

    Attributes
    ----------
    arc, supply, need : int64 arrays
        Numbers, in the programme, of the first three kinds of arcs.
    tail, head : uint32 arrays, shape (n,)
        Ends; the outer node comes after all others.
    cost, upper : float64 arrays, shape (n,)
        USD per unit, less the fine for shortage where a need is served; most that an arc carries.
    row : int64 array, shape (n,)
        Shared capacity, -1 for none.
    weight : float
        What a unit takes of it.
    """

    arc: Ints
    supply: Ints
    need: Ints
    tail: Indices
    head: Indices
    cost: Floats
    upper: Floats
    row: Ints
    weight: float

    @property
    def n_nodes(self) -> int:
        """Count the nodes, without the outer one."""
        return len(self.tail) - self.n_real

    @property
    def n_real(self) -> int:
        """Count the arcs that are not artificial; they come first."""
        return len(self.arc) + len(self.supply) + len(self.need)

    def cost_at(self, price: Floats) -> Floats:
        """Give costs where a unit of each shared capacity has a price, shape (n_rows,)."""
        cost: Floats = self.cost + self.weight * np.append(price, 0.0)[self.row]
        return cost

    def load(self, flow: Floats, n_rows: int) -> Floats:
        """Give what a flow takes of each shared capacity, shape (n_rows,)."""
        load = np.bincount(self.row + 1, flow, n_rows + 1)[1:]
        return np.asarray(self.weight * load, np.float64)


@dataclass(frozen=True)
class Plan:
    """Where a commodity goes, as the network simplex keeps it; see `improve`."""

    flow: Floats
    state: NDArray[np.int8]
    tree: Indices
    price: Floats


def circulation_of(programme: Multicommodity, commodity: int) -> Circulation:
    """Take one commodity out of a programme."""
    weight, n_nodes = float(programme.weight[commodity]), programme.n_nodes
    arc = np.flatnonzero(programme.upper[commodity] > 0)
    supply = np.flatnonzero(programme.supply_commodity == commodity)
    need = np.flatnonzero(programme.need_commodity == commodity)
    row = programme.row[arc].astype(np.int64)
    # As costs are not negative, nothing goes in circles: no arc carries more than there is.
    most = np.minimum(programme.upper[commodity, arc], programme.supply_quantity[supply].sum())
    upper = np.minimum(most, np.append(programme.capacity, np.inf)[row] / weight)
    outer, all_nodes = np.full(max(len(supply), len(need), n_nodes), n_nodes), np.arange(n_nodes)
    usd, usd_short = programme.supply_usd[supply], programme.need_usd_short[need]
    dear = 1.0 + np.abs(usd).max(initial=0.0) + usd_short.max(initial=0.0)
    no_row = np.full(len(supply) + len(need) + n_nodes, -1)
    return Circulation(
        arc=arc,
        supply=supply,
        need=need,
        tail=np.concatenate([programme.tail[arc], outer[: len(supply)], programme.need_node[need], all_nodes]).astype(
            np.uint32
        ),
        head=np.concatenate(
            [programme.head[arc], programme.supply_node[supply], outer[: len(need)], outer[:n_nodes]]
        ).astype(np.uint32),
        cost=np.concatenate([programme.cost[commodity, arc], usd, -usd_short, np.full(n_nodes, dear)]),
        upper=np.concatenate(
            [upper, programme.supply_quantity[supply], programme.need_quantity[need], np.full(n_nodes, np.inf)]
        ),
        row=np.concatenate([row, no_row]),
        weight=weight,
    )


def start(circulation: Circulation) -> Plan:
    """Begin with nothing that moves."""
    n = len(circulation.tail)
    state = np.full(n, AT_LOWER)
    state[circulation.n_real :] = IN_TREE
    tree = plant(circulation.n_nodes, circulation.n_real)
    return Plan(np.zeros(n), state, tree, np.zeros(circulation.n_nodes + 1))


def optimise(circulation: Circulation, cost: Floats, upper: Floats, plan: Plan) -> float:
    """Change a plan to the one of least cost, and give it; the plan is to keep the bounds before, too."""
    tolerance = _PRECISION * float(np.abs(cost).max(initial=1.0))
    improve(circulation.tail, circulation.head, cost, upper, tolerance, plan.flow, plan.state, plan.tree, plan.price)
    return float(cost @ plan.flow)
