"""What is decomposed: commodities that move over one network at the least cost and share capacities of its arcs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jibek.errors import BalanceError, Fault

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Int32s = NDArray[np.int32]

__all__ = ["Multicommodity"]

_SUPPLY = ("supply_commodity", "supply_node", "supply_quantity", "supply_usd")
_NEED = ("need_commodity", "need_node", "need_quantity", "need_usd_short")
_NUMBERS = ("tail", "head", "row", *_SUPPLY[:2], *_NEED[:2])
_AMOUNTS = ("cost", "upper", "weight", "capacity", *_SUPPLY[2:], *_NEED[2:])
_GREATEST = 1e30  # of any number but a bound, which may be infinite


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
        USD per unit of a commodity, not negative, so that nothing goes in circles.
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
        How much is wanted, and USD for each unit that stays away, not negative.

    Raises
    ------
    BalanceError
        If arrays do not fit each other or a value is none that the field allows.
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

    def __post_init__(self) -> None:
        n, v = self.n_arcs, self.n_commodities
        shapes = {
            **dict.fromkeys(("tail", "head", "row"), (n,)),
            **dict.fromkeys(("cost", "upper"), (v, n)),
            **{name: (len(self.supply_node),) for name in _SUPPLY},
            **{name: (len(self.need_node),) for name in _NEED},
        }
        faults = [
            _fault(name, "", f"shape {getattr(self, name).shape}", f"shape {shape}")
            for name, shape in shapes.items()
            if getattr(self, name).shape != shape
        ]
        if not faults:
            faults = [fault for name in _NUMBERS for fault in self._wrong_numbers(name)]
            faults += [fault for name in _AMOUNTS for fault in self._wrong_amounts(name)]
        if faults:
            raise BalanceError(faults)

    def _wrong_numbers(self, name: str) -> list[Fault]:
        """Find numbers of nodes, commodities and rows that do not exist."""
        values = getattr(self, name)
        what = "node" if name in {"tail", "head"} else name.rsplit("_", 1)[-1]
        count = {"node": self.n_nodes, "commodity": self.n_commodities, "row": len(self.capacity)}[what]
        least = -1 if what == "row" else 0
        return _wrong(name, values, (values >= least) & (values < count), f"number from {least} to {count - 1}")

    def _wrong_amounts(self, name: str) -> list[Fault]:
        """Find amounts that cannot be reckoned with."""
        values = getattr(self, name)
        if name == "supply_usd":
            return _wrong(name, values, np.abs(values) <= _GREATEST, "finite number")
        if name == "weight":
            return _wrong(name, values, (values > 0) & (values <= _GREATEST), "number above 0")
        most = np.inf if name == "upper" else _GREATEST
        return _wrong(name, values, (values >= 0) & (values <= most), "number of at least 0")

    @property
    def n_commodities(self) -> int:
        """Count the commodities."""
        return len(self.weight)

    @property
    def n_arcs(self) -> int:
        """Count the arcs."""
        return len(self.tail)


def _wrong(name: str, values: NDArray[Any], valid: NDArray[np.bool_], expected: str) -> list[Fault]:
    """Note each value that is not valid."""
    return [
        _fault(name, "/".join(str(number) for number in place), str(values[tuple(place)]), expected)
        for place in np.argwhere(~valid).tolist()
    ]


def _fault(column: str, row: str, value: str, expected: str) -> Fault:
    """Note one fault of a programme."""
    return Fault("fault", "programme", row, column, value, expected, "Correct the value or leave the row out.")
