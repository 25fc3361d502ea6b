"""Results on a terminal."""

from __future__ import annotations

import io
from types import SimpleNamespace

import polars as pl
import pytest
from rich.console import Console

from jibek.errors import Fault
from jibek.present import (
    print_comparison,
    print_faults,
    print_grades,
    print_routes,
    print_sources,
    print_targets,
)

Tables = dict[str, pl.DataFrame]


@pytest.fixture
def console() -> Console:
    return Console(width=200, record=True, file=io.StringIO())


def route() -> SimpleNamespace:
    stop = SimpleNamespace(name="border [east]", kind="border", hours=50.0, usd=120.0)
    leg = SimpleNamespace(
        from_place="east",
        to_place="west",
        mode="rail_1520",
        hours_moving=150.0,
        hours_waiting=50.0,
        usd=3000.0,
        km=9000.0,
        stops=(stop,),
    )
    return SimpleNamespace(
        rank=1,
        corridor="Land",
        origin="east",
        destination="west",
        commodity="containers",
        hours=200.0,
        hours_waiting=50.0,
        usd=3000.0,
        kg_co2=3100.0,
        km=9000.0,
        countries=("CHN", "DEU"),
        legs=(leg,),
        usd_by_payee={"Railway": 2880.0},
    )


def test_routes_leg_by_leg(console: Console, results: Tables) -> None:
    print_routes(console, [route()], results)
    text = console.export_text()
    for part in (
        "East City (Yard) – West <City>",
        "8.3\u00a0days",
        "25%",
        "$3\u202f000",
        "border [east]",
        "50\u00a0h",
        "Railway",
    ):
        assert part in text


def test_routes_in_russian(console: Console, results: Tables) -> None:
    print_routes(console, [route()], results, language="ru")
    assert "8,3\u00a0дня" in console.export_text()


def test_targets_by_state(console: Console, results: Tables) -> None:
    print_targets(console, results["targets"])
    text = console.export_text()
    assert text.index("Met") < text.index("Behind") < text.index("Not known")
    assert "106.3 (2025)" in text
    assert "+34%" in text


def test_faults_and_their_number(console: Console) -> None:
    faults = [
        Fault("fault", "links", "a", "length_km", "[x]", "a number", "Mend it."),
        Fault("notice", "places", "", "", "", "", ""),
    ]
    print_faults(console, faults)
    text = console.export_text()
    assert "links, a, length_km: found '[x]', expected a number. Mend it." in text
    assert "1 fault, 1 notice" in text.replace("\u00a0", " ")


def test_no_faults(console: Console) -> None:
    print_faults(console, [])
    assert console.export_text().strip() == "No faults."


def test_grades(console: Console, results: Tables) -> None:
    print_grades(console, results["grades"])
    assert "75%" in console.export_text()


def test_comparison(console: Console) -> None:
    values = {"hours": (72.0, 48.0), "usd": (80.0, 90.0), "kg_co2": (100.0, None)}
    row = {"origin": "east", "destination": "west", "corridor": "Land"}
    row |= {
        f"{name}_{when}": value
        for name, pair in values.items()
        for when, value in zip(("before", "after"), pair, strict=True)
    }
    print_comparison(console, pl.DataFrame([row]))
    line = console.export_text().replace("\u00a0", " ").splitlines()[1]
    assert line.split("  ")[0] == "east – west"
    assert [part for part in line.split() if part[0] in "$0123456789–"] == ["–", "3.0", "2.0", "$80", "$90", "100", "–"]


def test_sources(console: Console) -> None:
    row = {
        "table": "borders",
        "id": "b",
        "column": "hours",
        "source": "A paper",
        "url": "https://example.org",
        "grade": "estimate",
        "low": 2.0,
        "high": 24.0,
        "note": None,
    }
    print_sources(console, pl.DataFrame([row]))
    assert "2 – 24" in console.export_text()
