"""What is read is what stands in the files: typed, sorted, defaults filled, layers laid over each other."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from example_folder import ExampleFolder

from jibek.corridor import TABLES, Corridor, check_corridor, read_corridor, schema_of
from jibek.errors import CorridorError

if TYPE_CHECKING:
    from pathlib import Path


def same(one: Corridor, other: Corridor) -> bool:
    return all(one[table].equals(other[table]) for table in TABLES)


def test_the_example_has_no_fault_and_no_notice(folder: ExampleFolder) -> None:
    assert folder.check() == []


def test_tables_are_typed_and_complete(example: Corridor) -> None:
    assert set(example.tables) == set(TABLES)
    for table in TABLES:
        assert dict(example[table].schema) == schema_of(table).dtypes
        assert example[table].height > 0
    link = example["links"].row(by_predicate=pl.col("id") == "almaty--aktau-port--rail_1520", named=True)
    assert (link["length_km"], link["oneway"], link["source"]) == (3100.0, False, ["example"])
    project = example["projects"].row(by_predicate=pl.col("id") == "second-track", named=True)
    assert (project["start"], project["requires"]) == (date(2027, 1, 1), None)
    assert example.year == 2025
    assert example.base_year == 2024


def test_blank_is_unknown_unless_there_is_a_default(example: Corridor) -> None:
    link = example["links"].row(by_predicate=pl.col("id") == "baku--tbilisi--rail_1520", named=True)
    assert link["hours"] is None
    assert link["loss"] == 0
    assert example.defaults_used["links/loss"] == {"default": "0", "rows": 6}
    assert example["observations"].filter(pl.col("year") == 2023)["to_month"].to_list() == [12]


def test_defaults_used_can_be_written_as_json(example: Corridor) -> None:
    assert json.loads(json.dumps(example.defaults_used)) == example.defaults_used


def test_a_commodity_takes_blank_cells_from_its_parent(example: Corridor) -> None:
    grain = example["commodities"].row(by_predicate=pl.col("id") == "grain", named=True)
    assert grain["modes"] == ["rail_1520"]
    assert grain["decided_by"] == "balances"
    assert grain["usd_per_unit"] == 250


def test_a_price_is_not_taken_from_a_parent_in_another_unit(folder: ExampleFolder) -> None:
    folder.set("commodities", "freight", usd_per_unit="300")
    folder.add("commodities", id="parcels", name="Parcels", parent="freight", unit="teu")
    folder.add("commodities", id="oilseeds", name="Oilseeds", parent="freight", unit="t")
    folder.add("conversions", commodity="parcels", unit="train", per_unit="100")
    folder.add("conversions", commodity="parcels", unit="t", per_unit="0.1")
    prices = dict(folder.read()["commodities"].select("id", "usd_per_unit").iter_rows())
    assert prices["parcels"] is None
    assert prices["oilseeds"] == 300


def test_row_order_of_files_does_not_matter(folder: ExampleFolder, example: Corridor) -> None:
    rng = np.random.default_rng(7)
    for table in TABLES:
        rows = folder.rows(table)
        folder.write(table, [rows[position] for position in rng.permutation(len(rows))])
    assert same(folder.read(), example)


def test_column_order_byte_order_mark_line_ends_and_spaces_do_not_matter(
    folder: ExampleFolder, example: Corridor
) -> None:
    rows = folder.rows("places")
    columns = list(reversed(rows[0]))
    lines = [columns, *([f" {row[name]} " for name in columns] for row in rows)]
    text = "\r\n\r\n".join(",".join(line) for line in lines) + "\r\n"
    (folder.path / "places.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert same(folder.read(), example)


def test_reading_raises_all_faults_at_once(folder: ExampleFolder) -> None:
    folder.set("places", "almaty", lat="north")
    folder.set("links", "almaty--aktau-port--rail_1520", mode="rail_1521", length_km="-1")
    with pytest.raises(CorridorError) as caught:
        folder.read()
    found = {(fault.table, fault.column) for fault in caught.value.faults}
    assert {("places", "lat"), ("links", "mode"), ("links", "length_km")} <= found
    assert "rail_1520" in str(caught.value)


def test_faults_name_the_line_in_the_file(folder: ExampleFolder) -> None:
    text = (folder.path / "places.csv").read_text("utf-8")
    broken = text.replace("Almaty,KAZ,43.24", '"Almaty,\nthe old capital",KAZ,x', 1).replace("TBS,5", "TBS,-5", 1)
    (folder.path / "places.csv").write_text(broken, encoding="utf-8")
    rows = [(fault.row, fault.column, fault.value) for fault in folder.faults()]
    assert rows[:2] == [("almaty (line 2)", "lat", "x"), ("tbilisi (line 8)", "tolerance_km", "-5")]


# An overlay: a folder with `base`, whose rows replace those below by key.


@pytest.fixture
def overlay(folder: ExampleFolder) -> ExampleFolder:
    upper = ExampleFolder(folder.path.parent / "upper")
    for table in TABLES:
        (upper.path / f"{table}.csv").unlink()
    package = {"name": "upper", "title": "Upper", "base": "../example"}
    (upper.path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    return upper


def test_an_overlay_replaces_rows_by_key_and_adds_others(overlay: ExampleFolder, example: Corridor) -> None:
    place = {"country": "KAZ", "lat": "47.1", "lon": "51.9", "kind": "city", "source": "example", "grade": "estimate"}
    aktau = example["places"].row(by_predicate=pl.col("id") == "aktau-port", named=True)
    moved = {"id": "aktau-port", "name": "Aktau", "country": "KAZ", "lat": "43.61", "lon": "51.2", "kind": "seaport"}
    overlay.write("places", [{"id": "atyrau", "name": "Atyrau"} | place, place | moved])
    corridor = overlay.read()
    names = dict(corridor["places"].select("id", "name").iter_rows())
    assert (names["atyrau"], names["aktau-port"], aktau["name"]) == ("Atyrau", "Aktau", "Aktau port")
    assert corridor["places"].height == example["places"].height + 1
    assert corridor["links"].equals(example["links"])
    assert (corridor.name, corridor.year, corridor.base_year) == ("upper", 2025, 2024)


def test_an_overlay_of_observations_replaces_those_with_the_same_months(
    overlay: ExampleFolder, example: Corridor
) -> None:
    row = {"series": "aktau-port-containers", "year": "2023", "value": "1", "source": "example", "grade": "estimate"}
    overlay.write("observations", [row])
    corridor = overlay.read()
    assert corridor["observations"].height == example["observations"].height
    assert corridor["observations"].filter(pl.col("year") == 2023)["value"].to_list() == [1.0]


def test_a_fault_in_a_lower_layer_says_so(overlay: ExampleFolder, folder: ExampleFolder) -> None:
    folder.set("places", "almaty", lat="91")
    faults = [fault for fault in overlay.check() if fault.severity == "fault"]
    assert next((fault.table, fault.row, fault.column) for fault in faults) == (
        "places",
        "almaty (line 2 of example)",
        "lat",
    )


def test_bases_in_a_circle_are_a_fault(overlay: ExampleFolder, folder: ExampleFolder) -> None:
    folder.package(base="../upper")
    faults = overlay.faults()
    assert [(fault.table, fault.column, fault.value) for fault in faults] == [("datapackage.json", "base", "../upper")]


@pytest.mark.parametrize("base", ["central-asia", "../nowhere", "../example/places.csv", "\0", 7, ""])
def test_an_unknown_base_is_a_fault(overlay: ExampleFolder, base: object) -> None:
    overlay.package(base=base)
    assert ("datapackage.json", "base") in {(fault.table, fault.column) for fault in overlay.faults()}


def test_layers_share_the_year_of_money(overlay: ExampleFolder) -> None:
    overlay.package(base_year=2020)
    assert [(fault.column, fault.value) for fault in overlay.faults()] == [("base_year", "2020, 2024")]


# What is not a corridor at all.


@pytest.mark.parametrize(
    ("entry", "value"),
    [("name", None), ("title", ""), ("year", "2025"), ("year", 25), ("year", True), ("base_year", 2024.5)],
)
def test_entries_of_the_data_package_are_checked(folder: ExampleFolder, entry: str, value: object) -> None:
    folder.package(**{entry: value})
    assert [(fault.table, fault.column) for fault in folder.faults()] == [("datapackage.json", entry)]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"7", b"\xff\xfe{}", b'{"year": 1e999}', b"[" * 100_000])
def test_a_broken_data_package_is_a_fault(folder: ExampleFolder, content: bytes) -> None:
    (folder.path / "datapackage.json").write_bytes(content)
    assert "datapackage.json" in {fault.table for fault in folder.faults()}


def test_a_missing_folder_is_a_fault(tmp_path: Path) -> None:
    assert [fault.table for fault in check_corridor(tmp_path / "nowhere")] == ["datapackage.json"]


def test_a_file_in_place_of_the_folder_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CorridorError):
        read_corridor(tmp_path / "file")


def test_a_directory_in_place_of_a_table_is_a_fault(folder: ExampleFolder) -> None:
    (folder.path / "stores.csv").unlink()
    (folder.path / "stores.csv").mkdir()
    assert next((fault.table, fault.expected) for fault in folder.faults()) == ("stores", "a readable file stores.csv")


def test_a_stray_csv_file_is_noticed(folder: ExampleFolder) -> None:
    (folder.path / "place.csv").write_text("id\n")
    notices = folder.notices()
    assert [(notice.table, "'places.csv'" in notice.remedy) for notice in notices] == [("place.csv", True)]


def test_a_missing_table_does_not_make_every_reference_a_fault(folder: ExampleFolder) -> None:
    (folder.path / "places.csv").unlink()
    assert [(fault.table, fault.value) for fault in folder.faults()] == [("places", "no file")]
