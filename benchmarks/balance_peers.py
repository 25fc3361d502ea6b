"""Build and solve the same balances beside linopy and PyPSA, each in a process of its own.

    python benchmarks/balance_peers.py PYTHON [PLACES,LINKS,COMMODITIES,PERIODS]...

``PYTHON`` is an interpreter that has linopy and PyPSA (``pip install linopy pypsa``). The corridor is that of
`balances.py`. The first size is also solved, by HiGHS's simplex method on one thread, and the optima have to agree; the
others are built and handed to HiGHS. Our side draws and checks the problem, too, and of optima takes the one of the
least amounts, a second programme. Imports are not timed; memory is the peak of the whole process.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from balances import drawn, handed
from jibek.balances import Problem, balance, build

SIZES = ("50,200,5,12", "200,800,10,12", "500,2000,20,12")
SAME = 1e-6
ARRAYS = ("cost", "lower", "upper", "row_lower", "row_upper", "start", "row", "value")


def elements(problem: Problem) -> dict[str, np.ndarray]:
    """Take a drawn problem apart into links by commodity, supplies, needs, stores and capacities of links."""
    acts, limits, n = problem.activities, problem.limits, problem.n_periods
    n_flows = int(limits.activity.max()) + 1
    entry = {sign: acts.activity[sign * acts.amount[:, 0] > 0] for sign in (1, -1)}
    account = {sign: acts.account[sign * acts.amount[:, 0] > 0] for sign in (1, -1)}
    is_flow = {sign: entry[sign] < n_flows for sign in (1, -1)}
    arriving = acts.amount[:, 0] > 0
    return {
        "accounts": np.array(len(problem.accounts)),
        "tail": account[-1][is_flow[-1]],
        "head": account[1][is_flow[1]],
        "late": acts.delay[arriving][is_flow[1]],
        "usd": acts.usd[:n_flows, 0],
        "link": limits.limit[limits.period == 0] // n,
        "link_most": limits.most.reshape(-1, n),
        "supply": account[1][~is_flow[1]],
        "supply_most": acts.most[entry[1][~is_flow[1]]],
        "need": account[-1][~is_flow[-1]],
        "need_most": acts.most[entry[-1][~is_flow[-1]]],
        "worth": -acts.usd[entry[-1][~is_flow[-1]][0], 0],
        "store": problem.stores.account,
        "capacity": problem.stores.capacity[0],
        "initial": problem.stores.initial[0],
    }


def ours(size: tuple[int, ...], what: str) -> dict[str, float]:
    """Do our side and measure it."""
    found, began = {}, time.perf_counter()
    problem = drawn(*size)
    if what == "solve":
        found["usd"] = balance(problem).usd
    else:
        programme = build(problem)
        handed({name: getattr(programme, name) for name in ARRAYS})
    found["seconds"] = time.perf_counter() - began
    return found | {"mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def asked(command: list[str]) -> dict[str, float]:
    """Run one side."""
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Run all sides of all sizes and print a table."""
    if sys.argv[1] == "ours":
        print(json.dumps(ours(tuple(map(int, sys.argv[2].split(","))), sys.argv[3])))
        return
    python, sizes = sys.argv[1], sys.argv[2:] or SIZES
    worker = str(Path(__file__).with_name("balance_worker.py"))
    print("| size | what | | seconds | MB |\n|---|---|---|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            what = "solve" if size == sizes[0] else "build"
            file = f"{folder}/elements.npz"
            np.savez(file, **elements(drawn(*map(int, size.split(",")))))
            sides = {"Jibek": asked([sys.executable, __file__, "ours", size, what])}
            for side in ("linopy", "pypsa"):
                found = asked([python, worker, side, file, what])
                sides[f"{side} {found['version']}"] = found
            for side, found in sides.items():
                print(f"| {size} | {what} | {side} | {found['seconds']:.2f} | {found['mb']:.0f} |", flush=True)
            if what == "solve":
                usd = [found["usd"] for found in sides.values()]
                if np.ptp(usd) > SAME * abs(usd[0]):
                    raise SystemExit(f"The optima differ: {usd}")


if __name__ == "__main__":
    main()
