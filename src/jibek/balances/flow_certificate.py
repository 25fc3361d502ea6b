"""What a solution and its prices are worth, worked out anew from them alone: plain and apart from the solver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.balances.multicommodity import Multicommodity

    Floats = NDArray[np.float64]

__all__ = ["FlowCertificate", "certify_flow", "relative_gap"]

_ALMOST_NOTHING = 1e-9


@dataclass(frozen=True)
class FlowCertificate:
    """Cost, bound and faults of a solution, recomputed.

    Attributes
    ----------
    cost : float
        USD of the solution.
    bound : float
        USD that no solution can cost less than, by weak duality from the prices alone.
    gap : float
        Their difference over the cost, see `relative_gap`.
    imbalance : float
        Largest gain or loss of a commodity at a node, over the greatest supply or need of one row.
    excess : float
        Largest amount beyond a bound: a negative flow, too much on an arc, from a supply, to a need, or of a shared
        capacity; over the same.
    """

    cost: float
    bound: float
    gap: float
    imbalance: float
    excess: float


def certify_flow(
    programme: Multicommodity, flow: Floats, taken: Floats, served: Floats, capacity_price: Floats, node_price: Floats
) -> FlowCertificate:
    """Work out what a solution is worth.

    The bound is that of weak duality: all that shortage can cost, less what capacities are worth, less what each arc,
    supply and need gains at the prices if it carries all that it can. Costs are not negative, so no arc needs to carry
    more of a commodity than there is.

    Parameters
    ----------
    programme
        The programme.
    flow : float64 array, shape (n_commodities, n_arcs)
        Units on arcs.
    taken, served : float64 arrays, shapes (n_supplies,) and (n_needs,)
        Units from supplies and to needs.
    capacity_price : float64 array, shape (n_rows,)
        USD per unit of shared capacities; what is negative counts as 0.
    node_price : float64 array, shape (n_commodities, n_nodes)
        USD per unit of commodities.
    """
    price = np.maximum(capacity_price, 0.0)
    shared = programme.row >= 0
    row = programme.row[shared]
    load, bound = np.zeros(len(price)), -float(price @ programme.capacity)
    imbalance = excess = 0.0
    for k in range(programme.n_commodities):
        its_supply, its_need = programme.supply_commodity == k, programme.need_commodity == k
        at_supply, at_need = programme.supply_node[its_supply], programme.need_node[its_need]
        quantity, wanted = programme.supply_quantity[its_supply], programme.need_quantity[its_need]
        usd, usd_short = programme.supply_usd[its_supply], programme.need_usd_short[its_need]
        balance = np.zeros(programme.n_nodes)
        np.add.at(balance, programme.head, flow[k])
        np.subtract.at(balance, programme.tail, flow[k])
        np.add.at(balance, at_supply, taken[its_supply])
        np.subtract.at(balance, at_need, served[its_need])
        np.add.at(load, row, programme.weight[k] * flow[k][shared])
        imbalance = max(imbalance, float(np.abs(balance).max(initial=0.0)))
        excess = max(
            excess,
            float((flow[k] - programme.upper[k]).max(initial=0.0)),
            float((taken[its_supply] - quantity).max(initial=0.0)),
            float((served[its_need] - wanted).max(initial=0.0)),
        )

        most = np.minimum(programme.upper[k], quantity.sum())
        most[shared] = np.minimum(most[shared], programme.capacity[row] / programme.weight[k])
        cost = programme.cost[k].copy()
        cost[shared] += programme.weight[k] * price[row]
        here = node_price[k]
        bound += float(np.minimum(cost + here[programme.tail] - here[programme.head], 0.0) @ most)
        bound += float(np.minimum(usd - here[at_supply], 0.0) @ quantity)
        bound += float(usd_short @ wanted + np.minimum(here[at_need] - usd_short, 0.0) @ wanted)
    excess = max(excess, *(float(-each.min(initial=0.0)) for each in (flow, taken, served)))
    excess = max(excess, float((load - programme.capacity).max(initial=0.0)))
    total = float(
        (programme.cost * flow).sum()
        + programme.supply_usd @ taken
        + programme.need_usd_short @ (programme.need_quantity - served)
    )
    greatest = max(programme.supply_quantity.max(initial=0.0), programme.need_quantity.max(initial=0.0))
    size = float(greatest) or 1.0
    gap = relative_gap(programme, total, bound)
    return FlowCertificate(total, bound, gap, imbalance / size, excess / size)


def relative_gap(programme: Multicommodity, cost: float, bound: float) -> float:
    """Give the difference between a cost and a bound over the cost.

    It is over a thousand-millionth of what it costs if nothing is served where that is more, so that a solution that
    costs nothing has a gap, too.
    """
    size = max(abs(cost), _ALMOST_NOTHING * float(programme.need_quantity @ programme.need_usd_short))
    return (cost - bound) / size if size > 0 else 0.0
