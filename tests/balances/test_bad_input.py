"""Tables that are no system: what a scenario can break is found when the tables are read, with table, row and column.

What a scenario cannot break is found by `jibek check`; see `BALANCES` in tests/corridor/test_checks.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from example_world import GOODS, cell, edited, example, gone, read, row

from jibek.balances import balance
from jibek.errors import BalanceError, Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from example_world import Edit

    from jibek.corridor import Corridor

WATER, LINE = "kapchagay-water", "almaty-aktau-line"


def refused(world: Corridor, goods: Sequence[str] = GOODS) -> tuple[Fault, ...]:
    with pytest.raises(BalanceError) as raised:
        read(world, goods)
    assert all(fault.expected and fault.remedy for fault in raised.value.faults)
    return raised.value.faults


CELLS = [
    (cell("supplies", "kapchagay-inflow", minimum=13000.0), "supplies", "minimum", "at most the quantity, 12000"),
    (cell("needs", "almaty-flour", minimum=300000.0), "needs", "minimum", "at most the quantity, 200000"),
    (cell("stores", WATER, initial=5000.0), "stores", "initial", "from the dead volume to the capacity, 6000 to 18000"),
    (cell("stores", WATER, final=19000.0), "stores", "final", "from the dead volume to the capacity"),
    (cell("stores", WATER, area_curve=None), "stores", "area_curve", "a curve, since water evaporates"),
    (cell("stores", WATER, capacity=19000.0), "stores", "area_curve", "a curve from 6000 to 19000"),
    (cell("curves", "kapchagay-area", y=-1.0), "stores", "area_curve", "areas from 0"),
    (cell("resources", LINE, minimum=5.0), "resources", "minimum", "at most what there is in 2025-01, 4"),
    (cell("resources", LINE, background=13.0), "resources", "background", "at most what there is in 2025-01, 12"),
    (
        cell("resources", "irrigation-share", minimum=6e8),
        "resources",
        "minimum",
        "at most what there is in 2025-01, 5e+08",
    ),
]


@pytest.mark.parametrize(
    ("edit", "table", "column", "expected"), CELLS, ids=lambda part: "edit" if callable(part) else str(part)[:40]
)
def test_a_cell_that_contradicts_another_is_a_fault_and_is_not_cut(
    edit: Edit, table: str, column: str, expected: str
) -> None:
    (fault,) = refused(edited(edit))
    assert (fault.table, fault.column) == (table, column)
    assert fault.row in {"kapchagay-inflow", "almaty-flour", WATER, LINE, "irrigation-share"}
    assert expected in fault.expected


def test_dead_volume_above_the_capacity_puts_all_contents_outside() -> None:
    faults = refused(edited(cell("stores", WATER, dead=19000.0)))
    assert {(fault.table, fault.row, fault.column) for fault in faults} == {
        ("stores", WATER, column) for column in ("dead", "initial", "final")
    }


def test_goods_without_a_conversion_to_the_unit_of_a_resource_are_named_one_by_one() -> None:
    faults = refused(edited(gone("conversions", "freight")))
    assert {(fault.table, fault.column, fault.value) for fault in faults} == {
        ("resource_users", "commodity", f"{goods} in train") for goods in ("flour", "grain")
    }
    assert all(fault.row.startswith(f"{LINE}/links/") for fault in faults)


def test_a_process_that_uses_a_resource_by_goods_needs_their_conversion() -> None:
    (fault,) = refused(edited(cell("resources", "irrigation-share", unit="train")))
    assert (fault.table, fault.row) == ("resource_users", "irrigation-share/processes/almaty-fields")
    assert fault.expected == "a conversion of water to train"


def test_goods_that_nobody_knows_are_a_fault() -> None:
    (fault,) = refused(example(), ["water", "wine"])
    assert (fault.table, fault.row) == ("commodities", "wine")


def test_all_faults_are_told_at_once() -> None:
    edits = (edit for edit, *_ in CELLS[:5])
    assert len(refused(edited(*edits))) == 5


def test_a_scenario_that_leaves_less_than_the_background_is_a_fault() -> None:
    """Of 12 trains a day, 8 pass on other business; with room for 6 there is none for them."""
    (fault,) = refused(example(set={f"{LINE}/capacity": 6}))
    assert (fault.table, fault.row, fault.column, fault.value) == ("resources", LINE, "background", "8")


def test_a_process_that_returns_more_than_another_took_is_a_circle_that_is_named() -> None:
    """A mill makes 0.75 of flour from 1 of grain; who makes 1.4 of grain from 1 of flour makes it from nothing."""
    flow = {"process": "unmilling", "yield_min": 1.0, "yield_max": 1.0}
    world = edited(
        row("processes", id="unmilling", name="Mill run backwards", place="almaty", activity_unit="t"),
        row("process_flows", **flow, commodity="flour", side="in"),
        row("process_flows", **(flow | {"yield_min": 1.4, "yield_max": 1.4}), commodity="grain", side="out"),
    )
    (fault,) = refused(world)
    assert fault.table == "processes"
    assert fault.value == "something from nothing"
    assert {"almaty-mill (Flour mill)", "unmilling (Mill run backwards)"} <= set(fault.row.split("; "))


def test_a_store_that_is_not_built_yet_keeps_nothing() -> None:
    empty = dict.fromkeys(("capacity", "dead", "initial", "final"), 0.0)
    system = read(edited(cell("stores", WATER, **empty, evaporation_mm_year=None)))
    assert system.problem.stores.ids == ("stores/aktau-silo",)


# Nothing is cut or skipped.


def test_a_line_that_is_open_for_half_a_year_has_half_of_its_capacity_background_and_minimum() -> None:
    """12 trains a day, 8 of them taken, at least 2 to be used: half a year leaves half of 4 and asks for half of 2."""
    whole, half = (
        read(edited(cell("resources", LINE, minimum=2.0, open_share=share))).problem.limits for share in (1.0, 0.5)
    )
    its = [number for number, name in enumerate(whole.ids) if name.startswith(LINE)]
    assert whole.most[its].sum() == pytest.approx(4 * 365)
    assert half.most[its] == pytest.approx(whole.most[its] / 2)
    assert half.least[its] == pytest.approx(whole.least[its] / 2)


def frontier(**border: object) -> Corridor:
    """Put a border with a wait of five days on the line, the only one that goods pass."""
    border = {"direction": None, "commodity": None, "hours": 120.0, "open_share": 1.0} | border
    return row("borders", id="frontier", link="almaty--aktau-port--rail_1520", **border)(example())


@pytest.mark.parametrize(
    ("border", "closed"),
    [
        ({}, {"forward/flour", "forward/grain", "backward/flour", "backward/grain"}),
        ({"direction": "forward"}, {"forward/flour", "forward/grain"}),
        ({"commodity": "grain"}, {"forward/grain", "backward/grain"}),
        ({"commodity": "freight", "direction": "backward"}, {"backward/flour", "backward/grain"}),
        ({"commodity": "containers"}, set()),
    ],
)
def test_a_closed_border_lets_nothing_pass_that_it_is_for(border: dict[str, str], closed: set[str]) -> None:
    name = "links/almaty--aktau-port--rail_1520/"
    world = frontier(open_share=0.0, **border)
    carried = {each.removeprefix(name) for each in read(world).problem.activities.ids if each.startswith(name)}
    every = {f"{direction}/{goods}" for direction in ("forward", "backward") for goods in ("flour", "grain")}
    assert carried == every - closed


def test_a_border_of_goods_stands_in_for_that_of_all() -> None:
    """Of two borders on a link, grain waits at the one that is for grain, flour at the other."""

    def delay(world: Corridor, goods: str) -> float:
        acts = read(world).problem.activities
        number = acts.ids.index(f"links/almaty--aktau-port--rail_1520/forward/{goods}")
        late = (acts.activity == number) & (acts.delay > 0)
        return float((acts.amount[late, 0] * acts.delay[late]).sum())

    world = frontier()
    both = row(
        "borders", id="grain", link="almaty--aktau-port--rail_1520", commodity="grain", hours=24.0, open_share=1.0
    )(world)
    month = 365 / 12
    assert delay(world, "grain") == pytest.approx((100 + 120) / 24 / month)
    assert delay(both, "grain") == pytest.approx((100 + 24) / 24 / month)
    assert delay(both, "flour") == pytest.approx((100 + 120) / 24 / month)


# What has no answer is told by rows and names.


def told(world: Corridor) -> dict[tuple[str, str, str], list[str]]:
    with pytest.raises(BalanceError) as raised:
        balance(read(world).problem)
    found: dict[tuple[str, str, str], list[str]] = {}
    for fault in raised.value.faults:
        found.setdefault((fault.table, fault.row, fault.column), []).append(fault.value)
    return found


def test_a_reservoir_that_cannot_be_full_again_names_what_it_lacks_and_who_holds_it() -> None:
    """Nothing flows in, 14,000 have to be there at the end, and some evaporates."""
    found = told(edited(cell("supplies", "kapchagay-inflow", quantity=0.0)))
    (lacking,) = found["places", "kapchagay (Kapchagay reservoir)", "water"]
    assert "lacking in 2025-" in lacking
    assert found["stores", f"{WATER} (Kapchagay reservoir)", "dead or final"] == ["holds at 14000 in 2025-12"]


def test_bread_that_must_be_delivered_names_the_closed_line_s_ends_and_the_contract() -> None:
    """The line from the fields to the mill is closed: 150,000 tonnes a year, spread by month, are lacking."""
    found = told(edited(cell("links", "kapchagay--almaty--rail_1520", open_share=0.0)))
    (contract,) = found["needs", "almaty-flour (Almaty)", "minimum"]
    assert contract.startswith("holds at 1")
    assert contract.endswith("and 11 more")
    assert {table for table, _, _ in found} <= {"needs", "places", "process_flows"}


def test_a_share_of_water_that_is_too_small_for_the_bread_is_named() -> None:
    """A fifth of the water share: what it waters feeds fewer than have to be."""
    found = told(edited(cell("resources", "irrigation-share", capacity=1e8)))
    named = "irrigation-share (Water for irrigation, April to September)"
    assert found["resources", named, "capacity"][0].endswith("in 2025-04 to 2025-09")
    assert ("needs", "almaty-flour (Almaty)", "minimum") in found


def test_a_tariff_that_pays_for_going_round_names_the_line_that_earns_without_end() -> None:
    found = told(edited(cell("rates", "rail-grain", usd_per_unit_km=-1.0)))
    name = "kapchagay--almaty--rail_1520/{}/grain (Kapchagay reservoir – Almaty)"
    assert found["links", name.format("forward"), ""] == ["no end in 2025-01 and 11 more"]
    assert ("links", name.format("backward"), "") in found
    assert {table for table, _, _ in found} == {"links"}
