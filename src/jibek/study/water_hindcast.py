"""Stocks of six reservoirs from 2001 to 2006 by a rule of release, month by month in km3, beside the recorded ones.

record   ->  inflow    of a year by the mean months; between reservoirs what joins or is taken on the way
         ->  rule      its two shares, fitted to the years that are not scored
         ->  stocks    from 1 January 2001 on without foresight, scored on each later 1 January
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from jibek.corridor import Corridor

    Floats = NDArray[np.float64]

__all__ = ["AS_EVER", "Record", "Rule", "fitted", "recorded", "releases", "simulated", "water_hindcast"]

_ABOVE = {
    "toktogul": (),
    "andijan-reservoir": (),
    "charvak": (),
    "tuyamuyun": (),
    "bahri-tojik": ("toktogul", "andijan-reservoir"),
    "shardara": ("bahri-tojik", "charvak"),
}
"""Reservoirs from the springs down, with those whose water comes next to each."""

_FIRST, _LAST = 2001, 2007
_YEARS = range(_FIRST, _LAST)
_CARRY_OVER = 0.5
"""Live volume over a mean year's inflow from which water is kept from year to year, not from winter to summer."""

_SHARES = np.array([0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0])


class Rule(NamedTuple):
    """How a release leaves that of the mean month; arrays are as many rules side by side.

    Attributes
    ----------
    follow : float or float64 array
        Share of this month's inflow above its mean that is released at once.
    restore : float or float64 array
        Share of the content above its mean that is released in a month.
    """

    follow: float | Floats
    restore: float | Floats


AS_EVER = Rule(0.0, 0.0)
"""The naive rule: every month releases what that month released in the mean of 2001-2007."""


@dataclass(frozen=True)
class Record:
    """What was published of a reservoir, in km3.

    Attributes
    ----------
    inflow_mean, outflow_mean, target : float64 arrays, shape (12,)
        Mean months of 2001-2007; the content at the beginning of a month, half-way between the means of two months.
    inflow, outflow : float64 arrays, shape (7,)
        Of the years 2001 to 2007.
    stock : float64 array, shape (7,)
        On 1 January of 2001 to 2007.
    dead, capacity : float
        Contents between which water is kept.
    """

    inflow_mean: Floats
    outflow_mean: Floats
    target: Floats
    inflow: Floats
    outflow: Floats
    stock: Floats
    dead: float
    capacity: float

    @property
    def live(self) -> float:
        """Volume that can be used."""
        return self.capacity - self.dead

    @property
    def carries_over(self) -> bool:
        """Whether water is kept from year to year."""
        return self.live >= _CARRY_OVER * float(self.inflow_mean.sum())

    def came(self, year: int) -> Floats:
        """Spread the inflow of a year over its months as in the mean of years, shape (12,)."""
        return _spread(self.inflow[year - _FIRST], self.inflow_mean)

    def went(self, year: int) -> Floats:
        """Spread the outflow of a year likewise, shape (12,)."""
        return _spread(self.outflow[year - _FIRST], self.outflow_mean)


def _spread(volume: float, mean: Floats) -> Floats:
    """Spread the volume of a year over its months as in the mean of years."""
    months: Floats = volume * mean / mean.sum()
    return months


def recorded(corridor: Corridor) -> dict[str, Record]:
    """Collect the record of each reservoir, those upstream first."""
    values = {
        (name, year, month): value
        for name, year, month, value in corridor["observations"]
        .select("series", "year", "from_month", "value")
        .iter_rows()
    }
    stores = {row["place"]: row for row in corridor["stores"].filter(commodity="water").iter_rows(named=True)}

    def months(name: str) -> Floats:
        return np.array([values[f"{name}-mean-2001-2007", _LAST, month] for month in range(1, 13)])

    def years(name: str) -> Floats:
        return np.array([values[name, year, 1] for year in range(_FIRST, _LAST + 1)])

    found = {}
    for place in _ABOVE:
        storage = months(f"{place}-storage")
        found[place] = Record(
            inflow_mean=months(f"{place}-inflow"),
            outflow_mean=months(f"{place}-outflow"),
            target=(storage + np.roll(storage, 1)) / 2,
            inflow=years(f"{place}-annual-inflow"),
            outflow=years(f"{place}-annual-outflow"),
            stock=years(f"{place}-storage-on-1-january"),
            dead=(stores[place]["dead"] or 0.0) / 1000,
            capacity=stores[place]["capacity"] / 1000,
        )
    return found


def water_hindcast(corridor: Corridor) -> pl.DataFrame:
    """Score the stocks that the rule leads to.

    The rule is linear in inflow and content (water-1), after ReVelle, Joeres and Kirby (1969,
    doi:10.1029/WR005i004p00767). Its two shares are one pair for reservoirs that carry water over and one for the
    others; for each scored stock they are fitted to other years, and all years from 2001 on are simulated with them.

    Returns
    -------
    polars.DataFrame
        ``reservoir, year`` (of the 1 January), ``observed, modelled, naive`` (km3), ``error, naive_error`` (share of
        the live volume), sorted by reservoir and year.
    """
    record = recorded(corridor)
    naive = simulated(record, dict.fromkeys(record, AS_EVER))["stock"]
    rows = []
    for year in _YEARS:
        stock = simulated(record, fitted(record, without=year))["stock"]
        for place, its in record.items():
            at = year - _FIRST
            rows.append((place, year + 1, its.stock[at + 1], stock[place][at, -1], naive[place][at, -1], its.live))
    table = pl.DataFrame(
        rows,
        schema={"reservoir": pl.String, "year": pl.Int64}
        | dict.fromkeys(("observed", "modelled", "naive", "live"), pl.Float64),
        orient="row",
    )
    return (
        table.with_columns(
            error=(pl.col("modelled") - pl.col("observed")) / pl.col("live"),
            naive_error=(pl.col("naive") - pl.col("observed")) / pl.col("live"),
        )
        .drop("live")
        .sort("reservoir", "year")
    )


def releases(corridor: Corridor) -> pl.DataFrame:
    """Set the releases of the years 2001 to 2006 beside the recorded ones, which no rule was fitted to.

    Returns
    -------
    polars.DataFrame
        ``reservoir, year, observed, modelled`` (km3 a year), ``lacking`` (what uses above the reservoir would have
        taken and did not find), ``unrecorded`` (inflow less outflow less gain of stock in the record: evaporation,
        spills into lakes beside the river, errors of gauges), sorted by reservoir and year.
    """
    record = recorded(corridor)
    rows = []
    for year in _YEARS:
        found = simulated(record, fitted(record, without=year))
        for place, its in record.items():
            at = year - _FIRST
            unrecorded = its.inflow[at] - its.outflow[at] - (its.stock[at + 1] - its.stock[at])
            released, lacking = found["release"][place][at].sum(), found["lacking"][place][at].sum()
            rows.append((place, year, its.outflow[at], released, lacking, unrecorded))
    columns = ("observed", "modelled", "lacking", "unrecorded")
    schema = {"reservoir": pl.String, "year": pl.Int64} | dict.fromkeys(columns, pl.Float64)
    return pl.DataFrame(rows, schema=schema, orient="row").sort("reservoir", "year")


def fitted(record: Mapping[str, Record], *, without: int) -> dict[str, Rule]:
    """Fit the rule of each reservoir to how well single years end, each begun with its recorded stock.

    Parameters
    ----------
    record
        Of reservoirs.
    without
        A year that is scored: neither it nor the next, which begins with the scored stock, is used.
    """
    follow, restore = (each.ravel() for each in np.meshgrid(_SHARES, _SHARES))
    rules = Rule(follow, restore)
    years = [year for year in _YEARS if year not in (without, without + 1)]
    best = {}
    for kind in {its.carries_over for its in record.values()}:
        members = [its for its in record.values() if its.carries_over == kind]
        error = sum(_missed(its, year, rules) / its.live for its in members for year in years)
        at = int(np.argmin(error))  # of equals the first: the least shares
        best[kind] = Rule(float(follow[at]), float(restore[at]))
    return {place: best[its.carries_over] for place, its in record.items()}


def _missed(its: Record, year: int, rules: Rule) -> Floats:
    """Tell how far rules miss the stock at the end of a year."""
    content = np.full(np.shape(rules.follow), its.stock[year - _FIRST])
    for month, inflow in enumerate(its.came(year)):
        content, _ = _month(its, month, content, inflow, rules)
    missed: Floats = np.abs(content - its.stock[year + 1 - _FIRST])
    return missed


def simulated(record: Mapping[str, Record], rules: Mapping[str, Rule]) -> dict[str, dict[str, Floats]]:
    """Run the rivers from 1 January 2001 to the end of 2006, nobody knowing what comes.

    Parameters
    ----------
    record
        Of reservoirs, those upstream first.
    rules
        Of each.

    Returns
    -------
    dict
        ``inflow, release, lacking`` of months and ``stock`` at their ends, km3, by reservoir, shape (6, 12).
        ``lacking`` is what uses between reservoirs would have taken and did not find.
    """
    kinds = ("inflow", "release", "lacking", "stock")
    found: dict[str, dict[str, Floats]] = {
        kind: {place: np.zeros((len(_YEARS), 12)) for place in record} for kind in kinds
    }
    content = {place: its.stock[0] for place, its in record.items()}
    for at, month in _each_month():
        for place, its in record.items():
            above = [(record[each], found["release"][each][at, month]) for each in _ABOVE[place]]
            arriving = _arriving(its, _FIRST + at, month, above)
            inflow = max(arriving, 0.0)
            content[place], release = _month(its, month, content[place], inflow, rules[place])
            for kind, value in zip(kinds, (inflow, release, inflow - arriving, content[place]), strict=True):
                found[kind][place][at, month] = value
    return found


def _each_month() -> Iterable[tuple[int, int]]:
    """Count years and months from 0."""
    return ((at, month) for at in range(len(_YEARS)) for month in range(12))


def _arriving(its: Record, year: int, month: int, above: Iterable[tuple[Record, float]]) -> float:
    """Give what arrives: as recorded, less what was released above, plus what is released now."""
    arriving = float(its.came(year)[month])
    return arriving + sum(release - float(each.went(year)[month]) for each, release in above)


def _month(its: Record, month: int, content: Floats, inflow: float, rule: Rule) -> tuple[Floats, Floats]:
    """Give content at the end of a month and its release (water-1); what does not fit is spilt, too."""
    wanted = (
        its.outflow_mean[month]
        + rule.follow * (inflow - its.inflow_mean[month])
        + rule.restore * (content - its.target[month])
    )
    there = content + inflow
    release = np.clip(wanted, np.maximum(there - its.capacity, 0.0), np.maximum(there - its.dead, 0.0))
    return there - release, release
