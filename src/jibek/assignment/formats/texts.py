"""From a file to its text and from cells to numbers, with every fault on the way."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

import polars as pl

from jibek.assignment.formats.faults import LARGEST

if TYPE_CHECKING:
    from pathlib import Path

    from jibek.assignment.formats.faults import Faults

__all__ = ["LINE", "numbers_in", "read_bytes", "read_text"]

LINE = "_line"
"""Column of a table of cells that holds the line of each row in its file."""


def read_bytes(path: Path, faults: Faults) -> bytes | None:
    """Read a file; None, and a fault, if that cannot be done.

    Parameters
    ----------
    path
        File; one that ends in ``.gz`` is unpacked.
    faults
        Takes the fault.
    """
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        remedy = "Pack the file again, or give it unpacked."
        faults.add(str(path), None, "", str(error), expected="a whole file packed by gzip", remedy=remedy)
    except OSError as error:
        faults.add(str(path), None, "", error.strerror, expected="a readable file", remedy="Check the path.")
    except ValueError as error:  # a path with a null byte
        faults.add(str(path), None, "", str(error), expected="the path of a file", remedy="Check the path.")
    return None


def read_text(path: Path, faults: Faults) -> str | None:
    r"""Read a text in UTF-8 whose lines end with ``\n``; None, and a fault, if that cannot be done.

    Parameters
    ----------
    path
        File, as in `read_bytes`.
    faults
        Takes the fault, with the line of the first byte that is no UTF-8.
    """
    content = read_bytes(path, faults)
    if content is None:
        return None
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        value = f"byte 0x{content[error.start]:02x}"
        faults.add(str(path), line, "", value, expected="text in UTF-8", remedy="Save the file as UTF-8.")
        return None
    if not text.strip():
        faults.add(str(path), None, "", "an empty file", expected="a text", remedy="Get the file again.")
        return None
    return text


def numbers_in(
    cells: pl.DataFrame,
    column: str,
    faults: Faults,
    file: str,
    *,
    lowest: float = 0.0,
    highest: float = LARGEST,
    default: float | None = None,
) -> pl.Series:
    """Turn the texts of a column into numbers within bounds.

    Parameters
    ----------
    cells
        Texts, with the line of each row in column `LINE`.
    column
        Name of the column.
    faults, file
        Takes a fault for every cell that is no number, not finite or out of bounds, under the file's name.
    lowest, highest
        Smallest and largest number that is accepted.
    default
        Stands in for a blank (null) cell; None: a blank cell is a fault.

    Returns
    -------
    polars.Series of float
        One number a row; null where there is a fault.
    """
    text = cells[column]
    number = text.cast(pl.Float64, strict=False)
    good = number.is_between(lowest, highest).fill_null(value=False)
    wrong = ~(good | (text.is_null() & (default is not None)))
    if wrong.any():
        places = cells.filter(wrong).select(LINE, pl.col(column).fill_null("")).iter_rows()
        expected = f"a number from {lowest:g} to {highest:g}"
        faults.add_all(file, places, column, expected=expected, remedy="Correct the number.")
    kept = number.set(wrong, None)
    return kept if default is None else kept.fill_null(default)
