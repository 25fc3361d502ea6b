"""Questions about routes: itineraries, what is avoided, why there is no answer, tables."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jibek import Corridor, apply_scenario
from jibek.errors import RouteError
from jibek.network import arc_costs, build_network
from jibek.routes import Route, find_routes, route_tables
from small_corridor import GOODS, MODES, Rows, link, make_corridor, place

SUM = 1e-9
PLACES = [
    place("factory", "AAA", 1, 1),
    place("frontier", "AAA", 2, 2),
    place("port", "BBB", 3, 3),
    place("island", "CCC", 4, 4),
    place("desert", "AAA", 5, 5),
    place("town", "BBB", 6, 6),
]
TABLES: Rows = {
    "places": PLACES,
    "modes": MODES,
    "commodities": [GOODS, GOODS | {"id": "gas", "modes": ["pipe"]}],
    "links": [
        link("factory", "frontier", "rail", 640),
        link("frontier", "port", "wide", 320),
        link("port", "island", "ferry", 160),
        link("factory", "port", "road", 1600),
        link("desert", "town", "road", 10),
    ],
    "borders": [
        {"id": "gate", "link": "frontier--port--wide", "hours": 6.0},
        {"id": "road-gate", "link": "factory--port--road", "hours": 2.0},
    ],
    "terminals": [
        {"id": "gauge", "place": "frontier", "from_mode": "rail", "to_mode": "wide", "hours": 4.0},
        {"id": "quay", "place": "port", "from_mode": "wide", "to_mode": "ferry", "hours": 8.0},
        {"id": "ramp", "place": "port", "from_mode": "road", "to_mode": "ferry", "hours": 1.0},
    ],
    "services": [
        {
            "id": "ship",
            "name": "The ship",
            "mode": "ferry",
            "unit": "t",
            "rule": "timetable",
            "departures_per_week": 7.0,
        }
    ],
    "stops": [{"service": "ship", "sequence": n, "place": p} for n, p in enumerate(("port", "island"))],
    "rates": [
        {"id": "r", "table": "links", "unit": "t", "usd_per_unit_km": 0.25, "payee": "carrier"},
        {"id": "c", "table": "borders", "id_of": "gate", "unit": "t", "usd_per_unit": 3.0, "payee": "customs"},
    ],
    "corridors": [{"id": "rail-way", "name": "By rail", "via": ["frontier/town", "port"], "not_via": ["desert"]}],
}


def ask(origin: str = "factory", destination: str = "island", commodity: str = "goods", **options: Any) -> list[Route]:  # noqa: ANN401
    corridor = make_corridor(**TABLES)
    network = build_network(corridor)
    return find_routes(network, arc_costs(network, corridor, commodity, 2025), corridor, origin, destination, **options)


def test_an_itinerary_tells_legs_waits_and_payments() -> None:
    best = ask()[0]
    assert best.corridor == "By rail"
    assert [(leg.from_place, leg.to_place, leg.mode) for leg in best.legs] == [
        ("factory", "frontier", "rail"),
        ("frontier", "port", "wide"),
        ("port", "island", "ferry"),
    ]
    assert [[(wait.name, wait.kind, wait.hours, wait.usd) for wait in leg.stops] for leg in best.legs] == [
        [],
        [("gauge change at Frontier", "terminal", 4.0, 0.0), ("Frontier–Port border", "border", 6.0, 3.0)],
        [
            ("transfer from rail to sea at Port", "terminal", 8.0, 0.0),
            ("waiting for The ship at Port", "boarding", 12.0, 0.0),
        ],
    ]
    assert best.hours_moving == 10 + 10 + 10
    assert best.hours_waiting == 4 + 6 + 8 + 12
    assert best.usd_by_payee == {"carrier": 280.0, "customs": 3.0}
    assert best.countries == ("AAA", "BBB", "CCC")
    assert [(point.place, point.mode) for point in best.path] == [
        ("factory", ""),
        ("frontier", "rail"),
        ("port", "wide"),
        ("island", "ferry"),
    ]


def test_alternatives_come_in_order_and_by_other_ways() -> None:
    routes = ask()
    assert [route.corridor for route in routes] == ["By rail", "other"]
    assert [leg.mode for leg in routes[1].legs] == ["road", "ferry"]


@pytest.mark.parametrize("item", ["frontier", "Frontier", "gauge", "gate", "frontier--port--wide", "rail", "wide"])
def test_a_way_may_be_avoided_by_any_of_its_parts(item: str) -> None:
    assert [leg.mode for leg in ask(avoid=[item])[0].legs] == ["road", "ferry"]


@pytest.mark.parametrize("item", ["ship", "ferry", "BBB", "bbb", "AAA-BBB", "BBB-AAA", "port"])
def test_when_all_ways_pass_what_is_avoided_the_message_says_so(item: str) -> None:
    with pytest.raises(RouteError, match=f"All ways from 'factory' to 'island' pass {item}"):
        ask(avoid=[item])


def test_when_only_all_together_close_every_way_the_message_says_so() -> None:
    with pytest.raises(RouteError, match="passes one of rail, road"):
        ask(avoid=["rail", "road"])


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"origin": "factori"}, "factory"),
        ({"destination": "factory"}, "same place"),
        ({"avoid": ["frontie"]}, "frontier"),
        ({"avoid": ["CCD"]}, "CCC"),
        ({"avoid": ["BBB-"]}, "Nothing called 'BBB-'"),
        ({"avoid": ["zzzzzz"]}, "countries: AAA, BBB, CCC"),
        ({"commodity": "gas"}, "Nothing leaves 'factory' for commodity 'gas'"),
        ({"destination": "town"}, "3 of 6 places"),
    ],
)
def test_a_question_without_an_answer_says_why(question: dict[str, Any], message: str) -> None:
    with pytest.raises(RouteError, match=message):
        ask(**question)


def test_json_has_the_keys_of_the_interface() -> None:
    found = json.loads(json.dumps([route.as_json() for route in ask()]))
    assert {"rank", "corridor", "hours", "usd", "kg_co2", "km", "countries", "legs"} <= set(found[0])
    assert {"from", "to", "mode", "hours_moving", "hours_waiting", "usd", "km"} <= set(found[0]["legs"][0])


def test_tables_hold_the_same_numbers() -> None:
    routes = ask()
    tables = route_tables(routes, 1)
    assert set(tables) == {"routes", "route_legs", "route_waits", "route_payments", "route_paths"}
    assert tables["routes"]["usd"].to_list() == [route.usd for route in routes]
    assert tables["routes"]["countries"].to_list()[0] == ["AAA", "BBB", "CCC"]
    for table, column in (("route_legs", "usd"), ("route_payments", "usd")):
        sums = tables[table].group_by("rank").agg(column).sort("rank")[column]
        assert [sum(each) for each in sums] == pytest.approx([route.usd for route in routes], rel=SUM)
    assert tables["route_waits"].filter(rank=1)["hours"].sum() == routes[0].hours_waiting
    assert tables["route_paths"].filter(rank=1)["place"].to_list() == ["factory", "frontier", "port", "island"]
    empty = route_tables([], 2)
    assert all(frame.is_empty() and frame.schema == tables[name].schema for name, frame in empty.items())


def spur() -> Corridor:
    """Return a corridor whose cheapest way goes to a spur for its gauge change and comes back."""
    places = [place(name, "AAA", i, i) for i, name in enumerate(("start", "hub", "spur", "goal"))]
    links = [
        link("start", "hub", "rail", 64),
        link("hub", "spur", "rail", 1),
        link("spur", "hub", "wide", 1),
        link("hub", "goal", "wide", 64),
        link("start", "goal", "road", 999),
    ]
    terminal = {"id": "change", "place": "spur", "from_mode": "rail", "to_mode": "wide", "hours": 1.0}
    return make_corridor(places=places, modes=MODES, links=links, terminals=[terminal], commodities=[GOODS])


@pytest.mark.parametrize("pareto", [False, True])
def test_no_route_comes_back_to_a_place_it_left(pareto: bool) -> None:  # noqa: FBT001
    corridor = spur()
    network = build_network(corridor)
    costs = arc_costs(network, corridor, "goods", 2025)
    (route,) = find_routes(network, costs, corridor, "start", "goal", pareto=pareto)
    assert [point.place for point in route.path] == ["start", "goal"]


def test_the_embedded_corridor_shows_its_corridors(corridor: Corridor) -> None:
    now = apply_scenario(corridor)
    network = build_network(now)
    costs = arc_costs(network, now, "containers", now.year)
    routes = find_routes(network, costs, now, "xian", "duisburg", k=8)
    for name in ("Northern", "Trans-Caspian", "Deep sea by Suez"):
        assert any(route.corridor.startswith(name) for route in routes), name
    assert routes[0].corridor.startswith("Northern")
    assert all(route.countries[0] == "CHN" and route.countries[-1] == "DEU" for route in routes)
    around = find_routes(network, costs, now, "xian", "duisburg", avoid=["RUS"])
    assert not any("RUS" in route.countries for route in around)
