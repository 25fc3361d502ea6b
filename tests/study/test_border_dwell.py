"""Published dwell beside the model's hours: what counts, what does not, and in which order it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from jibek.study.published import border_dwell, latest_dwell, published_times
from small_corridor import link, make_corridor, mode, place

if TYPE_CHECKING:
    from jibek.corridor import Corridor

PLACES = [place("a", "AAA", 40.0, 60.0), place("b", "BBB", 41.0, 61.0), place("c", "CCC", 42.0, 62.0)]
LINKS = [link("a", "b", "rail", 10.0), link("a", "b", "wide", 10.0), link("b", "c", "road", 10.0)]
BORDERS = [
    {"id": "border-ab-rail", "link": "a--b--rail", "hours": 4.0},
    {"id": "border-ab-wide", "link": "a--b--wide", "hours": 6.0},
    {"id": "border-bc", "link": "b--c--road", "hours": 2.0},
]
USERS = [
    {"resource": "crossing-ab", "table": "borders", "id": "border-ab-rail"},
    {"resource": "crossing-ab", "table": "borders", "id": "border-ab-wide"},
]


def series(id_: str, table: str, scope: str, unit: str = "h", **more: str) -> dict[str, Any]:
    row = {"id": id_, "title": id_, "measure": "hours", "unit": unit, "scope_table": table, "scope_id": scope}
    return row | {"grade": "observed"} | more


def seen(series_id: str, year: int, value: float, *, months: tuple[int, int] = (1, 12)) -> dict[str, Any]:
    return {"series": series_id, "year": year, "from_month": months[0], "to_month": months[1], "value": value}


def world_of(rows: list[dict[str, Any]], observations: list[dict[str, Any]]) -> Corridor:
    return make_corridor(
        places=PLACES,
        modes=[mode("rail", "rail", 50.0), mode("wide", "rail", 50.0), mode("road", "road", 50.0)],
        links=LINKS,
        borders=BORDERS,
        resources=[{"id": "crossing-ab", "name": "A – B", "kind": "border", "unit": "t"}],
        resource_users=USERS,
        series=rows,
        observations=observations,
    )


def dwell(rows: list[dict[str, Any]], observations: list[dict[str, Any]]) -> pl.DataFrame:
    return border_dwell(world_of(rows, observations))


def test_directions_of_a_crossing_are_taken_together() -> None:
    rows = [
        series("bc-road-dwell-inbound", "borders", "border-bc"),
        series("bc-road-dwell-outbound-west-side", "borders", "border-bc"),
    ]
    observations = [
        seen("bc-road-dwell-inbound", 2020, 30.0),
        seen("bc-road-dwell-inbound", 2022, 3.0),
        seen("bc-road-dwell-outbound-west-side", 2022, 5.0),
    ]
    (row,) = dwell(rows, observations).iter_rows(named=True)
    assert (row["crossing"], row["name"], row["countries"]) == ("border-bc", "B – C", ["BBB", "CCC"])
    assert (row["medium"], row["hours_model"]) == ("road", 2.0)
    assert (row["low"], row["high"], row["latest"]) == (3.0, 30.0, 5.0)
    assert (row["first_year"], row["latest_year"], row["observations"]) == (2020, 2022, 3)
    assert row["series"] == ["bc-road-dwell-inbound", "bc-road-dwell-outbound-west-side"]


def test_a_resource_takes_the_longest_of_its_borders_and_the_longest_dwell_comes_first() -> None:
    rows = [
        series("bc-road-dwell", "borders", "border-bc"),
        series("ab-rail-dwell", "resources", "crossing-ab", "days"),
    ]
    table = dwell(rows, [seen("bc-road-dwell", 2021, 20.0), seen("ab-rail-dwell", 2020, 1.5)])
    assert table["crossing"].to_list() == ["crossing-ab", "border-bc"]
    assert table["latest"].to_list() == [36.0, 20.0]
    assert table["hours_model"].to_list() == [6.0, 2.0]


def test_each_direction_has_its_own_latest_year() -> None:
    rows = [series(f"bc-road-dwell-{way}", "borders", "border-bc") for way in ("inbound", "outbound")]
    observations = [seen("bc-road-dwell-inbound", 2020, 16.4)]
    observations += [seen("bc-road-dwell-outbound", year, hours) for year, hours in ((2021, 77.5), (2020, 2.0))]
    found = latest_dwell(world_of(rows, observations))
    assert found.sort("series").rows() == [
        ("bc-road-dwell-inbound", "border-bc", 2020, 16.4),
        ("bc-road-dwell-outbound", "border-bc", 2021, 77.5),
    ]


@pytest.mark.parametrize(
    ("row", "observation"),
    [
        (series("bc-train-processing", "borders", "border-bc"), seen("bc-train-processing", 2020, 4.0)),
        (series("bc-road-dwell-convoy", "borders", "border-bc"), seen("bc-road-dwell-convoy", 2017, 2.0)),
        (series("bc-road-dwell", "countries", "BBB"), seen("bc-road-dwell", 2020, 4.0)),
        (series("bc-road-dwell", "borders", "border-bc"), seen("bc-road-dwell", 2020, 120.0, months=(8, 8))),
    ],
    ids=["part of the dwell", "single run", "whole country", "single month"],
)
def test_what_is_no_mean_dwell_stays_out(row: dict[str, Any], observation: dict[str, Any]) -> None:
    table = dwell([row], [observation])
    assert table.is_empty()
    assert table.schema["latest"] == pl.Float64


def test_a_published_time_needs_the_same_corridor_ends_and_goods() -> None:
    ends = {"origin": "a", "destination": "c", "commodity": "goods"}
    rows = [
        series("ac-low", "corridors", "main", "days", **ends),
        series("ac-high", "corridors", "main", "days", **ends),
        series("ab", "corridors", "main", "days", **{**ends, "destination": "b"}),
        series("plan", "corridors", "main", "days", **{**ends, "grade": "estimate"}),
    ]
    observations = [
        *(seen("ac-low", 2024, 3.0), seen("ac-low", 2025, 2.0), seen("ac-high", 2025, 4.0)),
        *(seen("ab", 2025, 1.0), seen("plan", 2025, 1.0)),
    ]
    world = make_corridor(
        places=PLACES,
        corridors=[{"id": "main", "name": "Main", "via": ["b"]}],
        series=rows,
        observations=observations,
    )
    journeys = pl.DataFrame({"pair": [1], "from_place": ["a"], "to_place": ["c"], "commodity": ["goods"]})
    (found,) = published_times(world, journeys).iter_rows(named=True)
    assert found == {
        "pair": 1,
        "corridor": "Main",
        "low": 48.0,
        "high": 96.0,
        "year": 2025,
        "series": ["ac-high", "ac-low"],
    }
