"""Run a cascade of reservoirs by Pywr; `reservoirs.py` starts this with an interpreter that has it.

    python pywr_worker.py CASCADE.npz FOUND.npz

One line of JSON on standard output: ``seconds`` of building and running, and ``version``. Deliveries and contents are
written to the second file.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version

import numpy as np
import pandas as pd
from pywr.core import Input, Link, Model, Output, Storage, Timestepper
from pywr.parameters import ArrayIndexedParameter
from pywr.recorders import NumpyArrayNodeRecorder, NumpyArrayStorageRecorder

PRIORITY = {"town": -100.0, "delta": -10.0, "farm": -1.0}  # what comes first earns more than all that come later
KEPT, PASSED = -1e-2, 1e-4  # water is kept rather than spilt, and stays where it is


def cascade(parts: dict[str, np.ndarray]) -> tuple[Model, dict[str, list[object]]]:
    """Write the cascade; give what is recorded, too."""
    n = parts["inflow"].shape[1]
    model = Model()
    first = pd.Timestamp("2001-01-01")
    model.timestepper = Timestepper(first, first + pd.Timedelta(days=n - 1), 1)
    recorded: dict[str, list[object]] = {"town": [], "farm": [], "delta": [], "content": []}
    above = None
    for number, inflow in enumerate(parts["inflow"]):
        flow = ArrayIndexedParameter(model, inflow)
        river = Input(model, f"inflow {number}", min_flow=flow, max_flow=flow)
        volume, initial = float(parts["capacity"][number]), float(parts["initial"][number])
        store = Storage(model, f"store {number}", max_volume=volume, initial_volume=initial, cost=KEPT)
        river.connect(store)
        if above is not None:
            above.connect(store)
        for name in ("town", "farm"):
            use = Output(model, f"{name} {number}", max_flow=float(parts[name][number]), cost=PRIORITY[name])
            store.connect(use)
            recorded[name].append(NumpyArrayNodeRecorder(model, use))
        recorded["content"].append(NumpyArrayStorageRecorder(model, store))
        above = Link(model, f"river {number}", cost=PASSED)
        store.connect(above)
    delta = Output(model, "delta", max_flow=float(parts["delta"]), cost=PRIORITY["delta"])
    sea = Output(model, "sea")
    above.connect(delta)
    above.connect(sea)
    recorded["delta"].append(NumpyArrayNodeRecorder(model, delta))
    return model, recorded


def main() -> None:
    """Run a cascade."""
    with np.load(sys.argv[1]) as stored:
        parts = dict(stored)
    began = time.perf_counter()
    model, recorded = cascade(parts)
    model.run()
    seconds = time.perf_counter() - began
    np.savez(sys.argv[2], **{name: np.stack([its.data[:, 0] for its in all_]) for name, all_ in recorded.items()})
    print(json.dumps({"seconds": seconds, "version": version("pywr")}))


if __name__ == "__main__":
    main()
