"""Projects ahead that raise what a resource takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from jibek.corridor import Corridor

__all__ = ["capacities_ahead", "relieved_by"]


def capacities_ahead(world: Corridor) -> pl.DataFrame:
    """List what projects that are neither completed nor stopped would make of capacities.

    Returns
    -------
    polars.DataFrame
        ``resource, project, capacity``, sorted.
    """
    ahead = world["projects"].filter(~pl.col("status").is_in(["completed", "stopped"]))["id"]
    now = world["resources"].select("id", now="capacity")
    return (
        world["changes"]
        .filter(
            (pl.col("table") == "resources") & (pl.col("column") == "capacity") & pl.col("owner").is_in(ahead.implode())
        )
        .join(now, on="id")
        .select(
            resource="id",
            project="owner",
            capacity=pl.when(pl.col("operation") == "scale")
            .then(pl.col("now") * pl.col("value"))
            .when(pl.col("operation") == "add")
            .then(pl.col("now") + pl.col("value"))
            .otherwise(pl.col("value")),
        )
        .sort("resource", "project", "capacity")
    )


def relieved_by(world: Corridor) -> pl.DataFrame:
    """List the projects ahead that change the capacity of each resource: ``id, relieved_by``."""
    return capacities_ahead(world).group_by(id="resource").agg(relieved_by=pl.col("project").unique().sort())
