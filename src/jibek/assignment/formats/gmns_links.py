"""Links in a folder of the General Modeling Network Specification: from the cells of ``link.csv`` to numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jibek.assignment.formats.csv_cells import need, read_cells, unique
from jibek.assignment.formats.faults import BOUNDS, LARGEST, Faults
from jibek.assignment.formats.texts import LINE, numbers_in

if TYPE_CHECKING:
    from pathlib import Path

    from jibek.assignment.formats.gmns_nodes import GmnsNodes

__all__ = ["LINK_COLUMNS", "links_of", "minutes_per_length_and_speed"]

LINK_COLUMNS = {
    **{name: (name,) for name in ("link_id", "from_node_id", "to_node_id", "length", "free_speed")},
    **{name: (name,) for name in ("capacity", "lanes", "toll", "allowed_uses")},
    "directed": ("directed", "dir_flag"),  # the latter in files of DTALite, which have no other
    **{name: (name, f"{name}1") for name in ("vdf_fftt", "vdf_alpha", "vdf_beta")},
}
_MINUTES = 60.0
_KILOMETRES = {"km": 1.0, "kilometer": 1.0, "kilometre": 1.0, "m": 0.001, "meter": 0.001, "metre": 0.001}
_KILOMETRES |= {"mi": 1.609344, "mile": 1.609344, "miles": 1.609344, "ft": 0.0003048, "feet": 0.0003048}
_KILOMETRES |= {"kilometers": 1.0, "kilometres": 1.0, "meters": 0.001, "metres": 0.001, "foot": 0.0003048}
_SPEEDS = {"kph": 1.0, "kmh": 1.0, "km/h": 1.0, "kmph": 1.0, "mph": 1.609344, "mi/h": 1.609344}
_ENDS = {"tail": "from_node_id", "head": "to_node_id"}
_DIRECTED = {"1": True, "true": True, "0": False, "false": False}


def minutes_per_length_and_speed(folder: Path, faults: Faults) -> float:
    """Return what turns length over speed into minutes, by the units of ``config.csv``.

    Without the file, or a unit in it, speed is in units of length per hour.
    """
    path = folder / "config.csv"
    if not path.exists():
        return _MINUTES
    columns = {name: (name,) for name in ("long_length", "speed")}
    cells = read_cells(path, columns, faults, required=())
    if cells is None:
        return _MINUTES
    if cells.height != 1:
        remedy = "Leave one row in it."
        faults.add(str(path), None, "", f"{cells.height} rows", expected="one row", remedy=remedy)
        return _MINUTES
    units = {}
    for column, known in (("long_length", _KILOMETRES), ("speed", _SPEEDS)):
        line, unit = cells.select(LINE, column).row(0)
        if unit is not None and unit.lower() not in known:
            remedy = "Write the unit in one of these words."
            faults.add(str(path), line, column, unit, expected=" or ".join(known), remedy=remedy)
        elif unit is not None:
            units[column] = known[unit.lower()]
    if len(units) < len(columns):
        return _MINUTES
    return _MINUTES * units["long_length"] / units["speed"]


def links_of(
    file: str, cells: pl.DataFrame, nodes: GmnsNodes | None, factor: float, faults: Faults
) -> pl.DataFrame | None:
    """Turn the cells of links into numbers.

    Parameters
    ----------
    file, cells
        Path of ``link.csv``, and its columns `LINK_COLUMNS` as texts.
    nodes
        Nodes that links join; None if they could not be read.
    factor
        What turns length over speed into minutes.
    faults
        Takes all faults.

    Returns
    -------
    polars.DataFrame or None
        Columns ``link_id``, ``directed``, ``tail``, ``head``, ``free_time``, ``capacity`` (on all lanes), ``b``,
        ``power``, ``length`` and ``toll``, null where there is a fault; None without nodes.
    """
    unique(cells, "link_id", faults, file)
    directed = pl.col("directed").str.to_lowercase().replace_strict(_DIRECTED, default=None, return_dtype=pl.Boolean)
    places = cells.filter(directed.is_null()).select(LINE, pl.col("directed").fill_null("")).iter_rows()
    remedy = "Write 1 for a link in one direction and 0 for one in both."
    faults.add_all(file, places, "directed", expected="1 or 0", remedy=remedy)

    def column(name: str, default: float | None = None, **bounds: float) -> pl.Series:
        return numbers_in(cells, name, faults, file, default=default, **bounds)

    times = _free_times(file, cells, factor, faults)
    links = cells.select(
        LINE,
        "link_id",
        directed,
        *(pl.Series(name, _node_numbers(file, cells, end, nodes, faults)) for name, end in _ENDS.items()),
        times.alias("free_time"),
        column("capacity", LARGEST),
        column("vdf_alpha", 0.15).alias("b"),
        column("vdf_beta", 4.0, **BOUNDS["power"]).alias("power"),
        column("length"),
        column("toll", 0.0),
    )
    unlimited = cells["capacity"].is_null()
    lanes = column("lanes", 1.0)
    links = links.with_columns(pl.when(unlimited).then("capacity").otherwise(pl.col("capacity") * lanes))
    lowest = BOUNDS["capacity"]["lowest"]
    for wrong, name, expected, remedy in (
        (unlimited & (links["b"] > 0), "capacity", "a capacity where vdf_alpha is above 0", "Give one of the two."),
        (links["power"].is_between(0, 1, closed="none"), "vdf_beta", "0, or a number from 1", "Correct the power."),
        (
            links["capacity"].is_between(0, lowest, closed="none") | (links["capacity"] > LARGEST),
            "capacity",
            f"0, or a capacity from {lowest:g} to {LARGEST:g} on all lanes",
            "Correct capacity or lanes.",
        ),
    ):
        places = cells.filter(wrong).select(LINE, pl.col(name).fill_null("")).iter_rows()
        faults.add_all(file, places, name, expected=expected, remedy=remedy)
    return None if nodes is None else links


def _free_times(file: str, cells: pl.DataFrame, factor: float, faults: Faults) -> pl.Series:
    """Return minutes without traffic: those that are given, else length over speed."""
    given = cells["vdf_fftt"].is_not_null()
    timed, other = cells.filter(given), cells.filter(~given)
    # A speed of a millionth would be a standstill, and 0 a division by it.
    speed = numbers_in(other, "free_speed", faults, file, lowest=1e-3)
    silent = Faults()  # the length is told where it is read
    minutes = numbers_in(other, "length", silent, file) / speed * factor
    parts = [
        timed.select(LINE, numbers_in(timed, "vdf_fftt", faults, file).alias("minutes")),
        other.select(LINE, minutes.alias("minutes")),
    ]
    return pl.concat(parts).sort(LINE)["minutes"]


def _node_numbers(file: str, cells: pl.DataFrame, end: str, nodes: GmnsNodes | None, faults: Faults) -> pl.Series:
    """Turn names of nodes into their numbers."""
    need(cells, end, faults, file, expected="the name of a node")
    if nodes is None:
        return pl.Series([None] * cells.height, dtype=pl.Int64)
    numbers = {node: number for number, node in enumerate(nodes.node_ids)}
    found = cells[end].replace_strict(numbers, default=None, return_dtype=pl.Int64)
    places = cells.filter(found.is_null()).drop_nulls(end).select(LINE, end).iter_rows()
    remedy = "Correct the name, or add the node."
    faults.add_all(file, places, end, expected="a node of node.csv", remedy=remedy)
    return found
