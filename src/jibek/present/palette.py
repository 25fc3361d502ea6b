"""The report's colours and type: from a meaning to a hex code on light and on dark ground.

Figures are drawn in the light colours; the page swaps each for its dark twin, so a light colour stands for one
meaning only. Modes follow Okabe and Ito (2008), whose colours stay apart for colour-blind readers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COLOURS", "FONT", "PAYEES", "colour", "dark_twins"]

FONT = '-apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif'
"""Faces that every system has; none is fetched."""

COLOURS: Mapping[str, tuple[str, str]] = {
    # ground and type
    "paper": ("#FFFFFF", "#11181B"),
    "panel": ("#F5F8F8", "#182226"),
    "ink": ("#1A2529", "#E8EEEE"),
    "quiet": ("#56656A", "#A3B1B5"),
    "rule": ("#D8E0E1", "#2F3C41"),
    "accent": ("#00757D", "#5ACBC4"),
    # map
    "water_area": ("#E6F0F4", "#0C1A21"),
    "land": ("#FBF9F4", "#232D31"),
    "frontier": ("#CFC8B8", "#445257"),
    "country_name": ("#8A8473", "#8FA0A6"),
    # modes by medium
    "rail": ("#1F5FA8", "#74B3F2"),
    "road": ("#D9730D", "#F2A65A"),
    "sea": ("#009E8E", "#3FD0BF"),
    "pipeline": ("#8E4A9E", "#C995D6"),
    "water": ("#4FA3D9", "#8CCBF5"),
    "power": ("#B59A00", "#E6CF4A"),
    # waiting
    "border": ("#A3195B", "#F07FB0"),
    "terminal": ("#6E6A75", "#A9A5B2"),
    "boarding": ("#BDBAC4", "#6A6775"),
    # states
    "met": ("#0B6E4F", "#4FC79B"),
    "on_track": ("#3B8FBF", "#7CC4EA"),
    "behind": ("#D55E00", "#FF9A57"),
    "unknown": ("#9AA3A6", "#6F7B80"),
    "completed": ("#0C7A58", "#52C99D"),
    "construction": ("#2F7FB0", "#79C0E6"),
    "planned": ("#C98A00", "#EDBE57"),
    "study": ("#9AA0A8", "#737F88"),
    "stopped": ("#5E5560", "#958C98"),
    # load of a line as a share of its capacity
    "load_free": ("#4A90BE", "#6DB4E2"),
    "load_busy": ("#B28404", "#E0B544"),
    "load_full": ("#E0651A", "#F78C45"),
    "load_over": ("#B8182F", "#F0566C"),
    "load_far": ("#5C0A3A", "#F255C6"),
    "load_unknown": ("#88949A", "#7C8A90"),
    "sea_flow": ("#9FB6BF", "#4C646E"),
    # counts and forecasts
    "fit": ("#5D7F98", "#8FB4CF"),
    "check": ("#C03F0C", "#FF9B6B"),
    "forecast": ("#35786B", "#63C2AE"),
    "naive": ("#A7A39A", "#7F7C76"),
    # what a scenario changes
    "less": ("#2468B4", "#6FAEF5"),
    "more": ("#C22736", "#FF7A80"),
    # grades of evidence
    "observed": ("#0A4F5C", "#7FD6E0"),
    "official": ("#2E8B9A", "#4BA3B1"),
    "derived": ("#9CC9CF", "#2F6F7A"),
    "estimate": ("#E0A22F", "#F0BE5E"),
}
"""Meaning to (light, dark)."""

PAYEES: tuple[tuple[str, str], ...] = (
    ("#33508A", "#8FAAE6"),
    ("#C65A2E", "#F2976E"),
    ("#2C8C7A", "#5CCDB8"),
    ("#8A3F7B", "#D58DC6"),
    ("#A08A1C", "#DCC658"),
    ("#5B9BD0", "#A5D2F7"),
    ("#7A5B44", "#C7A389"),
    ("#D98CA6", "#F5B9CB"),
    ("#4B7A2E", "#97CC75"),
    ("#6B5FB5", "#B3A9F0"),
    ("#E0B23E", "#F3D583"),
    ("#3E8894", "#82C8D3"),
    ("#C26B8F", "#E79DBB"),
    ("#8C9A4A", "#C6D388"),
    ("#AEB4B8", "#666F75"),
)
"""Colours of payees (light, dark), the dearest first; the last one holds all others."""


def colour(meaning: str) -> str:
    """Light colour of a meaning."""
    return COLOURS[meaning][0]


def dark_twins() -> dict[str, str]:
    """Dark colour for each light one."""
    return dict(COLOURS.values()) | dict(PAYEES)
