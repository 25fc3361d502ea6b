"""Adjustment of an origin-destination matrix to traffic counts, at flows in user equilibrium.

Trips within bounds around a prior shall make the least of ``sum weight (flow - count)^2 / count`` over counts and
``prior weight * sum (trips - prior)^2 / prior`` over pairs, both squares over what they would vary by if they were
counts themselves. Flows follow from trips by the equilibrium. Its shares of ways are held while trips are sought, then
the equilibrium is found anew and the shares with it, in turn (Yang 1995, Heuristic algorithms for the bilevel
origin-destination matrix estimation problem, Transportation Research B 29). Each step is taken only so far as the sum
at the new equilibrium falls, as in the gradient method of Spiess (1990, A gradient approach for the O-D matrix
adjustment problem). It ends where steps at fixed shares lower the sum no more: how shares answer to trips is not in
them, so the trips are good ones, not surely the best.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.assignment.bounded_squares import bounded_least_squares
from jibek.assignment.bushes import average, spread
from jibek.assignment.elastic import realised_trips
from jibek.assignment.equilibrium import Assignment, solve
from jibek.assignment.graph import trips_of
from jibek.assignment.pair_tables import PAIR, by_name, pair_table
from jibek.assignment.workers import Workers, workers_for
from jibek.errors import AssignmentError, Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from jibek.assignment.counts import Counts
    from jibek.assignment.problem import TrafficNetwork, TravelClass

    Floats = NDArray[np.float64]

__all__ = ["Adjustment", "adjust"]

_ENOUGH = 1e-5  # share of the prior's sum that a step has to gain
_MOST_HALVINGS = 6
_GREATEST_WEIGHT = 1e12
_LEAST_COUNT = 1.0  # a count of none varies, too


@dataclass(frozen=True)
class Adjustment:
    """Trips that fit counts, as near as it was reached.

    Attributes
    ----------
    trips : tuple of float64 arrays, each of shape (n_pairs,)
        Adjusted trips of each class, row by row.
    before, after : Assignment
        Equilibrium of the prior and of the adjusted trips.
    counted_before, counted_after : float64 arrays, shape (n_counts,)
        Their flows where it was counted.
    trace : tuple of float
        The sum that is made least, at the prior and after each step; it never rises.
    converged : bool
        Whether steps at fixed shares lower the sum no more, by more than a hundred-thousandth of the prior's, and the
        equilibria reached their gap.
    pairs : polars.DataFrame
        Pairs that a way joins: ``class, origin, destination, prior, trips, length``, zones by name of their node;
        length is the mean over the ways of the prior.
    at_bounds : tuple of int
        Pairs whose trips the lower and the upper bound hold.
    """

    trips: tuple[Floats, ...]
    before: Assignment
    after: Assignment
    counted_before: Floats
    counted_after: Floats
    trace: tuple[float, ...]
    converged: bool
    pairs: pl.DataFrame
    at_bounds: tuple[int, int]


def adjust(
    network: TrafficNetwork,
    classes: Sequence[TravelClass],
    counts: Counts,
    *,
    prior_weight: float = 1.0,
    bounds: tuple[float, float] = (0.2, 5.0),
    gap: float = 1e-6,
    threads: int | None = None,
    most_iterations: int = 50,
    progress: Callable[[str], None] = lambda _: None,
) -> Adjustment:
    """Adjust trips to counts.

    Parameters
    ----------
    network, classes
        The problem; trips are the prior and do not follow costs here.
    counts
        What was counted.
    prior_weight
        Weight of the prior beside the counts, at least 0.
    bounds
        By which factors trips may differ from the prior, ``0 < bounds[0] <= 1 <= bounds[1]``.
    gap
        Relative gap of the equilibria.
    threads
        How many work side by side, as many as there are processors if None; the result does not depend on it.
    most_iterations
        Where to give up; the result then says that it has not converged.
    progress
        Told after each step.

    Raises
    ------
    AssignmentError
        If classes or counts do not fit the network, or weight or bounds are none.
    """
    classes = [replace(each, elasticity=0.0) for each in classes]
    counts.check(network, classes)
    _check(prior_weight, bounds)

    def assigned(trips: Sequence[Floats], start: Assignment | None) -> Assignment:
        its = [replace(each, trips=row) for each, row in zip(classes, trips, strict=True)]
        return solve(network, its, gap=gap, start=start, threads=threads)

    before = assigned([each.trips for each in classes], None)
    workers = workers_for(sum(len(block.origin) for block in before.bushes), len(before.graph.link), threads)
    with Workers(workers) as side_by_side:
        search = _Search(network, classes, counts, before, prior_weight, bounds, side_by_side)
        change: Floats = np.zeros(len(search.prior))
        found, converged = before, False
        trace = [search.value(found, change)]
        enough = _ENOUGH * trace[0]
        while not converged and len(trace) <= most_iterations:
            found, change = search.step(found, change, enough, assigned)
            trace.append(search.value(found, change))
            converged = trace[-2] - trace[-1] <= enough
            progress(f"Step {len(trace) - 1}: sum of squares {trace[-1]:.3e}")
    low, high = search.low, search.high
    return Adjustment(
        trips=search.rows(change),
        before=before,
        after=found,
        counted_before=search.counted(before),
        counted_after=search.counted(found),
        trace=tuple(trace),
        converged=converged and before.converged and found.converged,
        pairs=search.table(change),
        at_bounds=(int(np.sum(change <= low)), int(np.sum(change >= high))),
    )


def _check(prior_weight: float, bounds: tuple[float, float]) -> None:
    """Refuse a weight or bounds that are none."""
    faults = []
    if not 0 <= prior_weight <= _GREATEST_WEIGHT:
        value, expected = str(prior_weight), f"number from 0 to {_GREATEST_WEIGHT:g}"
        faults.append(Fault("fault", "adjustment", "", "prior_weight", value, expected, "Correct the weight."))
    low, high = bounds
    if not 0 < low <= 1 <= high < np.inf:
        expected = "two factors, one above 0 and at most 1, one of at least 1"
        faults.append(Fault("fault", "adjustment", "", "bounds", f"{low}, {high}", expected, "Correct the bounds."))
    if faults:
        raise AssignmentError(faults)


class _Search:
    """Trips as changes of the prior over its root, so that all vary alike; and what they make of the counts.

    Attributes
    ----------
    prior, low, high : float64 arrays, shape (n_pairs,)
        Prior trips of the pairs of all bushes, block after block, and bounds of their changes over the root.
    """

    def __init__(
        self,
        network: TrafficNetwork,
        classes: Sequence[TravelClass],
        counts: Counts,
        before: Assignment,
        prior_weight: float,
        bounds: tuple[float, float],
        side_by_side: Workers,
    ) -> None:
        self._network, self._classes, self._counts, self._side_by_side = network, classes, counts, side_by_side
        self._prior_weight = prior_weight
        self._bushes, self._graph = before.bushes, before.graph
        self._load = np.array([each.load for each in classes], dtype=np.float64)
        self._begin = np.cumsum([len(block.trips) for block in before.bushes])[:-1]
        self._trust: Floats = np.sqrt(counts.weight / np.maximum(counts.count, _LEAST_COUNT))
        self.prior: Floats = np.concatenate([np.empty(0), *(block.trips for block in before.bushes)])
        self._root: Floats = np.sqrt(self.prior)
        self.low, self.high = (self._root * (factor - 1) for factor in bounds)

    def trips(self, change: Floats) -> Floats:
        """Give the trips of pairs."""
        return self.prior + self._root * change

    def counted(self, found: Assignment) -> Floats:
        """Give what an equilibrium has where it was counted."""
        return self._counts.of(found.flow, self._load)

    def value(self, found: Assignment, change: Floats) -> float:
        """Give the sum of squares."""
        missed = self._trust * (self.counted(found) - self._counts.count)
        return float(np.sum(missed**2) + self._prior_weight * np.sum(change**2))

    def step(
        self,
        found: Assignment,
        change: Floats,
        enough: float,
        assigned: Callable[[Sequence[Floats], Assignment], Assignment],
    ) -> tuple[Assignment, Floats]:
        """Go toward the best trips at the shares of an equilibrium while the sum falls at the new one; or stay."""
        value = self.value(found, change)
        goal, promised = self._best(found, change)
        if value - promised > enough:
            for halving in range(_MOST_HALVINGS):
                tried = change + (goal - change) / 2**halving
                its = assigned(self.rows(tried), found)
                if self.value(its, tried) < value:
                    return its, tried
        return found, change

    def _best(self, found: Assignment, change: Floats) -> tuple[Floats, float]:
        """Find the best change at the shares of an equilibrium, and the sum of squares that it would have there."""

        def forward(z: Floats) -> Floats:
            return self._trust * self._flows(found, self._root * z)

        def transpose(values: Floats) -> Floats:
            return self._root * self._of_pairs(found, self._trust * values)

        goal = self._trust * (self._counts.count - self._flows(found, self.prior))
        bounds = {"low": self.low, "high": self.high}
        best = bounded_least_squares(forward, transpose, goal, ridge=self._prior_weight, start=change, **bounds)
        left = float(np.sum((forward(best) - goal) ** 2) + self._prior_weight * np.sum(best**2))
        return best, left

    def _flows(self, found: Assignment, trips: Floats) -> Floats:
        """Give what trips of pairs make where it was counted, at the shares of an equilibrium."""
        flow = np.zeros_like(found.flow)
        spreads = self._side_by_side(
            lambda block, its: spread(found.graph, block, its)[1], found.bushes, np.split(trips, self._begin)
        )
        for block, arc_flow in zip(found.bushes, spreads, strict=True):
            flow[block.travel, found.graph.link] += arc_flow
        return self._counts.of(flow, self._load)

    def _of_pairs(self, found: Assignment, values: Floats) -> Floats:
        """Give what values of counts are to the pairs whose trips pass them; the transpose of `_flows`."""
        cost = np.ascontiguousarray(self._counts.spread(values, self._load, self._network.n_links)[:, self._graph.link])
        averages = self._side_by_side(lambda block: average(block, cost[block.travel]), found.bushes)
        return np.concatenate([np.empty(0), *averages])

    def rows(self, change: Floats) -> tuple[Floats, ...]:
        """Give the trips of each row of each class."""
        blocks = [
            replace(block, trips=trips)
            for block, trips in zip(self._bushes, np.split(self.trips(change), self._begin), strict=False)
        ]
        return tuple(
            realised_trips(each, trips_of(each, self._network.n_zones), [b for b in blocks if b.travel == k])
            for k, each in enumerate(self._classes)
        )

    def table(self, change: Floats) -> pl.DataFrame:
        """List the pairs that a way joins, by name."""
        arc_length = self._network.length[self._graph.link]
        lengths, joined = [average(block, arc_length) for block in self._bushes], [b.joined for b in self._bushes]
        pairs = pair_table(self._bushes, length=lengths, joined=joined).rename({"trips": "prior"})
        pairs = pairs.with_columns(trips=pl.Series(self.trips(change))).filter(pl.col("joined") != 0)
        named = by_name(self._network, self._classes, pairs)
        return named.select(*PAIR, "prior", "trips", "length").sort(PAIR)
