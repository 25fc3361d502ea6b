"""Waiting for a vessel or train to fill: it falls as more goods come, so it is updated outside the equilibrium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.flows import (
    arc_flows,
    equilibrium_of,
    price_routes,
    with_waiting,
)
from jibek.network import ArcKind, carriages_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.flows import Equilibrium, Flows, Preference, RouteSets
    from jibek.network import Network

    Floats = NDArray[np.float64]

__all__ = ["CLOSE_ENOUGH_HOURS", "assign_with_waiting"]

MOST_PASSES = 14
CLOSE_ENOUGH_HOURS = 0.5
"""Largest change of a wait with which the waiting has settled."""

_DAMPING = 0.8
_SHORTEST_STEP, _LONGEST_STEP = 0.1, 5.0
_LONGEST_HOURS = 28 * 24.0  # where table services gives no longest wait: a line that takes longer to fill is none
_HOURS_PER_WEEK = 168.0
_WEEKS = 365.0 / 7.0
_TRACE = {"pass": pl.Int64, "largest_change_hours": pl.Float64, "iterations": pl.Int64, "residual": pl.Float64}


def assign_with_waiting(
    world: Corridor,
    routes: RouteSets,
    preferences: Sequence[Preference],
    reference: Floats,
    quantity: Floats,
    *,
    residual: float = 1e-6,
    start: Equilibrium | None = None,
    waiting: Mapping[int, float] | None = None,
) -> tuple[Flows, dict[int, float], pl.DataFrame]:
    """Assign demand until the waiting for departures agrees with what waits.

    Parameters
    ----------
    world
        The corridor in the scenario.
    routes, preferences, reference, quantity, residual, start
        As in `jibek.flows.equilibrium_of`.
    waiting
        Hours of waiting to begin with, by arc of ``routes.network``, where they are not the timetable's.

    Returns
    -------
    flows : Flows
        Flows of the last pass.
    waiting : dict of int to float
        Its hours of waiting by arc of ``routes.network``, of services that wait to fill.
    trace : polars.DataFrame
        ``pass, largest_change_hours, iterations, residual``.
    """
    by_timetable = price_routes(world, routes)
    vessels = _Vessels(by_timetable.network, routes, world)
    hours, earlier = vessels.at_first(waiting or {}), None
    trace: list[tuple[int, float, int, float]] = []
    for number in range(1, MOST_PASSES + 1):
        priced = with_waiting(by_timetable, routes, vessels.by_arc(hours))
        flows = equilibrium_of(routes, priced, preferences, reference, quantity, residual=residual, start=start)
        change = vessels.hours_to_fill(flows) - hours
        largest = float(np.abs(change).max(initial=0.0))
        trace.append((number, largest, flows.equilibrium.iterations, flows.equilibrium.residual))
        if largest <= CLOSE_ENOUGH_HOURS or number == MOST_PASSES:
            break
        step = _secant(hours, change, earlier)
        earlier, hours = (hours, change), np.maximum(hours + step, 0.0)
        start = flows.equilibrium
    return flows, vessels.by_arc(hours), pl.DataFrame(trace, schema=_TRACE, orient="row")


def _secant(hours: Floats, change: Floats, earlier: tuple[Floats, Floats] | None) -> Floats:
    """Step to where the change would vanish if it went on as it did over the last step, each wait by itself.

    The step is between `_SHORTEST_STEP` and `_LONGEST_STEP` times the change, so that a wait that answers to others
    does not run away.
    """
    if earlier is None:
        return _DAMPING * change
    moved, turned = hours - earlier[0], earlier[1] - change
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.nan_to_num(moved / turned, nan=1.0, posinf=_LONGEST_STEP, neginf=_LONGEST_STEP)
    return np.clip(np.where(factor < 0, _LONGEST_STEP, factor), _SHORTEST_STEP, _LONGEST_STEP) * change


class _Vessels:
    """Services that wait to fill, at each of their stops.

    Attributes
    ----------
    scheduled : float64 array, shape (n_boardings,)
        The timetable's hours of waiting at each boarding.
    """

    def __init__(self, network: Network, routes: RouteSets, world: Corridor) -> None:
        services = world["services"].with_row_index("row")
        filling = services.filter((pl.col("rule") != "timetable") & pl.col("vehicle_capacity").is_not_null())
        boards = (network.kind == ArcKind.BOARDING) & np.isin(network.element, filling["row"].to_numpy())
        self._boarding = np.flatnonzero(boards)
        of_service = services[network.element[self._boarding]]
        self._node = network.arc_to[self._boarding]
        self._n_nodes = network.n_nodes
        self._arc_to = network.arc_to
        self.scheduled = network.hours_waiting[self._boarding]
        self._full = of_service["vehicle_capacity"].to_numpy() * of_service["full_share"].to_numpy()
        self._latest = of_service["max_wait_hours"].fill_null(_LONGEST_HOURS).replace(0.0, _LONGEST_HOURS).to_numpy()
        self._most = of_service["departures_per_week"].to_numpy()
        carriages = carriages_of(world, routes.commodities)
        units = of_service["unit"].to_list()
        self._loads = np.array(
            [
                [1 / carriage.per_unit[unit] if unit in carriage.per_unit else 0.0 for unit in units]
                for carriage in carriages
            ]
        ).reshape(len(carriages), len(units))
        position = routes.network.positions_in(network)
        back = {arc: mine for mine, arc in enumerate(position.tolist()) if arc >= 0}
        self._arcs = [back[arc] for arc in self._boarding.tolist()]

    def at_first(self, waiting: Mapping[int, float]) -> Floats:
        """Give the hours of waiting at each boarding, by arc where they are known, else the timetable's."""
        known = [waiting.get(arc, hours) for arc, hours in zip(self._arcs, self.scheduled.tolist(), strict=True)]
        return np.array(known, dtype=np.float64)

    def by_arc(self, hours: Floats) -> dict[int, float]:
        """Give hours of waiting by arc of the route sets' network."""
        return dict(zip(self._arcs, hours.tolist(), strict=True))

    def hours_to_fill(self, flows: Flows) -> Floats:
        """Give the wait at each boarding that follows from what goes on board.

        A vessel leaves when ``full_share`` of it is taken, at the latest after ``max_wait_hours``, and not more often
        than ``departures_per_week``; goods wait half the time between two departures.
        """
        on_board = np.zeros(len(self._boarding))
        for loads, per_arc in zip(self._loads, arc_flows(flows), strict=True):
            at_node = np.bincount(self._arc_to, weights=per_arc, minlength=self._n_nodes)
            on_board += at_node[self._node] * loads / _WEEKS
        departures = np.minimum(self._most, np.maximum(on_board / self._full, _HOURS_PER_WEEK / self._latest))
        with np.errstate(divide="ignore"):
            hours = np.minimum(_HOURS_PER_WEEK / departures / 2, self._latest)
        return np.where(departures > 0, hours, self.scheduled)
