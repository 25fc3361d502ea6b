"""A copy of the worked example, to be spoilt."""

from __future__ import annotations

import csv
import json
import shutil
from typing import TYPE_CHECKING

from jibek.corridor import Corridor, check_corridor, embedded_corridors, read_corridor, schema_of

if TYPE_CHECKING:
    from pathlib import Path

    from jibek.errors import Fault

__all__ = ["ExampleFolder"]


class ExampleFolder:
    """A copy of the worked example whose cells can be changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        shutil.copytree(embedded_corridors()["example"], path)

    def rows(self, table: str) -> list[dict[str, str]]:
        with (self.path / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def write(self, table: str, rows: list[dict[str, str]]) -> None:
        with (self.path / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, schema_of(table).columns, lineterminator="\n", restval="")
            writer.writeheader()
            writer.writerows(rows)

    def set(self, table: str, key: str, /, **cells: str) -> None:
        """Change cells of the row with this key; parts of the key are joined by a slash."""
        rows = self.rows(table)
        matching = [row for row in rows if "/".join(row[name] for name in schema_of(table).key) == key]
        assert len(matching) == 1, f"{table} has {len(matching)} rows {key!r}"
        matching[0].update(cells)
        self.write(table, rows)

    def add(self, table: str, /, **cells: str) -> None:
        """Add a row that is sourced and graded like the others."""
        own = {"source": "example", "grade": "estimate"}
        common = {name: value for name, value in own.items() if name in schema_of(table)}
        self.write(table, [*self.rows(table), common | cells])

    def remove(self, table: str, key: str) -> None:
        """Remove a row and the evidence for it."""
        self.write("evidence", [row for row in self.rows("evidence") if (row["table"], row["id"]) != (table, key)])
        rows = self.rows(table)
        kept = [row for row in rows if "/".join(row[name] for name in schema_of(table).key) != key]
        assert len(kept) == len(rows) - 1
        self.write(table, kept)

    def package(self, **entries: object) -> None:
        path = self.path / "datapackage.json"
        path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | entries), encoding="utf-8")

    def check(self) -> list[Fault]:
        return check_corridor(self.path)

    def faults(self) -> list[Fault]:
        return [fault for fault in self.check() if fault.severity == "fault"]

    def notices(self) -> list[Fault]:
        return [fault for fault in self.check() if fault.severity == "notice"]

    def read(self) -> Corridor:
        return read_corridor(self.path)
