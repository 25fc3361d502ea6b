"""What a scenario may say: a difference laid over a corridor."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads the annotations
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue  # noqa: TC002 - pydantic reads the annotations
from pydantic_core import CoreSchema  # noqa: TC002 - pydantic reads the annotations

__all__ = ["Entry", "Scenario", "laid_over"]

_FROZEN = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
_KINDS = ("id", "places", "links", "borders", "terminals", "services", "resources", "projects", "disruptions")


class Entry(BaseModel):
    """Something that is closed, opened, built or happens, with dates if it does not last all year.

    In a file it is an id (``aktau-port``), a table and an id (``links/dostyk--aktogay--rail_1520``), all borders
    between two countries (``borders: BLR-POL``) or of one (``borders: RUS``), or any of these with ``from`` and ``to``
    (first and last day).
    """

    model_config = _FROZEN

    id: str | None = Field(default=None, description="An id, or table/id.")
    places: str | None = Field(default=None, description="A place: all its links and terminals.")
    links: str | None = Field(default=None, description="A link.")
    borders: str | None = Field(default=None, description="A border, two countries (BLR-POL) or one (RUS).")
    terminals: str | None = Field(default=None, description="A terminal.")
    services: str | None = Field(default=None, description="A service.")
    resources: str | None = Field(default=None, description="A resource.")
    projects: str | None = Field(default=None, description="A project, to be built.")
    disruptions: str | None = Field(default=None, description="A disruption, to happen.")
    first_day: date | None = Field(default=None, alias="from", description="First day; blank: 1 January.")
    last_day: date | None = Field(default=None, alias="to", description="Last day; blank: 31 December.")

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:  # noqa: ANN401 - whatever a YAML file holds
        return {"id": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _names_one_thing(self) -> Self:
        if sum(getattr(self, kind) is not None for kind in _KINDS) != 1:
            raise ValueError(f"name one thing, by one of {', '.join(_KINDS)}")
        if self.first_day is not None and self.last_day is not None and self.first_day > self.last_day:
            raise ValueError("'from' must not be later than 'to'")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Tell editors that a plain id will do, too."""
        return {"anyOf": [{"type": "string", "description": "An id, or table/id."}, handler(core)]}

    @property
    def name(self) -> str:
        """What is named: an id, or ``table/id``."""
        kind = next(kind for kind in _KINDS if getattr(self, kind) is not None)
        text = str(getattr(self, kind))
        return text if kind == "id" else f"{kind}/{text}"


class Scenario(BaseModel):
    """A difference laid over a corridor.

    Attributes
    ----------
    name : str
        Name of the scenario and of its run folder.
    base : str or None
        Scenario file that this one continues; its contents are already part of this scenario once it is read.
    year : int or None
        Year to compute; None for the corridor's.
    close, open : tuple of Entry
        Elements that are shut or usable.
    build, happen : tuple of Entry
        Projects that stand (all year, unless ``from`` says since when) and disruptions that occur (on their own dates,
        unless the entry has others).
    scale, set : mapping of str to float
        Factors and values by ``table/id/column``.
    as_of : int or None
        Last year whose observations are known.
    seed : int
        Seed of everything random.
    """

    model_config = _FROZEN

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=100, description="Name of the run.")
    base: str | None = Field(default=None, description="Scenario file to continue, relative to this one.")
    year: int | None = Field(default=None, ge=1800, le=2200, description="Year to compute.")
    close: tuple[Entry, ...] = Field(default=(), description="What is shut.")
    open: tuple[Entry, ...] = Field(default=(), description="What is usable, such as a planned link.")
    build: tuple[Entry, ...] = Field(default=(), description="Projects that stand.")
    happen: tuple[Entry, ...] = Field(default=(), description="Disruptions that occur.")
    scale: dict[str, FiniteFloat] = Field(default={}, description="Factors by table/id/column.")
    set: dict[str, FiniteFloat] = Field(default={}, description="Values by table/id/column.")
    as_of: int | None = Field(default=None, ge=1800, le=2200, description="Last year whose observations are known.")
    seed: int = Field(default=0, ge=0, lt=2**63, description="Seed of everything random.")


def laid_over(upper: Scenario, lower: Scenario) -> Scenario:
    """Continue one scenario by another.

    Lists are joined; what ``upper`` opens is no longer closed by ``lower``, and the other way round. Of two factors or
    values for one cell, and of ``year``, ``as_of`` and ``seed``, that of ``upper`` holds.
    """
    opened = {entry.name for entry in upper.open}
    closed = {entry.name for entry in upper.close}
    cells = {**dict.fromkeys(upper.set), **dict.fromkeys(upper.scale)}
    merged: dict[str, object] = {
        "close": (*(entry for entry in lower.close if entry.name not in opened), *upper.close),
        "open": (*(entry for entry in lower.open if entry.name not in closed), *upper.open),
        "build": (*lower.build, *upper.build),
        "happen": (*lower.happen, *upper.happen),
        "scale": {cell: value for cell, value in lower.scale.items() if cell not in cells} | upper.scale,
        "set": {cell: value for cell, value in lower.set.items() if cell not in upper.set} | upper.set,
    }
    inherited = {name for name in ("year", "as_of", "seed") if name not in upper.model_fields_set}
    return upper.model_copy(update=merged | {name: getattr(lower, name) for name in inherited})
