"""Costs at which trips were observed: from a table or matrices, as skims are written, to one cost for each pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.assignment.formats.csv_cells import need, read_cells
from jibek.assignment.formats.faults import Faults
from jibek.assignment.formats.matrices import plain_name, read_costs
from jibek.assignment.formats.skim_files import skim_name
from jibek.assignment.formats.texts import LINE, numbers_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from jibek.assignment.problem import TravelClass

    Floats = NDArray[np.float64]

__all__ = ["read_reference_costs"]

_ENDS = ("origin", "destination")
_COLUMNS = ("class", *_ENDS, "cost")


def read_reference_costs(path: Path, zone_ids: Sequence[str], classes: Sequence[TravelClass]) -> tuple[Floats, ...]:
    """Read the reference costs of elastic demand.

    Parameters
    ----------
    path
        Skims: ``*.omx`` with the matrix ``cost``, of several classes ``cost_<class>``; or a table, ``*.csv`` or
        ``*.parquet``, with the columns ``origin``, ``destination``, ``cost`` and, with several classes, ``class``.
    zone_ids
        Names of the zones, in order of zone number.
    classes
        Classes whose trips need a cost.

    Returns
    -------
    tuple of float64 arrays, each of shape (n_pairs,)
        Cost of each row of a class's trips; 1 for those within a zone, which have none.

    Raises
    ------
    AssignmentError
        If there is any fault, a pair with trips but no cost above 0 among them; it carries all of them.
    """
    faults = Faults()
    if path.suffix == ".omx":
        names = [each.name for each in classes]
        matrices = {name: plain_name(skim_name("cost", name, names)) for name in names}
        found = read_costs(path, zone_ids, list(matrices.values()))
        costs = {name: found[matrix] for name, matrix in matrices.items()}
    else:
        costs = _read_table(path, zone_ids, [each.name for each in classes], faults)
    faults.stop()
    rows = tuple(_costs_of(str(path), each, costs[each.name], zone_ids, faults) for each in classes)
    faults.stop()
    return rows


def _costs_of(file: str, travel: TravelClass, cost: Floats, zone_ids: Sequence[str], faults: Faults) -> Floats:
    """Look the costs of a class's trips up."""
    its = cost[travel.origin, travel.destination]
    goes = (travel.origin != travel.destination) & (travel.trips > 0)
    for row in np.flatnonzero(goes & ~((its > 0) & np.isfinite(its))).tolist():
        pair = f"{its[row]:g} from {zone_ids[travel.origin[row]]} to {zone_ids[travel.destination[row]]}"
        remedy = f"Give the cost, or leave the trips of {travel.name} on this pair out."
        faults.add(file, None, "cost", pair, expected="a cost above 0 for each pair with trips", remedy=remedy)
    return np.where(goes, its, 1.0)


def _read_table(path: Path, zone_ids: Sequence[str], names: Sequence[str], faults: Faults) -> dict[str, Floats]:
    """Read a table into one matrix for each class; NaN where it says nothing."""
    costs: dict[str, Floats] = {name: np.full((len(zone_ids),) * 2, np.nan) for name in names}
    required = (*_ENDS, "cost", *(["class"] if len(names) > 1 else []))
    cells = _cells(path, required, faults)
    if cells is None:
        return costs
    file = str(path)
    if len(names) == 1:
        cells = cells.with_columns(pl.col("class").fill_null(names[0]))
    numbers = {zone: number for number, zone in enumerate(zone_ids)}
    rows = cells.with_columns(
        numbers_in(cells, "cost", faults, file, default=np.nan),
        *(pl.col(name).replace_strict(numbers, default=None, return_dtype=pl.Int64) for name in _ENDS),
    )
    for column, known, expected in (
        ("class", names, "a class of the trips"),
        *((end, zone_ids, "a zone of the network") for end in _ENDS),
    ):
        need(cells, column, faults, file, expected=expected)
        unknown = cells.filter(~pl.col(column).is_in(list(known))).select(LINE, column).iter_rows()
        faults.add_all(file, unknown, column, expected=expected, remedy="Correct the row, or leave it out.")
    again = rows.drop_nulls().filter(~pl.struct("class", *_ENDS).is_first_distinct())[LINE]
    names_of = pl.concat_str("origin", pl.lit(" to "), "destination")
    places = cells.filter(pl.col(LINE).is_in(again.to_list())).select(LINE, names_of).iter_rows()
    faults.add_all(file, places, "destination", expected="each pair once for each class", remedy="Remove a row.")
    for name, cost in costs.items():
        part = rows.drop_nulls().filter(pl.col("class") == name)
        cost[part["origin"].to_numpy(), part["destination"].to_numpy()] = part["cost"].to_numpy()
    return costs


def _cells(path: Path, required: Sequence[str], faults: Faults) -> pl.DataFrame | None:
    """Read the cells of a table as texts; None, and faults, if it is none. In Parquet rows are counted as lines."""
    if path.suffix != ".parquet":
        return read_cells(path, {name: (name,) for name in _COLUMNS}, faults, required=required)
    try:
        table = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = " ".join(str(error).split())
        faults.add(str(path), None, "", reason, expected="a whole Parquet file", remedy="Get the file again.")
        return None
    lacking = [name for name in required if name not in table.columns]
    for name in lacking:
        faults.add(str(path), None, name, "no such column", expected="the column", remedy="Add the column.")
    if lacking:
        return None
    cells = (
        pl.col(name).cast(pl.String) if name in table.columns else pl.lit(None, pl.String).alias(name)
        for name in _COLUMNS
    )
    return table.select(cells).with_row_index(LINE, 1)
