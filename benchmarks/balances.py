"""Time and memory of building balances as linear programmes, beside the bare arrays handed to HiGHS.

    python benchmarks/balances.py [PLACES LINKS COMMODITIES PERIODS]

A drawn network, the same for the same sizes: every commodity is supplied at a quarter of the places, needed at half and
stored at a quarter; 15 % of links arrive a period later; all commodities share each link's capacity. Each side runs
in a process of its own, so that its peak of memory is its own: *built* draws the problem, checks it, writes the
programme and hands it to HiGHS; *bare* hands the same matrix, read from a file, to HiGHS and does nothing else.
Imports are not timed; of memory the whole peak of the process is told, and what it held before.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import highspy
import numpy as np

from jibek.balances import Activities, Limits, Problem, Ratios, Stores, build

SIZE = (500, 2000, 20, 12)
DELAYED = 0.15


def drawn(n_places: int, n_links: int, n_goods: int, n: int) -> Problem:
    """Draw a problem."""
    draw = np.random.default_rng(1)
    ends = draw.integers(0, n_places, (n_links, 2))
    ends[:, 1] = np.where(ends[:, 0] == ends[:, 1], (ends[:, 1] + 1) % n_places, ends[:, 1])
    late = (draw.random(n_links) < DELAYED).astype(np.int64)
    goods, links = np.meshgrid(np.arange(n_goods), np.arange(n_links), indexing="ij")
    goods, links = goods.ravel(), links.ravel()
    supplied = draw.choice(n_places * n_goods, n_places * n_goods // 4, replace=False)
    needed = draw.choice(n_places * n_goods, n_places * n_goods // 2, replace=False)
    kept = draw.choice(n_places * n_goods, n_places * n_goods // 4, replace=False)
    n_flows, n_acts = len(links), len(links) + len(supplied) + len(needed)
    flow, supply = np.arange(n_flows), n_flows + np.arange(len(supplied))
    need = n_flows + len(supplied) + np.arange(len(needed))
    usd = np.zeros((n_acts, n))
    usd[flow], usd[need] = draw.random((n_flows, 1)) + 1, -30
    most = np.full((n_acts, n), np.inf)
    most[supply], most[need] = draw.random((len(supply), n)) * 20, draw.random((len(need), n)) * 10
    one, entries = np.ones((1, n)), [-1.0, 1.0, 1.0, -1.0]
    parts = (flow, flow, supply, need)
    periods = np.tile(np.arange(n), n_flows)
    return Problem(
        periods=tuple(map(str, range(n))),
        accounts=tuple((f"p{place}", f"g{good}") for good in range(n_goods) for place in range(n_places)),
        activities=Activities(
            ids=tuple(f"a{number}" for number in range(n_acts)),
            least=np.zeros((n_acts, n)),
            most=most,
            usd=usd,
            priority=np.repeat([0, 1], [n_flows + len(supply), len(need)]),
            activity=np.concatenate(parts),
            account=np.concatenate(
                [goods * n_places + ends[links, 0], goods * n_places + ends[links, 1], supplied, needed]
            ),
            delay=np.concatenate(
                [np.zeros(n_flows, np.int64), late[links], np.zeros(len(supply) + len(need), np.int64)]
            ),
            amount=np.concatenate(
                [np.repeat(sign * one, len(its), 0) for sign, its in zip(entries, parts, strict=True)]
            ),
        ),
        ratios=Ratios(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, n)), np.zeros((0, n))),
        stores=Stores(
            ids=tuple(f"s{number}" for number in range(len(kept))),
            account=kept,
            capacity=np.full(len(kept), 50.0),
            dead=np.zeros(len(kept)),
            initial=np.full(len(kept), 10.0),
            final=np.full(len(kept), np.nan),
            loss=np.zeros((len(kept), n)),
            loss_rate=np.zeros((len(kept), n)),
        ),
        limits=Limits(
            ids=tuple(f"l{link}" for link in range(n_links) for _ in range(n)),
            periods=tuple(map(str, range(n))) * n_links,
            least=np.full(n_links * n, -np.inf),
            most=np.repeat(draw.random(n_links) * 40 + 5, n),
            usd_below=np.full(n_links * n, np.inf),
            limit=np.repeat(links, n) * n + periods,
            activity=np.repeat(flow, n),
            period=periods,
            weight=np.ones(n_flows * n),
        ),
    )


def peak_mb() -> float:
    """Give the process's peak of memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def handed(parts: dict[str, np.ndarray]) -> None:
    """Hand arrays to HiGHS."""
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(parts["cost"]), len(parts["row_lower"])
    model.col_cost_, model.col_lower_, model.col_upper_ = (parts[name] for name in ("cost", "lower", "upper"))
    model.row_lower_, model.row_upper_ = parts["row_lower"], parts["row_upper"]
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = (
        parts[name] for name in ("start", "row", "value")
    )
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)  # noqa: FBT003
    solver.passModel(model)


ARRAYS = ("cost", "lower", "upper", "row_lower", "row_upper", "start", "row", "value")


def one_side(side: str, size: tuple[int, ...], file: Path) -> dict[str, float]:
    """Do one side and measure it."""
    before, began = peak_mb(), time.perf_counter()
    if side == "built":
        programme = build(drawn(*size))
        parts = {name: getattr(programme, name) for name in ARRAYS}
        handed(parts)
        found = {"seconds": time.perf_counter() - began, "mb": peak_mb(), "before": before}
        np.savez(file, **parts)
        return found
    with np.load(file) as stored:
        handed({name: stored[name] for name in ARRAYS})
    return {"seconds": time.perf_counter() - began, "mb": peak_mb(), "before": before}


def main() -> None:
    """Run both sides and print a table."""
    if len(sys.argv) > 2 and sys.argv[1] in {"built", "bare"}:
        print(json.dumps(one_side(sys.argv[1], tuple(map(int, sys.argv[3:])), Path(sys.argv[2]))))
        return
    size = [str(each) for each in (sys.argv[1:] or SIZE)]
    with tempfile.TemporaryDirectory() as folder:
        for side in ("built", "bare"):
            command = [sys.executable, __file__, side, f"{folder}/programme.npz", *size]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            print(f"{side:6} {found['seconds']:6.2f} s, peak {found['mb']:6.0f} MB, {found['before']:6.0f} MB before")


if __name__ == "__main__":
    main()
