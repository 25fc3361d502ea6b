"""What travel between zones takes: from a solved assignment to matrices of cost, time, length and toll."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jibek.assignment.graph import fixed_costs
from jibek.assignment.workers import Workers, workers_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.assignment.equilibrium import Assignment
    from jibek.assignment.problem import TrafficNetwork, TravelClass
    from jibek.assignment.stochastic import StochasticAssignment

    Floats = NDArray[np.float64]

__all__ = ["Skims", "skim"]

_TOGETHER = 16  # origins of one piece of work


@dataclass(frozen=True)
class Skims:
    """What the cheapest way from each zone to each zone takes; infinite where there is none, 0 within a zone.

    Attributes
    ----------
    cost : float64 array, shape (n_zones, n_zones)
        Time and fixed cost, in the unit of time.
    time : float64 array, shape (n_zones, n_zones)
        Time.
    length, toll : float64 arrays, shape (n_zones, n_zones)
        In the units of the network.
    """

    cost: Floats
    time: Floats
    length: Floats
    toll: Floats


def skim(
    network: TrafficNetwork,
    travel: TravelClass,
    result: Assignment | StochasticAssignment,
    *,
    threads: int | None = None,
) -> Skims:
    """Skim the cheapest ways of a class at the times of a result.

    Of ways that cost the same, as used ones do in equilibrium, one is taken by a fixed rule: costs are unique, time,
    length and toll are those of this way. After a system optimum, too, times are those that users meet, not marginal.

    Parameters
    ----------
    network
        The network.
    travel
        Who travels; needs no trips.
    result
        A solved assignment.
    threads
        How many trees grow side by side, as many as there are processors if None; the result does not depend on it.
    """
    from jibek.assignment.usage_kernels import skim_trees  # noqa: PLC0415 - compiled when it is needed

    graph = result.graph
    cost = result.time[graph.link] + fixed_costs(graph, [travel])[0]
    measure = np.array([each[graph.link] for each in (result.time, network.length, network.toll)])
    found = np.empty((4, network.n_zones, network.n_zones))
    origins = np.arange(network.n_zones, dtype=np.uint32)

    def work(first: int) -> None:
        some = origins[first : first + _TOGETHER]
        skim_trees(graph.first_out, graph.head, graph.tail, cost, measure, some, graph.start[some], found)

    with Workers(workers_for(network.n_zones, len(graph.link), threads)) as side_by_side:
        list(side_by_side(work, range(0, network.n_zones, _TOGETHER)))
    return Skims(*found)
