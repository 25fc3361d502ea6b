"""Operations on a terminal: how late, where one waits, which vessels are full, what could not be simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from jibek.present import operations_rows
from jibek.present.inputs import complete, localised
from jibek.present.language import LanguageCode, language_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from rich.console import Console

    from jibek.present.language import Language

__all__ = ["print_operations"]

_STATIONS = 15
_SERVICES = 15
_OVERLOADS = 10
_NUMBERS = {
    *("mean", "interval", "p50", "p80", "p95", "load", "utilisation", "wait", "queue", "departures", "full", "filled"),
    *("days_without", "observed", "modelled", "year", "change", "days", "lost", "delay", "held", "diverted", "usd"),
    *("recovered", "low", "high", "reach", "band", "most", *operations_rows.VOLUMES),
}


def print_operations(console: Console, tables: Mapping[str, pl.DataFrame], *, language: LanguageCode = "en") -> None:
    """Print transit times, journeys, waits at stations and for vessels, and what has no room for a queue.

    Parameters
    ----------
    console
        Where to print.
    tables
        Result tables of a run with the stage of operations.
    language
        Language of texts.
    """
    words = language_of(language)
    local = localised(complete(tables), words)
    solution = local["operations_solution"]
    if solution.is_empty():
        console.print(words.text("operations.nothing"))
        return
    times = ("mean", "interval", "p50", "p80", "p95")
    parts = (
        ("routes", operations_rows.time_rows(local, words), ("name", "direction", "goods", "quantity", *times)),
        ("journeys", operations_rows.journey_rows(local, words), ("journey", "name", *times)),
        (
            "stations",
            operations_rows.station_rows(local, words, most=_STATIONS),
            ("name", "load", "utilisation", "wait", "p95", "queue"),
        ),
        (
            "services",
            operations_rows.service_rows(local, words, most=_SERVICES),
            ("name", "call", "departures", "full", "filled", "wait", "p95", "days_without"),
        ),
        (
            "what_ifs",
            operations_rows.what_if_rows(local, words),
            ("scenario", "corridor", "direction", "mean", "p95", "change", "full"),
        ),
        (
            "replays",
            operations_rows.replay_rows(local, words),
            ("disruption", "days", "lost", "delay", "interval", "held", "diverted", "usd", "recovered"),
        ),
        (
            "curves",
            operations_rows.curve_rows(local, words, most=_STATIONS),
            ("name", *operations_rows.VOLUMES, "band"),
        ),
        ("tornado", operations_rows.tornado_rows(local, words), ("estimate", "low", "high", "reach")),
        ("checks", operations_rows.check_rows(local, words), ("title", "use", "year", "observed", "modelled", "p95")),
        (
            "reports",
            operations_rows.report_rows(local, words),
            ("title", "use", "year", "observed", "modelled", "most"),
        ),
    )
    for name, rows, columns in parts:
        _print(console, words, name, rows, columns)
    overloads = operations_rows.overload_rows(local, words)
    _print(console, words, "overloads", overloads[:_OVERLOADS], ("name", "load", "wait"), count=len(overloads))
    row = solution.row(0, named=True)
    console.print(
        words.text("operations.solution", **{name: row[name] for name in ("replications", "events", "consignments")})
    )
    console.print(words.text("operations.notices_count", count=local["operations_notices"].height))


def _print(
    console: Console, words: Language, name: str, rows: Sequence[Mapping[str, str]], columns: Sequence[str], **told: int
) -> None:
    """Print rows as a table under its title."""
    if not rows:
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        head, number = words.text(f"operations.column.{column}"), column in _NUMBERS
        table.add_column(head, justify="right" if number else "left", no_wrap=number)
    for row in rows:
        table.add_row(*(escape(row[column]) for column in columns))
    console.print(f"[bold]{escape(words.text(f'operations.title.{name}', **told))}[/]")
    console.print(table)
    console.print()
