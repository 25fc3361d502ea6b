"""What is not followed on its way: it takes its place at stations and on vessels, visit by visit and ride by ride."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jibek.network import ArcKind
from jibek.operations.corridor_routes import LEAST_ROOM
from jibek.operations.corridor_services import service_of
from jibek.operations.corridor_stations import arc_sums
from jibek.operations.distributions import exponential
from jibek.operations.elements import Ride, Route, Visit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from jibek.operations.corridor_services import Fleet
    from jibek.operations.corridor_stations import Queues
    from jibek.operations.traffic import Traffic

    Floats = NDArray[np.float64]

__all__ = ["ELSEWHERE", "elsewhere"]

ELSEWHERE = "elsewhere"
"""Group of what is not followed."""

_YEAR_HOURS = 8760.0
_RARE = 0.01  # consignments a year, below which nothing comes at all


def elsewhere(
    traffic: Traffic, queues: Queues, fleet: Fleet, rest: Floats, sizes: Floats, per_unit: Mapping[str, Floats]
) -> list[Route]:
    """Let goods that are not followed come to each station and vessel on their way by themselves.

    Parameters
    ----------
    traffic
        Routes.
    queues, fleet
        Stations and services.
    rest : float64 array, shape (n_routes,)
        What is not followed, units a year.
    sizes : float64 array, shape (n_routes,)
        Of consignments.
    per_unit
        How many units of each commodity fill one of a unit: by unit, shape (n_commodities,).

    Returns
    -------
    list of Route
        One for each station and each hop of a service: as many consignments, which together load as much.
    """
    quantity, number = arc_sums(traffic, rest), arc_sums(traffic, rest / sizes)
    return [*_visits(traffic, queues, quantity, number), *_rides(traffic, fleet, quantity, number, per_unit)]


def _visits(traffic: Traffic, queues: Queues, quantity: Floats, number: Floats) -> Iterator[Route]:
    """Make the visits of stations."""
    load, come = np.zeros(len(queues.ids)), np.zeros(len(queues.ids))
    for passages, units, count in zip(traffic.passages, quantity, number, strict=True):
        np.add.at(load, passages.station, passages.load * units[passages.arc])
        np.add.at(come, passages.station, count[passages.arc])
    for at in np.flatnonzero(queues.waits & (come >= _RARE)).tolist():
        visit = Visit(queues.ids[at], queues.occupation(at, load[at] / come[at]))
        yield _route(queues.ids[at], visit, float(come[at]))


def _rides(
    traffic: Traffic, fleet: Fleet, quantity: Floats, number: Floats, per_unit: Mapping[str, Floats]
) -> Iterator[Route]:
    """Make the rides from one call to the next, of services that have room."""
    network, on_board = traffic.network, service_of(traffic.network)
    places, come = network.ids["places"], number.sum(axis=0)
    hops = (network.kind == ArcKind.LINK) & (on_board >= 0) & (come >= _RARE)
    for hop in np.flatnonzero(hops).tolist():
        line = fleet.lines[int(on_board[hop])]
        if line.full:
            continue
        start, end = places[network.start_place[hop]], places[network.end_place[hop]]
        board, alight = line.calls(start, end, end)
        room = float((quantity[:, hop] / per_unit[line.unit]).sum() / come[hop]) if line.unit else 0.0
        yield _route(f"{line.id} from {board}", Ride(line.id, board, alight, max(room, LEAST_ROOM)), float(come[hop]))


def _route(name: str, step: Visit | Ride, number: float) -> Route:
    """Make a route of one step for so many consignments a year."""
    interval = exponential(_YEAR_HOURS / number)
    return Route(f"{ELSEWHERE} {name}", (step,), interval, group=ELSEWHERE, by_leg=False)
