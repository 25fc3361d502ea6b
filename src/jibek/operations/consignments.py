"""In which portions goods travel: trains, platoons of lorries, parts of a vessel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jibek.network import ArcKind, carriages_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.operations.rules import Rules
    from jibek.operations.traffic import Traffic

    Floats = NDArray[np.float64]

__all__ = ["consignment_sizes", "per_unit_of"]

_OF_VEHICLE = 0.1
"""Share of the smallest vehicle on its way that a consignment takes at most: what does not fit leaves little room."""


def consignment_sizes(world: Corridor, traffic: Traffic, rules: Rules) -> Floats:
    """Give the size of one consignment on each route, in units of its commodity.

    A way by road alone is gone by platoons, all others by train loads: what lorries bring to a port is gathered there.
    Nothing is larger than a tenth of the smallest vehicle that carries it.

    Parameters
    ----------
    world
        The corridor in the scenario, for ``conversions``, ``modes`` and ``services``.
    traffic
        Routes.
    rules
        For the lorries of a platoon.

    Returns
    -------
    float64 array, shape (n_routes,)
        Above 0.
    """
    carriages = carriages_of(world, traffic.commodities)
    train, truck = (_by_commodity(carriages, traffic, unit) for unit in ("train", "truck"))
    sizes = np.where(_by_road_alone(world, traffic), rules.platoon * truck, train)
    least: Floats = np.minimum(sizes, _OF_VEHICLE * _smallest_vehicle(world, traffic))
    return least


def per_unit_of(world: Corridor, commodities: tuple[str, ...], unit: str | None) -> Floats:
    """Give how many units of each commodity fill one of a unit; infinite where it takes no room, shape (n,)."""
    return np.array([each.per_unit.get(unit or "", np.inf) for each in carriages_of(world, commodities)])


def _by_commodity(carriages: tuple[object, ...], traffic: Traffic, unit: str) -> Floats:
    """Give how many units of each route's commodity fill a train or truck; its own unit where nothing says it."""
    per: Floats = np.array([each.per_unit.get(unit, 1.0) for each in carriages])  # type: ignore[attr-defined]
    return per[traffic.commodity]


def _by_road_alone(world: Corridor, traffic: Traffic) -> NDArray[np.bool_]:
    """Say which routes have links of roads and no others."""
    network = traffic.network
    road = np.array([each == "road" for each in world["modes"]["medium"]])
    other = (network.kind == ArcKind.LINK) & ~road[network.node_layer[network.arc_to]]
    return ~np.logical_or.reduceat(other[traffic.arcs], traffic.first_arc[:-1])


def _smallest_vehicle(world: Corridor, traffic: Traffic) -> Floats:
    """Give the capacity of the smallest vehicle on each route, in units of its commodity; infinite if it takes none."""
    network, services = traffic.network, world["services"]
    least = np.full(traffic.n_routes, np.inf)
    boarding = network.kind == ArcKind.BOARDING
    for unit in services["unit"].drop_nulls().unique().sort():
        capacity = services.select("vehicle_capacity", unit=services["unit"] == unit)
        room = np.where(capacity["unit"].fill_null(value=False), capacity["vehicle_capacity"].fill_null(np.inf), np.inf)
        by_arc = np.full(network.n_arcs, np.inf)
        by_arc[boarding] = room[network.element[boarding]]
        per = per_unit_of(world, traffic.commodities, unit)[traffic.commodity]
        least = np.minimum(least, np.minimum.reduceat(by_arc[traffic.arcs], traffic.first_arc[:-1]) * per)
    return least
