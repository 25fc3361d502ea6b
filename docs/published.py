"""Published figures beside computed ones as Markdown, for the page of that name."""

from __future__ import annotations

from functools import cache
from statistics import median

from comparison import Comparison, compare_lengths, compare_routes

import jibek

__all__ = ["summary", "table"]


@cache
def _groups() -> dict[str, list[Comparison]]:
    corridor = jibek.read_corridor()
    routes = compare_routes(corridor)
    return {
        "Times": [c for c in routes if c.row["quantity"] in {"hours", "hours_moving"}],
        "Prices": [c for c in routes if c.row["quantity"] == "usd_per_teu"],
        "Lengths": [*(c for c in routes if c.row["quantity"] == "km"), *compare_lengths(corridor)],
    }


@cache
def _names() -> dict[str, str]:
    return dict(jibek.read_corridor()["places"].select("id", "name").iter_rows())


def summary() -> str:
    """Count how many computed figures lie inside the published range, and how far the others are off."""
    lines = ["| | rows | inside | within 10% | median deviation | largest |", "|---|---|---|---|---|---|"]
    for title, every in _groups().items():
        for label, compared in ((title, every), (f"{title}, without †", [c for c in every if not c.is_input])):
            largest = max((c.percent for c in compared), key=abs)
            cells = (
                str(len(compared)),
                str(sum(c.percent == 0 for c in compared)),
                str(sum(abs(c.percent) <= 10 for c in compared)),
                _signed(median(c.percent for c in compared)),
                _signed(largest),
            )
            lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def table(title: str) -> str:
    """List the figures of one group: ``Times`` in days, ``Prices`` in USD per TEU, ``Lengths`` in km."""
    lines = ["| way | published | computed | deviation | definition and source |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *(_line(c, in_days=title == "Times") for c in _groups()[title])])


def _line(compared: Comparison, *, in_days: bool) -> str:
    row = compared.row
    values = (compared.low, compared.high, compared.computed)
    low, high, computed = (f"{value / 24:.1f}" if in_days else f"{value:,.0f}" for value in values)
    way = f"{_names()[row['from_place']]} – {_names()[row['to_place']]}" + (f", {row['year']}" if "year" in row else "")
    if "definition" in row:
        told = f"{row['definition']} [{row['source_title']}]({row['source_url']})"
    else:
        told = f"{row['name']}. {row['source']}"
    published = low if low == high else f"{low}–{high}"
    deviation = _signed(compared.percent) + (" †" if compared.is_input else "")
    return f"| {way} | {published} | {computed} | {deviation} | {told} |"


def _signed(percent: float) -> str:
    return f"{percent:+.0f}%" if round(percent) else "0%"
