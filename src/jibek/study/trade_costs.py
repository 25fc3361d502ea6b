"""What flows mean for trade: from the expected least cost of every pair of places to the cost between two economies.

Cost is ad valorem: all that is paid for goods delivered, over that before. The change between two economies is

    1 + carried * sum of q (c' - c) / sum of q (v + p)

over all pairs of places between them and all goods, where ``q`` is the demand before (units a year), ``v`` the value of
a unit, ``p`` what its carriage costs before, money and time, ``c`` and ``c'`` its expected least cost before and after
(USD, the logsum over its routes), and ``carried`` the share of trade that the demand makes up (id `trade-9` of the
documentation). Logsums hold what shippers prefer beside money and time, so only their difference is a cost. A cheaper
route, or one more, lowers the logsum and so never raises the change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.network import carriages_of
from jibek.study.assignment import demand_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.flows import Demand, Flows, RouteSets
    from jibek.trade import TradeMatrix

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

__all__ = ["Carried", "carried_in", "cost_change", "hours_paid", "pairs_of_routes"]


@dataclass(frozen=True)
class Carried:
    """Trade as the demand of a year carries it.

    Attributes
    ----------
    goods : polars.DataFrame
        ``exporter, importer, commodity, unit, quantity, tonnes`` (null for goods without a weight), ``usd``, sorted.
    usd : float64 array, shape (n, n)
        Their value by economy.
    share : float64 array, shape (n, n)
        Of trade, at most 1.
    factor : float64 array, shape (n, n)
        Trade over the value of the demand; NaN where there is none. What values of units miss, in one number.
    """

    goods: pl.DataFrame
    usd: Floats
    share: Floats
    factor: Floats


def carried_in(world: Corridor, matrix: TradeMatrix, economy: dict[str, str]) -> Carried:
    """Set the demand of a year beside the trade of the same year.

    Parameters
    ----------
    world
        The corridor in the year of the matrix.
    matrix
        Trade.
    economy
        As `jibek.trade.economies_of` gives it.
    """
    goods = _goods(world, demand_of(world), economy)
    n = len(matrix.countries)
    number = {code: row for row, code in enumerate(matrix.countries)}
    row, column = (
        goods[side].replace_strict(number, return_dtype=pl.Int64).to_numpy() for side in ("exporter", "importer")
    )
    usd = np.zeros((n, n))
    np.add.at(usd, (row, column), goods["usd"].to_numpy())
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(usd > 0, matrix.flows / usd, np.nan)
        share = np.where(matrix.flows > 0, np.minimum(usd / matrix.flows, 1.0), 0.0)
    return Carried(goods, usd, share, factor)


def _goods(world: Corridor, demand: Demand, economy: dict[str, str]) -> pl.DataFrame:
    """Add demand up by economies and commodity; what begins or ends in none of them is left out."""
    places = world["places"]["country"].replace_strict(economy, default=None, return_dtype=pl.String)
    carriages = carriages_of(world, demand.commodities)
    per = pl.DataFrame(
        {
            "commodity": demand.commodities,
            "unit": [each.unit for each in carriages],
            "tonnes_per_unit": [1 / each.per_unit["t"] if "t" in each.per_unit else None for each in carriages],
            "usd_per_unit": _values(world, demand.commodities),
        },
        schema={"commodity": pl.String, "unit": pl.String, "tonnes_per_unit": pl.Float64, "usd_per_unit": pl.Float64},
    )
    rows = pl.DataFrame(
        {
            "exporter": places.gather(demand.origin),
            "importer": places.gather(demand.destination),
            "commodity": pl.Series(demand.commodities, dtype=pl.String).gather(demand.commodity),
            "quantity": demand.quantity,
        }
    )
    key = ["exporter", "importer", "commodity"]
    return (
        rows.drop_nulls()
        .group_by(key)
        .agg(pl.col("quantity").sum())
        .join(per, on="commodity")
        .select(
            *key,
            *("unit", "quantity"),
            tonnes=pl.col("quantity") * pl.col("tonnes_per_unit"),
            usd=pl.col("quantity") * pl.col("usd_per_unit"),
        )
        .sort(key)
    )


@dataclass(frozen=True)
class PairsOfRoutes:
    """Pairs of places as trade sees them.

    Attributes
    ----------
    exporter, importer : int64 arrays, shape (n_pairs,)
        Rows in the matrix; -1 where a place belongs to no economy.
    usd : float64 array, shape (n_pairs,)
        Value of a unit.
    usd_per_hour : float64 array, shape (n_pairs,)
        What an hour costs it.
    tonnes : float64 array, shape (n_pairs,)
        Weight of a unit; 0 where it has none.
    """

    exporter: Integers
    importer: Integers
    usd: Floats
    usd_per_hour: Floats
    tonnes: Floats

    @property
    def traded(self) -> NDArray[np.bool_]:
        """Whether both ends belong to economies."""
        return (self.exporter >= 0) & (self.importer >= 0)

    def spread(self, values: Floats) -> Floats:
        """Give each pair of places what holds between its economies; 1 where it belongs to none."""
        return np.where(self.traded, values[self.exporter, self.importer], 1.0)

    def summed(self, values: Floats, n: int) -> Floats:
        """Add up by economies, shape (n, n)."""
        sums = np.zeros((n, n))
        at = self.traded
        np.add.at(sums, (self.exporter[at], self.importer[at]), values[at])
        return sums


def pairs_of_routes(
    world: Corridor, routes: RouteSets, countries: tuple[str, ...], economy: dict[str, str]
) -> PairsOfRoutes:
    """Say between which economies the pairs of the route sets lie, and what their goods are worth."""
    number = {code: row for row, code in enumerate(countries)}
    rows = {country: number[code] for country, code in economy.items()}
    of_place = world["places"]["country"].replace_strict(rows, default=-1, return_dtype=pl.Int64).fill_null(-1)
    carriages = carriages_of(world, routes.commodities)
    value, hour, weight = (
        np.array(each, dtype=np.float64)[routes.commodity]
        for each in (
            _values(world, routes.commodities),
            [each.usd_per_hour for each in carriages],
            [1 / each.per_unit["t"] if "t" in each.per_unit else 0.0 for each in carriages],
        )
    )
    places = of_place.to_numpy()
    return PairsOfRoutes(places[routes.origin], places[routes.destination], value, hour, weight)


def hours_paid(flows: Flows) -> Floats:
    """Give what carriage costs each pair of places, the mean over its routes in generalised hours; 0 without flow."""
    routes, priced, flow = flows.routes, flows.priced, flows.equilibrium.flow
    hours = priced.hours + flows.equilibrium.hours_delay + priced.usd * priced.hours_per_usd
    spent, sent = (
        np.bincount(routes.pair_of_route, weights=weights, minlength=routes.n_pairs)
        for weights in (np.where(flow > 0, flow * hours, 0.0), flow)
    )
    return np.divide(spent, sent, out=np.zeros(routes.n_pairs), where=sent > 0)


def cost_change(
    pairs: PairsOfRoutes, quantity: Floats, paid: Floats, before: Floats, after: Floats, share: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """Give the change of cost between economies.

    Parameters
    ----------
    pairs
        Where the pairs of places lie.
    quantity : float64 array, shape (n_pairs,)
        Demand before: the weights.
    paid : float64 array, shape (n_pairs,)
        Cost of carriage before, as `hours_paid` gives it.
    before, after : float64 arrays, shape (n_pairs,)
        Expected least cost, generalised hours; infinite without a route.
    share : float64 array, shape (n, n)
        Of trade that the demand makes up.

    Returns
    -------
    change : float64 array, shape (n, n)
        Cost after over cost before; 1 where nothing is carried.
    incomparable : bool array, shape (n_pairs,)
        Pairs with demand that have a route on one side only: they have no change, and are in no weight.
    """
    open_before, open_after = np.isfinite(before), np.isfinite(after)
    wanted = (quantity > 0) & pairs.traded
    both = wanted & open_before & open_after
    weight = np.where(both, quantity, 0.0)
    worth = pairs.summed(weight * (pairs.usd + pairs.usd_per_hour * paid), len(share))
    added = pairs.summed(
        weight * pairs.usd_per_hour * (np.where(both, after, 0.0) - np.where(both, before, 0.0)), len(share)
    )
    change = np.divide(added, worth, out=np.zeros_like(worth), where=worth > 0)
    return 1 + share * change, wanted & (open_before != open_after)


def _values(world: Corridor, commodities: tuple[str, ...]) -> list[float]:
    """Value of a unit of each commodity, USD."""
    known = dict(world["commodities"].select("id", "usd_per_unit").iter_rows())
    return [known[commodity] for commodity in commodities]
