"""Flows in the report: what is said is what the tables hold, and each part is there only with its table."""

from __future__ import annotations

import io
import json
import re

import polars as pl
import pytest
from rich.console import Console
from test_report import Page, cells

from jibek.present import ReportFacts, flows_json, headline, print_flows, report_html
from jibek.present.flow_checks import summary_rows
from jibek.present.flow_section import flow_section
from jibek.present.flow_users import users_of
from jibek.present.inputs import complete, localised
from jibek.present.language import language_of

Tables = dict[str, pl.DataFrame]

GOAL = 1e-6
PARTS = {
    "flow_ranges": "eight in ten of 50 draws",
    "flow_topten": "In the top ten",
    "flow_validation": "Errors in brief",
    "flow_goals": "2 of 3 goals are met",
    "flow_hindcast": "Would it have seen what came?",
    "flow_preferences": "What sways the choice",
    "flow_unrouted": "Goods without a way",
    "flow_bottlenecks": "Where it jams",
    "flow_solution": "residual of 2e-08",
}


def section(tables: Tables, facts: ReportFacts, language: str = "en") -> str:
    """Text of the section on flows."""
    page = report_html(tables, facts, language=language)
    return cells(re.search(r'<section id="flows">.*?</section>', page, re.DOTALL).group(0)).replace("\u00a0", " ")


def test_headline_says_how_much_where_and_at_what_cost(flow_facts: ReportFacts) -> None:
    said = "\n".join(headline(flow_facts)).replace("\u00a0", " ")
    assert "In 2025, 14.6 million tonnes of goods move over the network, 14% of them overland." in said
    assert "100 thousand TEU of containers a year go overland, 10% of all; 70 thousand TEU of them westbound" in said
    assert "“Land”: 100 thousand TEU (70 thousand – 160 thousand) a year" in said
    assert "“Line A <east>”, loaded to 125% of its capacity; next come “Gate” and “Line B”" in said
    assert "$13 million ($9 million – $30 million) a year; 100% of it" in said
    assert "For 50 thousand tonnes a year of demand no way is open." in said


def test_bottlenecks_tell_load_delay_cost_grade_and_relief(flow_results: Tables, flow_facts: ReportFacts) -> None:
    text = section(flow_results, flow_facts)
    row = r"1 Line A &lt;east&gt; Line · capacity: estimate 125% 30 h \$7 million 98% Second line"
    assert re.search(row, text)
    assert "2 Gate Border · capacity: official 90% 12 h $4 million 0% nothing planned" in text


def test_beneath_a_bottleneck_stands_who_uses_it(flow_results: Tables, flow_facts: ReportFacts) -> None:
    text = section(flow_results, flow_facts)
    assert "nothing planned Used by: boxes 100%" in text
    folded = "Used by: coal 50% · boxes 30% · traffic outside the model 10% Busiest stretch: East City (Yard) – Post."
    assert folded in text
    assert "coal 600 thousand tonnes 50% boxes 70 thousand TEU 30% traffic outside the model 10%" in text
    assert "ores and concentrates empties only 10%" in text
    assert "East City (Yard) – Lake port 600 thousand tonnes 50%" in text


def test_the_busiest_stretch_is_named_in_its_direction(flow_results: Tables) -> None:
    words = language_of("en")
    back = flow_results["flow_users"].with_columns(way=pl.lit("backward"))
    found = users_of(localised(complete(flow_results | {"flow_users": back}), words), words)
    assert (found["line-a"]["where"], found["gate"]["where"]) == ("Post – East City (Yard)", "")


def test_the_certificate_stands_beside_the_residual(flow_results: Tables, flow_facts: ReportFacts) -> None:
    text = section(flow_results, flow_facts)
    assert "anew from the flows alone: residual 2.1e-08, conservation 3e-15; the users spend $5 billion a year" in text
    assert "rough sketch" not in text


@pytest.mark.parametrize("residual", [3e-4, 2e-8])
def test_a_residual_that_was_not_reached_is_said(
    flow_results: Tables, flow_facts: ReportFacts, residual: float
) -> None:
    solution = flow_results["flow_solution"].with_columns(~pl.col("converged"), residual=pl.lit(residual))
    told = flow_results | {"flow_solution": solution}
    console = Console(width=220, record=True, file=io.StringIO())
    print_flows(console, told)
    for text in (section(told, flow_facts), console.export_text().replace("\u00a0", " ")):
        assert "have not settled" in text
        assert ("The residual is 3.0e-04, not the 1e-06 that was asked for." in text) == (residual > GOAL)


def test_counts_stand_beside_model_and_yardstick(flow_results: Tables, flow_facts: ReportFacts) -> None:
    text = section(flow_results, flow_facts)
    assert "Good count 2024 · TEU 100 thousand 110 thousand +10% 3 300 thousand +200%" in text
    assert "Show 1 series that are not compared, and why Odd count: Oil is in it." in text


def test_containers_of_the_union_by_direction(flow_results: Tables, flow_facts: ReportFacts) -> None:
    text = section(flow_results, flow_facts)
    assert "Land 70 thousand 7.2% 30 thousand 100%" in text
    assert "By sea 900 thousand 93% 0 0%" in text


def test_a_missed_goal_says_by_how_much_and_what_was_counted(flow_results: Tables, flow_facts: ReportFacts) -> None:
    text = section(flow_results, flow_facts)
    assert "Counts never seen: median of the errors at most 20% 10% Met" in text
    missed = "Counted there in that year: Far count 600 thousand 68 thousand – 92 thousand 60 thousand −25% Missed"
    assert missed in text
    assert "change 2021–2023" in text
    assert "Counted westbound in one year, in both directions in the other. −100% – −25% −40% Met" in text


@pytest.mark.parametrize("table", sorted(PARTS))
def test_a_part_is_there_only_with_its_table(flow_results: Tables, flow_facts: ReportFacts, table: str) -> None:
    assert PARTS[table] in section(flow_results, flow_facts)
    without = {name: frame for name, frame in flow_results.items() if name != table}
    if table not in {"flow_bottlenecks", "flow_unrouted", "flow_solution"}:
        assert PARTS[table] not in section(without, flow_facts) or table == "flow_validation"
    assert PARTS[table] not in section(flow_results | {table: flow_results[table].clear()}, flow_facts) or (
        table == "flow_validation"
    )


def test_without_a_judgement_errors_are_summed_up_here(flow_results: Tables) -> None:
    words = language_of("en")
    local = localised(complete(flow_results | {"flow_validation": flow_results["flow_validation"].clear()}), words)
    rows = {
        (row["sample"], row["method"]): (row["number"], row["median_error"], row["within"])
        for row in summary_rows(local, words)
    }
    assert rows["For checking", "Model"] == ("1", "10%", "100%")
    assert rows["For fitting", "Model"] == ("1", "100%", "0%")


def test_a_run_without_flows_has_no_section(results: Tables, facts: ReportFacts) -> None:
    assert flow_section(complete(results), language_of("en")) is None
    assert 'id="flows"' not in report_html(results, facts)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_stays_whole(flow_results: Tables, flow_facts: ReportFacts, language: str) -> None:
    text = report_html(flow_results, flow_facts, language=language)
    page = Page(text)
    assert len(page.all("table")) == len(page.all("caption"))
    assert all(a["aria-label"] for a in page.all("svg"))
    assert {"spec-flows", "spec-flows-middle", "spec-counts"} <= page.scripts.keys()
    visible = re.sub(r"<(script|style).*?</\1>", "", text, flags=re.DOTALL)
    assert "<b>" not in re.sub("<b>.*?</b>", "", visible)
    assert not re.search(">None<|>nan<|NaN|Undefined", visible)
    if language == "en":
        assert not re.search("[а-яё]", visible)


def test_an_enlarged_map_repeats_nothing(flow_results: Tables, flow_facts: ReportFacts) -> None:
    scripts = Page(report_html(flow_results, flow_facts)).scripts
    whole, middle = (json.loads(scripts[f"spec-{name}"]) for name in ("flows", "flows-middle"))
    assert middle["like"] == "spec-flows"
    shared = [trace for trace in middle["data"] if isinstance(trace, int)]
    assert all(0 <= trace < len(whole["data"]) for trace in shared)
    assert len(shared) > len(middle["data"]) / 3
    assert all("names" in trace["meta"] for trace in middle["data"] if not isinstance(trace, int))


def test_json_has_the_promised_keys(flow_results: Tables) -> None:
    found = flows_json(flow_results, 2025)
    json.dumps(found, allow_nan=False)
    assert (found["year"], found["residual"], found["converged"]) == (2025, 2e-8, True)
    assert found["certificate"] == {"conservation": 3e-15, "residual": 2.1e-8, "benefit_usd": -5e9}
    assert [row["id"] for row in found["resources"]] == ["line-a", "gate", "line-b"]
    worst = found["resources"][0]
    assert (worst["load"], worst["load_share"], worst["delay_hours"], worst["usd_delay"]) == (50.0, 1.25, 30.0, 7e6)
    assert worst["by_commodity"]["coal"] == {"quantity": 600_000.0, "unit": "t", "load": 25.0, "share": 0.5}
    assert list(worst["by_commodity"]) == ["coal", "boxes", "ores"]
    assert (worst["background"], found["resources"][1]["background"]) == (5.0, 0.0)
    ends = {"origin": "east", "destination": "lake-port"}
    assert worst["pairs"] == [ends | {"tonnes": 600_000.0, "load": 25.0, "share": 0.5}]
    assert (found["resources"][2]["by_commodity"], found["resources"][2]["pairs"]) == ({}, [])
    land = next(row for row in found["corridors"] if row["id"] == "northern")
    assert (land["name"], land["commodity"], land["quantity"], land["unit"]) == ("Land", "boxes", 100_000.0, "teu")
    assert land["share"] == pytest.approx(0.1)
    assert {row["name"] for row in found["corridors"]} == {"Land", "other"}
    assert {row["id"]: row["error"] for row in found["counts"]} == {"good": 0.1, "far": -1.0, "odd": None}
    assert found["unrouted"][0]["reason"] == "every route is closed"


@pytest.mark.parametrize(("language", "told"), [("en", "every route is closed"), ("ru", "все маршруты закрыты")])
def test_terminal(flow_results: Tables, language: str, told: str) -> None:
    console = Console(width=220, record=True, file=io.StringIO())
    print_flows(console, flow_results, language=language)
    text = console.export_text().replace("\u00a0", " ")
    for part in ("Line A <east>", "Second line", " · boxes 30", "Good count", told, "2.0e-08", "2.1e-08"):
        assert part in text
    assert text.index("Line A <east>") < text.index("Gate") < text.index("Line B")
