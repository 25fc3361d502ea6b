"""A case simulated: from its flows to a model of operations and what the simulation of it tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jibek.corridor import closings_in
from jibek.operations import WARMUP_HOURS, YEAR_HOURS, Rules, corridor_model, simulate
from jibek.study.operations_checks import journeys_in
from jibek.study.traffic import traffic_of

if TYPE_CHECKING:
    import polars as pl

    from jibek.corridor import Corridor
    from jibek.operations import CorridorModel, Simulation, Traffic
    from jibek.study.case import Case

__all__ = ["Operated", "Prepared", "operate", "prepared"]


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
