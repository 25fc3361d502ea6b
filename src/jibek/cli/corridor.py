"""Commands on the tables of a corridor: make, check, ask for ways, promises and sources."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jibek.cli.inputs import corridor_and_scenarios, read_folder
from jibek.cli.options import AsJson, CorridorFolder, Language, ScenarioFile
from jibek.cli.output import print_json, terminal
from jibek.errors import RunError

__all__ = ["check", "new", "routes", "sources", "targets"]


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.")], as_json: AsJson = False
) -> None:
    """Make a corridor of your own: empty tables with one worked example."""
    from importlib.resources import as_file, files
    from shutil import copytree

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RunError(f"{folder} exists and is not an empty folder. Name another one.")
    try:
        with as_file(files("jibek") / "datasets" / "example") as example:
            copytree(example, folder, dirs_exist_ok=True)
    except OSError as error:
        reason = error.strerror or "some files could not be copied"
        raise RunError(f"Cannot make {folder}: {reason}. Name a folder where you may write.") from error
    if as_json:
        print_json({"folder": str(folder)})
        return
    print(f"A small worked example stands in {folder}. Read {folder / 'README.md'}, then try:")
    print(f"  jibek check {folder}")


def check(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Corridor; the embedded one if none.")] = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """List all faults and notices of a corridor at once, and the share of each grade of evidence."""
    from dataclasses import asdict

    from jibek.corridor import check_corridor, grade_shares, read_corridor
    from jibek.present import print_faults, print_grades

    found = check_corridor(folder)
    faulty = any(fault.severity == "fault" for fault in found)
    if as_json:
        print_json([asdict(fault) for fault in found])
    else:
        console = terminal()
        print_faults(console, found, language=language)
        if not faulty:
            print_grades(console, grade_shares(read_corridor(folder)), language=language)
    raise typer.Exit(1 if faulty else 0)


def routes(
    origin: Annotated[str, typer.Argument(metavar="FROM", help="Place: its id or its name.")],
    destination: Annotated[str, typer.Argument(metavar="TO", help="Place: its id or its name.")],
    commodity: Annotated[str, typer.Option("--commodity", "-c", help="What travels.")] = "containers",
    year: Annotated[
        int | None,
        typer.Option("--year", min=1800, max=2200, help="Year of network and prices.", show_default="the corridor's"),
    ] = None,
    count: Annotated[int, typer.Option("-k", min=1, max=50, help="Number of alternatives.")] = 5,
    pareto: Annotated[
        bool, typer.Option("--pareto", help="Best compromises between hours, money and CO2 instead.")
    ] = False,
    avoid: Annotated[
        list[str] | None,
        typer.Option(
            "--avoid", metavar="ID", help="Place, link, country, frontier (BLR-POL) or mode; may be repeated."
        ),
    ] = None,
    corridor: CorridorFolder = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Show door-to-door alternatives, leg by leg: hours, money, CO2."""
    from jibek.corridor import Scenario, apply_scenario, find_id
    from jibek.network import arc_costs, build_network
    from jibek.present import print_routes
    from jibek.routes import find_routes

    base = read_folder(corridor)
    world = apply_scenario(base, Scenario(name=base.name, year=base.year if year is None else year))
    start, end = (find_id(world, "places", text) for text in (origin, destination))
    goods = find_id(world, "commodities", commodity)
    network = build_network(world)
    costs = arc_costs(network, world, goods, world.year)
    found = find_routes(network, costs, world, start, end, k=count, avoid=tuple(avoid or ()), pareto=pareto)
    if as_json:
        print_json([route.as_json() for route in found])
    else:
        print_routes(terminal(), found, world, language=language)


def targets(
    scenario: ScenarioFile = None,
    corridor: CorridorFolder = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Say promise by promise where it stands, where it is heading, and what it still needs."""
    from jibek.corridor import apply_scenario
    from jibek.present import print_targets
    from jibek.targets import assess

    base, changes, _ = corridor_and_scenarios(corridor, scenario)
    world = apply_scenario(base, changes)
    judged = assess(world, year=world.year)
    if as_json:
        print_json(judged.rename({"due_year": "due"}).to_dicts())
    else:
        print_targets(terminal(), judged, language=language)


def sources(
    element: Annotated[str | None, typer.Argument(metavar="ID", help="Element, series or source; all if none.")] = None,
    corridor: CorridorFolder = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Say where a figure comes from, how good its evidence is and in which range it lies."""
    from jibek.corridor import list_sources, where_from
    from jibek.present import print_sources

    world = read_folder(corridor)
    found = list_sources(world) if element is None else where_from(world, element)
    if as_json:
        print_json(found.to_dicts())
    else:
        print_sources(terminal(), found, language=language)
