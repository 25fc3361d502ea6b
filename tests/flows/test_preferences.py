"""Preferences against the terms they should add to each pair and route."""

from __future__ import annotations

import math
from typing import Any

import pytest

from jibek.flows import marks_of, preferences_in
from jibek.flows.preferences import DEFAULT_SPREADS, Weights, weigh
from small_corridor import GOODS, MODES, Rows, link, make_corridor, place
from small_flows import YEAR, frozen, preference, shares_of_ways, solved, wants, ways_between

SHARE = 1e-9  # shares of an equilibrium whose residual is below 1e-10
HOURS = [16.0, 16.0]


def odds(*preferences: dict[str, Any], hours: list[float] = HOURS) -> float:
    """Give the logarithm of the odds of the second way over the first, at a spread of 4."""
    rows = [preference("spread_route", 4.0), *preferences]
    first, second = shares_of_ways(solved(ways_between(hours, preferences=rows)))
    return math.log(second / first)


@pytest.mark.parametrize("kind", ["constant", "aversion"])
def test_a_constant_costs_its_share_of_the_cheapest_route(kind: str) -> None:
    assert odds(preference(kind, 0.25, corridor="way-1")) == pytest.approx(-4.0 * 0.25, abs=SHARE)
    assert odds(preference(kind, -0.25, corridor="way-0")) == pytest.approx(-4.0 * 0.25, abs=SHARE)
    assert odds(preference(kind, 0.25)) == pytest.approx(0.0, abs=SHARE)


def test_constants_add_up() -> None:
    both = [preference("constant", 0.25, corridor="way-1"), preference("aversion", 0.5, corridor="way-1")]
    assert odds(*both) == pytest.approx(-4.0 * 0.75, abs=SHARE)


def test_a_subsidy_is_paid_back_at_the_value_of_time() -> None:
    # 8 USD at 4 USD an hour are 2 hours, an eighth of the cheapest route's 16.
    assert odds(preference("subsidy", 8.0, corridor="way-1")) == pytest.approx(4.0 / 8, abs=SHARE)


@pytest.mark.parametrize(
    ("years", "holds"),
    [
        ({}, True),
        ({"from_year": 2025, "to_year": 2025}, True),
        ({"from_year": 2026}, False),
        ({"to_year": 2024}, False),
        ({"from_year": 2020}, True),
        ({"to_year": 2030}, True),
    ],
)
def test_a_preference_holds_in_its_years(years: dict[str, int], *, holds: bool) -> None:
    got = odds(preference("constant", 0.25, corridor="way-1") | years)
    assert got == pytest.approx(-1.0 if holds else 0.0, abs=SHARE)


# Two countries, two commodities, two modes.

GROUP = GOODS | {"id": "freight", "name": "Freight"}
ORE = GOODS | {"id": "ore", "name": "Ore", "parent": "freight"}


def two_modes(*preferences: dict[str, Any], **more: Any) -> Rows:  # noqa: ANN401
    return {
        "places": [place("a", "AAA", 1, 1), place("b", "BBB", 2, 2), place("c", "CCC", 3, 3)],
        "regions": [{"region": "SOUTH", "country": "AAA"}, {"region": "SOUTH", "country": "BBB"}],
        "modes": MODES,
        "links": [
            link("a", "c", "road", 64.0, hours=16.0),
            link("a", "b", "rail", 64.0, hours=8.0),
            link("b", "c", "rail", 64.0, hours=8.0),
        ],
        "corridors": [{"id": "by-b", "name": "By B", "via": ["b"]}],
        "commodities": [GOODS, GROUP, ORE],
        "demand": [wants("a", "c", 365.0), wants("c", "a", 365.0), wants("a", "c", 365.0, "ore")],
        "preferences": list(preferences),
    } | more


def weights(tables: Rows) -> tuple[Weights, list[tuple[str, str, bool]], list[tuple[str, str, str]]]:
    """Add preferences up; name routes by commodity, origin and whether by rail, pairs by their key."""
    world = make_corridor(**tables)
    routes = frozen(tables)
    names = world["places"]["id"].to_list()
    pairs = [
        (routes.commodities[k], names[o], names[d])
        for k, o, d in zip(routes.commodity, routes.origin, routes.destination, strict=True)
    ]
    rail = [
        any(routes.network.describe_arc(arc).mode == "rail" for arc in routes.arcs[slice(*ends)])
        for ends in zip(routes.first_arc[:-1], routes.first_arc[1:], strict=True)
    ]
    described = [(*pairs[pair][:2], by_rail) for pair, by_rail in zip(routes.pair_of_route.tolist(), rail, strict=True)]
    assert len(set(described)) == len(described) == 6
    marks = marks_of(world, routes)
    return weigh(preferences_in(world, routes, marks, YEAR), routes), described, pairs


@pytest.mark.parametrize(
    ("where", "routes"),
    [
        ({}, {("goods", "a"), ("goods", "c"), ("ore", "a")}),
        ({"commodity": "ore"}, {("ore", "a")}),
        ({"commodity": "freight"}, {("ore", "a")}),
        ({"origin": "a"}, {("goods", "a"), ("ore", "a")}),
        ({"origin": "CCC"}, {("goods", "c")}),
        ({"destination": "SOUTH"}, {("goods", "c")}),
        ({"origin": "SOUTH", "destination": "c", "commodity": "goods"}, {("goods", "a")}),
        ({"origin": "c", "destination": "c"}, set()),
    ],
)
@pytest.mark.parametrize("narrowed", [{}, {"mode": "rail"}, {"country": "BBB"}, {"corridor": "by-b"}, {"mode": "road"}])
def test_a_row_holds_for_the_routes_it_names(
    where: dict[str, str], narrowed: dict[str, str], routes: set[tuple[str, str]]
) -> None:
    found, described, _ = weights(two_modes(preference("constant", 0.5, **where, **narrowed)))
    by_rail = {True, False} if not narrowed else {narrowed != {"mode": "road"}}
    for share, (commodity, origin, rail) in zip(found.share, described, strict=True):
        assert share == (0.5 if (commodity, origin) in routes and rail in by_rail else 0.0)
    assert not found.usd.any()
    assert (found.demand == 1).all()


def test_factors_on_demand_multiply() -> None:
    rows = [preference("demand", 2.0, origin="a"), preference("demand", 3.0, commodity="ore")]
    found, _, pairs = weights(two_modes(*rows))
    factors = {("goods", "a", "c"): 2.0, ("goods", "c", "a"): 1.0, ("ore", "a", "c"): 6.0}
    assert dict(zip(pairs, found.demand.tolist(), strict=True)) == factors


def test_demand_factors_act_on_what_is_routed() -> None:
    tables = two_modes(preference("demand", 0.5, commodity="ore"))
    pairs = solved(tables).tables["flow_pairs"]
    assert pairs.filter(commodity="ore")["routed"].item() == pytest.approx(182.5)


def test_without_rows_the_default_spreads_hold() -> None:
    found, *_ = weights(two_modes())
    assert set(found.spread_nest) == {DEFAULT_SPREADS["spread_nest"]}
    assert set(found.spread_route) == {DEFAULT_SPREADS["spread_route"]}


def test_the_nearest_commodity_s_spread_wins() -> None:
    rows = [
        preference("spread_route", 9.0, commodity="freight") | {"id": "a"},
        preference("spread_route", 5.0) | {"id": "b"},
    ]
    for more, expected in ([], 9.0), ([preference("spread_route", 7.0, commodity="ore") | {"id": "0"}], 7.0):
        found, _, pairs = weights(two_modes(*rows, *more))
        spread = dict(zip(pairs, found.spread_route.tolist(), strict=True))
        assert spread == {("goods", "a", "c"): 5.0, ("goods", "c", "a"): 5.0, ("ore", "a", "c"): expected}


def test_a_nest_s_spread_is_at_most_the_route_s() -> None:
    found, *_ = weights(two_modes(preference("spread_route", 2.0), preference("spread_nest", 5.0)))
    assert set(found.spread_nest) == {2.0}


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_the_nearest_parent_wins_in_an_uneven_tree(names: tuple[str, str]) -> None:
    # Freight is the parent of ore and of metals, metals that of copper: freight is as near to ore as metals to copper.
    metals = GROUP | {"id": "metals", "name": "Metals", "parent": "freight"}
    copper = ORE | {"id": "copper", "name": "Copper", "parent": "metals"}
    rows = [
        preference("spread_route", 9.0, commodity="metals") | {"id": names[0]},
        preference("spread_route", 5.0, commodity="freight") | {"id": names[1]},
    ]
    tables = two_modes(
        *rows,
        commodities=[GOODS, GROUP, ORE, metals, copper],
        demand=[wants("a", "c", 1.0, "ore"), wants("a", "c", 1.0, "copper"), wants("c", "a", 1.0, "ore")],
    )
    found, _, pairs = weights(tables)
    spread = dict(zip(pairs, found.spread_route.tolist(), strict=True))
    assert spread == {("ore", "a", "c"): 5.0, ("ore", "c", "a"): 5.0, ("copper", "a", "c"): 9.0}


@pytest.mark.parametrize("end", ["origin", "destination"])
def test_a_country_without_a_place_is_nobody_s_preference(end: str) -> None:
    # The checks let any country pass; one that has no place in the corridor holds for no pair.
    found, *_ = weights(two_modes(preference("constant", 0.5, **{end: "DEU"})))
    assert not found.share.any()


# Sea and overland.


def by_sea(*preferences: dict[str, Any]) -> Rows:
    """Join two places by two railways and an ocean line."""
    modes = [*MODES, MODES[3] | {"id": "deep_sea", "name": "deep sea"}]
    tables = ways_between([16.0, 16.0], preferences=list(preferences), modes=modes)
    tables["links"].append(link("start", "end", "deep_sea", 128.0, hours=4.0))
    tables["services"] = [
        {"id": "liner", "name": "Liner", "mode": "deep_sea", "rule": "timetable", "departures_per_week": 7.0}
    ]
    tables["stops"] = [
        {"service": "liner", "sequence": i, "place": at, "hours": 0.0} for i, at in enumerate(["start", "end"])
    ]
    tables["commodities"] = [GOODS | {"modes": [*GOODS["modes"], "deep_sea"]}]
    return tables


def test_shares_of_nests_are_those_of_the_nested_logit() -> None:
    rows = [preference("spread_route", 6.0), preference("spread_nest", 2.0)]
    table = solved(by_sea(*rows)).tables["flow_routes"]
    assert table.sort("nest")["nest"].to_list() == ["overland", "overland", "sea"]
    sea = table.filter(nest="sea")["share"].item()
    # All cost 16 hours, so two railways are worth log(2) / 6 less cost than one.
    overland = math.exp(2.0 / 6.0 * math.log(2.0))
    assert sea == pytest.approx(1 / (1 + overland), abs=SHARE)


@pytest.mark.parametrize("nest", ["sea", "overland"])
def test_a_constant_of_a_nest_moves_goods_between_nests_only(nest: str) -> None:
    rows = [preference("spread_route", 6.0), preference("spread_nest", 2.0)]
    before, after = (
        solved(by_sea(*each)).tables["flow_routes"].filter(nest="sea")["share"].item()
        for each in (rows, [*rows, preference("constant", 0.5, nest=nest)])
    )
    moved = math.log(after / (1 - after)) - math.log(before / (1 - before))
    assert moved == pytest.approx(-2.0 * 0.5 if nest == "sea" else 2.0 * 0.5, abs=1e-8)
