"""What the simulation of a corridor is made from: routes with volumes, and what they load, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from jibek.network import Network

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["Passages", "Traffic"]


class Passages(NamedTuple):
    """Who passes which station, for one commodity; sorted by arc.

    Attributes
    ----------
    arc, station : int64 arrays, shape (n_entries,)
        Arc of the network, row in the stations.
    load : float64 array, shape (n_entries,)
        Units of the station that one unit of the commodity loads on the mean day, empties left out.
    share : float64 array, shape (n_entries,)
        Part of the station's delay that a passage meets.
    """

    arc: Ints
    station: Ints
    load: Floats
    share: Floats


@dataclass(frozen=True)
class Traffic:
    """A year's traffic on its routes.

    Attributes
    ----------
    network : Network
        Of the scenario; boarding arcs hold the hours of waiting that the routes were chosen with.
    commodities : tuple of str
        Commodities.
    commodity : int64 array, shape (n_routes,)
        Row in ``commodities``.
    ways : tuple of str
        Named corridors.
    way : int64 array, shape (n_routes,)
        Row in ``ways``; -1 for none.
    quantity : float64 array, shape (n_routes,)
        Units of the commodity in a year.
    first_arc : int64 array, shape (n_routes + 1,)
        The arcs of route ``r`` are ``arcs[first_arc[r]:first_arc[r + 1]]``.
    arcs : int64 array
        Arcs of ``network``.
    passages : tuple of Passages
        By commodity.
    stations : polars.DataFrame
        ``station`` (id), ``resource, unit, capacity, background, empties`` (units of the mean day), ``servers,
        open_hours`` (a day), ``cv_service, delay_hours`` (by formula, at the load of the mean year).
    """

    network: Network
    commodities: tuple[str, ...]
    commodity: Ints
    ways: tuple[str, ...]
    way: Ints
    quantity: Floats
    first_arc: Ints
    arcs: Ints
    passages: tuple[Passages, ...]
    stations: pl.DataFrame

    @property
    def n_routes(self) -> int:
        """Count the routes."""
        return len(self.quantity)
