"""From the names inside a problem to the rows of a corridor, and what people call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.corridor import Corridor

__all__ = ["named", "names_of", "row_of"]

_TABLES = ("supplies", "needs", "links", "terminals", "processes", "stores")
_BESIDE = ("surplus", "access", "egress")  # what a place does besides: its id comes next


def names_of(world: Corridor) -> dict[str, str]:
    """Give what people call places, resources, processes and what stands at places, by ``table/id``."""
    place = dict(world["places"].select("id", "name").iter_rows())
    names = {
        f"{table}/{row}": name
        for table in ("places", "resources", "processes")
        for row, name in world[table].select("id", "name").iter_rows()
    }
    for table in ("supplies", "needs", "stores", "terminals"):
        names |= {f"{table}/{row}": place[at] for row, at in world[table].select("id", "place").iter_rows()}
    ends = world["links"].select("id", "from_place", "to_place").iter_rows()
    return names | {f"links/{row}": f"{place[start]} – {place[end]}" for row, start, end in ends}


def row_of(activity: str, table: str) -> tuple[str, str]:
    """Give table and row of an activity or store, ``links`` and ``aktau--alat/forward/crude``; else the given table."""
    first, _, rest = activity.partition("/")
    if first in _BESIDE:
        return "places", rest
    return (first, rest) if first in _TABLES and rest else (table, activity)


def named(names: Mapping[str, str], table: str, row: str) -> str:
    """Write a row with what people call it; what follows its id, such as a direction, stays there."""
    name = names.get(f"{table}/{row.partition('/')[0]}", "")
    return f"{row} ({name})" if name and name != row else row
