"""What rows of the tables become: each kind worked out by hand on the worked example, whose months are of 2025."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from example_world import cell, edited, example, read, row

from jibek.balances import balance, binding

if TYPE_CHECKING:
    from example_world import Edit

    from jibek.balances import Problem
    from jibek.corridor import Corridor

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
SNOWMELT = np.array([0.03, 0.03, 0.05, 0.1, 0.18, 0.2, 0.16, 0.1, 0.06, 0.04, 0.03, 0.02])
WATER_PER_HA = 0.0065  # million m3, the middle of two yields
LINK = "almaty--aktau-port--rail_1520"
LINE = "almaty-aktau-line"
SEASON = slice(3, 9)  # April to September


def brought(problem: Problem, name: str, *, delay: int = 0) -> dict[tuple[str, str], float]:
    """Give what a unit of an activity brings in the first period, by account."""
    acts = problem.activities
    its = (acts.activity == acts.ids.index(name)) & (acts.delay == delay)
    accounts = [problem.accounts[number] for number in acts.account[its]]
    return dict(zip(accounts, acts.amount[its, 0].tolist(), strict=True))


def limits(world: Corridor, start: str) -> tuple[list[str], list[str], list[float]]:
    """Give names, periods and mosts of the limits whose name starts so."""
    its = read(world).problem.limits
    found = [number for number, name in enumerate(its.ids) if name.startswith(start)]
    return [its.ids[number] for number in found], [its.periods[number] for number in found], its.most[found].tolist()


def test_a_reservoir_loses_what_evaporates_from_its_surface() -> None:
    """900 mm from 900 km2 when it is as good as empty, from 1,849.96 km2 when it is full: in million m3 a year."""
    stores = read(example()).problem.stores
    number = stores.ids.index("stores/kapchagay-water")
    full = 1400 + 450 * 6000 / 6000.5
    for content, area in ((6000, 900), (18000, full)):
        lost = stores.loss[number] + stores.loss_rate[number] * content
        assert lost == pytest.approx(0.9 * area * DAYS / 365)


def test_a_link_loses_a_share_of_what_enters_and_takes_its_hours() -> None:
    """100 hours of a month of 730 are 0.137 of a period: of 0.8 that arrive so much arrives a month later."""
    problem = read(edited(cell("links", LINK, loss=0.2))).problem
    name, late = f"links/{LINK}/forward/grain", 100 / 730
    assert brought(problem, name) == {
        ("almaty", "grain"): -1.0,
        ("aktau-port", "grain"): pytest.approx(0.8 * (1 - late)),
    }
    assert brought(problem, name, delay=1) == {("aktau-port", "grain"): pytest.approx(0.8 * late)}


@pytest.mark.parametrize("months", [2.0, 2.25])
def test_a_river_of_several_months_arrives_so_much_later(months: float) -> None:
    problem = read(edited(cell("links", LINK, hours=months * 730))).problem
    name = f"links/{LINK}/forward/grain"
    arriving = {n: brought(problem, name, delay=n).get(("aktau-port", "grain"), 0.0) for n in (1, 2, 3)}
    assert arriving == {1: 0.0, 2: pytest.approx(1 - months % 1), 3: pytest.approx(months % 1)}


def test_a_border_and_a_link_are_paid_and_waited_for_together() -> None:
    """2 USD and 0.02 a km for the way of 3,100 km; a border of 24 hours that takes 1.5 USD in either direction."""
    toll = {"id_of": "frontier", "unit": "t", "usd_per_unit": 1.5, "usd_per_unit_km": 0.0, "payee": "customs"}
    paid = row("rates", id="toll", table="borders", **toll)
    world = edited(row("borders", id="frontier", link=LINK, hours=24.0, open_share=1.0), paid)
    problem = read(world).problem
    number = problem.activities.ids.index(f"links/{LINK}/backward/flour")
    assert problem.activities.usd[number] == pytest.approx(2 + 0.02 * 3100 + 1.5)
    assert brought(problem, f"links/{LINK}/backward/flour", delay=1) == {
        ("almaty", "flour"): pytest.approx((100 + 24) / 730)
    }


def test_a_terminal_takes_its_hours() -> None:
    """Grain may go on by ship, which takes 73 of 730 hours at the port: a tenth arrives a month later."""
    world = edited(
        cell("commodities", "grain", modes=["rail_1520", "feeder"]),
        cell("terminals", "aktau-port--rail-sea", commodity="grain", hours=73.0),
    )
    name = "terminals/aktau-port--rail-sea/forward/grain"
    assert brought(read(world).problem, name, delay=1) == {("aktau-port/feeder", "grain"): pytest.approx(0.1)}


@pytest.mark.parametrize(
    ("each", "names"),
    [
        (None, {LINE}),
        ("direction", {f"{LINE}/forward", f"{LINE}/backward"}),
        ("member", {f"{LINE}/links/{LINK}"}),
        ("member_direction", {f"{LINE}/links/{LINK}/forward", f"{LINE}/links/{LINK}/backward"}),
    ],
)
def test_a_capacity_holds_for_whom_it_says(each: str | None, names: set[str]) -> None:
    found, periods, most = limits(edited(cell("resources", LINE, each=each)), LINE)
    assert set(found) == names
    assert most[:12] == pytest.approx([(12 - 8) * days for days, _ in zip(DAYS, periods, strict=False)])


def test_a_rate_follows_its_profile_of_factors() -> None:
    """Ice leaves a tenth in the first month: of 20 a day, 2, less 1 that moves there outside."""
    factors = {month: 0.1 if month == "jan" else 1.0 for month in MONTHS}
    world = edited(
        row("profiles", id="ice", kind="factor", **factors),
        cell("resources", LINE, profile="ice", capacity=20.0, background=1.0),
    )
    assert limits(world, LINE)[2] == pytest.approx(DAYS * np.array([2 - 1, *[20 - 1] * 11]))


def test_a_licence_over_the_turn_of_the_year_counts_its_months() -> None:
    """From October to March a field takes 0.2 of its year's water, 0.0065 million m3 a hectare."""
    problem = read(edited(cell("resources", "irrigation-share", first_month=10, last_month=3))).problem
    number = problem.limits.ids.index("irrigation-share")
    its = problem.limits.limit == number
    assert problem.limits.periods[number] == "2025-10 to 2025-03"
    assert problem.limits.period[its].tolist() == [0]
    assert problem.limits.weight[its] == pytest.approx([WATER_PER_HA * 1e6 * (1 - SNOWMELT[SEASON].sum())])


def hungry(*edits: Edit) -> Corridor:
    """Give the example with so dear a need of flour that fields grow until something binds."""
    return edited(cell("needs", "almaty-flour", quantity=1e7, minimum=0.0), *edits)


def test_a_yearly_field_uses_the_share_of_water_when_it_takes_it() -> None:
    """500 million m3 from April to September, when 0.8 of the year's 0.0065 a hectare are taken."""
    found = balance(read(hungry()).problem)
    level = found.level[found.problem.activities.ids.index("processes/almaty-fields")]
    assert level == pytest.approx([500 / (WATER_PER_HA * 0.8), *[0] * 11])
    assert binding(found)["resource"].to_list() == ["irrigation-share"]


def test_sown_land_counts_whole_in_a_sum_of_any_months_and_by_days_in_a_rate() -> None:
    land = {"name": "Land", "kind": "land", "unit": "ha", "per": "year", "open_share": 1.0, "capacity": 50_000.0}
    user = row("resource_users", resource="land", table="processes", id="almaty-fields", weight=1.0)
    for how in ({"limit": "total", "first_month": 4, "last_month": 9}, {"limit": "rate"}):
        found = balance(read(hungry(row("resources", id="land", **land, **how), user)).problem)
        level = found.level[found.problem.activities.ids.index("processes/almaty-fields")]
        assert level == pytest.approx([50_000, *[0] * 11])
