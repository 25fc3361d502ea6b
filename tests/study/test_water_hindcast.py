"""Reservoirs by a rule of release: closed forms, bounds, and the stocks of 2002 to 2007."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jibek import Corridor
from jibek.study.water_hindcast import stocks_by_rule, water_hindcast

FLAT = np.full(12, 1.0)
WIDE = (0.0, 1e9)
volumes = st.floats(0.0, 50.0)


def test_a_reservoir_that_holds_all_adds_up_what_comes_less_the_usual() -> None:
    """With nothing let go, content is a sum: first + sum of inflow - sum of mean release."""
    inflow = np.linspace(0.5, 2.5, 24)
    found = stocks_by_rule(100.0, inflow, FLAT, np.zeros(12), held=1.0, bounds=WIDE)
    assert found == pytest.approx(100.0 + np.cumsum(inflow - 1.0))


def test_a_reservoir_that_holds_nothing_follows_its_curve() -> None:
    guide = np.linspace(30.0, 40.0, 12)
    found = stocks_by_rule(35.0, np.full(24, 5.0), FLAT, guide, held=0.0, bounds=WIDE)
    assert found == pytest.approx(np.tile(guide, 2)[: len(found)])


def test_a_gap_to_the_curve_closes_geometrically() -> None:
    """With inflow as usual, of a gap the share h is left after each month."""
    found = stocks_by_rule(18.0, np.full(12, 1.0), FLAT, np.full(12, 10.0), held=0.5, bounds=WIDE)
    assert found - 10.0 == pytest.approx(8.0 * 0.5 ** np.arange(1, 13))


@given(
    first=volumes,
    inflow=st.lists(volumes, min_size=1, max_size=40),
    release=st.lists(volumes, min_size=12, max_size=12),
    guide=st.lists(volumes, min_size=12, max_size=12),
    held=st.floats(0.0, 1.0),
)
def test_contents_stay_within_their_bounds_and_no_water_is_made(
    first: float, inflow: list[float], release: list[float], guide: list[float], held: float
) -> None:
    found = stocks_by_rule(first, np.array(inflow), np.array(release), np.array(guide), held=held, bounds=(5.0, 40.0))
    assert ((found >= 5.0) & (found <= 40.0)).all()
    before = np.concatenate([[max(first, 5.0)], found[:-1]])
    assert (found <= before + np.array(inflow) + 1e-9).all()


def test_stocks_of_2002_to_2007_are_seen_nearer_than_by_the_mean_year(corridor: Corridor) -> None:
    """The goal is 15 per cent of the live volume."""
    table = water_hindcast(corridor)
    assert sorted(set(table["year"])) == list(range(2002, 2008))
    assert table["place"].n_unique() == 6
    weight = table["live"] / table["live"].sum()
    model, naive = ((table[name].abs() * weight).sum() for name in ("error", "naive_error"))
    assert model < 0.15
    assert model < naive
    assert table["error"].abs().mean() < 0.15


def test_what_is_scored_is_not_used(corridor: Corridor) -> None:
    """Other stocks after the first and other releases of single years change no simulated stock."""
    observations = corridor["observations"]
    scored = pl.col("series").str.ends_with("-storage-on-1-january") & (pl.col("year") > 2001)
    record = pl.col("series").str.ends_with("-annual-outflow")
    other = observations.with_columns(value=pl.when(scored | record).then(0.5).otherwise(pl.col("value")))
    turned = replace(corridor, tables={**corridor.tables, "observations": other})
    assert water_hindcast(turned)["modelled"].equals(water_hindcast(corridor)["modelled"])


def test_a_place_without_a_full_record_is_left_out(corridor: Corridor) -> None:
    kept = corridor["observations"].filter(~pl.col("series").str.starts_with("toktogul-inflow-mean"))
    fewer = water_hindcast(replace(corridor, tables={**corridor.tables, "observations": kept}))
    assert "toktogul" not in set(fewer["place"])
    assert fewer["place"].n_unique() == 5
