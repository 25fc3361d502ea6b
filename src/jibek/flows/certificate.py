"""What flows are worth, worked out anew from the written flows alone: slow, plain and apart from the solver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.flows.stations import DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from jibek.flows.assignment import Flows
    from jibek.flows.equilibrium import Problem
    from jibek.network import Network

    Floats = NDArray[np.float64]

__all__ = ["Certificate", "certify"]


@dataclass(frozen=True)
class Certificate:
    """Conservation, residual and benefit of flows, recomputed.

    Attributes
    ----------
    residual : float
        Largest ``|flow - quantity * share(cost(flow))|`` of any route, as a share of its pair's quantity: 0 in
        equilibrium.
    imbalance : float
        Largest gain or loss of a commodity at a node, demand at the gates included, as a share of what is routed of it.
    benefit_usd : float
        Users' benefit, USD a year: their expected least cost (logsum) at the costs of the flows, with the sign turned,
        times quantity and value of time. Only differences mean something: between two runs of one demand it is what
        the users gain.
    """

    residual: float
    imbalance: float
    benefit_usd: float


def certify(flows: Flows, tables: Mapping[str, pl.DataFrame]) -> Certificate:
    """Work out what written flows are worth.

    Parameters
    ----------
    flows
        The problem that was solved; its solution is not looked at.
    tables
        ``flow_routes``, ``flow_arcs`` and ``flow_pairs``, as `jibek.flows.flow_tables` writes them.
    """
    problem = flows.problem
    pair = problem.pair_of_route
    flow = np.zeros(len(pair))
    flow[tables["flow_routes"]["route"].to_numpy()] = tables["flow_routes"]["quantity"].to_numpy()
    share, least_hours = _chosen(problem, _costs(problem, flow))
    quantity = problem.quantity[pair]
    off = np.abs(flow - quantity * share) / np.maximum(quantity, np.finfo(float).tiny)
    pairs = tables["flow_pairs"].filter(pl.col("routed") > 0)
    least = least_hours[pairs["pair"].to_numpy()]
    return Certificate(
        residual=float(off.max(initial=0.0)),
        imbalance=_imbalance(flows.priced.network, tables["flow_arcs"], pairs),
        benefit_usd=-float((pairs["routed"] * pairs["usd_per_hour"]).to_numpy() @ least),
    )


def _costs(problem: Problem, flow: Floats) -> Floats:
    """Give the relative cost of each route at the delays of the flows' own loads."""
    stations = problem.stations
    route = np.repeat(np.arange(len(flow)), np.diff(problem.first_entry))
    load = stations.background * stations.peak
    np.add.at(load, problem.station, flow[route] / DAYS * problem.load)
    hours, _ = stations.delays(load)
    delay = np.zeros(len(flow))
    np.add.at(delay, route, hours[problem.station] * problem.delay)
    cost: Floats = problem.cost + delay / problem.reference[problem.pair_of_route]
    return cost


def _chosen(problem: Problem, cost: Floats) -> tuple[Floats, Floats]:
    """Give the probability of each route and the expected least generalised hours of each pair.

    The nested logit in two steps (Train 2009, equations 4.3 to 4.5): a nest is chosen by what its routes are worth
    together, a route by what it is worth in its nest.
    """
    pair = problem.pair_of_route
    n_nests = int(problem.nest.max(initial=0)) + 1
    nest = pair * n_nests + problem.nest
    pair_of_nest = np.repeat(np.arange(len(problem.quantity)), n_nests)
    scale = (problem.spread_nest / problem.spread_route)[pair_of_nest]
    in_nest, worth = _logit(problem.log_size - problem.spread_route[pair] * cost, nest, len(scale))
    of_nest, total = _logit(np.where(np.isfinite(worth), scale * worth, -np.inf), pair_of_nest, len(problem.quantity))
    return in_nest * of_nest[nest], -total / problem.spread_nest * problem.reference


def _logit(utility: Floats, group: NDArray[np.int64], n_groups: int) -> tuple[Floats, Floats]:
    """Choose among the members of each group: their probabilities, and the logarithm of the summed exponentials."""
    top = np.full(n_groups, -np.inf)
    np.maximum.at(top, group, utility)
    top_or_0 = np.where(np.isfinite(top), top, 0.0)
    weight = np.exp(utility - top_or_0[group])
    total = np.zeros(n_groups)
    np.add.at(total, group, weight)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(weight > 0, weight / total[group], 0.0), np.log(total) + top_or_0


def _imbalance(network: Network, arcs: pl.DataFrame, pairs: pl.DataFrame) -> float:
    """Balance every commodity at every node: what comes less what goes, and at the gates the demand."""
    worst = 0.0
    for commodity in set(pairs["commodity"]) | set(arcs["commodity"]):
        passing, wanted = arcs.filter(commodity=commodity), pairs.filter(commodity=commodity)
        balance = np.zeros(network.n_nodes)
        np.add.at(balance, passing["to_node"].to_numpy(), passing["quantity"].to_numpy())
        np.subtract.at(balance, passing["from_node"].to_numpy(), passing["quantity"].to_numpy())
        routed = wanted["routed"].to_numpy()
        origin, destination = ([network.place_index[name] for name in wanted[end]] for end in ("origin", "destination"))
        np.add.at(balance, network.origin_node[origin], routed)
        np.subtract.at(balance, network.destination_node[destination], routed)
        worst = max(worst, float(np.abs(balance).max() / max(routed.sum(), np.finfo(float).tiny)))
    return worst
