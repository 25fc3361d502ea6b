"""Every rule of Jibek's own that a figure rests on is written down in the documentation, once."""

from __future__ import annotations

import re
from pathlib import Path

from jibek import Corridor

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "estimates.md"


def anchors() -> list[str]:
    """Return the anchors of the page's headings."""
    return re.findall(r"^#+ .*\{#(rule-[a-z0-9-]+)\}$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_every_rule_among_the_sources_has_its_heading(corridor: Corridor) -> None:
    rules = {source for source in corridor["sources"]["id"] if source.startswith("rule-")}
    assert rules
    assert rules <= set(anchors())


def test_no_rule_stands_twice() -> None:
    assert len(anchors()) == len(set(anchors()))


def test_every_rule_says_its_source_id_and_its_reason() -> None:
    sections = re.split(r"^### .*\{#", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    for section in sections:
        rule = section.partition("}")[0]
        assert f"- **Source id**: `{rule}`" in section
        assert "- **Reason**: " in section
