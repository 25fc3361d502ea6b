"""What flows on each link, as one table."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.errors import AssignmentError, Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from jibek.assignment.equilibrium import Assignment
    from jibek.assignment.problem import TrafficNetwork, TravelClass
    from jibek.assignment.stochastic import StochasticAssignment

    Floats = NDArray[np.float64]

__all__ = ["check_finite", "link_flow_table"]


def link_flow_table(
    network: TrafficNetwork, classes: Sequence[TravelClass], flows: Floats, times: Floats
) -> pl.DataFrame:
    """Put flows, times and costs of all links into one table.

    Parameters
    ----------
    network, classes
        What was assigned.
    flows
        Trips of each class on each link, shape (n_classes, n_links).
    times
        Time of each link, shape (n_links,).

    Returns
    -------
    polars.DataFrame
        In the order of links: ``from``, ``to``, ``link``; of each class its ``flow`` (trips); ``load`` (vehicle
        equivalents of all classes) and ``time``; of each class its ``cost`` (time and fixed cost). With several
        classes the columns are ``flow_<class>`` and ``cost_<class>``.
    """
    names = [""] if len(classes) == 1 else [f"_{each.name}" for each in classes]
    nodes = pl.Series(network.node_ids, dtype=pl.String)
    loads = np.array([each.load for each in classes])
    columns: dict[str, pl.Series | Floats] = {
        "from": nodes.gather(network.tail),
        "to": nodes.gather(network.head),
        "link": pl.Series(network.link_ids, dtype=pl.String),
        **{f"flow{name}": flow for name, flow in zip(names, flows, strict=True)},
        "load": loads @ flows,
        "time": times,
        **{f"cost{name}": times + each.fixed_cost for name, each in zip(names, classes, strict=True)},
    }
    return pl.DataFrame(columns)


def check_finite(network: TrafficNetwork, result: Assignment | StochasticAssignment) -> None:
    """Refuse a result whose times or costs are beyond the range of floating-point numbers.

    Numbers that are sound each for itself can do that together, such as a power of 100 at a load of ten million times
    the capacity.

    Parameters
    ----------
    network, result
        What was assigned, and how it went.

    Raises
    ------
    AssignmentError
        With every link whose time is not finite, or the cost of all.
    """
    remedy = "Correct capacity, b or power of links, or the trips."
    faults = [
        Fault("fault", "links", network.link_ids[link], "time", str(result.time[link]), expected, remedy)
        for link in np.flatnonzero(~np.isfinite(result.time)).tolist()
        for expected in [f"a finite time at a load of {result.volume[link]:g}"]
    ]
    certificate = result.certificate
    if not faults and not np.isfinite(astuple(certificate)).all():
        faults = [
            Fault("fault", "links", "", "cost", str(certificate.total_cost), "a finite cost of all trips", remedy)
        ]
    if faults:
        raise AssignmentError(faults)
