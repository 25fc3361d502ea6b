"""What if: scenarios, estimates at the ends of their ranges and disruptions of the past, all on the frozen routes.

Nobody chooses another way: volumes are those of the run. Consignments meet the same luck in all simulations, so that
differences are of what was changed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from jibek.corridor import apply_scenario
from jibek.flows import price_routes, with_waiting
from jibek.operations import RANGES, Ride, Rules
from jibek.study.operated import Operated, Prepared, operate
from jibek.study.operations_curves import curve_table
from jibek.study.operations_replays import replay_table
from jibek.study.traffic import traffic_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jibek.corridor import Corridor, Scenario
    from jibek.study.assignment import Assigned
    from jibek.study.case import Case

__all__ = ["ESTIMATES", "frozen_in", "tornado_table", "what_if_table", "what_if_tables"]

ESTIMATES = (
    ("borders", "hours"),
    ("terminals", "hours"),
    ("links", "hours"),
    ("services", "departures_per_week"),
    ("resources", "capacity"),
    ("disruptions", "mean_hours"),
)
"""Columns whose cells are moved to the ends of their ranges, all of a column at once."""

_MEASURED, _GOODS = "trans-caspian", "containers"
_DAY, _DAYS = 24.0, 365.0
_WHAT_IFS = {
    **dict.fromkeys(("scenario", "corridor", "direction"), pl.String),
    **dict.fromkeys(("mean_days", "p95_days", "p95_change", "share_full"), pl.Float64),
    "replications": pl.Int64,
}
_TORNADO = {
    **dict.fromkeys(("rule", "corridor", "direction"), pl.String),
    **dict.fromkeys(("value_low", "value_high", "p95_low", "p95_high", "p95_base", "reach"), pl.Float64),
    "replications": pl.Int64,
}


def frozen_in(result: Assigned, world: Corridor) -> Assigned:
    """Let the goods of a result go the same ways in another world, with its hours, capacities and delays."""
    flows, routes = result.flows, result.routes
    priced = with_waiting(price_routes(world, routes), routes, result.waiting)
    stations = priced.stations
    flow = flows.equilibrium.flow[np.repeat(np.arange(routes.n_routes), np.diff(priced.first_entry))]
    carried = np.bincount(priced.station, flow / _DAYS * priced.load, minlength=stations.n_stations)
    load = carried + stations.background * stations.peak
    equilibrium = replace(flows.equilibrium, load=load, hours=stations.delays(load)[0])
    return replace(result, world=world, flows=replace(flows, priced=priced, equilibrium=equilibrium))


def what_if_tables(
    case: Case, start: Prepared, scenarios: Sequence[Scenario], *, replications: int, seed: int
) -> dict[str, pl.DataFrame]:
    """Ask what if, all of it on the frozen routes.

    Parameters
    ----------
    case
        The case.
    start
        What is simulated of it.
    scenarios
        Those that may be simulated on its routes.
    replications, seed
        Of each simulation.

    Returns
    -------
    dict of polars.DataFrame
        ``operations_what_ifs`` (`what_if_table`), ``operations_tornado`` (`tornado_table`), ``operations_replays``
        (`jibek.study.operations_replays.replay_table`), ``operations_curves``
        (`jibek.study.operations_curves.curve_table`).
    """
    base = operate(start, replications=replications, seed=seed)
    return {
        "operations_what_ifs": what_if_table(case, base, scenarios, replications=replications, seed=seed),
        "operations_tornado": tornado_table(case, base, replications=replications, seed=seed),
        "operations_replays": replay_table(case, base, replications=replications, seed=seed),
        "operations_curves": _curves(case, base, replications=replications, seed=seed),
    }


def _curves(case: Case, base: Operated, *, replications: int, seed: int) -> pl.DataFrame:
    case.progress("operations, delay curves")
    return curve_table(base, replications=replications, seed=seed)


def what_if_table(
    case: Case, base: Operated, scenarios: Sequence[Scenario], *, replications: int, seed: int
) -> pl.DataFrame:
    """Simulate scenarios that close nothing and change a border, terminal, service or resource that goods meet.

    Returns
    -------
    polars.DataFrame
        ``scenario`` (``base`` for none), ``corridor, direction, mean_days, p95_days, p95_change`` (days),
        ``share_full`` (of the departures for which its containers wait), ``replications``. All four are null where a
        service that they ride has no room left for a queue, which would grow without end.
    """
    rows: list[tuple[Any, ...]] = []
    before = {group: (p95, _ridden(base, group)) for group, _, p95, _ in _measures(base)}
    rows += _what_if_rows("base", base, before, replications)
    same = replace(base.prepared, traffic=traffic_of(frozen_in(case.assigned, case.world)))
    as_it_is = same.model(base.rules).model
    for scenario in scenarios:
        if scenario.close or scenario.year != case.world.year:
            continue
        world = apply_scenario(case.corridor, scenario)
        if all(world[name].equals(case.world[name]) for name in ("borders", "terminals", "services", "resources")):
            continue
        start = replace(base.prepared, world=world, traffic=traffic_of(frozen_in(case.assigned, world)))
        if start.model(base.rules).model == as_it_is:
            continue  # a plant or a field, say: nothing that is simulated
        case.progress(f"operations, what if: {scenario.name}")
        rows += _what_if_rows(scenario.name, operate(start, replications=replications, seed=seed), before, replications)
    return pl.DataFrame(rows, schema=_WHAT_IFS, orient="row")


def _what_if_rows(
    name: str, result: Operated, before: dict[str, tuple[float, set[str]]], replications: int
) -> Iterator[tuple[Any, ...]]:
    for group, mean, p95, full in _measures(result):
        corridor, direction, _ = group.split("/")
        was, ridden = before.get(group, (np.nan, set[str]()))
        told = (None,) * 4 if _is_full(result, ridden) else (mean, p95, p95 - was, full)
        yield name, corridor, direction, *told, replications


def _measures(result: Operated) -> list[tuple[str, float, float, float]]:
    """Give of each measured group its mean and P95 in days, and the share of its departures that are full."""
    routes = result.simulation.routes
    found = []
    for at, group in enumerate(routes.ids):
        corridor, _, goods = group.split("/") if group.count("/") == 2 else ("", "", "")
        if (corridor, goods) == (_MEASURED, _GOODS):
            mean, p95 = (float(each.value[at]) / _DAY for each in (routes.hours.mean, routes.hours.p95))
            found.append((group, mean, p95, _share_full(result, group)))
    return found


def _share_full(result: Operated, group: str) -> float:
    """Give the share of full departures over the calls at which a group's consignments board, each by how many do."""
    calls = dict(zip(result.simulation.calls.ids, result.simulation.calls.share_full.value.tolist(), strict=True))
    boarded = [
        (calls[step.service, step.board], 1.0 / route.interval.mean)
        for route in result.made.model.routes
        if route.group == group and route.interval is not None
        for step in route.steps
        if isinstance(step, Ride)
    ]
    weights = sum(weight for _, weight in boarded)
    return sum(share * weight for share, weight in boarded) / weights if weights else np.nan


def tornado_table(case: Case, base: Operated, *, replications: int, seed: int) -> pl.DataFrame:
    """Move each estimate alone to the ends of its range, and see the P95 of the measured route.

    Rules move to the ends of `jibek.operations.RANGES`; of the `ESTIMATES` all cells of a column move to the ends that
    table evidence gives them.

    Returns
    -------
    polars.DataFrame
        ``rule, corridor, direction`` (of the group), ``value_low, value_high`` (of a rule), ``p95_low, p95_high``
        (days; null where a service that the group rides has no room left for a queue, which would grow without end),
        ``p95_base, reach`` (days between the least and the greatest), ``replications``; the furthest first.
    """
    measured = _measures(base)
    if not measured:
        return pl.DataFrame(schema=_TORNADO)
    group, _, p95, _ = max(measured, key=lambda row: row[0])
    corridor, direction, _ = group.split("/")
    ridden, rows = _ridden(base, group), []
    for name, (value_low, value_high), (start_low, low), (start_high, high) in _moved(case, base):
        case.progress(f"operations, range of {name}")
        ends = [
            _p95_of(operate(start, replications=replications, seed=seed, rules=rules), group, ridden)
            for start, rules in ((start_low, low), (start_high, high))
        ]
        reached = [end for end in (*ends, p95) if end is not None]
        reach = max(reached) - min(reached)
        rows.append((name, corridor, direction, value_low, value_high, *ends, p95, reach, replications))
    return pl.DataFrame(rows, schema=_TORNADO, orient="row").sort("reach", "rule", descending=[True, False])


def _ridden(result: Operated, group: str) -> set[str]:
    """List the services for whose vessels a group waits."""
    routes = (route for route in result.made.model.routes if route.group == group)
    return {step.service for route in routes for step in route.steps if isinstance(step, Ride)}


def _is_full(result: Operated, ridden: set[str]) -> bool:
    """Say whether a service has no room left for a queue."""
    return any(line.full and line.id in ridden for line in result.made.fleet.lines.values())


def _p95_of(result: Operated, group: str, ridden: set[str]) -> float | None:
    """Give the P95 of a measured group, days; none where a service that it rode has no room left for a queue."""
    return None if _is_full(result, ridden) else next(p95 for name, _, p95, _ in _measures(result) if name == group)


_Moved = tuple[str, tuple[float | None, float | None], tuple[Prepared, Rules], tuple[Prepared, Rules]]


def _moved(case: Case, base: Operated) -> Iterator[_Moved]:
    """List the estimates with the model's inputs at either end."""
    start, rules = base.prepared, base.rules
    for each in RANGES:
        low, high = (rules.with_value(each.name, value) for value in (each.low, each.high))
        yield each.name, (each.low, each.high), (start, low), (start, high)
    for table, column in ESTIMATES:
        ends = [_at_end(case.world, table, column, end) for end in ("low", "high")]
        starts = [replace(start, world=world, traffic=traffic_of(frozen_in(case.assigned, world))) for world in ends]
        yield f"{table}-{column}".replace("_", "-"), (None, None), (starts[0], rules), (starts[1], rules)


def _at_end(world: Corridor, table: str, column: str, end: str) -> Corridor:
    """Put all cells of a column that have a range at one end of it."""
    ranges = world["evidence"].filter((pl.col("table") == table) & (pl.col("column") == column)).drop_nulls([end])
    moved = world[table]["id"].replace_strict(
        dict(ranges.select("id", end).iter_rows()), default=None, return_dtype=pl.Float64
    )
    frame = world[table].with_columns(pl.coalesce(moved.alias(column), pl.col(column)).alias(column))
    return replace(world, tables={**world.tables, table: frame})
