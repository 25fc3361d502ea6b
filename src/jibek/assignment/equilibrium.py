"""User equilibrium and system optimum by bushes: flows that follow from times that follow from flows.

Every origin uses an acyclic set of arcs, its bush (Dial 2006, A path-based user-equilibrium traffic assignment
algorithm that obviates path storage and enumeration, Transportation Research B 40). Rounds alternate: at fixed times
all bushes are mended, each for itself and so side by side; then trips shift between alternative segments, one pair
after the other and all bushes that share it together (Bar-Gera 2010, Traffic assignment by paired alternative segments,
Transportation Research B 44), until the ways of each bush cost the same. The mending finds the exact relative gap on
its way. What a round does depends on no clock and no number of threads, so that results are the same to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from jibek.assignment.bushes import Bushes, Core, blocks_of, grow, join, mend, settle, take_over, write_back
from jibek.assignment.certificate import Certificate, certify, least_costs, link_times
from jibek.assignment.elastic import ElasticTrips, realised_trips
from jibek.assignment.graph import Graph, Trips, fixed_costs, graph_of, same_arcs, trips_of
from jibek.assignment.pair_tables import unrouted_of, within_of
from jibek.assignment.problem import check
from jibek.assignment.segments import segments_of
from jibek.assignment.shift_kernels import arc_times, shift_flows
from jibek.assignment.workers import Workers, workers_for
from jibek.errors import AssignmentError, Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from jibek.assignment.problem import TrafficNetwork, TravelClass

    Floats = NDArray[np.float64]

__all__ = ["Assignment", "price_of_anarchy", "solve"]

_TURNS = 8  # in which first bushes grow, each at the times that the turns before have made
_MOST_SEARCHES = 6  # for segments between which trips are shifted, in one round
_ENOUGH = 1e-2  # share of the first search's work at which searching ends
_NEGLIGIBLE = 0.01  # share of the mean excess of a trip below which a difference of costs waits for the next round
_ROUNDING = 1e-14  # of the gap, which is a difference of two sums over their size


@dataclass(frozen=True)
class Assignment:
    """Flows in equilibrium, as near as it was reached.

    Attributes
    ----------
    objective : {"user", "system"}
        Whether each trip is the cheapest for itself or all are the cheapest together.
    flow : float64 array, shape (n_classes, n_links)
        Trips of each class on each link.
    volume : float64 array, shape (n_links,)
        Vehicle equivalents.
    time : float64 array, shape (n_links,)
        Time of each link at its volume, without fixed costs.
    converged : bool
        Whether the gap was reached, by the certificate; with elastic demand also the misfit of trips.
    gap : float
        Relative gap of the flows, that of the certificate.
    iterations : int
        Rounds.
    trace : tuple of float
        Relative gap at the beginning of each round.
    trips : tuple of float64 arrays, each of shape (n_pairs,)
        Trips of each class, row by row, at the costs that they meet; those of the class where demand is not elastic.
    certificate : Certificate
        What the flows are worth, worked out anew.
    unrouted : polars.DataFrame
        Trips between zones that no way joins: ``class, origin, destination, trips``; zones by name.
    within : polars.DataFrame
        Trips within a zone, which use no link: ``class, zone, trips``.
    graph : Graph
        Arcs to which bushes refer.
    bushes : tuple of Bushes
        How the trips of each class and origin go.
    """

    objective: Literal["user", "system"]
    flow: Floats
    volume: Floats
    time: Floats
    converged: bool
    gap: float
    iterations: int
    trace: tuple[float, ...]
    trips: tuple[Floats, ...]
    certificate: Certificate
    unrouted: pl.DataFrame
    within: pl.DataFrame
    graph: Graph
    bushes: tuple[Bushes, ...]


def solve(
    network: TrafficNetwork,
    classes: Sequence[TravelClass],
    *,
    gap: float = 1e-6,
    objective: Literal["user", "system"] = "user",
    start: Assignment | None = None,
    threads: int | None = None,
    most_iterations: int = 200,
    progress: Callable[[str], None] = lambda _: None,
) -> Assignment:
    """Assign trips to a network.

    Parameters
    ----------
    network, classes
        The problem; see `TravelClass` for the cost that a class minimises.
    gap
        Goal for the relative gap, see `Certificate`; with elastic demand also for the misfit of trips.
    objective
        ``user`` for an equilibrium, ``system`` for the least total cost, which is the equilibrium at marginal times
        ``t + v t'`` (Beckmann, McGuire and Winsten 1956, chapter 4).
    start
        An earlier solution with the same links and as many classes, to begin from; trips, delays, costs and closures
        may differ. It spares rounds where they differ little, and the equilibrium is the same to the gap.
    threads
        How many work side by side, as many as there are processors if None; the result does not depend on it.
    most_iterations
        Where to give up; the result then says that it has not converged.
    progress
        Told after each round.

    Raises
    ------
    AssignmentError
        If classes do not fit the network, or the start does not.
    """
    check(network, classes)
    graph = graph_of(network)
    if start is not None:
        _check_start(graph, classes, start)
    trips = [trips_of(each, network.n_zones) for each in classes]
    workers = workers_for(sum(len(each.origin) for each in trips), len(graph.link), threads)
    classes = [_with_reference(network, each, workers) for each in classes]
    with Workers(workers) as side_by_side:
        rounds = _Rounds(classes, graph, trips, side_by_side, marginal=objective == "system", start=start)
        trace: list[float] = []
        for _ in range(most_iterations):
            trace.append(rounds.mend())
            progress(f"Round {len(trace)}: gap {trace[-1]:.1e}")
            if max(trace[-1], rounds.misfit) <= gap:
                break
            rounds.answer()
            rounds.shift()
        else:
            trace.append(rounds.mend())
    flow = np.zeros((len(classes), network.n_links))
    flow[:, graph.link] = rounds.flow
    volume = np.array([each.load for each in classes]) @ flow if classes else np.zeros(network.n_links)
    realised = tuple(_realised(k, each, trips[k], rounds.bushes) for k, each in enumerate(classes))
    certificate = certify(network, classes, flow, trips=realised, objective=objective, threads=workers)
    with np.errstate(over="ignore"):
        time = link_times(network, volume).value
    return Assignment(
        objective=objective,
        flow=flow,
        volume=volume,
        time=time,
        converged=max(certificate.gap, certificate.misfit) <= gap + _ROUNDING,
        gap=certificate.gap,
        iterations=len(trace),
        trace=tuple(trace),
        trips=realised,
        certificate=certificate,
        unrouted=unrouted_of(network, classes, rounds.bushes),
        within=within_of(network, classes, trips),
        graph=graph,
        bushes=tuple(rounds.bushes),
    )


def price_of_anarchy(user: Assignment, system: Assignment) -> float:
    """Give the total cost in equilibrium over the least one (Koutsoupias and Papadimitriou 1999); 1 without trips."""
    least = system.certificate.total_cost
    return user.certificate.total_cost / least if least > 0 else 1.0


def _check_start(graph: Graph, classes: Sequence[TravelClass], start: Assignment) -> None:
    """Refuse a start on other links or with other classes."""
    faults = []
    if not same_arcs(graph, start.graph):
        remedy = "Start from a solution on the same links, or from none."
        faults.append(Fault("fault", "links", "", "start", "other links", "an assignment to the same links", remedy))
    if len(start.flow) != len(classes):
        remedy = "Start from a solution with the same classes, or from none."
        found, expected = f"{len(start.flow)} classes", f"{len(classes)} classes"
        faults.append(Fault("fault", "classes", "", "start", found, expected, remedy))
    if faults:
        raise AssignmentError(faults)


def _with_reference(network: TrafficNetwork, travel: TravelClass, workers: int) -> TravelClass:
    """Give an elastic class the costs of the empty network where it has no reference."""
    if travel.elasticity == 0 or travel.reference_cost is not None:
        return travel
    cost = least_costs(network, travel, link_times(network, np.zeros(network.n_links)).value, threads=workers)
    return replace(travel, reference_cost=np.where(np.isfinite(cost), cost, 1.0))  # without a way nothing follows it


def _realised(k: int, travel: TravelClass, trips: Trips, bushes: Sequence[Bushes]) -> Floats:
    """Give the trips of each row of a class, which differ from the given ones where it is elastic."""
    if travel.elasticity == 0:
        return travel.trips
    return realised_trips(travel, trips, (block for block in bushes if block.travel == k))


class _Rounds:
    """The state between rounds.

    Attributes
    ----------
    flow : float64 array, shape (n_classes, n_arcs)
        Trips on each arc.
    volume : float64 array, shape (n_arcs,)
        Vehicle equivalents on each arc.
    bushes : list of Bushes
        Class after class.
    misfit : float
        How far trips are from the demand functions at the costs of the last mending, see `Certificate`.
    """

    def __init__(
        self,
        classes: Sequence[TravelClass],
        graph: Graph,
        trips: Sequence[Trips],
        side_by_side: Workers,
        *,
        marginal: bool,
        start: Assignment | None,
    ) -> None:
        self.graph, self._marginal, self._side_by_side = graph, marginal, side_by_side
        n_classes, n_arcs = len(classes), len(graph.link)
        self._load = np.array([each.load for each in classes], dtype=np.float64)
        self._fixed = fixed_costs(graph, classes)
        self.flow: Floats = np.zeros((n_classes, n_arcs))
        self.volume: Floats = np.zeros(n_arcs)
        self.bushes: list[Bushes] = []
        self._cores: list[Core] = []
        self._time: Floats = np.empty(n_arcs)
        self._slope: Floats = np.empty(n_arcs)
        self._excess = self.misfit = 0.0
        self._trips = sum(float(each.trips.sum()) for each in trips)
        for k, its in enumerate(trips):
            if start is not None:
                self._take_over(k, its, [block for block in start.bushes if block.travel == k])
            self._grow(k, its)
        counts = np.bincount([block.travel for block in self.bushes], [len(b.root) for b in self.bushes], n_classes)
        self._first_bush = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        is_elastic = any(each.elasticity > 0 for each in classes) and self.bushes
        self._elastic = ElasticTrips(graph, classes, trips, self.bushes, side_by_side) if is_elastic else None
        self._least: list[Floats] = []

    def _take_times(self) -> None:
        """Bring the times of arcs up to date with volumes."""
        arc_times(self.graph.kind, self.graph.delay, self._marginal, self.volume, self._time, self._slope)

    def _cost(self, k: int) -> Floats:
        """Cost of each arc for a class, at the present times."""
        cost: Floats = self._time + self._fixed[k]
        return cost

    def _take_over(self, k: int, trips: Trips, bushes: Sequence[Bushes]) -> None:
        """Take over the bushes of a class from an earlier solution, where they still fit."""
        is_open = np.isfinite(self._fixed[k])
        for taken in self._side_by_side(lambda block: take_over(self.graph, is_open, trips, block), bushes):
            if taken is not None:
                block, arc_flow = taken
                self.bushes.append(block)
                self.volume += self._load[k] * arc_flow

    def _grow(self, k: int, trips: Trips) -> None:
        """Grow bushes for origins of a class that have none, some after others, at the times that those before made."""
        have = np.concatenate([np.empty(0, np.int32), *(block.origin for block in self.bushes if block.travel == k)])
        blocks = blocks_of(np.flatnonzero(~np.isin(trips.origin, have)))
        for turn in range(_TURNS):
            self._take_times()
            cost = self._cost(k)
            for block in self._side_by_side(partial(grow, self.graph, cost, k, trips), blocks[turn::_TURNS]):
                self.bushes.append(block)
                self.volume += self._load[k] * np.bincount(block.edge_arc, block.flow, len(self.volume))

    def mend(self) -> float:
        """Mend all bushes at the present times, and give the relative gap of the present flows."""
        self._take_times()
        costs = [self._cost(k) for k in range(len(self._load))]
        self.flow[:] = 0.0
        spent = least = 0.0
        self._cores, self._least = [], []
        mended = self._side_by_side(lambda block: mend(self.graph, costs[block.travel], block), self.bushes)
        for number, (block, core, arc_flow, (its_spent, its_least), of_pairs) in enumerate(mended):
            self.bushes[number] = block
            self._cores.append(core)
            self._least.append(of_pairs)
            self.flow[block.travel] += arc_flow
            spent, least = spent + its_spent, least + its_least
        self.volume = self._load @ self.flow if len(self._load) else self.volume
        self._excess = max(spent - least, 0.0)
        if self._elastic is not None:
            self.misfit = self._elastic.misfit(np.concatenate(self._least))
        return float(self._excess / spent) if spent > 0 else 0.0

    def answer(self) -> None:
        """Let elastic trips answer to the costs that mending has found."""
        if self._elastic is None:
            return
        self._take_times()
        moved = self._elastic.step(self.bushes, np.concatenate(self._least), self._slope)
        settled = self._side_by_side(lambda block, trips: settle(self.graph, block, trips), self.bushes, moved)
        self.volume = np.zeros(len(self.volume))
        for number, (block, arc_flow) in enumerate(settled):
            self.bushes[number] = block
            self.volume += self._load[block.travel] * arc_flow
        self._trips = float(self._elastic.trips.sum())

    def shift(self) -> None:
        """Shift trips within the bushes until ways cost the same."""
        self._take_times()
        cores = join(self.bushes, self._cores)
        negligible = _NEGLIGIBLE * self._excess / self._trips
        first_work = 0.0
        for search in range(_MOST_SEARCHES):
            pairs = segments_of(cores, self._first_bush, self._cost, self._side_by_side)
            work = shift_flows(
                self.graph.kind,
                self.graph.delay,
                self._marginal,
                self._fixed,
                self._load,
                pairs.travel,
                pairs.first_member,
                pairs.member,
                pairs.first,
                pairs.middle,
                pairs.edges,
                pairs.movable,
                cores.edge_arc,
                cores.flow,
                self.volume,
                self._time,
                self._slope,
                negligible,
            )
            if search == 0:
                first_work = work
            if work <= _ENOUGH * first_work:
                break
        write_back(self.bushes, self._cores, cores.flow)
