"""How it is asked: the commands. They read the question, call the packages, print the answer.

Answers go to standard output, everything else to standard error. Exit code 0: fine; 1: a fault in the
input, or a check that found faults; 2: wrong usage. Heavy imports come late, so that help answers at once.
"""

from __future__ import annotations

import json
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from jibek.errors import CorridorError, JibekError, RunError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from jibek.assignment import Assignment, Problem
    from jibek.corridor import Corridor, Scenario

__all__ = ["app", "main"]

app = typer.Typer(
    name="jibek",
    help="Open planning system for the corridor between China, Central Asia and Europe.",
    epilog="Start with: jibek routes xian duisburg",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

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


_INTERRUPTED = 130  # with which Typer ends on Ctrl-C


def main() -> None:
    """Run the command line; a fault of the input is a message and exit code 1, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # names and units do not fit the code pages of some machines
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except JibekError as error:
        _print_error(error)
        sys.exit(1)
    except BrokenPipeError:
        _drop_output()
        sys.exit(1)
    except OSError as error:
        _drop_output()
        _print_error(RunError(f"The answer cannot be written: {error}. Make room, or send it elsewhere."))
        sys.exit(1)
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            Console(stderr=True).print("Stopped. Earlier results are as they were.")
        raise


@app.command()
def run(
    scenario: ScenarioFile = None,
    corridor: CorridorFolder = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Run folder. [default: runs/<name>]")] = None,
    stages: Annotated[str | None, typer.Option("--stages", help="Stages, separated by commas. [default: all]")] = None,
    draws: Annotated[
        int, typer.Option("--draws", min=0, max=10_000, help="Repeat the flows with inputs drawn from their ranges.")
    ] = 0,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Run the whole chain and write a run folder with tables, manifest and report."""
    from jibek.present import headline, report_facts, report_html
    from jibek.study import clear_place, manifest_of, run_study, write_run

    world, changes, packaged = _corridor_and_scenarios(corridor, scenario)
    chosen = None if stages is None else [stage.strip() for stage in stages.split(",")]
    folder = out or Path("runs") / (changes.name if changes else world.name)
    clear_place(folder)
    with Console(stderr=True).status("Starting") as status:
        study = run_study(
            world,
            changes,
            scenarios=packaged,
            stages=chosen,
            draws=draws,
            progress=lambda stage: status.update(f"Running: {stage}"),
        )
        status.update("Writing the report")
        facts = report_facts(study, title=world.title)
        write_run(
            folder,
            tables=study.tables,
            manifest=manifest_of(world, study),
            texts={
                "report.html": report_html(study.tables, facts, language=language),
                "log.json": json.dumps({"seconds": study.seconds}, indent=2),
            },
        )
    sentences = headline(facts, language=language)
    if as_json:
        _print_json({"folder": str(folder), "headline": sentences, "seconds": study.seconds})
        return
    for sentence in sentences:
        print(f"• {sentence}")
    print(f"\nReport: {folder / 'report.html'}")


@app.command()
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
        _print_json({"folder": str(folder)})
        return
    print(f"A small worked example stands in {folder}. Read {folder / 'README.md'}, then try:")
    print(f"  jibek check {folder}")


@app.command()
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
        _print_json([asdict(fault) for fault in found])
    else:
        console = _console()
        print_faults(console, found, language=language)
        if not faulty:
            print_grades(console, grade_shares(read_corridor(folder)), language=language)
    raise typer.Exit(1 if faulty else 0)


@app.command()
def routes(
    origin: Annotated[str, typer.Argument(metavar="FROM", help="Place: its id or its name.")],
    destination: Annotated[str, typer.Argument(metavar="TO", help="Place: its id or its name.")],
    commodity: Annotated[str, typer.Option("--commodity", "-c", help="What travels.")] = "containers",
    year: Annotated[
        int | None,
        typer.Option("--year", min=1800, max=2200, help="Year of network and prices. [default: the corridor's]"),
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

    base = _read(corridor)
    world = apply_scenario(base, Scenario(name=base.name, year=base.year if year is None else year))
    start, end = (find_id(world, "places", text) for text in (origin, destination))
    goods = find_id(world, "commodities", commodity)
    network = build_network(world)
    costs = arc_costs(network, world, goods, world.year)
    found = find_routes(network, costs, world, start, end, k=count, avoid=tuple(avoid or ()), pareto=pareto)
    if as_json:
        _print_json([route.as_json() for route in found])
    else:
        print_routes(_console(), found, world, language=language)


@app.command()
def flows(
    scenario: ScenarioFile = None,
    corridor: CorridorFolder = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Say who goes where and where it jams: loads, delays, shares of the corridors, and counts beside the model."""
    from jibek.present import flows_json, print_flows
    from jibek.study import run_study

    base, changes, packaged = _corridor_and_scenarios(corridor, scenario)
    with Console(stderr=True).status("Starting") as status:
        study = run_study(
            base,
            changes,
            scenarios=packaged,
            stages=["flows"],
            progress=lambda stage: status.update(f"Running: {stage}"),
        )
    if as_json:
        _print_json(flows_json(study.tables, study.corridor.year))
    else:
        print_flows(_console(), study.tables, language=language)


@app.command()
def assign(
    net: Annotated[Path, typer.Argument(metavar="NET", help="Network: a TNTP file, or a GMNS folder.")],
    trips: Annotated[
        Path | None,
        typer.Argument(metavar="TRIPS", help="TNTP, CSV or OMX file. [default: demand.csv of the GMNS folder]"),
    ] = None,
    gap: Annotated[float, typer.Option("--gap", min=0, max=1, help="Relative gap to reach.")] = 1e-6,
    method: Annotated[
        Literal["user", "system"],
        typer.Option("--method", help="Equilibrium of users, or least total cost."),
    ] = "user",
    threads: Annotated[
        int | None, typer.Option("--threads", min=1, max=1024, help="Threads. [default: one a processor]")
    ] = None,
    flows_file: Annotated[
        Path | None,
        typer.Option("--flows", metavar="OUT", help="Write flows on links: OUT.csv, OUT.parquet, or a GMNS folder."),
    ] = None,
    toll_factor: Annotated[
        float, typer.Option("--toll-factor", min=0, help="Time that a unit of toll is worth; TNTP files lack it.")
    ] = 0.0,
    distance_factor: Annotated[
        float, typer.Option("--distance-factor", min=0, help="Time that a unit of length is worth.")
    ] = 0.0,
    matrix: Annotated[
        list[str] | None,
        typer.Option("--matrix", metavar="NAME", help="Matrix of an OMX file; may be repeated, each is a class."),
    ] = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Assign trips to a road network of your own; exit code 1 if the gap is not reached."""
    from time import perf_counter

    from jibek.assignment import check_finite, flow_format, read_problem, solve
    from jibek.present import assignment_json, print_assignment

    if flows_file is not None:
        flow_format(flows_file)  # a name that says none is told now, not after the work
    with Console(stderr=True).status("Reading") as status:
        problem = read_problem(
            net, trips, toll_factor=toll_factor, distance_factor=distance_factor, matrices=matrix or None
        )
        status.update("Compiling, or reading what was compiled before")
        start = perf_counter()
        result = solve(
            problem.network, problem.classes, gap=gap, objective=method, threads=threads, progress=status.update
        )
        seconds = perf_counter() - start
    check_finite(problem.network, result)
    if flows_file is not None:
        _write_link_flows(flows_file, problem, result)
    if as_json:
        _print_json(assignment_json(problem, result, seconds=seconds))
    else:
        print_assignment(_console(), problem, result, goal=gap, seconds=seconds, file=flows_file, language=language)
    if not result.converged:
        raise typer.Exit(1)


@app.command()
def calibrate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for preferences.csv and calibrations.csv.")],
    corridor: CorridorFolder = None,
    as_json: AsJson = False,
) -> None:
    """Fit what sways the choice of routes to what was counted; minutes to half an hour."""
    from jibek.corridor import packaged_scenarios
    from jibek.study import calibrate_corridor, write_calibration

    base = _read(corridor)
    try:  # now, not after half an hour of work
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"Cannot write {folder}: {error.strerror}. Name another folder.") from error
    console = Console(stderr=True)
    values, calibrations = calibrate_corridor(
        base, packaged_scenarios(corridor, base), progress=lambda step: console.print(step, highlight=False)
    )
    written = write_calibration(folder, base, values, calibrations)
    if as_json:
        _print_json({"values": values, "files": [str(path) for path in written]})
        return
    for path in written:
        print(path)


@app.command()
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

    base, changes, _ = _corridor_and_scenarios(corridor, scenario)
    world = apply_scenario(base, changes)
    judged = assess(world, year=world.year)
    if as_json:
        _print_json(_records(judged.rename({"due_year": "due"})))
    else:
        print_targets(_console(), judged, language=language)


@app.command()
def compare(
    run_a: Annotated[Path, typer.Argument(metavar="RUN_A", help="Run folder before.")],
    run_b: Annotated[Path, typer.Argument(metavar="RUN_B", help="Run folder after.")],
    page: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="Write an HTML page with the map of what changes.")
    ] = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Set two runs side by side: routes, users' benefit, transport work, delay, CO2, money, loads."""
    from jibek.present import comparison_html, print_runs
    from jibek.study import compare_runs, read_run

    before, after = read_run(run_a), read_run(run_b)
    comparison = compare_runs(before, after)
    if page is not None:
        _write(page, comparison_html(before, after, comparison, language=language))
    if as_json:
        _print_json(comparison.as_json())
        return
    print_runs(_console(), comparison, before.tables, after.tables, language=language)
    if page is not None:
        print(page)


@app.command()
def export(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder.")],
    to: Annotated[Literal["xlsx", "geojson", "gmns"], typer.Option("--to", help="Format.")],
    as_json: AsJson = False,
) -> None:
    """Write the tables of a run as a workbook, or its network as GeoJSON or GMNS, beside the run folder."""
    from jibek.present import to_geojson, to_gmns, to_xlsx
    from jibek.study import read_run

    tables = read_run(run_folder).tables
    if missing := {"places", "modes", "links", "borders"} - tables.keys():
        raise RunError(f"The run in {run_folder} holds no {' and no '.join(sorted(missing))}. Run it again.")
    target = run_folder.absolute().parent / f"{run_folder.absolute().name}.{to}"
    if to == "gmns":
        for name, text in to_gmns(tables).items():
            _write(target / name, text)
    else:
        _write(target, to_xlsx(tables) if to == "xlsx" else to_geojson(tables))
    if as_json:
        _print_json({"file": str(target)})
        return
    print(target)


@app.command()
def sources(
    element: Annotated[str | None, typer.Argument(metavar="ID", help="Element, series or source; all if none.")] = None,
    corridor: CorridorFolder = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Say where a figure comes from, how good its evidence is and in which range it lies."""
    from jibek.corridor import list_sources, where_from
    from jibek.present import print_sources

    world = _read(corridor)
    found = list_sources(world) if element is None else where_from(world, element)
    if as_json:
        _print_json(_records(found))
    else:
        print_sources(_console(), found, language=language)


def _write_link_flows(target: Path, problem: Problem, result: Assignment) -> None:
    """Write a table by the ending of its name, or a GMNS folder where it has none."""
    from jibek.assignment import encode_table, flow_format, link_flow_table, to_gmns_texts

    table = link_flow_table(problem.network, problem.classes, result.flow, result.time)
    kind = flow_format(target)
    if kind != "gmns":
        _write(target, encode_table(table, kind))
        return
    for name, text in to_gmns_texts(problem.network, problem.classes, table, nodes=problem.nodes).items():
        _write(target / name, text)


def _write(target: Path, content: str | bytes) -> None:
    """Write a file, and the folder that it stands in."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise RunError(f"Cannot write {target}: {error.strerror}. Move what is there.") from error


def _read(folder: Path | None) -> Corridor:
    from jibek.corridor import read_corridor

    return read_corridor(folder)


def _corridor_and_scenarios(
    folder: Path | None, scenario: Path | None
) -> tuple[Corridor, Scenario | None, tuple[Scenario, ...]]:
    """Read a corridor, the scenario that is asked for (a file, or the name of a packaged one) and the packaged ones."""
    from jibek.corridor import packaged_scenarios, read_scenario

    corridor = _read(folder)
    packaged = packaged_scenarios(folder, corridor)
    if scenario is None:
        return corridor, None, packaged
    named = {each.name: each for each in packaged}
    if not scenario.exists() and str(scenario) in named:
        return corridor, named[str(scenario)], packaged
    if not scenario.suffix and not scenario.exists():
        known = ", ".join(named) or "none"
        raise RunError(f"No file and no packaged scenario is called {scenario}. Packaged with this corridor: {known}.")
    return corridor, read_scenario(scenario, corridor), packaged


def _records(table: pl.DataFrame) -> Sequence[dict[str, object]]:
    return table.to_dicts()


def _console() -> Console:
    """Console for answers; in a pipe, lines are long unless COLUMNS says how long."""
    return Console() if sys.stdout.isatty() or "COLUMNS" in os.environ else Console(width=200)


def _print_json(value: object) -> None:
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False, default=str)
    print()


def _drop_output() -> None:
    """Send what is still to be printed nowhere; Python would complain once more when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_error(error: JibekError) -> None:
    """Print an error, all faults of a corridor one by one; lines stay whole, so that paths can be copied."""
    console = Console(stderr=True, soft_wrap=True)
    if isinstance(error, CorridorError):
        from jibek.present import print_faults

        print_faults(console, error.faults)
    else:
        kind = "run" if isinstance(error, RunError) else "input"
        console.print(f"[bold red]Cannot do that[/] ({kind}):", end=" ")
        console.print(str(error), markup=False, highlight=False)


if __name__ == "__main__":
    main()
