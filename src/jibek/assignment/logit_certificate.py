"""What flows in stochastic user equilibrium are worth, worked out anew: slow, plain and apart from the solver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jibek.assignment.certificate import certify, link_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from jibek.assignment.bushes import Bushes
    from jibek.assignment.graph import Graph
    from jibek.assignment.problem import TrafficNetwork, TravelClass

    Floats = NDArray[np.float64]

__all__ = ["LogitCertificate", "certify_logit"]

_TOGETHER = 8  # blocks, so that the edges of a great network do not fill the memory


@dataclass(frozen=True)
class LogitCertificate:
    """Conservation, residual and objective of flows, recomputed.

    Attributes
    ----------
    residual : float
        Largest difference on any link between the trips of a class and those that a logit loads at the costs of all,
        as a share of the greatest flow of the class on a link. 0 in equilibrium.
    objective : float
        That of Fisk (1980), eq. 5: the one of the user equilibrium, and the spread times what is lost to entropy, the
        sum over ways of trips times the logarithm of their share. It decomposes to arcs and nodes of bushes (Akamatsu
        1997, Transportation Research B 31). With several classes weighted by load.
    total_cost, imbalance, misplaced, unrouted : float
        As in `Certificate`.
    """

    residual: float
    objective: float
    total_cost: float
    imbalance: float
    misplaced: float
    unrouted: float


def certify_logit(
    network: TrafficNetwork,
    classes: Sequence[TravelClass],
    graph: Graph,
    bushes: Sequence[Bushes],
    *,
    spread: float,
    threads: int = 1,
) -> LogitCertificate:
    """Work out what the flows of bushes are worth.

    Parameters
    ----------
    network, classes
        The problem.
    graph
        Arcs of the network.
    bushes
        Alternatives and flows of each class and origin.
    spread
        Spread of perceived costs.
    threads
        How many shortest-path trees grow side by side.
    """
    flow, again = np.zeros((len(classes), network.n_links)), np.zeros((len(classes), network.n_links))
    for block in bushes:
        np.add.at(flow[block.travel], graph.link[block.edge_arc], block.flow)
    load = np.array([each.load for each in classes])
    volume = load @ flow if len(classes) else np.zeros(network.n_links)
    entropy = 0.0
    with np.errstate(over="ignore", invalid="ignore"):  # what is too great to reckon with makes a residual of infinity
        time = link_times(network, volume).value
        costs = [(time + each.fixed_cost)[graph.link] for each in classes]
        for begin in range(0, len(bushes), _TOGETHER):
            blocks = bushes[begin : begin + _TOGETHER]
            edges = _edges_of(blocks, costs)
            loaded = np.split(_loaded(blocks, edges, spread), np.cumsum([len(block.flow) for block in blocks])[:-1])
            for block, its in zip(blocks, loaded, strict=True):
                np.add.at(again[block.travel], graph.link[block.edge_arc], its)
            entropy += _entropy(blocks, edges, load)
        greatest = np.maximum(flow.max(axis=1, initial=0.0), np.finfo(float).tiny)
        residual = float((np.abs(again - flow).max(axis=1, initial=0.0) / greatest).max(initial=0.0))
    plain = certify(network, classes, flow, threads=threads)
    return LogitCertificate(
        residual=residual if np.isfinite(residual) else np.inf,
        objective=plain.objective + spread * entropy,
        total_cost=plain.total_cost,
        imbalance=plain.imbalance,
        misplaced=plain.misplaced,
        unrouted=plain.unrouted,
    )


@dataclass(frozen=True)
class _Edges:
    """Edges of some blocks one after the other: bush, place to which they lead, place before it, and cost."""

    bush: NDArray[np.int64]
    place: NDArray[np.int64]
    before: NDArray[np.uint32]
    cost: Floats


def _edges_of(blocks: Sequence[Bushes], costs: Sequence[Floats]) -> _Edges:
    """List the edges of blocks, whose bushes are counted through."""
    n_nodes = blocks[0].order.shape[1]
    counts = [np.maximum(np.diff(block.first_edge.astype(np.int64), axis=1), 0).ravel() for block in blocks]
    cell = np.repeat(np.arange(sum(len(each) for each in counts)), np.concatenate(counts))
    return _Edges(
        bush=cell // n_nodes,
        place=cell % n_nodes,
        before=np.concatenate([block.edge_from for block in blocks]),
        cost=np.concatenate([costs[block.travel][block.edge_arc] for block in blocks]),
    )


def _loaded(blocks: Sequence[Bushes], edges: _Edges, spread: float) -> Floats:
    """Load the trips of blocks by logit (Dial 1971), all bushes at once, place after place; shape (n_edges,)."""
    n_nodes, n_bushes = blocks[0].order.shape[1], sum(len(block.root) for block in blocks)
    row = np.argsort(edges.place, kind="stable")
    rows = np.split(row, np.searchsorted(edges.place[row], np.arange(1, n_nodes)))
    label, share, flow = np.zeros((n_nodes, n_bushes)), np.empty(len(row)), np.empty(len(row))
    for place, its in enumerate(rows):
        bush, cost = edges.bush[its], label[edges.before[its], edges.bush[its]] + edges.cost[its]
        cheapest = np.full(n_bushes, np.inf)
        np.minimum.at(cheapest, bush, cost)
        weight = np.exp((cheapest[bush] - cost) / spread)
        total = np.bincount(bush, weight, n_bushes)
        share[its] = weight / total[bush]
        label[place] = np.where(total > 0, cheapest - spread * np.log(np.maximum(total, 1.0)), 0.0)
    passing = _ending(blocks)
    for place in range(n_nodes - 1, 0, -1):
        its = rows[place]
        flow[its] = share[its] * passing[place, edges.bush[its]]
        np.add.at(passing, (edges.before[its], edges.bush[its]), flow[its])
    return flow


def _ending(blocks: Sequence[Bushes]) -> Floats:
    """Give the trips that end at each place of each bush, shape (n_nodes, n_bushes)."""
    n_nodes = blocks[0].order.shape[1]
    columns = []
    for block in blocks:
        ending = np.zeros((n_nodes, len(block.root)))
        for bush, reached in enumerate(block.n_reached.tolist()):
            pairs = slice(block.first_pair[bush], block.first_pair[bush + 1])
            at_node = np.bincount(block.destination[pairs], block.trips[pairs], n_nodes)
            ending[:reached, bush] = at_node[block.order[bush, :reached]]
        columns.append(ending)
    return np.concatenate(columns, axis=1)


def _entropy(blocks: Sequence[Bushes], edges: _Edges, load: Floats) -> float:
    """Sum trips times the logarithm of the share of their edge among all that come to its place, weighted by load."""
    n_nodes = blocks[0].order.shape[1]
    flow = np.concatenate([block.flow for block in blocks])
    weight = np.concatenate([np.full(len(block.flow), load[block.travel]) for block in blocks])
    cell = edges.bush * n_nodes + edges.place
    passing = np.bincount(cell, flow)[cell]
    used = flow > 0
    return float((weight[used] * flow[used] * np.log(flow[used] / passing[used])).sum())
