"""Bushes of a class's origins as they are kept, a handful together, and their cores joined for the shifts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from jibek.assignment.bush_kernels import mend_bushes
from jibek.assignment.tree_kernels import grow_bushes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from jibek.assignment.graph import Graph, Trips

    Indices = NDArray[np.uint32]
    Floats = NDArray[np.float64]

__all__ = [
    "Bushes",
    "Core",
    "Cores",
    "average",
    "blocks_of",
    "grow",
    "join",
    "mend",
    "pairs_from",
    "settle",
    "spread",
    "take_over",
    "write_back",
]

_TOGETHER = 16  # origins of one block, whatever the number of threads


@dataclass(frozen=True)
class Bushes:
    """Bushes of some origins of one class: the acyclic sets of arcs that their trips use.

    Attributes
    ----------
    travel : int
        Number of the class.
    origin : uint32 array, shape (n_bushes,)
        Zones.
    root : uint32 array, shape (n_bushes,)
        Node of the graph where their trips begin.
    first_pair, destination, trips
        Pairs of each origin, as in `Trips`.
    joined, n_reached, order, first_edge, edge_arc, edge_from, flow
        As `grow_bushes` gives them.
    """

    travel: int
    origin: Indices
    root: Indices
    first_pair: NDArray[np.int64]
    destination: Indices
    trips: Floats
    joined: NDArray[np.uint8]
    n_reached: Indices
    order: NDArray[np.uint32]
    first_edge: NDArray[np.uint32]
    edge_arc: Indices
    edge_from: Indices
    flow: Floats


@dataclass(frozen=True)
class Core:
    """Where ways of a block of bushes part and merge, as `mend_bushes` gives it."""

    first_core: Indices
    core_first: Indices
    core_edge: Indices
    core_from: Indices


@dataclass(frozen=True)
class Cores:
    """Cores of all bushes of all classes in one row, as `shift_flows` wants them.

    Attributes
    ----------
    first_core : uint32 array, shape (n_bushes + 1,)
        Rows of each bush.
    core_first : uint32 array, shape (n_rows + 1,)
        Edges that come to each row.
    edge_arc, edge_from : uint32 arrays, shape (n_core_edges,)
        Arc of each edge, row from which it leads, counted from 1, or 0.
    flow : float64 array, shape (n_core_edges,)
        Trips on each edge.
    """

    first_core: Indices
    core_first: Indices
    edge_arc: Indices
    edge_from: Indices
    flow: Floats


def blocks_of(rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Deal origins out to blocks like cards, so that each block is a sample of all."""
    n_blocks = -(-len(rows) // _TOGETHER)
    return [rows[number::n_blocks] for number in range(n_blocks)]


def pairs_from(trips: Trips, origin: Indices) -> tuple[NDArray[np.int64], Indices, Floats]:
    """Give pairs as `Bushes` has them, from zones among which some may have no trips."""
    begin, end = (trips.first_pair[np.searchsorted(trips.origin, origin, side)] for side in ("left", "right"))
    first_pair = np.concatenate([[0], np.cumsum(end - begin)])
    pairs = np.repeat(begin - first_pair[:-1], end - begin) + np.arange(first_pair[-1])
    return first_pair, trips.destination[pairs], trips.trips[pairs]


def grow(graph: Graph, cost: Floats, travel: int, trips: Trips, rows: NDArray[np.int64]) -> Bushes:
    """Grow the first bushes of some origins, see `grow_bushes`."""
    origin = trips.origin[rows]
    its = graph.start[origin], *pairs_from(trips, origin)
    bushes = grow_bushes(graph.first_out, graph.head, graph.tail, cost, *its)
    return Bushes(travel, origin, *its, *bushes)


def take_over(graph: Graph, is_open: NDArray[np.bool_], trips: Trips, bushes: Bushes) -> tuple[Bushes, Floats] | None:
    """Give bushes of an earlier solution the trips of now, see `settle`.

    None where arcs have opened or closed so that other nodes may be reached: such bushes have to grow anew.
    """
    reached = np.zeros((len(bushes.origin), len(graph.first_out) - 1), np.bool_)
    for bush, n in enumerate(bushes.n_reached):
        reached[bush, bushes.order[bush, :n]] = True
    tail, head = graph.tail[is_open], graph.head[is_open]
    if not is_open[bushes.edge_arc].all() or np.any(reached[:, tail] & ~reached[:, head]):
        return None
    first_pair, destination, its_trips = pairs_from(trips, bushes.origin)
    joined = reached[np.repeat(np.arange(len(bushes.origin)), np.diff(first_pair)), destination].astype(np.uint8)
    now = replace(
        bushes, first_pair=first_pair, destination=destination, joined=joined, order=bushes.order.copy()
    )  # `mend` changes the order in place
    return settle(graph, now, its_trips)


def spread(graph: Graph, bushes: Bushes, trips: Floats) -> tuple[Floats, Floats]:
    """Spread trips in the shares of edges, see `spread_trips`: flow of edges, flow of arcs."""
    from jibek.assignment.share_kernels import spread_trips  # noqa: PLC0415 - compiled when it is needed

    its = bushes.first_pair, bushes.destination, bushes.joined, bushes.n_reached, bushes.order
    edges = bushes.first_edge, bushes.edge_arc, bushes.edge_from, bushes.flow
    edge_flow, arc_flow = spread_trips(len(graph.head), trips, *its, *edges)
    return edge_flow, arc_flow


def settle(graph: Graph, bushes: Bushes, trips: Floats) -> tuple[Bushes, Floats]:
    """Give bushes other trips, which go in the shares of those before; also their flow on arcs."""
    edge_flow, arc_flow = spread(graph, bushes, trips)
    return replace(bushes, trips=trips, flow=edge_flow), arc_flow


def average(bushes: Bushes, cost: Floats) -> Floats:
    """Give what the trips of each pair cost on average, see `average_costs`."""
    from jibek.assignment.share_kernels import average_costs  # noqa: PLC0415 - compiled when it is needed

    its = bushes.first_pair, bushes.destination, bushes.joined, bushes.n_reached, bushes.order
    averages: Floats = average_costs(cost, *its, bushes.first_edge, bushes.edge_arc, bushes.edge_from, bushes.flow)
    return averages


def mend(graph: Graph, cost: Floats, bushes: Bushes) -> tuple[Bushes, Core, Floats, Floats, Floats]:
    """Bring bushes up to date with costs, see `mend_bushes`: also their core, flow on arcs, what trips spend, least."""
    its = bushes.root, bushes.first_pair, bushes.destination, bushes.trips, bushes.joined
    edges = bushes.n_reached, bushes.order, bushes.first_edge, bushes.edge_arc, bushes.edge_from, bushes.flow
    first_edge, edge_arc, edge_from, flow, *core, arc_flow, spent, least = mend_bushes(
        graph.first_out, graph.head, graph.tail, cost, *its, *edges
    )
    mended = replace(bushes, first_edge=first_edge, edge_arc=edge_arc, edge_from=edge_from, flow=flow)
    return mended, Core(*core), arc_flow, spent, least


def join(bushes: Sequence[Bushes], cores: Sequence[Core]) -> Cores:
    """Put cores one after the other."""
    rows = np.cumsum([0, *(len(core.core_first) - 1 for core in cores)])
    edges = np.cumsum([0, *(len(core.core_edge) for core in cores)])
    first_core = [core.first_core[:-1] + row for core, row in zip(cores, rows, strict=False)]
    core_first = [core.core_first[:-1] + edge for core, edge in zip(cores, edges, strict=False)]
    edge_from = [np.where(core.core_from == 0, 0, core.core_from + row) for core, row in zip(cores, rows, strict=False)]
    pairs = list(zip(bushes, cores, strict=True))
    return Cores(
        first_core=np.concatenate([*first_core, rows[-1:]]).astype(np.uint32),
        core_first=np.concatenate([*core_first, edges[-1:]]).astype(np.uint32),
        edge_arc=np.concatenate([np.empty(0, np.uint32), *(block.edge_arc[core.core_edge] for block, core in pairs)]),
        edge_from=np.concatenate([np.empty(0), *edge_from]).astype(np.uint32),
        flow=np.concatenate([np.empty(0), *(block.flow[core.core_edge] for block, core in pairs)]),
    )


def write_back(bushes: Sequence[Bushes], cores: Sequence[Core], flow: Floats) -> None:
    """Write the flows of joined cores back to the edges of their bushes."""
    begin = 0
    for block, core in zip(bushes, cores, strict=True):
        block.flow[core.core_edge] = flow[begin : begin + len(core.core_edge)]
        begin += len(core.core_edge)
