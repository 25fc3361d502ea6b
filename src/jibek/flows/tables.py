"""Flows as result tables: pairs, routes, arcs, stations, relations, payments and totals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.flows.kernels import arc_sums
from jibek.flows.selection import SEA
from jibek.flows.stations import DAYS
from jibek.network import ArcKind, carriages_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.flows.assignment import Flows

    Floats = NDArray[np.float64]

__all__ = ["arc_flows", "flow_tables", "pair_table"]

_TABLES = {ArcKind.LINK: "links", ArcKind.BORDER: "borders", ArcKind.TERMINAL: "terminals"}


def flow_tables(flows: Flows, world: Corridor) -> dict[str, pl.DataFrame]:
    """Write flows as tables.

    Parameters
    ----------
    flows
        As assigned.
    world
        The corridor in the scenario.

    Returns
    -------
    dict of polars.DataFrame
        ``flow_pairs``
            Demand: ``pair, origin, destination, commodity, unit, tonnes_per_unit, usd_per_hour, quantity, routed,
            reference_hours`` (cheapest route, nothing loaded), ``least_hours`` (expected least generalised cost).
        ``flow_routes``
            Routes that carry goods: ``pair, route, corridor, nest, share, quantity, hours, hours_delay, usd, kg_co2,
            km`` (per unit).
        ``flow_arcs``
            What passes every arc: ``from_node, to_node, kind, id, direction, from_place, to_place, mode, commodity,
            quantity`` (units a year).
        ``flow_stations``
            Loads: ``resource, member, way, unit, capacity, background, load, empties, load_share, hours, usd_delay``;
            the first four per day (``load`` of a busy day, background and empties included), ``usd_delay`` a year.
        ``flow_relations``
            By ``origin_country, destination_country, commodity, corridor, nest``: ``quantity, tonnes, hours, usd``
            (means per unit).
        ``flow_payments``
            Who earns: ``payee, country, commodity, usd`` a year.
        ``flow_totals``
            By ``country, mode, commodity``: ``tonne_km, kg_co2``; waiting and borders have no km.
        ``flow_unrouted``
            Demand without an open route: ``origin, destination, commodity, unit, quantity, reason``.
    """
    per_arc = arc_flows(flows)
    pairs = pair_table(flows, world)
    return {
        "flow_pairs": pairs,
        "flow_routes": _routes(flows),
        "flow_arcs": _arcs(flows, per_arc),
        "flow_stations": _stations(flows, world),
        "flow_relations": _relations(flows, world, pairs),
        "flow_payments": _payments(flows, world, per_arc),
        "flow_totals": _totals(flows, world, per_arc),
        "flow_unrouted": _unrouted(flows, pairs),
    }


def arc_flows(flows: Flows) -> Floats:
    """Add up what passes each arc of the scenario's network: units a year, shape (n_commodities, n_arcs)."""
    routes, priced = flows.routes, flows.priced
    per_arc = np.zeros((len(routes.commodities), priced.network.n_arcs))
    for code in range(len(routes.commodities)):
        mine = routes.of_commodity(code)
        first, index = routes.arcs_of(mine)
        per_arc[code] = arc_sums(first, priced.arcs[index], flows.equilibrium.flow[mine], priced.network.n_arcs)
    return per_arc


def pair_table(flows: Flows, world: Corridor) -> pl.DataFrame:
    """Write the demand of each pair, as ``flow_pairs`` of `flow_tables`."""
    routes = flows.routes
    places = world["places"]["id"]
    carriage = carriages_of(world, routes.commodities)
    code = routes.commodity
    open_pairs = np.isfinite(flows.equilibrium.least_cost)
    routed = np.where(open_pairs, flows.quantity, 0.0)
    frame = pl.DataFrame(
        {
            "pair": np.arange(routes.n_pairs),
            "origin": places.gather(routes.origin),
            "destination": places.gather(routes.destination),
            "commodity": pl.Series(routes.commodities).gather(code)
            if routes.n_pairs
            else pl.Series([], dtype=pl.String),
            "unit": [carriage[k].unit for k in code.tolist()],
            "tonnes_per_unit": [
                1 / carriage[k].per_unit["t"] if "t" in carriage[k].per_unit else None for k in code.tolist()
            ],
            "usd_per_hour": [carriage[k].usd_per_hour for k in code.tolist()],
            "quantity": flows.quantity,
            "routed": routed,
            "reference_hours": flows.reference,
            "least_hours": flows.equilibrium.least_cost,
        },
        schema_overrides={"tonnes_per_unit": pl.Float64, "usd_per_hour": pl.Float64, "unit": pl.String},
    )
    return frame.filter(pl.col("quantity") > 0)


def _routes(flows: Flows) -> pl.DataFrame:
    routes, priced, equilibrium = flows.routes, flows.priced, flows.equilibrium
    pair = routes.pair_of_route
    names = pl.Series([*(way.id for way in routes.ways), None], dtype=pl.String)
    quantity = flows.quantity[pair]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(quantity > 0, equilibrium.flow / quantity, 0.0)
    return pl.DataFrame(
        {
            "pair": pair,
            "route": np.arange(routes.n_routes),
            "corridor": names.gather(routes.way.astype(np.int64) % len(names)),
            "nest": np.where(routes.nest == SEA, "sea", "overland"),
            "share": share,
            "quantity": equilibrium.flow,
            "hours": priced.hours + equilibrium.hours_delay,
            "hours_delay": equilibrium.hours_delay,
            "usd": priced.usd,
            "kg_co2": priced.kg_co2,
            "km": priced.km,
        }
    ).filter(pl.col("quantity") > 0)


def _arcs(flows: Flows, per_arc: Floats) -> pl.DataFrame:
    network = flows.priced.network
    code, arc = np.nonzero(per_arc > 0)
    described = [network.describe_arc(each) for each in range(network.n_arcs)]
    columns = {
        name: pl.Series([getattr(each, name) for each in described], dtype=pl.String).gather(arc)
        for name in ("id", "direction", "from_place", "to_place", "mode")
    }
    kinds = pl.Series([kind.name.lower() for kind in ArcKind])
    return pl.DataFrame(
        {
            "from_node": network.arc_from[arc],
            "to_node": network.arc_to[arc],
            "kind": kinds.gather(network.kind[arc]),
            **columns,
            "commodity": pl.Series(flows.routes.commodities, dtype=pl.String).gather(code),
            "quantity": per_arc[code, arc],
        }
    )


def _stations(flows: Flows, world: Corridor) -> pl.DataFrame:
    priced, equilibrium = flows.priced, flows.equilibrium
    stations = priced.stations
    route_of_entry = np.repeat(np.arange(flows.routes.n_routes), np.diff(priced.first_entry))
    flow = equilibrium.flow[route_of_entry]
    n = stations.n_stations
    empties = np.bincount(priced.station, weights=flow / DAYS * priced.empties, minlength=n).astype(np.float64)
    worth = flow * priced.delay / priced.hours_per_usd[route_of_entry]
    usd = np.bincount(priced.station, weights=worth, minlength=n).astype(np.float64) * equilibrium.hours
    names = world["resources"].select("id", "name", "kind")
    with np.errstate(invalid="ignore", divide="ignore"):
        load_share = np.where(stations.capacity > 0, equilibrium.load / stations.capacity, np.nan)
    frame = stations.table.select("resource", "member", "way", "unit").with_columns(
        capacity=pl.Series(stations.capacity),
        background=pl.Series(stations.background),
        load=pl.Series(equilibrium.load),
        empties=pl.Series(empties),
        load_share=pl.Series(load_share).fill_nan(None),
        hours=pl.Series(equilibrium.hours),
        usd_delay=pl.Series(usd),
    )
    return frame.join(names, left_on="resource", right_on="id", how="left", maintain_order="left")


def _relations(flows: Flows, world: Corridor, pairs: pl.DataFrame) -> pl.DataFrame:
    country = world["places"].select("id", "country")
    joined = (
        _routes(flows)
        .join(pairs, on="pair", suffix="_pair")
        .join(country.rename({"country": "origin_country"}), left_on="origin", right_on="id")
        .join(country.rename({"country": "destination_country"}), left_on="destination", right_on="id")
    )
    key = ["origin_country", "destination_country", "commodity", "unit", "corridor", "nest"]
    quantity = pl.col("quantity")
    return (
        joined.group_by(key)
        .agg(
            quantity.sum(),
            tonnes=(quantity * pl.col("tonnes_per_unit")).sum(),
            hours=(quantity * pl.col("hours")).sum() / quantity.sum(),
            usd=(quantity * pl.col("usd")).sum() / quantity.sum(),
        )
        .sort(key)
    )


def _payments(flows: Flows, world: Corridor, per_arc: Floats) -> pl.DataFrame:
    network = flows.priced.network
    country = world["places"]["country"]
    parts = []
    for code, costs in enumerate(flows.priced.costs):
        for side, end in ((0, network.start_place), (1, network.end_place)):
            usd = per_arc[code] * costs.usd_paid[:, side]
            paid = np.flatnonzero((usd > 0) & (costs.payee[:, side] >= 0))
            parts.append(
                pl.DataFrame(
                    {
                        "payee": pl.Series(costs.payees, dtype=pl.String).gather(costs.payee[paid, side]),
                        "country": country.gather(end[paid]),
                        "commodity": pl.Series([costs.commodity] * len(paid), dtype=pl.String),
                        "usd": usd[paid],
                    }
                )
            )
    key = ["payee", "country", "commodity"]
    empty = pl.DataFrame(schema={"payee": pl.String, "country": pl.String, "commodity": pl.String, "usd": pl.Float64})
    return pl.concat([empty, *parts]).group_by(key).agg(pl.col("usd").sum()).sort(key)


def _totals(flows: Flows, world: Corridor, per_arc: Floats) -> pl.DataFrame:
    network = flows.priced.network
    country = world["places"]["country"]
    modes = world["modes"]["id"]
    moving = np.flatnonzero(network.kind == ArcKind.LINK)
    tonnes = [1 / each.per_unit.get("t", np.inf) for each in carriages_of(world, flows.routes.commodities)]
    ends = (country.gather(end[moving]) for end in (network.start_place, network.end_place))
    parts = [
        pl.DataFrame(
            {
                "country": within,
                "mode": modes.gather(network.node_layer[network.arc_to[moving]]),
                "commodity": pl.Series([costs.commodity] * len(moving), dtype=pl.String),
                "tonne_km": per_arc[code, moving] * network.km[moving] * tonnes[code] / 2,
                "kg_co2": per_arc[code, moving] * costs.kg_co2[moving] / 2,
            }
        )
        for within in ends
        for code, costs in enumerate(flows.priced.costs)
    ]
    key = ["country", "mode", "commodity"]
    number = pl.Float64
    schema = {"country": pl.String, "mode": pl.String, "commodity": pl.String, "tonne_km": number, "kg_co2": number}
    summed = pl.concat([pl.DataFrame(schema=schema), *parts]).group_by(key).agg(pl.col("tonne_km", "kg_co2").sum())
    return summed.filter(pl.col("tonne_km") > 0).sort(key)


def _unrouted(flows: Flows, pairs: pl.DataFrame) -> pl.DataFrame:
    has_routes = pl.Series(np.diff(flows.routes.first_route) > 0)
    reason = (
        pl.when(has_routes.gather(pairs["pair"]))
        .then(pl.lit("every route is closed"))
        .otherwise(pl.lit("no route exists"))
    )
    return (
        pairs.with_columns(reason.alias("reason"))
        .filter(pl.col("routed") < pl.col("quantity"))
        .select("origin", "destination", "commodity", "unit", "quantity", "reason")
    )
