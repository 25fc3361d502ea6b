"""Computed times hold no queue, so they must not exceed what others published, which mostly does.

The table itself, with every deviation, stands in the documentation: published and computed.
"""

from __future__ import annotations

import pytest
from comparison import compare_routes

from jibek import Corridor

# The fastest published runs are single trains and good weather, and a place stands for a wide end ("China", "Europe"):
# a quarter covers both. Below there is no limit, since published times hold all kinds of waiting.
MOST = 1.25
TIMES = {"hours", "hours_moving"}


@pytest.mark.slow
def test_free_flow_takes_no_longer_than_published(corridor: Corridor) -> None:
    compared = [c for c in compare_routes(corridor) if c.row["quantity"] in TIMES]
    assert len(compared) >= 40
    slow = {c.row["id"]: (c.high, c.computed) for c in compared if c.computed > MOST * c.high}
    assert not slow
