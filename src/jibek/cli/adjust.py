"""The command that adjusts trips to traffic counts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from jibek.cli.options import AsJson, DistanceFactor, Language, Matrices, Threads, TollFactor, TrafficNet
from jibek.cli.output import print_json, terminal
from jibek.cli.traffic_files import write_trips

__all__ = ["adjust"]


def adjust(
    net: TrafficNet,
    trips: Annotated[
        Path | None,
        typer.Argument(
            metavar="TRIPS", help="Prior: TNTP, CSV or OMX file.", show_default="demand.csv of the GMNS folder"
        ),
    ] = None,
    *,
    counts_file: Annotated[
        Path,
        typer.Option(
            "--counts",
            metavar="COUNTS",
            help="CSV: link (or from, to), count; class, weight.",
            rich_help_panel="Input",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="OUT",
            help="Write adjusted trips: OUT.csv, OUT.parquet or OUT.omx.",
            rich_help_panel="Results",
        ),
    ],
    matrix: Matrices = None,
    toll_factor: TollFactor = 0.0,
    distance_factor: DistanceFactor = 0.0,
    prior_weight: Annotated[
        float,
        typer.Option(
            "--prior-weight",
            min=0,
            max=1e12,
            help="Weight of the prior beside the counts.",
            rich_help_panel="Adjustment",
        ),
    ] = 1.0,
    bounds: Annotated[
        tuple[float, float],
        typer.Option(
            "--bounds",
            metavar="LOW HIGH",
            help="Factors by which trips may differ from the prior.",
            rich_help_panel="Adjustment",
        ),
    ] = (0.2, 5.0),
    gap: Annotated[
        float,
        typer.Option("--gap", min=0, max=1, help="Relative gap of the equilibria.", rich_help_panel="Equilibrium"),
    ] = 1e-6,
    threads: Threads = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Adjust trips to traffic counts; exit code 1 if an equilibrium or the adjustment does not converge."""
    from time import perf_counter

    if not 0 < bounds[0] <= 1 <= bounds[1]:
        raise typer.BadParameter("LOW is above 0 and at most 1, HIGH at least 1.", param_hint="--bounds")
    with Console(stderr=True).status("Compiling, or reading what was compiled before") as status:
        from jibek.assignment import adjust as adjust_trips
        from jibek.assignment import check_finite, matrix_format, read_counts, read_problem
        from jibek.present import adjustment_json, print_adjustment

        matrix_format(out)  # a name that says none is told now, not after the work
        status.update("Reading")
        problem = read_problem(
            net, trips, toll_factor=toll_factor, distance_factor=distance_factor, matrices=matrix or None
        )
        counts = read_counts(counts_file, problem.network, [each.name for each in problem.classes])
        status.update("Solving")
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
    write_trips(out, problem, result)
    if as_json:
        print_json(adjustment_json(problem, counts, result, seconds=seconds))
    else:
        print_adjustment(terminal(), problem, counts, result, seconds=seconds, file=out, language=language)
    if not result.converged:
        raise typer.Exit(1)
