"""Small drawings in tables."""

from __future__ import annotations

import re
from datetime import date

from jibek.present.marks import progress, scale, span, sparkline

YEARS = (2010, 2030)


def test_one_value_draws_nothing() -> None:
    assert sparkline([(2020, 1.0)], "one") == ""


def test_a_line_rises_with_its_values() -> None:
    drawn = sparkline([(2020, 1.0), (2021, 3.0)], "two", target=4.0)
    points = [tuple(map(float, pair.split(","))) for pair in re.search('points="([^"]+)"', drawn).group(1).split()]
    assert points[0][0] < points[1][0]
    assert points[0][1] > points[1][1]  # pixels count downwards


def test_equal_values_are_drawn() -> None:
    assert "polyline" in sparkline([(2020, 2.0), (2021, 2.0)], "flat")


def test_progress_is_cut_at_both_ends() -> None:
    widths = [
        float(w)
        for share in (-1.0, 0.5, 9.0)
        for w in re.findall('width="([0-9.]+)"/>', progress(share, 0.5, "met", "x"))[1:2]
    ]
    assert widths[0] == 0
    assert widths[0] < widths[1] < widths[2] <= 150


def test_span_draws_what_is_known() -> None:
    start, finish = date(2015, 1, 1), date(2020, 1, 1)
    assert "<rect" in span(start, finish, "planned", "x", years=YEARS, now=2025)
    assert "<circle" in span(None, finish, "planned", "x", years=YEARS, now=2025)
    assert span(None, None, "planned", "x", years=YEARS, now=2025) == ""


def test_scale_names_every_fifth_year() -> None:
    assert re.findall(">(\\d{4})<", scale(YEARS, "years")) == ["2015", "2020", "2025"]


def test_labels_are_escaped() -> None:
    assert "&lt;b&gt;" in sparkline([(2020, 1.0), (2021, 2.0)], "<b>")
