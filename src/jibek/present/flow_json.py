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
        ``year, residual, converged, resources`` (the dearest delay first), ``corridors``, ``counts``, ``unrouted``.
    """
    solution = tables["flow_solution"].row(0, named=True)
    return {
        "year": year,
        "residual": solution["residual"],
        "converged": solution["converged"],
        "resources": _resources(tables),
        "corridors": _corridors(tables),
        "counts": tables["flow_counts"]
        .select(id="series", **{name: "base_unit" if name == "unit" else name for name in _COUNTS})
        .to_dicts(),
        "unrouted": tables["flow_unrouted"].to_dicts(),
    }


def _resources(tables: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """List the load and delay of each resource, and what makes the load where the run tells it."""
    loads = resource_loads(tables).sort("usd_delay", "resource", descending=[True, False])
    by_goods: dict[str, dict[str, float]] = {}
    if "flow_loads" in tables:
        for resource, commodity, load in tables["flow_loads"].select("resource", "commodity", "load").iter_rows():
            by_goods.setdefault(resource, {})[commodity] = load
    columns = {"id": "resource", "name": "name", "kind": "kind", "unit": "unit", "capacity": "capacity"}
    columns |= {"load": "load", "load_share": "load_share", "delay_hours": "hours", "usd_delay": "usd_delay"}
    rows = loads.select(**columns).to_dicts()
    return [row | {"by_commodity": by_goods.get(row["id"], {})} for row in rows] if by_goods else rows


def _corridors(tables: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    names = tables["corridors"].select(corridor="id", name="name")
    found = corridor_quantities(tables["flow_relations"]).join(names, on="corridor", how="left", maintain_order="left")
    return found.select(
        pl.col("name").fill_null("other"), "commodity", "quantity", "unit", "share", "tonnes", id="corridor"
    ).to_dicts()
