"""The worked example as read, and a copy of its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from example_folder import ExampleFolder

from jibek.corridor import Corridor, embedded_corridors, read_corridor

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> ExampleFolder:
    return ExampleFolder(tmp_path / "example")


@pytest.fixture(scope="session")
def example() -> Corridor:
    return read_corridor(embedded_corridors()["example"])
