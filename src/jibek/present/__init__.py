"""How it is shown: result tables become a report, a spreadsheet, a map file, tables on a terminal.

Data in, text out: nothing here reads a user's file. The names are imported when first used, since drawing is heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jibek.present.export import to_geojson, to_xlsx
    from jibek.present.report import ReportFacts, report_html

__all__ = ["ReportFacts", "report_html", "to_geojson", "to_xlsx"]

_HOME = {"ReportFacts": "report", "report_html": "report", "to_geojson": "export", "to_xlsx": "export"}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Import a public name."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
