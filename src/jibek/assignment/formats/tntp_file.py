"""A file in the text format of the TransportationNetworks: its metadata, its lines and their cells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from jibek.assignment.formats.faults import MOST
from jibek.assignment.formats.texts import LINE, numbers_in, read_text

if TYPE_CHECKING:
    from pathlib import Path

    from jibek.assignment.formats.faults import Faults

__all__ = ["CUT", "TntpFile", "cells_of", "node_numbers", "whole_lines"]

CUT = "If the file is cut, get it again."

# Sums of published tables differ in the last digits by the rounding of their cells.
_SAME_TOTAL = 1e-6


@dataclass(frozen=True)
class TntpFile:
    """One file, divided.

    Attributes
    ----------
    file : str
        Its path.
    metadata : dict of str to (int, str)
        Line and value by name.
    body : polars.DataFrame
        The lines that follow, without blanks and comments: `LINE` and ``text``.
    """

    file: str
    metadata: dict[str, tuple[int, str]]
    body: pl.DataFrame

    @classmethod
    def read(cls, path: Path, faults: Faults) -> TntpFile | None:
        """Read and divide a file; None, and a fault, if it is no text or its metadata do not end."""
        text = read_text(path, faults)
        if text is None:
            return None
        file, lines = str(path), text.split("\n")
        metadata: dict[str, tuple[int, str]] = {}
        for number, line in enumerate(lines, 1):
            content = line.strip()
            if not content or content.startswith("~"):
                continue
            match = re.match(r"<([^<>]*)>(.*)", content)
            if match is None:
                remedy = "Write <END OF METADATA> on a line before the table."
                faults.add(file, number, "", content, expected="<NAME> value", remedy=remedy)
                return None
            name, value = " ".join(match[1].split()).upper(), match[2].strip()
            if name == "END OF METADATA":
                return cls(file, metadata, whole_lines(lines, number))
            if name in metadata:
                first = metadata[name][0]
                remedy = f"Remove this line or line {first}."
                faults.add(file, number, name, value, expected="each name once", remedy=remedy)
            metadata.setdefault(name, (number, value))
        remedy = f"Write <END OF METADATA> on a line before the table. {CUT}"
        faults.add(file, len(lines), "", "the end of the file", expected="<END OF METADATA>", remedy=remedy)
        return None

    def whole(self, name: str, faults: Faults, *, lowest: int = 1, highest: int = MOST) -> int | None:
        """Return a whole number out of the metadata; None, and a fault, if there is none."""
        if name not in self.metadata:
            self._missing(name, faults)
            return None
        line, value = self.metadata[name]
        if re.fullmatch(r"[0-9]{1,9}", value) and lowest <= int(value) <= highest:
            return int(value)
        expected = f"a whole number from {lowest} to {highest}"
        faults.add(self.file, line, name, value, expected=expected, remedy="Correct the number.")
        return None

    def total(self, faults: Faults) -> tuple[float, float] | None:
        """Return the sum of all trips that the metadata give, and by how much it may be rounded."""
        name = "TOTAL OD FLOW"
        if name not in self.metadata:
            self._missing(name, faults)
            return None
        line, value = self.metadata[name]
        cell = pl.DataFrame({LINE: [line], name: [value]})
        number = numbers_in(cell, name, faults, self.file).item()
        if number is None:
            return None
        decimals = re.fullmatch(r"\+?[0-9]*\.?([0-9]*)", value)
        digit = 0.5 * 10.0 ** -len(decimals[1]) if decimals else 0.0
        return number, max(digit, _SAME_TOTAL * number)

    def _missing(self, name: str, faults: Faults) -> None:
        faults.add(self.file, None, name, "nothing", expected=f"<{name}> value", remedy="Add the line to the metadata.")


def whole_lines(lines: list[str], start: int) -> pl.DataFrame:
    """Return the lines after the first so many, stripped, without blanks and comments."""
    text = pl.Series("text", lines[start:], dtype=pl.String).str.strip_chars()
    numbers = pl.int_range(start + 1, len(lines) + 1, eager=True).alias(LINE)
    return pl.DataFrame([numbers, text]).filter((pl.col("text") != "") & ~pl.col("text").str.starts_with("~"))


def cells_of(
    file: str, body: pl.DataFrame, fields: tuple[str, ...], faults: Faults, *, ended: bool = True
) -> pl.DataFrame:
    """Split lines into texts, one column for each field.

    Parameters
    ----------
    file, body
        Path and lines (`LINE`, ``text``).
    fields
        Names of the columns.
    faults
        Takes a fault for each line of another shape; such lines are left out.
    ended
        Whether a line must end with ``;``, which shows that it is whole.
    """
    marks = pl.col("text").str.count_matches(";", literal=True)
    whole = pl.col("text").str.ends_with(";") & (marks == 1)
    words = body.with_columns(
        whole=whole if ended else whole | (marks == 0), word=pl.col("text").str.extract_all(r"[^\s;]+")
    )
    sound = pl.col("whole") & (pl.col("word").list.len() == len(fields))
    places = words.filter(~sound).select(LINE, "text").iter_rows()
    expected = f"{len(fields)} values ({', '.join(fields)})" + (" and ;" if ended else "")
    faults.add_all(file, places, "", expected=expected, remedy=f"Complete the line. {CUT}")
    columns = [pl.col("word").list.get(position).alias(name) for position, name in enumerate(fields)]
    return words.filter(sound).select(LINE, *columns)


def node_numbers(
    cells: pl.DataFrame, column: str, faults: Faults, file: str, *, highest: int, kind: str = "node"
) -> pl.Series:
    """Turn the texts of a column into numbers of nodes or zones.

    Parameters
    ----------
    cells, column
        Texts, with the line of each row in column `LINE`.
    faults, file
        Takes a fault for every cell that is no number from 1 to ``highest``.
    highest
        Number of nodes or zones.
    kind
        What is numbered, for messages.

    Returns
    -------
    polars.Series of int
        Numbers from 1; null where there is a fault.
    """
    number = cells[column].cast(pl.Int64, strict=False)
    good = number.is_between(1, highest).fill_null(value=False)
    if not good.all():
        places = cells.filter(~good).select(LINE, pl.col(column).fill_null("")).iter_rows()
        remedy = f"Correct the {kind}, or the number of {kind}s in the metadata of the network."
        faults.add_all(file, places, column, expected=f"a {kind} from 1 to {highest}", remedy=remedy)
    return number.set(~good, None)
