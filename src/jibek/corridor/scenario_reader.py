"""From a YAML file, and the files it continues, to a scenario checked against a corridor."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

import yaml
from pydantic import ValidationError

from jibek.corridor.application import apply_scenario
from jibek.corridor.reader import embedded_corridors
from jibek.corridor.scenario import Entry, Scenario, laid_over
from jibek.errors import Fault, ScenarioError

if TYPE_CHECKING:
    from pathlib import Path

    from jibek.corridor.corridor import Corridor

__all__ = ["packaged_scenarios", "read_scenario"]

_SHOWN = 80
_KINDS = {type(None): "nothing", list: "a list"}
_EXPECTED = {"string_pattern_mismatch": "letters, digits and . _ -, a letter or digit first"}


def read_scenario(path: Path, corridor: Corridor) -> Scenario:
    """Read a scenario and the scenarios it continues.

    Parameters
    ----------
    path
        YAML file.
    corridor
        Corridor whose ids the scenario names.

    Returns
    -------
    Scenario
        With the contents of its ``base`` laid under it.

    Raises
    ------
    ScenarioError
        If a file cannot be read, a key or id is unknown, a value is of the wrong kind, the bases form a circle, or the
        scenario cannot be applied to the corridor.
    """
    chain = _chain(path)
    scenario = chain[-1]
    for upper in reversed(chain[:-1]):
        scenario = laid_over(upper, scenario)
    apply_scenario(corridor, scenario)  # a scenario that cannot be applied is better refused here
    return scenario


def packaged_scenarios(
    folder: Path | None, corridor: Corridor, *, within: Literal["scenarios", "what_ifs"] = "scenarios"
) -> tuple[Scenario, ...]:
    """Read the scenarios that come with a corridor: the YAML files in its folder ``scenarios``, by name.

    Parameters
    ----------
    folder
        The corridor's folder; None for the embedded one.
    corridor
        The corridor.
    within
        Folder: ``what_ifs`` holds those over which no routes are searched, since they are only simulated on the routes
        of others.

    Raises
    ------
    ScenarioError
        As `read_scenario`.
    """
    home = folder if folder is not None else embedded_corridors()["central_asia"]
    return tuple(read_scenario(path, corridor) for path in sorted((home / within).glob("*.yaml")))


def _chain(path: Path) -> list[Scenario]:
    """Read a file and its bases, uppermost first."""
    chain: list[Scenario] = []
    seen: list[Path] = []
    while True:
        scenario = _read_file(path)
        chain.append(scenario)
        seen.append(path.resolve())
        if scenario.base is None:
            return chain
        below = path.parent / scenario.base
        if not below.is_file():
            expected, remedy = "a scenario file", "Write its path as seen from the file that names it."
            raise ScenarioError([_fault(path.name, "base", scenario.base, expected, remedy)])
        if below.resolve() in seen:
            circle = " -> ".join([*(step.name for step in seen), below.name])
            remedy = "Let one of the scenarios stand without a base."
            raise ScenarioError([_fault(path.name, "base", circle, "a scenario that does not lead back", remedy)])
        path = below


def _read_file(path: Path) -> Scenario:
    """Read one file without its base."""
    try:
        content = yaml.load(path.read_text("utf-8-sig"), _StrictLoader)  # noqa: S506 - a safe loader
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        remedy = "Check the path, and save the file as UTF-8."
        raise ScenarioError([_fault(path.name, "", reason, f"a readable file {path}", remedy)]) from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        row = f"line {mark.line + 1}" if mark else ""
        problem = str(getattr(error, "problem", None) or error).splitlines()[0]
        remedy = "Check indentation, colons and quotes."
        raise ScenarioError([Fault("fault", path.name, row, "", problem[:_SHOWN], "YAML", remedy)]) from error
    if not isinstance(content, dict):
        kind = _KINDS.get(type(content), "a single value")
        remedy = "Write `name: ...` and what differs."
        raise ScenarioError([_fault(path.name, "", kind, "a mapping of keys to values", remedy)])
    try:
        return Scenario.model_validate(content)
    except ValidationError as error:
        raise ScenarioError(_faults_of(path.name, error)) from error


class _StrictLoader(yaml.SafeLoader):
    """Safe loader that refuses a key given twice, of which YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        """Build a mapping whose keys are all different."""
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} given twice", key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _faults_of(file: str, error: ValidationError) -> list[Fault]:
    """Turn pydantic's findings into faults."""
    faults = []
    for found in error.errors(include_url=False):
        where = "/".join(str(step) for step in found["loc"])
        value = str(found["input"])[:_SHOWN]
        if found["type"] == "extra_forbidden":
            faults.append(_unknown_key(file, where, str(found["loc"][-1]), entry=len(found["loc"]) > 1))
        elif found["type"] == "missing":
            faults.append(_fault(file, where, "nothing", "a value", f"Add the key {where}."))
        else:
            expected = _EXPECTED.get(found["type"], found["msg"].removeprefix("Input should be "))
            faults.append(_fault(file, where, value, expected, "Correct the value."))
    return faults


def _unknown_key(file: str, where: str, key: str, *, entry: bool) -> Fault:
    model = Entry if entry else Scenario
    keys = [field.alias or name for name, field in model.model_fields.items()]
    close = get_close_matches(key, keys, n=1, cutoff=0.5)
    remedy = f"Did you mean {close[0]!r}?" if close else "Remove the key."
    return _fault(file, where, key, "one of " + ", ".join(keys), remedy)


def _fault(file: str, column: str, value: str, expected: str, remedy: str) -> Fault:
    return Fault("fault", file, "", column, value, expected, remedy)
