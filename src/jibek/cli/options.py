"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = ["AsJson", "CorridorFolder", "Language", "ScenarioFile"]

CorridorFolder = Annotated[
    Path | None,
    typer.Option("--corridor", metavar="DIR", help="Folder of the corridor's tables. [default: the embedded one]"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Language = Annotated[Literal["en", "ru"], typer.Option("--language", help="Language of texts.")]
ScenarioFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="SCENARIO", help="A YAML file that differs from the corridor, or the name of a packaged one."
    ),
]
