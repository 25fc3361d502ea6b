"""Every row of the fact sheets is a row of the tables, or is left out with its reason.

`origins.csv` says for each row of a fact sheet (sheet, number of the row, digest of its cells) in which row of
which table it lives; `left_out.csv` gives the reason for the rest.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections import defaultdict
from pathlib import Path

import pytest

import jibek
from jibek import Corridor

DATASET = Path(jibek.__file__).parent / "datasets" / "central_asia"
SHEETS = {
    "agriculture.csv": 186, "border_crossings.csv": 226, "commitments.csv": 128, "corridor_performance.csv": 465,
    "ecommerce_and_humanitarian.csv": 80, "energy_balance.csv": 161, "energy_commitments.csv": 48,
    "energy_links.csv": 63, "energy_nodes.csv": 121, "hydrology.csv": 602, "industry.csv": 115, "macro.csv": 1501,
    "ports_and_fleet.csv": 230, "projects.csv": 82, "seed_claims.csv": 108, "study_results.csv": 103,
    "supplement.csv": 298, "tariffs_and_rates.csv": 138, "titr.csv": 203, "trade_bilateral.csv": 325,
    "trade_commodities.csv": 139, "transport_links_east.csv": 325, "transport_links_west.csv": 165,
    "transport_nodes_east.csv": 199, "transport_nodes_west.csv": 98, "water_agri_commitments.csv": 62,
    "water_links.csv": 54, "water_nodes.csv": 61,
}  # fmt: skip


def rows(name: str) -> list[dict[str, str]]:
    """Rows of a file of the dataset."""
    with (DATASET / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# Units that differ between a sheet and a series: powers of ten, hours and days, FEU and TEU, months and years.
FACTORS = (1, 10, 100, 1e3, 1e4, 1e6, 1e9, 0.1, 0.01, 1e-3, 1e-6, 1e-9, 24, 1 / 24, 0.5, 2, 12)
# The title of the source says "five days".
IN_WORDS = {"xian-tashkent-rail-time/2024/1/12"}
ORIGINS = rows("origins.csv")
LEFT_OUT = rows("left_out.csv")


def test_every_fact_is_used_or_left_out_and_never_both() -> None:
    used = {(row["sheet"], int(row["row"])) for row in ORIGINS}
    left = {(row["sheet"], int(row["row"])) for row in LEFT_OUT}
    everything = {(sheet, number) for sheet, count in SHEETS.items() for number in range(1, count + 1)}
    assert used | left == everything
    assert not used & left


def test_every_fact_lives_in_a_row_that_exists(corridor: Corridor, keys: dict[str, list[str]]) -> None:
    present = {
        name: {"/".join("" if part is None else str(part) for part in row) for row in table.select(keys[name]).rows()}
        for name, table in corridor.tables.items()
    }
    missing = [row for row in ORIGINS if row["id"] not in present[row["table"]]]
    assert not missing


def test_every_row_left_out_has_a_reason() -> None:
    assert all(len(row["reason"].split()) >= 3 for row in LEFT_OUT)
    assert len(LEFT_OUT) < 0.15 * sum(SHEETS.values())


def facts_folder() -> Path:
    """Folder of the fact sheets, beside the benchmark data."""
    named = os.environ.get("JIBEK_BENCHMARK_DATA")
    folder = Path(named).parent / "facts" if named else None
    if folder is None or not folder.is_dir():
        pytest.skip("JIBEK_BENCHMARK_DATA names no folder with the fact sheets beside it")
    return folder


def test_the_ledger_speaks_of_these_very_facts() -> None:
    folder = facts_folder()
    ledger: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in ORIGINS + LEFT_OUT:
        ledger[row["sheet"]][int(row["row"])].add(row["digest"])
    for sheet in SHEETS:
        with (folder / sheet).open(encoding="utf-8", newline="") as file:
            for number, fact in enumerate(csv.DictReader(file), 1):
                cells = "\x1f".join(value or "" for key, value in fact.items() if isinstance(key, str))
                assert ledger[sheet][number] == {hashlib.sha256(cells.encode()).hexdigest()[:12]}, (sheet, number)


def numbers_of(fact: dict[str, str]) -> set[float]:
    """Return the numbers that a fact states, in its cells or in the words of its note."""
    text = " | ".join(value for key, value in fact.items() if isinstance(key, str) and value)
    joined = re.sub(r"(?<=\d)[ ,](?=\d{3}\b)", "", text)
    return {float(number) for part in (text, joined) for number in re.findall(r"\d+(?:\.\d+)?", part)}


def test_observed_values_came_over_unharmed(corridor: Corridor) -> None:
    """An observation holds a number that its fact states, perhaps in another unit; derived values are not compared."""
    folder = facts_folder()
    facts: dict[tuple[str, int], dict[str, str]] = {}
    for sheet in SHEETS:
        with (folder / sheet).open(encoding="utf-8", newline="") as file:
            facts |= {(sheet, number): fact for number, fact in enumerate(csv.DictReader(file), 1)}
    values = {
        "/".join(map(str, row[:4])): (abs(row[4]), row[5])
        for row in corridor["observations"].select("series", "year", "from_month", "to_month", "value", "grade").rows()
    }
    stated: dict[str, set[float]] = defaultdict(set)
    for row in ORIGINS:
        if row["table"] == "observations":
            stated[row["id"]] |= numbers_of(facts[row["sheet"], int(row["row"])])
    wrong = [
        key
        for key, numbers in stated.items()
        if values[key][1] in {"observed", "official"}
        and key not in IN_WORDS
        and not any(
            abs(values[key][0] - number * factor) <= 1e-6 * abs(values[key][0])
            for number in numbers
            for factor in FACTORS
        )
    ]
    assert not wrong
