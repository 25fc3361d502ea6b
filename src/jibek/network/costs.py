"""What the arcs of a network cost one commodity in one year: hours, USD and kg CO2 per unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from jibek.errors import RouteError
from jibek.network.commodities import Carriage, carriage_of, carriages_of
from jibek.network.network import ArcKind, Network
from jibek.network.rates import choose_rates, rank_rates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from jibek.corridor import Corridor

__all__ = ["ArcCosts", "arc_costs", "costs_by_commodity"]

_PAID = {"links": ArcKind.LINK, "borders": ArcKind.BORDER, "terminals": ArcKind.TERMINAL}


@dataclass(frozen=True)
class ArcCosts:
    """Costs of every arc for one unit of a commodity, without congestion.

    Attributes
    ----------
    commodity, unit : str
        What is carried, and the unit of which the costs are.
    year : int
        Year of the rates.
    allowed : bool array, shape (n_arcs,)
        Whether the commodity may use the arc.
    hours, usd, kg_co2 : float64 arrays, shape (n_arcs,)
        Time, money and emission of passing it.
    hours_per_usd : float
        Reciprocal of the value of time (USD per unit and hour).
    payees : tuple of str
        Who is paid, in alphabetical order.
    payee : int16 array, shape (n_arcs, 2)
        Rows in ``payees`` on the side where the arc starts and where it ends; -1: nobody. An arc
        within one country has only the first.
    usd_paid : float64 array, shape (n_arcs, 2)
        What each of the two gets; the sum is ``usd``.
    unpriced : int32 array
        Allowed arcs of links, borders and terminals for a side of which no rate was found (it costs 0).
    """

    commodity: str
    unit: str
    year: int
    allowed: NDArray[np.bool_]
    hours: NDArray[np.float64]
    usd: NDArray[np.float64]
    kg_co2: NDArray[np.float64]
    hours_per_usd: float
    payees: tuple[str, ...]
    payee: NDArray[np.int16]
    usd_paid: NDArray[np.float64]
    unpriced: NDArray[np.int32]

    @property
    def generalised_hours(self) -> NDArray[np.float64]:
        """Hours plus money over the value of time, per arc."""
        return self.hours + self.usd * self.hours_per_usd


def arc_costs(network: Network, corridor: Corridor, commodity: str, year: int) -> ArcCosts:
    """Price every arc for one commodity.

    The fixed part of a link's rate is paid on every link that takes the rate, so it belongs to rates
    of one link; a rate of a mode or country goes by distance.

    Parameters
    ----------
    network
        As `build_network` made it from ``corridor``.
    corridor
        The same corridor.
    commodity
        Id in ``commodities``; a parent stands for all its children.
    year
        Year of the rates.

    Raises
    ------
    RouteError
        If the commodity is unknown or lacks modes, a value of time, or the conversion to tonnes
        that emissions need.
    """
    carriage = carriage_of(corridor, commodity)
    sides = {table: _sides(network, corridor, table) for table in _PAID}
    return _priced(network, corridor, carriage, year, _payments(network, corridor, carriage, year, sides))


def costs_by_commodity(
    network: Network, corridor: Corridor, commodities: Sequence[str], year: int
) -> tuple[ArcCosts, ...]:
    """Price every arc for several commodities; those that pay the same rates are priced once.

    Parameters
    ----------
    network, corridor, year
        As in `arc_costs`.
    commodities
        Ids in ``commodities``.
    """
    with_rates = set(corridor["rates"]["commodity"])
    sides = {table: _sides(network, corridor, table) for table in _PAID}
    payments: dict[tuple[object, ...], _Payments] = {}
    priced = []
    for carriage in carriages_of(corridor, commodities):
        named = tuple(ancestor for ancestor in carriage.lineage if ancestor in with_rates)
        key = (named, carriage.unit, tuple(sorted(carriage.per_unit.items())))
        if key not in payments:
            payments[key] = _payments(network, corridor, carriage, year, sides)
        priced.append(_priced(network, corridor, carriage, year, payments[key]))
    return tuple(priced)


class _Payments(NamedTuple):
    """Who is paid how much on the two sides of each arc, and where no rate was found."""

    payees: tuple[str, ...]
    payee: NDArray[np.int16]
    usd_paid: NDArray[np.float64]
    unpriced: NDArray[np.bool_]


def _priced(network: Network, corridor: Corridor, carriage: Carriage, year: int, payments: _Payments) -> ArcCosts:
    """Put payments, hours and emissions of one commodity together."""
    allowed = _allowed(network, corridor, carriage)
    return ArcCosts(
        commodity=carriage.lineage[0],
        unit=carriage.unit,
        year=year,
        allowed=allowed,
        hours=network.hours_moving + network.hours_waiting,
        usd=payments.usd_paid.sum(axis=1),
        kg_co2=_emissions(network, corridor, carriage, allowed),
        hours_per_usd=1.0 / carriage.usd_per_hour,
        payees=payments.payees,
        payee=payments.payee,
        usd_paid=payments.usd_paid,
        unpriced=np.flatnonzero(allowed & payments.unpriced).astype(np.int32),
    )


def _allowed(network: Network, corridor: Corridor, carriage: Carriage) -> NDArray[np.bool_]:
    """Open the arcs between layers of the commodity's modes, with the borders and terminals meant for it."""
    carries = corridor["modes"]["id"].is_in(list(carriage.modes)).to_numpy()
    open_layer = np.append(carries, True)[network.node_layer]  # gates have layer -1: the last, always open
    allowed: NDArray[np.bool_] = open_layer[network.arc_from] & open_layer[network.arc_to]
    for table, key in (("borders", ["link"]), ("terminals", ["place", "from_mode", "to_mode"])):
        meant = _meant_for(corridor[table], key, carriage.lineage)
        here = network.kind == _PAID[table]
        allowed[here] &= meant[network.element[here]]
    return allowed


def _meant_for(table: pl.DataFrame, key: list[str], lineage: tuple[str, ...]) -> NDArray[np.bool_]:
    """Mark the rows of the nearest of the commodity, its parent, ..., all commodities, for each key."""
    depths = {ancestor: depth for depth, ancestor in enumerate(lineage)}
    depth = pl.col("commodity").replace_strict(depths, default=None, return_dtype=pl.Int64)
    depth = pl.when(pl.col("commodity").is_null()).then(len(lineage)).otherwise(depth)
    marked = table.with_columns(depth.alias("depth")).select(
        (pl.col("depth") == pl.col("depth").min().over(key)).fill_null(value=False).alias("meant")
    )
    return marked["meant"].to_numpy()


def _payments(
    network: Network, corridor: Corridor, carriage: Carriage, year: int, sides: Mapping[str, pl.DataFrame]
) -> _Payments:
    """Find who is paid how much on the two sides of each arc, and where no rate was found."""
    ranked = rank_rates(corridor["rates"], carriage.per_unit, carriage.lineage, year)
    payees = tuple(sorted(set(ranked["payee"])))
    row_of = {payee: row for row, payee in enumerate(payees)}
    payee = np.full((network.n_arcs, 2), -1, dtype=np.int16)
    usd_paid = np.zeros((network.n_arcs, 2))
    unpriced = np.zeros(network.n_arcs, dtype=np.bool_)
    for table, elements in sides.items():
        chosen = choose_rates(elements, ranked, table)
        unpriced[chosen.filter(pl.col("payee").is_null())["arc"].to_numpy()] = True
        paid = chosen.drop_nulls("payee")
        arc, side = paid["arc"].to_numpy(), paid["side"].to_numpy()
        payee[arc, side] = paid["payee"].replace_strict(row_of, return_dtype=pl.Int16).to_numpy()
        usd_paid[arc, side] = paid.select(pl.col("share") * (pl.col("usd") + pl.col("usd_km") * pl.col("km")))["share"]
    return _Payments(payees, payee, usd_paid, unpriced)


def _sides(network: Network, corridor: Corridor, table: str) -> pl.DataFrame:
    """List the arcs of a table once per country in which they lie, with the share that each charges."""
    arcs = np.flatnonzero(network.kind == _PAID[table])
    country = corridor["places"]["country"]
    frame = pl.DataFrame(
        {
            "arc": arcs,
            "id": corridor[table]["id"].gather(network.element[arcs]),
            "mode": corridor["modes"]["id"].gather(network.node_layer[network.arc_to[arcs]]),
            "direction": network.direction[arcs].astype(np.int32),
            "km": network.km[arcs],
            "first": country.gather(network.start_place[arcs]),
            "second": country.gather(network.end_place[arcs]),
        }
    )
    within = pl.col("first").eq_missing(pl.col("second"))
    share = pl.when(within).then(1.0).otherwise(0.5).alias("share")
    first = frame.with_columns(pl.col("first").alias("country"), share, side=pl.lit(0))
    second = frame.filter(~within).with_columns(
        pl.col("second").alias("country"), pl.lit(0.5).alias("share"), side=pl.lit(1)
    )
    return pl.concat([first, second])


def _emissions(
    network: Network, corridor: Corridor, carriage: Carriage, allowed: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Multiply mode factor, km and tonnes per unit."""
    per_t_km = np.append(corridor["modes"]["kg_co2_per_t_km"].to_numpy(), 0.0)[network.node_layer[network.arc_to]]
    if "t" not in carriage.per_unit:
        if np.any(per_t_km[allowed] * network.km[allowed] > 0):
            raise RouteError(
                f"Commodity {carriage.lineage[0]!r} has no conversion to tonnes, so its emissions are unknown. "
                "Add a row with unit t to table conversions."
            )
        return np.zeros(network.n_arcs)
    kg_co2: NDArray[np.float64] = per_t_km * network.km / carriage.per_unit["t"]
    return kg_co2
