"""Where answers, files and errors go."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from rich.console import Console

from jibek.errors import CorridorError, JibekError, RunError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["drop_output", "print_error", "print_json", "terminal", "write_file"]


def write_file(target: Path, content: str | bytes) -> None:
    """Write a file, and the folder that it stands in."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise RunError(f"Cannot write {target}: {error.strerror}. Move what is there.") from error


def terminal() -> Console:
    """Console for answers; in a pipe, lines are long unless COLUMNS says how long."""
    return Console() if sys.stdout.isatty() or "COLUMNS" in os.environ else Console(width=200)


def print_json(value: object) -> None:
    """Print a value as JSON."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False, default=str)
    print()


def drop_output() -> None:
    """Send what is still to be printed nowhere; Python would complain once more when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_error(error: JibekError) -> None:
    """Print an error, all faults of a corridor one by one; lines stay whole, so that paths can be copied."""
    console = Console(stderr=True, soft_wrap=True)
    if isinstance(error, CorridorError):
        from jibek.present import print_faults

        print_faults(console, error.faults)
    else:
        kind = "run" if isinstance(error, RunError) else "input"
        console.print(f"[bold red]Cannot do that[/] ({kind}):", end=" ")
        console.print(str(error), markup=False, highlight=False)
