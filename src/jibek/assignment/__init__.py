"""Who goes where on a network of one's own: user equilibrium, certified."""

from __future__ import annotations

from jibek.assignment.bushes import Bushes
from jibek.assignment.certificate import Certificate, certify, link_times
from jibek.assignment.equilibrium import Assignment, price_of_anarchy, solve
from jibek.assignment.graph import Graph
from jibek.assignment.problem import DelayKind, TrafficNetwork, TravelClass

__all__ = [
    "Assignment",
    "Bushes",
    "Certificate",
    "DelayKind",
    "Graph",
    "TrafficNetwork",
    "TravelClass",
    "certify",
    "link_times",
    "price_of_anarchy",
    "solve",
]
