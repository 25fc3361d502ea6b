"""Traffic counts on links, and how far flows are from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jibek.errors import AssignmentError, Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from jibek.assignment.problem import TrafficNetwork, TravelClass

    Floats = NDArray[np.float64]

__all__ = ["Counts", "geh"]


@dataclass(frozen=True)
class Counts:
    """What was counted on some links, in the period and unit of the trips.

    Attributes
    ----------
    link : int64 array, shape (n_counts,)
        Number of the link.
    travel : int64 array, shape (n_counts,)
        Number of the class whose trips were counted; -1 for the vehicle equivalents of all.
    count : float64 array, shape (n_counts,)
        What was counted; not negative.
    weight : float64 array, shape (n_counts,)
        How much it is to be trusted beside the others; not negative.
    """

    link: NDArray[np.int64]
    travel: NDArray[np.int64]
    count: Floats
    weight: Floats

    def check(self, network: TrafficNetwork, classes: Sequence[TravelClass]) -> None:
        """Check that counts fit a network and its classes.

        Raises
        ------
        AssignmentError
            If a count is of an unknown link or class, or counts or weights are no amounts.
        """
        valid = {
            "link": (self.link >= 0) & (self.link < network.n_links),
            "travel": (self.travel >= -1) & (self.travel < len(classes)),
            "count": (self.count >= 0) & np.isfinite(self.count),
            "weight": (self.weight >= 0) & np.isfinite(self.weight),
        }
        numbers = {"link": "number of a link", "travel": "number of a class, or -1"}
        expected = numbers | dict.fromkeys(("count", "weight"), "number of at least 0")
        remedy = "Correct the value or leave the row out."
        faults = [
            Fault("fault", "counts", str(row), name, str(getattr(self, name)[row]), expected[name], remedy)
            for name in valid
            for row in np.flatnonzero(~valid[name]).tolist()
        ]
        if faults:
            raise AssignmentError(faults)

    def of(self, flow: Floats, load: Floats) -> Floats:
        """Pick what flows where it was counted: from flow of classes on links, shape (n_classes, n_links)."""
        counted: Floats = np.vstack([flow, load @ flow])[self.travel, self.link]
        return counted

    def spread(self, values: Floats, load: Floats, n_links: int) -> Floats:
        """Put values of counts on links, shape (n_classes, n_links); the transpose of `of`."""
        per_link = np.zeros((len(load) + 1, n_links))
        np.add.at(per_link, (self.travel, self.link), values)
        return per_link[:-1] + np.outer(load, per_link[-1])


def geh(flow: Floats, count: Floats) -> Floats:
    """Give ``sqrt(2 (flow - count)^2 / (flow + count))``, the statistic of G. E. Havers, meant for hourly flows."""
    total = flow + count
    statistic: Floats = np.sqrt(2 * (flow - count) ** 2 / np.where(total > 0, total, 1.0))
    return statistic
