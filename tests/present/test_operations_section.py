"""The section on operations and what the terminal prints: from result tables to figures, rows and words."""

from __future__ import annotations

import polars as pl
import pytest
from rich.console import Console

from jibek.present import operations_json, print_operations
from jibek.present.inputs import complete, localised
from jibek.present.language import LanguageCode, language_of
from jibek.present.operations_section import OperationsSection, operations_section
from jibek.study.case import Case
from jibek.study.operated import operate, prepared
from jibek.study.operations import operations_tables
from small_corridor import make_corridor
from small_flows import DAYS, TRAIN, resource, user, ways_between

Tables = dict[str, pl.DataFrame]

_TRAINS = TRAIN | {"per_unit": 100.0, "empty_return": 0.0}


@pytest.fixture(scope="module")
def results() -> Tables:
    """Simulate two ways, one with a queue, the other with a station that has no room."""
    tables = ways_between([24.0, 26.0], DAYS * 1600.0, conversions=[_TRAINS])
    tables["resources"] = [
        resource("gate", 14.0, unit="train", kind="line"),
        resource("jam", 2.0, unit="train", kind="line", hours_at_capacity=0.5),
    ]
    tables["resource_users"] = [
        user("gate", "links", "start--middle-0--rail"),
        user("jam", "links", "start--middle-1--rail"),
    ]
    ends = {"from_place": "start", "to_place": "end", "commodity": "goods"}
    tables["corridors"] = [row | ends for row in tables["corridors"]]
    world = make_corridor(**tables)
    found = operations_tables(operate(prepared(Case(world, None)), replications=3))
    ranged = {"rule": ["weather", "platoon"], "corridor": ["way-0"] * 2, "direction": ["northward"] * 2}
    days = {"p95_low": [1.0, 1.4], "p95_high": [2.0, 1.6], "p95_base": [1.5] * 2, "reach": [1.0, 0.2]}
    tornado = pl.DataFrame(ranged | days | {"value_low": [0.5, 5.0], "value_high": [1.5, 20.0], "replications": [2, 2]})
    return found | {name: world[name] for name in ("corridors", "places", "services")} | {"operations_tornado": tornado}


def section_in(results: Tables, code: LanguageCode) -> OperationsSection:
    words = language_of(code)
    section = operations_section(localised(complete(results), words), words)
    assert section is not None
    return section


@pytest.mark.parametrize("code", ["en", "ru"])
def test_the_section_tells_ways_side_by_side_and_what_has_no_room(results: Tables, code: LanguageCode) -> None:
    section = section_in(results, code)
    assert [row["name"] for row in section.times] == ["Way 0", "Way 1"]
    assert [row["name"].split(",")[0] for row in section.overloads] == ["jam"]
    assert [row["name"] for row in section.stations] == ["gate"]
    assert section.journeys == [("late-1", "Start – End")]
    assert len(section.rules) == 7


def test_a_distribution_stands_over_its_quantiles(results: Tables) -> None:
    figure = section_in(results, "en").figures["late-1"]
    headings = [note["text"] for note in figure["layout"]["annotations"]]
    assert sorted(headings) == ["Way 0", "Way 1"]
    journeys = results["operations_journeys"].sort("mean_days")
    for at, row in enumerate(journeys.iter_rows(named=True)):
        ridge, p50, p95 = figure["data"][3 * at : 3 * at + 3]
        assert p50["x"] == [round(row["p50_days"], 2)]
        assert p95["x"] == [round(row["p95_days"], 2)]
        assert min(ridge["x"]) <= p50["x"][0] <= p95["x"][0] <= max(ridge["x"])
        assert max(ridge["y"]) == at == p50["y"][0], "all stand on the same line"


def test_the_tornado_shows_the_furthest_first_from_the_value_used(results: Tables) -> None:
    figure = section_in(results, "en").figures["tornado"]
    low, high = figure["data"]
    assert (low["x"], high["x"]) == ([-0.5, -0.1], [0.5, 0.1])
    assert "weather" in figure["layout"]["annotations"][0]["text"]


def test_the_calendar_begins_in_march_and_its_worst_month_is_darkest(results: Tables) -> None:
    months = pl.DataFrame({"table": "calls", "id": "ship", "place": "end", "month": range(1, 13)}).with_columns(
        waiting=pl.col("month") * 10.0, waiting_low=None, waiting_high=None
    )
    (row,) = section_in(results | {"operations_queues": months}, "en").queues
    assert [cell["text"] for cell in row["months"][:2]] == ["30", "40"]
    assert [cell["share"] for cell in row["months"]].index(1.0) == 9, "December is the tenth from March"


def test_nothing_simulated_is_no_section(results: Tables) -> None:
    words = language_of("en")
    assert operations_section(localised(complete({"corridors": results["corridors"]}), words), words) is None


def test_json_holds_no_number_that_is_none(results: Tables) -> None:
    text = str(operations_json(results, 2025))
    assert "nan" not in text
    assert "inf" not in text.replace("info", "")


@pytest.mark.parametrize(("code", "said"), [("en", "No room for a queue"), ("ru", "Для очереди нет места")])
def test_the_terminal_says_the_same(results: Tables, code: LanguageCode, said: str) -> None:
    console = Console(width=200, record=True)
    print_operations(console, results, language=code)
    text = console.export_text()
    assert said in text
    assert "Way 0" in text
