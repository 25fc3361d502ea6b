"""What each series counts, against counts by hand on a line of three countries, and GEH against worked values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from jibek.flows import build_route_sets, counts_of, geh, marks_of, observed_in
from small_corridor import GOODS, MODES, link, make_corridor, place
from small_flows import demand_of, solved, wants

if TYPE_CHECKING:
    from jibek.corridor import Corridor
    from jibek.flows import Counts

SUM = 1e-12  # a product of three factors

# a1 - a2 | b | c: two places in AAA, one in BBB, one in CCC. A road runs beside the railway from a2 to b.
BOXES = GOODS | {"id": "boxes", "name": "Boxes", "unit": "teu"}
TANKS = BOXES | {"id": "tanks", "name": "Tanks", "parent": "boxes"}
ORE = GOODS | {"id": "ore", "name": "Ore"}
CONVERSIONS = [
    {"commodity": "boxes", "unit": "t", "per_unit": 1 / 16},  # 16 t in a TEU
    {"commodity": "boxes", "unit": "teu", "per_unit": 1.0, "empty_return": 0.25},
    {"commodity": "boxes", "unit": "train", "per_unit": 64.0, "empty_return": 0.5},
    {"commodity": "ore", "unit": "train", "per_unit": 2048.0, "empty_return": 1.0},
    {"commodity": "ore", "unit": "teu", "per_unit": 16.0},
]
LINKS = [link("a1", "a2", "rail", 64.0), link("a2", "b", "rail", 64.0), link("b", "c", "rail", 64.0)]
ROAD = link("a2", "b", "road", 4096.0)
DEMAND = {
    ("a1", "c", "boxes"): 640.0,  # in transit through BBB
    ("a2", "b", "ore"): 4096.0,
    ("c", "a1", "ore"): 2048.0,
    ("a1", "a2", "boxes"): 64.0,  # within AAA
    ("b", "c", "tanks"): 128.0,
}


def corridor(*counts: dict[str, Any], **tables: Any) -> Corridor:  # noqa: ANN401
    places = [("a1", "AAA"), ("a2", "AAA"), ("b", "BBB"), ("c", "CCC")]
    rows = {
        "places": [place(name, country, i, i) for i, (name, country) in enumerate(places, start=1)],
        "regions": [{"region": "WEST", "country": "BBB"}, {"region": "WEST", "country": "CCC"}],
        "modes": MODES,
        "links": [*LINKS, ROAD],
        "borders": [{"id": f"at-{row['id']}", "link": row["id"], "hours": 0.0} for row in [*LINKS[1:], ROAD]],
        "terminals": [{"id": "ramp", "place": "b", "from_mode": "rail", "to_mode": "road", "hours": 1.0}],
        "corridors": [{"id": "whole", "name": "Whole", "via": ["a2", "b", "c"]}],
        "commodities": [BOXES, TANKS, ORE],
        "conversions": CONVERSIONS,
        "demand": [wants(*key[:2], quantity, key[2]) for key, quantity in DEMAND.items()],
        "counts": list(counts),
    }
    return make_corridor(**(rows | tables))


def count(unit: str = "t/yr", **row: Any) -> float:  # noqa: ANN401
    """Count the flows, all of them on the railway, by one row."""
    counts, flow = counted(corridor({"series": "s", **row}, series=[series("s", unit)]))
    return float(counts.modelled(flow).item())


def counted(world: Corridor) -> tuple[Counts, np.ndarray]:
    """Say what the rows of counts count, and give the flows with everything on the railway."""
    routes = build_route_sets(world, [], [], [demand_of(world)])
    network = routes.network
    by_rail = [
        not any(network.describe_arc(arc).mode == "road" for arc in routes.arcs[slice(*ends)])
        for ends in zip(routes.first_arc[:-1], routes.first_arc[1:], strict=True)
    ]
    flow = np.zeros(routes.n_routes)
    names = world["places"]["id"].to_list()
    for route in np.flatnonzero(by_rail):
        pair = routes.pair_of_route[route]
        key = (names[routes.origin[pair]], names[routes.destination[pair]], routes.commodities[routes.commodity[pair]])
        flow[route] = DEMAND[key]
    assert sorted(flow[flow > 0]) == sorted(DEMAND.values())
    return counts_of(world, routes, marks_of(world, routes)), flow


def series(id_: str, unit: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"id": id_, "title": id_, "measure": "flow", "unit": unit, "use": "fit"} | more


AT_B = {"flow": "passing", "table": "borders", "elements": ["at-a2--b--rail"]}


@pytest.mark.parametrize(
    ("row", "unit", "expected"),
    [
        # Passing: 640 TEU and 4,096 t go forward over the first frontier, 2,048 t back.
        (AT_B, "t/yr", 640 * 16 + 4096 + 2048),
        (AT_B | {"direction": "forward"}, "t/yr", 640 * 16 + 4096),
        (AT_B | {"direction": "backward"}, "t/yr", 2048),
        (AT_B | {"commodity": "ore"}, "kt/yr", 4096 + 2048),
        (AT_B | {"commodity": "ore", "destination": ["a1"]}, "t/yr", 2048),
        (AT_B | {"origin": ["AAA"], "destination": ["WEST"]}, "t/yr", 640 * 16 + 4096),
        (AT_B | {"origin": ["a2", "c"]}, "t/yr", 4096 + 2048),
        (AT_B, "trains/yr", 640 / 64 + 4096 / 2048 + 2048 / 2048),
        # Boxes are counted of what travels in boxes, unless the count names the goods.
        (AT_B, "TEU/yr", 640),
        (AT_B | {"commodity": "ore"}, "TEU/yr", (4096 + 2048) / 16),
        # Empties: half as many trains of boxes go back empty, as many of ore.
        (AT_B | {"loaded": False}, "trains/yr", 10 * 1.5 + (2 + 1) * 2),
        (AT_B | {"loaded": False, "direction": "forward"}, "trains/yr", 10 + 2 + 1 * 1.0),
        (AT_B | {"loaded": False, "direction": "backward"}, "trains/yr", 1 + 10 * 0.5 + 2 * 1.0),
        (AT_B | {"loaded": False}, "TEU/yr", 640 * 1.25),
        (AT_B | {"loaded": False, "direction": "backward"}, "TEU/yr", 640 * 0.25),
        # Several elements are added up; a parent stands for its children.
        (AT_B | {"elements": ["at-a2--b--rail", "at-b--c--rail"], "commodity": "boxes"}, "TEU/yr", 640 * 2 + 128),
        (AT_B | {"table": "links", "elements": ["a1--a2--rail"]}, "TEU/yr", 640 + 64),
        (AT_B | {"table": "links", "elements": ["a2--b--road"]}, "t/yr", 0),
        (AT_B | {"table": "terminals", "elements": ["ramp"]}, "t/yr", 0),
        # Through, into and out of a country.
        ({"flow": "transit", "table": "countries", "elements": ["BBB"]}, "t/yr", 640 * 16 + 2048),
        ({"flow": "transit", "table": "countries", "elements": ["BBB"], "commodity": "boxes"}, "TEU/yr", 640),
        ({"flow": "transit", "table": "countries", "elements": ["AAA"]}, "t/yr", 0),
        ({"flow": "entering", "table": "countries", "elements": ["BBB"]}, "t/yr", 4096),
        ({"flow": "leaving", "table": "countries", "elements": ["BBB"]}, "t/yr", 128 * 16),
        ({"flow": "entering", "table": "countries", "elements": ["CCC"]}, "TEU/yr", 640 + 128),
        ({"flow": "entering", "table": "countries", "elements": ["BBB", "CCC"]}, "TEU/yr", 640),
        ({"flow": "leaving", "table": "countries", "elements": ["AAA"], "modes": ["rail"]}, "t/yr", 640 * 16 + 4096),
        ({"flow": "leaving", "table": "countries", "elements": ["AAA"], "modes": ["road"]}, "t/yr", 0),
        ({"flow": "entering", "table": "countries", "elements": ["AAA"], "loaded": False}, "trains/yr", 1 * 2),
        # Between zones, whatever way.
        ({"flow": "moving", "origin": ["AAA"], "destination": ["AAA"]}, "TEU/yr", 64),
        ({"flow": "moving", "origin": ["AAA"], "destination": ["WEST"]}, "t/yr", 640 * 16 + 4096),
        ({"flow": "moving", "origin": ["WEST"], "destination": ["WEST"], "commodity": "boxes"}, "TEU/yr", 128),
        # On a named corridor.
        ({"flow": "passing", "table": "corridors", "elements": ["whole"]}, "t/yr", 640 * 16 + 2048),
        ({"flow": "passing", "table": "corridors", "elements": ["whole"], "modes": ["road"]}, "t/yr", 0),
    ],
)  # fmt: skip
def test_a_row_counts_what_it_says(row: dict[str, Any], unit: str, expected: float) -> None:
    assert count(unit, **row) == pytest.approx(expected, rel=SUM)


def test_rows_that_count_nothing_and_units_of_no_goods_are_left_out() -> None:
    rows = [{"series": "none", "flow": "none"}, {"series": "hours", **AT_B}, {"series": "tonnes", **AT_B}]
    named = [series("none", "t/yr"), series("hours", "h"), series("tonnes", "t/yr")]
    counts, _ = counted(corridor(*rows, series=named))
    assert counts.series == ("tonnes",)
    assert counts.base_unit == ("t",)


def test_series_that_count_the_same_share_a_group() -> None:
    rows = [
        {"series": "a", **AT_B},
        {"series": "b", **AT_B, "direction": "forward"},
        {"series": "c", **AT_B},
        {"series": "d", **AT_B},
        {"series": "e", **AT_B, "elements": ["at-a2--b--rail", "at-b--c--rail"]},
        {"series": "f", **AT_B, "elements": ["at-b--c--rail", "at-a2--b--rail"]},
    ]
    units = {"a": "t/yr", "b": "t/yr", "c": "kt/yr", "d": "TEU/yr", "e": "t/yr", "f": "t/yr"}
    counts, _ = counted(corridor(*rows, series=[series(name, unit) for name, unit in units.items()]))
    a, b, c, d, e, f = counts.group
    assert a == c
    assert e == f
    assert len({a, b, d, e}) == 4


# A preference or a count may name any country; that no place of it is in the corridor is no reason to fall over.


@pytest.mark.parametrize(
    "row",
    [
        {"flow": "transit", "table": "countries", "elements": ["DEU"]},
        {"flow": "moving", "origin": ["AAA"], "destination": ["DEU"]},
        AT_B | {"origin": ["DEU"]},
    ],
)
def test_a_country_without_a_place_counts_nothing(row: dict[str, Any]) -> None:
    assert count(**row) == 0.0


# What was observed.


def observed(unit: str, *rows: tuple[int, int, int, float], **more: Any) -> pl.DataFrame:  # noqa: ANN401
    values = [
        {"series": "s", "year": year, "from_month": first, "to_month": last, "value": value}
        for year, first, last, value in rows
    ]
    return observed_in(make_corridor(series=[series("s", unit, **more)], observations=values), 2025)


@pytest.mark.parametrize(
    ("unit", "months", "value", "expected"),
    [
        ("kt", (1, 12), 30.0, ("t", 30_000.0, 12)),
        ("kt", (1, 6), 30.0, ("t", 60_000.0, 6)),
        ("TEU", (4, 12), 90.0, ("TEU", 120.0, 9)),
        ("trains", (2, 7), 50.0, ("trains", 100.0, 6)),
        # A rate holds for the year, whenever it was measured.
        ("kt/yr", (1, 6), 30.0, ("t", 30_000.0, 6)),
        ("TEU/week", (1, 6), 7.0, ("TEU", 365.0, 6)),
        ("trains/day", (1, 12), 2.0, ("trains", 730.0, 12)),
        ("train_pairs/day", (1, 12), 1.0, ("trains", 730.0, 12)),
    ],
)
def test_an_observation_is_brought_to_a_year(
    unit: str, months: tuple[int, int], value: float, expected: tuple[str, float, int]
) -> None:
    row = observed(unit, (2025, *months, value)).row(0, named=True)
    assert (row["base_unit"], row["months"]) == (expected[0], expected[2])
    assert row["observed"] == pytest.approx(expected[1], rel=SUM)


def test_less_than_half_a_year_is_left_out() -> None:
    assert observed("kt", (2025, 1, 5, 30.0)).is_empty()


def test_of_several_periods_the_longest_counts() -> None:
    table = observed("kt", (2025, 1, 6, 30.0), (2025, 1, 9, 36.0), (2025, 7, 12, 10.0), (2024, 1, 12, 99.0))
    assert table["observed"].to_list() == [48_000.0]


@pytest.mark.parametrize("measure", ["hours", "usd", "stock", "capacity"])
def test_only_what_moves_is_compared(measure: str) -> None:
    assert observed("kt", (2025, 1, 12, 30.0), measure=measure).is_empty()
    assert observed("USD", (2025, 1, 12, 30.0)).is_empty()


def test_geh_is_that_of_worked_values() -> None:
    # UK DMRB 12.2.1: two volumes of 100 and 121 an hour; equal ones; one without the other.
    modelled = np.array([121.0, 50.0, 0.0, 8.0, 0.0])
    counted = np.array([100.0, 50.0, 8.0, 0.0, 0.0])
    expected = [np.sqrt(2 * 441 / 221), 0.0, 4.0, 4.0, 0.0]
    np.testing.assert_allclose(geh(modelled, counted), expected, rtol=SUM)


def test_counts_of_solved_flows_are_those_of_the_arcs() -> None:
    tables = {name: table.to_dicts() for name, table in corridor({"series": "s", **AT_B}).tables.items()}
    answer = solved(tables | {"series": [series("s", "t/yr")]})
    counts = counts_of(answer.world, answer.routes, marks_of(answer.world, answer.routes))
    arcs = answer.tables["flow_arcs"].filter(kind="border", id="at-a2--b--rail")
    tonnes = pl.when(pl.col("commodity") == "ore").then(1.0).otherwise(16.0)
    expected = arcs.select((pl.col("quantity") * tonnes).sum()).item()
    assert counts.modelled(answer.flows.equilibrium.flow).item() == pytest.approx(expected, rel=SUM)
