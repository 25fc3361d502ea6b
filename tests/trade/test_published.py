"""Published results: the Advanced Guide (Yotov, Piermartini, Monteiro and Larch 2016), an example of gegravity."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from jibek.trade import TradeMatrix, counterfactual, estimate_gravity

PRINTED = 5e-4  # half of the last digit printed
YEARS = [1986, 1990, 1994, 1998, 2002, 2006]
# Median and largest difference of real GDP, in percentage points, from the printed results of a loop in Stata whose
# markets clear to three digits.
MEDIAN_GAP, LARGEST_GAP = 0.1, 0.6


def published(name: str) -> Path:
    home = os.environ.get("JIBEK_BENCHMARK_DATA")
    path = Path(home or "", "gravity", name)
    if not home or not path.is_file():
        pytest.skip("JIBEK_BENCHMARK_DATA does not name the folder of the benchmark files")
    return path


@pytest.fixture(scope="module")
def panel() -> pl.DataFrame:
    rows = pl.read_parquet(published("agtpa_applications.parquet")).filter(pl.col("year").is_in(YEARS))
    return rows.with_columns(
        pl.col("exporter", "importer").cast(pl.String),
        log_dist=pl.col("dist").log(),
        is_border=(pl.col("exporter").cast(pl.String) != pl.col("importer").cast(pl.String)).cast(pl.Float64),
    ).with_columns(
        pair=pl.when(pl.col("is_border") == 1).then(pl.col("pair_id").cast(pl.String)).otherwise(pl.col("exporter")),
        at_home=pl.when(pl.col("is_border") == 1).then(pl.lit("abroad")).otherwise(pl.col("exporter")),
        **{f"border_{year}": pl.col("is_border") * (pl.col("year") == year) for year in YEARS[:-1]},
    )


BY_YEAR = ("exporter^year", "importer^year")


def test_the_usual_terms_without_trade_at_home(panel: pl.DataFrame) -> None:
    """Application 1, column 4."""
    abroad = panel.filter(pl.col("is_border") == 1)
    found = estimate_gravity(abroad, ("log_dist", "cntg", "lang", "clny"), BY_YEAR, cluster="pair_id")
    np.testing.assert_allclose(found.coefficient, [-0.841, 0.437, 0.247, -0.222], rtol=0, atol=PRINTED + 1e-9)
    np.testing.assert_allclose(found.error, [0.032, 0.083, 0.077, 0.116], rtol=0, atol=PRINTED + 1e-9)


TERMS = ("log_dist", "cntg", "lang", "clny")


def by_year(rows: pl.DataFrame) -> pl.DataFrame:
    """Distance of each year on its own, abroad alone."""
    far = pl.col("log_dist") * pl.col("is_border")
    return rows.with_columns((far * (pl.col("year") == year)).alias(f"far_{year}") for year in YEARS)


def test_the_distance_puzzle(panel: pl.DataFrame) -> None:
    """Application 2, columns 2 and 5: without trade at home, and with it and an effect of each country's own."""
    terms = (*(f"far_{year}" for year in YEARS), *TERMS[1:])
    rows = by_year(panel)
    found = estimate_gravity(rows.filter(pl.col("is_border") == 1), terms, BY_YEAR, cluster="pair_id")
    printed = [-0.859, -0.834, -0.835, -0.847, -0.848, -0.836]
    np.testing.assert_allclose(found.coefficient[:6], printed, rtol=0, atol=PRINTED + 1e-9)
    np.testing.assert_allclose(found.error[:6], [0.037, 0.038, 0.035, 0.035, 0.032, 0.031], rtol=0, atol=PRINTED + 1e-9)
    solved = estimate_gravity(rows, terms, (*BY_YEAR, "at_home"), cluster="pair_id")
    printed = [-0.910, -0.879, -0.860, -0.833, -0.829, -0.811]
    np.testing.assert_allclose(solved.coefficient[:6], printed, rtol=0, atol=PRINTED + 1e-9)
    np.testing.assert_allclose(solved.error[:6], [0.032] * 6, rtol=0, atol=1.5e-3)  # one error stands for all six


def test_trade_agreements_without_trade_at_home(panel: pl.DataFrame) -> None:
    """Application 3, column 2."""
    abroad = panel.filter(pl.col("is_border") == 1)
    found = estimate_gravity(abroad, (*TERMS, "rta"), BY_YEAR, cluster="pair_id")
    assert found.coefficient[-1] == pytest.approx(0.191, abs=PRINTED)
    assert found.error[-1] == pytest.approx(0.066, abs=PRINTED)


@pytest.mark.parametrize(
    ("terms", "coefficients", "errors"),
    [
        (("rta", "rta_lead4"), [0.520, 0.077], [0.086, 0.092]),
        (("rta", "rta_lag4", "rta_lag8", "rta_lag12"), [0.291, 0.414, 0.169, 0.119], [0.089, 0.067, 0.043, 0.030]),
    ],
)
def test_trade_agreements_before_and_after(
    panel: pl.DataFrame, terms: tuple[str, ...], coefficients: list[float], errors: list[float]
) -> None:
    """Application 3, columns 5 and 6."""
    found = estimate_gravity(panel, terms, (*BY_YEAR, "pair"), cluster="pair_id")
    np.testing.assert_allclose(found.coefficient, coefficients, rtol=0, atol=PRINTED + 1e-9)
    np.testing.assert_allclose(found.error, errors, rtol=0, atol=PRINTED + 1e-9)


def test_trade_agreements_with_effects_of_pairs(panel: pl.DataFrame) -> None:
    """Application 3, columns 4 and 7."""
    found = estimate_gravity(panel, ("rta",), (*BY_YEAR, "pair"), cluster="pair_id")
    assert found.coefficient[0] == pytest.approx(0.557, abs=PRINTED)
    assert found.error[0] == pytest.approx(0.102, abs=PRINTED)
    assert panel.height - found.left_out.height == 28_482
    borders = [f"border_{year}" for year in YEARS[:-1]]
    terms = ("rta", "rta_lag4", "rta_lag8", "rta_lag12", *borders)
    falling = estimate_gravity(panel, terms, (*BY_YEAR, "pair"), cluster="pair_id")
    expected = [0.116, 0.288, 0.069, 0.002, -0.706, -0.480, -0.367, -0.158, -0.141]
    np.testing.assert_allclose(falling.coefficient, expected, rtol=0, atol=PRINTED + 1e-9)


def test_trade_without_borders(panel: pl.DataFrame) -> None:
    """Chapter 2, full general equilibrium: real GDP of 69 countries."""
    rows = panel.filter(pl.col("year") == 2006).sort("exporter", "importer")
    gravity = estimate_gravity(rows, ("log_dist", "cntg", "is_border"), ("exporter", "importer"))
    np.testing.assert_allclose(gravity.coefficient, [-0.791288, 0.673646, -2.474450], rtol=0, atol=5e-7)
    countries = rows["exporter"].unique(maintain_order=True).to_list()
    flows = gravity.fitted.reshape(len(countries), -1)
    border = rows["is_border"].to_numpy().reshape(flows.shape)
    sigma = 7.0
    cost = np.exp(-gravity.coefficient[2] * border) ** (-1 / (sigma - 1))
    found = counterfactual(TradeMatrix(tuple(countries), flows), sigma - 1, cost)
    printed = pl.read_csv(published("agtpa_trade_without_border_full_ge.csv"))
    names = printed["country"].replace("ZZZ", "DEU").to_list()
    real = 100 * (found.real_output_change[[countries.index(name) for name in names]] - 1)
    gap = np.abs(real - printed["change_rGDP_FULL"].to_numpy())
    assert np.median(gap) < MEDIAN_GAP
    assert gap.max() < LARGEST_GAP


def test_an_agreement_of_canada_and_japan() -> None:
    """The documented example of gegravity 0.3, sigma 5: trade costs of the pair fall by 60.181650 percent.

    Exports are documented to rise by 62.442 and 55.291 percent. There the world spends less than it makes, here as
    much, so that changes differ in the third digit.
    """
    rows = pl.read_csv(published("gegravity_sample_2006.csv")).sort("exporter", "importer")
    terms = ("pta", "contiguity", "common_language", "lndist", "international")
    gravity = estimate_gravity(rows, terms, ("exporter", "importer"))
    lift = float(np.exp(gravity.coefficient[0]))
    assert 100 * (lift - 1) == pytest.approx(60.181650, abs=1e-5)
    countries = rows["exporter"].unique(maintain_order=True).to_list()
    n = len(countries)
    pull = np.exp(rows.select(terms).to_numpy() @ gravity.coefficient).reshape(n, n)
    made = rows["Y"].to_numpy().reshape(n, n)[:, 0].astype(np.float64)
    spent = rows["E"].to_numpy().reshape(n, n)[0].astype(np.float64)
    flows = fitted_to_margins(pull, made, spent * made.sum() / spent.sum())
    canada, japan = countries.index("CAN"), countries.index("JPN")
    cost = np.ones((n, n))
    cost[canada, japan] = cost[japan, canada] = lift ** (-1 / 4)
    found = counterfactual(TradeMatrix(tuple(countries), flows), 4.0, cost)
    rise = 100 * (found.flows / flows - 1)
    assert rise[canada, japan] == pytest.approx(62.442, abs=0.2)
    assert rise[japan, canada] == pytest.approx(55.291, abs=0.2)


def fitted_to_margins(pull: np.ndarray, made: np.ndarray, spent: np.ndarray) -> np.ndarray:
    """Scale rows and columns until they add up to what is made and spent."""
    row = np.ones(len(made))
    for _ in range(1000):
        column = spent / (row @ pull)
        row = made / (pull @ column)
    return row[:, None] * pull * column


def test_rows_that_stand_alone_in_an_effect_are_left_out_by_name() -> None:
    rows = pl.DataFrame(
        {
            "exporter": ["A", "A", "B", "B", "C"],
            "importer": ["X", "Y", "X", "Y", "X"],
            "distance": [1.0, 2.0, 3.0, 1.5, 2.0],
            "trade": [5.0, 3.0, 2.0, 4.0, 9.0],
        }
    )
    found = estimate_gravity(rows, ["distance"], ["exporter", "importer"])
    assert found.left_out["exporter"].to_list() == ["C"]
    assert np.isnan(found.fitted).tolist() == [False, False, False, False, True]
