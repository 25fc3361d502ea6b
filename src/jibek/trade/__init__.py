"""Who wants what, and how trade answers to its cost."""

from __future__ import annotations

from jibek.trade.certificate import Certificate, certify
from jibek.trade.equilibrium import Counterfactual, counterfactual
from jibek.trade.matrix import TradeMatrix

__all__ = ["Certificate", "Counterfactual", "TradeMatrix", "certify", "counterfactual"]
