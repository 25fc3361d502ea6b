"""Sums of links agree with the published lengths of lines and routes.

`lengths.csv` names the stations on the way; between two of them the shortest links of the modes count.
"""

from __future__ import annotations

from comparison import compare_lengths

from jibek import Corridor

# Kilometre posts, tariff distances and maps differ by a few percent from source to source; the project promises 5%.
PERCENT = 5


def test_summed_links_agree_with_published_lengths(corridor: Corridor) -> None:
    compared = compare_lengths(corridor)
    assert len(compared) >= 25
    far = {c.row["name"]: (c.low, c.high, c.computed) for c in compared if abs(c.percent) > PERCENT}
    assert not far
