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

import jibek
from jibek.corridor import packaged_scenarios
from jibek.flows.equilibrium import Problem, solve
from jibek.flows.kernels import nested_logit
from jibek.flows.stations import DAYS
from jibek.study.assignment import assigned
from jibek.study.case import Case
from jibek.study.draws import draw_flows

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
RESIDUAL = 1e-6
DRAWS = 4
CHANGED = "digital-borders"


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Do something and give the seconds that it took."""
    start = time.perf_counter()
    return work(), time.perf_counter() - start


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
    cold, took_cold = timed(lambda: solve(problem, residual=RESIDUAL))
    changed = next(scenario for scenario in case.scenarios if scenario.name == CHANGED)
    other = assigned(case.beside(changed)).flows.problem
    warm, took_warm = timed(lambda: solve(other, residual=RESIDUAL, start=cold))
    _, took_draws = timed(lambda: draw_flows(case, result))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    rows = [
        (f"route sets, {routes.n_pairs:,} pairs, {routes.n_routes:,} routes, s", took_routes, None),
        ("stage with waiting, s", took_stage, None),
        (f"equilibrium, cold, residual {cold.residual:.1e}, s", took_cold, 5.0),
        (f"equilibrium, warm, residual {warm.residual:.1e}, s", took_warm, 1.0),
        ("64 draws, s (from four)", took_draws / DRAWS * 64, 300.0),
        ("memory at its peak, GiB", peak, 2.0),
        ("residual of successive averages in the same time", averages(problem, took_cold), None),
    ]
    for name, value, goal in rows:
        print(f"{name:62}{value:12.3g}{'' if goal is None else f'{goal:10.3g}'}")


if __name__ == "__main__":
    main()
