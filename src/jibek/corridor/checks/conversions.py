"""Can every commodity be counted in the unit of the resources that it uses and the rates that it pays? A check.

A commodity is counted in a unit that is its own, or for which it or a parent of it has a row in ``conversions``.

A user of a resource with a commodity stands for the leaves below it. A user without one stands for every leaf that may
pass the element: leaves that list the mode of a link (for a terminal both modes, for a border the mode of its link),
limited by the commodity of the border or terminal itself. Stores count their own commodity. Processes use a resource in
their unit of activity, which needs no conversion, or by a commodity that goes in or out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jibek.corridor.checks.connections import carried_by
from jibek.corridor.checks.reporting import Tables, report
from jibek.corridor.corridor import leaves, lineages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

    from jibek.errors import Fault

__all__ = ["check_conversions"]


def check_conversions(tables: Tables) -> Iterator[Fault]:
    """Find commodities that cannot be counted in the unit of a resource that they use or a rate that they pay."""
    if not tables.knows("commodities", "conversions"):
        return
    countable = _Countable(tables)
    if tables.knows("resources", "services", "links", "borders", "terminals", "stores", "process_flows"):
        yield from _users(tables, countable)
    yield from _rates(tables, countable)


class _Countable:
    """Which leaves can be counted in which units."""

    def __init__(self, tables: Tables) -> None:
        self.lines = lineages(tables["commodities"])
        self.leaves = leaves(tables["commodities"])
        self._unit = dict(tables["commodities"].select("id", "unit").iter_rows())
        self._converted = set(tables["conversions"].select("commodity", "unit").iter_rows())

    def missing(self, leaf: str, unit: str) -> bool:
        """Whether the leaf has no conversion to the unit."""
        if self._unit.get(leaf) == unit:
            return False
        return not any((commodity, unit) in self._converted for commodity in self.lines[leaf])

    def below(self, commodity: str | None) -> set[str]:
        """Return the leaves that a commodity stands for; blank stands for all."""
        return {leaf for leaf in self.leaves if commodity is None or commodity in self.lines[leaf]}


def _users(tables: Tables, countable: _Countable) -> Iterator[Fault]:
    unit: dict[str, str | None] = {}
    for table in ("services", "resources"):
        unit |= dict(tables[table].select("id", "unit").iter_rows())
    passing = _passing(tables, countable)
    users = tables["resource_users"].select("resource", "table", "id", "commodity")
    lacking: dict[tuple[str, str], list[int]] = {}
    for row, (resource, table, element, commodity) in enumerate(users.iter_rows()):
        needed = unit.get(resource)
        by_activity = table == "processes" and commodity is None
        able = set() if by_activity else passing.get((table, element), set()) & countable.below(commodity)
        for leaf in sorted(able) if needed is not None else ():
            if countable.missing(leaf, str(needed)):
                lacking.setdefault((leaf, str(needed)), []).append(row)
    yield from _report_lacking(tables["resource_users"], "resource_users", "commodity", lacking)


def _passing(tables: Tables, countable: _Countable) -> Mapping[tuple[str, str], set[str]]:
    """Return the leaves that may pass each link, border and terminal, lie in each store or go through each process."""
    by_mode = {mode: set(carried) for mode, carried in carried_by(tables["commodities"]).items()}
    links = {i: by_mode.get(mode, set()) for i, mode in tables["links"].select("id", "mode").iter_rows()}
    passing = {("links", i): carried for i, carried in links.items()}
    for i, link, commodity in tables["borders"].select("id", "link", "commodity").iter_rows():
        passing["borders", i] = links.get(link, set()) & countable.below(commodity)
    terminals = tables["terminals"].select("id", "from_mode", "to_mode", "commodity")
    for i, one, other, commodity in terminals.iter_rows():
        passing["terminals", i] = by_mode.get(one, set()) & by_mode.get(other, set()) & countable.below(commodity)
    for i, commodity in tables["stores"].select("id", "commodity").iter_rows():
        passing["stores", i] = countable.below(commodity)
    for process, commodity in tables["process_flows"].select("process", "commodity").iter_rows():
        passing.setdefault(("processes", process), set()).add(commodity)
    return passing


def _rates(tables: Tables, countable: _Countable) -> Iterator[Fault]:
    """Find rates for a commodity in a unit that it cannot be counted in."""
    named = tables["rates"].drop_nulls(["commodity", "unit"])
    lacking: dict[tuple[str, str], list[int]] = {}
    for row, (commodity, unit) in enumerate(named.select("commodity", "unit").iter_rows()):
        for leaf in sorted(countable.below(commodity)):
            if countable.missing(leaf, unit):
                lacking.setdefault((leaf, unit), []).append(row)
    yield from _report_lacking(named, "rates", "unit", lacking)


def _report_lacking(
    frame: pl.DataFrame, table: str, column: str, lacking: Mapping[tuple[str, str], list[int]]
) -> list[Fault]:
    """Report each commodity and unit once, at the first row that needs them."""
    first = frame[[rows[0] for rows in lacking.values()]]
    return report(
        table,
        first,
        column,
        value=[f"{leaf} in {unit}" for leaf, unit in lacking],
        expected=[
            f"a conversion of {leaf} or a parent to {unit}" + (f" (so do {len(rows) - 1} more rows)" * (len(rows) > 1))
            for (leaf, unit), rows in lacking.items()
        ],
        remedy=[f"Add a row to conversions: how many units of {leaf} fill one {unit}." for leaf, unit in lacking],
    )
