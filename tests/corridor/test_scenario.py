"""A scenario becomes the changes it names, in the order it should; what it cannot mean is an error that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
import yaml
from pydantic import ValidationError

from jibek.corridor import (
    OPEN_SHARE_TABLES,
    TABLES,
    Corridor,
    Scenario,
    apply_scenario,
    packaged_scenarios,
    read_scenario,
)
from jibek.errors import CorridorError, ScenarioError

if TYPE_CHECKING:
    from pathlib import Path

    from example_folder import ExampleFolder

LINE = "almaty--aktau-port--rail_1520"
SEA = "aktau-port--baku-alat-port--feeder"
PLANNED = "baku--tbilisi--rail_1520"
CLOSE = 1e-9  # yearly means are sums of a few products


def value(corridor: Corridor, table: str, key: str, column: str) -> float:
    return corridor[table].row(by_predicate=pl.col("id") == key, named=True)[column]  # type: ignore[no-any-return]


def scenario(**entries: object) -> Scenario:
    return Scenario.model_validate({"name": "test"} | entries)


def applied(example: Corridor, **entries: object) -> Corridor:
    return apply_scenario(example, scenario(**entries))


def open_share(corridor: Corridor, table: str, key: str) -> float:
    return value(corridor, table, key, "open_share")


# The corridor as it stands.


def test_without_a_scenario_the_corridor_stands_in_its_own_year(example: Corridor) -> None:
    now = apply_scenario(example)
    assert now.year == 2025
    assert open_share(now, "links", LINE) == 1
    assert open_share(now, "links", PLANNED) == 0
    assert all(now[table]["open_share"].is_between(0, 1).all() for table in OPEN_SHARE_TABLES)
    assert all(now[table].drop("open_share", strict=False).schema == example[table].schema for table in TABLES)


def test_history_holds_in_its_years_only(example: Corridor) -> None:
    def capacity(year: int) -> float:
        return value(applied(example, year=year), "resources", "almaty-aktau-line", "capacity")

    assert capacity(2022) == 10
    assert capacity(2023) == pytest.approx((10 * 181 + 12 * 184) / 365, rel=CLOSE)
    assert capacity(2024) == 12


def test_completed_projects_count_and_planned_ones_do_not(example: Corridor) -> None:
    hours = value(applied(example, year=2024), "terminals", "baku-alat-port--sea-rail", "hours")
    assert hours == pytest.approx((24 * 182 + 18 * 184) / 366, rel=CLOSE)
    assert value(applied(example, year=2035), "resources", "almaty-aktau-line", "capacity") == 12


def test_the_corridor_that_was_read_stays_as_it_was(example: Corridor) -> None:
    before = {table: example[table].clone() for table in TABLES}
    applied(example, year=2035, close=["aktau-port"], scale={"modes/feeder/speed_kmh": 2})
    assert all(example[table].equals(before[table]) for table in TABLES)


# What a scenario closes, opens, builds, lets happen, scales, sets.


def test_closing_a_place_closes_its_links_and_terminals(example: Corridor) -> None:
    shut = applied(example, close=["aktau-port"])
    assert open_share(shut, "links", LINE) == 0
    assert open_share(shut, "links", SEA) == 0
    assert open_share(shut, "terminals", "aktau-port--rail-sea") == 0
    assert open_share(shut, "links", "tbilisi--poti-port--rail_1520") == 1


@pytest.mark.parametrize("pair", ["AZE-GEO", "GEO-AZE", "geo-aze"])
@pytest.mark.parametrize("form", ["text", "mapping"])
def test_closing_the_borders_between_two_countries(example: Corridor, pair: str, form: str) -> None:
    entry = f"borders/{pair}" if form == "text" else {"borders": pair}
    shut = applied(example, close=[entry])["borders"].filter(pl.col("open_share") == 0)["id"].to_list()
    assert shut == [
        "border--azerbaijan-georgia-backward",
        "border--azerbaijan-georgia-forward",
        "border--azerbaijan-georgia-new",
    ]


def test_closing_for_thirteen_days(example: Corridor) -> None:
    entry = {"borders": "AZE-GEO", "from": "2025-09-12", "to": "2025-09-24"}
    shut = applied(example, close=[entry])
    assert open_share(shut, "borders", "border--azerbaijan-georgia-forward") == pytest.approx(1 - 13 / 365, rel=CLOSE)


@pytest.mark.parametrize("table", OPEN_SHARE_TABLES)
def test_any_element_can_be_closed_by_id_or_table_and_id(example: Corridor, table: str) -> None:
    key = example[table]["id"][0]
    for entry in (key, f"{table}/{key}", {table: key}, {"id": key}):
        assert open_share(applied(example, close=[entry]), table, key) == 0


def test_opening_a_planned_link(example: Corridor) -> None:
    assert open_share(applied(example, open=[PLANNED]), "links", PLANNED) == 1
    half = applied(example, open=[{"links": PLANNED, "from": "2025-07-02"}])
    assert open_share(half, "links", PLANNED) == pytest.approx(183 / 365, rel=CLOSE)


def test_a_project_that_is_built_stands_all_year(example: Corridor) -> None:
    built = applied(example, build=["second-track"])
    assert value(built, "resources", "almaty-aktau-line", "capacity") == 40


def test_a_project_that_is_built_later_in_the_year(example: Corridor) -> None:
    built = applied(example, year=2026, build=[{"projects": "second-track", "from": "2026-07-02"}])
    expected = (12 * 182 + 40 * 183) / 365
    assert value(built, "resources", "almaty-aktau-line", "capacity") == pytest.approx(expected, rel=CLOSE)


def test_a_project_needs_what_it_requires(example: Corridor) -> None:
    with pytest.raises(ScenarioError, match="second-track to stand"):
        applied(example, build=["baku-tbilisi-line"])
    both = applied(example, build=["baku-tbilisi-line", "second-track"])
    assert open_share(both, "links", PLANNED) == 1


def test_projects_that_exclude_each_other(folder: ExampleFolder) -> None:
    folder.set("projects", "baku-tbilisi-line", requires="", excludes="second-track")
    with pytest.raises(ScenarioError, match="rules out"):
        applied(folder.read(), build=["baku-tbilisi-line", "second-track"])


def test_a_disruption_happens_only_when_named(example: Corridor) -> None:
    assert open_share(applied(example), "links", SEA) == 1
    stormy = applied(example, happen=["aktau-storm-2025"])
    assert open_share(stormy, "links", SEA) == pytest.approx(1 - 13 / 365, rel=CLOSE)
    assert open_share(stormy, "terminals", "aktau-port--rail-sea") == pytest.approx(1 - 13 / 365, rel=CLOSE)


def test_a_disruption_can_be_moved(example: Corridor) -> None:
    entry = {"id": "aktau-storm-2025", "from": "2026-12-30", "to": "2027-01-02"}
    stormy = applied(example, year=2026, happen=[entry])
    assert open_share(stormy, "links", SEA) == pytest.approx(1 - 2 / 365, rel=CLOSE)


def test_a_disruption_outside_the_year_is_an_error_not_silence(example: Corridor) -> None:
    with pytest.raises(ScenarioError, match="changes that act in 2026"):
        applied(example, year=2026, happen=["aktau-storm-2025"])


def test_a_project_that_is_only_described_cannot_be_built(folder: ExampleFolder) -> None:
    folder.set("changes", "second-track/resources/almaty-aktau-line/capacity/set/2030-07-01", owner="")
    with pytest.raises(ScenarioError, match="only described"):
        applied(folder.read(), build=["second-track"])


def test_a_completed_project_can_be_built_earlier(example: Corridor) -> None:
    assert (
        value(applied(example, year=2022, build=["alat-quay"]), "terminals", "baku-alat-port--sea-rail", "hours") == 18
    )


def test_recurrent_winds_shut_their_share_of_each_month(example: Corridor) -> None:
    windy = applied(example, happen=["aktau-wind"])
    shut = (0.1 * (31 + 28 + 30 + 31) + 0.05 * (31 + 31)) / 365
    assert open_share(windy, "links", SEA) == pytest.approx(1 - shut, rel=CLOSE)


def test_scale_and_set(example: Corridor) -> None:
    changed = applied(
        example,
        scale={"resources/almaty-aktau-line/capacity": 1.5, f"{LINE}/hours": 2},
        set={"modes/rail_1520/speed_kmh": 60, "conversions/containers/train/per_unit": 90},
    )
    assert value(changed, "resources", "almaty-aktau-line", "capacity") == 18
    assert value(changed, "links", LINE, "hours") == 200
    assert value(changed, "modes", "rail_1520", "speed_kmh") == 60
    full = changed["conversions"].filter((pl.col("commodity") == "containers") & (pl.col("unit") == "train"))
    assert full["per_unit"].to_list() == [90]


def test_set_comes_before_scale(example: Corridor) -> None:
    cell = "resources/almaty-aktau-line/capacity"
    changed = applied(example, scale={cell: 2}, set={cell: 30})
    assert value(changed, "resources", "almaty-aktau-line", "capacity") == 60


@pytest.mark.parametrize("operation", ["scale", "set"])
def test_a_star_stands_for_all_rows_of_a_table(example: Corridor, operation: str) -> None:
    now = apply_scenario(example)["borders"]
    assert now["hours"].n_unique() > 1
    changed = applied(example, **{operation: {"borders/*/hours": 0.5}})
    expected = [0.5 * hours if operation == "scale" else 0.5 for hours in now["hours"]]
    assert changed["borders"]["hours"].to_list() == pytest.approx(expected, rel=CLOSE)
    assert changed["borders"].drop("hours").equals(now.drop("hours"))
    for table in set(TABLES) - {"borders"}:
        assert changed[table].equals(apply_scenario(example)[table])


def test_a_star_and_a_row_act_one_after_the_other(example: Corridor) -> None:
    cells = {"borders/*/hours": 0.5, "borders/border--aktau-baku/hours": 0.5}
    before = value(apply_scenario(example), "borders", "border--aktau-baku", "hours")
    changed = applied(example, scale=cells)
    assert value(changed, "borders", "border--aktau-baku", "hours") == pytest.approx(before / 4, rel=CLOSE)
    fixed = applied(example, set={"borders/*/hours": 8}, scale={"border--aktau-baku/hours": 0.25})
    assert value(fixed, "borders", "border--aktau-baku", "hours") == 2


def test_a_star_acts_on_what_history_and_projects_have_made(example: Corridor) -> None:
    built = applied(example, build=["second-track"], scale={"resources/*/capacity": 0.5})
    assert value(built, "resources", "almaty-aktau-line", "capacity") == 20
    assert value(built, "resources", "aktau-berth", "capacity") == 0.5


def test_blank_hours_of_a_link_are_length_over_the_speed_that_holds(example: Corridor) -> None:
    cell = "links/tbilisi--poti-port--rail_1520/hours"
    slow = applied(example, scale={cell: 2}, set={"modes/rail_1520/speed_kmh": 31})
    assert value(slow, "links", "tbilisi--poti-port--rail_1520", "hours") == 20
    assert value(slow, "links", "baku--baku-alat-port--rail_1520", "hours") is None


def test_the_scenario_acts_on_what_projects_have_made(example: Corridor) -> None:
    cell = "resources/almaty-aktau-line/capacity"
    changed = applied(example, build=["second-track"], scale={cell: 0.5})
    assert value(changed, "resources", "almaty-aktau-line", "capacity") == 20


def test_as_of_hides_what_could_not_be_known(example: Corridor) -> None:
    then = applied(example, as_of=2024)
    assert then["observations"]["year"].max() == 2024
    assert then["demand"].is_empty()
    assert then["rates"].filter(pl.col("id") == "rail-2026").is_empty()
    assert not then["rates"].filter(pl.col("id") == "sea").is_empty()
    assert then["commitments"].equals(example["commitments"])
    assert then["changes"].equals(example["changes"])


def test_closing_more_never_opens_anything(example: Corridor) -> None:
    less = applied(example, close=["aktau-port"])
    more = applied(example, close=["aktau-port", {"borders": "AZE-GEO"}, "poti-port"])
    for table in OPEN_SHARE_TABLES:
        assert (more[table]["open_share"] <= less[table]["open_share"]).all()


# What a scenario cannot mean.


@pytest.mark.parametrize(
    ("entries", "column", "words"),
    [
        ({"close": ["aktau-prot"]}, "close/0", "'aktau-port'"),
        ({"close": [{"links": "aktau-port"}]}, "close/0", "an id of links"),
        ({"close": ["borders/KAZ-GEO"]}, "close/0", "AZE-GEO, AZE-KAZ"),
        ({"close": ["borders/border--aktau"]}, "close/0", "'border--aktau-baku'"),
        ({"close": ["modes/feeder"]}, "close/0", "cannot be closed"),
        ({"close": [{"projects": "alat-quay"}]}, "close/0", "cannot be closed"),
        ({"close": [{"id": "aktau-port", "to": "2024-03-01"}]}, "close/0", "dates in 2025"),
        ({"open": [{"id": PLANNED, "from": "2026-03-01"}]}, "open/0", "dates in 2025"),
        ({"build": ["second-trak"]}, "build/0", "'second-track'"),
        ({"happen": ["aktau-storm"]}, "happen/0", "'aktau-storm-2025'"),
        ({"scale": {"resources/almaty-line/capacity": 2}}, "scale/resources/almaty-line/capacity", "almaty-aktau-line"),
        ({"scale": {"almaty-aktau-line/capasity": 2}}, "scale/almaty-aktau-line/capasity", "'capacity'"),
        ({"scale": {"almaty-aktau-line/kind": 2}}, "scale/almaty-aktau-line/kind", "Only quantities"),
        ({"scale": {"almaty-aktau-line/capacity": -2}}, "scale/almaty-aktau-line/capacity", "at least 0"),
        ({"scale": {"capacity": 2}}, "scale/capacity", "table/id/column"),
        ({"scale": {"borders/*/hour": 2}}, "scale/borders/*/hour", "'hours'"),
        ({"scale": {"borders/*/link": 2}}, "scale/borders/*/link", "Only quantities"),
        ({"scale": {"border/*/hours": 2}}, "scale/border/*/hours", "table/id/column"),
        ({"scale": {"*/hours": 2}}, "scale/*/hours", "table/id/column"),
        ({"scale": {"demand/*/quantity": 2}}, "scale/demand/*/quantity", "do not change over time"),
        ({"scale": {"borders/*/hours": -1}}, "scale/borders/*/hours", "at least 0"),
        ({"set": {"sources/example/url": 2}}, "set/sources/example/url", "one of places"),
        ({"set": {"demand/almaty/quantity": 2}}, "set/demand/almaty/quantity", "do not change over time"),
    ],
)
def test_an_unknown_name_is_an_error_that_names_the_nearest(
    example: Corridor, entries: dict[str, object], column: str, words: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        applied(example, **entries)
    (fault,) = caught.value.faults
    assert (fault.table, fault.column) == ("test", column)
    assert words in f"{fault.expected} {fault.remedy}"


def test_all_errors_come_at_once(example: Corridor) -> None:
    with pytest.raises(ScenarioError) as caught:
        applied(example, close=["x1", "x2"], build=["x3"], set={"x4/y": 1})
    assert len(caught.value.faults) == 4


@pytest.mark.parametrize(
    "entries",
    [
        {"set": {f"links/{LINE}/loss": 1.5}},
        {"set": {f"links/{LINE}/length_km": 0}},
        {"set": {f"links/{LINE}/length_km": 1e300}},
        {"set": {"borders/border--aktau-baku/hours": -1}},
        {"scale": {"processes/almaty-mill/usd_per_activity": 2, "services/aktau-baku-feeder/vehicles": 0}},
        {"scale": {"resources/almaty-aktau-line/usd_below_minimum": 2}},
    ],
)
def test_an_impossible_outcome_is_an_error(example: Corridor, entries: dict[str, object]) -> None:
    with pytest.raises(ScenarioError, match=r"after the changes|unknown on some days"):
        applied(example, **entries)


def test_history_that_leads_to_an_impossible_value_is_a_fault_of_the_corridor(folder: ExampleFolder) -> None:
    folder.add("changes", table="links", id=LINE, column="hours", operation="add", value="-500", from_date="2025-01-01")
    with pytest.raises(CorridorError, match="-400 after the changes"):
        apply_scenario(folder.read())


# Files.


def write(path: Path, **entries: object) -> Path:
    path.write_text(yaml.safe_dump({"name": path.stem} | entries), encoding="utf-8")
    return path


def test_the_grammar_of_the_documentation_is_read(tmp_path: Path, example: Corridor) -> None:
    text = """
    name: georgia-closed
    base: null
    year: 2025
    close: [ {borders: AZE-GEO}, {borders: KAZ-AZE, from: 2025-09-12, to: 2025-09-25}, aktau-port ]
    build: [ second-track ]
    happen: [ aktau-storm-2025 ]
    scale: { resources/almaty-aktau-line/capacity: 1.2 }
    set: { modes/rail_1520/speed_kmh: 60 }
    as_of: 2022
    seed: 7
    """
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    found = read_scenario(tmp_path / "s.yaml", example)
    assert (found.name, found.year, found.as_of, found.seed) == ("georgia-closed", 2025, 2022, 7)
    assert [entry.name for entry in found.close] == ["borders/AZE-GEO", "borders/KAZ-AZE", "aktau-port"]
    assert apply_scenario(example, found).year == 2025


def test_a_base_is_laid_under_its_scenario(tmp_path: Path, example: Corridor) -> None:
    cell, other = "resources/almaty-aktau-line/capacity", "resources/aktau-berth/capacity"
    (tmp_path / "below").mkdir()
    write(tmp_path / "below" / "a.yaml", year=2030, seed=3, close=["aktau-port", "poti-port"], set={cell: 5, other: 2})
    write(tmp_path / "b.yaml", base="below/a.yaml", open=["aktau-port"], scale={cell: 2}, as_of=2024)
    found = read_scenario(write(tmp_path / "c.yaml", base="b.yaml", year=2031, set={cell: 7}), example)
    assert (found.name, found.year, found.seed, found.as_of) == ("c", 2031, 3, 2024)
    assert [entry.name for entry in found.close] == ["poti-port"]
    assert [entry.name for entry in found.open] == ["aktau-port"]
    assert found.set == {cell: 7, other: 2}
    assert found.scale == {}


def test_packaged_scenarios_are_the_files_in_the_corridor_s_folder(tmp_path: Path, example: Corridor) -> None:
    home = tmp_path / "corridor" / "scenarios"
    home.mkdir(parents=True)
    write(home / "b.yaml", close=["aktau-port"])
    write(home / "a.yaml", base="b.yaml", scale={"borders/*/hours": 0.5})
    (home / "notes.txt").write_text("not a scenario", encoding="utf-8")
    found = packaged_scenarios(tmp_path / "corridor", example)
    assert [one.name for one in found] == ["a", "b"]
    assert [entry.name for entry in found[0].close] == ["aktau-port"]


def test_a_corridor_may_come_without_scenarios(tmp_path: Path, example: Corridor) -> None:
    assert packaged_scenarios(tmp_path, example) == ()


def test_a_packaged_scenario_that_cannot_be_applied_is_an_error(tmp_path: Path, example: Corridor) -> None:
    (tmp_path / "scenarios").mkdir()
    write(tmp_path / "scenarios" / "a.yaml", close=["aktau-prot"])
    with pytest.raises(ScenarioError, match="aktau-port"):
        packaged_scenarios(tmp_path, example)


def test_the_embedded_scenarios_fit_the_embedded_corridor(corridor: Corridor) -> None:
    found = packaged_scenarios(None, corridor)
    names = [one.name for one in found]
    assert len(names) == len(set(names)) > 5
    assert "digital-borders" in names
    half = next(one for one in found if one.name == "digital-borders")
    before, after = apply_scenario(corridor, Scenario(name="before", year=half.year)), apply_scenario(corridor, half)
    assert (after["borders"]["hours"] <= before["borders"]["hours"]).all()
    assert after["borders"]["hours"].sum() < before["borders"]["hours"].sum()


def test_bases_in_a_circle_are_an_error(tmp_path: Path, example: Corridor) -> None:
    write(tmp_path / "a.yaml", base="b.yaml")
    write(tmp_path / "b.yaml", base="a.yaml")
    with pytest.raises(ScenarioError, match=r"a\.yaml -> b\.yaml -> a\.yaml"):
        read_scenario(tmp_path / "a.yaml", example)
    write(tmp_path / "c.yaml", base="c.yaml")
    with pytest.raises(ScenarioError, match="does not lead back"):
        read_scenario(tmp_path / "c.yaml", example)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "a mapping of keys"),
        (b"- a\n- b", "a mapping of keys"),
        (b"name: [", "YAML"),
        (b"name: a\nname: b", "given twice"),
        (b"name: a\nclose: {aktau-port: 1, aktau-port: 2}", "given twice"),
        (b"\xff\xfe\x00", "a readable file"),
        (b"name: a\nclos: [x]", "'close'"),
        (b"name: a\nclose: [{borders: AZE-GEO, form: 2025-01-01}]", "'from'"),
        (b"name: a\nclose: [{from: 2025-01-01}]", "name one thing"),
        (b"name: a\nclose: [{id: x, links: y}]", "name one thing"),
        (b"name: a\nclose: [{id: x, from: 2025-02-01, to: 2025-01-01}]", "must not be later"),
        (b"name: a\nclose: aktau-port", "tuple"),
        (b"name: a\nclose: [7]", "close/0"),
        (b"name: a\nyear: next", "year"),
        (b"name: a\nyear: 2025.5", "year"),
        (b"name: a\nseed: -1", "seed"),
        (b"name: a\nscale: {x/y: .nan}", "scale/x/y"),
        (b"name: a\nscale: {x/y: .inf}", "scale/x/y"),
        (b"name: a\nscale: {[1, 2]: 3}", "found"),
        (b"year: 2025", "Add the key name"),
        (b"name: ../../etc", "name"),
        (b"name: a\nbase: nowhere.yaml", "nowhere.yaml"),
        (b"a: &a [*a]\nname: a", "a"),
        (b"!!python/object:os.system {}", "YAML"),
        (b"[" * 5000, "YAML"),
    ],
)
def test_a_file_that_is_no_scenario_is_an_error_in_words(
    tmp_path: Path, example: Corridor, content: bytes, words: str
) -> None:
    (tmp_path / "s.yaml").write_bytes(content)
    with pytest.raises(ScenarioError) as caught:
        read_scenario(tmp_path / "s.yaml", example)
    assert words in str(caught.value)


def test_a_missing_file_or_a_folder_is_an_error(tmp_path: Path, example: Corridor) -> None:
    for path in (tmp_path / "no.yaml", tmp_path):
        with pytest.raises(ScenarioError, match="a readable file"):
            read_scenario(path, example)


def test_a_scenario_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        scenario().year = 2030  # type: ignore[misc]


def test_the_json_schema_for_editors_takes_plain_ids_and_mappings() -> None:
    schema = Scenario.model_json_schema()
    forms = schema["$defs"]["Entry"]["anyOf"]
    assert forms[0]["type"] == "string"
    assert {"id", "borders", "from", "to"} <= set(forms[1]["properties"])
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == {
        "name", "base", "year", "close", "open", "build", "happen", "scale", "set", "as_of", "seed",
    }  # fmt: skip
