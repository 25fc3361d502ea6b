"""How it is shown: result tables become a report, a spreadsheet, a map file, tables on a terminal.

Data in, text out: nothing here reads a user's file. The names are imported when first used, since drawing is heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jibek.present.adjustment import adjustment_json, print_adjustment
    from jibek.present.assignment import assignment_json, print_assignment
    from jibek.present.balance_json import balances_json
    from jibek.present.balance_terminal import print_balances
    from jibek.present.comparison_page import comparison_html
    from jibek.present.comparison_terminal import print_runs
    from jibek.present.export import to_geojson, to_xlsx
    from jibek.present.facts import ReportFacts, headline, report_facts
    from jibek.present.flow_json import flows_json
    from jibek.present.flow_terminal import print_flows
    from jibek.present.gmns import to_gmns
    from jibek.present.operations_data import operations_json
    from jibek.present.operations_terminal import print_operations
    from jibek.present.report import report_html
    from jibek.present.terminal import (
        print_comparison,
        print_faults,
        print_grades,
        print_routes,
        print_sources,
        print_targets,
    )
    from jibek.present.trade_data import trade_json
    from jibek.present.trade_terminal import print_trade

_HOMES = {
    "adjustment": ("adjustment_json", "print_adjustment"),
    "assignment": ("assignment_json", "print_assignment"),
    "balance_json": ("balances_json",),
    "balance_terminal": ("print_balances",),
    "comparison_page": ("comparison_html",),
    "comparison_terminal": ("print_runs",),
    "export": ("to_geojson", "to_xlsx"),
    "facts": ("ReportFacts", "headline", "report_facts"),
    "flow_json": ("flows_json",),
    "flow_terminal": ("print_flows",),
    "gmns": ("to_gmns",),
    "operations_data": ("operations_json",),
    "operations_terminal": ("print_operations",),
    "report": ("report_html",),
    "terminal": (
        "print_comparison",
        "print_faults",
        "print_grades",
        "print_routes",
        "print_sources",
        "print_targets",
    ),
    "trade_data": ("trade_json",),
    "trade_terminal": ("print_trade",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "ReportFacts",
    "adjustment_json",
    "assignment_json",
    "balances_json",
    "comparison_html",
    "flows_json",
    "headline",
    "operations_json",
    "print_adjustment",
    "print_assignment",
    "print_balances",
    "print_comparison",
    "print_faults",
    "print_flows",
    "print_grades",
    "print_operations",
    "print_routes",
    "print_runs",
    "print_sources",
    "print_targets",
    "print_trade",
    "report_facts",
    "report_html",
    "to_geojson",
    "to_gmns",
    "to_xlsx",
    "trade_json",
]


def __getattr__(name: str) -> object:
    """Import a public name."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
