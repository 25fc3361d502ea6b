"""Files that come out: their format by the ending of a name, and tables as the bytes of a CSV or Parquet file."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Literal, TypeVar

import polars as pl

from jibek.assignment.formats.matrices import need_h5py
from jibek.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Format = TypeVar("Format", bound=str)

__all__ = ["encode_table", "flow_format", "matrix_format", "route_format"]

_TABLES: dict[str, Literal["csv", "parquet"]] = {".csv": "csv", ".parquet": "parquet"}
_FLOWS: dict[str, Literal["csv", "parquet", "gmns"]] = {**_TABLES, "": "gmns"}
_MATRICES: dict[str, Literal["csv", "parquet", "omx"]] = {**_TABLES, ".omx": "omx"}


def flow_format(path: Path) -> Literal["csv", "parquet", "gmns"]:
    """Say by the ending of a name how flows are written there: as a table, or as a GMNS folder where there is none.

    Raises
    ------
    RunError
        If the name ends otherwise.
    """
    return _format(path, _FLOWS, ".csv or .parquet, or in nothing")


def matrix_format(path: Path) -> Literal["csv", "parquet", "omx"]:
    """Say by the ending of a name how what is told of all pairs of zones is written there: as a table, or as matrices.

    Raises
    ------
    RunError
        If the name ends otherwise.
    AssignmentError
        If matrices need the package h5py and it is not installed.
    """
    found = _format(path, _MATRICES, ".omx, .csv or .parquet")
    if found == "omx":
        need_h5py(str(path))
    return found


def route_format(path: Path) -> Literal["csv", "parquet"]:
    """Say by the ending of a name how routes are written there.

    Raises
    ------
    RunError
        If the name ends otherwise.
    """
    return _format(path, _TABLES, ".csv or .parquet")


def encode_table(table: pl.DataFrame, kind: Literal["csv", "parquet"]) -> bytes:
    """Turn a table into the bytes of a file; numbers keep all their digits, and CSV joins lists by semicolons."""
    output = BytesIO()
    if kind == "csv":
        table.with_columns(pl.col(pl.List(pl.String)).list.join(";")).write_csv(output)
    else:
        table.write_parquet(output)
    return output.getvalue()


def _format(path: Path, formats: Mapping[str, Format], endings: str) -> Format:
    """Look the ending of a name up."""
    if path.suffix not in formats:
        raise RunError(f"Cannot write {path}: its name says no format. Let it end in {endings}.")
    return formats[path.suffix]
