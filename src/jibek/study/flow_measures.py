"""What the flows of a run amount to: from its result tables to tonnes, delay and shares, by link, corridor and country.

Everything is a year's sum. A corridor without a name is the empty text; a quantity in tonnes counts only goods that
have a weight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CONTAINER_UNIT",
    "commodity_groups",
    "corridor_quantities",
    "delay_totals",
    "link_flows",
    "overland_containers",
    "resource_loads",
    "unrouted_tonnes",
]

CONTAINER_UNIT = "teu"
"""Unit of the goods that travel in containers."""

_CHINA, _UNION = "CHN", "EU27"
_LINK = "links/"


def link_flows(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Add up what passes each link, and set the load of its line beside it.

    Parameters
    ----------
    tables
        ``flow_arcs``, ``flow_pairs``, ``flow_stations``.

    Returns
    -------
    polars.DataFrame
        ``id, tonnes, forward, backward`` (tonnes a year in all, and by direction), ``resource, unit, capacity`` (a
        day), ``load_share, delay_hours`` of the busier direction, blank where no capacity is known.
    """
    weights = tables["flow_pairs"].select("commodity", "tonnes_per_unit").drop_nulls().unique()
    passing = tables["flow_arcs"].filter(pl.col("kind") == "link").join(weights, on="commodity")
    tonnes = pl.col("quantity") * pl.col("tonnes_per_unit")
    summed = passing.group_by("id").agg(
        tonnes=tonnes.sum(),
        forward=tonnes.filter(pl.col("direction") == "forward").sum(),
        backward=tonnes.filter(pl.col("direction") == "backward").sum(),
    )
    lines = tables["flow_stations"].filter(pl.col("member").str.starts_with(_LINK))
    busiest = (
        lines.sort("load_share", "resource", descending=[True, False], nulls_last=True)
        .group_by(id=pl.col("member").str.strip_prefix(_LINK), maintain_order=True)
        .first()
        .select("id", "resource", "unit", "capacity", "load_share", delay_hours="hours")
    )
    return summed.join(busiest, on="id", how="left").sort("id")


def resource_loads(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Give the load of each resource at its busiest station, and the cost of the delay at all of them.

    Returns
    -------
    polars.DataFrame
        ``resource, name, kind, unit, capacity, load`` (a day), ``load_share, hours`` (delay), ``usd_delay`` (a year).
    """
    stations = tables["flow_stations"]
    costs = stations.group_by("resource").agg(pl.col("usd_delay").sum())
    return (
        stations.drop("usd_delay")
        .sort("resource", "load_share", "member", "way", descending=[False, True, False, False], nulls_last=True)
        .group_by("resource", maintain_order=True)
        .first()
        .join(costs, on="resource")
        .select("resource", "name", "kind", "unit", "capacity", "load", "load_share", "hours", "usd_delay")
    )


def corridor_quantities(relations: pl.DataFrame) -> pl.DataFrame:
    """Add up what goes by each corridor.

    Returns
    -------
    polars.DataFrame
        ``corridor, commodity, unit, quantity, tonnes, share`` (of the commodity's quantity), the largest first.
    """
    key = ["corridor", "commodity", "unit"]
    summed = (
        relations.with_columns(pl.col("corridor").fill_null(""))
        .group_by(key)
        .agg(pl.col("quantity", "tonnes").sum())
        .with_columns(share=pl.col("quantity") / pl.col("quantity").sum().over("commodity"))
    )
    return summed.sort("commodity", "quantity", "corridor", descending=[False, True, False])


def overland_containers(relations: pl.DataFrame, regions: pl.DataFrame) -> pl.DataFrame:
    """Give the containers between China and the European Union by direction, nest and corridor.

    Returns
    -------
    polars.DataFrame
        ``direction`` (``westbound``, ``eastbound``), ``nest, corridor, teu``.
    """
    union = regions.filter(pl.col("region") == _UNION)["country"].implode()
    origin, destination = pl.col("origin_country"), pl.col("destination_country")
    direction = (
        pl.when((origin == _CHINA) & destination.is_in(union))
        .then(pl.lit("westbound"))
        .when(origin.is_in(union) & (destination == _CHINA))
        .then(pl.lit("eastbound"))
    )
    return (
        relations.filter(pl.col("unit") == CONTAINER_UNIT)
        .with_columns(direction=direction, corridor=pl.col("corridor").fill_null(""))
        .drop_nulls("direction")
        .group_by("direction", "nest", "corridor")
        .agg(teu=pl.col("quantity").sum())
        .sort("direction", "nest", "teu", "corridor", descending=[True, False, True, False])
    )


def delay_totals(tables: Mapping[str, pl.DataFrame]) -> dict[str, float]:
    """Add up what waiting for capacity costs: ``usd`` a year, and ``tonne_hours`` that goods stand."""
    carried = tables["flow_routes"].join(
        tables["flow_pairs"].select("pair", "usd_per_hour", "tonnes_per_unit"), on="pair", how="inner"
    )
    standing = pl.col("quantity") * pl.col("hours_delay")
    sums = carried.select(
        usd=(standing * pl.col("usd_per_hour")).sum(), tonne_hours=(standing * pl.col("tonnes_per_unit")).sum()
    )
    return {name: float(sums[name][0] or 0.0) for name in ("usd", "tonne_hours")}


def unrouted_tonnes(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Give the demand without an open route its weight.

    Returns
    -------
    polars.DataFrame
        Columns of ``flow_unrouted`` and ``tonnes``, the heaviest first.
    """
    weights = tables["flow_pairs"].select("commodity", "tonnes_per_unit").unique()
    return (
        tables["flow_unrouted"]
        .join(weights, on="commodity", how="left")
        .with_columns(tonnes=pl.col("quantity") * pl.col("tonnes_per_unit"))
        .drop("tonnes_per_unit")
        .sort("tonnes", "origin", "destination", "commodity", descending=[True, False, False, False], nulls_last=True)
    )


def commodity_groups(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Give the group of each commodity: its parent, or itself where it has none or the run does not tell.

    Returns
    -------
    polars.DataFrame
        ``commodity, group``.
    """
    carried = tables["flow_pairs"].select("commodity").unique()
    if "commodities" not in tables:
        return carried.with_columns(group="commodity").sort("commodity")
    parents = tables["commodities"].select(commodity="id", parent="parent")
    joined = carried.join(parents, on="commodity", how="left")
    return joined.select("commodity", group=pl.coalesce("parent", "commodity")).sort("commodity")
