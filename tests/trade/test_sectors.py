"""General equilibrium of several sectors against one, against closed forms and laws, and on the OECD's table."""

from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jibek.errors import TradeError
from jibek.trade import SectorTrade, TradeMatrix, counterfactual, sector_counterfactual

CLOSE = 1e-8
many = settings(deadline=None, max_examples=40)
seeds = st.integers(0, 2**32)


def drawn(seed: int) -> tuple[SectorTrade, np.ndarray, np.ndarray]:
    """Draw countries and sectors that use goods of each other, elasticities and new costs."""
    draw = random.Random(seed)
    n, s = draw.randint(1, 5), draw.randint(1, 4)
    rng = np.random.default_rng(seed)
    size = 10 ** rng.uniform(0, 3, n)
    flows = rng.uniform(0.001, 0.3, (s, n, n)) * np.outer(size, size)
    flows[:, np.arange(n), np.arange(n)] = rng.uniform(0.5, 2, (s, n)) * size**2
    inputs = rng.uniform(0, 1, (n, s, s)) * rng.uniform(0, 0.7, (n, 1, s))
    inputs /= np.maximum(inputs.sum(axis=1, keepdims=True) / 0.7, 1.0)
    used = np.einsum("nkj,jn->kn", inputs, flows.sum(axis=2))  # so much of it that all of this is bought
    inputs *= np.minimum((0.9 * flows.sum(axis=1) / used).min(axis=0), 1.0)[:, None, None]
    trade = SectorTrade(tuple(f"C{k}" for k in range(n)), tuple(f"S{k}" for k in range(s)), flows, inputs)
    return trade, rng.uniform(2, 8, s), rng.choice([1.0, 0.7, 1.3], (s, n, n))


@many
@given(seed=seeds)
def test_labour_goods_and_prices_agree(seed: int) -> None:
    trade, elasticities, cost = drawn(seed)
    found = sector_counterfactual(trade, elasticities, cost)
    n, s = len(trade.countries), len(trade.sectors)
    assert found.clearing < CLOSE
    before = trade.flows / trade.flows.sum(axis=1, keepdims=True)
    for j in range(s):
        unit = [
            found.wage_change[i] ** (1 - trade.inputs[i, :, j].sum())
            * np.prod(found.price_change[:, i] ** trade.inputs[i, :, j])
            for i in range(n)
        ]
        for buyer in range(n):
            terms = np.array(
                [before[j, i, buyer] * (unit[i] * cost[j, i, buyer]) ** -elasticities[j] for i in range(n)]
            )
            assert found.price_change[j, buyer] == pytest.approx(terms.sum() ** (-1 / elasticities[j]), rel=CLOSE)
            shares = found.flows[j, :, buyer] / found.flows[j, :, buyer].sum()
            np.testing.assert_allclose(shares, terms / terms.sum(), rtol=CLOSE)
    used = np.einsum("nkj,jn->kn", trade.inputs, found.flows.sum(axis=2))
    final = found.flows.sum(axis=1) - used
    np.testing.assert_allclose(final / final.sum(axis=0), trade.final / trade.final.sum(axis=0), rtol=1e-6, atol=CLOSE)


@many
@given(seed=seeds)
def test_without_a_change_nothing_changes(seed: int) -> None:
    trade, elasticities, cost = drawn(seed)
    found = sector_counterfactual(trade, elasticities, np.ones_like(cost))
    np.testing.assert_allclose(found.real_income_change, 1.0, rtol=1e-12)
    np.testing.assert_allclose(found.flows, trade.flows, rtol=1e-9)


@many
@given(seed=seeds)
def test_one_sector_without_inputs_is_the_economy_of_one_sector(seed: int) -> None:
    trade, elasticities, cost = drawn(seed)
    alone = SectorTrade(trade.countries, ("all",), trade.flows[:1], np.zeros((len(trade.countries), 1, 1)))
    found = sector_counterfactual(alone, elasticities[:1], cost[:1])
    other = counterfactual(TradeMatrix(trade.countries, trade.flows[0]), float(elasticities[0]), cost[0])
    np.testing.assert_allclose(found.wage_change, other.output_change, rtol=CLOSE)
    np.testing.assert_allclose(found.real_income_change, other.real_income_change, rtol=CLOSE)
    np.testing.assert_allclose(found.flows[0], other.flows, rtol=CLOSE)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6])
def test_goods_made_from_goods_multiply_the_gain(share: float) -> None:
    """Real wages rise by the share at home to the power -1 / (elasticity times value added), Arkolakis et al. 2012."""
    flows = np.array([[[8.0, 2.0], [2.0, 5.0]]])
    trade = SectorTrade(("A", "B"), ("all",), flows, np.full((2, 1, 1), share))
    cost = np.array([[[1.0, 0.7], [0.7, 1.0]]])
    found = sector_counterfactual(trade, np.array([4.0]), cost)
    at_home = (np.diag(found.flows[0]) / found.flows[0].sum(axis=0)) / (np.diag(flows[0]) / flows[0].sum(axis=0))
    real_wage = found.wage_change / found.price_change[0]
    np.testing.assert_allclose(real_wage, at_home ** (-1 / (4.0 * (1 - share))), rtol=CLOSE)


@many
@given(seed=seeds)
def test_order_and_money_change_nothing(seed: int) -> None:
    trade, elasticities, cost = drawn(seed)
    rng = np.random.default_rng(seed)
    c, s = rng.permutation(len(trade.countries)), rng.permutation(len(trade.sectors))
    other = SectorTrade(
        tuple(trade.countries[k] for k in c),
        tuple(trade.sectors[k] for k in s),
        1e6 * trade.flows[np.ix_(s, c, c)],
        trade.inputs[np.ix_(c, s, s)],
    )
    one = sector_counterfactual(trade, elasticities, cost)
    found = sector_counterfactual(other, elasticities[s], cost[np.ix_(s, c, c)])
    np.testing.assert_allclose(found.real_income_change, one.real_income_change[c], rtol=CLOSE)
    np.testing.assert_allclose(found.price_change, one.price_change[np.ix_(s, c)], rtol=CLOSE)


def test_all_faults_are_told_at_once() -> None:
    flows, inputs = np.ones((1, 2, 2)), np.full((2, 1, 1), 0.2)
    flows[0, 0, 1], inputs[1, 0, 0] = -1.0, np.nan
    with pytest.raises(TradeError) as raised:
        SectorTrade(("A", "B"), ("x",), flows, inputs)
    assert {(fault.row, fault.column) for fault in raised.value.faults} == {
        ("x, A to B", "flows"),
        ("B, x in x", "inputs"),
    }
    with pytest.raises(TradeError, match="flows"):
        SectorTrade(("A", "B"), ("x",), np.ones((1, 2, 3)), np.full((2, 1, 1), 0.2))


def test_goods_that_are_used_have_to_be_bought() -> None:
    flows = np.array([[[1.0, 0.0], [0.0, 1.0]], [[9.0, 0.0], [0.0, 9.0]]])
    inputs = np.zeros((2, 2, 2))
    inputs[0, 0, 1] = 0.5  # 4.5 of the first sector in the second, where 1 is bought
    with pytest.raises(TradeError, match="A, x"):
        SectorTrade(("A", "B"), ("x", "y"), flows, inputs)


@pytest.mark.parametrize("elasticities", [np.array([-4.0]), np.array([4.0, 4.0]), np.array([np.nan])])
def test_elasticities_of_the_wrong_sign_are_refused(elasticities: np.ndarray) -> None:
    trade = SectorTrade(("A",), ("x",), np.ones((1, 1, 1)), np.zeros((1, 1, 1)))
    with pytest.raises(TradeError, match="elasticities"):
        sector_counterfactual(trade, elasticities, np.ones((1, 1, 1)))


def table_of_oecd() -> SectorTrade:
    """Read the OECD table of 2022 by letters of ISIC.

    Final goods of a country and sector are taken to go where its intermediate goods go, and all sectors of a country to
    use goods in the same proportions: the table at hand says no more.
    """
    home = os.environ.get("JIBEK_BENCHMARK_DATA")
    folder = Path(home or "", "gravity")
    if not home or not (folder / "icio2022_country_sector_totals.csv").is_file():
        pytest.skip("JIBEK_BENCHMARK_DATA does not name the folder of the benchmark files")
    totals = pl.read_csv(folder / "icio2022_country_sector_totals.csv").with_columns(pl.col("sector").str.head(1))
    between = pl.read_parquet(folder / "icio2022_intermediate_by_exporter_sector.parquet").with_columns(
        pl.col("exporter", "importer").cast(pl.String), pl.col("sector").cast(pl.String).str.head(1)
    )
    countries, sectors = (tuple(sorted(totals[name].unique().to_list())) for name in ("country", "sector"))

    def placed(rows: pl.DataFrame, value: str, **axes: tuple[str, ...]) -> np.ndarray:
        cells = np.zeros([len(names) for names in axes.values()])
        where = [rows[axis].replace_strict({name: k for k, name in enumerate(names)}) for axis, names in axes.items()]
        np.add.at(cells, tuple(each.to_numpy() for each in where), rows[value].cast(pl.Float64).to_numpy())
        return cells

    used = placed(between, "intermediate_musd", sector=sectors, exporter=countries, importer=countries)
    final, bought = (
        placed(totals, name, sector=sectors, country=countries)
        for name in ("final_sales_musd", "intermediate_purchases_musd")
    )
    goes = used / used.sum(axis=2, keepdims=True).clip(1e-9)
    flows = used + final.clip(0)[:, :, None] * goes
    mix = used.sum(axis=1) / used.sum(axis=(0, 1))
    share = bought / flows.sum(axis=2).clip(1e-9)
    return SectorTrade(countries, sectors, flows, np.einsum("kn,jn->nkj", mix, share.clip(0, 0.95)))


def test_eighty_countries_and_twenty_sectors() -> None:
    trade = table_of_oecd()
    assert trade.flows.shape == (20, 80, 80)
    cost = np.ones(trade.flows.shape)
    kazakhstan = trade.countries.index("KAZ")
    cost[:, kazakhstan], cost[:, :, kazakhstan] = 0.9, 0.9
    cost[:, kazakhstan, kazakhstan] = 1.0
    found = sector_counterfactual(trade, np.full(20, 5.0), cost)
    gain = found.real_income_change - 1
    assert found.clearing < CLOSE
    assert gain.argmax() == kazakhstan
    # A tenth off the cost of all its trade is worth about a tenth of the share of trade in what it makes.
    assert 0.02 < gain[kazakhstan] < 0.08
    assert np.abs(np.delete(gain, kazakhstan)).max() < 0.01
