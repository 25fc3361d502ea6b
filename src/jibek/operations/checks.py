"""Whether a model of operations makes sense; all that is wrong with it, at once."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from jibek.errors import Fault, OperationsError
from jibek.operations.distributions import MOST_VARIED, DistributionKind
from jibek.operations.elements import Call, Ride, Visit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jibek.operations.distributions import Distribution
    from jibek.operations.elements import Calendar, Closure, Route, Service, Station, Stoppage
    from jibek.operations.model import Model

__all__ = ["check"]

_GREATEST = 1e9  # hours; longer ones are a slip of the pen


def check(model: Model) -> None:
    """Look at every row.

    Raises
    ------
    OperationsError
        With all faults.
    """
    faults = _Faults(model)
    faults.unique("stations", model.stations)
    faults.unique("services", model.services)
    faults.unique("routes", model.routes)
    faults.unique("closures", model.closures)
    faults.unique("stoppages", model.stoppages)
    for station in model.stations:
        faults.of_station(station)
    for service in model.services:
        faults.of_service(service)
    for route in model.routes:
        faults.of_route(route)
    for closure in model.closures:
        faults.closed("closures", closure.id, closure.stations)
        faults.within("closures", closure.id, "from_hour", closure.from_hour, 0.0, _GREATEST)
        if not closure.from_hour < closure.to_hour <= _GREATEST:
            expected, remedy = "an hour after from_hour", "A closure must end; leave out a station that never opens."
            faults.add("closures", closure.id, "to_hour", closure.to_hour, expected, remedy)
    for stoppage in model.stoppages:
        faults.closed("stoppages", stoppage.id, stoppage.stations)
        faults.lasting("stoppages", stoppage.id, "hours", stoppage.hours, positive=True)
        if len(stoppage.share) not in {1, 12} or not all(0 <= share < 1 for share in stoppage.share):
            expected = "1 or 12 shares from 0 to below 1"
            remedy = "A station that is shut for good takes a closure with a last hour."
            faults.add("stoppages", stoppage.id, "share", stoppage.share, expected, remedy)
    if faults.found:
        raise OperationsError(faults.found)


class _Faults:
    """Faults of a model."""

    def __init__(self, model: Model) -> None:
        self.found: list[Fault] = []
        self.stations = {station.id for station in model.stations}
        self.services = {service.id: service for service in model.services}
        self.not_for_vehicles = {row.id for row in model.stations if row.most > 1 or row.when_full == "turn_away"}

    def add(self, table: str, row: str, column: str, value: object, expected: str, remedy: str) -> None:
        """Note one."""
        self.found.append(Fault("fault", table, row, column, str(value), expected, remedy))

    def within(self, table: str, row: str, column: str, value: float, least: float, greatest: float) -> None:
        """Check a number."""
        if not least <= value <= greatest:
            self.add(table, row, column, value, f"number from {least:g} to {greatest:g}", "Correct the number.")

    def unique(self, table: str, rows: Sequence[Route | Service | Station | Closure | Stoppage]) -> None:
        """Check that a name stands once."""
        names = [row.id for row in rows]
        for name in sorted(name for name, number in Counter(names).items() if number > 1):
            self.add(table, name, "id", name, "a name that stands once", "Rename one of the rows.")

    def known(self, table: str, row: str, column: str, station: str) -> None:
        """Check the name of a station."""
        if station not in self.stations:
            self.add(table, row, column, station, "the id of a station", "Correct the name or add the station.")

    def closed(self, table: str, row: str, stations: Sequence[str]) -> None:
        """Check what a closure shuts."""
        for station in stations:
            self.known(table, row, "stations", station)

    def lasting(self, table: str, row: str, column: str, hours: Distribution, *, positive: bool = False) -> None:
        """Check a distribution of hours."""
        values = (hours.mean, *hours.values)
        least = "above 0" if positive else "of at least 0"
        if not all(0 <= value <= _GREATEST for value in values) or (positive and not hours.mean > 0):
            self.add(table, row, column, hours.mean, f"hours {least}", "Correct the duration.")
        if not 0 <= hours.cv <= MOST_VARIED:
            expected = f"cv from 0 to {MOST_VARIED:g}"
            self.add(table, row, column, hours.cv, expected, "Give standard deviation over mean.")
        if hours.kind == DistributionKind.EMPIRICAL and not hours.values:
            self.add(table, row, column, "no values", "at least one value", "Give the observed values.")
        if hours.kind in {DistributionKind.GAMMA, DistributionKind.LOGNORMAL} and hours.mean > 0 and hours.cv == 0:
            self.add(table, row, column, hours.cv, "cv above 0", "Take constant hours for what never varies.")

    def of_station(self, station: Station) -> None:
        """Check a station."""
        table, row = "stations", station.id
        if station.servers < 1:
            remedy = "Give it a server, or close it for a time by a closure."
            self.add(table, row, "servers", station.servers, "at least 1", remedy)
        if not 1 <= station.least <= station.most:
            self.add(table, row, "least, most", f"{station.least}, {station.most}", "1 <= least <= most", "Correct it.")
        if station.room is not None and station.room < station.least:
            remedy = "Give room for at least one batch."
            self.add(table, row, "room", station.room, f"at least {station.least}, the least batch", remedy)
        if station.when_full not in {"block", "turn_away"}:
            self.add(table, row, "when_full", station.when_full, "block or turn_away", "Choose one of them.")
        if station.calendar is not None:
            self.of_calendar(row, station.calendar)

    def of_calendar(self, row: str, calendar: Calendar) -> None:
        """Check when a station works."""
        for column in ("from_hour", "to_hour"):
            self.within("stations", row, f"calendar.{column}", getattr(calendar, column), 0.0, 24.0)
        if calendar.from_hour == calendar.to_hour:
            remedy = "Take 0 and 24 for the whole day."
            self.add("stations", row, "calendar.to_hour", calendar.to_hour, "another hour than from_hour", remedy)
        for column, days, least, most in (("weekdays", calendar.weekdays, 0, 6), ("months", calendar.months, 1, 12)):
            if not days or not all(least <= day <= most for day in days):
                self.add(
                    "stations", row, f"calendar.{column}", days, f"numbers from {least} to {most}", "Name at least one."
                )

    def of_service(self, service: Service) -> None:
        """Check a service and its path."""
        table, row = "services", service.id
        if service.vehicles < 1:
            remedy = "Give it a vehicle or leave the service out."
            self.add(table, row, "vehicles", service.vehicles, "at least 1", remedy)
        self.within(table, row, "capacity", service.capacity, 1e-9, 1e12)
        calls = [step.id for step in service.path if isinstance(step, Call)]
        if not calls or len(calls) != len(set(calls)):
            self.add(table, row, "path", "; ".join(calls), "calls, each with a name of its own", "Correct the path.")
        if not sum(step.hours.mean for step in service.path) > 0:
            remedy = "Say how long calls and travel take."
            self.add(table, row, "path", 0, "a way round that takes time", remedy)
        for step in service.path:
            station = step.berth if isinstance(step, Call) else step.station if isinstance(step, Visit) else ""
            if station in self.not_for_vehicles:
                expected = "a station that serves one at a time and turns nobody away"
                self.add(table, row, "path", station, expected, "Give vehicles a station of their own.")
            if isinstance(step, Call):
                self.of_call(row, step)
            elif isinstance(step, Visit):
                self.known(table, row, "path", step.station)
            self.lasting(table, row, "path", step.hours)

    def of_call(self, service: str, call: Call) -> None:
        """Check a call of a service."""
        table, row = "calls", f"{service}/{call.id}"
        if call.berth:
            self.known(table, row, "berth", call.berth)
        if call.rule not in {"at_once", "full", "full_or_time", "timetable"}:
            self.add(table, row, "rule", call.rule, "at_once, full, full_or_time or timetable", "Choose one of them.")
        self.within(table, row, "full_share", call.full_share, 0.0, 1.0)
        self.within(table, row, "max_wait_hours", call.max_wait_hours, 0.0, _GREATEST)
        if call.room is not None and call.room < 1:
            self.add(table, row, "room", call.room, "at least 1", "Give room, or leave it out if there is enough.")
        if call.rule == "timetable":
            self.within(table, row, "period_hours", call.period_hours, 1e-6, _GREATEST)
            inside = all(0 <= hour < call.period_hours for hour in call.departures)
            if not call.departures or not inside or not _increase(call.departures):
                remedy = "List the departures of one period in order."
                expected = "increasing hours from 0 to below period_hours"
                self.add(table, row, "departures", call.departures, expected, remedy)

    def of_route(self, route: Route) -> None:
        """Check a route and its arrivals."""
        table, row = "routes", route.id
        if not route.steps:
            self.add(table, row, "steps", "none", "at least one step", "Say which way the consignments go.")
        if (route.interval is None) == (not route.arrivals):
            remedy = "Give either the time between arrivals or the hours of all arrivals."
            self.add(table, row, "interval", route.interval, "interval or arrivals", remedy)
        if route.interval is not None:
            self.lasting(table, row, "interval", route.interval, positive=True)
        if not all(math.isfinite(hour) and hour >= 0 for hour in route.arrivals) or _fall(route.arrivals):
            self.add(table, row, "arrivals", route.arrivals, "hours of at least 0, in order", "Sort and correct them.")
        usable = all(0 <= factor < math.inf for factor in route.profile)
        if route.profile and (len(route.profile) != 12 or not usable or not sum(route.profile) > 0):
            self.add(table, row, "profile", route.profile, "12 factors of at least 0", "Give one for each month.")
        for step in route.steps:
            if isinstance(step, Ride):
                self.of_ride(route, step)
                continue
            if isinstance(step, Visit):
                self.known(table, row, "steps", step.station)
            self.lasting(table, row, "steps", step.hours)

    def of_ride(self, route: Route, ride: Ride) -> None:
        """Check that a service runs where a route rides."""
        table, row = "routes", route.id
        service = self.services.get(ride.service)
        if service is None:
            remedy = "Correct the name or add the service."
            self.add(table, row, "steps", ride.service, "the id of a service that runs there", remedy)
            return
        calls = {step.id for step in service.path if isinstance(step, Call)}
        for column, call in (("board", ride.board), ("alight", ride.alight)):
            if call not in calls:
                expected = f"a call of service {ride.service}: {', '.join(sorted(calls))}"
                self.add(table, row, column, call, expected, "Correct the name or add the call.")
        if ride.board == ride.alight:
            self.add(table, row, "alight", ride.alight, "another call than board", "Leave the ride out or correct it.")
        self.within(table, row, "size", ride.size, 1e-9, 1e12)
        if ride.size > service.capacity:
            expected = f"at most {service.capacity:g}, the capacity of service {ride.service}"
            self.add(table, row, "size", ride.size, expected, "Divide the consignments or take larger vehicles.")


def _increase(hours: Iterable[float]) -> bool:
    """Say whether each is greater than the one before."""
    return all(after > before for before, after in pairwise(hours))


def _fall(hours: Sequence[float]) -> bool:
    """Say whether one is less than the one before."""
    return any(after < before for before, after in pairwise(hours))
