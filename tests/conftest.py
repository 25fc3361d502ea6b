"""What all tests share: settings of Hypothesis, and the embedded corridor, read once."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import jibek
from jibek import Corridor

settings.register_profile("jibek", deadline=None, suppress_health_check=[HealthCheck.too_slow])  # no timing decides
settings.load_profile("jibek")


@pytest.fixture(scope="session")
def corridor() -> Corridor:
    """Return the embedded corridor as read."""
    return jibek.read_corridor()


@pytest.fixture(scope="session")
def keys() -> dict[str, list[str]]:
    """Return the key columns of each table."""
    found = {}
    for path in sorted((Path(jibek.__file__).parent / "corridor" / "attributes").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem] = [row["attribute"] for row in csv.DictReader(file) if row["required"].startswith("key")]
    return found
