"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = [
    "AsJson",
    "CorridorFolder",
    "DistanceFactor",
    "Language",
    "Matrices",
    "ScenarioFile",
    "Threads",
    "TollFactor",
    "TrafficNet",
]

CorridorFolder = Annotated[
    Path | None,
    typer.Option("--corridor", metavar="DIR", help="Folder of the corridor's tables.", show_default="the embedded one"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Language = Annotated[Literal["en", "ru"], typer.Option("--language", help="Language of texts.")]
ScenarioFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="SCENARIO", help="A YAML file that differs from the corridor, or the name of a packaged one."
    ),
]
TrafficNet = Annotated[Path, typer.Argument(metavar="NET", help="Network: a TNTP file, or a GMNS folder.")]
Matrices = Annotated[
    list[str] | None,
    typer.Option(
        "--matrix",
        metavar="NAME",
        help="Matrix of an OMX file; may be repeated, each is a class.",
        rich_help_panel="Input",
    ),
]
TollFactor = Annotated[
    float,
    typer.Option(
        "--toll-factor",
        min=0,
        help="Time that a unit of toll is worth; TNTP files lack it.",
        rich_help_panel="Input",
    ),
]
DistanceFactor = Annotated[
    float,
    typer.Option("--distance-factor", min=0, help="Time that a unit of length is worth.", rich_help_panel="Input"),
]
Threads = Annotated[
    int | None,
    typer.Option(
        "--threads",
        min=1,
        max=1024,
        help="Threads.",
        show_default="one a processor",
        rich_help_panel="Equilibrium",
    ),
]
