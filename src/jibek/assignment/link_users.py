"""Who uses a link: from a solved assignment to the pairs of zones whose trips pass it, and where else these trips go.

Link flows do not say it, and neither does equilibrium: where trips of several pairs meet two ways that cost the same,
many ways of dealing them out load the links alike. A rule has to choose. Here trips of one class and origin that come
to a node by several links do so in the same shares wherever they go on to, as in their bush: the condition of
proportionality (Bar-Gera 2010, Traffic assignment by paired alternative segments, Transportation Research B 44; Boyles,
Lownes and Unnikrishnan, Transportation Network Analysis I, on most likely path flows), kept within each origin. Between
origins nothing is evened out: how much each of them sends over a link is one of several answers too. Their sum, the
flow on the link, is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.assignment.pair_tables import PAIR, by_name, pair_table
from jibek.corridor.tables import nearest
from jibek.errors import AssignmentError, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from jibek.assignment.equilibrium import Assignment
    from jibek.assignment.problem import TrafficNetwork, TravelClass
    from jibek.assignment.stochastic import StochasticAssignment

    Floats = NDArray[np.float64]

__all__ = ["LinkUsers", "link_numbers", "select_link"]


@dataclass(frozen=True)
class LinkUsers:
    """The trips that pass a link.

    Attributes
    ----------
    link : int
        Number of the link.
    pairs : polars.DataFrame
        Pairs of zones that have trips on the link: ``class, origin, destination``, by name in the order of their
        numbers; ``trips`` that pass it, above 0; ``share``, the same as a share of all trips of the pair.
    flow : float64 array, shape (n_classes, n_links)
        These trips on every link that they use, this one among them.
    """

    link: int
    pairs: pl.DataFrame
    flow: Floats


def link_numbers(network: TrafficNetwork, names: Iterable[str]) -> list[int]:
    """Find links by name.

    Raises
    ------
    AssignmentError
        With every name that no link has.
    """
    number = {name: link for link, name in enumerate(network.link_ids)}
    wanted = list(dict.fromkeys(names))
    faults = [
        Fault("fault", "links", "", "link", name, "the name of a link", f"{nearest(name, number)}Name a link.")
        for name in wanted
        if name not in number
    ]
    if faults:
        raise AssignmentError(faults)
    return [number[name] for name in wanted]


def select_link(
    network: TrafficNetwork, classes: Sequence[TravelClass], result: Assignment | StochasticAssignment, link: int
) -> LinkUsers:
    """Find who uses a link, in the shares in which the bushes of the result split; no path is enumerated.

    The sum over pairs is the flow of each class on the link. The trips of a single pair are unique only under a rule:
    here trips of one class and origin split alike at each node, wherever they go on to (the condition of
    proportionality within an origin, see the head of this module).

    Parameters
    ----------
    network, classes
        The problem.
    result
        Its solution.
    link
        Number of the link.
    """
    from jibek.assignment.usage_kernels import select_arc  # noqa: PLC0415 - compiled when it is needed

    graph = result.graph
    arc_flow = np.zeros((len(classes), len(graph.link)))
    through = [np.zeros(len(block.trips)) for block in result.bushes]
    for arc in np.flatnonzero(graph.link == link).tolist():  # none for a link from a node to itself
        for number, block in enumerate(result.bushes):
            its = block.first_pair, block.destination, block.trips
            edges = block.n_reached, block.order, block.first_edge, block.edge_arc, block.edge_from, block.flow
            through[number] = select_arc(arc, *its, *edges, arc_flow[block.travel])
    pairs = pair_table(result.bushes, through=through).filter(pl.col("through") > 0)
    users = pairs.select(*PAIR, trips="through", share=pl.col("through") / pl.col("trips")).sort(PAIR)
    flow = np.zeros((len(classes), network.n_links))
    flow[:, graph.link] = arc_flow
    return LinkUsers(link, by_name(network, classes, users), flow)
