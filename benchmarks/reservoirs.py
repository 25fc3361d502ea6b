"""Cascades of reservoirs without foresight beside Pywr, step by step: the same deliveries and contents, and the time.

    python benchmarks/reservoirs.py PYTHON

``PYTHON`` is an interpreter that has Pywr (``pip install pywr``). Of a cascade, each reservoir has an inflow, a town
that comes first and a farm that comes last; what is left flows on, at its end to a delta that comes second, and to the
sea.
Inflows are drawn, dry and wet. Compiling and imports are not timed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from jibek.balances import Problem, balance_in_sequence
from jibek.balances.collection import Collection

CASES = ((1, 120), (3, 120), (10, 120), (3, 1200))  # reservoirs, periods
SAME = 1e-6


def drawn(n_reservoirs: int, n: int) -> dict[str, np.ndarray]:
    """Draw a cascade whose needs are about its inflow."""
    draw = np.random.default_rng(1)
    season = 1 + 0.9 * np.sin(np.arange(n) / 6 * np.pi)
    return {
        "inflow": draw.lognormal(2, 0.5, (n_reservoirs, n)) * season,
        "capacity": draw.uniform(20, 60, n_reservoirs),
        "initial": draw.uniform(0, 20, n_reservoirs),
        "town": draw.uniform(1, 2, n_reservoirs),
        "farm": draw.uniform(4, 7, n_reservoirs),
        "delta": np.array(1.5 * n_reservoirs),
    }


def problem_of(parts: dict[str, np.ndarray]) -> Problem:
    """Write the cascade as a problem."""
    n_reservoirs, n = parts["inflow"].shape
    system = Collection(tuple(f"{number:05d}" for number in range(n)), {})
    for number in range(n_reservoirs):
        here = f"{number:03d}", "water"
        below = (f"{number + 1:03d}", "water") if number + 1 < n_reservoirs else ("delta", "water")
        inflow = parts["inflow"][number]
        system.add(f"inflow/{number:03d}", {here: 1.0}, least=inflow, most=inflow)
        for name, priority in (("town", 1), ("farm", 3)):
            system.add(f"{name}/{number:03d}", {here: -1.0}, most=parts[name][number], priority=priority)
        system.add(f"river/{number:03d}", {here: -1.0, below: 1.0})
        contents = float(parts["capacity"][number]), 0.0, float(parts["initial"][number]), np.nan
        system.stores[f"store/{number:03d}"] = here, contents, np.zeros(n), np.zeros(n)
    system.add("delta", {("delta", "water"): -1.0}, most=parts["delta"], priority=2)
    system.add("sea", {("delta", "water"): -1.0})
    return system.problem(cyclic=False)


def apart(parts: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> tuple[float, float]:
    """Balance the cascade; give the seconds and the greatest difference from the other answer."""
    began = time.perf_counter()
    problem = problem_of(parts)
    found = balance_in_sequence(problem)
    seconds = time.perf_counter() - began
    ours = {name: found.level[[each.startswith(name) for each in problem.activities.ids]] for name in ("town", "farm")}
    ours |= {"delta": found.level[[each == "delta" for each in problem.activities.ids]], "content": found.content}
    return seconds, max(float(np.abs(ours[name] - theirs[name]).max()) for name in ours)


def main() -> None:
    """Run both sides of all cases and print a table."""
    worker = str(Path(__file__).with_name("pywr_worker.py"))
    print("| reservoirs, periods | Jibek, s | Pywr, s | greatest difference |\n|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            parts = drawn(*case)
            np.savez(f"{folder}/cascade.npz", **parts)
            command = [sys.argv[1], worker, f"{folder}/cascade.npz", f"{folder}/found.npz"]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            with np.load(f"{folder}/found.npz") as stored:
                seconds, difference = apart(parts, dict(stored))
            print(f"| {case[0]}, {case[1]} | {seconds:.2f} | {told['seconds']:.2f} | {difference:.1e} |", flush=True)


if __name__ == "__main__":
    main()
