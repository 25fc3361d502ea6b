"""Balances on a terminal: who runs short, what binds, what would have to grow, counts beside the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from jibek.present import balance_rows
from jibek.present.balance_section import certified_balance
from jibek.present.inputs import complete, localised
from jibek.present.language import LanguageCode, language_of
from jibek.present.terminal import empty_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from rich.console import Console
    from rich.table import Table

    from jibek.present.language import Language

__all__ = ["print_balances"]

_ROWS = 15
_GOODS = ("supplied", "made", "used", "delivered", "short")
_SHORT = ("goods", "wanted", "short", "share", "periods", "usd")


def print_balances(
    console: Console, tables: Mapping[str, pl.DataFrame], systems: Sequence[str], *, language: LanguageCode = "en"
) -> None:
    """Print the balances of some systems.

    Parameters
    ----------
    console
        Where to print.
    tables
        Result tables of a run with the stage of balances.
    systems
        Which, in this order.
    language
        Language of texts.
    """
    words = language_of(language)
    local = localised(complete(tables), words)
    for system in systems:
        if local["balance_sheet"].filter(system=system).is_empty():
            console.print(words.text("terminal.no_balance", system=words.text(f"section.{system}")))
            continue
        year = local["balance_solution"]["year"][0]
        console.print(f"[bold underline]{words.text(f'section.{system}')}[/], {year}\n")
        for title, table in _tables(local, system, words):
            if table.row_count:
                console.print(f"[bold]{escape(title)}[/]")
                console.print(table)
                console.print()
    console.print(certified_balance(local, words))


def _tables(results: Mapping[str, pl.DataFrame], system: str, words: Language) -> list[tuple[str, Table]]:
    goods = empty_table(words, "commodity", *_GOODS, "unit")
    for row in balance_rows.goods_rows(results, system, words):
        goods.add_row(escape(row["name"]), *(row[name] for name in (*_GOODS, "unit")))
    short = empty_table(words, "place", "commodity", "wanted", "short", "share", "periods", "loss")
    for row in balance_rows.shortage_rows(results, system, words, most=_ROWS):
        short.add_row(escape(row["place"]), *(row[name] for name in _SHORT))
    binding = empty_table(words, "limit", "periods", "worth", "worth_percent", "relief")
    for row in balance_rows.binding_rows(results, system, words, most=_ROWS):
        binding.add_row(escape(row["name"]), row["periods"], row["worth"], row["usd"], escape("; ".join(row["relief"])))
    growth = empty_table(words, "limit", "capacity", "needed", "growth", "announced", "suffices")
    for row in balance_rows.growth_rows(results, system, words):
        enough = words.text("balances.suffices" if row["suffices"] else "balances.too_little")
        cells = (row["capacity"], row["needed"], row["growth"], row["announced"], enough if row["announced"] else "")
        growth.add_row(escape(row["name"]), *cells)
    checks = empty_table(words, "count", "year", "unit", "counted", "modelled", "error", "year_before")
    for row in balance_rows.check_rows(results, system, words):
        if not row["given"]:
            cells = (str(row["year"]), row["unit"], row["observed"], row["modelled"], row["error"])
            checks.add_row(escape(row["title"]), *cells, row["naive_error"])
    stocks = empty_table(words, "place", "error", "mean_month", numbers=2)
    for row in balance_rows.hindcast_rows(results, words) if system == "water" else []:
        stocks.add_row(escape(row["name"]), row["error"], row["naive"])
    record = empty_table(words, "place", "recorded", "modelled", "error", numbers=3)
    for row in balance_rows.record_rows(results, words) if system == "water" else []:
        record.add_row(escape(f"{row['name']}, {row['years']}"), row["observed"], row["modelled"], row["error"])
    return [
        (words.text("balances.goods"), goods),
        (words.text("balances.shortages"), short),
        (words.text("balances.binding"), binding),
        (words.text("balances.growth"), growth),
        (words.text("balances.checks"), checks),
        (words.text("balances.hindcast"), stocks),
        (words.text("balances.record"), record),
    ]
