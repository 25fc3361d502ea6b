"""Balances as the stable JSON of the command: from result tables to plain records, one object a system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["balances_json"]

_CHECKS = ("year", "use", "title", "unit", "observed", "modelled", "error", "naive", "naive_error")


def balances_json(tables: Mapping[str, pl.DataFrame], systems: Sequence[str]) -> list[dict[str, Any]]:
    """Write balances as JSON has them.

    Parameters
    ----------
    tables
        Result tables of the stage of balances.
    systems
        Which, in this order.

    Returns
    -------
    list of dict
        ``system, year, status, periods, certificate, binding, shortages, flows, stocks, prices, growth, checks,
        hindcast, record``, and ``left_out``: rows of tables without effect in any system.
    """
    return [_system(tables, system) for system in systems]


def _system(tables: Mapping[str, pl.DataFrame], system: str) -> dict[str, Any]:
    solution = tables["balance_solution"].row(0, named=True)
    of = {name: table.filter(system=system) for name, table in tables.items() if "system" in table.columns}
    needs = of["balance_needs"]
    return {
        "system": system,
        "year": solution["year"],
        "status": solution["status"],
        "periods": needs["period"].unique().sort().to_list(),
        "certificate": {
            "imbalance": solution["imbalance"],
            "excess": solution["excess"],
            "relative_gap": solution["gap"],
        },
        "binding": of["balance_binding"]
        .select(
            *("name", "commodities", "period", "most", "unit", "relieved_by"),
            element="limit",
            load="use",
            worth_usd_per_unit="usd_per_unit",
        )
        .to_dicts(),
        "shortages": needs.filter(pl.col("short") > 0)
        .select("need", "place", "commodity", "period", "wanted", "delivered", "short", "unit", "usd")
        .to_dicts(),
        "flows": of["balance_flows"].drop("system").to_dicts(),
        "stocks": of["balance_stocks"].drop("system").to_dicts(),
        "prices": of["balance_prices"].drop("system").to_dicts(),
        "growth": of["balance_growth"]
        .select(
            *("name", "unit", "per", "capacity", "needed", "announced", "projects", "suffices"),
            element="limit",
        )
        .to_dicts(),
        "checks": of["balance_checks"].select(*_CHECKS, id="series").to_dicts(),
        "hindcast": tables["balance_hindcast"].to_dicts() if system == "water" else [],
        "record": tables["balance_record"].to_dicts() if system == "water" else [],
        "left_out": tables["balance_left_out"].to_dicts(),
    }
