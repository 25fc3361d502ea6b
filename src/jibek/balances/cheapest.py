"""Of the many ways of freight over roads and rails, those that a balance needs: the cheapest, by each set of modes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jibek.network.kernels import ALL, shortest_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["Way", "on_cheapest_ways"]

Way = tuple[str, str, str, float, str]
"""Name, start, end, cost, and mode; the mode is empty for what has none."""


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
    found: set[str] = set()
    if not len(starts) or not len(ends):
        return found
    for left_out in (None, *sorted({mode for *_, mode in ways if mode})):
        best: dict[tuple[int, int], tuple[float, str]] = {}
        for name, start, stop, cost, mode in ways:
            if mode != left_out or not mode:
                key = number[start], number[stop]
                best[key] = min(best.get(key, (np.inf, "")), (cost, name))
        found |= _on_paths(best, len(places), starts, ends)
    return found


def _on_paths(
    best: Mapping[tuple[int, int], tuple[float, str]],
    n_places: int,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> set[str]:
    """Walk back from each end that is reached to each start."""
    keys = sorted(best)
    names = [best[key][1] for key in keys]
    tails = np.array([tail for tail, _ in keys], np.int64)
    heads = np.array([head for _, head in keys], np.int32)
    costs = np.array([best[key][0] for key in keys], np.float64)
    first_out = np.searchsorted(tails, np.arange(n_places + 1))
    found: set[str] = set()
    for start in starts.tolist():
        _, arc_to = shortest_tree(first_out, heads, costs, start, ALL)
        walked: set[int] = set()
        for end in ends.tolist():
            here = end
            while here not in walked and arc_to[here] >= 0:
                walked.add(here)
                arc = int(arc_to[here])
                found.add(names[arc])
                here = int(tails[arc])
    return found
