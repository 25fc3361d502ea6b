"""The stages of a scenario, top to bottom: the file to read first.

    corridor, scenario  ->  the corridor in the scenario's year
                        ->  network        everything that crosses it, as one graph
                        ->  routes         how does it get there?          for the pairs of the corridor
                        ->  targets        will the promises be kept?
                        ->  evidence       what is observed, what is estimated, what could not be done

Each stage turns tables into tables; nothing here touches a file.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from jibek.corridor import Corridor, Scenario, apply_scenario, grade_shares
from jibek.errors import RouteError, RunError
from jibek.network import arc_costs, build_network
from jibek.routes import find_routes, route_tables
from jibek.targets import assess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["STAGES", "Study", "run_study"]

Tables = dict[str, pl.DataFrame]

# What the world is in the scenario's year: kept with every run, since results mean nothing without it.
_WORLD = ("places", "modes", "links", "borders", "terminals", "corridors", "resources", "services", "projects")
_ALTERNATIVES = 5


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
    stages: Sequence[str] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Study:
    """Run the stages of a scenario.

    Parameters
    ----------
    corridor
        As read, without changes of any year.
    scenario
        Difference laid over it; None runs the corridor as it stands in its own year.
    stages
        Names out of `STAGES`; all when None.
    progress
        Called with the name of each stage before it starts.

    Raises
    ------
    RunError
        If a stage is unknown.
    """
    chosen = tuple(STAGES) if stages is None else tuple(stages)
    unknown = [stage for stage in chosen if stage not in STAGES]
    if unknown:
        raise RunError(f"Unknown stage {', '.join(unknown)}. Stages are: {', '.join(STAGES)}.")
    world = apply_scenario(corridor, scenario)
    study = Study(world, scenario, {name: world[name] for name in _WORLD})
    for name, stage in STAGES.items():
        if name in chosen:
            progress(name)
            start = time.perf_counter()
            study.tables.update(stage(world))
            study.seconds[name] = time.perf_counter() - start
    return study


def _routes(world: Corridor) -> Tables:
    """Find the alternatives for each pair of the corridor; a pair without a route is named, not dropped."""
    network = build_network(world)
    parts: list[Tables] = []
    unrouted: list[dict[str, object]] = []
    unpriced: list[pl.DataFrame] = []
    for commodity, pairs in _by_commodity(world.pairs).items():
        costs = arc_costs(network, world, commodity, world.year)
        unpriced.append(costs.unpriced_table(network))
        for pair, origin, destination in pairs:
            try:
                found = find_routes(network, costs, world, origin, destination, k=_ALTERNATIVES)
            except RouteError as error:
                unrouted.append({"pair": pair, "origin": origin, "destination": destination, "reason": str(error)})
            else:
                parts.append(route_tables(found, pair))
    tables = (
        {name: pl.concat([part[name] for part in parts]).sort("pair", "rank") for name in parts[0]} if parts else {}
    )
    schema = {"pair": pl.Int64, "origin": pl.String, "destination": pl.String, "reason": pl.String}
    return tables | {
        "unrouted": pl.DataFrame(unrouted, schema=schema),
        "unpriced": pl.concat(unpriced).unique(maintain_order=True) if unpriced else pl.DataFrame(),
    }


def _by_commodity(pairs: Iterable[tuple[str, str, str]]) -> dict[str, list[tuple[int, str, str]]]:
    """Group the pairs by commodity, since costs are worked out once for each."""
    groups: dict[str, list[tuple[int, str, str]]] = {}
    for number, (origin, destination, commodity) in enumerate(pairs, 1):
        groups.setdefault(commodity, []).append((number, origin, destination))
    return groups


def _targets(world: Corridor) -> Tables:
    """Judge the promises, and keep the observations they are judged by."""
    judged = assess(world, year=world.year)
    observed = (
        judged.select(target="id", series="series")
        .join(world["observations"], on="series")
        .select("target", "series", "year", "from_month", "to_month", "value")
        .sort("target", "year", "from_month", "to_month")
    )
    return {"targets": judged, "target_observations": observed}


def _evidence(world: Corridor) -> Tables:
    """Say how well the inputs are known: grades by table, estimates with their ranges, sources with their uses."""
    uses = (
        pl.concat([table.select(source=pl.col("source").explode()) for table in _sourced(world)])
        .drop_nulls()
        .group_by("source")
        .len("uses")
    )
    sources = (
        world["sources"]
        .join(uses, left_on="id", right_on="source", how="left")
        .with_columns(pl.col("uses").fill_null(0))
    )
    return {
        "grades": grade_shares(world),
        "estimates": world["evidence"].filter(pl.col("grade") == "estimate"),
        "sources": sources.sort("id"),
    }


def _sourced(world: Corridor) -> list[pl.DataFrame]:
    """Tables whose rows list their sources."""
    tables = (world.tables[name] for name in sorted(world.tables))
    return [table for table in tables if table.schema.get("source") == pl.List(pl.String) and table.height]


STAGES: dict[str, Callable[[Corridor], Tables]] = {"routes": _routes, "targets": _targets, "evidence": _evidence}
