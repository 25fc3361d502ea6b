"""Folders in the General Modeling Network Specification of the Zephyr Foundation: from CSV files to arrays.

``node.csv`` and ``link.csv`` are the specification's; ``demand.csv`` (``o_zone_id``, ``d_zone_id``, ``volume``) and the
columns ``vdf_fftt``, ``vdf_alpha`` and ``vdf_beta`` of links are those that DTALite and Path4GMNS added to it. Times
are minutes; capacity is vehicles per hour and lane, so trips are per hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.assignment.formats.csv_cells import need, read_cells
from jibek.assignment.formats.faults import Faults
from jibek.assignment.formats.gmns_links import LINK_COLUMNS, links_of, minutes_per_length_and_speed
from jibek.assignment.formats.gmns_nodes import GmnsNodes, read_nodes
from jibek.assignment.formats.gmns_uses import Use, allowed_uses, read_groups, read_uses
from jibek.assignment.formats.texts import LINE, numbers_in
from jibek.assignment.problem import TrafficNetwork
from jibek.assignment.trips import TripTable, class_of
from jibek.corridor.tables import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jibek.assignment.problem import TravelClass

__all__ = ["GmnsFolder", "read_demand", "read_gmns"]

_DEMAND_COLUMNS = {
    **{name: (name,) for name in ("o_zone_id", "d_zone_id", "volume")},
    "use": ("use", "mode", "mode_type", "agent_type"),
}
_ZONES = ("o_zone_id", "d_zone_id")
# Demand without a column that names a use is the demand of cars, as DTALite and Path4GMNS have it.
_DEFAULT_USE = "auto"


@dataclass(frozen=True, kw_only=True)
class GmnsFolder:
    """A network read from a folder, with what classes of travellers need.

    Attributes
    ----------
    network : TrafficNetwork
        Links that are not directed stand twice, as ``<id>--forward`` and ``<id>--backward``.
    nodes : GmnsNodes
        Names of the zones, coordinates of the nodes.
    allowed_uses : tuple of (frozenset of str or None), length n_links
        Uses that a link is open to; None for all.
    uses : dict of str to Use
        Uses that are defined; empty where there is no ``use_definition.csv``.
    """

    network: TrafficNetwork
    nodes: GmnsNodes
    allowed_uses: tuple[frozenset[str] | None, ...]
    uses: Mapping[str, Use]

    def class_of_use(
        self, use: str, trips: TripTable, *, toll_factor: float = 0.0, distance_factor: float = 0.0
    ) -> TravelClass:
        """Make a class of travellers out of the trips of a use.

        Parameters
        ----------
        use
            Name of the use, and of the class.
        trips
            Its trips.
        toll_factor, distance_factor
            Minutes that one unit of toll and of length are worth to a use that does not define it itself.
        """
        defined = self.uses.get(use, Use())
        toll, distance = defined.minutes_per_toll, defined.minutes_per_length
        return class_of(
            self.network,
            trips,
            name=use,
            toll_factor=toll_factor if toll is None else toll,
            distance_factor=distance_factor if distance is None else distance,
            allowed=np.array([uses is None or use in uses for uses in self.allowed_uses], dtype=np.bool_),
            load=defined.pce,
        )

    def check_use(self, use: str, faults: Faults, file: str, line: int | None, column: str) -> None:
        """Note, at a place in a file, a use that is not defined or that no link is open to."""
        if self.uses and use not in self.uses:
            remedy = f"{nearest(use, self.uses)}Define it there, or name another use."
            faults.add(file, line, column, use, expected="a use of use_definition.csv", remedy=remedy)
        elif not any(uses is None or use in uses for uses in self.allowed_uses):
            remedy = "Name it in the allowed_uses of link.csv, or name another use."
            faults.add(file, line, column, use, expected="a use that some link is open to", remedy=remedy)


def read_gmns(folder: Path) -> GmnsFolder:
    """Read the network of a folder.

    The free time of a link is its ``vdf_fftt`` in minutes, or else length over ``free_speed`` in the units of
    ``config.csv`` (without it, speed is units of length per hour). ``vdf_alpha`` and ``vdf_beta`` are 0.15 and 4 where
    they are blank, as in the curve of the Bureau of Public Roads; lanes are 1 where they are blank. A blank capacity
    needs a ``vdf_alpha`` of 0. A link with capacity 0 or without lanes is closed. A blank ``allowed_uses`` means all.

    Parameters
    ----------
    folder
        With ``node.csv`` and ``link.csv``, and ``zone.csv``, ``config.csv``, ``use_definition.csv``, ``use_group.csv``
        if there are any.

    Returns
    -------
    GmnsFolder
        Network, zones and uses.

    Raises
    ------
    AssignmentError
        If there is any fault; it carries all of them.
    """
    faults = Faults()
    nodes = read_nodes(folder, faults)
    factor = minutes_per_length_and_speed(folder, faults)
    uses = read_uses(folder / "use_definition.csv", faults)
    groups = read_groups(folder / "use_group.csv", faults)
    path = folder / "link.csv"
    needed = ("link_id", "from_node_id", "to_node_id", "directed", "length")
    cells = read_cells(path, LINK_COLUMNS, faults, required=needed)
    links = None if cells is None else links_of(str(path), cells, nodes, factor, faults)
    allowed = None if cells is None else allowed_uses(str(path), cells, uses, groups, faults)
    rows = None if links is None else _both_ways(str(path), links, faults)
    faults.stop()
    assert nodes is not None and rows is not None and allowed is not None  # noqa: S101, PT018 - else there is a fault
    columns = ("free_time", "capacity", "b", "power", "length", "toll")
    network = TrafficNetwork(
        node_ids=nodes.node_ids,
        n_zones=len(nodes.zone_ids),
        first_through=nodes.first_through,
        link_ids=tuple(rows["link_id"]),
        tail=rows["tail"].to_numpy().astype(np.int32),
        head=rows["head"].to_numpy().astype(np.int32),
        **{name: rows[name].to_numpy().copy() for name in columns},
    )
    return GmnsFolder(
        network=network, nodes=nodes, allowed_uses=tuple(allowed[row] for row in rows["row"]), uses=uses or {}
    )


def _both_ways(file: str, links: pl.DataFrame, faults: Faults) -> pl.DataFrame:
    """Make two links of one that is not directed; column ``row`` says from which row each comes."""
    numbered = links.with_row_index("row")
    single = numbered.filter("directed")
    double = numbered.filter(~pl.col("directed"))
    forward = double.with_columns(pl.concat_str("link_id", pl.lit("--forward")))
    backward = double.with_columns(pl.concat_str("link_id", pl.lit("--backward")), tail="head", head="tail")
    rows = pl.concat([pl.concat([single, forward]).sort("row"), backward])
    again = rows.drop_nulls("link_id").filter(~pl.col("link_id").is_first_distinct() & ~pl.col("directed"))
    places = again.select(LINE, "link_id").iter_rows()
    expected = "a name that no link has"
    faults.add_all(
        file, places, "link_id", expected=expected, remedy="Rename the link that has the name of a direction."
    )
    return rows


def read_demand(path: Path, folder: GmnsFolder) -> dict[str, TripTable]:
    """Read the trips of each use.

    Parameters
    ----------
    path
        ``demand.csv``: ``o_zone_id``, ``d_zone_id``, ``volume`` (trips per hour) and, with several uses, one of the
        columns ``use``, ``mode``, ``mode_type``, ``agent_type``. Without it all trips are those of ``auto``.
    folder
        Network whose zones they join.

    Returns
    -------
    dict of str to TripTable
        By use, sorted; without the rows that are 0.

    Raises
    ------
    AssignmentError
        If there is any fault; it carries all of them.
    """
    faults, file = Faults(), str(path)
    cells = read_cells(path, _DEMAND_COLUMNS, faults, required=(*_ZONES, "volume"))
    rows = None if cells is None else _demand(file, cells, folder, faults)
    faults.stop()
    assert rows is not None  # noqa: S101 - without rows there is a fault
    parts = rows.filter(pl.col("volume") > 0).sort("use", "o_zone_id", "d_zone_id").partition_by("use", as_dict=True)
    return {str(use): _trip_table(part) for (use,), part in parts.items()}


def _trip_table(part: pl.DataFrame) -> TripTable:
    origin, destination = (part[name].to_numpy().astype(np.int32) for name in _ZONES)
    return TripTable(origin=origin, destination=destination, trips=part["volume"].to_numpy().copy())


def _demand(file: str, cells: pl.DataFrame, folder: GmnsFolder, faults: Faults) -> pl.DataFrame:
    """Turn the cells of demand into numbers of zones, volumes and uses."""
    if cells["use"].is_null().all():
        cells = cells.with_columns(use=pl.lit(_DEFAULT_USE))
    need(cells, "use", faults, file, expected="the name of a use")
    firsts = cells.filter(pl.col("use").is_first_distinct()).drop_nulls("use")
    for line, use in firsts.select(LINE, "use").iter_rows():
        folder.check_use(use, faults, file, line, "use")
    numbers = {zone: number for number, zone in enumerate(folder.nodes.zone_ids)}
    rows = cells.with_columns(
        numbers_in(cells, "volume", faults, file),
        *(pl.col(name).replace_strict(numbers, default=None, return_dtype=pl.Int64) for name in _ZONES),
    )
    for column in _ZONES:
        need(cells, column, faults, file, expected="the name of a zone")
        unknown = cells.filter(rows[column].is_null()).drop_nulls(column).select(LINE, column)
        unclear = pl.col(column).is_in(folder.nodes.unclear_zones)
        remedy = "Give the zone one node, or one whose node_type is centroid."
        expected = "a zone that one node stands for"
        faults.add_all(file, unknown.filter(unclear).iter_rows(), column, expected=expected, remedy=remedy)
        remedy = "Correct the row, or give the zone a node in node.csv."
        expected = "a zone of the network"
        faults.add_all(file, unknown.filter(~unclear).iter_rows(), column, expected=expected, remedy=remedy)
    pair = pl.struct("use", *_ZONES)
    again = rows.drop_nulls(("use", *_ZONES)).filter(~pair.is_first_distinct())[LINE]
    names = pl.concat_str("o_zone_id", pl.lit(" to "), "d_zone_id")
    places = cells.filter(pl.col(LINE).is_in(again.to_list())).select(LINE, names).iter_rows()
    remedy = "Remove one of the rows, or add them up."
    faults.add_all(file, places, "d_zone_id", expected="each pair of zones once for each use", remedy=remedy)
    return rows
