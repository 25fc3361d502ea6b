"""``jibek adjust``: two parallel routes counted, trips written and read again, faults told with file and line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import h5py
import polars as pl
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from command import Command

NODES = "node_id,zone_id\na,North\nb,South\nc,\n"
LINKS = "link_id,from_node_id,to_node_id,directed,length,capacity,vdf_fftt\nab,a,b,1,2,50,10\nbc,b,c,1,1,50,5\n"
DEMAND = "o_zone_id,d_zone_id,use,volume\nNorth,South,car,100\nNorth,North,car,7\n"
COUNTS = "link,class,count\nab,,150\nbc,car,20\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a network of one link that leads anywhere, and its counts."""
    for name, text in (("node", NODES), ("link", LINKS), ("demand", DEMAND), ("counts", COUNTS)):
        (tmp_path / "net").mkdir(exist_ok=True)
        (tmp_path / "net" / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path / "net"


def arguments(folder: Path, out: Path) -> list[str | Path]:
    return ["adjust", folder, "--counts", folder / "counts.csv", "--out", out]


def test_trips_meet_the_count_and_are_read_again(jibek: Command, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "trips.csv"
    answer = jibek(*arguments(folder, out), "--prior-weight", "0", "--json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert found["converged"] is True
    assert found["counts"][0]["after"] == pytest.approx(150, rel=1e-6)
    assert found["unreached"] == [{"link": "bc", "class": "car"}]
    assert found["classes"] == [{"name": "car", "trips_before": 107, "trips_after": pytest.approx(157)}]
    assert found["mean_length_after"] == 2
    assert sum(each["trips_after"] for each in found["trip_lengths"]) == pytest.approx(150)
    written = pl.read_csv(out)
    assert written.columns == ["o_zone_id", "d_zone_id", "use", "volume"]
    again = json.loads(jibek("assign", folder, out, "--json").out)
    assert again["classes"][0]["trips"] == pytest.approx(157)


def test_trips_are_written_as_matrices(jibek: Command, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "trips.omx"
    assert jibek(*arguments(folder, out), "--bounds", "0.5", "1.2", "--prior-weight", "0").code == 0
    with h5py.File(out) as file:
        assert file["data/car"][:].tolist() == [[7.0, pytest.approx(120)], [0, 0]]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_answer_stands_on_the_terminal(jibek: Command, folder: Path, tmp_path: Path, language: str) -> None:
    answer = jibek(*arguments(folder, tmp_path / "trips.parquet"), "--language", language)
    assert (answer.code, answer.err) == (0, "")
    assert "GEH" in answer.out
    assert "bc" in answer.out
    assert "trips.parquet" in answer.out


def test_faults_are_told_with_file_and_line_and_nothing_is_written(
    jibek: Command, folder: Path, tmp_path: Path
) -> None:
    (folder / "counts.csv").write_text("link,class,count\nabc,,150\nbc,bus,-3\n", encoding="utf-8")
    out = tmp_path / "trips.csv"
    answer = jibek(*arguments(folder, out), "--json")
    assert (answer.code, answer.out) == (1, "")
    for place in ("line 2, link: found 'abc'", "line 3, class: found 'bus'", "line 3, count: found '-3'"):
        assert f"{folder / 'counts.csv'}, {place}" in answer.err
    assert not out.exists()


def test_bounds_and_names_that_are_none_are_told_before_anything_is_read(jibek: Command, tmp_path: Path) -> None:
    none = tmp_path / "none"
    answer = jibek(*arguments(none, tmp_path / "trips.txt"))
    assert answer.code == 1
    assert ".omx, .csv or .parquet" in answer.err
    assert jibek(*arguments(none, tmp_path / "trips.csv"), "--bounds", "2", "3").code == 2
