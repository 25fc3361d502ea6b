"""What a simulation tells, in hours, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from jibek.errors import Fault
    from jibek.operations.intervals import Estimates

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["CallResults", "LegResults", "RouteResults", "Simulation", "StationResults", "Times"]


@dataclass(frozen=True)
class Times:
    """Hours that something took, in all replications together.

    Attributes
    ----------
    count : int64 array, shape (n,)
        Observations that ended in measured time.
    mean, p50, p80, p95 : Estimates, shape (n,)
        Hours; NaN where nothing was observed, and where the queue has no end. Intervals of P50, P80 and P95 need
        replications.
    least, most : float64 arrays, shape (n,)
        Hours.
    """

    count: Ints
    mean: Estimates
    p50: Estimates
    p80: Estimates
    p95: Estimates
    least: Floats
    most: Floats


@dataclass(frozen=True)
class RouteResults:
    """Consignments route by route, or group of routes by group.

    Attributes
    ----------
    ids : tuple of str
        Groups, and routes that are in none, in order of their names.
    arrived, delivered, turned_away : Estimates, shape (n_routes,)
        Consignments in measured time, per replication.
    under_way : Estimates, shape (n_routes,)
        Mean number on the way.
    under_way_each : float64 array, shape (n_replications, n_routes)
        The same in each replication, so that runs of the same luck can be compared pair by pair.
    hours : Times, shape (n_routes,)
        From arrival to delivery.
    histogram : int32 array, shape (n_routes, CLASSES)
        Consignments by class of hours; the middle of a class is `class_hours`.
    """

    ids: tuple[str, ...]
    arrived: Estimates
    delivered: Estimates
    turned_away: Estimates
    under_way: Estimates
    under_way_each: Floats
    hours: Times
    histogram: NDArray[np.int32]


@dataclass(frozen=True)
class LegResults:
    """Steps of routes.

    Attributes
    ----------
    ids : tuple of (str, int, str)
        Group or route; how many legs of the same name come before it on its route; its station, its service, or
        ``travel``.
    hours : Times, shape (n_legs,)
        From the end of the step before to its own end: waiting, service, carriage.
    """

    ids: tuple[tuple[str, int, str], ...]
    hours: Times


@dataclass(frozen=True)
class StationResults:
    """Stations.

    Attributes
    ----------
    ids : tuple of str
        In order of their names.
    offered_load : float64 array, shape (n_stations,)
        Work that routes bring over what the servers can do in the time that they are open; vehicles not counted.
    arrived, turned_away : Estimates, shape (n_stations,)
        In measured time, per replication.
    wait : Times, shape (n_stations,)
        From arrival, room or not, to the start of service.
    queue : Estimates, shape (n_stations,)
        Mean number waiting.
    longest : int64 array, shape (n_stations,)
        Longest queue ever.
    utilisation : Estimates, shape (n_stations,)
        Servers at work, over all servers while open.
    held : Estimates, shape (n_stations,)
        Servers held by those who are done and cannot leave, over all servers: by blocking, or by vessels that fill.
    open_share : Estimates, shape (n_stations,)
        Share of time open.
    queue_by_block : Estimates, shape (n_stations, n_blocks)
        Mean number waiting in each 24 hours from the start, those before measured time among them.
    """

    ids: tuple[str, ...]
    offered_load: Floats
    arrived: Estimates
    turned_away: Estimates
    wait: Times
    queue: Estimates
    longest: Ints
    utilisation: Estimates
    held: Estimates
    open_share: Estimates
    queue_by_block: Estimates


@dataclass(frozen=True)
class CallResults:
    """Calls of services.

    Attributes
    ----------
    ids : tuple of (str, str)
        Service and call.
    departures : Estimates, shape (n_calls,)
        In measured time, per replication.
    share_full : Estimates, shape (n_calls,)
        Departures of vehicles that were full, or where the next consignment did not fit.
    load : Estimates, shape (n_calls,)
        Mean share of the capacity that is used at departure.
    left_behind : Estimates, shape (n_calls,)
        Consignments that still wait when a vehicle leaves, per departure.
    missed : Estimates, shape (n_calls,)
        Departures of the timetable at which there was no vehicle, per replication.
    days_without : Estimates, shape (n_calls,)
        Days, of 24 hours, of measured time without a departure, per replication.
    wait : Times, shape (n_calls,)
        Of consignments for a vehicle.
    queue : Estimates, shape (n_calls,)
        Mean number waiting.
    queue_by_block : Estimates, shape (n_calls, n_blocks)
        As that of stations.
    """

    ids: tuple[tuple[str, str], ...]
    departures: Estimates
    share_full: Estimates
    load: Estimates
    left_behind: Estimates
    missed: Estimates
    days_without: Estimates
    wait: Times
    queue: Estimates
    queue_by_block: Estimates


@dataclass(frozen=True)
class Simulation:
    """A model simulated.

    Attributes
    ----------
    hours, warmup_hours : float
        When it ends, and from when it is measured.
    replications, seed : int
        How many, and of all of them.
    confidence : float
        Of all intervals.
    events : int64 array, shape (n_replications,)
        That happened.
    routes, legs, stations, calls
        Results.
    little : float
        Largest difference between the integral of a number and the sum of the hours that it is made of, over all
        stations, waiting rooms, routes and replications, as a share of them: Little's law holds if it is rounding.
    notices : tuple of Fault
        What could not be said, and why: overload, deadlock, a run too short for an interval.
    """

    hours: float
    warmup_hours: float
    replications: int
    seed: int
    confidence: float
    events: Ints
    routes: RouteResults
    legs: LegResults
    stations: StationResults
    calls: CallResults
    little: float
    notices: tuple[Fault, ...]
