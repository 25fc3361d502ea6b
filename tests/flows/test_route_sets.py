"""Frozen alternatives: what is in them, what they share, and what a scenario makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from jibek.errors import RouteError
from jibek.flows import assign, build_route_sets, cheapest_flow, price_routes, reference_costs
from jibek.flows.route_sets import everything_open
from jibek.flows.selection import SEA
from jibek.network import ArcKind, arc_costs, build_network
from jibek.network.kernels import ALL, shortest_tree
from jibek.network.path_kernels import path_to
from jibek.routes import find_routes
from small_corridor import GOODS, MODES, Rows, link, make_corridor, place
from small_flows import (
    demand_of,
    first_link,
    flow_rows,
    frozen,
    random_flow_rows,
    resource,
    solved,
    user,
    wants,
    ways_between,
)

if TYPE_CHECKING:
    from jibek.corridor import Corridor
    from jibek.flows import RouteSets

SUM = 1e-9  # sums of at most a hundred floats in different orders
laws = settings(deadline=None, max_examples=8, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def arcs_of(sets: RouteSets, route: int) -> np.ndarray:
    return sets.arcs[slice(*sets.first_arc[route : route + 2])]


@laws
@given(tables=flow_rows())
def test_each_route_leads_from_gate_to_gate_once_past_each_place(tables: Rows) -> None:
    sets = frozen(tables)
    network = sets.network
    for route, pair in enumerate(sets.pair_of_route.tolist()):
        arcs = arcs_of(sets, route)
        assert (network.arc_to[arcs[:-1]] == network.arc_from[arcs[1:]]).all()
        assert network.arc_from[arcs[0]] == network.origin_node[sets.origin[pair]]
        assert network.arc_to[arcs[-1]] == network.destination_node[sets.destination[pair]]
        assert len(set(arcs.tolist())) == len(arcs)
    for pair in range(sets.n_pairs):
        routes = range(sets.first_route[pair], sets.first_route[pair + 1])
        assert len({arcs_of(sets, route).tobytes() for route in routes}) == len(routes)
        assert sets.nest[list(routes)].tolist() == sorted(sets.nest[list(routes)].tolist())


@laws
@given(tables=flow_rows())
def test_the_cheapest_way_of_all_is_among_the_routes_unless_it_comes_back(tables: Rows) -> None:
    world = make_corridor(**tables)
    sets = frozen(tables)
    network = build_network(everything_open(world))
    reference = reference_costs(world, sets)
    for pair in range(sets.n_pairs):
        costs = arc_costs(network, world, sets.commodities[sets.commodity[pair]], 2025)
        hours = np.where(costs.allowed, costs.generalised_hours, np.inf)
        distance, predecessor = shortest_tree(
            network.first_out, network.arc_to, hours, network.origin_node[sets.origin[pair]], ALL
        )
        end = int(network.destination_node[sets.destination[pair]])
        heads = network.arc_to[path_to(predecessor, network.arc_from, end)]
        stops = list(zip(network.node_place[heads].tolist(), network.node_layer[heads].tolist(), strict=True))
        met = [stop for i, stop in enumerate(stops) if i == 0 or stops[i - 1] != stop]
        if not np.isfinite(distance[end]):
            assert sets.first_route[pair] == sets.first_route[pair + 1]
        elif len(met) == len(set(met)):
            assert reference[pair] == pytest.approx(distance[end], rel=SUM)


def test_what_the_route_planner_reaches_is_reached_by_flows() -> None:
    # Here the only way changes vessels by the station of another mode at one port. Path search takes its landing and
    # its quay for one stop that is met twice, drops the path, and tries no other, so the demand is unrouted.
    tables = random_flow_rows(2994)
    world = make_corridor(**tables)
    sets = frozen(tables)
    names = world["places"]["id"].to_list()
    for pair in range(sets.n_pairs):
        commodity = sets.commodities[sets.commodity[pair]]
        costs = arc_costs(sets.network, world, commodity, 2025)
        try:
            best = find_routes(sets.network, costs, world, names[sets.origin[pair]], names[sets.destination[pair]], k=1)
        except RouteError:
            continue
        assert sets.first_route[pair] < sets.first_route[pair + 1]
        assert reference_costs(world, sets)[pair] <= best[0].generalised_hours * (1 + SUM)


@laws
@given(tables=flow_rows(congested=False), number=st.integers(0, 100))
def test_what_can_still_be_reached_in_a_scenario_keeps_a_route(tables: Rows, number: int) -> None:
    links = list(tables["links"])
    number %= len(links)
    links[number] = links[number] | {"open_share": 0.0}
    shut = tables | {"links": links}
    world, closed = make_corridor(**tables), make_corridor(**shut)
    sets = build_route_sets(world, [], [closed], [demand_of(world)])
    flows = assign(closed, world, sets, demand_of(closed))
    alone = frozen(shut)
    for pair in range(sets.n_pairs):
        if np.isfinite(least_hours(closed, alone, pair)):
            assert np.isfinite(flows.equilibrium.least_cost[pair])


def least_hours(world: Corridor, sets: RouteSets, pair: int) -> float:
    """Give the hours of the fastest open route of a pair."""
    priced = price_routes(world, sets)
    routes = slice(*sets.first_route[pair : pair + 2])
    return float(np.where(priced.open[routes], priced.hours[routes], np.inf).min(initial=np.inf))


@laws
@given(tables=flow_rows())
def test_path_sizes_are_the_lengths_that_a_route_has_to_itself(tables: Rows) -> None:
    sets = frozen(tables)
    km = sets.network.km
    for pair in range(sets.n_pairs):
        routes = range(sets.first_route[pair], sets.first_route[pair + 1])
        sets_of_arcs = [set(arcs_of(sets, route).tolist()) for route in routes]
        for route, mine in zip(routes, sets_of_arcs, strict=True):
            shared = [km[arc] / sum(arc in other for other in sets_of_arcs) for arc in mine]
            assert sets.path_size[route] == pytest.approx(sum(shared) / km[list(mine)].sum(), rel=SUM)


def with_bypass(share: float) -> Rows:
    """Give the second of two ways a shortcut in its last part, most of the way staying the same."""
    tables = ways_between([12.0, 20.0])
    kept = [row | ({"length_km": 1024.0} if row["id"] == first_link(1) else {}) for row in tables["links"]]
    bypass = [
        link("middle-1", "bypass", "rail", 30.0, hours=2.0, open_share=share),
        link("bypass", "end", "rail", 30.0, hours=2.0),
    ]
    return tables | {"places": [*tables["places"], place("bypass", "AAA", 3, 3)], "links": [*kept, *bypass]}


def names_of_open(sets: RouteSets, world: Corridor) -> list[str]:
    is_open = price_routes(world, sets).open
    return sorted(sets.ways[way].id for way in sets.way[is_open])


def test_a_planned_twin_does_not_take_the_place_of_what_is_there() -> None:
    # The bypass is cheaper and has nearly all km in common, but it is not built.
    sets = frozen(with_bypass(0.0))
    assert names_of_open(sets, make_corridor(**with_bypass(0.0))) == ["way-0", "way-1"]
    assert names_of_open(sets, make_corridor(**with_bypass(1.0))) == ["way-0", "way-1", "way-1"]


def test_a_twin_that_is_only_planned_takes_no_share_of_its_own() -> None:
    sets = frozen(with_bypass(0.0))
    is_open = price_routes(make_corridor(**with_bypass(0.0)), sets).open
    assert sets.path_size[is_open].tolist() == [1.0, 1.0]
    assert sets.path_size[~is_open].item() == pytest.approx((1024 / 2 + 60) / 1084)


def test_an_earlier_year_keeps_the_named_route_that_it_had() -> None:
    now, then = make_corridor(**with_bypass(1.0)), make_corridor(**with_bypass(0.0))
    sets = build_route_sets(now, [then], [], [demand_of(now)])
    assert names_of_open(sets, then) == ["way-0", "way-1"]


def test_a_planned_link_is_a_closed_route_that_a_scenario_opens() -> None:
    open_now = ways_between([16.0, 12.0])
    links = [row | {"open_share": 0.0} if row["id"] == first_link(1) else row for row in open_now["links"]]
    planned = open_now | {"links": links}
    sets = frozen(planned, [open_now])
    before, after = solved(planned, routes=sets), solved(open_now, routes=sets, base=planned)
    assert sets.n_routes == 2
    assert before.quantity("links", first_link(1)) == 0
    assert after.quantity("links", first_link(1)) > after.quantity("links", first_link(0)) > 0
    one, other = (each.tables["flow_pairs"]["least_hours"].item() for each in (before, after))
    assert other < one
    assert [each.tables["flow_pairs"]["reference_hours"].item() for each in (before, after)] == [12.0, 12.0]


@pytest.mark.parametrize("share", [0.75, 0.25, 1 / 64])
def test_a_route_open_for_a_part_of_the_year_keeps_that_part_of_its_odds(share: float) -> None:
    tables = ways_between([16.0, 18.0])
    links = [row | {"open_share": share} if row["id"] == first_link(1) else row for row in tables["links"]]
    whole, part = solved(tables), solved(tables | {"links": links}, base=tables)
    odds = [each.quantity("links", first_link(1)) / each.quantity("links", first_link(0)) for each in (whole, part)]
    assert odds[1] == pytest.approx(share * odds[0], rel=1e-8)
    assert part.quantity("links", first_link(1)) < whole.quantity("links", first_link(1))


def test_every_named_corridor_has_its_route() -> None:
    sets = frozen(ways_between([16.0, 20.0, 24.0, 28.0]))
    assert sorted(sets.ways[way].id for way in sets.way) == ["way-0", "way-1", "way-2", "way-3"]


def test_a_named_corridor_has_its_route_even_where_going_there_and_back_is_shorter() -> None:
    # From start by the first way to end, on to the second middle and back to end takes 16 hours. This walk is no route,
    # since it meets end twice; the route past the second middle, 20 hours long, must not be lost with it.
    tables = ways_between([16.0, 20.0])
    halves = {first_link(1): 20.0, "middle-1--end--rail": 0.0}
    links = [row | {"hours": halves.get(row["id"], row["hours"])} for row in tables["links"]]
    sets = frozen(tables | {"links": links})
    assert sorted(sets.ways[way].id for way in sets.way) == ["way-0", "way-1"]


@pytest.mark.parametrize("n", [10, 14])
def test_all_that_a_scenario_needs_is_kept_and_little_else(n: int) -> None:
    tables = ways_between([16.0 + i / 8 for i in range(n)])
    worlds = [
        tables
        | {
            "links": [
                row | {"open_share": float(row["id"] == first_link(only) or not row["id"].startswith("start"))}
                for row in tables["links"]
            ]
        }
        for only in range(n)
    ]
    sets = frozen(tables, worlds)
    assert sets.n_routes == n


def test_a_way_far_dearer_than_the_best_is_no_alternative() -> None:
    assert frozen(ways_between([16.0, 39.0])).n_routes == 2
    assert frozen(ways_between([16.0, 41.0])).n_routes == 1


def past_either_gate(own_km: float) -> Rows:
    """Join start and end by 6,400 km in common and so many past one of two frontier gates."""
    gates = ["gate-1", "gate-2"]
    links = [link("start", "fork", "rail", 6400.0, hours=100.0)]
    for number, gate in enumerate(gates):
        links += [
            link("fork", gate, "rail", own_km / 2, hours=8.0),
            link(gate, "end", "rail", own_km / 2, hours=number),
        ]
    return {
        "places": [
            *(place(name, "AAA", 1, 1) for name in ("start", "fork")),
            *(place(name, "BBB", 2, 2) for name in (*gates, "end")),
        ],
        "modes": MODES,
        "links": links,
        "borders": [{"id": f"at-{gate}", "link": f"fork--{gate}--rail", "hours": 1.0} for gate in gates],
        "commodities": [GOODS],
        "demand": [wants("start", "end", 365.0)],
    }


def test_another_frontier_gate_is_an_alternative_however_much_the_way_is_shared() -> None:
    assert frozen(past_either_gate(512.0)).n_routes == 2
    assert frozen(past_either_gate(480.0)).n_routes == 1


def past_places(middles: dict[str, tuple[str, float]]) -> Rows:
    """Join start and end, in two countries, past places of others, each in so many hours."""
    links = [
        link(*ends, "rail", 1024.0, hours=total / 2)
        for middle, (_, total) in middles.items()
        for ends in (("start", middle), (middle, "end"))
    ]
    return {
        "places": [
            place("start", "AAA", 1, 1),
            *(place(middle, country, 2, 2) for middle, (country, _) in middles.items()),
            place("end", "CCC", 3, 3),
        ],
        "modes": MODES,
        "links": links,
        "borders": [{"id": f"at-{row['id']}", "link": row["id"], "hours": 0.0} for row in links],
        "commodities": [GOODS],
        "demand": [wants("start", "end", 365.0)],
    }


def test_the_way_around_a_country_is_an_alternative_though_each_of_its_gates_has_another_beside_it() -> None:
    gates = {"one": ("BBB", 16.0), "other": ("BBB", 17.0)}
    assert frozen(past_places(gates | {"around": ("DDD", 28.0)})).n_routes == 3
    assert frozen(past_places(gates | {"around": ("DDD", 36.0)})).n_routes == 2


def test_a_third_gate_is_an_alternative_though_two_are_cheaper() -> None:
    hours = {"one": ("BBB", 16.0), "two": ("BBB", 17.0), "three": ("BBB", 18.0)}
    assert frozen(past_places(hours)).n_routes == 3


def test_named_ways_do_not_crowd_out_those_without_a_name() -> None:
    """A pair with the best of many names still has its second gate."""
    tables = past_either_gate(512.0)
    detours = [f"detour-{i}" for i in range(12)]
    for number, name in enumerate(detours):
        tables["places"].append(place(name, "AAA", 3, 3))
        tables["links"] += [
            link("start", name, "rail", 3200.0, hours=60.0 + number),
            link(name, "end", "rail", 3200.0, hours=60.0),
        ]
        tables["borders"].append({"id": f"at-{name}", "link": f"{name}--end--rail", "hours": 1.0})
    tables["corridors"] = [{"id": name, "name": name, "via": [name]} for name in detours]
    sets = frozen(tables)
    assert sorted(sets.ways[way].id for way in sets.way if way >= 0) == sorted(detours)
    assert (sets.way < 0).sum() == 2


def beside_the_railway(mode: str, hours: float) -> Rows:
    """Join start and end by a railway of 16 hours and by a ship of so many, half a day of waiting not counted."""
    tables = ways_between([16.0], corridors=[])
    deep_sea = tables["modes"][3] | {"id": "deep_sea", "name": "deep sea"}
    liner = {"id": "liner", "name": "Liner", "mode": mode, "rule": "timetable", "departures_per_week": 14.0}
    return tables | {
        "modes": [*tables["modes"], deep_sea],
        "links": [*tables["links"], link("start", "end", mode, 128.0, hours=hours)],
        "services": [liner],
        "stops": [{"service": "liner", "sequence": i, "place": at} for i, at in enumerate(["start", "end"])],
        "commodities": [tables["commodities"][0] | {"modes": ["rail", mode]}],
    }


@pytest.mark.parametrize(("mode", "nests"), [("deep_sea", [0, SEA]), ("ferry", [0, 0])])
def test_the_sea_is_a_nest_and_a_ferry_is_none(mode: str, nests: list[int]) -> None:
    assert frozen(beside_the_railway(mode, 20.0)).nest.tolist() == nests


def test_goods_keep_a_way_overland_where_the_sea_is_cheaper() -> None:
    # Rail and road are closed in turn, the ocean never is, so that only a named corridor would lead overland.
    assert frozen(beside_the_railway("deep_sea", 4.0)).nest.tolist() == [0, SEA]


def test_all_or_nothing_takes_the_cheapest_open_route() -> None:
    tables = ways_between([16.0, 18.0])
    gates = {"resources": [resource("gate", 1.0)], "resource_users": [user("gate", "links", first_link(0))]}
    answer = solved(tables | gates)
    flow = cheapest_flow(answer.flows)
    assert flow.tolist() == [365.0, 0.0]
    links = [row | {"open_share": 0.0} if row["id"] == first_link(0) else row for row in tables["links"]]
    shut = solved(tables | gates | {"links": links}, routes=answer.routes, base=tables)
    assert cheapest_flow(shut.flows).tolist() == [0.0, 365.0]


def test_reference_costs_are_those_of_the_year_that_they_are_for() -> None:
    # The route sets are of the base year; history may have had slower links and dearer borders in another one.
    tables = ways_between([16.0, 18.0])
    slower = tables | {"links": [row | {"hours": 2 * row["hours"]} for row in tables["links"]]}
    assert reference_costs(make_corridor(**slower), frozen(tables)).tolist() == [32.0]


@laws
@given(tables=flow_rows())
def test_prices_of_routes_are_sums_over_their_arcs(tables: Rows) -> None:
    world = make_corridor(**tables)
    sets = frozen(tables)
    priced = price_routes(world, sets)
    for code, commodity in enumerate(sets.commodities):
        costs = arc_costs(sets.network, world, commodity, 2025)
        mine = sets.of_commodity(code)
        for route in range(mine.start, mine.stop):
            arcs = arcs_of(sets, route)
            assert priced.hours[route] == pytest.approx(costs.hours[arcs].sum(), rel=SUM)
            assert priced.usd[route] == pytest.approx(costs.usd[arcs].sum(), rel=SUM)
            assert priced.kg_co2[route] == pytest.approx(costs.kg_co2[arcs].sum(), rel=SUM)
            links = sets.network.kind[arcs] == ArcKind.LINK
            assert priced.km[route] == pytest.approx(sets.network.km[arcs][links].sum(), rel=SUM)
