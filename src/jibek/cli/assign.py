"""The command that assigns trips to a road network of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from jibek.cli.options import AsJson, DistanceFactor, Language, Matrices, Threads, TollFactor, TrafficNet
from jibek.cli.output import print_json, terminal
from jibek.cli.traffic_files import check_formats, write_results

if TYPE_CHECKING:
    from collections.abc import Callable

    from jibek.assignment import Assignment, Problem, StochasticAssignment

    Method = Literal["user", "system", "stochastic"]

__all__ = ["assign"]


def assign(
    net: TrafficNet,
    trips: Annotated[
        Path | None,
        typer.Argument(metavar="TRIPS", help="TNTP, CSV or OMX file.", show_default="demand.csv of the GMNS folder"),
    ] = None,
    *,
    matrix: Matrices = None,
    toll_factor: TollFactor = 0.0,
    distance_factor: DistanceFactor = 0.0,
    method: Annotated[
        Literal["user", "system", "stochastic"],
        typer.Option(
            "--method",
            help="Equilibrium of users, least total cost, or equilibrium of logit choices.",
            rich_help_panel="Equilibrium",
        ),
    ] = "user",
    spread: Annotated[
        float | None,
        typer.Option(
            "--spread",
            help="Spread of perceived costs, in units of time; for --method stochastic only.",
            rich_help_panel="Equilibrium",
        ),
    ] = None,
    gap: Annotated[
        float,
        typer.Option(
            "--gap",
            min=0,
            max=1,
            help="Relative gap to reach; the residual with --method stochastic.",
            rich_help_panel="Equilibrium",
        ),
    ] = 1e-6,
    threads: Threads = None,
    elasticity: Annotated[
        float,
        typer.Option(
            "--elasticity",
            min=0,
            max=100,
            help="Percent of trips that one percent of cost takes away.",
            rich_help_panel="Elastic demand",
        ),
    ] = 0.0,
    reference_costs: Annotated[
        Path | None,
        typer.Option(
            "--reference-costs",
            metavar="FILE",
            help="Costs at which trips were observed, as --skims writes them.",
            show_default="those of the empty network",
            rich_help_panel="Elastic demand",
        ),
    ] = None,
    flows_file: Annotated[
        Path | None,
        typer.Option(
            "--flows",
            metavar="OUT",
            help="Write flows on links: OUT.csv, OUT.parquet, or a GMNS folder.",
            rich_help_panel="Results",
        ),
    ] = None,
    skims_file: Annotated[
        Path | None,
        typer.Option(
            "--skims",
            metavar="OUT",
            help="Write cost, time, length and toll between zones: OUT.omx, .csv or .parquet.",
            rich_help_panel="Results",
        ),
    ] = None,
    routes_file: Annotated[
        Path | None,
        typer.Option(
            "--routes",
            metavar="OUT",
            help="Write the routes that trips take: OUT.csv or OUT.parquet.",
            rich_help_panel="Results",
        ),
    ] = None,
    select_link: Annotated[
        list[str] | None,
        typer.Option(
            "--select-link",
            metavar="ID",
            help="Tell who uses this link; may be repeated.",
            rich_help_panel="Results",
        ),
    ] = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Assign trips to a road network of your own; exit code 1 if the gap is not reached."""
    from time import perf_counter

    _check_options(method, spread, elasticity, reference_costs)
    with Console(stderr=True).status("Compiling, or reading what was compiled before") as status:
        from jibek.assignment import check_finite, link_numbers, read_problem
        from jibek.assignment import select_link as users_of
        from jibek.present import assignment_json, print_assignment

        asked = {"flows": flows_file, "skims": skims_file, "routes": routes_file}
        files = {what: path for what, path in asked.items() if path is not None}
        check_formats(files)
        status.update("Reading")
        problem = read_problem(
            net, trips, toll_factor=toll_factor, distance_factor=distance_factor, matrices=matrix or None
        )
        problem = _with_demand(problem, elasticity, reference_costs)
        links = link_numbers(problem.network, select_link or ())
        status.update("Solving")
        start = perf_counter()
        result = _solver(method, spread, gap)(problem.network, problem.classes, threads=threads, progress=status.update)
        seconds = perf_counter() - start
        check_finite(problem.network, result)
        status.update("Finding what was asked")
        users = [users_of(problem.network, problem.classes, result, link) for link in links]
        write_results(files, problem, result, threads)
    if as_json:
        print_json(assignment_json(problem, result, seconds=seconds, users=users))
    else:
        print_assignment(
            terminal(), problem, result, goal=gap, seconds=seconds, users=users, files=files, language=language
        )
    if not result.converged:
        raise typer.Exit(1)


def _check_options(method: Method, spread: float | None, elasticity: float, reference_costs: Path | None) -> None:
    """Refuse options that do not go together."""
    if method == "stochastic" and spread is None:
        raise typer.BadParameter("--method stochastic needs one.", param_hint="--spread")
    if method != "stochastic" and spread is not None:
        raise typer.BadParameter(f"--method {method} has none; give --method stochastic.", param_hint="--spread")
    if method == "stochastic" and elasticity > 0:
        raise typer.BadParameter("--method stochastic keeps trips as they are.", param_hint="--elasticity")
    if reference_costs is not None and elasticity == 0:
        remedy = "Trips follow costs by an elasticity only; give --elasticity too."
        raise typer.BadParameter(remedy, param_hint="--reference-costs")


def _solver(method: Method, spread: float | None, gap: float) -> Callable[..., Assignment | StochasticAssignment]:
    """Choose what solves."""
    from functools import partial

    from jibek.assignment import solve, solve_stochastic

    if method == "stochastic":
        assert spread is not None  # noqa: S101 - else it was refused
        return partial(solve_stochastic, spread=spread, residual=gap)
    return partial(solve, objective=method, gap=gap)


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
