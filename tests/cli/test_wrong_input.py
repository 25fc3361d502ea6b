"""Wrong input of every kind: a message that says what was found, expected and to be done; nothing half-written."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from command import Answer, Command

MINE = ("--corridor", "mine")


@pytest.fixture
def place(made: Path, tmp_path: Path, jibek: Command) -> Path:
    """Return the folder where commands run, with a copy of the worked example in ``mine`` and its run ``before``."""
    assert jibek  # moves there
    for name in ("mine", "before"):
        shutil.copytree(made / name, tmp_path / name)
    return tmp_path


def refused(answer: Answer, *words: str, code: int = 1) -> None:
    """Assert that a command said no, on standard error only, and why."""
    assert answer.code == code, answer
    assert answer.out == ""
    assert "Traceback" not in answer.err
    plain = re.sub(r"[\s│]+", " ", answer.err)
    for word in words:
        assert word in plain


def content(folder: Path) -> dict[str, bytes | None]:
    """Return everything in a folder, hidden or not."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["atlantis", "poti-port"], ["no 'atlantis' among the places", "Nearest: "]),
        (["almaty", ""], ["no '' among the places", "places.csv"]),
        (["[bold]almaty", "poti-port"], ["no '[bold]almaty' among the places"]),
        (["almaty", "Almaty"], ["the same place, 'almaty'"]),
        (["almaty", "poti-port", "-c", "unobtainium"], ["no 'unobtainium' among the commodities"]),
        (["almaty", "poti-port", "-c", "water"], ["'water'", "time_cost_percent_per_day"]),
        (["almaty", "poti-port", "--avoid", "mordor"], ["'mordor' can be avoided", "give a place, link, border"]),
        (["almaty", "poti-port", "--avoid", "aktau-port"], ["All ways from 'almaty' to 'poti-port' pass aktau-port"]),
        (["almaty", "poti-port", "--avoid", ""], ["'' can be avoided", "countries: AZE, GEO, KAZ"]),
    ],
)
def test_a_question_about_routes_without_an_answer(
    jibek: Command, place: Path, arguments: list[str], words: list[str]
) -> None:
    assert place
    refused(jibek("routes", *arguments, *MINE), *words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["routes", "almaty", "poti-port", "--year", "1700"], ["--year", "greater than or equal to 1800"]),
        (["routes", "almaty", "poti-port", "--year", "2500"], ["--year", "less than or equal to 2200"]),
        (["routes", "almaty", "poti-port", "--year", "soon"], ["--year", "valid integer"]),
        (["routes", "almaty", "poti-port", "-k", "0"], ["-k", "greater than or equal to 1"]),
        (["routes", "almaty", "poti-port", "-k", "many"], ["-k", "valid integer"]),
        (["routes", "almaty"], ["Missing argument 'TO'"]),
        (["routes", "almaty", "poti-port", "--sped"], ["No such option"]),
        (["export", "before", "--to", "pdf"], ["'pdf' is not one of 'xlsx', 'geojson'"]),
        (["export", "before"], ["Missing option '--to'"]),
        (["targets", "--language", "fr"], ["'fr' is not one of 'en', 'ru'"]),
        (["run", "--out", "a\0b"], ["--out", "null byte"]),
        (["rout"], ["No such command 'rout'", "routes"]),
    ],
)
def test_wrong_usage(jibek: Command, place: Path, arguments: list[str], words: list[str]) -> None:
    assert place
    refused(jibek(*arguments), *words, code=2)


CLOSED_TWICE = "name: x\nclose: [aktau-port]\nclose: [baku]\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"name: caf\xe9\n", ["s.yaml", "codec can't decode", "save the file as UTF-8"]),
        ("name: [x\nyear: }\n", ["s.yaml, line 2", "expected YAML", "Check indentation"]),
        (b"name: \0\n", ["s.yaml", "expected YAML"]),
        (CLOSED_TWICE, ["line 3", "key 'close' given twice"]),
        ("- a\n- b\n", ["found 'a list'", "a mapping of keys to values", "Write `name: ...`"]),
        ("", ["found 'nothing'", "a mapping of keys to values"]),
        ("just words", ["found 'a single value'"]),
        ("year: 2025\n", ["name: found 'nothing'", "Add the key name"]),
        ("name: x\nclos: [aktau-port]\n", ["found 'clos'", "expected one of name", "Did you mean 'close'?"]),
        ("name: x\nclose: [aktau-prt]\n", ["close/0", "found 'aktau-prt'", "Did you mean 'aktau-port'?"]),
        ("name: x\nclose: [{borders: KAZ-USA}]\n", ["found 'KAZ-USA'", "Borders stand between AZE-KAZ"]),
        ("name: x\nbuild: [babel]\n", ["build/0", "found 'babel'", "an id of projects"]),
        ("name: x\nhappen: [doom]\n", ["happen/0", "found 'doom'", "an id of disruptions"]),
        ("name: x\nset: {capacity: 1}\n", ["set/capacity", "table/id/column"]),
        ("name: x\nscale: {links/baku--tbilisi--rail_1520/length_km: -1}\n", ["a factor of at least 0"]),
        ("name: x\nset: {links/baku--tbilisi--rail_1520/length_km: -1}\n", ["a number above 0", "Correct set/links"]),
        ("name: x\nset: {links/baku--tbilisi--rail_1520/length_km: .nan}\n", ["found 'nan'", "a finite number"]),
        ("name: x\nyear: 2500\n", ["year: found '2500'", "expected less than or equal to 2200"]),
        ("name: x\nyear: soon\n", ["year: found 'soon'", "expected a valid integer"]),
        ("name: ../../x\n", ["name: found '../../x'", "letters, digits"]),
        ("name: x\nclose: [{links: baku--tbilisi--rail_1520, from: 2030-01-01}]\n", ["2030-01-01", "dates in"]),
        ("name: x\nbase: s.yaml\n", ["s.yaml -> s.yaml", "does not lead back", "without a base"]),
        ("name: x\nbase: other.yaml\n", ["other.yaml -> s.yaml -> other.yaml", "without a base"]),
        ("name: x\nbase: nowhere.yaml\n", ["s.yaml, base: found 'nowhere.yaml'", "a scenario file", "Write its path"]),
        ("name: x\nbase: ''\n", ["s.yaml, base: found ''", "a scenario file"]),
    ],
)
def test_a_scenario_that_says_nonsense(jibek: Command, place: Path, text: str | bytes, words: list[str]) -> None:
    (place / "other.yaml").write_text("name: other\nbase: s.yaml\n")
    (place / "s.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    before = content(place)
    command = jibek("run", "other.yaml" if "other.yaml ->" in words[0] else "s.yaml", *MINE, "--out", "before")
    refused(command, *words)
    assert content(place) == before


@pytest.mark.parametrize(
    ("path", "words"),
    [("none.yaml", ["none.yaml", "No such file", "Check the path"]), ("mine", ["mine", "Is a directory"])],
)
def test_a_scenario_that_is_no_file(jibek: Command, place: Path, path: str, words: list[str]) -> None:
    before = content(place)
    for command in ("run", "targets"):
        refused(jibek(command, path, *MINE), *words)
    assert content(place) == before


def test_a_scenario_that_closes_everything_is_a_run_without_routes(jibek: Command, place: Path) -> None:
    places = [line.split(",")[0] for line in (place / "mine" / "places.csv").read_text().splitlines()[1:]]
    (place / "s.yaml").write_text("name: s\nclose: [" + ", ".join(places) + "]\n")
    assert jibek("run", "s.yaml", *MINE, "--out", "s").code == 0
    answer = jibek("compare", "before", "s", "--json")
    assert answer.code == 0, answer.err
    assert {row["hours_after"] for row in json.loads(answer.out)["routes"]} == {None}


def test_deliveries_that_a_closed_network_cannot_make_are_a_result(jibek: Command, place: Path) -> None:
    places = [line.split(",")[0] for line in (place / "mine" / "places.csv").read_text().splitlines()[1:]]
    (place / "s.yaml").write_text("name: s\nclose: [" + ", ".join(places) + "]\n")
    assert jibek("run", "s.yaml", *MINE, "--stages", "balances", "--out", "s").code == 0
    assert "almaty-flour" in (place / "s" / "report.html").read_text()
    refused(jibek("balances", "s.yaml", *MINE), "needs, almaty-flour (Almaty), minimum: found 'holds at")


@pytest.mark.parametrize(
    ("corridor", "words"),
    [
        ("nowhere", ["nowhere/datapackage.json", "No such file", "Check the path", "jibek new"]),
        ("mine/links.csv", ["mine/links.csv/datapackage.json", "Not a directory"]),
        ("empty", ["empty/datapackage.json", "No such file"]),
        ("before", ["before/datapackage.json", "No such file"]),
        ("x" * 300, ["File name too long"]),
    ],
)
def test_a_corridor_that_is_none_is_one_fault(jibek: Command, place: Path, corridor: str, words: list[str]) -> None:
    (place / "empty").mkdir()
    before = content(place)
    for command in (["routes", "almaty", "poti-port"], ["targets"], ["run"], ["sources"]):
        answer = jibek(*command, "--corridor", corridor)
        refused(answer, *words, "1 fault, 0 notices")
    checked = jibek("check", corridor)
    assert (checked.code, checked.err) == (1, "")
    assert all(word in checked.out for word in words)
    assert content(place) == before


def test_a_corridor_without_data_package_says_what_else_is_wrong(jibek: Command, place: Path) -> None:
    (place / "mine" / "datapackage.json").unlink()
    (place / "mine" / "stops.csv").unlink()
    faults = json.loads(jibek("check", "mine", "--json").out)
    assert {fault["table"] for fault in faults} == {"datapackage.json", "stops"}


def test_a_faulty_table_stops_every_command(jibek: Command, place: Path) -> None:
    links = place / "mine" / "links.csv"
    links.write_text(links.read_text(encoding="utf-8").replace("operating", "opperating", 1), encoding="utf-8")
    before = content(place)
    for command in (["routes", "almaty", "poti-port"], ["targets"], ["run", "--out", "before"], ["sources"]):
        answer = jibek(*command, *MINE)
        refused(answer, "links", "line 2", "status", "found 'opperating'", "operating, construction, planned, closed")
        assert "Did you mean 'operating'?" in answer.err
    checked = jibek("check", "mine", "--json")
    assert checked.code == 1
    assert [fault["column"] for fault in json.loads(checked.out)] == ["status"]
    assert content(place) == before


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("mine/links.csv", ["exists and is not a run of Jibek", "Name another folder with --out"]),
        ("mine", ["exists and is not a run of Jibek"]),
        (".", ["exists and is not a run of Jibek"]),
        ("", ["exists and is not a run of Jibek"]),
        ("page", ["exists and is not a run of Jibek"]),
        ("nested", ["holds thesis.txt, which no run wrote", "Move it"]),
        ("mine/links.csv/run", ["Cannot write the run folder", "Name another folder with --out"]),
        ("/proc/jibek-run", ["Cannot write the run folder /proc/jibek-run", "Name another folder with --out"]),
        ("x" * 300, ["Cannot write the run folder", "File name too long"]),
        ("link", ["exists and is not a run of Jibek"]),
    ],
)
def test_a_place_that_cannot_hold_a_run(jibek: Command, place: Path, out: str, words: list[str]) -> None:
    (place / "page").mkdir()
    (place / "page" / "manifest.json").write_text('{"name": "A web page, not a run"}')
    shutil.copytree(place / "before", place / "nested")
    (place / "nested" / "thesis.txt").write_text("precious")
    (place / "link").symlink_to("before")
    before = content(place)
    refused(jibek("run", *MINE, "--out", out), *words)
    assert content(place) == before


def test_a_place_is_refused_before_the_work(jibek: Command, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert place
    monkeypatch.setattr("jibek.study.run_study", lambda *_, **__: pytest.fail("worked in vain"))
    refused(jibek("run", *MINE, "--out", "mine"), "is not a run of Jibek")


@pytest.mark.parametrize(
    ("stages", "words"),
    [("nonsense", ["'nonsense'"]), ("", ["''"]), ("routes,,x", ["'', 'x'"]), ("Routes", ["'Routes'"])],
)
def test_unknown_stages(jibek: Command, place: Path, stages: str, words: list[str]) -> None:
    before = content(place)
    refused(
        jibek("run", *MINE, "--out", "before", "--stages", stages),
        "Unknown stage",
        *words,
        "routes, flows, balances, trade, operations, validation, targets",
    )
    assert content(place) == before


def damaged(place: Path, harm: str) -> str:
    """Spoil a copy of a run."""
    shutil.copytree(place / "before", place / "damaged")
    manifest = place / "damaged" / "manifest.json"
    if harm == "table":
        (place / "damaged" / "routes.parquet").write_bytes(b"PAR1")
    elif harm == "gone":
        (place / "damaged" / "links.parquet").unlink()
    elif harm == "text":
        manifest.write_bytes(b"\xff\xfe")
    elif harm == "cut":
        manifest.write_text(manifest.read_text(encoding="utf-8")[:500])
    elif harm == "list":
        manifest.write_text("[]")
    else:
        manifest.write_text('{"files": {}}')
    return "damaged"


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        ("table", ["not as it was written: routes.parquet", "Run it again"]),
        ("gone", ["not as it was written: links.parquet", "Run it again"]),
        ("text", ["cannot be read", "Run it again"]),
        ("cut", ["cannot be read", "Run it again"]),
        ("list", ["cannot be read", "Run it again"]),
        ("bare", ["holds no", "Run it"]),
    ],
)
def test_a_damaged_run(jibek: Command, place: Path, harm: str, words: list[str]) -> None:
    spoilt = damaged(place, harm)
    before = content(place)
    refused(jibek("compare", "before", spoilt), *words)
    refused(jibek("export", spoilt, "--to", "geojson"), *words)
    assert content(place) == before


@pytest.mark.parametrize("path", ["nowhere", "mine", "mine/links.csv"])
def test_a_folder_that_is_no_run(jibek: Command, place: Path, path: str) -> None:
    assert place
    for command in (["compare", "before", path], ["compare", path, "before"], ["export", path, "--to", "xlsx"]):
        refused(jibek(*command), "There is no run in", path, "`jibek run` makes one")


def test_comparing_runs_of_other_stages(jibek: Command, place: Path) -> None:
    assert place
    assert jibek("run", *MINE, "--stages", "targets", "--out", "targets").code == 0
    refused(jibek("compare", "before", "targets"), "holds no routes", "Run it with the stage `routes`")


def test_an_export_that_cannot_be_written(jibek: Command, place: Path) -> None:
    (place / "before.xlsx").mkdir()
    refused(jibek("export", "before", "--to", "xlsx"), "Cannot write", "before.xlsx", "Is a directory", "Move")


@pytest.mark.parametrize(
    ("element", "words"),
    [("aktau-prt", ["'aktau-prt'", "Did you mean 'aktau-port'?"]), ("", ["''", "`jibek sources` lists"])],
)
def test_an_unknown_source(jibek: Command, place: Path, element: str, words: list[str]) -> None:
    assert place
    refused(jibek("sources", element, *MINE), "No row has the id", *words)


@pytest.mark.parametrize(
    ("folder", "reason"),
    [("mine", "not an empty folder"), ("mine/links.csv", "not an empty folder"), ("mine/links.csv/x", "Cannot make")],
)
def test_new_spoils_nothing(jibek: Command, place: Path, folder: str, reason: str) -> None:
    before = content(place)
    refused(jibek("new", folder), folder, reason, "Name a")
    assert content(place) == before


@pytest.mark.parametrize("command", ["sources --json", "routes xian duisburg", "--help"])
def test_a_reader_that_leaves_early_is_no_error(command: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "jibek.cli", *command.split()], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() in {0, 1}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")  # noqa: PTH110
def test_a_full_disk_is_said(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-m", "jibek.cli", "new", str(tmp_path / "x")],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (["--system", "steam"], ["'steam'", "energy", "water", "food"], 2),
        (["nowhere.yaml"], ["nowhere.yaml"], 1),
        (["--corridor", "elsewhere"], ["elsewhere"], 1),
        (["mine/supplies.csv"], ["supplies.csv"], 1),
    ],
)
def test_balances_refuse_what_is_not_there(
    jibek: Command, place: Path, arguments: list[str], words: list[str], code: int
) -> None:
    before = content(place)
    refused(jibek("balances", *arguments), *words, code=code)
    assert content(place) == before


@pytest.mark.parametrize(
    ("table", "column", "value", "words"),
    [
        ("supplies", "quantity", "-5", ["supplies", "quantity", "-5"]),
        ("needs", "usd_short", "-1", ["needs", "usd_short", "-1"]),
        ("process_flows", "yield_min", "-0.5", ["process_flows", "yield_min", "-0.5"]),
        ("stores", "dead", "1e12", ["stores", "dead"]),
        ("profiles", "mar", "", ["profiles", "mar"]),
        ("links", "loss", "1.5", ["links", "loss", "1.5"]),
        ("commodities", "system", "steam", ["commodities", "system", "steam", "energy, water, food"]),
    ],
)
def test_balances_name_the_cell_that_is_wrong(
    jibek: Command, place: Path, table: str, column: str, value: str, words: list[str]
) -> None:
    path = place / "mine" / f"{table}.csv"
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    rows[1][rows[0].index(column)] = value
    path.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in rows) + "\n", encoding="utf-8")
    refused(jibek("balances", *MINE), *words)


def test_a_scenario_that_leaves_no_answer_says_what_conflicts(jibek: Command, place: Path) -> None:
    """A need that must be served and cannot: its place and its goods are named."""
    needs = place / "mine" / "needs.csv"
    rows = list(csv.reader(needs.read_text(encoding="utf-8").splitlines()))
    for row in rows[1:]:
        row[rows[0].index("quantity")] = row[rows[0].index("minimum")] = "1e9"
    needs.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in rows) + "\n", encoding="utf-8")
    place_of_need = rows[1][rows[0].index("place")]
    refused(jibek("balances", *MINE), place_of_need)
