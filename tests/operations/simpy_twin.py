"""Any model in SimPy: the same rules written as processes that wait for each other, with other random numbers."""

from __future__ import annotations

from collections.abc import Callable, Generator
from itertools import count
from typing import Any

import numpy as np
import simpy

from jibek.operations import Call, Model, Ride, Route, Service, Station, Travel, Visit
from jibek.operations.distributions import Distribution, DistributionKind
from jibek.operations.layout import starts_of

Process = Generator[simpy.Event, Any, None]
FAR = 10**9
LAST = 2  # after all else at one time


class Twin:
    """A model as it runs in SimPy."""

    def __init__(self, model: Model, hours: float, seed: int) -> None:
        self.world = simpy.Environment()
        self.chance = np.random.default_rng(seed)
        self.turn = count()
        self.times: dict[str, list[tuple[float, float]]] = {route.id: [] for route in model.routes}
        self.turned_away = dict.fromkeys(self.times, 0)
        self.departures: dict[tuple[str, str], int] = {}
        self.stations = {row.id: Yard(self, row) for row in model.stations}
        for closure in model.closures:
            for name in closure.stations:
                self.stations[name].shut.append((closure.from_hour, closure.to_hour))
        self.stops: dict[tuple[str, str], Stop] = {}
        for service in model.services:
            for call in service.path:
                if isinstance(call, Call):
                    berth = self.stations[call.berth] if call.berth else Yard(self, Station("", FAR))
                    self.stops[service.id, call.id] = Stop(self, service, call, berth)
                    self.departures[service.id, call.id] = 0
        for service in model.services:
            for first, begin in starts_of(service):
                self.world.process(self.sail(service, first, begin))
        for route in model.routes:
            self.world.process(self.source(route))
        self.world.run(hours)

    def draw(self, hours: Distribution) -> float:
        if hours.kind == DistributionKind.EXPONENTIAL:
            return float(self.chance.exponential(hours.mean))
        if hours.kind == DistributionKind.GAMMA:
            return float(self.chance.gamma(hours.cv**-2, hours.mean * hours.cv**2))
        assert hours.kind == DistributionKind.CONSTANT
        return hours.mean

    def source(self, route: Route) -> Process:
        for hour in route.arrivals:
            yield self.world.timeout(hour - self.world.now)
            self.world.process(self.travel(route))
        while route.interval is not None:
            yield self.world.timeout(self.draw(route.interval))
            self.world.process(self.travel(route))

    def travel(self, route: Route) -> Process:
        mover = Mover(route.priority)
        born = self.world.now
        for step in route.steps:
            if isinstance(step, Travel):
                mover.let_go()
                yield self.world.timeout(self.draw(step.hours))
            elif isinstance(step, Visit):
                yard = self.stations[step.station]
                if yard.row.when_full == "turn_away" and (yard.inside >= yard.room or yard.outside):
                    mover.let_go()
                    self.turned_away[route.id] += 1
                    return
                yield from yard.serve(mover, step.hours)
            else:
                yield from self.ride(mover, step)
        mover.let_go()
        self.times[route.id].append((self.world.now, self.world.now - born))

    def ride(self, mover: Mover, step: Ride) -> Process:
        stop = self.stops[step.service, step.board]
        mover.off, mover.size, mover.landed = step.alight, step.size, self.world.event()
        stop.yard.enter(mover, lambda: stop.wait(mover))
        yield mover.landed

    def sail(self, service: Service, first: int, begin: float) -> Process:
        vehicle = Mover(service.priority)
        vehicle.aboard = []
        yield self.world.timeout(begin)
        while True:
            for step in service.path[first:]:
                if isinstance(step, Travel):
                    vehicle.let_go()
                    yield self.world.timeout(self.draw(step.hours))
                elif isinstance(step, Visit):
                    yield from self.stations[step.station].serve(vehicle, step.hours)
                else:
                    stop = self.stops[service.id, step.id]
                    yield from stop.berth.serve(vehicle, step.hours)
                    yield from stop.call(vehicle)
                    self.departures[service.id, step.id] += 1
            first = 0


class Mover:
    """A consignment or a vehicle, and how it lets go of what it holds."""

    def __init__(self, priority: int) -> None:
        self.priority, self.size = priority, 0.0
        self.gives_back: list[Any] = []
        self.aboard: list[Mover] = []
        self.off = ""
        self.landed: simpy.Event

    def let_go(self) -> None:
        gives_back, self.gives_back = self.gives_back, []
        for give_back in gives_back:
            give_back()


class Place:
    """Where something may begin once all that happens at this moment has happened."""

    twin: Twin
    listed = False

    def begin(self) -> None:
        raise NotImplementedError

    def soon(self) -> None:
        if not self.listed:
            self.listed = True
            event = self.twin.world.event()
            event._ok, event._value = True, None
            event.callbacks.append(self._begin)
            self.twin.world.schedule(event, priority=LAST)

    def _begin(self, _: simpy.Event) -> None:
        self.listed = False
        self.begin()


class Yard(Place):
    """A station: room, then servers, each asked for in turn."""

    def __init__(self, twin: Twin, row: Station) -> None:
        self.twin, self.row = twin, row
        self.room = FAR if row.room is None else row.room
        self.free, self.inside = row.servers, 0
        self.outside: list[tuple[int, int, Mover, Callable[[], None]]] = []
        self.queue: list[tuple[int, int, simpy.Event, Distribution]] = []
        self.shut: list[tuple[float, float]] = []

    def enter(self, mover: Mover, admitted: Callable[[], None]) -> None:
        at_once = not self.outside
        self.outside.append((mover.priority, next(self.twin.turn), mover, admitted))
        self.outside.sort(key=lambda row: row[:2])
        if at_once:
            self.let_in()

    def let_in(self) -> None:
        while self.outside and self.inside < self.room:
            self.inside += 1
            *_, mover, admitted = self.outside.pop(0)
            mover.let_go()
            mover.gives_back.append(self.leave)
            admitted()

    def leave(self) -> None:
        self.inside -= 1
        self.soon()

    def serve(self, mover: Mover, hours: Distribution) -> Process:
        turn = self.twin.world.event()

        def wait() -> None:
            self.queue.append((mover.priority, next(self.twin.turn), turn, hours))
            self.queue.sort(key=lambda row: row[:2])
            self.soon()

        self.enter(mover, wait)
        batch, done = yield turn
        yield done
        mover.gives_back.append(lambda: self.give_back(batch))

    def begin(self) -> None:
        self.let_in()
        while self.free and len(self.queue) >= self.row.least:
            if self.opens() > self.twin.world.now:
                self.twin.world.process(self.try_again())
                return
            self.free -= 1
            members = [self.queue.pop(0) for _ in range(min(self.row.most, len(self.queue)))]
            batch = [len(members)]
            done = self.twin.world.timeout(self.rests(self.twin.draw(members[0][3])))
            for member in members:
                member[2].succeed((batch, done))

    def opens(self) -> float:
        now = self.twin.world.now
        while any(begin <= now < end - 1e-9 for begin, end in self.shut):
            now = max(end for begin, end in self.shut if begin <= now < end - 1e-9)
        return now

    def try_again(self) -> Process:
        yield self.twin.world.timeout(self.opens() - self.twin.world.now)
        self.soon()

    def rests(self, work: float) -> float:
        now = self.twin.world.now
        end = now + work
        for shut_from, shut_to in sorted(self.shut):
            if now <= shut_from < end:
                end += shut_to - shut_from
        return end - now

    def give_back(self, batch: list[int]) -> None:
        batch[0] -= 1
        if batch[0] == 0:
            self.free += 1
            self.soon()


class Stop(Place):
    """A call: vehicles wait in turn, the first takes on."""

    def __init__(self, twin: Twin, service: Service, row: Call, berth: Yard) -> None:
        self.twin, self.row, self.berth = twin, row, berth
        self.capacity = service.capacity
        self.yard = Yard(twin, Station("", 1, room=row.room))
        self.waiting: list[tuple[int, int, Mover]] = []
        self.vehicles: list[tuple[Mover, float, simpy.Event]] = []
        hours = [k * row.period_hours + hour for k in range(2000) for hour in row.departures]
        self.slots = iter(hours)

    def call(self, vehicle: Mover) -> Process:
        world = self.twin.world
        cleared = []
        for passenger in [each for each in vehicle.aboard if each.off == self.row.id]:
            vehicle.aboard.remove(passenger)
            free = world.event()
            cleared.append(free)
            passenger.gives_back.append(free.succeed)
            passenger.landed.succeed()
        yield world.all_of(cleared)
        due = world.now
        if self.row.rule == "full":
            due = np.inf
        elif self.row.rule == "full_or_time":
            due += self.row.max_wait_hours
        elif self.row.rule == "timetable":
            due = next(hour for hour in self.slots if hour >= world.now)
        leaves = world.event()
        self.vehicles.append((vehicle, due, leaves))
        if np.isfinite(due):
            world.process(self.when(due))
        self.soon()
        yield leaves

    def wait(self, mover: Mover) -> None:
        self.waiting.append((mover.priority, next(self.twin.turn), mover))
        self.waiting.sort(key=lambda row: row[:2])
        self.soon()

    def when(self, hour: float) -> Process:
        yield self.twin.world.timeout(hour - self.twin.world.now)
        self.soon()

    def begin(self) -> None:
        now = self.twin.world.now
        self.yard.let_in()
        while self.vehicles:
            vehicle, due, leaves = self.vehicles[0]
            load = sum(each.size for each in vehicle.aboard)
            full = False
            while self.waiting and not full:
                full = load + self.waiting[0][2].size > self.capacity + 1e-9
                if not full:
                    passenger = self.waiting.pop(0)[2]
                    vehicle.aboard.append(passenger)
                    load += passenger.size
                    passenger.let_go()
                    self.yard.let_in()
            full = full or load >= self.row.full_share * self.capacity - 1e-9
            if now < due - 1e-9 and not (full and self.row.rule.startswith("full")):
                return
            if self.berth.opens() > now:
                self.twin.world.process(self.when(self.berth.opens()))
                return
            self.vehicles.pop(0)
            leaves.succeed()
