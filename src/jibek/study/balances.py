"""The stage of balances: energy, water and food of one year as one programme, since water makes power and crops.

tables of the year best told  ->  system     who supplies, makes, keeps, carries, needs; on the scenario's network
                              ->  balance    cheapest with foresight: what is done, who runs short, prices
                              ->  growth     by how much which limits would have to grow, and what is announced
                              ->  checks     what is carried beside counts, in every year told; rivers beside the record
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jibek.balances import System, balance, described_year, least_growth, system_of
from jibek.errors import ConflictError
from jibek.study import balance_results as results
from jibek.study.balance_checks import balance_checks
from jibek.study.water_hindcast import water_hindcast
from jibek.study.water_record import water_record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jibek.balances import Balance
    from jibek.corridor import Corridor
    from jibek.study.case import Case

__all__ = ["balance_tables", "balanced", "system_in"]

Tables = dict[str, pl.DataFrame]

_GROWING = ("pipeline", "plant", "power_line", "line", "canal", "berth", "terminal")
"""Kinds of resources that can be built larger; a treaty's share or land cannot."""
_NEARLY = 0.8  # of the accounts of a commodity that the balanced year tells


def balance_tables(case: Case) -> Tables:
    """Balance the systems of a case.

    Where nothing satisfies all limits, a closed network against deliveries that are promised, there is no balance to
    show, and what conflicts is the result.

    Returns
    -------
    dict of polars.DataFrame
        Those of `jibek.study.balance_results` with ``balance_`` before their names (``balance_flows`` is what is
        carried), ``balance_checks``, ``balance_hindcast`` (`jibek.study.water_hindcast`), ``balance_record``
        (`jibek.study.water_record`), ``balance_left_out``: rows of tables that have no effect, with the reason,
        ``balance_passes`` and ``balance_conflicts``.

    Raises
    ------
    BalanceError
        If the tables make no system.
    """
    try:
        return _tables(case, results.systems_of(case.world)) | {"balance_conflicts": results.fault_rows([])}
    except ConflictError as conflict:
        empty = _tables(case, {})
        solution = empty["balance_solution"].with_columns(status=pl.lit("infeasible"))
        return empty | {
            "balance_record": empty["balance_record"].clear(),
            "balance_solution": solution,
            "balance_conflicts": results.fault_rows(conflict.faults),
        }


def _tables(case: Case, systems: dict[str, str]) -> Tables:
    """Balance some commodities, each of its system."""
    world = case.world
    year = described_year(world, list(systems))
    system, found = _shared(case) if case.together and systems else balanced(world, list(systems), year, freight=True)
    fixed = system_in(world, list(systems), year, freight=False)  # where lines of freight lack room flows say
    growth = least_growth(fixed.problem, _usd_per_unit(world, fixed))
    sheet = results.balance_sheet(world, system, found)
    carried = results.carried(world, found, sheet)
    checks = [balance_checks(world, carried, year, ())]  # the table stands even where nothing is told
    for told, goods in _told(world, systems, year).items():
        then = case.in_year(told)
        its, solved = balanced(then, list(systems), told, freight=False)
        flows = results.carried(then, solved, results.balance_sheet(then, its, solved))
        checks.append(balance_checks(then, flows, told, goods))
    return {
        "balance_sheet": sheet,
        "balance_flows": carried,
        "balance_needs": results.needs(world, system, found),
        "balance_stocks": results.stocks(world, system, found),
        "balance_prices": results.prices(world, system, found),
        "balance_binding": results.binding(world, system, found),
        "balance_growth": results.growth(world, fixed, growth),
        "balance_checks": pl.concat(checks),
        "balance_hindcast": water_hindcast(world),
        "balance_left_out": results.fault_rows(system.left_out),
        "balance_record": water_record(world, sheet),
        "balance_solution": results.solution(found, year),
        "balance_passes": case.shared.passes if case.together else results.passes([]),
    }


def _shared(case: Case) -> tuple[System, Balance]:
    """Give the balance that leaves flows their room."""
    if isinstance(case.shared.balance, ConflictError):
        raise case.shared.balance
    return case.shared.balance


def balanced(
    world: Corridor, commodities: Sequence[str], year: int, *, freight: bool, taken: Mapping[str, float] | None = None
) -> tuple[System, Balance]:
    """Balance the supplies and needs of a year on the network of a world, as `system_in` reads them."""
    system = system_in(world, commodities, year, freight=freight, taken=taken)
    return system, balance(system.problem)


def system_in(
    world: Corridor, commodities: Sequence[str], year: int, *, freight: bool, taken: Mapping[str, float] | None = None
) -> System:
    """Read commodities as one programme, month by month, in a typical year, with or without freight."""
    return system_of(world, commodities, step="month", cyclic=True, year=year, freight=freight, taken=taken)


def _told(world: Corridor, systems: dict[str, str], year: int) -> dict[int, tuple[str, ...]]:
    """List the years with the commodities that are told in them nearly as fully as in one year, the latest first."""
    rows = pl.concat(world[name].select("place", "commodity", "year") for name in ("supplies", "needs"))
    told = rows.filter(pl.col("commodity").is_in(list(systems))).unique().group_by("commodity", "year").len()
    full = told.filter(year=year).select("commodity", full="len")
    nearly = told.join(full, on="commodity").filter(pl.col("len") >= _NEARLY * pl.col("full"))
    years: dict[int, tuple[str, ...]] = {}
    for each, commodity in (
        nearly.select("year", "commodity").sort("year", "commodity", descending=[True, False]).iter_rows()
    ):
        years[each] = (*years.get(each, ()), commodity)
    return years


def _usd_per_unit(world: Corridor, system: System) -> dict[str, float]:
    """Weigh the growth of limits against each other: a unit counts as much as the dearest good that passes."""
    problem = system.problem
    acts, limits = problem.activities, problem.limits
    usd = dict(world["commodities"].select("id", "usd_per_unit").iter_rows())
    kind = dict(world["resources"].select("id", "kind").iter_rows())
    worth: dict[int, float] = {}
    for activity, account in zip(acts.activity.tolist(), acts.account.tolist(), strict=True):
        commodity = problem.accounts[account][1]
        value = (usd.get(commodity) or 0.0) * system.scale.get(commodity, 1.0)
        worth[activity] = max(worth.get(activity, 0.0), value)
    weights: dict[str, float] = {}
    for limit, activity, weight in zip(
        limits.limit.tolist(), limits.activity.tolist(), limits.weight.tolist(), strict=True
    ):
        name = limits.ids[limit]
        if kind.get(name.split("/")[0]) in _GROWING and weight > 0:
            weights[name] = max(weights.get(name, 0.0), worth.get(activity, 0.0) / weight)
    return weights
