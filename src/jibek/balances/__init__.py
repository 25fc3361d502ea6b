"""Who gets enough: large programmes of many commodities, decomposed."""

from __future__ import annotations

from jibek.balances.decomposition import Decomposition, decompose
from jibek.balances.flow_certificate import FlowCertificate, certify_flow
from jibek.balances.multicommodity import Multicommodity

__all__ = ["Decomposition", "FlowCertificate", "Multicommodity", "certify_flow", "decompose"]
