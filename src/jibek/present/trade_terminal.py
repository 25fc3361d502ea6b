"""Trade on a terminal: pairs of economies, who gains, how trade and flows came to agree, what is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from jibek.present import trade_rows
from jibek.present.inputs import complete
from jibek.present.language import LanguageCode, language_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from rich.console import Console

    from jibek.present.language import Language

__all__ = ["print_trade"]

_PAIRS = 20


def print_trade(console: Console, tables: Mapping[str, pl.DataFrame], *, language: LanguageCode = "en") -> None:
    """Print who trades with whom and what the scenario makes of it.

    Parameters
    ----------
    console
        Where to print.
    tables
        Result tables of a run with the stage of trade.
    language
        Language of texts.
    """
    words = language_of(language)
    local = complete(tables)
    pairs = trade_rows.pair_rows(local, words, most=_PAIRS)
    changed = local["trade_trace"].height > 0
    columns = (
        "pair",
        "before",
        *(("after", "change", "interval", "cost") if changed else ("range",)),
        "factor",
        "grade",
    )
    _print(console, words, "trade.terminal_pairs", columns, pairs)
    gains = ("name", "exports", "imports", *(("income", "interval") if changed else ()))
    _print(console, words, "trade.terminal_countries", gains, trade_rows.country_rows(local, words))
    steps = ("number", "trade", "tonnes", "delay", "gap")
    _print(console, words, "trade.trace", steps, trade_rows.trace_rows(local, words))
    missing = trade_rows.left_out_rows(local, words)
    _print(console, words, "trade.left_out", ("reason", "count", "tonnes"), missing)
    told = trade_rows.certified_trade(local, words)
    if told:
        console.print(told)


def _print(
    console: Console, words: Language, title: str, columns: Sequence[str], rows: Sequence[Mapping[str, str]]
) -> None:
    """Print rows under a title; nothing where there are none."""
    if not rows:
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        is_text = column in {"pair", "name", "grade", "reason"}
        table.add_column(words.text(f"trade.column.{column}"), justify="left" if is_text else "right")
    for row in rows:
        table.add_row(*(escape(row[column]) for column in columns))
    console.print(f"[bold]{escape(words.text(title))}[/]")
    console.print(table)
    console.print()
