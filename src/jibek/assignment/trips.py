"""Trips between zones, sparse, and the class of travellers that makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jibek.assignment.problem import TravelClass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.assignment.problem import TrafficNetwork

    Floats = NDArray[np.float64]

__all__ = ["TripTable", "class_of"]


@dataclass(frozen=True)
class TripTable:
    """Trips of the pairs of zones that have any, sorted by origin and destination.

    Attributes
    ----------
    origin, destination : ndarray of int32, shape (n_pairs,)
        Zones, ``0 .. n_zones - 1``; a zone may send trips to itself.
    trips : ndarray of float, shape (n_pairs,)
        Above 0.
    """

    origin: NDArray[np.int32]
    destination: NDArray[np.int32]
    trips: Floats


def class_of(
    network: TrafficNetwork,
    trips: TripTable,
    *,
    name: str = "trips",
    toll_factor: float = 0.0,
    distance_factor: float = 0.0,
    allowed: NDArray[np.bool_] | None = None,
    load: float = 1.0,
) -> TravelClass:
    """Make a class of travellers out of trips.

    Parameters
    ----------
    network
        Network that they travel on.
    trips
        Their trips.
    name
        Name of the class.
    toll_factor, distance_factor
        Time that one unit of toll and one unit of length are worth, in the network's units. The files of the
        TransportationNetworks do not carry them; they stand in the description of each network.
    allowed
        Links that the class may use, shape (n_links,); None for all.
    load
        Vehicle equivalents of one trip.

    Returns
    -------
    TravelClass
        With fixed cost ``toll_factor * toll + distance_factor * length``.
    """
    return TravelClass(
        name=name,
        origin=trips.origin,
        destination=trips.destination,
        trips=trips.trips,
        fixed_cost=toll_factor * network.toll + distance_factor * network.length,
        allowed=np.ones(len(network.link_ids), dtype=np.bool_) if allowed is None else allowed,
        load=load,
    )
