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
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["VARIED_GAMMA", "draw", "draw_from", "keys_in", "mix", "uniform"]

_CONSTANT, _EXPONENTIAL, _GAMMA, _LOGNORMAL = 0, 1, 2, 3
VARIED_GAMMA = 5
"""Gamma with a cv above 1, which is drawn as a power of chance times one with a shape greater by 1."""
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_30, _27, _31, _11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT = 2.0**-53
_LAYERS = 256
_LAYER = np.uint64(_LAYERS - 1)
_NORMAL_LAST, _NORMAL_AREA = 3.6541528853610088, 0.00492867323399
"""Where the tail begins, and the area of each layer: see Marsaglia and Tsang (2000)."""
_EXPONENTIAL_LAST, _EXPONENTIAL_AREA = 7.69711747013104972, 0.0039496598225815572
_FLOAT_AND_LUCK = types.Tuple((types.float64, types.uint64))


def _ziggurat(
    last: float, area: float, height: Callable[[Floats], Floats], inverse: Callable[[float], float]
) -> tuple[Floats, Floats]:
    """Give the right edges of the layers under a falling curve, the lowest first, and the curve's heights there."""
    edges = [area / float(height(np.array(last))), last]
    while len(edges) < _LAYERS:
        edges.append(inverse(area / edges[-1] + float(height(np.array(edges[-1])))))
    found = np.array([*edges, 0.0])
    return found, height(found)


_EDGES, _HEIGHTS = _ziggurat(
    _NORMAL_LAST, _NORMAL_AREA, lambda x: np.exp(-0.5 * x**2), lambda y: float(np.sqrt(-2.0 * np.log(y)))
)
_ENDS, _DEPTHS = _ziggurat(_EXPONENTIAL_LAST, _EXPONENTIAL_AREA, lambda x: np.exp(-x), lambda y: -float(np.log(y)))


@compiled(types.uint64(types.uint64))
def mix(luck: np.uint64) -> np.uint64:
    """Give the number of a place in the sequence: all 64 bits are as good as random."""
    z = luck + _STEP
    z = (z ^ (z >> _30)) * _FIRST
    z = (z ^ (z >> _27)) * _SECOND
    return z ^ (z >> _31)


@compiled(types.uint64[::1](types.uint64, types.Array(types.uint64, 1, "C", readonly=True)))
def keys_in(run: np.uint64, names: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Give the keys of random numbers that elements have in a run, from the key of the run and those of their names."""
    found = np.empty_like(names)
    for at in range(len(names)):
        found[at] = mix(names[at] ^ mix(run))
    return found


@compiled(_FLOAT_AND_LUCK(types.uint64))
def uniform(luck: np.uint64) -> tuple[float, np.uint64]:
    """Draw a number above 0 and up to 1; give it and the next place in the sequence."""
    return (np.float64(mix(luck) >> _11) + 1.0) * _UNIT, luck + _STEP


@compiled(_FLOAT_AND_LUCK(types.uint64), within=True, merged=True)
def _tail(luck: np.uint64) -> tuple[float, np.uint64]:
    """Draw how far a normal number lies beyond the last layer, by Marsaglia (1964)."""
    while True:
        u, luck = uniform(luck)
        w, luck = uniform(luck)
        x = -np.log(u) / _NORMAL_LAST
        if -2.0 * np.log(w) > x * x:
            return x, luck


@compiled(_FLOAT_AND_LUCK(types.uint64), within=True, merged=True)
def _normal(luck: np.uint64) -> tuple[float, np.uint64]:
    """Draw from the standard normal distribution, by the ziggurat of Marsaglia and Tsang (2000).

    One random number gives the layer by its lowest bits and the place in it by its highest, as Doornik (2005) asks.
    """
    while True:
        bits = mix(luck)
        luck += _STEP
        layer = np.int64(bits & _LAYER)
        place = np.float64(bits >> _11) * (2.0 * _UNIT) - 1.0
        x = place * _EDGES[layer]
        if abs(x) < _EDGES[layer + 1]:
            return x, luck
        if layer == 0:
            beyond, luck = _tail(luck)
            return (_NORMAL_LAST + beyond if place > 0.0 else -_NORMAL_LAST - beyond), luck
        u, luck = uniform(luck)
        if _HEIGHTS[layer] + u * (_HEIGHTS[layer + 1] - _HEIGHTS[layer]) < np.exp(-0.5 * x * x):
            return x, luck


@compiled(_FLOAT_AND_LUCK(types.uint64), within=True, merged=True)
def _exponential(luck: np.uint64) -> tuple[float, np.uint64]:
    """Draw from the exponential distribution of mean 1, by the same ziggurat; its tail is the whole of it again."""
    before = 0.0
    while True:
        bits = mix(luck)
        luck += _STEP
        layer = np.int64(bits & _LAYER)
        x = (np.float64(bits >> _11) + 0.5) * _UNIT * _ENDS[layer]
        if x < _ENDS[layer + 1]:
            return before + x, luck
        if layer == 0:
            before += _EXPONENTIAL_LAST
        else:
            u, luck = uniform(luck)
            if _DEPTHS[layer] + u * (_DEPTHS[layer + 1] - _DEPTHS[layer]) < np.exp(-x):
                return before + x, luck


@compiled(_FLOAT_AND_LUCK(types.float64, types.uint64), within=True, merged=True)
def _gamma(c: float, luck: np.uint64) -> tuple[float, np.uint64]:
    """Draw from the gamma distribution with shape d + 1/3 and scale 1/d, d being 1 / 9c², by Marsaglia and Tsang."""
    while True:
        x, luck = _normal(luck)
        v = 1.0 + c * x
        v = v * v * v
        u, luck = uniform(luck)
        square = x * x
        if v > 0.0 and u < 1.0 - 0.0331 * square * square:
            return v, luck
        if v > 0.0 and np.log(u) < 0.5 * square + (1.0 - v + np.log(v)) / (9.0 * c * c):
            return v, luck


@compiled(_FLOAT_AND_LUCK(types.int64, types.float64, types.float64, READ_FLOATS, types.uint64), merged=True)
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
        x, luck = _exponential(luck)
        return a * x, luck
    if law == _GAMMA:
        x, luck = _gamma(a, luck)
        return x * b, luck
    if law == VARIED_GAMMA:
        u, luck = uniform(luck)
        x, luck = _gamma(1.0 / np.sqrt(9.0 * a + 6.0), luck)
        return u ** (1.0 / a) * x * (a + 2.0 / 3.0) * b, luck
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
