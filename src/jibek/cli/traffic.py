"""Commands on road networks of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from jibek.cli.options import AsJson, Language
from jibek.cli.output import print_json, terminal, write_file
from jibek.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.assignment import Assignment, Problem

__all__ = ["assign"]


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
    skims_file: Annotated[
        Path | None,
        typer.Option(
            "--skims", metavar="OUT", help="Write cost, time, length and toll between zones: OUT.omx, .csv or .parquet."
        ),
    ] = None,
    routes_file: Annotated[
        Path | None,
        typer.Option("--routes", metavar="OUT", help="Write the routes that trips take: OUT.csv or OUT.parquet."),
    ] = None,
    select_link: Annotated[
        list[str] | None,
        typer.Option("--select-link", metavar="ID", help="Tell who uses this link; may be repeated."),
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

    from jibek.assignment import check_finite, link_numbers, read_problem, solve
    from jibek.assignment import select_link as users_of
    from jibek.present import assignment_json, print_assignment

    asked = {"flows": flows_file, "skims": skims_file, "routes": routes_file}
    files = {what: path for what, path in asked.items() if path is not None}
    _check_formats(files)
    with Console(stderr=True).status("Reading") as status:
        problem = read_problem(
            net, trips, toll_factor=toll_factor, distance_factor=distance_factor, matrices=matrix or None
        )
        links = link_numbers(problem.network, select_link or ())
        status.update("Compiling, or reading what was compiled before")
        start = perf_counter()
        result = solve(
            problem.network, problem.classes, gap=gap, objective=method, threads=threads, progress=status.update
        )
        seconds = perf_counter() - start
        check_finite(problem.network, result)
        status.update("Finding what was asked")
        users = [users_of(problem.network, problem.classes, result, link) for link in links]
        _write_files(files, problem, result, threads)
    if as_json:
        print_json(assignment_json(problem, result, seconds=seconds, users=users))
    else:
        print_assignment(
            terminal(), problem, result, goal=gap, seconds=seconds, users=users, files=files, language=language
        )
    if not result.converged:
        raise typer.Exit(1)


def _check_formats(files: Mapping[str, Path]) -> None:
    """Refuse a name that says no format, or that two files share, now and not after the work."""
    from jibek.assignment import flow_format, route_format, skim_format

    if len(set(files.values())) < len(files):
        raise RunError("Two files cannot have one name. Give each a name of its own.")
    formats = {"flows": flow_format, "skims": skim_format, "routes": route_format}
    for what, path in files.items():
        formats[what](path)


def _write_files(files: Mapping[str, Path], problem: Problem, result: Assignment, threads: int | None) -> None:
    """Write what was asked for."""
    if "flows" in files:
        _write_link_flows(files["flows"], problem, result)
    if "skims" in files:
        _write_skims(files["skims"], problem, result, threads)
    if "routes" in files:
        _write_routes(files["routes"], problem, result)


def _write_link_flows(target: Path, problem: Problem, result: Assignment) -> None:
    """Write a table by the ending of its name, or a GMNS folder where it has none."""
    from jibek.assignment import encode_table, flow_format, link_flow_table, to_gmns_texts

    table = link_flow_table(problem.network, problem.classes, result.flow, result.time)
    kind = flow_format(target)
    if kind != "gmns":
        write_file(target, encode_table(table, kind))
        return
    for name, text in to_gmns_texts(problem.network, problem.classes, table, nodes=problem.nodes).items():
        write_file(target / name, text)


def _write_skims(target: Path, problem: Problem, result: Assignment, threads: int | None) -> None:
    """Write skims of all classes as matrices or as a table, by the ending of the name."""
    from jibek.assignment import encode_skims, encode_table, skim, skim_format, skim_table

    skims = {each.name: skim(problem.network, each, result, threads=threads) for each in problem.classes}
    kind = skim_format(target)
    if kind == "omx":
        write_file(target, encode_skims(skims, problem.zone_ids))
    else:
        write_file(target, encode_table(skim_table(skims, problem.zone_ids), kind))


def _write_routes(target: Path, problem: Problem, result: Assignment) -> None:
    """Write the routes of all pairs as a table."""
    from jibek.assignment import encode_table, route_format, route_sets

    routes = problem.name_zones(route_sets(problem.network, problem.classes, result))
    write_file(target, encode_table(routes, route_format(target)))
