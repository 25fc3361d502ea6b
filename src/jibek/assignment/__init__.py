"""Who goes where on a network of one's own: its files, user equilibrium, certified."""

from __future__ import annotations

from jibek.assignment.bushes import Bushes
from jibek.assignment.certificate import Certificate, certify, link_times
from jibek.assignment.equilibrium import Assignment, price_of_anarchy, solve
from jibek.assignment.formats import (
    GmnsFolder,
    LinkFlows,
    Problem,
    check_finite,
    encode_table,
    flow_format,
    link_flow_table,
    read_demand,
    read_flows,
    read_gmns,
    read_matrices,
    read_network,
    read_problem,
    read_trips,
    to_gmns_texts,
)
from jibek.assignment.graph import Graph
from jibek.assignment.logit_certificate import LogitCertificate, certify_logit
from jibek.assignment.problem import DelayKind, TrafficNetwork, TravelClass
from jibek.assignment.stochastic import StochasticAssignment, solve_stochastic
from jibek.assignment.trips import TripTable, class_of

__all__ = [
    "Assignment",
    "Bushes",
    "Certificate",
    "DelayKind",
    "GmnsFolder",
    "Graph",
    "LinkFlows",
    "LogitCertificate",
    "Problem",
    "StochasticAssignment",
    "TrafficNetwork",
    "TravelClass",
    "TripTable",
    "certify",
    "certify_logit",
    "check_finite",
    "class_of",
    "encode_table",
    "flow_format",
    "link_flow_table",
    "link_times",
    "price_of_anarchy",
    "read_demand",
    "read_flows",
    "read_gmns",
    "read_matrices",
    "read_network",
    "read_problem",
    "read_trips",
    "solve",
    "solve_stochastic",
    "to_gmns_texts",
]
