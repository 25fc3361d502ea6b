"""The worked example as a world to be balanced, with cells changed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from jibek.balances import System, system_of
from jibek.corridor import Corridor, Scenario, apply_scenario, embedded_corridors, read_corridor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Edit = Callable[[Corridor], Corridor]

GOODS = ("water", "freight")


@cache
def corridor() -> Corridor:
    """Read the worked example."""
    return read_corridor(embedded_corridors()["example"])


def example(**differences: object) -> Corridor:
    """Give the worked example in 2025, with the differences of a scenario."""
    return apply_scenario(corridor(), Scenario(name="year", year=2025, **differences))


def read(world: Corridor, goods: Sequence[str] = GOODS) -> System:
    """Read a world as twelve months."""
    return system_of(world, goods, step="month", cyclic=True)


def cell(table: str, key: str, /, **cells: object) -> Edit:
    """Change cells of the rows whose id (or first column) is the key."""

    def edit(world: Corridor) -> Corridor:
        frame = world[table]
        this = pl.col(frame.columns[0]) == key
        assert frame.filter(this).height
        new = [
            pl.when(this).then(pl.lit(value, frame.schema[name])).otherwise(pl.col(name)).alias(name)
            for name, value in cells.items()
        ]
        return replace(world, tables={**world.tables, table: frame.with_columns(new)})

    return edit


def row(table: str, /, **cells: object) -> Edit:
    """Add a row."""

    def edit(world: Corridor) -> Corridor:
        frame = world[table]
        added = pl.DataFrame({name: [cells.get(name)] for name in frame.columns}, schema=frame.schema)
        return replace(world, tables={**world.tables, table: pl.concat([frame, added])})

    return edit


def gone(table: str, key: str) -> Edit:
    """Remove the rows whose id (or first column) is the key."""

    def edit(world: Corridor) -> Corridor:
        frame = world[table]
        return replace(world, tables={**world.tables, table: frame.filter(pl.col(frame.columns[0]) != key)})

    return edit


def edited(*edits: Edit) -> Corridor:
    """Give the example with some edits."""
    world = example()
    for edit in edits:
        world = edit(world)
    return world
