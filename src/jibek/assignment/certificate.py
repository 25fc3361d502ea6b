"""What an assignment is worth, worked out anew from its link flows alone: slow, plain and apart from the solver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from jibek.assignment.demand import DemandFunction
from jibek.assignment.problem import DelayKind
from jibek.assignment.workers import Workers
from jibek.network.delays import Delay, bpr, conical
from jibek.network.kernels import shortest_costs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from jibek.assignment.problem import TrafficNetwork, TravelClass

    Floats = NDArray[np.float64]

__all__ = ["Certificate", "certify", "least_costs", "link_times"]

_TOGETHER = 16  # origins of one piece of work


@dataclass(frozen=True)
class Certificate:
    """Conservation, gap and objective of flows, recomputed.

    Attributes
    ----------
    gap : float
        Relative gap: what all trips spend over what they would on shortest paths at the same times, less, as a share of
        what they spend. 0 in equilibrium; for a system optimum with marginal times.
    average_excess : float
        The same difference per trip, in units of time.
    objective : float
        For a user equilibrium that of Beckmann, McGuire and Winsten (1956): the integrals of the times over vehicle
        equivalents, and fixed costs times the trips' load. For a system optimum the total cost. It exists with several
        classes too, since all share a link's time: weighted by load, the effect of one class on the cost of another is
        the same both ways.
    total_cost : float
        Time and fixed cost of all vehicle equivalents.
    imbalance : float
        Largest gain or loss of a class at a node, as a share of the trips of the class; zones that are not passed
        through are balanced for departures and arrivals apart.
    misplaced : float
        Largest flow that is negative or on a link that is closed to its class.
    unrouted : float
        Trips between zones that no way joins.
    misfit : float
        How far trips are from the demand functions at the least costs: sum of the differences over that of what they
        give; 0 where no class is elastic.
    surplus : float
        Change of the elastic travellers' surplus against their reference costs, in units of time: the integrals of the
        demand functions from the least cost to the reference cost.
    """

    gap: float
    average_excess: float
    objective: float
    total_cost: float
    imbalance: float
    misplaced: float
    unrouted: float
    misfit: float
    surplus: float


def link_times(network: TrafficNetwork, volume: Floats) -> Delay:
    """Give the time of each link at a volume in vehicle equivalents, its derivative and its integral from 0.

    A closed link is taken at its free time.
    """
    value = network.free_time.copy()
    derivative, integral = np.zeros_like(value), value * volume
    rise = network.free_time * network.b
    is_flat = (rise == 0) | (network.capacity == 0)
    level = (network.delay_kind == DelayKind.BPR) & (network.power == 0) & ~is_flat
    value[level] += rise[level]
    integral[level] += (rise * volume)[level]
    for kind in (DelayKind.BPR, DelayKind.CONICAL):
        rows = np.flatnonzero((network.delay_kind == kind) & ~is_flat & ~level)
        terms = volume[rows], network.capacity[rows], rise[rows]
        power = network.power[rows]
        delay = bpr(*terms, power=power) if kind == DelayKind.BPR else conical(*terms, alpha=power)
        value[rows] += delay.value
        derivative[rows] = delay.derivative
        integral[rows] += delay.integral
    return Delay(value, derivative, integral)


def certify(
    network: TrafficNetwork,
    classes: Sequence[TravelClass],
    flow: Floats,
    *,
    trips: Sequence[Floats] | None = None,
    objective: Literal["user", "system"] = "user",
    threads: int = 1,
) -> Certificate:
    """Work out what flows are worth.

    Parameters
    ----------
    network, classes
        The problem.
    flow : float64 array, shape (n_classes, n_links)
        Trips of each class on each link.
    trips
        Trips of each class as they were assigned, each of shape (n_pairs,), where demand is elastic; a reference cost
        is then to be given.
    objective
        Whether to judge by times or by marginal times.
    threads
        How many shortest-path trees grow side by side.
    """
    loads = np.array([each.load for each in classes])
    volume = loads @ flow if len(classes) else np.zeros(network.n_links)
    with np.errstate(over="ignore", invalid="ignore"):  # what is too great to reckon with makes a gap of infinity
        times = link_times(network, np.maximum(volume, 0.0))
        time = times.value + volume * times.derivative if objective == "system" else times.value
        fixed = sum((each.load * each.fixed_cost @ flow[k] for k, each in enumerate(classes)), 0.0)
        judged = [
            _judge(network, travel, flow[k], travel.trips if trips is None else trips[k], time, threads)
            for k, travel in enumerate(classes)
        ]
        spent, least, routed = (
            sum((getattr(its, name) for its in judged), 0.0) for name in ("spent", "least", "routed")
        )
        missed, wanted = (sum((getattr(its, name) for its in judged), 0.0) for name in ("missed", "wanted"))
        gap = (spent - least) / spent if spent > 0 else 0.0
        total = float(volume @ times.value + fixed)
        return Certificate(
            gap=float(gap) if np.isfinite(gap) else np.inf,
            average_excess=float((spent - least) / routed) if routed > 0 else 0.0,
            objective=total if objective == "system" else float(times.integral.sum() + fixed),
            total_cost=total,
            imbalance=max((its.imbalance for its in judged), default=0.0),
            misplaced=max((its.misplaced for its in judged), default=0.0),
            unrouted=sum((its.unrouted for its in judged), 0.0),
            misfit=missed / wanted if wanted > 0 else 0.0,
            surplus=sum((its.surplus for its in judged), 0.0),
        )


def least_costs(network: TrafficNetwork, travel: TravelClass, time: Floats, *, threads: int = 1) -> Floats:
    """Give the cost of the cheapest way of each row of trips.

    Parameters
    ----------
    network, travel
        Where, and for whom.
    time : float64 array, shape (n_links,)
        Time of each link.
    threads
        How many shortest-path trees grow side by side.

    Returns
    -------
    float64 array, shape (n_pairs,)
        Infinite where no way leads, and for rows without trips or within a zone.
    """
    n_nodes, cut = network.n_nodes, network.first_through
    leaves = _leaves(network)
    cost = np.where(travel.allowed & (network.capacity > 0), time + travel.fixed_cost, np.inf)
    row = np.argsort(leaves, kind="stable")
    first_out = np.searchsorted(leaves[row], np.arange(n_nodes + cut + 1)).astype(np.uint32)
    head, cost_in_order = network.head[row].astype(np.uint32), cost[row]

    goes = np.flatnonzero((travel.origin != travel.destination) & (travel.trips > 0))
    order = goes[np.argsort(travel.origin[goes], kind="stable")]
    zones, first = np.unique(travel.origin[order], return_index=True)
    starts = np.where(zones < cut, n_nodes + zones, zones).astype(np.uint32)
    first_pair, ends = np.append(first, len(order)).astype(np.int64), travel.destination[order].astype(np.uint32)

    def work(begin: int) -> Floats:
        its = first_pair[begin : begin + _TOGETHER + 1]
        some = starts[begin : begin + _TOGETHER], its - its[0], ends[its[0] : its[-1]]
        found: Floats = shortest_costs(first_out, head, cost_in_order, *some)
        return found

    apart = np.full(len(travel.trips), np.inf)
    with Workers(threads) as side_by_side:
        blocks = range(0, len(zones), _TOGETHER)
        apart[order] = np.concatenate([np.empty(0), *side_by_side(work, blocks)])
    return apart


@dataclass(frozen=True)
class _Judged:
    """What one class spends, and would spend on shortest paths; what its flows lack; how its trips answer to costs."""

    spent: float
    least: float
    routed: float
    unrouted: float
    imbalance: float
    misplaced: float
    missed: float
    wanted: float
    surplus: float


def _judge(
    network: TrafficNetwork, travel: TravelClass, flow: Floats, its_trips: Floats, time: Floats, threads: int
) -> _Judged:
    """Judge the flows and trips of one class at given times."""
    n_nodes, cut = network.n_nodes, network.first_through
    is_open = travel.allowed & (network.capacity > 0)
    cost = np.where(is_open, time + travel.fixed_cost, np.inf)
    apart = least_costs(network, travel, time, threads=threads)
    joined = np.isfinite(apart)
    lost = ~joined & (travel.origin != travel.destination)
    origin, destination, trips, apart = (
        travel.origin[joined],
        travel.destination[joined],
        its_trips[joined],
        apart[joined],
    )

    balance = np.zeros(n_nodes + cut)
    np.add.at(balance, _leaves(network), flow)
    np.subtract.at(balance, network.head, flow)
    np.subtract.at(balance, np.where(origin < cut, n_nodes + origin, origin), trips)
    np.add.at(balance, destination, trips)
    routed = float(trips.sum())
    wrong = max(float(-flow.min(initial=0.0)), float(np.abs(flow[~is_open]).max(initial=0.0)))
    missed = wanted = surplus = 0.0
    if travel.elasticity > 0 and travel.reference_cost is not None:
        elasticity = np.full(len(trips), travel.elasticity)
        demand = DemandFunction(travel.trips[joined], travel.reference_cost[joined], elasticity)
        missed, wanted = float(np.abs(trips - demand.at(apart)).sum()), float(demand.at(apart).sum())
        surplus = float(demand.surplus(apart).sum())
    return _Judged(
        spent=float(flow[flow > 0] @ cost[flow > 0]),
        least=float(trips @ apart),
        routed=routed,
        unrouted=float(its_trips[lost].sum()),
        imbalance=float(np.abs(balance).max(initial=0.0)) / max(routed, np.finfo(float).tiny),
        misplaced=wrong,
        missed=missed,
        wanted=wanted,
        surplus=surplus,
    )


def _leaves(network: TrafficNetwork) -> NDArray[np.int64]:
    """Give the node that each link leaves; one that is not passed through is left from a twin of its own."""
    tail = network.tail.astype(np.int64)
    return np.where(tail < network.first_through, network.n_nodes + tail, tail)
