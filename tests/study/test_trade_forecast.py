"""Trade looked ahead from the last matrix, and forecasts of the past beside what happened."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from jibek.corridor import Corridor, apply_scenario
from jibek.study.trade_economies import dollar_inflation, nominal_change, people_change, real_growth
from jibek.study.trade_forecast import LAST_YEAR, forecast, hindcast_scores, outlook, trade_hindcast
from jibek.trade import economies_of, matrix_of
from small_corridor import make_corridor


@pytest.fixture(scope="module")
def world(corridor: Corridor) -> Corridor:
    return apply_scenario(corridor, None)


@pytest.fixture(scope="module")
def looked_back(world: Corridor) -> pl.DataFrame:
    return trade_hindcast(world)


def scores(looked_back: pl.DataFrame, sample: str) -> dict[str, float]:
    found = hindcast_scores(looked_back).filter(sample=sample)
    return dict(found.select("method", "median_error").iter_rows())


def test_growth_is_that_of_the_observations(world: Corridor) -> None:
    economy = economies_of(world, 2023)
    codes = ("CHN", "KAZ")
    assert nominal_change(world, economy, codes, 2023, 2023) == pytest.approx([1.0, 1.0])
    growth = real_growth(world, economy, codes, known_to=2024)
    assert [growth[kind][1] for kind in ("low", "base", "high")] == pytest.approx(
        [0.032, (3.2 + 5.1 + 4.8) / 300, 0.051]
    )
    last_known = [(3.1 + 6.5 + 6.9) / 300, 0.032]  # of China 2022, 2018 and 2017; of Kazakhstan 2022 alone
    assert real_growth(world, economy, codes, known_to=2022)["base"] == pytest.approx(last_known)


def test_where_little_of_an_economy_is_known_it_grows_as_the_world(world: Corridor) -> None:
    """Of the European Union Poland alone is known in 2019, of North America all but Canada."""
    economy = economies_of(world, 2019)
    growth = real_growth(world, economy, ("EU27", "KAZ", "OTHER-NORTH-AMERICA"), known_to=2019)["base"]
    assert growth[:2] == pytest.approx([(2.4 + 3.1 + 3.0) / 300] * 2)
    assert 0.021 < growth[2] < 0.024


def test_people_that_grow_as_they_do_change_nothing_and_slower_ones_lower_output() -> None:
    """Id `trade-12`."""

    def row(year: int, value: float) -> dict[str, object]:
        key = {"series": "population-projected-kaz", "year": year, "from_month": 1, "to_month": 12}
        return key | {"value": value, "source": ["x"], "grade": "estimate"}

    series = {"id": "population-projected-kaz", "title": "people", "measure": "level", "unit": "million"}
    series |= {"scope_table": "countries", "scope_id": "KAZ", "use": "input", "source": ["x"], "grade": "estimate"}
    rows = [row(2025, 100.0), row(2026, 102.0), row(2030, 102.0 * 1.02**4), row(2035, 102.0 * 1.02**4)]
    small = make_corridor(series=[series], observations=rows)
    codes = ("CHN", "KAZ")
    for since, to, expected in ((2020, 2026, 1.0), (2023, 2030, 1.0), (2023, 2035, 1.02**-5), (2030, 2031, 1 / 1.02)):
        found = people_change(small, {"KAZ": "KAZ"}, codes, since, to)
        assert found == pytest.approx([1.0, expected], rel=1e-12)


def test_prices_in_dollars_rise_as_those_of_the_last_years_known(world: Corridor) -> None:
    assert dollar_inflation(world, known_to=2019) == pytest.approx((1.795 + 1.084 + 1.276) / 300)
    assert dollar_inflation(world, known_to=2000) == 0.0


def test_forecasts_begin_with_the_matrix_and_widen(world: Corridor) -> None:
    records, economy = matrix_of(world, 2023), economies_of(world, 2023)
    found = forecast(world, records, economy, None)
    assert sorted(found["year"].unique()) == list(range(2023, LAST_YEAR + 1))
    first = found.filter(year=2023, exporter="CHN", importer="KAZ").row(0, named=True)
    assert first["low_usd"] == pytest.approx(first["high_usd"]) == pytest.approx(first["base_usd"])
    total = found.group_by("year").agg(pl.col("low_usd", "base_usd", "high_usd").sum()).sort("year")
    assert (total["low_usd"] <= total["base_usd"] * (1 + 1e-9)).all()
    assert (total["base_usd"] <= total["high_usd"] * (1 + 1e-9)).all()
    assert np.all(np.diff((total["high_usd"] / total["low_usd"]).to_numpy()) > 0)
    assert found["scenario_usd"].null_count() == found.height


def test_promises_are_carried_on_from_their_last_observation(world: Corridor) -> None:
    records, economy = matrix_of(world, 2023), economies_of(world, 2023)
    found = outlook(world, forecast(world, records, economy, None), economy)
    hundred = found.filter(target="c001").sort("year")
    assert hundred["year"].to_list() == list(range(2026, LAST_YEAR + 1))  # 106.3 billion USD of 2025 are known
    assert (hundred["base"] > 106.3).all()
    assert {"c002", "c003", "c004"} <= set(found["target"])


def test_pairs_that_are_looked_back_at_were_counted_twice(world: Corridor, looked_back: pl.DataFrame) -> None:
    pairs = looked_back.filter(sample="matrix")
    assert pairs.height > 150
    for year, column in ((2019, "known"), (2023, "observed")):
        cells = matrix_of(world, year).cells.filter(pl.col("grade") != "estimate")
        joined = pairs.join(cells, on=["exporter", "importer"])
        assert joined.height == pairs.height
        assert (joined["usd"] == joined[column]).all()


def test_growth_of_economies_beats_no_change(looked_back: pl.DataFrame) -> None:
    """Told of true GDP or of the growth known then, gravity beats both yardsticks."""
    matrix = scores(looked_back, "matrix")
    turnover = scores(looked_back, "turnover_with_growth")
    for method in ("conditional", "blind"):
        assert matrix[method] < matrix["no_change"]
        assert turnover[method] < min(turnover["no_change"], turnover["last_growth"])


def test_on_the_matrix_blind_forecasts_are_better_beyond_doubt(looked_back: pl.DataFrame) -> None:
    found = hindcast_scores(looked_back).filter(sample="matrix")
    ranges = {row["method"]: row for row in found.iter_rows(named=True)}
    assert ranges["blind"]["high"] < ranges["no_change"]["low"]


def test_blind_forecasts_know_nothing_later(world: Corridor, looked_back: pl.DataFrame) -> None:
    grows = pl.col("series").str.starts_with("gdp-") | pl.col("series").str.starts_with("population-projected-")
    later = grows & (pl.col("year") > 2022)
    doubled = world["observations"].with_columns(
        pl.when(later).then(2 * pl.col("value")).otherwise("value").alias("value")
    )
    other = trade_hindcast(Corridor(**{**world.__dict__, "tables": {**world.tables, "observations": doubled}}))
    chosen = pl.col("sample") == "turnover"
    assert looked_back.filter(chosen)["blind"].to_list() == pytest.approx(other.filter(chosen)["blind"].to_list())
    assert looked_back.filter(chosen)["conditional"].to_list() != pytest.approx(
        other.filter(chosen)["conditional"].to_list()
    )


def test_scores_of_a_perfect_and_a_doubled_forecast() -> None:
    rows = pl.DataFrame(
        {
            "sample": ["matrix"] * 4, "exporter": list("ABCD"), "importer": list("WXYZ"), "series": [None] * 4,
            "known_year": [2019] * 4, "year": [2023] * 4, "known": [1.0] * 4, "observed": [1.0, 2.0, 3.0, 4.0],
            "conditional": [1.0, 2.0, 3.0, 4.0], "blind": [2.0, 4.0, 6.0, 8.0], "no_change": [1.0] * 4,
            "last_growth": [None] * 4,
        },
        schema_overrides={"series": pl.String, "last_growth": pl.Float64},
    )  # fmt: skip
    found = {row["method"]: row for row in hindcast_scores(rows).iter_rows(named=True)}
    assert found["conditional"]["median_error"] == 0.0
    assert found["blind"]["median_error"] == pytest.approx(np.log(2))
    assert (found["blind"]["low"], found["blind"]["high"]) == pytest.approx((np.log(2), np.log(2)))
    assert found["no_change"]["low"] < found["no_change"]["median_error"] < found["no_change"]["high"]
    assert "last_growth" not in found
