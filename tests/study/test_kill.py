"""Stopping `jibek run` at any moment leaves a whole run, the old one or the new one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from jibek.corridor import embedded_corridors
from jibek.study import read_run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

# Starts a run, and sends itself a signal when a moment named by the test has come.
RUN_UNTIL = """
import os, sys
from pathlib import Path
import jibek.cli, jibek.study.run_folder as run_folder
moment, number, *arguments = sys.argv[1:]
strike = lambda: os.kill(os.getpid(), int(number))
plain = {name: getattr(run_folder, name) for name in ("_fill", "_swap")}
rename, write_text = Path.rename, Path.write_text
def fill(aside, *rest):
    if moment == "before writing":
        strike()
    plain["_fill"](aside, *rest)
    if moment == "after writing":
        strike()
def write(path, *rest, **more):
    if moment == "while writing":
        rest = (rest[0][: len(rest[0]) // 2], *rest[1:])
        write_text(path, *rest, **more)
        strike()
    return write_text(path, *rest, **more)
def swap(aside, folder):
    plain["_swap"](aside, folder)
    if moment == "after renaming":
        strike()
def renamed(path, target):
    result = rename(path, target)
    if moment == "between renamings" and target.name.endswith(".previous"):
        strike()
    return result
run_folder._fill, run_folder._swap, Path.rename, Path.write_text = fill, swap, renamed, write
sys.argv = ["jibek", *arguments]
jibek.cli.main()
"""
MOMENTS = ("before writing", "while writing", "after writing", "between renamings", "after renaming")


@pytest.fixture(scope="session")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an earlier run of the worked example, without routes, so that it can be told from the new one."""
    folder = tmp_path_factory.mktemp("old") / "X"
    subprocess.run([*COMMAND, "--stages", "targets", "--out", str(folder)], check=True, stdout=subprocess.DEVNULL)
    return folder


COMMAND = [sys.executable, "-m", "jibek.cli", "run", "--corridor", str(embedded_corridors()["example"])]


def stages(folder: Path) -> list[object]:
    """Return the stages of a run whose files are all as the manifest says."""
    found = read_run(folder).manifest["stages"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    ("moment", "number"),
    [*((moment, signal.SIGKILL) for moment in MOMENTS), *((MOMENTS[1], s) for s in (signal.SIGTERM, signal.SIGINT))],
)
def test_a_run_stopped_at_the_worst_moment(old: Path, tmp_path: Path, moment: str, number: signal.Signals) -> None:
    folder = tmp_path / "X"
    shutil.copytree(old, folder)
    arguments = [*COMMAND[3:], "--stages", "evidence"]
    done = subprocess.run(
        [sys.executable, "-c", RUN_UNTIL, moment, str(int(number)), *arguments, "--out", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == (130 if number == signal.SIGINT else -number)
    assert "Traceback" not in done.stderr
    assert {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")} <= {"X"}
    assert stages(folder) == (["evidence"] if moment == "after renaming" else ["targets"])


@pytest.mark.parametrize(
    ("delay", "number"), [(0.05, signal.SIGTERM), (0.7, signal.SIGINT), (1.1, signal.SIGKILL), (1.6, signal.SIGTERM)]
)
def test_a_run_stopped_at_any_moment(old: Path, tmp_path: Path, delay: float, number: signal.Signals) -> None:
    folder = tmp_path / "X"
    shutil.copytree(old, folder)
    with subprocess.Popen([*COMMAND, "--out", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        time.sleep(delay)
        process.send_signal(number)
        process.communicate()
    assert stages(folder) in (["targets"], ["evidence", "routes", "targets"])
    assert json.loads((folder / "log.json").read_text(encoding="utf-8"))["seconds"]


def test_the_next_run_sweeps_up_after_killed_ones(old: Path, tmp_path: Path) -> None:
    shutil.copytree(old, tmp_path / "X")
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    alive = os.getppid()
    leftovers = {f".X.partial-{dead.pid}", f".X.partial-{alive}", f".Y.partial-{dead.pid}", ".X.partial-mine"}
    for name in leftovers:
        (tmp_path / name).mkdir()
        (tmp_path / name / "routes.parquet").write_bytes(b"PAR1")
    subprocess.run([*COMMAND, "--stages", "evidence", "--out", str(tmp_path / "X")], check=True, capture_output=True)
    assert stages(tmp_path / "X") == ["evidence"]
    assert {path.name for path in tmp_path.iterdir()} == {"X"} | leftovers - {f".X.partial-{dead.pid}"}
