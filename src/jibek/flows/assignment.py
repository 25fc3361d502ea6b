"""From a corridor in a scenario to its flows: routes priced, demand assigned, loads in equilibrium."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from jibek.flows.equilibrium import Equilibrium, Problem, solve
from jibek.flows.kernels import route_entries, route_totals
from jibek.flows.preferences import marks_of, preferences_in, weigh
from jibek.flows.route_sets import everything_open
from jibek.flows.stations import Incidence, Stations, incidences_of, stations_of
from jibek.network import ArcCosts, build_network, costs_by_commodity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.flows.demand import Demand
    from jibek.flows.preferences import Preference
    from jibek.flows.route_sets import RouteSets
    from jibek.network import Network

    Floats = NDArray[np.float64]

__all__ = [
    "Flows",
    "PricedRoutes",
    "assign",
    "cheapest_flow",
    "equilibrium_of",
    "pose",
    "price_routes",
    "quantities",
    "reference_costs",
    "with_waiting",
]


@dataclass(frozen=True)
class PricedRoutes:
    """The frozen routes in one scenario, without congestion.

    Attributes
    ----------
    network : Network
        Of the scenario.
    arcs : int32 array
        For each arc of the route sets, the same arc of ``network``; -1 where it is closed.
    open : bool array, shape (n_routes,)
        Whether every arc is open.
    open_share : float64 array, shape (n_routes,)
        Least share of the year for which any of its arcs is open.
    costs : tuple of ArcCosts
        By commodity of the route sets.
    hours, usd, kg_co2, km : float64 arrays, shape (n_routes,)
        Per unit; of closed routes, of what is open.
    hours_per_usd : float64 array, shape (n_routes,)
        Reciprocal of the value of time.
    stations : Stations
        Of the scenario.
    incidence : tuple of Incidence
        By commodity of the route sets.
    first_entry, station, load, empties, delay
        Stations that each route passes, as in `jibek.flows.equilibrium.Problem`.
    """

    network: Network
    arcs: NDArray[np.int32]
    open: NDArray[np.bool_]
    open_share: Floats
    costs: tuple[ArcCosts, ...]
    hours: Floats
    usd: Floats
    kg_co2: Floats
    km: Floats
    hours_per_usd: Floats
    stations: Stations
    first_entry: NDArray[np.int64]
    station: NDArray[np.int32]
    load: Floats
    empties: Floats
    delay: Floats


@dataclass(frozen=True)
class Flows:
    """Flows of one scenario.

    Attributes
    ----------
    routes : RouteSets
        The frozen alternatives.
    priced : PricedRoutes
        What they cost in the scenario.
    quantity : float64 array, shape (n_pairs,)
        Demand of each pair, calibrated factors included, units a year.
    reference : float64 array, shape (n_pairs,)
        Generalised hours of the cheapest route when nothing is loaded or closed.
    problem : Problem
        What was solved.
    equilibrium : Equilibrium
        The solution.
    """

    routes: RouteSets
    priced: PricedRoutes
    quantity: Floats
    reference: Floats
    problem: Problem
    equilibrium: Equilibrium


def assign(
    world: Corridor,
    base: Corridor,
    routes: RouteSets,
    demand: Demand,
    *,
    waiting: Mapping[int, float] | None = None,
    residual: float = 1e-6,
    start: Equilibrium | None = None,
) -> Flows:
    """Assign demand to routes in equilibrium.

    Parameters
    ----------
    world
        The corridor in the scenario.
    base
        The corridor in the same year without the scenario's own changes: costs are relative to it.
    routes
        The frozen alternatives.
    demand
        What wants to go.
    waiting
        Hours of waiting for a departure by arc of ``routes.network``, where they are not the timetable's.
    residual
        See `jibek.flows.equilibrium.solve`.
    start
        Of a similar problem, to start from.
    """
    return equilibrium_of(
        routes,
        with_waiting(price_routes(world, routes), routes, waiting or {}),
        preferences_in(world, routes, marks_of(world, routes), world.year),
        reference_costs(base, routes),
        quantities(routes, demand),
        residual=residual,
        start=start,
    )


def equilibrium_of(
    routes: RouteSets,
    priced: PricedRoutes,
    preferences: Sequence[Preference],
    reference: Floats,
    quantity: Floats,
    *,
    residual: float = 1e-6,
    start: Equilibrium | None = None,
) -> Flows:
    """Solve for the flows of priced routes."""
    problem = pose(routes, priced, preferences, reference, quantity)
    equilibrium = solve(problem, residual=residual, start=start)
    return Flows(routes, priced, problem.quantity, reference, problem, equilibrium)


def cheapest_flow(flows: Flows) -> Floats:
    """Put all goods of a pair on its cheapest open route without congestion: the naive yardstick, units a year."""
    routes, priced = flows.routes, flows.priced
    pair = routes.pair_of_route
    cost = np.where(priced.open, priced.hours + priced.usd * priced.hours_per_usd, np.inf)
    least = np.full(routes.n_pairs, np.inf)
    np.minimum.at(least, pair, cost)
    best = np.flatnonzero((cost == least[pair]) & np.isfinite(cost))
    first = best[np.unique(pair[best], return_index=True)[1]]
    flow = np.zeros(routes.n_routes)
    flow[first] = flows.quantity[pair[first]]
    return flow


def quantities(routes: RouteSets, demand: Demand) -> Floats:
    """Put demand in the order of the pairs of the route sets; pairs of other years get none.

    Raises
    ------
    ValueError
        If there is demand of a pair or commodity that the route sets do not hold.
    """
    unknown = set(demand.commodities) - set(routes.commodities)
    if unknown:
        raise ValueError(f"No route sets of {', '.join(sorted(unknown))}")
    codes = {commodity: code for code, commodity in enumerate(routes.commodities)}
    code = np.array([codes[commodity] for commodity in demand.commodities], dtype=np.int64)
    n_places = len(routes.network.origin_node)

    def key(
        commodity: NDArray[np.int64], origin: NDArray[np.int32], destination: NDArray[np.int32]
    ) -> NDArray[np.int64]:
        return (commodity * n_places + origin) * n_places + destination

    known = key(routes.commodity.astype(np.int64), routes.origin, routes.destination)
    wanted = key(code[demand.commodity], demand.origin, demand.destination)
    if not np.isin(wanted, known).all():
        raise ValueError("There is demand between places for which no route sets were built")
    quantity = np.zeros(routes.n_pairs)
    quantity[np.searchsorted(known, wanted)] = demand.quantity
    return quantity


def reference_costs(base: Corridor, routes: RouteSets) -> Floats:
    """Give the generalised hours of each pair's cheapest route when everything is open and nothing loaded."""
    cheapest = np.full(routes.n_pairs, np.inf)
    network = build_network(everything_open(base))
    position = routes.network.positions_in(network)
    for code, priced in enumerate(costs_by_commodity(network, base, routes.commodities, base.year)):
        costs = np.append(priced.generalised_hours, np.inf)[position]
        mine = routes.of_commodity(code)
        np.minimum.at(cheapest, routes.pair_of_route[mine], routes.sums(costs, mine))
    return np.where(np.isfinite(cheapest), cheapest, 1.0)


def price_routes(world: Corridor, routes: RouteSets) -> PricedRoutes:
    """Say what every route costs in a scenario, which ones are open and which stations they pass."""
    network = build_network(world)
    position = routes.network.positions_in(network)
    arcs = position.astype(np.int32)[routes.arcs]
    stations = stations_of(world)
    costs = costs_by_commodity(network, world, routes.commodities, world.year)
    incidences = incidences_of(network, world, stations, routes.commodities)
    commodity = routes.commodity[routes.pair_of_route]
    per_arc = [np.column_stack([each.hours, each.usd, each.kg_co2, network.km]) for each in costs]
    measures = np.array(per_arc).reshape(len(costs), network.n_arcs, 4)
    totals, open_share, is_open = route_totals(routes.first_arc, arcs, commodity, measures, network.open_share)
    hours, usd, kg_co2, km = totals
    first_entry, station, load, empties, delay = _entries(routes, arcs, incidences, network.n_arcs)
    return PricedRoutes(
        network=network,
        arcs=arcs,
        open=is_open.astype(np.bool_),
        open_share=open_share,
        costs=costs,
        hours=hours,
        usd=usd,
        kg_co2=kg_co2,
        km=km,
        hours_per_usd=np.array([each.hours_per_usd for each in costs])[commodity],
        stations=stations,
        first_entry=first_entry,
        station=station,
        load=load,
        empties=empties,
        delay=delay,
    )


def with_waiting(priced: PricedRoutes, routes: RouteSets, waiting: Mapping[int, float]) -> PricedRoutes:
    """Replace the timetable's hours of waiting for a departure, given by arc of ``routes.network``."""
    position = routes.network.positions_in(priced.network)
    extra = np.zeros(routes.network.n_arcs)
    for arc, hours in waiting.items():
        if position[arc] >= 0:
            extra[arc] = hours - priced.network.hours_waiting[position[arc]]
    return replace(priced, hours=priced.hours + routes.sums(extra))


def pose(
    routes: RouteSets, priced: PricedRoutes, preferences: Sequence[Preference], reference: Floats, quantity: Floats
) -> Problem:
    """Put costs, preferences and demand together.

    The cost of a route relative to the pair's cheapest is ``(hours + (usd - subsidy) / value of time) / reference``
    plus the constants and aversions; where a station on it has no capacity, the route is closed.
    """
    weights = weigh(preferences, routes)
    pair = routes.pair_of_route
    hours = priced.hours + (priced.usd - weights.usd) * priced.hours_per_usd
    shut = np.zeros(routes.n_routes, dtype=np.bool_)
    blocked = (priced.stations.capacity <= 0)[priced.station] & (priced.delay > 0)
    shut[np.repeat(np.arange(routes.n_routes), np.diff(priced.first_entry))[blocked]] = True
    usable = priced.open & ~shut
    with np.errstate(divide="ignore"):
        log_size = np.log(routes.path_size) + np.log(priced.open_share)
    return Problem(
        first_route=routes.first_route,
        nest=routes.nest,
        quantity=quantity * weights.demand,
        cost=np.where(usable, hours / reference[pair] + weights.share, np.inf),
        log_size=log_size,
        reference=reference,
        spread_nest=weights.spread_nest,
        spread_route=weights.spread_route,
        stations=priced.stations,
        first_entry=priced.first_entry,
        station=priced.station,
        load=priced.load,
        delay=priced.delay,
    )


def _entries(
    routes: RouteSets, arcs: NDArray[np.int32], incidences: Sequence[Incidence], n_arcs: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], Floats, Floats, Floats]:
    """List the stations that the routes pass: first entry of each route, then station, load, empties, delay."""
    cells = [code * n_arcs + each.arc.astype(np.int64) for code, each in enumerate(incidences)]
    cell = np.concatenate([np.zeros(0, np.int64), *cells])
    first_row = np.searchsorted(cell, np.arange(len(incidences) * n_arcs + 1)).astype(np.int64)
    commodity = routes.commodity[routes.pair_of_route]
    first_entry, row = route_entries(routes.first_arc, arcs, commodity, first_row, n_arcs)
    station = np.concatenate([np.zeros(0, np.int32), *(each.station for each in incidences)])[row]
    load, empties, delay = (
        np.concatenate([np.zeros(0), *(getattr(each, name) for each in incidences)])[row]
        for name in ("load", "empties", "delay")
    )
    return first_entry, station, load, empties, delay
