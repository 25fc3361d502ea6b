"""Who gets enough: supplies, needs, processes and stores balanced over the network and over time."""

from __future__ import annotations

from jibek.balances.certificate import Certificate, certify
from jibek.balances.decomposition import Decomposition, decompose
from jibek.balances.flow_certificate import FlowCertificate, certify_flow
from jibek.balances.growth import Growth, least_growth
from jibek.balances.multicommodity import Multicommodity
from jibek.balances.perfect import balance
from jibek.balances.problem import Activities, Limits, Problem, Ratios, Stores
from jibek.balances.programme import Programme, build
from jibek.balances.sequence import balance_in_sequence
from jibek.balances.solution import Balance, Missed
from jibek.balances.system import System, described_year, system_of
from jibek.balances.tables import binding, flows, prices, shortages, stocks

__all__ = [
    "Activities",
    "Balance",
    "Certificate",
    "Decomposition",
    "FlowCertificate",
    "Growth",
    "Limits",
    "Missed",
    "Multicommodity",
    "Problem",
    "Programme",
    "Ratios",
    "Stores",
    "System",
    "balance",
    "balance_in_sequence",
    "binding",
    "build",
    "certify",
    "certify_flow",
    "decompose",
    "described_year",
    "flows",
    "least_growth",
    "prices",
    "shortages",
    "stocks",
    "system_of",
]
