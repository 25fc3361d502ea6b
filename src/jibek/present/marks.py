"""Small drawings that stand in a table's row: from numbers to inline SVG in the page's colours."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "dwell_bar",
    "forecast_strip",
    "hour_scale",
    "load_bar",
    "progress",
    "range_bar",
    "scale",
    "share_bar",
    "span",
    "sparkline",
]

_LINE = (120, 34)  # width and height of a sparkline in pixels
_BAR = (150, 22)
_SPAN = (240, 20)
_DWELL = (300, 20)
_LOAD = (130, 20)
_SHARE = (130, 14)
_STRIP = (220, 22)
_HEAVIEST = 2.0  # load share at which a load's bar is cut
_MOST = 1.15  # how far beyond its target a bar is drawn


def sparkline(points: Sequence[tuple[int, float]], label: str, *, target: float | None = None) -> Markup:
    """Draw values over years, the last one dotted and the promised value as a dashed level.

    Parameters
    ----------
    points
        (year, value) in order of years; fewer than two draw nothing.
    label
        What a reader who cannot see it is told.
    target
        Promised value.
    """
    if len(points) < 2:
        return Markup("")
    width, height = _LINE
    (first, _), (last, _) = points[0], points[-1]
    levels = [value for _, value in points] + ([] if target is None else [target])
    low, high = min(levels), max(levels)
    x = [4 + (year - first) / max(last - first, 1) * (width - 8) for year, _ in points]
    y = [height - 4 - (level - low) / ((high - low) or 1) * (height - 8) for level in levels]
    line = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=False))
    goal = "" if target is None else f'<path class="goal" d="M2 {y[-1]:.1f}H{width - 2}"/>'
    dot = f'<circle cx="{x[-1]:.1f}" cy="{y[len(x) - 1]:.1f}" r="2.6"/>'
    return _svg("sparkline", _LINE, label, f'{goal}<polyline points="{line}"/>{dot}')


def progress(share: float, elapsed: float | None, status: str, label: str) -> Markup:
    """Draw the way from baseline (left) to target (thick mark): as far as it has come, and a tick at a steady course.

    Parameters
    ----------
    share
        Way covered: 0 at the baseline, 1 at the target.
    elapsed
        Share of the time that has passed; None where it is unknown.
    status
        State of the promise, for the colour.
    label
        What a reader who cannot see it is told.
    """
    width, height = _BAR
    full = (width - 4) / _MOST
    come = max(0.0, min(share, _MOST)) * full
    box = f'x="2" y="{height / 2 - 4:.1f}" height="8" rx="4"'
    way = f'<rect class="way" {box} width="{full:.1f}"/><rect class="{escape(status)}" {box} width="{come:.1f}"/>'
    due = "" if elapsed is None else f'<path class="due" d="M{2 + min(max(elapsed, 0), 1) * full:.1f} 3V{height - 3}"/>'
    return _svg("progress", _BAR, label, f'{way}{due}<path class="flag" d="M{2 + full:.1f} 2V{height - 2}"/>')


def span(
    start: date | None, finish: date | None, status: str, label: str, *, years: tuple[int, int], now: int
) -> Markup:
    """Draw a bar from start to finish; a dot where only one of the two is known, nothing where none is.

    Parameters
    ----------
    start, finish
        First and last day.
    status
        State of the project, for the colour.
    label
        What a reader who cannot see it is told.
    years
        First and last year of the scale.
    now
        Year that a thin line marks.
    """
    known = finish or start
    if known is None:
        return Markup("")
    height = _SPAN[1]
    ticks = "".join(f'<path class="year" d="M{x:.1f} 0V{height}"/>' for x, _ in _ticks(years))
    today = f'<path class="now" d="M{_at(date(now, 1, 1), years):.1f} 0V{height}"/>'
    if start is not None and finish is not None:
        a, b = _at(start, years), _at(finish, years)
        box = f'x="{a:.1f}" y="{height / 2 - 5:.1f}" width="{max(b - a, 4):.1f}" height="10" rx="3"'
        shape = f'<rect class="{escape(status)}" {box}/>'
    else:
        shape = f'<circle class="{escape(status)}" cx="{_at(known, years):.1f}" cy="{height / 2:.1f}" r="5"/>'
    return _svg("span", _SPAN, label, f"{ticks}{today}{shape}")


def scale(years: tuple[int, int], label: str) -> Markup:
    """Write the years above the bars of `span`."""
    inside = [(x, year) for x, year in _ticks(years) if 14 < x < _SPAN[0] - 14]
    texts = "".join(f'<text x="{x:.1f}" y="11" text-anchor="middle">{year}</text>' for x, year in inside)
    return _svg("scale", (_SPAN[0], 14), label, texts)


def dwell_bar(model: float, low: float, high: float, latest: float, label: str, longest: float) -> Markup:
    """Draw a published range as a thin bar, the latest value as a dot and the model's hours as an upright mark.

    Parameters
    ----------
    model, low, high, latest
        Hours.
    label
        What a reader who cannot see it is told.
    longest
        Hours at which the scale ends.
    """
    height = _DWELL[1]
    ticks = "".join(f'<path class="year" d="M{x:.1f} 0V{height}"/>' for x, _ in _hour_ticks(longest))
    a, b = _hour(low, longest), _hour(high, longest)
    bar = f'<rect class="range" x="{a:.1f}" y="{height / 2 - 2:.1f}" width="{b - a:.1f}" height="4" rx="2"/>'
    dot = f'<circle class="latest" cx="{_hour(latest, longest):.1f}" cy="{height / 2:.1f}" r="5"/>'
    mark = f'<path class="model" d="M{_hour(model, longest):.1f} 2V{height - 2}"/>'
    return _svg("dwell", _DWELL, label, f"{ticks}{bar}{dot}{mark}")


def hour_scale(longest: float, label: str, unit: str) -> Markup:
    """Write the hours above the bars of `dwell_bar`."""
    inside = [(x, hours) for x, hours in _hour_ticks(longest) if x < _DWELL[0] - 8]
    texts = "".join(
        f'<text x="{max(x, 8):.1f}" y="11" text-anchor="middle">{hours or escape(f"0 {unit}")}</text>'
        for x, hours in inside
    )
    return _svg("scale", (_DWELL[0], 14), label, texts)


def load_bar(share: float, meaning: str, label: str) -> Markup:
    """Draw a load as a bar, cut at twice the capacity, with an upright mark at full capacity.

    Parameters
    ----------
    share
        Load as a share of capacity.
    meaning
        Class of the load, for the colour.
    label
        What a reader who cannot see it is told.
    """
    width, height = _LOAD
    full = (width - 4) / _HEAVIEST
    come = max(1.0, min(share, _HEAVIEST) * full)
    box = f'y="{height / 2 - 5:.1f}" height="10" rx="2"'
    way = f'<rect class="way" x="2" {box} width="{2 * full:.1f}"/>'
    mark = f"M{2 + full:.1f} 1V{height - 1}"
    bar = f'<rect class="{escape(meaning)}" x="2" {box} width="{come:.1f}"/>'
    return _svg("load", _LOAD, label, f'{way}{bar}<path class="halo" d="{mark}"/><path class="flag" d="{mark}"/>')


def share_bar(share: float, label: str, most: float = 1.0) -> Markup:
    """Draw a share as a bar whose full length is ``most``."""
    width, height = _SHARE
    come = max(0.0, min(share / (most or 1.0), 1.0)) * (width - 2)
    bar = f'<rect class="part" x="1" y="{height / 2 - 4:.1f}" height="8" rx="2" width="{come:.1f}"/>'
    return _svg("share", _SHARE, label, bar)


def range_bar(value: float, low: float, high: float, label: str, *, ends: tuple[float, float]) -> Markup:
    """Draw a range as a thin bar and the value as a dot, on a scale between two ends that all rows share."""
    width, height = _SHARE

    def at(number: float) -> float:
        return 6 + (number - ends[0]) / ((ends[1] - ends[0]) or 1.0) * (width - 12)

    box = f'y="{height / 2 - 2:.1f}" height="4" rx="2"'
    zero = f'<path class="year" d="M{at(0.0):.1f} 0V{height}"/>' if ends[0] <= 0 <= ends[1] else ""
    bar = f'<rect class="span" x="{at(low):.1f}" {box} width="{max(at(high) - at(low), 1):.1f}"/>'
    dot = f'<circle class="part" cx="{at(value):.1f}" cy="{height / 2:.1f}" r="4.5"/>'
    return _svg("range-bar", _SHARE, label, f"{zero}{bar}{dot}")


def forecast_strip(observed: float, forecasts: Sequence[tuple[str, float]], label: str, most: float) -> Markup:
    """Draw forecasts as dots on a scale from nought, and what came as an upright mark.

    Parameters
    ----------
    observed
        What came.
    forecasts
        Kind (for the colour) and value.
    label
        What a reader who cannot see it is told.
    most
        Value at which the scale ends.
    """
    width, height = _STRIP

    def at(value: float) -> float:
        return 7 + max(0.0, min(value / (most or 1.0), 1.0)) * (width - 14)

    base = f'<path class="year" d="M7 {height / 2:.1f}H{width - 7}"/>'
    mark = f'<path class="flag" d="M{at(observed):.1f} 2V{height - 2}"/>'
    dots = "".join(
        f'<circle class="{escape(kind)}" cx="{at(value):.1f}" cy="{height / 2:.1f}" r="5"/>'
        for kind, value in forecasts
    )
    return _svg("strip", _STRIP, label, f"{base}{mark}{dots}")


def _hour(hours: float, longest: float) -> float:
    """Place of hours on a scale, in pixels."""
    return 6 + min(hours / (longest or 1.0), 1.0) * (_DWELL[0] - 14)


def _hour_ticks(longest: float) -> list[tuple[float, int]]:
    """Place and hours of four to eight round steps."""
    step = next((step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500) if longest / step <= 8), 1000)
    return [(_hour(hours, longest), hours) for hours in range(0, int(longest) + 1, step)]


def _at(day: date, years: tuple[int, int]) -> float:
    """Place of a day on a scale of years, in pixels."""
    share = (day.year + (day.month - 1) / 12 - years[0]) / (years[1] - years[0])
    return 3 + min(max(share, 0.0), 1.0) * (_SPAN[0] - 6)


def _ticks(years: tuple[int, int]) -> list[tuple[float, int]]:
    """Place and year of every fifth year."""
    return [(_at(date(year, 1, 1), years), year) for year in range(-(-years[0] // 5) * 5, years[1] + 1, 5)]


def _svg(name: str, size: tuple[int, int], label: str, content: str) -> Markup:
    box = f'viewBox="0 0 {size[0]} {size[1]}" width="{size[0]}" height="{size[1]}"'
    text = f'<svg class="{name}" {box} role="img" aria-label="{escape(label)}">{content}</svg>'
    return Markup(text)  # noqa: S704 - made here of numbers and escaped texts
