"""One replication: arrays filled from a layout and a seed, the event loop, and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jibek.errors import Fault, OperationsError
from jibek.operations.chance_kernels import keys_in
from jibek.operations.closures import fixed_gaps, merge, random_gaps, rates_of
from jibek.operations.deadlock_kernels import stuck
from jibek.operations.event_kernels import list_arrivals, run
from jibek.operations.layout import draw_rows, key_of, layout_of
from jibek.operations.mover_kernels import JOINS
from jibek.operations.queue_kernels import (
    FREE_EVENT,
    FREE_LOT,
    FREE_MOVER,
    HAPPENED,
    LEVELS,
    N_COUNTS,
    SLOTS,
    WHO,
    Agenda,
    push,
)
from jibek.operations.records import BATCHES, BLOCK, CARRIER, CLASSES, EVENT, LATER_EVENT, LINE, MOVER, NONE, TALLY
from jibek.operations.world import World

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from jibek.operations.model import Model

    Records = NDArray[np.void]
    Floats = NDArray[np.float64]

__all__ = ["Replication", "Replicator", "empty_agenda"]

_MOVERS = 64  # rows at the start; there are twice as many whenever they run out
_EVENTS_OF_MOVER = 4  # rows of events for each, more than it can list


@dataclass(frozen=True)
class Replication:
    """What one replication leaves.

    Attributes
    ----------
    events : int
        That happened.
    routes, stations, stops : arrays of `records`
        At the end.
    tallies, batches, queues, histogram
        See `World`.
    stuck : bool array, shape (n_stations,)
        Stations in a deadlock.
    stuck_since : float
        Hour; NaN if there is none.
    """

    events: int
    routes: Records
    stations: Records
    stops: Records
    tallies: Records
    histogram: NDArray[np.int32]
    batches: Floats
    queues: Floats
    stuck: NDArray[np.bool_]
    stuck_since: float


class Replicator:
    """A model ready to be replicated.

    Parameters
    ----------
    model
        What is simulated.
    hours, warmup_hours
        When it ends, and from when it is measured.
    seed
        Of all replications.
    alone
        Whether there is only one, whose batches give intervals.
    """

    def __init__(self, model: Model, *, hours: float, warmup_hours: float, seed: int, alone: bool) -> None:
        self.layout = layout = layout_of(model)
        self._hours, self._batches = hours, BATCHES if alone else 0
        first_end = warmup_hours + (hours - warmup_hours) / BATCHES if alone else np.inf
        self._window = np.array([warmup_hours, hours, first_end])
        self._seed = seed
        numbers = {name: number for number, name in enumerate(layout.station_ids)}
        self._fixed = fixed_gaps(model, numbers, hours)
        stoppages = sorted(model.stoppages, key=lambda row: row.id)
        self._stoppages = [
            (rates_of(row), number, tuple(numbers[station] for station in row.stations))
            for number, row in enumerate(stoppages)
        ]
        self._names = {
            "arrivals": _keys(f"arrivals/{name}" for name in layout.route_ids),
            "ways": _keys(f"way/{name}" for name in layout.route_ids),
            "vehicles": _keys(layout.vehicles["name"]),
            "stoppages": _keys(f"stoppage/{row.id}" for row in stoppages),
        }
        self._stoppage_draws, self._stoppage_values = draw_rows([row.hours for row in stoppages])

    def __call__(self, replication: int) -> Replication:
        """Run a replication."""
        world = self._world(replication)
        list_arrivals(world)
        while not run(world):
            world = _with_room(world)
        return Replication(
            int(world.counts[HAPPENED]),
            world.routes,
            world.stations,
            world.stops,
            world.tallies,
            world.histogram,
            np.diff(world.batches, axis=0, prepend=0.0),
            world.queues / _block_hours(world),
            *stuck(world),
        )

    def _world(self, replication: int) -> World:
        """Make the arrays of a replication."""
        layout = self.layout
        stations, routes = layout.stations.copy(), layout.routes.copy()
        run = np.uint64(key_of(f"{self._seed}/{replication}"))
        keys = {name: keys_in(run, names) for name, names in self._names.items()}
        stoppages, hours = keys["stoppages"].tolist(), self._hours
        drawn = random_gaps(self._stoppages, self._stoppage_draws, self._stoppage_values, hours, stoppages)
        first_gap, shut_from, shut_to = merge(self._fixed, drawn, len(stations))
        stations["gap"] = stations["measured_gap"] = first_gap[:-1]
        stations["gap_end"] = first_gap[1:]
        routes["key"], routes["luck"] = keys["ways"], keys["arrivals"]
        n_rows = len(layout.group_ids) + len(stations) + len(layout.leg_ids)
        tallies = np.zeros(n_rows, TALLY)
        tallies["least"] = np.inf
        for column in ("p50", "p80", "p95"):
            tallies[column] = np.nan
        n_movers = len(layout.vehicles) + _MOVERS
        lines = np.full((2 * len(stations) * layout.levels,), NONE)
        agenda = empty_agenda(_EVENTS_OF_MOVER * n_movers + 2 * (len(stations) + len(routes)), hours)
        counts = np.zeros(N_COUNTS, np.int64)
        counts[FREE_MOVER] = len(layout.vehicles)
        lots = np.arange(1, n_movers + 1, dtype=np.uint32)
        lots[-1] = NONE
        counts[FREE_LOT], counts[LEVELS] = 0, layout.levels
        movers = self._movers(keys["vehicles"], n_movers)
        carriers = np.zeros(len(layout.vehicles), CARRIER)
        carriers["aboard"] = carriers["aboard_last"] = NONE
        carriers["wake"] = -1.0
        for number, begin in enumerate(layout.vehicles["begin"]):
            push(agenda, counts, begin, JOINS, number)
        return World(
            values=layout.values,
            steps=layout.steps,
            routes=routes,
            profiles=layout.profiles,
            given=layout.given,
            stations=stations,
            shut_from=shut_from,
            shut_to=shut_to,
            stops=layout.stops.copy(),
            timetable=layout.timetable,
            lines=np.stack([lines, lines], axis=1).view(LINE)[:, 0],
            movers=movers,
            carriers=carriers,
            lots=lots,
            ready=np.empty(n_movers, np.uint32),
            dirty=np.empty(len(stations), np.uint32),
            agenda=agenda,
            counts=counts,
            tallies=tallies,
            histogram=np.zeros((n_rows, CLASSES), np.int32),
            batches=np.zeros((self._batches, n_rows, 2)),
            queues=np.zeros((len(stations), int(np.ceil(hours / BLOCK)))),
            window=self._window.copy(),
        )

    def _movers(self, keys: NDArray[np.uint64], count: int) -> Records:
        """Make the rows of movers: vehicles, then free ones."""
        vehicles = self.layout.vehicles
        movers = np.zeros(count, MOVER)
        movers["next"] = np.arange(1, count + 1)
        movers["next"][-1] = NONE
        movers["route"] = movers["step"] = movers["held"] = NONE
        here = movers[: len(vehicles)]
        here["step"], here["priority"] = vehicles["first"] - 1, vehicles["priority"]
        here["luck"] = keys
        return movers


def _keys(names: Iterable[str]) -> NDArray[np.uint64]:
    """Give the keys of names."""
    return np.array([key_of(name) for name in names], np.uint64)


def empty_agenda(room: int, hours: float) -> Agenda:
    """Give an empty list of events."""
    return Agenda(
        soon=np.zeros(room, EVENT),
        later=_free_events(0, room, int(NONE)),
        slots=np.full(SLOTS, NONE),
        span=np.array([hours, SLOTS / hours]),
    )


def _free_events(first: int, count: int, after: int) -> Records:
    """Give free rows of later events, numbered from the first on, in a chain that ends with another row."""
    rows = np.zeros(count, LATER_EVENT)
    rows["next"] = np.arange(first + 1, first + count + 1)
    rows["next"][-1] = after
    return rows


def _with_room(world: World) -> World:
    """Give a world with room for twice as many movers, and for the events that they can list.

    Raises
    ------
    OperationsError
        If there are more than an event can name.
    """
    old = len(world.movers)
    if 2 * old > 2**WHO:
        expected, remedy = f"at most {2**WHO:,} at a time", "Look for the queue that grows, or end sooner."
        raise OperationsError([Fault("fault", "simulation", "", "under way", f"over {old:,}", expected, remedy)])
    movers = np.concatenate([world.movers, np.zeros(old, MOVER)])
    movers["step"][old:] = NONE
    following = np.arange(old + 1, 2 * old, dtype=np.uint32)
    movers["next"][old:] = np.append(following, world.counts[FREE_MOVER])
    lots = np.concatenate([world.lots, following, world.counts[[FREE_LOT]]], dtype=np.uint32, casting="unsafe")
    world.counts[FREE_MOVER] = world.counts[FREE_LOT] = old
    agenda, more = world.agenda, _EVENTS_OF_MOVER * old
    later = np.concatenate([agenda.later, _free_events(len(agenda.later), more, int(world.counts[FREE_EVENT]))])
    world.counts[FREE_EVENT] = len(agenda.later)
    return world._replace(
        movers=movers,
        lots=lots,
        ready=np.concatenate([world.ready, np.empty(old, np.uint32)]),
        agenda=agenda._replace(soon=np.concatenate([agenda.soon, np.empty(more, EVENT)]), later=later),
    )


def _block_hours(world: World) -> Floats:
    """Give the hours of each block, the last of which may be cut short."""
    hours = np.full(world.queues.shape[1], BLOCK)
    hours[-1] = world.window[1] - BLOCK * (len(hours) - 1)
    return hours
