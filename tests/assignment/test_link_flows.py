"""The table of link flows: its columns, and files that hold every digit."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
import pytest
from gmns_files import folder_of
from tntp_files import network_of, trips_of

from jibek.assignment import class_of, encode_table, flow_format, link_flow_table, read_demand, read_gmns
from jibek.errors import RunError


def test_one_class_has_its_flow_and_cost(tmp_path: Path) -> None:
    network = network_of(tmp_path)
    travellers = class_of(network, trips_of(tmp_path), toll_factor=2, load=1.5)
    table = link_flow_table(network, [travellers], np.array([[1, 2, 3, 4, 5.0]]), np.full(5, 10.0))
    assert table.columns == ["from", "to", "link", "flow", "load", "time", "cost"]
    assert table.row(2) == ("3", "4", "3", 3, 4.5, 10, 11)
    assert table["link"].to_list() == ["1", "2", "3", "4", "5"]


def test_several_classes_are_told_apart_and_their_load_is_summed(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    found = read_gmns(folder)
    demand = read_demand(folder / "demand.csv", found)
    classes = [found.class_of_use(use, trips) for use, trips in demand.items()]
    flows = np.array([[1, 2, 3, 4, 5, 6], [10, 0, 0, 0, 0, 20]], dtype=float)
    table = link_flow_table(found.network, classes, flows, found.network.free_time)
    assert table.columns == [
        *("from", "to", "link", "flow_car", "flow_truck", "load", "time", "cost_car", "cost_truck")
    ]
    assert table.row(5) == ("s", "crossing", "c--backward", 6, 20, 6 + 2.5 * 20, 3, 3, 4)


@pytest.mark.parametrize(("kind", "read"), [("csv", pl.read_csv), ("parquet", pl.read_parquet)])
def test_files_hold_every_digit(kind: Literal["csv", "parquet"], read: Callable[[BytesIO], pl.DataFrame]) -> None:
    rng = np.random.default_rng(3)
    table = pl.DataFrame({"link": ["a, b", "c"], "flow": rng.random(2) * 1e-7, "time": rng.random(2) * 1e9})
    assert read(BytesIO(encode_table(table, kind))).equals(table)


def test_lists_are_joined_in_csv_and_kept_in_parquet() -> None:
    table = pl.DataFrame({"links": [["a", "b"], [], None]}, {"links": pl.List(pl.String)})
    assert encode_table(table, "csv") == b'links\na;b\n""\n\n'
    assert pl.read_parquet(BytesIO(encode_table(table, "parquet"))).equals(table)


def test_the_ending_of_a_name_says_the_format() -> None:
    assert [flow_format(Path(name)) for name in ("a.csv", "b.c/a.parquet", "a")] == ["csv", "parquet", "gmns"]
    with pytest.raises(RunError, match=r"\.csv or \.parquet"):
        flow_format(Path("flows.txt"))
