"""The rows that the event loop works on: one record a station, step, mover, ... with dense numbers for names.

Hours are counted from the start. A field that names a row of another array holds its number, or NONE. Such fields have
no sign: what cannot be negative need not be looked at for counting from the end whenever it is an index.
"""

from __future__ import annotations

import numpy as np
from numba import from_dtype, types

__all__ = [
    "ABOARD",
    "BATCHES",
    "BLOCK",
    "BOXES",
    "CARRIER",
    "CARRIERS",
    "CLASSES",
    "DRAW",
    "EVENT",
    "EVENTS",
    "FLOATS",
    "HISTOGRAM",
    "INDEX",
    "INDICES",
    "INTS",
    "LATER",
    "LATER_EVENT",
    "LINE",
    "LINES",
    "MATRIX",
    "MOVER",
    "MOVERS",
    "NONE",
    "READ_DRAWS",
    "READ_FLOATS",
    "ROUTE",
    "ROUTES",
    "STATION",
    "STATIONS",
    "STEP",
    "STEPS",
    "STOP",
    "STOPS",
    "TALLIES",
    "TALLY",
]

NONE = np.uint32(0xFFFFFFFF)
ABOARD = np.uint32(1 << 31)
"""Added to the number of a vehicle where it stands among those of stations."""
BATCHES = 20
"""Equal parts of the measured time whose means give an interval to a single run (Schmeiser 1982 advises 10 to 30)."""
BLOCK = 24.0
"""Hours over which a queue is averaged, to be shown over time."""
CLASSES = 3840
"""Classes of a histogram of hours, see `tally_kernels`."""

DRAW = np.dtype(
    [
        ("law", np.int64),  # DistributionKind, or VARIED_GAMMA
        # constant: hours; exponential: mean; lognormal: mean of the logarithm; empirical: first value; gamma:
        # 1 / sqrt(9 d) with d the shape less 1/3, varied: shape
        ("a", np.float64),
        # lognormal: standard deviation of the logarithm; empirical: number of values; gamma: scale times d or
        # (varied) scale
        ("b", np.float64),
    ],
    align=True,
)
"""A distribution to draw from."""

STEP = np.dtype(
    [
        ("kind", np.int16),  # of `event_kernels`
        ("law", np.int16),  # of the hours of travel or service, as in `DRAW`, where one look finds them
        ("station", np.uint32),  # visit: station; ride: waiting room of the stop; call: berth
        ("to", np.uint32),  # ride: stop where it alights; call: its stop; again: first step of the path
        ("tally", np.uint32),  # of hours
        ("a", np.float64),  # of that law; ride: what a consignment takes of the vehicle
        ("b", np.float64),
    ],
    align=True,
)
"""A step of a route or of a service's path; each ends with a step of kind END or AGAIN. Short, as a corridor has very
many."""

ROUTE = np.dtype(
    [
        ("key", np.uint64),  # of its consignments' random numbers
        ("serial", np.uint64),  # of the next consignment
        ("luck", np.uint64),  # where its arrivals are in their random numbers
        ("last", np.float64),  # when the number on the way changed
        ("area", np.float64),  # its integral
        ("clipped", np.float64),  # hours on the way, consignment by consignment: the same by Little's law
        ("a", np.float64),  # of the law between arrivals
        ("b", np.float64),
        ("law", np.uint32),  # as in `DRAW`; none where arrivals are given
        ("inside", np.int32),  # now on the way
        ("arrived", np.int32),  # within the measured time, as the next two
        ("delivered", np.int32),
        ("lost", np.int32),
        ("first", np.uint32),  # step
        ("priority", np.uint32),  # dense, 0 first
        ("tally", np.uint32),  # of hours
        ("profile", np.uint32),  # row of twelve speeds
        ("given", np.uint32),  # next of the given arrivals
        ("given_end", np.uint32),
    ],
    align=True,
)
"""Consignments of one route; what each arrival and each delivery changes stands together."""

STATION = np.dtype(
    [
        ("servers", np.int64),
        ("room", np.int64),
        ("loses", np.int64),  # 1: who finds no room leaves the system
        ("least", np.int64),
        ("most", np.int64),
        ("stop", np.uint32),  # whose waiting room it is
        ("gap", np.uint32),  # next time shut
        ("gap_end", np.uint32),
        ("measured_gap", np.uint32),  # next time shut for the statistics
        ("free", np.int64),  # servers
        ("inside", np.int64),  # places taken, by those who wait or are served
        ("waiting", np.int64),  # for a server or a vehicle, inside and outside
        ("outside", np.int64),  # waiting for room
        ("working", np.int64),  # servers at work; others not free are held by those who are done and cannot leave
        ("wake", np.float64),  # hour for which its opening is set
        ("tally", np.uint32),  # of hours of waiting
        ("dirty", np.int64),  # 1: stands in the list of stations to be looked at
        ("block", np.uint32),  # of hours in which somebody last waited
        ("block_end", np.float64),
        ("last", np.float64),  # when the state last changed
        ("waiting_area", np.float64),  # integrals over measured time
        ("busy_area", np.float64),  # servers at work while open
        ("held_area", np.float64),  # servers neither free nor at work
        ("open_hours", np.float64),
        ("clipped", np.float64),  # waiting, consignment by consignment: the same by Little's law
        ("arrived", np.int64),  # counts within measured time
        ("begun", np.int64),
        ("lost", np.int64),
        ("longest", np.int64),  # queue
    ],
    align=True,
)
"""A station, or the waiting room of a stop."""

STOP = np.dtype(
    [
        ("yard", np.uint32),  # waiting room
        ("berth", np.uint32),
        ("ends", np.int64),  # 1: somebody may alight here
        ("rule", np.int64),  # of `event_kernels`
        ("full_load", np.float64),  # from which a vehicle counts as full
        ("capacity", np.float64),
        ("max_wait", np.float64),
        ("period", np.float64),  # of the timetable
        ("departure", np.uint32),  # first row of the timetable
        ("departures", np.uint32),
        ("slot", np.int64),  # next departure of the timetable, counted from the start
        ("ready", np.uint32),  # first vehicle that takes on
        ("ready_last", np.uint32),
        ("sailed", np.int64),  # from here on: within measured time
        ("full", np.int64),
        ("carried", np.float64),
        ("left_behind", np.int64),
        ("missed", np.int64),  # departures of the timetable without a vehicle
        ("days", np.int64),  # with a departure
        ("last_day", np.int64),
    ],
    align=True,
)
"""A call of a service."""

MOVER = np.dtype(
    [
        ("route", np.uint32),  # none for a vehicle
        ("step", np.uint32),
        ("held", np.uint32),  # station whose place it holds; ABOARD + v: vehicle v, which it could not leave yet
        ("lot", np.uint32),  # batch in service, ALONE or SERVERLESS
        ("next", np.uint32),  # in the line or batch where it stands
        ("priority", np.uint32),
        ("luck", np.uint64),  # where it is in its own random numbers
        ("born", np.float64),
        ("since", np.float64),  # arrival at this step
    ],
    align=True,
)
"""Who moves: vehicles first, which stay for ever, then consignments. Short, as thousands are under way at a time."""

CARRIER = np.dtype(
    [
        ("load", np.float64),
        ("due", np.float64),  # when it leaves at the latest
        ("wake", np.float64),  # hour for which its leaving is set again
        ("aboard", np.uint32),  # first and last of those whom it carries
        ("aboard_last", np.uint32),
        ("alighting", np.int64),
    ],
    align=True,
)
"""What a vehicle has beside its row among the movers."""

LINE = np.dtype([("first", np.uint32), ("last", np.uint32)], align=True)
"""A line of movers, first come first served."""

EVENT = np.dtype([("time", np.float64), ("key", np.int64)], align=True)
"""What is to happen; from its highest bits on ``key`` is its kind, which is its priority, its number, and who it is."""

LATER_EVENT = np.dtype([("time", np.float64), ("key", np.int64), ("next", np.uint32)], align=True)
"""The same in a chain."""

TALLY = np.dtype(
    [
        ("count", np.int64),
        ("total", np.float64),
        ("least", np.float64),
        ("most", np.float64),
        ("p50", np.float64),
        ("p80", np.float64),
        ("p95", np.float64),
    ],
    align=True,
)
"""Hours observed."""


def _array(dtype: np.dtype[np.void]) -> types.Array:
    """Give the type of an array of records."""
    return from_dtype(dtype)[::1]


STEPS, ROUTES, STATIONS, STOPS, MOVERS, CARRIERS, LINES, EVENTS, LATER, TALLIES = (
    _array(dtype) for dtype in (STEP, ROUTE, STATION, STOP, MOVER, CARRIER, LINE, EVENT, LATER_EVENT, TALLY)
)
READ_DRAWS = types.Array(from_dtype(DRAW), 1, "C", readonly=True)
INDEX, INDICES = types.uint32, types.uint32[::1]
INTS, FLOATS, MATRIX, BOXES = types.int64[::1], types.float64[::1], types.float64[:, ::1], types.float64[:, :, ::1]
HISTOGRAM = types.int32[:, ::1]
READ_FLOATS = types.Array(types.float64, 1, "C", readonly=True)
