"""Trips of all pairs as their costs move them: one step of Newton's method toward the demand functions.

The equilibrium of elastic demand is that of Beckmann, McGuire and Winsten (1956, chapter 3): used ways cost the same,
and trips are what the demand function gives at that cost. Between two mendings the bushes keep their shares, so costs
follow from trips by a linear map and its transpose, and a step for all pairs together is one symmetric system.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jibek.assignment.bushes import average, spread
from jibek.assignment.conjugate_gradients import conjugate_gradients
from jibek.assignment.demand import DemandFunction
from jibek.assignment.graph import pair_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from jibek.assignment.bushes import Bushes
    from jibek.assignment.graph import Graph, Trips
    from jibek.assignment.problem import TravelClass

    Floats = NDArray[np.float64]

__all__ = ["ElasticTrips", "realised_trips"]

_MOST_STEPS = 20
_PRECISION = 1e-2  # of a step; shares change before the next
_FARTHEST = 0.5  # of a step in the logarithm of trips, since costs are far from linear


class ElasticTrips:
    """Trips of the pairs of all bushes, block after block, and the functions that they follow.

    Attributes
    ----------
    trips : float64 array, shape (n_pairs,)
        Trips now.
    """

    def __init__(
        self,
        graph: Graph,
        classes: Sequence[TravelClass],
        trips: Sequence[Trips],
        bushes: Sequence[Bushes],
        side_by_side: Callable[..., Iterable[Floats]],
    ) -> None:
        self._graph, self._side_by_side = graph, side_by_side
        counts = [len(block.trips) for block in bushes]
        self._begin = np.cumsum(counts)[:-1]
        travel = np.repeat([block.travel for block in bushes], counts)
        self._load = np.array([each.load for each in classes])[travel]
        elasticity = np.array([each.elasticity for each in classes])[travel]
        joined = np.concatenate([block.joined for block in bushes]) != 0
        self._moves = joined & (elasticity > 0)
        self.trips: Floats = np.concatenate([block.trips for block in bushes])
        references = [_references(each, its) for each, its in zip(classes, trips, strict=True)]
        self._farthest: Floats = np.full(len(self.trips), _FARTHEST)
        self._cut: Floats = np.zeros(len(self.trips))
        self._demand = DemandFunction(
            trips=self.trips,
            reference=np.concatenate([references[b.travel][_pairs_of(b, trips[b.travel])] for b in bushes]),
            elasticity=np.where(self._moves, elasticity, 0.0),
        )

    def misfit(self, least: Floats) -> float:
        """Give how far trips are from what their least costs ask for, see `Certificate`."""
        wanted = self._demand.at(least)[self._moves]
        return float(np.abs(self.trips[self._moves] - wanted).sum() / wanted.sum()) if len(wanted) else 0.0

    def step(self, bushes: Sequence[Bushes], least: Floats, slope: Floats) -> list[Floats]:
        """Move trips toward the demand functions.

        In logarithms, ``r = log(trips) - log(D(cost))`` and ``s = trips * -D'(cost) / D(cost)``, the step ``y`` solves
        ``(1 + s U) y = -r trips`` with ``U``, how costs rise with trips at the shares of the bushes. Logarithms suit
        costs that rise by a power of flow, and keep trips above 0. The system is symmetric in the product that weighs
        pairs by their load.

        Parameters
        ----------
        bushes
            Blocks, after they were mended.
        least : float64 array, shape (n_pairs,)
            Least cost of each pair at the present times.
        slope : float64 array, shape (n_arcs,)
            How the time of an arc rises with a vehicle equivalent.

        Returns
        -------
        list of float64 arrays
            The new trips of each block.
        """
        residual = np.log(self.trips / self._demand.trips) - self._demand.log_factor(least)
        root = np.sqrt(self.trips * self._demand.slope_share(least))

        def operator(z: Floats) -> Floats:
            return z + root * self._rise_of_costs(bushes, root * z, slope)

        alone = -residual * self.trips
        goal = -root * self._rise_of_costs(bushes, alone, slope)
        coupled = conjugate_gradients(operator, goal, precision=_PRECISION, most_steps=_MOST_STEPS, weight=self._load)
        wanted = (alone + root * coupled) / self.trips
        # Where the last step was cut short and this one goes back, both may go half as far.
        self._farthest = np.where(self._cut * wanted < 0, self._farthest / 2, self._farthest)
        moved = np.clip(wanted, -self._farthest, self._farthest)
        self._cut = np.where(moved == wanted, 0.0, moved)
        self.trips = self.trips * np.exp(moved)
        return np.split(self.trips, self._begin)

    def _rise_of_costs(self, bushes: Sequence[Bushes], trips: Floats, slope: Floats) -> Floats:
        """Give how the cost of each pair rises with a change of the trips of all."""
        spreads = self._side_by_side(
            lambda block, its: spread(self._graph, block, its)[1], bushes, np.split(self._load * trips, self._begin)
        )
        rise = slope * sum(spreads, np.zeros(len(slope)))
        return np.concatenate(list(self._side_by_side(lambda block: average(block, rise), bushes)))


def realised_trips(travel: TravelClass, trips: Trips, bushes: Iterable[Bushes]) -> Floats:
    """Give the trips of each row of a class as its bushes carry them; rows of one pair share in its trips."""
    factor = np.ones(len(trips.trips))
    for block in bushes:
        pairs = _pairs_of(block, trips)
        factor[pairs] = block.trips / trips.trips[pairs]
    pairs = pair_numbers(trips, travel.origin, travel.destination)
    its: Floats = travel.trips.copy()
    its[pairs >= 0] *= factor[pairs[pairs >= 0]]
    return its


def _pairs_of(bushes: Bushes, trips: Trips) -> NDArray[np.int64]:
    """Give the numbers of the pairs of bushes among all of their class."""
    return pair_numbers(trips, np.repeat(bushes.origin, np.diff(bushes.first_pair)), bushes.destination)


def _references(travel: TravelClass, trips: Trips) -> Floats:
    """Give the reference cost of each pair of a class."""
    reference = np.ones(len(trips.trips))
    if travel.reference_cost is not None:
        pairs = pair_numbers(trips, travel.origin, travel.destination)
        reference[pairs[pairs >= 0]] = travel.reference_cost[pairs >= 0]
    return reference
