"""A network, its classes and their flows in the General Modeling Network Specification: from arrays to CSV texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.assignment.formats.faults import LARGEST
from jibek.assignment.problem import DelayKind
from jibek.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jibek.assignment.formats.gmns_nodes import GmnsNodes
    from jibek.assignment.problem import TrafficNetwork, TravelClass

__all__ = ["demand_table", "to_gmns_texts"]


def to_gmns_texts(
    network: TrafficNetwork,
    classes: Sequence[TravelClass],
    flows: pl.DataFrame | None = None,
    *,
    nodes: GmnsNodes | None = None,
) -> dict[str, str]:
    """Write a network with its demand, and the flows on it, as a folder that `read_gmns` reads back.

    Fixed costs are not written: the columns ``toll`` and ``length`` are, but not what they are worth to a class.

    Parameters
    ----------
    network, classes
        What is written; links are directed, their capacity is written for one lane.
    flows
        Result of `link_flow_table`, whose columns are added to those of links.
    nodes
        Names of zones and coordinates, where they are known; without them a zone has the name of its node and
        coordinates are blank.

    Returns
    -------
    dict of str
        Texts by file name: ``node.csv``, ``zone.csv``, ``link.csv``, ``use_definition.csv``, ``demand.csv``.

    Raises
    ------
    RunError
        If a delay function is not one of power, for which the files have no column.
    """
    if np.any(network.delay_kind == DelayKind.CONICAL):
        raise RunError("Conical delay has no columns in GMNS. Write the flows as CSV or Parquet instead.")
    zones = network.node_ids[: network.n_zones] if nodes is None else nodes.zone_ids
    tables = {
        "node.csv": _nodes(network, zones, nodes),
        "zone.csv": pl.DataFrame({"zone_id": zones}, schema={"zone_id": pl.String}),
        "link.csv": _links(network, classes, flows),
        "use_definition.csv": pl.DataFrame(
            {
                "use": [each.name for each in classes],
                "persons_per_vehicle": pl.Series([None] * len(classes), dtype=pl.Float64),
                "pce": [each.load for each in classes],
            }
        ),
        "demand.csv": demand_table(classes, zones),
    }
    return {name: table.write_csv() for name, table in tables.items()}


def _nodes(network: TrafficNetwork, zones: Sequence[str], nodes: GmnsNodes | None) -> pl.DataFrame:
    n_nodes = len(network.node_ids)
    coordinates = np.full((n_nodes, 2), np.nan) if nodes is None else nodes.coordinates
    return pl.DataFrame(
        {
            "node_id": network.node_ids,
            "x_coord": coordinates[:, 0],
            "y_coord": coordinates[:, 1],
            "node_type": ["centroid" if number < network.first_through else None for number in range(n_nodes)],
            "zone_id": [*zones, *[None] * (n_nodes - len(zones))],
        },
        schema_overrides={"node_type": pl.String, "zone_id": pl.String},
    ).with_columns(pl.col("x_coord", "y_coord").fill_nan(None))


def _links(network: TrafficNetwork, classes: Sequence[TravelClass], flows: pl.DataFrame | None) -> pl.DataFrame:
    nodes = pl.Series(network.node_ids, dtype=pl.String)
    constant = network.delay_kind == DelayKind.CONSTANT
    links = pl.DataFrame(
        {
            "link_id": network.link_ids,
            "from_node_id": nodes.gather(network.tail),
            "to_node_id": nodes.gather(network.head),
            "directed": np.ones(len(network.link_ids), dtype=np.int8),
            "length": network.length,
            "capacity": network.capacity,
            "lanes": np.ones(len(network.link_ids), dtype=np.int8),
            "vdf_fftt": network.free_time,
            "vdf_alpha": np.where(constant, 0.0, network.b),
            "vdf_beta": np.where(constant, 0.0, network.power),
            "toll": network.toll,
            "allowed_uses": _allowed_uses(classes, len(network.link_ids)),
        }
    ).with_columns(pl.when(pl.col("capacity") != LARGEST).then("capacity"))
    return links if flows is None else links.hstack(flows.drop("from", "to", "link"))


def _allowed_uses(classes: Sequence[TravelClass], n_links: int) -> list[str]:
    """Name the classes that each link is open to."""
    names = np.array([each.name for each in classes], dtype=object)
    allowed = np.array([each.allowed for each in classes], dtype=np.bool_).reshape(len(classes), n_links)
    return ["all" if row.all() else ",".join(names[row]) or "none" for row in allowed.T]


def demand_table(classes: Sequence[TravelClass], zone_ids: Sequence[str]) -> pl.DataFrame:
    """Put trips into a table as ``demand.csv`` has it: ``o_zone_id``, ``d_zone_id``, ``use``, ``volume``."""
    names = pl.Series(zone_ids, dtype=pl.String)
    tables = [
        pl.DataFrame(
            {
                "o_zone_id": names.gather(each.origin),
                "d_zone_id": names.gather(each.destination),
                "use": pl.Series([each.name] * len(each.trips), dtype=pl.String),
                "volume": each.trips,
            }
        )
        for each in classes
    ]
    return pl.concat(tables)
