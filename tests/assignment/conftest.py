"""What tests of the assignment need: the published networks, which do not come with Jibek."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def benchmark_data() -> Path:
    """Return the folder of published networks; their terms allow research only, so they are no part of Jibek."""
    folder = os.environ.get("JIBEK_BENCHMARK_DATA")
    if not folder:
        pytest.skip("JIBEK_BENCHMARK_DATA is unset: it names the folder of the TransportationNetworks")
    return Path(folder)
