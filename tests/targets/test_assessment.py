"""The rule for promises, against published answers and against laws."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jibek.targets import Promise, judge

VALUE = st.floats(min_value=1e-3, max_value=1e9, allow_nan=False)


def promise(**changed: object) -> Promise:
    """Build a promise of 10 by 2028, unless said otherwise."""
    given_: dict[str, object] = {
        "target": 10.0,
        "due_year": 2028,
        "baseline": None,
        "baseline_year": None,
        "aim": "at_least",
    }
    return Promise(**(given_ | changed))  # type: ignore[arg-type]


TRANS_CASPIAN = {2019: 0.759, 2020: 0.783, 2021: 0.586, 2022: 1.485, 2023: 2.764, 2024: 4.484, 2025: 4.119}


def test_trans_caspian_needs_a_third_more_each_year_after_a_fall() -> None:
    result = judge(promise(), TRANS_CASPIAN, year=2025)
    assert result.required_growth == pytest.approx(0.344, abs=0.002)
    assert result.observed_growth == pytest.approx(-0.081, abs=0.001)
    assert result.status == "behind"


def test_trade_with_china_reached_a_hundred_billion_early() -> None:
    result = judge(promise(target=100.0, due_year=2030), {2022: 70.0, 2024: 94.8, 2025: 106.3}, year=2025)
    assert (result.status, result.latest_year) == ("met", 2025)
    assert result.required_growth is None


def test_three_hundred_thousand_containers_need_forty_per_cent_a_year() -> None:
    result = judge(promise(target=300_000.0, due_year=2029), {2024: 56_500.0, 2025: 77_000.0}, year=2025)
    assert result.required_growth == pytest.approx(0.405, abs=0.005)


def test_days_promised_to_fall_are_met_when_they_have_fallen() -> None:
    shorter = promise(target=15.0, aim="at_most")
    assert judge(shorter, {2024: 18.0, 2025: 14.0}, year=2025).status == "met"
    assert judge(shorter, {2023: 30.0, 2024: 24.0, 2025: 20.0}, year=2025).status == "on_track"
    assert judge(shorter, {2024: 17.0, 2025: 18.0}, year=2025).status == "behind"


@pytest.mark.parametrize(
    ("changed", "observed", "status", "reason"),
    [
        ({"target": None}, {2025: 1.0}, "unknown", "no_target"),
        ({}, {}, "unknown", "no_observation"),
        ({}, {2030: 12.0}, "unknown", "no_observation"),
        ({"due_year": None}, {2024: 5.0, 2025: 6.0}, "unknown", "no_due_year"),
        ({"due_year": 2025}, {2024: 5.0, 2025: 6.0}, "behind", "due_year_passed"),
        ({"due_year": 2024}, {2023: 5.0, 2025: 12.0}, "behind", "due_year_passed"),
        ({"due_year": 2025}, {2023: 5.0, 2024: 6.0}, "unknown", "due_year_not_observed"),
        ({}, {2025: 6.0}, "unknown", "one_observation"),
        ({}, {2024: 0.0, 2025: 0.0}, "unknown", "no_growth_rate"),
        ({"baseline": 6.0, "baseline_year": 2025}, {2025: 6.0}, "unknown", "one_observation"),
        ({"baseline": 6.0, "baseline_year": 2025}, {2023: 3.0, 2024: 4.0, 2025: 6.0}, "on_track", "growth_suffices"),
    ],
)
def test_what_cannot_be_judged_is_said(changed: dict, observed: dict, status: str, reason: str) -> None:
    result = judge(promise(**changed), observed, year=2025)
    assert (result.status, result.reason) == (status, reason)


@given(latest=VALUE, target=VALUE, years=st.integers(1, 40))
def test_required_growth_reaches_the_target(latest: float, target: float, years: int) -> None:
    result = judge(promise(target=target, due_year=2025 + years), {2025: latest}, year=2025)
    if result.status == "met":
        assert latest >= target
    else:
        assert result.required_growth is not None
        assert math.isclose(latest * (1 + result.required_growth) ** years, target, rel_tol=1e-9)


@given(values=st.dictionaries(st.integers(2015, 2025), VALUE, min_size=2), target=VALUE, factor=st.floats(0.01, 100))
def test_units_change_no_status(values: dict[int, float], target: float, factor: float) -> None:
    plain = judge(promise(target=target), values, year=2025)
    scaled = judge(promise(target=target * factor), {at: value * factor for at, value in values.items()}, year=2025)
    if not any(math.isclose(value, target, rel_tol=1e-9) for value in values.values()):
        assert plain.reason == scaled.reason or plain.required_growth == pytest.approx(plain.observed_growth)


@given(values=st.dictionaries(st.integers(2015, 2025), VALUE, min_size=1), target=VALUE, more=st.floats(1, 10))
def test_a_higher_latest_value_never_breaks_a_met_promise(values: dict[int, float], target: float, more: float) -> None:
    better = values | {max(values): values[max(values)] * more}
    if judge(promise(target=target), values, year=2025).status == "met":
        assert judge(promise(target=target), better, year=2025).status == "met"
