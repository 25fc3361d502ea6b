"""What commands are asked about: a corridor, a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jibek.errors import RunError

if TYPE_CHECKING:
    from pathlib import Path

    from jibek.corridor import Corridor, Scenario

__all__ = ["corridor_and_scenarios", "read_folder"]


def read_folder(folder: Path | None) -> Corridor:
    """Read a corridor; the embedded one if no folder is named."""
    from jibek.corridor import read_corridor

    return read_corridor(folder)


def corridor_and_scenarios(
    folder: Path | None, scenario: Path | None
) -> tuple[Corridor, Scenario | None, tuple[Scenario, ...]]:
    """Read a corridor, the scenario that is asked for (a file, or the name of a packaged one) and the packaged ones."""
    from jibek.corridor import packaged_scenarios, read_scenario

    corridor = read_folder(folder)
    packaged = packaged_scenarios(folder, corridor)
    if scenario is None:
        return corridor, None, packaged
    named = {each.name: each for each in packaged}
    if not scenario.exists() and str(scenario) in named:
        return corridor, named[str(scenario)], packaged
    if not scenario.suffix and not scenario.exists():
        known = ", ".join(named) or "none"
        raise RunError(f"No file and no packaged scenario is called {scenario}. Packaged with this corridor: {known}.")
    return corridor, read_scenario(scenario, corridor), packaged
