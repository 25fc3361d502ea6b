"""OMX matrices as the specification lays them out, read into trips, written from skims; faults are told with place."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jibek.assignment import Skims, encode_skims, matrix_format, read_matrices, skim_table
from jibek.assignment.formats.matrices import encode_matrices
from jibek.errors import AssignmentError

if TYPE_CHECKING:
    from pathlib import Path

    from jibek.errors import Fault

ZONES = ("7", "9", "12")
TRIPS = np.array([[1.0, 0.0, 2.5], [3.0, 0.0, 0.0], [0.0, 4.0, 5.0]])


def omx(path: Path, matrices: dict[str, Any], lookups: dict[str, Any] | None = None) -> Path:
    """Write a file as the OMX specification 0.2 lays it out."""
    with h5py.File(path, "w") as file:
        file.attrs["OMX_VERSION"] = b"0.2"
        file.attrs["SHAPE"] = np.array(TRIPS.shape, dtype=np.int32)
        for name, values in matrices.items():
            file.create_dataset(f"data/{name}", data=values, compression="gzip", shuffle=True)
        for name, values in (lookups or {}).items():
            file.create_dataset(f"lookup/{name}", data=values)
    return path


def faults_of(path: Path, **options: Any) -> tuple[Fault, ...]:  # noqa: ANN401
    with pytest.raises(AssignmentError) as caught:
        read_matrices(path, ZONES, **options)
    return caught.value.faults


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int32])
def test_cells_that_are_not_zero_become_trips_in_the_order_of_zones(tmp_path: Path, kind: type) -> None:
    trips = read_matrices(omx(tmp_path / "a.omx", {"car": TRIPS.astype(kind)}), ZONES)["car"]
    assert trips.origin.tolist() == [0, 0, 1, 2, 2]
    assert trips.destination.tolist() == [0, 2, 0, 1, 2]
    assert trips.trips.tolist() == TRIPS.astype(kind)[TRIPS > 0].tolist()


@pytest.mark.parametrize("labels", [np.array([12, 7, 9]), np.array([b"12", b"7", b"9"])])
def test_a_lookup_names_the_rows(tmp_path: Path, labels: np.ndarray[Any, Any]) -> None:
    lookups = {"zone": labels, "district": np.array([1, 1, 1])}
    trips = read_matrices(omx(tmp_path / "a.omx", {"car": TRIPS}, lookups), ZONES)["car"]
    # Row 0 is zone 12 (number 2), row 1 zone 7 (0), row 2 zone 9 (1).
    found = dict(zip(zip(trips.origin.tolist(), trips.destination.tolist(), strict=True), trips.trips, strict=True))
    assert found == {(2, 2): 1, (2, 1): 2.5, (0, 2): 3, (1, 0): 4, (1, 1): 5}
    assert trips.origin.tolist() == sorted(trips.origin)


def test_a_lookup_may_leave_zones_out(tmp_path: Path) -> None:
    path = omx(tmp_path / "a.omx", {"car": TRIPS[:2, :2]}, {"zone": np.array([12, 7])})
    trips = read_matrices(path, ZONES)["car"]
    assert (trips.origin.tolist(), trips.destination.tolist(), trips.trips.tolist()) == ([0, 2], [2, 2], [3, 1])


def test_of_several_matrices_those_that_are_named_are_read(tmp_path: Path) -> None:
    path = omx(tmp_path / "a.omx", {"car": TRIPS, "truck": 2 * TRIPS, "time": TRIPS})
    found = read_matrices(path, ZONES, names=["truck", "car"])
    assert list(found) == ["truck", "car"]
    assert found["truck"].trips.tolist() == (2 * found["car"].trips).tolist()
    (fault,) = faults_of(path)
    assert (fault.column, fault.value) == ("data", "3 matrices")
    assert "car, time, truck" in fault.remedy
    (fault,) = faults_of(path, names=["car", "truk"])
    assert (fault.value, fault.remedy) == ("truk", "Did you mean 'truck'? Name a matrix of the file.")


@pytest.mark.parametrize(
    ("matrices", "lookups", "column", "value"),
    [
        ({"car": np.where(TRIPS == 4, np.nan, TRIPS)}, None, "car", "nan from 12 to 9"),
        ({"car": np.where(TRIPS == 4, -4, TRIPS)}, None, "car", "-4.0 from 12 to 9"),
        ({"car": np.where(TRIPS == 4, 1e308, TRIPS)}, None, "car", "1e+308 from 12 to 9"),
        ({"car": TRIPS[:2]}, None, "car", "float64 of shape (2, 3)"),
        ({"car": TRIPS[:2, :2]}, None, "car", "float64 of shape (2, 2)"),
        ({"car": TRIPS.ravel()}, None, "car", "float64 of shape (9,)"),
        ({"car": TRIPS.astype("S8")}, None, "car", "|S8 of shape (3, 3)"),
        ({"car": TRIPS}, {"zone": np.array([7, 9, 13])}, "lookup", "0 of zone"),
        ({"car": TRIPS}, {"zone": np.array([7, 9, 9])}, "lookup", "0 of zone"),
        ({"car": TRIPS}, {"a": np.array([7, 9, 12]), "b": np.array([9, 7, 12])}, "lookup", "2 of a, b"),
        ({}, None, "data", "no matrix"),
    ],
)
def test_a_fault_is_told_with_its_place(
    tmp_path: Path, matrices: dict[str, Any], lookups: dict[str, Any] | None, column: str, value: str
) -> None:
    (fault,) = faults_of(omx(tmp_path / "a.omx", matrices, lookups))
    assert (fault.table, fault.column, fault.value) == (str(tmp_path / "a.omx"), column, value)


def test_all_wrong_cells_come_at_once(tmp_path: Path) -> None:
    wrong = np.where(TRIPS > 2, -1, TRIPS)
    faults = faults_of(omx(tmp_path / "a.omx", {"car": wrong, "truck": wrong}), names=["car", "truck"])
    assert len(faults) == 2 * np.sum(TRIPS > 2)


def test_a_file_that_is_missing_or_cut_is_a_fault(tmp_path: Path) -> None:
    for path in (tmp_path / "none.omx", tmp_path):
        assert [fault.value for fault in faults_of(path)] == ["no file"]
    path = omx(tmp_path / "a.omx", {"car": TRIPS})
    content = path.read_bytes()
    for end in (0, 100, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:end])
        (fault,) = faults_of(path)
        assert fault.expected == "a whole OMX file"


def test_without_the_package_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = omx(tmp_path / "a.omx", {"car": TRIPS})
    monkeypatch.setitem(sys.modules, "h5py", None)
    (fault,) = faults_of(path)
    assert "pip install 'jibek[omx]'" in fault.remedy
    assert matrix_format(tmp_path / "a.csv") == "csv"
    with pytest.raises(AssignmentError, match="h5py"):
        matrix_format(path)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.omx"
    path.write_bytes(encode_matrices([("car", TRIPS), ("a/b", 2 * TRIPS)], ZONES))
    with h5py.File(path) as file:
        assert file.attrs["OMX_VERSION"] == b"0.2"
        assert file.attrs["SHAPE"].tolist() == [3, 3]
        assert file["lookup/zone"][:].tolist() == [b"7", b"9", b"12"]
    found = read_matrices(path, ZONES, names=["car", "a∕b"])
    for name, factor in (("car", 1), ("a∕b", 2)):
        trips = np.zeros_like(TRIPS)
        trips[found[name].origin, found[name].destination] = found[name].trips
        np.testing.assert_array_equal(trips, factor * TRIPS)


def test_the_same_matrices_are_the_same_bytes() -> None:
    assert encode_matrices([("car", TRIPS)], ZONES) == encode_matrices([("car", TRIPS)], ZONES)


@pytest.mark.parametrize("classes", [("car",), ("car", "truck")])
def test_skims_are_called_by_measure_and_class(tmp_path: Path, classes: tuple[str, ...]) -> None:
    skims = {name: Skims(*(TRIPS + 10 * len(name) + number for number in range(4))) for name in classes}
    path = tmp_path / "a.omx"
    path.write_bytes(encode_skims(skims, ZONES))
    with h5py.File(path) as file:
        found = {name: matrix[:].tolist() for name, matrix in file["data"].items()}
    ending = {name: "" if len(classes) == 1 else f"_{name}" for name in classes}
    assert found == {
        f"{measure}{ending[name]}": getattr(skims[name], measure).tolist()
        for name in classes
        for measure in ("cost", "time", "length", "toll")
    }


def test_a_table_of_skims_has_a_row_a_pair_and_no_number_where_there_is_no_way() -> None:
    cost = np.where(TRIPS == 2.5, np.inf, TRIPS)
    table = skim_table({"car": Skims(cost, 2 * cost, 3 * cost, 4 * cost), "bus": Skims(*[TRIPS] * 4)}, ZONES)
    assert table.columns == ["class", "origin", "destination", "cost", "time", "length", "toll"]
    assert table.rows()[:4] == [
        ("car", "7", "7", 1, 2, 3, 4),
        ("car", "7", "9", 0, 0, 0, 0),
        ("car", "7", "12", None, None, None, None),
        ("car", "9", "7", 3, 6, 9, 12),
    ]
    assert table.height == 18
    assert table.row(11) == ("bus", "7", "12", *[2.5] * 4)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(content=st.binary(max_size=300))
def test_random_bytes_are_a_fault(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.omx").write_bytes(content)
    faults_of(tmp_path / "a.omx")
