"""Least squares within bounds, of a linear map that is known by what it does to a vector."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jibek.assignment.conjugate_gradients import conjugate_gradients

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["bounded_least_squares"]

_PRECISION = 1e-7  # share of the first projected gradient's size that may be left
_MOST_FACES = 100
_MOST_STEPS = 30  # of conjugate gradients on a face
_STEP_PRECISION = 1e-3
_LEAST_GAIN = 1e-4  # of what the gradient promises, as Armijo asks for
_SHORTEST = 1e-10


def bounded_least_squares(
    forward: Callable[[Floats], Floats],
    transpose: Callable[[Floats], Floats],
    goal: Floats,
    *,
    ridge: float,
    low: Floats,
    high: Floats,
    start: Floats,
) -> Floats:
    """Find ``z`` between ``low`` and ``high`` with the least ``|forward(z) - goal|^2 + ridge |z|^2``.

    Conjugate gradients on the variables that no bound holds, then a search along the step bent at the bounds, in turn
    (Bertsekas 1982, Projected Newton methods for optimization problems with simple constraints, section 2).

    Parameters
    ----------
    forward, transpose
        A linear map and its transpose.
    goal : float64 array, shape (n_rows,)
        What the map should give.
    ridge
        Weight of the size of ``z``, at least 0.
    low, high, start : float64 arrays, shape (n,)
        Bounds, and where to begin. Where several ``z`` are best, it is one near the start.

    Returns
    -------
    float64 array, shape (n,)
        Within the bounds.
    """

    def value(z: Floats, image: Floats) -> float:
        return float(np.sum((image - goal) ** 2) + ridge * np.sum(z**2))

    z = np.clip(start, low, high)
    image = forward(z)
    first = None
    for _ in range(_MOST_FACES):
        gradient = transpose(image - goal) + ridge * z  # half of it
        free = np.where(gradient > 0, z > low, z < high)
        size = float(np.sqrt(np.sum(gradient[free] ** 2)))
        first = size if first is None else first
        if size <= _PRECISION * first:
            break

        def answer(way: Floats, free: NDArray[np.bool_] = free) -> Floats:
            return np.where(free, transpose(forward(way)) + ridge * way, 0.0)

        step = conjugate_gradients(
            answer, np.where(free, -gradient, 0.0), precision=_STEP_PRECISION, most_steps=_MOST_STEPS
        )
        length, before = 1.0, value(z, image)
        while length >= _SHORTEST:
            tried = np.clip(z + length * step, low, high)
            its_image = forward(tried)
            if value(tried, its_image) <= before + 2 * _LEAST_GAIN * float(np.sum(gradient * (tried - z))):
                break
            length /= 2
        else:
            break
        z, image = tried, its_image
    return z
