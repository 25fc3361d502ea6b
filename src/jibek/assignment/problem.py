"""What an assignment starts from: a congested network and the classes of travellers on it, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["TrafficNetwork", "TravelClass"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class TrafficNetwork:
    """Nodes and links; the time of a link is ``free_time * (1 + b * (flow / capacity) ** power)``.

    Attributes
    ----------
    node_ids : tuple of str
        Names, in order of node number.
    n_zones : int
        Nodes ``0 .. n_zones - 1`` are the zones, where trips begin and end.
    first_through : int
        Nodes below this number are not passed through.
    link_ids : tuple of str
        Names, in order of link number.
    tail, head : ndarray of int32, shape (n_links,)
        Node where a link begins, and where it ends.
    free_time : ndarray of float, shape (n_links,)
        Time without traffic.
    capacity : ndarray of float, shape (n_links,)
        Vehicles in the period of the trips.
    b, power : ndarray of float, shape (n_links,)
        Factor and exponent of the delay.
    length, toll : ndarray of float, shape (n_links,)
        For generalised cost and skims, in the units of the input.
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


@dataclass(frozen=True)
class TravelClass:
    """Trips of one kind of traveller, and what links are to them.

    Attributes
    ----------
    name : str
        Name of the class.
    origin, destination : ndarray of int32, shape (n_pairs,)
        Zones of the pairs that have trips.
    trips : ndarray of float, shape (n_pairs,)
        Trips of each pair in the period.
    fixed_cost : ndarray of float, shape (n_links,)
        Added to time, in its units: toll and distance over the value of time.
    allowed : ndarray of bool, shape (n_links,)
        Links that the class may use.
    load : float
        Vehicle equivalents of one trip.
    """

    name: str
    origin: NDArray[np.int32]
    destination: NDArray[np.int32]
    trips: Floats
    fixed_cost: Floats
    allowed: NDArray[np.bool_]
    load: float
