"""Pairs of alternative segments of all bushes, joined, and the shifts of trips between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jibek.assignment.segment_kernels import find_segments, group_segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from jibek.assignment.bushes import Cores

    Floats = NDArray[np.float64]

__all__ = ["Segments", "segments_of"]

_TOGETHER = 64  # bushes that are searched by one call, whatever the number of threads


@dataclass(frozen=True)
class Segments:
    """Pairs of alternative segments, those with the same arcs in one group.

    Attributes
    ----------
    travel : uint32 array, shape (n_pairs,)
        Class of each pair.
    first_member, member
        Groups, as `group_segments` gives them.
    first, middle, edges, movable
        Pairs, as `find_segments` gives them.
    """

    travel: NDArray[np.uint32]
    first_member: NDArray[np.int64]
    member: NDArray[np.uint32]
    first: NDArray[np.int64]
    middle: NDArray[np.int64]
    edges: NDArray[np.uint32]
    movable: Floats


def segments_of(
    cores: Cores,
    first_bush: NDArray[np.int64],
    cost: Callable[[int], Floats],
    side_by_side: Callable[..., Iterator[tuple[NDArray[np.uint64], ...]]],
) -> Segments:
    """Find the pairs of alternative segments of all bushes.

    Parameters
    ----------
    cores
        Cores of all bushes.
    first_bush : int64 array, shape (n_classes + 1,)
        Bushes of each class.
    cost
        Gives the cost of each arc for a class.
    side_by_side
        Maps a function over items, in order.
    """
    tasks = [
        (k, begin, min(begin + _TOGETHER, int(first_bush[k + 1])))
        for k in range(len(first_bush) - 1)
        for begin in range(int(first_bush[k]), int(first_bush[k + 1]), _TOGETHER)
    ]
    costs = [cost(k) for k in range(len(first_bush) - 1)]
    core = cores.first_core, cores.core_first, cores.edge_arc, cores.edge_from, cores.flow
    found = list(side_by_side(lambda task: find_segments(*task, *core, costs[task[0]]), tasks))
    begins = np.cumsum([0, *(len(edges) for _, _, _, edges, _ in found)])
    first_member, member = group_segments(np.concatenate([np.empty(0, np.uint64), *(key for key, *_ in found)]))
    return Segments(
        travel=np.repeat([k for k, *_ in tasks], [len(key) for key, *_ in found]).astype(np.uint32),
        first_member=first_member,
        member=member,
        first=np.concatenate(
            [*(first[:-1] + begin for (_, first, _, _, _), begin in zip(found, begins, strict=False)), begins[-1:]]
        ),
        middle=np.concatenate(
            [
                np.empty(0, np.int64),
                *(middle + begin for (_, _, middle, _, _), begin in zip(found, begins, strict=False)),
            ]
        ),
        edges=np.concatenate([np.empty(0, np.uint32), *(edges for _, _, _, edges, _ in found)]),
        movable=np.concatenate([np.empty((0, 2)), *(m for *_, m in found)]),
    )
