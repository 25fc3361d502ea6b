"""Corridors that have a name: which of them a way past some places follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jibek.corridor import Corridor

__all__ = ["NamedWay", "named_ways", "way_of"]


@dataclass(frozen=True)
class NamedWay:
    """A named way through the network.

    Attributes
    ----------
    id, name : str
        Id of the corridor, and its name for people.
    via : tuple of frozenset of int
        A path bears the name if it passes one place of each,
    not_via : frozenset of int
        and none of these.
    """

    id: str
    name: str
    via: tuple[frozenset[int], ...]
    not_via: frozenset[int]

    def is_followed(self, passed: frozenset[int]) -> bool:
        """Tell whether a path that passes these places follows the way."""
        return all(places & passed for places in self.via) and not self.not_via & passed


def named_ways(corridor: Corridor, place_index: Mapping[str, int]) -> tuple[NamedWay, ...]:
    """List the corridors in the order in which they give their name: those that name most places first, then by id."""
    rows = sorted(corridor["corridors"].iter_rows(named=True), key=lambda row: (-len(row["via"]), row["id"]))
    return tuple(
        NamedWay(
            id=row["id"],
            name=row["name"],
            via=tuple(frozenset(place_index[place] for place in via.split("/")) for via in row["via"]),
            not_via=frozenset(place_index[place] for place in row["not_via"] or ()),
        )
        for row in rows
    )


def way_of(ways: Sequence[NamedWay], passed: frozenset[int]) -> NamedWay | None:
    """Give the first way that a path past these places follows, if any."""
    return next((way for way in ways if way.is_followed(passed)), None)
