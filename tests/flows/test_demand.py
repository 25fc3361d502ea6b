"""Demand in a year and between places, against closed forms and sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jibek.flows import demand_between_places, demand_in_year
from jibek.flows.demand import MOST_GROWTH
from small_corridor import GOODS, make_corridor, place
from small_flows import GENERAL, wants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.corridor import Corridor
    from jibek.flows import Demand

SUM = 1e-12  # a handful of products, added up
GROUP = GOODS | {"id": "freight", "name": "Freight"}
CHILD = GENERAL | {"parent": "freight"}


def in_year(known: Mapping[int, float], year: int) -> float:
    """Give the quantity of one pair in a year."""
    rows = [wants("a", "b", quantity, year=at) for at, quantity in known.items()]
    return float(demand_in_year(make_corridor(demand=rows)["demand"], year)["quantity"].item())


@pytest.mark.parametrize(
    ("year", "quantity"), [(2015, 100.0), (2020, 100.0), (2021, 110.0), (2024, 140.0), (2025, 150.0), (2026, 125.0)]
)
def test_between_two_years_quantity_is_on_the_straight_line(year: int, quantity: float) -> None:
    assert in_year({2020: 100.0, 2025: 150.0, 2027: 100.0}, year) == pytest.approx(quantity, rel=SUM)


def test_after_the_last_year_the_mean_growth_goes_on() -> None:
    # 100 to 121 in two years is a tenth a year, which is more than may go on; 100 to 104.04 is 2 %.
    assert in_year({2020: 100.0, 2022: 104.04}, 2025) == pytest.approx(104.04 * 1.02**3, rel=SUM)
    assert in_year({2020: 100.0, 2021: 300.0, 2022: 104.04}, 2025) == pytest.approx(104.04 * 1.02**3, rel=SUM)
    assert in_year({2020: 100.0, 2022: 121.0}, 2025) == pytest.approx(121.0 * 1.08**3, rel=SUM)
    assert in_year({2020: 100.0, 2022: 25.0}, 2025) == pytest.approx(25.0 * 0.92**3, rel=SUM)


@pytest.mark.parametrize("known", [{2020: 100.0}, {2020: 0.0, 2022: 100.0}])
def test_without_a_rate_of_growth_the_last_quantity_stays(known: dict[int, float]) -> None:
    assert in_year(known, 2040) == 100.0


def test_what_has_ended_stays_ended() -> None:
    assert in_year({2020: 100.0, 2022: 0.0}, 2030) == 0.0


known_years = st.dictionaries(st.integers(2000, 2030), st.floats(0.0, 1e9), min_size=1, max_size=5)


@settings(deadline=None, max_examples=100)
@given(known=known_years, year=st.integers(1990, 2050))
def test_no_year_leaves_the_known_quantities_by_more_than_the_greatest_growth(
    known: dict[int, float], year: int
) -> None:
    quantity = in_year(known, year)
    years = max(year - max(known), 0)
    least, most = (
        (min(known.values()), max(known.values())) if year <= max(known) else (known[max(known)], known[max(known)])
    )
    assert quantity >= least * (1 - MOST_GROWTH) ** years * (1 - SUM)
    assert quantity <= most * (1 + MOST_GROWTH) ** years * (1 + SUM)
    if year in known:
        assert quantity == known[year]


def test_pairs_do_not_mix() -> None:
    rows = [
        wants("a", "b", 10.0, year=2020),
        wants("a", "b", 20.0, year=2030),
        wants("b", "a", 7.0, year=2022),
        wants("a", "b", 5.0, "general", year=2025),
    ]
    table = demand_in_year(make_corridor(demand=rows)["demand"], 2025)
    assert table.rows() == [("a", "b", "general", 5.0), ("a", "b", "goods", 15.0), ("b", "a", "goods", 7.0)]


# From zones to places.


def zone(zone: str, place: str, share: float, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"zone": zone, "place": place, "share": share} | more


def world(zones: list[dict[str, Any]]) -> Corridor:
    spots = [("a", "AAA"), ("b", "BBB"), ("c", "BBB"), ("d", "BBB")]
    places = [place(name, country, 10 * i, 10 * i) for i, (name, country) in enumerate(spots)]
    return make_corridor(places=places, commodities=[GOODS, GROUP, CHILD], zones=zones)


def spread(
    zones: list[dict[str, Any]], *rows: tuple[str, str, str, float]
) -> tuple[Demand, dict[tuple[str, ...], float]]:
    """Spread rows over places; the second answer is by origin, destination and commodity in words."""
    corridor = world(zones)
    table = pl.DataFrame(list(rows), schema=["origin", "destination", "commodity", "quantity"], orient="row")
    demand = demand_between_places(corridor, table, 2025)
    names = corridor["places"]["id"]
    words = {
        (names[o], names[d], demand.commodities[k]): q
        for o, d, k, q in zip(
            demand.origin.tolist(),
            demand.destination.tolist(),
            demand.commodity.tolist(),
            demand.quantity.tolist(),
            strict=True,
        )
    }
    return demand, words


def test_a_zone_s_goods_are_shared_out_among_its_places() -> None:
    zones = [zone("BBB", "b", 0.75), zone("BBB", "c", 0.25)]
    _, words = spread(zones, ("a", "BBB", "goods", 80.0), ("BBB", "a", "general", 8.0), ("a", "b", "goods", 1.0))
    assert words == {
        ("a", "b", "goods"): 61.0,
        ("a", "c", "goods"): 20.0,
        ("b", "a", "general"): 6.0,
        ("c", "a", "general"): 2.0,
    }


ROWS = [
    zone("BBB", "b", 1.0),
    zone("BBB", "c", 1.0, side="origin"),
    zone("BBB", "d", 1.0, commodity="freight"),
    zone("BBB", "b", 0.5, commodity="general", side="destination"),
    zone("BBB", "c", 0.5, commodity="general", side="destination"),
]


@pytest.mark.parametrize(
    ("zones", "row", "places"),
    [
        (ROWS[:1], ("BBB", "a", "general", 1.0), {"b"}),
        (ROWS[:2], ("BBB", "a", "general", 1.0), {"c"}),
        (ROWS[:2], ("a", "BBB", "general", 1.0), {"b"}),
        # A row for the commodity's parent comes before one for all, even if that one is for one side.
        (ROWS[:3], ("BBB", "a", "general", 1.0), {"d"}),
        (ROWS[:3], ("BBB", "a", "goods", 1.0), {"c"}),
        (ROWS, ("a", "BBB", "general", 1.0), {"b", "c"}),
        (ROWS, ("BBB", "a", "general", 1.0), {"d"}),
    ],
)
def test_the_most_special_rows_of_a_zone_win(
    zones: list[dict[str, Any]], row: tuple[str, str, str, float], places: set[str]
) -> None:
    _, words = spread(zones, row)
    end = 1 if row[1] == "BBB" else 0
    assert {ends[end] for ends in words} == places
    assert sum(words.values()) == 1.0


def test_demand_within_one_place_is_booked_and_needs_no_route() -> None:
    zones = [zone("BBB", "b", 0.75), zone("BBB", "c", 0.25)]
    demand, words = spread(zones, ("BBB", "BBB", "goods", 16.0), ("a", "a", "goods", 3.0))
    assert words == {("b", "c", "goods"): 3.0, ("c", "b", "goods"): 3.0}
    assert demand.within_places.rows() == [("a", "goods", 3.0), ("b", "goods", 9.0), ("c", "goods", 1.0)]


@st.composite
def spreadable(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[tuple[str, str, str, float]]]:
    """Draw zones whose shares are sixteenths, so that no sum is rounded, and whole quantities."""
    zones = []
    for commodity in draw(st.sets(st.sampled_from([None, "freight", "general"]))) | {None}:
        for side in draw(st.sets(st.sampled_from([None, "origin", "destination"]))) | {None}:
            parts = draw(st.integers(1, 15))
            chosen = {"b": parts / 16, "c": (16 - parts) / 16}
            zones += [zone("BBB", at, share, commodity=commodity, side=side) for at, share in chosen.items()]
    ends = st.sampled_from(["a", "b", "BBB"])
    kinds = st.sampled_from(["goods", "general"])
    rows = draw(st.dictionaries(st.tuples(ends, ends, kinds), st.integers(0, 10**6), max_size=8))
    return zones, [(*key, float(quantity)) for key, quantity in rows.items()]


@settings(deadline=None, max_examples=60)
@given(drawn=spreadable())
def test_spreading_keeps_every_sum_exactly(
    drawn: tuple[list[dict[str, Any]], list[tuple[str, str, str, float]]],
) -> None:
    zones, rows = drawn
    if not rows:
        return
    demand, words = spread(zones, *rows)
    for commodity in ("goods", "general"):
        inside = demand.within_places.filter(commodity=commodity)["quantity"].sum()
        moving = sum(quantity for key, quantity in words.items() if key[2] == commodity)
        assert moving + inside == sum(row[3] for row in rows if row[2] == commodity)
    assert (demand.quantity > 0).all()
    assert (demand.origin != demand.destination).all()
    keys = list(zip(demand.commodity.tolist(), demand.origin.tolist(), demand.destination.tolist(), strict=True))
    assert keys == sorted(set(keys))


def test_a_place_without_a_share_gets_no_demand() -> None:
    # Demand says that its quantities are above 0; a share of 0 leaves pairs of 0 in it.
    demand, words = spread([zone("BBB", "b", 0.0), zone("BBB", "c", 1.0)], ("a", "BBB", "goods", 1.0))
    assert words == {("a", "c", "goods"): 1.0}
    assert (demand.quantity > 0).all()


def test_no_demand_is_an_empty_demand() -> None:
    empty = demand_in_year(make_corridor()["demand"], 2025)
    demand = demand_between_places(world([]), empty, 2025)
    assert (demand.n_pairs, demand.commodities, demand.within_places.height) == (0, (), 0)
