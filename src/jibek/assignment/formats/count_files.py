"""Traffic counts in a CSV file: one row a link, or a link and a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.assignment.counts import Counts
from jibek.assignment.formats.csv_cells import need, read_cells
from jibek.assignment.formats.faults import Faults
from jibek.assignment.formats.texts import LINE, numbers_in
from jibek.corridor.tables import suggestions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jibek.assignment.problem import TrafficNetwork

__all__ = ["read_counts"]

_ENDS = ("from", "to")
_COLUMNS = ("link", *_ENDS, "class", "count", "weight")
_REMEDY = "Correct the row, or leave it out."


def read_counts(path: Path, network: TrafficNetwork, names: Sequence[str]) -> Counts:
    """Read counts.

    Parameters
    ----------
    path
        CSV with the columns ``link``, or ``from`` and ``to``; ``count``, in the period of the trips; if there are any,
        ``class`` (blank: vehicle equivalents of all classes) and ``weight`` (blank: 1).
    network
        Network on whose links it was counted.
    names
        Names of the classes.

    Returns
    -------
    Counts
        In the order of the file.

    Raises
    ------
    AssignmentError
        If there is any fault; it carries all of them.
    """
    faults, file = Faults(), str(path)
    cells = read_cells(path, {name: (name,) for name in _COLUMNS}, faults, required=("count",))
    counts = None if cells is None else _counts(file, cells, network, names, faults)
    faults.stop()
    assert counts is not None  # noqa: S101 - without counts there is a fault
    return counts


def _counts(
    file: str, cells: pl.DataFrame, network: TrafficNetwork, names: Sequence[str], faults: Faults
) -> Counts | None:
    """Turn cells into counts."""
    if not cells.height:
        faults.add(file, None, "count", "no row", expected="at least one count", remedy="Give the file with counts.")
        return None
    links = _links(file, cells, network, faults)
    numbers = {name: number for number, name in enumerate(names)}
    rows = cells.select(
        LINE,
        numbers_in(cells, "count", faults, file),
        numbers_in(cells, "weight", faults, file, default=1.0),
        links.alias("link"),
        travel=pl.when(pl.col("class").is_null()).then(-1).otherwise(_numbers("class", numbers)),
    )
    _tell_unknown(file, cells, rows["travel"], "class", names, faults, expected="a class of the trips, or blank")
    known = rows.drop_nulls(("link", "travel"))
    again = known.filter(~pl.struct("link", "travel").is_first_distinct())
    places = [(line, network.link_ids[link]) for line, link in again.select(LINE, "link").iter_rows()]
    expected = "each link once for each class"
    faults.add_all(file, places, "link", expected=expected, remedy="Remove one of the rows, or put their mean.")
    link, travel = (rows[name].fill_null(0).to_numpy().astype(np.int64) for name in ("link", "travel"))
    return Counts(link, travel, *(rows[name].to_numpy().astype(np.float64) for name in ("count", "weight")))


def _links(file: str, cells: pl.DataFrame, network: TrafficNetwork, faults: Faults) -> pl.Series:
    """Find the link of each row by its name or its ends; null where there is a fault."""
    if cells.select("link", *_ENDS).null_count().row(0) == (cells.height,) * 3:
        remedy = "Add a column link, or columns from and to."
        faults.add(file, 1, "link", "no such column", expected="where it was counted", remedy=remedy)
        return cells["link"].cast(pl.Int64)
    if cells["link"].is_not_null().any():
        need(cells, "link", faults, file, expected="the name of a link")
        links = cells.select(_numbers("link", {name: number for number, name in enumerate(network.link_ids)}))["link"]
        _tell_unknown(file, cells, links, "link", network.link_ids, faults, expected="a link of the network")
        return links
    nodes = {name: number for number, name in enumerate(network.node_ids)}
    ends = cells.select(LINE, *(_numbers(end, nodes) for end in _ENDS))
    for end in _ENDS:
        need(cells, end, faults, file, expected="the name of a node")
        _tell_unknown(file, cells, ends[end], end, network.node_ids, faults, expected="a node of the network")
    joins = pl.DataFrame({"from": network.tail, "to": network.head}).cast(pl.Int64).with_row_index("number")
    between = joins.group_by(_ENDS).agg(pl.col("number").first().cast(pl.Int64), pl.len().alias("parallel"))
    found = ends.join(between, on=_ENDS, how="left", maintain_order="left")
    pairs = cells.select(LINE, pl.concat_str("from", pl.lit(" to "), "to").alias("pair"))
    known = found["from"].is_not_null() & found["to"].is_not_null()
    places = pairs.filter(known & found["parallel"].is_null()).iter_rows()
    faults.add_all(file, places, "to", expected="nodes that a link joins", remedy=_REMEDY)
    places = pairs.filter((found["parallel"] > 1).fill_null(value=False)).iter_rows()
    faults.add_all(file, places, "to", expected="nodes that one link joins", remedy="Name the link in a column link.")
    return found["number"]


def _numbers(column: str, numbers: dict[str, int]) -> pl.Expr:
    """Turn names into their numbers; null where there is none."""
    return pl.col(column).replace_strict(numbers, default=None, return_dtype=pl.Int64)


def _tell_unknown(
    file: str,
    cells: pl.DataFrame,
    found: pl.Series,
    column: str,
    known: Sequence[str],
    faults: Faults,
    *,
    expected: str,
) -> None:
    """Note every name that is not blank and not known, with the nearest one that is."""
    unknown = cells.filter(found.is_null() & cells[column].is_not_null()).select(LINE, column).rows()
    near = suggestions([name for _, name in unknown], known)
    for (line, name), suggestion in zip(unknown, near, strict=True):
        faults.add(file, line, column, name, expected=expected, remedy=f"{suggestion}{_REMEDY}")
