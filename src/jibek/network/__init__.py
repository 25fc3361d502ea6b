"""How it connects: the tables of a corridor as one layered graph in arrays, with what its arcs cost."""

from __future__ import annotations

from jibek.network.build import build_network
from jibek.network.costs import ArcCosts, arc_costs
from jibek.network.network import ArcDescription, ArcKind, Network, NodeKind
from jibek.network.paths import path_to, shortest_tree

__all__ = [
    "ArcCosts",
    "ArcDescription",
    "ArcKind",
    "Network",
    "NodeKind",
    "arc_costs",
    "build_network",
    "path_to",
    "shortest_tree",
]
