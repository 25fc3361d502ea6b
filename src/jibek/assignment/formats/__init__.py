"""Files of an assignment: networks and trips come in, flows on links go out; whatever is wrong is told at once."""

from __future__ import annotations

from jibek.assignment.formats.count_files import read_counts
from jibek.assignment.formats.files import Problem, read_problem
from jibek.assignment.formats.gmns import GmnsFolder, read_demand, read_gmns
from jibek.assignment.formats.gmns_texts import demand_table, to_gmns_texts
from jibek.assignment.formats.link_flows import check_finite, link_flow_table
from jibek.assignment.formats.matrices import encode_matrices, read_matrices
from jibek.assignment.formats.outputs import encode_table, flow_format, matrix_format, route_format
from jibek.assignment.formats.reference_costs import read_reference_costs
from jibek.assignment.formats.skim_files import encode_skims, skim_table
from jibek.assignment.formats.tntp import LinkFlows, read_flows, read_network, read_trips

__all__ = [
    "GmnsFolder",
    "LinkFlows",
    "Problem",
    "check_finite",
    "demand_table",
    "encode_matrices",
    "encode_skims",
    "encode_table",
    "flow_format",
    "link_flow_table",
    "matrix_format",
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
    "skim_table",
    "to_gmns_texts",
]
