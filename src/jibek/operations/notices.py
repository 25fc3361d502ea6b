"""What a simulation could not tell, in words: where queues have no end, who is stuck, which runs are too short."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jibek.errors import Fault

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.operations.layout import Layout

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

__all__ = ["deadlocks", "overloads", "short_runs"]


def overloads(layout: Layout, endless: Bools, offered: Floats) -> list[Fault]:
    """Name the stations and calls whose queue has no end."""
    found = []
    for at in np.flatnonzero(endless[:-1]).tolist():
        table, row = _place(layout, at)
        load = f"load of {offered[at]:.3g}" if at < len(offered) and offered[at] >= 1.0 else "queue that grows"
        remedy = "No mean is reported here. Add servers, vehicles or hours, or send less this way."
        found.append(Fault("notice", table, row, "wait", load, "a queue with an end", remedy))
    return found


def deadlocks(layout: Layout, stuck: Bools, since: Floats) -> list[Fault]:
    """Name the stations that wait for each other's room."""
    rows = np.flatnonzero(stuck.any(axis=0)).tolist()
    if not rows:
        return []
    runs = int(stuck.any(axis=1).sum())
    names = ", ".join(_place(layout, at)[1] for at in rows)
    value = f"deadlock in {runs} of {len(stuck)} replications, from hour {np.nanmin(since):.1f} at the earliest"
    remedy = "Each waits for room that the other holds. Give more room, or let ways not turn back on themselves."
    return [Fault("notice", "stations", names, "room", value, "a way on", remedy)]


def short_runs(layout: Layout, short: Bools) -> list[Fault]:
    """Say for which routes and stations one run is too short to tell how sure its means are."""
    places = [("routes", name) for name in layout.group_ids]
    places += [_place(layout, at) for at in range(len(layout.stations) - 1)]
    remedy = "Let it run longer, or take several replications."
    found = []
    for number in np.flatnonzero(short[: len(places)]).tolist():
        table, row = places[number]
        value = "batches that are few or hang together"
        found.append(Fault("notice", table, row, "mean", value, "independent batches", remedy))
    return found


def _place(layout: Layout, at: int) -> tuple[str, str]:
    """Name a station or a call."""
    n = len(layout.station_ids)
    return ("stations", layout.station_ids[at]) if at < n else ("calls", "/".join(layout.stop_ids[at - n]))
