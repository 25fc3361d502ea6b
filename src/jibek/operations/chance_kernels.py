"""Compiled kernels of chance: random numbers of their own for each consignment, vehicle and closure.

The generator is SplitMix64 (Steele, Lea and Flood 2014): a counter and a function that mixes its bits. So each mover
carries its own luck, eight bytes, and meets the same service times whoever else is under way: what-ifs compare like
with like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from jibek.network.compiler import compiled
from jibek.operations.records import READ_DRAWS, READ_FLOATS

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["draw", "draw_from", "mix", "uniform"]

_CONSTANT, _EXPONENTIAL, _GAMMA, _LOGNORMAL = 0, 1, 2, 3
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_30, _27, _31, _11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT = 2.0**-53
_FLOAT_AND_LUCK = types.Tuple((types.float64, types.uint64))


@compiled(types.uint64(types.uint64))
def mix(luck: np.uint64) -> np.uint64:
    """Give the number of a place in the sequence: all 64 bits are as good as random."""
    z = luck + _STEP
    z = (z ^ (z >> _30)) * _FIRST
    z = (z ^ (z >> _27)) * _SECOND
    return z ^ (z >> _31)


@compiled(_FLOAT_AND_LUCK(types.uint64))
def uniform(luck: np.uint64) -> tuple[float, np.uint64]:
    """Draw a number above 0 and up to 1; give it and the next place in the sequence."""
    return (np.float64(mix(luck) >> _11) + 1.0) * _UNIT, luck + _STEP


@compiled(_FLOAT_AND_LUCK(types.uint64), within=True)
def _normal(luck: np.uint64) -> tuple[float, np.uint64]:
    """Draw from the standard normal distribution, by Box and Muller (1958)."""
    radius, luck = uniform(luck)
    angle, luck = uniform(luck)
    return np.sqrt(-2.0 * np.log(radius)) * np.cos(2.0 * np.pi * angle), luck


@compiled(_FLOAT_AND_LUCK(types.float64, types.uint64), within=True)
def _standard_gamma(shape: float, luck: np.uint64) -> tuple[float, np.uint64]:
    """Draw from the gamma distribution with scale 1, by Marsaglia and Tsang (2000)."""
    boost = 1.0
    if shape < 1.0:
        u, luck = uniform(luck)
        boost = u ** (1.0 / shape)
        shape += 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / np.sqrt(9.0 * d)
    while True:
        x, luck = _normal(luck)
        v = (1.0 + c * x) ** 3
        u, luck = uniform(luck)
        if v > 0.0 and (u < 1.0 - 0.0331 * x**4 or np.log(u) < 0.5 * x * x + d - d * v + d * np.log(v)):
            return boost * d * v, luck


@compiled(_FLOAT_AND_LUCK(types.int64, types.float64, types.float64, READ_FLOATS, types.uint64))
def draw_from(law: int, a: float, b: float, values: NDArray[np.float64], luck: np.uint64) -> tuple[float, np.uint64]:
    """Draw hours.

    Parameters
    ----------
    law, a, b
        Distribution, see `records.DRAW`.
    values : float64 array
        Observed hours of empirical ones.
    luck
        Place in the sequence of random numbers.

    Returns
    -------
    hours, luck
        With the next place in the sequence.
    """
    if law == _CONSTANT:
        return a, luck
    if law == _EXPONENTIAL:
        u, luck = uniform(luck)
        return -a * np.log(u), luck
    if law == _GAMMA:
        x, luck = _standard_gamma(a, luck)
        return x * b, luck
    if law == _LOGNORMAL:
        x, luck = _normal(luck)
        return np.exp(a + b * x), luck
    u, luck = uniform(luck)
    return values[np.int64(a) + np.int64(min((1.0 - u) * b, b - 1.0))], luck


@compiled(_FLOAT_AND_LUCK(READ_DRAWS, READ_FLOATS, types.int64, types.uint64))
def draw(draws: NDArray[np.void], values: NDArray[np.float64], number: int, luck: np.uint64) -> tuple[float, np.uint64]:
    """Draw hours from one of the distributions of an array of `records.DRAW`; see `draw_from`."""
    row = draws[number]
    hours, luck = draw_from(row.law, row.a, row.b, values, luck)
    return hours, luck
