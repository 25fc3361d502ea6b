"""Delay functions: hours that load adds, with their derivative and integral; load and capacity in one unit.

Each is zero at no load, increasing and convex in the load ``v`` for capacity ``c``, and comes as
value (h), derivative (h per unit of load) and integral from 0 to ``v`` (h times load), so that an
equilibrium can be solved and certified. All functions broadcast over arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Hours = NDArray[np.float64]

__all__ = ["Delay", "bpr", "conical", "measured", "queue"]

_BPR_POWER = 4.0
_CONICAL_ALPHA = 4.0
_REFERENCE_LOAD = 0.9  # share of capacity at which several servers are matched
_MOST_VARIABLE = 4.0  # above it the queue's curve is concave
_TINY = 1e-300


class Delay(NamedTuple):
    """A delay function at given loads.

    Attributes
    ----------
    value : float64 array
        Extra hours.
    derivative : float64 array
        Extra hours per unit of load.
    integral : float64 array
        Integral of the value over the load from 0.
    """

    value: Hours
    derivative: Hours
    integral: Hours


def bpr(load: ArrayLike, capacity: ArrayLike, hours_at_capacity: ArrayLike, *, power: ArrayLike = _BPR_POWER) -> Delay:
    """Delay as a power of the load: ``h (v / c) ** power``.

    Bureau of Public Roads (1964), Traffic Assignment Manual, with the free-flow time left out and
    its factor expressed as the delay ``h`` at capacity.

    Parameters
    ----------
    load, capacity
        Load ``v`` >= 0 and capacity ``c`` > 0 per day.
    hours_at_capacity
        Delay ``h`` when load equals capacity.
    power
        At least 1.
    """
    v, c, h, power = _arrays(load, capacity, hours_at_capacity, power)
    x = v / c
    return Delay(h * x**power, h * power / c * x ** (power - 1), h * c / (power + 1) * x ** (power + 1))


def conical(
    load: ArrayLike, capacity: ArrayLike, hours_at_capacity: ArrayLike, *, alpha: ArrayLike = _CONICAL_ALPHA
) -> Delay:
    """Conical delay, which stays gentle above capacity.

    Spiess, H. (1990), Conical volume-delay functions, Transportation Science 24(2), eq. 7:
    ``f(x) = 2 + sqrt(alpha^2 (1 - x)^2 + beta^2) - alpha (1 - x) - beta`` with
    ``beta = (2 alpha - 1) / (2 alpha - 2)`` and ``x = v / c``; ``f(0) = 1`` and ``f(1) = 2``, so the
    delay is ``h (f(x) - 1)``.

    Parameters
    ----------
    load, capacity
        Load ``v`` >= 0 and capacity ``c`` > 0 per day.
    hours_at_capacity
        Delay ``h`` when load equals capacity.
    alpha
        Steepness, above 1.
    """
    v, c, h, alpha = _arrays(load, capacity, hours_at_capacity, alpha)
    beta = (2 * alpha - 1) / (2 * alpha - 2)
    y = alpha * (1 - v / c)
    root = np.hypot(y, beta)
    value = h * (1 + root - y - beta)
    derivative = h * alpha / c * (1 - y / root)
    area = _root_primitive(alpha, beta) - _root_primitive(y, beta) - (alpha**2 - y**2) / 2
    return Delay(value, derivative, h * ((1 - beta) * v + c / alpha * area))


def measured(load: ArrayLike, capacity: ArrayLike, share: ArrayLike, hours: ArrayLike) -> Delay:
    """Delay by a curve that was measured, linear between its points and beyond the last.

    Parameters
    ----------
    load, capacity
        Load ``v`` >= 0 and capacity ``c`` > 0 per day.
    share, hours : shape (n_points,)
        Increasing load over capacity, and the delay there, increasing and convex; nought at no load.
    """
    v, c = _arrays(load, capacity)
    x, y = _arrays(share, hours)
    if x[0] > 0:
        x, y = np.append(0.0, x), np.append(0.0, y)
    slope = np.diff(y) / np.diff(x)
    area = np.append(0.0, np.cumsum(np.diff(x) * (y[1:] + y[:-1]) / 2.0))
    at = np.clip(np.searchsorted(x, v / c, side="right") - 1, 0, len(slope) - 1)
    beyond = v / c - x[at]
    value = y[at] + slope[at] * beyond
    return Delay(value, slope[at] / c, c * (area[at] + (y[at] + value) / 2.0 * beyond))


def queue(
    load: ArrayLike,
    capacity: ArrayLike,
    *,
    servers: ArrayLike,
    cv_arrival: ArrayLike,
    cv_service: ArrayLike,
    period_days: float,
) -> Delay:
    """Mean wait in a queue, right below capacity and above it.

    Akçelik, R. (1991), Travel time functions for transport planning purposes, Australian Road
    Research 21(3), eq. 6: ``d = T / 4 (x - 1 + sqrt((x - 1)^2 + 8 J x / (c T)))``, ``x = v / c``. Over
    a long period it is the steady wait ``J x / (c (1 - x))`` below capacity, and above it half of what
    the queue grows to, ``T (x - 1) / 2``. ``J`` is that of Allen and Cunneen for several servers with
    Sakasegawa's (1977) exponent, taken at nine tenths of capacity:
    ``J = (cv_arrival^2 + cv_service^2) / 2 * 0.9 ** (sqrt(2 (servers + 1)) - 2)``.

    Parameters
    ----------
    load, capacity
        Load ``v`` >= 0 and capacity ``c`` > 0 of all servers together, per day.
    servers
        Parallel servers, at least 1.
    cv_arrival, cv_service
        Coefficients of variation of the times between arrivals and of the service times.
    period_days
        How long the load lasts, ``T``.

    Raises
    ------
    ValueError
        If the period is too short for any steady state (``c T`` not above ``2 J``), where the
        function would no longer be convex.
    """
    v, c = _arrays(load, capacity)
    servers, arrival, service = _arrays(servers, cv_arrival, cv_service)
    variability = (arrival**2 + service**2) / 2 * _REFERENCE_LOAD ** (np.sqrt(2 * (servers + 1)) - 2)
    a = 8 * variability / (c * period_days)
    if np.any(a >= _MOST_VARIABLE):
        raise ValueError("period_days is too short: capacity times period must exceed twice the variability.")
    scale = 24 * period_days / 4
    x = v / c
    middle, width = 1 - a / 2, np.sqrt(a - a**2 / 4)
    root = np.hypot(x - middle, width)
    area = _root_primitive(x - middle, width) - _root_primitive(-middle, width)
    return Delay(
        scale * (x - 1 + root),
        scale / c * (1 + (x - middle) / np.maximum(root, _TINY)),
        scale * c * (x**2 / 2 - x + area),
    )


def _root_primitive(y: Hours, width: Hours) -> Hours:
    """Give a primitive of ``sqrt(y^2 + width^2)`` over ``y``."""
    primitive: Hours = (y * np.hypot(y, width) + width**2 * np.arcsinh(y / np.maximum(width, _TINY))) / 2
    return primitive


def _arrays(*values: ArrayLike) -> tuple[Hours, ...]:
    return tuple(np.asarray(value, dtype=np.float64) for value in values)
