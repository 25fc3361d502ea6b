"""A line chart as SVG that takes its colours from the page, so that it reads in light and in dark."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["falling"]

LEFT, RIGHT, TOP, BOTTOM = 60, 704, 30, 310
COLOURS = ("var(--md-typeset-a-color)", "#d9772b")
FEW = 30  # points that can still be told apart


def falling(series: Mapping[str, Sequence[float]], *, across: str, up: str) -> str:
    """Draw numbers above 0, the first at 1, over a logarithmic scale.

    Parameters
    ----------
    series
        One or two, by name.
    across, up
        What the axes count.

    Returns
    -------
    str
        A figure in HTML.
    """
    values = [value for numbers in series.values() for value in numbers]
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    most = max(len(numbers) for numbers in series.values())

    def x(number: int) -> float:
        return LEFT + (RIGHT - LEFT) * (number - 1) / (most - 1)

    def y(value: float) -> float:
        return TOP + (BOTTOM - TOP) * (high - log10(value)) / (high - low)

    parts = [_text(LEFT, TOP - 14, up), _text(RIGHT, BOTTOM + 42, across, anchor="end")]
    for power in range(high, low - 1, -2):
        level = y(10.0**power)
        line = (
            f'<line x1="{LEFT}" x2="{RIGHT}" y1="{level:.1f}" y2="{level:.1f}" stroke="currentColor" opacity="0.15"/>'
        )
        parts += [line, _text(LEFT - 8, level + 4, "1" if power == 0 else f"{10.0**power:.0e}", anchor="end")]
    parts += [_text(x(number), BOTTOM + 20, str(number), anchor="middle") for number in (1, *range(20, most + 1, 20))]
    for colour, (name, numbers) in zip(COLOURS, series.items(), strict=False):
        points = [(x(number), y(value)) for number, value in enumerate(numbers, 1)]
        path = " ".join(f"{right:.1f},{down:.1f}" for right, down in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        if len(points) < FEW:
            parts += [f'<circle cx="{right:.1f}" cy="{down:.1f}" r="3.5" fill="{colour}"/>' for right, down in points]
        right, down = points[-1]
        is_left = right < (LEFT + RIGHT) / 2
        spot = (right + 10, down + 4) if is_left else (right, down - 12)
        parts.append(_text(*spot, name, anchor="start" if is_left else "end", colour=colour))
    label = f"{up} over {across}: {', '.join(series)}"
    style = "width: 100%; max-width: 46rem; font-size: 13px"
    drawing = f'<svg viewBox="0 0 720 360" role="img" aria-label="{label}" style="{style}">{"".join(parts)}</svg>'
    return f'<figure style="width: 100%">{drawing}</figure>'


def _text(x: float, y: float, words: str, *, anchor: str = "start", colour: str = "currentColor") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'
