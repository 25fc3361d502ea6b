"""Food of the embedded corridor in 2024: who grows, mills, buys and runs short, in a usual year and in a bad one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import jibek
from jibek.balances import Balance, System, balance, flows, prices, shortages, stocks, system_of
from jibek.corridor import Corridor, Scenario, apply_scenario, read_corridor, read_scenario

SCENARIOS = Path(jibek.__file__).parent / "datasets" / "central_asia" / "scenarios"
FOOD = ("wheat", "barley", "maize", "rice", "flour", "oilseeds", "meat", "fruit-vegetables")
GRAIN = ("wheat", "barley", "flour")
CROPS = ("wheat", "rice", "cotton")
SIX = ("KAZ", "UZB", "KGZ", "TJK", "TKM", "AFG")
ISOLATED = {"fergana-valley-irrigation", "kyzylorda-irrigation"}
"""Districts that feed themselves: they run short of what they grow where water is not balanced, too."""

FLOUR_OF_WHEAT = 0.7
SAME = 1e-6
EXPORTS = 0.15  # of all wheat and flour sold: two harvests and a marketing year stand for a typical one
QUOTED = 0.1  # of a price at the border: charges at borders are not paid here, and the quotes are of a later winter
IMPORTS = 1.75  # times more or less, of one country: its use is a rule, what it bought an estimate from parts of years


@cache
def corridor() -> Corridor:
    return read_corridor()


def carried(world: Corridor) -> Corridor:
    """Leave the food to balances, as they are run: flows then carry none of it."""
    food = pl.col("id").is_in(FOOD)
    decided = pl.when(food).then(pl.lit("balances")).otherwise("decided_by").alias("decided_by")
    return replace(world, tables={**world.tables, "commodities": world["commodities"].with_columns(decided)})


@cache
def found(scenario: str = "", goods: tuple[str, ...] = FOOD, step: str = "year") -> tuple[Corridor, System, Balance]:
    changed = (
        read_scenario(SCENARIOS / f"{scenario}.yaml", corridor()) if scenario else Scenario(name="2024", year=2024)
    )
    return solved(changed, goods, step)


def solved(scenario: Scenario, goods: tuple[str, ...], step: str) -> tuple[Corridor, System, Balance]:
    world = carried(apply_scenario(corridor(), scenario))
    if step == "month":
        world = among_the_six(world)
    system = system_of(world, goods, step=step, cyclic=True)
    return world, system, balance(system.problem)


def among_the_six(world: Corridor) -> Corridor:
    """Keep the lines within and between the six countries that grow and eat; a year of months is then soon solved."""
    inside = world["places"].filter(pl.col("country").is_in(SIX))["id"].implode()
    links = world["links"].filter(pl.col("from_place").is_in(inside), pl.col("to_place").is_in(inside))
    tables = {name: world[name].filter(pl.col("place").is_in(inside)) for name in ("supplies", "needs")}
    return replace(world, tables={**world.tables, **tables, "links": links})


def total(its: Balance, start: str, commodity: str) -> float:
    """Add up the supplies, needs or processes of a commodity."""
    named = pl.col("activity").str.starts_with(start) & pl.col("activity").str.contains(f"--{commodity}-")
    return float(flows(its).filter(named)["level"].sum())


def crossings(world: Corridor, its: Balance) -> dict[tuple[str, str, str], float]:
    """Tonnes from country to country, by commodity."""
    country = dict(world["places"].select("id", "country").iter_rows())
    ends = {row[0]: (country[row[1]], country[row[2]]) for row in world["links"].iter_rows()}
    found: dict[tuple[str, str, str], float] = defaultdict(float)
    for activity, _, level in flows(its).iter_rows():
        table, *rest = activity.split("/")
        if table == "links":
            link, direction, commodity = rest
            start, end = ends[link] if direction == "forward" else ends[link][::-1]
            if start != end:
                found[start, end, commodity] += level
    return found


def bought(world: Corridor, its: Balance, country: str) -> float:
    """Tonnes of wheat and flour that a country takes in, less what leaves it, all as wheat."""
    sums = 0.0
    for (start, end, commodity), level in crossings(world, its).items():
        wheat = {"wheat": 1.0, "flour": 1 / FLOUR_OF_WHEAT}.get(commodity, 0.0) * level
        sums += wheat * ((end == country) - (start == country))
    return sums


def bought_by_count(world: Corridor, country: str) -> float:
    """Say the same of the table of demand, which rests on published trade."""
    rows = world["demand"].filter(pl.col("year") == 2024)
    sums = 0.0
    for commodity, weight in (("wheat", 1.0), ("flour", 1 / FLOUR_OF_WHEAT)):
        its = rows.filter(commodity=commodity)
        sums += weight * float(its.filter(destination=country)["quantity"].sum())
        sums -= weight * float(its.filter(origin=country)["quantity"].sum())
    return sums


def short_by_country(world: Corridor, its: Balance) -> dict[str, float]:
    """Tonnes that are missing, without the districts that stand alone."""
    country = dict(world["places"].select("id", "country").iter_rows())
    missing: dict[str, float] = defaultdict(float)
    for need, short in shortages(its).select("need", "short").iter_rows():
        place = need.removeprefix("needs/need--").split("--")[0]
        if place not in ISOLATED:
            missing[country[place]] += short
    return {name: value for name, value in missing.items() if value > 1}


def test_food_is_conserved_from_field_to_mouth() -> None:
    """What is harvested is eaten, fed, milled; what is milled is flour."""
    _, _, its = found()
    assert its.certificate.imbalance < SAME
    assert its.certificate.gap < SAME
    milled = float(flows(its).filter(pl.col("activity").str.starts_with("processes/milling"))["level"].sum())
    assert total(its, "supplies/", "wheat") == pytest.approx(total(its, "needs/", "wheat") + milled)
    flour = total(its, "supplies/", "flour") + FLOUR_OF_WHEAT * milled
    assert total(its, "needs/", "flour") == pytest.approx(flour)
    for food in ("barley", "oilseeds", "meat", "fruit-vegetables"):
        assert total(its, "supplies/", food) == pytest.approx(total(its, "needs/", food))


def test_in_a_usual_year_nobody_runs_short() -> None:
    """Beside the districts whose water is not balanced here, which the notices name."""
    world, system, its = found()
    assert short_by_country(world, its) == {}
    named = {fault.row for fault in system.left_out if fault.table == "processes"}
    assert {f"growing-wheat--{min(ISOLATED)}", f"growing-rice--{max(ISOLATED)}"} <= named


def test_kazakhstan_sells_about_what_is_published() -> None:
    """Wheat and flour as wheat: only sales beyond the five and Afghanistan are an input, a sixth of the sum."""
    world, _, its = found(goods=GRAIN)
    series = world["observations"].filter(series="kaz-farming-wheat-and-flour-export-world", year=2024)
    published = series["value"].item() * 1e6
    assert -bought(world, its, "KAZ") == pytest.approx(published, rel=EXPORTS)


@pytest.mark.parametrize("country", ["UZB", "TJK", "KGZ", "AFG"])
def test_neighbours_buy_about_what_was_counted(country: str) -> None:
    """Their harvest and use are inputs, not their trade."""
    world, _, its = found(goods=GRAIN)
    ratio = bought(world, its, country) / bought_by_count(world, country)
    assert 1 / IMPORTS < ratio < IMPORTS


def test_the_neighbours_stand_in_the_order_of_their_purchases() -> None:
    world, _, its = found(goods=GRAIN)
    neighbours = ["UZB", "TJK", "KGZ"]
    assert sorted(neighbours, key=lambda name: bought(world, its, name)) == sorted(
        neighbours, key=lambda name: bought_by_count(world, name)
    )


@pytest.mark.parametrize(
    ("place", "quote"),
    [("altynkol/rail_1520", "price-dap-altynkol-or-dostyk-chn"), ("aktau-port/short_sea", "price-fob-aktau-irn")],
)
def test_barley_costs_at_the_frontier_what_is_quoted(place: str, quote: str) -> None:
    """Only the quotes at Saryagash are an input: the way to China and to the sea is added by the tariffs."""
    world, _, its = found(goods=GRAIN)
    quoted = world["observations"].filter(series=f"kaz-farming-barley-{quote}")["value"].item()
    assert prices(its).filter(place=place, commodity="barley")["usd"].item() == pytest.approx(quoted, rel=QUOTED)


def test_a_bad_harvest_leaves_the_far_buyers_short_and_kazakhstan_fed() -> None:
    """All that grew is used, and what is missing is missing among those who buy, farthest from the fields."""
    world, system, its = found("bad-harvest", GRAIN)
    missing = short_by_country(world, its)
    assert {"AFG", "AZE", "CHN", "IRN"} <= set(missing)
    assert "KAZ" not in missing
    assert "UZB" not in missing
    acts = system.problem.activities
    wheat = [n for n, name in enumerate(acts.ids) if name.startswith("supplies/") and "--wheat--" in name]
    assert its.level[wheat].sum() == pytest.approx(acts.most[wheat].sum())
    _, _, usual = found(goods=GRAIN)
    assert its.usd > usual.usd


def test_an_import_ban_in_a_bad_harvest_is_felt_in_kabul() -> None:
    """The wheat that Russia does not send, 133 of 366 days, is flour that Afghanistan lacks; nobody else does."""
    world, _, its = found("food/bad-harvest-and-import-ban", GRAIN)
    before, after = short_by_country(world, found("bad-harvest", GRAIN)[2]), short_by_country(world, its)
    banned = FLOUR_OF_WHEAT * 330_000 * 133 / 366
    assert after["AFG"] - before["AFG"] == pytest.approx(banned, rel=SAME)
    assert {**after, "AFG": 0} == pytest.approx({**before, "AFG": 0})


def test_a_closed_uzbek_border_costs_the_way_round() -> None:
    """Nobody runs short while Turkmenistan lets pass, but bread gets dearer from Tashkent to Kabul."""
    world, _, its = found("food/uzbek-border-closed", GRAIN)
    assert short_by_country(world, its) == {}
    through = crossings(world, its)
    assert not any(level for (start, end, _), level in through.items() if (start, end) == ("KAZ", "UZB"))
    _, _, usual = found(goods=GRAIN)
    before, after = ({row[:2]: row[3] for row in prices(each).iter_rows()} for each in (usual, its))
    for place, least in (("tashkent", 30), ("dushanbe", 30), ("kabul", 30)):
        assert after[place, "flour"] > before[place, "flour"] + least
    assert after["petropavl", "wheat"] == pytest.approx(before["petropavl", "wheat"])


def test_without_kazakhstan_its_southern_neighbours_run_short() -> None:
    country = dict(corridor()["places"].select("id", "country").iter_rows())
    world = corridor()["links"].filter(pl.col("status") == "operating")
    closed = tuple(
        {"links": link}
        for link, start, end in world.select("id", "from_place", "to_place").iter_rows()
        if (country[start] == "KAZ") != (country[end] == "KAZ")
    )
    world, _, its = solved(Scenario(name="alone", year=2024, close=closed), ("wheat", "flour"), "year")
    missing = short_by_country(world, its)
    assert {"UZB", "TJK", "AFG"} <= set(missing)
    assert "KAZ" not in missing


def test_wheat_is_kept_from_harvest_to_harvest() -> None:
    """Month by month: granaries are fullest in October and emptiest before the southern harvest; all use is even."""
    world, _, its = found(goods=("wheat", "flour"), step="month")
    assert its.certificate.imbalance < SAME
    assert short_by_country(world, its) == {}
    country = dict(world["places"].select("id", "country").iter_rows())
    place = pl.col("store").str.replace("stores/", "").str.split("--").list.first()
    kazakh = stocks(its).filter(place.replace_strict(country, default="") == "KAZ")
    content = kazakh.group_by("period").agg(pl.col("content").sum()).sort("period")["content"].to_numpy()
    assert int(np.argmax(content)) == 9
    assert int(np.argmin(content)) in {4, 5, 6, 7}
    mouths = flows(its).filter(pl.col("activity").str.contains("need--kabul--flour"))["level"].to_numpy()
    days = np.array([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    assert mouths == pytest.approx(mouths.sum() * days / days.sum())


def test_less_water_less_crop() -> None:
    """With the long-term mean all fields are watered; with ever less of it ever less grows, and the needs name it."""
    harvest = []
    world = apply_scenario(corridor(), Scenario(name="2024", year=2024))
    stores = world["stores"].with_columns(
        pl.lit(None, dtype=pl.Float64).alias("initial"), final=pl.lit(None, pl.Float64)
    )
    for share in (1.0, 0.5, 0.25):
        water = pl.when(pl.col("commodity") == "water").then(share).otherwise(1.0)
        supplies = world["supplies"].with_columns(pl.col("quantity", "minimum") * water)
        dry = replace(world, tables={**world.tables, "supplies": supplies, "stores": stores})
        its = balance(system_of(dry, ["water", "power", *CROPS], step="month", cyclic=True).problem)
        grown = pl.col("activity").str.contains("need--.*-irrigation--(wheat|rice|cotton)--")
        harvest.append(float(flows(its).filter(grown)["level"].sum()))
    wanted = world["needs"].filter(
        pl.col("place").str.ends_with("-irrigation"), pl.col("commodity").is_in(CROPS), year=2024
    )
    assert harvest[0] == pytest.approx(wanted["quantity"].sum())
    assert harvest[0] >= harvest[1] > harvest[2] > 0


def test_with_water_the_districts_feed_themselves() -> None:
    """Food, water and power in one programme: what the food alone lacks grows on the watered fields."""
    system, its = found(goods=(*GRAIN, "rice", "cotton", "water", "power"))[1:]
    missing = shortages(its)["need"].str.extract(r"need--(.*-irrigation)--(?:wheat|rice|cotton)").drop_nulls()
    assert missing.is_empty()
    assert "growing-wheat--fergana-valley-irrigation" not in {fault.row for fault in system.left_out}


def test_the_order_of_rows_changes_no_meal() -> None:
    world, system, its = found(goods=("wheat", "flour"))
    turned = replace(world, tables={name: table.reverse() for name, table in world.tables.items()})
    again = system_of(turned, ["wheat", "flour"], step="year", cyclic=True)
    assert again.problem.activities.ids == system.problem.activities.ids
    assert np.array_equal(balance(again.problem).level, its.level)
