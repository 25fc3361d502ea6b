"""Changes of one value over a year, against sums by hand and day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jibek.corridor.changes import Change, in_order, mean_over_year

# Weighted sums of a few hundred terms lose a few units in the last place.
CLOSE = 1e-9


def change(operation: str, value: float, first: date, last: date = date.max, **others: object) -> Change:
    given: dict[str, object] = {"owner": "history", "table": "links", "id": "a", "column": "hours"} | others
    return Change(operation=operation, value=value, first_day=first, last_day=last, **given)  # type: ignore[arg-type]


def test_thirteen_days_shut_of_a_year() -> None:
    shut = change("close", 0.0, date(2025, 11, 3), date(2025, 11, 15))
    assert mean_over_year(1.0, [shut], 2025) == pytest.approx(1 - 13 / 365, rel=CLOSE)


def test_a_leap_year_has_366_days() -> None:
    shut = change("close", 0.0, date(2024, 2, 28), date(2024, 3, 1))
    assert mean_over_year(1.0, [shut], 2024) == pytest.approx(1 - 3 / 366, rel=CLOSE)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (date(2025, 1, 1), date(2025, 1, 1), 1),
        (date(2025, 12, 31), date(2025, 12, 31), 1),
        (date(2024, 12, 1), date(2025, 1, 10), 10),
        (date(2025, 12, 20), date.max, 12),
        (date(2020, 1, 1), date(2024, 12, 31), 0),
        (date(2026, 1, 1), date.max, 0),
        (date.min, date.max, 365),
    ],
)
def test_only_days_of_the_year_count(first: date, last: date, days: int) -> None:
    assert mean_over_year(0.0, [change("set", 1.0, first, last)], 2025) == pytest.approx(days / 365, rel=CLOSE)


def test_a_second_track_opened_on_30_september() -> None:
    opened = change("set", 60.0, date(2025, 9, 30))
    assert mean_over_year(24.0, [opened], 2025) == pytest.approx((24 * 272 + 60 * 93) / 365, rel=CLOSE)
    assert mean_over_year(24.0, [opened], 2026) == 60.0
    assert mean_over_year(24.0, [opened], 2024) == 24.0


def test_a_value_that_does_not_change_is_exactly_itself() -> None:
    assert mean_over_year(0.1, [], 2025) == 0.1
    assert mean_over_year(0.3, [change("set", 0.1, date(2025, 3, 3))], 2026) == 0.1


def test_set_then_scale_then_add() -> None:
    day = date(2025, 1, 1)
    acting = [change("add", 5.0, day), change("scale", 2.0, day), change("set", 10.0, day)]
    assert mean_over_year(1.0, in_order(acting), 2025) == 25.0


def test_later_days_act_on_earlier_ones() -> None:
    acting = [change("scale", 2.0, date(2024, 1, 1)), change("set", 10.0, date(2024, 6, 1))]
    assert mean_over_year(1.0, in_order(acting), 2025) == 10.0


def test_owners_act_in_their_order() -> None:
    day = date(2025, 1, 1)
    owners = ("scenario", "disruption", "built", "completed", "history")
    acting = [change("set", float(rank), day - timedelta(days=rank), owner=o) for rank, o in enumerate(owners)]
    assert [c.owner for c in in_order(acting)] == list(reversed(owners))
    assert mean_over_year(9.0, in_order(acting), 2025) == 0.0


def test_winds_shut_a_share_of_each_month() -> None:
    share = (0.1, 0.1, 0.05, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.05, 0.1, 0.1)
    winds = change("close", 0.0, date(2000, 1, 1), monthly=share)
    days = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    shut = sum(s * n for s, n in zip(share, days, strict=True)) / 365
    assert mean_over_year(1.0, [winds], 2025) == pytest.approx(1 - shut, rel=CLOSE)


def test_what_is_unknown_on_a_day_is_unknown_for_the_year() -> None:
    assert mean_over_year(None, [], 2025) is None
    assert mean_over_year(None, [change("scale", 2.0, date(2025, 1, 1))], 2025) is None
    assert mean_over_year(None, [change("set", 2.0, date(2025, 1, 2))], 2025) is None
    assert mean_over_year(None, [change("set", 2.0, date(2025, 1, 1))], 2025) == 2.0


DAYS = st.dates(date(2023, 6, 1), date(2026, 6, 1))
CHANGES = st.builds(
    lambda operation, value, first, length: change(operation, value, first, first + timedelta(days=length)),
    st.sampled_from(["set", "scale", "add"]),
    st.floats(0.1, 10),
    DAYS,
    st.integers(0, 500),
)


@given(value=st.floats(0.1, 10), changes=st.lists(CHANGES, max_size=5), year=st.sampled_from([2024, 2025]))
def test_segments_give_what_adding_up_days_gives(value: float, changes: list[Change], year: int) -> None:
    acting = in_order(changes)
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366 if year == 2024 else 365)]
    total = 0.0
    for day in days:
        current: float | None = value
        for one in acting:
            current = one.on(day, current)
        assert current is not None
        total += current
    assert mean_over_year(value, acting, year) == pytest.approx(total / len(days), rel=CLOSE)
