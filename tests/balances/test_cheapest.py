"""Ways that lie on a cheapest path, against every path listed one by one."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jibek import read_corridor
from jibek.balances import balance, system_of
from jibek.balances.cheapest import Way, on_cheapest_ways
from jibek.corridor import Scenario, apply_scenario

PLACES = "abcde"
ways_drawn = st.lists(
    st.tuples(
        st.sampled_from(PLACES), st.sampled_from(PLACES), st.integers(1, 9), st.sampled_from(["rail", "road", ""])
    ).filter(lambda way: way[0] != way[1]),
    max_size=10,
)


def named(rows: list[tuple[str, str, int, str]]) -> list[Way]:
    """Name ways, with costs that no two paths share."""
    return [(f"w{n}", start, end, cost + 2.0**-n, mode) for n, (start, end, cost, mode) in enumerate(rows, 4)]


def slowly(ways: list[Way], sources: set[str], targets: set[str]) -> set[str]:
    """List all paths without a place twice, and take the cheapest of each pair, over all ways and without each mode."""
    found: set[str] = set()
    for shut in (None, *{mode for *_, mode in ways if mode}):
        here = [way for way in ways if way[4] != shut or not way[4]]
        for source, target in itertools.product(sources, targets):
            best: tuple[float, list[str]] = (float("inf"), [])
            stack: list[tuple[str, set[str], float, list[str]]] = [(source, {source}, 0.0, [])]
            while stack:
                at, seen, cost, path = stack.pop()
                if at == target and path:
                    best = min(best, (cost, path))
                    continue
                stack += [
                    (end, seen | {end}, cost + usd, [*path, name])
                    for name, start, end, usd, _ in here
                    if start == at and end not in seen
                ]
            found |= set(best[1])
    return found


@given(rows=ways_drawn, sources=st.sets(st.sampled_from(PLACES)), targets=st.sets(st.sampled_from(PLACES)))
def test_it_finds_what_a_list_of_all_paths_finds(
    rows: list[tuple[str, str, int, str]], sources: set[str], targets: set[str]
) -> None:
    ways = named(rows)
    assert on_cheapest_ways(ways, sources, targets) == slowly(ways, sources, targets)


def test_a_way_round_each_mode_is_kept() -> None:
    ways = [("train", "a", "b", 1.0, "rail"), ("lorry", "a", "b", 5.0, "road"), ("cart", "a", "b", 9.0, "road")]
    assert on_cheapest_ways(ways, {"a"}, {"b"}) == {"train", "lorry"}


def test_ways_that_cost_nothing_are_ways() -> None:
    assert on_cheapest_ways([("free", "a", "b", 0.0, "")], {"a"}, {"b"}) == {"free"}


@pytest.mark.parametrize("commodity", ["meat", "oilseeds"])
def test_a_year_costs_the_same_by_all_ways_and_by_the_cheapest(commodity: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no line is full, the ways that are left out would not have been used."""
    world = apply_scenario(read_corridor(), Scenario(name="2024", year=2024))
    few = balance(system_of(world, [commodity], step="year", cyclic=True, freight=True).problem)
    monkeypatch.setattr("jibek.balances.carriage.on_cheapest_ways", lambda ways, *_: {way[0] for way in ways})
    every = balance(system_of(world, [commodity], step="year", cyclic=True, freight=True).problem)
    assert len(few.problem.activities.ids) < len(every.problem.activities.ids) / 2
    assert few.usd == pytest.approx(every.usd, rel=1e-6)
