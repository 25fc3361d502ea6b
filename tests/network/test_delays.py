"""Delay functions against numeric integration, closed forms and each other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jibek.network.delays import Delay, bpr, conical, measured, queue

INTEGRAL = 1e-6  # Simpson's rule on 20,001 points, with a kink at capacity for queues
DERIVATIVE = 1e-5  # central difference with a step of 1e-6 of capacity

Function = Callable[..., Delay]
loads = st.floats(0.0, 300.0)
capacities = st.floats(10.0, 100.0)


def of_bpr(load: object, capacity: float) -> Delay:
    return bpr(load, capacity, 5.0)


def of_conical(load: object, capacity: float) -> Delay:
    return conical(load, capacity, 5.0)


def of_queue(load: object, capacity: float) -> Delay:
    return queue(load, capacity, servers=3, cv_arrival=1.2, cv_service=0.7, period_days=30.0)


def of_measured(load: object, capacity: float) -> Delay:
    """A curve of a few points; it begins above no load."""
    return measured(load, capacity, [0.5, 1.0, 1.5], [1.0, 3.0, 9.0])


FUNCTIONS = [of_bpr, of_conical, of_queue]


@pytest.mark.parametrize("function", FUNCTIONS)
@given(load=loads, capacity=capacities)
def test_integral_and_derivative_are_those_of_the_value(function: Function, load: float, capacity: float) -> None:
    delay = function(load, capacity)
    x = np.linspace(0.0, load, 20_001)
    y = function(x, capacity).value
    simpson = (y[0] + y[-1] + 4 * y[1:-1:2].sum() + 2 * y[2:-1:2].sum()) * (x[1] - x[0]) / 3
    assert delay.integral == pytest.approx(simpson, rel=INTEGRAL, abs=1e-6)
    step = 1e-6 * capacity
    slope = (function(load + step, capacity).value - function(max(load - step, 0), capacity).value) / (
        load + step - max(load - step, 0)
    )
    if load > step:
        assert delay.derivative == pytest.approx(slope, rel=DERIVATIVE, abs=1e-5)


@pytest.mark.parametrize("function", FUNCTIONS)
@given(capacity=capacities)
def test_delays_start_at_zero_rise_and_are_convex(function: Function, capacity: float) -> None:
    loads = np.linspace(0.0, 4 * capacity, 401)
    value, derivative, integral = function(loads, capacity)
    assert value[0] == pytest.approx(0.0, abs=1e-12)
    assert integral[0] == pytest.approx(0.0, abs=1e-9)
    assert np.all(np.diff(value) > 0)
    assert np.all(np.diff(derivative) > -1e-12 * derivative.max())


@given(load=loads, capacity=capacities)
def test_a_measured_delay_lies_on_the_lines_between_its_points(load: float, capacity: float) -> None:
    """Beside numpy's interpolation, whose integral is that of trapezoids; beyond the last point the line goes on."""
    x, y = np.array([0.0, 0.5, 1.0, 1.5, 40.0]), np.array([0.0, 1.0, 3.0, 9.0, 9.0 + 12.0 * 38.5])
    delay = of_measured(load, capacity)
    assert delay.value == pytest.approx(np.interp(load / capacity, x, y))
    kinks = np.union1d(x[x < load / capacity], [load / capacity])
    area = np.trapezoid(np.interp(kinks, x, y), kinks) * capacity
    assert delay.integral == pytest.approx(area)
    if np.abs(load / capacity - x).min() > 1e-5:
        ahead = of_measured(load + 1e-6 * capacity, capacity)
        assert delay.derivative == pytest.approx((ahead.value - delay.value) / (1e-6 * capacity), rel=DERIVATIVE)


def test_a_curve_through_many_points_of_a_formula_is_the_formula() -> None:
    share = np.linspace(0.0, 2.0, 2001)
    curve = conical(share, 1.0, 5.0)
    loads = np.linspace(0.0, 80.0, 37)
    of_curve, of_formula = measured(loads, 40.0, share, curve.value), conical(loads, 40.0, 5.0)
    np.testing.assert_allclose(of_curve.value, of_formula.value, atol=1e-5)
    np.testing.assert_allclose(of_curve.integral, of_formula.integral, atol=1e-3)


@pytest.mark.parametrize("function", [of_bpr, of_conical])
def test_at_capacity_the_delay_is_the_one_given(function: Function) -> None:
    assert function(40.0, 40.0).value == pytest.approx(5.0, rel=1e-12)


def test_conical_is_spiess_s_formula() -> None:
    x, alpha = np.linspace(0, 2, 9), 4.0
    beta = (2 * alpha - 1) / (2 * alpha - 2)
    spiess = 2 + np.sqrt(alpha**2 * (1 - x) ** 2 + beta**2) - alpha * (1 - x) - beta
    np.testing.assert_allclose(conical(x * 10, 10.0, 1.0).value, spiess - 1, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("utilisation", [0.3, 0.5, 0.8, 0.9])
def test_over_a_long_time_one_server_waits_as_mm1(utilisation: float) -> None:
    capacity = 12.0
    wait_days = utilisation / (capacity * (1 - utilisation))
    delay = queue(utilisation * capacity, capacity, servers=1, cv_arrival=1, cv_service=1, period_days=1e7)
    assert delay.value == pytest.approx(24 * wait_days, rel=1e-4)


def test_several_servers_at_nine_tenths_wait_as_allen_and_cunneen_say() -> None:
    capacity, servers = 12.0, 4
    wait_days = 0.9 ** (np.sqrt(2 * (servers + 1)) - 1) / (capacity * 0.1) * (0.8**2 + 0.5**2) / 2
    delay = queue(0.9 * capacity, capacity, servers=servers, cv_arrival=0.8, cv_service=0.5, period_days=1e7)
    assert delay.value == pytest.approx(24 * wait_days, rel=1e-4)


def test_far_above_capacity_the_wait_is_half_the_growth_of_the_queue() -> None:
    delay = queue(60.0, 40.0, servers=1, cv_arrival=1, cv_service=1, period_days=30.0)
    assert delay.value == pytest.approx(24 * 30.0 * 0.5 / 2, rel=0.02)


def test_without_variability_nobody_waits_below_capacity() -> None:
    delay = queue([20.0, 60.0], 40.0, servers=1, cv_arrival=0, cv_service=0, period_days=30.0)
    np.testing.assert_allclose(delay.value, [0.0, 24 * 30 * 0.25], atol=1e-9)
    assert np.all(np.isfinite(delay.derivative))
    assert np.all(np.isfinite(delay.integral))


def test_a_period_too_short_for_a_queue_is_refused() -> None:
    with pytest.raises(ValueError, match="period_days"):
        queue(1.0, 1.0, servers=1, cv_arrival=3, cv_service=3, period_days=1.0)
