"""What columns a table has: the attribute files as typed values, and the data package made from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from jibek.corridor.vocabulary import package_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "TABLES",
    "UNIQUE_ID_TABLES",
    "Attribute",
    "TableSchema",
    "datapackage",
    "schema_of",
]

TABLES = (
    "places",
    "regions",
    "modes",
    "links",
    "borders",
    "terminals",
    "rates",
    "services",
    "stops",
    "corridors",
    "resources",
    "resource_users",
    "conversions",
    "commodities",
    "demand",
    "zones",
    "preferences",
    "calibrations",
    "supplies",
    "needs",
    "processes",
    "process_flows",
    "stores",
    "profiles",
    "curves",
    "trade",
    "changes",
    "projects",
    "disruptions",
    "series",
    "observations",
    "counts",
    "commitments",
    "evidence",
    "sources",
)
"""All tables of a corridor, in the order of the documentation."""

UNIQUE_ID_TABLES = (
    "places",
    "links",
    "borders",
    "terminals",
    "resources",
    "services",
    "corridors",
    "projects",
    "disruptions",
)
"""Tables whose ids are unique over all of them together, so that a scenario may name an id alone."""

_WITHOUT_SOURCE_COLUMNS = ("sources", "evidence")

_NUMBER_TYPES = ("number", "nonnegative", "positive", "share", "latitude", "longitude")
_WHOLE_NUMBER_TYPES = ("integer", "year", "month")

_RANGES: Mapping[str, tuple[float | None, float | None, str]] = {
    "number": (None, None, "a number"),
    "nonnegative": (0, None, "a number of at least 0"),
    "positive": (0, None, "a number above 0"),
    "share": (0, 1, "a share from 0 to 1"),
    "latitude": (-90, 90, "degrees from -90 to 90"),
    "longitude": (-180, 180, "degrees from -180 to 180"),
    "integer": (None, None, "a whole number"),
    "year": (1800, 2200, "a year from 1800 to 2200"),
    "month": (1, 12, "a month from 1 to 12"),
}


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """One column of a table.

    Attributes
    ----------
    name, type, unit, default, description : str
        As the attribute file gives them; ``type`` in full, for example ``list:places``.
    required : {"key", "key_or_blank", "yes", "no"}
        Part of the key (which may be blank in one case), obligatory, or optional.
    hidden_by_as_of : bool
        Whether a scenario's ``as_of`` hides later years of it.
    """

    name: str
    type: str
    unit: str
    default: str
    required: Literal["key", "key_or_blank", "yes", "no"]
    hidden_by_as_of: bool
    description: str

    @property
    def kind(self) -> str:
        """Type without its argument: ``ref``, ``choice``, ``list``, ``text``, ``share``, ..."""
        return self.type.partition(":")[0]

    @property
    def choices(self) -> tuple[str, ...]:
        """Values that a ``choice`` may take; empty for other types."""
        return tuple(self.type.partition(":")[2].split(";")) if self.kind == "choice" else ()

    @property
    def target(self) -> str | None:
        """Table that a ``ref`` or a list of ids points to."""
        last = self.type.rpartition(":")[2]
        return last if self.kind in {"ref", "list"} and last in TABLES else None

    @property
    def is_key(self) -> bool:
        """Whether the column is part of the key."""
        return self.required in {"key", "key_or_blank"}

    @property
    def may_be_blank(self) -> bool:
        """Whether a cell may stay empty once the default is filled in."""
        return self.required in {"key_or_blank", "no"}

    @property
    def is_number(self) -> bool:
        """Whether it is a measured quantity, which changes may set, scale or add to."""
        return self.kind in _NUMBER_TYPES

    @property
    def is_whole_number(self) -> bool:
        """Whether it is a whole number: a year, a month, a rank."""
        return self.kind in _WHOLE_NUMBER_TYPES

    @property
    def lowest(self) -> float | None:
        """Least value of a number (itself forbidden for ``positive``); None without one."""
        return _RANGES[self.kind][0]

    @property
    def highest(self) -> float | None:
        """Greatest value of a number; None without one."""
        return _RANGES[self.kind][1]

    @property
    def expected(self) -> str:
        """What a cell must hold, in words."""
        if self.kind in _RANGES:
            return _RANGES[self.kind][2]
        if self.choices:
            return "one of " + ", ".join(self.choices)
        return {
            "slug": "an id of lower-case letters and digits joined by - or _",
            "text": "a text",
            "date": "a date written YYYY-MM-DD",
            "boolean": "yes or no",
            "country": "an ISO 3166-1 alpha-3 country code",
            "unit": "a unit of units.csv",
            "ref": f"an id of {self.target}",
            "list": f"{self.target or self.type.rpartition(':')[2]} joined by ;",
        }[self.kind]

    @property
    def dtype(self) -> pl.DataType:
        """Type of the column in a corridor's table."""
        if self.is_number:
            return pl.Float64()
        if self.is_whole_number:
            return pl.Int64()
        others = {"boolean": pl.Boolean(), "date": pl.Date(), "list": pl.List(pl.String())}
        return others.get(self.kind, pl.String())


@dataclass(frozen=True, kw_only=True)
class TableSchema:
    """Columns of one table, in order.

    Attributes
    ----------
    table : str
        Name of the table.
    attributes : tuple of Attribute
        Its columns; source, grade and note stand last.
    """

    table: str
    attributes: tuple[Attribute, ...]

    def __getitem__(self, name: str) -> Attribute:
        """Return the column of this name."""
        return next(attribute for attribute in self.attributes if attribute.name == name)

    def __contains__(self, name: object) -> bool:
        """Whether there is a column of this name."""
        return name in self.columns

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(attribute.name for attribute in self.attributes)

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the columns that identify a row."""
        return tuple(attribute.name for attribute in self.attributes if attribute.is_key)

    @property
    def dtypes(self) -> dict[str, pl.DataType]:
        """Polars types by column."""
        return {attribute.name: attribute.dtype for attribute in self.attributes}


@cache
def schema_of(table: str) -> TableSchema:
    """Return the schema of a table from its attribute file."""
    own = _attributes(f"{table}.csv")
    common = () if table in _WITHOUT_SOURCE_COLUMNS else _attributes("every_table.csv")
    return TableSchema(table=table, attributes=(*own, *common))


def datapackage(
    *,
    name: str,
    title: str,
    year: int,
    base_year: int,
    description: str,
    licenses: Sequence[Mapping[str, str]],
    base: str | None = None,
    other_files: Sequence[str] = (),
) -> dict[str, Any]:
    """Describe a corridor as a Frictionless data package (tabular profile, specification 1).

    Parameters
    ----------
    name, title, description
        Slug, name for people, and a paragraph.
    year
        Year that a scenario without ``year`` stands for.
    base_year
        Year of the money.
    licenses
        Frictionless licences: ``name``, ``title``, ``path``.
    base
        Corridor over which this one is laid.
    other_files
        CSV files in the folder that are not tables, such as ``left_out.csv``.

    Returns
    -------
    dict
        Content of ``datapackage.json``.
    """
    head: dict[str, Any] = {"profile": "tabular-data-package", "name": name, "title": title}
    head |= {"description": description, "licenses": [dict(entry) for entry in licenses]}
    head |= {"year": year, "base_year": base_year} | ({"base": base} if base else {})
    others = [{"name": path.partition(".")[0], "path": path, "encoding": "utf-8"} for path in other_files]
    return head | {"resources": [*(_resource(schema_of(table)) for table in TABLES), *others]}


def _resource(schema: TableSchema) -> dict[str, Any]:
    """Describe one table as a Frictionless resource."""
    keys = [
        {"fields": [a.name], "reference": {"resource": "" if a.target == schema.table else a.target, "fields": ["id"]}}
        for a in schema.attributes
        if a.kind == "ref"
    ]
    description = {
        "fields": [_field(attribute) for attribute in schema.attributes],
        "primaryKey": list(schema.key),
        "missingValues": [""],
    }
    return {
        "name": schema.table,
        "path": f"{schema.table}.csv",
        "profile": "tabular-data-resource",
        "encoding": "utf-8",
        "schema": description | ({"foreignKeys": keys} if keys else {}),
    }


def _field(attribute: Attribute) -> dict[str, Any]:
    """Describe one column as a Frictionless field; a list stays a string in this specification."""
    plain = {"boolean": "boolean", "date": "date"}.get(attribute.kind, "string")
    kind = "number" if attribute.is_number else "integer" if attribute.is_whole_number else plain
    constraints: dict[str, Any] = {} if attribute.may_be_blank or attribute.default else {"required": True}
    if attribute.choices:
        constraints["enum"] = list(attribute.choices)
    if kind in {"number", "integer"}:
        bounds = {"minimum": attribute.lowest, "maximum": attribute.highest}
        constraints |= {name: bound for name, bound in bounds.items() if bound is not None}
    field: dict[str, Any] = {"name": attribute.name, "type": kind, "description": attribute.description}
    field |= {"unit": attribute.unit} if attribute.unit else {}
    field |= {"default": attribute.default} if attribute.default else {}
    field |= {"trueValues": ["yes"], "falseValues": ["no"]} if kind == "boolean" else {}
    return field | ({"constraints": constraints} if constraints else {})


def _attributes(name: str) -> tuple[Attribute, ...]:
    """Read one attribute file."""
    return tuple(
        Attribute(
            name=row["attribute"],
            type=row["type"],
            unit=row["unit"],
            default=row["default"],
            required=row["required"],  # type: ignore[arg-type]
            hidden_by_as_of=row["as_of"] == "hide",
            description=row["description"],
        )
        for row in package_rows("attributes", name)
    )
