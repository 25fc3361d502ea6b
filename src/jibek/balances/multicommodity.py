"""What is decomposed: commodities that move over one network at the least cost and share capacities of its arcs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Int32s = NDArray[np.int32]

__all__ = ["Multicommodity", "check_programme"]


@dataclass(frozen=True)
class Multicommodity:
    """A linear programme of several commodities on one network, most often a place at a period being a node.

    Least ``cost * flow`` over all arcs, ``usd * taken`` over all supplies and ``usd_short * (quantity - served)`` over
    all needs, where at each node what a commodity brings equals what it takes away. Nothing is lost on its way, and no
    commodity is made of another: programmes with losses or processes are not of this form.

    Attributes
    ----------
    n_nodes : int
        Nodes.
    tail, head : int32 arrays, shape (n_arcs,)
        Where each arc begins and ends: links, with delay from one period to a later one, and what a store carries on.
    cost : float64 array, shape (n_commodities, n_arcs)
        USD per unit of a commodity; any sign.
    upper : float64 array, shape (n_commodities, n_arcs)
        Most that a commodity may send through an arc by itself, such as the capacity of its store; infinite for no
        limit but the shared one. Of 0 where the commodity may not pass.
    row : int32 array, shape (n_arcs,)
        Shared capacity that an arc uses, -1 for none. Several arcs may use the same.
    weight : float64 array, shape (n_commodities,)
        What one unit of a commodity takes of a shared capacity, above 0.
    capacity : float64 array, shape (n_rows,)
        Shared capacities.
    supply_commodity, supply_node : int32 arrays, shape (n_supplies,)
        What is to be had, and where.
    supply_quantity, supply_usd : float64 arrays, shape (n_supplies,)
        Most that can be taken, and USD per unit.
    need_commodity, need_node : int32 arrays, shape (n_needs,)
        What is wanted, and where.
    need_quantity, need_usd_short : float64 arrays, shape (n_needs,)
        How much is wanted, and USD for each unit that stays away.
    """

    n_nodes: int
    tail: Int32s
    head: Int32s
    cost: Floats
    upper: Floats
    row: Int32s
    weight: Floats
    capacity: Floats
    supply_commodity: Int32s
    supply_node: Int32s
    supply_quantity: Floats
    supply_usd: Floats
    need_commodity: Int32s
    need_node: Int32s
    need_quantity: Floats
    need_usd_short: Floats

    @property
    def n_commodities(self) -> int:
        """Count the commodities."""
        return len(self.weight)

    @property
    def n_arcs(self) -> int:
        """Count the arcs."""
        return len(self.tail)


def check_programme(programme: Multicommodity) -> None:
    pass
