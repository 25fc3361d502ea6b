"""From a folder of CSV files to a checked corridor; the only module of this package that reads a user's files."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from jibek.corridor.checks import check_tables
from jibek.corridor.corridor import Corridor
from jibek.corridor.inheritance import inherit_from_parents
from jibek.corridor.schema import TABLES, schema_of
from jibek.corridor.tables import LAYER, LINE, DefaultUsed, Table, empty_table, nearest, parse_table
from jibek.errors import CorridorError, Fault

__all__ = ["check_corridor", "embedded_corridors", "read_corridor"]

_PACKAGE = "datapackage.json"
_HOME = Path(str(files("jibek"))) / "datasets"
_DEFAULT = _HOME / "central_asia"
_LONGEST_ENTRY = 200


def read_corridor(folder: Path | None = None) -> Corridor:
    """Read and check a corridor.

    Parameters
    ----------
    folder
        Folder with ``datapackage.json`` and one CSV file a table; None for the embedded corridor.

    Returns
    -------
    Corridor
        The corridor as its tables give it; `apply_scenario` brings it to a year.

    Raises
    ------
    CorridorError
        If there is any fault; it carries all of them.
    """
    loaded = _load(folder)
    faults = [fault for fault in loaded.faults if fault.severity == "fault"]
    if faults:
        raise CorridorError(faults)
    return replace(loaded.corridor, notices=tuple(sorted(loaded.faults)))


def check_corridor(folder: Path | None = None) -> list[Fault]:
    """Find all faults and notices of a corridor, sorted; reads anything without raising.

    Parameters
    ----------
    folder
        As in `read_corridor`.

    Returns
    -------
    list of Fault
        Faults first, then notices; empty for a clean corridor.
    """
    return sorted(_load(folder).faults)


def embedded_corridors() -> dict[str, Path]:
    """Return the folders of the corridors that come with Jibek, by name."""
    return {path.parent.name: path.parent for path in sorted(_HOME.glob(f"*/{_PACKAGE}"))}


@dataclass(frozen=True, kw_only=True)
class _Loaded:
    """A corridor, sound or not, with everything found in it."""

    corridor: Corridor
    faults: list[Fault]


@dataclass(frozen=True, kw_only=True)
class _Layer:
    """One folder: the corridor itself, or one over which it is laid."""

    folder: Path
    package: dict[str, Any]


def _load(folder: Path | None) -> _Loaded:
    """Read all layers, lay each over the next, check the result."""
    layers, faults = _layers(folder if folder is not None else _DEFAULT)
    stacked: dict[str, Table] = {}
    unreadable = any(fault.table == _PACKAGE and not fault.column for fault in faults)
    for position, layer in reversed(list(enumerate(layers))):
        contents = {table: _content(layer, table) for table in TABLES}
        if unreadable and layer is layers[-1] and not any(isinstance(content, bytes) for content in contents.values()):
            continue  # no corridor at all: one fault says so, not one for each table
        name = "" if position == 0 else str(layer.package.get("name", layer.folder.name))
        faults += _stray_files(layer) if position == 0 else []
        for table, content in contents.items():
            if isinstance(content, bytes):
                upper = parse_table(table, content, name)
            elif content is None and layer.package.get("base"):
                continue
            else:
                upper = Table(frame=empty_table(table), faults=(content or _missing(layer, table),), readable=False)
            stacked[table] = _laid_over(table, upper, stacked.get(table))
    return _finish(layers[0].package, stacked, faults)


def _finish(package: dict[str, Any], stacked: dict[str, Table], faults: list[Fault]) -> _Loaded:
    """Sort, check and freeze the stacked tables."""
    for table in TABLES:
        missing = Table(frame=empty_table(table), readable=False)
        faults += stacked.setdefault(table, missing).faults
    frames = {table: stacked[table].frame.sort(schema_of(table).key, maintain_order=True) for table in TABLES}
    frames["commodities"] = inherit_from_parents(frames["commodities"])
    faults += check_tables(frames, unreadable={table for table in TABLES if not stacked[table].readable})
    corridor = Corridor(
        name=package["name"],
        title=package["title"],
        year=package["year"],
        base_year=package["base_year"],
        tables={table: frame.drop(LINE, LAYER) for table, frame in frames.items()},
        defaults_used={
            f"{used.table}/{used.column}": {"default": used.default, "rows": used.rows}
            for table in TABLES
            for used in stacked[table].defaults
        },
    )
    return _Loaded(corridor=corridor, faults=faults)


def _laid_over(table: str, upper: Table, lower: Table | None) -> Table:
    """Lay rows over others: those with the same key are replaced, the rest are added."""
    if lower is None:
        return upper
    kept = lower.frame.join(upper.frame, on=list(schema_of(table).key), how="anti", nulls_equal=True)
    return Table(
        frame=pl.concat([kept, upper.frame]),
        faults=lower.faults + upper.faults,
        defaults=_summed(lower.defaults + upper.defaults),
        readable=lower.readable and upper.readable,
    )


def _summed(defaults: tuple[DefaultUsed, ...]) -> tuple[DefaultUsed, ...]:
    """Add up the cells that took the same default."""
    rows: dict[tuple[str, str, str], int] = {}
    for used in defaults:
        place = (used.table, used.column, used.default)
        rows[place] = rows.get(place, 0) + used.rows
    return tuple(DefaultUsed(table=t, column=c, default=d, rows=n) for (t, c, d), n in rows.items())


def _layers(folder: Path) -> tuple[list[_Layer], list[Fault]]:
    """Read the data packages from a corridor down to the one that needs no base."""
    layers: list[_Layer] = []
    faults: list[Fault] = []
    seen: list[Path] = []
    while True:
        package, found = _read_package(folder)
        faults += found
        layers.append(_Layer(folder=folder, package=package))
        seen.append(folder.resolve())
        base = package.get("base")
        if not isinstance(base, str):
            break
        below = embedded_corridors().get(base, folder / base)
        if below.resolve() in seen:
            remedy = "Let one of the corridors stand without a base."
            faults.append(_package_fault("base", base, "a corridor that is not laid over this one", remedy))
            break
        if not below.is_dir():
            remedy = f"{nearest(base, embedded_corridors())}Name an embedded corridor or a folder beside this one."
            faults.append(_package_fault("base", base, "an embedded corridor or a folder", remedy))
            break
        folder = below
    money = {layer.package["base_year"] for layer in layers if "base_year" in layer.package}
    if len(money) > 1:
        remedy = "Bring all amounts to the money of one year."
        faults.append(_package_fault("base_year", ", ".join(map(str, sorted(money))), "the base's year", remedy))
    return [_Layer(folder=layer.folder, package=_completed(layers, i)) for i, layer in enumerate(layers)], faults


def _completed(layers: list[_Layer], position: int) -> dict[str, Any]:
    """Take from the corridors below what a package does not say itself."""
    below = {"name": "unnamed", "title": "", "year": 2000, "base_year": 2000}
    for layer in reversed(layers[position:]):
        own = {key: layer.package[key] for key in below if key in layer.package}
        below |= own
    return {**layers[position].package, **below}


def _read_package(folder: Path) -> tuple[dict[str, Any], list[Fault]]:
    """Read ``datapackage.json``; wrong entries are reported and left out."""
    remedy = "Check the path, or copy the file from a corridor made by `jibek new`."
    try:
        content = json.loads((folder / _PACKAGE).read_bytes().decode("utf-8-sig"))
    except OSError as error:
        return {}, [_package_fault("", error.strerror or str(error), f"a readable file {folder / _PACKAGE}", remedy)]
    except (ValueError, RecursionError) as error:
        return {}, [_package_fault("", str(error), "JSON in UTF-8", remedy)]
    if not isinstance(content, dict):
        return {}, [_package_fault("", type(content).__name__, "a JSON object", remedy)]
    return _sound_entries(content)


def _sound_entries(content: dict[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Keep the entries that hold what they should, and report the others."""
    faults = []
    package: dict[str, Any] = {}
    on_its_own = content.get("base") is None
    for key, kind, expected, needed in (
        ("name", str, "a slug", True),
        ("title", str, "a text", True),
        ("year", int, "a year from 1800 to 2200", on_its_own),
        ("base_year", int, "a year from 1800 to 2200", on_its_own),
        ("base", str, "an embedded corridor or a folder", False),
    ):
        value = content.get(key)
        if isinstance(value, kind) and _is_sound(value):
            package[key] = value
        elif value is not None or needed:
            faults.append(_package_fault(key, json.dumps(value)[:80], expected, f"Give the corridor its {key}."))
    resources = content.get("resources", [])
    listed = resources if isinstance(resources, list) else []
    paths = [entry.get("path") for entry in listed if isinstance(entry, dict)]
    return package | {"paths": [path for path in paths if isinstance(path, str)]}, faults


def _is_sound(value: object) -> bool:
    """Whether an entry is a year, or a text short and plain enough for a title or a path."""
    if isinstance(value, str):
        return 0 < len(value) <= _LONGEST_ENTRY and value.isprintable()
    return isinstance(value, int) and not isinstance(value, bool) and 1800 <= value <= 2200


def _content(layer: _Layer, table: str) -> bytes | Fault | None:
    """Read a table's file; None if there is none."""
    try:
        return (layer.folder / f"{table}.csv").read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        value = error.strerror or str(error)
        return Fault("fault", table, "", "", value, f"a readable file {table}.csv", "Put a CSV file in its place.")


def _missing(layer: _Layer, table: str) -> Fault:
    remedy = "Add the file; a table without rows holds only its header."
    return Fault("fault", table, "", "", "no file", f"{table}.csv in {layer.folder.name}", remedy)


def _stray_files(layer: _Layer) -> list[Fault]:
    """Notice CSV files that no table is read from, such as a table's name misspelt."""
    known = {f"{table}.csv" for table in TABLES} | set(layer.package.get("paths", []))
    try:
        names = sorted(path.name for path in layer.folder.glob("*.csv"))
    except OSError:
        return []
    return [
        Fault(
            "notice",
            name,
            "",
            "",
            name,
            "a table, or a file listed in datapackage.json",
            f"{nearest(name, known)}The file is not read.",
        )
        for name in names
        if name not in known
    ]


def _package_fault(column: str, value: str, expected: str, remedy: str) -> Fault:
    return Fault("fault", _PACKAGE, "", column, value, expected, remedy)
