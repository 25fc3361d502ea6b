"""Whatever is done to the files of a corridor: never a traceback, always a fault where it was done.

Each mutation of the worked example must give a fault that names table, row and column, or, where a default stands in
for a blank cell, a corridor that says so.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jibek.corridor import TABLES, check_corridor, embedded_corridors, read_corridor, schema_of
from jibek.errors import CorridorError, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from example_folder import ExampleFolder

    from jibek.corridor.schema import Attribute

EXAMPLE = embedded_corridors()["example"]
# Each example takes a tenth of a second; the folder is put right again after each.
SETTINGS = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@dataclass(frozen=True)
class Cell:
    """One cell of the worked example."""

    table: str
    row: int
    attribute: Attribute

    @property
    def name(self) -> str:
        return self.attribute.name


def rows_of(table: str) -> list[dict[str, str]]:
    with (EXAMPLE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = {table: rows_of(table) for table in TABLES}
CELLS = [
    Cell(table, row, attribute)
    for table in TABLES
    for row in range(len(ROWS[table]))
    for attribute in schema_of(table).attributes
]


def some(*kinds: str, blank: bool = True) -> st.SearchStrategy[Cell]:
    """Draw a cell of one of these types, a filled one unless blank ones will do."""
    return st.sampled_from([c for c in CELLS if c.attribute.kind in kinds and (blank or ROWS[c.table][c.row][c.name])])


def text_of(table: str, rows: list[dict[str, str]], columns: tuple[str, ...] | None = None) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(
        out, columns or schema_of(table).columns, lineterminator="\n", restval="", extrasaction="ignore"
    )
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.fixture
def spoil(folder: ExampleFolder) -> Iterator[ExampleFolder]:
    yield folder
    for path in EXAMPLE.iterdir():
        target = folder.path / path.name
        if target.is_dir():
            target.rmdir()
        target.write_bytes(path.read_bytes())


def after(folder: ExampleFolder, table: str, content: bytes | str) -> list[Fault]:
    """Check the corridor with one file replaced, and put the file back."""
    path = folder.path / f"{table}.csv"
    before = path.read_bytes()
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    try:
        return [fault for fault in check_corridor(folder.path) if fault.severity == "fault"]
    finally:
        path.write_bytes(before)


def assert_reading_agrees(path: Path, faults: list[Fault]) -> None:
    """A corridor without faults can be read, one with faults cannot."""
    if not faults:
        read_corridor(path)
        return
    with pytest.raises(CorridorError) as caught:
        read_corridor(path)
    assert list(caught.value.faults) == faults


def with_cell(cell: Cell, value: str) -> str:
    rows = [dict(row) for row in ROWS[cell.table]]
    rows[cell.row][cell.name] = value
    return text_of(cell.table, rows)


def assert_named(faults: list[Fault], cell: Cell) -> None:
    """Some fault names the table, the line and the column."""
    lines = text_of(cell.table, ROWS[cell.table][: cell.row + 1]).count("\n")
    named = [fault for fault in faults if fault.table == cell.table and fault.column == cell.name]
    assert any(f"line {lines}" in fault.row for fault in named), (cell, faults)
    assert all(fault.expected and fault.remedy for fault in faults)


NUMBERS = ("number", "nonnegative", "positive", "share", "latitude", "longitude", "integer", "year", "month")


@SETTINGS
@given(cell=some(*NUMBERS), value=st.sampled_from(["nan", "inf", "-inf", "1e999", "1,5", "12 km", "-", "0x10", "²"]))
def test_what_is_no_finite_number_is_a_fault(spoil: ExampleFolder, cell: Cell, value: str) -> None:
    assert_named(after(spoil, cell.table, with_cell(cell, value)), cell)


@SETTINGS
@given(cell=some("nonnegative", "positive", "share", "year", "month"))
def test_a_negative_number_is_a_fault(spoil: ExampleFolder, cell: Cell) -> None:
    assert_named(after(spoil, cell.table, with_cell(cell, "-7")), cell)


@SETTINGS
@given(cell=some(*NUMBERS))
def test_a_million_million_is_a_fault_wherever_it_stands(spoil: ExampleFolder, cell: Cell) -> None:
    if (cell.table, cell.name) == ("trade", "usd") and "CAUCASUS" in ROWS["trade"][cell.row].values():
        return  # a group of countries may trade so much
    if cell.table == "evidence":
        return  # held against the limits of another column, see test_checks
    assert_named(after(spoil, cell.table, with_cell(cell, "1000000000000")), cell)


@SETTINGS
@given(cell=some("date", "boolean", "choice", "country", "unit", "ref", "slug"))
def test_a_wrong_word_is_a_fault(spoil: ExampleFolder, cell: Cell) -> None:
    faults = after(spoil, cell.table, with_cell(cell, "No Such Thing!"))
    assert_named(faults, cell)


@SETTINGS
@given(cell=some("list"))
def test_an_unknown_member_of_a_list_is_a_fault(spoil: ExampleFolder, cell: Cell) -> None:
    if cell.attribute.type != "list:text":
        assert_named(after(spoil, cell.table, with_cell(cell, "example;no-such-thing")), cell)


@SETTINGS
@given(cell=st.sampled_from(CELLS))
def test_a_blank_cell_is_a_fault_or_unknown_or_takes_its_default(spoil: ExampleFolder, cell: Cell) -> None:
    faults = after(spoil, cell.table, with_cell(cell, ""))
    if not cell.attribute.may_be_blank and not cell.attribute.default:
        assert_named(faults, cell)
    elif cell.attribute.default and not faults:
        path = spoil.path / f"{cell.table}.csv"
        path.write_text(with_cell(cell, ""), encoding="utf-8")
        used = read_corridor(spoil.path).defaults_used[f"{cell.table}/{cell.name}"]
        path.write_bytes((EXAMPLE / path.name).read_bytes())
        assert used["default"] == cell.attribute.default
        assert int(used["rows"]) >= 1


@SETTINGS
@given(cell=st.sampled_from([cell for cell in CELLS if cell.row == 0]))
def test_a_dropped_column_is_a_fault(spoil: ExampleFolder, cell: Cell) -> None:
    kept = tuple(name for name in schema_of(cell.table).columns if name != cell.name)
    faults = after(spoil, cell.table, text_of(cell.table, ROWS[cell.table], kept))
    assert (cell.table, cell.name) in {(fault.table, fault.column) for fault in faults}


@SETTINGS
@given(cell=st.sampled_from([cell for cell in CELLS if cell.row == 0]))
def test_a_renamed_column_is_two_faults_that_name_both(spoil: ExampleFolder, cell: Cell) -> None:
    text = text_of(cell.table, ROWS[cell.table])
    head, _, rest = text.partition("\n")
    renamed = ",".join(f"{name}s" if name == cell.name else name for name in head.split(","))
    named = {(fault.table, fault.column) for fault in after(spoil, cell.table, f"{renamed}\n{rest}")}
    assert {(cell.table, cell.name), (cell.table, f"{cell.name}s")} <= named


@SETTINGS
@given(cell=st.sampled_from([cell for cell in CELLS if cell.attribute.is_key]))
def test_a_row_given_twice_is_a_fault(spoil: ExampleFolder, cell: Cell) -> None:
    rows = [*ROWS[cell.table], ROWS[cell.table][cell.row]]
    faults = after(spoil, cell.table, text_of(cell.table, rows))
    key = schema_of(cell.table).key[0]
    last = text_of(cell.table, rows).count("\n")
    assert any(f.table == cell.table and f.column == key and f"line {last}" in f.row for f in faults)


@SETTINGS
@given(table=st.sampled_from(TABLES), data=st.data())
def test_a_row_with_a_cell_too_few_or_too_many_is_a_fault(
    spoil: ExampleFolder, table: str, data: st.DataObject
) -> None:
    lines = text_of(table, ROWS[table]).splitlines()
    number = data.draw(st.integers(1, len(lines) - 1))
    lines[number] = data.draw(st.sampled_from([lines[number] + ",more", lines[number].rpartition(",")[0]]))
    faults = after(spoil, table, "\n".join(lines))
    assert any(fault.table == table and f"line {number + 1}" in fault.row for fault in faults)


@SETTINGS
@given(table=st.sampled_from(TABLES))
def test_a_missing_or_empty_file_is_a_fault(spoil: ExampleFolder, table: str) -> None:
    assert {fault.table for fault in after(spoil, table, b"")} == {table}
    path = spoil.path / f"{table}.csv"
    path.unlink()
    assert {fault.table for fault in spoil.faults()} == {table}
    path.write_bytes((EXAMPLE / path.name).read_bytes())


@SETTINGS
@given(table=st.sampled_from(TABLES), encoding=st.sampled_from(["utf-16", "cp1251", "utf-32"]))
def test_another_encoding_is_a_fault(spoil: ExampleFolder, table: str, encoding: str) -> None:
    rows = [dict(row) for row in ROWS[table]]
    rows[0][schema_of(table).columns[-1]] = "Жібек"
    content = text_of(table, rows).replace("і", "i").encode(encoding)
    faults = after(spoil, table, content)
    assert any(fault.table == table and fault.expected == "text in UTF-8" for fault in faults)


@SETTINGS
@given(table=st.sampled_from(TABLES), content=st.binary(max_size=200))
def test_bytes_of_any_kind_are_a_fault(spoil: ExampleFolder, table: str, content: bytes) -> None:
    assert table in {fault.table for fault in after(spoil, table, content)}


@SETTINGS
@given(table=st.sampled_from(TABLES), data=st.data())
def test_a_file_torn_anywhere_never_ends_in_a_traceback(spoil: ExampleFolder, table: str, data: st.DataObject) -> None:
    content = text_of(table, ROWS[table]).encode()
    start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(content))] * 2)))
    after(spoil, table, content[:start] + data.draw(st.binary(max_size=8)) + content[stop:])


@SETTINGS
@given(cell=st.sampled_from(CELLS), value=st.text(max_size=30))
def test_a_cell_of_any_text_never_ends_in_a_traceback(spoil: ExampleFolder, cell: Cell, value: str) -> None:
    after(spoil, cell.table, with_cell(cell, value).encode("utf-8", "surrogatepass"))


@SETTINGS
@given(one=st.sampled_from(CELLS), other=st.sampled_from(CELLS))
def test_cells_of_different_types_exchanged_never_end_in_a_traceback(
    spoil: ExampleFolder, one: Cell, other: Cell
) -> None:
    value = ROWS[other.table][other.row][other.name]
    faults = after(spoil, one.table, with_cell(one, value))
    if value and one.attribute.kind in NUMBERS and other.attribute.kind in {"slug", "date", "text", "choice"}:
        assert_named(faults, one)


@SETTINGS
@given(table=st.sampled_from(TABLES))
def test_an_empty_table_never_ends_in_a_traceback(spoil: ExampleFolder, table: str) -> None:
    after(spoil, table, text_of(table, []))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
ENTRIES = st.dictionaries(st.sampled_from(["name", "title", "year", "base_year", "base", "resources"]), JSON)


@SETTINGS
@given(content=st.one_of(JSON, ENTRIES))
def test_a_data_package_of_any_content_never_ends_in_a_traceback(spoil: ExampleFolder, content: object) -> None:
    path = spoil.path / "datapackage.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    faults = spoil.faults()
    assert {fault.table for fault in faults} <= {"datapackage.json", *TABLES}
    assert_reading_agrees(spoil.path, faults)
