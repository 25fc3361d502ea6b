"""Workbook and GeoJSON."""

from __future__ import annotations

import csv
import io
import json

import openpyxl
import polars as pl
import pytest

from jibek.present import to_geojson, to_gmns, to_xlsx

Tables = dict[str, pl.DataFrame]


def test_workbook_holds_every_table(results: Tables) -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(results)))
    assert book.sheetnames == sorted(results)
    sheet = book["places"]
    assert [cell.value for cell in sheet[1]] == results["places"].columns
    assert sheet.max_row == results["places"].height + 1
    assert sheet.freeze_panes == "A2"


def test_workbook_keeps_values(results: Tables) -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(results)))
    projects = [[cell.value for cell in row] for row in book["projects"].iter_rows(min_row=2)]
    assert projects[0][2] == "KAZ"
    assert projects[0][4] == 1.5e9
    assert projects[0][5].year == 2023
    assert projects[1][4] is None
    routes = [[cell.value for cell in row] for row in book["routes"].iter_rows(min_row=2)]
    assert routes[0][-1] == "CHN; KAZ; DEU"


def test_workbook_has_the_same_bytes_every_time(results: Tables) -> None:
    assert to_xlsx(results) == to_xlsx(dict(reversed(results.items())))


def test_geojson_follows_rfc_7946(results: Tables) -> None:
    collection = json.loads(to_geojson(results))
    assert collection["type"] == "FeatureCollection"
    assert "crs" not in collection
    kinds = {feature["properties"]["table"]: feature["geometry"]["type"] for feature in collection["features"]}
    assert kinds == {"places": "Point", "links": "LineString", "borders": "Point"}
    east = next(feature for feature in collection["features"] if feature["id"] == "east")
    assert east["geometry"]["coordinates"] == [108.0, 35.0]
    assert len(collection["features"]) == sum(results[name].height for name in ("places", "links", "borders"))


def test_geojson_tells_flows_where_there_are_any(results: Tables, flow_results: Tables) -> None:
    plain, told = (
        {feature["id"]: feature["properties"] for feature in json.loads(to_geojson(tables))["features"]}
        for tables in (results, flow_results)
    )
    assert not any("tonnes_a_year" in properties for properties in plain.values())
    assert told["a"]["tonnes_a_year"] == told["a"]["tonnes_forward"] + told["a"]["tonnes_backward"] == 2e6
    assert (told["a"]["load_share"], told["a"]["delay_hours"]) == (1.25, 30.0)
    assert told["c"]["load_share"] is None
    assert "tonnes_a_year" not in told["d"]


@pytest.fixture
def drawn(flow_results: Tables) -> Tables:
    links = flow_results["links"].with_columns(
        hours=pl.when(pl.col("id") == "a").then(60.0), oneway=pl.col("id") == "g"
    )
    return flow_results | {"links": links, "modes": flow_results["modes"].with_columns(speed_kmh=pl.lit(40.0))}


def rows(text: str, key: str) -> dict[str, dict[str, str]]:
    return {row[key]: row for row in csv.DictReader(io.StringIO(text))}


def test_gmns_has_a_link_for_each_passable_direction(drawn: Tables) -> None:
    files = to_gmns(drawn)
    assert files.keys() == {"config.csv", "node.csv", "link.csv"}
    nodes, links = rows(files["node.csv"], "node_id"), rows(files["link.csv"], "link_id")
    assert nodes["east"]["x_coord"] == "108.0"
    assert {link["from_node_id"] for link in links.values()} | {link["to_node_id"] for link in links.values()} <= set(
        nodes
    )
    assert {name for name in links if name[0] in "eg"} == {"g--forward"}  # e is not built, g is one-way
    there, back = links["a--forward"], links["a--backward"]
    assert (
        (there["from_node_id"], there["to_node_id"]) == (back["to_node_id"], back["from_node_id"]) == ("east", "post")
    )
    assert [float(there[name]) for name in ("length", "free_speed", "capacity", "flow")] == [
        3000.0,
        50.0,
        40.0,
        1_580_000.0,
    ]
    assert [float(back[name]) for name in ("free_speed", "capacity", "flow", "load_share")] == [
        50.0,
        40.0,
        420_000.0,
        0.5,
    ]
    single = links["b--backward"]
    assert (single["capacity_is_shared"], float(single["capacity"]), float(single["free_speed"])) == (
        "true",
        24.0,
        40.0,
    )


def test_gmns_without_flows_leaves_their_columns_blank(drawn: Tables) -> None:
    plain = {name: frame for name, frame in drawn.items() if not name.startswith("flow_")}
    links = rows(to_gmns(plain)["link.csv"], "link_id")
    assert len(links) == len(rows(to_gmns(drawn)["link.csv"], "link_id"))
    assert all(link[name] == "" for link in links.values() for name in ("flow", "capacity", "load_share"))
