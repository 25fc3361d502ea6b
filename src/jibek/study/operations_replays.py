"""Replays: what shut or narrowed ways in the past does so again in the year of the run, on the same days.

Volumes and routes are those of the run, and nobody chooses another way: what is held up waits. Beside it stands how
much would rather have gone another way, by the route choice of flows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.flows import flow_at
from jibek.network import ArcKind
from jibek.operations import SEA, WARMUP_HOURS, YEAR_HOURS, Ride, Visit
from jibek.study.operated import Operated, operate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.study.case import Case

__all__ = ["STORMS", "replay_table"]

STORMS = "storms"
"""Stands for a disruption where the stormiest month is compared with a calm one."""

_DAY, _DAYS = 24.0, 365.0
_LONGEST = 60  # days of passage lost, above which goods would not wait: no replay with frozen routes
_OF_GROUP = 2  # strokes in the name of a group of routes
_OVER = 0.05  # of the greatest excess, below which all is as before
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TABLES = {ArcKind.LINK: "links", ArcKind.BORDER: "borders", ArcKind.TERMINAL: "terminals"}
_CLOSINGS = {"table": pl.String, "id": pl.String, "sudden": pl.Boolean, "from_date": pl.Date, "to_date": pl.Date}
_REPLAYS = {
    **dict.fromkeys(("disruption", "title"), pl.String),
    **dict.fromkeys(
        ("days", "days_lost", "delay_days", "tonnes_held", "tonnes_diverted", "usd", "recovery_days"), pl.Float64
    ),
    "reason": pl.String,
}


def replay_table(case: Case, base: Operated, *, replications: int, seed: int) -> pl.DataFrame:
    """Let what shut or narrowed ways in the past do so in the year of the run, on the same days.

    A way narrowed to a share of its capacity loses as many days of passage as the share that is gone, all at once from
    the first day on. The stormiest month is not replayed but taken away: the run is compared with one in which its
    weather is that of the calmest month.

    Returns
    -------
    polars.DataFrame
        ``disruption`` (`STORMS` for the stormiest month), ``title`` (for that: the number of the month), ``days`` (from
        the first to the last), ``days_lost`` (of passage, where most are lost), ``delay_days`` (that a consignment is
        held up on the mean, of those that set out for what is shut on the days lost), ``tonnes_held`` (at most, mean of
        the replications), ``tonnes_diverted`` (that would have gone another way, see `_diverted`), ``usd`` (value of
        the time lost), ``recovery_days`` (from the reopening until what waits is within a twentieth of the greatest
        excess; null: not within the year), ``reason`` (why there is no replay: ``too_long``, ``unused``).
    """
    rows: list[dict[str, object]] = []
    disruptions = list(_disruptions(case))
    gates = _gates([closings for *_, closings in disruptions])
    case.progress("operations, a year without disruptions")
    calm = operate(replace(base.prepared, closings=gates), replications=replications, seed=seed)
    for name, title, days, closings in disruptions:
        row: dict[str, object] = {"disruption": name, "title": title, "days": days, "days_lost": _days_lost(closings)}
        rows.append(row)
        if _days_lost(closings) > _LONGEST:
            row["reason"] = "too_long"
            continue
        case.progress(f"operations, replay of {name}")
        start = replace(base.prepared, closings=pl.concat([gates, closings]))
        found = operate(start, replications=replications, seed=seed)
        shut = {station for closure in found.made.model.closures for station in closure.stations}
        losses = _losses(case, calm, found, shut, _days_lost(closings), max(closings["to_date"].to_list()))
        if losses.get("tonnes_held"):
            row |= losses | {"tonnes_diverted": _diverted(case, closings)}
        else:
            row["reason"] = "unused"
    rows += _storms(case, base, replications=replications, seed=seed)
    return pl.DataFrame(rows, schema=_REPLAYS, orient="row")


def _disruptions(case: Case) -> Iterator[tuple[str, str, float, pl.DataFrame]]:
    """List disruptions that shut or narrowed something for a while, with their closings in the year of the case."""
    changes = case.corridor["changes"].drop_nulls(["owner", "from_date", "to_date"]).sort(pl.all())
    for name, title in case.corridor["disruptions"].sort("id").select("id", "title").iter_rows():
        rows = changes.filter(owner=name)
        shut = [
            (table, element, first, last)
            for table, element, operation, first, last in rows.select(
                "table", "id", "operation", "from_date", "to_date"
            ).iter_rows()
            if operation == "close"
        ]
        narrowed = rows.filter(pl.col("operation").is_in(["scale", "set"]), table="resources", column="capacity")
        for resource, operation, value, first, last in narrowed.select(
            "id", "operation", "value", "from_date", "to_date"
        ).iter_rows():
            left = float(value) / (1.0 if operation == "scale" else _capacity(case.world, resource))
            lost = round((1.0 - left) * ((last - first).days + 1))
            users = case.world["resource_users"].filter(resource=resource).select("table", "id").sort("table", "id")
            shut += [
                (table, element, first, first + timedelta(days=lost - 1))
                for table, element in users.iter_rows()
                if lost > 0
            ]
        if shut:
            first, last = min(rows["from_date"].to_list()), max(rows["to_date"].to_list())
            yield name, title, float((last - first).days + 1), _in_year_of(case, shut)


def _gates(closings: list[pl.DataFrame]) -> pl.DataFrame:
    """List all that is shut in any replay, without dates.

    So a gate stands there in all of them: goods have the same steps and meet the same luck, whatever is shut.
    """
    elements = pl.concat([pl.DataFrame(schema=_CLOSINGS), *closings]).select("table", "id", "sudden").unique()
    return elements.sort("table", "id").with_columns(
        pl.lit(None, pl.Date).alias("from_date"), pl.lit(None, pl.Date).alias("to_date")
    )


def _capacity(world: Corridor, resource: str) -> float:
    """Give the capacity of a resource as its row has it."""
    return float(world["resources"].filter(id=resource)["capacity"].item())


def _in_year_of(case: Case, shut: list[tuple[str, str, date, date]]) -> pl.DataFrame:
    """Write what is shut as closings in the year of a case; what would go on into the next year begins it earlier."""
    year = case.world.year
    rows = []
    for table, element, first, last in shut:
        begin = date(year, first.month, min(first.day, 28) if first.month == 2 else first.day)
        end = begin + (last - first)
        over = max((end - date(year, 12, 31)).days, 0)
        rows.append((table, element, True, begin - timedelta(days=over), end - timedelta(days=over)))
    return pl.DataFrame(sorted(set(rows)), schema=_CLOSINGS, orient="row")


def _days_lost(closings: pl.DataFrame) -> float:
    """Give the days for which the element is shut that is shut longest."""
    days = Counter[tuple[str, str]]()
    for table, element, _, first, last in closings.iter_rows():
        days[table, element] += (last - first).days + 1
    return float(max(days.values()))


def _diverted(case: Case, closings: pl.DataFrame) -> float:
    """Give the tonnes of the days lost that would rather go another way than wait for the reopening.

    Who sets out while a way is shut waits half of the days lost on the mean; with so much more on all routes that pass
    it, others gain by the route choice of flows, at the loads of the run. No more than sets out on those days counts.
    """
    flows, pairs = case.assigned.flows, case.assigned.tables["flow_pairs"]
    routes, network, lost = flows.routes, flows.priced.network, _days_lost(closings)
    shut = {(table, element) for table, element, *_ in closings.iter_rows()}
    passes = np.array(
        [
            (_TABLES.get(ArcKind(kind), ""), network.element_id(arc)) in shut
            for arc, kind in enumerate(network.kind.tolist())
        ]
        + [False]  # of arcs that the network does not have
    )[flows.priced.arcs]
    route = np.repeat(np.arange(routes.n_routes), np.diff(routes.first_arc))
    held = np.bincount(route, passes, minlength=routes.n_routes) > 0
    pair, load = routes.pair_of_route, flows.equilibrium.load
    wait = np.where(held, _DAY * lost / 2.0 / flows.reference[pair], 0.0)
    waiting = replace(flows.problem, cost=flows.problem.cost + wait)
    gone = np.maximum(flow_at(flows.problem, load) - flow_at(waiting, load), 0.0)[held] * lost / _DAYS
    per_unit = dict(pairs.group_by("commodity").agg(pl.col("tonnes_per_unit").first()).iter_rows())
    tonnes = np.array([per_unit.get(commodity) or 0.0 for commodity in routes.commodities])
    return float(gone @ tonnes[routes.commodity[pair[held]]])


def _storms(case: Case, base: Operated, *, replications: int, seed: int) -> Iterator[dict[str, object]]:
    """Compare the run with one in which the stormiest month is as calm as the calmest."""
    used = case.world["disruptions"].drop_nulls(["profile", "mean_hours"])["profile"].unique()
    profiles = case.world["profiles"]
    mine = profiles.filter(pl.col("id").is_in(used.implode()))
    if mine.is_empty() or not base.made.model.stoppages:
        return
    month = int(np.argmax(mine.select(pl.col(_MONTHS).sum()).row(0)))
    case.progress("operations, the stormiest month")
    name = _MONTHS[month]
    calm = pl.when(pl.col("id").is_in(used.implode())).then(pl.min_horizontal(_MONTHS)).otherwise(name).alias(name)
    tables = {**case.world.tables, "profiles": profiles.with_columns(calm)}
    start = replace(base.prepared, world=replace(case.world, tables=tables))
    without = operate(start, replications=replications, seed=seed)
    year = case.world.year
    last = date(year + (month == len(_MONTHS) - 1), (month + 1) % len(_MONTHS) + 1, 1) - timedelta(days=1)
    row: dict[str, object] = {"disruption": STORMS, "title": f"{month + 1:02}", "days": float(last.day)}
    row["days_lost"] = lost = max(mine[name].to_list()) * last.day
    shut = {station for stoppage in base.made.model.stoppages for station in stoppage.stations}
    losses = _losses(case, without, base, shut, lost, last)
    yield row | losses | {"recovery_days": None}  # the storms of the months after are others


def _losses(
    case: Case, base: Operated, found: Operated, shut: set[str], lost: float, last: date
) -> dict[str, float | None]:
    """Give days of delay of who was held up, tonnes held at most, the worth of the time, days to recover."""
    before, after = base.simulation, found.simulation
    names = [name for name in after.routes.ids if name.count("/") == _OF_GROUP]
    at = {name: number for number, name in enumerate(after.routes.ids)}
    was = {name: number for number, name in enumerate(before.routes.ids)}
    worth = _worth(case, found)
    extra = {
        name: float(after.routes.under_way.value[at[name]] - before.routes.under_way.value[was[name]])
        for name in names
        if name in was and name in worth
    }
    if not extra:
        return {}
    excess = _waiting(found) - _waiting(base)
    tonnes = sum(worth[name][0] * max(extra[name], 0.0) for name in extra)
    consignments = sum(max(each, 0.0) for each in extra.values())
    usd = sum(worth[name][1] * extra[name] for name in extra) * YEAR_HOURS
    reopened = (last - date(last.year, 1, 1)).days + 1 - int(WARMUP_HOURS // _DAY)
    reopened += int(_DAYS) if reopened < 0 else 0
    held = float(excess.max()) * (tonnes / consignments if consignments else 0.0)
    over = np.flatnonzero(excess[reopened:] <= _OVER * excess.max())
    recovered = float(over[0]) if len(over) else None
    held_up = _passing(found, shut) * lost
    delay = sum(extra.values()) * _DAYS / held_up if held_up else None
    return {"delay_days": delay, "tonnes_held": held, "usd": usd, "recovery_days": recovered}


def _passing(result: Operated, shut: set[str]) -> float:
    """Count the consignments followed that come to stations, or board services that such stations stop, in a day."""
    made, seas = result.made, {name.removeprefix(SEA) for name in shut if name.startswith(SEA)}
    return sum(
        _DAY / route.interval.mean
        for route in made.model.routes
        if route.interval is not None
        and route.group.count("/") == _OF_GROUP
        and any(
            (isinstance(step, Visit) and step.station in shut) or (isinstance(step, Ride) and step.service in seas)
            for step in route.steps
        )
    )


def _waiting(result: Operated) -> NDArray[np.float64]:
    """Add up all that waits at stations and for vessels on each measured day."""
    found = result.simulation
    blocks = sum(each.queue_by_block.value.sum(axis=0) for each in (found.stations, found.calls))
    measured: NDArray[np.float64] = np.asarray(blocks)[int(WARMUP_HOURS // _DAY) :]
    return measured


def _worth(case: Case, result: Operated) -> dict[str, tuple[float, float]]:
    """Give of each group the tonnes of a consignment, and what an hour of it is worth in USD."""
    pairs = case.assigned.tables["flow_pairs"]
    goods = pairs.group_by("commodity").agg(pl.col("tonnes_per_unit", "usd_per_hour").first())
    value = {name: (tonnes or 0.0, usd) for name, tonnes, usd in goods.iter_rows()}
    traffic = result.prepared.traffic
    sums: dict[str, list[float]] = {}
    groups = {route.id: route.group for route in result.made.model.routes}
    for number in range(traffic.n_routes):
        group = groups.get(f"route {number}")
        if group is not None:
            tonnes, usd = value[traffic.commodities[traffic.commodity[number]]]
            total = sums.setdefault(group, [0.0, 0.0])
            total[0] += traffic.quantity[number] * tonnes
            total[1] += traffic.quantity[number] * usd
    number_of = dict(result.made.groups.group_by("group").agg(pl.col("consignments").sum()).iter_rows())
    return {group: (total[0] / number_of[group], total[1] / number_of[group]) for group, total in sums.items()}
