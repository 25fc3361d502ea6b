"""Balances in the report, on a terminal and as JSON: what is said is what the tables hold."""

from __future__ import annotations

import io
import re
from functools import cache

import polars as pl
import pytest
from rich.console import Console
from test_report import cells

from jibek import read_corridor
from jibek.corridor import packaged_scenarios
from jibek.present import balances_json, print_balances, report_facts, report_html
from jibek.study import Study, run_study

SYSTEMS = ("energy", "water", "food")


@cache
def study() -> Study:
    base = read_corridor()
    chosen = next(each for each in packaged_scenarios(None, base) if each.name == "shymkent-12")
    return run_study(base, chosen, stages=["balances"])


@cache
def page(language: str) -> str:
    return report_html(study().tables, report_facts(study(), title="Corridor"), language=language)


def section(system: str, language: str = "en") -> str:
    return cells(re.search(rf'<section id="{system}".*?</section>', page(language), re.DOTALL).group(0))


def printed(*systems: str, language: str = "en") -> str:
    out = io.StringIO()
    print_balances(Console(file=out, width=250), study().tables, systems, language=language)
    return out.getvalue()


def test_the_report_says_what_would_have_to_grow() -> None:
    text = section("energy").replace("\u00a0", " ")
    assert "Kenkiyak pump station to Kumkol" in text
    assert "15.3 million tonnes a year" in text
    assert "15 million tonnes: too little" in text
    assert "12 million tonnes: suffices" in text


def test_each_system_has_its_section_its_maps_and_its_place_in_the_contents() -> None:
    for system in SYSTEMS:
        assert f'href="#{system}"' in page("en")
    for name in ("balance-energy-1", "balance-energy-2", "balance-energy-3", "balance-water-1", "stocks-water"):
        assert f'id="plot-{name}"' in page("en")
        assert f'id="spec-{name}"' in page("en")


def test_what_was_given_to_the_model_is_said_so() -> None:
    rows = study().tables["balance_checks"].filter(use="input", system="energy")
    assert section("energy").count("given to the model") == rows.height


def test_the_sections_speak_russian() -> None:
    text = section("water", "ru")
    assert "Кому не хватает" in text
    assert "Что сдерживает" in text
    for left in ("Who runs short", "all year", "nothing planned"):
        assert left not in text


def test_a_run_without_balances_has_no_such_sections() -> None:
    tables = {name: table for name, table in study().tables.items() if not name.startswith("balance_")}
    text = report_html(tables, report_facts(study(), title="Corridor"))
    assert not re.search(r'<section id="(energy|water|food)"', text)


def test_the_terminal_tells_what_the_report_tells() -> None:
    text = printed("energy").replace("\u00a0", " ")
    assert "15.3 million tonnes a year" in text
    assert "Who runs short" in text
    assert "Кому не хватает" in printed("energy", language="ru")
    assert "Water" not in text


def test_a_system_that_nothing_tells_is_named() -> None:
    tables = {name: table.clear() for name, table in study().tables.items() if name.startswith("balance_")}
    tables["balance_solution"] = study().tables["balance_solution"]
    out = io.StringIO()
    print_balances(Console(file=out, width=200), study().tables | tables, ["food"])
    assert "Food: nothing is supplied or wanted" in out.getvalue()


def test_json_has_the_promised_keys_of_each_system() -> None:
    found = balances_json(study().tables, SYSTEMS)
    assert [each["system"] for each in found] == list(SYSTEMS)
    energy = found[0]
    assert energy.keys() >= {"system", "status", "periods", "binding", "shortages", "flows", "stocks"}
    assert len(energy["periods"]) == 12
    assert energy["binding"][0].keys() >= {"element", "period", "load", "worth_usd_per_unit"}
    grown = {row["element"]: row for row in energy["growth"]}
    assert grown["kenkiyak--kumkol--oil_pipeline--capacity"]["needed"] == pytest.approx(15.3e6, rel=0.02)
    assert all(row["short"] > 0 for row in energy["shortages"])


def test_full_is_not_over() -> None:
    """A balance passes no limit: a full line must not be drawn as an overloaded one."""
    assert (study().tables["balance_flows"].filter(pl.col("load_share") > 0.9999)).height
    spec = re.search(r'id="spec-balance-energy-2"[^>]*>(.*?)</script>', page("en"), re.DOTALL).group(1)
    assert "#E0651A" in spec
    assert "#B8182F" not in spec
