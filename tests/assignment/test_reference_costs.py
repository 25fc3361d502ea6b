"""Reference costs from a table or from matrices, for each row of trips; faults are told with file and line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from problems import class_of, network_of

from jibek.assignment import Skims, encode_skims, encode_table, read_reference_costs, skim_table
from jibek.assignment.formats.matrices import encode_matrices
from jibek.errors import AssignmentError

if TYPE_CHECKING:
    from pathlib import Path

    from jibek.errors import Fault

ZONES = ("7", "9", "12")
COSTS = np.array([[0.0, 4.0, 5.0], [6.0, 0.0, np.inf], [8.0, 9.0, 0.0]])
CAR = class_of(network_of(3, []), [(0, 1, 1.0), (0, 1, 2.0), (1, 1, 3.0), (2, 0, 4.0)])
TRUCK = class_of(network_of(3, []), [(2, 1, 1.0)], name="truck")


def table(path: Path, *rows: str, header: str = "class,origin,destination,cost,time") -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def faults_of(path: Path) -> tuple[Fault, ...]:
    with pytest.raises(AssignmentError) as caught:
        read_reference_costs(path, ZONES, [CAR, TRUCK])
    return caught.value.faults


def test_a_table_gives_each_row_of_trips_its_cost(tmp_path: Path) -> None:
    rows = ["truck,12,9,20,1", "car,7,9,4,1", "car,12,7,8,1", "car,9,12,,", "car,7,7,0,0"]
    car, truck = read_reference_costs(table(tmp_path / "costs.csv", *rows), ZONES, [CAR, TRUCK])
    assert (car.tolist(), truck.tolist()) == ([4.0, 4.0, 1.0, 8.0], [20.0])


def test_of_one_class_the_table_need_not_name_it(tmp_path: Path) -> None:
    path = table(tmp_path / "costs.csv", "7,9,4", "12,7,8", header="origin,destination,cost")
    assert read_reference_costs(path, ZONES, [CAR])[0].tolist() == [4.0, 4.0, 1.0, 8.0]


def test_matrices_are_called_cost_and_the_class(tmp_path: Path) -> None:
    path = tmp_path / "costs.omx"
    path.write_bytes(encode_matrices([("cost", COSTS), ("time", COSTS)], ZONES))
    assert read_reference_costs(path, ZONES, [CAR])[0].tolist() == [4.0, 4.0, 1.0, 8.0]
    path.write_bytes(encode_matrices([("cost_car", COSTS[::-1, ::-1]), ("cost_truck", 2 * COSTS)], ZONES[::-1]))
    car, truck = read_reference_costs(path, ZONES[::-1], [CAR, TRUCK])
    assert (car.tolist(), truck.tolist()) == ([9.0, 9.0, 1.0, 5.0], [18.0])


@pytest.mark.parametrize("ending", ["omx", "csv", "parquet"])
@pytest.mark.parametrize("names", [("car",), ("car", "a/b")])
def test_skims_are_read_as_they_are_written(tmp_path: Path, ending: str, names: tuple[str, ...]) -> None:
    draw = np.random.default_rng(4)
    skims = {name: Skims(*np.where(np.eye(3) > 0, 0.0, draw.uniform(1, 9, (4, 3, 3)))) for name in names}
    table = skim_table(skims, ZONES)
    path = tmp_path / f"skims.{ending}"
    path.write_bytes(encode_skims(skims, ZONES) if ending == "omx" else encode_table(table, ending))  # type: ignore[arg-type]
    classes = [replace(travel, name=name) for travel, name in zip((CAR, TRUCK), names, strict=False)]
    for travel, costs in zip(classes, read_reference_costs(path, ZONES, classes), strict=True):
        expected = skims[travel.name].cost[travel.origin, travel.destination]
        assert costs.tolist() == np.where(travel.origin == travel.destination, 1.0, expected).tolist()


def test_all_faults_come_at_once_with_their_lines(tmp_path: Path) -> None:
    rows = ["car,7,9,-4,", "bike,7,9,4,", "car,8,9,4,", "car,7,9,4,", "car,7,9,5,", "car,12,7,x,", ",7,12,4,"]
    found = [(fault.row, fault.column) for fault in faults_of(table(tmp_path / "costs.csv", *rows))]
    assert found == [
        ("line 2", "cost"),
        ("line 3", "class"),
        ("line 4", "origin"),
        ("line 5", "destination"),
        ("line 6", "destination"),
        ("line 7", "cost"),
        ("line 8", "class"),
    ]


@pytest.mark.parametrize("cost", ["0", "", "NaN"])
def test_a_pair_with_trips_needs_a_cost(tmp_path: Path, cost: str) -> None:
    path = table(tmp_path / "costs.csv", f"car,7,9,{cost},", "car,12,7,8,", "truck,12,9,1,")
    assert {fault.value.partition(" ")[2] for fault in faults_of(path)} == {"from 7 to 9"}


def test_a_column_or_matrix_that_is_missing_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults_of(table(tmp_path / "costs.csv", "7,9,4", header="origin,destination,cost"))
    assert fault.column == "class"
    path = tmp_path / "costs.parquet"
    pl.DataFrame({"origin": ["7"], "cost": [4.0]}).write_parquet(path)
    assert [fault.column for fault in faults_of(path)] == ["class", "destination"]
    path.write_bytes(path.read_bytes()[:-9])
    assert [fault.expected for fault in faults_of(path)] == ["a whole Parquet file"]
    path = tmp_path / "costs.omx"
    path.write_bytes(encode_matrices([("cost_car", COSTS)], ZONES))
    assert [fault.value for fault in faults_of(path)] == ["cost_truck"]
