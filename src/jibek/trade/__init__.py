"""Who wants what, and how trade answers to its cost."""

from __future__ import annotations

from jibek.trade.certificate import Certificate, certify
from jibek.trade.draws import Interval, counterfactual_draws
from jibek.trade.equilibrium import Counterfactual, counterfactual
from jibek.trade.estimation import Gravity, estimate_gravity
from jibek.trade.growth import grown
from jibek.trade.literature import ELASTICITIES, ELASTICITY, WORTH_OF_A_DAY, Finding
from jibek.trade.matrix import TradeMatrix
from jibek.trade.records import TradeRecords, economies_of, matrix_of, trade_years, with_trade
from jibek.trade.sectors import SectorCounterfactual, SectorTrade, sector_counterfactual
from jibek.trade.trade_reader import ReadTrade, read_trade

__all__ = [
    "ELASTICITIES",
    "ELASTICITY",
    "WORTH_OF_A_DAY",
    "Certificate",
    "Counterfactual",
    "Finding",
    "Gravity",
    "Interval",
    "ReadTrade",
    "SectorCounterfactual",
    "SectorTrade",
    "TradeMatrix",
    "TradeRecords",
    "certify",
    "counterfactual",
    "counterfactual_draws",
    "economies_of",
    "estimate_gravity",
    "grown",
    "matrix_of",
    "read_trade",
    "sector_counterfactual",
    "trade_years",
    "with_trade",
]
