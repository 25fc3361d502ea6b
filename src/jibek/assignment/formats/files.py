"""From the files of a question, whatever their format, to a network and the classes that travel on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from jibek.assignment.formats.faults import Faults
from jibek.assignment.formats.gmns import GmnsFolder, read_demand, read_gmns
from jibek.assignment.formats.matrices import read_matrices
from jibek.assignment.formats.tntp import read_network, read_trips
from jibek.assignment.trips import class_of
from jibek.errors import AssignmentError, Fault

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jibek.assignment.formats.gmns_nodes import GmnsNodes
    from jibek.assignment.problem import TrafficNetwork, TravelClass
    from jibek.assignment.trips import TripTable

__all__ = ["Problem", "read_problem"]

_DEMAND = "demand.csv"


@dataclass(frozen=True)
class Problem:
    """What is assigned.

    Attributes
    ----------
    network : TrafficNetwork
        The network.
    classes : tuple of TravelClass
        Its travellers, at least one class.
    nodes : GmnsNodes or None
        Names of zones and coordinates, where the files have them.
    """

    network: TrafficNetwork
    classes: tuple[TravelClass, ...]
    nodes: GmnsNodes | None

    @property
    def zone_ids(self) -> tuple[str, ...]:
        """Names of the zones, in order of zone number."""
        return self.network.node_ids[: self.network.n_zones] if self.nodes is None else self.nodes.zone_ids

    def name_zones(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Name ``origin`` and ``destination`` by their zones; a result names the nodes that stand for them."""
        if self.nodes is None:
            return pairs
        zones = dict(zip(self.network.node_ids, self.zone_ids, strict=False))
        return pairs.with_columns(pl.col("origin", "destination").replace_strict(zones, return_dtype=pl.String))


def read_problem(
    net: Path,
    trips: Path | None = None,
    *,
    toll_factor: float = 0.0,
    distance_factor: float = 0.0,
    matrices: Sequence[str] | None = None,
) -> Problem:
    """Read a network and its trips.

    Parameters
    ----------
    net
        A file of the TransportationNetworks, or a folder in the General Modeling Network Specification.
    trips
        Trips of the same format, or an OMX file (``*.omx``); None for the ``demand.csv`` of a folder.
    toll_factor, distance_factor
        Time that one unit of toll and one unit of length are worth.
    matrices
        Matrices of an OMX file, each a class; None for its only one. In a folder they are called as its uses.

    Returns
    -------
    Problem
        Network and classes.

    Raises
    ------
    AssignmentError
        If there is any fault; it carries all of them, also those of trips where the network has some.
    """
    if net.is_dir():
        folder = read_gmns(net)
        path = net / _DEMAND if trips is None else trips
        tables = _folder_trips(folder, path, matrices)
        _check_trips(path, tables)
        classes = tuple(
            folder.class_of_use(use, table, toll_factor=toll_factor, distance_factor=distance_factor)
            for use, table in tables.items()
        )
        return Problem(network=folder.network, classes=classes, nodes=folder.nodes)
    if trips is None:
        remedy = "Name one after the network; only a GMNS folder holds its own."
        raise AssignmentError([Fault("fault", str(net), "", "trips", "none", "a file with trips", remedy)])
    network, tables = _file_trips(net, trips, matrices)
    _check_trips(trips, tables)
    classes = tuple(
        class_of(network, table, name=name, toll_factor=toll_factor, distance_factor=distance_factor)
        for name, table in tables.items()
    )
    return Problem(network=network, classes=classes, nodes=None)


def _folder_trips(folder: GmnsFolder, path: Path, matrices: Sequence[str] | None) -> dict[str, TripTable]:
    """Read the trips on a folder's network, by use."""
    if path.suffix != ".omx":
        return read_demand(path, folder)
    tables = read_matrices(path, folder.nodes.zone_ids, names=matrices)
    faults = Faults()
    for use in tables:
        folder.check_use(use, faults, str(path), None, "data")
    faults.stop()
    return tables


def _file_trips(net: Path, path: Path, matrices: Sequence[str] | None) -> tuple[TrafficNetwork, dict[str, TripTable]]:
    """Read a network of the TransportationNetworks and its trips, by class."""
    try:
        network = read_network(net)
    except AssignmentError as error:
        raise AssignmentError([*error.faults, *_faults_of_trips(path)]) from None
    if path.suffix == ".omx":
        return network, read_matrices(path, network.node_ids[: network.n_zones], names=matrices)
    return network, {"trips": read_trips(path, network)}


def _faults_of_trips(path: Path) -> tuple[Fault, ...]:
    """Find what is wrong with trips whose network is not known; a matrix cannot be judged without its zones."""
    try:
        if path.suffix != ".omx":
            read_trips(path)
    except AssignmentError as error:
        return error.faults
    return ()


def _check_trips(path: Path, tables: dict[str, TripTable]) -> None:
    """Refuse trips that are none."""
    if any(len(table.trips) for table in tables.values()):
        return
    remedy = "Give the file with the trips."
    raise AssignmentError([Fault("fault", str(path), "", "trips", "no trips", "at least one trip", remedy)])
