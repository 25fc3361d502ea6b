"""From a scenario's words to the changes they stand for, with every fault in them."""

from __future__ import annotations

import fnmatch
from datetime import date
from typing import TYPE_CHECKING, Literal

import polars as pl

from jibek.corridor.changes import Change
from jibek.corridor.checks.changes import CLOSABLE
from jibek.corridor.checks.connections import countries_of_links
from jibek.corridor.schema import TABLES, UNIQUE_ID_TABLES, schema_of
from jibek.corridor.tables import key_text, nearest
from jibek.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jibek.corridor.corridor import Corridor
    from jibek.corridor.scenario import Entry, Scenario

__all__ = ["elements_of_place", "scenario_changes"]


def scenario_changes(scenario: Scenario, corridor: Corridor) -> tuple[list[Change], list[Fault]]:
    """Turn a scenario into changes.

    Parameters
    ----------
    scenario
        With its base laid under it.
    corridor
        Corridor as read.

    Returns
    -------
    changes : list of Change
        What it closes, opens, scales and sets itself. Projects and disruptions bring their own changes.
    faults : list of Fault
        Unknown names and contradictions, each with the nearest valid name.
    """
    words = _Words(scenario, corridor)
    changes = [*words.switched("close"), *words.switched("open"), *words.operated("scale"), *words.operated("set")]
    words.check_projects()
    words.check_disruptions()
    return changes, words.faults


def elements_of_place(corridor: Corridor, place: str) -> Iterator[tuple[str, str]]:
    """Name what stands still when a place is closed: the links that touch it and its terminals."""
    touching = (pl.col("from_place") == place) | (pl.col("to_place") == place)
    for link in corridor["links"].filter(touching)["id"]:
        yield "links", link
    for terminal in corridor["terminals"].filter(pl.col("place") == place)["id"]:
        yield "terminals", terminal


class _Words:
    """A scenario's entries looked up in a corridor; collects faults on the way."""

    def __init__(self, scenario: Scenario, corridor: Corridor) -> None:
        self._scenario = scenario
        self._corridor = corridor
        self._year = scenario.year if scenario.year is not None else corridor.year
        self.faults: list[Fault] = []

    def switched(self, operation: Literal["close", "open"]) -> Iterator[Change]:
        """Look up what is closed or opened."""
        entries: tuple[Entry, ...] = getattr(self._scenario, operation)
        for position, entry in enumerate(entries):
            where = f"{operation}/{position}"
            self._check_dates(entry, where)
            for table, element in self._elements(entry.name, where):
                yield Change(
                    owner="scenario",
                    table=table,
                    id=element,
                    column="open_share",
                    operation=operation,
                    value=1.0 if operation == "open" else 0.0,
                    first_day=entry.first_day or date.min,
                    last_day=entry.last_day or date.max,
                    origin=where,
                )

    def operated(self, operation: Literal["scale", "set"]) -> Iterator[Change]:
        """Look up the cells that get a factor or a value."""
        cells: dict[str, float] = getattr(self._scenario, operation)
        for cell, value in cells.items():
            for table, element, column in self._cells(cell, f"{operation}/{cell}"):
                yield Change(
                    owner="scenario",
                    table=table,
                    id=element,
                    column=column,
                    operation=operation,
                    value=value,
                    origin=f"{operation}/{cell}",
                )
            if operation == "scale" and value < 0:
                self._blame(f"scale/{cell}", str(value), "a factor of at least 0", "Correct the factor.")

    def check_projects(self) -> None:
        """Check that the projects exist, that what they require stands, and that none rules another out."""
        projects = self._corridor["projects"]
        completed = set(projects.filter(pl.col("status") == "completed")["id"])
        built = self._named("build", "projects")
        rows = {row["id"]: row for row in projects.iter_rows(named=True)}
        for position, project in built:
            where = f"build/{position}"
            standing = completed | {other for _, other in built}
            for needed in rows[project]["requires"] or ():
                if needed not in standing:
                    remedy = f"Add {needed} to build."
                    self._blame(where, project, f"{needed} to stand, which {project} requires", remedy)
            for excluded in rows[project]["excludes"] or ():
                if excluded in standing:
                    self._blame(where, project, f"no {excluded}, which {project} rules out", "Build one of the two.")

    def check_disruptions(self) -> None:
        """Check that the disruptions exist."""
        self._named("happen", "disruptions")

    def _named(self, key: Literal["build", "happen"], table: str) -> list[tuple[int, str]]:
        """Look up projects or disruptions with their position in the list."""
        entries: tuple[Entry, ...] = getattr(self._scenario, key)
        known = self._corridor[table]["id"].to_list()
        found = []
        for position, entry in enumerate(entries):
            name = entry.name.removeprefix(f"{table}/")
            if name in known:
                found.append((position, name))
            else:
                self._blame(f"{key}/{position}", name, f"an id of {table}", nearest(name, known) or f"See {table}.csv.")
        return found

    def _check_dates(self, entry: Entry, where: str) -> None:
        late = entry.first_day is not None and entry.first_day > date(self._year, 12, 31)
        early = entry.last_day is not None and entry.last_day < date(self._year, 1, 1)
        if late or early:
            dates = f"{entry.first_day or ''} to {entry.last_day or ''}"
            self._blame(where, dates, f"dates in {self._year}", "Correct the dates or the year.")

    def _elements(self, name: str, where: str) -> list[tuple[str, str]]:
        """Find the elements that a name stands for."""
        table, _, rest = name.partition("/")
        if table == "borders" and rest not in self._ids("borders"):
            return self._borders_of(rest, where)
        tables = (table,) if rest and table in TABLES else CLOSABLE
        wanted = rest if rest and table in TABLES else name
        if tables[0] not in CLOSABLE:
            self._blame(where, name, "an element of " + ", ".join(CLOSABLE), f"A row of {table} cannot be closed.")
            return []
        for candidate in tables:
            if wanted in self._ids(candidate):
                is_place = candidate == "places"
                return list(elements_of_place(self._corridor, wanted)) if is_place else [(candidate, wanted)]
        known = [i for candidate in tables for i in self._ids(candidate)]
        remedy = nearest(wanted, known) or f"The ids stand in {', '.join(f'{t}.csv' for t in tables)}."
        self._blame(where, name, f"an id of {', '.join(tables)}", remedy)
        return []

    def _borders_of(self, countries: str, where: str) -> list[tuple[str, str]]:
        """Find all borders between two countries, named in either order, or all of one country."""
        links = countries_of_links(self._corridor["links"], self._corridor["places"])
        sides = {
            link: {one, other}
            for link, one, other in links.select("id", "from_country", "to_country").iter_rows()
            if one is not None and other is not None
        }
        wanted = set(countries.upper().split("-"))
        borders = self._corridor["borders"]
        found = [i for i, link in borders.select("id", "link").iter_rows() if wanted <= sides.get(link, set())]
        if not found:
            pairs = sorted({"-".join(sorted(sides[link])) for link in borders["link"] if link in sides})
            related = [known for known in pairs if not wanted.isdisjoint(known.split("-"))]
            remedy = nearest(countries, self._ids("borders")) or f"Borders stand between {', '.join(related or pairs)}."
            self._blame(where, countries, "a country or two with a border between them, or an id of borders", remedy)
        return [("borders", i) for i in found]

    def _cells(self, cell: str, where: str) -> list[tuple[str, str, str]]:
        """Find the table, row and column of ``table/id/column`` or ``id/column``; ``*`` is any part of a table's id."""
        table, _, rest = cell.partition("/")
        pattern, _, column = rest.rpartition("/")
        if "*" in pattern and table in TABLES:
            ids = fnmatch.filter(self._ids(table), pattern)
            first = ids[0] if ids else pattern
            return [] if self._changeable(table, first, column, where) is None else [(table, i, column) for i in ids]
        found = self._cell(cell, where)
        return [] if found is None else [found]

    def _cell(self, cell: str, where: str) -> tuple[str, str, str] | None:
        """Find the table, row and column of one cell."""
        head, _, column = cell.rpartition("/")
        table, _, element = head.partition("/")
        if table not in TABLES or not element:
            element = head
            holders = [name for name in UNIQUE_ID_TABLES if element in self._ids(name)]
            if not holders:
                known = [f"{i}/{column}" for name in UNIQUE_ID_TABLES for i in self._ids(name)]
                remedy = nearest(cell, known) or "Write table/id/column, for example resources/dostyk-line/capacity."
                self._blame(where, cell, "table/id/column or id/column", remedy)
                return None
            table = holders[0]
        return self._changeable(table, element, column, where)

    def _changeable(self, table: str, element: str, column: str, where: str) -> tuple[str, str, str] | None:
        """Check that a table can change and has the row and the column."""
        allowed = schema_of("changes")["table"].choices
        quantities = [attribute.name for attribute in schema_of(table).attributes if attribute.is_number]
        ids = self._ids(table)
        if table not in allowed:
            self._blame(where, table, "one of " + ", ".join(allowed), "Rows of this table do not change over time.")
        elif element not in ids:
            self._blame(where, element, f"an id of {table}", nearest(element, ids) or f"The ids stand in {table}.csv.")
        elif column not in quantities:
            remedy = nearest(column, quantities) or "Only quantities can change."
            self._blame(where, column, f"one of {', '.join(quantities)}", remedy)
        else:
            return table, element, column
        return None

    def _ids(self, table: str) -> list[str]:
        return key_text(self._corridor[table], schema_of(table)).to_list()

    def _blame(self, where: str, value: str, expected: str, remedy: str) -> None:
        self.faults.append(Fault("fault", self._scenario.name, "", where, value, expected, remedy.strip()))
