"""The same inputs give the same bytes: whatever the order of rows, the threads, or what Python hashes to."""

from __future__ import annotations

import csv
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from command import Command
from jibek.corridor import embedded_corridors

EMBEDDED, EXAMPLE = (embedded_corridors()[name] for name in ("central_asia", "example"))
LOG = "log.json"  # holds times


def files(folder: Path) -> dict[str, bytes]:
    """Return the files of a run."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def differing(one: Path, other: Path) -> set[str]:
    """Name the files that are not the same in two runs."""
    first, second = files(one), files(other)
    assert first.keys() == second.keys()
    return {name for name in first if first[name] != second[name]} - {LOG}


def shuffled(folder: Path, *, seed: int) -> Path:
    """Bring the rows of every table of the embedded corridor into another order."""
    shutil.copytree(EMBEDDED, folder)
    draw = random.Random(seed)
    moved = 0
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        before = rows.copy()
        draw.shuffle(rows)
        moved += rows != before
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([head, *rows])
    assert moved > 25
    return folder


def test_nothing_but_the_inputs_decides_a_run(tmp_path: Path) -> None:
    """Run all stages twice, with sets ordered, rows sorted and threads counted differently.

    Both at once: a run takes a minute.
    """
    environments = (
        {"PYTHONHASHSEED": "1", "POLARS_MAX_THREADS": "1", "NUMBA_NUM_THREADS": "1"},
        {"PYTHONHASHSEED": "4242", "POLARS_MAX_THREADS": "3", "NUMBA_NUM_THREADS": "2"},
    )
    corridors = ([], ["--corridor", str(shuffled(tmp_path / "corridor", seed=20_260))])
    runs = [tmp_path / name for name in ("plain", "shuffled")]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "jibek.cli", "run", *corridor, "--out", str(run)],
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
        )
        for corridor, run, environment in zip(corridors, runs, environments, strict=True)
    ]
    assert [process.wait() for process in processes] == [0, 0]
    assert differing(*runs) == set()


def test_draws_are_repeated_by_their_seed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    jibek = Command(capsys, monkeypatch)
    for name in ("once", "again"):
        answer = jibek("run", "--corridor", EXAMPLE, "--draws", "3", "--out", tmp_path / name)
        assert answer.code == 0, answer.err
    assert "flow_ranges.parquet" in files(tmp_path / "once")
    assert differing(tmp_path / "once", tmp_path / "again") == set()
