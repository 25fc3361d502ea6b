"""Trade of economies that grow at constant costs: sums, laws, and the equations of structural gravity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jibek.errors import TradeError
from jibek.trade import TradeMatrix, grown

SUM = 1e-9  # of sums: rows are met to 1e-12, columns in the round before


def world(seed: int, n: int = 6) -> TradeMatrix:
    rng = np.random.default_rng(seed)
    flows = rng.lognormal(0, 2, (n, n)) + np.diag(rng.lognormal(3, 1, n))
    flows[0, 1] = 0.0
    return TradeMatrix(tuple(f"C{number}" for number in range(n)), flows)


@given(seed=st.integers(0, 2**32), factor=st.floats(0.1, 10))
def test_all_growing_alike_is_all_trade_growing_alike(seed: int, factor: float) -> None:
    matrix = world(seed)
    found = grown(matrix, np.full(6, factor))
    assert found.flows == pytest.approx(factor * matrix.flows, rel=SUM)


@given(seed=st.integers(0, 2**32))
def test_everybody_sells_what_he_makes_and_the_world_buys_it(seed: int) -> None:
    """Id `trade-11`."""
    matrix = world(seed)
    change = np.random.default_rng(seed + 1).uniform(0.5, 2.0, 6)
    found = grown(matrix, change)
    assert found.output == pytest.approx(matrix.output * change, rel=SUM)
    ratio = found.expenditure / found.output / (matrix.expenditure / matrix.output)
    assert ratio == pytest.approx(ratio[0], rel=SUM)
    assert found.flows[0, 1] == 0.0


@given(seed=st.integers(0, 2**32))
def test_relative_costs_stay(seed: int) -> None:
    """The ratio of ratios that is free of sizes (Head and Mayer 2014, equation 14) does not move."""
    matrix = world(seed)
    found = grown(matrix, np.random.default_rng(seed).uniform(0.5, 2.0, 6)).flows
    before = matrix.flows
    for one, other in ((2, 3), (1, 4), (3, 5)):
        ratio = [x[one, other] * x[other, one] / (x[one, one] * x[other, other]) for x in (before, found)]
        assert ratio[1] == pytest.approx(ratio[0], rel=SUM)


def test_gravity_with_new_sizes_gives_the_same_matrix() -> None:
    """A world made from sizes and costs by the system of Anderson and van Wincoop, solved here by plain iteration."""
    rng = np.random.default_rng(5)
    costs = rng.uniform(1, 3, (5, 5)) ** -4.0

    def gravity(sizes: np.ndarray) -> np.ndarray:
        shares, outward = sizes / sizes.sum(), np.ones(5)
        for _ in range(2000):
            inward = costs.T @ (shares / outward)
            outward = costs @ (shares / inward)
        return costs * np.outer(sizes / outward, shares / inward)

    sizes = rng.lognormal(0, 1, 5)
    change = rng.uniform(0.5, 2.0, 5)
    names = tuple("ABCDE")
    assert grown(TradeMatrix(names, gravity(sizes)), change).flows == pytest.approx(gravity(sizes * change), rel=1e-9)


def test_growth_without_meaning_is_refused() -> None:
    with pytest.raises(TradeError, match=r"C1, output_change: found '-1.0'"):
        grown(world(1), np.array([1.0, -1.0, 1.0, 1.0, 1.0, 1.0]))
