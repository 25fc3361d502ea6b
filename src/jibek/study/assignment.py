"""The stage of flows: route sets, equilibrium, counts beside the model, bottlenecks with what relieves them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from jibek.flows import (
    Certificate,
    Counts,
    Demand,
    Flows,
    RouteSets,
    certify,
    cheapest_flow,
    demand_between_places,
    demand_in_year,
    flow_tables,
    geh,
    observed_in,
    preferences_in,
    quantities,
    reference_costs,
    station_users,
)
from jibek.study.case import of_freight
from jibek.study.relief import relieved_by
from jibek.study.waiting import CLOSE_ENOUGH_HOURS, assign_with_waiting

if TYPE_CHECKING:
    from jibek.corridor import Corridor
    from jibek.study.case import Case

__all__ = ["Assigned", "assigned", "assigned_in", "bottlenecks", "demand_of", "tables_of"]

Tables = dict[str, pl.DataFrame]

_DAYS = 365.0


@dataclass(frozen=True)
class Assigned:
    """Flows of a case, with what they were made from.

    Attributes
    ----------
    world : Corridor
        The corridor in the scenario.
    routes : RouteSets
        The frozen alternatives.
    demand : Demand
        What wanted to go.
    flows : Flows
        What goes where.
    waiting : dict of int to float
        Hours of waiting for a departure by arc of ``routes.network``, where they are not the timetable's.
    waiting_trace : polars.DataFrame
        How they came to agree with what waits.
    counted : Counts
        What series count among the routes.
    goal : float
        Residual that was asked for.
    """

    world: Corridor
    routes: RouteSets
    demand: Demand
    flows: Flows
    waiting: dict[int, float]
    waiting_trace: pl.DataFrame
    counted: Counts
    goal: float

    @property
    def converged(self) -> bool:
        """Whether the loads settled, and the waiting for departures with them."""
        settled = self.waiting_trace["largest_change_hours"].last() <= CLOSE_ENOUGH_HOURS  # type: ignore[operator]
        return self.flows.equilibrium.converged and bool(settled)

    @cached_property
    def tables(self) -> Tables:
        """The flows as `jibek.flows.flow_tables` writes them."""
        return flow_tables(self.flows, self.world)

    @cached_property
    def certificate(self) -> Certificate:
        """What the written flows are worth, worked out anew."""
        return certify(self.flows, self.tables)

    @cached_property
    def counts(self) -> pl.DataFrame:
        """Set what was counted in the year beside what the model has there.

        Returns
        -------
        polars.DataFrame
            ``year, series, title, use, grade, unit, months, observed, modelled, naive`` (all or nothing at the cheapest
            route without congestion), ``error, naive_error`` (share of the observed), ``geh, naive_geh`` (of daily
            volumes), ``group`` (series of one number count the same), ``reason`` (why a series is not compared).
        """
        counts = self.counted
        modelled = pl.DataFrame(
            {
                "series": counts.series,
                "group": counts.group,
                "modelled": counts.modelled(self.flows.equilibrium.flow),
                "naive": counts.modelled(cheapest_flow(self.flows)),
            },
            schema_overrides={"series": pl.String, "group": pl.Int64},
        )
        reasons = self.world["counts"].select("series", listed=pl.lit(1), reason=pl.col("note"))
        rows = (
            observed_in(self.world, self.world.year)
            .join(modelled, on="series", how="left")
            .join(reasons, on="series", how="left")
        )
        missing = pl.when(pl.col("listed").is_null()).then(pl.lit("no row in counts")).otherwise(pl.col("reason"))
        off = {
            f"{name}error": (pl.col(source) - pl.col("observed")) / pl.col("observed")
            for name, source in (("", "modelled"), ("naive_", "naive"))
        }
        rows = rows.with_columns(
            year=pl.lit(self.world.year, dtype=pl.Int64),
            reason=pl.when(pl.col("modelled").is_null()).then(missing),
            **off,
        )
        daily = rows.select(pl.col("observed", "modelled", "naive") / _DAYS)
        return (
            rows.with_columns(
                geh=pl.Series(geh(*(daily[name].to_numpy() for name in ("modelled", "observed")))).fill_nan(None),
                naive_geh=pl.Series(geh(*(daily[name].to_numpy() for name in ("naive", "observed")))).fill_nan(None),
            )
            .select(
                *("year", "series", "title", "use", "grade", "unit", "base_unit", "months"),
                *("observed", "modelled", "naive"),
                *("error", "naive_error", "geh", "naive_geh", "group", "reason"),
            )
            .sort("series")
        )


def demand_of(world: Corridor, demand: pl.DataFrame | None = None) -> Demand:
    """Give the demand between places in the year of a world, from its own table ``demand`` or another one.

    Goods that balances decide are left to them.
    """
    rows = of_freight(world, world["demand"] if demand is None else demand)
    return demand_between_places(world, demand_in_year(rows, world.year), world.year)


def assigned(
    case: Case, *, residual: float = 1e-6, world: Corridor | None = None, start: Assigned | None = None
) -> Assigned:
    """Assign the demand of a case to its routes; in another world than its own, and from another answer, if given."""
    return _assigned(case, world or case.world, case.base, residual, start)


def assigned_in(case: Case, year: int, *, as_of: int | None = None) -> Assigned:
    """Assign the demand of another year, without the scenario; ``as_of`` hides what was observed later."""
    world = case.in_year(year, as_of=as_of)
    return _assigned(case, world, world, 1e-6)


def _assigned(case: Case, world: Corridor, base: Corridor, residual: float, start: Assigned | None = None) -> Assigned:
    demand = demand_of(world)
    found = assign_with_waiting(
        world,
        case.routes,
        preferences_in(world, case.routes, case.marks_in(world), world.year),
        reference_costs(base, case.routes),
        quantities(case.routes, demand),
        residual=residual,
        start=start.flows.equilibrium if start else None,
        waiting=start.waiting if start else None,
    )
    return Assigned(world, case.routes, demand, *found, case.counts_in(world), residual)


def tables_of(result: Assigned) -> Tables:
    """Write the results of the stage as tables.

    Returns
    -------
    dict of polars.DataFrame
        Those of `jibek.flows.flow_tables`, ``flow_users`` (`jibek.flows.station_users`), ``flow_counts``,
        ``flow_bottlenecks``, ``flow_waiting``, and ``flow_solution``: ``residual, goal, converged, iterations, pairs,
        routes``, then `jibek.flows.Certificate` as ``certified_residual, imbalance, benefit_usd``.
    """
    equilibrium, certificate = result.flows.equilibrium, result.certificate
    solution = {
        "residual": [equilibrium.residual],
        "goal": [result.goal],
        "converged": [result.converged],
        "iterations": [equilibrium.iterations],
        "pairs": [int((result.flows.quantity > 0).sum())],
        "routes": [int((equilibrium.flow > 0).sum())],
        "certified_residual": [certificate.residual],
        "imbalance": [certificate.imbalance],
        "benefit_usd": [certificate.benefit_usd],
    }
    return result.tables | {
        "flow_users": station_users(result.flows, result.world),
        "flow_counts": result.counts,
        "flow_bottlenecks": bottlenecks(result.world, result.tables["flow_stations"]),
        "flow_waiting": result.waiting_trace,
        "flow_solution": pl.DataFrame(solution),
    }


def bottlenecks(world: Corridor, stations: pl.DataFrame) -> pl.DataFrame:
    """Rank resources by what their delay costs in a year.

    Returns
    -------
    polars.DataFrame
        ``rank, resource, name, kind, unit, way, capacity, background, load`` (of the busiest station, a day),
        ``load_share, hours`` (its delay), ``usd_delay`` (all stations, a year), ``grade`` (of the capacity),
        ``relieved_by`` (projects that raise it and are not completed).
    """
    worst = stations.sort("resource", "hours", descending=[False, True]).group_by("resource", maintain_order=True)
    busiest = worst.first().drop("usd_delay", "member")
    costs = stations.group_by("resource").agg(pl.col("usd_delay").sum())
    cells = world["evidence"].filter((pl.col("table") == "resources") & (pl.col("column") == "capacity"))
    grades = (
        world["resources"]
        .select("id", "grade")
        .join(cells.select("id", cell="grade"), on="id", how="left")
        .select("id", grade=pl.coalesce("cell", "grade"))
    )
    return (
        busiest.join(costs, on="resource")
        .join(grades, left_on="resource", right_on="id", how="left")
        .join(relieved_by(world), left_on="resource", right_on="id", how="left")
        .filter(pl.col("usd_delay") > 0)
        .sort("usd_delay", "resource", descending=[True, False])
        .with_row_index("rank", offset=1)
        .select(
            pl.col("rank").cast(pl.Int64),
            *("resource", "name", "kind", "unit", "way", "capacity", "background", "load", "load_share", "hours"),
            *("usd_delay", "grade", "relieved_by"),
        )
    )
