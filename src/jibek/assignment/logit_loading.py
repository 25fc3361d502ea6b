"""Volumes that come back from the logit loading at their own costs, by Newton's method.

With volumes known, so are costs and the loading. Fisk's programme (1980, Some developments in equilibrium traffic
assignment, Transportation Research B 14) has a dual in the volumes alone (Daganzo 1982, Unconstrained extremal
formulation of some transportation equilibrium problems, Transportation Science 16), whose gradient is the slope of
times multiplied by what the loading gives in excess of the volumes. Newton's method climbs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jibek.assignment.conjugate_gradients import conjugate_gradients
from jibek.assignment.shift_kernels import arc_times

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from jibek.assignment.bushes import Bushes
    from jibek.assignment.graph import Graph
    from jibek.assignment.workers import Workers

    Floats = NDArray[np.float64]

__all__ = ["Loading", "climb"]

_STEP_ERROR = 1e-4  # of Newton's equation, relative; the looser it is, the shorter are the steps that the dual allows
_MOST_TERMS = 1000  # of the conjugate gradients of a step
_MOST_HALVINGS = 40
_OVERSHOT = 0.5  # share of its rise at the start by which the dual may fall at the end of a step


class Loading:
    """Trips spread over bushes by logit at the costs of given volumes.

    Attributes
    ----------
    flow : float64 array, shape (n_classes, n_arcs)
        Trips on each arc.
    volume : float64 array, shape (n_arcs,)
        Vehicle equivalents that were loaded.
    slope : float64 array, shape (n_arcs,)
        How the time of each arc rises with its volume, at the given one.
    expected : list of float64 arrays, shape (n_pairs,)
        Expected least cost of the pairs of each block of bushes; infinite where no way joins them.
    """

    def __init__(
        self,
        graph: Graph,
        fixed: Floats,
        load: Floats,
        bushes: Sequence[Bushes],
        *,
        spread: float,
        side_by_side: Workers,
    ) -> None:
        self._graph, self._fixed, self._load = graph, fixed, load
        self._bushes, self._spread, self._side_by_side = bushes, spread, side_by_side
        self.flow: Floats = np.zeros_like(fixed)
        self.volume: Floats = np.zeros(len(graph.link))
        self.slope: Floats = np.zeros(len(graph.link))
        self.expected: list[Floats] = []

    def at(self, volume: Floats) -> None:
        """Load at the costs of volumes."""
        self.flow, self.expected, self.slope = self._loaded(volume, [block.flow for block in self._bushes])
        self.volume = self._total(self.flow)

    def residual(self) -> float:
        """Load once more, at the costs of what is loaded, and give the difference as `LogitCertificate` has it."""
        flow, _, _ = self._loaded(self.volume, [np.empty_like(block.flow) for block in self._bushes])
        return _difference(flow, self.flow)

    def answer(self, change: Floats) -> Floats:
        """Give the derivative of the loaded volume in the direction of a change of costs, see `answer_costs`."""
        from jibek.assignment.logit_kernels import answer_costs  # noqa: PLC0415 - compiled when it is needed

        def of_block(block: Bushes) -> Floats:
            edges = block.n_reached, block.first_edge, block.edge_arc, block.edge_from, block.flow
            answer: Floats = answer_costs(self._spread, change, *edges)
            return answer

        total = np.zeros_like(change)
        for block, answer in zip(self._bushes, self._side_by_side(of_block, self._bushes), strict=True):
            total += self._load[block.travel] * answer
        return total

    def _loaded(self, volume: Floats, flows: Sequence[Floats]) -> tuple[Floats, list[Floats], Floats]:
        """Load into the flows of edges; give those of arcs, the expected costs of pairs, and the slopes of times."""
        from jibek.assignment.logit_kernels import load_bushes  # noqa: PLC0415 - compiled when it is needed

        time, slope = np.empty(len(volume)), np.empty(len(volume))
        arc_times(self._graph.kind, self._graph.delay, False, volume, time, slope)  # noqa: FBT003
        costs = time + self._fixed

        def of_block(block: Bushes, flow: Floats) -> tuple[Floats, Floats]:
            pairs = block.first_pair, block.destination, block.trips
            edges = block.n_reached, block.order, block.first_edge, block.edge_arc, block.edge_from, flow
            loaded: tuple[Floats, Floats] = load_bushes(self._spread, costs[block.travel], *pairs, *edges)
            return loaded

        total, expected = np.zeros_like(self._fixed), []
        for block, (least, arc_flow) in zip(
            self._bushes, self._side_by_side(of_block, self._bushes, flows), strict=True
        ):
            total[block.travel] += arc_flow
            expected.append(least)
        return total, expected, slope

    def _total(self, flow: Floats) -> Floats:
        """Weigh trips by the loads of their classes."""
        return self._load @ flow if len(flow) else np.zeros(flow.shape[1])


def climb(
    loading: Loading,
    volume: Floats,
    residual: float,
    most_iterations: int,
    *,
    progress: Callable[[str], None],
) -> tuple[float, ...]:
    """Take Newton's steps from first volumes until the loading changes no more by the costs of its own volumes.

    Returns
    -------
    tuple of float
        Difference between volumes and those loaded at their costs at the beginning of each step, as a share of the
        greatest.
    """
    loading.at(volume)
    trace: list[float] = []
    for _ in range(most_iterations):
        trace.append(_difference(loading.volume[None], volume[None]))
        progress(f"Step {len(trace)}: residual {trace[-1]:.1e}")
        if trace[-1] <= residual and loading.residual() <= residual:
            break
        volume = _step(loading, volume)
    return tuple(trace)


def _difference(flow: Floats, other: Floats) -> float:
    """Give the largest difference on any arc as a share of the largest flow, for the class where it is most."""
    greatest = np.maximum(flow.max(axis=1, initial=0.0), np.finfo(float).tiny)
    return float((np.abs(flow - other).max(axis=1, initial=0.0) / greatest).max(initial=0.0))


def _step(loading: Loading, volume: Floats) -> Floats:
    """Step along Newton's direction, halved while the dual falls steeply at its end; load there, give the volumes."""
    direction = _direction(loading, loading.volume - volume)
    if not np.isfinite(direction).all():  # slopes over the spread are beyond the range of numbers
        direction = loading.volume - volume
    rise = (loading.slope * (loading.volume - volume) * direction).sum()
    length = 1.0
    for _ in range(_MOST_HALVINGS):
        there = np.maximum(volume + length * direction, 0.0)
        loading.at(there)
        if (loading.slope * (loading.volume - there) * direction).sum() >= -_OVERSHOT * rise:
            break
        length /= 2
    return there


def _direction(loading: Loading, excess: Floats) -> Floats:
    """Solve ``(I + H T) d = excess`` for a change of volumes, with slopes ``T`` and ``-H`` the answer of the loading.

    As the system ``(I + R H R) z = R excess``, where ``R`` is the root of ``T``: it is symmetric and no eigenvalue is
    below 1.
    """
    root = np.sqrt(loading.slope)

    def operator(z: Floats) -> Floats:
        return z - root * loading.answer(root * z)

    z = conjugate_gradients(operator, root * excess, precision=_STEP_ERROR, most_steps=_MOST_TERMS)
    return excess + loading.answer(root * z)
