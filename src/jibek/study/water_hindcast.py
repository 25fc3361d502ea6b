"""Would the balances have seen what reservoirs held? Stocks simulated by a rule of release, beside those measured.

Inflow of a year is its measured volume by the mean month; stocks begin as measured, once. Releases follow a rule that
knows neither the record nor what is to come:

    release = mean release of the month + (1 - h) (content that it would leave - guide curve),

between none and what keeps the content within its bounds. The guide curve is the mean content at the end of each month.
``h`` is the live volume over the mean inflow of a year, at most 1: a reservoir that can hold a year's water keeps what
a year brings more or less; one that cannot comes back to its curve. Nothing is fitted.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, takewhile
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.corridor import Corridor

    Floats = NDArray[np.float64]

__all__ = ["stocks_by_rule", "water_hindcast"]

_MILLION_M3 = 1e3  # in a km3
_MONTHS = 12
_SCHEMA = {
    "store": pl.String,
    "place": pl.String,
    "year": pl.Int64,
    "observed": pl.Float64,
    "modelled": pl.Float64,
    "naive": pl.Float64,
    "live": pl.Float64,
}


@dataclass(frozen=True)
class _Record:
    """What was measured at a reservoir, in km3: mean months, and inflow and stock on 1 January by year."""

    mean_inflow: Floats
    mean_release: Floats
    mean_content: Floats
    inflow: dict[int, float]
    stock: dict[int, float]


def water_hindcast(world: Corridor) -> pl.DataFrame:
    """Simulate every reservoir of which inflow and stocks were measured over years.

    Parameters
    ----------
    world
        With ``stores``, ``series`` and ``observations``: of each place the series ``annual-inflow``,
        ``storage-on-1-january``, and ``inflow-mean``, ``outflow-mean`` and ``storage-mean`` by month.

    Returns
    -------
    polars.DataFrame
        ``store, place, year, observed, modelled, naive`` (the mean content at the turn of the year), ``live`` (volume),
        all in million m3, and ``error, naive_error`` as shares of the live volume; the year whose stock the simulation
        begins with is left out.
    """
    rows = []
    for store in world["stores"].filter(pl.col("capacity") > 0).sort("id").iter_rows(named=True):
        record = _record(world, store["place"])
        if record is None:
            continue
        dead, capacity = (store["dead"] or 0.0) / _MILLION_M3, store["capacity"] / _MILLION_M3
        years = sorted(record.inflow)
        inflow = np.array([record.inflow[year] for year in years])
        share = record.mean_inflow / record.mean_inflow.sum()
        stock = stocks_by_rule(
            record.stock[years[0]],
            (inflow[:, None] * share).ravel(),
            record.mean_release - (record.mean_release.sum() - record.mean_inflow.sum()) / _MONTHS,
            (record.mean_content + np.roll(record.mean_content, -1)) / 2,
            held=min((capacity - dead) / float(record.mean_inflow.sum()), 1.0),
            bounds=(dead, capacity),
        )
        turn = float(record.mean_content[[0, -1]].mean())
        for year, modelled in zip(years, stock[_MONTHS - 1 :: _MONTHS].tolist(), strict=True):
            if year + 1 in record.stock:
                told = (record.stock[year + 1], modelled, turn, capacity - dead)
                rows.append((store["id"], store["place"], year + 1, *(value * _MILLION_M3 for value in told)))
    table = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    off = [(pl.col(name) - pl.col("observed")) / pl.col("live") for name in ("modelled", "naive")]
    return table.with_columns(error=off[0], naive_error=off[1])


def stocks_by_rule(
    first: float, inflow: Floats, release: Floats, guide: Floats, *, held: float, bounds: tuple[float, float]
) -> Floats:
    """Simulate a reservoir month by month.

    Parameters
    ----------
    first
        Content at the beginning.
    inflow : float64 array, shape (n_months,)
        From January on.
    release, guide : float64 arrays, shape (12,)
        Mean release, and content to be left at the end of each month.
    held
        Share of what lies above or below the guide curve that is kept.
    bounds
        Dead volume and capacity.

    Returns
    -------
    float64 array, shape (n_months,)
        Content at the end of each month; what the bounds forbid is spilt, or not released.
    """
    content, contents = first, np.empty(len(inflow))
    for month, comes in enumerate(inflow.tolist()):
        usual = float(release[month % _MONTHS])
        left = content + comes - usual
        released = max(usual + (1.0 - held) * (left - float(guide[month % _MONTHS])), 0.0)
        content = min(max(content + comes - released, bounds[0]), bounds[1])
        contents[month] = content
    return contents


def _record(world: Corridor, place: str) -> _Record | None:
    """Gather what was measured at a place; None where something is missing."""
    named = world["series"].filter(scope_table="places", scope_id=place).select(series="id")
    measured = world["observations"].join(named, on="series").sort("series", "year", "from_month")

    def of(name: str) -> pl.DataFrame:
        return measured.filter(pl.col("series").str.starts_with(f"{place}-{name}"))

    inflow, stock = (
        dict(of(name).select("year", "value").iter_rows()) for name in ("annual-inflow", "storage-on-1-january")
    )
    by_month = {name: of(name)["value"].to_numpy() for name in ("inflow-mean", "outflow-mean", "storage-mean")}
    both = sorted(inflow.keys() & stock.keys())
    if not both or any(len(months) != _MONTHS for months in by_month.values()):
        return None
    years = takewhile(inflow.__contains__, count(both[0]))  # a year without inflow ends the simulation
    return _Record(
        mean_inflow=by_month["inflow-mean"],
        mean_release=by_month["outflow-mean"],
        mean_content=by_month["storage-mean"],
        inflow={year: inflow[year] for year in years},
        stock=stock,
    )
