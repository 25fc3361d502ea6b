"""Prices, emissions and permissions: which rate an arc takes, who is paid, what may pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jibek.errors import RouteError
from jibek.network import ArcCosts, ArcKind, Network, arc_costs, build_network
from small_corridor import GOODS, MODES, Rows, link, make_corridor, place

PLACES = [place("a", "AAA", 1, 1), place("b", "BBB", 2, 2), place("c", "BBB", 3, 3), place("sea", None, 4, 4)]
LINKS = [link("a", "b", "rail", 100), link("b", "c", "rail", 100), link("c", "sea", "rail", 100)]
BOXES = {"id": "boxes", "name": "Boxes", "unit": "teu", "parent": "goods", "usd_per_unit": 24000.0}
BOXES |= {"time_cost_percent_per_day": 1.0, "modes": ["rail"]}


def rate(id_: str, **what: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"id": id_, "table": "links", "unit": "t", "payee": id_} | what


def costs_of(
    *rates: dict[str, Any], commodity: str = "goods", year: int = 2025, **tables: list[dict[str, Any]]
) -> tuple[Network, ArcCosts]:
    rows: Rows = {"places": PLACES, "modes": MODES, "links": LINKS, "commodities": [GOODS, BOXES], "rates": list(rates)}
    corridor = make_corridor(**(rows | tables))
    network = build_network(corridor)
    return network, arc_costs(network, corridor, commodity, year)


def paid(network: Network, costs: ArcCosts, start: str, end: str, kind: ArcKind = ArcKind.LINK) -> dict[str, float]:
    """Sum what each payee gets for the arcs from one place to another."""
    got: dict[str, float] = {}
    for arc in np.flatnonzero(network.kind == kind):
        ends = network.describe_arc(arc)
        if (ends.from_place, ends.to_place) == (start, end):
            for payee, usd in zip(costs.payee[arc], costs.usd_paid[arc], strict=True):
                if payee >= 0:
                    name = costs.payees[payee]
                    got[name] = got.get(name, 0.0) + usd
    return got


GENERAL = rate("general", usd_per_unit_km=1.0)
BY_MODE = rate("by-mode", mode="rail", usd_per_unit_km=2.0)
BY_COUNTRY = rate("by-country", country="BBB", usd_per_unit_km=3.0)
BY_BOTH = rate("by-both", mode="rail", country="BBB", usd_per_unit_km=4.0)
BY_ID = rate("by-id", id_of="b--c--rail", usd_per_unit=5.0)


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ([GENERAL], {"general": 100.0}),
        ([GENERAL, BY_MODE], {"by-mode": 200.0}),
        ([GENERAL, BY_MODE, BY_COUNTRY], {"by-country": 300.0}),
        ([GENERAL, BY_MODE, BY_COUNTRY, BY_BOTH], {"by-both": 400.0}),
        ([GENERAL, BY_MODE, BY_COUNTRY, BY_BOTH, BY_ID], {"by-id": 5.0}),
        ([BY_MODE, rate("road", mode="road", usd_per_unit_km=9.0)], {"by-mode": 200.0}),
        ([rate("boxes", commodity="boxes", usd_per_unit_km=9.0)], {}),
        ([GENERAL, rate("own", commodity="goods", usd_per_unit_km=7.0)], {"own": 700.0}),
        ([BY_MODE, rate("own", commodity="goods", usd_per_unit_km=7.0)], {"by-mode": 200.0}),
        ([rate("both", usd_per_unit=1.0), rate("there", direction="forward", usd_per_unit=2.0)], {"there": 2.0}),
        ([rate("both", usd_per_unit=1.0), rate("back", direction="backward", usd_per_unit=2.0)], {"both": 1.0}),
        ([rate("y2020", year=2020, usd_per_unit=1.0), rate("y2024", year=2024, usd_per_unit=2.0)], {"y2024": 2.0}),
        ([rate("y2020", year=2020, usd_per_unit=1.0), rate("always", usd_per_unit=2.0)], {"y2020": 1.0}),
        ([rate("y2030", year=2030, usd_per_unit=1.0), rate("always", usd_per_unit=2.0)], {"always": 2.0}),
        ([rate("y2040", year=2040, usd_per_unit=1.0), rate("y2030", year=2030, usd_per_unit=2.0)], {"y2030": 2.0}),
        ([rate("dear", usd_per_unit=2.0), rate("cheap", usd_per_unit=1.0)], {"cheap": 1.0}),
        ([rate("t", usd_per_unit=2.0), rate("wagon", unit="wagon", usd_per_unit=60.0)], {"t": 2.0}),
    ],
)
def test_the_most_specific_rate_wins(rates: list[dict[str, Any]], expected: dict[str, float]) -> None:
    wagon = [{"commodity": "goods", "unit": "wagon", "per_unit": 60.0}]
    network, costs = costs_of(*rates, conversions=wagon)
    assert paid(network, costs, "b", "c") == pytest.approx(expected)


def test_a_link_between_two_countries_pays_half_to_each() -> None:
    network, costs = costs_of(rate("rest", usd_per_unit_km=1.0), rate("bbb", country="BBB", usd_per_unit_km=3.0))
    assert paid(network, costs, "a", "b") == {"rest": 50.0, "bbb": 150.0}
    assert paid(network, costs, "b", "a") == {"rest": 50.0, "bbb": 150.0}
    assert paid(network, costs, "c", "sea") == {"bbb": 150.0, "rest": 50.0}


def test_borders_and_terminals_are_paid_by_mode_and_country() -> None:
    terminal = {"id": "t", "place": "c", "from_mode": "rail", "to_mode": "road", "hours": 1.0}
    network, costs = costs_of(
        rate("customs", table="borders", country="AAA", usd_per_unit=10.0),
        rate("customs-b", table="borders", usd_per_unit=4.0),
        rate("to-road", table="terminals", mode="road", usd_per_unit=6.0),
        borders=[{"id": "x", "link": "a--b--rail", "hours": 1.0}],
        terminals=[terminal],
    )
    assert paid(network, costs, "a", "b", ArcKind.BORDER) == {"customs": 5.0, "customs-b": 2.0}
    arcs = [arc for arc in np.flatnonzero(network.kind == ArcKind.TERMINAL) if network.describe_arc(arc).mode == "road"]
    assert [costs.usd[arc] for arc in arcs] == [6.0]


def test_rates_of_other_units_are_converted_and_parents_stand_in() -> None:
    conversions = [
        {"commodity": "boxes", "unit": "wagon", "per_unit": 2.0},
        {"commodity": "boxes", "unit": "t", "per_unit": 0.125},
    ]
    network, costs = costs_of(
        rate("per-wagon", unit="wagon", usd_per_unit=100.0, commodity="goods"),
        commodity="boxes",
        conversions=conversions,
    )
    assert paid(network, costs, "b", "c") == {"per-wagon": 50.0}
    arc = next(arc for arc in range(network.n_arcs) if network.km[arc] > 0)
    assert costs.kg_co2[arc] == pytest.approx(0.03125 * 100 * 8)
    assert costs.hours_per_usd == pytest.approx(1 / (24000 * 0.01 / 24))


def test_arcs_without_a_rate_cost_nothing_and_are_named() -> None:
    network, costs = costs_of(
        rate("bbb", country="BBB", usd_per_unit_km=1.0), links=[*LINKS, link("a", "sea", "road", 9)]
    )
    named = {network.describe_arc(arc).id for arc in costs.unpriced}
    assert named == {"a--sea--road", "a--b--rail", "c--sea--rail"}, "of the railways one side has a rate"
    assert paid(network, costs, "a", "sea") == {}


def test_generalised_hours_are_hours_and_money_over_the_value_of_time() -> None:
    _, costs = costs_of(GENERAL)
    assert costs.hours_per_usd == 0.25
    np.testing.assert_array_equal(costs.generalised_hours, costs.hours + costs.usd / 4)


def test_a_commodity_passes_only_its_modes_and_the_borders_meant_for_it() -> None:
    borders = [
        {"id": "all", "link": "a--b--rail", "hours": 1.0},
        {"id": "for-boxes", "link": "a--b--rail", "hours": 9.0, "commodity": "boxes"},
    ]
    links = [*LINKS, link("a", "c", "road", 9)]
    for commodity, met, modes in (("goods", {"all"}, {"rail", "road"}), ("boxes", {"for-boxes"}, {"rail"})):
        network, costs = costs_of(commodity=commodity, borders=borders, links=links,
                                  conversions=[{"commodity": "boxes", "unit": "t", "per_unit": 1.0}])  # fmt: skip
        allowed = [network.describe_arc(arc) for arc in np.flatnonzero(costs.allowed)]
        assert {arc.id for arc in allowed if arc.kind == ArcKind.BORDER} == met
        assert {arc.mode for arc in allowed} == modes


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"modes": None}, "modes"),
        ({"usd_per_unit": None}, "usd_per_unit"),
        ({"time_cost_percent_per_day": None}, "time_cost_percent_per_day"),
    ],
)
def test_a_commodity_that_says_too_little_is_refused(change: dict[str, None], message: str) -> None:
    with pytest.raises(RouteError, match=message):
        costs_of(commodities=[GOODS | change])


def test_an_unknown_commodity_and_a_missing_conversion_are_refused() -> None:
    with pytest.raises(RouteError, match="goods"):
        costs_of(commodity="good")
    with pytest.raises(RouteError, match="conversion to tonnes"):
        costs_of(commodity="boxes")
