"""Which routes trips take: from the bushes of a solved assignment to routes with their trips, link by link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.assignment.graph import fixed_costs
from jibek.assignment.pair_tables import PAIR, by_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from jibek.assignment.bushes import Bushes
    from jibek.assignment.equilibrium import Assignment
    from jibek.assignment.problem import TrafficNetwork, TravelClass
    from jibek.assignment.stochastic import StochasticAssignment

    Floats = NDArray[np.float64]

__all__ = ["route_sets"]

_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(PAIR, pl.UInt32),
    **dict.fromkeys(("trips", "share", "cost", "time", "length"), pl.Float64),
    "links": pl.List(pl.String),
}


def route_sets(
    network: TrafficNetwork,
    classes: Sequence[TravelClass],
    result: Assignment | StochasticAssignment,
    *,
    pairs: Iterable[tuple[int, int]] | None = None,
    least_share: float = 1e-3,
) -> pl.DataFrame:
    """Decompose flows into the routes that trips take.

    The trips of a pair come to each node in the shares in which those of its whole bush do, so that a route's share is
    the product along its way back. Link flows are unique, route flows are so only under this rule, see `select_link`.

    Parameters
    ----------
    network, classes
        The problem.
    result
        Its solution.
    pairs
        Zones of origin and destination, by number; None for all. A pair without trips or without a way has no routes.
    least_share
        Share of a pair's trips below which a route is left out.

    Returns
    -------
    polars.DataFrame
        ``class, origin, destination``, by name in the order of their numbers; of each pair its routes, largest first:
        ``route`` (1, 2, ...), ``trips``, ``share`` (of the pair's trips), ``cost`` (time and fixed cost), ``time``,
        ``length``, ``links`` (names, in the order in which they are passed). Routes that are left out stand after the
        others together in one row without ``route``, costs and ``links``, so that trips add up to all.
    """
    wanted = None if pairs is None else set(pairs)
    names = pl.Series(network.link_ids, dtype=pl.String).gather(result.graph.link)
    time, length = result.time[result.graph.link], network.length[result.graph.link]
    measures = [np.array([time + fixed, time, length]) for fixed in fixed_costs(result.graph, classes)]
    parts = [_trace(block, wanted, least_share, measures[block.travel], names) for block in result.bushes]
    routes = pl.concat([pl.DataFrame(schema=_COLUMNS), *parts])
    routes = routes.sort(*PAIR, pl.col("cost").is_null(), -pl.col("share"), maintain_order=True)
    number = pl.when(pl.col("cost").is_not_null()).then(pl.int_range(1, pl.len() + 1).over(PAIR))
    routes = routes.insert_column(len(PAIR), routes.select(route=number)["route"])
    return by_name(network, classes, routes)


def _trace(
    block: Bushes,
    wanted: set[tuple[int, int]] | None,
    least_share: float,
    measures: Floats,
    names: pl.Series,
) -> pl.DataFrame:
    """Trace the routes of a block's pairs; ``measures`` are cost, time and length of each arc, ``names`` its link."""
    from jibek.assignment.usage_kernels import trace_routes  # noqa: PLC0415 - compiled when it is needed

    origin = np.repeat(block.origin, np.diff(block.first_pair))
    asked = block.joined != 0
    if wanted is not None:
        asked &= [pair in wanted for pair in zip(origin.tolist(), block.destination.tolist(), strict=True)]
    its = asked.astype(np.uint8), block.first_pair, block.destination
    edges = block.n_reached, block.order, block.first_edge, block.edge_arc, block.edge_from, block.flow
    left_out = np.zeros(len(asked))
    n_routes = n_arcs = 0
    for _ in range(2):  # first they are counted
        pair, length = np.empty(n_routes, np.int64), np.empty(n_routes, np.int64)
        share, arcs = np.empty(n_routes), np.empty(n_arcs, np.uint32)
        n_routes, n_arcs = trace_routes(least_share, *its, *edges, pair, share, length, arcs, left_out)
    route = np.repeat(np.arange(len(pair)), length)
    along = [pl.Series(np.bincount(route, measure[arcs], len(pair)), dtype=pl.Float64) for measure in measures]
    links = (
        pl.DataFrame({"route": route, "links": names.gather(arcs)}).group_by("route", maintain_order=True).agg("links")
    )

    def table(pair: NDArray[np.int64], share: Floats) -> pl.DataFrame:
        ends = np.full(len(pair), block.travel, np.uint32), origin[pair], block.destination[pair]
        return pl.DataFrame({**dict(zip(PAIR, ends, strict=True)), "trips": block.trips[pair] * share, "share": share})

    rest = np.flatnonzero(left_out)
    routes = table(pair, share).with_columns(cost=along[0], time=along[1], length=along[2], links=links["links"])
    return pl.concat([pl.DataFrame(schema=_COLUMNS), routes, table(rest, left_out[rest])], how="diagonal")
