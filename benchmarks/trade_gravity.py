"""Gravity fitted to counted trade with distance, and with what carriage costs in the network: a check of the terms.

    python benchmarks/trade_gravity.py

Needs the extra ``jibek[trade]``. Trade is what somebody counted between two economies of which one is a country of the
corridor, with an effect for each seller and buyer; errors allow for heteroskedasticity. Carriage is that of a container
of medium value and of a tonne of metals. Two years identify none of these effects: who trades much has built good ways.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from jibek.corridor import apply_scenario, read_corridor
from jibek.study.trade_terms import carriage, terms
from jibek.trade import economies_of, estimate_gravity, matrix_of

LAND = ("frontier", "agreement", "language")
CARRIED = {"containers-medium": "log_container", "metals": "log_metals"}


def main() -> None:
    """Print the table."""
    world = apply_scenario(read_corridor(), None)
    for year in (2019, 2023):
        records, economy = matrix_of(world, year), economies_of(world, year)
        cost = carriage(world, economy).filter(pl.col("group").is_in(list(CARRIED)))
        wide = cost.with_columns(pl.col("group").replace(CARRIED), pl.col("carriage_usd").log()).pivot(
            "group", index=["exporter", "importer"], values="carriage_usd"
        )
        rows = (
            records.cells.filter((pl.col("grade") != "estimate") & (pl.col("usd") > 0))
            .join(terms(world, economy), on=["exporter", "importer"])
            .join(wide, on=["exporter", "importer"])
            .with_columns(
                pl.col(LAND).cast(pl.Float64), trade=pl.col("usd") / 1e9, log_distance=pl.col("distance_km").log()
            )
            .drop_nulls(["log_distance", *CARRIED.values()])
        )
        print(f"\n{year}")
        for term in ("log_distance", *CARRIED.values()):
            found = estimate_gravity(rows, (term, *LAND), ("exporter", "importer"))
            values = zip(found.terms, found.coefficient.tolist(), found.error.tolist(), strict=True)
            told = "  ".join(f"{name} {value:+.2f} ({error:.2f})" for name, value, error in values)
            print(f"{rows.height - found.left_out.height:5} pairs  {told}")
        print(
            f"correlation of distance and carriage {np.corrcoef(rows['log_distance'], rows['log_container'])[0, 1]:.2f}"
        )


if __name__ == "__main__":
    main()
