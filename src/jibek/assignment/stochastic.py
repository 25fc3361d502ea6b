"""Stochastic user equilibrium by logit: trips spread over ways by costs that follow from the trips.

The ways of an origin are those within its bush, all arcs that lead away from it (Dial 1971), made at the costs of the
user equilibrium and then frozen: no way is listed, none goes in circles, and scenarios compare.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from jibek.assignment.bushes import Bushes, pairs_from
from jibek.assignment.certificate import link_times
from jibek.assignment.equilibrium import Assignment, solve
from jibek.assignment.graph import Graph, fixed_costs, graph_of, same_arcs, trips_of
from jibek.assignment.logit_certificate import LogitCertificate, certify_logit
from jibek.assignment.logit_loading import Loading, climb
from jibek.assignment.pair_tables import PAIR, by_name, pair_table, unrouted_of, within_of
from jibek.assignment.problem import check
from jibek.assignment.shift_kernels import arc_times
from jibek.assignment.workers import Workers, workers_for
from jibek.errors import AssignmentError, Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from jibek.assignment.graph import Trips
    from jibek.assignment.problem import TrafficNetwork, TravelClass

    Floats = NDArray[np.float64]

__all__ = ["StochasticAssignment", "solve_stochastic"]

_USER_GAP = 1e-6  # of the user equilibrium at whose costs bushes are made
_GREATEST_SPREAD = 1e30


@dataclass(frozen=True)
class StochasticAssignment:
    """Flows in stochastic user equilibrium, as near as it was reached.

    Attributes
    ----------
    spread : float
        Spread of perceived costs, in units of cost: a way is taken in proportion to ``exp(-cost / spread)``.
    flow : float64 array, shape (n_classes, n_links)
        Trips of each class on each link.
    volume : float64 array, shape (n_links,)
        Vehicle equivalents.
    time : float64 array, shape (n_links,)
        Time of each link at its volume, without fixed costs.
    converged : bool
        Whether the residual was reached, by the certificate.
    residual : float
        That of the certificate.
    iterations : int
        Steps.
    trace : tuple of float
        Difference between volumes and those loaded at their costs at the beginning of each step, as a share of the
        greatest.
    trips : tuple of float64 arrays, each of shape (n_pairs,)
        Trips of each class, row by row, those of the class.
    certificate : LogitCertificate
        What the flows are worth, worked out anew.
    pairs : polars.DataFrame
        ``class, origin, destination, trips, expected_cost``; zones by name. The expected least cost of a pair (logsum,
        Williams 1977) is in units of cost; what it falls by, times trips, is the benefit of users. Infinite where
        no way joins the pair.
    unrouted, within : polars.DataFrame
        As in `Assignment`.
    graph : Graph
        Arcs to which bushes refer.
    bushes : tuple of Bushes
        The alternatives of each class and origin, and the trips on them.
    """

    spread: float
    flow: Floats
    volume: Floats
    time: Floats
    converged: bool
    residual: float
    iterations: int
    trace: tuple[float, ...]
    trips: tuple[Floats, ...]
    certificate: LogitCertificate
    pairs: pl.DataFrame
    unrouted: pl.DataFrame
    within: pl.DataFrame
    graph: Graph
    bushes: tuple[Bushes, ...]


def solve_stochastic(
    network: TrafficNetwork,
    classes: Sequence[TravelClass],
    *,
    spread: float,
    residual: float = 1e-8,
    before: StochasticAssignment | None = None,
    threads: int | None = None,
    most_iterations: int = 100,
    progress: Callable[[str], None] = lambda _: None,
) -> StochasticAssignment:
    """Assign trips to a network by logit.

    Parameters
    ----------
    network, classes
        The problem; see `TravelClass` for the cost that a class perceives.
    spread
        In units of cost, above 0; towards 0 flows are those of the user equilibrium.
    residual
        Goal for the residual, see `LogitCertificate`.
    before
        A result for the same links, classes and origins, whatever their costs and trips: its alternatives are kept, so
        that expected costs compare, and its volumes are the first ones. Links that were closed then stay unused.
    threads
        How many work side by side, as many as there are processors if None; the result does not depend on it.
    most_iterations
        Where to give up; the result then says that it has not converged.
    progress
        Told after each step.

    Raises
    ------
    AssignmentError
        If the spread is not above 0, a class is elastic, classes do not fit the network, or ``before`` does not fit the
        problem.
    """
    _check(spread, classes)
    check(network, classes)
    graph = graph_of(network)
    fixed = fixed_costs(graph, classes)
    trips = [trips_of(each, network.n_zones) for each in classes]
    load = np.array([each.load for each in classes], dtype=np.float64)
    workers = workers_for(sum(len(each.origin) for each in trips), len(graph.link), threads)
    if before is None:
        progress("Alternatives at the costs of the user equilibrium")
        user = solve(network, classes, gap=_USER_GAP, threads=threads)
        volume, bushes = user.volume, _widened(graph, fixed, user)
    else:
        _check_fit(before, network, classes, graph, fixed, trips)
        volume, bushes = before.volume, [_with_trips(block, trips[block.travel]) for block in before.bushes]
    with Workers(workers) as side_by_side, np.errstate(over="ignore", invalid="ignore"):
        loading = Loading(graph, fixed, load, bushes, spread=spread, side_by_side=side_by_side)
        trace = climb(loading, volume[graph.link], residual, most_iterations, progress=progress)
    flow = np.zeros((len(classes), network.n_links))
    flow[:, graph.link] = loading.flow
    volume = np.zeros(network.n_links)
    volume[graph.link] = loading.volume
    bushes = [
        replace(block, joined=np.isfinite(least).astype(np.uint8))
        for block, least in zip(bushes, loading.expected, strict=True)
    ]
    pairs = by_name(network, classes, pair_table(bushes, expected_cost=loading.expected))
    certificate = certify_logit(network, classes, graph, bushes, spread=spread, threads=workers)
    with np.errstate(over="ignore"):
        time = link_times(network, volume).value
    return StochasticAssignment(
        spread=spread,
        flow=flow,
        volume=volume,
        time=time,
        converged=certificate.residual <= residual,
        residual=certificate.residual,
        iterations=len(trace),
        trace=trace,
        trips=tuple(each.trips for each in classes),
        certificate=certificate,
        pairs=pairs.sort(PAIR),
        unrouted=unrouted_of(network, classes, bushes),
        within=within_of(network, classes, trips),
        graph=graph,
        bushes=tuple(bushes),
    )


def _check(spread: float, classes: Sequence[TravelClass]) -> None:
    """Refuse a spread that is none, and trips that follow their cost."""
    faults = []
    if not 0 < spread <= _GREATEST_SPREAD:
        remedy = "Give the spread in units of cost, say a tenth of the cost of a usual trip."
        expected = f"number above 0, at most {_GREATEST_SPREAD}"
        faults.append(Fault("fault", "spread", "", "", str(spread), expected, remedy))
    faults += [
        Fault(
            "fault", f"trips of {each.name}", "", "elasticity", str(each.elasticity), "0", "Keep the trips as they are."
        )
        for each in classes
        if each.elasticity > 0
    ]
    if faults:
        raise AssignmentError(faults)


def _widened(graph: Graph, fixed: Floats, user: Assignment) -> list[Bushes]:
    """Give the bushes of a user equilibrium all arcs that lead away from their roots, see `widen_bushes`."""
    from jibek.assignment.logit_kernels import widen_bushes  # noqa: PLC0415 - compiled when it is needed

    time, slope = np.empty(len(graph.link)), np.empty(len(graph.link))
    arc_times(graph.kind, graph.delay, False, user.volume[graph.link], time, slope)  # noqa: FBT003
    bushes = []
    for block in user.bushes:
        names = "n_reached", "order", "first_edge", "edge_arc", "edge_from"
        edges = widen_bushes(graph.first_out, graph.head, time + fixed[block.travel], block.root)
        bushes.append(replace(block, **dict(zip(names, edges, strict=True)), flow=np.zeros(len(edges[-1]))))
    return bushes


def _with_trips(block: Bushes, trips: Trips) -> Bushes:
    """Give the bushes of an earlier result the trips of now, and flows of their own."""
    first_pair, destination, number = pairs_from(trips, block.origin)
    return replace(block, first_pair=first_pair, destination=destination, trips=number, flow=np.zeros_like(block.flow))


def _check_fit(
    before: StochasticAssignment,
    network: TrafficNetwork,
    classes: Sequence[TravelClass],
    graph: Graph,
    fixed: Floats,
    trips: Sequence[Trips],
) -> None:
    """Check that the alternatives of an earlier result are some of this problem.

    Raises
    ------
    AssignmentError
        If links or classes are others, trips begin where none did, or links of the bushes are closed now.
    """
    remedy = "Solve without the earlier result, so that alternatives are made anew."
    if not same_arcs(graph, before.graph) or len(before.flow) != len(classes):
        expected = "the links, zones and classes of the earlier result"
        raise AssignmentError([Fault("fault", "network", "", "", "others", expected, remedy)])
    faults = []
    for k, (travel, its) in enumerate(zip(classes, trips, strict=True)):
        blocks = [block for block in before.bushes if block.travel == k]
        origins = [zone for block in blocks for zone in block.origin.tolist()]
        faults += [
            Fault("fault", f"trips of {travel.name}", "", "origin", network.node_ids[zone], "an earlier origin", remedy)
            for zone in np.setdiff1d(its.origin, origins).tolist()
        ]
        is_used = np.zeros(len(graph.link), dtype=bool)
        for block in blocks:
            is_used[block.edge_arc] = True
        faults += [
            Fault("fault", f"class {travel.name}", network.link_ids[link], "", "closed", "open as earlier", remedy)
            for link in graph.link[is_used & np.isinf(fixed[k])].tolist()
        ]
    if faults:
        raise AssignmentError(faults)
