"""Flows and balances on the same lines: nothing is loaded twice, and each leaves the other its room."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from jibek.errors import ConflictError
from jibek.study.case import Case
from jibek.study.sharing import Shared, taken_by_flows
from jibek.study.study import run_study
from small_corridor import GOODS, make_corridor
from small_flows import DAYS, first_link, resource, user, wants, ways_between

BALANCED = GOODS | {"modes": ["rail"]}
GRAIN = BALANCED | {"id": "grain", "name": "Grain", "system": "food", "decided_by": "flows"}
CRUDE = BALANCED | {"id": "crude", "name": "Crude", "system": "energy", "decided_by": "balances"}
NEAR = 1e-4  # of what passes: flows are solved to 1e-6


def shared(*, hours: tuple[float, ...] = (16.0,), goods: float, **wanted: float) -> Shared:
    """Let goods go from start to end by ways whose first has a gate of 100 t a day, and grain and crude be wanted."""
    grain, crude, in_flows, minimum = (wanted.get(name, 0.0) for name in ("grain", "crude", "in_flows", "minimum"))
    gate = resource("gate", 100.0, delay="conical")
    tables = ways_between(
        hours,
        commodities=[GOODS, GRAIN, CRUDE],
        resources=[gate],
        resource_users=[user("gate", "links", first_link(0))],
        demand=[
            wants("start", "end", goods * DAYS),
            *([wants("start", "end", in_flows * DAYS, "grain")] if in_flows else []),
        ],
        supplies=[
            row("supply", "start", "grain", 2 * grain, usd_per_unit=1.0),
            row("supply", "start", "crude", 2 * crude, usd_per_unit=1.0),
        ],
        needs=[
            row("need", "end", "grain", grain, usd_short=900.0, minimum=minimum * DAYS),
            row("need", "end", "crude", crude, usd_short=900.0),
        ],
    )
    return Case(make_corridor(**tables), None, together=True).shared


def row(table: str, place: str, commodity: str, daily: float, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    name = f"{table}-{commodity}"
    return {"id": name, "place": place, "commodity": commodity, "year": 2025, "quantity": daily * DAYS} | more


def delivered(found: Shared, commodity: str) -> float:
    """Give what arrives, a day."""
    assert not isinstance(found.balance, ConflictError)
    problem, level = found.balance[1].problem, found.balance[1].level
    return float(level[problem.activities.ids.index(f"needs/need-{commodity}")].sum()) / DAYS


def at_gate(found: Shared) -> dict[str, Any]:
    return found.flows.tables["flow_stations"].filter(resource="gate").row(0, named=True)


@pytest.mark.parametrize(
    ("goods", "grain", "in_flows", "arrives"),
    [
        pytest.param(60.0, 30.0, 0.0, 30.0, id="room for all"),
        pytest.param(60.0, 50.0, 0.0, 40.0, id="what others leave"),
        pytest.param(60.0, 50.0, 20.0, 40.0, id="the grain of flows is no other"),
        pytest.param(95.0, 50.0, 10.0, 10.0, id="what passes in flows passes"),
        pytest.param(140.0, 50.0, 10.0, 10.0, id="also where more wants to pass than can"),
        pytest.param(0.0, 150.0, 120.0, 100.0, id="but no more than the capacity"),
    ],
)
def test_grain_has_the_room_that_other_goods_leave(goods: float, grain: float, in_flows: float, arrives: float) -> None:
    found = shared(goods=goods, grain=grain, in_flows=in_flows)
    assert delivered(found, "grain") == pytest.approx(arrives, rel=NEAR)


def test_goods_are_taken_where_flows_send_them() -> None:
    """Beside a second way, the gate loses what passes it, as the result tables say."""
    found = shared(hours=(16.0, 18.0), goods=90.0, in_flows=10.0, grain=1.0)
    taken = taken_by_flows(found.flows, ["grain", "crude"]).filter(limit="gate")["taken"].item()
    passes = found.flows.tables["flow_arcs"].filter(id=first_link(0), commodity="goods")["quantity"].sum()
    assert taken == pytest.approx(passes / DAYS, rel=NEAR)
    assert 0 < taken < 90


def test_crude_is_background_to_flows_and_counts_once() -> None:
    found = shared(goods=40.0, in_flows=10.0, grain=10.0, crude=30.0)
    assert delivered(found, "crude") == pytest.approx(30.0, rel=NEAR)
    assert at_gate(found)["background"] == pytest.approx(30.0, rel=NEAR)
    assert at_gate(found)["load"] == pytest.approx(40.0 + 10.0 + 30.0, rel=NEAR)
    assert found.passes["pass"].to_list() == [1, 2]
    assert found.passes["loaded"].to_list() == [1, 1]


def test_crude_drives_goods_to_another_way() -> None:
    alone, beside = (shared(hours=(16.0, 17.0), goods=90.0, crude=crude) for crude in (0.0, 60.0))
    assert at_gate(beside)["load"] - at_gate(beside)["background"] < at_gate(alone)["load"] - 1.0
    assert alone.passes["pass"].to_list() == [1], "without a load of balances there is nothing to do again"
    assert beside.passes["largest_change"][1] > 0


def test_what_cannot_be_delivered_leaves_flows_as_they_are() -> None:
    found = shared(goods=60.0, grain=150.0, minimum=120.0)
    assert isinstance(found.balance, ConflictError)
    assert at_gate(found)["load"] == pytest.approx(60.0, rel=NEAR)
    assert found.passes.is_empty()


def test_a_run_of_both_stages_shares_and_one_alone_does_not() -> None:
    tables = ways_between(
        (16.0,),
        commodities=[GOODS, GRAIN],
        resources=[resource("gate", 100.0, delay="conical")],
        resource_users=[user("gate", "links", first_link(0))],
        demand=[wants("start", "end", 60.0 * DAYS)],
        supplies=[row("supply", "start", "grain", 100.0)],
        needs=[row("need", "end", "grain", 50.0, usd_short=900.0)],
    )
    both, alone = (
        run_study(make_corridor(**tables), stages=stages).tables for stages in (["flows", "balances"], ["balances"])
    )
    short = [each["balance_needs"].select(pl.col("short").sum()).item() / DAYS for each in (both, alone)]
    assert short == pytest.approx([10.0, 0.0], rel=NEAR)
    assert [each["balance_passes"].height for each in (both, alone)] == [1, 0]
