"""The folder of a run: one Parquet file per table, a manifest, the report, the timings; written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from jibek.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Run", "read_run", "write_run"]

_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Run:
    """A run as read from its folder: the manifest and the tables by name."""

    folder: Path
    manifest: dict[str, object]
    tables: dict[str, pl.DataFrame]


def write_run(
    folder: Path, *, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, object], texts: Mapping[str, str]
) -> None:
    """Write a run aside and put it in its place by renaming, so that a killed run leaves the old folder whole.

    Parameters
    ----------
    folder
        Where the run shall stand; an earlier run there is replaced, any other content is left alone.
    tables
        One Parquet file each.
    manifest
        What made the run; the hash of every file but the log is added.
    texts
        Further files by name (``report.html``, ``log.json``).

    Raises
    ------
    RunError
        If the place is taken by something that is no run, or cannot be written.
    """
    folder = folder.absolute()
    try:
        _restore(folder)
        _must_be_free(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = folder.parent / f".{folder.name}.partial-{os.getpid()}"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        try:
            _fill(aside, tables, manifest, texts)
            _swap(aside, folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise RunError(f"Cannot write the run folder {folder}: {error.strerror or error}.") from error


def _fill(
    aside: Path, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, object], texts: Mapping[str, str]
) -> None:
    """Write all files of a run; the manifest comes last."""
    for name in sorted(tables):
        tables[name].write_parquet(aside / f"{name}.parquet", compression="zstd", statistics=False)
    for name in sorted(texts):
        (aside / name).write_text(texts[name], encoding="utf-8")
    files = {path.name: _digest(path) for path in sorted(aside.iterdir()) if path.name != "log.json"}
    text = json.dumps({**manifest, "files": files}, indent=2, sort_keys=True, ensure_ascii=False)
    (aside / _MANIFEST).write_text(text + "\n", encoding="utf-8")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _previous(folder: Path) -> Path:
    """Name under which the old run stands for the moment between the two renames."""
    return folder.parent / f".{folder.name}.previous"


def _restore(folder: Path) -> None:
    """Finish what a run that was killed between the two renames left behind."""
    previous = _previous(folder)
    if previous.exists():
        if folder.exists():
            shutil.rmtree(previous)
        else:
            previous.rename(folder)


def _swap(aside: Path, folder: Path) -> None:
    if folder.exists():
        previous = _previous(folder)
        folder.rename(previous)
        aside.rename(folder)
        shutil.rmtree(previous)
    else:
        aside.rename(folder)


def _must_be_free(folder: Path) -> None:
    """Refuse to replace what is not a run: somebody's files."""
    if folder.is_dir() and (not any(folder.iterdir()) or (folder / _MANIFEST).is_file()):
        return
    if folder.exists():
        raise RunError(f"{folder} exists and is not a run of Jibek. Name another folder with --out.")


def read_run(folder: Path) -> Run:
    """Read a run folder.

    Raises
    ------
    RunError
        If there is no run, or a file is missing or differs from the manifest.
    """
    folder = folder.absolute()
    _restore(folder)
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        files = manifest["files"]
        changed = sorted(
            name for name in files if not (folder / name).is_file() or _digest(folder / name) != files[name]
        )
        if changed:
            raise RunError(f"The run in {folder} is not as it was written: {', '.join(changed)}. Run it again.")
        names = [name for name in files if name.endswith(".parquet")]
        tables = {name.removesuffix(".parquet"): pl.read_parquet(folder / name) for name in names}
    except FileNotFoundError:
        raise RunError(f"There is no run in {folder}: {_MANIFEST} is missing. `jibek run` makes one.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError) as error:
        raise RunError(f"The run in {folder} cannot be read: {error}. Run it again.") from error
    return Run(folder, manifest, tables)
