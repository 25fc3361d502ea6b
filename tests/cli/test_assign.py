"""``jibek assign``: Braess's network (1968) through every door, faults told with file and line."""

from __future__ import annotations

import json
from functools import partial
from math import exp, log
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from scipy.optimize import brentq

from jibek import assignment

if TYPE_CHECKING:
    from pathlib import Path

    from command import Command

# Zones 1 and 2; times 10 x, 50 + x, 50 + x, 10 x, 10 + x, the first and fourth beside a free time of a millionth.
NET = """\
<NUMBER OF ZONES> 2
<NUMBER OF NODES> 4
<FIRST THRU NODE> 3
<NUMBER OF LINKS> 5
<END OF METADATA>
1 3 1 1 1e-6 1e7 1 0 0 1 ;
3 2 1 1 50 0.02 1 0 0 1 ;
1 4 1 1 50 0.02 1 0 0 1 ;
4 2 1 1 1e-6 1e7 1 0 0 1 ;
3 4 1 1 10 0.1 1 0 2 1 ;
"""
TRIPS = """\
<NUMBER OF ZONES> 2
<TOTAL OD FLOW> 6.5
<END OF METADATA>
Origin 1
1 : 0.5; 2 : 6;
"""
KEYS = {"converged", "relative_gap", "objective", "total_cost", "iterations", "seconds", "certificate"}


@pytest.fixture
def braess(tmp_path: Path) -> tuple[Path, Path]:
    """Write network and trips."""
    (tmp_path / "net.tntp").write_text(NET, encoding="utf-8")
    (tmp_path / "trips.tntp").write_text(TRIPS, encoding="utf-8")
    return tmp_path / "net.tntp", tmp_path / "trips.tntp"


def as_json(jibek: Command, *arguments: str | Path) -> dict[str, Any]:
    """Call the command; only JSON may stand on standard output."""
    answer = jibek("assign", *arguments, "--json")
    assert answer.code == 0, answer.err
    found: dict[str, Any] = json.loads(answer.out)
    return found


def test_users_pay_for_the_road_that_the_system_leaves_empty(jibek: Command, braess: tuple[Path, Path]) -> None:
    user = as_json(jibek, *braess, "--gap", "1e-9")
    assert user.keys() >= KEYS
    assert user["converged"] is True
    assert user["total_cost"] == pytest.approx(6 * 92, rel=1e-6)
    assert user["relative_gap"] <= 1e-9
    assert user["certificate"].keys() >= {"conservation", "relative_gap", "objective"}
    trips = {"trips": 6.5, "trips_at_reference": 6.5, "within_zones": 0.5, "unrouted": 0}
    assert user["classes"] == [{"name": "trips", **trips}]
    system = as_json(jibek, *braess, "--gap", "1e-9", "--method", "system")
    assert system["total_cost"] == pytest.approx(6 * 83, rel=1e-6)


def test_with_spread_the_three_ways_share_as_a_logit_says(jibek: Command, braess: tuple[Path, Path]) -> None:
    """The outer ways cost 10 u + 50 + a, the middle one 20 u + 10 + b; a trips on each outer, b on the middle one."""
    found = as_json(jibek, *braess, "--method", "stochastic", "--spread", "5", "--gap", "1e-9")
    assert found.keys() >= (KEYS - {"relative_gap"}) | {"residual", "spread", "expected_cost"}
    assert found["certificate"].keys() >= {"conservation", "residual", "objective"}
    assert (found["converged"], found["spread"]) == (True, 5)
    assert found["residual"] <= 1e-9

    def excess(a: float) -> float:
        b = 6 - 2 * a
        outer, middle = 10 * (a + b) + 50 + a, 20 * (a + b) + 10 + b
        return a / b - exp((middle - outer) / 5)

    a = brentq(excess, 1e-9, 3 - 1e-9, xtol=1e-13)
    outer, middle = 10 * (6 - a) + 50 + a, 20 * (6 - a) + 10 + 6 - 2 * a
    assert found["total_cost"] == pytest.approx(2 * a * outer + (6 - 2 * a) * middle, rel=1e-6)
    assert found["expected_cost"] == pytest.approx(-30 * log(2 * exp(-outer / 5) + exp(-middle / 5)), rel=1e-6)


@pytest.mark.parametrize("ending", ["omx", "csv", "parquet"])
def test_skims_of_today_are_the_costs_at_which_trips_stay(
    jibek: Command, braess: tuple[Path, Path], tmp_path: Path, ending: str
) -> None:
    skims = tmp_path / f"skims.{ending}"
    assert jibek("assign", *braess, "--gap", "1e-12", "--skims", skims).code == 0
    kept = as_json(jibek, *braess, "--elasticity", "1", "--reference-costs", skims, "--gap", "1e-9")
    assert kept["classes"][0]["trips"] == pytest.approx(6.5, rel=1e-6)


def test_trips_of_a_stochastic_equilibrium_follow_no_cost(jibek: Command, tmp_path: Path) -> None:
    none = tmp_path / "none"
    answer = jibek("assign", none, none, "--method", "stochastic", "--spread", "5", "--elasticity", "1")
    assert answer.code == 2
    assert "--elasticity" in answer.err


def test_users_and_routes_of_a_stochastic_equilibrium_are_its_own(
    jibek: Command, braess: tuple[Path, Path], tmp_path: Path
) -> None:
    """Each of the three routes has the share that a logit gives to the cost that stands beside it."""
    options = ("--method", "stochastic", "--spread", "5", "--gap", "1e-10")
    routes = tmp_path / "routes.csv"
    found = as_json(jibek, *braess, *options, "--routes", routes, "--select-link", "5")
    table = pl.read_csv(routes, schema_overrides={"links": pl.String})
    assert sorted(table["links"]) == ["1;2", "1;5;4", "3;4"]
    weight = np.exp(-(table["cost"].to_numpy() - table["cost"].min()) / 5)
    np.testing.assert_allclose(table["share"], weight / weight.sum(), rtol=1e-6)
    middle = table.filter(pl.col("links") == "1;5;4")["trips"].item()
    assert found["select_link"][0]["pairs"][0]["trips"] == pytest.approx(middle)


@pytest.mark.parametrize("options", ["--method stochastic", "--spread 1", "--method system --spread 1"])
def test_a_spread_belongs_to_the_stochastic_method(jibek: Command, braess: tuple[Path, Path], options: str) -> None:
    answer = jibek("assign", *braess, *options.split())
    assert (answer.code, answer.out) == (2, "")
    assert "--spread" in answer.err


def test_a_spread_of_zero_is_a_fault(jibek: Command, braess: tuple[Path, Path]) -> None:
    answer = jibek("assign", *braess, "--method", "stochastic", "--spread", "0")
    assert (answer.code, answer.out) == (1, "")
    assert "spread: found '0.0', expected number above 0" in answer.err


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_stochastic_equilibrium_stands_on_the_terminal(
    jibek: Command, braess: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    options = ("--method", "stochastic", "--spread", "5", "--language", language)
    answer = jibek("assign", *braess, *options, "--flows", tmp_path / "flows.csv")
    assert (answer.code, answer.err) == (0, "")
    assert {"en": "In stochastic equilibrium", "ru": "Стохастическое равновесие"}[language] in answer.out
    assert pl.read_csv(tmp_path / "flows.csv")["flow"].sum() > 0
    monkeypatch.setattr(assignment, "solve_stochastic", partial(assignment.solve_stochastic, most_iterations=1))
    answer = jibek("assign", *braess, *options, "--gap", "0")
    assert answer.code == 1
    assert {"en": "Not in stochastic equilibrium", "ru": "Стохастического равновесия нет"}[language] in answer.out


def test_a_toll_is_time_by_its_factor(jibek: Command, braess: tuple[Path, Path]) -> None:
    # 13 more on the middle road, 2 of toll at 6.5 each, make it not worth while.
    found = as_json(jibek, *braess, "--toll-factor", "6.5", "--gap", "1e-9")
    assert found["total_cost"] == pytest.approx(6 * 83, rel=1e-5)


def test_trips_follow_their_cost(jibek: Command, braess: tuple[Path, Path], tmp_path: Path) -> None:
    found = as_json(jibek, *braess, "--elasticity", "1", "--gap", "1e-9")
    assert found["certificate"]["misfit"] <= 1e-9
    assert found["classes"][0]["trips"] < found["classes"][0]["trips_at_reference"] == 6.5
    assert found["surplus"] < 0
    assert jibek("assign", *braess, "--elasticity", "1", "--gap", "1e-9", "--flows", tmp_path / "gmns").code == 0
    assert as_json(jibek, tmp_path / "gmns")["classes"][0]["trips"] == pytest.approx(found["classes"][0]["trips"])
    costs = tmp_path / "costs.csv"
    costs.write_text("origin,destination,cost\n1,2,92\n", encoding="utf-8")
    kept = as_json(jibek, *braess, "--elasticity", "1", "--reference-costs", costs, "--gap", "1e-9")
    assert kept["classes"][0]["trips"] == pytest.approx(6.5, rel=1e-6)  # 92 is what six trips take
    answer = jibek("assign", *braess, "--elasticity", "1")
    assert (answer.code, answer.err) == (0, "")
    assert "misfit" in answer.out


def test_reference_costs_are_refused_with_file_and_line(
    jibek: Command, braess: tuple[Path, Path], tmp_path: Path
) -> None:
    costs = tmp_path / "costs.csv"
    costs.write_text("origin,destination,cost\n1,2,-92\n", encoding="utf-8")
    answer = jibek("assign", *braess, "--elasticity", "1", "--reference-costs", costs, "--json")
    assert (answer.code, answer.out) == (1, "")
    assert f"{costs}, line 2, cost" in answer.err
    assert jibek("assign", *braess, "--reference-costs", costs).code == 2


def test_flows_are_written_and_a_folder_is_assigned_again(
    jibek: Command, braess: tuple[Path, Path], tmp_path: Path
) -> None:
    answer = jibek("assign", *braess, "--flows", tmp_path / "out" / "flows.csv")
    assert answer.code == 0
    assert str(tmp_path / "out" / "flows.csv") in answer.out
    flows = pl.read_csv(tmp_path / "out" / "flows.csv")
    assert flows.columns == ["from", "to", "link", "flow", "load", "time", "cost"]
    assert flows["flow"].to_list() == pytest.approx([4, 2, 2, 4, 2], rel=1e-4)
    assert jibek("assign", *braess, "--flows", tmp_path / "flows.parquet").code == 0
    assert pl.read_parquet(tmp_path / "flows.parquet")["flow"].to_list() == flows["flow"].to_list()
    assert jibek("assign", *braess, "--flows", tmp_path / "gmns").code == 0
    assert as_json(jibek, tmp_path / "gmns")["objective"] == as_json(jibek, *braess)["objective"]


def test_trips_without_a_way_are_named_by_their_zones(
    jibek: Command, braess: tuple[Path, Path], tmp_path: Path
) -> None:
    assert jibek("assign", *braess, "--flows", tmp_path / "gmns").code == 0
    nodes = "node_id,zone_id,node_type\na,North,centroid\nb,South,centroid\n1,,\n2,,\n3,,\n4,,\n"
    (tmp_path / "gmns" / "node.csv").write_text(nodes, encoding="utf-8")
    (tmp_path / "gmns" / "zone.csv").unlink()
    demand = "o_zone_id,d_zone_id,use,volume\nNorth,South,trips,3\n"
    (tmp_path / "gmns" / "demand.csv").write_text(demand, encoding="utf-8")
    found = as_json(jibek, tmp_path / "gmns")
    assert found["unrouted"] == [{"class": "trips", "origin": "North", "destination": "South", "trips": 3}]
    answer = jibek("assign", tmp_path / "gmns")
    assert "Trips without a way: 3, pairs: 1" in answer.out
    assert "North" in answer.out


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_answer_stands_on_the_terminal(jibek: Command, braess: tuple[Path, Path], language: str) -> None:
    answer = jibek("assign", *braess, "--gap", "1e-12", "--language", language)
    assert (answer.code, answer.err) == (0, "")
    assert "552.000" in answer.out


def test_a_gap_that_is_not_reached_is_said_and_the_flows_are_there(
    jibek: Command, braess: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment, "solve", partial(assignment.solve, most_iterations=1))
    answer = jibek("assign", *braess, "--gap", "1e-12", "--flows", tmp_path / "flows.csv")
    assert answer.code == 1
    assert "Not in equilibrium" in answer.out
    assert (tmp_path / "flows.csv").exists()
    answer = jibek("assign", *braess, "--gap", "1e-12", "--json")
    assert (answer.code, json.loads(answer.out)["converged"]) == (1, False)


def test_faults_of_both_files_come_at_once_with_file_and_line(jibek: Command, braess: tuple[Path, Path]) -> None:
    net, trips = braess
    net.write_text(NET.replace("4 2 1 1", "4 2 -1 1"), encoding="utf-8")
    trips.write_text(TRIPS[:-3], encoding="utf-8")
    answer = jibek("assign", net, trips, "--json")
    assert (answer.code, answer.out) == (1, "")
    assert f"{net}, line 9, capacity: found '-1'" in answer.err
    assert f"{trips}, line 5, trips: found" in answer.err
    assert "2\xa0faults" in answer.err


def test_times_beyond_all_numbers_are_a_fault(jibek: Command, braess: tuple[Path, Path]) -> None:
    net, trips = braess
    net.write_text(NET.replace("0.02 1 ", "0.02 100 ").replace("1 1e-6 1e7", "1 1e-6 1e15"), encoding="utf-8")
    trips.write_text(TRIPS.replace("2 : 6", "2 : 6e14").replace("6.5", "6e14"), encoding="utf-8")
    answer = jibek("assign", net, trips, "--json")
    assert (answer.code, answer.out) == (1, "")
    assert "expected a finite" in answer.err


@pytest.mark.parametrize(
    ("option", "name", "endings"),
    [
        ("--flows", "flows.txt", ".csv or .parquet, or in nothing"),
        ("--skims", "skims", ".omx, .csv or .parquet"),
        ("--routes", "routes.omx", ".csv or .parquet"),
    ],
)
def test_a_name_without_a_format_is_told_before_anything_is_read(
    jibek: Command, tmp_path: Path, option: str, name: str, endings: str
) -> None:
    answer = jibek("assign", tmp_path / "none", tmp_path / "none", option, tmp_path / name)
    assert answer.code == 1
    assert endings in answer.err
    assert list(tmp_path.iterdir()) == []


def test_two_files_of_one_name_are_told_before_anything_is_read(jibek: Command, tmp_path: Path) -> None:
    answer = jibek("assign", tmp_path / "none", tmp_path / "none", "--skims", "a.csv", "--routes", "a.csv")
    assert answer.code == 1
    assert "name of its own" in answer.err


def test_users_of_links_stand_in_the_answer(jibek: Command, braess: tuple[Path, Path]) -> None:
    """Of six trips four take the first link: two of them go on by the second, two by the middle and the fourth."""
    first, middle = as_json(jibek, *braess, "--gap", "1e-12", "--select-link", "1", "--select-link", "5")["select_link"]
    assert (first["link"], middle["link"]) == ("1", "5")
    assert first["trips"] == pytest.approx(4, rel=1e-6)
    (pair,) = first["pairs"]
    assert (pair["class"], pair["origin"], pair["destination"]) == ("trips", "1", "2")
    assert (pair["trips"], pair["share"]) == pytest.approx((4, 2 / 3), rel=1e-6)
    assert {flow["link"]: flow["trips"] for flow in first["flows"]} == pytest.approx(
        {"1": 4, "2": 2, "4": 2, "5": 2}, rel=1e-6
    )
    assert {flow["class"] for flow in first["flows"]} == {"trips"}
    assert as_json(jibek, *braess)["select_link"] == []
    answer = jibek("assign", *braess, "--gap", "1e-12", "--select-link", "1")
    assert "Trips on link 1: 4, pairs of zones: 1" in answer.out
    assert "67%" in answer.out


def test_a_link_that_there_is_not_is_told_before_the_work(
    jibek: Command, braess: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment, "solve", lambda *_, **__: pytest.fail("solved before that"))
    routes = tmp_path / "routes.csv"
    answer = jibek("assign", *braess, "--select-link", "11", "--select-link", "x", "--routes", routes, "--json")
    assert (answer.code, answer.out) == (1, "")
    assert "found '11', expected the name of a link. Did you mean '1'?" in answer.err
    assert "found 'x'" in answer.err
    assert not routes.exists()


def test_skims_and_routes_are_written(jibek: Command, braess: tuple[Path, Path], tmp_path: Path) -> None:
    skims, routes = tmp_path / "out" / "skims.csv", tmp_path / "out" / "routes.csv"
    answer = jibek("assign", *braess, "--gap", "1e-12", "--toll-factor", "0.5", "--skims", skims, "--routes", routes)
    assert answer.code == 0
    assert str(skims) in answer.out
    assert str(routes) in answer.out
    assert skims.read_text(encoding="utf-8").splitlines()[0] == "class,origin,destination,cost,time,length,toll"
    found = pl.read_csv(skims)
    assert found.select("origin", "destination").rows() == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert found.row(0)[3:] == (0, 0, 0, 0)
    assert found.row(2)[3:] == (None,) * 4
    table = pl.read_csv(routes, schema_overrides={"links": pl.String})
    assert table.columns == [
        *("class", "origin", "destination", "route", "trips", "share", "cost", "time", "length", "links")
    ]
    assert table["trips"].sum() == pytest.approx(6)
    assert sorted(table["links"]) == ["1;2", "1;5;4", "3;4"]
    np.testing.assert_allclose(table["cost"], found["cost"][1], rtol=1e-6)
    assert table["length"].to_list() == [2 + (links == "1;5;4") for links in table["links"]]


def test_routes_are_named_by_zones_of_a_folder(jibek: Command, braess: tuple[Path, Path], tmp_path: Path) -> None:
    assert jibek("assign", *braess, "--flows", tmp_path / "gmns").code == 0
    nodes = "node_id,zone_id,node_type\n1,North,centroid\n2,South,centroid\n3,,\n4,,\n"
    (tmp_path / "gmns" / "node.csv").write_text(nodes, encoding="utf-8")
    (tmp_path / "gmns" / "zone.csv").unlink()
    demand = "o_zone_id,d_zone_id,use,volume\nNorth,South,trips,6\n"
    (tmp_path / "gmns" / "demand.csv").write_text(demand, encoding="utf-8")
    outputs = "--skims", tmp_path / "skims.parquet", "--routes", tmp_path / "routes.parquet"
    found = as_json(jibek, tmp_path / "gmns", "--select-link", "1", *outputs)
    assert (found["select_link"][0]["pairs"][0]["origin"]) == "North"
    for name in ("skims", "routes"):
        table = pl.read_parquet(tmp_path / f"{name}.parquet")
        assert set(table["origin"]) | set(table["destination"]) == {"North", "South"}
    assert ["1", "2"] in table["links"].to_list()
