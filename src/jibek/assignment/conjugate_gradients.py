"""Linear systems that are known by what they do to a vector."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["conjugate_gradients"]


def conjugate_gradients(
    operator: Callable[[Floats], Floats],
    goal: Floats,
    *,
    precision: float,
    most_steps: int,
    weight: Floats | float = 1.0,
) -> Floats:
    """Solve ``operator(z) = goal`` by conjugate gradients (Hestenes and Stiefel 1952), from 0.

    Parameters
    ----------
    operator
        Linear, symmetric and not negative in the product with the weights.
    goal : float64 array, shape (n,)
        Right-hand side.
    precision
        Share of the goal's size that may be left.
    most_steps
        Where to stop in any case; every step brings the solution nearer.
    weight : float64 array, shape (n,), or float
        Weights of the inner product; not negative.

    Returns
    -------
    float64 array, shape (n,)
        The solution.
    """

    def product(a: Floats, b: Floats) -> float:
        return float(np.sum(weight * a * b))

    z, left, way = np.zeros_like(goal), goal, goal
    size = first = product(left, left)
    for _ in range(most_steps):
        if not size > precision**2 * first:  # nor goes on where numbers are too great to be reckoned with
            break
        image = operator(way)
        bend = product(way, image)
        if not bend > 0.0:
            break
        z, left = z + size / bend * way, left - size / bend * image
        before, size = size, product(left, left)
        way = left + size / before * way
    return z
