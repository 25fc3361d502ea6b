"""From a corridor as its tables give it to the corridor as it stands in one year of a scenario."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from jibek.corridor.changes import Change, in_order, mean_over_year
from jibek.corridor.resolution import elements_of_place, scenario_changes
from jibek.corridor.schema import TABLES, schema_of
from jibek.corridor.tables import key_text
from jibek.corridor.vocabulary import limits_of
from jibek.errors import CorridorError, Fault, ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jibek.corridor.corridor import Corridor
    from jibek.corridor.scenario import Entry, Scenario

__all__ = ["OPEN_SHARE_TABLES", "apply_scenario", "changes_in"]

OPEN_SHARE_TABLES = ("links", "borders", "terminals", "services", "resources")
"""Tables that gain the column ``open_share``."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Links take their speed from modes, so modes change first.
_ORDER = ("modes", *(table for table in TABLES if table != "modes"))


def apply_scenario(corridor: Corridor, scenario: Scenario | None = None) -> Corridor:
    """Bring a corridor to the year of a scenario.

    Changes act in the order history, completed projects, built projects, disruptions that happen, the scenario's own;
    then by first day; then set, scale, add. A cell takes its time-weighted mean over the year; an element open for a
    part of the year keeps that ``open_share``.

    Parameters
    ----------
    corridor
        Corridor as read.
    scenario
        What differs; None for the corridor's own year without any difference.

    Returns
    -------
    Corridor
        With ``year`` of the scenario, changed cells, and the column ``open_share`` (0 to 1) in links, borders,
        terminals, services and resources.

    Raises
    ------
    ScenarioError
        If the scenario names what does not exist or leads to an impossible value.
    CorridorError
        If the corridor's own changes do.
    """
    year = corridor.year if scenario is None or scenario.year is None else scenario.year
    changes = changes_in(corridor, scenario, year)
    tables = dict(corridor.tables)
    faults: list[Fault] = []
    for table in _ORDER:
        mine = [change for change in changes if change.table == table]
        if table in OPEN_SHARE_TABLES:
            tables[table] = _with_open_share(table, tables[table], mine, year)
        tables[table], found = _with_changes(table, tables, mine, year)
        faults += found
    if faults:
        raise CorridorError(faults) if scenario is None else ScenarioError(faults)
    if scenario is not None and scenario.as_of is not None:
        tables = _hidden_after(tables, scenario.as_of)
    return replace(corridor, year=year, tables=tables)


def changes_in(corridor: Corridor, scenario: Scenario | None, year: int) -> list[Change]:
    """Gather the changes of history, projects, disruptions and scenario that act in a year."""
    own: list[Change] = []
    build: dict[str, Entry] = {}
    happen: dict[str, Entry] = {}
    if scenario is not None:
        own, faults = scenario_changes(scenario, corridor)
        if faults:
            raise ScenarioError(faults)
        build = {entry.name.removeprefix("projects/"): entry for entry in scenario.build}
        happen = {entry.name.removeprefix("disruptions/"): entry for entry in scenario.happen}
    recorded = [pair for pair in _recorded(corridor, build, happen) if pair[1].acts_in(year)]
    idle = [name for name in (*build, *happen) if name not in {owner for owner, _ in recorded}]
    if scenario is not None and idle:
        raise ScenarioError([_without_effect(corridor, scenario, name, year) for name in idle])
    stored = [one for _, change in recorded for one in _expanded(corridor, change)]
    return [*stored, *(change for change in own if change.acts_in(year))]


def _recorded(
    corridor: Corridor, build: Mapping[str, Entry], happen: Mapping[str, Entry]
) -> Iterator[tuple[str | None, Change]]:
    """Turn the rows of ``changes`` that count into changes, each with its project or disruption."""
    completed = set(corridor["projects"].filter(pl.col("status") == "completed")["id"])
    months = _months_shut(corridor)
    for row in corridor["changes"].iter_rows(named=True):
        owner = row["owner"]
        if owner is None:
            yield owner, _change(row, "history")
        elif owner in build:
            yield owner, _built(_change(row, "built"), build[owner])
        elif owner in completed:
            yield owner, _change(row, "completed")
        elif owner in happen:
            change = _moved(_change(row, "disruption"), happen[owner])
            yield owner, replace(change, monthly=months.get(owner))


def _without_effect(corridor: Corridor, scenario: Scenario, name: str, year: int) -> Fault:
    """Say why a project or disruption that a scenario names would change nothing."""
    described = name in corridor["changes"]["owner"]
    remedy = "Give the entry other dates (id, from, to), or choose another year."
    missing = f"Add rows to changes with owner {name}; so far it is only described."
    return Fault(
        "fault",
        scenario.name,
        "",
        "build" if name in corridor["projects"]["id"] else "happen",
        name,
        f"changes that act in {year}",
        remedy if described else missing,
    )


def _change(row: Mapping[str, Any], owner: Literal["history", "completed", "built", "disruption"]) -> Change:
    """Turn a row of ``changes`` into a change."""
    switch = row["operation"] in {"close", "open"}
    return Change(
        owner=owner,
        table=row["table"],
        id=row["id"],
        column="open_share" if switch else row["column"],
        operation=row["operation"],
        value=float(row["operation"] == "open") if switch else row["value"],
        first_day=row["from_date"],
        last_day=row["to_date"] or date.max,
        origin=f"changes/{row['owner'] or ''}/{row['from_date']}",
    )


def _built(change: Change, entry: Entry) -> Change:
    """Let a project stand: since ``from``, or all the time; a passing change of its works keeps its dates."""
    if change.last_day != date.max:
        return change
    return replace(change, first_day=entry.first_day or date.min, last_day=entry.last_day or date.max)


def _moved(change: Change, entry: Entry) -> Change:
    """Let a disruption happen on the entry's dates, if it has any."""
    if entry.first_day is None and entry.last_day is None:
        return change
    return replace(change, first_day=entry.first_day or change.first_day, last_day=entry.last_day or date.max)


def _months_shut(corridor: Corridor) -> dict[str, tuple[float, ...]]:
    """Return the share of each month during which recurrent disruptions act."""
    rows = corridor["disruptions"].drop_nulls("profile")
    shares = {row["id"]: tuple(row[month] for month in _MONTHS) for row in corridor["profiles"].iter_rows(named=True)}
    return {i: shares[profile] for i, profile in rows.select("id", "profile").iter_rows()}


def _expanded(corridor: Corridor, change: Change) -> Iterator[Change]:
    """Spread the closing of a place over its links and terminals."""
    if change.table != "places" or change.column != "open_share":
        yield change
        return
    for table, element in elements_of_place(corridor, change.id):
        yield replace(change, table=table, id=element)


def _with_open_share(table: str, frame: pl.DataFrame, changes: list[Change], year: int) -> pl.DataFrame:
    """Add the share of the year during which each element is open."""
    start = (pl.col("status") == "operating").cast(pl.Float64()) if table == "links" else pl.lit(1.0)
    frame = frame.with_columns(start.alias("open_share"))
    cells: dict[str, list[Change]] = {}
    for change in changes:
        if change.column == "open_share":
            cells.setdefault(change.id, []).append(change)
    before = dict(frame.select("id", "open_share").iter_rows())
    after = {i: mean_over_year(before[i], in_order(acting), year) for i, acting in cells.items()}
    return _replaced(frame, frame["id"], "open_share", after)


def _with_changes(
    table: str, tables: Mapping[str, pl.DataFrame], changes: list[Change], year: int
) -> tuple[pl.DataFrame, list[Fault]]:
    """Put the yearly means into all cells of a table that change."""
    frame = tables[table]
    cells: dict[str, dict[str, list[Change]]] = {}
    for change in changes:
        if change.column != "open_share":
            cells.setdefault(change.column, {}).setdefault(change.id, []).append(change)
    keys = key_text(frame, schema_of(table)) if cells else pl.Series([], dtype=pl.String())
    faults: list[Fault] = []
    for column, rows in sorted(cells.items()):
        before = dict(zip(keys, _starting_values(table, column, tables), strict=True))
        after: dict[str, float | None] = {}
        for element, acting in rows.items():
            after[element] = mean_over_year(before[element], in_order(acting), year)
            faults += _impossible(table, column, element, after[element], acting[-1])
        frame = _replaced(frame, keys, column, after)
    return frame, faults


def _starting_values(table: str, column: str, tables: Mapping[str, pl.DataFrame]) -> pl.Series:
    """Return a column before changes; blank hours of a link are its length over the speed of its mode."""
    values = tables[table][column]
    if (table, column) != ("links", "hours"):
        return values
    speeds = dict(tables["modes"].select("id", "speed_kmh").iter_rows())
    speed = tables["links"]["mode"].replace_strict(speeds, default=None, return_dtype=pl.Float64())
    return values.fill_null(tables["links"]["length_km"] / speed)


def _replaced(frame: pl.DataFrame, keys: pl.Series, column: str, values: Mapping[str, float | None]) -> pl.DataFrame:
    """Put values into the cells of a column, by key."""
    if not values:
        return frame
    new = keys.replace_strict(values, default=None, return_dtype=pl.Float64())
    changed = keys.is_in(list(values))
    return frame.with_columns(pl.when(changed).then(new).otherwise(pl.col(column)).alias(column))


def _impossible(table: str, column: str, element: str, value: float | None, last: Change) -> list[Fault]:
    """Judge a changed value by the type of its column and by what is possible at all."""
    attribute, limits = schema_of(table)[column], limits_of(table, column)
    expected = attribute.expected
    if value is not None:
        lowest, highest = attribute.lowest, attribute.highest
        too_low = lowest is not None and (value <= lowest if attribute.kind == "positive" else value < lowest)
        too_high = highest is not None and value > highest
        if not too_low and not too_high:
            if abs(value) < limits.fault_above:
                return []
            expected = f"less than {limits.fault_above:g}: {limits.reason}"
    shown = "unknown on some days" if value is None else f"{value:g} after the changes"
    remedy = f"Correct {last.origin}" + (", or fill in the cell." if value is None else ".")
    return [Fault("fault", table, element, column, shown, expected, remedy)]


def _hidden_after(tables: Mapping[str, pl.DataFrame], as_of: int) -> dict[str, pl.DataFrame]:
    """Drop what could not be known yet: rows of later years in tables whose attributes ``as_of`` hides."""
    shown = dict(tables)
    for table, frame in tables.items():
        schema = schema_of(table)
        if "year" in schema and any(attribute.hidden_by_as_of for attribute in schema.attributes):
            shown[table] = frame.filter(pl.col("year").is_null() | (pl.col("year") <= as_of))
    return shown
