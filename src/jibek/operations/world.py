"""All arrays of one replication as the kernels hand them on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from numba import types

from jibek.operations.queue_kernels import AGENDA, Agenda
from jibek.operations.records import (
    BOXES,
    CARRIERS,
    FLOATS,
    HISTOGRAM,
    INDICES,
    INTS,
    LINES,
    MATRIX,
    MOVERS,
    ROUTES,
    STATIONS,
    STEPS,
    STOPS,
    TALLIES,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Records = NDArray[np.void]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Indices = NDArray[np.uint32]

__all__ = ["WORLD", "World"]


class World(NamedTuple):
    """State and statistics.

    Attributes
    ----------
    values
        Observed hours of empirical distributions.
    steps
        Of all routes, then of all services' paths.
    routes, profiles, given
        Routes; speeds of arrivals by month, shape (n_profiles, 12); given hours of arrival.
    stations, shut_from, shut_to
        Stations, then a waiting room for each stop, then the place of calls without berth; when they are shut, station
        after station.
    stops, timetable
        Calls of services; departures within their period.
    lines
        Who waits: for each station and priority inside, then outside, shape (2 * n_stations * levels,).
    movers, carriers, lots, ready
        Vehicles and consignments; more of vehicles; members left of each batch; who goes on at this instant.
    dirty
        Stations where something changed at this instant.
    agenda, counts
        What is to happen, and what `queue_kernels` counts.
    tallies, histogram, batches
        Hours in all of each group of routes, of waiting at each station, of each leg: row by row; counts of their
        classes; totals and counts up to the end of each part of the measured time, shape (n_batches, n_rows, 2), no
        part if there are several replications.
    queues
        Mean number of those who wait at each station in each block of hours.
    window
        Begin and end of the measured time, and the end of the present part of it.
    """

    values: Floats
    steps: Records
    routes: Records
    profiles: Floats
    given: Floats
    stations: Records
    shut_from: Floats
    shut_to: Floats
    stops: Records
    timetable: Floats
    lines: Records
    movers: Records
    carriers: Records
    lots: Indices
    ready: Indices
    dirty: Indices
    agenda: Agenda
    counts: Ints
    tallies: Records
    histogram: NDArray[np.int32]
    batches: Floats
    queues: Floats
    window: Floats


WORLD = types.NamedTuple(
    (
        FLOATS,
        STEPS,
        ROUTES,
        MATRIX,
        FLOATS,
        STATIONS,
        FLOATS,
        FLOATS,
        STOPS,
        FLOATS,
        LINES,
        MOVERS,
        CARRIERS,
        INDICES,
        INDICES,
        INDICES,
        AGENDA,
        INTS,
        TALLIES,
        HISTOGRAM,
        BOXES,
        MATRIX,
        FLOATS,
    ),
    World,
)
"""Its type in compiled code."""
