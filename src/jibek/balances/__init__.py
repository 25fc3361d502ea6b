"""Who gets enough: supplies, needs, processes and stores balanced over the network and over time."""

from __future__ import annotations

from jibek.balances.certificate import Certificate, certify
from jibek.balances.perfect import balance
from jibek.balances.problem import Activities, Limits, Problem, Ratios, Stores
from jibek.balances.programme import Programme, build
from jibek.balances.solution import Balance

__all__ = [
    "Activities",
    "Balance",
    "Certificate",
    "Limits",
    "Problem",
    "Programme",
    "Ratios",
    "Stores",
    "balance",
    "build",
    "certify",
]
