"""Solve traffic problems by AequilibraE; `assignment.py` starts this with an interpreter that has it.

One request a line on standard input, as JSON: ``problem`` (an .npz file, see `Peer.take`), ``gap``, ``cores``, and
``flow``, an .npy file that is written. One answer a line on standard output: ``seconds`` in ``execute()`` or ``error``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib.metadata import version

import numpy as np
import pandas as pd
from aequilibrae.matrix import AequilibraeMatrix
from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass

LEAST_TIME = 1e-9  # AequilibraE refuses links without any
MOST_ITERATIONS = 100_000


def assignment_of(problem: dict[str, np.ndarray]) -> TrafficAssignment:
    """Lay out a problem as AequilibraE has it: links all in one direction, zones first, a dense matrix."""
    n_zones, n_links = int(problem["n_zones"]), len(problem["tail"])
    has_delay = problem["b"] > 0
    graph = Graph()
    graph.network = pd.DataFrame(
        {
            "link_id": np.arange(1, n_links + 1),
            "a_node": problem["tail"] + 1,
            "b_node": problem["head"] + 1,
            "direction": 1,
            "id": np.arange(1, n_links + 1),
            "capacity": problem["capacity"],
            "free_flow_time": np.maximum(problem["free_time"], LEAST_TIME),
            "b": problem["b"],
            "power": np.where(has_delay, problem["power"], 1.0),
            "fixed_cost": problem["fixed_cost"],
        }
    )
    graph.prepare_graph(np.arange(1, n_zones + 1))
    graph.set_graph("free_flow_time")
    graph.set_blocked_centroid_flows(int(problem["first_through"]) > 0)

    matrix = AequilibraeMatrix()
    matrix.create_empty(zones=n_zones, matrix_names=["trips"], memory_only=True)
    matrix.index[:] = np.arange(1, n_zones + 1)
    matrix.matrix["trips"][:, :] = 0.0
    matrix.matrix["trips"][problem["origin"], problem["destination"]] = problem["trips"]
    matrix.computational_view(["trips"])

    travellers = TrafficClass("car", graph, matrix)
    travellers.set_fixed_cost("fixed_cost")
    assignment = TrafficAssignment()
    assignment.set_classes([travellers])
    assignment.set_vdf("BPR")
    assignment.set_vdf_parameters({"alpha": "b", "beta": "power"})
    assignment.set_capacity_field("capacity")
    assignment.set_time_field("free_flow_time")
    return assignment


def solve(problem: str, *, gap: float, cores: int, flow: str) -> dict[str, float]:
    """Answer a request."""
    with np.load(problem) as arrays:
        assignment = assignment_of(dict(arrays))
    assignment.set_algorithm("bfw")
    assignment.set_cores(cores)
    assignment.max_iter, assignment.rgap_target = MOST_ITERATIONS, gap
    start = time.perf_counter()
    assignment.execute()
    seconds = time.perf_counter() - start
    np.save(flow, assignment.results()["trips_ab"].sort_index().to_numpy())
    return {"seconds": seconds}


def main() -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # AequilibraE prints its progress
    print(json.dumps({"version": version("aequilibrae")}), file=answers)
    for line in sys.stdin:
        try:
            answer: dict[str, object] = dict(solve(**json.loads(line)))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other side tells it
            answer = {"error": repr(error)}
        print(json.dumps(answer), file=answers)


if __name__ == "__main__":
    main()
