"""From a CSV file to the texts of its cells with their lines; a file of another shape is told with its place."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import polars as pl

from jibek.assignment.formats.texts import LINE, read_text
from jibek.corridor.tables import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from jibek.assignment.formats.faults import Faults

__all__ = ["need", "read_cells", "unique"]

_BLANK = ("", "NaN")  # both are missing values in the specification of GMNS


def read_cells(
    path: Path, columns: Mapping[str, Sequence[str]], faults: Faults, *, required: Sequence[str]
) -> pl.DataFrame | None:
    """Read some columns of a CSV file as texts.

    Parameters
    ----------
    path
        File in UTF-8 with a header; the case of names in the header does not matter.
    columns
        Names of the columns that are wanted, each with the names that it may have in the file; the first is taken.
    faults
        Takes a fault for every row of another length and for every required column that is not there.
    required
        Columns that must be there; of the others, those that are not are blank.

    Returns
    -------
    polars.DataFrame or None
        One text a cell, null where it is blank, and `LINE`; None if the file is no such table.
    """
    text = read_text(path, faults)
    shape = None if text is None else _shape(str(path), text, faults)
    if text is None or shape is None:
        return None
    header, lines, blank_lines = shape
    places = {column: [header.index(name) for name in names if name in header] for column, names in columns.items()}
    for column in required:
        if not places[column]:
            remedy = f"{nearest(column, header)}Add the column."
            faults.add(str(path), 1, column, "no such column", expected="the column", remedy=remedy)
    if any(not places[column] for column in required):
        return None
    wanted = sorted({found[0] for found in places.values() if found})
    # The two parsers agree on plain rows; on a quote within a cell and on blank lines they do not.
    content = _plain_rows(text) if blank_lines or '"' in text else text
    # Of no columns at all Polars would read every one.
    frame = pl.read_csv(content.encode(), columns=wanted or [0], infer_schema=False, rechunk=True)
    frame.columns = [str(position) for position in wanted or [0]]
    texts = frame.with_columns(
        pl.col(str(found[0])).str.strip_chars().alias(column) if found else pl.lit(None, pl.String).alias(column)
        for column, found in places.items()
    )
    cells = texts.select(columns).with_columns(pl.when(~pl.all().is_in(_BLANK)).then(pl.all()))
    return cells.with_columns(pl.Series(LINE, lines, dtype=pl.Int64))


def need(cells: pl.DataFrame, column: str, faults: Faults, file: str, *, expected: str) -> None:
    """Note every blank cell of a column."""
    places = cells.filter(pl.col(column).is_null()).select(LINE, pl.lit("")).iter_rows()
    faults.add_all(file, places, column, expected=expected, remedy="Fill the cell in.")


def unique(cells: pl.DataFrame, column: str, faults: Faults, file: str) -> None:
    """Note every cell of a column that stands there a second time, or is blank."""
    need(cells, column, faults, file, expected="a name")
    again = cells.filter(pl.col(column).is_not_null() & ~pl.col(column).is_first_distinct())
    places = again.select(LINE, column).iter_rows()
    faults.add_all(file, places, column, expected="each name once", remedy="Rename or remove one of the rows.")


def _shape(file: str, text: str, faults: Faults) -> tuple[list[str], list[int], bool] | None:
    """Return the header, the line on which each row starts, and whether there are blank lines.

    None, and faults, if a row has not as many cells as the header, a quote is not closed or a name stands twice.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    lines: list[int] = []
    before, blank, start = len(faults.found), False, 1
    try:
        for row in reader:
            if not row:
                blank = True
            elif not header:
                header = [name.strip().lower() for name in row]
            elif len(row) == len(header):
                lines.append(start)
            else:
                remedy = "Check commas and quotes in this line; if the file is cut, get it again."
                expected = f"{len(header)} cells, as in the header"
                faults.add(file, start, "", f"{len(row)} cells", expected=expected, remedy=remedy)
            start = reader.line_num + 1
    except csv.Error as error:
        remedy = "Put cells with commas, quotes or line breaks in double quotes, and double the quotes inside."
        faults.add(file, start, "", str(error), expected="comma-separated cells", remedy=remedy)
    for position, name in enumerate(header):
        if name in header[:position]:
            faults.add(file, 1, name, name, expected="each column once", remedy="Remove one of the columns.")
    return (header, lines, blank) if len(faults.found) == before else None


def _plain_rows(text: str) -> str:
    """Write the rows that have cells again, every cell in quotes."""
    output = io.StringIO()
    csv.writer(output, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(
        row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row
    )
    return output.getvalue()
