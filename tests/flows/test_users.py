"""Who uses a resource, by hand and against what the other tables hold."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import Phase, given, settings

from jibek.flows import station_users
from small_corridor import Rows, link
from small_flows import DAYS, GENERAL, Solved, first_link, flow_rows, resource, solved, user, wants, ways_between

SUM = 1e-9  # sums of at most a hundred floats in different orders
laws = settings(deadline=None, max_examples=8, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def users_of(answer: Solved) -> pl.DataFrame:
    return station_users(answer.flows, answer.world)


def test_a_gate_with_two_kinds_of_goods_and_background() -> None:
    tables = ways_between([16.0], resources=[resource("gate", 100.0, background=10.0, peak=2.0)])
    tables["resource_users"] = [user("gate", "links", first_link(0))]
    tables["commodities"] = [*tables["commodities"], GENERAL]
    tables["demand"] = [wants("start", "end", DAYS * 20.0), wants("end", "start", DAYS * 5.0, "general")]
    rows = users_of(solved(tables)).to_dicts()
    assert [(row["kind"], row["commodity"], row["origin"]) for row in rows] == [
        ("background", None, None),
        ("commodity", "goods", None),
        ("commodity", "general", None),
        ("pair", None, "start"),
        ("pair", None, "end"),
    ]
    assert [row["load"] for row in rows] == pytest.approx([20.0, 40.0, 10.0, 40.0, 10.0])
    assert [row["share"] for row in rows] == pytest.approx([20 / 70, 40 / 70, 10 / 70, 40 / 70, 10 / 70])
    assert [row["quantity"] for row in rows] == [None, *(pytest.approx(DAYS * t) for t in (20, 5, 20, 5))]
    assert {row["unit"] for row in rows[1:]} == {"t"}


def test_goods_that_pass_a_gate_twice_load_it_twice_and_count_once() -> None:
    tables = ways_between([16.0], quantity=DAYS * 20.0, resources=[resource("gate", 100.0)])
    halves = [row["id"] for row in tables["links"]]
    row = users_of(solved(tables | {"resource_users": [user("gate", "links", half) for half in halves]}))[0]
    assert (row["load"].item(), row["quantity"].item()) == pytest.approx((40.0, DAYS * 20.0))


def test_empties_that_come_back_load_and_pass_nothing() -> None:
    back = {"commodity": "goods", "unit": "train", "per_unit": 50.0, "empty_return": 0.5}
    line = resource("gate", 100.0, unit="train", each="direction")
    tables = ways_between([16.0], quantity=DAYS * 1000.0, resources=[line], conversions=[back])
    tables["resource_users"] = [user("gate", "links", first_link(0))]
    # More empties than loaded trains go backward, once twice as many go that way.
    tables["demand"] = [*tables["demand"], wants("end", "start", DAYS * 100.0)]
    answer = solved(tables)
    assert dict(answer.tables["flow_stations"].select("way", "load").iter_rows()) == pytest.approx(
        {"forward": 20.0 + 1.0, "backward": 2.0 + 10.0}
    )
    pairs = users_of(answer).filter(kind="pair")
    assert pairs["way"].to_list() == ["forward", "forward"]
    assert dict(pairs.select("origin", "load").iter_rows()) == pytest.approx({"start": 20.0, "end": 1.0})
    assert dict(pairs.select("origin", "quantity").iter_rows()) == pytest.approx({"start": DAYS * 1000.0, "end": 0.0})


def test_of_many_pairs_the_ten_that_load_most_are_named() -> None:
    tables = ways_between([16.0], resources=[resource("gate", 100.0, each="direction")])
    tables["resource_users"] = [user("gate", "links", first_link(0))]
    twelve = [f"town-{i:02}" for i in range(12)]
    tables["places"] = [*tables["places"], *(tables["places"][0] | {"id": t, "name": t, "lat": 30.0} for t in twelve)]
    tables["links"] = [*tables["links"], *(link(t, "start", "rail", 64.0) for t in twelve)]
    tables["demand"] = [wants(t, "end", DAYS * (i + 1)) for i, t in enumerate(twelve)]
    pairs = users_of(solved(tables)).filter(kind="pair")
    assert pairs["origin"].to_list() == twelve[:1:-1]
    assert pairs["share"].to_list() == pytest.approx([(12 - i) / 78 for i in range(10)])


@laws
@given(tables=flow_rows())
def test_goods_and_background_are_all_the_load_and_pairs_all_the_goods(tables: Rows) -> None:
    answer = solved(tables)
    users, stations = users_of(answer), answer.tables["flow_stations"]
    busiest = stations.filter(pl.col("load_share") == pl.col("load_share").max().over("resource"))
    assert set(users["resource"]) == set(stations.filter(pl.col("load") > 0)["resource"])
    for (name,), rows in users.partition_by("resource", as_dict=True).items():
        station = rows.select("member", "way").row(0)
        assert station in busiest.filter(resource=name).select("member", "way").rows()
        load = dict(rows.group_by("kind").agg(pl.col("load").sum()).iter_rows())
        whole = stations.filter(resource=name, member=station[0], way=station[1])["load"].item()
        assert load.get("background", 0.0) + load.get("commodity", 0.0) == pytest.approx(whole, rel=SUM)
        # There are five pairs, so all of them are named.
        assert load.get("pair", 0.0) == pytest.approx(load.get("commodity", 0.0), rel=SUM)
        assert rows.filter(pl.col("kind") != "pair")["share"].sum() == pytest.approx(1.0, rel=SUM)


@laws
@given(tables=flow_rows())
def test_what_passes_a_border_is_what_the_table_of_arcs_has_there(tables: Rows) -> None:
    answer = solved(tables)
    rows = users_of(answer).filter(resource="crossing", kind="commodity")
    border = answer.world["resource_users"].filter(resource="crossing")["id"].to_list()
    arcs = answer.tables["flow_arcs"].filter(pl.col("kind") == "border", pl.col("id").is_in(border))
    for row in rows.iter_rows(named=True):
        passing = arcs.filter(direction=row["way"], commodity=row["commodity"])["quantity"].sum()
        assert row["quantity"] == pytest.approx(passing, rel=SUM)


def test_without_resources_there_are_no_users() -> None:
    users = users_of(solved(ways_between([16.0])))
    assert users.is_empty()
    assert users.schema == users_of(solved(ways_between([16.0], resources=[resource("gate", 1.0)]))).schema
