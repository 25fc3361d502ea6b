"""Calibration finds the parameters that made the counts, and sees nothing but what it may see."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from jibek.corridor import Corridor
from jibek.flows import (
    Counts,
    Sample,
    build_route_sets,
    calibrate,
    counts_of,
    folds_of,
    marks_of,
    preferences_in,
    price_routes,
    quantities,
    reference_costs,
)
from jibek.flows.calibration import Calibration
from small_corridor import Rows, make_corridor
from small_flows import YEAR, demand_of, preference, resource, solved, user, wants, ways_between

pytest.importorskip("scipy")

RECOVERED = 0.02  # of a parameter's own size: what the stopping rule of 1e-4 of the cost leaves
TRUE = {"spread": 8.0, "dislike-1": 0.25, "dislike-2": -0.1, "growth": 1.3}
RANGES = {"spread": (2.0, 20.0), "dislike-1": (-0.5, 0.5), "dislike-2": (-0.5, 0.5), "growth": (0.5, 2.0)}
HOURS = (16.0, 18.0, 20.0)
OTHER = (30.0, 24.0, 28.0)


def parameters(values: dict[str, float]) -> list[dict[str, Any]]:
    return [
        preference("spread_route", values["spread"]) | {"id": "spread", "fitted": True},
        preference("spread_nest", 1.0),
        preference("constant", values["dislike-1"], corridor="way-1") | {"id": "dislike-1", "fitted": True},
        preference("constant", values["dislike-2"], corridor="way-2") | {"id": "dislike-2", "fitted": True},
        preference("demand", values["growth"], origin="start") | {"id": "growth", "fitted": True},
    ]


def synthetic(values: dict[str, float], observed: dict[str, float] | None = None) -> Rows:
    """Join start and end, and end and start at other costs, by three ways whose first links are counted."""
    tables = ways_between(
        HOURS,
        quantity=36_500.0,
        resources=[resource(f"gate-{i}", 60.0) for i in range(3)],
        resource_users=[user(f"gate-{i}", "links", f"start--middle-{i}--rail") for i in range(3)],
        preferences=parameters(values),
    )
    more = [
        row | {"id": f"b-{row['id']}", "from_place": row["to_place"], "to_place": row["from_place"], "oneway": True}
        for row in tables["links"]
    ]
    for i, hours in enumerate(OTHER):
        tables["links"][i]["oneway"] = tables["links"][3 + i]["oneway"] = True
        more[i]["hours"] = more[3 + i]["hours"] = hours / 2
    tables["links"] += more
    tables["demand"] += [wants("end", "start", 20_000.0)]
    named = {f"{prefix}{way}-count": f"{prefix}start--middle-{way}--rail" for prefix in ("", "b-") for way in range(3)}
    for name in named:
        tables.setdefault("series", []).append(
            {"id": name, "title": name, "measure": "flow", "unit": "t/yr", "use": "fit"}
        )
    tables["counts"] = [
        {"series": name, "flow": "passing", "table": "links", "elements": [link]} for name, link in named.items()
    ]
    tables["observations"] = [
        {"series": name, "year": YEAR, "value": value, "grade": "observed"} for name, value in (observed or {}).items()
    ]
    return tables


def sample(world: Corridor) -> Sample:
    demand = demand_of(world)
    routes = build_route_sets(world, [], [], [demand])
    marks = marks_of(world, routes)
    return Sample(
        year=YEAR,
        routes=routes,
        priced=price_routes(world, routes),
        preferences=preferences_in(world, routes, marks, YEAR),
        reference=reference_costs(world, routes),
        quantity=quantities(routes, demand),
        counts=counts_of(world, routes, marks),
        world=world,
    )


def counted() -> dict[str, float]:
    """Count what flows where the true values hold."""
    answer = solved(synthetic(TRUE))
    counts = counts_of(answer.world, answer.routes, marks_of(answer.world, answer.routes))
    return dict(zip(counts.series, counts.modelled(answer.flows.equilibrium.flow).tolist(), strict=True))


START = {"spread": 5.0, "dislike-1": 0.0, "dislike-2": 0.0, "growth": 1.0}


def fitted(world: Corridor, **options: Any) -> Calibration:  # noqa: ANN401
    return calibrate([sample(world)], RANGES, **({"base_year": YEAR, "weight_of_prior": 1e-6} | options))


def test_parameters_that_made_the_counts_are_found() -> None:
    found = fitted(make_corridor(**synthetic(START, counted())))
    assert found.converged
    assert set(found.values) == set(TRUE)
    for name, value in TRUE.items():
        assert found.values[name] == pytest.approx(value, rel=RECOVERED, abs=RECOVERED * 0.1)
    table = found.predictions
    assert table["series"].to_list() == sorted(counted())
    assert table["modelled"].to_list() == pytest.approx(table["observed"].to_list(), rel=RECOVERED)
    assert found.cost < 1e-2


def test_a_strong_prior_keeps_parameters_near_no_preference() -> None:
    observed = counted()
    free = fitted(make_corridor(**synthetic(START, observed)))
    held = fitted(make_corridor(**synthetic(START, observed)), weight_of_prior=100.0)
    for name in ("dislike-1", "dislike-2"):
        assert abs(held.values[name]) < 0.1 * abs(free.values[name])
    assert abs(held.values["growth"] - 1.0) < 0.1 * abs(free.values["growth"] - 1.0)


def test_values_stay_within_their_ranges() -> None:
    narrow = RANGES | {"dislike-1": (-0.1, 0.1)}
    world = make_corridor(**synthetic(START, counted()))
    found = calibrate([sample(world)], narrow, base_year=YEAR, weight_of_prior=1e-6)
    assert found.values["dislike-1"] == pytest.approx(0.1, abs=1e-3)
    assert all(narrow[name][0] <= value <= narrow[name][1] for name, value in found.values.items())


def same(one: Calibration, other: Calibration) -> bool:
    return (
        one.values == other.values
        and one.cost == other.cost
        and one.evaluations == other.evaluations
        and one.predictions.equals(other.predictions)
    )


@pytest.mark.parametrize("factor", [0.01, 3.0])
def test_observations_for_checking_are_never_seen(factor: float) -> None:
    observed = counted()

    def world(multiplied: float) -> Corridor:
        values = {name: value * (multiplied if name in hidden else 1.0) for name, value in observed.items()}
        tables = synthetic(START, values)
        tables["series"] = [row | {"use": hidden.get(row["id"], "fit")} for row in tables["series"]]
        return make_corridor(**tables)

    hidden = {"1-count": "check", "b-2-count": "comparison", "0-count": "input"}
    one, other = fitted(world(1.0)), fitted(world(factor))
    assert same(one, other)
    assert one.predictions["series"].to_list() == sorted(set(observed) - set(hidden))
    hidden.clear()
    assert not same(fitted(world(1.0)), one)


def test_what_use_leaves_out_is_never_seen() -> None:
    observed = counted()
    spoilt = observed | {"2-count": 7.0}
    one, other = (
        fitted(make_corridor(**synthetic(START, values)), use=lambda series: series != "2-count")
        for values in (observed, spoilt)
    )
    assert same(one, other)
    assert "2-count" not in one.predictions["series"].to_list()


def test_two_series_of_one_quantity_weigh_as_one() -> None:
    observed = counted()
    tables = synthetic(START, observed | {"0-count": 2 * observed["0-count"]})
    copies = [(f"copy-{i}", "0-count") for i in range(3)]
    for name, like in copies:
        for table, key in (("series", "id"), ("counts", "series"), ("observations", "series")):
            row = next(row for row in tables[table] if row[key] == like)
            tables[table].append(row | {key: name} | ({"title": name} if table == "series" else {}))
    once = fitted(make_corridor(**synthetic(START, observed | {"0-count": 2 * observed["0-count"]})))
    thrice = fitted(make_corridor(**tables))
    assert thrice.values == pytest.approx(once.values, rel=1e-2, abs=1e-3)


def test_samples_are_fitted_together() -> None:
    observed = counted()
    one = sample(make_corridor(**synthetic(START, observed)))
    both = calibrate([one, replace(one, year=YEAR)], RANGES, base_year=YEAR, weight_of_prior=1e-6)
    assert both.predictions.height == 2 * len(observed)
    assert both.values == pytest.approx(TRUE, rel=RECOVERED, abs=RECOVERED * 0.1)


def test_without_any_observation_the_prior_alone_speaks() -> None:
    found = fitted(make_corridor(**synthetic(START)), weight_of_prior=0.3)
    assert found.predictions.is_empty()
    assert found.values["dislike-1"] == pytest.approx(0.0, abs=1e-6)
    assert found.values["growth"] == pytest.approx(1.0, abs=1e-6)


def test_without_any_count_the_prior_alone_speaks() -> None:
    found = fitted(make_corridor(**(synthetic(START) | {"counts": []})), weight_of_prior=0.3)
    assert found.predictions.is_empty()
    assert found.values["dislike-1"] == pytest.approx(0.0, abs=1e-6)


# Folds.


def dealt(group: dict[str, int], folds: int, checked: tuple[str, ...] = ()) -> dict[str, int]:
    """Deal series of some groups out; those named are only checked."""
    rows = [
        {"id": name, "title": name, "measure": "flow", "unit": "t/yr", "use": "check" if name in checked else "fit"}
        for name in group
    ]
    nothing = (np.empty(0, np.int64),) * len(group), (np.empty(0),) * len(group)
    counts = Counts(tuple(group), ("t",) * len(group), tuple(group.values()), *nothing)
    return folds_of(counts, make_corridor(**synthetic(START) | {"series": rows, "counts": []}), folds)


def test_series_of_one_quantity_come_into_one_fold() -> None:
    # In the order of their ids: a and d (3), b and f (1), c (2), then e (7), g (9).
    found = dealt({"e": 7, "a": 3, "d": 3, "b": 1, "c": 2, "f": 1, "g": 9}, 3)
    assert found == {"a": 0, "d": 0, "b": 1, "f": 1, "c": 2, "e": 0, "g": 1}
    assert set(dealt({f"s{i:02}": i for i in range(20)}, 5).values()) == set(range(5))


def test_folds_do_not_depend_on_the_order_of_series() -> None:
    group = {"c": 1, "a": 2, "b": 1, "d": 3}
    assert dealt(group, 2) == dealt(dict(reversed(group.items())), 2)


def test_what_is_only_checked_moves_no_fold() -> None:
    group = {"a": 1, "b": 2, "c": 3, "d": 4}
    with_another = dealt({"a1": 5} | group, 3, checked=("a1",))
    assert with_another == dealt(group, 3)
