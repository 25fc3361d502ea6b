"""What reservoirs release in a balance, and what is used between them, beside the mean of the record.

The record gives a balance its inflows, and what joins a reach is estimated so that the record closes; what is released
from a reservoir is not given.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.corridor import Corridor

__all__ = ["water_record"]

_MEAN = re.compile(r"-(inflow|outflow)-mean-(\d{4}-\d{4})$")
_MILLION_M3 = 1e3  # in a km3
_MONTHS = 12
_SCHEMA: dict[str, pl.DataType] = {
    **dict.fromkeys(("place", "quantity", "years", "unit"), pl.String()),
    "above": pl.List(pl.String()),
    **dict.fromkeys(("observed", "modelled"), pl.Float64()),
}


def water_record(world: Corridor, sheet: pl.DataFrame) -> pl.DataFrame:
    """Set the year's water at each reservoir of known mean inflow and outflow beside that of a balance.

    Parameters
    ----------
    world
        With ``links``, ``modes``, and of each place the ``series`` ``inflow-mean`` and ``outflow-mean`` by month.
    sheet
        A balance taken apart, as `jibek.study.balance_results.balance_sheet` gives it.

    Returns
    -------
    polars.DataFrame
        ``place, quantity, years`` (of the record), ``unit, above, observed, modelled, error``. Two quantities:
        ``release``, all that leaves a reservoir; and ``net_use`` of the reach above it, from the releases of the
        reservoirs next ``above`` to its inflow: what is taken and lost there, less what joins.
    """
    observed, years = _observed(world)
    modelled = _modelled(sheet, observed)
    rows = []
    for place in sorted(observed):
        both = observed[place], modelled[place]
        rows.append((place, "release", years[place], "million m3", [], *(its["outflow"] for its in both)))
        above = sorted(_next_above(world, place, observed))
        if above:
            used = (sum(of[each]["outflow"] for each in above) - of[place]["inflow"] for of in (observed, modelled))
            rows.append((place, "net_use", years[place], "million m3", above, *used))
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row").with_columns(
        error=pl.col("modelled") / pl.col("observed") - 1
    )


def _observed(world: Corridor) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    """Give inflow and outflow of a mean year by place, where both are known of twelve months, and the years."""
    measured = world["observations"].group_by("series").agg(pl.col("value").sort().sum(), pl.len())
    series = world["series"].filter(scope_table="places").join(measured, left_on="id", right_on="series").sort("id")
    found: dict[str, dict[str, float]] = {}
    years: dict[str, str] = {}
    for name, place, value, months in series.select("id", "scope_id", "value", "len").iter_rows():
        mean = _MEAN.search(name)
        if mean and months == _MONTHS:
            found.setdefault(place, {})[mean[1]] = value * _MILLION_M3
            years[place] = mean[2].replace("-", "–")
    return {place: its for place, its in found.items() if len(its) == len(("inflow", "outflow"))}, years


def _modelled(sheet: pl.DataFrame, places: Mapping[str, object]) -> dict[str, dict[str, float]]:
    """Give what comes to places and what leaves them."""
    water = sheet.filter(pl.col("place").is_in(list(places)), commodity="water")
    comes, goes = pl.col("quantity").filter(pl.col("quantity") > 0), pl.col("quantity").filter(pl.col("quantity") < 0)
    sums = water.group_by("place").agg(inflow=comes.sum(), outflow=-goes.sum())
    found = {row["place"]: row for row in sums.iter_rows(named=True)}
    return {place: found.get(place, {"inflow": 0.0, "outflow": 0.0}) for place in places}


def _next_above(world: Corridor, place: str, known: Mapping[str, object]) -> set[str]:
    """Go up the rivers from a place to the nearest places that are known."""
    water = world["modes"].filter(medium="water").select(mode="id")
    links = world["links"].join(water, on="mode").filter(pl.col("status") == "operating")
    into: dict[str, list[str]] = {}
    for start, end in links.select("from_place", "to_place").iter_rows():
        into.setdefault(end, []).append(start)
    found: set[str] = set()
    seen, ahead = {place}, [place]
    while ahead:
        for start in into.get(ahead.pop(), ()):
            if start not in seen:
                seen.add(start)
                (found.add if start in known else ahead.append)(start)
    return found
