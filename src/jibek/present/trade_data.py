"""Trade as the stable JSON of the command: from result tables to plain records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

__all__ = ["trade_json"]

_LOOP = ("converged", "reason", "passes", "largest_change")
_EQUILIBRIUM = ("clearing", "prices", "shares", "imbalances", "least_price")
_ELASTICITY = ("elasticity", "elasticity_low", "elasticity_high", "draws")


def trade_json(tables: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """Write trade as JSON has it.

    Parameters
    ----------
    tables
        Result tables of the stage of trade.

    Returns
    -------
    dict
        ``year`` (of the run), ``matrix_year`` (of the trade before), ``pairs``, ``countries``, ``trace``,
        ``certificate`` (``converged`` null where there is no scenario), ``outlook``, ``hindcast``, ``left_out``.
    """
    certificate = tables["trade_certificate"]
    row = certificate.row(0, named=True) if certificate.height else {}
    return {
        "year": row.get("year"),
        "matrix_year": row.get("matrix_year"),
        "pairs": tables["trade_pairs"].to_dicts(),
        "countries": tables["trade_countries"].to_dicts(),
        "trace": tables["trade_trace"].to_dicts(),
        "certificate": {name: row.get(name) for name in (*_LOOP, *_EQUILIBRIUM, *_ELASTICITY)},
        "outlook": tables["trade_outlook"].to_dicts() if "trade_outlook" in tables else [],
        "hindcast": tables["trade_hindcast_scores"].to_dicts() if "trade_hindcast_scores" in tables else [],
        "left_out": tables["trade_left_out"].to_dicts(),
    }
