"""Small drawings that stand in a table's row: from numbers to inline SVG in the page's colours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup, escape

__all__ = ["progress", "scale", "span", "sparkline"]


def sparkline(points: Sequence[tuple[int, float]], label: str, *, target: float | None = None, width: int = 120, height: int = 34) -> Markup:
    """Line of values over years with the last one dotted and the promised value as a dashed level.

    Parameters
    ----------
    points
        (year, value) in order of years.
    label
        What a reader who cannot see it is told.
    """
    if len(points) < 2:
        return Markup("")
    years, values = [year for year, _ in points], [value for _, value in points]
    levels = values if target is None else [*values, target]
    low, high = min(levels), max(levels)
    x = [4 + (year - years[0]) / max(years[-1] - years[0], 1) * (width - 8) for year in years]
    y = [height - 4 - (value - low) / ((high - low) or 1) * (height - 8) for value in levels]
    line = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=False))
    level = "" if target is None else f'<line class="goal" x1="2" x2="{width - 2}" y1="{y[-1]:.1f}" y2="{y[-1]:.1f}"/>'
    dot = f'<circle cx="{x[-1]:.1f}" cy="{y[len(x) - 1]:.1f}" r="2.6"/>'
    return _svg("sparkline", width, height, label, f'{level}<polyline points="{line}"/>{dot}')


def progress(share: float, elapsed: float | None, status: str, label: str, *, width: int = 150, height: int = 22) -> Markup:
    """Bar from baseline (left) to target (right mark): filled as far as it has come, a tick where a steady course would be.

    Parameters
    ----------
    share
        Way covered: 0 at the baseline, 1 at the target; drawn between 0 and 1.15.
    elapsed
        Share of the time that has passed; None where it is unknown.
    """
    full = (width - 4) / 1.15
    come = max(0.0, min(share, 1.15)) * full
    tick = "" if elapsed is None else f'<line class="due" x1="{2 + min(max(elapsed, 0), 1) * full:.1f}" x2="{2 + min(max(elapsed, 0), 1) * full:.1f}" y1="3" y2="{height - 3}"/>'
    bar = (
        f'<rect class="way" x="2" y="{height / 2 - 4:.1f}" width="{full:.1f}" height="8" rx="4"/>'
        f'<rect class="come {escape(status)}" x="2" y="{height / 2 - 4:.1f}" width="{come:.1f}" height="8" rx="4"/>'
        f'{tick}<path class="flag" d="M{2 + full:.1f} 2V{height - 2}"/>'
    )
    return _svg("progress", width, height, label, bar)


def span(start: date | None, finish: date | None, status: str, label: str, *, years: tuple[int, int], now: int, width: int = 240, height: int = 20) -> Markup:
    """Bar from start to finish on a scale of years; a dot where only one of the two is known, nothing where none is."""
    known = finish or start
    if known is None:
        return Markup("")
    marks = "".join(f'<line class="year" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height}"/>' for x, _ in _ticks(years, width))
    today = _at(date(now, 1, 1), years, width)
    if start is not None and finish is not None:
        a, b = _at(start, years, width), _at(finish, years, width)
        shape = f'<rect class="{escape(status)}" x="{a:.1f}" y="{height / 2 - 5:.1f}" width="{max(b - a, 4):.1f}" height="10" rx="3"/>'
    else:
        shape = f'<circle class="{escape(status)}" cx="{_at(known, years, width):.1f}" cy="{height / 2:.1f}" r="5"/>'
    line = f'<line class="now" x1="{today:.1f}" x2="{today:.1f}" y1="0" y2="{height}"/>'
    return _svg("span", width, height, label, f"{marks}{line}{shape}")


def scale(years: tuple[int, int], label: str, *, width: int = 240, height: int = 14) -> Markup:
    """The years above the bars of `span`."""
    texts = "".join(f'<text x="{x:.1f}" y="{height - 3}" text-anchor="middle">{year}</text>' for x, year in _ticks(years, width) if 14 < x < width - 14)
    return _svg("scale", width, height, label, texts)


def _at(day: date, years: tuple[int, int], width: int) -> float:
    """Place of a day on a scale of years, in pixels."""
    share = (day.year + (day.month - 1) / 12 - years[0]) / (years[1] - years[0])
    return 3 + min(max(share, 0.0), 1.0) * (width - 6)


def _ticks(years: tuple[int, int], width: int) -> list[tuple[float, int]]:
    """Place and year of every fifth year."""
    return [(_at(date(year, 1, 1), years, width), year) for year in range(-(-years[0] // 5) * 5, years[1] + 1, 5)]


def _svg(name: str, width: int, height: int, label: str, content: str) -> Markup:
    return Markup(f'<svg class="{name}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{escape(label)}">{content}</svg>')  # noqa: S704  content is made here from numbers
