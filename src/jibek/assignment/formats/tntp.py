"""Networks, trips and published flows in the text format of the TransportationNetworks: from files to arrays.

A file begins with metadata, ``<NAME> value``, up to ``<END OF METADATA>``. A line that begins with ``~`` is a comment.
Nodes are numbered from 1, zones first. Times, lengths and tolls are in the units of the file, which does not name them.
A file is read whole or not at all: whatever is wrong in it is told at once, with its line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.assignment.formats.faults import BOUNDS, MOST, Faults
from jibek.assignment.formats.texts import LINE, numbers_in, read_text
from jibek.assignment.formats.tntp_file import CUT, TntpFile, cells_of, node_numbers, whole_lines
from jibek.assignment.problem import TrafficNetwork
from jibek.assignment.trips import TripTable

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["LinkFlows", "read_flows", "read_network", "read_trips"]

_FIELDS = (
    *("init_node", "term_node", "capacity", "length", "free_flow_time"),
    *("b", "power", "speed", "toll", "link_type"),
)
_FLOW_FIELDS = ("from", "to", "volume", "cost")
_ORIGIN = r"(?i)^origin\b"


@dataclass(frozen=True)
class LinkFlows:
    """A solution: what flows on each link, and at which cost.

    Attributes
    ----------
    flow, cost : ndarray of float, shape (n_links,)
        In the order of the network's links; the cost is generalised, tolls and distance included.
    """

    flow: Floats
    cost: Floats


def read_network(path: Path) -> TrafficNetwork:
    """Read a network (``*_net.tntp``).

    Parameters
    ----------
    path
        File; one that ends in ``.gz`` is unpacked.

    Returns
    -------
    TrafficNetwork
        Nodes are called by their number, links by their place in the file, both from 1.

    Raises
    ------
    AssignmentError
        If there is any fault; it carries all of them.
    """
    faults = Faults()
    network = _parse_network(path, faults)
    faults.stop()
    assert network is not None  # noqa: S101 - without a network there is a fault
    return network


def read_trips(path: Path, network: TrafficNetwork | None = None) -> TripTable:
    """Read trips between zones (``*_trips.tntp``).

    A table whose sum is not its ``<TOTAL OD FLOW>`` is a fault and no warning: a file that was cut between two cells
    shows it by nothing else.

    Parameters
    ----------
    path
        File; one that ends in ``.gz`` is unpacked.
    network
        Network whose zones they join; None for as many zones as the file itself says.

    Returns
    -------
    TripTable
        Without the cells that are 0; trips within a zone are kept.

    Raises
    ------
    AssignmentError
        If there is any fault; it carries all of them.
    """
    faults = Faults()
    found = TntpFile.read(path, faults)
    cells = None if found is None else _parse_trips(found, network, faults)
    faults.stop()
    assert cells is not None  # noqa: S101 - without cells there is a fault
    cells = cells.filter(pl.col("trips") > 0).sort("origin", "destination")
    return TripTable(
        origin=(cells["origin"].to_numpy() - 1).astype(np.int32),
        destination=(cells["destination"].to_numpy() - 1).astype(np.int32),
        trips=cells["trips"].to_numpy().copy(),
    )


def read_flows(path: Path, network: TrafficNetwork) -> LinkFlows:
    """Read the flows of a published solution (``*_flow.tntp``), with or without metadata.

    Parameters
    ----------
    path
        File; one that ends in ``.gz`` is unpacked.
    network
        Network that they flow on. Of parallel links, the first in one file is the first in the other.

    Returns
    -------
    LinkFlows
        One flow and cost for each link.

    Raises
    ------
    AssignmentError
        If there is any fault, a link without a flow among them; it carries all of them.
    """
    faults = Faults()
    text = read_text(path, faults)
    rows = None if text is None else _parse_flows(str(path), text, network, faults)
    faults.stop()
    assert rows is not None  # noqa: S101 - without flows there is a fault
    return LinkFlows(flow=rows["volume"].to_numpy().copy(), cost=rows["cost"].to_numpy().copy())


def _parse_network(path: Path, faults: Faults) -> TrafficNetwork | None:
    found = TntpFile.read(path, faults)
    if found is None:
        return None
    nodes = found.whole("NUMBER OF NODES", faults)
    zones = found.whole("NUMBER OF ZONES", faults, highest=nodes or MOST)
    first_through = found.whole("FIRST THRU NODE", faults, highest=(nodes or MOST) + 1)
    links = found.whole("NUMBER OF LINKS", faults)
    if links is not None and found.body.height != links:
        line, value = found.metadata["NUMBER OF LINKS"]
        expected = f"{found.body.height}, as many as there are lines after the metadata"
        faults.add(found.file, line, "NUMBER OF LINKS", value, expected=expected, remedy=f"Correct it. {CUT}")
    cells = cells_of(found.file, found.body, _FIELDS, faults)
    ends = {name: node_numbers(cells, name, faults, found.file, highest=nodes or MOST) for name in _FIELDS[:2]}
    numbers = {name: numbers_in(cells, name, faults, found.file, **BOUNDS.get(name, {})) for name in _FIELDS[2:]}
    concave = (numbers["power"] > 0) & (numbers["power"] < 1)
    places = cells.filter(concave).select(LINE, "power").iter_rows()
    remedy = "Correct the power: delay must rise ever faster, or the equilibrium is not one."
    faults.add_all(found.file, places, "power", expected="0, or a number from 1", remedy=remedy)
    if faults.found or nodes is None or zones is None or first_through is None:
        return None
    arrays = {name: series.to_numpy().copy() for name, series in numbers.items()}
    return TrafficNetwork(
        node_ids=tuple(str(number) for number in range(1, nodes + 1)),
        n_zones=zones,
        first_through=first_through - 1,
        link_ids=tuple(str(number) for number in range(1, cells.height + 1)),
        tail=(ends["init_node"].to_numpy() - 1).astype(np.int32),
        head=(ends["term_node"].to_numpy() - 1).astype(np.int32),
        free_time=arrays["free_flow_time"],
        capacity=arrays["capacity"],
        b=arrays["b"],
        power=arrays["power"],
        length=arrays["length"],
        toll=arrays["toll"],
    )


def _parse_trips(found: TntpFile, network: TrafficNetwork | None, faults: Faults) -> pl.DataFrame:
    """Parse trips into columns origin, destination (numbers from 1) and trips, and check them."""
    file = found.file
    zones = found.whole("NUMBER OF ZONES", faults)
    n_zones = (zones or MOST) if network is None else network.n_zones
    if zones is not None and zones != n_zones:
        line, value = found.metadata["NUMBER OF ZONES"]
        remedy = "Give the trips that belong to the network."
        faults.add(file, line, "NUMBER OF ZONES", value, expected=f"{n_zones}, as in the network", remedy=remedy)
    total = found.total(faults)
    cells = _split_trips(found, n_zones, faults)
    numbers = cells.with_columns(
        node_numbers(cells, "destination", faults, file, highest=n_zones, kind="zone"),
        numbers_in(cells, "trips", faults, file),
    )
    again = numbers.filter(
        ~pl.struct("origin", "destination").is_first_distinct() & pl.col("destination").is_not_null()
    )
    places = again.select(LINE, pl.concat_str("origin", pl.lit(" to "), "destination")).iter_rows()
    remedy = "Remove one of the two cells, or add them up."
    faults.add_all(file, places, "destination", expected="each pair of zones once", remedy=remedy)
    if not faults.found and total is not None:
        _check_total(found, numbers["trips"].sum(), total, faults)
    return numbers


def _split_trips(found: TntpFile, n_zones: int, faults: Faults) -> pl.DataFrame:
    """Split the lines after the metadata into cells: origin (a number, -1 if it is faulty), destination, trips."""
    file, text = found.file, pl.col("text")
    starts = found.body.filter(text.str.contains(_ORIGIN)).with_columns(
        origin=text.str.extract(r"^\S+\s+(\S.*)$").fill_null("")
    )
    numbers = starts.select(
        LINE, node_numbers(starts, "origin", faults, file, highest=n_zones, kind="zone").fill_null(-1)
    )
    lines = found.body.join(numbers, on=LINE, how="left", maintain_order="left").with_columns(
        pl.col("origin").forward_fill(), starts=pl.col("origin").is_not_null()
    )
    cells = lines.filter(~pl.col("starts"))
    early = cells.filter(pl.col("origin").is_null()).select(LINE, "text").iter_rows()
    faults.add_all(file, early, "origin", expected="a line Origin before it", remedy="Say whose trips these are.")
    open_ended = cells.filter(~text.str.ends_with(";")).select(LINE, text.str.extract(r"([^;]*)$")).iter_rows()
    faults.add_all(file, open_ended, "trips", expected="; after each cell", remedy=f"Complete the cell. {CUT}")
    pieces = cells.with_columns(text.str.extract_all(r"[^;]*;")).explode("text").drop_nulls("text")
    parts = pieces.with_columns(
        text.str.strip_chars(), part=text.str.extract_groups(r"^\s*([^:;\s]+)\s*:\s*([^:;\s]+)\s*;$")
    )
    parts = parts.with_columns(destination=pl.col("part").struct.field("1"), trips=pl.col("part").struct.field("2"))
    shapeless = parts.filter(pl.col("destination").is_null()).select(LINE, "text").iter_rows()
    faults.add_all(file, shapeless, "trips", expected="zone : trips;", remedy="Correct the cell.")
    return parts.drop_nulls("destination").select(LINE, "origin", "destination", "trips")


def _check_total(found: TntpFile, trips: float, total: tuple[float, float], faults: Faults) -> None:
    """Compare the sum of all cells with the metadata."""
    given, rounding = total
    if abs(trips - given) <= rounding:
        return
    line, value = found.metadata["TOTAL OD FLOW"]
    remedy = f"{CUT} If the table is right, correct its sum."
    expected = f"{trips:.12g}, the sum of the table"
    faults.add(found.file, line, "TOTAL OD FLOW", value, expected=expected, remedy=remedy)


def _parse_flows(file: str, text: str, network: TrafficNetwork, faults: Faults) -> pl.DataFrame:
    """Parse published flows into columns volume and cost, in the order of the network's links."""
    lines = text.split("\n")
    ends = [number for number, line in enumerate(lines, 1) if line.strip().upper() == "<END OF METADATA>"]
    body = whole_lines(lines, ends[0] if ends else 0)
    # The names of the columns stand before the numbers, without the sign of a comment.
    body = body.filter((pl.int_range(pl.len()) > 0) | pl.col("text").str.contains(r"^[0-9]"))
    cells = cells_of(file, body, _FLOW_FIELDS, faults, ended=False)
    highest = len(network.node_ids)
    rows = cells.with_columns(
        *(node_numbers(cells, name, faults, file, highest=highest) for name in _FLOW_FIELDS[:2]),
        *(numbers_in(cells, name, faults, file) for name in _FLOW_FIELDS[2:]),
    )
    if faults.found:
        return rows
    links = pl.DataFrame({"from": network.tail + 1, "to": network.head + 1}).cast(pl.Int64)
    turn = pl.int_range(pl.len()).over("from", "to").alias("_turn")
    rows, links = rows.with_columns(turn), links.with_columns(turn)
    keys = ("from", "to", "_turn")
    remedy = f"Give the flows that belong to the network. {CUT}"
    pair = pl.concat_str("from", pl.lit(" to "), "to")
    unknown = rows.join(links, on=keys, how="anti").select(LINE, pair).iter_rows()
    faults.add_all(file, unknown, "from", expected="a link of the network, once", remedy=remedy)
    for (name,) in links.join(rows, on=keys, how="anti").select(pair).iter_rows():
        faults.add(file, None, "from", f"no link {name}", expected="every link of the network", remedy=remedy)
    return links.join(rows, on=keys, how="left", maintain_order="left")
