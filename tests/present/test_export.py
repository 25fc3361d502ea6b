"""Workbook and GeoJSON."""

from __future__ import annotations

import io
import json

import openpyxl
import polars as pl

from jibek.present import to_geojson, to_xlsx

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
