"""Flows on a terminal: bottlenecks, corridors, counts beside the model, goods without a way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from jibek.present import flow_checks, flow_tables
from jibek.present.flow_section import certified, missed_residual
from jibek.present.inputs import complete, localised
from jibek.present.language import LanguageCode, language_of
from jibek.present.terminal import empty_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from rich.console import Console
    from rich.table import Table

    from jibek.present.language import Language

__all__ = ["print_flows"]

_BOTTLENECKS = 15
_UNROUTED = 10


def print_flows(console: Console, tables: Mapping[str, pl.DataFrame], *, language: LanguageCode = "en") -> None:
    """Print where it jams, who goes where, how that meets the counts, and what finds no way.

    Parameters
    ----------
    console
        Where to print.
    tables
        Result tables of a run with the stage of flows.
    language
        Language of texts.
    """
    words = language_of(language)
    local = localised(complete(tables), words)
    _print(
        console,
        words.text("terminal.bottlenecks", total=local["flow_bottlenecks"].height),
        _bottlenecks(local, words),
    )
    _print(console, words.text("terminal.corridors"), _corridors(local, words))
    _print(console, words.text("terminal.counts"), _counts(local, words))
    _print(console, words.text("terminal.summary"), _summary(local, words))
    _print_unrouted(console, local, words)
    solution = local["flow_solution"]
    if solution.height:
        row = solution.row(0, named=True)
        told = {"residual": f"{row['residual']:.1e}", "pairs": row["pairs"], "routes": row["routes"]}
        console.print(words.text("terminal.solution", **told))
        if row["converged"] is False:
            console.print(f"[yellow]{words.text('flows.not_converged')} {missed_residual(solution, words)}[/]")
        console.print(certified(solution, words))


def _print(console: Console, title: str, table: Table) -> None:
    if table.row_count:
        console.print(f"[bold]{escape(title)}[/]")
        console.print(table)
        console.print()


def _bottlenecks(results: Mapping[str, pl.DataFrame], words: Language) -> Table:
    table = empty_table(words, "#", "bottleneck", "load", "delay", "usd_delay", "grade", "users", "relief")
    for row in flow_tables.bottleneck_rows(results, words, most=_BOTTLENECKS):
        cells = (row["name"], row["load"], row["hours"], row["usd"], row["grade"])
        users = row["users"]["brief"] if row["users"] else ""
        table.add_row(str(row["rank"]), *map(escape, (*cells, users, "; ".join(row["relief"]))))
    return table


def _corridors(results: Mapping[str, pl.DataFrame], words: Language) -> Table:
    table = empty_table(words, "corridor", "tonnes", "share", "teu")
    for row in flow_tables.corridor_rows(results, words):
        table.add_row(escape(row["name"]), row["tonnes"], row["share"], row["teu"])
    return table


def _counts(results: Mapping[str, pl.DataFrame], words: Language) -> Table:
    """List the counts that were never seen; those for fitting are in the summary."""
    table = empty_table(words, "count", "unit", "counted", "modelled", "error", "naive")
    for row in flow_checks.count_rows(results["flow_counts"], "check", words):
        cells = (row["observed"], row["modelled"], row["error"], f"{row['naive']} ({row['naive_error']})")
        table.add_row(escape(row["title"]), row["unit"], *cells)
    return table


def _summary(results: Mapping[str, pl.DataFrame], words: Language) -> Table:
    table = empty_table(words, "sample", "method", "number", "median_error", "within")
    for row in flow_checks.summary_rows(results, words):
        table.add_row(row["sample"], row["method"], row["number"], row["median_error"], row["within"])
    return table


def _print_unrouted(console: Console, results: Mapping[str, pl.DataFrame], words: Language) -> None:
    found = flow_tables.unrouted_rows(results, words, most=_UNROUTED)
    if not found["rows"]:
        console.print(words.text("terminal.all_routed"))
        return
    table = empty_table(words, "pair", "commodity", "tonnes", "reason")
    for row in found["rows"]:
        table.add_row(escape(row["pair"]), escape(row["goods"]), row["tonnes"], row["reason"])
    _print(console, words.text("terminal.unrouted", tonnes=found["tonnes"], pairs=found["pairs"]), table)
