"""Replications gathered one by one: of what grows with routes and days only sums are kept, so that memory does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jibek.operations.intervals import Estimates, half_width

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.operations.layout import Layout
    from jibek.operations.replication import Replication

    Floats = NDArray[np.float64]

__all__ = ["THIRDS", "Gathered"]

THIRDS = 3
"""Parts of measured time by which a queue's growth is told."""

_OF_ROUTES = ("arrived", "delivered", "lost", "area")
_OF_REPLICATIONS = ("stations", "stops", "tallies", "stuck")


class Gathered:
    """What replications leave, together.

    Parameters
    ----------
    layout
        Of the model.
    first_block, n_blocks
        Blocks of hours from the first whole one in measured time to the last.

    Attributes
    ----------
    events : list of int
        By replication.
    histogram : int32 array
        Of all replications together.
    stations, stops, tallies, stuck : lists of arrays
        By replication, as in `jibek.operations.replication.Replication`.
    stuck_since : list of float
        By replication.
    batches : float64 array, shape (n_batches, n_rows, 2)
        Of the last replication.
    little : float
        Largest relative difference between integrals and sums of hours.
    """

    def __init__(self, layout: Layout, first_block: int, n_blocks: int) -> None:
        self._layout, self._blocks = layout, slice(first_block, n_blocks)
        self.events: list[int] = []
        self.stations: list[NDArray[np.void]] = []
        self.stops: list[NDArray[np.void]] = []
        self.tallies: list[NDArray[np.void]] = []
        self.stuck: list[NDArray[np.bool_]] = []
        self.stuck_since: list[float] = []
        self.histogram: NDArray[np.int32] = np.zeros((0, 0), np.int32)
        self.batches: Floats = np.zeros((0, 0, 0))
        self.little = 0.0
        self._routes: dict[str, list[Floats]] = {name: [] for name in _OF_ROUTES}
        self._thirds: list[Floats] = []
        self._queues: Floats = np.zeros((0, 0))
        self._squares: Floats = np.zeros((0, 0))

    def add(self, run: Replication) -> None:
        """Take a replication in."""
        for name in _OF_REPLICATIONS:
            getattr(self, name).append(getattr(run, name))
        self.events.append(run.events)
        self.stuck_since.append(run.stuck_since)
        self.batches = run.batches
        pairs = (("waiting_area", run.stations), ("area", run.routes))
        self.little = max(self.little, *(_apart(rows[area], rows["clipped"]) for area, rows in pairs))
        n_groups = len(self._layout.group_ids)
        for name, sums in self._routes.items():
            sums.append(np.bincount(self._layout.route_group, run.routes[name], minlength=n_groups).astype(np.float64))
        self._thirds.append(_thirds(run.queues[:, self._blocks]))
        if len(self.events) == 1:
            self.histogram = run.histogram
            self._queues, self._squares = run.queues, run.queues**2
        else:
            self.histogram = self.histogram + run.histogram
            self._queues, self._squares = self._queues + run.queues, self._squares + run.queues**2

    def of_routes(self, column: str) -> Floats:
        """Give a column of routes, added up over their groups, shape (n_replications, n_groups)."""
        return np.stack(self._routes[column])

    @property
    def thirds(self) -> Floats:
        """Mean number waiting in each third of measured time, shape (n_replications, n_stations, 3)."""
        return np.stack(self._thirds)

    def queues(self, confidence: float) -> Estimates:
        """Estimate the mean number waiting in each block, shape (n_stations, n_blocks)."""
        n = len(self.events)
        value = self._queues / n
        spread = np.sqrt(np.maximum(self._squares - n * value**2, 0.0) / max(n - 1, 1))
        half = half_width(spread, n, confidence)
        return Estimates(value, value - half, value + half)


def _thirds(queues: Floats) -> Floats:
    """Give the mean of each third of the blocks, shape (n_stations, 3); nought if there are fewer than three."""
    length = queues.shape[1] // THIRDS
    if length == 0:
        return np.zeros((len(queues), THIRDS))
    means: Floats = queues[:, : THIRDS * length].reshape(len(queues), THIRDS, length).mean(axis=2)
    return means


def _apart(area: Floats, hours: Floats) -> float:
    """Give the largest relative difference between integrals and sums of hours."""
    return float((np.abs(area - hours) / np.maximum(np.maximum(area, hours), 1.0)).max(initial=0.0))
