"""Compiled kernels of route choice against short, slow references and numeric derivatives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jibek.flows.kernels import (
    arc_sums,
    load_response,
    nested_logit,
    route_entries,
    route_sums,
    route_totals,
    shared_km,
    station_sums,
)

SUM = 1e-12  # exponentials of moderate numbers, added up in another order
SHIFT = 1e-9  # a cost of 1e6 keeps ten digits of the differences between routes
NEGLIGIBLE = 1e-5  # share of a route that the kernel may skip
NUMERIC = 1e-6  # of the largest entry: central difference with a step of 1e-3 hours

many = settings(deadline=None, max_examples=150)
some = settings(deadline=None, max_examples=60)


@dataclass(frozen=True)
class Choice:
    """Routes of several pairs, and what they cost."""

    first_route: np.ndarray
    nest: np.ndarray
    cost: np.ndarray
    log_size: np.ndarray
    spread_nest: np.ndarray
    spread_route: np.ndarray

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        return self.first_route, self.nest, self.cost, self.log_size, self.spread_nest, self.spread_route

    @property
    def pairs(self) -> list[range]:
        return [range(*ends) for ends in zip(self.first_route[:-1], self.first_route[1:], strict=True)]


@st.composite
def choices(draw: st.DrawFn, *, closed: bool = True) -> Choice:
    """Draw up to four pairs of up to six routes, some of them closed, in one or two nests."""
    seed = draw(st.integers(0, 2**32))
    rng = np.random.default_rng(seed)
    counts = rng.integers(0 if closed else 1, 7, size=rng.integers(1, 5))
    nests = [np.sort(rng.integers(0, rng.integers(1, 3), size=n)) for n in counts]
    n = int(counts.sum())
    cost = rng.uniform(0.5, 3.0, n)
    log_size = np.log(rng.uniform(0.05, 1.0, n))
    if closed:
        cost[rng.random(n) < 0.2] = np.inf
        log_size[rng.random(n) < 0.05] = -np.inf
    spread_route = rng.uniform(0.5, 8.0, len(counts))
    return Choice(
        first_route=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        nest=np.concatenate([np.empty(0), *nests]).astype(np.uint8),
        cost=cost,
        log_size=log_size,
        spread_nest=spread_route * rng.uniform(0.1, 1.0, len(counts)),
        spread_route=spread_route,
    )


def plain_nested_logit(choice: Choice) -> tuple[list[float], list[float]]:
    """Choose as the textbook says (Train 2009, equations 4.3 to 4.5), pair by pair and without any care."""
    shares, least = [0.0] * len(choice.cost), []
    for pair, routes in enumerate(choice.pairs):
        spread, scale = choice.spread_route[pair], choice.spread_nest[pair] / choice.spread_route[pair]
        worth = {r: math.exp(choice.log_size[r] - spread * choice.cost[r]) for r in routes}
        nests = {nest: [r for r in routes if choice.nest[r] == nest] for nest in {choice.nest[r] for r in routes}}
        summed = {nest: sum(worth[r] for r in inside) for nest, inside in nests.items()}
        total = sum(value**scale for value in summed.values())
        for nest, inside in nests.items():
            for r in inside:
                shares[r] = summed[nest] ** scale / total * worth[r] / summed[nest] if summed[nest] else 0.0
        least.append(-math.log(total) / choice.spread_nest[pair] if total else math.inf)
    return shares, least


@many
@given(choice=choices())
def test_shares_and_least_costs_are_those_of_the_textbook(choice: Choice) -> None:
    share, least_cost = nested_logit(*choice.arrays)
    plain_share, plain_least = plain_nested_logit(choice)
    np.testing.assert_allclose(share, plain_share, rtol=1e-10, atol=SUM)
    np.testing.assert_allclose(least_cost, plain_least, rtol=1e-10, atol=SUM)


@many
@given(choice=choices())
def test_shares_of_a_pair_sum_to_one_unless_all_is_closed(choice: Choice) -> None:
    share, least_cost = nested_logit(*choice.arrays)
    for pair, routes in enumerate(choice.pairs):
        usable = [r for r in routes if np.isfinite(choice.cost[r]) and np.isfinite(choice.log_size[r])]
        assert share[list(routes)].sum() == pytest.approx(1.0 if usable else 0.0, abs=SUM)
        assert np.isfinite(least_cost[pair]) == bool(usable)
        assert all(share[r] == 0 for r in routes if r not in usable)


@many
@given(choice=choices())
def test_one_spread_for_all_is_the_multinomial_logit(choice: Choice) -> None:
    arrays = (*choice.arrays[:4], choice.spread_route, choice.spread_route)
    share, least_cost = nested_logit(*arrays)
    for pair, routes in enumerate(choice.pairs):
        spread = choice.spread_route[pair]
        worth = np.array([math.exp(choice.log_size[r] - spread * choice.cost[r]) for r in routes])
        if worth.sum() > 0:
            np.testing.assert_allclose(share[list(routes)], worth / worth.sum(), rtol=1e-10, atol=SUM)
            assert least_cost[pair] == pytest.approx(-math.log(worth.sum()) / spread, rel=1e-10, abs=SUM)


@many
@given(choice=choices(), shift=st.sampled_from([-1e6, 700.0, 1e4, 1e6]))
def test_a_cost_that_all_routes_bear_changes_no_share_and_does_not_overflow(choice: Choice, shift: float) -> None:
    share, least_cost = nested_logit(*choice.arrays)
    dear = nested_logit(*choice.arrays[:2], choice.cost + shift, *choice.arrays[3:])
    np.testing.assert_allclose(dear[0], share, atol=SHIFT)
    np.testing.assert_allclose(dear[1], least_cost + shift, atol=SHIFT)


@pytest.mark.parametrize(("cost", "share"), [([0.0, 1e9], [1, 0]), ([1e9, 0.0], [0, 1]), ([1e18, 1e18], [0.5, 0.5])])
@pytest.mark.parametrize("nests", [[0, 0], [0, 1]])
@pytest.mark.parametrize("spread", [1e-3, 1.0])
# Two equal routes of one nest get a share of 1 each at a cost of 1e18: the logarithm of two is lost beside the cost.
def test_extreme_costs_decide_and_do_not_overflow(
    cost: list[float], share: list[float], nests: list[int], spread: float
) -> None:
    got, least_cost = nested_logit(
        np.array([0, 2]),
        np.array(nests, np.uint8),
        np.array(cost),
        np.zeros(2),
        np.array([spread / 2]),
        np.array([spread]),
    )
    np.testing.assert_allclose(got, share, atol=SUM)
    assert np.isfinite(least_cost).all()


def test_very_sharp_choice_takes_the_cheapest_route() -> None:
    cost = np.array([1.0, 1.01, 1.02])
    share, least_cost = nested_logit(
        np.array([0, 3]), np.array([0, 0, 1], np.uint8), cost, np.zeros(3), np.array([1e5]), np.array([2e5])
    )
    np.testing.assert_allclose(share, [1, 0, 0], atol=SUM)
    assert least_cost[0] == pytest.approx(1.0, abs=1e-4)


def test_a_single_route_takes_all_and_is_the_least_cost() -> None:
    share, least_cost = nested_logit(
        np.array([0, 1]), np.zeros(1, np.uint8), np.array([1.5]), np.zeros(1), np.array([2.0]), np.array([4.0])
    )
    assert share.tolist() == [1.0]
    assert least_cost[0] == pytest.approx(1.5, rel=SUM)


@many
@given(choice=choices(), number=st.integers(0, 100))
def test_a_route_more_never_makes_a_pair_worse(choice: Choice, number: int) -> None:
    n = len(choice.cost)
    shut = choice.cost.copy()
    if n:
        shut[number % n] = np.inf
    _, before = nested_logit(*choice.arrays[:2], shut, *choice.arrays[3:])
    _, after = nested_logit(*choice.arrays)
    assert (after <= before + SUM).all()


# The derivative of loads.


@dataclass(frozen=True)
class Loads:
    """Entries of the routes of a choice, and how much of each pair moves."""

    choice: Choice
    first_entry: np.ndarray
    station: np.ndarray
    load: np.ndarray
    delay: np.ndarray
    quantity: np.ndarray
    reference: np.ndarray
    n_stations: int

    def after(self, hours: np.ndarray) -> np.ndarray:
        """Give the load of all stations when each delays by these hours."""
        c = self.choice
        route = np.repeat(np.arange(len(c.cost)), np.diff(self.first_entry))
        pair = np.repeat(np.arange(len(self.quantity)), np.diff(c.first_route))
        met = np.zeros(len(c.cost))
        np.add.at(met, route, hours[self.station] * self.delay)
        share, _ = nested_logit(*c.arrays[:2], c.cost + met / self.reference[pair], *c.arrays[3:])
        loads = np.zeros(self.n_stations)
        np.add.at(loads, self.station, (share * self.quantity[pair])[route] * self.load)
        return loads

    def response(self) -> np.ndarray:
        c = self.choice
        share, _ = nested_logit(*c.arrays)
        entries = (self.first_entry, self.station, self.load, self.delay)
        sensitivity = self.quantity * c.spread_route / self.reference
        scale = c.spread_nest / c.spread_route
        return load_response(c.first_route, c.nest, share, *entries, sensitivity, scale, self.n_stations)

    def skipped(self) -> float:
        """Bound what routes of negligible shares add to any entry: three products for each of them."""
        route = np.repeat(np.arange(len(self.choice.cost)), np.diff(self.first_entry))
        w, m = (np.bincount(route, values, 1).max(initial=0.0) for values in (self.load, self.delay))
        sensitivity = self.quantity * self.choice.spread_route / self.reference
        return float(3 * NEGLIGIBLE * w * m * (sensitivity * np.diff(self.choice.first_route)).sum())

    def plain_response(self) -> np.ndarray:
        """Write the derivative with dense matrices, as in the docstring of the kernel."""
        c = self.choice
        share, _ = nested_logit(*c.arrays)
        w, m = np.zeros((2, len(c.cost), self.n_stations))
        route = np.repeat(np.arange(len(c.cost)), np.diff(self.first_entry))
        np.add.at(w, (route, self.station), self.load)
        np.add.at(m, (route, self.station), self.delay)
        total = np.zeros((self.n_stations, self.n_stations))
        for pair, routes in enumerate(c.pairs):
            scale = c.spread_nest[pair] / c.spread_route[pair]
            r = list(routes)
            within = np.zeros_like(total)
            for nest in {c.nest[i] for i in r}:
                inside = [i for i in r if c.nest[i] == nest]
                of_nest = share[inside].sum()
                if of_nest > 0:
                    p = share[inside] / of_nest
                    within += of_nest * np.outer(p @ w[inside], p @ m[inside])
            p = share[r]
            mean = (w[r] * p[:, None]).T @ m[r] - (1 - scale) * within - scale * np.outer(p @ w[r], p @ m[r])
            total += self.quantity[pair] * c.spread_route[pair] / self.reference[pair] * mean
        return total


@st.composite
def loads(draw: st.DrawFn) -> Loads:
    choice = draw(choices())
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n_stations = int(rng.integers(1, 5))
    counts = rng.integers(0, 4, len(choice.cost))
    n = int(counts.sum())
    n_pairs = len(choice.spread_nest)
    return Loads(
        choice=choice,
        first_entry=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        station=rng.integers(0, n_stations, n).astype(np.int32),
        load=rng.uniform(0.0, 2.0, n),
        delay=rng.choice([0.0, 0.5, 1.0], n),
        quantity=rng.choice([0.0, 3.0, 50.0], n_pairs),
        reference=rng.uniform(5.0, 50.0, n_pairs),
        n_stations=n_stations,
    )


@some
@given(loads=loads())
def test_the_response_of_loads_is_that_of_dense_matrices(loads: Loads) -> None:
    np.testing.assert_allclose(loads.response(), loads.plain_response(), rtol=SUM, atol=loads.skipped() + SUM)


@some
@given(loads=loads())
def test_the_response_of_loads_is_minus_the_numeric_derivative(loads: Loads) -> None:
    step = 1e-3
    columns = []
    for station in range(loads.n_stations):
        hours = np.zeros(loads.n_stations)
        hours[station] = step
        # Loads at the first station of each row lost per hour of delay at the station of the column.
        columns.append((loads.after(-hours) - loads.after(hours)) / (2 * step))
    numeric = np.array(columns).T
    largest = np.abs(numeric).max(initial=0.0)
    np.testing.assert_allclose(loads.response(), numeric, rtol=0, atol=loads.skipped() + NUMERIC * (1 + largest))


@many
@given(seed=st.integers(0, 2**32))
def test_sums_over_routes_and_stations_are_those_of_a_dense_matrix(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_routes, n_stations = int(rng.integers(0, 8)), int(rng.integers(1, 6))
    first = np.concatenate([[0], np.cumsum(rng.integers(0, 4, n_routes))]).astype(np.int64)
    station = rng.integers(0, n_stations, first[-1]).astype(np.int32)
    weight = rng.uniform(-2, 2, first[-1])
    matrix = np.zeros((n_routes, n_stations))
    np.add.at(matrix, (np.repeat(np.arange(n_routes), np.diff(first)), station), weight)
    of_station, of_route = rng.uniform(-2, 2, n_stations), rng.integers(0, 2, n_routes) * rng.uniform(0, 2, n_routes)
    np.testing.assert_allclose(route_sums(first, station, weight, of_station), matrix @ of_station, atol=SUM)
    np.testing.assert_allclose(station_sums(first, station, weight, of_route, n_stations), of_route @ matrix, atol=SUM)


@many
@given(
    paths=st.lists(st.sets(st.integers(0, 9)), max_size=6), km=st.lists(st.integers(0, 99), min_size=10, max_size=10)
)
def test_the_km_that_two_paths_share_are_those_of_the_arcs_of_both(paths: list[set[int]], km: list[int]) -> None:
    first = np.cumsum([0, *map(len, paths)])
    arcs = np.array([arc for path in paths for arc in path], dtype=np.int64)
    shared = shared_km(first, arcs, np.array(km, dtype=np.float64))
    assert shared.tolist() == [[sum(km[arc] for arc in one & other) for other in paths] for one in paths]


@many
@given(seed=st.integers(0, 2**32))
def test_entries_of_routes_and_sums_on_arcs_are_those_of_plain_loops(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_routes, n_arcs, n_commodities = int(rng.integers(0, 6)), 5, 2
    first = np.concatenate([[0], np.cumsum(rng.integers(1, 4, n_routes))]).astype(np.int64)
    arcs = rng.integers(-1, n_arcs, first[-1]).astype(np.int32)
    commodity = rng.integers(0, n_commodities, n_routes).astype(np.int32)
    first_row = np.concatenate([[0], np.cumsum(rng.integers(0, 3, n_commodities * n_arcs))]).astype(np.int64)
    routes = [arcs[a:b].tolist() for a, b in pairwise(first.tolist())]
    kinds = zip(commodity.tolist(), routes, strict=True)
    cells = [[k * n_arcs + arc for arc in route if arc >= 0] for k, route in kinds]
    rows = [[row for cell in some for row in range(first_row[cell], first_row[cell + 1])] for some in cells]
    first_entry, row = route_entries(first, arcs, commodity, first_row, n_arcs)
    assert row.tolist() == [one for some in rows for one in some]
    assert np.diff(first_entry).tolist() == [len(some) for some in rows]
    value = np.array([0.0 if -1 in route else float(rng.integers(0, 9)) for route in routes])
    sums = [sum(v * route.count(arc) for v, route in zip(value.tolist(), routes, strict=True)) for arc in range(n_arcs)]
    assert arc_sums(first, arcs, value, n_arcs).tolist() == sums


@many
@given(seed=st.integers(0, 2**32))
def test_totals_of_routes_are_those_of_plain_loops(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_routes, n_arcs, n_commodities = int(rng.integers(0, 6)), 5, 2
    first = np.concatenate([[0], np.cumsum(rng.integers(1, 4, n_routes))]).astype(np.int64)
    arcs = rng.integers(-1, n_arcs, first[-1]).astype(np.int32)
    commodity = rng.integers(0, n_commodities, n_routes).astype(np.int32)
    per_arc, open_share = rng.integers(0, 9, (n_commodities, n_arcs, 3)).astype(np.float64), rng.random(n_arcs)
    totals, least_share, is_open = route_totals(first, arcs, commodity, per_arc, open_share)
    for route, (begin, end) in enumerate(pairwise(first.tolist())):
        its = [arc for arc in arcs[begin:end].tolist() if arc >= 0]
        closed = len(its) < end - begin
        assert totals[:, route].tolist() == per_arc[commodity[route], its].sum(axis=0).tolist()
        assert least_share[route] == (0.0 if closed else open_share[its].min())
        assert is_open[route] == (not closed)
