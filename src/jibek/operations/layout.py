"""From a model, with names, to arrays with dense numbers; rows in order of their names, whatever order they came in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from jibek.operations.chance_kernels import VARIED_GAMMA
from jibek.operations.distributions import DistributionKind
from jibek.operations.elements import Call, Ride, Travel, Visit
from jibek.operations.mover_kernels import AGAIN, AT_ONCE, CALL, END, FULL, FULL_OR_TIME, RIDE, TIMETABLE, TRAVEL, VISIT
from jibek.operations.records import DRAW, NONE, ROUTE, STATION, STEP, STOP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from jibek.operations.distributions import Distribution
    from jibek.operations.elements import Route, Service
    from jibek.operations.model import Model

    Records = NDArray[np.void]
    Floats = NDArray[np.float64]

__all__ = ["Layout", "draw_rows", "key_of", "layout_of", "starts_of"]

_ENDLESS = 2**62
_NONE = int(NONE)
_RULES = {"at_once": AT_ONCE, "full": FULL, "full_or_time": FULL_OR_TIME, "timetable": TIMETABLE}


@dataclass(frozen=True)
class Layout:
    """A model in arrays, the same for all replications.

    Attributes
    ----------
    group_ids, route_ids, station_ids : tuple of str
        In order of their rows.
    route_group : int64 array, shape (n_routes,)
        Group of each route.
    stop_ids : tuple of (str, str)
        Service and call.
    leg_ids : tuple of (str, int, str)
        Group, number and name of what is tallied of steps, see `jibek.operations.results.LegResults`.
    leg_route : int64 array, shape (n_steps,)
        Route of each step; none for ends and for those of vehicles.
    step_hours : float64 array, shape (n_steps,)
        Mean of travel or service; NaN for steps that have none.
    interval : float64 array, shape (n_routes,)
        Mean hours between arrivals; NaN where they are given.
    steps, routes, stations, stops : arrays of `records`
        Stations are followed by a waiting room for each stop, and by a place without end for calls without a berth.
    values, timetable, given : float64 arrays
        Observed hours; departures; hours of arrival.
    profiles : float64 array, shape (n_profiles, 12)
        Speed of arrivals by month, with mean 1 over the hours of the year.
    levels : int
        Priorities.
    vehicles : array of (first step, priority, hour at which it begins, key), one row a vehicle
    """

    group_ids: tuple[str, ...]
    route_ids: tuple[str, ...]
    route_group: NDArray[np.int64]
    station_ids: tuple[str, ...]
    stop_ids: tuple[tuple[str, str], ...]
    leg_ids: tuple[tuple[str, int, str], ...]
    leg_route: NDArray[np.int64]
    step_hours: Floats
    interval: Floats
    values: Floats
    steps: Records
    routes: Records
    profiles: Floats
    given: Floats
    stations: Records
    stops: Records
    timetable: Floats
    levels: int
    vehicles: Records


VEHICLE = np.dtype([("first", np.int64), ("priority", np.int64), ("begin", np.float64), ("name", "U128")])
_DAYS_OF_MONTH = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def key_of(name: str) -> int:
    """Give 64 bits that depend on nothing but a name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


def layout_of(model: Model) -> Layout:
    """Give a model in arrays."""
    return _Layouter(model).layout()


def starts_of(service: Service) -> list[tuple[int, float]]:
    """Give the step with which each vehicle begins, and when: on the mean they are evenly spaced over their round.

    The first begins the path at hour 0; the others are somewhere on it, and begin with the step that comes next.
    """
    ends = np.cumsum([step.hours.mean for step in service.path])
    begins = ends - [step.hours.mean for step in service.path]
    starts = [(0, 0.0)]
    for number in range(1, service.vehicles):
        here = ends[-1] * (1.0 - number / service.vehicles)
        step = int(np.searchsorted(begins, here))
        starts.append((step, float(begins[step] - here)) if step < len(begins) else (0, float(ends[-1] - here)))
    return starts


def draw_rows(distributions: Sequence[Distribution]) -> tuple[Records, Floats]:
    """Give the rows of distributions, and the values of the empirical ones."""
    rows = np.zeros(len(distributions), DRAW)
    kind = np.array([each.kind for each in distributions], np.int64)
    mean, cv = (np.array([getattr(each, name) for each in distributions], np.float64) for name in ("mean", "cv"))
    rows["law"], rows["a"] = np.where(mean > 0, kind, DistributionKind.CONSTANT), mean
    for law, parameters in ((DistributionKind.GAMMA, _of_gamma), (DistributionKind.LOGNORMAL, _of_lognormal)):
        here = rows["law"] == law
        rows["law"][here], rows["a"][here], rows["b"][here] = parameters(mean[here], cv[here])
    count = np.array([len(each.values) for each in distributions], np.int64)
    here = rows["law"] == DistributionKind.EMPIRICAL
    rows["a"][here], rows["b"][here] = (np.cumsum(count) - count)[here], count[here]
    return rows, np.array([value for each in distributions for value in each.values], np.float64)


def _of_gamma(mean: Floats, cv: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Give law and parameters of gamma distributions, see `chance_kernels`."""
    shape, scale = cv**-2, mean * cv**2
    d = shape - 1.0 / 3.0
    varied = shape < 1.0
    law = np.where(varied, VARIED_GAMMA, DistributionKind.GAMMA)
    return law, np.where(varied, shape, (9.0 * np.abs(d)) ** -0.5), np.where(varied, scale, d * scale)


def _of_lognormal(mean: Floats, cv: Floats) -> tuple[int, Floats, Floats]:
    """Give law and parameters of lognormal distributions: mean and standard deviation of the logarithm."""
    variance = np.log1p(cv**2)
    return DistributionKind.LOGNORMAL, np.log(mean) - variance / 2.0, np.sqrt(variance)


def _write_out(rows: Records, draws: Records, means: Floats, numbers: Sequence[int]) -> Floats:
    """Write the distributions of the rows that have one into them; give their means, NaN for the others."""
    number = np.array(numbers, np.int64)
    drawn, hours = number != NONE, np.full(len(rows), np.nan)
    for column in ("law", "a", "b"):
        rows[column][drawn] = draws[column][number[drawn]]
    hours[drawn] = means[number[drawn]]
    return hours


class _Layouter:
    """Collects rows."""

    def __init__(self, model: Model) -> None:
        self.routes = sorted(model.routes, key=lambda row: row.id)
        self.stations = sorted(model.stations, key=lambda row: row.id)
        self.services = sorted(model.services, key=lambda row: row.id)
        self.station = {station.id: number for number, station in enumerate(self.stations)}
        calls = [(service, step) for service in self.services for step in service.path if isinstance(step, Call)]
        self.calls = calls
        self.stop = {(service.id, call.id): number for number, (service, call) in enumerate(calls)}
        priorities = sorted({*(row.priority for row in model.routes), *(row.priority for row in model.services)})
        self.level = {priority: number for number, priority in enumerate(priorities)}
        self.draws: dict[Distribution, int] = {}
        self.step_draws: list[int] = []
        self.route_draws: list[int] = []
        self.steps: list[tuple[float, ...]] = []
        self.leg_routes: list[int] = []
        self.legs: dict[tuple[str, int, str], int] = {}
        self.groups = sorted({route.group or route.id for route in self.routes})
        self.timetable: list[float] = []

    def layout(self) -> Layout:
        """Give all."""
        first_steps = [self._route_steps(number, route) for number, route in enumerate(self.routes)]
        routes, profiles, given = self._route_rows(first_steps)
        vehicles = [row for service in self.services for row in self._vehicles(service)]
        draws, values = draw_rows(tuple(self.draws))
        means = np.array([hours.mean for hours in self.draws], np.float64)
        steps = np.array(self.steps, STEP)
        step_hours = _write_out(steps, draws, means, self.step_draws)
        interval = _write_out(routes, draws, means, self.route_draws)
        return Layout(
            group_ids=tuple(self.groups),
            route_ids=tuple(route.id for route in self.routes),
            route_group=routes["tally"].copy(),
            station_ids=tuple(station.id for station in self.stations),
            stop_ids=tuple(self.stop),
            leg_ids=tuple(self.legs),
            leg_route=np.array(self.leg_routes, np.int64),
            step_hours=step_hours,
            interval=interval,
            values=values,
            steps=steps,
            routes=routes,
            profiles=profiles,
            given=given,
            stations=self._station_rows(),
            stops=self._stop_rows(steps),
            timetable=np.array(self.timetable, np.float64),
            levels=len(self.level),
            vehicles=np.array(vehicles, VEHICLE),
        )

    def _draw(self, hours: Distribution) -> int:
        """Add a distribution, once if it is drawn from in several steps; give its number."""
        return self.draws.setdefault(hours, len(self.draws))

    def _step(self, route: int, kind: int, draw: int = _NONE, station: int = _NONE, **more: float) -> None:
        """Add a step."""
        to, tally = (int(more.get(name, _NONE)) for name in ("to", "tally"))
        self.steps.append((kind, 0, station, to, tally, more.get("size", 0.0), 0.0))
        self.step_draws.append(draw)
        self.leg_routes.append(route)

    def _tally(self, route: Route, before: Counter[str], name: str) -> int:
        """Give the row of a leg's tally, if legs are counted; routes of one group share those of legs of one name."""
        if not route.by_leg:
            return _NONE
        leg = (route.group or route.id, before[name], name)
        before[name] += 1
        first = len(self.groups) + len(self.stations) + len(self.calls) + 1
        return first + self.legs.setdefault(leg, len(self.legs))

    def _route_steps(self, number: int, route: Route) -> int:
        """Add the steps of a route; give the first one's number."""
        first, before = len(self.steps), Counter[str]()
        for step in route.steps:
            if isinstance(step, Travel):
                self._step(number, TRAVEL, self._draw(step.hours), tally=self._tally(route, before, "travel"))
            elif isinstance(step, Visit):
                tally = self._tally(route, before, step.station)
                self._step(number, VISIT, self._draw(step.hours), self.station[step.station], tally=tally)
            else:
                self._ride(number, step, self._tally(route, before, step.service))
        self._step(_NONE, END)
        return first

    def _ride(self, number: int, ride: Ride, tally: int) -> None:
        """Add a ride."""
        at, off = self.stop[ride.service, ride.board], self.stop[ride.service, ride.alight]
        self._step(number, RIDE, station=len(self.stations) + at, to=off, size=ride.size, tally=tally)

    def _route_rows(self, first_steps: Sequence[int]) -> tuple[Records, Floats, Floats]:
        """Give the rows of routes, their profiles and given arrivals."""
        rows = np.zeros(len(self.routes), ROUTE)
        group = {name: number for number, name in enumerate(self.groups)}
        profiles: list[Floats] = []
        given: list[float] = []
        for row, route, first in zip(rows, self.routes, first_steps, strict=True):
            row["first"], row["priority"] = first, self.level[route.priority]
            row["tally"] = group[route.group or route.id]
            row["law"] = NONE
            self.route_draws.append(_NONE if route.interval is None else self._draw(route.interval))
            row["profile"] = len(profiles) if route.profile else NONE
            if route.profile:
                factors = np.array(route.profile, np.float64)
                profiles.append(factors / (factors @ _DAYS_OF_MONTH / _DAYS_OF_MONTH.sum()))
            row["given"] = len(given)
            given.extend(route.arrivals)
            row["given_end"] = len(given)
        return rows, np.array(profiles).reshape(len(profiles), 12), np.array(given, np.float64)

    def _vehicles(self, service: Service) -> list[tuple[int, int, float, str]]:
        """Add the steps of a service's path; give its vehicles, evenly spaced."""
        first = len(self.steps)
        shore = len(self.stations) + len(self.calls)
        for step in service.path:
            draw = self._draw(step.hours)
            if isinstance(step, Travel):
                self._step(_NONE, TRAVEL, draw)
            elif isinstance(step, Visit):
                self._step(_NONE, VISIT, draw, self.station[step.station])
            else:
                berth = self.station[step.berth] if step.berth else shore
                self._step(_NONE, CALL, draw, berth, to=self.stop[service.id, step.id])
        self._step(_NONE, AGAIN, to=first)
        level = self.level[service.priority]
        return [
            (first + step, level, begin, f"vehicle/{service.id}/{number}")
            for number, (step, begin) in enumerate(starts_of(service))
        ]

    def _station_rows(self) -> Records:
        """Give the rows of stations, of the stops' waiting rooms, and of the shore of calls without a berth."""
        rows = np.zeros(len(self.stations) + len(self.calls) + 1, STATION)
        rows["stop"], rows["room"], rows["least"], rows["most"] = NONE, _ENDLESS, 1, 1
        rows["wake"], rows["tally"] = -1.0, len(self.groups) + np.arange(len(rows))
        for row, station in zip(rows, self.stations, strict=False):
            row["servers"], row["least"], row["most"] = station.servers, station.least, station.most
            row["loses"] = station.when_full == "turn_away"
            if station.room is not None:
                row["room"] = station.room
        for at, (_, call) in enumerate(self.calls):
            rows[len(self.stations) + at]["stop"] = at
            if call.room is not None:
                rows[len(self.stations) + at]["room"] = call.room
        rows[-1]["servers"] = _ENDLESS
        rows["free"] = rows["servers"]
        return rows

    def _stop_rows(self, steps: Records) -> Records:
        """Give the rows of calls."""
        rows = np.zeros(len(self.calls), STOP)
        rows["ends"][steps["to"][steps["kind"] == RIDE]] = 1
        for at, (service, call) in enumerate(self.calls):
            row = rows[at]
            row["yard"] = len(self.stations) + at
            row["berth"] = self.station[call.berth] if call.berth else len(self.stations) + len(self.calls)
            row["rule"], row["capacity"] = _RULES[call.rule], service.capacity
            row["full_load"], row["max_wait"] = call.full_share * service.capacity, call.max_wait_hours
            row["period"], row["departure"] = call.period_hours, len(self.timetable)
            row["departures"] = len(call.departures) if call.rule == "timetable" else 0
            self.timetable.extend(call.departures)
            row["ready"], row["ready_last"], row["last_day"] = NONE, NONE, NONE
        return rows
