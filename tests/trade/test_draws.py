"""Draws of a counterfactual: what they are made of, and that they hold the answer."""

from __future__ import annotations

import numpy as np

from jibek.trade import TradeMatrix, counterfactual, counterfactual_draws

MATRIX = TradeMatrix(("A", "B", "C"), np.array([[5.0, 3.0, 0.0], [1.0, 6.0, 1.0], [0.5, 1.0, 8.0]]))
COST = np.array([[1.0, 0.8, 1.0], [0.9, 1.0, 1.0], [1.0, 1.0, 1.0]])


def test_draws_that_are_alike_give_the_counterfactual_itself() -> None:
    one = counterfactual(MATRIX, 4.0, COST)
    flows, income = counterfactual_draws(MATRIX, np.full(5, 4.0), lambda _: COST)
    for found in (income.low, income.median, income.high):
        np.testing.assert_allclose(found, one.real_income_change, rtol=1e-12)
    traded = MATRIX.flows > 0
    np.testing.assert_allclose(
        flows.median[traded], (one.flows / np.where(traded, MATRIX.flows, 1.0))[traded], rtol=1e-6
    )
    assert np.isnan(flows.low[~traded]).all()


def test_cheaper_trade_raises_trade_more_the_greater_the_elasticity() -> None:
    elasticities = np.linspace(2, 8, 21)
    flows, _ = counterfactual_draws(MATRIX, elasticities, lambda _: COST)
    ends = [counterfactual(MATRIX, each, COST).flows[0, 1] / 3.0 for each in (2.0, 8.0)]
    assert ends[0] < flows.low[0, 1] < flows.median[0, 1] < flows.high[0, 1] < ends[1]
    middle = counterfactual(MATRIX, 5.0, COST).flows[0, 1] / 3.0
    np.testing.assert_allclose(flows.median[0, 1], middle, rtol=1e-6)


def test_each_draw_has_its_own_costs() -> None:
    flows, _ = counterfactual_draws(MATRIX, np.full(3, 4.0), lambda number: COST ** [0, 0, 1][number])
    np.testing.assert_allclose(flows.median[MATRIX.flows > 0], 1.0, rtol=1e-6)
    assert flows.high[0, 1] > 1.0
