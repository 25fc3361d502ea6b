"""Time the decomposition of large balances, to a certified gap.

python benchmarks/decomposition.py [PLACES,LINKS,COMMODITIES[,MOST_EXCHANGES]]...
"""

from __future__ import annotations

import sys
import time

from balance_instances import corridor_programme
from jibek.balances.decomposition import decompose

SIZES = ("200,800,10", "500,2000,20")
GAP = 1e-4


def main() -> None:
    """Solve each size once to compile or load the kernels and draw, then time it."""
    decompose(corridor_programme(20, 80, 2))
    print("size, wall seconds, processor seconds, steps, exchanges, gap, imbalance, excess, capacities with a price")
    for size in sys.argv[1:] or SIZES:
        *dimensions, most_exchanges = map(int, f"{size},100".split(",")[:4])
        programme = corridor_programme(*dimensions)
        wall, processor = time.perf_counter(), time.process_time()
        found = decompose(programme, gap=GAP, most_exchanges=most_exchanges)
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        proof, binding = found.certificate, int((found.capacity_price > 0).sum())
        print(
            f"{size}: {wall:.1f}, {processor:.1f}, {found.steps}, {found.exchanges}, {proof.gap:.1e}, "
            f"{proof.imbalance:.1e}, {proof.excess:.1e}, {binding}"
        )


if __name__ == "__main__":
    main()
