"""A run folder is whole or not there: after kills, after meddling, over somebody's files."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import polars as pl
import pytest

from jibek.errors import RunError
from jibek.study import clear_place, read_run, write_run

if TYPE_CHECKING:
    from pathlib import Path

TABLE = pl.DataFrame({"id": ["a", "b"], "value": [1.0, 2.0]})

WRITE_FOREVER = """
import sys
from pathlib import Path
import polars as pl
from jibek.study import write_run
number = 0
while True:
    number += 1
    table = pl.DataFrame({"number": [number] * 50_000})
    write_run(Path(sys.argv[1]), tables={"t": table, "u": table}, manifest={"number": number}, texts={"log.json": "{}"})
    print(number, flush=True)
"""


def write(folder: Path, **manifest: object) -> None:
    """Write a small run."""
    write_run(folder, tables={"t": TABLE}, manifest=manifest, texts={"report.html": "<p>", "log.json": "{}"})


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write(tmp_path / "run", name="first")
    run = read_run(tmp_path / "run")
    assert run.tables["t"].equals(TABLE)
    assert run.manifest["name"] == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_second_run_replaces_the_first(tmp_path: Path) -> None:
    write(tmp_path / "run", name="first")
    write(tmp_path / "run", name="second")
    assert read_run(tmp_path / "run").manifest["name"] == "second"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("delay", [0.0, 0.005, 0.02, 0.05, 0.11, 0.23])
def test_killing_leaves_a_whole_run(tmp_path: Path, delay: float) -> None:
    folder = tmp_path / "run"
    process = subprocess.Popen([sys.executable, "-c", WRITE_FOREVER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first = int(process.stdout.readline())
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.wait()
    run = read_run(folder)
    number = run.manifest["number"]
    assert isinstance(number, int)
    assert number >= first
    assert run.tables["t"]["number"].unique().to_list() == [number]
    assert run.tables["u"]["number"].unique().to_list() == [number]


def test_a_kill_between_the_two_renames_is_mended(tmp_path: Path) -> None:
    write(tmp_path / "run", name="old")
    (tmp_path / "run").rename(tmp_path / ".run.previous")
    assert read_run(tmp_path / "run").manifest["name"] == "old"


def test_a_failed_write_leaves_the_old_run(tmp_path: Path) -> None:
    write(tmp_path / "run", name="old")
    with pytest.raises(TypeError):
        write(tmp_path / "run", name=object())
    assert read_run(tmp_path / "run").manifest["name"] == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("what", ["file", "folder"])
def test_somebody_elses_files_are_left_alone(tmp_path: Path, what: str) -> None:
    place = tmp_path / "mine"
    if what == "file":
        place.write_text("precious")
    else:
        place.mkdir()
        (place / "thesis.txt").write_text("precious")
    with pytest.raises(RunError, match="not a run of Jibek"):
        write(place)
    assert (place if what == "file" else place / "thesis.txt").read_text() == "precious"


def test_a_place_below_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="Cannot write"):
        write(tmp_path / "file" / "run")


@pytest.mark.parametrize("harm", ["gone", "changed", "no manifest", "broken manifest", "list manifest"])
def test_meddling_is_found(tmp_path: Path, harm: str) -> None:
    folder = tmp_path / "run"
    write(folder)
    if harm == "gone":
        (folder / "t.parquet").unlink()
    elif harm == "changed":
        (folder / "t.parquet").write_bytes(b"other")
    else:
        text = {"no manifest": None, "broken manifest": "{", "list manifest": "[]"}[harm]
        (folder / "manifest.json").unlink()
        if text:
            (folder / "manifest.json").write_text(text)
    with pytest.raises(RunError, match="run"):
        read_run(folder)


def test_the_same_tables_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / name, name="same")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


@pytest.mark.parametrize("left", [".DS_Store", "Thumbs.db"])
def test_what_a_desktop_leaves_in_a_run_is_no_hindrance(tmp_path: Path, left: str) -> None:
    write(tmp_path / "run", name="first")
    (tmp_path / "run" / left).write_bytes(b"\0")
    write(tmp_path / "run", name="second")
    assert read_run(tmp_path / "run").manifest["name"] == "second"


def test_files_laid_into_a_run_are_not_lost(tmp_path: Path) -> None:
    write(tmp_path / "run", name="first")
    write(tmp_path / "run" / "inner", name="inner")
    with pytest.raises(RunError, match="holds inner, which no run wrote"):
        write(tmp_path / "run", name="second")
    assert read_run(tmp_path / "run" / "inner").manifest["name"] == "inner"


def test_somebody_elses_manifest_makes_no_run(tmp_path: Path) -> None:
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "manifest.json").write_text('{"short_name": "A web page"}')
    with pytest.raises(RunError, match="not a run of Jibek"):
        write(tmp_path / "page")


def test_a_clear_place_is_left_as_it_was(tmp_path: Path) -> None:
    write(tmp_path / "run", name="first")
    clear_place(tmp_path / "run")
    clear_place(tmp_path / "other" / "run")
    assert read_run(tmp_path / "run").manifest["name"] == "first"
    assert list((tmp_path / "other").iterdir()) == []


def test_a_disk_that_is_full_leaves_the_old_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "run", name="first")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(RunError, match=r"Cannot write the run folder .*: No space left on device\. Name another"):
        write(tmp_path / "run", name="second")
    assert read_run(tmp_path / "run").manifest["name"] == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
