"""The stages of a scenario, top to bottom: the file to read first.

    corridor, scenario  ->  the corridor in the scenario's year
                        ->  network        everything that crosses it, as one graph
                        ->  routes         how does it get there?          for the pairs of the corridor
                        ->  flows          who goes where, where it jams?  all demand, in equilibrium
                        ->  balances       who gets enough?                energy, water and food
                        ->  trade          who wants what?                  and how it answers to the scenario
                        ->  operations     how late will it be?            queues, vessels and weather, day by day
                        ->  validation     is it like the world?           counts, years left out, forecasts of the past
                        ->  targets        will the promises be kept?
                        ->  evidence       what is observed, what is estimated, what could not be done

Each stage turns tables into tables; nothing here touches a file.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from jibek.errors import RouteError, RunError
from jibek.network import ArcCosts, Network, arc_costs, build_network
from jibek.routes import find_routes, route_tables
from jibek.study.assignment import tables_of
from jibek.study.balance_draws import draw_balances
from jibek.study.balances import balance_tables
from jibek.study.case import Case
from jibek.study.draws import draw_flows
from jibek.study.evidence import evidence_tables, project_places, resource_places
from jibek.study.hindcast import hindcast
from jibek.study.operations import STAGE_REPLICATIONS, simulate_case
from jibek.study.published import border_dwell, published_times
from jibek.study.trade_tables import trade_tables
from jibek.study.validation import validation_tables
from jibek.targets import assess

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jibek.corridor import Corridor, Scenario

__all__ = ["STAGES", "Study", "run_study"]

Tables = dict[str, pl.DataFrame]

# What the world is in the scenario's year: kept with every run, since results mean nothing without it.
_WORLD = (
    "places",
    "modes",
    "links",
    "borders",
    "terminals",
    "corridors",
    "resources",
    "services",
    "projects",
    "regions",
    "commodities",
)
_ALTERNATIVES = 5
_UNROUTED = {"pair": pl.Int64, "origin": pl.String, "destination": pl.String, "reason": pl.String}
_UNPRICED = {"commodity": pl.String, "kind": pl.String, "id": pl.String, "mode": pl.String}


@dataclass(frozen=True)
class Study:
    """Results of one run.

    Attributes
    ----------
    corridor : Corridor
        The corridor in the scenario's year.
    scenario : Scenario or None
        What was changed; None for the corridor as it stands.
    tables : dict of polars.DataFrame
        Results by name, one per file of the run folder.
    seconds : dict of float
        Wall time by stage.
    """

    corridor: Corridor
    scenario: Scenario | None
    tables: Tables
    seconds: dict[str, float] = field(default_factory=dict)


def run_study(
    corridor: Corridor,
    scenario: Scenario | None = None,
    *,
    scenarios: Sequence[Scenario] = (),
    what_ifs: Sequence[Scenario] = (),
    stages: Sequence[str] | None = None,
    draws: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> Study:
    """Run the stages of a scenario.

    Parameters
    ----------
    corridor
        As read, without changes of any year.
    scenario
        Difference laid over it; None runs the corridor as it stands in its own year.
    scenarios
        Those that come with the corridor; routes are found over all of them, so that runs can be compared.
    what_ifs
        More of them, which are only simulated on the routes of the run.
    stages
        Names out of `STAGES`; all when None.
    draws
        How often the flows are repeated with inputs drawn from their ranges; if at all, operations ask what if.
    progress
        Called with the name of each stage before it starts, and of each step of a long one.

    Raises
    ------
    RunError
        If a stage is unknown.
    """
    chosen = tuple(STAGES) if stages is None else tuple(stages)
    unknown = [stage for stage in chosen if stage not in STAGES]
    if unknown:
        raise RunError(f"Unknown stage {', '.join(map(repr, unknown))}. Stages are: {', '.join(STAGES)}.")
    together = {"flows", "balances"} <= set(chosen)
    case = Case(corridor, scenario, scenarios, what_ifs, together=together, draws=draws, progress=progress)
    world = case.world
    tables = {name: world[name] for name in _WORLD}
    tables |= {"project_places": project_places(world), "resource_places": resource_places(world)}
    study = Study(world, scenario, tables)
    for name, stage in STAGES.items():
        if name in chosen:
            progress(name)
            start = time.perf_counter()
            study.tables.update(stage(case))
            study.seconds[name] = time.perf_counter() - start
    return study


def _routes(case: Case) -> Tables:
    """Find the alternatives for each journey of the corridor; one without a route is named, not dropped."""
    world = case.world
    network = build_network(world)
    parts: list[Tables] = [route_tables((), 0)]  # the tables stand even where nothing leads anywhere
    unpriced: list[pl.DataFrame] = []
    unrouted: list[dict[str, object]] = []
    journeys = _journeys(world)
    for commodity in journeys["commodity"].unique(maintain_order=True):
        costs = arc_costs(network, world, commodity, world.year)
        unpriced.append(_unpriced(network, costs, commodity))
        for pair, origin, destination, _ in journeys.filter(commodity=commodity).iter_rows():
            try:
                found = find_routes(network, costs, world, origin, destination, k=_ALTERNATIVES)
            except RouteError as error:
                unrouted.append({"pair": pair, "origin": origin, "destination": destination, "reason": str(error)})
            else:
                parts.append(route_tables(found, pair))
    tables = {
        name: pl.concat([part[name] for part in parts]).sort("pair", "rank", maintain_order=True) for name in parts[0]
    }
    return tables | {
        "unrouted": pl.DataFrame(unrouted, schema=_UNROUTED),
        "unpriced": pl.concat([pl.DataFrame(schema=_UNPRICED), *unpriced]),
        "published_times": published_times(world, journeys),
    }


def _unpriced(network: Network, costs: ArcCosts, commodity: str) -> pl.DataFrame:
    """Name the elements that cost nothing because no rate fits them."""
    arcs = [network.describe_arc(arc) for arc in costs.unpriced.tolist()]
    rows = sorted({(commodity, arc.kind.name.lower(), arc.id, arc.mode) for arc in arcs})
    return pl.DataFrame(rows, schema=_UNPRICED, orient="row")


def _journeys(world: Corridor) -> pl.DataFrame:
    """List the journeys by which the corridors are shown, numbered; the one that spans most longitude first."""
    where = world["places"].select("id", "lon")
    return (
        world["corridors"]
        .select("from_place", "to_place", "commodity")
        .drop_nulls()
        .unique(maintain_order=True)
        .join(where.rename({"lon": "start"}), left_on="from_place", right_on="id")
        .join(where.rename({"lon": "end"}), left_on="to_place", right_on="id")
        .sort(
            (pl.col("start") - pl.col("end")).abs(),
            "from_place",
            "to_place",
            "commodity",
            descending=[True, False, False, False],
        )
        .with_row_index("pair", offset=1)
        .select(pl.col("pair").cast(pl.Int64), "from_place", "to_place", "commodity")
    )


def _flows(case: Case) -> Tables:
    """Assign all demand to routes that are the same in every scenario; repeat it with inputs drawn, if asked."""
    result = case.assigned
    return tables_of(result) | (draw_flows(case, result) if case.draws else {})


def _balances(case: Case) -> Tables:
    """Balance energy, water and food; repeat it with inputs drawn, if asked."""
    tables = balance_tables(case)
    return tables | ({"balance_ranges": draw_balances(case, tables)} if case.draws else {})


def _operations(case: Case) -> Tables:
    """Simulate a year of the flows a few times; with draws, ask what if. The command of operations does it oftener."""
    what_ifs = (*case.scenarios, *case.what_ifs) if case.draws else None
    return simulate_case(case, replications=STAGE_REPLICATIONS, what_ifs=what_ifs)


def _validation(case: Case) -> Tables:
    """Set flows of years that were counted beside the counts, and forecast them with what was known before."""
    return validation_tables(case) | {"flow_hindcast": hindcast(case)}


def _targets(case: Case) -> Tables:
    """Judge the promises, and keep the observations they are judged by."""
    world = case.world
    judged = assess(world, year=world.year)
    observed = (
        judged.select(target="id", series="series")
        .join(world["observations"], on="series")
        .select("target", "series", "year", "from_month", "to_month", "value")
        .sort("target", "year", "from_month", "to_month")
    )
    return {"targets": judged, "target_observations": observed}


def _evidence(case: Case) -> Tables:
    """Say what is observed and estimated, and how the model's border times compare with published ones."""
    world = case.world
    return evidence_tables(world) | {"border_dwell": border_dwell(world)}


STAGES: dict[str, Callable[[Case], Tables]] = {
    "routes": _routes,
    "flows": _flows,
    "balances": _balances,
    "trade": trade_tables,
    "operations": _operations,
    "validation": _validation,
    "targets": _targets,
    "evidence": _evidence,
}
