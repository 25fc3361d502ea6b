"""From the tables of a corridor in a scenario to a problem of one year: what is supplied, made, kept, carried, needed.

Quantities are in the units of design and tables: million m3 of gas and water, GWh of power, else the commodity's own
unit; prices and resources are in the commodity's unit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from jibek.balances.carriage import add_carriage
from jibek.balances.collection import Collection
from jibek.balances.keeping import add_stores
from jibek.balances.limits import add_limits
from jibek.balances.making import add_processes
from jibek.balances.periods import calendar_of, profiles_of
from jibek.balances.rows import names_of
from jibek.corridor import leaves, lineages
from jibek.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from jibek.balances.periods import Calendar
    from jibek.balances.problem import Problem
    from jibek.corridor import Corridor

    Floats = NDArray[np.float64]

__all__ = ["System", "described_year", "system_of"]

UNITS_PER_QUANTITY = {"m3": 1e6, "MWh": 1e3}
"""How many of a commodity's units a quantity counts as one, as table ``commodities`` says; 1 where it is not named."""


@dataclass(frozen=True)
class System:
    """A problem, and what of the tables is not in it.

    Attributes
    ----------
    problem : Problem
        Of one year, in one period or twelve.
    scale : mapping of str to float
        Units of each commodity in a quantity of 1: a quantity of water is a million m3, its prices are of one m3.
    left_out : tuple of Fault
        Notices: rows that bear on these commodities and could not be used, each with the reason.
    """

    problem: Problem
    scale: Mapping[str, float]
    left_out: tuple[Fault, ...]


@dataclass
class Reading:
    """What is being read.

    Attributes
    ----------
    world : Corridor
        The corridor in the scenario.
    commodities : tuple of str
        Which are balanced.
    year : int
        Whose supplies and needs.
    freight : bool
        Whether goods that flows decide are carried.
    taken : mapping of str to float
        Units of the mean day that others use of limits.
    calendar : Calendar
        Periods.
    profiles : mapping of str to (str, array)
        Kind and monthly values.
    lineage : mapping of str to tuple of str
        Each commodity with its parents.
    scale : mapping of str to float
        Units in a quantity of 1, by commodity.
    gathered : Collection
        What has been read.
    left_out : list of Fault
        What could not.
    """

    world: Corridor
    commodities: tuple[str, ...]
    year: int
    freight: bool
    taken: Mapping[str, float]
    calendar: Calendar
    profiles: Mapping[str, tuple[str, Floats]]
    lineage: Mapping[str, tuple[str, ...]]
    scale: Mapping[str, float]
    gathered: Collection
    left_out: list[Fault] = field(default_factory=list)

    def leave_out(self, table: str, row: str, column: str, value: object, expected: str) -> None:
        """Note what cannot be used."""
        remedy = "It has no effect on the balance."
        self.left_out.append(Fault("notice", table, row, column, _shown(value), expected, remedy))

    def refuse(self, table: str, row: str, column: str, value: object, expected: str) -> None:
        """Note what makes the tables no system."""
        remedy = "Correct the cell, or what a change of the scenario makes of it."
        self.gathered.faults.append(Fault("fault", table, row, column, _shown(value), expected, remedy))

    def means(self, named: str | None) -> list[str]:
        """List the commodities that a cell means: it names one, a parent, or none for all."""
        return [each for each in self.commodities if named is None or named in self.lineage[each]]


def _shown(value: object) -> str:
    """Write a value as a person would."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def described_year(world: Corridor, commodities: Sequence[str]) -> int:
    """Find the year whose supplies and needs stand for the world's: of those up to it, the latest most fully told.

    A year of which only some rows are known would be a system with holes; the year that tells most accounts is none.

    Parameters
    ----------
    world
        The corridor in its scenario.
    commodities
        Ids; a parent means all its children.
    """
    lineage = lineages(world["commodities"])
    meant = [each for each in leaves(world["commodities"]) if set(lineage[each]) & set(commodities)]
    rows = pl.concat(world[name].select("place", "commodity", "year") for name in ("supplies", "needs"))
    told = rows.filter(pl.col("commodity").is_in(meant) & (pl.col("year") <= world.year)).unique()
    years = told.group_by("year").len().sort("len", "year", descending=True)["year"]
    return int(years[0]) if len(years) else world.year


def system_of(
    world: Corridor,
    commodities: Sequence[str],
    *,
    step: Literal["year", "month"],
    cyclic: bool,
    year: int | None = None,
    freight: bool = False,
    taken: Mapping[str, float] | None = None,
) -> System:
    """Read the tables of a corridor as a problem.

    Parameters
    ----------
    world
        The corridor in its scenario, as `jibek.corridor.apply_scenario` returns it.
    commodities
        Ids of commodities; a parent means all its children.
    step
        One period, or one a month.
    cyclic
        Whether what is under way at the end arrives at the beginning, as in a typical year. Operators without foresight
        cannot know it.
    year
        Whose supplies and needs are balanced on the world's network; the world's own when None.
    freight
        Whether goods that flows decide are carried, too; otherwise they are made and used where they stand.
    taken
        What others use of limits, by name: units of the resource in the mean day, on top of its background. Never more
        than leaves the least.

    Raises
    ------
    BalanceError
        If the tables make no problem, with all faults.
    """
    lineage = lineages(world["commodities"])
    chosen = tuple(each for each in leaves(world["commodities"]) if set(lineage[each]) & set(commodities))
    unit = dict(world["commodities"].select("id", "unit").iter_rows())
    year = world.year if year is None else year
    calendar = calendar_of(year, step)
    reading = Reading(
        world=world,
        commodities=chosen,
        year=year,
        freight=freight,
        taken=taken or {},
        calendar=calendar,
        profiles=profiles_of(world["profiles"]),
        lineage=lineage,
        scale={each: UNITS_PER_QUANTITY.get(unit[each], 1.0) for each in chosen},
        gathered=Collection(calendar.periods, names_of(world)),
    )
    for unknown in sorted({*commodities} - lineage.keys()):
        reading.refuse("commodities", unknown, "id", unknown, "a commodity of the corridor")
    for row in world["supplies"].iter_rows(named=True):
        _add_supply(reading, row)
    for row in world["needs"].iter_rows(named=True):
        _add_need(reading, row)
    add_stores(reading)
    members = add_processes(reading)
    members |= add_carriage(reading)
    add_limits(reading, members)
    return System(reading.gathered.problem(cyclic=cyclic), reading.scale, tuple(sorted(reading.left_out)))


def _add_supply(reading: Reading, row: Mapping[str, Any]) -> None:
    """Add what may come from outside in the year."""
    if row["commodity"] not in reading.commodities or row["year"] != reading.year:
        return
    if row["usd_short"] is not None:
        reading.leave_out(
            "supplies", row["id"], "usd_short", row["usd_short"], "blank: what is not supplied costs nothing"
        )
    least, most = _spread(reading, "supplies", row)
    reading.gathered.add(
        f"supplies/{row['id']}",
        {(row["place"], row["commodity"]): 1.0},
        usd=(row["usd_per_unit"] or 0.0) * reading.scale[row["commodity"]],
        least=least,
        most=most,
    )


def _add_need(reading: Reading, row: Mapping[str, Any]) -> None:
    """Add what is wanted in the year: a unit earns its price and spares the loss of a shortage.

    Where nothing is lost it is no need but a market, which nobody has to serve.
    """
    if row["commodity"] not in reading.commodities or row["year"] != reading.year:
        return
    least, most = _spread(reading, "needs", row)
    worth = (row["usd_per_unit"] or 0.0) + (row["usd_short"] or 0.0)
    reading.gathered.add(
        f"needs/{row['id']}",
        {(row["place"], row["commodity"]): -1.0},
        usd=-worth * reading.scale[row["commodity"]],
        least=least,
        most=most,
        priority=(row["priority"] or 1) if row["usd_short"] else 0,
    )


def _spread(reading: Reading, table: str, row: Mapping[str, Any]) -> tuple[Floats, Floats]:
    """Spread minimum and quantity over the periods by the row's month or profile."""
    least, most = row["minimum"] or 0.0, row["quantity"]
    if least > most:
        reading.refuse(table, row["id"], "minimum", least, f"at most the quantity, {most:.6g}")
    _, shares = reading.profiles.get(row["profile"], ("share", None))
    return reading.calendar.spread(least, row["month"], shares), reading.calendar.spread(most, row["month"], shares)
