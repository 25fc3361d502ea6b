"""The 108 claims of the founding articles: each lives in a row, or is refused with a reason."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jibek.targets import assess

if TYPE_CHECKING:
    from jibek import Corridor

with (Path(__file__).parent / "claims.csv").open(encoding="utf-8", newline="") as file:
    CLAIMS = list(csv.DictReader(file))


def test_there_are_108_claims() -> None:
    assert [claim["id"] for claim in CLAIMS] == [f"sc{number:03}" for number in range(1, 109)]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim["id"])
def test_a_claim_lives_somewhere_or_is_refused(
    claim: dict[str, str], corridor: Corridor, keys: dict[str, list[str]]
) -> None:
    if not claim["table"]:
        assert len(claim["reason"].split()) >= 3
        return
    table, key = corridor[claim["table"]], keys[claim["table"]]
    present = {"/".join("" if part is None else str(part) for part in row) for row in table.select(key).rows()}
    assert claim["row"] in present


def test_the_share_of_the_worlds_oil_is_refused() -> None:
    claim = next(claim for claim in CLAIMS if claim["id"] == "sc100")
    assert not claim["table"]
    assert "1" in claim["reason"]


@pytest.mark.parametrize(
    ("title", "status", "latest", "growth"),
    [
        ("c001", "met", 106.3, None),
        ("c069", "behind", 4.119, 0.344),
        ("c071", None, 77_000, 0.405),
    ],
)
def test_known_answers(corridor: Corridor, title: str, status: str | None, latest: float, growth: float | None) -> None:
    row = assess(corridor, year=2025).row(by_predicate=corridor_id(title), named=True)
    assert row["latest"] == pytest.approx(latest)
    assert status is None or row["status"] == status
    if growth is not None:
        assert row["required_growth"] == pytest.approx(growth, abs=0.002)


def corridor_id(identifier: str) -> object:
    """Select a commitment."""
    import polars as pl

    return pl.col("id") == identifier


def test_the_register_holds_128_commitments(corridor: Corridor) -> None:
    identifiers = corridor["commitments"]["id"]
    assert identifiers.filter(identifiers.str.contains(r"^c\d{3}$")).len() == 128
