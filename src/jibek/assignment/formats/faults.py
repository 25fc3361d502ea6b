"""What is wrong in the files of an assignment: gathered while they are read, told all at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jibek.errors import AssignmentError, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["BOUNDS", "LARGEST", "MOST", "Faults"]

LARGEST = 1e15
"""No time, capacity, cost or number of trips is larger: beyond, double precision loses whole vehicles."""

BOUNDS = {"capacity": {"lowest": 1e-6}, "power": {"highest": 100.0}}
"""Bounds of numbers that a formula divides by or raises to; powers of published networks go up to 20."""

MOST = 10_000_000
"""No file has more nodes, zones or links: a header that claims more would only fill the memory."""

_LISTED = 1000  # of one kind: a table of a million wrong cells is told by its first thousand and a number
_SHOWN = 60


@dataclass
class Faults:
    """Faults of one reading, at most a thousand of a kind listed and the rest counted.

    Attributes
    ----------
    found : list of Fault
        In the order in which they were found.
    """

    found: list[Fault] = field(default_factory=list)
    _of_kind: dict[tuple[str, str, str, str], int] = field(default_factory=dict)

    def add(self, file: str, line: int | None, column: str, value: object, *, expected: str, remedy: str) -> None:
        """Note one fault.

        Parameters
        ----------
        file, line, column
            Where: the path, the line (from 1; None for the whole file), the field's name.
        value
            What was found; long texts are shortened.
        expected, remedy
            What should stand there, and how to mend it.
        """
        kind = (file, column, expected, remedy)
        self._of_kind[kind] = self._of_kind.get(kind, 0) + 1
        if self._of_kind[kind] > _LISTED:
            return
        text = str(value)
        shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
        row = "" if line is None else f"line {line}"
        self.found.append(Fault("fault", file, row, column, shown, expected, remedy))

    def add_all(
        self, file: str, places: Iterable[tuple[int, object]], column: str, *, expected: str, remedy: str
    ) -> None:
        """Note the same fault at several places, each a line and a value."""
        for line, value in places:
            self.add(file, line, column, value, expected=expected, remedy=remedy)

    def stop(self) -> None:
        """End the reading if there was any fault.

        Raises
        ------
        AssignmentError
            With all faults.
        """
        if not self.found:
            return
        more = [
            Fault("fault", file, "", column, f"{count - _LISTED} more", expected, remedy)
            for (file, column, expected, remedy), count in self._of_kind.items()
            if count > _LISTED
        ]
        raise AssignmentError([*self.found, *more])
