"""Commands that run the chain, and what is done with runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from jibek.cli.inputs import corridor_and_scenarios, read_folder
from jibek.cli.options import AsJson, CorridorFolder, Language, ScenarioFile
from jibek.cli.output import print_json, terminal, write_file
from jibek.errors import ConflictError, Fault, RunError

__all__ = ["balances", "calibrate", "compare", "export", "flows", "operations", "run", "trade"]


def run(
    scenario: ScenarioFile = None,
    corridor: CorridorFolder = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Run folder.", show_default="runs/<name>")
    ] = None,
    stages: Annotated[
        str | None, typer.Option("--stages", help="Stages, separated by commas.", show_default="all")
    ] = None,
    draws: Annotated[
        int,
        typer.Option(
            "--draws", min=0, max=10_000, help="Repeat the flows with inputs drawn from their ranges, and ask what if."
        ),
    ] = 0,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Run the whole chain and write a run folder with tables, manifest and report."""
    from jibek.corridor import packaged_scenarios
    from jibek.present import headline, report_facts, report_html
    from jibek.study import clear_place, manifest_of, run_study, write_run

    world, changes, packaged = corridor_and_scenarios(corridor, scenario)
    chosen = None if stages is None else [stage.strip() for stage in stages.split(",")]
    folder = out or Path("runs") / (changes.name if changes else world.name)
    clear_place(folder)
    with Console(stderr=True).status("Starting") as status:
        study = run_study(
            world,
            changes,
            scenarios=packaged,
            what_ifs=packaged_scenarios(corridor, world, within="what_ifs"),
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
        print_json({"folder": str(folder), "headline": sentences, "seconds": study.seconds})
        return
    for sentence in sentences:
        print(f"• {sentence}")
    print(f"\nReport: {folder / 'report.html'}")


def flows(
    scenario: ScenarioFile = None,
    corridor: CorridorFolder = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Say who goes where and where it jams: loads, delays, shares of the corridors, and counts beside the model."""
    from jibek.present import flows_json, print_flows
    from jibek.study import run_study

    base, changes, packaged = corridor_and_scenarios(corridor, scenario)
    with Console(stderr=True).status("Starting") as status:
        study = run_study(
            base,
            changes,
            scenarios=packaged,
            stages=["flows"],
            progress=lambda stage: status.update(f"Running: {stage}"),
        )
    if as_json:
        print_json(flows_json(study.tables, study.corridor.year))
    else:
        print_flows(terminal(), study.tables, language=language)


def balances(
    scenario: ScenarioFile = None,
    system: Annotated[
        Literal["energy", "water", "food"] | None, typer.Option("--system", help="One system.", show_default="all")
    ] = None,
    corridor: CorridorFolder = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Say who gets enough energy, water and food: who runs short, what binds, what would have to grow, prices."""
    from jibek.present import balances_json, print_balances
    from jibek.study import run_study

    base, changes, packaged = corridor_and_scenarios(corridor, scenario)
    with Console(stderr=True).status("Starting") as status:
        study = run_study(
            base,
            changes,
            scenarios=packaged,
            stages=["balances"],
            progress=lambda stage: status.update(f"Running: {stage}"),
        )
    if conflicts := study.tables["balance_conflicts"].to_dicts():
        raise ConflictError([Fault("fault", **row) for row in conflicts])
    systems = ["energy", "water", "food"] if system is None else [system]
    if as_json:
        print_json(balances_json(study.tables, systems))
    else:
        print_balances(terminal(), study.tables, systems, language=language)


def trade(
    scenario: ScenarioFile = None,
    corridor: CorridorFolder = None,
    counts: Annotated[
        list[Path] | None,
        typer.Option(
            "--counts",
            metavar="FILE",
            help="UN Comtrade or CEPII Gravity CSV as downloaded, laid over the table trade; may be repeated.",
        ),
    ] = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Say who trades with whom, and how trade answers to the scenario until it agrees with the flows."""
    from jibek.present import print_trade, trade_json
    from jibek.study import run_study
    from jibek.trade import read_trade, with_trade

    base, changes, packaged = corridor_and_scenarios(corridor, scenario)
    console = Console(stderr=True)
    for file in counts or []:
        read = read_trade(file)
        base = with_trade(base, read.rows)
        for reason, rows in read.left_out.iter_rows():
            console.print(f"{file.name}: {rows} rows left out: {reason}", highlight=False)
    with console.status("Starting") as status:
        study = run_study(
            base,
            changes,
            scenarios=packaged,
            stages=["trade"],
            progress=lambda stage: status.update(f"Running: {stage}"),
        )
    if as_json:
        print_json(trade_json(study.tables))
    else:
        print_trade(terminal(), study.tables, language=language)


def operations(
    scenario: ScenarioFile = None,
    corridor: CorridorFolder = None,
    replications: Annotated[
        int, typer.Option("--replications", min=1, max=10_000, help="How often the year is simulated.")
    ] = 20,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Seed of all that is random.", show_default="the scenario's")
    ] = None,
    what_ifs: Annotated[
        bool,
        typer.Option("--what-ifs", help="Also scenarios, ranges of estimates and past disruptions; many minutes."),
    ] = False,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Say how late it will be: transit times, queues and missed sailings, simulated day by day."""
    from jibek.corridor import packaged_scenarios
    from jibek.present import operations_json, print_operations
    from jibek.study import operations_of

    base, changes, packaged = corridor_and_scenarios(corridor, scenario)
    asked = (*packaged, *packaged_scenarios(corridor, base, within="what_ifs")) if what_ifs else None
    with Console(stderr=True).status("Starting") as status:
        year, tables = operations_of(
            base,
            changes,
            scenarios=packaged,
            replications=replications,
            seed=seed,
            what_ifs=asked,
            progress=lambda stage: status.update(f"Running: {stage}"),
        )
    if as_json:
        print_json(operations_json(tables, year))
    else:
        print_operations(terminal(), tables, language=language)


def calibrate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for preferences.csv and calibrations.csv.")],
    corridor: CorridorFolder = None,
    as_json: AsJson = False,
) -> None:
    """Fit what sways the choice of routes to what was counted; minutes to half an hour."""
    from jibek.corridor import packaged_scenarios
    from jibek.study import calibrate_corridor, write_calibration

    base = read_folder(corridor)
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
        print_json({"values": values, "files": [str(path) for path in written]})
        return
    for path in written:
        print(path)


def compare(
    run_a: Annotated[Path, typer.Argument(metavar="RUN_A", help="Run folder before.")],
    run_b: Annotated[Path, typer.Argument(metavar="RUN_B", help="Run folder after.")],
    page: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="Write an HTML page with the map of what changes.")
    ] = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Set two runs side by side: routes, users' benefit, transport work, delay, CO2, money, loads, who gets enough."""
    from jibek.present import comparison_html, print_runs
    from jibek.study import compare_runs, read_run

    before, after = read_run(run_a), read_run(run_b)
    comparison = compare_runs(before, after)
    if page is not None:
        write_file(page, comparison_html(before, after, comparison, language=language))
    if as_json:
        print_json(comparison.as_json())
        return
    print_runs(terminal(), comparison, before.tables, after.tables, language=language)
    if page is not None:
        print(page)


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
            write_file(target / name, text)
    else:
        write_file(target, to_xlsx(tables) if to == "xlsx" else to_geojson(tables))
    if as_json:
        print_json({"file": str(target)})
        return
    print(target)
