"""Who gains and who loses water: a dry year, the climate of 2030, Qosh Tepa in full use, Kazakh promises kept."""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest

from jibek import Corridor, read_corridor
from jibek.balances import Balance, balance, described_year, system_of
from jibek.corridor import Scenario, apply_scenario, packaged_scenarios
from jibek.study import balance_results
from jibek.study.balances import balanced

SAME = 1.0  # million m3: rounding of needs of thousands, summed over months
RIVERS = ("naryn", "karadarya", "chirchik", "arys", "vakhsh")


@cache
def base() -> Corridor:
    return read_corridor()


@cache
def answer(name: str = "") -> tuple[pl.DataFrame, Balance]:
    """Balance energy, water and food in a packaged scenario, or as they stand: needs by place over the year."""
    scenario = {each.name: each for each in packaged_scenarios(None, base())}.get(
        name, Scenario(name="base", year=2025)
    )
    return served(apply_scenario(base(), scenario))


def served(world: Corridor) -> tuple[pl.DataFrame, Balance]:
    year = described_year(world, list(balance_results.systems_of(world)))
    system, found = balanced(world, list(balance_results.systems_of(world)), year, freight=False)
    country = world["places"].select(place="id", country="country")
    needs = balance_results.needs(world, system, found).filter(system="water").join(country, on="place")
    kept = ["place", "country", pl.col("priority") == 0]  # a market or a need
    return needs.group_by(kept).agg(pl.col("wanted", "delivered", "short").sum()), found


def changes(name: str) -> pl.DataFrame:
    """Who gets more and who less than as things stand: changes of what is delivered and of what is short."""
    both = answer()[0].join(answer(name)[0], on=["place", "country", "priority"], suffix="_then")
    return both.select(
        *("place", "country", "priority"),
        more=pl.col("delivered_then") - pl.col("delivered"),
        shorter=pl.col("short_then") - pl.col("short"),
    )


def by_country(name: str) -> dict[str, float]:
    return dict(changes(name).group_by("country").agg(pl.col("more").sum()).iter_rows())


def by_place(name: str, *, market: bool = False) -> dict[str, float]:
    return dict(changes(name).filter(priority=market).select("place", "more").iter_rows())


def test_in_a_dry_year_nobody_gains_and_both_seas_lose() -> None:
    change = changes("dry-year")
    assert change["more"].max() <= SAME
    assert change["shorter"].min() >= -SAME
    assert by_place("dry-year")["south-aral-delta"] < -1000
    assert by_place("dry-year", market=True)["north-aral-sea"] < -1000


def test_where_no_river_dries_nobody_loses() -> None:
    """Ili, Irtysh, Chu and Talas are no part of the basin of the Aral Sea."""
    others = {"lake-balkhash", "ili-china", "satpayev-canal", "zhambyl-irrigation"}
    assert others <= by_place("dry-year").keys()
    assert all(abs(by_place("dry-year")[place]) <= SAME for place in others)


def test_qosh_tepa_gives_to_afghanistan_what_turkmenistan_and_uzbekistan_lose() -> None:
    gained = by_country("qosh-tepa")
    assert gained["AFG"] == pytest.approx(6000, abs=SAME)
    assert gained["TKM"] < -100
    assert gained["UZB"] < -1000
    assert gained["AFG"] + gained["TKM"] + gained["UZB"] > 0, "a river that runs on loses a quarter on its way"
    assert abs(gained["KAZ"]) <= SAME, "the Syr Darya knows nothing of it"


def test_promises_of_saving_reach_the_north_aral() -> None:
    """Losses halved and 1.3 million hectares saving water: fields want less, nobody is shorter, the sea gains."""
    assert changes("kazakh-water-saving")["shorter"].max() <= SAME
    assert by_place("kazakh-water-saving", market=True)["north-aral-sea"] > 100
    assert by_place("kazakh-water-saving")["kyzylorda-irrigation"] < -1000
    gained = by_country("kazakh-water-saving")
    assert all(abs(more) <= SAME for country, more in gained.items() if country != "KAZ")


def test_in_2030_nobody_is_less_short_and_somebody_more() -> None:
    change = changes("climate-2030")
    assert change["shorter"].min() >= -SAME
    assert change["shorter"].max() > 100
    assert by_place("climate-2030", market=True)["north-aral-sea"] < 0


def test_the_drier_the_dearer() -> None:
    """With ever less water in the rivers the least cost never falls, and the sum of what is delivered never rises."""
    found = []
    for share in (1.0, 0.92, 0.84, 0.7):
        scale = {
            f"supplies/supply--{river}-in--water--*/{column}": share
            for river in RIVERS
            for column in ("quantity", "minimum")
        }
        scenario = Scenario(name="dry", year=2025, scale=scale)
        needs, solved = served(apply_scenario(base(), scenario))
        found.append((solved.usd, -needs["delivered"].sum()))
    assert found == sorted(found)
    assert [sent for _, sent in found] == sorted(sent for _, sent in found)


def test_water_and_power_alone_are_told_in_the_same_tables() -> None:
    world = apply_scenario(base(), Scenario(name="base", year=2025))
    system = system_of(world, ["water", "power"], step="month", cyclic=True, year=2024)
    found = balance(system.problem)
    sheet = balance_results.balance_sheet(world, system, found)
    needs = balance_results.needs(world, system, found)
    assert set(sheet["commodity"]) == set(needs["commodity"]) == {"water", "power"}
    assert dict(needs.select("commodity", "unit").iter_rows()) == {"water": "million m3", "power": "GWh"}
    assert balance_results.carried(world, found, sheet).height > 0
