"""AequilibraE in a process of its own, by an interpreter that has it."""

from __future__ import annotations

import json
import select
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jibek.assignment import certify

if TYPE_CHECKING:
    from jibek.assignment import TrafficNetwork, TravelClass

__all__ = ["LIMIT", "Peer"]

LIMIT = 120.0  # seconds for one solution


class Peer:
    """AequilibraE, which solves one problem after the other; see `aequilibrae_worker.py`.

    Raises
    ------
    RuntimeError
        If the interpreter has no AequilibraE that works.
    """

    def __init__(self, python: str, folder: Path) -> None:
        self._command = [python, str(Path(__file__).with_name("aequilibrae_worker.py"))]
        self._problem, self._flow = folder / "problem.npz", folder / "flow.npy"
        self._start()

    def _start(self) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        try:
            self._process = subprocess.Popen(self._command, text=True, **pipes)
        except OSError as error:
            raise RuntimeError(f"{self._command[0]} does not start: {error.strerror}") from error
        begun = self._process.stdout.readline()
        if not begun:
            raise RuntimeError(f"{self._command[0]} has no AequilibraE that works")
        self.version = json.loads(begun)["version"]

    def take(self, network: TrafficNetwork, travel: TravelClass) -> None:
        """Write the arrays of a problem where the other process finds them."""
        of_network = ("n_zones", "first_through", "tail", "head", "free_time", "capacity", "b", "power")
        of_class = ("fixed_cost", "origin", "destination", "trips")
        arrays = {name: getattr(network, name) for name in of_network}
        np.savez(self._problem, **arrays, **{name: getattr(travel, name) for name in of_class})
        self._network, self._travel = network, travel

    def solve(self, gap: float, cores: int) -> tuple[float, float | None]:
        """Solve the problem; give seconds and verified gap, or `LIMIT` and None where it takes longer."""
        request = {"problem": str(self._problem), "gap": gap, "cores": cores, "flow": str(self._flow)}
        print(json.dumps(request), file=self._process.stdin, flush=True)
        if not select.select([self._process.stdout], [], [], LIMIT)[0]:
            self.stop()
            self._start()
            return LIMIT, None
        answer = json.loads(self._process.stdout.readline() or '{"error": "it ended"}')
        if "error" in answer:
            raise RuntimeError(f"AequilibraE: {answer['error']}")
        return answer["seconds"], certify(self._network, [self._travel], np.load(self._flow)[None]).gap

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
