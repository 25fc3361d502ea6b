"""Who goes where on a network of one's own: its files, user equilibrium, certified."""

from __future__ import annotations

from jibek.assignment.files import Problem, read_problem
from jibek.assignment.gmns import GmnsFolder, read_demand, read_gmns
from jibek.assignment.gmns_texts import to_gmns_texts
from jibek.assignment.link_flows import encode_table, link_flow_table
from jibek.assignment.matrices import read_matrices
from jibek.assignment.problem import DelayKind, TrafficNetwork, TravelClass
from jibek.assignment.tntp import LinkFlows, read_flows, read_network, read_trips
from jibek.assignment.trips import TripTable, class_of

__all__ = [
    "DelayKind",
    "GmnsFolder",
    "LinkFlows",
    "Problem",
    "TrafficNetwork",
    "TravelClass",
    "TripTable",
    "class_of",
    "encode_table",
    "link_flow_table",
    "read_demand",
    "read_flows",
    "read_gmns",
    "read_matrices",
    "read_network",
    "read_problem",
    "read_trips",
    "to_gmns_texts",
]
