"""What can go wrong, as one tree of exceptions.

JibekError
├── CorridorError          a corridor has faults: it carries all of them as a table
├── ScenarioError          a scenario names what does not exist or contradicts itself
├── AssignmentError        a traffic network or its trips have faults: it carries all of them as a table
├── BalanceError           a system to be balanced has faults, or its cost can fall without end
│   └── ConflictError      nothing satisfies all its bounds: which of them conflict
├── OperationsError        a model of operations has faults: it carries all of them as a table
├── TradeError             a matrix of trade or a change of its costs has faults, or no equilibrium
├── RouteError             a question about routes that has no answer, with the reason
└── RunError               a run folder cannot be read, written or compared

A message is written for the person at the keyboard: what was found, what was expected, how to
mend it. The command line prints it and ends with exit code 1; a traceback is a defect of Jibek.
"""

from __future__ import annotations

import re
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "AssignmentError",
    "BalanceError",
    "ConflictError",
    "CorridorError",
    "Fault",
    "JibekError",
    "OperationsError",
    "RouteError",
    "RunError",
    "ScenarioError",
    "TradeError",
]


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong (``fault``) or odd (``notice``) in a corridor.

    Attributes
    ----------
    severity : {"fault", "notice"}
        A fault stops every run; a notice is implausible but possible.
    table : str
        Table or file.
    row : str
        Key of the row, with its line in the file where it is known; empty for a whole table.
    column : str
        Column; empty for a whole row.
    value : str
        What was found.
    expected : str
        What was expected instead.
    remedy : str
        How to mend it.
    """

    severity: Literal["fault", "notice"]
    table: str
    row: str
    column: str
    value: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        """Say it in one line."""
        where = ", ".join(part for part in (self.table, self.row, self.column) if part)
        return f"{where}: found {self.value!r}, expected {self.expected}. {self.remedy}"


def _by_line(fault: Fault) -> tuple[object, ...]:
    """Return file, number of the line, and the rest: line 9 stands before line 10."""
    line = re.fullmatch(r"line ([0-9]{1,9})", fault.row)
    return fault.table, int(line[1]) if line else 0, astuple(fault)


class JibekError(Exception):
    """Anything that the user's input made impossible."""


class CorridorError(JibekError):
    """A corridor has faults.

    Attributes
    ----------
    faults : tuple of Fault
        All of them, sorted.
    """

    subject: ClassVar[str] = "corridor"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=self._place))
        lines = [str(fault) for fault in self.faults]
        count = f"{len(lines)} fault" + ("s" if len(lines) != 1 else "")
        super().__init__(f"The {self.subject} has {count}:\n" + "\n".join(lines))

    @staticmethod
    def _place(fault: Fault) -> tuple[object, ...]:
        """Return what faults are sorted by."""
        return astuple(fault)


class ScenarioError(CorridorError):
    """A scenario file has faults: an unknown key or id, a value of the wrong kind, a cycle."""

    subject = "scenario"


class AssignmentError(CorridorError):
    """A traffic network or its trips have faults: a negative time, a trip to an unknown zone, a number that is none."""

    subject = "traffic network"

    @staticmethod
    def _place(fault: Fault) -> tuple[object, ...]:
        """Return what faults of files are sorted by."""
        return _by_line(fault)


class BalanceError(CorridorError):
    """A system of supplies, needs, processes and stores has faults, or its cost can fall without end."""

    subject = "system"


class ConflictError(BalanceError):
    """Nothing satisfies all bounds of a system: which of them conflict, and by how much."""


class TradeError(CorridorError):
    """A matrix of trade has faults: a negative flow, a country without sales at home; or it has no equilibrium."""

    subject = "trade"

    @staticmethod
    def _place(fault: Fault) -> tuple[object, ...]:
        """Return what faults of files are sorted by."""
        return _by_line(fault)


class OperationsError(CorridorError):
    """A model of operations has faults: a service without a vehicle, a station without a server, a path unserved."""

    subject = "model of operations"


class RouteError(JibekError):
    """There is no route, or the question names an unknown place, mode or commodity."""


class RunError(JibekError):
    """A run folder cannot be read, written or compared."""
