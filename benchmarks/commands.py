"""Time the commands as a user feels them, beside their goals: median of whole processes, warm caches.

    python benchmarks/commands.py

Peers do not exist for these commands; the floor is what the same machine needs to start Python and to
import the libraries that a command cannot do without, measured in the same session.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 5
JIBEK = [sys.executable, "-m", "jibek.cli"]
FLOORS = {
    "python": [sys.executable, "-c", "pass"],
    "python with typer": [sys.executable, "-c", "import typer, rich.console"],
    "python with polars, numba": [sys.executable, "-c", "import polars, numba"],
}


def seconds(command: list[str], runs: int) -> float:
    """Return the median wall time of a command, after one that does not count."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def installed_megabytes() -> float:
    """Return the size of what the run time needs: the distributions that Jibek depends on, and Jibek itself."""
    from importlib.metadata import distribution  # noqa: PLC0415
    from re import match  # noqa: PLC0415

    todo, seen, total = ["jibek"], set(), 0
    while todo:
        name = todo.pop().lower().replace("_", "-")
        if name in seen:
            continue
        seen.add(name)
        found = distribution(name)
        files = (Path(str(found.locate_file(file))) for file in found.files or [])
        total += sum(file.stat().st_size for file in files if file.is_file() and file.suffix != ".pyc")
        for requirement in found.requires or []:
            if "extra ==" not in requirement and not (
                "sys_platform" in requirement or "platform_system" in requirement
            ):
                named = match(r"[A-Za-z0-9._-]+", requirement)
                todo += [named.group(0)] if named else []
    package = Path(__file__).parents[1] / "src" / "jibek"
    return (total + sum(path.stat().st_size for path in package.rglob("*") if path.is_file())) / 1e6


def main() -> None:
    """Print the table."""
    floors = {name: seconds(command, RUNS) for name, command in FLOORS.items()}
    with tempfile.TemporaryDirectory() as folder:
        questions = {
            "jibek --help": ([*JIBEK, "--help"], 0.4, "python with typer"),
            "jibek routes xian duisburg": ([*JIBEK, "routes", "xian", "duisburg"], 1.5, "python with polars, numba"),
            "jibek check": ([*JIBEK, "check"], None, "python with polars, numba"),
            "jibek targets": ([*JIBEK, "targets"], None, "python with polars, numba"),
            "jibek run": ([*JIBEK, "run", "--out", f"{folder}/run"], 60.0, "python with polars, numba"),
        }
        print(f"{'':34}{'seconds':>9}{'goal':>9}{'floor':>9}{'x floor':>9}")
        for name, (command, goal, floor) in questions.items():
            took = seconds(command, 1 if command[3] == "run" else RUNS)
            print(f"{name:34}{took:9.2f}{goal or float('nan'):9.2f}{floors[floor]:9.2f}{took / floors[floor]:9.1f}")
    print(f"{'install without extras, MB':34}{installed_megabytes():9.0f}{400:9d}")


if __name__ == "__main__":
    main()
