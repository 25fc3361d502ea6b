"""An assignment as text on a terminal and as the stable JSON of the command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from rich.markup import escape

from jibek.assignment import StochasticAssignment
from jibek.present.language import Language, LanguageCode, language_of
from jibek.present.terminal import empty_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from jibek.assignment import Assignment, LinkUsers, Problem

__all__ = ["assignment_json", "print_assignment"]

_TOP = 10  # pairs of a table


def assignment_json(
    problem: Problem, result: Assignment | StochasticAssignment, *, seconds: float, users: Sequence[LinkUsers]
) -> dict[str, Any]:
    """Write an assignment as JSON has it.

    Parameters
    ----------
    problem, result
        What was assigned, and how it went.
    seconds
        Time that the solution took, reading left out.
    users
        Who uses the links that were asked about.

    Returns
    -------
    dict
        ``converged, relative_gap, surplus, objective, total_cost, iterations, seconds, certificate``, the classes with
        their trips, by name the pairs of zones that no way joins, and ``select_link``, the users of links. A stochastic
        equilibrium has ``residual, spread, expected_cost`` in place of ``relative_gap, surplus``.
    """
    certificate = result.certificate
    its, proofs = _own(result)
    return {
        "converged": result.converged,
        **its,
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
                "trips": float(trips.sum()),
                "trips_at_reference": float(travellers.trips.sum()),
                "within_zones": _trips_of(result.within, travellers.name),
                "unrouted": _trips_of(result.unrouted, travellers.name),
            }
            for travellers, trips in zip(problem.classes, result.trips, strict=True)
        ],
        "unrouted": problem.name_zones(result.unrouted).to_dicts(),
        "select_link": [_users_json(problem, its) for its in users],
    }


def print_assignment(
    console: Console,
    problem: Problem,
    result: Assignment | StochasticAssignment,
    *,
    goal: float,
    seconds: float,
    users: Sequence[LinkUsers],
    files: Mapping[str, Path],
    language: LanguageCode = "en",
) -> None:
    """Print what was reached, what it costs, whether it holds, which trips find no way, and who uses links.

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
    users
        Who uses the links that were asked about.
    files
        What was written, ``flows``, ``skims`` or ``routes``, and where.
    language
        Language of texts.
    """
    words = language_of(language)
    network = problem.network
    sizes = {"zones": network.n_zones, "nodes": len(network.node_ids), "links": len(network.link_ids)}
    trips = sum(float(travellers.trips.sum()) for travellers in problem.classes)
    console.print(words.text("assign.problem", **sizes, trips=trips))
    _print_solution(console, problem, result, words, goal=goal, seconds=seconds)
    if result.within.height:
        console.print(words.text("assign.within", trips=result.within["trips"].sum()))
    unrouted = problem.name_zones(result.unrouted).sort("trips", descending=True)
    if unrouted.height:
        lost = words.text("assign.unrouted", trips=unrouted["trips"].sum(), pairs=unrouted.height)
        console.print(f"[yellow]{lost}[/]")
        table = empty_table(words, "class", "from_zone", "to_zone", "trips", numbers=1)
        for row in unrouted.head(_TOP).iter_rows(named=True):
            table.add_row(
                *(escape(row[name]) for name in ("class", "origin", "destination")), words.number(row["trips"])
            )
        console.print(table)
    for its in users:
        _print_users(console, problem, its, words)
    for what, file in files.items():
        console.print(escape(words.text(f"assign.written.{what}", file=file)), soft_wrap=True)


def _own(result: Assignment | StochasticAssignment) -> tuple[dict[str, float], dict[str, float]]:
    """Give what one kind of equilibrium has and the other has not, of the solution and of its certificate."""
    if isinstance(result, StochasticAssignment):
        own = {"residual": result.residual, "spread": result.spread, "expected_cost": _expected_cost(result)}
        return own, {"residual": result.certificate.residual}
    proofs = {name: getattr(result.certificate, name) for name in ("average_excess", "misfit")}
    return {"relative_gap": result.gap, "surplus": result.certificate.surplus}, {"relative_gap": result.gap, **proofs}


def _expected_cost(result: StochasticAssignment) -> float:
    """Sum the expected least costs of all trips that find a way."""
    joined = result.pairs.filter(pl.col("expected_cost").is_finite())
    return float((joined["trips"] * joined["expected_cost"]).sum())


def _print_solution(
    console: Console,
    problem: Problem,
    result: Assignment | StochasticAssignment,
    words: Language,
    *,
    goal: float,
    seconds: float,
) -> None:
    """Print what was reached, what it costs, whether it holds, and how trips answer to costs."""
    certificate = result.certificate
    measure, value = ("residual", result.residual) if isinstance(result, StochasticAssignment) else ("gap", result.gap)
    reached = f"{value:.1e}"
    if result.converged:
        line = words.text(f"assign.{measure}.reached", reached=reached, rounds=result.iterations, seconds=seconds)
        console.print(line)
    else:
        told = {"reached": reached, "rounds": result.iterations, "goal": f"{goal:.1e}"}
        console.print(f"[yellow]{words.text(f'assign.{measure}.not_reached', **told)}[/]")
    costs = {"objective": f"{certificate.objective:.12g}", "total_cost": f"{certificate.total_cost:.12g}"}
    console.print(words.text("assign.costs", **costs))
    conservation = f"{certificate.imbalance:.1e}"
    console.print(words.text(f"assign.{measure}.certificate", reached=reached, conservation=conservation))
    if isinstance(result, StochasticAssignment):
        console.print(words.text("assign.expected", cost=f"{_expected_cost(result):.12g}"))
    elif any(travellers.elasticity > 0 for travellers in problem.classes):
        answer = {"trips": sum(float(its.sum()) for its in result.trips), "misfit": f"{result.certificate.misfit:.1e}"}
        console.print(words.text("assign.elastic", **answer, surplus=f"{result.certificate.surplus:.6g}"))


def _users_json(problem: Problem, users: LinkUsers) -> dict[str, Any]:
    """Write the users of a link as JSON has them."""
    names, links = [travellers.name for travellers in problem.classes], problem.network.link_ids
    return {
        "link": links[users.link],
        "trips": float(users.flow[:, users.link].sum()),
        "pairs": problem.name_zones(users.pairs).to_dicts(),
        "flows": [
            {"class": names[k], "link": links[link], "trips": float(users.flow[k, link])}
            for k, link in np.argwhere(users.flow).tolist()
        ],
    }


def _print_users(console: Console, problem: Problem, users: LinkUsers, words: Language) -> None:
    """Print the largest users of a link."""
    pairs = problem.name_zones(users.pairs).sort("trips", descending=True, maintain_order=True)
    told = {"link": problem.network.link_ids[users.link], "trips": pairs["trips"].sum(), "pairs": pairs.height}
    console.print(escape(words.text("assign.users", **told)))
    table = empty_table(words, "class", "from_zone", "to_zone", "trips", "share_of_pair", numbers=2)
    for row in pairs.head(_TOP).iter_rows(named=True):
        names = (escape(row[name]) for name in ("class", "origin", "destination"))
        table.add_row(*names, words.number(row["trips"]), words.percent(row["share"]))
    if pairs.height:
        console.print(table)


def _trips_of(table: pl.DataFrame, name: str) -> float:
    """Sum the trips of a class."""
    return float(table.filter(pl.col("class") == name)["trips"].sum())
