"""Who goes where on a network of one's own: its files, user equilibrium, certified."""

from __future__ import annotations

from jibek.assignment.adjustment import Adjustment, adjust
from jibek.assignment.bushes import Bushes
from jibek.assignment.certificate import Certificate, certify, link_times
from jibek.assignment.counts import Counts, geh
from jibek.assignment.equilibrium import Assignment, price_of_anarchy, solve
from jibek.assignment.formats import (
    GmnsFolder,
    LinkFlows,
    Problem,
    check_finite,
    demand_table,
    encode_matrices,
    encode_skims,
    encode_table,
    flow_format,
    link_flow_table,
    matrix_format,
    read_counts,
    read_demand,
    read_flows,
    read_gmns,
    read_matrices,
    read_network,
    read_problem,
    read_reference_costs,
    read_trips,
    route_format,
    skim_table,
    to_gmns_texts,
)
from jibek.assignment.graph import Graph
from jibek.assignment.link_users import LinkUsers, link_numbers, select_link
from jibek.assignment.logit_certificate import LogitCertificate, certify_logit
from jibek.assignment.problem import DelayKind, TrafficNetwork, TravelClass
from jibek.assignment.routes import route_sets
from jibek.assignment.skims import Skims, skim
from jibek.assignment.stochastic import StochasticAssignment, solve_stochastic
from jibek.assignment.trips import TripTable, class_of

__all__ = [
    "Adjustment",
    "Assignment",
    "Bushes",
    "Certificate",
    "Counts",
    "DelayKind",
    "GmnsFolder",
    "Graph",
    "LinkFlows",
    "LinkUsers",
    "LogitCertificate",
    "Problem",
    "Skims",
    "StochasticAssignment",
    "TrafficNetwork",
    "TravelClass",
    "TripTable",
    "adjust",
    "certify",
    "certify_logit",
    "check_finite",
    "class_of",
    "demand_table",
    "encode_matrices",
    "encode_skims",
    "encode_table",
    "flow_format",
    "geh",
    "link_flow_table",
    "link_numbers",
    "link_times",
    "matrix_format",
    "price_of_anarchy",
    "read_counts",
    "read_demand",
    "read_flows",
    "read_gmns",
    "read_matrices",
    "read_network",
    "read_problem",
    "read_reference_costs",
    "read_trips",
    "route_format",
    "route_sets",
    "select_link",
    "skim",
    "skim_table",
    "solve",
    "solve_stochastic",
    "to_gmns_texts",
]
