"""Strange corridors: nothing wanted, nowhere to go, nothing that carries, nothing to count."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from jibek.flows import counts_of, marks_of, quantities
from small_corridor import GOODS, MODES, link, make_corridor, place
from small_flows import (
    DAYS,
    GENERAL,
    Solved,
    demand_of,
    first_link,
    frozen,
    resource,
    solved,
    user,
    wants,
    ways_between,
)

GATE = {"resource_users": [user("gate", "links", first_link(0))]}


def schemas(answer: Solved) -> dict[str, Any]:
    return {name: table.schema for name, table in answer.tables.items()}


def crowded() -> Solved:
    """Solve an ordinary problem, whose tables all hold something but unrouted demand."""
    more = {"resources": [resource("gate", 100.0)]} | GATE
    rates = [{"id": "r", "table": "links", "unit": "t", "usd_per_unit_km": 1.0, "payee": "railway"}]
    return solved(ways_between([16.0, 18.0], rates=rates, **more))


def test_without_demand_all_tables_are_empty() -> None:
    answer = solved(ways_between([16.0], demand=[]))
    assert answer.flows.equilibrium.converged
    assert {name for name, table in answer.tables.items() if table.height} == set()


def test_demand_of_zero_moves_nothing() -> None:
    tables = ways_between([16.0, 18.0])
    answer = solved(tables | {"demand": [wants("start", "end", 0.0)]}, routes=frozen(tables))
    assert not answer.flows.equilibrium.flow.any()
    assert answer.tables["flow_pairs"].is_empty()


@pytest.mark.parametrize("what", ["nothing wanted", "nothing scarce", "no route"])
def test_columns_and_types_are_always_the_same(what: str) -> None:
    # np.bincount over no entries gives whole numbers, so hours_delay and empties change their type where all is free.
    tables = ways_between([16.0])
    if what == "nothing wanted":
        tables["demand"] = []
    elif what == "no route":
        tables["links"] = tables["links"][:1]
    assert schemas(solved(tables)) == schemas(crowded())


def test_demand_without_a_way_is_named() -> None:
    tables = ways_between([16.0])
    tables["places"].append(place("island", "BBB", 30, 30))
    tables["demand"] += [wants("start", "island", 73.0), wants("island", "end", 21.0)]
    answer = solved(tables)
    unrouted = answer.tables["flow_unrouted"]
    assert unrouted.select("origin", "destination", "quantity", "reason").sort("origin").rows() == [
        ("island", "end", 21.0, "no route exists"),
        ("start", "island", 73.0, "no route exists"),
    ]
    assert answer.tables["flow_pairs"]["routed"].sum() == 365.0


def test_a_commodity_that_no_mode_of_the_corridor_carries_is_unrouted() -> None:
    by_air = GENERAL | {"modes": ["air"]}
    tables = ways_between([16.0], commodities=[GOODS, by_air], modes=[*MODES, MODES[0] | {"id": "air", "name": "air"}])
    tables["demand"].append(wants("start", "end", 12.0, "general"))
    unrouted = solved(tables).tables["flow_unrouted"]
    assert unrouted.select("commodity", "quantity").rows() == [("general", 12.0)]


@pytest.mark.parametrize("delay", ["none", "bpr", "conical", "queue", "curve"])
@pytest.mark.parametrize("how", ["capacity", "open_share"])
def test_without_capacity_a_way_is_closed(delay: str, how: str) -> None:
    shut = {"capacity": 0.0} if how == "capacity" else {"open_share": 0.0}
    row = resource("gate", 100.0, delay=delay, servers=1.0, cv_arrival=1.0, cv_service=1.0) | shut
    answer = solved(ways_between([16.0, 18.0], resources=[row], **GATE))
    assert answer.flows.equilibrium.converged
    assert answer.quantity("links", first_link(0)) == 0.0
    assert answer.quantity("links", first_link(1)) == pytest.approx(365.0)
    assert answer.tables["flow_stations"]["load_share"].to_list() == [None]


def test_without_capacity_on_the_only_way_demand_is_unrouted() -> None:
    answer = solved(ways_between([16.0], resources=[resource("gate", 0.0)], **GATE))
    assert answer.tables["flow_unrouted"].select("quantity", "reason").rows() == [(365.0, "every route is closed")]
    assert answer.tables["flow_pairs"]["routed"].to_list() == [0.0]


def test_empties_may_go_back_over_a_way_without_capacity_without_ado() -> None:
    row = resource("gate", 1.0, unit="train", each="direction", background=0.5)
    tables = ways_between(
        [16.0, 18.0],
        quantity=64.0 * DAYS,
        resources=[row, resource("closed", 0.0, unit="train", each="direction")],
        resource_users=[
            user("gate", "links", first_link(0)),
            # Only the way back uses it in this direction; what comes there are empties.
            user("closed", "links", first_link(1), direction="backward"),
        ],
        conversions=[{"commodity": "goods", "unit": "train", "per_unit": 64.0, "empty_return": 1.0}],
    )
    answer = solved(tables)
    assert answer.flows.equilibrium.converged
    assert answer.quantity("links", first_link(1)) > 0


def test_a_preferences_table_without_rows_takes_the_defaults() -> None:
    assert make_corridor()["preferences"].is_empty()
    answer = solved(ways_between([16.0, 18.0]))
    odds = answer.quantity("links", first_link(0)) / answer.quantity("links", first_link(1))
    assert np.log(odds) == pytest.approx(6.0 * 2 / 16)


def test_counts_of_a_commodity_without_flow_are_zero() -> None:
    tables = ways_between([16.0], commodities=[GOODS, GENERAL])
    tables |= {
        "series": [{"id": "s", "title": "s", "measure": "flow", "unit": "t/yr", "use": "fit"}],
        "counts": [
            {
                "series": "s",
                "flow": "passing",
                "table": "links",
                "elements": [first_link(0)],
                "commodity": "general",
            }
        ],
    }
    answer = solved(tables)
    counts = counts_of(answer.world, answer.routes, marks_of(answer.world, answer.routes))
    assert counts.modelled(answer.flows.equilibrium.flow).tolist() == [0.0]


def test_without_counts_nothing_is_counted() -> None:
    answer = solved(ways_between([16.0]))
    counts = counts_of(answer.world, answer.routes, marks_of(answer.world, answer.routes))
    assert counts.series == ()
    assert counts.modelled(answer.flows.equilibrium.flow).shape == (0,)


def test_a_single_place_has_no_flow() -> None:
    # Without any arc of a link, border or terminal the column "table" of the arcs has no type, and a join fails.
    tables = {"places": [place("alone", "AAA", 1, 1)], "modes": MODES, "commodities": [GOODS]}
    answer = solved(tables | {"demand": [wants("alone", "alone", 5.0)]})
    assert answer.demand.within_places.rows() == [("alone", "goods", 5.0)]
    assert answer.tables["flow_pairs"].is_empty()


def test_demand_that_the_route_sets_do_not_know_is_refused() -> None:
    # Looked up by position, it would be booked under another pair without a word.
    tables = ways_between([16.0, 18.0])
    sets = frozen(tables | {"demand": [wants("start", "end", 1.0), wants("middle-1", "start", 1.0)]})
    other = demand_of(make_corridor(**(tables | {"demand": [wants("middle-0", "start", 8.0)]})))
    with pytest.raises((ValueError, KeyError)):
        quantities(sets, other)


def test_two_links_without_length_share_the_delay_of_their_line() -> None:
    tables = ways_between([16.0])
    tables["links"] = [link("start", "end", "rail", 1 / 1024, hours=16.0)]
    tables |= {"corridors": [], "resources": [resource("track", 1.0, kind="line", each="member")]}
    tables["resource_users"] = [user("track", "links", "start--end--rail")]
    answer = solved(tables)
    assert answer.tables["flow_routes"]["hours_delay"].item() == pytest.approx(8.0)


def test_pairs_of_huge_and_of_tiny_demand_stand_side_by_side() -> None:
    tables = ways_between([16.0, 18.0], resources=[resource("gate", 1000.0)], **GATE)
    tables["demand"] = [wants("start", "end", 1e9), wants("start", "middle-1", 1e-9)]
    answer = solved(tables, residual=1e-6)
    assert answer.flows.equilibrium.converged
    routed = answer.tables["flow_pairs"].sort("quantity")["routed"].to_list()
    assert routed == [1e-9, 1e9]
    carried = answer.tables["flow_routes"].group_by("pair").agg(pl.col("share").sum())["share"]
    assert carried.to_list() == pytest.approx([1.0, 1.0])
