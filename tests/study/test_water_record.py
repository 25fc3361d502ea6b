"""Rivers of a balance beside their record: sums by hand, the way up to the next reservoirs, and what is published."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from jibek import Corridor
from jibek.study.water_record import water_record


def sheet(*rows: tuple[str, float]) -> pl.DataFrame:
    """A balance in which water comes to places (+) and leaves them (-)."""
    return pl.DataFrame(rows, schema={"place": pl.String, "quantity": pl.Float64}, orient="row").with_columns(
        commodity=pl.lit("water")
    )


def row(table: pl.DataFrame, place: str, quantity: str) -> dict[str, object]:
    return table.filter(place=place, quantity=quantity).row(0, named=True)


def test_the_record_says_what_is_published(corridor: Corridor) -> None:
    """18.7 km3 a year leave Shardara, about 8.7 are used between it and the reservoirs above."""
    table = water_record(corridor, sheet())
    assert row(table, "shardara", "release")["observed"] == pytest.approx(18_700, abs=50)
    used = row(table, "shardara", "net_use")
    assert used["observed"] == pytest.approx(8_700, abs=50)
    assert used["above"] == ["bahri-tojik", "charvak"]
    assert set(table["years"]) == {"2001–2007"}


def test_what_leaves_is_released_and_what_does_not_arrive_is_used(corridor: Corridor) -> None:
    flows = sheet(("charvak", 7.0), ("charvak", -3.0), ("charvak", -4.0), ("bahri-tojik", -20.0), ("shardara", 15.0))
    table = water_record(corridor, flows)
    assert row(table, "charvak", "release")["modelled"] == 7.0
    assert row(table, "shardara", "net_use")["modelled"] == 20.0 + 7.0 - 15.0
    assert row(table, "shardara", "release")["modelled"] == 0.0
    other_goods = flows.with_columns(commodity=pl.lit("wheat"))
    assert set(water_record(corridor, other_goods)["modelled"]) == {0.0}


def test_a_reservoir_without_a_full_record_is_passed_by(corridor: Corridor) -> None:
    """Without Bahri Tojik the reach above Shardara reaches up to Toktogul and Andijan."""
    kept = corridor["observations"].filter(
        ~(pl.col("series").str.starts_with("bahri-tojik-inflow-mean") & (pl.col("from_month") == 7))
    )
    table = water_record(replace(corridor, tables={**corridor.tables, "observations": kept}), sheet())
    assert "bahri-tojik" not in set(table["place"])
    assert row(table, "shardara", "net_use")["above"] == ["andijan-reservoir", "charvak", "toktogul"]
