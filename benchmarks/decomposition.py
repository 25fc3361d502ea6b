"""Time the decomposition of large balances, to a certified gap, beside HiGHS on the whole programme.

    python benchmarks/decomposition.py [PLACES,LINKS,COMMODITIES[,MOST_EXCHANGES]]...

HiGHS chooses its own method, has one thread and 120 seconds; a programme of more than a million variables is not given
to it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import highspy

from balance_instances import corridor_programme
from jibek.balances.decomposition import decompose

if TYPE_CHECKING:
    from jibek.balances.multicommodity import Multicommodity

sys.path.append(str(Path(__file__).parents[1] / "tests" / "balances"))
from programmes import cost_in, in_highs

SIZES = ("200,800,10", "500,2000,20")
GAP = 1e-4
HIGHS_SECONDS, HIGHS_VARIABLES = 120.0, 1_000_000


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
            f"{proof.imbalance:.1e}, {proof.excess:.1e}, {binding}",
            flush=True,
        )
        if programme.cost.size <= HIGHS_VARIABLES:
            print(f"  HiGHS: {by_highs(programme, proof.cost)}", flush=True)


def by_highs(programme: Multicommodity, usd: float) -> str:
    """Let HiGHS solve the whole programme and say how long it took, and how far another answer's cost is from its."""
    model = in_highs(programme)
    model.setOptionValue("time_limit", HIGHS_SECONDS)
    wall = time.perf_counter()
    model.run()
    wall = time.perf_counter() - wall
    if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return f"no answer after {wall:.0f} s"
    least = cost_in(model, programme)
    return f"{wall:.1f} s, the cost above is {usd / least - 1:.1e} above its own"


if __name__ == "__main__":
    main()
