"""How it connects: the tables of a corridor as one layered graph in arrays, with what its arcs cost."""

from __future__ import annotations

from jibek.network.build import build_network
from jibek.network.commodities import Carriage, carriage_of, carriages_of
from jibek.network.costs import ArcCosts, arc_costs, costs_by_commodity
from jibek.network.named import NamedWay, named_ways, way_of
from jibek.network.network import ArcDescription, ArcKind, Network, NodeKind

__all__ = [
    "ArcCosts",
    "ArcDescription",
    "ArcKind",
    "Carriage",
    "NamedWay",
    "Network",
    "NodeKind",
    "arc_costs",
    "build_network",
    "carriage_of",
    "carriages_of",
    "costs_by_commodity",
    "named_ways",
    "way_of",
]
