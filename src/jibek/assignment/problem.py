"""What is assigned: a road network with delay functions and classes of trips between its zones; time in one unit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from jibek.errors import AssignmentError, Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["DelayKind", "TrafficNetwork", "TravelClass", "check"]

_GREATEST = 1e30  # no network has a greater number, and its powers can still be reckoned with
_LEAST_CAPACITY = 1e-30
_MOST_ELASTIC = 100.0


class DelayKind(IntEnum):
    """How the time of a link follows its flow ``v`` with ``x = v / capacity``; all increase and are convex."""

    BPR = 0
    """``free_time * (1 + b * x ** power)``, Bureau of Public Roads (1964); ``power`` is 0 or at least 1."""
    CONICAL = 1
    """``free_time * (1 + b * (f(x) - 1))`` with ``f`` of Spiess (1990), eq. 7, and ``power`` its alpha, above 1."""
    CONSTANT = 2
    """``free_time``."""


@dataclass(frozen=True)
class TrafficNetwork:
    """A network on which trips between zones meet delay.

    Attributes
    ----------
    node_ids : tuple of str
        Names, in order of the node's number.
    n_zones : int
        Nodes ``0 .. n_zones - 1`` are zones, where trips begin and end.
    first_through : int
        Nodes below this number are not passed through: a trip only begins or ends there.
    link_ids : tuple of str
        Names of links.
    tail, head : int32 arrays, shape (n_links,)
        Where each link begins and ends; links stand in any order, several may join the same two nodes.
    free_time : float64 array, shape (n_links,)
        Time when nothing flows; not negative.
    capacity : float64 array, shape (n_links,)
        Flow in the unit of trips times `TravelClass.load`; a link of capacity 0 is closed.
    b, power : float64 arrays, shape (n_links,)
        Parameters of the delay, see `DelayKind`.
    length, toll : float64 arrays, shape (n_links,)
        For generalised cost and skims, in units of their own.
    delay : uint8 array, shape (n_links,), or None
        `DelayKind` of each link; None where all are BPR.

    Raises
    ------
    AssignmentError
        If arrays differ in length or a value is none that the field allows.
    """

    node_ids: tuple[str, ...]
    n_zones: int
    first_through: int
    link_ids: tuple[str, ...]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    free_time: Floats
    capacity: Floats
    b: Floats
    power: Floats
    length: Floats
    toll: Floats
    delay: NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        columns: dict[str, NDArray[Any]] = {
            name: getattr(self, name)
            for name in ("tail", "head", "free_time", "capacity", "b", "power", "length", "toll")
        } | ({} if self.delay is None else {"delay": self.delay})
        _of_one_length("links", self.n_links, columns)
        faults = _Faults("links", self.link_ids.__getitem__)
        for name in ("tail", "head"):
            faults.add(name, columns[name], _is_number_below(columns[name], self.n_nodes), "number of a node")
        for name in ("free_time", "capacity", "b", "power", "length", "toll"):
            faults.add(name, columns[name], _is_amount(columns[name]), "number of at least 0")
        is_capacity = (self.capacity == 0) | ~(np.abs(self.capacity) < _LEAST_CAPACITY)
        faults.add("capacity", self.capacity, is_capacity, f"0 or at least {_LEAST_CAPACITY}")
        kind = self.delay_kind
        faults.add("delay", kind, kind <= max(DelayKind), f"code of a delay, at most {max(DelayKind)}")
        is_convex = (kind != DelayKind.BPR) | (self.b == 0) | (self.power == 0) | ~(self.power < 1)
        faults.add("power", self.power, is_convex, "0 or at least 1, so that delay is convex")
        is_steep = (kind != DelayKind.CONICAL) | (self.power > 1)
        faults.add("power", self.power, is_steep, "alpha of a conical delay, above 1")
        if not 0 <= self.n_zones <= self.n_nodes or not 0 <= self.first_through <= self.n_nodes:
            faults.found.append(
                Fault(
                    "fault",
                    "nodes",
                    "",
                    "n_zones, first_through",
                    f"{self.n_zones}, {self.first_through}",
                    f"at most {self.n_nodes}, the number of nodes",
                    "Zones come first among the nodes.",
                )
            )
        faults.report()

    @property
    def n_nodes(self) -> int:
        """Count the nodes."""
        return len(self.node_ids)

    @property
    def n_links(self) -> int:
        """Count the links."""
        return len(self.link_ids)

    @property
    def delay_kind(self) -> NDArray[np.uint8]:
        """`DelayKind` of each link, shape (n_links,)."""
        return np.zeros(self.n_links, np.uint8) if self.delay is None else self.delay


@dataclass(frozen=True)
class TravelClass:
    """Trips of one kind of traveller or vehicle.

    The cost of a link is its time plus ``fixed_cost``.

    Attributes
    ----------
    name : str
        What the class is called.
    origin, destination : int32 arrays, shape (n_pairs,)
        Zones; a pair may stand more than once, its trips add up.
    trips : float64 array, shape (n_pairs,)
        Trips of each pair, not negative.
    fixed_cost : float64 array, shape (n_links,)
        Added to the time of each link, in its unit: toll and distance over the value of time.
    allowed : bool array, shape (n_links,)
        Links that the class may use.
    load : float
        Vehicle equivalents of one trip, not negative.
    elasticity : float
        Trips of a pair follow its least cost, ``trips * (cost / reference_cost) ** -elasticity``; 0 keeps them, and no
        more than 100. They stay between a millionth and a million times ``trips``.
    reference_cost : float64 array, shape (n_pairs,), or None
        Cost at which ``trips`` were observed, above 0 and the same for all rows of a pair; None for the cost of the
        cheapest way when nothing flows.

    Raises
    ------
    AssignmentError
        If arrays differ in length or a value is none that the field allows.
    """

    name: str
    origin: NDArray[np.int32]
    destination: NDArray[np.int32]
    trips: Floats
    fixed_cost: Floats
    allowed: NDArray[np.bool_]
    load: float
    elasticity: float = 0.0
    reference_cost: Floats | None = None

    def __post_init__(self) -> None:
        of_pairs: dict[str, NDArray[Any]] = {
            "origin": self.origin,
            "destination": self.destination,
            "trips": self.trips,
        }
        if self.reference_cost is not None:
            of_pairs["reference_cost"] = self.reference_cost
        _of_one_length(f"trips of {self.name}", len(self.origin), of_pairs)
        faults = _Faults(f"trips of {self.name}", str)
        faults.add("trips", self.trips, _is_amount(self.trips), "number of at least 0")
        load = np.array([self.load])
        faults.add("load", load, _is_amount(load), "number of at least 0")
        elasticity = np.array([self.elasticity])
        fits = _is_amount(elasticity) & ~(elasticity > _MOST_ELASTIC)
        faults.add("elasticity", elasticity, fits, f"number from 0 to {_MOST_ELASTIC:g}")
        if self.reference_cost is not None:
            fits = _is_amount(self.reference_cost) & (self.reference_cost > 0)
            faults.add("reference_cost", self.reference_cost, fits, "number above 0")
            order = np.lexsort((self.destination, self.origin))
            changes = np.diff([self.origin[order], self.destination[order]], axis=1).any(axis=0)
            same = np.ones(len(order), np.bool_)
            same[order[1:]] = changes | (np.diff(self.reference_cost[order]) == 0)
            faults.add("reference_cost", self.reference_cost, same | ~fits, "one cost for all rows of a pair")
        faults.report()


def check(network: TrafficNetwork, classes: Sequence[TravelClass]) -> None:
    """Check that classes fit their network.

    Raises
    ------
    AssignmentError
        If a class has no value for some links, a negative cost, or trips of an unknown zone.
    """
    for each in classes:
        of_links: dict[str, NDArray[Any]] = {"fixed_cost": each.fixed_cost, "allowed": each.allowed}
        _of_one_length(f"class {each.name}", network.n_links, of_links)
        faults = _Faults(f"class {each.name}", network.link_ids.__getitem__)
        faults.add("fixed_cost", each.fixed_cost, _is_amount(each.fixed_cost), "number of at least 0")
        faults.report()
        faults = _Faults(f"trips of {each.name}", str)
        for name, zone in (("origin", each.origin), ("destination", each.destination)):
            faults.add(name, zone, _is_number_below(zone, network.n_zones), "number of a zone")
        faults.report()


class _Faults:
    """Faults of one table."""

    def __init__(self, table: str, row: Callable[[int], str]) -> None:
        self.table = table
        self.row = row
        self.found: list[Fault] = []

    def add(self, column: str, values: NDArray[Any], valid: NDArray[np.bool_], expected: str) -> None:
        """Note each value that is not valid."""
        for number in np.flatnonzero(~valid).tolist():
            remedy = "Correct the value or leave the row out."
            row, value = self.row(number), str(values[number])
            self.found.append(Fault("fault", self.table, row, column, value, expected, remedy))

    def report(self) -> None:
        """Raise all faults at once, if there are any."""
        if self.found:
            raise AssignmentError(self.found)


def _of_one_length(table: str, length: int, columns: dict[str, NDArray[Any]]) -> None:
    """Check that all columns have as many rows as the table."""
    remedy = "Give one value for each row."
    faults = [
        Fault("fault", table, "", name, f"shape {values.shape}", f"shape ({length},)", remedy)
        for name, values in columns.items()
        if values.shape != (length,)
    ]
    if faults:
        raise AssignmentError(faults)


def _is_amount(values: Floats) -> NDArray[np.bool_]:
    """Say which values are finite, not negative and of a size that can be reckoned with; none is NaN."""
    with np.errstate(invalid="ignore"):
        amounts: NDArray[np.bool_] = (values >= 0) & (values <= _GREATEST)
    return amounts


def _is_number_below(values: NDArray[np.int32], count: int) -> NDArray[np.bool_]:
    """Say which values are numbers of a row among so many."""
    numbers: NDArray[np.bool_] = (values >= 0) & (values < count)
    return numbers
