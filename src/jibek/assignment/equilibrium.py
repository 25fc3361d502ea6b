"""User equilibrium and system optimum by bushes: flows that follow from times that follow from flows.

Every origin uses an acyclic set of arcs, its bush (Dial 2006, A path-based user-equilibrium traffic assignment
algorithm that obviates path storage and enumeration, Transportation Research B 40). Rounds alternate: at fixed times
all bushes are mended, each for itself and so side by side; then trips shift within the bushes, one after the other,
until the ways of each bush cost the same. The mending finds the exact relative gap on its way. What a round does
depends on no clock and no number of threads, so that results are the same to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from jibek.assignment.bushes import Bushes, Core, blocks_of, grow, join, mend, write_back
from jibek.assignment.certificate import Certificate, certify, link_times
from jibek.assignment.graph import Graph, Trips, fixed_costs, graph_of, trips_of
from jibek.assignment.problem import check
from jibek.assignment.shift_kernels import link_costs, shift_flows
from jibek.assignment.workers import Workers, workers_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from jibek.assignment.problem import TrafficNetwork, TravelClass

    Floats = NDArray[np.float64]

__all__ = ["Assignment", "price_of_anarchy", "solve", "unrouted_of", "within_of"]

_MOST_PASSES = 100
_NEGLIGIBLE = 1e-3  # share of the mean excess of a trip below which a difference of costs waits for the next round
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
        Whether the gap was reached, by the certificate.
    gap : float
        Relative gap of the flows, that of the certificate.
    iterations : int
        Rounds.
    trace : tuple of float
        Relative gap at the beginning of each round.
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
        Goal for the relative gap, see `Certificate`.
    objective
        ``user`` for an equilibrium, ``system`` for the least total cost, which is the equilibrium at marginal times
        ``t + v t'`` (Beckmann, McGuire and Winsten 1956, chapter 4).
    threads
        How many work side by side, as many as there are processors if None; the result does not depend on it.
    most_iterations
        Where to give up; the result then says that it has not converged.
    progress
        Told after each round.

    Raises
    ------
    AssignmentError
        If classes do not fit the network.
    """
    check(network, classes)
    graph = graph_of(network)
    trips = [trips_of(each, network.n_zones) for each in classes]
    workers = workers_for(sum(len(each.origin) for each in trips), len(graph.link), threads)
    with Workers(workers) as side_by_side:
        rounds = _Rounds(classes, graph, trips, side_by_side, marginal=objective == "system")
        trace: list[float] = []
        for _ in range(most_iterations):
            trace.append(rounds.mend())
            progress(f"Round {len(trace)}: gap {trace[-1]:.1e}")
            if trace[-1] <= gap:
                break
            rounds.shift()
        else:
            trace.append(rounds.mend())
    flow = np.zeros((len(classes), network.n_links))
    flow[:, graph.link] = rounds.flow
    volume = np.array([each.load for each in classes]) @ flow if len(classes) else np.zeros(network.n_links)
    certificate = certify(network, classes, flow, objective=objective, threads=workers)
    with np.errstate(over="ignore"):
        time = link_times(network, volume).value
    return Assignment(
        objective=objective,
        flow=flow,
        volume=volume,
        time=time,
        converged=certificate.gap <= gap + _ROUNDING,
        gap=certificate.gap,
        iterations=len(trace),
        trace=tuple(trace),
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
    """

    def __init__(
        self,
        classes: Sequence[TravelClass],
        graph: Graph,
        trips: Sequence[Trips],
        side_by_side: Workers,
        *,
        marginal: bool,
    ) -> None:
        self.graph, self._marginal, self._side_by_side = graph, marginal, side_by_side
        n_classes, n_arcs = len(classes), len(graph.link)
        self._load = np.array([each.load for each in classes], dtype=np.float64)
        self._fixed = fixed_costs(graph, classes)
        self.flow: Floats = np.zeros((n_classes, n_arcs))
        self.volume: Floats = np.zeros(n_arcs)
        self.bushes: list[Bushes] = []
        self._cores: list[Core] = []
        self._excess = 0.0
        self._trips = sum(float(each.trips.sum()) for each in trips)
        for k, its in enumerate(trips):
            self._grow(k, its)
        counts = np.bincount([block.travel for block in self.bushes], [len(b.root) for b in self.bushes], n_classes)
        self._first_bush = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def _cost(self, k: int) -> Floats:
        """Cost of each arc for a class."""
        cost, slope = np.empty(len(self.volume)), np.empty(len(self.volume))
        link_costs(
            self.graph.kind, self.graph.delay, self._marginal, self.volume, self._fixed[k], self._load[k], cost, slope
        )
        return cost

    def _grow(self, k: int, trips: Trips) -> None:
        """Grow the first bushes of a class at the times that the classes before have made."""
        cost = self._cost(k)
        for block in self._side_by_side(lambda rows: grow(self.graph, cost, k, trips, rows), blocks_of(trips)):
            self.bushes.append(block)
            self.volume += self._load[k] * np.bincount(block.edge_arc, block.flow, len(self.volume))

    def mend(self) -> float:
        """Mend all bushes at the present times, and give the relative gap of the present flows."""
        costs = [self._cost(k) for k in range(len(self._load))]
        self.flow[:] = 0.0
        spent = least = 0.0
        self._cores = []
        mended = self._side_by_side(lambda block: mend(self.graph, costs[block.travel], block), self.bushes)
        for number, (block, core, arc_flow, (its_spent, its_least)) in enumerate(mended):
            self.bushes[number] = block
            self._cores.append(core)
            self.flow[block.travel] += arc_flow
            spent, least = spent + its_spent, least + its_least
        self.volume = self._load @ self.flow if len(self._load) else self.volume
        self._excess = max(spent - least, 0.0)
        return float(self._excess / spent) if spent > 0 else 0.0

    def shift(self) -> None:
        """Shift trips within the bushes until ways cost the same."""
        cores = join(self.bushes, self._cores)
        shift_flows(
            self.graph.kind,
            self.graph.delay,
            self._marginal,
            self._fixed,
            self._load,
            self._first_bush,
            cores.first_core,
            cores.core_first,
            cores.edge_arc,
            cores.edge_from,
            cores.flow,
            self.volume,
            _NEGLIGIBLE * self._excess / self._trips,
            _MOST_PASSES,
        )
        write_back(self.bushes, self._cores, cores.flow)


def unrouted_of(network: TrafficNetwork, classes: Sequence[TravelClass], bushes: Sequence[Bushes]) -> pl.DataFrame:
    """List the trips that no way joins, by name."""
    rows: list[tuple[str, str, str, float]] = []
    for block in bushes:
        lost = np.flatnonzero(block.joined == 0)
        origin = np.repeat(block.origin, np.diff(block.first_pair))[lost]
        rows += [
            (classes[block.travel].name, network.node_ids[start], network.node_ids[end], trips)
            for start, end, trips in zip(
                origin.tolist(), block.destination[lost].tolist(), block.trips[lost].tolist(), strict=True
            )
        ]
    schema = {"class": pl.String, "origin": pl.String, "destination": pl.String, "trips": pl.Float64}
    return pl.DataFrame(rows, schema, orient="row").sort("class", "origin", "destination")


def within_of(network: TrafficNetwork, classes: Sequence[TravelClass], trips: Sequence[Trips]) -> pl.DataFrame:
    """List the trips within zones, by name."""
    rows = [
        (each.name, network.node_ids[zone], float(its.within[zone]))
        for each, its in zip(classes, trips, strict=True)
        for zone in np.flatnonzero(its.within).tolist()
    ]
    return pl.DataFrame(rows, {"class": pl.String, "zone": pl.String, "trips": pl.Float64}, orient="row")
