"""Journeys whose time is observed from end to end, as a test box that is sent along does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.corridor import lineages

if TYPE_CHECKING:
    from jibek.corridor import Corridor
    from jibek.operations.traffic import Traffic

__all__ = ["EVERY_HOURS", "observed_journeys"]

EVERY_HOURS = 120.0
"""Mean time between two test boxes on a journey."""

_FOUND = {
    **dict.fromkeys(("group", "corridor", "origin", "destination", "goods"), pl.String),
    "route": pl.Int64,
    "share": pl.Float64,
}


def observed_journeys(world: Corridor, traffic: Traffic, journeys: pl.DataFrame | None) -> pl.DataFrame:
    """Find for each journey the route of each named corridor that carries most of its goods.

    Parameters
    ----------
    world
        The corridor in the scenario.
    traffic
        Routes.
    journeys
        ``origin, destination, goods``; None for none.

    Returns
    -------
    polars.DataFrame
        ``group`` (of the results), ``corridor, origin, destination, goods, route`` (number among the routes), ``share``
        (of what the corridor carries on this journey), sorted by group.
    """
    if journeys is None or journeys.is_empty():
        return pl.DataFrame(schema=_FOUND)
    lines = lineages(world["commodities"])
    network = traffic.network
    places = np.array(network.ids["places"])
    used = np.flatnonzero(traffic.way >= 0)
    routes = pl.DataFrame(
        {
            "route": used,
            "corridor": np.array([*traffic.ways, ""])[traffic.way[used]],
            "origin": places[network.start_place[traffic.arcs[traffic.first_arc[:-1][used]]]],
            "destination": places[network.end_place[traffic.arcs[traffic.first_arc[1:][used] - 1]]],
            "commodity": np.array(traffic.commodities)[traffic.commodity[used]],
            "quantity": traffic.quantity[used],
        },
        schema_overrides=dict.fromkeys(("corridor", "origin", "destination", "commodity"), pl.String),
    )
    kinds = pl.DataFrame(
        [(name, each) for name in traffic.commodities for each in lines[name]],
        schema={"commodity": pl.String, "goods": pl.String},
        orient="row",
    )
    key = ["corridor", "origin", "destination", "goods"]
    return (
        routes.join(kinds, on="commodity")
        .join(journeys.select("origin", "destination", "goods").unique(), on=["origin", "destination", "goods"])
        .sort("quantity", "route", descending=[True, False])
        .group_by(key, maintain_order=True)
        .agg(pl.col("route").first(), share=pl.col("quantity").first() / pl.col("quantity").sum())
        .with_columns(group=pl.concat_str(pl.lit("journey"), *key, separator="/"))
        .select(*_FOUND)
        .sort("group")
    )
