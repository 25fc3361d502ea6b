"""The World Bank's look at the Middle Corridor (2023): only the sign of what it found is asked for.

Cargo over the Caspian times 3.09 from 2021 to 2030, trade among Azerbaijan, Georgia and Kazakhstan +37 %, of the three
with the European Union +28 %, of China with it +30 %. `docs/explanation/trade.md` sets the model's ratios beside these
and explains the gaps; here the demand is cut down to that which may cross the Caspian.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from jibek.corridor import Corridor, packaged_scenarios
from jibek.flows import Flows, flow_tables
from jibek.study.assignment import assigned_in
from jibek.study.case import Case
from jibek.study.flow_measures import link_flows
from jibek.study.trade import agree
from jibek.study.trade_costs import carried_in
from jibek.study.trade_forecast import forecast
from jibek.trade import economies_of, matrix_of

EAST, WEST = ("CHN", "KAZ", "TKM"), ("AZE", "GEO")
YEARS = (2021, 2025)
THREE = ("AZE", "GEO", "KAZ")


@pytest.fixture(scope="module")
def case(corridor: Corridor) -> Case:
    east, west = (pl.col(side).is_in(EAST) for side in ("origin", "destination"))
    away, back = (pl.col(side).is_in(WEST) for side in ("destination", "origin"))
    demand = corridor["demand"].filter(((east & away) | (back & west)) & pl.col("year").is_in(YEARS))
    cut = replace(corridor, tables={**corridor.tables, "demand": demand})
    (built,) = (each for each in packaged_scenarios(None, corridor) if each.name == "under-construction-2030")
    return Case(cut, built)


def over_the_caspian(world: Corridor, flows: Flows) -> float:
    """Tonnes a year between Kazakhstan or Turkmenistan and Azerbaijan."""
    country = world["places"].select("id", "country")
    ends = world["links"].join(country, left_on="from_place", right_on="id")
    ends = ends.join(country, left_on="to_place", right_on="id", suffix="_to")
    shores = (pl.col("country").is_in(["KAZ", "TKM"]) & (pl.col("country_to") == "AZE")) | (
        (pl.col("country") == "AZE") & pl.col("country_to").is_in(["KAZ", "TKM"])
    )
    ferries = ends.filter(shores)["id"]
    carried = link_flows(flow_tables(flows, world)).filter(pl.col("id").is_in(ferries.implode()))
    return float(carried["tonnes"].sum())


def test_more_goes_over_the_caspian_once_the_corridor_is_built(case: Case) -> None:
    before = assigned_in(case, 2021)
    records, economy = matrix_of(case.world, 2023), economies_of(case.world, 2023)
    found = agree(case, records, economy, carried_in(case.in_year(2023), records.matrix, economy))
    assert found.converged, found.reason
    assert over_the_caspian(case.world, found.flows) > over_the_caspian(before.world, before.flows) > 0


def test_trade_that_the_bank_expects_to_grow_grows(case: Case) -> None:
    world = case.world
    ahead = forecast(world, matrix_of(world, 2023), economies_of(world, 2023), None)
    for ones, others in ((THREE, THREE), (THREE, ("EU27",)), (("CHN",), ("EU27",))):
        pair = pl.col("exporter").is_in(ones) & pl.col("importer").is_in(others)
        sums = ahead.filter(pair).group_by("year").agg(pl.col("low_usd").sum()).sort("year")
        assert dict(sums.iter_rows())[2030] > dict(sums.iter_rows())[2023]
