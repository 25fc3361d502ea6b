"""Who drives where: networks, trips and flows of a traffic assignment."""

from __future__ import annotations

from jibek.assignment.problem import TrafficNetwork, TravelClass
from jibek.assignment.tntp import LinkFlows, read_flows, read_network, read_trips
from jibek.assignment.trips import TripTable, class_of

__all__ = [
    "LinkFlows",
    "TrafficNetwork",
    "TravelClass",
    "TripTable",
    "class_of",
    "read_flows",
    "read_network",
    "read_trips",
]
