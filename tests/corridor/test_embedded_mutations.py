"""The embedded corridor, spoilt in one place at a time: a fault names table, line and column, or a default is named."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from jibek.corridor import TABLES, check_corridor, embedded_corridors, read_corridor, schema_of
from jibek.corridor.schema import Attribute

EMBEDDED = embedded_corridors()["central_asia"]
# Reading the whole corridor takes a third of a second.
SETTINGS = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
NUMBERS = {"number", "nonnegative", "positive", "share", "latitude", "longitude", "integer", "year", "month"}
# Numbers held against limits of another column or of a unit, where a million million may be right.
HELD_ELSEWHERE = {("evidence", "low"), ("evidence", "high"), ("trade", "usd")}


def is_number(attribute: Attribute, table: str) -> bool:  # noqa: ARG001 - all mutations are asked alike
    return attribute.kind in NUMBERS


MUTATIONS: dict[str, tuple[str, Callable[[Attribute, str], bool]]] = {
    "not a number": ("nan", is_number),
    "infinite": ("inf", is_number),
    "a word for a number": ("many", is_number),
    "a million million": ("1e12", lambda a, table: a.kind in NUMBERS and (table, a.name) not in HELD_ELSEWHERE),
    "negative": ("-5", lambda a, _: a.kind in {"nonnegative", "positive", "share", "year", "month"}),
    "blank": ("", lambda a, _: a.required in {"key", "yes"} and not a.default),
    "an id that does not exist": ("no-such-id", lambda a, _: a.kind == "ref" or a.target is not None),
    "a word outside the choice": ("perhaps", lambda a, _: a.kind in {"choice", "boolean", "country", "unit", "date"}),
    "an id of wrong form": ("Not an Id", lambda a, _: a.kind == "slug"),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(EMBEDDED, tmp_path_factory.mktemp("embedded") / "central_asia"))


def cells(table: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO((EMBEDDED / f"{table}.csv").read_text("utf-8"), newline="")))


FILLED = [table for table in TABLES if len(cells(table)) > 1]


def with_file(copy: Path, table: str, rows: list[list[str]], check: Callable[[], None]) -> None:
    """Put other rows into a table's file while something is checked."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    path = copy / f"{table}.csv"
    before = path.read_bytes()
    path.write_bytes(out.getvalue().encode())
    try:
        check()
    finally:
        path.write_bytes(before)


def named(copy: Path, table: str, column: str, words: str) -> bool:
    """Whether some fault names table and column, and the words in its row."""
    faults = [fault for fault in check_corridor(copy) if fault.severity == "fault"]
    return any((f.table, f.column) == (table, column) and words in f.row for f in faults)


@SETTINGS
@given(table=st.sampled_from(FILLED), mutation=st.sampled_from(sorted(MUTATIONS)), data=st.data())
def test_one_bad_cell_is_named(copy: Path, table: str, mutation: str, data: st.DataObject) -> None:
    value, fits = MUTATIONS[mutation]
    columns = [attribute.name for attribute in schema_of(table).attributes if fits(attribute, table)]
    assume(columns)
    column = data.draw(st.sampled_from(columns))
    rows = cells(table)
    number = data.draw(st.integers(1, len(rows) - 1))
    rows[number][rows[0].index(column)] = value

    def check() -> None:
        assert named(copy, table, column, f"(line {number + 1})")

    with_file(copy, table, rows, check)


@SETTINGS
@given(table=st.sampled_from(FILLED), data=st.data())
def test_a_dropped_column_or_a_row_given_twice_is_named(copy: Path, table: str, data: st.DataObject) -> None:
    rows = cells(table)
    column = data.draw(st.sampled_from(rows[0]))
    position = rows[0].index(column)
    with_file(
        copy,
        table,
        [row[:position] + row[position + 1 :] for row in rows],
        lambda: named(copy, table, column, "") or pytest.fail(f"{table} without {column}"),
    )
    number = data.draw(st.integers(1, len(rows) - 1))
    key = schema_of(table).key[0]
    with_file(
        copy,
        table,
        [*rows, rows[number]],
        lambda: named(copy, table, key, f"(line {len(rows) + 1})") or pytest.fail(f"{table}, line {number} twice"),
    )


@SETTINGS
@given(table=st.sampled_from(FILLED), data=st.data())
def test_an_optional_cell_left_blank_is_a_default_that_is_named(copy: Path, table: str, data: st.DataObject) -> None:
    columns = [attribute for attribute in schema_of(table).attributes if attribute.default]
    assume(columns)
    attribute = data.draw(st.sampled_from(columns))
    rows = cells(table)
    number = data.draw(st.integers(1, len(rows) - 1))
    rows[number][rows[0].index(attribute.name)] = ""

    def check() -> None:
        faults = [fault for fault in check_corridor(copy) if fault.severity == "fault"]
        assert faults or f"{table}/{attribute.name}" in read_corridor(copy).defaults_used

    with_file(copy, table, rows, check)
