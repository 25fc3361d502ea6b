"""A question's files, whatever their format, become one network and its classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest
from gmns_files import FILES, folder_of
from tntp_files import NET, TRIPS

from jibek.assignment import read_problem
from jibek.errors import AssignmentError

if TYPE_CHECKING:
    from pathlib import Path


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def omx(path: Path, **matrices: list[list[float]]) -> Path:
    with h5py.File(path, "w") as file:
        for name, values in matrices.items():
            file[f"data/{name}"] = np.array(values)
    return path


def test_files_of_the_transportation_networks(tmp_path: Path) -> None:
    net, trips = written(tmp_path / "net.tntp", NET), written(tmp_path / "trips.tntp", TRIPS)
    problem = read_problem(net, trips, toll_factor=2, distance_factor=1)
    (travellers,) = problem.classes
    assert problem.network.n_zones == 2
    assert travellers.trips.sum() == 17.5
    assert travellers.fixed_cost.tolist() == [1.5, 8, 3, 2, 2]


def test_a_folder_brings_its_own_trips(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    problem = read_problem(folder)
    assert [travellers.name for travellers in problem.classes] == ["car", "truck"]
    assert problem.nodes is not None
    other = written(tmp_path / "other.csv", FILES["demand.csv"].replace("120.5", "5"))
    assert read_problem(folder, other).classes[0].trips.tolist() == [5, 7]


def test_matrices_are_classes_on_either_network(tmp_path: Path) -> None:
    trips = omx(tmp_path / "a.omx", car=[[0, 3], [0, 0]], truck=[[0, 0], [4, 0]], bike=[[0, 1], [1, 0]])
    problem = read_problem(written(tmp_path / "net.tntp", NET), trips, matrices=["truck", "car"])
    assert [(each.name, each.trips.tolist()) for each in problem.classes] == [("truck", [4]), ("car", [3])]
    problem = read_problem(folder_of(tmp_path), trips, matrices=["truck"])
    assert [(each.name, each.load) for each in problem.classes] == [("truck", 2.5)]
    with pytest.raises(AssignmentError, match="'lorry', expected a use of use_definition"):
        read_problem(folder_of(tmp_path), omx(tmp_path / "b.omx", lorry=[[0, 1], [0, 0]]))


def test_faults_of_network_and_trips_come_together(tmp_path: Path) -> None:
    net = written(tmp_path / "net.tntp", NET.replace("1 3 100", "1 3 -100"))
    trips = written(tmp_path / "trips.tntp", TRIPS.replace("12.5;", "many;"))
    with pytest.raises(AssignmentError) as caught:
        read_problem(net, trips)
    assert [fault.value for fault in caught.value.faults] == ["-100", "many"]
    with pytest.raises(AssignmentError) as caught:
        read_problem(net, written(tmp_path / "trips.tntp", TRIPS))
    assert [fault.value for fault in caught.value.faults] == ["-100"]


def test_no_trips_are_a_fault(tmp_path: Path) -> None:
    net = written(tmp_path / "net.tntp", NET)
    with pytest.raises(AssignmentError, match="expected a file with trips"):
        read_problem(net)
    with pytest.raises(AssignmentError, match="found 'no trips'"):
        read_problem(net, written(tmp_path / "trips.tntp", TRIPS.partition("Origin")[0].replace("17.5", "0")))
    with pytest.raises(AssignmentError, match="found 'no trips'"):
        read_problem(folder_of(tmp_path, demand="o_zone_id,d_zone_id,use,volume\n"))
