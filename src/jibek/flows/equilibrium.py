"""Stochastic user equilibrium: flows that follow from costs that follow from flows; units a year, relative cost.

Nobody could gain by the route that he believes to be the best, where beliefs spread around the true costs (Daganzo and
Sheffi 1977). The equilibrium is a fixed point of the loads of the stations: loads make delays, delays make shares,
shares make loads. Newton's method finds it, since the derivative of the nested logit is known; where a full step
overshoots, it is shortened.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from jibek.flows.kernels import load_response, nested_logit, route_sums, station_sums
from jibek.flows.stations import DAYS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.flows.stations import Stations

    Floats = NDArray[np.float64]

__all__ = ["Equilibrium", "Neighbourhood", "Problem", "flow_at", "solve"]

_FAST = 0.05  # of the gap, left by a step: with more left the derivative is worked out anew
_USEFUL = 0.5  # of the gap: where a step along an old derivative leaves more, it is not taken
_SHORTEST_STEP = 2.0**-12
_TELLING = 0.98  # of all response to delays: what is left to many small pairs hardly turns a step
_PATIENCE = 60  # evaluations after which a stall is feared; common problems take a dozen
_PARTS_OF_DEMAND = (0.1, 0.2, 0.4, 0.7, 1.0)  # by which an overloaded problem is approached


@dataclass(frozen=True)
class Problem:
    """What shall be in equilibrium.

    Attributes
    ----------
    first_route : int64 array, shape (n_pairs + 1,)
        Routes of each pair, those of one nest together.
    nest : uint8 array, shape (n_routes,)
        Nest of each route.
    quantity : float64 array, shape (n_pairs,)
        Demand, units a year.
    cost : float64 array, shape (n_routes,)
        Generalised hours without delay over ``reference``; infinite where closed.
    log_size : float64 array, shape (n_routes,)
        Logarithm of path size and open share.
    reference : float64 array, shape (n_pairs,)
        Generalised hours of the pair's cheapest route when nothing is loaded or closed.
    spread_nest, spread_route : float64 arrays, shape (n_pairs,)
        How sharply choice follows relative cost.
    stations : Stations
        Where loads make delays.
    first_entry : int64 array, shape (n_routes + 1,)
        Entries of each route.
    station : int32 array, shape (n_entries,)
        Station of an entry.
    load, delay : float64 arrays, shape (n_entries,)
        Resource units that a unit brings; share of the station's delay that it meets.
    """

    first_route: NDArray[np.int64]
    nest: NDArray[np.uint8]
    quantity: Floats
    cost: Floats
    log_size: Floats
    reference: Floats
    spread_nest: Floats
    spread_route: Floats
    stations: Stations
    first_entry: NDArray[np.int64]
    station: NDArray[np.int32]
    load: Floats
    delay: Floats

    @property
    def pair_of_route(self) -> NDArray[np.int64]:
        """Pair of each route."""
        return np.repeat(np.arange(len(self.quantity)), np.diff(self.first_route))


@dataclass(frozen=True)
class Equilibrium:
    """An equilibrium, as near as it was reached.

    Attributes
    ----------
    flow : float64 array, shape (n_routes,)
        Units a year.
    hours_delay : float64 array, shape (n_routes,)
        Delay on each route.
    load : float64 array, shape (n_stations,)
        Units of a busy day, background included.
    hours : float64 array, shape (n_stations,)
        Delay at each station.
    least_cost : float64 array, shape (n_pairs,)
        Expected least cost in generalised hours (logsum); infinite where no route is open.
    converged : bool
        Whether the residual was reached.
    residual : float
        Largest ``|flow - quantity * share(cost(flow))|`` of any route, as a share of its pair's quantity.
    iterations : int
        Evaluations of all shares.
    trace : tuple of float
        Residual after each.
    derivative : float64 array, shape (n_stations, n_stations), or None
        Of loads less their image by the loads, as it was last worked out for a step; None if it was not.
    """

    flow: Floats
    hours_delay: Floats
    load: Floats
    hours: Floats
    least_cost: Floats
    converged: bool
    residual: float
    iterations: int
    trace: tuple[float, ...]
    derivative: Floats | None


def solve(
    problem: Problem, *, residual: float = 1e-6, start: Equilibrium | None = None, most_iterations: int = 300
) -> Equilibrium:
    """Solve for the equilibrium.

    Parameters
    ----------
    problem
        What shall be in equilibrium.
    residual
        Goal for the largest ``|flow - quantity * share(cost(flow))| / quantity`` of any route.
    start
        Of a similar problem with the same stations: its loads and its derivative are begun with. None starts from the
        background.
    most_iterations
        Where to give up; the result then says that it has not converged.
    """
    model = _Model(problem)
    load = model.background.copy() if start is None else np.maximum(start.load, model.background)
    derivative = None if start is None else start.derivative
    trace: list[float] = []
    point, derivative = _iterated(model, load, derivative, residual, min(_PATIENCE, most_iterations), trace)
    stalled = residual < trace[-1] and len(trace) < most_iterations
    for part in _PARTS_OF_DEMAND if stalled else ():
        partial = _Model(replace(problem, quantity=problem.quantity * part))
        start_of_part = partial.background if part == _PARTS_OF_DEMAND[0] else point.load
        point, derivative = _iterated(partial, start_of_part, None, residual, most_iterations, trace)
    hours_delay, _ = model.delays(point.image)
    return Equilibrium(
        flow=model.flow(point.share),
        hours_delay=hours_delay,
        load=point.image,
        hours=problem.stations.delays(point.image)[0],
        least_cost=model.shares(point.image)[1] * problem.reference,
        converged=trace[-1] <= residual,
        residual=trace[-1],
        iterations=len(trace),
        trace=tuple(trace),
        derivative=derivative,
    )


def _iterated(
    model: _Model, load: Floats, derivative: Floats | None, residual: float, most_iterations: int, trace: list[float]
) -> tuple[_Point, Floats | None]:
    """Improve loads until the residual is reached or the trace is full; give the last derivative as well.

    A derivative is kept for further steps while they bring loads and their image together fast.
    """
    point, part = model.at(load), _TELLING
    trace.append(model.residual(point))
    while trace[-1] > residual and len(trace) < most_iterations:
        improved = point if derivative is None else _moved(model, point, _newton(point, derivative))
        if derivative is None or model.gap(improved) > _USEFUL * model.gap(point):
            derivative = model.derivative(point, part=part)
            improved, length = _improved(model, point, derivative)
            if length == 1.0 and model.gap(improved) > _FAST * model.gap(point):
                part = 1.0  # the pairs that were left out matter
        slow = model.gap(improved) > _FAST * model.gap(point)
        point = improved
        trace.append(model.residual(point))
        if slow and trace[-1] > residual:
            derivative = None
    return point, derivative


def _improved(model: _Model, point: _Point, derivative: Floats) -> tuple[_Point, float]:
    """Take the Newton step, or as much of it as lessens the gap between loads and their image; say how much."""
    gap = model.gap(point)
    step = _newton(point, derivative)
    length = 1.0
    while length > _SHORTEST_STEP:
        tried = _moved(model, point, length * step)
        if model.gap(tried) < (1 - 1e-4 * length) * gap:
            return tried, length
        length /= 2
    return model.at(point.load + length * (point.image - point.load)), length


def _newton(point: _Point, derivative: Floats) -> Floats:
    """Give the change of loads after which loads and their image would agree, if all were linear."""
    return np.asarray(np.linalg.solve(derivative, point.image - point.load), dtype=np.float64)


def _moved(model: _Model, point: _Point, step: Floats) -> _Point:
    return model.at(np.maximum(point.load + step, model.background))


class Neighbourhood:
    """Equilibria of problems that differ a little from one that is solved, to first order.

    A neighbour's loads are found by one Newton step from the known loads with the known derivative, so they are off by
    the square of the difference: enough for derivatives, not for results.

    Parameters
    ----------
    problem
        The problem.
    load
        Its loads in equilibrium.
    """

    def __init__(self, problem: Problem, load: Floats) -> None:
        model = _Model(problem)
        self._load = load
        self._inverse = np.linalg.inv(model.derivative(model.at(load), part=1.0))

    def flow(self, other: Problem) -> Floats:
        """Give the flows of a problem with the same routes and stations."""
        model = _Model(other)
        step = self._inverse @ (model.at(self._load).image - self._load)
        return model.flow(model.at(np.maximum(self._load + step, model.background)).share)


def flow_at(problem: Problem, load: Floats) -> Floats:
    """Give the flows that are chosen where stations have given loads, whatever loads these flows would make."""
    model = _Model(problem)
    return model.flow(model.shares(load)[0])


@dataclass(frozen=True)
class _Point:
    """Loads, the shares that follow from them, and the loads that follow from those."""

    load: Floats
    share: Floats
    image: Floats


class _Model:
    """The two halves of the fixed point: shares from loads, loads from shares."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.pair = problem.pair_of_route
        self.background = problem.stations.background * problem.stations.peak
        self.scale = np.maximum(problem.stations.capacity, 1e-9)
        self.daily = problem.quantity[self.pair] / DAYS

    def at(self, load: Floats) -> _Point:
        """Follow loads once around."""
        share, _ = self.shares(load)
        problem = self.problem
        carried = station_sums(
            problem.first_entry, problem.station, problem.load, share * self.daily, len(self.background)
        )
        return _Point(load, share, self.background + carried)

    def delays(self, load: Floats) -> tuple[Floats, Floats]:
        """Give the delay on each route in hours, and the slope of delay at each station."""
        hours, slope = self.problem.stations.delays(load)
        return route_sums(self.problem.first_entry, self.problem.station, self.problem.delay, hours), slope

    def shares(self, load: Floats) -> tuple[Floats, Floats]:
        """Give the share of each route and the least relative cost of each pair."""
        problem = self.problem
        cost = problem.cost + self.delays(load)[0] / problem.reference[self.pair]
        share, least_cost = nested_logit(
            problem.first_route, problem.nest, cost, problem.log_size, problem.spread_nest, problem.spread_route
        )
        return share, least_cost

    def flow(self, share: Floats) -> Floats:
        """Give the units a year on each route."""
        return share * self.problem.quantity[self.pair]

    def residual(self, point: _Point) -> float:
        """Largest change of a share when its loads are followed once more."""
        return float(np.abs(self.shares(point.image)[0] - point.share).max(initial=0.0))

    def gap(self, point: _Point) -> float:
        """Distance between loads and their image, in capacities."""
        return float(np.linalg.norm((point.image - point.load) / self.scale))

    def derivative(self, point: _Point, *, part: float) -> Floats:
        """Differentiate loads less their image by the loads, with the pairs that make so great a part of the answer.

        A step needs no exact derivative to shrink the gap fast (Dembo, Eisenstat and Steihaug 1982), and a third of
        the pairs makes nearly all of it.
        """
        problem = self.problem
        _, slope = problem.stations.delays(point.load)
        sensitivity = problem.quantity / DAYS * problem.spread_route / problem.reference
        made = route_sums(problem.first_entry, problem.station, problem.load, slope)
        answer = sensitivity * np.bincount(self.pair, weights=point.share * made, minlength=len(sensitivity))
        order = np.argsort(-answer, kind="stable")
        told = np.cumsum(answer[order])
        sensitivity[order[1 + np.searchsorted(told, part * told[-1:].sum()) :]] = 0.0
        response = load_response(
            problem.first_route,
            problem.nest,
            point.share,
            problem.first_entry,
            problem.station,
            problem.load,
            problem.delay,
            sensitivity,
            problem.spread_nest / problem.spread_route,
            problem.stations.n_stations,
        )
        derivative: Floats = np.eye(len(slope)) + response * slope
        return derivative
