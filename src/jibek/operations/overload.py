"""Where queues grow without end: more work than servers can do, or a queue that rises as far late as early."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jibek.operations.intervals import means
from jibek.operations.mover_kernels import VISIT
from jibek.operations.records import NONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.operations.layout import Layout
    from jibek.operations.model import Model

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

__all__ = ["growing", "is_seasonal", "offered_load"]

_SURE = 0.998  # two-sided, so that one queue in a thousand that does not grow is named
_STEADY = 0.5  # of the first half's growth in the second; a queue near its limit slows down, to 0.41 as a random walk
_SHARE = 0.01  # of what arrives
_LEAST = 5.0  # consignments
_MONTHS = 12


def offered_load(layout: Layout, hours: float, open_share: Floats) -> Floats:
    """Give the work that routes bring to each station over what its servers can do, shape (n_stations,).

    A route arrives as its interval or its given hours say, and all of it passes all its stations; vehicles are not
    counted.
    """
    routes = layout.routes
    rate = (routes["given_end"] - routes["given"]) / hours
    drawn = ~np.isnan(layout.interval)
    rate[drawn] = 1.0 / layout.interval[drawn]
    visits = np.flatnonzero((layout.steps["kind"] == VISIT) & (layout.leg_route != NONE))
    steps = layout.steps[visits]
    brought = rate[layout.leg_route[visits]] * layout.step_hours[visits]
    work = np.bincount(steps["station"], brought, minlength=len(layout.stations))
    n = len(layout.station_ids)
    stations = layout.stations[:n]
    with np.errstate(divide="ignore", invalid="ignore"):
        load = work[:n] / (stations["servers"] * stations["most"] * open_share)
    return np.where(work[:n] > 0, load, 0.0)


def is_seasonal(model: Model) -> bool:
    """Say whether arrivals, calendars, weather or closures make parts of the year unlike others.

    There a queue may grow in one part and shrink in another, so that growth tells nothing of its end.
    """
    calendars = (station.calendar for station in model.stations if station.calendar is not None)
    return (
        bool(model.closures)
        or any(route.profile or route.arrivals for route in model.routes)
        or any(len(set(calendar.months)) < _MONTHS for calendar in calendars)
        or any(len(set(stoppage.share)) > 1 for stoppage in model.stoppages)
    )


def growing(thirds: Floats, arrived: Floats) -> Bools:
    """Say which queues grow through all of the measured time, shape (n_stations,).

    Parameters
    ----------
    thirds : float64 array, shape (n_replications, n_stations, 3)
        Mean number waiting in each third of measured time.
    arrived : float64 array, shape (n_replications, n_stations)
        Number that arrived in that time.
    """
    early, middle, late = (thirds[:, :, part] for part in range(3))
    growth = means(late - early, _SURE)
    least = growth.value if len(thirds) == 1 else growth.low
    steady = (late - middle).mean(axis=0) >= _STEADY * (middle - early).mean(axis=0)
    enough = growth.value >= np.maximum(_SHARE * arrived.mean(axis=0), _LEAST)
    grows: Bools = (least > 0) & steady & enough
    return grows
