"""Many small changes of one scenario: each solved from the flows of the scenario, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jibek.errors import RunError
from jibek.flows import pair_table, preferences_in, quantities
from jibek.study.assignment import demand_of
from jibek.study.flow_comparison import users_benefit
from jibek.study.threads import side_by_side
from jibek.study.waiting import CLOSE_ENOUGH_HOURS, assign_with_waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jibek.corridor import Scenario
    from jibek.study.assignment import Assigned
    from jibek.study.case import Case

__all__ = ["evaluate_variants"]

_SCHEMA = {
    "variant": pl.String,
    "benefit_usd": pl.Float64,
    "delay_usd": pl.Float64,
    "lost": pl.Int64,
    "residual": pl.Float64,
    "passes": pl.Int64,
    "converged": pl.Boolean,
}


def evaluate_variants(
    case: Case, result: Assigned, variants: Sequence[Scenario], *, residual: float = 1e-6
) -> pl.DataFrame:
    """Say what each of many changes is worth.

    Every variant chooses among the routes of the case, and begins with the loads and the waiting of its flows: what
    does not change need not be found again, and two equal variants differ by nothing.

    Parameters
    ----------
    case, result
        The case, and its flows.
    variants
        Scenarios of the same year, each instead of the case's own.
    residual
        As in `jibek.flows.equilibrium_of`.

    Returns
    -------
    polars.DataFrame
        In the order of the variants: ``variant`` (its name), ``benefit_usd`` (what the users gain over the case in a
        year, by the rule of half), ``delay_usd`` (what delays cost in the variant), ``lost`` (pairs with demand that
        have no route), ``residual, passes`` (of the waiting), ``converged``.

    Raises
    ------
    RunError
        If a variant is of another year.
    """
    other = [variant.name for variant in variants if case.beside(variant).world.year != result.world.year]
    if other:
        raise RunError(
            f"Variants of another year than {result.world.year}: {', '.join(other)}. Give all the same year."
        )
    before = {"flow_pairs": pair_table(result.flows, result.world)}
    routes, flows = result.routes, result.flows
    case.marks_in(result.world)  # worked out once, not side by side

    def evaluated(variant: Scenario) -> tuple[object, ...]:
        world = case.beside(variant).world
        found, _, trace = assign_with_waiting(
            world,
            routes,
            preferences_in(world, routes, case.marks_in(world), world.year),
            flows.reference,
            quantities(routes, demand_of(world)),
            residual=residual,
            start=flows.equilibrium,
            waiting=result.waiting,
        )
        equilibrium, after = found.equilibrium, pair_table(found, world)
        return (
            variant.name,
            users_benefit(before, {"flow_pairs": after}),
            float(equilibrium.flow @ (equilibrium.hours_delay / found.priced.hours_per_usd)),
            after.filter(pl.col("routed") < pl.col("quantity")).height,
            equilibrium.residual,
            trace.height,
            equilibrium.converged and trace["largest_change_hours"][-1] <= CLOSE_ENOUGH_HOURS,
        )

    return pl.DataFrame(list(side_by_side(evaluated, variants)), schema=_SCHEMA, orient="row")
