"""Two runs side by side: what a scenario changes for each pair, corridor by corridor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jibek.errors import RunError

if TYPE_CHECKING:
    from jibek.study.run_folder import Run

__all__ = ["compare"]

_MEASURES = ("hours", "usd", "kg_co2", "km")


def compare(before: Run, after: Run) -> pl.DataFrame:
    """Compare the best alternative of each corridor, pair by pair.

    Returns
    -------
    polars.DataFrame
        Columns ``origin, destination, commodity, corridor, rank_before, rank_after`` and for each of ``hours, usd,
        kg_co2, km`` the value before, after and the difference; blank where a run has no such alternative.

    Raises
    ------
    RunError
        If a run holds no routes.
    """
    for run in (before, after):
        if "routes" not in run.tables:
            raise RunError(f"The run in {run.folder} holds no routes. Run it with the stage `routes`.")
    keys = ["origin", "destination", "commodity", "corridor"]
    best = [_best_by_corridor(run.tables["routes"], keys) for run in (before, after)]
    joined = best[0].join(best[1], on=keys, how="full", coalesce=True, suffix="_after")
    columns = [pl.col(column) for column in keys]
    columns += [pl.col("rank").alias("rank_before"), pl.col("rank_after")]
    for measure in _MEASURES:
        earlier, later = pl.col(measure), pl.col(f"{measure}_after")
        columns += [earlier.alias(f"{measure}_before"), later, (later - earlier).alias(f"{measure}_change")]
    return joined.select(columns).sort(*keys)


def _best_by_corridor(routes: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Keep the best-ranked alternative of each pair and corridor."""
    return routes.sort("pair", "rank").group_by(keys, maintain_order=True).first().select(*keys, "rank", *_MEASURES)
