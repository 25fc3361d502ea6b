"""Waiting for a vessel or train to fill: it falls as more goods come, so it is updated outside the equilibrium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.flows import (
    arc_flows,
    equilibrium_of,
    marks_of,
    preferences_in,
    price_routes,
    quantities,
    reference_costs,
    with_waiting,
)
from jibek.network import ArcKind, carriage_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.flows import Demand, Flows, RouteSets

__all__ = ["assign_with_waiting"]

MOST_PASSES = 8
CLOSE_ENOUGH_HOURS = 0.5
_DAMPING = 0.8
_LONGEST_HOURS = 28 * 24.0  # where table services gives no longest wait: a line that takes longer to fill is none
_HOURS_PER_WEEK = 168.0
_WEEKS = 365.0 / 7.0
_TRACE = {"pass": pl.Int64, "largest_change_hours": pl.Float64, "iterations": pl.Int64, "residual": pl.Float64}


def assign_with_waiting(
    world: Corridor, base: Corridor, routes: RouteSets, demand: Demand, *, residual: float = 1e-6
) -> tuple[Flows, dict[int, float], pl.DataFrame]:
    """Assign demand until the waiting for departures agrees with what waits.

    Returns
    -------
    flows : Flows
        Flows of the last pass.
    waiting : dict of int to float
        Its hours of waiting by arc of ``routes.network``, where they are not the timetable's.
    trace : polars.DataFrame
        ``pass, largest_change_hours, iterations, residual``.
    """
    by_timetable = price_routes(world, routes)
    preferences = preferences_in(world, routes, marks_of(world, routes), world.year)
    reference = reference_costs(base, routes)
    quantity = quantities(routes, demand)
    waiting: dict[int, float] = {}
    start: NDArray[np.float64] | None = None
    trace: list[tuple[int, float, int, float]] = []
    for number in range(1, MOST_PASSES + 1):
        priced = with_waiting(by_timetable, routes, waiting)
        flows = equilibrium_of(routes, priced, preferences, reference, quantity, residual=residual, start=start)
        wanted = _hours_to_fill(flows, world)
        known = {arc: waiting.get(arc, scheduled) for arc, (scheduled, _) in wanted.items()}
        change = max((abs(hours - known[arc]) for arc, (_, hours) in wanted.items()), default=0.0)
        trace.append((number, change, flows.equilibrium.iterations, flows.equilibrium.residual))
        if change <= CLOSE_ENOUGH_HOURS or number == MOST_PASSES:
            break
        waiting = {arc: known[arc] + _DAMPING * (hours - known[arc]) for arc, (_, hours) in wanted.items()}
        start = flows.equilibrium.load
    return flows, waiting, pl.DataFrame(trace, schema=_TRACE, orient="row")


def _hours_to_fill(flows: Flows, world: Corridor) -> dict[int, tuple[float, float]]:
    """Give for each boarding, as an arc of the route sets' network, the timetable's wait and the wait to fill.

    A vessel leaves when ``full_share`` of it is taken, at the latest after ``max_wait_hours``, and not more often than
    ``departures_per_week``; goods wait half the time between two departures.
    """
    network = flows.priced.network
    services = (
        world["services"].with_row_index("row").filter(pl.col("rule") != "timetable").drop_nulls("vehicle_capacity")
    )
    position = flows.routes.network.positions_in(network)
    back = {arc: mine for mine, arc in enumerate(position.tolist()) if arc >= 0}
    on_board = _leaving_per_week(flows, world)
    found = {}
    for row in services.iter_rows(named=True):
        boarding = np.flatnonzero((network.kind == ArcKind.BOARDING) & (network.element == row["row"]))
        for arc in boarding.tolist():
            full = on_board[arc] / (row["vehicle_capacity"] * row["full_share"])
            latest = row["max_wait_hours"] or _LONGEST_HOURS
            departures = min(row["departures_per_week"], max(full, _HOURS_PER_WEEK / latest))
            scheduled = float(network.hours_waiting[arc])
            hours = min(_HOURS_PER_WEEK / departures / 2, latest) if departures > 0 else scheduled
            found[back[arc]] = (scheduled, hours)
    return found


def _leaving_per_week(flows: Flows, world: Corridor) -> NDArray[np.float64]:
    """Give what is on board when a service leaves a stop, in the service's unit a week, at each boarding arc."""
    network = flows.priced.network
    per_arc = arc_flows(flows)
    units = world["services"]["unit"].to_list()
    leaving = np.zeros(network.n_arcs)
    boarding = np.flatnonzero(network.kind == ArcKind.BOARDING)
    for code, commodity in enumerate(flows.routes.commodities):
        per_unit = carriage_of(world, commodity).per_unit
        for arc in boarding.tolist():
            unit = units[network.element[arc]]
            if unit in per_unit:
                into = network.arc_to == network.arc_to[arc]
                leaving[arc] += per_arc[code, into].sum() / per_unit[unit] / _WEEKS
    return leaving
