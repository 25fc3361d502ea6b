"""The layers of the network: gates, stations, borders in series, services, closures."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from jibek.network import ArcKind, Network, NodeKind, build_network
from small_corridor import GOODS, MODES, Rows, link, make_corridor, place, rows

PLACES = [place("a", "AAA", 1, 1), place("b", "BBB", 2, 2), place("c", None, 3, 3)]


def network_of(**tables: list[dict[str, Any]]) -> Network:
    return build_network(make_corridor(**{"places": PLACES, "modes": MODES, "commodities": [GOODS]} | tables))


def kinds(network: Network) -> Counter[str]:
    return Counter(ArcKind(kind).name for kind in network.kind)


@settings(deadline=None, max_examples=30)
@given(tables=rows())
def test_the_forward_star_is_sound(tables: Rows) -> None:
    network = build_network(make_corridor(**tables))
    assert np.all(np.diff(network.first_out) >= 0)
    assert network.first_out[-1] == network.n_arcs
    np.testing.assert_array_equal(np.repeat(np.arange(network.n_nodes), np.diff(network.first_out)), network.arc_from)
    gates = network.node_layer < 0
    assert not np.any(np.isin(network.arc_to, network.origin_node)), "nothing enters an origin"
    assert not np.any(np.isin(network.arc_from, network.destination_node)), "nothing leaves a destination"
    assert gates.sum() == 2 * len(network.place_index)
    places = np.arange(len(network.place_index))
    np.testing.assert_array_equal(network.node_place[network.origin_node], places)
    np.testing.assert_array_equal(network.node_place[network.destination_node], places)
    same = network.arc_from != network.arc_to
    assert np.all(same)


def test_blank_hours_are_length_over_speed() -> None:
    network = network_of(links=[link("a", "b", "rail", 128), link("a", "b", "road", 128, hours=9.0)])
    hours = {network.describe_arc(arc).mode: network.hours_moving[arc] for arc in arcs(network, ArcKind.LINK)}
    assert hours == {"rail": 2.0, "road": 9.0}


def arcs(network: Network, kind: ArcKind) -> list[int]:
    return np.flatnonzero(network.kind == kind).tolist()


def test_a_oneway_link_has_one_direction() -> None:
    network = network_of(links=[link("a", "b", "rail", 1, oneway=True), link("b", "c", "rail", 1)])
    ends = {(network.describe_arc(a).from_place, network.describe_arc(a).to_place) for a in arcs(network, ArcKind.LINK)}
    assert ends == {("a", "b"), ("b", "c"), ("c", "b")}


def test_a_border_stands_in_series_in_its_link() -> None:
    links = [link("a", "b", "rail", 64)]
    network = network_of(links=links, borders=[{"id": "x", "link": "a--b--rail", "hours": 3.0}])
    assert kinds(network)["BORDER"] == 2
    frontier = network.node_kind == NodeKind.FRONTIER
    assert frontier.sum() == 2
    for arc in arcs(network, ArcKind.LINK):
        assert frontier[network.arc_to[arc]]
    for arc in arcs(network, ArcKind.BORDER):
        assert frontier[network.arc_from[arc]]
        assert network.hours_waiting[arc] == 3.0
        assert network.km[arc] == network.hours_moving[arc] == 0


def test_a_border_of_one_direction_stands_in_for_that_of_both() -> None:
    links = [link("a", "b", "rail", 64)]
    both = {"id": "both", "link": "a--b--rail", "hours": 3.0}
    back = {"id": "back", "link": "a--b--rail", "hours": 8.0, "direction": "backward"}
    network = network_of(links=links, borders=[both, back])
    met = {(network.describe_arc(a).from_place, network.element_id(a)) for a in arcs(network, ArcKind.BORDER)}
    assert met == {("a", "both"), ("b", "back")}


def test_two_borders_of_one_link_are_met_one_after_the_other() -> None:
    links = [link("a", "b", "rail", 64, oneway=True)]
    borders = [{"id": i, "link": "a--b--rail", "hours": h} for i, h in (("exit", 1.0), ("entry", 2.0))]
    network = network_of(links=links, borders=borders)
    first, second = sorted(arcs(network, ArcKind.BORDER), key=lambda arc: network.hours_waiting[arc])
    assert network.arc_to[first] == network.arc_from[second]
    assert network.arc_to[arcs(network, ArcKind.LINK)[0]] == network.arc_from[first]


@pytest.mark.parametrize("table", ["links", "borders", "terminals", "services"])
def test_what_is_closed_makes_no_arc(table: str) -> None:
    tables: Rows = {
        "links": [link("a", "b", "ferry", 16)],
        "borders": [{"id": "x", "link": "a--b--ferry", "hours": 1.0}],
        "terminals": [{"id": "t", "place": "a", "from_mode": "rail", "to_mode": "ferry", "hours": 1.0}],
        "services": [
            {"id": "s", "name": "S", "mode": "ferry", "unit": "t", "rule": "full", "departures_per_week": 2.0}
        ],
        "stops": [{"service": "s", "sequence": n, "place": p} for n, p in enumerate("ab")],
    }
    kind = {"links": "LINK", "borders": "BORDER", "terminals": "TERMINAL", "services": "BOARDING"}[table]
    assert kinds(network_of(**tables))[kind] == 2
    closed = tables | {table: [row | {"open_share": 0.0} for row in tables[table]]}
    assert kinds(network_of(**closed))[kind] == 0


def ferry_tables(**service: Any) -> Rows:  # noqa: ANN401
    row = {"id": "s", "name": "S", "mode": "ferry", "unit": "t", "rule": "full_or_time", "departures_per_week": 2.0}
    return {
        "links": [link("a", "b", "ferry", 16), link("b", "c", "ferry", 32), link("a", "c", "ferry", 99)],
        "services": [row | service],
        "stops": [{"service": "s", "sequence": n, "place": p, "hours": 5.0} for n, p in enumerate("abc")],
    }


def test_a_link_that_needs_a_service_joins_its_consecutive_stops() -> None:
    network = network_of(**ferry_tables())
    ridden = {network.element_id(arc) for arc in arcs(network, ArcKind.LINK)}
    assert ridden == {"a--b--ferry", "b--c--ferry"}, "a and c are not called at one after the other"
    assert kinds(network)["LINK"] == 4
    assert all(network.hours_waiting[arc] == 42.0 for arc in arcs(network, ArcKind.BOARDING)), "half of 168 h / 2"
    assert all(network.hours_waiting[arc] == 5.0 for arc in arcs(network, ArcKind.DWELL))


def test_boarding_waits_at_most_as_long_as_the_service_does() -> None:
    network = network_of(**ferry_tables(max_wait_hours=30.0))
    assert {network.hours_waiting[arc] for arc in arcs(network, ArcKind.BOARDING)} == {30.0}


def test_changing_vessels_takes_a_terminal() -> None:
    tables = ferry_tables()
    landed = np.flatnonzero(network_of(**tables).node_kind == NodeKind.LANDING)
    network = network_of(**tables)
    assert set(network.kind[np.isin(network.arc_from, landed)]) == {ArcKind.EGRESS}
    hub = {"id": "hub", "place": "b", "from_mode": "ferry", "to_mode": "ferry", "hours": 72.0, "oneway": True}
    network = network_of(**tables, terminals=[hub])
    (arc,) = arcs(network, ArcKind.TERMINAL)
    assert network.node_kind[network.arc_from[arc]] == NodeKind.LANDING
    assert network.node_kind[network.arc_to[arc]] == NodeKind.STATION
