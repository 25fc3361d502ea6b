"""The JSON of a command described key by key, and proved against what the command really prints."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

__all__ = ["described"]

FOLDER = Path(__file__).parents[1] / "runs" / "docs" / "json"
_TYPES = {str: "text", bool: "yes/no", int: "whole number", float: "number", type(None): "null"}


def described(arguments: str, meanings: dict[str, str]) -> str:
    """Run a command with ``--json`` and describe its keys as a Markdown table.

    Parameters
    ----------
    arguments
        Of ``jibek``, without ``--json``.
    meanings
        What each key means, by its path: ``legs[].mode`` is a key of the items of ``legs``, ``usd_by_payee{}`` stands
        for keys that are names.

    Raises
    ------
    ValueError
        If the real keys are others.
    """
    done = subprocess.run(  # noqa: S603
        ["jibek", *arguments.split(), "--json"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
        cwd=FOLDER,
    )
    found: dict[str, set[str]] = {}
    _collect(json.loads(done.stdout), "", meanings, found)
    if found.keys() != meanings.keys():
        raise ValueError(f"jibek {arguments} --json has other keys than documented: {found.keys() ^ meanings.keys()}")
    rows = [f"| `{path}` | {_kind(found[path])} | {meanings[path]} |" for path in meanings]
    return "\n".join(["| key | type | meaning |", "|---|---|---|", *rows])


def _collect(value: object, path: str, meanings: dict[str, str], found: dict[str, set[str]]) -> None:
    """Gather the paths of all keys with the types of their values."""
    if isinstance(value, list):
        for item in value:
            _collect(item, f"{path}[]" if path else "", meanings, found)
        if path:
            found.setdefault(path, set()).add("list")
    elif isinstance(value, dict):
        if path and not path.endswith("[]"):
            found.setdefault(path, set()).add("object")
        for key, item in value.items():
            inner = f"{path}{{}}" if f"{path}{{}}" in meanings else f"{path}.{key}" if path else key
            _collect(item, inner, meanings, found)
    elif not path.endswith("[]"):
        found.setdefault(path, set()).add(_TYPES[type(value)])


def _kind(types: set[str]) -> str:
    """Name the types of a key's values, null last."""
    if {"number", "whole number"} <= types:
        types = types - {"whole number"}
    return " or ".join(sorted(types, key=lambda name: (name == "null", name)))
