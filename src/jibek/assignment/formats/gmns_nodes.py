"""Nodes and zones of a folder in the General Modeling Network Specification, put in the order that arrays need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from jibek.assignment.formats.csv_cells import read_cells, unique
from jibek.assignment.formats.faults import LARGEST
from jibek.assignment.formats.texts import LINE, numbers_in

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from jibek.assignment.formats.faults import Faults

    Floats = NDArray[np.float64]

__all__ = ["GmnsNodes", "read_nodes"]

_COLUMNS = {name: (name,) for name in ("node_id", "zone_id", "node_type", "x_coord", "y_coord")}
_COORDINATES = ("x_coord", "y_coord")
_CENTROID = "centroid"


@dataclass(frozen=True, kw_only=True)
class GmnsNodes:
    """Nodes, zones first.

    Attributes
    ----------
    node_ids : tuple of str
        In order of node number.
    zone_ids : tuple of str
        The zones that nodes ``0 .. n_zones - 1`` stand for.
    first_through : int
        Nodes below this number are centroids and not passed through.
    coordinates : ndarray of float, shape (n_nodes, 2)
        ``x_coord`` and ``y_coord``; NaN where they are not known.
    unclear_zones : tuple of str
        Zones for which no node stands, or more than one.
    """

    node_ids: tuple[str, ...]
    zone_ids: tuple[str, ...]
    first_through: int
    coordinates: Floats
    unclear_zones: tuple[str, ...]


def read_nodes(folder: Path, faults: Faults) -> GmnsNodes | None:
    """Read ``node.csv``, and ``zone.csv`` if there is one.

    A zone is the only node that has its ``zone_id``, or else the only one of these whose ``node_type`` is
    ``centroid``. Centroids are not passed through.

    Parameters
    ----------
    folder
        Where the files stand.
    faults
        Takes all faults.

    Returns
    -------
    GmnsNodes or None
        Zones that are centroids first, then other zones, then nodes, each in the order of the files; None if the nodes
        cannot be read.
    """
    path = folder / "node.csv"
    zones = _listed_zones(folder / "zone.csv", faults)
    cells = read_cells(path, _COLUMNS, faults, required=("node_id", "zone_id"))
    if cells is None:
        return None
    unique(cells, "node_id", faults, str(path))
    _check_zones(str(path), cells, zones, faults)
    places = {zone: place for place, zone in enumerate(cells["zone_id"].drop_nulls().unique(maintain_order=True))}
    order = {zone: place for place, zone in enumerate(zones)} if zones is not None else places
    centroid = pl.col("node_type").str.to_lowercase().eq(_CENTROID).fill_null(value=False)
    nodes = cells.with_columns(
        *(numbers_in(cells, name, faults, str(path), lowest=-LARGEST, default=float("nan")) for name in _COORDINATES),
        centroid=centroid,
        place=pl.col("zone_id").replace_strict(order, default=None, return_dtype=pl.Int64),
    ).with_columns(
        is_zone=pl.col("zone_id").is_not_null()
        & ((pl.len().over("zone_id") == 1) | (pl.col("centroid") & (pl.col("centroid").sum().over("zone_id") == 1)))
    )
    _check_centroids(str(path), nodes, faults)
    nodes = nodes.sort(~pl.col("is_zone"), ~pl.col("centroid"), pl.when("is_zone").then("place"), maintain_order=True)
    chosen = nodes.filter("is_zone")["zone_id"]
    return GmnsNodes(
        node_ids=tuple(nodes["node_id"].fill_null("")),
        zone_ids=tuple(chosen),
        first_through=nodes.filter("centroid").height,
        coordinates=nodes.select(_COORDINATES).to_numpy(),
        unclear_zones=tuple(zone for zone in dict.fromkeys([*order, *places]) if zone not in set(chosen)),
    )


def _listed_zones(path: Path, faults: Faults) -> list[str] | None:
    """Read the names in ``zone.csv``; None if there is none."""
    cells = read_cells(path, {"zone_id": ("zone_id",)}, faults, required=("zone_id",)) if path.exists() else None
    if cells is None:
        return None
    unique(cells, "zone_id", faults, str(path))
    return cells["zone_id"].drop_nulls().to_list()


def _check_zones(file: str, cells: pl.DataFrame, zones: list[str] | None, faults: Faults) -> None:
    """Note a network without zones, and zones that ``zone.csv`` does not know."""
    if cells["zone_id"].is_null().all():
        remedy = "Give the nodes where trips begin and end their zone_id."
        faults.add(file, None, "zone_id", "no zone", expected="at least one zone", remedy=remedy)
    if zones is not None:
        places = cells.filter(pl.col("zone_id").is_not_null() & ~pl.col("zone_id").is_in(zones)).select(LINE, "zone_id")
        remedy = "Correct the zone, or add it there."
        faults.add_all(file, places.iter_rows(), "zone_id", expected="a zone of zone.csv", remedy=remedy)


def _check_centroids(file: str, nodes: pl.DataFrame, faults: Faults) -> None:
    """Note centroids of no zone where other zones are passed through: no order of nodes can tell them apart."""
    if nodes.filter(pl.col("is_zone") & ~pl.col("centroid")).is_empty():
        return
    places = nodes.filter(pl.col("centroid") & ~pl.col("is_zone")).select(LINE, pl.col("zone_id").fill_null(""))
    remedy = "Make it the centroid of a zone, or no centroid."
    faults.add_all(file, places.iter_rows(), "zone_id", expected="a zone of its own", remedy=remedy)
