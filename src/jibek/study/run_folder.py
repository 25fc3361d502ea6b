"""The folder of a run: one Parquet file per table, a manifest, the report, the timings; written whole or not at all."""

from __future__ import annotations

import glob
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

__all__ = ["Run", "clear_place", "read_run", "write_run"]

_MANIFEST = "manifest.json"
_LEFT_BY_DESKTOPS = {".DS_Store", "Thumbs.db", "desktop.ini"}


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
    clear_place(folder)
    folder = folder.absolute()
    aside = _aside(folder)
    try:
        aside.mkdir()
        try:
            _fill(aside, tables, manifest, texts)
            _swap(aside, folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def clear_place(folder: Path) -> None:
    """Make sure that a run can be written, before hours of work; sweep away what killed runs left behind.

    Parameters
    ----------
    folder
        Where the run shall stand.

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
        for partial in folder.parent.glob(f".{glob.escape(folder.name)}.partial-*"):
            if not _is_being_written(partial):
                shutil.rmtree(partial)
        aside = _aside(folder)
        aside.mkdir()
        aside.rmdir()
    except OSError as error:
        raise _unwritable(folder, error) from error


def _aside(folder: Path) -> Path:
    """Name under which this process writes a run."""
    return folder.parent / f".{folder.name}.partial-{os.getpid()}"


def _is_being_written(partial: Path) -> bool:
    """Whether the process in a partial folder's name is alive, and another one."""
    process = partial.name.rpartition("-")[2]
    if not process.isdecimal():
        return True  # not a name that a run gives: somebody's folder
    if int(process) == os.getpid():
        return False
    if os.name != "posix":
        return True  # elsewhere asking whether a process lives may end it
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _unwritable(folder: Path, error: OSError) -> RunError:
    reason = error.strerror or error
    return RunError(f"Cannot write the run folder {folder}: {reason}. Name another folder with --out.")


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
    """Refuse to replace what is not a run, or a run among which somebody's files lie."""
    if not folder.exists():
        return
    no_run = RunError(f"{folder} exists and is not a run of Jibek. Name another folder with --out.")
    if folder.is_symlink() or not folder.is_dir():
        raise no_run
    found = {path.name for path in folder.iterdir()} - _LEFT_BY_DESKTOPS
    try:
        files = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))["files"] if found else ()
        strange = sorted(found - {_MANIFEST, "log.json", *files})
    except (FileNotFoundError, IsADirectoryError, ValueError, KeyError, TypeError) as error:
        raise no_run from error
    if strange:
        raise RunError(f"{folder} holds {', '.join(strange)}, which no run wrote. Move it, or name another folder.")


def read_run(folder: Path) -> Run:
    """Read a run folder.

    Raises
    ------
    RunError
        If there is no run, or a file is missing or differs from the manifest.
    """
    folder = folder.absolute()
    try:
        _restore(folder)
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        files = manifest["files"]
        changed = sorted(
            name for name in files if not (folder / name).is_file() or _digest(folder / name) != files[name]
        )
        if changed:
            raise RunError(f"The run in {folder} is not as it was written: {', '.join(changed)}. Run it again.")
        names = [name for name in files if name.endswith(".parquet")]
        tables = {name.removesuffix(".parquet"): pl.read_parquet(folder / name) for name in names}
    except (FileNotFoundError, NotADirectoryError):
        raise RunError(f"There is no run in {folder}: {_MANIFEST} is missing. `jibek run` makes one.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError) as error:
        raise RunError(f"The run in {folder} cannot be read: {error}. Run it again.") from error
    return Run(folder, manifest, tables)
