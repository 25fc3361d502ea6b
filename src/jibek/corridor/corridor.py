"""A corridor as a value: its tables, typed and checked, and how a person's words find an id in them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from jibek.errors import RouteError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from jibek.errors import Fault

__all__ = ["Corridor", "find_id", "leaves", "lineages"]


@dataclass(frozen=True, kw_only=True)
class Corridor:
    """Everything that is known about a corridor.

    Attributes
    ----------
    name, title : str
        Slug and name for people.
    year : int
        Year that the tables stand for; after `apply_scenario` the scenario's year.
    base_year : int
        Year of the money.
    tables : mapping of str to polars.DataFrame
        All tables by name, sorted by key. Texts and ids are String, quantities Float64, years, months and ranks Int64,
        yes/no Boolean, dates Date, lists List[String]; null is unknown.
        A blank cell of a commodity holds its parent's value.
    defaults_used : mapping of str to mapping
        Defaults that filled blank cells: by ``table/column`` the ``default`` and the number of ``rows``.
    notices : tuple of Fault
        What was found implausible but possible when it was read.
    """

    name: str
    title: str
    year: int
    base_year: int
    tables: Mapping[str, pl.DataFrame]
    defaults_used: Mapping[str, Mapping[str, str | int]] = field(default_factory=dict)
    notices: tuple[Fault, ...] = ()

    def __getitem__(self, table: str) -> pl.DataFrame:
        """Return a table by name."""
        return self.tables[table]


def find_id(corridor: Corridor, table: str, text: str) -> str:
    """Find the row that a person means.

    Parameters
    ----------
    corridor
        Where to look.
    table
        A table with ids.
    text
        An id, a name or a UN/LOCODE, or the first words of an id; case, accents and punctuation of names do not
        matter. Only one row may fit.

    Returns
    -------
    str
        The row's id.

    Raises
    ------
    RouteError
        If no row or more than one fits; the message names the nearest ids.
    """
    frame = corridor[table]
    ids = frame["id"].to_list()
    if text in ids:
        return text
    words = _names(frame)
    wanted = _folded(text)
    found = sorted({i for word, i in words if _folded(word) == wanted})
    found = found or [i for i in ids if i.startswith(f"{text}-")]
    if len(found) == 1:
        return found[0]
    if found:
        raise RouteError(f"{text!r} fits several {table}: {', '.join(found)}. Give one of these ids.")
    by_word = {_folded(word): i for word, i in reversed(words)}
    close = [by_word[word] for word in get_close_matches(wanted, by_word, n=5, cutoff=0.5)]
    hint = f"Nearest: {', '.join(dict.fromkeys(close))}." if close else f"The ids stand in {table}.csv."
    raise RouteError(f"There is no {text!r} among the {table}. {hint}")


def lineages(commodities: pl.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return each commodity with all its parents, itself first, the most general last.

    A value for a parent holds for every child that has none of its own, so the nearest in the tuple wins.
    """
    parents = dict(zip(commodities["id"], commodities["parent"], strict=True))
    return {commodity: _lineage(commodity, parents) for commodity in parents}


def leaves(commodities: pl.DataFrame) -> list[str]:
    """Return the commodities that are nobody's parent, the only ones that carry demand; sorted."""
    return sorted(set(commodities["id"]) - set(commodities["parent"]) - {None})


def _lineage(commodity: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    line = [commodity]
    parent = parents.get(commodity)
    while parent is not None and parent not in line:
        line.append(parent)
        parent = parents.get(parent)
    return tuple(line)


def _names(frame: pl.DataFrame) -> list[tuple[str, str]]:
    """List every word by which a row may be called, with its id."""
    columns = [name for name in ("id", "name", "title", "unlocode") if name in frame.columns]
    return [(word, i) for name in columns for word, i in zip(frame[name], frame["id"], strict=True) if word]


def _folded(text: str) -> str:
    """Drop case, accents and everything but letters and digits."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[^\w]|_", "", "".join(c for c in plain if not unicodedata.combining(c)))
