"""What flows on each link, as one table and as the bytes of a CSV or Parquet file."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from jibek.assignment.problem import TrafficNetwork, TravelClass

    Floats = NDArray[np.float64]

__all__ = ["encode_table", "link_flow_table"]


def link_flow_table(
    network: TrafficNetwork, classes: Sequence[TravelClass], flows: Floats, times: Floats
) -> pl.DataFrame:
    """Put flows, times and costs of all links into one table.

    Parameters
    ----------
    network, classes
        What was assigned.
    flows
        Trips of each class on each link, shape (n_classes, n_links).
    times
        Time of each link, shape (n_links,).

    Returns
    -------
    polars.DataFrame
        In the order of links: ``from``, ``to``, ``link``; of each class its ``flow`` (trips); ``load`` (vehicle
        equivalents of all classes) and ``time``; of each class its ``cost`` (time and fixed cost). With several
        classes the columns are ``flow_<class>`` and ``cost_<class>``.
    """
    names = [""] if len(classes) == 1 else [f"_{each.name}" for each in classes]
    nodes = pl.Series(network.node_ids, dtype=pl.String)
    loads = np.array([each.load for each in classes])
    columns: dict[str, pl.Series | Floats] = {
        "from": nodes.gather(network.tail),
        "to": nodes.gather(network.head),
        "link": pl.Series(network.link_ids, dtype=pl.String),
        **{f"flow{name}": flow for name, flow in zip(names, flows, strict=True)},
        "load": loads @ flows,
        "time": times,
        **{f"cost{name}": times + each.fixed_cost for name, each in zip(names, classes, strict=True)},
    }
    return pl.DataFrame(columns)


def encode_table(table: pl.DataFrame, path: Path) -> bytes:
    """Turn a table into the bytes of a file, by the ending of its name; numbers keep all their digits.

    Parameters
    ----------
    table
        Any table.
    path
        Name of the file, ``*.csv`` or ``*.parquet``.

    Raises
    ------
    RunError
        If the name ends otherwise.
    """
    output = BytesIO()
    if path.suffix == ".csv":
        table.write_csv(output)
    elif path.suffix == ".parquet":
        table.write_parquet(output)
    else:
        raise RunError(f"Cannot write {path}: its name says no format. Let it end in .csv or .parquet.")
    return output.getvalue()
