"""Two runs side by side: benefit by the rule of half, nothing lost from the books, clear words where it cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jibek.errors import RunError
from jibek.study import Run, compare_flows, compare_runs
from jibek.study.flow_measures import (
    commodity_groups,
    corridor_quantities,
    delay_totals,
    link_flows,
    overland_containers,
    resource_loads,
    unrouted_tonnes,
)

Tables = dict[str, pl.DataFrame]

EXACT = 1e-9  # sums of few numbers
PAIRS = ("pair", "origin", "destination", "commodity", "unit", "tonnes_per_unit", "usd_per_hour", "quantity", "routed")

CARRIAGE = {"boxes": ("teu", 14.0, 2.0), "coal": ("t", 1.0, 0.5), "ores": ("t", 1.0, 0.5)}
"""Unit, tonnes a unit, USD an hour."""


def frame(columns: str, rows: list[tuple[Any, ...]], **types: pl.DataType) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=columns.split(), orient="row", infer_schema_length=None, schema_overrides=types)


def run_of(pairs: list[tuple[Any, ...]], **more: pl.DataFrame) -> Tables:
    """Results in which each pair (origin, destination, goods, quantity, routed, hours) goes by one link."""
    number = pl.Float64()
    rows = [
        (i, origin, destination, goods, *CARRIAGE[goods], quantity, routed, hours)
        for i, (origin, destination, goods, quantity, routed, hours) in enumerate(pairs)
    ]
    columns = " ".join(PAIRS) + " least_hours"
    floats = dict.fromkeys(("tonnes_per_unit", "usd_per_hour", "quantity", "routed", "least_hours"), number)
    carried = [row for row in rows if row[8]]
    tables = {
        "modes": frame("id medium", [("rail", "rail"), ("ship", "sea")]),
        "commodities": frame("id parent", [("coal", "bulk"), ("ores", "bulk"), ("boxes", None)]),
        "flow_pairs": frame(columns, rows, **floats),
        "flow_routes": frame("pair route quantity hours_delay", [(r[0], r[0], r[8], 5.0) for r in carried]),
        "flow_arcs": frame(
            "kind id direction commodity quantity", [("link", "line", "forward", r[3], r[8]) for r in carried]
        ),
        "flow_stations": frame(
            "resource name kind unit member way capacity load load_share hours usd_delay",
            [("gate", "Gate", "border", "train", "", "", 10.0, 5.0, 0.5, 5.0, 100.0)],
        ),
        "flow_relations": frame(
            "origin_country destination_country commodity unit corridor nest quantity tonnes",
            [
                ("CHN", "DEU", r[3], r[4], "north" if i else None, "overland", r[8], r[8] * r[5])
                for i, r in enumerate(carried)
            ],
        ),
        "flow_totals": frame(
            "country mode commodity tonne_km kg_co2",
            [("CHN", "rail", "coal", 1e6, 2e4), (None, "ship", "coal", 4e6, 1e4)],
        ),
        "flow_payments": frame(
            "payee country commodity usd", [("Railway", "CHN", "coal", 70.0), ("Railway", "KAZ", "coal", 30.0)]
        ),
        "flow_unrouted": frame(
            "origin destination commodity unit quantity reason",
            [(r[1], r[2], r[3], r[4], r[7], "every route is closed") for r in rows if not r[8]],
            quantity=number,
        ),
    }
    return tables | more


BEFORE = [
    ("a", "b", "boxes", 100.0, 100.0, 50.0),
    ("a", "c", "coal", 1000.0, 1000.0, 200.0),
    ("a", "d", "ores", 10.0, 10.0, 80.0),
    ("c", "a", "coal", 7.0, 0.0, None),
    ("d", "a", "coal", 3.0, 3.0, 9.0),
]
AFTER = [
    ("a", "b", "boxes", 140.0, 140.0, 40.0),
    ("a", "c", "coal", 1000.0, 1000.0, 210.0),
    ("a", "d", "ores", 10.0, 0.0, None),
    ("c", "a", "coal", 7.0, 7.0, 60.0),
    ("d", "b", "coal", 4.0, 4.0, 9.0),
]


def by(table: pl.DataFrame, key: str, value: str) -> dict[Any, Any]:
    return dict(table.select(key, value).iter_rows())


def test_the_benefit_is_half_of_both_quantities_times_the_hours_saved() -> None:
    found = compare_flows(run_of(BEFORE), run_of(AFTER))
    boxes, coal = (100 + 140) / 2 * 10 * 2.0, 1000 * -10 * 0.5
    assert by(found.benefit, "group", "usd") == pytest.approx({"boxes": boxes, "bulk": coal}, rel=EXACT)
    assert found.benefit_usd == pytest.approx(boxes + coal, rel=EXACT)
    assert by(found.benefit, "group", "pairs") == {"boxes": 1, "bulk": 1}


def test_pairs_without_a_common_cost_are_listed_never_dropped() -> None:
    found = compare_flows(run_of(BEFORE), run_of(AFTER))
    listed = {(row["change"], row["origin"], row["destination"]): row["quantity"] for row in found.unserved.to_dicts()}
    assert listed == {
        ("lost", "a", "d"): 10.0,
        ("gained", "c", "a"): 7.0,
        ("only_before", "d", "a"): 3.0,
        ("only_after", "d", "b"): 4.0,
    }
    in_benefit = found.benefit["pairs"].sum()
    all_pairs = {row[:3] for row in BEFORE} | {row[:3] for row in AFTER}
    assert in_benefit + found.unserved.height == len(all_pairs)


hours = st.floats(1, 1e4)
quantity = st.floats(1, 1e6)


@settings(deadline=None)
@given(st.lists(st.tuples(quantity, hours, quantity, hours), min_size=1, max_size=6))
def test_there_and_back_the_benefit_is_nought(pairs: list[tuple[float, float, float, float]]) -> None:
    one = run_of([("a", str(i), "coal", q, q, h) for i, (q, h, _, _) in enumerate(pairs)])
    other = run_of([("a", str(i), "coal", q, q, h) for i, (_, _, q, h) in enumerate(pairs)])
    there, back = compare_flows(one, other), compare_flows(other, one)
    assert there.benefit_usd == pytest.approx(-back.benefit_usd, rel=EXACT, abs=1e-6)
    assert there.totals["change"].to_list() == pytest.approx((-back.totals["change"]).to_list(), rel=EXACT, abs=1e-3)


def test_a_run_compared_with_itself_changes_nothing() -> None:
    found = compare_flows(run_of(BEFORE), run_of(BEFORE))
    assert found.benefit_usd == 0
    assert found.unserved.filter(pl.col("change") != "unrouted").is_empty()
    for name in ("totals", "tonne_km_by_mode", "tonne_km_by_country", "payments_by_payee", "corridors", "links"):
        assert set(getattr(found, name)["change"]) == {0.0}, name


def test_what_moves_at_sea_belongs_to_no_country() -> None:
    found = compare_flows(run_of(BEFORE), run_of(AFTER))
    assert by(found.tonne_km_by_country, "country", "before") == {"CHN": 1e6, "": 4e6}
    assert by(found.tonne_km_by_mode, "mode", "kg_co2_after") == {"rail": 2e4, "ship": 1e4}


def test_money_adds_up_the_same_by_payee_and_by_country() -> None:
    found = compare_flows(run_of(BEFORE), run_of(AFTER))
    total = by(found.totals, "measure", "before")["payments_usd"]
    assert found.payments_by_payee["before"].sum() == found.payments_by_country["before"].sum() == total == 100.0


def test_delay_in_money_and_in_tonne_hours() -> None:
    totals = delay_totals(run_of(BEFORE))
    assert totals["usd"] == 5 * (100 * 2.0 + 1000 * 0.5 + 10 * 0.5 + 3 * 0.5)
    assert totals["tonne_hours"] == 5 * (100 * 14 + 1000 + 10 + 3)


def test_a_resource_of_one_run_only_keeps_its_place() -> None:
    opened = run_of(BEFORE)["flow_stations"].with_columns(resource=pl.lit("new"), name=pl.lit("New gate"))
    after = run_of(BEFORE, flow_stations=pl.concat([run_of(BEFORE)["flow_stations"], opened]))
    rows = {row["resource"]: row for row in compare_flows(run_of(BEFORE), after).resources.to_dicts()}
    assert (rows["new"]["before"], rows["new"]["after"], rows["new"]["name"]) == (None, 0.5, "New gate")
    assert rows["gate"]["change"] == 0


def as_run(tables: Tables, name: str = "one", year: int = 2025, **manifest: object) -> Run:
    return Run(Path("runs") / name, {"year": year, **manifest}, tables)


def test_other_years_inputs_and_route_sets_are_said() -> None:
    same = compare_runs(as_run(run_of(BEFORE)), as_run(run_of(BEFORE)))
    assert list(same.notices) == []
    assert same.routes is None
    turned = compare_runs(
        as_run(run_of(BEFORE), inputs={"links": "1", "rates": "2"}),
        as_run(run_of(BEFORE[::-1]), year=2030, inputs={"links": "1", "rates": "3"}),
    )
    assert list(turned.notices) == [
        ("years", {"before": 2025, "after": 2030}),
        ("inputs", {"tables": ["rates"]}),
        ("route_sets", {}),
    ]
    json = turned.as_json()
    assert json["notices"][0] == {"kind": "years", "before": 2025, "after": 2030}
    assert json["routes"] is None


@pytest.mark.parametrize("turn", [1, -1])
def test_a_run_without_flows_is_named(turn: int) -> None:
    runs = [as_run(run_of(BEFORE), "full"), as_run({"routes": pl.DataFrame()}, "bare")][::turn]
    with pytest.raises(RunError, match=r"bare holds no flows.*stage `flows`"):
        compare_runs(*runs)


def test_runs_with_nothing_in_common_say_what_to_do() -> None:
    with pytest.raises(RunError, match=r"holds no routes.*stage `routes`"):
        compare_runs(as_run({}, "one"), as_run({}, "other"))


def test_links_sum_both_directions_and_take_the_busier_load() -> None:
    arcs = frame(
        "kind id direction commodity quantity",
        [
            ("link", "x", "forward", "boxes", 10.0),
            ("link", "x", "backward", "coal", 6.0),
            ("border", "x", "forward", "coal", 9.0),
        ],
    )
    stations = frame(
        "resource name kind unit member way capacity load load_share hours usd_delay",
        [
            ("r", "R", "line", "train", "links/x", way, 10.0, 1.0, share, delay, cost)
            for way, share, delay, cost in (("forward", 0.2, 1.0, 3.0), ("backward", 0.9, 7.0, 4.0))
        ],
    )
    tables = run_of(BEFORE, flow_arcs=arcs, flow_stations=stations)
    row = link_flows(tables).row(0, named=True)
    assert (row["tonnes"], row["forward"], row["backward"]) == (146.0, 140.0, 6.0)
    assert (row["load_share"], row["delay_hours"]) == (0.9, 7.0)
    load = resource_loads(tables).row(0, named=True)
    assert (load["load_share"], load["hours"], load["usd_delay"]) == (0.9, 7.0, 7.0)


def test_shares_of_corridors_sum_to_one() -> None:
    found = corridor_quantities(run_of(BEFORE)["flow_relations"])
    assert found.group_by("commodity").agg(pl.col("share").sum())["share"].to_list() == pytest.approx([1.0] * 3)
    assert set(found["corridor"]) == {"", "north"}


def test_only_containers_between_china_and_the_union_count_as_such() -> None:
    relations = frame(
        "origin_country destination_country commodity unit corridor nest quantity tonnes",
        [
            ("CHN", "DEU", "boxes", "teu", "north", "overland", 5.0, 70.0),
            ("DEU", "CHN", "boxes", "teu", None, "sea", 3.0, 42.0),
            ("CHN", "DEU", "coal", "t", "north", "overland", 9.0, 9.0),
            ("CHN", "TUR", "boxes", "teu", "north", "overland", 8.0, 112.0),
        ],
    )
    found = overland_containers(relations, frame("region country", [("EU27", "DEU"), ("CIS", "TUR")]))
    assert found.rows() == [("westbound", "overland", "north", 5.0), ("eastbound", "sea", "", 3.0)]


def test_goods_without_a_way_are_weighed() -> None:
    found = unrouted_tonnes(run_of([("a", "b", "boxes", 2.0, 0.0, None), ("a", "c", "coal", 9.0, 0.0, None)]))
    assert found.select("commodity", "tonnes").rows() == [("boxes", 28.0), ("coal", 9.0)]


def test_groups_are_parents_where_the_run_tells_them() -> None:
    tables = run_of(BEFORE)
    assert by(commodity_groups(tables), "commodity", "group") == {"boxes": "boxes", "coal": "bulk", "ores": "bulk"}
    del tables["commodities"]
    assert by(commodity_groups(tables), "commodity", "group") == {"boxes": "boxes", "coal": "coal", "ores": "ores"}
