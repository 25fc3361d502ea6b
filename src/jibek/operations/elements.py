"""What is simulated: stations where consignments wait, vessels and trains that carry them, and when all that is open.

Times are hours from the start of the simulation, which is the first hour of a year of 365 days; the capacity of a
vehicle and the sizes of consignments that ride on it are in one unit that the user chooses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from jibek.operations.distributions import Distribution

__all__ = [
    "Calendar",
    "Call",
    "Closure",
    "Ride",
    "Route",
    "Service",
    "Station",
    "Stoppage",
    "Travel",
    "Visit",
]


@dataclass(frozen=True)
class Calendar:
    """When a station works in an ordinary year; what is under way when it shuts rests and goes on afterwards.

    Attributes
    ----------
    from_hour, to_hour : float
        Hours of the day, from 0 to 24; past midnight if it ends before it begins.
    weekdays : tuple of int
        Days on which it works, 0 to 6; day 0 is the first day of the simulation.
    months : tuple of int
        Months in which it works, 1 to 12.
    """

    from_hour: float = 0.0
    to_hour: float = 24.0
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    months: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)


@dataclass(frozen=True)
class Station:
    """A line, border, gauge change, yard, berth: a queue, served by priority and then in order of arrival.

    Attributes
    ----------
    id : str
        Its name.
    servers : int
        How many consignments, or batches, are served at once.
    room : int or None
        Places for those who wait inside and those in service together; None if there is no end of it.
    when_full : {"block", "turn_away"}
        Who finds no room waits outside and keeps what he holds: his place and server at the station before, or the
        vessel from which he would alight. Or he is turned away and leaves the system, counted.
    least, most : int
        Consignments that a server takes at once: not fewer than ``least``, and up to ``most``.
    calendar : Calendar or None
        When it works; None for always.
    """

    id: str
    servers: int = 1
    room: int | None = None
    when_full: Literal["block", "turn_away"] = "block"
    least: int = 1
    most: int = 1
    calendar: Calendar | None = None


@dataclass(frozen=True)
class Travel:
    """A way on which nobody waits for another."""

    hours: Distribution


@dataclass(frozen=True)
class Visit:
    """Service at a station; ``hours`` are its work, waiting comes on top."""

    station: str
    hours: Distribution


@dataclass(frozen=True)
class Ride:
    """Carriage by the next vehicle of a service with room, from one call of its path to another.

    ``size`` is what a consignment takes of the vehicle, in the unit of its capacity.
    """

    service: str
    board: str
    alight: str
    size: float = 1.0


@dataclass(frozen=True)
class Call:
    """A stop of a vehicle: it waits for a berth, is handled, lets off, takes on, and leaves by its rule.

    Attributes
    ----------
    id : str
        Its name within the service's path.
    hours : Distribution
        Unloading and loading.
    berth : str
        Station at which it lies from the start of its handling until it leaves; empty for none. While that is closed,
        no vehicle leaves.
    rule : {"at_once", "full", "full_or_time", "timetable"}
        When it leaves after it is handled.
    full_share : float
        Share of the capacity from which a vehicle counts as full. It is also full when the next one does not fit.
    max_wait_hours : float
        How long it waits at most by ``full_or_time``, from the end of its handling.
    departures : tuple of float
        Hours of the timetable's departures within each ``period_hours``; one vehicle leaves at each, none before.
    period_hours : float
        Length of the timetable, such as 168 for a week.
    room : int or None
        Consignments that can wait here for a vehicle; others block the way, as at a `Station`.
    """

    id: str
    hours: Distribution
    berth: str = ""
    rule: Literal["at_once", "full", "full_or_time", "timetable"] = "at_once"
    full_share: float = 1.0
    max_wait_hours: float = 0.0
    departures: tuple[float, ...] = ()
    period_hours: float = 168.0
    room: int | None = None


@dataclass(frozen=True)
class Service:
    """Vehicles that go round a path for ever; at the start they are evenly spaced over it.

    Attributes
    ----------
    id : str
        Its name.
    vehicles : int
        How many there are.
    capacity : float
        What one of them carries, in the unit of the sizes of rides.
    path : tuple of Call, Travel and Visit
        Where each goes, over and over.
    priority : int
        At stations; the smallest goes first.
    """

    id: str
    vehicles: int
    capacity: float
    path: tuple[Call | Travel | Visit, ...]
    priority: int = 0


@dataclass(frozen=True)
class Route:
    """Consignments of one kind and their way.

    Attributes
    ----------
    id : str
        Its name.
    steps : tuple of Travel, Visit and Ride
        The way, leg by leg.
    interval : Distribution or None
        Between two arrivals.
    arrivals : tuple of float
        Where there is no ``interval``: the hours at which consignments arrive, in order.
    profile : tuple of float
        Arrivals of each month over the mean month's; empty if all are alike.
    group : str
        Name under which its times are counted, together with those of other routes; empty for its own id.
    priority : int
        At stations and in boarding; the smallest goes first.
    by_leg : bool
        Whether the times of its single steps are counted, too; with thousands of routes that is most of the work.
    """

    id: str
    steps: tuple[Travel | Visit | Ride, ...]
    interval: Distribution | None = None
    arrivals: tuple[float, ...] = ()
    profile: tuple[float, ...] = ()
    group: str = ""
    priority: int = 0
    by_leg: bool = True


@dataclass(frozen=True)
class Closure:
    """Stations that stand still between two hours; work under way goes on afterwards."""

    id: str
    stations: tuple[str, ...]
    from_hour: float
    to_hour: float


@dataclass(frozen=True)
class Stoppage:
    """Weather or breakdown: stations that stand still together again and again, as a process of two states.

    Attributes
    ----------
    id : str
        Its name.
    stations : tuple of str
        All of them stop at the same time.
    share : tuple of float
        Long-run share of time closed by month, one for all months or twelve. Time open is exponential, with the mean
        that gives this share.
    hours : Distribution
        How long it lasts each time.
    """

    id: str
    stations: tuple[str, ...]
    share: tuple[float, ...]
    hours: Distribution
