"""Weather and closings: which stations stand still, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.network import ArcKind
from jibek.operations.corridor_services import sea_of, service_of
from jibek.operations.distributions import exponential
from jibek.operations.elements import Closure, Station, Stoppage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.operations.rules import Rules
    from jibek.operations.traffic import Traffic

    Floats = NDArray[np.float64]

__all__ = ["Closings", "Weather", "closings_of", "weather_of"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_MOST_SHUT = 0.95
_YEAR = 8760.0
_ENOUGH = 10_000  # servers: nobody waits for another at a gate, only for its opening
_KINDS = {ArcKind.LINK: "links", ArcKind.BORDER: "borders", ArcKind.TERMINAL: "terminals"}


@dataclass(frozen=True)
class Weather:
    """Recurrent disruptions, which stop vehicles.

    Attributes
    ----------
    stoppages : tuple of Stoppage
        By disruption.
    shut : dict of str to float
        Share of the year for which a service cannot sail.
    """

    stoppages: tuple[Stoppage, ...]
    shut: dict[str, float]


@dataclass(frozen=True)
class Closings:
    """What is shut on some days.

    Attributes
    ----------
    gates : dict of int to str
        Station at which one waits, by arc that is suddenly shut.
    stations : tuple of Station
        Those.
    closures : tuple of Closure
        When they are shut.
    known : tuple of str
        Elements that history or the date of a project shuts for a part of the year: flows make them dearer, what still
        goes there goes all the year.
    """

    gates: dict[int, str]
    stations: tuple[Station, ...]
    closures: tuple[Closure, ...]
    known: tuple[str, ...]


@dataclass(frozen=True)
class _Zone:
    """One wind: its profile, the mean length of its storms, what it shuts, and the share of time by month."""

    profile: str
    hours: float
    links: frozenset[str]
    services: frozenset[str]
    share: Floats


def weather_of(world: Corridor, traffic: Traffic, rules: Rules) -> Weather:
    """Let recurrent disruptions stop the services over whose links they lie.

    Disruptions of one profile are of one wind and come together. Shores of one sea, whose disruptions shut a link in
    common, share their storms as far as their shares of time agree: with shares ``p`` and ``q`` of two shores, storms
    over both shut the smaller of them, and the rest of the greater, ``(p - q) / (1 - q)`` of the other time, is local.

    Parameters
    ----------
    world
        The corridor in the scenario, for ``disruptions``, ``profiles`` and ``changes``.
    traffic
        Routes, whose network says which services run where.
    rules
        For the share of time shut.
    """
    zones = _zones(world, traffic, rules)
    stoppages: list[Stoppage] = []
    open_share: dict[str, Floats] = {}
    for sea in _seas(zones):
        common = np.minimum.reduce([zone.share for zone in sea])
        parts = [
            (f"{zone.profile} alone", zone.hours, zone.services, (zone.share - common) / (1.0 - common)) for zone in sea
        ]
        services = frozenset[str]().union(*(zone.services for zone in sea))
        parts.append((" and ".join(zone.profile for zone in sea), min(zone.hours for zone in sea), services, common))
        for name, hours, services, share in parts:
            if share.any():
                stopped = tuple(map(sea_of, sorted(services)))
                stoppages.append(Stoppage(name, stopped, tuple(share.tolist()), exponential(hours)))
            for service in services:
                open_share[service] = open_share.get(service, np.ones(12)) * (1.0 - share)
    return Weather(tuple(stoppages), {name: 1.0 - float(each @ _DAYS / 365.0) for name, each in open_share.items()})


def _zones(world: Corridor, traffic: Traffic, rules: Rules) -> list[_Zone]:
    """List the weather of each profile: the disruptions that follow one profile are of one wind."""
    recurrent = world["disruptions"].drop_nulls(["profile", "mean_hours"]).sort("profile", "id")
    profiles = {
        row["id"]: np.array([row[month] for month in _MONTHS]) for row in world["profiles"].iter_rows(named=True)
    }
    sailed, zones = _services_over(traffic), list[_Zone]()
    for (profile,), rows in recurrent.group_by("profile", maintain_order=True):
        shut = world["changes"].filter(pl.col("owner").is_in(rows["id"].implode()), table="links", operation="close")
        links = frozenset(shut["id"])
        services = frozenset(service for link in links for service in sailed.get(link, ()))
        share = np.minimum(profiles[str(profile)] * rules.weather, _MOST_SHUT)
        if services:
            zones.append(_Zone(str(profile), float(np.mean(rows["mean_hours"].to_list())), links, services, share))
    return zones


def _seas(zones: Sequence[_Zone]) -> list[list[_Zone]]:
    """Put zones together that shut a link in common: they are shores of one sea."""
    seas: list[list[_Zone]] = []
    for zone in zones:
        mine = [sea for sea in seas if any(zone.links & other.links for other in sea)]
        seas = [sea for sea in seas if sea not in mine] + [[*(other for sea in mine for other in sea), zone]]
    return seas


def closings_of(traffic: Traffic, closings: pl.DataFrame, begin_hour: float) -> Closings:
    """Put gates where something shuts suddenly.

    Parameters
    ----------
    traffic
        Routes and their network.
    closings
        As `jibek.corridor.closings_in` lists them; what has no dates gets a gate that stays open.
    begin_hour
        From when hours of the year are measured; what is earlier in the year is put into the next.
    """
    arcs, sailed = _arcs_of_elements(traffic), _services_over(traffic)
    gates: dict[int, str] = {}
    known: set[str] = set()
    closures = []
    for table, element, sudden, first, last in closings.iter_rows():
        mine = arcs.get((table, element), [])
        if not sudden:
            known |= {f"{table}/{element}"} if mine else set()
            continue
        stations = tuple(map(sea_of, sorted(sailed.get(element, ())))) if table == "links" else ()
        if not stations and mine:
            stations = (f"gate {table}/{element}",)
            gates |= dict.fromkeys(mine, stations[0])
        if stations and first is not None:
            days = np.array([_day(first), _day(last) + 1]) * 24.0
            days += _YEAR if days[1] <= begin_hour else 0.0
            closures.append(Closure(f"{table}/{element} {first}", stations, *days.tolist()))
    names = sorted(set(gates.values()))
    return Closings(
        gates, tuple(Station(name, servers=_ENOUGH) for name in names), tuple(closures), tuple(sorted(known))
    )


def _day(day: date) -> int:
    """Give the number of a day in a year of 365 days, from 0."""
    return (date(2001, day.month, min(day.day, 28) if day.month == 2 else day.day) - date(2001, 1, 1)).days


def _services_over(traffic: Traffic) -> dict[str, set[str]]:
    """List the services that sail each link."""
    network = traffic.network
    on_board = service_of(network)
    found: dict[str, set[str]] = {}
    for arc in np.flatnonzero((network.kind == ArcKind.LINK) & (on_board >= 0)).tolist():
        found.setdefault(network.element_id(arc), set()).add(network.ids["services"][on_board[arc]])
    return found


def _arcs_of_elements(traffic: Traffic) -> dict[tuple[str, str], list[int]]:
    """List the arcs of links, borders, terminals and of boarding services."""
    network = traffic.network
    tables = {**_KINDS, ArcKind.BOARDING: "services"}
    found: dict[tuple[str, str], list[int]] = {}
    for arc, kind in enumerate(network.kind.tolist()):
        if (table := tables.get(ArcKind(kind))) is not None:
            found.setdefault((table, network.element_id(arc)), []).append(arc)
    return found
