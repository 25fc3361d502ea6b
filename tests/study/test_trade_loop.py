"""Trade and flows until they agree: by hand, by laws, and with the sign that others published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from jibek.corridor import Corridor, Entry, Scenario
from jibek.study import run_study, trade
from jibek.study.case import Case
from jibek.study.trade_costs import PairsOfRoutes, carried_in, cost_change, hours_paid, pairs_of_routes
from jibek.study.trade_tables import trade_tables
from jibek.trade import ELASTICITIES, ELASTICITY, WORTH_OF_A_DAY, counterfactual, economies_of, matrix_of
from small_corridor import GOODS, Rows, make_corridor
from small_flows import DAYS, first_link, flow_rows, frozen, resource, solved, user, wants, ways_between

if TYPE_CHECKING:
    pass

SUM = 1e-9  # sums of at most a hundred floats in different orders
YEAR = 2025
QUANTITY = 100.0 * DAYS
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
laws = settings(deadline=None, max_examples=8, phases=PHASES)
Tables = dict[str, pl.DataFrame]


def sold(exporter: str, importer: str, usd: float) -> dict[str, Any]:
    return {
        "reporter": "estimate",
        "exporter": exporter,
        "importer": importer,
        "group": "total",
        "year": YEAR,
        "usd": usd,
    }


def two_countries(hours: tuple[float, ...], *, congested: bool = False, factor: float = 1.0, **more: Any) -> Rows:  # noqa: ANN401
    """Join AAA and BBB by ways of so many hours, over which all that AAA sells to BBB goes."""
    tables = ways_between(hours, quantity=factor * QUANTITY)
    tables["places"][1]["country"] = "BBB"
    value = factor * QUANTITY * GOODS["usd_per_unit"]
    tables["trade"] = [sold("AAA", "AAA", 5 * value), sold("BBB", "BBB", 4 * value)]
    tables["trade"] += [sold("AAA", "BBB", value), sold("BBB", "AAA", 1.5 * value)]
    if congested:
        tables["resources"] = [resource("gate", 90.0 * factor, hours_at_capacity=60.0)]
        tables["resource_users"] = [user("gate", "links", first_link(0))]
    return tables | more


def tables_of(rows: Rows, scenario: Scenario | None = None) -> Tables:
    return trade_tables(Case(make_corridor(**rows), scenario))


def pair(tables: Tables, exporter: str = "AAA", importer: str = "BBB", group: str = "total") -> dict[str, Any]:
    return tables["trade_pairs"].filter(exporter=exporter, importer=importer, group=group).row(0, named=True)


FASTER = Scenario(name="faster", scale={f"links/{first_link(0)}/hours": 0.5})


# By hand -----------------------------------------------------------------------------------------------------------


def test_cost_is_what_is_paid_for_goods_delivered() -> None:
    """Ids `trade-9` and `trade-10`: one way of 40 hours at 4 USD an hour, on goods of 2,400 USD; 10 hours fall away."""
    found = tables_of(two_countries((40.0,)), FASTER)
    row = pair(found)
    assert row["cost_change"] == pytest.approx((2400 + 4 * 30) / (2400 + 4 * 40), rel=SUM)
    matrix = matrix_of(make_corridor(**two_countries((40.0,))), YEAR).matrix
    change = np.array([[1.0, row["cost_change"]], [1.0, 1.0]])
    expected = counterfactual(matrix, ELASTICITY.value, change)
    assert row["counterfactual_usd"] == pytest.approx(expected.flows[0, 1], rel=SUM)
    wage = expected.output_change[0]
    quantity = expected.flows[0, 1] / matrix.flows[0, 1] / (wage * row["cost_change"])
    assert row["quantity_change"] == pytest.approx(quantity, rel=SUM)
    income = dict(found["trade_countries"].select("id", "real_income_change").iter_rows())
    assert income["BBB"] == pytest.approx(expected.real_income_change[1] - 1, rel=SUM)


def test_only_the_carried_part_of_trade_becomes_cheaper() -> None:
    whole, part = two_countries((40.0,)), two_countries((40.0,))
    part["trade"][2]["usd"] *= 4
    change = [pair(tables_of(rows, FASTER))["cost_change"] - 1 for rows in (whole, part)]
    assert change[1] == pytest.approx(change[0] / 4, rel=SUM)
    row = pair(tables_of(part))
    assert row["usd_factor"] == pytest.approx(4.0)
    assert pair(tables_of(part), group="goods")["baseline_usd"] == pytest.approx(row["baseline_usd"] / 4)
    assert pair(tables_of(part), group="other")["baseline_usd"] == pytest.approx(row["baseline_usd"] * 3 / 4)


def test_without_a_scenario_nothing_is_searched_and_nothing_is_said_of_after() -> None:
    heard: list[str] = []
    found = trade_tables(Case(make_corridor(**two_countries((40.0,))), None, progress=heard.append))
    assert heard == []
    assert found["trade_pairs"]["counterfactual_usd"].null_count() == found["trade_pairs"].height > 0
    assert found["trade_certificate"]["converged"].to_list() == [None]
    assert found["trade_trace"].is_empty()


def test_a_scenario_that_changes_nothing_changes_nothing() -> None:
    found = tables_of(two_countries((40.0, 44.0), congested=True), Scenario(name="same"))
    assert found["trade_trace"].height == 1
    assert (
        found["trade_pairs"]["counterfactual_usd"] / found["trade_pairs"]["baseline_usd"]
    ).to_list() == pytest.approx([1.0] * found["trade_pairs"].height, abs=1e-12)
    assert found["trade_countries"]["real_income_change"].to_list() == pytest.approx([0.0, 0.0], abs=1e-12)


# Laws --------------------------------------------------------------------------------------------------------------


@laws
@given(tables=flow_rows(congested=False), number=st.integers(0, 100))
def test_a_route_more_never_raises_the_cost_passed_on(tables: Rows, number: int) -> None:
    """Id `trade-9`, a mean of changes of logsums with fixed weights."""
    routes = frozen(tables)
    links = list(tables["links"])
    number %= len(links)
    links[number] = links[number] | {"open_share": 0.0}
    fewer, more = solved(tables | {"links": links}, routes=routes, base=tables), solved(tables, routes=routes)
    codes = ("AAA", "BBB", "CCC")
    pairs = pairs_of_routes(more.world, routes, codes, dict(zip(codes, codes, strict=True)))
    costs = [each.flows.equilibrium.least_cost for each in (fewer, more)]
    change, incomparable = cost_change(pairs, more.flows.quantity, hours_paid(fewer.flows), *costs, np.ones((3, 3)))
    assert (change <= 1 + SUM).all()
    assert (change > 0).all()
    assert (incomparable == ((more.flows.quantity > 0) & np.isinf(costs[0]) & np.isfinite(costs[1]))).all()


@given(preference=st.floats(-1e4, 1e4))
def test_what_shippers_prefer_beside_money_and_time_is_no_cost(preference: float) -> None:
    """Id `trade-9`: a preference moves logsums before and after alike, even below nothing."""
    pairs = PairsOfRoutes(*(np.array([row]) for row in (0, 1)), *(np.array([each]) for each in (100.0, 2.0, 1.0)))
    one, paid, share = np.ones(1), np.array([50.0]), np.ones((2, 2))
    before, after = np.array([40.0 + preference]), np.array([30.0 + preference])
    change, _ = cost_change(pairs, one, paid, before, after, share)
    assert change[0, 1] == pytest.approx((100 + 2 * 40) / (100 + 2 * 50), abs=1e-9)


@laws
@given(shorter=st.floats(0.2, 0.9), other=st.floats(36.0, 60.0))
def test_easier_borders_raise_trade_and_congestion_takes_part_of_it_back(shorter: float, other: float) -> None:
    """The sign that Tanabe, Shibasaki and Kato published: more trade at first, less of it once the way is fuller."""
    easier = Scenario(name="easier", scale={f"links/{first_link(i)}/hours": shorter for i in (0, 1)})
    found = tables_of(two_countries((40.0, other), congested=True), easier)
    assert found["trade_certificate"]["converged"].item()
    rise = found["trade_trace"]["trade_change"].to_list()
    assert 0 < rise[-1] < rise[0]
    assert found["trade_trace"]["tonnes"][-1] > found["trade_trace"]["tonnes"][0]
    assert found["trade_trace"]["delay_usd"][-1] > found["trade_trace"]["delay_usd"][0]


@laws
@given(factor=st.sampled_from([0.25, 4.0]))
def test_a_world_of_another_size_answers_alike(factor: float) -> None:
    one, other = (tables_of(two_countries((40.0, 44.0), congested=True, factor=f), FASTER) for f in (1.0, factor))
    for column in ("cost_change", "quantity_change", "usd_factor"):
        assert pair(one)[column] == pytest.approx(pair(other)[column], rel=1e-6)
    assert one["trade_trace"].height == other["trade_trace"].height


def test_who_gets_the_cheaper_way_gains_and_nobody_else_sells_more_to_him() -> None:
    found = tables_of(two_countries((40.0, 44.0), congested=True), FASTER)
    assert (found["trade_countries"]["real_income_change"] > 0).all()
    assert pair(found)["low"] < pair(found)["counterfactual_usd"] < pair(found)["high"]
    assert found["trade_certificate"]["clearing"].item() < 1e-6


def test_groups_add_up_to_the_total() -> None:
    rows = two_countries((40.0,))
    rows["commodities"] = [GOODS, GOODS | {"id": "general", "usd_per_unit": 4800.0}]
    rows["demand"].append(wants("start", "end", QUANTITY / 8, "general"))
    pairs = tables_of(rows, FASTER)["trade_pairs"]
    sums = (
        pairs.filter(pl.col("group") != "total")
        .group_by("exporter", "importer")
        .agg(pl.col("baseline_usd", "counterfactual_usd", "tonnes").sum())
    )
    total = pairs.filter(pl.col("group") == "total").join(sums, on=["exporter", "importer"], suffix="_sum")
    assert total.height == 1
    for column in ("baseline_usd", "counterfactual_usd", "tonnes"):
        assert total[column].item() == pytest.approx(total[f"{column}_sum"].item(), rel=SUM)


def test_the_order_of_rows_and_a_second_run_change_no_byte() -> None:
    rows = two_countries((40.0, 44.0), congested=True)
    mixed = {name: list(reversed(table)) for name, table in rows.items()}
    one, again, other = (tables_of(each, FASTER) for each in (rows, rows, mixed))
    for name in one:
        assert_frame_equal(one[name], again[name], check_exact=True)
        assert_frame_equal(one[name], other[name], check_exact=True)


# What could not be done --------------------------------------------------------------------------------------------


def test_pairs_that_lose_their_last_route_are_named_and_no_cost_is_made_up() -> None:
    shut = Scenario(name="shut", close=(Entry(id=first_link(0)),))
    found = tables_of(two_countries((40.0,)), shut)
    (row,) = found["trade_left_out"].filter(reason="the last route is lost").rows(named=True)
    assert (row["exporter"], row["importer"], row["group"], row["tonnes"]) == ("AAA", "BBB", "goods", QUANTITY)
    assert pair(found)["cost_change"] == 1.0


def test_where_it_does_not_converge_it_says_between_whom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trade, "MOST_PASSES", 1)
    row = tables_of(two_countries((40.0,), congested=True), FASTER)["trade_certificate"].row(0, named=True)
    assert row["converged"] is False
    assert row["reason"].startswith("After 1 passes demand from AAA to BBB still differs by")


def test_demand_between_economies_without_trade_is_named() -> None:
    rows = two_countries((40.0,))
    del rows["trade"][2]
    found = tables_of(rows, FASTER)
    reasons = found["trade_left_out"].filter(exporter="AAA", importer="BBB")["reason"].to_list()
    assert reasons == ["demand between economies without a value of trade", "no value"]


def test_without_demand_costs_and_trade_stay() -> None:
    found = tables_of(two_countries((40.0,), demand=[]), FASTER)
    assert found["trade_certificate"]["converged"].item()
    assert found["trade_trace"]["trade_change"].to_list() == [0.0]
    assert pair(found)["counterfactual_usd"] == pytest.approx(pair(found)["baseline_usd"], rel=1e-12)


def test_as_of_an_earlier_year_the_later_matrix_is_not_known() -> None:
    rows = two_countries((40.0,))
    later = [row | {"year": 2023} for row in rows["trade"]]
    rows["trade"] = [row | {"year": 2019, "usd": 2 * row["usd"]} for row in rows["trade"]] + later
    for as_of, year in ((None, 2023), (2020, 2019)):
        found = tables_of(rows, Scenario(name="same", as_of=as_of))
        assert found["trade_certificate"]["matrix_year"].item() == year


def test_a_corridor_without_trade_says_so() -> None:
    found = tables_of(ways_between((40.0,)), FASTER)
    assert [found[name].height for name in ("trade_pairs", "trade_countries", "trade_trace", "trade_certificate")] == [
        0
    ] * 4
    assert "no sales at home" in found["trade_left_out"]["reason"].item()


# The embedded corridor ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def embedded(corridor: Corridor) -> Tables:
    return run_study(corridor, stages=["trade"]).tables


def test_embedded_trade_is_quick_to_tell_and_joined_to_demand(embedded: Tables) -> None:
    pairs = embedded["trade_pairs"].filter(pl.col("group") == "total")
    joined = pairs.drop_nulls("tonnes")
    assert joined.height > 100
    assert {"vehicles", "parcels", "uranium", "ores"} <= set(embedded["trade_pairs"]["group"])
    known = {(row["exporter"], row["importer"]): row for row in joined.iter_rows(named=True)}
    assert known["CHN", "KAZ"]["others"] == "CHN 24700000000"
    assert 0.5 < known["CHN", "KAZ"]["usd_factor"] < 1.5


def test_matrix_of_the_past_meets_the_demand_of_the_same_year(corridor: Corridor) -> None:
    case = Case(corridor, None)
    records = matrix_of(case.world, 2023)
    carried = carried_in(case.in_year(2023), records.matrix, economies_of(case.world, 2023))
    assert carried.goods["usd"].sum() == pytest.approx(carried.usd.sum(), rel=SUM)
    assert (carried.share <= 1).all()
    known = carried.usd > 0
    assert np.allclose((carried.factor * carried.usd)[known], records.matrix.flows[known])


def test_figures_of_others_have_a_source_and_an_order(corridor: Corridor) -> None:
    sources = set(corridor["sources"]["id"])
    for finding in (*ELASTICITIES, ELASTICITY, WORTH_OF_A_DAY):
        assert finding.source in sources
        assert 0 < finding.low <= finding.value <= finding.high
    preferred = [each.value for each in ELASTICITIES]
    assert (ELASTICITY.low, ELASTICITY.high) == (min(preferred), max(preferred))
    assert ELASTICITY.value in preferred


def test_the_worth_of_a_day_is_that_of_the_literature(corridor: Corridor) -> None:
    """Containers and general cargo lie within what Hummels and Schaur found; bulk has the cost of capital alone."""
    boxes = corridor["commodities"].filter(pl.col("parent") == "containers")["time_cost_percent_per_day"]
    assert boxes.is_between(WORTH_OF_A_DAY.low, WORTH_OF_A_DAY.high).all()
