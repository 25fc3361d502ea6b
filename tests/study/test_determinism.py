"""The same inputs give the same bytes: run after run, whatever the order of rows, whatever Python hashes to."""

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

EMBEDDED = embedded_corridors()["central_asia"]
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


@pytest.fixture
def jibek(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(capsys, monkeypatch)


@pytest.fixture(scope="module")
def hashed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Run the embedded corridor in two processes whose sets and dictionaries are ordered differently."""
    home = tmp_path_factory.mktemp("hashed")
    seeds = ("1", "4242")
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "jibek.cli", "run", "--out", str(home / seed)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            stdout=subprocess.DEVNULL,
        )
        for seed in seeds
    ]
    assert [process.wait() for process in processes] == [0, 0]
    return [home / seed for seed in seeds]


def test_hash_seeds_change_nothing(hashed: list[Path]) -> None:
    assert differing(*hashed) == set()


def test_running_again_changes_nothing(jibek: Command, hashed: list[Path], tmp_path: Path) -> None:
    assert jibek("run", "--out", tmp_path / "again").code == 0
    assert differing(hashed[0], tmp_path / "again") == set()


def test_the_order_of_input_rows_changes_nothing(jibek: Command, hashed: list[Path], tmp_path: Path) -> None:
    corridor = shuffled(tmp_path / "corridor", seed=20_260)
    answer = jibek("run", "--corridor", corridor, "--out", tmp_path / "run")
    assert answer.code == 0, answer.err
    assert differing(hashed[0], tmp_path / "run") == set()
