"""The matrix of trade from the table ``trade``: which count stands, what is missing, what the embedded holds."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jibek.errors import TradeError
from jibek.trade import counterfactual, economies_of, matrix_of, trade_years
from small_corridor import make_corridor

if TYPE_CHECKING:
    from jibek.corridor import Corridor


def counted(reporter: str, exporter: str, importer: str, usd: float, year: int = 2023) -> dict[str, object]:
    return {
        "reporter": reporter, "exporter": exporter, "importer": importer, "group": "total", "year": year, "usd": usd,
        "source": ["somebody"], "grade": "observed",
    }  # fmt: skip


AT_HOME = [counted("KAZ", "KAZ", "KAZ", 50.0), counted("CHN", "CHN", "CHN", 900.0), counted("X", "EU27", "EU27", 500.0)]
UNION = [{"region": "EU27", "country": code} for code in ("DEU", "FRA")]


def world_of(*rows: dict[str, object], **more: list[dict[str, object]]) -> Corridor:
    return make_corridor(**({"trade": [*AT_HOME, *rows], "regions": UNION} | more))


def cell(world: Corridor, exporter: str, importer: str) -> dict[str, object]:
    (row,) = matrix_of(world, 2023).cells.filter(exporter=exporter, importer=importer).rows(named=True)
    return row


def test_the_importer_goes_before_customs_before_the_exporter_before_others_before_estimates() -> None:
    """Id `trade-8`."""
    counts = [
        counted(who, "CHN", "KAZ", 10.0 + rank)
        for rank, who in enumerate(["KAZ", "COMTRADE", "CHN", "WTO", "estimate"])
    ]
    while counts:
        found = cell(world_of(*counts), "CHN", "KAZ")
        assert found["usd"] == counts[0]["usd"]
        assert found["reporter"] == counts[0]["reporter"]
        assert (found["others"] or "").count(";") == max(len(counts) - 2, 0)
        counts = counts[1:]


def test_customs_are_summed_over_members_and_what_members_sell_to_each_other_is_no_sale_at_home() -> None:
    world = world_of(
        counted("COMTRADE", "DEU", "KAZ", 3.0), counted("COMTRADE", "FRA", "KAZ", 2.0),
        counted("COMTRADE", "DEU", "FRA", 99.0), counted("FRA", "FRA", "KAZ", 77.0),
    )  # fmt: skip
    assert cell(world, "EU27", "KAZ")["usd"] == 5.0
    assert cell(world, "EU27", "KAZ")["rows"] == 2
    assert cell(world, "EU27", "EU27")["usd"] == 500.0


def test_a_country_of_the_corridor_that_trades_and_sells_nothing_at_home_is_named() -> None:
    rows = (counted("KAZ", "UZB", "KAZ", 5.0), counted("KAZ", "BRA", "KAZ", 5.0))
    places = [{"id": "tashkent", "name": "Tashkent", "country": "UZB", "lat": 41.3, "lon": 69.2, "kind": "city"}]
    with pytest.raises(TradeError, match="trade, UZB to UZB, 2023, usd: found 'no such row'") as raised:
        matrix_of(world_of(*rows, places=places), 2023)
    assert len(raised.value.faults) == 1
    assert ("BRA", "KAZ") in matrix_of(world_of(*rows), 2023).left_out.select("exporter", "importer").rows()


@pytest.mark.parametrize("factor", [1e-9, 1e-6, 1e-3, 450.0])
def test_counts_in_another_unit_or_currency_are_refused(factor: float) -> None:
    rows = (counted("COMTRADE", "CHN", "KAZ", 16.8e9), counted("KAZ", "CHN", "KAZ", factor * 16.8e9))
    with pytest.raises(TradeError, match=r"trade, CHN to KAZ, 2023, usd: found '.* counted by .*US dollars"):
        matrix_of(world_of(*rows), 2023)


def test_small_trade_may_be_counted_as_differently_as_it_is() -> None:
    world = world_of(
        counted("COMTRADE", "CHN", "KAZ", 9e7), counted("CHN", "CHN", "KAZ", 1e3), counted("WTO", "CHN", "KAZ", 0)
    )
    assert cell(world, "CHN", "KAZ")["usd"] == 9e7


def test_pairs_without_a_value_and_rows_of_nobody_are_named() -> None:
    left_out = matrix_of(world_of(counted("CHN", "CHN", "MARS", 1.0), counted("KAZ", "CHN", "KAZ", 5.0)), 2023).left_out
    assert left_out.filter(reason="no value").height == 5
    assert left_out.filter(reason="no economy of the matrix").rows() == [("CHN", "MARS", "no economy of the matrix")]


def test_ranges_come_from_evidence_and_add_up() -> None:
    evidence = [
        {
            "table": "trade",
            "id": "COMTRADE/DEU/KAZ/total/2023",
            "column": "usd",
            "source": ["x"],
            "grade": "estimate",
            "low": 1.0,
            "high": 9.0,
        }
    ]
    rows = (counted("COMTRADE", "DEU", "KAZ", 3.0), counted("COMTRADE", "FRA", "KAZ", 2.0))
    found = cell(world_of(*rows, evidence=evidence), "EU27", "KAZ")
    assert (found["low"], found["high"]) == (3.0, 11.0)


@given(seed=st.integers(0, 2**32))
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    codes = ["KAZ", "CHN", "DEU", "FRA", "EU27"]
    draw = random.Random(seed)
    rows = {
        (who, one, other): counted(who, one, other, float(draw.randint(1, 99)))
        for who in ("KAZ", "CHN", "COMTRADE", "estimate") for one in codes for other in codes
        if one != other and draw.random() < 0.5
    }  # fmt: skip
    straight = matrix_of(world_of(*rows.values()), 2023)
    mixed = list(rows.values())
    draw.shuffle(mixed)
    assert straight.cells.equals(matrix_of(world_of(*mixed), 2023).cells)


@pytest.mark.parametrize(
    ("world", "year", "expected"),
    [
        (world_of(), 2024, "one of 2023"),
        (make_corridor(trade=[counted("KAZ", "CHN", "KAZ", 1.0)]), 2023, "exporter is the importer"),
        (world_of(regions=[*UNION, {"region": "CHN", "country": "DEU"}]), 2023, "one economy a country"),
    ],
)
def test_what_cannot_be_is_said(world: Corridor, year: int, expected: str) -> None:
    with pytest.raises(TradeError, match=expected):
        matrix_of(world, year)


def test_embedded_matrix_is_whole_and_has_an_equilibrium(corridor: Corridor) -> None:
    assert trade_years(corridor) == [2019, 2023]
    for year in (2019, 2023):
        found = matrix_of(corridor, year)
        assert {"KAZ", "UZB", "KGZ", "TJK", "TKM", "CHN", "RUS", "TUR", "IRN", "AFG", "GEO", "EU27"} <= set(
            found.matrix.countries
        )
        assert not found.left_out.filter(reason="no value").height
        assert (found.cells["low"] <= found.cells["usd"]).all()
        assert (found.cells["high"] >= found.cells["usd"]).all()
        still = counterfactual(found.matrix, 5.0, np.ones_like(found.matrix.flows))
        assert np.abs(still.flows / found.matrix.flows - 1).max() < 1e-12


def test_embedded_matrix_agrees_with_national_statistics(corridor: Corridor) -> None:
    """Exports and imports of 2023 by Uzbek statistics, which no cell was fitted to; 5.3 of the former are services."""
    matrix = matrix_of(corridor, 2023).matrix
    row = matrix.countries.index("UZB")
    abroad = matrix.flows - np.diag(matrix.flows.diagonal())
    assert abroad[row].sum() == pytest.approx(24.4e9, rel=0.25)
    assert abroad[:, row].sum() == pytest.approx(38.1e9, rel=0.25)


def test_kazakhstan_and_china_keep_both_counts(corridor: Corridor) -> None:
    found = cell(corridor, "CHN", "KAZ")
    assert found["reporter"] == "COMTRADE"
    assert found["others"] == "CHN 24700000000"


def test_every_country_of_the_corridor_is_of_an_economy(corridor: Corridor) -> None:
    economy = economies_of(corridor, 2023)
    assert not set(corridor["places"]["country"].drop_nulls()) - economy.keys()


def test_as_of_hides_later_trade(corridor: Corridor) -> None:
    hidden = corridor["trade"].with_columns(usd=pl.when(pl.col("year") <= 2019).then("usd"))
    assert trade_years(replace(corridor, tables={**corridor.tables, "trade": hidden})) == [2019]
