"""Files that the commands on road networks write, by what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jibek.cli.output import write_file
from jibek.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jibek.assignment import Adjustment, Assignment, Problem, StochasticAssignment

__all__ = ["check_formats", "write_results", "write_trips"]


def check_formats(files: Mapping[str, Path]) -> None:
    """Refuse a name that says no format, or that two files share, now and not after the work."""
    from jibek.assignment import flow_format, matrix_format, route_format

    if len(set(files.values())) < len(files):
        raise RunError("Two files cannot have one name. Give each a name of its own.")
    formats = {"flows": flow_format, "skims": matrix_format, "routes": route_format}
    for what, path in files.items():
        formats[what](path)


def write_results(
    files: Mapping[str, Path], problem: Problem, result: Assignment | StochasticAssignment, threads: int | None
) -> None:
    """Write flows, skims and routes, as far as they were asked for."""
    if "flows" in files:
        _write_link_flows(files["flows"], problem, result)
    if "skims" in files:
        _write_skims(files["skims"], problem, result, threads)
    if "routes" in files:
        _write_routes(files["routes"], problem, result)


def write_trips(target: Path, problem: Problem, result: Adjustment) -> None:
    """Write adjusted trips as a table or as matrices, by the ending of the name."""
    from dataclasses import replace

    import numpy as np

    from jibek.assignment import demand_table, encode_matrices, encode_table, matrix_format

    classes = [replace(each, trips=its) for each, its in zip(problem.classes, result.trips, strict=True)]
    kind = matrix_format(target)
    if kind != "omx":
        write_file(target, encode_table(demand_table(classes, problem.zone_ids), kind))
        return
    matrices = []
    for each in classes:
        matrix = np.zeros((len(problem.zone_ids),) * 2)
        np.add.at(matrix, (each.origin, each.destination), each.trips)
        matrices.append((each.name, matrix))
    write_file(target, encode_matrices(matrices, problem.zone_ids))


def _write_link_flows(target: Path, problem: Problem, result: Assignment | StochasticAssignment) -> None:
    """Write a table by the ending of its name, or a GMNS folder where it has none."""
    from dataclasses import replace

    from jibek.assignment import encode_table, flow_format, link_flow_table, to_gmns_texts

    table = link_flow_table(problem.network, problem.classes, result.flow, result.time)
    kind = flow_format(target)
    if kind != "gmns":
        write_file(target, encode_table(table, kind))
        return
    classes = [replace(each, trips=trips) for each, trips in zip(problem.classes, result.trips, strict=True)]
    for name, text in to_gmns_texts(problem.network, classes, table, nodes=problem.nodes).items():
        write_file(target / name, text)


def _write_skims(
    target: Path, problem: Problem, result: Assignment | StochasticAssignment, threads: int | None
) -> None:
    """Write skims of all classes as matrices or as a table, by the ending of the name."""
    from jibek.assignment import encode_skims, encode_table, matrix_format, skim, skim_table

    skims = {each.name: skim(problem.network, each, result, threads=threads) for each in problem.classes}
    kind = matrix_format(target)
    if kind == "omx":
        write_file(target, encode_skims(skims, problem.zone_ids))
    else:
        write_file(target, encode_table(skim_table(skims, problem.zone_ids), kind))


def _write_routes(target: Path, problem: Problem, result: Assignment | StochasticAssignment) -> None:
    """Write the routes of all pairs as a table."""
    from jibek.assignment import encode_table, route_format, route_sets

    routes = problem.name_zones(route_sets(problem.network, problem.classes, result))
    write_file(target, encode_table(routes, route_format(target)))
