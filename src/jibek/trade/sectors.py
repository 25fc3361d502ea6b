"""What trade becomes when costs change, sector by sector: goods are made from labour and from goods of all sectors.

General equilibrium in changes with input-output links (Caliendo and Parro 2015, Estimates of the trade and welfare
effects of NAFTA, Review of Economic Studies 82, section 2.3, without tariffs; ids `trade-4` to `trade-7` of the
documentation). Imbalances are kept as in `jibek.trade.counterfactual`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from jibek.errors import Fault, TradeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["SectorCounterfactual", "SectorTrade", "sector_counterfactual"]

_ENOUGH = 1e-11  # change of a logarithm in one round, and excess demand over what is earned
_MOST_ROUNDS = 20_000
_ROUNDING = 1e-6  # of purchases, by which inputs may exceed them


@dataclass(frozen=True)
class SectorTrade:
    """Trade by sector, and what each sector is made from.

    Attributes
    ----------
    countries, sectors : tuple of str, lengths n and s
        Names.
    flows : float64 array, shape (s, n, n)
        What the country of the row sells to that of the column, at home on the diagonal.
    inputs : float64 array, shape (n, s, s)
        Share of goods of the first sector in the cost of the second, by country; the rest is value added.

    Raises
    ------
    TradeError
        If shapes do not fit, a flow or share is negative or no number, inputs cost as much as the goods or more, or a
        country buys fewer goods of a sector than its own sectors need: all faults at once.
    """

    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    flows: Floats
    inputs: Floats

    def __post_init__(self) -> None:
        n, s = len(self.countries), len(self.sectors)
        shapes = (("flows", self.flows.shape, (s, n, n)), ("inputs", self.inputs.shape, (n, s, s)))
        remedy = "Give one value for each."
        faults = [
            Fault("fault", "sectors", "", name, str(found), str(wanted), remedy)
            for name, found, wanted in shapes
            if found != wanted
        ]
        if not faults:
            faults = [*self._values()]
        if not faults:
            faults = [*self._lacking()]
        if faults:
            raise TradeError(faults)

    @cached_property
    def output(self) -> Floats:
        """Sales of each sector and country, shape (s, n)."""
        output: Floats = self.flows.sum(axis=2)
        return output

    @cached_property
    def purchases(self) -> Floats:
        """Purchases by sector and country, shape (s, n)."""
        purchases: Floats = self.flows.sum(axis=1)
        return purchases

    @cached_property
    def value_added_share(self) -> Floats:
        """Share of value added in the cost of each sector and country, shape (s, n)."""
        share: Floats = 1.0 - self.inputs.sum(axis=1).T
        return share

    @cached_property
    def final(self) -> Floats:
        """What is bought of each sector and not used by any, shape (s, n)."""
        used = np.einsum("nkj,jn->kn", self.inputs, self.output)
        final: Floats = np.maximum(self.purchases - used, 0.0)
        return final

    def _values(self) -> Iterator[Fault]:
        """Look at every value."""
        remedy = "Correct the value."
        for sector, row, column in np.argwhere(~(np.isfinite(self.flows) & (self.flows >= 0))):
            where = f"{self.sectors[sector]}, {self.countries[row]} to {self.countries[column]}"
            found = str(self.flows[sector, row, column])
            yield Fault("fault", "sectors", where, "flows", found, "a number not below 0", remedy)
        for country, sector, user in np.argwhere(~(np.isfinite(self.inputs) & (self.inputs >= 0))):
            where = f"{self.countries[country]}, {self.sectors[sector]} in {self.sectors[user]}"
            found = str(self.inputs[country, sector, user])
            yield Fault("fault", "sectors", where, "inputs", found, "a share not below 0", remedy)
        for sector, country in np.argwhere(self.inputs.sum(axis=1).T >= 1):
            where, found = (
                f"{self.countries[country]}, {self.sectors[sector]}",
                str(self.inputs[country, :, sector].sum()),
            )
            yield Fault("fault", "sectors", where, "inputs", found, "a sum below 1", "Leave a share for value added.")

    def _lacking(self) -> Iterator[Fault]:
        """Name goods of which a country buys less than it uses, or nothing at all though it uses some."""
        used = np.einsum("nkj,jn->kn", self.inputs, self.output)
        for sector, country in np.argwhere(used > self.purchases * (1 + _ROUNDING)):
            where = f"{self.countries[country]}, {self.sectors[sector]}"
            found, expected = f"{self.purchases[sector, country]:.6g}", f"at least {used[sector, country]:.6g}"
            remedy = "Raise its purchases, or lower the shares of inputs."
            yield Fault("fault", "sectors", where, "flows", found, expected, remedy)


@dataclass(frozen=True)
class SectorCounterfactual:
    """Trade after a change of costs, at the same value added of the world.

    Attributes
    ----------
    countries, sectors : tuple of str
        Names.
    flows : float64 array, shape (s, n, n)
        Trade.
    wage_change : float64 array, shape (n,)
        Of value added.
    price_change : float64 array, shape (s, n)
        Of the goods of each sector.
    real_income_change : float64 array, shape (n,)
        Final expenditure over its price.
    clearing : float
        Largest difference between what sales pay to labour and what labour earns, over the latter, recomputed.
    rounds : int
        Rounds.
    """

    countries: tuple[str, ...]
    sectors: tuple[str, ...]
    flows: Floats
    wage_change: Floats
    price_change: Floats
    real_income_change: Floats
    clearing: float
    rounds: int


def sector_counterfactual(trade: SectorTrade, elasticities: Floats, cost_change: Floats) -> SectorCounterfactual:
    """Find the trade that follows from a change of costs.

    Prices, purchases and wages take turns: prices follow from wages and the prices of inputs, purchases from what is
    sold, wages rise where sales pay more to labour than it earns. Each is a contraction, the last one since goods are
    gross substitutes (Alvarez and Lucas 2007).

    Parameters
    ----------
    trade
        Trade before.
    elasticities : float64 array, shape (s,)
        By which the trade of each sector falls with its cost, above 0.
    cost_change : float64 array, shape (s, n, n)
        Cost of bringing goods over that before, as in `jibek.trade.counterfactual`.

    Raises
    ------
    TradeError
        If an elasticity or a change is not above 0, or rounds come to no end.
    """
    _check(trade, elasticities, cost_change)
    market = _Market(trade, elasticities, cost_change)
    log_wage: Floats = np.zeros(len(trade.countries))
    log_price: Floats = np.zeros(trade.purchases.shape)
    purchases, rounds, moved = trade.purchases, 0, np.inf
    while moved > _ENOUGH and rounds < _MOST_ROUNDS:
        shares, next_price = market.prices(log_wage, log_price)
        next_purchases, excess = market.sold(log_wage, shares, purchases)
        moved = max(
            float(np.abs(next_price - log_price).max()),
            float(np.abs(next_purchases / np.maximum(purchases, market.least) - 1)[purchases > market.least].max()),
            float(np.abs(excess).max()),
        )
        log_wage = market.normal(log_wage + excess / (1 + elasticities.max()))
        log_price, purchases = next_price, next_purchases
        rounds += 1
    if not moved <= _ENOUGH:
        remedy = "Make the change of costs smaller, or look for countries that trade with nobody."
        found = f"{moved:.1e} after {rounds} rounds"
        raise TradeError([Fault("fault", "sectors", "", "equilibrium", found, f"below {_ENOUGH:.0e}", remedy)])
    return market.result(log_wage, log_price, purchases, rounds)


def _check(trade: SectorTrade, elasticities: Floats, cost_change: Floats) -> None:
    faults = []
    if elasticities.shape != (len(trade.sectors),) or not (np.isfinite(elasticities) & (elasticities > 0)).all():
        remedy = "Give one positive number for each sector."
        faults.append(Fault("fault", "sectors", "", "elasticities", str(elasticities), "above 0", remedy))
    if cost_change.shape != trade.flows.shape or not (np.isfinite(cost_change) & (cost_change > 0)).all():
        found = str(cost_change.shape) if cost_change.shape != trade.flows.shape else str(cost_change.min())
        remedy = "Give one change for every sector and pair, 1 where none is."
        faults.append(Fault("fault", "sectors", "", "cost_change", found, f"{trade.flows.shape}, above 0", remedy))
    if faults:
        raise TradeError(faults)


class _Market:
    """All sectors and countries at some wages."""

    def __init__(self, trade: SectorTrade, elasticities: Floats, cost_change: Floats) -> None:
        self._trade, self._elasticity = trade, elasticities[:, None]
        bought = trade.purchases[:, None, :]
        shares = np.divide(trade.flows, bought, out=np.zeros(trade.flows.shape), where=bought > 0)
        self._reachable = shares * cost_change ** -elasticities[:, None, None]
        self._is_bought = trade.purchases > 0
        self.earned = (trade.value_added_share * trade.output).sum(axis=0)
        self._ratio = trade.final.sum(axis=0) / self.earned
        self._taste = trade.final / np.maximum(trade.final.sum(axis=0), np.finfo(float).tiny)
        self.least = 1e-12 * trade.purchases.max()

    def normal(self, log_wage: Floats) -> Floats:
        """Keep what labour earns in the world."""
        normal: Floats = log_wage - np.log(np.exp(log_wage) @ self.earned / self.earned.sum())
        return normal

    def prices(self, log_wage: Floats, log_price: Floats) -> tuple[Floats, Floats]:
        """Follow wages and prices of inputs to shares of trade and to prices."""
        log_cost = self._trade.value_added_share * log_wage + np.einsum("nkj,kn->jn", self._trade.inputs, log_price)
        weights = self._reachable * np.exp(-self._elasticity * log_cost)[:, :, None]
        competition = np.where(self._is_bought, weights.sum(axis=1), 1.0)
        return weights / competition[:, None, :], -np.log(competition) / self._elasticity

    def sold(self, log_wage: Floats, shares: Floats, purchases: Floats) -> tuple[Floats, Floats]:
        """Follow purchases to sales and to purchases; also give the logarithm of what labour gets over its earnings."""
        sales = np.einsum("sij,sj->si", shares, purchases)
        income = self._ratio * np.exp(log_wage) * self.earned
        income *= self.earned.sum() / income.sum()
        bought = np.einsum("nkj,jn->kn", self._trade.inputs, sales) + self._taste * income
        paid = (self._trade.value_added_share * sales).sum(axis=0)
        return bought, np.log(paid / (np.exp(log_wage) * self.earned))

    def result(self, log_wage: Floats, log_price: Floats, purchases: Floats, rounds: int) -> SectorCounterfactual:
        """Read what rounds have come to."""
        trade = self._trade
        shares, _ = self.prices(log_wage, log_price)
        flows = shares * purchases[:, None, :]
        wage = np.exp(log_wage)
        income = self._ratio * wage * self.earned
        income *= self.earned.sum() / income.sum()
        paid = (trade.value_added_share * flows.sum(axis=2)).sum(axis=0)
        return SectorCounterfactual(
            countries=trade.countries,
            sectors=trade.sectors,
            flows=flows,
            wage_change=wage,
            price_change=np.exp(log_price),
            real_income_change=income / trade.final.sum(axis=0) * np.exp(-(self._taste * log_price).sum(axis=0)),
            clearing=float(np.abs(paid / (wage * self.earned) - 1).max()),
            rounds=rounds,
        )
