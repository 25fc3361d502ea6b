"""Services as vehicles that go round: fleet, time in port, rule of departure, and those that have no room left."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from jibek.network import ArcKind
from jibek.operations.consignments import per_unit_of
from jibek.operations.corridor_stations import SETTLED_LOAD, arc_sums, spread
from jibek.operations.distributions import constant
from jibek.operations.elements import Call, Service, Station, Travel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.network import Network
    from jibek.operations.rules import Rules
    from jibek.operations.traffic import Traffic

    Floats = NDArray[np.float64]

__all__ = ["LANDING", "SEA", "Fleet", "Line", "fleet_of", "sea_of", "service_of"]

SEA = "sea of "
"""Begins the name of the station that weather shuts for a service."""

LANDING = " landing"
"""Ends the name of a call at which goods are let off before the vessel lies in port and takes on others."""

_WEEK = 168.0
_WEEKS = 365.0 / 7.0
_LONGEST_HOURS = 28 * 24.0  # where table services gives no longest wait: a line that takes longer to fill is none
_ENDLESS = 1e12
_SLACK = 2.0  # standard deviations of a passage that a timetable has room for


@dataclass(frozen=True)
class Line:
    """One service, as rides need it.

    Attributes
    ----------
    id : str
        Service.
    unit : str
        Of its capacity; empty if none is known.
    places : tuple of str
        Where it calls, in order.
    load : float
        Most that waits for one hop in a week, over the room of its departures.
    full : bool
        Whether it has no room for a queue, so that its rides take the waiting that routes were chosen with.
    """

    id: str
    unit: str
    places: tuple[str, ...]
    load: float
    full: bool

    def calls(self, start: str, after: str, end: str) -> tuple[str, str]:
        """Name the calls of a ride by where it begins, goes next and ends: there it is let off as the vessel lands."""
        there = (start, after) in pairwise(self.places)
        return self._call(start, back=not there), f"{self._call(end, back=not there)}{LANDING}"

    def _call(self, place: str, *, back: bool) -> str:
        """Name a call; the ends of a line are called at once a round."""
        return f"{place} back" if back and place not in (self.places[0], self.places[-1]) else place


@dataclass(frozen=True)
class Fleet:
    """All services that routes use.

    Attributes
    ----------
    lines : mapping of int to Line
        By row in ``services``.
    services : tuple of Service
        Vehicles of those that have room.
    waters : tuple of Station
        Where vehicles lie, one station a service: shut by weather.
    """

    lines: Mapping[int, Line]
    services: tuple[Service, ...]
    waters: tuple[Station, ...]


def sea_of(service: str) -> str:
    """Name the station that weather shuts for a service."""
    return f"{SEA}{service}"


def fleet_of(world: Corridor, traffic: Traffic, rules: Rules, shut: Mapping[str, float]) -> Fleet:
    """Make vehicles of services.

    Where table services gives the vehicles, a round takes as long as makes the departures of the table with them;
    where it does not, there are as many as make them with the hours in port by rule.

    Parameters
    ----------
    world
        The corridor in the scenario.
    traffic
        Routes.
    rules
        For time in port and at sea.
    shut
        Share of the year that weather shuts a service.
    """
    loads = _hop_loads(world, traffic)
    lines, services, waters = {}, [], []
    for number, row in enumerate(world["services"].iter_rows(named=True)):
        if number not in loads:
            continue
        places = world["stops"].filter(service=row["id"]).sort("sequence")
        room = row["departures_per_week"] * (row["vehicle_capacity"] or np.inf) * (1.0 - shut.get(row["id"], 0.0))
        load = max(loads[number].values()) / room
        line = Line(row["id"], row["unit"] or "", tuple(places["place"]), load, load >= SETTLED_LOAD)
        lines[number] = line
        if not line.full:
            services.append(_service(row, places, _sailing_hours(world, row["mode"]), loads[number], rules))
        waters.append(Station(sea_of(row["id"]), servers=10_000))
    return Fleet(lines, tuple(services), tuple(waters))


def _service(
    row: Mapping[str, Any],
    stops: pl.DataFrame,
    sailing: Mapping[tuple[str, str], float],
    loads: Mapping[tuple[str, str], float],
    rules: Rules,
) -> Service:
    """Make the vehicles of one service; they go to the last call and back.

    Those of unknown number leave their first call by timetable, one after the other; those of known number go round as
    often as they can, so that the departures of the table come out. They wait for load at the call from which most
    goes, and leave the others as soon as they are handled: a vessel that is waited for on one shore does not wait for
    load on the other. Goods leave as a vessel lands: what it takes to unload them is in the hours of the terminal.
    """
    places, stays = stops["place"].to_list(), dict(stops.select("place", pl.col("hours").fill_null(0.0)).iter_rows())
    round_trip = [*pairwise(places), *pairwise(reversed(places))]
    at_sea, headway = sum(sailing[hop] for hop in round_trip), _WEEK / row["departures_per_week"]
    by_timetable, given = row["rule"] == "timetable" or row["vehicle_capacity"] is None, row["vehicles"]
    in_ports = sum(max(stays[start], rules.port_hours) for start, _ in round_trip)
    needed = at_sea * (1.0 + _SLACK * rules.cv_sailing) + in_ports
    vehicles = math.ceil((given or needed / headway) - 1e-9)
    in_port = max(vehicles * headway - at_sea, 0.0) / len(round_trip)
    if by_timetable and not given:
        in_port = rules.port_hours
    busiest = max(round_trip, key=lambda hop: (loads.get(hop, 0.0), hop))
    line = Line(row["id"], "", tuple(places), 0.0, full=False)
    path: list[Call | Travel] = []
    for hop in round_trip:
        call = Call(line.calls(*hop, hop[1])[0], constant(max(stays[hop[0]], in_port)), sea_of(row["id"]))
        if by_timetable and not given and hop == round_trip[0]:
            call = replace(call, rule="timetable", departures=(0.0,), period_hours=headway)
        elif not by_timetable and hop == busiest:
            latest = row["max_wait_hours"] or _LONGEST_HOURS
            call = replace(call, rule="full_or_time", full_share=row["full_share"], max_wait_hours=latest)
        landing = Call(f"{call.id}{LANDING}", constant(0.0), call.berth)
        path += [landing, call, Travel(spread(sailing[hop], rules.cv_sailing))]
    return Service(row["id"], vehicles, float(row["vehicle_capacity"] or _ENDLESS), tuple(path))


def _sailing_hours(world: Corridor, mode: str) -> dict[tuple[str, str], float]:
    """Give the hours of a mode's links, in either direction.

    Divided row by row: Polars divides a column by one number in another way for each part that its threads left of it.
    """
    speed = world["modes"].filter(id=mode)["speed_kmh"].item()
    links = world["links"].filter(mode=mode).select("from_place", "to_place", "hours", "length_km")
    there = {
        (start, end): length / speed if hours is None else hours for start, end, hours, length in links.iter_rows()
    }
    return {(end, start): value for (start, end), value in there.items()} | there


def _hop_loads(world: Corridor, traffic: Traffic) -> dict[int, dict[tuple[str, str], float]]:
    """Give what each service carries from one call to the next in a week, in units of its capacity."""
    network, places = traffic.network, traffic.network.ids["places"]
    on_board = service_of(network)
    hops = np.flatnonzero((network.kind == ArcKind.LINK) & (on_board >= 0))
    units = world["services"]["unit"].to_list()
    per = {unit: per_unit_of(world, traffic.commodities, unit) for unit in set(units)}
    carried = arc_sums(traffic, traffic.quantity)
    loads: dict[int, dict[tuple[str, str], float]] = {}
    for hop in hops[carried[:, hops].any(axis=0)].tolist():
        number = int(on_board[hop])
        pair = places[network.start_place[hop]], places[network.end_place[hop]]
        loads.setdefault(number, {})[pair] = float((carried[:, hop] / per[units[number]]).sum() / _WEEKS)
    return loads


def service_of(network: Network) -> NDArray[np.int64]:
    """Give the row in ``services`` of each arc on board; -1 on land."""
    return np.maximum(network.node_service[network.arc_from], network.node_service[network.arc_to]).astype(np.int64)
