"""Matrices in the Open Matrix format (OMX, on HDF5): from a file to trips between zones or to costs, and back.

The layout is that of the OMX specification 0.2: group ``data`` holds matrices, group ``lookup`` names their rows.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from jibek.assignment.formats.faults import LARGEST, Faults
from jibek.assignment.trips import TripTable
from jibek.corridor.tables import nearest
from jibek.errors import AssignmentError, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["encode_matrices", "need_h5py", "plain_name", "read_costs", "read_matrices"]

_BROKEN = (OSError, RuntimeError, ValueError, TypeError, KeyError)  # what HDF5 says about a damaged file
_NAMED = 20


def read_matrices(path: Path, zone_ids: Sequence[str], *, names: Sequence[str] | None = None) -> dict[str, TripTable]:
    """Read trip matrices; needs the package h5py (``pip install 'jibek[omx]'``).

    Rows and columns are the zones that the lookup names, or all zones in order where the file has no lookup.

    Parameters
    ----------
    path
        File, ``*.omx``.
    zone_ids
        Names of the zones, in order of zone number.
    names
        Matrices to read; None for the only one. A file with several does not say which of them are trips.

    Returns
    -------
    dict of str to TripTable
        By name of the matrix.

    Raises
    ------
    AssignmentError
        If there is any fault, h5py not being installed among them; it carries all of them.
    """
    faults, file = Faults(), str(path)
    dense, zones = _read(path, zone_ids, names, faults)
    tables = {name: _sparse(file, name, trips, zone_ids, zones, faults) for name, trips in dense.items()}
    faults.stop()
    return tables


def read_costs(path: Path, zone_ids: Sequence[str], names: Sequence[str]) -> dict[str, Floats]:
    """Read matrices of costs; needs the package h5py.

    Parameters
    ----------
    path, zone_ids, names
        As in `read_matrices`.

    Returns
    -------
    dict of str to float64 array, shape (n_zones, n_zones)
        By name of the matrix; NaN for zones that the file lacks.

    Raises
    ------
    AssignmentError
        If there is any fault; it carries all of them.
    """
    faults = Faults()
    dense, zones = _read(path, zone_ids, names, faults)
    faults.stop()
    rows = np.arange(len(zone_ids)) if zones is None else zones
    costs: dict[str, Floats] = {name: np.full((len(zone_ids),) * 2, np.nan) for name in dense}
    for name, values in dense.items():
        costs[name][np.ix_(rows, rows)] = values
    return costs


def _read(
    path: Path, zone_ids: Sequence[str], names: Sequence[str] | None, faults: Faults
) -> tuple[dict[str, Floats], NDArray[np.int32] | None]:
    """Read matrices and the zones of their rows, None for all in order."""
    file = str(path)
    h5py = need_h5py(file)
    if not path.is_file():
        faults.add(file, None, "", "no file", expected="a readable file", remedy="Check the path.")
        return {}, None
    try:
        with h5py.File(path, "r") as content:
            matrices = _arrays(content.get("data"))
            zones = _zones(file, _arrays(content.get("lookup")), zone_ids, faults)
            chosen = _chosen(file, matrices, names, faults)
            size = len(zone_ids) if zones is None else len(zones)
            dense = {name: _matrix(file, name, matrices[name], size, faults) for name in chosen}
    except _BROKEN as error:
        reason = " ".join(str(error).split())
        faults.add(file, None, "", reason, expected="a whole OMX file", remedy="Get the file again.")
        return {}, None
    return {name: values for name, values in dense.items() if values is not None}, zones


def encode_matrices(matrices: Iterable[tuple[str, Floats]], zone_ids: Sequence[str]) -> bytes:
    """Write matrices as the bytes of an OMX file; needs the package h5py.

    Parameters
    ----------
    matrices
        Names, see `plain_name`, and matrices of shape (n_zones, n_zones), asked for one by one.
    zone_ids
        Names of rows and columns, which the lookup ``zone`` gets.
    """
    output = BytesIO()
    with need_h5py("OMX").File(output, "w") as file:
        file.attrs["OMX_VERSION"] = np.bytes_("0.2")
        file.attrs["SHAPE"] = np.array([len(zone_ids)] * 2, dtype=np.int32)
        file.create_dataset("lookup/zone", data=np.array([zone.encode() for zone in zone_ids], dtype=np.bytes_))
        data = file.create_group("data")
        for name, values in matrices:
            data.create_dataset(plain_name(name), data=values, compression="gzip", compression_opts=1, shuffle=True)
    return output.getvalue()


def plain_name(name: str) -> str:
    """Give the name that a matrix has in a file: ``∕`` (U+2215) stands for ``/``, which would begin a group."""
    return name.replace("/", "∕")


def need_h5py(file: str) -> Any:  # noqa: ANN401 - h5py has no types
    """Import h5py, which is an extra.

    Raises
    ------
    AssignmentError
        If it is not installed.
    """
    try:
        import h5py  # noqa: PLC0415
    except ImportError:
        remedy = "Install it: pip install 'jibek[omx]'"
        fault = Fault("fault", file, "", "", "no package h5py", "h5py, which reads and writes OMX", remedy)
        raise AssignmentError([fault]) from None
    return h5py


def _arrays(group: Any) -> dict[str, Any]:  # noqa: ANN401 - h5py has no types
    """Return the arrays in a group by name; empty if there is no such group."""
    return {name: item for name, item in group.items() if hasattr(item, "shape")} if hasattr(group, "items") else {}


def _chosen(file: str, matrices: dict[str, Any], names: Sequence[str] | None, faults: Faults) -> list[str]:
    """Return the names of the matrices to read."""
    if not matrices:
        faults.add(file, None, "data", "no matrix", expected="a group data with matrices", remedy="Check the file.")
    elif names is None and len(matrices) > 1:
        listed = ", ".join(sorted(matrices)[:_NAMED])
        remedy = f"Name those that hold trips (--matrix), out of: {listed}."
        faults.add(file, None, "data", f"{len(matrices)} matrices", expected="one matrix", remedy=remedy)
        return []
    wanted = list(matrices) if names is None else list(dict.fromkeys(names))
    for name in wanted:
        if name not in matrices:
            remedy = f"{nearest(name, matrices)}Name a matrix of the file."
            faults.add(file, None, "data", name, expected="a matrix of the file", remedy=remedy)
    return [name for name in wanted if name in matrices]


def _zones(file: str, lookups: dict[str, Any], zone_ids: Sequence[str], faults: Faults) -> NDArray[np.int32] | None:
    """Return the zone of each row by the only lookup that names zones; None if there is no lookup."""
    if not lookups:
        return None
    numbers = {zone: number for number, zone in enumerate(zone_ids)}
    fitting = []
    for lookup in lookups.values():
        if len(lookup.shape) == 1 and lookup.shape[0] <= len(zone_ids):
            labels = [label.decode() if isinstance(label, bytes) else str(label) for label in lookup[:].tolist()]
            found = [numbers.get(label.strip()) for label in labels]
            if None not in found and len(set(found)) == len(found):
                fitting.append(np.array(found, dtype=np.int32))
    if len(fitting) != 1:
        names = ", ".join(sorted(lookups)[:_NAMED])
        value = f"{len(fitting)} of {names}"
        remedy = "Let one lookup hold the names of zones, each once, and remove others."
        expected = "one lookup whose labels are zones of the network"
        faults.add(file, None, "lookup", value, expected=expected, remedy=remedy)
        return None
    return fitting[0]


def _matrix(file: str, name: str, array: Any, size: int, faults: Faults) -> Floats | None:  # noqa: ANN401
    """Read one matrix; None, and a fault, if it is none of this size."""
    if array.shape != (size, size) or array.dtype.kind not in "fiu":
        value = f"{array.dtype} of shape {array.shape}"
        expected = f"numbers of shape ({size}, {size}), one row a zone"
        faults.add(file, None, name, value, expected=expected, remedy="Give the trips that belong to the network.")
        return None
    trips: Floats = array[:].astype(np.float64)
    return trips


def _sparse(
    file: str,
    name: str,
    trips: Floats,
    zone_ids: Sequence[str],
    zones: NDArray[np.int32] | None,
    faults: Faults,
) -> TripTable:
    """Keep the cells that are not 0, sorted; note those that are no number of trips."""
    zone = np.arange(len(trips), dtype=np.int32) if zones is None else zones
    with np.errstate(invalid="ignore"):
        wrong = ~((trips >= 0) & (trips <= LARGEST))
    for row, column in np.argwhere(wrong).tolist():
        place = f"{trips[row, column]} from {zone_ids[zone[row]]} to {zone_ids[zone[column]]}"
        expected = f"a number from 0 to {LARGEST:g}"
        faults.add(file, None, name, place, expected=expected, remedy="Correct the number.")
    row, column = np.nonzero(np.where(wrong, 0.0, trips))
    order = np.lexsort((zone[column], zone[row]))
    row, column = row[order], column[order]
    return TripTable(origin=zone[row], destination=zone[column], trips=trips[row, column])
