"""Every command answers: help, JSON on standard output, exit codes, files that others can open."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import shapely

from jibek.study import read_run

if TYPE_CHECKING:
    from pathlib import Path

    from command import Command

COMMANDS = (
    *("run", "new", "check", "routes", "flows", "balances", "trade", "operations", "assign", "adjust", "calibrate"),
    *("targets", "compare", "export", "sources"),
)
MINE = ("almaty", "poti-port", "--corridor")

# The keys that design promises for good; more may come.
ROUTE_KEYS = {"rank", "corridor", "hours", "usd", "kg_co2", "km", "countries", "legs"}
LEG_KEYS = {"from", "to", "mode", "hours_moving", "hours_waiting", "usd", "km"}
TARGET_KEYS = {
    *("id", "title", "status", "baseline", "latest", "latest_year", "target", "unit", "due"),
    *("required_growth", "observed_growth"),
}
BALANCE_KEYS = {"system", "status", "periods", "binding", "shortages", "flows", "stocks"}
TRADE_KEYS = {"year", "pairs", "countries", "certificate"}
TRADE_PAIR_KEYS = {"exporter", "importer", "group", "baseline_usd", "counterfactual_usd", "low", "high"}
FAULT_KEYS = {"severity", "table", "row", "column", "value", "expected", "remedy"}


def as_json(jibek: Command, *arguments: str | Path, code: int = 0) -> Any:  # noqa: ANN401
    """Call a command with ``--json``; only JSON may stand on standard output."""
    answer = jibek(*arguments, "--json")
    assert answer.code == code, answer.err
    return json.loads(answer.out)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_has_help(jibek: Command, command: str, flag: str) -> None:
    answer = jibek(command, flag)
    assert (answer.code, answer.err) == (0, "")
    assert f"jibek {command}" in answer.out
    assert "--json" in answer.out


def test_help_names_every_command_and_the_first_one_to_try(jibek: Command) -> None:
    answer = jibek("--help")
    assert all(command in answer.out for command in COMMANDS)
    assert "jibek routes xian duisburg" in answer.out


def test_nothing_said_is_answered_by_help(jibek: Command) -> None:
    answer = jibek()
    assert answer.code == 2
    assert "Commands" in answer.out + answer.err


def test_routes_give_the_promised_keys(jibek: Command) -> None:
    found = as_json(jibek, "routes", "Xi'an", "duisburg")
    assert 1 < len(found) <= 5
    assert all(route.keys() >= ROUTE_KEYS for route in found)
    assert all(leg.keys() >= LEG_KEYS for route in found for leg in route["legs"])
    assert [route["rank"] for route in found] == [1, 2, 3, 4, 5][: len(found)]
    for route in found:
        for name in ("usd", "km"):
            assert sum(leg[name] for leg in route["legs"]) == pytest.approx(route[name])
        hours = sum(leg["hours_moving"] + leg["hours_waiting"] for leg in route["legs"])
        assert hours == pytest.approx(route["hours"])
        assert (route["legs"][0]["from"], route["legs"][-1]["to"]) == ("xian", "duisburg")


def test_as_many_routes_as_asked_for(jibek: Command) -> None:
    three = as_json(jibek, "routes", "xian", "duisburg", "-k", "3")
    one = as_json(jibek, "routes", "xian", "duisburg", "-k", "1")
    assert (len(three), len(one)) == (3, 1)
    assert one[0] == three[0]


@pytest.mark.parametrize(
    ("avoided", "gone"),
    [
        ("malaszewicze", lambda route: all("malaszewicze" not in leg.values() for leg in route["legs"])),
        ("RUS", lambda route: "RUS" not in route["countries"]),
        ("Russia", lambda route: "RUS" not in route["countries"]),
        ("deep_sea", lambda route: all(leg["mode"] != "deep_sea" for leg in route["legs"])),
        ("BLR-POL", lambda route: {"BLR", "POL"} - set(route["countries"])),
    ],
)
def test_what_is_avoided_is_on_no_route(jibek: Command, avoided: str, gone: Any) -> None:  # noqa: ANN401
    best = as_json(jibek, "routes", "xian", "duisburg")
    found = as_json(jibek, "routes", "xian", "duisburg", "--avoid", avoided)
    assert found
    assert not all(gone(route) for route in best), "nothing to avoid: the test says nothing"
    assert all(gone(route) for route in found)


def test_a_link_and_several_things_can_be_avoided(jibek: Command, made: Path) -> None:
    whole = as_json(jibek, "routes", *MINE, made / "mine")
    link = "baku--tbilisi--rail_1520"
    around = as_json(jibek, "routes", *MINE, made / "mine", "--avoid", link)
    assert around[0]["generalised_hours"] >= whole[0]["generalised_hours"]
    both = jibek("routes", *MINE, made / "mine", "--avoid", link, "--avoid", "baku-alat-port--tbilisi--rail_1520")
    assert (both.code, both.out) == (1, "")
    assert "baku-alat-port--tbilisi--rail_1520" in both.err


def test_the_pareto_set_is_of_best_compromises(jibek: Command) -> None:
    found = as_json(jibek, "routes", "xian", "duisburg", "--pareto", "-k", "6")
    points = [(route["hours"], route["usd"], route["kg_co2"]) for route in found]
    assert len(points) > 1
    for one in points:
        assert not any(other != one and all(a <= b for a, b in zip(other, one, strict=True)) for other in points)


def test_the_year_changes_prices(jibek: Command) -> None:
    costs = {
        year: [route["usd"] for route in as_json(jibek, "routes", "shanghai", "rotterdam-port", "--year", year)]
        for year in ("2021", "2025")
    }
    assert costs["2021"] != costs["2025"]


@pytest.mark.parametrize("command", [("routes", *MINE, "mine"), ("targets", "--corridor", "mine"), ("check", "mine")])
def test_answers_speak_russian(jibek: Command, made: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    monkeypatch.chdir(made)
    english, russian = jibek(*command), jibek(*command, "--language", "ru")
    assert (english.code, russian.code) == (0, 0)
    assert not any("а" <= letter <= "я" for letter in english.out)
    assert any("а" <= letter <= "я" for letter in russian.out)


def test_check_lists_faults_and_notices(jibek: Command, made: Path) -> None:
    clean = as_json(jibek, "check", made / "mine")
    assert all(fault["severity"] == "notice" for fault in clean)
    (made / "mine" / "stray.csv").write_text("id\n")
    try:
        noticed = as_json(jibek, "check", made / "mine")
    finally:
        (made / "mine" / "stray.csv").unlink()
    assert [set(fault) for fault in noticed] == [FAULT_KEYS] * len(noticed)
    assert "stray.csv" in {fault["table"] for fault in noticed}


def test_check_prints_the_share_of_each_grade(jibek: Command) -> None:
    answer = jibek("check")
    assert answer.code == 0
    assert {"Observed", "Official", "Derived", "Estimate"} <= set(answer.out.split())


def test_targets_give_the_promised_keys(jibek: Command) -> None:
    found = as_json(jibek, "targets")
    assert len(found) > 100
    assert all(target.keys() >= TARGET_KEYS for target in found)
    assert {target["status"] for target in found} <= {"met", "on_track", "behind", "unknown"}


def test_a_corridor_of_ones_own_runs_at_once(made: Path) -> None:
    run = read_run(made / "before")
    assert run.manifest["corridor"] == "example"
    assert run.tables["routes"].height > 0
    assert (made / "before" / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_new_says_where_it_put_things(jibek: Command, tmp_path: Path) -> None:
    assert as_json(jibek, "new", "here") == {"folder": "here"}
    assert (tmp_path / "here" / "datapackage.json").is_file()


def test_run_says_where_it_put_things(jibek: Command, made: Path, tmp_path: Path) -> None:
    found = as_json(jibek, "run", "--corridor", made / "mine", "--stages", "targets, evidence")
    assert found["folder"] == os.path.join("runs", "example")  # noqa: PTH118 - as printed
    assert set(found["seconds"]) == {"targets", "evidence"}
    assert found["headline"]
    run = read_run(tmp_path / "runs" / "example")
    assert "targets" in run.tables
    assert "routes" not in run.tables


def test_compare_sets_two_runs_side_by_side(jibek: Command, made: Path) -> None:
    found = as_json(jibek, "compare", made / "before", made / "after")
    assert found.keys() == {"notices", "routes", "flows", "needs", "stocks"}
    rows = found["routes"]
    assert {"origin", "destination", "corridor", "hours_before", "hours_after", "hours_change"} <= rows[0].keys()
    assert rows[0]["hours_before"] > 0
    assert rows[0]["hours_after"] is None, "closing the only port leaves no way"
    same = as_json(jibek, "compare", made / "before", made / "before")
    assert {row["usd_change"] for row in same["routes"]} == {0.0}
    assert same["notices"] == []
    assert jibek("compare", made / "before", made / "after").code == 0


def test_balances_tell_of_every_system_or_of_one(jibek: Command, made: Path) -> None:
    mine = ("--corridor", made / "mine")
    found = as_json(jibek, "balances", *mine)
    assert [each["system"] for each in found] == ["energy", "water", "food"]
    assert all(each.keys() >= BALANCE_KEYS for each in found)
    assert [each["system"] for each in as_json(jibek, "balances", *mine, "--system", "food")] == ["food"]
    answer = jibek("balances", *mine, "--system", "energy")
    assert (answer.code, "Energy: nothing is supplied or wanted" in answer.out) == (0, True)
    assert "Продовольствие" in jibek("balances", *mine, "--language", "ru").out


def test_trade_gives_the_promised_keys(jibek: Command, made: Path) -> None:
    plain = as_json(jibek, "trade", "--corridor", made / "mine")
    assert plain.keys() >= TRADE_KEYS
    assert plain["certificate"]["converged"] is None
    found = as_json(jibek, "trade", made / "shut.yaml", "--corridor", made / "mine")
    assert found["year"] == 2025
    assert all(row.keys() >= TRADE_PAIR_KEYS for row in found["pairs"])
    assert all(row.keys() >= {"id", "real_income_change"} for row in found["countries"])
    assert found["certificate"]["converged"] is True


def test_trade_takes_counts_as_downloaded(jibek: Command, made: Path, tmp_path: Path) -> None:
    file = tmp_path / "trade.csv"
    header = "refYear,reporterISO,flowCode,partnerISO,cmdCode,primaryValue"
    file.write_text(f"{header}\n2024,GEO,M,KAZ,TOTAL,250000000\n2024,GEO,M,W00,TOTAL,9\n")
    found = as_json(jibek, "trade", "--corridor", made / "mine", "--counts", file)
    (row,) = [row for row in found["pairs"] if (row["exporter"], row["group"]) == ("KAZ", "total")]
    assert (row["baseline_usd"], row["reporter"], row["others"]) == (250000000.0, "GEO", "KAZ 200000000")
    file.write_text(f"{header}\n2024,GEO,M,KAZ,TOTAL,much\n")
    answer = jibek("trade", "--corridor", made / "mine", "--counts", file)
    assert answer.code == 1
    assert "line 2" in answer.err
    assert "primaryValue" in answer.err


def test_trade_names_what_it_left_out(jibek: Command, made: Path) -> None:
    answer = jibek("trade", made / "shut.yaml", "--corridor", made / "mine")
    assert answer.code == 0, answer.err
    for text in ("Kazakhstan – Georgia", "rows between groups that are no economies", "Trade and flows agree"):
        assert text in answer.out
    assert "Казахстан – Грузия" in jibek("trade", "--corridor", made / "mine", "--language", "ru").out


def test_compare_tells_what_flows_gain_and_lose(jibek: Command, made: Path) -> None:
    same = as_json(jibek, "compare", made / "before", made / "before")["flows"]
    assert same["benefit_usd"] == 0.0
    assert same["unserved"] == []
    shut = as_json(jibek, "compare", made / "before", made / "after")["flows"]
    assert {row["change"] for row in shut["unserved"]} == {"lost"}
    assert {row["measure"] for row in shut["totals"]} >= {"tonne_km", "kg_co2", "delay_usd", "payments_usd"}


def test_compare_draws_a_page(jibek: Command, made: Path, tmp_path: Path) -> None:
    page = tmp_path / "maps" / "change.html"
    answer = jibek("compare", made / "before", made / "after", "--map", page)
    assert (answer.code, answer.out.rstrip().splitlines()[-1]) == (0, str(page))
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert 'id="spec-changes"' in text
    russian = jibek("compare", made / "before", made / "after", "--map", page, "--language", "ru")
    assert russian.code == 0
    assert "Всё вместе" in page.read_text(encoding="utf-8")


def test_a_run_becomes_a_workbook(jibek: Command, made: Path) -> None:
    path = jibek("export", made / "before", "--to", "xlsx").out.strip()
    book = openpyxl.load_workbook(path, read_only=True)
    tables = read_run(made / "before").tables
    assert set(book.sheetnames) == {name[:31] for name in tables}
    rows = list(book["links"].iter_rows(values_only=True))
    assert rows[0] == tuple(tables["links"].columns)
    assert len(rows) == tables["links"].height + 1


def test_a_run_becomes_geojson(jibek: Command, made: Path) -> None:
    found = as_json(jibek, "export", made / "before", "--to", "geojson")
    text = (made / "before.geojson").read_text(encoding="utf-8")
    assert found == {"file": str(made / "before.geojson")}
    content = json.loads(text)
    assert content["type"] == "FeatureCollection"
    assert "crs" not in content, "RFC 7946 knows only WGS 84"
    assert len({(f["properties"]["table"], f["id"]) for f in content["features"]}) == len(content["features"])
    for feature in content["features"]:
        assert feature["type"] == "Feature"
        west, south, east, north = shapely.from_geojson(json.dumps(feature["geometry"])).bounds
        assert -180 <= west <= east <= 180
        assert -90 <= south <= north <= 90
    tables = read_run(made / "before").tables
    kinds = [feature["properties"]["table"] for feature in content["features"]]
    assert {name: kinds.count(name) for name in set(kinds)} == {
        name: tables[name].height for name in ("places", "links", "borders")
    }


def test_a_run_becomes_a_gmns_folder(jibek: Command, made: Path) -> None:
    found = as_json(jibek, "export", made / "before", "--to", "gmns")
    folder = made / "before.gmns"
    assert found == {"file": str(folder)}
    assert {path.name for path in folder.iterdir()} == {"config.csv", "link.csv", "node.csv"}
    with (folder / "node.csv").open(encoding="utf-8", newline="") as file:
        nodes = {row["node_id"] for row in csv.DictReader(file)}
    with (folder / "link.csv").open(encoding="utf-8", newline="") as file:
        links = list(csv.DictReader(file))
    assert {link[end] for link in links for end in ("from_node_id", "to_node_id")} <= nodes
    assert all(float(link["length"]) > 0 and float(link["free_speed"]) > 0 for link in links)


def test_exporting_twice_gives_the_same_bytes(jibek: Command, made: Path) -> None:
    for format_ in ("xlsx", "geojson"):
        contents = []
        for _ in range(2):
            assert jibek("export", made / "before", "--to", format_).code == 0
            contents.append((made / f"before.{format_}").read_bytes())
        assert contents[0] == contents[1]


def test_sources_of_one_element_and_all(jibek: Command) -> None:
    one = as_json(jibek, "sources", "dostyk")
    assert {"table", "id", "column", "source", "url", "grade", "low", "high", "note"} <= one[0].keys()
    assert {row["id"] for row in one} >= {"dostyk"}
    everything = as_json(jibek, "sources")
    assert len(everything) > 100
    assert jibek("sources", "dostyk").code == 0


def test_a_pipe_gets_the_answer_and_no_progress(made: Path, tmp_path: Path) -> None:
    arguments = ["run", "--corridor", str(made / "mine"), "--out", "run", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "jibek.cli", *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert json.loads(done.stdout)["folder"] == "run"


def test_text_is_utf8_on_machines_with_other_code_pages(made: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "jibek.cli", "routes", *MINE, "mine"],
        cwd=made, env=environment, capture_output=True, check=True,
    )  # fmt: skip
    assert "CO₂" in done.stdout.decode("utf-8")
