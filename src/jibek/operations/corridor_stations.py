"""Resources as stations: how long one consignment occupies a server, and which of them have no room for a queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jibek.operations.distributions import constant, gamma
from jibek.operations.elements import Calendar, Station

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.operations.distributions import Distribution
    from jibek.operations.rules import Rules
    from jibek.operations.traffic import Traffic

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

__all__ = ["SETTLED_LOAD", "Queues", "arc_sums", "brought_to", "queues_of", "spread"]

SETTLED_LOAD = 0.95
"""Load over capacity from which a queue finds no mean within a year: it takes the delay by formula instead."""

_DAY = 24.0
_YEAR = 365.0


@dataclass(frozen=True)
class Queues:
    """The stations of a corridor.

    Attributes
    ----------
    ids : tuple of str
        In the order of the traffic's stations.
    load : float64 array, shape (n_stations,)
        What routes bring on the mean day over what is left for them; NaN where nothing comes.
    waits : bool array, shape (n_stations,)
        Whether consignments queue there.
    formula : bool array, shape (n_stations,)
        Whether the delay by formula stands in for the queue.
    hours_per_load : float64 array, shape (n_stations,)
        Hours that a server is occupied by one unit of load.
    delay_hours : float64 array, shape (n_stations,)
        By formula.
    cv_service : float64 array, shape (n_stations,)
        Spread of occupation.
    stations : tuple of Station
        Those where consignments queue.
    """

    ids: tuple[str, ...]
    load: Floats
    waits: Bools
    formula: Bools
    hours_per_load: Floats
    delay_hours: Floats
    cv_service: Floats
    stations: tuple[Station, ...]

    def occupation(self, station: int, load: float) -> Distribution:
        """Give how long a consignment of some load occupies a server."""
        return spread(self.hours_per_load[station] * load, self.cv_service[station])


def queues_of(traffic: Traffic, rules: Rules) -> Queues:
    """Make stations of resources.

    What moves outside the demand, and empties, leave less of the capacity; what is left is divided among the servers.

    Parameters
    ----------
    traffic
        Routes and stations.
    rules
        For the spread of service where the table gives none.
    """
    table = traffic.stations
    brought = brought_to(traffic).sum(axis=0)
    free = (table["capacity"] - table["background"] - table["empties"]).to_numpy().astype(np.float64)
    servers = np.maximum(np.rint(table["servers"].fill_null(1.0).to_numpy()), 1.0)
    open_hours = table["open_hours"].fill_null(_DAY).to_numpy().astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        load = np.where(brought > 0, np.where(free > 0, brought / free, np.inf), np.nan)
        hours = np.where(free > 0, servers * open_hours / free, np.inf)
    formula = load >= SETTLED_LOAD
    waits = ~formula & np.isfinite(load)
    ids = tuple(table["station"])
    return Queues(
        ids=ids,
        load=load,
        waits=waits,
        formula=formula,
        hours_per_load=hours,
        delay_hours=table["delay_hours"].to_numpy().astype(np.float64),
        cv_service=table["cv_service"].fill_null(rules.cv_service).to_numpy().astype(np.float64),
        stations=tuple(
            Station(ids[at], servers=int(servers[at]), calendar=_calendar(open_hours[at]))
            for at in np.flatnonzero(waits).tolist()
        ),
    )


def spread(hours: float, cv: float) -> Distribution:
    """Give gamma-distributed hours; constant ones if they do not vary."""
    return gamma(float(hours), float(cv)) if cv > 0 else constant(float(hours))


def _calendar(open_hours: float) -> Calendar | None:
    """Give the calendar of a station that works for some hours around noon."""
    return None if open_hours >= _DAY else Calendar(12.0 - open_hours / 2.0, 12.0 + open_hours / 2.0)


def brought_to(traffic: Traffic) -> Floats:
    """Give what routes bring to each station on the mean day, in its units, shape (n_commodities, n_stations)."""
    brought = np.zeros((len(traffic.commodities), len(traffic.stations)))
    for row, passages, quantity in zip(brought, traffic.passages, arc_sums(traffic, traffic.quantity), strict=True):
        np.add.at(row, passages.station, passages.load * quantity[passages.arc] / _YEAR)
    return brought


def arc_sums(traffic: Traffic, values: Floats) -> Floats:
    """Add up over the arcs what routes carry, shape (n_commodities, n_arcs)."""
    shape = len(traffic.commodities), traffic.network.n_arcs
    n_arcs = np.diff(traffic.first_arc)
    cell = np.repeat(traffic.commodity * shape[1], n_arcs) + traffic.arcs
    sums = np.bincount(cell, np.repeat(values, n_arcs), minlength=shape[0] * shape[1])
    return sums.astype(np.float64).reshape(shape)
