"""What tests of the assignment need: the published networks, which do not come with Jibek."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def benchmark_data() -> Path:
    """Return the folder of published networks; their terms allow research only, so they are no part of Jibek."""
    home = os.environ.get("JIBEK_BENCHMARK_DATA")
    folder = Path(home or "", "tntp")
    if not home or not folder.is_dir():
        pytest.skip("JIBEK_BENCHMARK_DATA does not name the folder of the benchmark files")
    return folder
