"""Laws of routes: what must hold in every network, whatever its numbers."""

from __future__ import annotations

import random
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jibek.errors import RouteError
from jibek.network import ArcCosts, ArcKind, Network, arc_costs, build_network
from jibek.routes import Route, find_routes
from small_corridor import Rows, make_corridor, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

SUM = 1e-9  # sums of at most a hundred floats in different orders
ORIGIN, DESTINATION = "p0", "p1"
laws = settings(deadline=None, max_examples=40)


def answer(tables: Rows, origin: str = ORIGIN, destination: str = DESTINATION, **options: object) -> list[Route]:
    corridor = make_corridor(**tables)
    network = build_network(corridor)
    costs = arc_costs(network, corridor, "goods", 2025)
    return find_routes(network, costs, corridor, origin, destination, **options)


def routes_or_none(tables: Rows, *ends: str, **options: object) -> list[Route]:
    try:
        return answer(tables, *ends, **options)
    except RouteError:
        return []


def totals(routes: list[Route]) -> list[tuple[float, ...]]:
    return [(r.hours, r.hours_moving, r.hours_waiting, r.usd, r.kg_co2, r.km, r.generalised_hours) for r in routes]


def cut(tables: Rows, number: int, share: float) -> Rows:
    """Cut a link in two; its border stays on the second half, its service calls at the new place in passing."""
    links = list(tables["links"])
    whole = links.pop(number)
    start, end = (next(p for p in tables["places"] if p["id"] == whole[e]) for e in ("from_place", "to_place"))
    first_km = max(1, int(whole["length_km"] * 1024 * share)) / 1024
    assume(0 < first_km < whole["length_km"])
    middle = dict(
        start, id="middle", name="Middle", lat=(start["lat"] + end["lat"]) / 2 + 0.25, lon=start["lon"] + 0.25
    )
    first = dict(whole, id="first-half", to_place="middle", length_km=first_km)
    second = dict(whole, id="second-half", from_place="middle", length_km=whole["length_km"] - first_km)
    stops = [dict(stop, sequence=10 * stop["sequence"]) for stop in tables["stops"]]
    stops += [
        {"service": stop["service"], "sequence": 15, "place": "middle", "hours": 0.0}
        for stop in tables["stops"]
        if stop["service"] == f"service-{whole['id']}" and stop["sequence"] == 1
    ]
    borders = [dict(b, link="second-half") if b["link"] == whole["id"] else b for b in tables["borders"]]
    return tables | {
        "places": [*tables["places"], middle],
        "links": [*links, first, second],
        "stops": stops,
        "borders": borders,
    }


@laws
@given(tables=rows(by_country=False), number=st.integers(0, 100), share=st.floats(0.01, 0.99), k=st.integers(1, 5))
def test_cutting_a_link_in_two_changes_no_route(tables: Rows, number: int, share: float, k: int) -> None:
    halves = cut(tables, number % len(tables["links"]), share)
    assert totals(routes_or_none(halves, k=k)) == totals(routes_or_none(tables, k=k))


@laws
@given(tables=rows(), number=st.integers(0, 100), share=st.floats(0.01, 0.99))
def test_cutting_a_link_in_two_changes_no_pareto_set(tables: Rows, number: int, share: float) -> None:
    country = {place["id"]: place["country"] for place in tables["places"]}
    whole = tables["links"][number % len(tables["links"])]
    # Where railways charge by country, only a cut inside a country leaves each its share.
    assume(country[whole["from_place"]] == country[whole["to_place"]])
    halves = cut(tables, number % len(tables["links"]), share)
    before, after = (totals(routes_or_none(each, pareto=True, k=10**6)) for each in (tables, halves))
    assert after == before


def relabelled(tables: Rows, seed: int) -> tuple[Rows, dict[str, str]]:
    """Give every id another one, in another order."""
    ids = sorted({row["id"] for name, table in tables.items() if name != "commodities" for row in table if "id" in row})
    others = [f"x{i}" for i in range(len(ids))]
    random.Random(seed).shuffle(others)
    new = dict(zip(ids, others, strict=True))

    def renamed(value: object) -> object:
        if isinstance(value, list):
            return [renamed(item) for item in value]
        return new.get(value, value) if isinstance(value, str) else value

    kept = {"name", "payee", "medium"}
    return {
        name: [{c: v if c in kept else renamed(v) for c, v in row.items()} for row in table]
        for name, table in tables.items()
    }, new


@laws
@given(tables=rows(), seed=st.integers(0, 2**32), k=st.integers(1, 5), pareto=st.booleans())
def test_other_ids_give_the_same_routes(tables: Rows, seed: int, k: int, pareto: bool) -> None:  # noqa: FBT001
    others, new = relabelled(tables, seed)
    before = routes_or_none(tables, k=k, pareto=pareto)
    after = routes_or_none(others, new[ORIGIN], new[DESTINATION], k=k, pareto=pareto)
    assert totals(after) == totals(before)
    assert [r.corridor for r in after] == [r.corridor for r in before]
    assert [r.countries for r in after] == [r.countries for r in before]
    assert [r.usd_by_payee for r in after] == [r.usd_by_payee for r in before]
    assert [[p.place for p in r.path] for r in after] == [[new[p.place] for p in r.path] for r in before]


@laws
@given(tables=rows(), seed=st.integers(0, 2**32))
def test_the_order_of_rows_does_not_matter(tables: Rows, seed: int) -> None:
    shuffled = {name: random.Random(seed).sample(table, len(table)) for name, table in tables.items()}
    assert routes_or_none(shuffled) == routes_or_none(tables)


@laws
@given(tables=rows(), number=st.integers(0, 100), table=st.sampled_from(["links", "borders", "terminals", "services"]))
def test_closing_something_never_makes_the_best_route_better(tables: Rows, number: int, table: str) -> None:
    assume(tables[table])
    open_rows = tables[table]
    number %= len(open_rows)
    closed = [dict(row, open_share=0.0) if i == number else row for i, row in enumerate(open_rows)]
    before = routes_or_none(tables, k=1)
    for after in routes_or_none(tables | {table: closed}, k=1):
        assert after.generalised_hours >= before[0].generalised_hours
    for after in routes_or_none(tables, k=1, avoid=[open_rows[number]["id"]]):
        assert after.generalised_hours >= before[0].generalised_hours
        assert open_rows[number]["id"] not in {wait.id for leg in after.legs for wait in leg.stops}


@laws
@given(tables=rows(), pareto=st.booleans())
def test_a_route_is_the_sum_of_its_parts(tables: Rows, pareto: bool) -> None:  # noqa: FBT001
    for route in routes_or_none(tables, pareto=pareto):
        legs = route.legs
        assert route.hours == pytest.approx(route.hours_moving + route.hours_waiting, rel=SUM)
        assert route.hours_moving == pytest.approx(sum(leg.hours_moving for leg in legs), rel=SUM)
        assert route.hours_waiting == pytest.approx(sum(leg.hours_waiting for leg in legs), rel=SUM)
        assert route.usd == pytest.approx(sum(leg.usd for leg in legs), rel=SUM)
        assert route.usd == pytest.approx(sum(route.usd_by_payee.values()), rel=SUM)
        assert route.kg_co2 == pytest.approx(sum(leg.kg_co2 for leg in legs), rel=SUM)
        assert route.km == pytest.approx(sum(leg.km for leg in legs), rel=SUM)
        for leg in legs:
            assert leg.hours_waiting == pytest.approx(sum(wait.hours for wait in leg.stops), rel=SUM)
        assert [legs[0].from_place, legs[-1].to_place] == [ORIGIN, DESTINATION]
        for one, other in pairwise(legs):
            assert one.to_place == other.from_place
            assert one.mode != other.mode


@laws
@given(tables=rows(), k=st.integers(1, 6), most_overlap=st.sampled_from([0.0, 0.3, 0.7]))
def test_alternatives_are_sorted_distinct_and_overlap_little(tables: Rows, k: int, most_overlap: float) -> None:
    routes = routes_or_none(tables, k=k, most_overlap=most_overlap)
    assert len(routes) <= k
    assert [route.rank for route in routes] == list(range(1, len(routes) + 1))
    costs = [route.generalised_hours for route in routes]
    assert costs == sorted(costs)
    corridor = make_corridor(**tables)
    network = build_network(corridor)
    for route in routes:
        places = [point.place for point in route.path]
        assert len(places) == len(set(places))
    for one, other in combinations(routes, 2):
        if one.rank == 1 and one.corridor == "other" and other.corridor != "other":
            continue  # a best route without a name holds back no named corridor
        shared = set(links_of(network, one)) & set(links_of(network, other))
        km = sum(links_of(network, one)[link] for link in shared)
        assert km <= most_overlap * min(one.km, other.km) * (1 + SUM)


def links_of(network: Network, route: Route) -> dict[int, float]:
    return {network.element[arc]: network.km[arc] for arc in route.arcs if network.kind[arc] == ArcKind.LINK}


def every_way(network: Network, costs: ArcCosts) -> Iterator[list[int]]:
    """Enumerate all paths that never come back to a place they left."""
    start = int(network.origin_node[network.place_index[ORIGIN]])
    goal = int(network.destination_node[network.place_index[DESTINATION]])

    def extend(node: int, seen: frozenset[int], here: frozenset[int], path: list[int]) -> Iterator[list[int]]:
        if node == goal:
            yield path
            return
        for arc in range(network.first_out[node], network.first_out[node + 1]):
            head = int(network.arc_to[arc])
            place = int(network.node_place[head])
            stays = place == network.node_place[node]
            if not costs.allowed[arc] or (stays and head in here) or (not stays and place in seen):
                continue
            yield from extend(head, seen | {place}, here | {head} if stays else frozenset({head}), [*path, arc])

    yield from extend(start, frozenset({int(network.node_place[start])}), frozenset({start}), [])


@laws
@given(tables=rows())
def test_the_best_route_and_the_pareto_set_are_those_of_all_ways(tables: Rows) -> None:
    corridor = make_corridor(**tables)
    network = build_network(corridor)
    costs = arc_costs(network, corridor, "goods", 2025)
    ways = list(every_way(network, costs))
    points = {(costs.hours[way].sum(), costs.usd[way].sum(), costs.kg_co2[way].sum()) for way in ways}
    best = routes_or_none(tables, k=1)
    assert bool(best) == bool(ways)
    if ways:
        assert best[0].generalised_hours == min(costs.generalised_hours[way].sum() for way in ways)
    front = {p for p in points if not any(q != p and all(a <= b for a, b in zip(q, p, strict=True)) for q in points)}
    found = routes_or_none(tables, pareto=True, k=10**6)
    assert {(route.hours, route.usd, route.kg_co2) for route in found} == front
    assert len(found) == len(front)


@laws
@given(tables=rows(), k=st.integers(1, 4))
def test_a_short_pareto_list_keeps_the_extremes(tables: Rows, k: int) -> None:
    everything = routes_or_none(tables, pareto=True, k=10**6)
    some = routes_or_none(tables, pareto=True, k=k)
    assert len(some) == min(k, len(everything))
    if k >= 3 and everything:
        for criterion in ("hours", "usd", "kg_co2"):
            assert min(getattr(r, criterion) for r in some) == min(getattr(r, criterion) for r in everything)
