"""The stage of operations: the flows of a case simulated day by day, what if, and all of it as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jibek.study.case import Case
from jibek.study.operated import Operated, operate, prepared
from jibek.study.operations_checks import check_table
from jibek.study.operations_reports import report_table
from jibek.study.operations_tables import (
    notice_table,
    queue_table,
    rule_table,
    service_table,
    solution_table,
    spread_table,
    station_table,
    time_tables,
)
from jibek.study.operations_what_ifs import what_if_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from jibek.corridor import Corridor, Scenario

__all__ = ["STAGE_REPLICATIONS", "operations_of", "operations_tables", "simulate_case"]

Tables = dict[str, "pl.DataFrame"]

STAGE_REPLICATIONS = 10
"""Of `jibek run`; the command of operations has as many as it is asked for."""


def operations_tables(result: Operated) -> Tables:
    """Write the results as tables.

    Returns
    -------
    dict of polars.DataFrame
        ``operations_routes, operations_journeys, operations_days`` (`jibek.study.operations_tables.time_tables`,
        `spread_table`), ``operations_stations, operations_services, operations_queues, operations_notices,
        operations_rules, operations_solution`` (the functions of their names), ``operations_checks``,
        ``operations_reports``.
    """
    made, found, start = result.made, result.simulation, result.prepared
    routes, journeys = time_tables(made, found)
    stations = station_table(made, found, start)
    return {
        "operations_routes": routes,
        "operations_journeys": journeys,
        "operations_days": spread_table(made, found),
        "operations_stations": stations,
        "operations_services": service_table(made, found),
        "operations_queues": queue_table(found),
        "operations_checks": check_table(start.world, journeys, stations),
        "operations_reports": report_table(start, made, found),
        "operations_notices": notice_table(made, found),
        "operations_rules": rule_table(result.rules),
        "operations_solution": solution_table(made, found),
    }


def simulate_case(
    case: Case, *, replications: int, seed: int | None = None, what_ifs: Sequence[Scenario] | None = None
) -> Tables:
    """Simulate a case and write the results.

    Parameters
    ----------
    case
        The case.
    replications
        How often the year is simulated, each time that it is.
    seed
        Of all that is random; the scenario's if not given.
    what_ifs
        Scenarios that are simulated on the frozen routes beside ranges and replays; None to ask nothing of the kind.

    Returns
    -------
    dict of polars.DataFrame
        Those of `operations_tables`, and of `what_if_tables` if asked for.
    """
    start, luck = prepared(case), case.seed if seed is None else seed
    tables = operations_tables(operate(start, replications=replications, seed=luck))
    if what_ifs is not None:
        tables |= what_if_tables(case, start, what_ifs, replications=replications, seed=luck)
    return tables


def operations_of(
    corridor: Corridor,
    scenario: Scenario | None = None,
    *,
    scenarios: Sequence[Scenario] = (),
    replications: int,
    seed: int | None = None,
    what_ifs: Sequence[Scenario] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[int, Tables]:
    """Assign the demand of a corridor in a scenario and simulate it.

    Parameters
    ----------
    corridor, scenario, scenarios, progress
        As in `jibek.study.run_study`.
    replications, seed, what_ifs
        As in `simulate_case`.

    Returns
    -------
    year : int
        Of the scenario.
    tables : dict of polars.DataFrame
        Those of `simulate_case`, and what names in them mean: ``corridors, places, services``.
    """
    case = Case(corridor, scenario, scenarios, progress=progress)
    progress("flows")
    progress(f"operations of {len(case.assigned.flows.quantity)} pairs")
    found = simulate_case(case, replications=replications, seed=seed, what_ifs=what_ifs)
    return case.world.year, found | {name: case.world[name] for name in ("corridors", "places", "services")}
