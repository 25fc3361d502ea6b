"""Time the flows of the embedded corridor beside their goals, on the machine at hand.

    python benchmarks/flows.py

No open tool solves the same problem (multi-class nested logit with queues on frozen routes), so the yardstick is the
method of successive averages on the same problem with the same kernels, stopped after as much time as Newton took.
"""

from __future__ import annotations

import resource
import time
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import polars as pl

import jibek
from jibek.corridor import Corridor, Entry, Scenario, packaged_scenarios
from jibek.flows.equilibrium import Problem, solve
from jibek.flows.kernels import nested_logit
from jibek.flows.stations import DAYS
from jibek.study.assignment import assigned
from jibek.study.case import Case
from jibek.study.draws import draw_flows
from jibek.study.variants import evaluate_variants

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
FINE = 1e-8
GOALS = (1e-6, FINE)
DRAWS = 4
VARIANTS = 24


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Do something and give the seconds that it took."""
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def changes(world: Corridor, number: int) -> list[Scenario]:
    """Change one thing at a time: close a link, widen a resource, hasten a border; evenly over each table."""
    ids = {
        "links": world["links"].filter(pl.col("open_share") > 0)["id"].to_list(),
        "resources": world["resources"].filter(pl.col("capacity") > 0)["id"].to_list(),
        "borders": world["borders"].filter(pl.col("hours") > 0)["id"].to_list(),
    }
    chosen = [(table, rows[i * len(rows) // (number // 3)]) for table, rows in ids.items() for i in range(number // 3)]
    cells = {"resources": ("capacity", 1.25), "borders": ("hours", 0.5)}
    return [
        Scenario(name=f"{table}-{i}", close=(Entry(id=name),))
        if table == "links"
        else Scenario(name=f"{table}-{i}", scale={f"{table}/{name}/{cells[table][0]}": cells[table][1]})
        for i, (table, name) in enumerate(chosen)
    ]


def averages(problem: Problem, seconds: float) -> float:
    """Solve by the method of successive averages for so long; give the residual that it reached."""
    pair = problem.pair_of_route
    route = np.repeat(np.arange(len(problem.nest)), np.diff(problem.first_entry))
    stations = problem.stations
    background = stations.background * stations.peak
    share = np.zeros(len(problem.nest))
    change, step, begin = np.inf, 1, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        carried = (share * problem.quantity[pair] / DAYS)[route] * problem.load
        load = background + np.bincount(problem.station, weights=carried, minlength=len(background))
        met = stations.delays(load)[0][problem.station] * problem.delay
        cost = problem.cost + np.bincount(route, weights=met, minlength=len(share)) / problem.reference[pair]
        wanted, _ = nested_logit(
            problem.first_route, problem.nest, cost, problem.log_size, problem.spread_nest, problem.spread_route
        )
        change = float(np.abs(wanted - share).max())
        share += (wanted - share) / step
        step += 1
    return change


def main() -> None:
    """Print the table."""
    corridor = jibek.read_corridor()
    case = Case(corridor, None, packaged_scenarios(None, corridor), draws=DRAWS)
    routes, took_routes = timed(lambda: case.routes)
    result, took_stage = timed(lambda: assigned(case))
    problem = result.flows.problem
    solve(problem, residual=1e-2)  # kernels are compiled
    cold, took_cold = timed(lambda: solve(problem, residual=FINE))
    variants = changes(result.world, VARIANTS)
    other = assigned(case.beside(variants[0])).flows.problem
    warm, took_warm = timed(lambda: solve(other, residual=FINE, start=cold))
    _, took_variants = timed(lambda: evaluate_variants(case, result, variants))
    _, took_draws = timed(lambda: draw_flows(case, result))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    each_kind = variants[:: VARIANTS // 3]
    coarse, fine = (evaluate_variants(case, assigned(case, residual=goal), each_kind, residual=goal) for goal in GOALS)
    apart = (coarse["benefit_usd"] / fine["benefit_usd"] - 1).abs().max()
    rows = [
        (f"route sets, {routes.n_pairs:,} pairs, {routes.n_routes:,} routes, s", took_routes, None),
        ("stage with waiting, s", took_stage, None),
        (f"equilibrium, cold, residual {cold.residual:.1e}, s", took_cold, 3.0),
        (f"equilibrium after a link is closed, residual {warm.residual:.1e}, s", took_warm, 0.5),
        (f"200 changes of one thing, s (from {VARIANTS})", took_variants / VARIANTS * 200, 120.0),
        ("users' benefit at 1e-6 beside 1e-8, off by", apart, 0.001),
        ("64 draws, s (from four)", took_draws / DRAWS * 64, 300.0),
        ("memory at its peak, GiB", peak, 2.0),
        ("residual of successive averages in the same time", averages(problem, took_cold), None),
    ]
    for name, value, goal in rows:
        print(f"{name:62}{value:12.3g}{'' if goal is None else f'{goal:10.3g}'}")


if __name__ == "__main__":
    main()
