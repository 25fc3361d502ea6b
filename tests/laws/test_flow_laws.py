"""Laws of flows: what must hold in every small corridor, whatever its numbers."""

from __future__ import annotations

import random
from dataclasses import replace
from io import BytesIO

import numpy as np
import polars as pl
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from jibek.corridor import Corridor
from jibek.flows import RouteSets, assign, certify, flow_tables
from small_corridor import Rows, make_corridor
from small_flows import DAYS, EXACT, GENERAL, Solved, demand_of, flow_rows, frozen, resource, solved, user

SUM = 1e-9  # sums of at most a hundred floats in different orders
SHARE = 1e-7  # shares of two problems of one solution, each solved to a residual of 1e-10
# Corridors are drawn by a number, so a smaller one would be no simpler.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
laws = settings(deadline=None, max_examples=8, phases=PHASES)
quick = settings(deadline=None, max_examples=6, phases=PHASES)


@laws
@given(tables=flow_rows())
def test_what_enters_at_the_gates_comes_out_and_nothing_is_lost_between(tables: Rows) -> None:
    answer = solved(tables)
    assert certify(answer.flows, answer.tables).imbalance < SUM


@laws
@given(tables=flow_rows(), number=st.integers(0, 4))
def test_demand_is_routed_or_named_as_unrouted(tables: Rows, number: int) -> None:
    # Links around one end of a pair are closed, so that some demand has no way.
    sets = frozen(tables)
    end = tables["demand"][number]["destination"]
    links = [
        row | {"open_share": 0.0 if end in {row["from_place"], row["to_place"]} else 1.0} for row in tables["links"]
    ]
    answer = solved(tables | {"links": links}, routes=sets, base=tables)
    pairs, unrouted = answer.tables["flow_pairs"], answer.tables["flow_unrouted"]
    wanted = {(row["origin"], row["destination"], row["commodity"]): row["quantity"] for row in tables["demand"]}
    key = ("origin", "destination", "commodity")
    assert {tuple(row[:3]): row[3] for row in pairs.select(*key, "quantity").iter_rows()} == pytest.approx(wanted)
    assert pairs["routed"].sum() + unrouted["quantity"].sum() == pytest.approx(sum(wanted.values()), rel=SUM)
    named = {tuple(row[:3]): row[3] for row in unrouted.select(*key, "reason").iter_rows()}
    assert {ends for ends in wanted if end in ends[:2]} <= named.keys()
    routed = dict(answer.tables["flow_routes"].group_by("pair").agg(pl.col("quantity").sum()).iter_rows())
    for row in pairs.iter_rows(named=True):
        ends = tuple(row[name] for name in key)
        assert routed.get(row["pair"], 0.0) == pytest.approx(0.0 if ends in named else wanted[ends], rel=SUM)
        assert row["routed"] == (0.0 if ends in named else row["quantity"])
        assert np.isinf(row["least_hours"]) == (ends in named)


def least_hours(answer: Solved) -> np.ndarray:
    return answer.flows.equilibrium.least_cost


@laws
@given(tables=flow_rows(congested=False), number=st.integers(0, 100), share=st.sampled_from([0.0, 0.25, 0.75]))
def test_opening_something_never_makes_anybody_worse_off_where_nothing_is_congested(
    tables: Rows, number: int, share: float
) -> None:
    sets = frozen(tables)
    links = list(tables["links"])
    number %= len(links)
    links[number] = links[number] | {"open_share": share}
    fewer, all_open = solved(tables | {"links": links}, routes=sets, base=tables), solved(tables, routes=sets)
    assert (least_hours(all_open) <= least_hours(fewer) * (1 + SUM) + SUM).all()
    name, direction = links[number]["id"], ("forward", "backward")
    for way in direction:
        before, after = (each.quantity("links", name, direction=way) for each in (all_open, fewer))
        assert after <= before * (1 + SUM)


@laws
@given(tables=flow_rows(congested=False), factor=st.sampled_from([1.5, 4.0]))
def test_more_demand_lowers_no_load_where_nothing_is_congested(tables: Rows, factor: float) -> None:
    more = [row | {"quantity": row["quantity"] * (factor if i % 2 else 1.0)} for i, row in enumerate(tables["demand"])]
    loose = {"resources": [resource("gate", 1e6, delay="none", each="member_direction")]}
    loose |= {"resource_users": [user("gate", "links", row["id"]) for row in tables["links"]]}
    before, after = solved(tables | loose), solved(tables | loose | {"demand": more})
    one, other = (each.tables["flow_stations"].sort("member", "way")["load"].to_numpy() for each in (before, after))
    assert (other >= one * (1 - SUM)).all()
    routed = [each.tables["flow_pairs"]["routed"].sum() for each in (before, after)]
    assert (other.sum() > one.sum()) == (routed[1] > routed[0])


@laws
@given(tables=flow_rows(), factor=st.sampled_from([2.0, 0.25]))
def test_twice_the_demand_in_twice_the_world_is_twice_the_flow(tables: Rows, factor: float) -> None:
    larger = [row | {"quantity": factor * row["quantity"]} for row in tables["demand"]]
    # A queue's delay depends on the scale, those of BPR and Spiess do not.
    gates = [row | {"delay": "bpr"} if row["delay"] == "queue" else row for row in tables["resources"]]
    wider = [
        row | {"capacity": factor * row["capacity"], "background": factor * row.get("background", 0.0)} for row in gates
    ]
    one = solved(tables | {"resources": gates}, residual=1e-9)
    other = solved(tables | {"resources": wider, "demand": larger}, residual=1e-9)
    scale = one.flows.quantity[one.routes.pair_of_route]
    difference = other.flows.equilibrium.flow / factor - one.flows.equilibrium.flow
    np.testing.assert_allclose(difference / scale, 0.0, atol=SHARE)


def cut(tables: Rows, number: int, share: float) -> Rows:
    """Cut a link in two, with its users; a border stays on the second half, ships call at the new place in passing."""
    links = list(tables["links"])
    whole = links.pop(number)
    start, end = (next(p for p in tables["places"] if p["id"] == whole[e]) for e in ("from_place", "to_place"))
    first_km = max(1, int(whole["length_km"] * 1024 * share)) / 1024
    assume(0 < first_km < whole["length_km"])
    lat, lon = (start["lat"] + end["lat"]) / 2 + 0.25, start["lon"] + 0.25
    stops = [stop | {"sequence": 10 * stop["sequence"]} for stop in tables["stops"]]
    stops += [
        {"service": stop["service"], "sequence": 15, "place": "middle", "hours": 0.0}
        for stop in tables["stops"]
        if stop["service"] == f"service-{whole['id']}" and stop["sequence"] == 1
    ]
    users = [
        row | {"id": half}
        for row in tables["resource_users"]
        for half in (("first-half", "second-half") if row["id"] == whole["id"] else (row["id"],))
    ]
    return tables | {
        "places": [*tables["places"], start | {"id": "middle", "name": "Middle", "lat": lat, "lon": lon}],
        "links": [
            *links,
            whole | {"id": "first-half", "to_place": "middle", "length_km": first_km},
            whole | {"id": "second-half", "from_place": "middle", "length_km": whole["length_km"] - first_km},
        ],
        "stops": stops,
        "borders": [b | {"link": "second-half"} if b["link"] == whole["id"] else b for b in tables["borders"]],
        "resource_users": users,
    }


def elements(answer: Solved) -> pl.DataFrame:
    """Give what passes each element, without the numbers of nodes."""
    key = ["kind", "id", "direction", "mode", "commodity"]
    return answer.tables["flow_arcs"].group_by(key).agg(pl.col("quantity").sum()).sort(key)


@laws
@given(tables=flow_rows(by_country=False), number=st.integers(0, 100), share=st.floats(0.05, 0.95))
def test_cutting_a_link_in_two_changes_no_flow_and_no_cost(tables: Rows, number: int, share: float) -> None:
    # A cut at a frontier moves where the ways past it are sought. A ship that calls at the new place makes a
    # there-and-back trip short; path search then finds no other way.
    crossed = {border["link"] for border in tables["borders"]}
    inland = [row for row, link in enumerate(tables["links"]) if link["mode"] != "ferry" and link["id"] not in crossed]
    assume(inland)
    number = inland[number % len(inland)]
    name = tables["links"][number]["id"]
    users = [row for row in tables["resource_users"] if row["table"] == "links"]
    assume(users)
    tables = tables | {"resource_users": users, "resources": tables["resources"][:1]}
    whole, halves = solved(tables, residual=1e-9), solved(cut(tables, number, share), residual=1e-9)
    np.testing.assert_allclose(
        halves.flows.equilibrium.flow, whole.flows.equilibrium.flow, rtol=SHARE, atol=SHARE * whole.flows.quantity.sum()
    )
    columns = ["pair", "corridor", "nest", "quantity", "hours", "hours_delay", "usd", "kg_co2", "km"]
    one, other = (each.tables["flow_routes"].select(columns) for each in (whole, halves))
    assert_frame_equal(one, other, rtol=1e-5, atol=1e-3, check_dtypes=False)
    new = ["first-half", "second-half"]
    # Ships dwell at the new place, for no time at all.
    rest = elements(halves).filter(~pl.col("id").is_in(new) & (pl.col("kind") != "dwell"))
    before = elements(whole).filter((pl.col("id") != name) & (pl.col("kind") != "dwell"))
    key = ["kind", "id", "direction", "mode", "commodity"]
    both = before.join(rest, on=key, how="full", suffix="_after").fill_null(0.0)
    np.testing.assert_allclose(both["quantity_after"], both["quantity"], atol=SHARE * whole.flows.quantity.sum())
    for half in new:
        for way in ("forward", "backward"):
            got, wanted = (
                halves.quantity("links", half, direction=way),
                whole.quantity("links", name, direction=way),
            )
            assert got == pytest.approx(wanted, abs=SHARE * whole.flows.quantity.sum())


@laws
@given(tables=flow_rows())
def test_two_classes_of_one_value_flow_as_one(tables: Rows) -> None:
    twin = GENERAL | {"id": "twin", "name": "Twin"}
    conversions = [*tables["conversions"], tables["conversions"][1] | {"commodity": "twin"}]
    demand = [
        row | {"commodity": kind, "quantity": row["quantity"] / 2} if row["commodity"] == "general" else row
        for row in tables["demand"]
        for kind in (("general", "twin") if row["commodity"] == "general" else ("goods",))
    ]
    assume(len(demand) > len(tables["demand"]))
    both = {"commodities": [*tables["commodities"], twin], "conversions": conversions}
    one, two = solved(tables, residual=1e-9), solved(tables | both | {"demand": demand}, residual=1e-9)
    key = ["kind", "id", "direction", "mode"]
    sums = [elements(each).group_by(key).agg(pl.col("quantity").sum()).sort(key) for each in (one, two)]
    joined = sums[0].join(sums[1], on=key, how="full", suffix="_two").fill_null(0.0)
    np.testing.assert_allclose(joined["quantity_two"], joined["quantity"], atol=SHARE * one.flows.quantity.sum())
    loads = [each.tables["flow_stations"].sort("resource", "member", "way")["load"].to_numpy() for each in (one, two)]
    np.testing.assert_allclose(loads[1], loads[0], rtol=1e-5, atol=1e-6)


UNORDERED = (
    "demand",
    "zones",
    "resources",
    "resource_users",
    "conversions",
    "preferences",
    "rates",
    "counts",
    "regions",
)
"""Tables of which flows know no row by its number."""


def bytes_of(world: Corridor, base: Corridor, routes: RouteSets) -> dict[str, bytes]:
    flows = assign(world, base, routes, demand_of(world))
    files = {name: BytesIO() for name in flow_tables(flows, world)}
    for name, table in flow_tables(flows, world).items():
        table.write_parquet(files[name])
    return {name: file.getvalue() for name, file in files.items()}


@quick
@given(tables=flow_rows(), seed=st.integers(0, 2**32))
def test_the_order_of_rows_changes_no_byte(tables: Rows, seed: int) -> None:
    ends = sorted({row["destination"] for row in tables["demand"]})
    zones = [{"zone": "AAA", "place": place, "share": 1 / len(ends)} for place in ends]
    more = [{"origin": "AAA", "destination": ends[0], "commodity": "goods", "year": 2025, "quantity": 1000.0 / 3}]
    tables = tables | {"zones": zones, "demand": [*tables["demand"], *more]}
    shuffled = {name: random.Random(seed).sample(rows, len(rows)) for name, rows in tables.items()}
    world, again = make_corridor(**tables), make_corridor(**shuffled)
    draw = random.Random(seed)
    mixed = {
        name: table.sample(fraction=1.0, shuffle=True, seed=draw.randrange(10**6)) if name in UNORDERED else table
        for name, table in world.tables.items()
    }
    expected = bytes_of(world, world, frozen(tables))
    assert bytes_of(again, again, frozen(shuffled)) == expected
    unsorted = replace(world, tables=mixed)
    assert bytes_of(unsorted, unsorted, frozen(tables)) == expected


def renamed(tables: Rows, seed: int) -> tuple[Rows, dict[str, str]]:
    """Give places, links, borders, terminals, services and resources other ids, in another order."""
    named = ("places", "links", "borders", "terminals", "services", "resources")
    ids = sorted(row["id"] for table in named for row in tables.get(table, []))
    others = [f"x{i:03}" for i in range(len(ids))]
    random.Random(seed).shuffle(others)
    new = dict(zip(ids, others, strict=True))

    def changed(value: object) -> object:
        if isinstance(value, list):
            return [changed(item) for item in value]
        return new.get(value, value) if isinstance(value, str) else value

    kept = {"name", "payee", "table"}
    return {
        name: [{c: v if c in kept else changed(v) for c, v in row.items()} for row in rows]
        for name, rows in tables.items()
    }, new


@quick
@given(tables=flow_rows(), seed=st.integers(0, 2**32))
def test_other_ids_give_the_same_flows(tables: Rows, seed: int) -> None:
    others, new = renamed(tables, seed)
    one, other = solved(tables, residual=1e-9), solved(others, residual=1e-9)
    before = (
        elements(one).with_columns(id=pl.col("id").replace(new)).sort("kind", "id", "direction", "mode", "commodity")
    )
    key = ["kind", "id", "direction", "mode", "commodity"]
    joined = before.join(elements(other), on=key, how="full", suffix="_other").fill_null(0.0)
    np.testing.assert_allclose(joined["quantity_other"], joined["quantity"], atol=SHARE * one.flows.quantity.sum())


@laws
@given(tables=flow_rows(), empty=st.sampled_from([0.0, 0.25, 1.0]))
def test_empties_load_the_way_back(tables: Rows, empty: float) -> None:
    rails = [row for row in tables["links"] if row["mode"] == "rail"]
    tables = tables | {
        "resources": [resource("line", 8.0, unit="train", each="member_direction", peak=1.5)],
        "resource_users": [user("line", "links", row["id"]) for row in rails],
        "conversions": [row | {"empty_return": empty} for row in tables["conversions"]],
    }
    assume(any(not row.get("oneway") for row in rails))
    answer = solved(tables)
    per_train = {row["commodity"]: row["per_unit"] for row in tables["conversions"]}
    trains: dict[tuple[str, str], float] = {}
    for row in answer.tables["flow_arcs"].filter(kind="link").iter_rows(named=True):
        there = (f"links/{row['id']}", row["direction"])
        trains[there] = trains.get(there, 0.0) + row["quantity"] / per_train[row["commodity"]] / DAYS * 1.5
    for row in answer.tables["flow_stations"].iter_rows(named=True):
        opposite = {"forward": "backward", "backward": "forward"}[row["way"]]
        empties = empty * trains.get((row["member"], opposite), 0.0)
        assert row["empties"] == pytest.approx(empties, rel=SUM, abs=SUM)
        assert row["load"] == pytest.approx(trains.get((row["member"], row["way"]), 0.0) + empties, rel=SUM, abs=SUM)


@laws
@given(tables=flow_rows())
def test_money_paid_and_km_run_are_those_of_the_routes(tables: Rows) -> None:
    answer = solved(tables)
    found = answer.tables
    routes = found["flow_routes"]
    paid = (routes["quantity"] * routes["usd"]).sum()
    assert found["flow_payments"]["usd"].sum() == pytest.approx(paid, rel=SUM, abs=SUM)
    assert found["flow_totals"]["tonne_km"].sum() == pytest.approx((routes["quantity"] * routes["km"]).sum(), rel=SUM)
    emitted = (routes["quantity"] * routes["kg_co2"]).sum()
    assert found["flow_totals"]["kg_co2"].sum() == pytest.approx(emitted, rel=SUM)
    assert found["flow_relations"]["quantity"].sum() == pytest.approx(routes["quantity"].sum(), rel=SUM)
    delay = answer.flows.priced
    waits = (routes["quantity"] * routes["hours_delay"]).to_numpy() / delay.hours_per_usd[routes["route"].to_numpy()]
    assert found["flow_stations"]["usd_delay"].sum() == pytest.approx(waits.sum(), rel=1e-6, abs=1e-6)


@laws
@given(tables=flow_rows())
def test_no_route_is_worse_than_the_logit_allows(tables: Rows) -> None:
    """Of two open routes of one pair and nest, the dearer one carries less for its size."""
    answer = solved(tables, residual=1e-9)
    flows, sets = answer.flows, answer.routes
    cost = flows.problem.cost + flows.equilibrium.hours_delay / flows.reference[sets.pair_of_route]
    for pair in range(sets.n_pairs):
        routes = np.arange(sets.first_route[pair], sets.first_route[pair + 1])
        for nest in (0, 1):
            mine = routes[(sets.nest[routes] == nest) & np.isfinite(cost[routes])]
            weight = flows.equilibrium.flow[mine] / np.exp(flows.problem.log_size[mine])
            order = np.argsort(cost[mine])
            assert (np.diff(weight[order]) <= 1e-6 * flows.quantity[pair]).all()


def test_exact_is_what_newton_s_method_reaches() -> None:
    assert EXACT < SUM < SHARE
