"""Colours that can be swapped and read."""

from __future__ import annotations

import pytest

from jibek.present.palette import COLOURS, PAYEES, dark_twins

READABLE = 4.5  # contrast of text, WCAG 2.2, 1.4.3


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_a_light_colour_has_one_meaning() -> None:
    assert len(dark_twins()) == len(COLOURS) + len(PAYEES)


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("text", ["ink", "quiet", "accent"])
@pytest.mark.parametrize("ground", ["paper", "panel"])
def test_text_is_readable(theme: int, text: str, ground: str) -> None:
    assert contrast(COLOURS[text][theme], COLOURS[ground][theme]) >= READABLE


@pytest.mark.parametrize("theme", [0, 1])
def test_names_on_the_map_are_readable(theme: int) -> None:
    assert contrast(COLOURS["ink"][theme], COLOURS["land"][theme]) >= READABLE
    assert contrast(COLOURS["country_name"][theme], COLOURS["land"][theme]) >= 3


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("medium", ["rail", "road", "sea", "border"])
def test_lines_stand_out_from_land(theme: int, medium: str) -> None:
    assert contrast(COLOURS[medium][theme], COLOURS["land"][theme]) >= 3
