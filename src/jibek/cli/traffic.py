"""Commands on road networks of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from jibek.cli.options import AsJson, Language
from jibek.cli.output import print_json, terminal, write_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from jibek.assignment import Assignment, Problem, StochasticAssignment

__all__ = ["assign"]


def assign(
    net: Annotated[Path, typer.Argument(metavar="NET", help="Network: a TNTP file, or a GMNS folder.")],
    trips: Annotated[
        Path | None,
        typer.Argument(metavar="TRIPS", help="TNTP, CSV or OMX file. [default: demand.csv of the GMNS folder]"),
    ] = None,
    gap: Annotated[
        float,
        typer.Option("--gap", min=0, max=1, help="Relative gap to reach; the residual with --method stochastic."),
    ] = 1e-6,
    method: Annotated[
        Literal["user", "system", "stochastic"],
        typer.Option("--method", help="Equilibrium of users, least total cost, or equilibrium of logit choices."),
    ] = "user",
    spread: Annotated[
        float | None,
        typer.Option("--spread", help="Spread of perceived costs, in units of time; for --method stochastic only."),
    ] = None,
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
    from functools import partial
    from time import perf_counter

    from jibek.assignment import check_finite, flow_format, read_problem, solve, solve_stochastic
    from jibek.present import assignment_json, print_assignment

    solution: Callable[..., Assignment | StochasticAssignment]
    if method == "stochastic":
        if spread is None:
            raise typer.BadParameter("--method stochastic needs a --spread")
        solution = partial(solve_stochastic, spread=spread, residual=gap)
    elif spread is None:
        solution = partial(solve, objective=method, gap=gap)
    else:
        raise typer.BadParameter(f"--method {method} has no --spread")
    if flows_file is not None:
        flow_format(flows_file)  # a name that says none is told now, not after the work
    with Console(stderr=True).status("Reading") as status:
        problem = read_problem(
            net, trips, toll_factor=toll_factor, distance_factor=distance_factor, matrices=matrix or None
        )
        status.update("Compiling, or reading what was compiled before")
        start = perf_counter()
        result = solution(problem.network, problem.classes, threads=threads, progress=status.update)
        seconds = perf_counter() - start
    check_finite(problem.network, result)
    if flows_file is not None:
        _write_link_flows(flows_file, problem, result)
    if as_json:
        print_json(assignment_json(problem, result, seconds=seconds))
    else:
        print_assignment(terminal(), problem, result, goal=gap, seconds=seconds, file=flows_file, language=language)
    if not result.converged:
        raise typer.Exit(1)


def _write_link_flows(target: Path, problem: Problem, result: Assignment | StochasticAssignment) -> None:
    """Write a table by the ending of its name, or a GMNS folder where it has none."""
    from jibek.assignment import encode_table, flow_format, link_flow_table, to_gmns_texts

    table = link_flow_table(problem.network, problem.classes, result.flow, result.time)
    kind = flow_format(target)
    if kind != "gmns":
        write_file(target, encode_table(table, kind))
        return
    for name, text in to_gmns_texts(problem.network, problem.classes, table, nodes=problem.nodes).items():
        write_file(target / name, text)
