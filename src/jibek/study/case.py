"""What the stages of a run are given: a corridor, what a scenario makes of it, and the scenarios beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from jibek.corridor import Scenario, apply_scenario
from jibek.flows import build_route_sets, counts_of, demand_between_places, marks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jibek.corridor import Corridor
    from jibek.flows import Counts, RouteMarks, RouteSets
    from jibek.study.assignment import Assigned
    from jibek.study.sharing import Shared

__all__ = ["Case", "of_freight"]

_MARKED = ("places", "regions", "modes")
"""Tables that say what routes meet."""

_COUNTED = (*_MARKED, "counts", "series", "commodities", "conversions")
"""Tables that say what is counted."""


def of_freight(corridor: Corridor, demand: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows of goods that are not left to balances."""
    left = corridor["commodities"].filter(pl.col("decided_by") == "balances")["id"]
    return demand.filter(~pl.col("commodity").is_in(left.implode()))


@dataclass(frozen=True)
class Case:
    """One corridor in one scenario.

    Attributes
    ----------
    corridor : Corridor
        As read, without changes of any year.
    scenario : Scenario or None
        What differs; None for the corridor as it stands in its own year.
    scenarios : sequence of Scenario
        Those that come with the corridor: routes are found over all of them, so that any two can be compared.
    what_ifs : sequence of Scenario
        More of them, over which no routes are found: they are only simulated on the routes of the case.
    together : bool
        Whether flows and balances share the lines, as `jibek.study.sharing` says; otherwise neither knows the other.
    draws : int
        How often the flows are repeated with inputs drawn from their ranges.
    progress : callable
        Called with what is being done.
    """

    corridor: Corridor
    scenario: Scenario | None
    scenarios: Sequence[Scenario] = ()
    what_ifs: Sequence[Scenario] = ()
    together: bool = False
    draws: int = 0
    progress: Callable[[str], None] = lambda _: None

    @cached_property
    def world(self) -> Corridor:
        """The corridor in the scenario's year."""
        return apply_scenario(self.corridor, self.scenario)

    @cached_property
    def base(self) -> Corridor:
        """The corridor in the same year without the scenario's own changes."""
        return self.in_year(self.world.year)

    @cached_property
    def routes(self) -> RouteSets:
        """Alternatives of all pairs that have demand in any year, over these years and all packaged scenarios.

        They do not depend on the scenario that is run, so that two runs choose among the same ways.
        """
        base = apply_scenario(self.corridor, None)
        worlds = [apply_scenario(self.corridor, scenario) for scenario in self.scenarios]
        years = [self.in_year(year) for year in sorted(set(self.corridor["demand"]["year"]))]
        ever = (
            of_freight(self.corridor, self.corridor["demand"])
            .group_by("origin", "destination", "commodity")
            .agg(pl.col("quantity").max())
        )
        return build_route_sets(base, years, worlds, [demand_between_places(base, ever, base.year)])

    @cached_property
    def assigned(self) -> Assigned:
        """The demand assigned to the routes; worked out once for all stages."""
        from jibek.study.assignment import assigned  # noqa: PLC0415 - which is made from cases

        return self.shared.flows if self.together else assigned(self)

    @cached_property
    def shared(self) -> Shared:
        """Flows and balances that leave room for each other; worked out once for all stages."""
        from jibek.study.sharing import in_two_passes  # noqa: PLC0415 - which is made from cases

        return in_two_passes(self)

    def counts_in(self, world: Corridor) -> Counts:
        """Say what every series counts among the routes; worked out once for all worlds that count alike."""
        if all(world[name].equals(self.corridor[name]) for name in _COUNTED):
            return self._counts
        return counts_of(world, self.routes, self.marks_in(world))

    def marks_in(self, world: Corridor) -> RouteMarks:
        """Say what the routes meet; worked out once for all worlds with the same places, regions and modes."""
        if all(world[name].equals(self.corridor[name]) for name in _MARKED):
            return self._marks
        return marks_of(world, self.routes)

    @cached_property
    def _counts(self) -> Counts:
        return counts_of(self.corridor, self.routes, self._marks)

    @cached_property
    def _marks(self) -> RouteMarks:
        return marks_of(self.corridor, self.routes)

    def beside(self, scenario: Scenario | None) -> Case:
        """Put the same corridor in another scenario; the routes, which are the same, are not searched for again."""
        case = replace(self, scenario=scenario)
        case.__dict__["routes"] = self.routes
        return case

    def with_preferences(self, preferences: pl.DataFrame) -> Case:
        """Give the corridor another table ``preferences``; the routes do not depend on it."""
        corridor = replace(self.corridor, tables={**self.corridor.tables, "preferences": preferences})
        case = replace(self, corridor=corridor)
        case.__dict__["routes"] = self.routes
        return case

    @property
    def seed(self) -> int:
        """Seed of everything random."""
        return self.scenario.seed if self.scenario else 0

    def in_year(self, year: int, *, as_of: int | None = None) -> Corridor:
        """Bring the corridor to a year, history alone."""
        return apply_scenario(self.corridor, Scenario(name="history", year=year, as_of=as_of))
