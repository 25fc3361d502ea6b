"""Trade and flows until they agree: a cheaper corridor, more trade, more load, a dearer corridor.

    trade before, demand before  ->  flows on the unchanged corridor        what carriage costs every pair
    scenario                     ->  flows of the same demand               what it costs then
                                 ->  change of cost between economies       `jibek.study.trade_costs`
                                 ->  trade in general equilibrium           `jibek.trade.counterfactual`
                                 ->  demand, scaled by what trade asks for  and flows again, until both agree

The steps are those of a damped fixed point, whose trace is kept. All goods between two economies move by one factor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.flows import preferences_in, quantities, reference_costs
from jibek.study.assignment import assigned_in, demand_of
from jibek.study.trade_costs import PairsOfRoutes, cost_change, hours_paid, pairs_of_routes
from jibek.study.waiting import CLOSE_ENOUGH_HOURS, assign_with_waiting
from jibek.trade import ELASTICITY, Counterfactual, counterfactual

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.flows import Flows
    from jibek.study.case import Case
    from jibek.study.trade_costs import Carried
    from jibek.trade import TradeRecords

    Floats = NDArray[np.float64]

__all__ = ["CLOSE_ENOUGH", "Agreement", "agree"]

MOST_PASSES = 12
CLOSE_ENOUGH = 1e-3
"""Largest difference, in logarithms, between the demand of two economies and what their trade asks for."""

_SHORTEST_STEP = 0.1
_TRACE = {
    "pass": pl.Int64,
    "step": pl.Float64,
    "largest_change": pl.Float64,
    "exporter": pl.String,
    "importer": pl.String,
    "trade_usd": pl.Float64,
    "trade_change": pl.Float64,
    "tonnes": pl.Float64,
    "delay_usd": pl.Float64,
    "flow_residual": pl.Float64,
}


@dataclass(frozen=True)
class Agreement:
    """Trade and flows of a scenario, as near to agreement as they came.

    Attributes
    ----------
    converged : bool
        Whether demand agrees with trade, and the flows are in equilibrium.
    reason : str
        Why not; empty if it does.
    cost_change : float64 array, shape (n, n)
        Cost of bringing goods from one economy to the other, over that before.
    quantity_change : float64 array, shape (n, n)
        Quantity traded, over that before; 1 where no trade is known.
    after : Counterfactual
        Trade after.
    flows : Flows
        What goes where in the last pass.
    incomparable : polars.DataFrame
        Pairs of places with demand and a route on one side only, which are in no change of cost: ``exporter, importer,
        commodity, quantity, tonnes, change`` (``lost`` or ``gained``).
    trace : polars.DataFrame
        ``pass, step`` (share of the wanted change that led to this pass), ``largest_change`` (difference between demand
        and what trade asks for, in logarithms) between ``exporter`` and ``importer``, ``trade_usd`` (what all economies
        that the demand joins would trade, at prices before), ``trade_change`` (of it, a fraction), ``tonnes`` (that
        want to go), ``delay_usd`` (what waiting for capacity costs), ``flow_residual``.
    """

    converged: bool
    reason: str
    cost_change: Floats
    quantity_change: Floats
    after: Counterfactual
    flows: Flows
    incomparable: pl.DataFrame
    trace: pl.DataFrame


def agree(case: Case, records: TradeRecords, economy: dict[str, str], carried: Carried) -> Agreement:
    """Bring trade and flows of a scenario together.

    Parameters
    ----------
    case
        Corridor and scenario.
    records
        Trade before.
    economy
        Economy of each country, as `jibek.trade.economies_of` gives it.
    carried
        Demand of the same year beside it.

    Raises
    ------
    TradeError
        If trade has no equilibrium under the costs of a pass.
    """
    flows_of = _Flows(case, records, economy)
    touched = flows_of.pairs.summed(flows_of.weight, len(carried.share)) > 0
    scale = np.zeros_like(carried.share)
    step, earlier = 1.0, None
    trace: list[tuple[object, ...]] = []
    for number in range(1, MOST_PASSES + 1):
        case.progress(f"trade, pass {number}")
        flows = flows_of.at(np.exp(scale))
        change, incomparable = flows_of.change(flows, carried.share)
        after = counterfactual(records.matrix, ELASTICITY.value, change)
        quantity = _quantity_change(records, after, change)
        gap = np.where(touched, np.log(quantity) - scale, 0.0)
        worst = np.unravel_index(np.abs(gap).argmax(), gap.shape)
        ends = tuple(records.matrix.countries[row] for row in worst)
        trace.append(
            (number, step, float(abs(gap[worst])), *ends, *_traded(records, quantity, touched), *flows_of.told(flows))
        )
        if abs(gap[worst]) <= CLOSE_ENOUGH or number == MOST_PASSES:
            break
        step = _irons_tuck(scale, gap, earlier)
        earlier, scale = (scale, gap), scale + step * gap
    table = pl.DataFrame(trace, schema=_TRACE, orient="row")
    reason = _reason(table, flows, flows_of.unsettled_hours)
    listed = flows_of.listed(incomparable, flows)
    return Agreement(not reason, reason, change, quantity, after, flows, listed, table)


def _quantity_change(records: TradeRecords, after: Counterfactual, cost: Floats) -> Floats:
    """Take the change of price at the buyer's, wage times cost, out of that of value."""
    before = records.matrix.flows
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(before > 0, after.flows / before, 1.0)
    return np.where(before > 0, value / (after.output_change[:, None] * cost), 1.0)


def _traded(records: TradeRecords, quantity: Floats, touched: NDArray[np.bool_]) -> tuple[float, float]:
    """Value what the economies that demand joins would trade, at prices before; and give the change of it."""
    before = np.where(touched & ~np.eye(len(quantity), dtype=np.bool_), records.matrix.flows, 0.0)
    usd = float((before * quantity).sum())
    return usd, usd / float(before.sum()) - 1 if before.any() else 0.0


def _irons_tuck(scale: Floats, gap: Floats, earlier: tuple[Floats, Floats] | None) -> float:
    """Choose the share of the gap to close, from how the last step changed it (Irons and Tuck 1969)."""
    if earlier is None:
        return 1.0
    moved, turned = scale - earlier[0], earlier[1] - gap
    norm = float((turned * turned).sum())
    return float(np.clip((moved * turned).sum() / norm, _SHORTEST_STEP, 1.0)) if norm > 0 else 1.0


def _reason(trace: pl.DataFrame, flows: Flows, unsettled: float) -> str:
    """Say why trade and flows do not agree; empty if they do."""
    last = trace.row(-1, named=True)
    if last["largest_change"] > CLOSE_ENOUGH:
        return (
            f"After {last['pass']} passes demand from {last['exporter']} to {last['importer']} still differs by "
            f"{last['largest_change']:.2%} from what trade asks for"
        )
    if not flows.equilibrium.converged:
        return f"The flows have a residual of {flows.equilibrium.residual:.1e}"
    if unsettled > CLOSE_ENOUGH_HOURS:
        return f"The waiting for departures still changes by {unsettled:.1f} hours"
    return ""


class _Flows:
    """Flows of a scenario at any scale of demand, beside those before it.

    Attributes
    ----------
    pairs : PairsOfRoutes
        Pairs of places as trade sees them.
    weight : float64 array, shape (n_pairs,)
        Demand before.
    unsettled_hours : float
        By how much waiting for departures changed last.
    """

    def __init__(self, case: Case, records: TradeRecords, economy: dict[str, str]) -> None:
        world, routes = case.world, case.routes
        case.progress("trade, flows before")
        before = assigned_in(case, world.year, as_of=case.scenario.as_of if case.scenario else None)
        self.pairs: PairsOfRoutes = pairs_of_routes(world, routes, records.matrix.countries, economy)
        self.weight = before.flows.quantity
        self.unsettled_hours = 0.0
        self._before = before.flows.equilibrium.least_cost
        self._paid = hours_paid(before.flows)
        self._world, self._routes = world, routes
        self._preferences = preferences_in(world, routes, case.marks_in(world), world.year)
        self._reference = reference_costs(case.base, routes)
        self._demand = quantities(routes, demand_of(world))
        self._countries = records.matrix.countries
        self._last: Flows | None = None
        self._waiting: dict[int, float] = {}

    def at(self, scale: Floats) -> Flows:
        """Assign demand times a factor for each pair of economies, shape (n, n)."""
        self._last, self._waiting, trace = assign_with_waiting(
            self._world,
            self._routes,
            self._preferences,
            self._reference,
            self._demand * self.pairs.spread(scale),
            start=self._last.equilibrium if self._last else None,
            waiting=self._waiting,
        )
        self.unsettled_hours = float(trace["largest_change_hours"][-1])
        return self._last

    def change(self, flows: Flows, share: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Give the change of cost between economies, and the pairs of places that have none."""
        return cost_change(self.pairs, self.weight, self._paid, self._before, flows.equilibrium.least_cost, share)

    def told(self, flows: Flows) -> tuple[float, float, float]:
        """Give the last columns of the trace."""
        per_route = flows.equilibrium.flow * flows.equilibrium.hours_delay
        delay = np.bincount(self._routes.pair_of_route, weights=per_route, minlength=len(self.weight))
        return (
            float(flows.quantity @ self.pairs.tonnes),
            float(delay @ self.pairs.usd_per_hour),
            flows.equilibrium.residual,
        )

    def listed(self, chosen: NDArray[np.bool_], flows: Flows) -> pl.DataFrame:
        """List pairs of places by the economies they join and what they carry."""
        pairs, codes = self.pairs, pl.Series(self._countries, dtype=pl.String)
        at = np.flatnonzero(chosen)
        lost = np.isinf(flows.equilibrium.least_cost[at])
        key = ["exporter", "importer", "commodity", "change"]
        return (
            pl.DataFrame(
                {
                    "exporter": codes.gather(pairs.exporter[at]),
                    "importer": codes.gather(pairs.importer[at]),
                    "commodity": pl.Series(self._routes.commodities, dtype=pl.String).gather(
                        self._routes.commodity[at]
                    ),
                    "change": np.where(lost, "lost", "gained"),
                    "quantity": self.weight[at],
                    "tonnes": self.weight[at] * pairs.tonnes[at],
                },
                schema_overrides={"change": pl.String},
            )
            .group_by(key)
            .agg(pl.col("quantity", "tonnes").sum())
            .sort(key)
        )
