"""Compiled kernels against slow, plain references."""

from __future__ import annotations

import heapq
import math
import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from jibek.operations import Calendar, class_hours, constant, empirical, exponential, gamma, lognormal
from jibek.operations.chance_kernels import draw, keys_in, mix
from jibek.operations.clock_kernels import elapse, random_closures, work_end
from jibek.operations.closures import calendar_gaps, merge
from jibek.operations.delay_curves import convex_increasing
from jibek.operations.distributions import Distribution
from jibek.operations.intervals import batch_ratios, means, ratios, student_quantile
from jibek.operations.layout import draw_rows, key_of
from jibek.operations.queue_kernels import KIND, N_COUNTS, N_EVENTS, WHO, look_ahead, pop, push
from jibek.operations.records import CLASSES, TALLY
from jibek.operations.replication import empty_agenda
from jibek.operations.tally_kernels import quantiles

LUCK = np.uint64(20260101)
MANY = 20_000
DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
seeds = st.integers(0, 2**32)


def splitmix(state: int) -> int:
    """SplitMix64 in plain integers."""
    z = (state + 0x9E3779B97F4A7C15) % 2**64
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
    return z ^ z >> 31


@given(state=st.integers(0, 2**64 - 1))
def test_random_numbers_are_those_of_splitmix(state: int) -> None:
    assert int(mix(np.uint64(state))) == splitmix(state)


def test_random_numbers_begin_as_published() -> None:
    """The first outputs from seed 1234567, as other implementations of SplitMix64 print them."""
    state, found = 1234567, []
    for _ in range(3):
        found.append(int(mix(np.uint64(state))))
        state = (state + 0x9E3779B97F4A7C15) % 2**64
    assert found == [6457827717110365317, 3203168211198807973, 9817491932198370423]


FAMILIES = [
    (exponential(3.0), stats.expon(scale=3.0)),
    (gamma(3.0, 0.5), stats.gamma(4.0, scale=0.75)),
    (gamma(3.0, 2.0), stats.gamma(0.25, scale=12.0)),
    (lognormal(3.0, 1.0), stats.lognorm(math.sqrt(math.log(2.0)), scale=3.0 / math.sqrt(2.0))),
]


@pytest.mark.parametrize(
    ("hours", "theory"), FAMILIES, ids=lambda value: getattr(getattr(value, "kind", None), "name", "")
)
@pytest.mark.parametrize("streams", [1, MANY], ids=["one stream", "a stream each"])
def test_draws_follow_their_distribution(hours: Distribution, theory: object, streams: int) -> None:
    """Kolmogorov and Smirnov's test; consecutive numbers of one stream, and the first numbers of many."""
    rows, values = draw_rows([hours])
    drawn, luck = np.empty(MANY), LUCK
    for k in range(MANY):
        if streams > 1:
            luck = mix(LUCK ^ mix(np.uint64(k)))
        drawn[k], luck = draw(rows, values, 0, np.uint64(luck))
    assert stats.kstest(drawn, theory.cdf).pvalue > 1e-3
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 4 / math.sqrt(MANY)


def test_constant_and_empirical_draws() -> None:
    rows, values = draw_rows([constant(2.0), empirical([1.0, 5.0]), empirical([7.0])])
    assert draw(rows, values, 0, LUCK) == (2.0, LUCK)
    assert draw(rows, values, 2, LUCK)[0] == 7.0
    drawn, luck = [], LUCK
    for _ in range(MANY):
        hours, luck = draw(rows, values, 1, np.uint64(luck))
        drawn.append(hours)
    assert set(drawn) == {1.0, 5.0}
    assert abs(np.mean(drawn) - 3.0) < 4 * 2.0 / math.sqrt(MANY)


def test_keys_differ_by_seed_replication_and_name() -> None:
    names = np.array([key_of("a"), key_of("b")], np.uint64)
    runs = (np.uint64(key_of(f"{seed}/{run}")) for seed in range(3) for run in range(3))
    assert len({key for run in runs for key in keys_in(run, names).tolist()}) == 18


@given(seed=seeds, hours=st.sampled_from([9.5, 1e6]))
def test_the_agenda_gives_events_in_order(seed: int, hours: float) -> None:
    """By time, then kind, then turn, as Python's heapq does, whether a slot holds one instant or many.

    What is after the end is left out. Nothing is listed for before the last event, as in a simulation.
    """
    chance = random.Random(seed)
    agenda, counts = empty_agenda(200, hours), np.zeros(N_COUNTS, np.int64)
    soon = agenda.soon
    plain: list[tuple[float, int, int, int]] = []
    now = 0.0
    for turn in range(150):
        if plain and chance.random() < 0.4:
            now, kind, _, who = heapq.heappop(plain)
            assert look_ahead(agenda, counts)
            assert (soon[0]["time"], soon[0]["key"] >> KIND, soon[0]["key"] % 2**WHO) == (now, kind, who)
            pop(soon, counts)
        event = now + chance.randrange(10), chance.randrange(5), turn, chance.randrange(1000)
        if event[0] < hours:
            heapq.heappush(plain, event)
        push(agenda, counts, event[0], event[1], event[3])
        assert counts[N_EVENTS] == len(plain)


@given(seed=seeds)
def test_clocks_of_seasons_and_their_inverse(seed: int) -> None:
    chance = random.Random(seed)
    speed = np.array([chance.choice([0.0, 0.5, 1.0, 3.0]) for _ in range(12)])
    speed[chance.randrange(12)] = 1.0
    by_hour = np.repeat(speed, [24 * days for days in DAYS])
    hour, amount = chance.uniform(0, 20_000), chance.choice([0.5, 100.0, 9000.0])
    end = elapse(hour, amount, speed)
    whole = np.arange(math.ceil(hour), math.floor(end))
    passed = by_hour[whole % 8760].sum()
    if math.floor(end) >= math.ceil(hour):
        passed += (math.ceil(hour) - hour) * by_hour[math.floor(hour) % 8760]
        passed += (end - math.floor(end)) * by_hour[math.floor(end) % 8760]
    else:
        passed += (end - hour) * by_hour[math.floor(hour) % 8760]
    assert passed == pytest.approx(amount)


def test_random_closures_have_the_share_that_is_asked_for() -> None:
    """The rate of closing while open (operations-1)."""
    rows, values = draw_rows([exponential(5.0)])
    begins, ends = random_closures(1e6, np.full(12, 0.25 / 0.75 / 5.0), rows, values, 0, LUCK)
    assert (begins[1:] > ends[:-1]).all()
    assert (ends - begins).sum() / 1e6 == pytest.approx(0.25, rel=0.02)


@given(seed=seeds)
def test_work_rests_while_a_station_is_shut(seed: int) -> None:
    """Against a clock that goes on by halves of an hour."""
    chance = random.Random(seed)
    edges = np.array(sorted(chance.sample(range(1, 60), 6))) / 2
    shut_from, shut_to = edges[::2].copy(), edges[1::2].copy()
    work, hour = chance.randrange(1, 30) / 2, 0.0
    expected, left = hour, work
    while left > 0:
        if not any(begin <= expected < end for begin, end in zip(shut_from, shut_to, strict=True)):
            left -= 0.5
        expected += 0.5
    assert work_end(shut_from, shut_to, 0, 3, hour, work) == expected


@given(seed=seeds)
def test_times_shut_are_joined(seed: int) -> None:
    chance = random.Random(seed)
    rows = [(chance.randrange(3), begin := chance.randrange(40), begin + chance.randrange(1, 9)) for _ in range(12)]
    station, begins, ends = (np.array(column) for column in zip(*rows, strict=True))
    half = len(rows) // 2
    parts = [
        (station[rows], begins[rows].astype(float), ends[rows].astype(float))
        for rows in (slice(half), slice(half, None))
    ]
    first_gap, shut_from, shut_to = merge(parts[0], parts[1], 3)
    for at in range(3):
        shut = {hour for row, begin, end in rows if row == at for hour in range(begin, end)}
        gaps = list(
            zip(shut_from[first_gap[at] : first_gap[at + 1]], shut_to[first_gap[at] : first_gap[at + 1]], strict=True)
        )
        assert {hour for begin, end in gaps for hour in range(int(begin), int(end))} == shut
        assert all(after[0] > before[1] for before, after in pairwise(gaps))


@given(
    from_hour=st.integers(0, 24),
    to_hour=st.integers(0, 24),
    weekdays=st.sets(st.integers(0, 6), min_size=1),
    months=st.sets(st.integers(1, 12), min_size=1),
)
def test_calendars_hour_by_hour(from_hour: int, to_hour: int, weekdays: set[int], months: set[int]) -> None:
    if from_hour == to_hour:
        return
    calendar = Calendar(from_hour, to_hour, tuple(weekdays), tuple(months))
    begins, ends = calendar_gaps(calendar, 2000.0)
    shut = np.zeros(12_000, np.bool_)
    for begin, end in zip(begins, ends, strict=True):
        shut[int(begin) : int(end)] = True
    month = np.repeat(np.arange(1, 13), DAYS)
    for day in range(-1, 84):
        works = day % 7 in weekdays and month[day % 365] in months
        end = to_hour if to_hour > from_hour else to_hour + 24
        for hour in range(24 * day + from_hour, 24 * day + end):
            if 0 <= hour < 2000 and works:
                assert not shut[hour]
                shut[hour] = True
    assert shut[:2000].all()


@given(values=st.lists(st.floats(0.001, 1e5), min_size=1, max_size=60))
def test_quantiles_are_those_of_the_sample_but_for_a_class(values: list[float]) -> None:
    sample = np.array(values)
    histogram, tallies = np.zeros((1, CLASSES), np.int32), np.zeros(1, TALLY)
    middles = np.array([class_hours(k) for k in range(CLASSES)])
    share, exponent = np.frexp(sample)
    np.add.at(histogram[0], (exponent + 10) * 128 + ((share - 0.5) * 256).astype(int), 1)
    tallies["count"], tallies["least"], tallies["most"] = len(sample), sample.min(), sample.max()
    quantiles(histogram, tallies)
    assert (np.diff(middles) > 0).all()
    for name, share in (("p50", 0.5), ("p80", 0.8), ("p95", 0.95)):
        expected = np.quantile(sample, share, method="inverted_cdf")
        assert tallies[name][0] == pytest.approx(expected, rel=0.004)


@pytest.mark.parametrize("degrees", [*range(1, 40), 199, 9999])
@pytest.mark.parametrize("probability", [0.9, 0.975, 0.995, 0.9995])
def test_quantiles_of_student(probability: float, degrees: int) -> None:
    assert student_quantile(probability, degrees) == pytest.approx(stats.t.ppf(probability, degrees), rel=1e-5)


def test_intervals_of_means_and_ratios() -> None:
    chance = np.random.default_rng(5)
    values = chance.normal(3.0, 1.0, (12, 4))
    found = means(values, 0.9)
    theory = stats.t.interval(0.9, 11, values.mean(axis=0), stats.sem(values, axis=0))
    np.testing.assert_allclose([found.low, found.high], theory, rtol=1e-5)
    same = ratios(7.0 * values, np.full_like(values, 7.0), 0.9)
    np.testing.assert_allclose([same.low, same.high], [found.low, found.high])
    assert np.isnan(means(values[:1], 0.9).low).all()


def test_batches_that_hang_together_are_too_short() -> None:
    chance = np.random.default_rng(6)
    counts = np.full((20, 2), 50.0)
    walk = np.cumsum(chance.normal(size=20))
    totals = 50.0 * np.stack([chance.normal(size=20), walk], axis=1)
    found, short = batch_ratios(totals, counts, 0.95)
    assert short.tolist() == [False, True]
    assert np.isnan(found.low).tolist() == [False, True]
    counts[3] = 0.0
    assert batch_ratios(totals, counts, 0.95)[1].all()


@given(values=st.lists(st.floats(0, 100), min_size=1, max_size=12))
def test_a_curve_is_made_increasing_and_convex_by_the_least_move(values: list[float]) -> None:
    y = np.array(values)
    x = np.arange(len(y), dtype=float) ** 1.5
    shaped, moved = convex_increasing(x, y)
    slope = np.diff(shaped) / np.diff(x)
    assert (slope >= -1e-9).all()
    assert (np.diff(slope) >= -1e-9).all()
    assert np.abs(shaped - y).max() == pytest.approx(moved, abs=1e-9)
    # No such curve is nearer: at the point moved up most, it lies under a chord or a later point by twice that.
    highest = int(np.argmax(y - shaped))
    later = y[highest:].min()
    chords = [
        y[i] + (y[j] - y[i]) * (x[highest] - x[i]) / (x[j] - x[i])
        for i in range(highest + 1)
        for j in range(highest, len(y))
        if i < highest < j
    ]
    assert y[highest] - min([later, *chords]) >= 2 * moved - 1e-9
