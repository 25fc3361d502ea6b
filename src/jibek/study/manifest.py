"""What made a run: versions, seed, scenario, a hash of every input table, defaults that filled blanks."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from jibek.corridor import Corridor
    from jibek.study.study import Study

__all__ = ["manifest_of"]

_LIBRARIES = ("numba", "numpy", "polars")


def manifest_of(inputs: Corridor, study: Study) -> dict[str, object]:
    """Describe a run so that anybody can tell whether another run had the same inputs.

    Parameters
    ----------
    inputs
        The corridor as read, before the scenario.
    study
        The run.

    Returns
    -------
    dict
        JSON-able; without clock or path, so that the same inputs give the same bytes.
    """
    return {
        "corridor": inputs.name,
        "year": study.corridor.year,
        "scenario": study.scenario.model_dump(mode="json") if study.scenario else None,
        "seed": study.scenario.seed if study.scenario else None,
        "versions": {"jibek": version("jibek"), "python": platform.python_version()}
        | {name: version(name) for name in _LIBRARIES},
        "inputs": {name: _digest(inputs[name]) for name in sorted(inputs.tables)},
        "defaults_used": inputs.defaults_used,
        "stages": sorted(study.seconds),
        "rows": {name: study.tables[name].height for name in sorted(study.tables)},
    }


def _digest(table: pl.DataFrame) -> str:
    """Hash a table by its values; rows are sorted by key when read, so their order in the file does not count."""
    return hashlib.sha256(table.write_json().encode()).hexdigest()
