"""From the arcs of a path to a route for people: legs, waits, payments, countries, corridor."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from jibek.network import ArcKind, way_of
from jibek.routes.route import Leg, Point, Route, Wait, WaitKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.network import ArcCosts, NamedWay, Network

__all__ = ["Itineraries"]

_OTHER = "other"
_MOVING = (ArcKind.LINK, ArcKind.BORDER)
_WAITS: dict[ArcKind, WaitKind] = {
    ArcKind.BORDER: "border",
    ArcKind.TERMINAL: "terminal",
    ArcKind.BOARDING: "boarding",
    ArcKind.DWELL: "stop",
}


@dataclass(frozen=True)
class Itineraries:
    """Writes the itineraries of paths through one network for one commodity."""

    network: Network
    costs: ArcCosts
    corridor: Corridor
    named_ways: Sequence[NamedWay]

    @cached_property
    def _places(self) -> list[dict[str, Any]]:
        return self.corridor["places"].select("id", "name", "country", "lat", "lon").to_dicts()

    @cached_property
    def _modes(self) -> list[dict[str, Any]]:
        return self.corridor["modes"].select("id", "name", "medium").to_dicts()

    @cached_property
    def _service_names(self) -> list[str]:
        return self.corridor["services"]["name"].to_list()

    def km_by_link(self, arcs: Sequence[int]) -> dict[int, float]:
        """Map the links of a path to their km."""
        network = self.network
        return {int(network.element[arc]): float(network.km[arc]) for arc in arcs if network.kind[arc] == ArcKind.LINK}

    def route(self, arcs: Sequence[int], rank: int) -> Route:
        """Write the route of a path."""
        network, costs, path = self.network, self.costs, np.asarray(arcs)
        points = self._path(arcs)
        way = way_of(self.named_ways, frozenset(network.place_index[point.place] for point in points))
        return Route(
            rank=rank,
            corridor=_OTHER if way is None else way.name,
            origin=points[0].place,
            destination=points[-1].place,
            commodity=costs.commodity,
            unit=costs.unit,
            hours=float(costs.hours[path].sum()),
            hours_moving=float(network.hours_moving[path].sum()),
            hours_waiting=float(network.hours_waiting[path].sum()),
            generalised_hours=float(costs.generalised_hours[path].sum()),
            usd=float(costs.usd[path].sum()),
            kg_co2=float(costs.kg_co2[path].sum()),
            km=float(network.km[path].sum()),
            countries=self._countries(points),
            usd_by_payee=self._payments(path),
            legs=tuple(self._leg(mode, leg) for mode, leg in self._split(arcs)),
            path=points,
            arcs=tuple(int(arc) for arc in arcs),
        )

    def _mode_of(self, arc: int) -> int:
        return int(self.network.node_layer[self.network.arc_to[arc]])

    def _split(self, arcs: Sequence[int]) -> list[tuple[int, list[int]]]:
        """Split a path into legs of one mode; what happens between two links belongs to the later leg."""
        modes, coming = [], -1
        for arc in reversed(arcs):
            if self.network.kind[arc] in _MOVING:
                coming = self._mode_of(arc)
            modes.append(coming)
        modes.reverse()
        last = next(mode for mode in reversed(modes) if mode >= 0)
        legs = groupby(zip(modes, arcs, strict=True), key=lambda step: step[0] if step[0] >= 0 else last)
        return [(mode, [arc for _, arc in steps]) for mode, steps in legs]

    def _leg(self, mode: int, arcs: Sequence[int]) -> Leg:
        network, costs, path = self.network, self.costs, np.asarray(arcs)
        links = [arc for arc in arcs if network.kind[arc] == ArcKind.LINK]
        return Leg(
            from_place=self._places[network.start_place[links[0]]]["id"],
            to_place=self._places[network.end_place[links[-1]]]["id"],
            mode=self._modes[mode]["id"],
            hours_moving=float(network.hours_moving[path].sum()),
            hours_waiting=float(network.hours_waiting[path].sum()),
            usd=float(costs.usd[path].sum()),
            kg_co2=float(costs.kg_co2[path].sum()),
            km=float(network.km[path].sum()),
            stops=tuple(self._wait(arc) for arc in arcs if self._is_wait(arc)),
        )

    def _is_wait(self, arc: int) -> bool:
        takes = self.costs.hours[arc] > 0 or self.costs.usd[arc] > 0
        return bool(takes) and ArcKind(self.network.kind[arc]) in _WAITS

    def _wait(self, arc: int) -> Wait:
        return Wait(
            name=self._wait_name(arc),
            kind=_WAITS[ArcKind(self.network.kind[arc])],
            id=self.network.element_id(arc),
            place=self._places[self.network.start_place[arc]]["id"],
            hours=float(self.costs.hours[arc]),
            usd=float(self.costs.usd[arc]),
        )

    def _wait_name(self, arc: int) -> str:
        network = self.network
        start, end = (self._places[ends[arc]]["name"] for ends in (network.start_place, network.end_place))
        match ArcKind(network.kind[arc]):
            case ArcKind.BORDER:
                return f"{start}–{end} border"
            case ArcKind.TERMINAL:
                before, after = (
                    self._modes[network.node_layer[ends[arc]]] for ends in (network.arc_from, network.arc_to)
                )
                return f"{_transfer(before['medium'], after['medium'])} at {start}"
            case ArcKind.BOARDING:
                return f"waiting for {self._service_names[network.element[arc]]} at {start}"
            case _:
                return f"{self._service_names[network.element[arc]]} calling at {start}"

    def _path(self, arcs: Sequence[int]) -> tuple[Point, ...]:
        """List the places from the origin to the destination, each with the mode that reaches it."""
        links = [arc for arc in arcs if self.network.kind[arc] == ArcKind.LINK]
        steps = [(self.network.start_place[links[0]], "")]
        steps += [(self.network.end_place[arc], self._modes[self._mode_of(arc)]["id"]) for arc in links]
        places = [(self._places[place], mode) for place, mode in steps]
        return tuple(Point(place=row["id"], lat=row["lat"], lon=row["lon"], mode=mode) for row, mode in places)

    def _countries(self, points: Sequence[Point]) -> tuple[str, ...]:
        passed = (self._places[self.network.place_index[point.place]]["country"] for point in points)
        return tuple(country for country, _ in groupby(country for country in passed if country))

    def _payments(self, path: NDArray[np.int64]) -> dict[str, float]:
        """Sum what each payee gets, in alphabetical order."""
        payee, usd = self.costs.payee[path].ravel(), self.costs.usd_paid[path].ravel()
        sums = np.bincount(payee[payee >= 0], weights=usd[payee >= 0], minlength=len(self.costs.payees))
        return {name: float(sums[row]) for row, name in enumerate(self.costs.payees) if sums[row] > 0}


def _transfer(before: str, after: str) -> str:
    """Name a change of mode by the media that it joins."""
    if before == after:
        return {"rail": "gauge change", "sea": "change of vessel"}.get(before, f"transfer on {before}")
    return f"transfer from {before} to {after}"
