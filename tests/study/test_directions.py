"""Containers by corridor and direction beside what was counted, and whether flows have settled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from jibek.corridor import Scenario
from jibek.study.assignment import Assigned, assigned
from jibek.study.case import Case
from jibek.study.validation import directions
from small_corridor import GOODS, MODES, Rows, link, make_corridor, place
from small_flows import YEAR, wants

BOXES = GOODS | {"id": "boxes", "name": "Boxes", "unit": "teu"}
WESTWARD, EASTWARD = 640.0, 64.0


def continent(*observations: dict[str, Any]) -> Rows:
    """Join China and the European Union by one named railway that three series count."""
    ends = {"west": (["CHN"], ["EU27"]), "east": (["EU27"], ["CHN"]), "both": (["CHN", "EU27"], ["EU27", "CHN"])}
    counted = {"flow": "passing", "table": "corridors", "elements": ["north"], "commodity": "boxes"}
    return {
        "places": [place("xian", "CHN", 1, 1), place("gate", "KAZ", 2, 2), place("duisburg", "DEU", 3, 3)],
        "regions": [{"region": "EU27", "country": "DEU"}],
        "modes": MODES,
        "links": [link("xian", "gate", "rail", 64.0), link("gate", "duisburg", "rail", 64.0)],
        "corridors": [{"id": "north", "name": "North", "via": ["gate"]}],
        "commodities": [BOXES],
        "conversions": [{"commodity": "boxes", "unit": "t", "per_unit": 1 / 16}],
        "demand": [wants("xian", "duisburg", WESTWARD, "boxes"), wants("duisburg", "xian", EASTWARD, "boxes")],
        "series": [{"id": name, "title": name, "measure": "flow", "unit": "TEU", "use": "fit"} for name in ends],
        "counts": [
            counted | {"series": name, "origin": origin, "destination": destination}
            for name, (origin, destination) in ends.items()
        ],
        "observations": [{"year": YEAR, "grade": "observed"} | row for row in observations],
    }


def result(*observations: dict[str, Any]) -> Assigned:
    return assigned(Case(make_corridor(**continent(*observations)), None))


def observed(*observations: dict[str, Any]) -> dict[str, float | None]:
    """Say what was counted in each direction."""
    return dict(directions(result(*observations)).select("direction", "observed").iter_rows())


def seen(series: str, first: int, last: int, value: float) -> dict[str, Any]:
    return {"series": series, "from_month": first, "to_month": last, "value": value}


def test_each_direction_has_the_boxes_that_go_that_way() -> None:
    found = directions(result())
    modelled = dict(found.select("direction", "modelled").iter_rows())
    assert modelled == pytest.approx({"westbound": WESTWARD, "eastbound": EASTWARD, "both": WESTWARD + EASTWARD})
    assert found["observed"].null_count() == 3


def test_a_direction_is_set_beside_series_of_just_that_direction() -> None:
    rows = [seen("west", 1, 12, 500.0), seen("both", 1, 12, 700.0)]
    assert observed(*rows) == {"westbound": 500.0, "eastbound": None, "both": 700.0}


def test_part_of_a_year_is_scaled_and_gives_way_to_a_whole_one() -> None:
    assert observed(seen("west", 1, 6, 300.0))["westbound"] == pytest.approx(600.0)
    assert observed(seen("west", 1, 6, 300.0), seen("west", 1, 12, 500.0))["westbound"] == pytest.approx(500.0)


def test_a_scenario_in_which_a_train_holds_more_counts_fewer_trains() -> None:
    tables = continent()
    tables["conversions"].append({"commodity": "boxes", "unit": "train", "per_unit": 64.0})
    tables["series"][0]["unit"] = "trains"
    case = Case(make_corridor(**tables), None)
    longer = Scenario(name="longer", set={"conversions/boxes/train/per_unit": 128.0})
    trains = [
        each.counted.modelled(each.flows.equilibrium.flow)[-1] for each in map(assigned, (case, case.beside(longer)))
    ]
    assert case.counts_in(case.in_year(YEAR)) is assigned(case).counted
    assert trains == pytest.approx([WESTWARD / 64, WESTWARD / 128])


def test_flows_have_not_settled_while_their_waiting_moves() -> None:
    settled = result()
    assert settled.converged
    moving = settled.waiting_trace.with_columns(largest_change_hours=pl.lit(2.0))
    assert not replace(settled, waiting_trace=moving).converged
