"""The stage of operations: the flows of a case simulated day by day, and what they tell as tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from jibek.corridor import closings_in
from jibek.operations import WARMUP_HOURS, YEAR_HOURS, Rules, corridor_model, simulate
from jibek.study.case import Case
from jibek.study.operations_checks import check_table, journeys_in
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
from jibek.study.traffic import traffic_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jibek.corridor import Corridor, Scenario
    from jibek.operations import CorridorModel, Simulation, Traffic

__all__ = [
    "STAGE_REPLICATIONS",
    "Operated",
    "Prepared",
    "operate",
    "operations_of",
    "operations_tables",
    "prepared",
    "simulate_case",
]

Tables = dict[str, pl.DataFrame]

STAGE_REPLICATIONS = 4
"""Of `jibek run`; the command of operations has as many as it is asked for."""


@dataclass(frozen=True)
class Prepared:
    """What is simulated: a case with its traffic.

    Attributes
    ----------
    world : Corridor
        The corridor in the scenario.
    traffic : Traffic
        Routes with volumes.
    closings : polars.DataFrame
        As `jibek.corridor.closings_in` lists them.
    journeys : polars.DataFrame
        Whose times are observed.
    """

    world: Corridor
    traffic: Traffic
    closings: pl.DataFrame
    journeys: pl.DataFrame

    def model(self, rules: Rules) -> CorridorModel:
        """Make the model with some estimates."""
        return corridor_model(self.world, self.traffic, self.closings, rules, self.journeys)


@dataclass(frozen=True)
class Operated:
    """A case simulated.

    Attributes
    ----------
    prepared : Prepared
        What was simulated.
    made : CorridorModel
        As a model.
    simulation : Simulation
        The results of it.
    rules : Rules
        Estimates by rule.
    """

    prepared: Prepared
    made: CorridorModel
    simulation: Simulation
    rules: Rules


def prepared(case: Case) -> Prepared:
    """Gather what a case gives to operations: flows, closings, journeys that are published or shown."""
    traffic = traffic_of(case.assigned)
    return Prepared(case.world, traffic, closings_in(case.corridor, case.scenario), journeys_in(case.world))


def operate(start: Prepared, *, replications: int, seed: int = 0, rules: Rules | None = None) -> Operated:
    """Simulate a year, from March to February, after January and February to warm up."""
    rules = Rules() if rules is None else rules
    made = start.model(rules)
    hours = WARMUP_HOURS + YEAR_HOURS
    found = simulate(made.model, hours=hours, warmup_hours=WARMUP_HOURS, replications=replications, seed=seed)
    return Operated(start, made, found, rules)


def operations_tables(result: Operated) -> Tables:
    """Write the results as tables.

    Returns
    -------
    dict of polars.DataFrame
        ``operations_routes, operations_journeys, operations_days`` (`jibek.study.operations_tables.time_tables`,
        `spread_table`), ``operations_stations, operations_services, operations_queues, operations_notices,
        operations_rules, operations_solution`` (the functions of their names), ``operations_checks``.
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
        "operations_queues": queue_table(found, start.world),
        "operations_checks": check_table(start.world, journeys, stations),
        "operations_notices": notice_table(made, found),
        "operations_rules": rule_table(result.rules),
        "operations_solution": solution_table(made, found),
    }


def simulate_case(
    case: Case, *, replications: int, seed: int | None = None, progress: Callable[[str], None] = lambda _: None
) -> Tables:
    """Simulate a case and write the results; the seed is the scenario's unless another is given."""
    start = prepared(case)
    progress("operations")
    return operations_tables(operate(start, replications=replications, seed=case.seed if seed is None else seed))


def operations_of(
    corridor: Corridor,
    scenario: Scenario | None = None,
    *,
    scenarios: Sequence[Scenario] = (),
    replications: int,
    seed: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[int, Tables]:
    """Assign the demand of a corridor in a scenario and simulate it.

    Parameters
    ----------
    corridor, scenario, scenarios, progress
        As in `jibek.study.run_study`.
    replications
        How often the year is simulated.
    seed
        Of all that is random; the scenario's if not given.

    Returns
    -------
    year : int
        Of the scenario.
    tables : dict of polars.DataFrame
        Those of `operations_tables`, and what names in them mean: ``corridors, places, services``.
    """
    case = Case(corridor, scenario, scenarios, progress=progress)
    progress("flows")
    found = simulate_case(case, replications=replications, seed=seed, progress=progress)
    return case.world.year, found | {name: case.world[name] for name in ("corridors", "places", "services")}
