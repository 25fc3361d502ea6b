"""Two runs side by side on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from jibek.present.comparison_balances import balance_tables
from jibek.present.comparison_page import world_of
from jibek.present.comparison_tables import comparison_tables, notice_texts
from jibek.present.language import LanguageCode, language_of
from jibek.present.terminal import empty_table, print_comparison

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from rich.console import Console

    from jibek.present.comparison_tables import ComparisonTable
    from jibek.present.language import Language
    from jibek.study import Comparison

__all__ = ["print_runs"]


def print_runs(
    console: Console,
    comparison: Comparison,
    before: Mapping[str, pl.DataFrame],
    after: Mapping[str, pl.DataFrame],
    *,
    language: LanguageCode = "en",
) -> None:
    """Print what a second run changes: for routes, and for flows and balances where both runs hold them.

    Parameters
    ----------
    console
        Where to print.
    comparison
        Result of `jibek.study.compare_runs`.
    before, after
        Result tables of the runs, for names.
    language
        Language of texts.
    """
    words = language_of(language)
    for notice in notice_texts(comparison, words):
        console.print(f"[yellow]{escape(notice)}[/]")
    if comparison.routes is not None:
        print_comparison(console, comparison.routes, language=language)
    world = world_of(before, after, words)
    if comparison.flows is None:
        console.print(words.text("compare.no_flows"))
    else:
        usd = words.change(comparison.flows.benefit_usd, words.money)
        console.print(f"[bold]{escape(words.text('compare.benefit_total', usd=usd))}[/]\n")
        for table in comparison_tables(comparison.flows, world, words):
            _print(console, table, words)
    for table in balance_tables(comparison, world, words):
        _print(console, table, words)


def _print(console: Console, table: ComparisonTable, words: Language) -> None:
    output = empty_table(words, *table.columns, numbers=table.numbers)
    for row in table.rows:
        output.add_row(*(escape(cell) for cell in row))
    console.print(f"[bold]{escape(words.text(f'compare.{table.key}'))}[/]")
    console.print(output)
    for remark in (table.note, words.text("compare.more_rows", count=table.more) if table.more > 0 else ""):
        if remark:
            console.print(f"[dim]{escape(remark)}[/]")
    console.print()
