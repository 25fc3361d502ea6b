"""The command line, a corridor of one's own, and runs to ask about."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from command import Command
from jibek.cli import app

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def jibek(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Return the command line, working in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    return Command(capsys, monkeypatch)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with the worked example ``mine``, its run ``before``, and a run ``after`` with a border shut."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "shut.yaml").write_text("name: after\nclose:\n  - aktau-port\n")
    invoke(folder, "new", "mine")
    invoke(folder, "run", "--corridor", "mine", "--out", "before")
    invoke(folder, "run", "shut.yaml", "--corridor", "mine", "--out", "after")
    return folder


def invoke(folder: Path, *arguments: str) -> None:
    """Call a command in a folder; it must go well."""
    here = os.getcwd()  # noqa: PTH109 - the path as it is, to come back to
    os.chdir(folder)
    try:
        result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    finally:
        os.chdir(here)
    assert result.exit_code == 0, result.output
