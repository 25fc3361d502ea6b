"""Processes of a corridor as activities: fixed yields are entries, bounded ones activities between two multiples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from jibek.balances.system import Reading

    Floats = NDArray[np.float64]
    Member = tuple[str, str, str | None, float | Floats]
    Members = dict[tuple[str, str], list[Member]]

__all__ = ["add_processes"]


def add_processes(reading: Reading) -> Members:
    """Add the processes that touch the commodities.

    All inputs and outputs in the tables take part. Outputs that nobody wants leave as ``surplus``. Where bounded
    outputs could weigh more than what goes in, they share its mass. A process decided by year is chosen in the first
    period, and takes and brings over the year by its profiles.

    Returns
    -------
    dict of (table, id) to list
        Who uses a process's resources: activity, direction (none), commodity (None for the activity itself) and how
        many of its units one level is; of a process decided by year, an array of how many in each period.
    """
    world = reading.world
    unit = dict(world["commodities"].select("id", "unit").iter_rows())
    flows: dict[str, list[dict[str, Any]]] = {}
    for row in world["process_flows"].iter_rows(named=True):
        flows.setdefault(row["process"], []).append(row)
    members: Members = {}
    for process in world["processes"].iter_rows(named=True):
        its = flows.get(process["id"], [])
        if not its or not all(row["commodity"] in reading.commodities for row in its):
            if any(row["commodity"] in reading.commodities for row in its):
                missing = sorted({row["commodity"] for row in its} - set(reading.commodities))
                reading.leave_out("processes", process["id"], "", "; ".join(missing), "commodities that are balanced")
            continue
        members["processes", process["id"]] = _add_process(reading, process, its, unit)
    return members


def _add_process(
    reading: Reading, process: Mapping[str, Any], flows: list[dict[str, Any]], unit: Mapping[str, str]
) -> list[Member]:
    """Add one process; return its members as `add_processes` does."""
    gathered, name = reading.gathered, f"processes/{process['id']}"
    yearly = process["decided"] == "year"
    first = np.where(np.arange(len(gathered.periods)) == 0, np.inf, 0.0)
    gathered.add(name, {}, usd=process["usd_per_activity"] or 0.0, most=first if yearly else np.inf)
    members: list[Member] = [(name, "", None, reading.calendar.share if yearly else 1.0)]
    weighed = None if yearly else _mass(process["id"], flows, unit)
    if weighed is not None:
        account, spare = weighed
        gathered.entries.append((name, account, 0, gathered.by_period(spare)))
        gathered.add(f"{name}/lost", {account: -1.0})
    for row in flows:
        account_of_flow = (row["place"] or process["place"], row["commodity"])
        sign = 1.0 if row["side"] == "out" else -1.0
        if row["side"] == "out":
            reading.gathered.add_surplus(account_of_flow)
        if yearly:
            amounts = _add_yearly(reading, name, account_of_flow, sign, row)
            members.append((name, "", row["commodity"], amounts))
        elif row["yield_min"] == row["yield_max"]:
            amount = sign * row["yield_min"] * _factor(reading, row)
            gathered.entries.append((name, account_of_flow, 0, amount))
            members.append((name, "", row["commodity"], row["yield_min"]))
        else:
            own = f"{name}/{row['commodity']}" + ("/in" if row["side"] == "in" else "")
            _add_bounded(reading, own, name, account_of_flow, sign, row)
            members.append((own, "", row["commodity"], 1.0))
            if weighed is not None and row["side"] == "out":
                gathered.entries.append((own, weighed[0], 0, gathered.by_period(-1.0)))
    return members


def _mass(process: str, flows: list[dict[str, Any]], unit: Mapping[str, str]) -> tuple[tuple[str, str], float] | None:
    """Give the account of mass that bounded outputs share, and how much of it one activity leaves to them."""
    if {unit[row["commodity"]] for row in flows} != {"t"}:
        return None
    comes = sum(row["yield_min"] for row in flows if row["side"] == "in")
    fixed = sum(row["yield_min"] for row in flows if row["side"] == "out" and row["yield_min"] == row["yield_max"])
    most = sum(row["yield_max"] for row in flows if row["side"] == "out")
    inputs_fixed = all(row["yield_min"] == row["yield_max"] for row in flows if row["side"] == "in")
    return ((process, "mass"), comes - fixed) if inputs_fixed and most > comes > fixed else None


def _add_bounded(
    reading: Reading, own: str, name: str, account: tuple[str, str], sign: float, row: Mapping[str, Any]
) -> None:
    """Add an input or output of bounded yield."""
    factor = _factor(reading, row)
    reading.gathered.add(own, {account: sign})
    reading.gathered.ratios[own, name] = (row["yield_min"] * factor, row["yield_max"] * factor)


def _add_yearly(reading: Reading, name: str, account: tuple[str, str], sign: float, row: Mapping[str, Any]) -> Floats:
    """Let an activity of the first period take or bring over the year; of bounded yields the middle is taken."""
    least, most = row["yield_min"], row["yield_max"]
    if least != most:
        reading.leave_out(
            "process_flows",
            f"{row['process']}/{row['commodity']}",
            "yield_min",
            least,
            "yield_max; their mean is taken",
        )
    _, shares = reading.profiles.get(row["profile"], ("share", None))
    amounts = reading.calendar.spread((least + most) / 2, None, shares)
    for period, amount in enumerate(amounts.tolist()):
        if amount:
            reading.gathered.entries.append((name, account, period, reading.gathered.by_period(sign * amount)))
    return amounts


def _factor(reading: Reading, row: Mapping[str, Any]) -> Floats:
    """Give the monthly factor of a yield."""
    _, factors = reading.profiles.get(row["profile"], ("factor", None))
    return reading.calendar.mean(factors)
