"""Flows as the stable JSON of the command: from result tables to plain records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from jibek.study.flow_measures import corridor_quantities, resource_loads

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["flows_json"]

_COUNTS = ("use", "title", "unit", "observed", "modelled", "error", "naive", "naive_error", "reason")


def flows_json(tables: Mapping[str, pl.DataFrame], year: int) -> dict[str, Any]:
    """Write flows as JSON has them.

    Parameters
    ----------
    tables
        Result tables of the stage of flows, and ``corridors``.
    year
        Year of the run.

    Returns
    -------
    dict
        ``year, residual, converged, certificate, resources`` (the dearest delay first), ``corridors``, ``counts``,
        ``unrouted``.
    """
    solution = tables["flow_solution"].row(0, named=True)
    return {
        "year": year,
        "residual": solution["residual"],
        "converged": solution["converged"],
        "certificate": {
            "conservation": solution["imbalance"],
            "residual": solution["certified_residual"],
            "benefit_usd": solution["benefit_usd"],
        },
        "resources": _resources(tables),
        "corridors": _corridors(tables),
        "counts": tables["flow_counts"]
        .select(id="series", **{name: "base_unit" if name == "unit" else name for name in _COUNTS})
        .to_dicts(),
        "unrouted": tables["flow_unrouted"].to_dicts(),
    }


def _resources(tables: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """List the load and delay of each resource, and whose goods make the load."""
    columns = {"id": "resource", "name": "name", "kind": "kind", "unit": "unit", "capacity": "capacity"}
    columns |= {"load": "load", "load_share": "load_share", "delay_hours": "hours", "usd_delay": "usd_delay"}
    loads = resource_loads(tables).sort("usd_delay", "resource", descending=[True, False]).select(**columns)
    users = tables["flow_users"].partition_by("resource", as_dict=True)
    return [row | _users(users.get((row["id"],), tables["flow_users"].clear())) for row in loads.to_dicts()]


def _users(users: pl.DataFrame) -> dict[str, Any]:
    """Sort the users of a resource by kind."""
    goods = users.filter(kind="commodity").select("commodity", "quantity", "unit", "load", "share").to_dicts()
    return {
        "background": users.filter(kind="background")["load"].sum(),
        "by_commodity": {row.pop("commodity"): row for row in goods},
        "pairs": users.filter(kind="pair")
        .select("origin", "destination", "load", "share", tonnes="quantity")
        .to_dicts(),
    }


def _corridors(tables: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    names = tables["corridors"].select(corridor="id", name="name")
    found = corridor_quantities(tables["flow_relations"]).join(names, on="corridor", how="left", maintain_order="left")
    return found.select(
        pl.col("name").fill_null("other"), "commodity", "quantity", "unit", "share", "tonnes", id="corridor"
    ).to_dicts()
