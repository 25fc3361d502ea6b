"""Pairs of zones and their trips as tables: those of bushes, those that no way joins, and trips within zones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from jibek.assignment.bushes import Bushes
    from jibek.assignment.graph import Trips
    from jibek.assignment.problem import TrafficNetwork, TravelClass

__all__ = ["PAIR", "by_name", "pair_table", "unrouted_of", "within_of"]

PAIR = ("class", "origin", "destination")
"""Columns that say which pair of which class."""


def pair_table(bushes: Sequence[Bushes], **columns: Sequence[NDArray[Any]]) -> pl.DataFrame:
    """List the pairs of bushes, block after block.

    Parameters
    ----------
    bushes
        Blocks.
    **columns
        What else is told of each pair: for each block an array of shape (n_pairs,).

    Returns
    -------
    polars.DataFrame
        ``class, origin, destination``, by number; ``trips``; the columns.
    """
    pairs: dict[str, list[NDArray[Any]]] = {
        "class": [np.full(len(block.trips), block.travel) for block in bushes],
        "origin": [np.repeat(block.origin, np.diff(block.first_pair)) for block in bushes],
        "destination": [block.destination for block in bushes],
    }
    numbers = {name: np.concatenate([np.empty(0, np.uint32), *arrays]) for name, arrays in pairs.items()}
    amounts = {"trips": [block.trips for block in bushes], **columns}
    return pl.DataFrame(
        {**numbers, **{name: np.concatenate([np.empty(0), *arrays]) for name, arrays in amounts.items()}}
    )


def by_name(network: TrafficNetwork, classes: Sequence[TravelClass], pairs: pl.DataFrame) -> pl.DataFrame:
    """Put the names of classes and zones in place of their numbers, in columns ``class, origin, destination``."""
    names = pl.Series([each.name for each in classes], dtype=pl.String)
    nodes = pl.Series(network.node_ids, dtype=pl.String)
    return pairs.with_columns(
        names.gather(pairs["class"]).alias("class"),
        *(nodes.gather(pairs[end]).alias(end) for end in ("origin", "destination")),
    )


def unrouted_of(network: TrafficNetwork, classes: Sequence[TravelClass], bushes: Sequence[Bushes]) -> pl.DataFrame:
    """List the trips that no way joins, by name: ``class, origin, destination, trips``."""
    lacking = [block for block in bushes if not block.joined.all()]
    pairs = pair_table(lacking, joined=[block.joined for block in lacking])
    return by_name(network, classes, pairs.filter(pl.col("joined") == 0)).select(*PAIR, "trips").sort(PAIR)


def within_of(network: TrafficNetwork, classes: Sequence[TravelClass], trips: Sequence[Trips]) -> pl.DataFrame:
    """List the trips within zones, by name: ``class, zone, trips``."""
    rows = [
        (each.name, network.node_ids[zone], float(its.within[zone]))
        for each, its in zip(classes, trips, strict=True)
        for zone in np.flatnonzero(its.within).tolist()
    ]
    return pl.DataFrame(rows, {"class": pl.String, "zone": pl.String, "trips": pl.Float64}, orient="row")
