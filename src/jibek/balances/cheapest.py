"""Of the many ways of freight over roads and rails, those that a balance needs: the cheapest, by each set of modes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["Way", "on_cheapest_ways"]

Way = tuple[str, str, str, float, str]
"""Name, start, end, cost, and mode; the mode is empty for what has none."""

_FREE = 1e-9  # of the dearest way: a matrix of distances knows no edge of length 0


def on_cheapest_ways(ways: Sequence[Way], sources: Iterable[str], targets: Iterable[str]) -> set[str]:
    """Find the ways that lie on a cheapest path from any source to any target.

    Paths are looked for over all ways, and over all but those of one mode, for each mode: so that where a port or a
    crossing is full or shut, others are there to go round it.

    Parameters
    ----------
    ways
        Edges of the network; of several between the same ends the cheapest counts, and of those the first by name.
    sources, targets
        Where paths begin and end.

    Returns
    -------
    set of str
        Names of ways.
    """
    places = sorted({end for _, start, stop, _, _ in ways for end in (start, stop)})
    number = {place: at for at, place in enumerate(places)}
    starts = np.array(sorted(number[place] for place in set(sources) if place in number), np.int64)
    ends = np.array(sorted(number[place] for place in set(targets) if place in number), np.int64)
    free = _FREE * max((cost for *_, cost, _ in ways), default=1.0) or _FREE
    found: set[str] = set()
    if not len(starts) or not len(ends):
        return found
    for left_out in (None, *sorted({mode for *_, mode in ways if mode})):
        best: dict[tuple[int, int], tuple[float, str]] = {}
        for name, start, stop, cost, mode in ways:
            if mode != left_out or not mode:
                key = number[start], number[stop]
                best[key] = min(best.get(key, (np.inf, "")), (max(cost, free), name))
        found |= _on_paths(best, len(places), starts, ends)
    return found


def _on_paths(
    best: Mapping[tuple[int, int], tuple[float, str]],
    n_places: int,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> set[str]:
    """Walk back from each end that is reached to each start."""
    tails, heads = (np.array([key[part] for key in best], np.int64) for part in (0, 1))
    costs = np.array([cost for cost, _ in best.values()])
    graph = csr_array((costs, (tails, heads)), shape=(n_places, n_places))
    reached, before = dijkstra(graph, indices=starts, return_predecessors=True)
    found: set[str] = set()
    for row in range(len(starts)):
        walked: set[int] = set()
        for end in ends[np.isfinite(reached[row, ends])].tolist():
            here = end
            while here not in walked and before[row, here] >= 0:
                walked.add(here)
                previous = int(before[row, here])
                found.add(best[previous, here][1])
                here = previous
    return found
