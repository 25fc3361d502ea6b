"""Commands on road networks of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from jibek.cli.options import AsJson, Language
from jibek.cli.output import print_json, terminal, write_file
from jibek.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.assignment import Adjustment, Assignment, Problem

__all__ = ["adjust", "assign"]


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
    elasticity: Annotated[
        float,
        typer.Option("--elasticity", min=0, max=100, help="Percent of trips that one percent of cost takes away."),
    ] = 0.0,
    reference_costs: Annotated[
        Path | None,
        typer.Option(
            "--reference-costs",
            metavar="FILE",
            help="Costs at which trips were observed: OMX or CSV. [default: those of the empty network]",
        ),
    ] = None,
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

    if reference_costs is not None and elasticity == 0:
        raise typer.BadParameter("Trips follow costs by an elasticity only; give --elasticity too.")
    asked = {"flows": flows_file, "skims": skims_file, "routes": routes_file}
    files = {what: path for what, path in asked.items() if path is not None}
    _check_formats(files)
    with Console(stderr=True).status("Reading") as status:
        problem = read_problem(
            net, trips, toll_factor=toll_factor, distance_factor=distance_factor, matrices=matrix or None
        )
        problem = _with_demand(problem, elasticity, reference_costs)
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


def adjust(
    net: Annotated[Path, typer.Argument(metavar="NET", help="Network: a TNTP file, or a GMNS folder.")],
    trips: Annotated[
        Path | None,
        typer.Argument(metavar="TRIPS", help="Prior: TNTP, CSV or OMX file. [default: demand.csv of the GMNS folder]"),
    ] = None,
    *,
    counts_file: Annotated[
        Path, typer.Option("--counts", metavar="COUNTS", help="CSV: link (or from, to), count; class, weight.")
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="OUT", help="Write adjusted trips: OUT.csv, OUT.parquet or OUT.omx.")
    ],
    prior_weight: Annotated[
        float, typer.Option("--prior-weight", min=0, max=1e12, help="Weight of the prior beside the counts.")
    ] = 1.0,
    bounds: Annotated[
        tuple[float, float],
        typer.Option("--bounds", metavar="LOW HIGH", help="Factors by which trips may differ from the prior."),
    ] = (0.2, 5.0),
    gap: Annotated[float, typer.Option("--gap", min=0, max=1, help="Relative gap of the equilibria.")] = 1e-6,
    threads: Annotated[
        int | None, typer.Option("--threads", min=1, max=1024, help="Threads. [default: one a processor]")
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
    """Adjust trips to traffic counts; exit code 1 if an equilibrium or the adjustment does not converge."""
    from time import perf_counter

    from jibek.assignment import adjust as adjust_trips
    from jibek.assignment import check_finite, read_counts, read_problem, skim_format
    from jibek.present import adjustment_json, print_adjustment

    if not 0 < bounds[0] <= 1 <= bounds[1]:
        raise typer.BadParameter("LOW is above 0 and at most 1, HIGH at least 1.", param_hint="--bounds")
    skim_format(out)  # a name that says none is told now, not after the work
    with Console(stderr=True).status("Reading") as status:
        problem = read_problem(
            net, trips, toll_factor=toll_factor, distance_factor=distance_factor, matrices=matrix or None
        )
        counts = read_counts(counts_file, problem.network, [each.name for each in problem.classes])
        status.update("Compiling, or reading what was compiled before")
        start = perf_counter()
        result = adjust_trips(
            problem.network,
            problem.classes,
            counts,
            prior_weight=prior_weight,
            bounds=bounds,
            gap=gap,
            threads=threads,
            progress=status.update,
        )
        seconds = perf_counter() - start
    for assignment in (result.before, result.after):
        check_finite(problem.network, assignment)
    _write_trips(out, problem, result)
    if as_json:
        print_json(adjustment_json(problem, counts, result, seconds=seconds))
    else:
        print_adjustment(terminal(), problem, counts, result, seconds=seconds, file=out, language=language)
    if not result.converged:
        raise typer.Exit(1)


def _write_trips(target: Path, problem: Problem, result: Adjustment) -> None:
    """Write adjusted trips as a table or as matrices, by the ending of the name."""
    from dataclasses import replace

    import numpy as np

    from jibek.assignment import demand_table, encode_matrices, encode_table, skim_format

    classes = [replace(each, trips=its) for each, its in zip(problem.classes, result.trips, strict=True)]
    kind = skim_format(target)
    if kind != "omx":
        write_file(target, encode_table(demand_table(classes, problem.zone_ids), kind))
        return
    matrices = []
    for each in classes:
        matrix = np.zeros((len(problem.zone_ids),) * 2)
        np.add.at(matrix, (each.origin, each.destination), each.trips)
        matrices.append((each.name, matrix))
    write_file(target, encode_matrices(matrices, problem.zone_ids))


def _with_demand(problem: Problem, elasticity: float, reference_costs: Path | None) -> Problem:
    """Let all trips follow their costs by an elasticity."""
    from dataclasses import replace

    from jibek.assignment import read_reference_costs

    costs: tuple[Any, ...] = (None,) * len(problem.classes)
    if reference_costs is not None:
        costs = read_reference_costs(reference_costs, problem.zone_ids, problem.classes)
    classes = [
        replace(each, elasticity=elasticity, reference_cost=cost)
        for each, cost in zip(problem.classes, costs, strict=True)
    ]
    return replace(problem, classes=tuple(classes))


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
