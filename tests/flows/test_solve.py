"""The equilibrium against closed forms, bisection, an independent residual, and itself from other starts."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jibek.flows.equilibrium import Neighbourhood, Problem, solve
from jibek.flows.stations import Stations
from small_flows import (
    DAYS,
    EXACT,
    first_link,
    preference,
    resource,
    shares_of_ways,
    solved,
    user,
    ways_between,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SHARE = 1e-9  # shares of an equilibrium whose residual is below 1e-10
INDEPENDENT = 1e-11  # two computations of one residual, beside rounding of shares
ROUNDED = 1e-9  # delays of years leave shares nine digits
some = settings(deadline=None, max_examples=40)


def bisected(function: Callable[[float], float], low: float, high: float) -> float:
    """Find the zero of a falling function."""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) > 0 else (low, middle)
    return (low + high) / 2


# Closed forms, on corridors.


@pytest.mark.parametrize("spread", [1.0, 6.0, 40.0])
def test_without_congestion_shares_are_those_of_the_logit(spread: float) -> None:
    hours = [16.0, 18.0, 23.0]
    answer = solved(ways_between(hours, preferences=[preference("spread_route", spread)]))
    worth = [math.exp(-spread * h / 16.0) for h in hours]
    assert shares_of_ways(answer) == pytest.approx([w / sum(worth) for w in worth], abs=SHARE)
    least = answer.tables["flow_pairs"]["least_hours"].item()
    assert least == pytest.approx(-16.0 / spread * math.log(sum(worth)), rel=SHARE)


def of_queue(load: float, capacity: float, cv: float) -> float:
    """Give Akçelik's delay of one server over a year, in hours."""
    x, a = load / capacity, 8 * cv**2 / (capacity * 365.0)
    return 24 * 365.0 / 4 * (x - 1 + math.sqrt((x - 1) ** 2 + a * x))


def of_bpr(load: float, capacity: float, hours: float) -> float:
    return hours * (load / capacity) ** 4


# At ten times the capacity goods wait for years; what rounding leaves of such costs moves a share by 1e-8.
@pytest.mark.parametrize(("load", "near"), [(0.1, SHARE), (1.0, SHARE), (3.0, 1e-8), (10.0, 1e-6)])
@pytest.mark.parametrize("kind", ["bpr", "queue"])
def test_two_congested_ways_are_the_fixed_point_that_bisection_finds(kind: str, load: float, near: float) -> None:
    spread, hours, capacity = 6.0, (16.0, 18.0), (40.0, 60.0)
    more = {"delay": kind, "servers": 1.0, "cv_arrival": 1.0, "cv_service": 1.0}
    daily = 100.0 * load
    tables = ways_between(
        hours,
        quantity=DAYS * daily,
        resources=[resource(f"gate-{i}", capacity[i], **more) for i in (0, 1)],
        resource_users=[user(f"gate-{i}", "links", first_link(i)) for i in (0, 1)],
    )
    delay = [
        lambda v, i=i: of_bpr(v, capacity[i], 8.0) if kind == "bpr" else of_queue(v, capacity[i], 1.0) for i in (0, 1)
    ]

    def excess(share: float) -> float:
        """Say by how much the logit of the costs that follow from a share exceeds it."""
        costs = [hours[0] + delay[0](daily * share), hours[1] + delay[1](daily * (1 - share))]
        return 1 / (1 + math.exp(min(spread / hours[0] * (costs[0] - costs[1]), 700.0))) - share

    share = bisected(excess, 0.0, 1.0)
    answer = solved(tables, residual=near / 10)
    assert answer.flows.equilibrium.converged
    assert shares_of_ways(answer) == pytest.approx([share, 1 - share], abs=near)
    stations = answer.tables["flow_stations"].sort("resource")
    assert stations["load"].to_list() == pytest.approx([daily * share, daily * (1 - share)], rel=10 * near)
    expected = [delay[0](daily * share), delay[1](daily * (1 - share))]
    assert stations["hours"].to_list() == pytest.approx(expected, rel=100 * near)
    routes = answer.tables["flow_routes"].sort("corridor")
    assert routes["hours_delay"].to_list() == pytest.approx(expected, rel=100 * near)


def test_background_and_peak_load_a_station_as_said() -> None:
    tables = ways_between(
        [16.0],
        quantity=DAYS * 20.0,
        resources=[resource("gate", 100.0, background=10.0, peak=2.0, hours_at_capacity=3.0)],
        resource_users=[user("gate", "links", first_link(0), weight=1.5)],
    )
    row = solved(tables).tables["flow_stations"].row(0, named=True)
    assert (row["capacity"], row["background"]) == (100.0, 10.0)
    assert row["load"] == pytest.approx(2.0 * (10.0 + 1.5 * 20.0))
    assert row["load_share"] == pytest.approx(0.8)
    assert row["hours"] == pytest.approx(3.0 * 0.8**4)
    # A tonne of goods is worth 4 USD an hour.
    assert row["usd_delay"] == pytest.approx(4.0 * 20.0 * DAYS * 3.0 * 0.8**4)


@pytest.mark.parametrize(
    ("per", "days"), [("hour", 1 / 12), ("day", 1.0), ("month", 365 / 12), ("season", 182.5), ("year", 365.0)]
)
def test_capacity_is_of_a_day_whatever_its_period(per: str, days: float) -> None:
    tables = ways_between(
        [16.0],
        resources=[resource("gate", 60.0, per=per, background=6.0, open_hours_per_day=12.0)],
        resource_users=[user("gate", "links", first_link(0))],
    )
    row = solved(tables).tables["flow_stations"].row(0, named=True)
    assert row["capacity"] == pytest.approx(60.0 / days)
    assert row["background"] == pytest.approx(6.0 / days)


# Any problem, at random.


def random_problem(seed: int, *, overload: float = 1.0) -> Problem:
    """Draw pairs of up to four routes over three stations; what a pair loads is proportional to what delays it."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 5, rng.integers(1, 6))
    n_pairs, n_routes, n_stations = len(counts), int(counts.sum()), 3
    entries = rng.integers(0, n_stations + 1, n_routes)
    station = np.concatenate([np.empty(0), *(rng.permutation(n_stations)[:n] for n in entries)])
    route = np.repeat(np.arange(n_routes), entries)
    pair = np.repeat(np.arange(n_pairs), counts)
    weight = rng.uniform(0.2, 1.5, n_pairs)
    delay = rng.choice([0.5, 1.0], len(route))
    spread = rng.uniform(2.0, 12.0, n_pairs)
    quantity = DAYS * rng.uniform(1.0, 10.0, n_pairs)
    capacity = rng.uniform(0.3, 1.0, n_stations) * (quantity / DAYS * weight).sum() / overload
    return Problem(
        first_route=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        nest=np.concatenate([np.sort(rng.integers(0, 2, n)) for n in counts]).astype(np.uint8),
        quantity=quantity,
        cost=rng.uniform(1.0, 1.6, n_routes),
        log_size=np.log(rng.uniform(0.3, 1.0, n_routes)),
        reference=rng.uniform(20.0, 60.0, n_pairs),
        spread_nest=spread / 2,
        spread_route=spread,
        stations=stations(capacity, background=0.2 * capacity),
        first_entry=np.concatenate([[0], np.cumsum(entries)]).astype(np.int64),
        station=station.astype(np.int32),
        load=weight[pair[route]] * delay,
        delay=delay,
    )


def stations(capacity: np.ndarray, *, background: np.ndarray) -> Stations:
    n = len(capacity)
    return Stations(
        table=pl.DataFrame({"resource": [f"r{i}" for i in range(n)]}),
        capacity=capacity,
        background=background,
        peak=np.ones(n),
        hours_at_capacity=np.full(n, 8.0),
        delay=np.array(["bpr"] * n),
        servers=np.ones(n),
        cv_arrival=np.ones(n),
        cv_service=np.ones(n),
        curve=(None,) * n,
    )


def followed(problem: Problem, flow: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Follow flows once around by hand: the shares that the costs of these flows bring, and the loads."""
    s = problem.stations
    load = list(s.background * s.peak)
    pairs = list(zip(problem.first_route[:-1].tolist(), problem.first_route[1:].tolist(), strict=True))
    for route in range(len(problem.nest)):
        for e in range(problem.first_entry[route], problem.first_entry[route + 1]):
            load[problem.station[e]] += flow[route] / DAYS * problem.load[e]
    hours = [of_bpr(load[i], s.capacity[i], s.hours_at_capacity[i]) for i in range(s.n_stations)]
    shares = np.zeros(len(problem.nest))
    for pair, (begin, end) in enumerate(pairs):
        theta, scale = problem.spread_route[pair], problem.spread_nest[pair] / problem.spread_route[pair]
        value = {}
        for r in range(begin, end):
            entries = range(problem.first_entry[r], problem.first_entry[r + 1])
            waits = sum(hours[problem.station[e]] * problem.delay[e] for e in entries)
            value[r] = problem.log_size[r] - theta * (problem.cost[r] + waits / problem.reference[pair])
        top = max(value.values())
        worth = {r: math.exp(v - top) for r, v in value.items()}
        of_nest = {
            n: sum(w for r, w in worth.items() if problem.nest[r] == n) for n in {problem.nest[r] for r in worth}
        }
        total = sum(w**scale for w in of_nest.values())
        for r, w in worth.items():
            inside = of_nest[problem.nest[r]]
            shares[r] = inside**scale / total * w / inside if inside else 0.0
    return shares, np.array(load)


@some
@given(seed=st.integers(0, 2**32), overload=st.sampled_from([0.5, 2.0, 10.0]), goal=st.sampled_from([1e-3, 1e-8]))
def test_the_residual_is_that_of_an_independent_computation(seed: int, overload: float, goal: float) -> None:
    problem = random_problem(seed, overload=overload)
    found = solve(problem, residual=goal)
    pair = problem.pair_of_route
    shares, load = followed(problem, found.flow)
    residual = np.abs(found.flow - problem.quantity[pair] * shares) / problem.quantity[pair]
    assert found.converged
    assert found.residual <= goal
    assert residual.max() == pytest.approx(found.residual, abs=INDEPENDENT, rel=1e-6)
    np.testing.assert_allclose(found.load, load, rtol=ROUNDED)
    np.testing.assert_allclose(np.bincount(pair, found.flow), problem.quantity, rtol=ROUNDED)


@some
@given(seed=st.integers(0, 2**32), overload=st.sampled_from([0.5, 1.0, 2.0]))
@example(
    seed=1171625, overload=2.0
)  # waits of 800 hours: loads as exact as they are asked for move shares 150 times more
def test_a_warm_start_and_a_wild_one_come_to_the_same_equilibrium(seed: int, overload: float) -> None:
    problem = random_problem(seed, overload=overload)
    cold = solve(problem, residual=EXACT)
    warm = solve(problem, residual=EXACT, start=cold)
    wild = solve(problem, residual=EXACT, start=replace(cold, load=5 * problem.stations.capacity))
    scale = problem.quantity[problem.pair_of_route]
    assert warm.iterations <= max(2, cold.iterations // 3)
    np.testing.assert_allclose(warm.flow / scale, cold.flow / scale, rtol=0, atol=SHARE)
    assert wild.converged
    np.testing.assert_allclose(wild.flow / scale, cold.flow / scale, rtol=0, atol=SHARE)


@pytest.mark.parametrize(
    "seed",
    [
        *range(30),
        100,  # steps grow ever shorter near a residual of 0.5; with demand raised in steps, it takes 40 evaluations
    ],
)
def test_ten_times_the_capacity_still_converges(seed: int) -> None:
    problem = random_problem(seed, overload=10.0)
    found = solve(problem)
    assert found.converged
    assert len(found.trace) == found.iterations
    assert np.isfinite(found.flow).all()


def overloaded() -> Problem:
    return random_problem(3, overload=5.0)


@pytest.mark.parametrize("most_iterations", [1, 2, 3])
def test_giving_up_early_is_said(most_iterations: int) -> None:
    assert solve(overloaded(), residual=1e-9).iterations > 3
    found = solve(overloaded(), residual=1e-9, most_iterations=most_iterations)
    assert not found.converged
    assert found.residual > 1e-9
    assert found.iterations == most_iterations
    assert found.trace[-1] == found.residual


def test_nothing_wanted_moves_nothing() -> None:
    problem = replace(overloaded(), quantity=np.zeros(len(overloaded().quantity)))
    found = solve(problem)
    assert found.converged
    assert not found.flow.any()
    np.testing.assert_array_equal(found.load, problem.stations.background)


@some
@given(seed=st.integers(0, 2**32))
def test_more_demand_of_one_pair_never_makes_it_better_off(seed: int) -> None:
    problem = random_problem(seed)
    more = problem.quantity.copy()
    more[0] *= 1.5
    before, after = (solve(each, residual=EXACT) for each in (problem, replace(problem, quantity=more)))
    assert after.least_cost[0] >= before.least_cost[0] * (1 - SHARE)


# Neighbours.


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("what", ["cost", "quantity", "spread_route"])
def test_a_neighbour_s_flows_are_right_to_first_order(seed: int, what: str) -> None:
    problem = random_problem(seed, overload=2.0)
    rng = np.random.default_rng(seed)
    direction = rng.uniform(-1.0, 1.0, len(getattr(problem, what)))
    here = solve(problem, residual=1e-13)
    around = Neighbourhood(problem, here.load)
    errors, moves = [], []
    for step in (0.02, 0.01):
        other = replace(problem, **{what: getattr(problem, what) * (1 + step * direction)})
        there = solve(other, residual=1e-13).flow
        errors.append(np.abs(around.flow(other) - there).max())
        moves.append(np.abs(there - here.flow).max())
    assert errors[0] < 0.1 * moves[0] + 1e-9
    # Half the step leaves a quarter of the error, give or take the third order.
    assert errors[1] < errors[0] / 3 + 1e-9
    np.testing.assert_allclose(around.flow(problem), here.flow, rtol=1e-9)
