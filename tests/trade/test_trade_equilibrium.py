"""General equilibrium of one sector against closed forms, against laws, and on hostile matrices."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jibek.errors import TradeError
from jibek.trade import TradeMatrix, certify, counterfactual

CLOSE = 1e-9
SAME = 1e-6  # two solutions: the wage of a country that hardly trades is less exact than that its market clears
EXACT = 1e-12
many = settings(deadline=None, max_examples=100)
seeds = st.integers(0, 2**32)


def drawn(seed: int) -> tuple[TradeMatrix, float, np.ndarray]:
    """Draw some countries of unlike size, some of which trade with hardly anybody, an elasticity, and new costs."""
    draw = random.Random(seed)
    n = draw.randint(1, 7)
    size = np.array([10 ** draw.uniform(0, 6) for _ in range(n)])
    far = np.array([[10 ** draw.uniform(-6, 0) * (draw.random() < 0.9) for _ in range(n)] for _ in range(n)])
    flows = np.outer(size, size) * far
    flows[np.diag_indices(n)] = size**2
    ring = np.arange(n), (np.arange(n) + 1) % n  # goods can go from each to each, or there may be no equilibrium
    flows[ring] = np.maximum(flows[ring], 1e-6 * np.outer(size, size)[ring])
    costs = [draw.choice([1.0, draw.uniform(0.5, 2), 10 ** draw.uniform(-2, 2)]) for _ in range(n * n)]
    matrix = TradeMatrix(tuple(f"C{number}" for number in range(n)), flows)
    return matrix, draw.uniform(0.5, 10), np.reshape(costs, (n, n))


@many
@given(seed=seeds)
def test_markets_clear_at_positive_prices(seed: int) -> None:
    matrix, elasticity, cost = drawn(seed)
    found = counterfactual(matrix, elasticity, cost)
    assert found.certificate.is_sound
    np.testing.assert_allclose(found.flows.sum(axis=1), found.output_change * matrix.output, rtol=CLOSE)
    assert found.flows.sum() == pytest.approx(matrix.flows.sum(), rel=CLOSE)


@many
@given(seed=seeds)
def test_real_output_follows_the_share_at_home(seed: int) -> None:
    """Arkolakis, Costinot and Rodríguez-Clare 2012, equation 1, with the cost at home as it was."""
    matrix, elasticity, cost = drawn(seed)
    cost[np.diag_indices(len(cost))] = 1.0
    found = counterfactual(matrix, elasticity, cost)
    before, after = matrix.shares.diagonal(), found.flows.diagonal() / found.flows.sum(axis=0)
    np.testing.assert_allclose(found.real_output_change, (after / before) ** (-1 / elasticity), rtol=CLOSE)


@many
@given(seed=seeds)
def test_without_a_change_nothing_changes(seed: int) -> None:
    matrix, elasticity, cost = drawn(seed)
    found = counterfactual(matrix, elasticity, np.ones_like(cost))
    for change in (found.output_change, found.price_change, found.real_output_change, found.real_income_change):
        np.testing.assert_allclose(change, 1.0, rtol=EXACT)
    np.testing.assert_allclose(found.flows, matrix.flows, rtol=EXACT)


@many
@given(seed=seeds, factor=st.floats(0.1, 10))
def test_when_all_costs_rise_alike_prices_do_and_nothing_else(seed: int, factor: float) -> None:
    matrix, elasticity, cost = drawn(seed)
    one, other = counterfactual(matrix, elasticity, cost), counterfactual(matrix, elasticity, factor * cost)
    np.testing.assert_allclose(other.flows, one.flows, rtol=SAME, atol=CLOSE * matrix.flows.min(initial=1.0))
    np.testing.assert_allclose(other.price_change, factor * one.price_change, rtol=SAME)
    np.testing.assert_allclose(other.real_output_change, one.real_output_change / factor, rtol=SAME)


@many
@given(seed=seeds, factor=st.sampled_from([1e-6, 2.0, 1e6]))
def test_the_unit_of_money_and_the_size_of_the_world_change_nothing(seed: int, factor: float) -> None:
    matrix, elasticity, cost = drawn(seed)
    one = counterfactual(matrix, elasticity, cost)
    other = counterfactual(TradeMatrix(matrix.countries, factor * matrix.flows), elasticity, cost)
    np.testing.assert_allclose(other.real_income_change, one.real_income_change, rtol=SAME)
    np.testing.assert_allclose(other.output_change, one.output_change, rtol=SAME)


@many
@given(seed=seeds, place=st.integers(0, 6))
def test_any_good_may_be_money(seed: int, place: int) -> None:
    """Told in the wage of any country instead of world output, markets clear as well and real results are the same."""
    matrix, elasticity, cost = drawn(seed)
    found = counterfactual(matrix, elasticity, cost)
    money = found.output_change[place % len(cost)]
    wage, price = found.output_change / money, found.price_change / money
    told = certify(matrix, elasticity, cost, found.flows / money, wage, price)
    assert told.is_sound
    assert wage[place % len(cost)] == 1.0
    np.testing.assert_allclose(wage / price, found.real_output_change, rtol=CLOSE)


@many
@given(seed=seeds)
def test_the_order_of_countries_changes_nothing(seed: int) -> None:
    matrix, elasticity, cost = drawn(seed)
    order = np.random.default_rng(seed).permutation(len(cost))
    other = TradeMatrix(tuple(matrix.countries[number] for number in order), matrix.flows[np.ix_(order, order)])
    one, found = counterfactual(matrix, elasticity, cost), counterfactual(other, elasticity, cost[np.ix_(order, order)])
    np.testing.assert_allclose(found.output_change, one.output_change[order], rtol=SAME)


@many
@given(seed=seeds)
def test_a_country_split_in_two_stays_what_it_was(seed: int) -> None:
    """Two halves that trade with each other as each does with itself."""
    matrix, elasticity, cost = drawn(seed)
    row = np.concatenate([[0, 0], np.arange(1, len(cost))])
    part = np.where(np.arange(len(row)) < 2, 0.5, 1.0)
    halves = TradeMatrix(tuple(map(str, range(len(row)))), matrix.flows[np.ix_(row, row)] * np.outer(part, part))
    one, found = counterfactual(matrix, elasticity, cost), counterfactual(halves, elasticity, cost[np.ix_(row, row)])
    np.testing.assert_allclose(found.output_change, one.output_change[row], rtol=SAME)
    np.testing.assert_allclose(found.price_change, one.price_change[row], rtol=SAME)


def test_where_no_equilibrium_is_the_fault_says_how_far_there_was_one() -> None:
    """C sells abroad and buys nothing there, so its sales abroad may not shrink beside what it makes."""
    flows = np.array([[6e4, 840.0, 0.0], [4.3e4, 5e4, 0.0], [205.0, 0.4, 5.3e4]])
    cost = np.array([[1.5, 1.6, 1.0], [0.4, 1.0, 1.4], [0.6, 0.05, 1.3]])
    with pytest.raises(TradeError, match="none beyond"):
        counterfactual(TradeMatrix(("A", "B", "C"), flows), 4.4, cost)


def test_two_equal_countries_share_the_gain_of_cheaper_trade() -> None:
    matrix = TradeMatrix(("A", "B"), np.array([[3.0, 1.0], [1.0, 3.0]]))
    found = counterfactual(matrix, 4.0, np.array([[1.0, 0.8], [0.8, 1.0]]))
    gain = (0.75 + 0.25 * 0.8**-4) ** 0.25
    np.testing.assert_allclose(found.real_income_change, gain, rtol=EXACT)
    np.testing.assert_allclose(found.output_change, 1.0, rtol=EXACT)


def test_a_country_keeps_its_ratio_of_purchases_to_sales() -> None:
    matrix = TradeMatrix(("A", "B", "C"), np.array([[5.0, 3.0, 2.0], [1.0, 6.0, 1.0], [0.5, 1.0, 8.0]]))
    found = counterfactual(matrix, 5.0, np.array([[1.0, 0.7, 1.0], [0.9, 1.0, 1.0], [1.0, 1.0, 1.0]]))
    ratio = found.flows.sum(axis=0) / found.flows.sum(axis=1) * matrix.output / matrix.expenditure
    np.testing.assert_allclose(ratio, ratio[0], rtol=EXACT)


@pytest.mark.parametrize(
    ("countries", "flows", "columns"),
    [
        (("A", "B"), [[1.0, 2.0]], {"flows"}),
        (("A", "A"), [[1.0, 2.0], [3.0, 4.0]], {"countries"}),
        (("A", "B"), [[1.0, -2.0], [np.nan, 4.0]], {"flows"}),
        (("A", "B"), [[1.0, np.inf], [1.0, 0.0]], {"flows"}),
    ],
    ids=["not square", "twice", "negative and none", "endless, nothing at home"],
)
def test_faults_of_a_matrix_are_named(countries: tuple[str, ...], flows: list[list[float]], columns: set[str]) -> None:
    with pytest.raises(TradeError) as raised:
        TradeMatrix(countries, np.array(flows))
    assert {fault.column for fault in raised.value.faults} == columns
    assert all(fault.remedy and fault.expected for fault in raised.value.faults)


def test_all_faults_of_a_matrix_are_told_at_once() -> None:
    with pytest.raises(TradeError) as raised:
        TradeMatrix(("A", "B"), np.array([[0.0, -2.0], [np.nan, 4.0]]))
    assert [fault.row for fault in raised.value.faults] == ["A to A", "A to B", "B to A"]


@pytest.mark.parametrize("elasticity", [0.0, -4.0, np.nan, np.inf])
def test_an_elasticity_of_the_wrong_sign_is_refused(elasticity: float) -> None:
    with pytest.raises(TradeError, match="elasticity"):
        counterfactual(TradeMatrix(("A",), np.ones((1, 1))), elasticity, np.ones((1, 1)))


@pytest.mark.parametrize(
    "cost", [np.ones((2, 1)), np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[1.0, np.nan], [-1.0, 1.0]])]
)
def test_changes_of_cost_that_are_none_are_refused(cost: np.ndarray) -> None:
    with pytest.raises(TradeError, match="cost_change"):
        counterfactual(TradeMatrix(("A", "B"), np.ones((2, 2))), 4.0, cost)
