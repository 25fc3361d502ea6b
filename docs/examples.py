"""Examples of scenarios that are read, checked and applied while the documentation is built."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import polars as pl

import jibek
from jibek.corridor import TABLES, schema_of

__all__ = ["packaged", "scenario_example"]

FOLDER = Path(__file__).parents[1] / "runs" / "docs" / "write-a-scenario"
_NAMED = 2  # so many changed cells are named; of more only one


@cache
def _corridor() -> jibek.Corridor:
    return jibek.read_corridor()


def scenario_example(text: str) -> str:
    """Read, check and apply a scenario; give it and what it changes as Markdown."""
    text = text.strip() + "\n"
    path = FOLDER / f"{re.search(r'name: (.*)', text)[1]}.yaml"
    path.write_text(text, encoding="utf-8")
    scenario = jibek.read_scenario(path, _corridor())
    before = jibek.apply_scenario(_corridor(), jibek.Scenario(name="before", year=scenario.year))
    after = jibek.apply_scenario(_corridor(), scenario)
    changes = [f"- {line}" for table in TABLES for line in _differences(table, before[table], after[table])]
    told = [f"Changes in {after.year}:", "", *changes] if changes else []
    return "\n".join([f'```yaml title="{path.name}"', f"{text}```", "", *told])


def packaged() -> str:
    """List the scenarios that come with the corridor, with the sentence at the head of each file."""
    folder = Path(jibek.__file__).parent / "datasets" / "central_asia" / "scenarios"
    rows = [
        f"| `{path.stem}` | {path.read_text(encoding='utf-8').split('#')[1].splitlines()[0].strip()} |"
        for path in sorted(folder.glob("*.yaml"))
    ]
    return "\n".join(["| name | what it asks |", "|---|---|", *rows])


def _differences(table: str, before: pl.DataFrame, after: pl.DataFrame) -> list[str]:
    """Say in which cells two states of a table differ."""
    if before.height != after.height:
        return [f"`{table}`: {after.height:,} of {before.height:,} rows are known"]
    keys = list(schema_of(table).key)
    numbers = [name for name, kind in before.schema.items() if kind == pl.Float64]
    lines = []
    for column in numbers:
        pair = (
            before.select(*keys, was=column)
            .with_columns(now=after[column])
            .filter(~pl.col("was").eq_missing(pl.col("now")))
        )
        named = [
            f"`{table}/{'/'.join(map(str, keys))}/{column}`: {was:g} → {now:.3g}"
            for *keys, was, now in pair.head(_NAMED if pair.height <= _NAMED else 1).iter_rows()
        ]
        if pair.height > _NAMED:
            named = [f"`{table}`, {column} of {pair.height} rows, for example {named[0]}"]
        lines += named
    return lines
