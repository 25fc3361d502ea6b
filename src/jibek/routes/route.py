"""A route as an answer: legs, waits and who is paid; hours, USD, kg CO2 and km per unit carried."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Leg", "Point", "Route", "Wait", "WaitKind"]

WaitKind = Literal["border", "terminal", "boarding", "stop"]


@dataclass(frozen=True, kw_only=True)
class Wait:
    """A stand of the goods on a leg or before it.

    Attributes
    ----------
    name : str
        For people: "Dostyk–Alashankou border", "gauge change at Dostyk", the service that is awaited.
    kind : {"border", "terminal", "boarding", "stop"}
        What is waited for.
    id : str
        Border, terminal or service.
    place : str
        Where; of a border, the place before it.
    hours, usd : float
        Time and money.
    """

    name: str
    kind: WaitKind
    id: str
    place: str
    hours: float
    usd: float


@dataclass(frozen=True, kw_only=True)
class Leg:
    """A stretch in one mode, with the borders in it and the transfers before it.

    Attributes
    ----------
    from_place, to_place, mode : str
        Ids.
    hours_moving, hours_waiting : float
        Time under way, and time of its waits.
    usd, kg_co2, km : float
        Of the leg and its waits.
    stops : tuple of Wait
        In order.
    """

    from_place: str
    to_place: str
    mode: str
    hours_moving: float
    hours_waiting: float
    usd: float
    kg_co2: float
    km: float
    stops: tuple[Wait, ...]


@dataclass(frozen=True, kw_only=True)
class Point:
    """A place that a route passes, and the mode in which it is reached (empty at the origin)."""

    place: str
    lat: float
    lon: float
    mode: str


@dataclass(frozen=True, kw_only=True)
class Route:
    """A way from door to door.

    Attributes
    ----------
    rank : int
        1 for the least generalised cost.
    corridor : str
        Name of the corridor whose places it passes, or ``other``.
    origin, destination, commodity, unit : str
        The question; money and emission are per ``unit``.
    hours, hours_moving, hours_waiting : float
        Time in all, under way and standing, without queues.
    generalised_hours : float
        Hours plus money over the value of time, by which routes are ranked.
    usd, kg_co2, km : float
        Money, emission and length.
    countries : tuple of str
        In order of passing; one that is entered twice stands twice.
    usd_by_payee : mapping of str to float
        Who is paid how much, in alphabetical order.
    legs : tuple of Leg
        In order.
    path : tuple of Point
        Every place in order.
    arcs : tuple of int
        Arcs of the network.
    """

    rank: int
    corridor: str
    origin: str
    destination: str
    commodity: str
    unit: str
    hours: float
    hours_moving: float
    hours_waiting: float
    generalised_hours: float
    usd: float
    kg_co2: float
    km: float
    countries: tuple[str, ...]
    usd_by_payee: Mapping[str, float]
    legs: tuple[Leg, ...]
    path: tuple[Point, ...]
    arcs: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        """Give the route with the keys of the command's stable interface."""
        keys = ("rank", "corridor", "hours", "hours_moving", "hours_waiting", "generalised_hours", "usd", "kg_co2")
        return {
            **{key: getattr(self, key) for key in (*keys, "km", "commodity", "unit")},
            "countries": list(self.countries),
            "usd_by_payee": dict(self.usd_by_payee),
            "legs": [_leg_as_json(leg) for leg in self.legs],
        }


def _leg_as_json(leg: Leg) -> dict[str, Any]:
    fields = asdict(leg)
    return {"from": fields.pop("from_place"), "to": fields.pop("to_place"), **fields}
