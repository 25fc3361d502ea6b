"""The command line called in this process, so that tests need not wait for Python to start."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from jibek import cli

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Answer", "Command"]


@dataclass(frozen=True)
class Answer:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


class Command:
    """Calls ``jibek`` with arguments in the current process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str | Path) -> Answer:
        """Run a command to its end; a traceback would come out as an exception here."""
        self._monkeypatch.setattr(sys, "argv", ["jibek", *map(str, arguments)])
        self._capsys.readouterr()
        code: object = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code
        assert isinstance(code, int | None)
        captured = self._capsys.readouterr()
        return Answer(code or 0, captured.out, captured.err)
