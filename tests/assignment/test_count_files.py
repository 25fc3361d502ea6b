"""Counts from a CSV file: links by name or by their ends; all faults at once, with file and line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from problems import network_of

from jibek.assignment import Counts, read_counts
from jibek.errors import AssignmentError

if TYPE_CHECKING:
    from pathlib import Path

# Links l0, l1 (parallel), l2, l3 between nodes n0, n1, n2.
NETWORK = network_of(3, [(0, 1, 1, 1, 0, 0), (0, 1, 1, 1, 0, 0), (1, 2, 1, 1, 0, 0), (2, 0, 1, 1, 0, 0)])


def read(folder: Path, text: str) -> Counts:
    path = folder / "counts.csv"
    path.write_text(text, encoding="utf-8")
    return read_counts(path, NETWORK, ["car", "truck"])


def faults_of(folder: Path, text: str) -> list[tuple[str, str, str]]:
    with pytest.raises(AssignmentError) as caught:
        read(folder, text)
    assert {fault.table for fault in caught.value.faults} == {str(folder / "counts.csv")}
    return [(fault.row, fault.column, fault.value) for fault in caught.value.faults]


def test_a_row_is_a_link_perhaps_a_class_a_count_and_perhaps_a_weight(tmp_path: Path) -> None:
    found = read(tmp_path, "link,class,count,weight,note\nl2,truck,120.5,2,\nl0,,0,,night\nl2,,300,0.5,\n")
    assert found.link.tolist() == [2, 0, 2]
    assert found.travel.tolist() == [1, -1, -1]
    assert found.count.tolist() == [120.5, 0.0, 300.0]
    assert found.weight.tolist() == [2.0, 1.0, 0.5]


def test_a_link_may_be_named_by_its_ends(tmp_path: Path) -> None:
    found = read(tmp_path, "from,to,count\nn2,n0,7\nn1,n2,8\n")
    assert found.link.tolist() == [3, 2]
    assert found.travel.tolist() == [-1, -1]
    assert found.weight.tolist() == [1.0, 1.0]


def test_all_faults_come_at_once_with_their_lines(tmp_path: Path) -> None:
    rows = ["l9,,1,", "l0,bus,1,", "l0,,-5,", "l1,,nan,", "l2,,3,", "l2,,4,", ",car,1,", "l3,,,", "l3,car,1,-1"]
    assert faults_of(tmp_path, "\n".join(["link,class,count,weight", *rows])) == [
        ("line 2", "link", "l9"),
        ("line 3", "class", "bus"),
        ("line 4", "count", "-5"),
        ("line 5", "count", "nan"),
        ("line 7", "link", "l2"),
        ("line 8", "link", ""),
        ("line 9", "count", ""),
        ("line 10", "weight", "-1"),
    ]


def test_ends_that_no_link_or_several_join_are_faults(tmp_path: Path) -> None:
    assert faults_of(tmp_path, "from,to,count\nn0,n1,7\nn1,n0,8\nn1,x,9\n,n2,9\n") == [
        ("line 2", "to", "n0 to n1"),
        ("line 3", "to", "n1 to n0"),
        ("line 4", "to", "x"),
        ("line 5", "from", ""),
    ]


@pytest.mark.parametrize(
    ("text", "column"),
    [("link,volume\nl0,3\n", "count"), ("class,count\ncar,3\n", "link"), ("link,count\n", "count"), ("", "")],
)
def test_what_is_missing_is_a_fault(tmp_path: Path, text: str, column: str) -> None:
    assert [found[1] for found in faults_of(tmp_path, text)] == [column]


def test_the_nearest_name_is_proposed(tmp_path: Path) -> None:
    with pytest.raises(AssignmentError, match="Did you mean 'truck'"):
        read(tmp_path, "link,class,count\nl0,trucks,3\n")


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(text=st.text("link,count\nfromtclas0123456789-.\"' ", max_size=80))
def test_any_text_is_counts_or_a_fault(tmp_path: Path, text: str) -> None:
    try:
        found = read(tmp_path, "link,count\n" + text)
    except AssignmentError:
        return
    assert len(found.link) == len(found.count) > 0
