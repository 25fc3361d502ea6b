"""Jibek: open planning system for the corridor between China, Central Asia and Europe.

The public names are imported when they are first used, so that ``import jibek`` costs nothing.

>>> import jibek
>>> corridor = jibek.read_corridor()
>>> corridor.name
'central_asia'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jibek.corridor import Corridor, Scenario, apply_scenario, check_corridor, read_corridor, read_scenario
    from jibek.errors import CorridorError, Fault, JibekError, RouteError, RunError, ScenarioError
    from jibek.network import Network, arc_costs, build_network
    from jibek.routes import Route, find_routes
    from jibek.study import run_study
    from jibek.targets import assess

__version__ = "0.1.0"

_HOMES = {
    "jibek.corridor": (
        "Corridor",
        "Scenario",
        "apply_scenario",
        "check_corridor",
        "read_corridor",
        "read_scenario",
    ),
    "jibek.errors": ("CorridorError", "Fault", "JibekError", "RouteError", "RunError", "ScenarioError"),
    "jibek.network": ("Network", "arc_costs", "build_network"),
    "jibek.routes": ("Route", "find_routes"),
    "jibek.study": ("run_study",),
    "jibek.targets": ("assess",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Corridor",
    "CorridorError",
    "Fault",
    "JibekError",
    "Network",
    "Route",
    "RouteError",
    "RunError",
    "Scenario",
    "ScenarioError",
    "apply_scenario",
    "arc_costs",
    "assess",
    "build_network",
    "check_corridor",
    "find_routes",
    "read_corridor",
    "read_scenario",
    "run_study",
]


def __getattr__(name: str) -> object:
    """Import a public name from the package where it lives."""
    if name not in _HOME:
        raise AttributeError(f"module 'jibek' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted([*globals(), *__all__])
