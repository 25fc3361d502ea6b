"""The certificate against closed forms and the solver, and what it says of flows that are wrong."""

from __future__ import annotations

import math
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from jibek.flows import certify, flow_tables
from jibek.flows.equilibrium import solve
from small_corridor import Rows
from small_flows import DAYS, Solved, first_link, flow_rows, preference, resource, solved, user, ways_between

SUM = 1e-9  # sums of at most a hundred floats in different orders
INDEPENDENT = 1e-11  # two computations of one residual, beside rounding of shares
laws = settings(deadline=None, max_examples=8, phases=(Phase.explicit, Phase.reuse, Phase.generate))
SPREAD, HOURS = 6.0, (16.0, 18.0, 23.0)


def three_ways() -> Solved:
    return solved(ways_between(HOURS, quantity=DAYS, preferences=[preference("spread_route", SPREAD)]))


def test_the_benefit_without_congestion_is_the_logsum() -> None:
    answer = three_ways()
    found = certify(answer.flows, answer.tables)
    least = -HOURS[0] / SPREAD * math.log(sum(math.exp(-SPREAD * h / HOURS[0]) for h in HOURS))
    # A tonne of goods is worth 4 USD an hour.
    assert found.benefit_usd == pytest.approx(-4.0 * DAYS * least, rel=SUM)
    assert found.residual < INDEPENDENT
    assert found.imbalance < SUM


@laws
@given(tables=flow_rows(), goal=st.sampled_from([1e-2, 1e-5, 1e-10]))
def test_residual_and_benefit_are_those_of_the_solver(tables: Rows, goal: float) -> None:
    answer = solved(tables, residual=goal)
    found, pairs = certify(answer.flows, answer.tables), answer.tables["flow_pairs"].filter(pl.col("routed") > 0)
    assert found.residual == pytest.approx(answer.flows.equilibrium.residual, abs=INDEPENDENT, rel=1e-6)
    users = (pairs["routed"] * pairs["least_hours"] * pairs["usd_per_hour"]).sum()
    assert found.benefit_usd == pytest.approx(-users, rel=SUM)
    assert found.imbalance < SUM


def test_flows_that_were_given_up_are_certified_as_they_are() -> None:
    gates = {"resources": [resource("gate", 0.5)], "resource_users": [user("gate", "links", first_link(0))]}
    answer = solved(ways_between(HOURS) | gates)
    early = solve(answer.flows.problem, residual=1e-12, most_iterations=1)
    flows = replace(answer.flows, equilibrium=early)
    found = certify(flows, flow_tables(flows, answer.world))
    assert not early.converged
    assert found.residual == pytest.approx(early.residual, rel=1e-6)
    assert found.residual > 0.1


@pytest.mark.parametrize("moved", [0.01, 0.25])
def test_a_share_on_the_wrong_route_is_the_residual(moved: float) -> None:
    answer = three_ways()
    routes = answer.tables["flow_routes"]
    wrong = pl.Series([-moved * DAYS, moved * DAYS, 0.0])
    tables = answer.tables | {"flow_routes": routes.with_columns(quantity=pl.col("quantity") + wrong)}
    assert certify(answer.flows, tables).residual == pytest.approx(moved)


@pytest.mark.parametrize("lost", [0.05, 1.0])
def test_goods_that_are_lost_on_an_arc_are_the_imbalance(lost: float) -> None:
    answer = three_ways()
    arcs = answer.tables["flow_arcs"].with_row_index()
    worst = arcs.sort("quantity", "index").row(-1, named=True)
    kept = pl.when(pl.col("index") == worst["index"]).then(1.0 - lost).otherwise(1.0)
    tables = answer.tables | {"flow_arcs": arcs.with_columns(pl.col("quantity") * kept).drop("index")}
    assert certify(answer.flows, tables).imbalance == pytest.approx(lost * worst["quantity"] / DAYS)
    nothing = answer.tables | {"flow_arcs": answer.tables["flow_arcs"].clear()}
    assert certify(answer.flows, nothing).imbalance == pytest.approx(1.0)


def test_demand_without_a_way_is_no_imbalance_and_no_benefit() -> None:
    sets = three_ways().routes
    shut = [row | {"open_share": 0.0} for row in ways_between(HOURS)["links"]]
    answer = solved(ways_between(HOURS) | {"links": shut}, routes=sets, base=ways_between(HOURS))
    found = certify(answer.flows, answer.tables)
    assert (found.residual, found.imbalance, found.benefit_usd) == (0.0, 0.0, 0.0)
    assert answer.tables["flow_unrouted"].height == 1
