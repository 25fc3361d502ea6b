"""Result tables for other programs: from tables to the bytes of a workbook and to GeoJSON text."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import xlsxwriter

from jibek.study.flow_measures import link_flows

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["to_geojson", "to_xlsx"]

_CREATED = datetime(2000, 1, 1, tzinfo=UTC)  # a fixed date, so that the same tables give the same bytes
_SAFE = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_WIDEST = 60  # characters


def to_xlsx(results: Mapping[str, pl.DataFrame]) -> bytes:
    """Write tables as a workbook: one sheet a table, a frozen header, filters; the same tables give the same bytes.

    Parameters
    ----------
    results
        Tables by name; lists are joined by semicolons, missing values stay blank.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, _SAFE)
    book.set_properties({"title": "Jibek", "created": _CREATED})
    head = book.add_format({"bold": True, "bottom": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, table in sorted(results.items()):
        sheet = book.add_worksheet(name[:31])
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, table.columns, head)
        for number, column in enumerate(table.columns):
            cells = [_cell(value) for value in table[column]]
            sheet.write_column(1, number, cells, day if table.schema[column] == pl.Date else None)
            sheet.set_column(number, number, _width(column, cells))
        if table.width:
            sheet.autofilter(0, 0, table.height, table.width - 1)
    book.close()
    return buffer.getvalue()


def to_geojson(results: Mapping[str, pl.DataFrame]) -> str:
    """Write places, links and borders as GeoJSON (RFC 7946): points, straight lines, and points on the lines.

    Parameters
    ----------
    results
        Tables ``places``, ``links``, ``borders``; every column becomes a property, beside ``table``. With the tables
        of the flows, links also have ``tonnes_a_year``, ``tonnes_forward``, ``tonnes_backward``, ``load_share`` and
        ``delay_hours`` of the busier direction.
    """
    flows = _flow_properties(results)
    places = {row["id"]: row for row in results["places"].iter_rows(named=True)}
    at = {key: [row["lon"], row["lat"]] for key, row in places.items()}
    links = {row["id"]: row for row in results["links"].iter_rows(named=True)}
    lines = {key: [at[row["from_place"]], at[row["to_place"]]] for key, row in links.items()}
    features = [_feature("places", row, "Point", at[row["id"]]) for _, row in sorted(places.items())]
    features += [
        _feature("links", row | flows.get(key, {}), "LineString", lines[key]) for key, row in sorted(links.items())
    ]
    features += [
        _feature("borders", row, "Point", _middle(*lines[row["link"]]))
        for row in results["borders"].sort("id").iter_rows(named=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, default=str)


def _flow_properties(results: Mapping[str, pl.DataFrame]) -> dict[str, dict[str, Any]]:
    """Give what passes each link and how loaded it is, by link; empty for a run without flows."""
    if not all(name in results for name in ("flow_arcs", "flow_pairs", "flow_stations")):
        return {}
    flows = link_flows(results).select(
        "id", "load_share", "delay_hours", tonnes_a_year="tonnes", tonnes_forward="forward", tonnes_backward="backward"
    )
    return {row.pop("id"): row for row in flows.iter_rows(named=True)}


def _cell(value: object) -> object:
    """Bring a value into a form that a sheet can hold."""
    if isinstance(value, pl.Series):
        return "; ".join(str(item) for item in value)
    return value


def _width(column: str, cells: list[Any]) -> int:
    """Width of a column in characters."""
    longest = max((10 if isinstance(cell, date) else len(str(cell)) for cell in cells if cell is not None), default=0)
    return min(max(longest, len(column)) + 2, _WIDEST)


def _feature(table: str, row: Mapping[str, Any], kind: str, coordinates: list[Any]) -> dict[str, Any]:
    properties = {"table": table} | {key: value for key, value in row.items() if key not in {"lat", "lon"}}
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "id": row["id"], "geometry": geometry, "properties": properties}


def _middle(start: list[float], end: list[float]) -> list[float]:
    return [round((a + b) / 2, 5) for a, b in zip(start, end, strict=True)]
