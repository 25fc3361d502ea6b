"""Who uses a link, and by which routes: against routes followed one by one, closed forms, and what must add up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import class_of, grid, hostile, network_of, sioux_falls

from jibek.assignment import (
    Assignment,
    Bushes,
    TrafficNetwork,
    TravelClass,
    link_numbers,
    route_sets,
    select_link,
    skim,
    solve,
)
from jibek.errors import AssignmentError

ROUNDING = 1e-12
"""Share of the trips: sums and products of some dozen numbers."""
CLOSE = {"rtol": ROUNDING, "atol": ROUNDING}
ALL = 1e-300
"""Share below which a route is left out, where none shall be."""

seeds = st.integers(0, 2**32)
many = settings(deadline=None, max_examples=200)

# Braess (1968): 10 x, 50 + x, 50 + x, 10 x, 10 + x; six trips go by 1-3-2, 1-4-2 and 1-3-4-2, two each.
BRAESS = [
    (0, 2, 1e-6, 1e-7, 1.0, 1.0),
    (2, 1, 50.0, 50.0, 1.0, 1.0),
    (0, 3, 50.0, 50.0, 1.0, 1.0),
    (3, 1, 1e-6, 1e-7, 1.0, 1.0),
    (2, 3, 10.0, 10.0, 1.0, 1.0),
]
Problem = tuple[TrafficNetwork, list[TravelClass], Assignment]
Pair = tuple[str, str, str]


def braess() -> Problem:
    network = network_of(4, BRAESS, n_zones=2, first_through=2)
    classes = [class_of(network, [(0, 1, 6.0)])]
    return network, classes, solve(network, classes, gap=1e-13)


def solved(seed: int, gap: float = 1e-3) -> Problem:
    network, classes = hostile(seed)
    return network, classes, solve(network, classes, gap=gap)


def plain_routes(problem: Problem) -> dict[Pair, dict[tuple[str, ...], float]]:
    """Follow every pair's trips back through its bush, route by route: the trips of each."""
    network, classes, result = problem
    found: dict[Pair, dict[tuple[str, ...], float]] = defaultdict(dict)
    for block in result.bushes:
        for bush, origin in enumerate(block.origin.tolist()):
            order = block.order[bush, : block.n_reached[bush]].tolist()
            for pair in range(block.first_pair[bush], block.first_pair[bush + 1]):
                end = int(block.destination[pair])
                if block.joined[pair]:
                    name = classes[block.travel].name, network.node_ids[origin], network.node_ids[end]
                    found[name] |= ways(problem, block, bush, order.index(end), block.trips[pair])
    return found


def ways(problem: Problem, block: Bushes, bush: int, place: int, trips: float) -> dict[tuple[str, ...], float]:
    """Split trips over the ways to a position in the shares of the flows."""
    network, _, result = problem
    if place == 0:
        return {(): trips}
    edges = range(block.first_edge[bush, place], block.first_edge[bush, place + 1])
    total = sum(block.flow[edge] for edge in edges)
    found: dict[tuple[str, ...], float] = {}
    for edge in edges:
        if block.flow[edge] > 0:
            link = network.link_ids[result.graph.link[block.edge_arc[edge]]]
            before = ways(problem, block, bush, block.edge_from[edge], trips * block.flow[edge] / total)
            found |= {(*way, link): its for way, its in before.items()}
    return found


def routes_of(table: pl.DataFrame) -> dict[Pair, dict[tuple[str, ...], float]]:
    found: dict[Pair, dict[tuple[str, ...], float]] = defaultdict(dict)
    for row in table.drop_nulls("route").iter_rows(named=True):
        found[row["class"], row["origin"], row["destination"]][tuple(row["links"])] = row["trips"]
    return found


@many
@given(seed=seeds)
def test_routes_are_those_that_one_finds_by_following_trips_back(seed: int) -> None:
    problem = solved(seed)
    found, expected = routes_of(route_sets(*problem, least_share=ALL)), plain_routes(problem)
    assert found.keys() == expected.keys()
    for pair, routes in expected.items():
        assert found[pair] == pytest.approx(routes, rel=ROUNDING)


@many
@given(seed=seeds)
def test_routes_carry_all_trips_and_load_links_as_they_are_loaded(seed: int) -> None:
    network, classes, result = solved(seed)
    table = route_sets(network, classes, result, least_share=ALL)
    by_link = table.explode("links").drop_nulls("links").group_by("class", "links").agg(pl.col("trips").sum())
    number = {name: link for link, name in enumerate(network.link_ids)}
    rows = {travel.name: k for k, travel in enumerate(classes)}
    flow = np.zeros_like(result.flow)
    for name, link, trips in by_link.iter_rows():
        flow[rows[name], number[link]] = trips
    np.testing.assert_allclose(flow, result.flow, **CLOSE)
    routed = sum(float(travel.trips[travel.origin != travel.destination].sum()) for travel in classes)
    assert table["trips"].sum() == pytest.approx(routed - result.unrouted["trips"].sum(), rel=ROUNDING)


@many
@given(seed=seeds)
def test_what_is_left_out_is_the_rest(seed: int) -> None:
    problem = solved(seed)
    whole, cut = route_sets(*problem, least_share=ALL), route_sets(*problem, least_share=0.3)
    kept = cut.drop_nulls("route")
    assert (
        kept.select(pl.exclude("route")).rows()
        == whole.filter(pl.col("share") >= 0.3).select(pl.exclude("route")).rows()
    )
    by_pair = cut.group_by("class", "origin", "destination").agg(pl.col("share").sum())
    np.testing.assert_allclose(by_pair["share"], 1.0, rtol=ROUNDING)
    rest = cut.filter(pl.col("route").is_null())
    assert rest["cost"].null_count() == rest["links"].null_count() == rest.height
    assert (rest["share"] > 0).all()


@many
@given(seed=seeds)
def test_routes_in_use_cost_what_the_cheapest_way_does_up_to_the_gap(seed: int) -> None:
    """The excess of all routes together is the gap; that of one is no larger."""
    network, classes, result = solved(seed, gap=1e-8)
    table = route_sets(network, classes, result, least_share=ALL)
    zone = {name: number for number, name in enumerate(network.node_ids)}
    skims = {travel.name: skim(network, travel, result).cost for travel in classes}
    least = [skims[k][zone[i], zone[j]] for k, i, j in table.select("class", "origin", "destination").iter_rows()]
    excess = (table["cost"].to_numpy() - np.array(least)) * table["trips"].to_numpy()
    load = np.array([{travel.name: travel.load for travel in classes}[k] for k in table["class"]])
    assert (excess >= -ROUNDING * (1 + table["cost"].to_numpy() * table["trips"].to_numpy())).all()
    spent = float(table["cost"].to_numpy() @ table["trips"].to_numpy())
    assert excess.sum() <= 1e-8 * spent + ROUNDING * (1 + spent)
    total = float(table["cost"].to_numpy() @ (table["trips"].to_numpy() * load))
    assert total == pytest.approx(result.certificate.total_cost, rel=1e-9, abs=1e-9)


@many
@given(seed=seeds)
def test_users_of_a_link_are_the_pairs_whose_routes_pass_it(seed: int) -> None:
    problem = network, classes, result = solved(seed)
    expected = plain_routes(problem)
    for link, name in enumerate(network.link_ids):
        users = select_link(network, classes, result, link)
        trips = {
            pair: sum(its for way, its in routes.items() if name in way)
            for pair, routes in expected.items()
            if any(name in way for way in routes)
        }
        found = {(k, i, j): its for k, i, j, its, _ in users.pairs.iter_rows()}
        assert found == pytest.approx(trips, rel=1e-9)
        assert ((users.pairs["share"] > 0) & (users.pairs["share"] <= 1)).all()
        for travel, its_flow in zip(classes, result.flow[:, link].tolist(), strict=True):
            its = users.pairs.filter(pl.col("class") == travel.name)
            assert its["trips"].sum() == pytest.approx(its_flow, rel=ROUNDING)
        flow = np.zeros_like(result.flow)
        for (travel, *_), routes in expected.items():
            for way, its in routes.items():
                for other in way if name in way else ():
                    flow[[each.name for each in classes].index(travel), network.link_ids.index(other)] += its
        np.testing.assert_allclose(users.flow, flow, rtol=1e-9, atol=ROUNDING)


def test_users_of_two_routes_are_shared_by_the_closed_form() -> None:
    """``10 + v / 10`` and 15: of 80 trips to node 1 and 20 on to node 2, half take each."""
    links = [(0, 1, 10.0, 100.0, 1.0, 1.0), (0, 1, 15.0, 1.0, 0.0, 4.0), (1, 2, 1.0, 1.0, 0.0, 4.0)]
    network = network_of(3, links)
    classes = [class_of(network, [(0, 1, 80.0), (0, 2, 20.0)])]
    result = solve(network, classes, gap=1e-12)
    users = select_link(network, classes, result, 0)
    assert users.pairs.select("class", "origin", "destination").rows() == [("car", "n0", "n1"), ("car", "n0", "n2")]
    np.testing.assert_allclose(users.pairs["trips"], [40, 10], rtol=1e-9)
    np.testing.assert_allclose(users.pairs["share"], [0.5, 0.5], rtol=1e-9)
    np.testing.assert_allclose(users.flow, [[50, 0, 10]], rtol=1e-9)
    routes = route_sets(network, classes, result, pairs=[(0, 2), (2, 0)])
    np.testing.assert_allclose(routes["trips"], [10, 10], rtol=1e-9)
    np.testing.assert_allclose(routes["cost"], [16, 16], rtol=1e-9)
    assert sorted(routes["links"].to_list()) == [["l0", "l2"], ["l1", "l2"]]
    assert routes["route"].to_list() == [1, 2]
    assert routes["length"].to_list() == [2, 2]


def test_braess_has_three_routes_of_two_trips_each_at_92() -> None:
    network, classes, result = braess()
    routes = route_sets(network, classes, result)
    assert sorted(routes["links"].to_list()) == [["l0", "l1"], ["l0", "l4", "l3"], ["l2", "l3"]]
    np.testing.assert_allclose(routes["trips"], 2, rtol=1e-6)
    np.testing.assert_allclose(routes["time"], 92, rtol=1e-6)
    np.testing.assert_allclose(select_link(network, classes, result, 0).flow, [[4, 2, 0, 2, 2]], rtol=1e-6)
    np.testing.assert_allclose(select_link(network, classes, result, 4).flow, [[2, 0, 0, 2, 2]], rtol=1e-6)


def test_a_link_that_nobody_uses_has_no_users() -> None:
    network = network_of(2, [(0, 1, 1.0, 1.0, 0.0, 0.0), (0, 1, 2.0, 1.0, 0.0, 0.0), (0, 0, 1.0, 1.0, 0.0, 0.0)])
    classes = [class_of(network, [(0, 1, 5.0), (0, 0, 3.0)])]
    result = solve(network, classes)
    assert select_link(network, classes, result, 0).pairs.rows() == [("car", "n0", "n1", 5.0, 1.0)]
    for link in (1, 2):  # the last leads from a zone to itself
        users = select_link(network, classes, result, link)
        assert (users.pairs.height, users.flow.sum()) == (0, 0)


def test_usage_does_not_depend_on_threads_or_on_the_order_of_trips() -> None:
    network, travel = grid(12, 60, seed=5)
    shuffled = np.random.default_rng(6).permutation(len(travel.trips))
    other = replace(travel, **{name: getattr(travel, name)[shuffled] for name in ("origin", "destination", "trips")})
    one = network, [travel], solve(network, [travel], gap=1e-8, threads=1)
    two = network, [other], solve(network, [other], gap=1e-8, threads=2)
    busy = int(one[2].volume.argmax())
    assert route_sets(*one).equals(route_sets(*two))
    assert select_link(*one, busy).pairs.equals(select_link(*two, busy).pairs)
    assert select_link(*one, busy).flow.tobytes() == select_link(*two, busy).flow.tobytes()


def test_routes_are_in_order_and_the_largest_come_first() -> None:
    network, travel = sioux_falls()
    table = route_sets(network, [travel], solve(network, [travel], gap=1e-8))
    keys = [(int(i[1:]), int(j[1:])) for i, j in table.select("origin", "destination").iter_rows()]
    assert keys == sorted(keys)
    for _, routes in table.drop_nulls("route").group_by("origin", "destination"):
        assert routes["route"].to_list() == list(range(1, routes.height + 1))
        assert routes["share"].is_sorted(descending=True)
    assert table["route"].max() > 1


def test_links_are_found_by_name_and_others_told_at_once() -> None:
    network, _ = sioux_falls()
    assert link_numbers(network, ["l70", "l3", "l70"]) == [70, 3]
    with pytest.raises(AssignmentError) as caught:
        link_numbers(network, ["l70", "l700", "x"])
    assert [(fault.value, fault.remedy[:12]) for fault in caught.value.faults] == [
        ("l700", "Did you mean"),
        ("x", "Name a link."),
    ]
