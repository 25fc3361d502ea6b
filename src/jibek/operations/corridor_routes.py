"""Routes as the steps of consignments: under way, at borders and terminals, in queues, on board."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from jibek.network import ArcKind
from jibek.operations.corridor_services import sea_of, service_of
from jibek.operations.corridor_stations import spread
from jibek.operations.distributions import MOST_VARIED, constant
from jibek.operations.elements import Ride, Travel, Visit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from jibek.operations.corridor_services import Fleet
    from jibek.operations.corridor_stations import Queues
    from jibek.operations.rules import Rules
    from jibek.operations.traffic import Traffic

    Floats = NDArray[np.float64]

__all__ = ["LEAST_ROOM", "Ways"]

LEAST_ROOM = 1e-6
"""Of a vehicle, for what takes none."""

_ALL = slice(None)
_Steps = list[Travel | Visit | Ride]


@dataclass
class _Way:
    """Steps so far, and the time that has gathered since the last of them."""

    steps: _Steps = field(default_factory=list)
    hours: float = 0.0
    variance: float = 0.0

    def spend(self, hours: float, variance: float) -> None:
        """Let time pass without a queue."""
        self.hours += hours
        self.variance += variance

    def rest(self) -> None:
        """Put the time that has gathered into one step."""
        if self.hours > 0:
            # Seconds that are left beside a queue would have a cv without end; what is cut off is seconds, too.
            cv = min(self.variance**0.5 / self.hours, MOST_VARIED)
            self.steps.append(Travel(spread(self.hours, cv)))
        self.hours = self.variance = 0.0

    def add(self, step: Visit | Ride) -> None:
        """Add a step with a queue."""
        self.rest()
        self.steps.append(step)


class Ways:
    """Makes steps of routes.

    Parameters
    ----------
    traffic
        Routes.
    queues
        Stations.
    fleet
        Services.
    gates
        Stations that are suddenly shut, by arc.
    shut
        Names of all stations that weather or closures shut.
    per_unit
        How many units of each commodity fill one of a unit: by unit, shape (n_commodities,).
    rules
        Spreads.
    """

    def __init__(
        self,
        traffic: Traffic,
        queues: Queues,
        fleet: Fleet,
        gates: Mapping[int, str],
        shut: Collection[str],
        per_unit: Mapping[str, Floats],
        rules: Rules,
    ) -> None:
        self._traffic, self._queues, self._fleet, self._gates = traffic, queues, fleet, gates
        self._shut, self._per_unit, self._rules = shut, per_unit, rules
        network = traffic.network
        self._on_board = service_of(network).tolist()
        self._kind, self._moving, self._waiting = (
            column.tolist() for column in (network.kind, network.hours_moving, network.hours_waiting)
        )
        n_arcs = network.n_arcs
        self._passes = [
            (np.searchsorted(each.arc, np.arange(n_arcs + 1)).tolist(), *(column.tolist() for column in each[1:]))
            for each in traffic.passages
        ]

    def steps(
        self, route: int, size: float, *, observed: bool = False, part: slice = _ALL
    ) -> tuple[Travel | Visit | Ride, ...]:
        """Make the steps of a consignment of some size on a part of its arcs.

        One that is only ``observed`` waits like any other, but takes no server's time and no room: as long as it would
        be served it spends on its way.

        The spread of the time under way holds for the whole way: its variance is shared out by hours, so that cutting
        a way into more pieces changes nothing.
        """
        traffic, kind = self._traffic, self._kind
        commodity = int(traffic.commodity[route])
        arcs = traffic.arcs[traffic.first_arc[route] : traffic.first_arc[route + 1]][part].tolist()
        on_land = sum(self._moving[arc] for arc in arcs if self._on_board[arc] < 0)
        per_hour = self._rules.cv_moving**2 * on_land
        way, ride = _Way(), list[int]()
        for arc in arcs:
            occupied = self._queue(way, arc, commodity, size, observed=observed)
            if kind[arc] == ArcKind.BORDER or kind[arc] == ArcKind.TERMINAL:
                hours = max(self._waiting[arc] - occupied, 0.0) + observed * occupied
                way.spend(hours, (self._rules.cv_standing * hours) ** 2)
            elif self._on_board[arc] >= 0:
                ride.append(arc)
                if kind[arc] == ArcKind.ALIGHTING:
                    self._carry(way, ride, commodity, 0.0 if observed else size)
                    ride = []
            elif kind[arc] == ArcKind.LINK:
                hours = max(self._moving[arc] - occupied, 0.0) + observed * occupied
                way.spend(hours, per_hour * hours)
        if ride:
            self._carry(way, ride, commodity, 0.0 if observed else size)
        way.rest()
        return tuple(way.steps)

    def _queue(self, way: _Way, arc: int, commodity: int, size: float, *, observed: bool) -> float:
        """Let a consignment pass what stands on an arc; give the hours of the arc that it spends being served."""
        if arc in self._gates:
            way.add(Visit(self._gates[arc], constant(0.0)))
        first, stations, loads, shares = self._passes[commodity]
        queues, served = self._queues, 0.0
        for entry in range(first[arc], first[arc + 1]):
            station = stations[entry]
            if queues.formula[station]:
                hours = queues.delay_hours[station] * shares[entry]
                way.spend(hours, (self._rules.cv_standing * hours) ** 2)
            elif queues.waits[station]:
                occupation = queues.occupation(station, loads[entry] * size)
                way.add(Visit(queues.ids[station], constant(0.0) if observed else occupation))
                served += occupation.mean
        return served

    def _carry(self, way: _Way, ride: list[int], commodity: int, size: float) -> None:
        """Carry a consignment from boarding to alighting; with a service that is full, as long as routes reckoned."""
        network = self._traffic.network
        line = self._fleet.lines[self._on_board[ride[0]]]
        hops = [arc for arc in ride if self._kind[arc] == ArcKind.LINK]
        if not hops:  # a part that begins as one leaves a vessel, or ends as one would board the next
            return
        places = network.ids["places"]
        start, after, end = (
            places[network.start_place[hops[0]]],
            places[network.end_place[hops[0]]],
            places[network.end_place[hops[-1]]],
        )
        if not line.full:
            board, alight = line.calls(start, after, end)
            room = size / self._per_unit[line.unit][commodity] if line.unit else 0.0
            way.add(Ride(line.id, board, alight, max(room, LEAST_ROOM)))
            return
        if sea_of(line.id) in self._shut:
            way.add(Visit(sea_of(line.id), constant(0.0)))
        waiting = sum(self._waiting[arc] for arc in ride)
        sailing = sum(self._moving[arc] for arc in hops)
        way.spend(waiting, waiting**2 / 3.0)  # evenly from nothing to the time between departures
        way.spend(sailing, (self._rules.cv_sailing * sailing) ** 2)
