"""Time what trade promises: counterfactuals of one sector and of many, and draws.

    JIBEK_BENCHMARK_DATA=DIR python benchmarks/trade.py

The world of one sector is drawn from a seed: 70 countries of unlike size, all of which trade with each other. The
sectors are those of the OECD's table of 2022, by letters of ISIC, as the tests read it. gegravity takes 5.7 s for a
counterfactual of 69 countries (measured once on a machine of the same kind, not run here).
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jibek.trade import TradeMatrix, counterfactual, counterfactual_draws, sector_counterfactual

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "trade"))

if TYPE_CHECKING:
    from collections.abc import Callable

COUNTRIES, DRAWS, RUNS = 70, 1000, 9


def timed(work: Callable[[], object]) -> float:
    """Give the median of some runs, in seconds; the only one where it takes more than one."""
    seconds = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
        if seconds[0] > 1:
            break
    return statistics.median(seconds)


def world(rng: np.random.Generator) -> TradeMatrix:
    """Draw countries."""
    size = 10 ** rng.uniform(0, 3, COUNTRIES)
    flows = np.outer(size, size) * rng.uniform(0.001, 0.1, (COUNTRIES, COUNTRIES))
    flows[np.diag_indices(COUNTRIES)] = size**2
    return TradeMatrix(tuple(f"C{number}" for number in range(COUNTRIES)), flows)


def main() -> None:
    """Print the table."""
    from test_sectors import table_of_oecd  # noqa: PLC0415 - found by the path above

    rng = np.random.default_rng(1)
    matrix = world(rng)
    cost = np.where(rng.random(matrix.flows.shape) < 0.1, 0.8, 1.0)
    elasticities = rng.uniform(3, 8, DRAWS)
    table = table_of_oecd()
    cheaper = np.where(rng.random(table.flows.shape) < 0.1, 0.8, 1.0)
    fives = np.full(len(table.sectors), 5.0)
    rows = (
        ("70 countries, one sector, s", timed(lambda: counterfactual(matrix, 4.0, cost)), 0.05),
        (
            "the same with 1,000 draws, s",
            timed(lambda: counterfactual_draws(matrix, elasticities, lambda _: cost)),
            30.0,
        ),
        ("80 countries, 20 sectors, s", timed(lambda: sector_counterfactual(table, fives, cheaper)), 5.0),
    )
    for name, seconds, goal in rows:
        print(f"{name:40}{seconds:10.3g}{goal:10.3g}")


if __name__ == "__main__":
    main()
