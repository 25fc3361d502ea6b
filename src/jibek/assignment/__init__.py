"""Who goes where on a network of one's own: its files, user equilibrium, certified."""

from __future__ import annotations

from jibek.assignment.problem import DelayKind, TrafficNetwork, TravelClass
from jibek.assignment.tntp import LinkFlows, read_flows, read_network, read_trips
from jibek.assignment.trips import TripTable, class_of

__all__ = [
    "DelayKind",
    "LinkFlows",
    "TrafficNetwork",
    "TravelClass",
    "TripTable",
    "class_of",
    "read_flows",
    "read_network",
    "read_trips",
]
