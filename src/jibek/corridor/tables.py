"""From one CSV file as bytes to one typed table, with every fault of its cells.

While a table is checked it carries two more columns: ``_line``, the line of the row in its file, and ``_layer``, the
name of the underlying corridor that the row comes from (empty for the corridor itself).
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

import polars as pl

from jibek.corridor.schema import Attribute, TableSchema, schema_of
from jibek.corridor.vocabulary import countries, units
from jibek.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "LAYER",
    "LINE",
    "DefaultUsed",
    "Table",
    "empty_table",
    "key_text",
    "nearest",
    "parse_table",
    "row_names",
    "suggestions",
]

LINE = "_line"
LAYER = "_layer"

_SLUG = r"^[a-z0-9]+(?:[-_]+[a-z0-9]+)*$"
_SHOWN = 80
_SUGGESTED = 300


@dataclass(frozen=True, kw_only=True)
class DefaultUsed:
    """A default that filled blank cells.

    Attributes
    ----------
    table, column, default : str
        Where, and what was filled in.
    rows : int
        Number of cells.
    """

    table: str
    column: str
    default: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class Table:
    """A parsed table with what was found on the way.

    Attributes
    ----------
    frame : polars.DataFrame
        Typed columns of the schema, ``_line`` and ``_layer``; a cell with a fault is null.
    faults : tuple of Fault
        Faults of the file and its cells.
    defaults : tuple of DefaultUsed
        Defaults filled in.
    readable : bool
        Whether its ids can be relied on; references to an unreadable table are not judged.
    """

    frame: pl.DataFrame
    faults: tuple[Fault, ...] = ()
    defaults: tuple[DefaultUsed, ...] = ()
    readable: bool = True


def parse_table(table: str, content: bytes, layer: str = "") -> Table:
    """Read the bytes of a CSV file by the table's schema.

    Parameters
    ----------
    table
        Name of the table.
    content
        The file: UTF-8 with or without byte order mark, a header, comma-separated cells.
    layer
        Name of the underlying corridor, empty for the corridor itself.

    Returns
    -------
    Table
        In file order; never raises for a bad file.
    """
    schema = schema_of(table)
    text = _decode(table, content)
    if isinstance(text, Fault):
        return _unreadable(schema, text)
    rows, lines, faults = _split(table, text)
    if not rows:
        lost = _fault(table, value="no header", expected="a header line", remedy="Write the column names.")
        return _unreadable(schema, *(faults or [lost]))
    header = [name.strip() for name in rows[0]]
    faults += [*_header_faults(schema, header), *_ragged_faults(table, header, rows[1:], lines[1:])]
    raw = _raw_frame(schema, header, rows[1:], lines[1:], layer)
    columns, more, defaults = _parse_columns(schema, raw, set(header))
    keys_known = set(schema.key) <= set(header)
    return Table(frame=columns, faults=(*faults, *more), defaults=tuple(defaults), readable=keys_known)


def empty_table(table: str) -> pl.DataFrame:
    """Return a table of this name without rows."""
    return pl.DataFrame(schema={**schema_of(table).dtypes, LINE: pl.Int64(), LAYER: pl.String()})


def key_text(frame: pl.DataFrame, schema: TableSchema) -> pl.Series:
    """Write each row's key: its columns joined by ``/``, blanks empty."""
    parts = [_as_text(schema[name]) for name in schema.key]
    return frame.select(pl.concat_str(parts, separator="/").alias("key")).to_series()


def row_names(frame: pl.DataFrame, schema: TableSchema) -> list[str]:
    """Name rows for a message: key, line and underlying corridor."""
    if LINE not in frame.columns:
        return key_text(frame, schema).to_list()
    places = zip(key_text(frame, schema), frame[LINE], frame[LAYER], strict=True)
    return [f"{key} (line {line}{f' of {layer}' if layer else ''})".lstrip() for key, line, layer in places]


def nearest(word: str, known: Iterable[str]) -> str:
    """Suggest the known word most like this one, as the start of a remedy; empty when none is."""
    folded = {name.casefold(): name for name in sorted(known)}
    close = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return f"Did you mean {folded[close[0]]!r}? " if close else ""


def suggestions(words: Sequence[str], known: Iterable[str]) -> list[str]:
    """Suggest the nearest known word for each word; only for the first few hundred different ones, as that is slow."""
    names = sorted(known)
    different = list(dict.fromkeys(words))
    found = {word: nearest(word, names) for word in different[:_SUGGESTED]}
    return [found.get(word, "") for word in words]


def _fault(table: str, *, value: str, expected: str, remedy: str, row: str = "", column: str = "") -> Fault:
    shown = value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
    return Fault("fault", table, row, column, shown, expected, remedy)


def _unreadable(schema: TableSchema, *faults: Fault) -> Table:
    return Table(frame=empty_table(schema.table), faults=faults, readable=False)


def _decode(table: str, content: bytes) -> str | Fault:
    """Decode UTF-8, or say where it breaks."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        value = f"byte 0x{content[error.start]:02x}"
        remedy = "Save the file as CSV UTF-8."
        return _fault(table, row=f"line {line}", value=value, expected="text in UTF-8", remedy=remedy)


def _split(table: str, text: str) -> tuple[list[list[str]], list[int], list[Fault]]:
    """Split into rows of cells with the line on which each row starts; empty lines are left out."""
    rows: list[list[str]] = []
    lines: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for row in reader:
            if row:
                rows.append(row)
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        remedy = "Put cells with commas, quotes or line breaks in double quotes, and double the quotes inside."
        fault = _fault(table, row=f"line {start}", value=str(error), expected="comma-separated cells", remedy=remedy)
        return rows, lines, [fault]
    return rows, lines, []


def _header_faults(schema: TableSchema, header: Sequence[str]) -> list[Fault]:
    """Judge the header: unknown, repeated and missing columns."""
    table = schema.table
    faults = []
    for position, name in enumerate(header):
        if name not in schema:
            remedy = f"{nearest(name, schema.columns)}Rename or remove the column."
            faults.append(_fault(table, column=name, value=name, expected="a column of the table", remedy=remedy))
        elif name in header[:position]:
            faults.append(_fault(table, column=name, value=name, expected="each column once", remedy="Remove one."))
    for name in schema.columns:
        if name not in header:
            remedy = f"Add the column {name}" + (", blank where nothing is known." if _optional(schema[name]) else ".")
            faults.append(_fault(table, column=name, value="no such column", expected="the column", remedy=remedy))
    return faults


def _optional(attribute: Attribute) -> bool:
    return attribute.may_be_blank or bool(attribute.default)


def _ragged_faults(
    table: str, header: Sequence[str], rows: Sequence[Sequence[str]], lines: Sequence[int]
) -> list[Fault]:
    """Find rows with more or fewer cells than the header."""
    width = len(header)
    remedy = "Check commas and quotes in this line."
    return [
        _fault(
            table,
            row=f"{row[0]} (line {line})",
            column=header[min(len(row), width) - 1],
            value=f"{len(row)} cells",
            expected=f"{width} cells",
            remedy=remedy,
        )
        for row, line in zip(rows, lines, strict=True)
        if len(row) != width
    ]


def _raw_frame(
    schema: TableSchema, header: Sequence[str], rows: list[list[str]], lines: list[int], layer: str
) -> pl.DataFrame:
    """Put cells into text columns of the schema; blank cells and missing columns are null."""
    width = len(header)
    even = [row if len(row) == width else (row + [""] * width)[:width] for row in rows]
    cells = dict(zip(reversed(header), reversed(list(zip(*even, strict=True))), strict=True)) if even else {}
    blank = [None] * len(rows)
    columns = [pl.Series(name, cells.get(name, blank), dtype=pl.String()) for name in schema.columns]
    texts = pl.DataFrame(columns).with_columns(pl.all().str.strip_chars())
    return texts.with_columns(pl.all().replace("", None)).with_columns(
        pl.Series(LINE, lines, dtype=pl.Int64()), pl.lit(layer).alias(LAYER)
    )


def _parse_columns(
    schema: TableSchema, raw: pl.DataFrame, present: set[str]
) -> tuple[pl.DataFrame, list[Fault], list[DefaultUsed]]:
    """Fill defaults and turn every text column into its type, all columns at once."""
    filled = raw.with_columns(pl.col(a.name).fill_null(a.default) for a in schema.attributes if a.default)
    parsed = filled.with_columns(_parsed(attribute) for attribute in schema.attributes)
    wrong = parsed.select(_is_wrong(attribute, filled[attribute.name]) for attribute in schema.attributes)
    blanks = raw.null_count().row(0, named=True)
    wrongs = wrong.sum().row(0, named=True)
    faults: list[Fault] = []
    defaults: list[DefaultUsed] = []
    names = _RawNames(schema, raw)
    for attribute in schema.attributes:
        name = attribute.name
        if blanks[name] and attribute.default:
            used = DefaultUsed(table=schema.table, column=name, default=attribute.default, rows=blanks[name])
            defaults.append(used)
        elif blanks[name] and not attribute.may_be_blank and name in present:
            faults += _blank_faults(attribute, raw[name], names)
        if wrongs[name]:
            faults += _cell_faults(attribute, filled[name], wrong[name], names)
    return parsed, faults, defaults


class _RawNames:
    """Names of rows in messages, made only when there is a message."""

    def __init__(self, schema: TableSchema, raw: pl.DataFrame) -> None:
        self.schema = schema
        self._raw = raw

    def at(self, rows: list[int]) -> list[str]:
        some = self._raw[rows]
        key = some.select(pl.concat_str([pl.col(name).fill_null("") for name in self.schema.key], separator="/"))
        places = zip(key.to_series(), some[LINE], some[LAYER], strict=True)
        return [f"{text} (line {line}{f' of {layer}' if layer else ''})".lstrip() for text, line, layer in places]


def _blank_faults(attribute: Attribute, text: pl.Series, names: _RawNames) -> list[Fault]:
    table = names.schema.table
    rows = text.is_null().arg_true().to_list()
    return [
        _fault(
            table,
            row=row,
            column=attribute.name,
            value="",
            expected=attribute.expected,
            remedy=f"Fill it in: {attribute.description}",
        )
        for row in names.at(rows)
    ]


def _cell_faults(attribute: Attribute, text: pl.Series, wrong: pl.Series, names: _RawNames) -> list[Fault]:
    table = names.schema.table
    rows = wrong.arg_true().to_list()
    values = text[rows].to_list()
    hints = suggestions(values, _vocabulary(attribute))
    return [
        _fault(
            table,
            row=row,
            column=attribute.name,
            value=value,
            expected=attribute.expected,
            remedy=hint + attribute.description,
        )
        for row, value, hint in zip(names.at(rows), values, hints, strict=True)
    ]


def _vocabulary(attribute: Attribute) -> Iterable[str]:
    """Return the words that a column may hold, where they are listed."""
    item = attribute.type.rpartition(":")[2]
    if attribute.choices:
        return attribute.choices
    return {"country": countries(), "unit": units(), "boolean": ("yes", "no")}.get(item, ())


def _parsed(attribute: Attribute) -> pl.Expr:
    """Turn text into the column's type; a cell that cannot be is null."""
    text = pl.col(attribute.name)
    if attribute.is_number or attribute.is_whole_number:
        values = text.cast(attribute.dtype, strict=False)
        return pl.when(_in_range(attribute, values)).then(values)
    if attribute.kind == "boolean":
        return text.replace_strict({"yes": True, "no": False}, default=None, return_dtype=pl.Boolean())
    if attribute.kind == "date":
        return text.str.to_date("%Y-%m-%d", strict=False)
    if attribute.kind == "list":
        return text.str.split(";").list.eval(pl.element().str.strip_chars())
    known = list(_vocabulary(attribute))
    return pl.when(text.is_in(known)).then(text) if known else text


def _is_wrong(attribute: Attribute, text: pl.Series) -> pl.Expr:
    """Mark the cells of a parsed column whose text is not what it should be."""
    parsed = pl.col(attribute.name)
    if attribute.kind == "slug":
        # An id of bad form still identifies its row: without it every reference to the row would be a fault, too.
        wrong = ~parsed.str.contains(_SLUG)
    elif attribute.kind == "list":
        known = list(_vocabulary(attribute))
        item = pl.element()
        wrong = parsed.list.eval((item == "") | ~item.is_in(known) if known else item == "").list.any()
    else:
        wrong = parsed.is_null() & pl.lit(text).is_not_null()
    return wrong.fill_null(value=False).alias(attribute.name)


def _in_range(attribute: Attribute, values: pl.Expr) -> pl.Expr:
    """Mark finite numbers within the bounds of their type."""
    good = values.is_finite() if attribute.is_number else values.is_not_null()
    if attribute.lowest is not None:
        good &= values > attribute.lowest if attribute.kind == "positive" else values >= attribute.lowest
    if attribute.highest is not None:
        good &= values <= attribute.highest
    return good


def _as_text(attribute: Attribute) -> pl.Expr:
    """Write a typed key column as its file would: whole numbers without a point."""
    text = pl.col(attribute.name).cast(pl.String())
    return (text.str.strip_suffix(".0") if attribute.is_number else text).fill_null("")
