"""Flows and balances on the same lines: what one carries is off the room of the other, in two passes.

    flows     all demand but what balances decide               ->  what others load on each limit of the balances
    balances  on the capacity that they leave                   ->  what crude, gas and the like load in their turn
    flows     with that load as background, where there is any  ->  balances again

Goods that both know, such as grain, are in the loads of flows alone; the balances carry them in the room that all other
goods leave, and at the least in the room that they have in flows: where a line is overloaded, what passes passes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.balances import described_year
from jibek.errors import ConflictError
from jibek.study.assignment import assigned
from jibek.study.balance_results import passes, systems_of
from jibek.study.balances import balanced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jibek.balances import Balance, System
    from jibek.corridor import Corridor
    from jibek.study.assignment import Assigned
    from jibek.study.balance_results import Pass
    from jibek.study.case import Case

__all__ = ["Shared", "in_two_passes", "loads_of_balance", "room_taken", "taken_by_flows", "with_background"]

_DAYS = 365.0


@dataclass(frozen=True)
class Shared:
    """What flows and balances have agreed on.

    Attributes
    ----------
    flows : Assigned
        Of the last pass.
    balance : tuple of (System, Balance), or ConflictError
        Of the last pass, or why there is none.
    passes : polars.DataFrame
        As `jibek.study.balance_results.passes` lists them.
    """

    flows: Assigned
    balance: tuple[System, Balance] | ConflictError
    passes: pl.DataFrame


def in_two_passes(case: Case) -> Shared:
    """Assign and balance a case."""
    world = case.world
    goods = list(systems_of(world))
    year = described_year(world, goods)
    flows = assigned(case)
    taken = taken_by_flows(flows, goods)
    try:
        system, found = balanced(world, goods, year, freight=True, taken=_units(taken))
        loads = loads_of_balance(world, found, flows)
        rows: list[Pass] = [(1, _narrowed(system, taken), len(loads), None, found.usd)]
        if loads:
            flows = assigned(case, world=with_background(world, loads), start=flows)
            again = taken_by_flows(flows, goods)
            system, found = balanced(world, goods, year, freight=True, taken=_units(again))
            rows.append((2, _narrowed(system, again), len(loads), _largest_change(taken, again), found.usd))
    except ConflictError as conflict:
        return Shared(flows, conflict, passes([]))
    return Shared(flows, (system, found), passes(rows))


def taken_by_flows(flows: Assigned, goods: Sequence[str]) -> pl.DataFrame:
    """Say what goods outside the balances take of each limit.

    Parameters
    ----------
    flows
        As assigned.
    goods
        The commodities of the balances.

    Returns
    -------
    polars.DataFrame
        ``limit`` (its name in the balances), ``taken``, ``capacity``: units of the mean day.
    """
    priced, equilibrium = flows.flows.priced, flows.flows.equilibrium
    routes, stations = flows.routes, priced.stations
    is_own = np.isin(np.array(routes.commodities, dtype=str), goods)[routes.commodity[routes.pair_of_route]]
    route = np.repeat(np.arange(routes.n_routes), np.diff(priced.first_entry))
    carried = np.where(is_own, equilibrium.flow, 0.0)[route] * priced.load / _DAYS
    own = np.bincount(priced.station, carried, minlength=stations.n_stations) / stations.peak
    others = equilibrium.load / stations.peak - stations.background - own
    room = stations.capacity - stations.background
    return stations.table.select(
        limit=_limit(),
        taken=pl.Series(np.clip(np.minimum(others, room - own), 0.0, None)),
        capacity=pl.Series(stations.capacity),
    )


def _limit() -> pl.Expr:
    """Name a station as the balances name the limit."""
    parts = [
        pl.when(pl.col(name) != "").then(pl.lit("/") + pl.col(name)).otherwise(pl.lit("")) for name in ("member", "way")
    ]
    return pl.concat_str("resource", *parts)


def room_taken(flows: Assigned, goods: Sequence[str]) -> dict[str, float]:
    """Say what goods outside the balances take, by limit, in units of the mean day."""
    return _units(taken_by_flows(flows, goods))


def _units(taken: pl.DataFrame) -> dict[str, float]:
    return dict(taken.filter(pl.col("taken") > 0).select("limit", "taken").iter_rows())


def _narrowed(system: System, taken: pl.DataFrame) -> int:
    """Count the limits of a system that flows narrow."""
    return len(_units(taken).keys() & {*system.problem.limits.ids})


def _largest_change(before: pl.DataFrame, after: pl.DataFrame) -> float:
    """Compare two passes."""
    change = (after["taken"] - before["taken"]).abs() / before["capacity"]
    return float(change.filter(before["capacity"] > 0).max() or 0.0)  # type: ignore[arg-type]


def loads_of_balance(world: Corridor, found: Balance, flows: Assigned) -> dict[str, float]:
    """Say what goods that balances alone decide load on resources that flows load, too.

    Returns
    -------
    dict of str to float
        Resource, and its units, in its own time, in the mean of the year at the member and in the direction that have
        most.
    """
    priced = flows.flows.priced
    carried = np.repeat(flows.flows.equilibrium.flow, np.diff(priced.first_entry)) > 0
    stations = priced.stations.table.select("resource", "per_day", limit=_limit()).with_row_index("station")
    met = set(stations.filter(pl.col("station").is_in(np.unique(priced.station[carried])))["resource"])
    of_limit = {limit: (resource, per_day) for resource, per_day, limit in stations.drop("station").iter_rows()}

    apart = set(world["commodities"].filter(decided_by="balances")["id"])
    limits = found.problem.limits
    is_apart = np.array([name.split("/")[-1] in apart for name in found.problem.activities.ids], dtype=np.bool_)
    use = limits.weight * found.level[limits.activity, limits.period] * is_apart[limits.activity]
    loads: dict[str, float] = {}
    for limit in np.unique(limits.limit[use > 0]).tolist():
        resource, per_day = of_limit.get(limits.ids[limit], ("", 0.0))
        if resource in met:
            its = [number for number, name in enumerate(limits.ids) if name == limits.ids[limit]]
            of_year = float(use[np.isin(limits.limit, its)].sum())
            loads[resource] = max(loads.get(resource, 0.0), of_year / _DAYS * per_day)
    return loads


def with_background(world: Corridor, loads: Mapping[str, float]) -> Corridor:
    """Add loads to the background of resources, for all members and in both directions: what is emptied comes back."""
    more = pl.DataFrame({"id": list(loads), "more": list(loads.values())}, schema={"id": pl.String, "more": pl.Float64})
    rows = world["resources"]
    raised = rows.join(more, on="id", how="left", maintain_order="left").select(
        pl.when(pl.col("more").is_null())
        .then("background")
        .otherwise(pl.col("background").fill_null(0.0) + pl.col("more"))
    )
    tables = {**world.tables, "resources": rows.with_columns(raised["background"])}
    return replace(world, tables=tables)
