"""How far balances may be off: energy, water and food again and again, with inputs drawn from their ranges."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.balances import described_year
from jibek.errors import ConflictError
from jibek.study.balance_measures import SMALL, needs_in_year
from jibek.study.balance_results import needs, systems_of
from jibek.study.balances import balanced
from jibek.study.case import Case
from jibek.study.draws import HIGH, LOW, drawn_corridor
from jibek.study.sharing import room_taken
from jibek.study.threads import side_by_side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.corridor import Corridor

__all__ = ["DRAWN_OF_BALANCES", "draw_balances"]

DRAWN_OF_BALANCES: Mapping[str, tuple[str, ...]] = {
    "supplies": ("quantity",),
    "needs": ("quantity",),
    "process_flows": ("yield_max",),
    "resources": ("capacity",),
    "links": ("loss",),
}
"""Columns whose cells are drawn, by table."""

_FOLLOWS = {
    "supplies": ("minimum", "quantity"),
    "needs": ("minimum", "quantity"),
    "process_flows": ("yield_min", "yield_max"),
}
"""What goes up and down with a drawn cell, so that no draw contradicts itself."""

_KEY = ("system", "place", "commodity", "unit", "market")
_MEASURES = ("delivered", "short")


def draw_balances(case: Case, results: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Repeat the balances of a case with inputs drawn from their ranges; flows take what they took.

    Parameters
    ----------
    case
        With the number of draws.
    results
        Tables of the balances with the values as given.

    Returns
    -------
    polars.DataFrame
        ``system, place, commodity, unit, market``; of ``delivered`` and ``short`` in the year the value and, with
        ``_low`` and ``_high``, the range that holds eight in ten draws; ``short_share`` of the draws in which something
        is short; ``draws`` that have an answer, and ``unanswered`` ones.
    """
    taken = room_taken(case.shared.flows, list(systems_of(case.world))) if case.together else None
    generators = np.random.default_rng((case.seed, 1)).spawn(case.draws)
    drawn: list[pl.DataFrame] = []
    for number, one in enumerate(side_by_side(lambda each: _drawn_once(case, taken, each), generators)):
        case.progress(f"balances, draw {number + 1} of {case.draws}")
        if one is not None:
            drawn.append(one)
    central = needs_in_year(results).select(*_KEY, *_MEASURES)
    every = pl.concat([central.clear().with_columns(wanted=pl.lit(0.0)), *drawn], how="diagonal_relaxed")
    ends = [
        pl.col(name).quantile(quantile, "linear").alias(f"{name}_{end}")
        for name in _MEASURES
        for end, quantile in (("low", LOW), ("high", HIGH))
    ]
    is_short = pl.col("short") > SMALL * pl.col("wanted")
    ranges = every.group_by(_KEY).agg(*ends, short_share=is_short.mean())
    counts = {"draws": len(drawn), "unanswered": case.draws - len(drawn)}
    return (
        central.join(ranges, on=_KEY, how="left")
        .with_columns(**{name: pl.lit(n) for name, n in counts.items()})
        .sort(_KEY)
    )


def _drawn_once(case: Case, taken: Mapping[str, float] | None, generator: np.random.Generator) -> pl.DataFrame | None:
    """Draw once and balance; None where nothing satisfies all limits."""
    corridor = _consistent(case.corridor, drawn_corridor(case.corridor, generator, DRAWN_OF_BALANCES))
    world = Case(corridor, case.scenario).world
    goods = list(systems_of(world))
    try:
        system, found = balanced(world, goods, described_year(world, goods), freight=True, taken=taken)
    except ConflictError:
        return None
    return needs_in_year({"balance_needs": needs(world, system, found)}).select(*_KEY, "wanted", *_MEASURES)


def _consistent(given: Corridor, drawn: Corridor) -> Corridor:
    """Let minima and lower yields follow what was drawn, and capacities hold what moves outside and what must pass."""
    tables = dict(drawn.tables)
    for table, (follower, leader) in _FOLLOWS.items():
        before = given[table][leader]
        factor = pl.when(before > 0).then(pl.col(leader) / before).otherwise(1.0)
        tables[table] = tables[table].with_columns(pl.min_horizontal(pl.col(follower) * factor, leader).alias(follower))
    held = pl.col("background").fill_null(0.0) + pl.col("minimum").fill_null(0.0)
    tables["resources"] = tables["resources"].with_columns(
        capacity=pl.when(pl.col("capacity") < held)
        .then(pl.min_horizontal(held, given["resources"]["capacity"]))
        .otherwise("capacity")
    )
    return replace(drawn, tables=tables)
