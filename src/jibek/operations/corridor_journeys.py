"""Journeys whose time is observed from end to end, as a test box that is sent along does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.corridor import lineages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.operations.traffic import Traffic

    Ints = NDArray[np.int64]

__all__ = ["EVERY_HOURS", "observed_journeys"]

EVERY_HOURS = 120.0
"""Mean time between two test boxes on a journey."""

_FOUND = {
    **dict.fromkeys(("group", "corridor", "origin", "destination", "goods"), pl.String),
    **dict.fromkeys(("route", "first", "last"), pl.Int64),
    "share": pl.Float64,
}
_KEY = ("origin", "destination", "goods")
_Row = tuple[str, str, str, str, str, int, int, int, float]


def observed_journeys(world: Corridor, traffic: Traffic, journeys: pl.DataFrame | None) -> pl.DataFrame:
    """Find for each journey the route of each named corridor that carries most of its goods.

    Where a journey names its corridor and no goods go from the one place to the other, those that pass both in this
    order count, from the first to the last.

    Parameters
    ----------
    world
        The corridor in the scenario.
    traffic
        Routes.
    journeys
        ``origin, destination, goods, corridor`` (null for all of them); None for none.

    Returns
    -------
    polars.DataFrame
        ``group`` (of the results), ``corridor, origin, destination, goods, route`` (number among the routes), ``first,
        last`` (arcs of the route from which and before which it is travelled), ``share`` (of what the corridor carries
        on this journey), sorted by group.
    """
    if journeys is None or traffic.n_routes == 0:
        return pl.DataFrame(schema=_FOUND)
    lines, places = lineages(world["commodities"]), set(traffic.network.place_index)
    rows: set[_Row] = set()
    for origin, destination, goods, corridor in journeys.select(*_KEY, "corridor").iter_rows():
        kinds = np.array([goods in lines[name] for name in traffic.commodities])
        ways = np.array([corridor in (None, way) for way in traffic.ways])
        if {origin, destination} <= places and kinds.any() and ways.any():
            chosen = np.flatnonzero((traffic.way >= 0) & ways[traffic.way] & kinds[traffic.commodity])
            rows |= set(_on_each_way(traffic, chosen, (origin, destination, goods), through=corridor is not None))
    return pl.DataFrame(sorted(rows), schema=_FOUND, orient="row")


def _on_each_way(traffic: Traffic, chosen: Ints, journey: tuple[str, str, str], *, through: bool) -> Iterator[_Row]:
    """Give the greatest route of each named corridor between two places."""
    first, last, whole = _between(traffic, chosen, *journey[:2])
    usable = (first < last) & (through | whole)
    for way in np.unique(traffic.way[chosen[usable]]).tolist():
        mine = usable & (traffic.way[chosen] == way)
        mine &= whole if (mine & whole).any() else True
        at = int(np.where(mine, traffic.quantity[chosen], -1.0).argmax())
        share = float(traffic.quantity[chosen[at]] / traffic.quantity[chosen[mine]].sum())
        corridor = traffic.ways[way]
        group = "/".join(("journey", corridor, *journey))
        yield group, corridor, *journey, int(chosen[at]), int(first[at]), int(last[at]), share


def _between(traffic: Traffic, chosen: Ints, origin: str, destination: str) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Say from which and before which of its arcs each route goes from one place to another, and whether it is all."""
    network = traffic.network
    lengths = np.diff(traffic.first_arc)[chosen]
    begins = np.concatenate([[0], np.cumsum(lengths)])[:-1]
    place = np.arange(lengths.sum()) - np.repeat(begins, lengths)
    arcs = traffic.arcs[np.repeat(traffic.first_arc[chosen], lengths) + place]
    start, end = (network.place_index[name] for name in (origin, destination))
    none = int(lengths.max(initial=0)) + 1
    first = np.minimum.reduceat(np.where(network.start_place[arcs] == start, place, none), begins)
    last = np.maximum.reduceat(np.where(network.end_place[arcs] == end, place + 1, 0), begins)
    return first, last, (first == 0) & (last == lengths)
