"""The command of operations: its JSON, its words, and what it says to wrong questions."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command import Command

ROUTE_KEYS = {"id", "commodity", "mean_days", "p50_days", "p80_days", "p95_days", "interval_days"}
STATION_KEYS = {"id", "utilisation", "mean_wait_hours"}
SERVICE_KEYS = {"id", "share_full"}


@pytest.fixture(scope="module")
def answer(made: Path) -> Callable[..., Any]:
    """Ask the command about the worked example, and read its JSON."""
    from typer.testing import CliRunner

    from jibek.cli import app

    def ask(*arguments: str) -> Any:  # noqa: ANN401
        asked = ["operations", "--corridor", str(made / "mine"), "--replications", "3", "--json", *arguments]
        result = CliRunner().invoke(app, asked, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return ask


def test_json_has_the_promised_keys(answer: Callable[..., Any]) -> None:
    found = answer()
    assert found["replications"] == 3
    assert found["routes"]
    assert all(row.keys() >= ROUTE_KEYS for row in found["routes"])
    assert all(row.keys() >= STATION_KEYS for row in found["stations"])
    assert all(row.keys() >= SERVICE_KEYS for row in found["services"])
    for row in found["routes"]:
        if row["p50_days"] is not None:
            assert row["p50_days"] <= row["p80_days"] <= row["p95_days"]


def test_the_seed_decides(answer: Callable[..., Any]) -> None:
    assert answer() == answer() == answer("--seed", "0")
    assert answer("--seed", "7") != answer()


def test_words_tell_times_and_what_was_left_out(jibek: Command, made: Path) -> None:
    english = jibek("operations", "--corridor", made / "mine", "--replications", "2")
    russian = jibek("operations", "--corridor", made / "mine", "--replications", "2", "--language", "ru")
    assert (english.code, russian.code) == (0, 0)
    assert "Time on the way by named corridor" in english.out
    assert "Время в пути по именованным коридорам" in russian.out


def test_the_stage_writes_its_tables(made: Path) -> None:
    from jibek.study import read_run

    tables = read_run(made / "before").tables
    assert {f"operations_{name}" for name in ("routes", "stations", "services", "queues", "checks", "notices")} <= set(
        tables
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--replications", "0"), 2, "replications"),
        (("--replications", "-3"), 2, "replications"),
        (("--replications", "many"), 2, "replications"),
        (("--seed", "-1"), 2, "seed"),
        (("--seed", "1.5"), 2, "seed"),
        (("--language", "kk"), 2, "language"),
        (("--corridor", "nowhere"), 1, "nowhere"),
        (("no-such-scenario",), 1, "no-such-scenario"),
        (("one.yaml", "two.yaml"), 2, "two.yaml"),
        (("--year", "2030"), 2, "year"),
    ],
)
def test_a_wrong_question_is_answered_in_words(
    jibek: Command, arguments: tuple[str, ...], code: int, said: str
) -> None:
    answer = jibek("operations", *arguments)
    assert answer.code == code
    assert said in answer.err
    assert "Traceback" not in answer.err
    assert not answer.out


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        ("services.csv", ",168,2,", ",168,0,", "departures_per_week"),
        ("services.csv", ",2,300,", ",0,300,", "vehicles"),
        ("services.csv", ",2,300,", ",2,-300,", "vehicle_capacity"),
        ("stops.csv", "aktau-port", "atlantis", "atlantis"),
        ("resources.csv", ",line,12,", ",line,-12,", "capacity"),
    ],
)
def test_wrong_tables_are_named(
    jibek: Command, made: Path, tmp_path: Path, table: str, old: str, new: str, said: str
) -> None:
    """A service without a vehicle or departures, a call at a place that is none, a station with less than nothing."""
    folder = tmp_path / "wrong"
    shutil.copytree(made / "mine", folder)
    text = (folder / table).read_text()
    assert old in text
    (folder / table).write_text(text.replace(old, new, 1))
    answer = jibek("operations", "--corridor", folder)
    assert answer.code == 1
    assert said in answer.err
    assert table.removesuffix(".csv") in answer.err
    assert not answer.out
