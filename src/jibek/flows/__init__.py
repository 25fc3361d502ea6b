"""Who goes where, and where it jams: route choice under congestion."""

from __future__ import annotations

from jibek.flows.assignment import Flows, assign
from jibek.flows.demand import Demand, demand_between_places, demand_in_year
from jibek.flows.route_sets import RouteSets, build_route_sets

__all__ = [
    "Demand",
    "Flows",
    "RouteSets",
    "assign",
    "build_route_sets",
    "demand_between_places",
    "demand_in_year",
]
