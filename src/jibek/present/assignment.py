"""An assignment as text on a terminal and as the stable JSON of the command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from rich.markup import escape

from jibek.assignment import StochasticAssignment
from jibek.present.language import LanguageCode, language_of
from jibek.present.terminal import empty_table

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from jibek.assignment import Assignment, Problem

__all__ = ["assignment_json", "print_assignment"]

_UNROUTED = 10


def assignment_json(problem: Problem, result: Assignment | StochasticAssignment, *, seconds: float) -> dict[str, Any]:
    """Write an assignment as JSON has it.

    Parameters
    ----------
    problem, result
        What was assigned, and how it went.
    seconds
        Time that the solution took, reading left out.

    Returns
    -------
    dict
        ``converged, relative_gap, objective, total_cost, iterations, seconds, certificate``, the classes with their
        trips, and by name the pairs of zones that no way joins. A stochastic equilibrium has ``residual, spread,
        expected_cost`` in place of ``relative_gap``.
    """
    certificate = result.certificate
    if isinstance(result, StochasticAssignment):
        reached = {"residual": result.residual, "spread": result.spread, "expected_cost": _expected_cost(result)}
        proofs = {"residual": result.certificate.residual}
    else:
        reached = {"relative_gap": result.gap}
        proofs = {"relative_gap": result.certificate.gap, "average_excess": result.certificate.average_excess}
    return {
        "converged": result.converged,
        **reached,
        "objective": certificate.objective,
        "total_cost": certificate.total_cost,
        "iterations": result.iterations,
        "seconds": seconds,
        "certificate": {
            "conservation": certificate.imbalance,
            **proofs,
            "objective": certificate.objective,
            "misplaced": certificate.misplaced,
        },
        "zones": problem.network.n_zones,
        "nodes": len(problem.network.node_ids),
        "links": len(problem.network.link_ids),
        "classes": [
            {
                "name": travellers.name,
                "trips": float(travellers.trips.sum()),
                "within_zones": _trips_of(result.within, travellers.name),
                "unrouted": _trips_of(result.unrouted, travellers.name),
            }
            for travellers in problem.classes
        ],
        "unrouted": _unrouted(problem, result).to_dicts(),
    }


def print_assignment(
    console: Console,
    problem: Problem,
    result: Assignment | StochasticAssignment,
    *,
    goal: float,
    seconds: float,
    file: Path | None = None,
    language: LanguageCode = "en",
) -> None:
    """Print what was reached, what it costs, whether it holds, and which trips find no way.

    Parameters
    ----------
    console
        Where to print.
    problem, result
        What was assigned, and how it went.
    goal
        Relative gap or residual that was asked for.
    seconds
        Time that the solution took.
    file
        Where flows were written, if they were.
    language
        Language of texts.
    """
    words = language_of(language)
    network, certificate = problem.network, result.certificate
    sizes = {"zones": network.n_zones, "nodes": len(network.node_ids), "links": len(network.link_ids)}
    trips = sum(float(travellers.trips.sum()) for travellers in problem.classes)
    console.print(words.text("assign.problem", **sizes, trips=trips))
    measure, reached, certified = (
        ("residual", result.residual, result.certificate.residual)
        if isinstance(result, StochasticAssignment)
        else ("gap", result.gap, result.certificate.gap)
    )
    told = {"reached": f"{reached:.1e}", "rounds": result.iterations}
    if result.converged:
        console.print(words.text(f"assign.{measure}.reached", **told, seconds=seconds))
    else:
        console.print(f"[yellow]{words.text(f'assign.{measure}.not_reached', **told, goal=f'{goal:.1e}')}[/]")
    costs = {"objective": f"{certificate.objective:.12g}", "total_cost": f"{certificate.total_cost:.12g}"}
    console.print(words.text("assign.costs", **costs))
    if isinstance(result, StochasticAssignment):
        console.print(words.text("assign.residual.expected", cost=f"{_expected_cost(result):.12g}"))
    proofs = {"reached": f"{certified:.1e}", "conservation": f"{certificate.imbalance:.1e}"}
    console.print(words.text(f"assign.{measure}.certificate", **proofs))
    if result.within.height:
        console.print(words.text("assign.within", trips=result.within["trips"].sum()))
    unrouted = _unrouted(problem, result).sort("trips", descending=True)
    if unrouted.height:
        lost = words.text("assign.unrouted", trips=unrouted["trips"].sum(), pairs=unrouted.height)
        console.print(f"[yellow]{lost}[/]")
        table = empty_table(words, "class", "from_zone", "to_zone", "trips", numbers=1)
        for row in unrouted.head(_UNROUTED).iter_rows(named=True):
            table.add_row(
                *(escape(row[name]) for name in ("class", "origin", "destination")), words.number(row["trips"])
            )
        console.print(table)
    if file is not None:
        console.print(escape(words.text("assign.written", file=file)), soft_wrap=True)


def _trips_of(table: pl.DataFrame, name: str) -> float:
    """Sum the trips of a class."""
    return float(table.filter(pl.col("class") == name)["trips"].sum())


def _expected_cost(result: StochasticAssignment) -> float:
    """Sum the expected least costs of all trips that find a way."""
    joined = result.pairs.filter(pl.col("expected_cost").is_finite())
    return float((joined["trips"] * joined["expected_cost"]).sum())


def _unrouted(problem: Problem, result: Assignment | StochasticAssignment) -> pl.DataFrame:
    """Name pairs that no way joins by their zones; a result names the nodes that stand for them."""
    if problem.nodes is None:
        return result.unrouted
    zones = dict(zip(problem.network.node_ids, problem.nodes.zone_ids, strict=False))
    return result.unrouted.with_columns(pl.col("origin", "destination").replace_strict(zones))
