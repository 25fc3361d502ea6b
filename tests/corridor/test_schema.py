"""The attribute files are sound, and the data package says the same as they do."""

from __future__ import annotations

import json
import re

import polars as pl
import pytest

from jibek.corridor import TABLES, countries, datapackage, embedded_corridors, schema_of, units
from jibek.corridor.vocabulary import limits_of

TYPES = [
    "slug",
    "text",
    "number",
    "nonnegative",
    "positive",
    "share",
    "integer",
    "year",
    "month",
    "date",
    "boolean",
    "latitude",
    "longitude",
    "country",
    "unit",
]


@pytest.mark.parametrize("table", TABLES)
def test_every_attribute_is_of_a_known_type(table: str) -> None:
    for attribute in schema_of(table).attributes:
        head, _, rest = attribute.type.partition(":")
        items = {"ref": TABLES, "list": ("text", "country", *TABLES)}.get(head, ())
        assert attribute.type in TYPES or head == "choice" or rest.removeprefix("alternatives:") in items
        assert attribute.required in {"key", "key_or_blank", "yes", "no"}
        assert attribute.description.endswith(".")
        assert attribute.expected


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_a_key_and_references_lead_to_ids(table: str) -> None:
    assert schema_of(table).key
    for attribute in schema_of(table).attributes:
        assert attribute.target is None or "id" in schema_of(attribute.target)


@pytest.mark.parametrize("table", TABLES)
def test_every_row_names_source_and_grade(table: str) -> None:
    assert table == "sources" or {"source", "grade", "note"} <= set(schema_of(table).columns)


def test_there_are_35_tables_and_249_countries() -> None:
    assert len(TABLES) == len(set(TABLES)) == 35
    assert len(countries()) == 249
    assert countries()["IRN"] == ("Iran", "Иран")
    assert countries()["TUR"] == ("Türkiye", "Турция")


def test_units_lead_to_a_base_that_is_its_own() -> None:
    assert units()["days"].factor == 24
    assert units()["train_pairs/day"].factor == 730
    for name, unit in units().items():
        if unit.base in units():
            assert units()[unit.base].base == unit.base, name
            assert units()[unit.base].factor in {1, None}, name


def test_limits_name_columns_that_exist() -> None:
    assert limits_of("links", "length_km").fault_above == 30_000
    assert limits_of("stores", "dead").fault_above == 1e12
    assert limits_of("units", "h").fault_above == 1e6
    assert limits_of("units", "flights/week").fault_above == 1e12


def test_dtypes_follow_the_types() -> None:
    dtypes = schema_of("links").dtypes
    assert dtypes["length_km"] == pl.Float64
    assert dtypes["oneway"] == pl.Boolean
    assert dtypes["source"] == pl.List(pl.String)
    assert schema_of("changes").dtypes["from_date"] == pl.Date
    assert schema_of("observations").dtypes["year"] == pl.Int64


def test_the_data_package_of_the_example_is_the_generated_one() -> None:
    folder = embedded_corridors()["example"]
    written = json.loads((folder / "datapackage.json").read_text("utf-8"))
    head = {name: written[name] for name in ("name", "title", "year", "base_year", "description", "licenses")}
    assert datapackage(**head) == written


def test_the_data_package_holds_keys_and_references() -> None:
    package = datapackage(
        name="mine", title="Mine", year=2025, base_year=2024, description="", licenses=[], base="central_asia"
    )
    resources = {resource["name"]: resource for resource in package["resources"]}
    assert list(resources) == list(TABLES)
    assert package["base"] == "central_asia"
    link = resources["links"]["schema"]
    assert link["primaryKey"] == ["id"]
    assert {"fields": ["from_place"], "reference": {"resource": "places", "fields": ["id"]}} in link["foreignKeys"]
    commodity = resources["commodities"]["schema"]
    assert {"fields": ["parent"], "reference": {"resource": "", "fields": ["id"]}} in commodity["foreignKeys"]
    fields = {field["name"]: field for field in link["fields"]}
    assert fields["length_km"]["type"] == "number"
    assert fields["length_km"]["constraints"] == {"required": True, "minimum": 0}
    assert fields["loss"]["default"] == "0"
    assert fields["oneway"]["trueValues"] == ["yes"]


def test_slugs_of_the_tables_are_plain() -> None:
    assert all(re.fullmatch(r"[a-z_]+", table) for table in TABLES)
