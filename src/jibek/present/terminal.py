"""Results on a terminal: from results to tables of a Rich console, in the words of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from rich.markup import escape
from rich.table import Table

from jibek.present.language import Language, LanguageCode, language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from jibek.corridor import Corridor
    from jibek.errors import Fault
    from jibek.routes import Route

__all__ = [
    "empty_table",
    "print_comparison",
    "print_faults",
    "print_grades",
    "print_routes",
    "print_sources",
    "print_targets",
]

_STATUS_STYLE = {"met": "green", "on_track": "blue", "behind": "dark_orange", "unknown": "dim"}
_NUMBERS = {
    *("#", "days", "waiting", "usd", "co2", "km", "latest", "target", "required", "observed", "range", "moving"),
    *("waiting_hours", "load", "delay", "usd_delay", "tonnes", "share", "teu", "counted", "modelled", "error", "naive"),
    *("number", "median_error", "within"),
}
_SEVERITY_STYLE = {"fault": "bold red", "notice": "yellow"}


def print_routes(
    console: Console, routes: Sequence[Route], corridor: Corridor, *, language: LanguageCode = "en"
) -> None:
    """Print alternatives as one table, then each leg by leg.

    Parameters
    ----------
    console
        Where to print.
    routes
        Alternatives of one question, at least one.
    corridor
        Corridor that they run in, for names.
    language
        Language of texts.
    """
    words = language_of(language)
    places = _names(corridor, "places", "place", words)
    corridors = {row["name"]: words.name("corridor", row) for row in corridor["corridors"].iter_rows(named=True)}
    names = {r.rank: words.way(corridors.get(r.corridor, r.corridor), r.countries) for r in routes}
    first = routes[0]
    goods = words.word(f"commodity.{first.commodity}", first.commodity)
    ends = {"origin": places[first.origin], "destination": places[first.destination]}
    console.print(f"[bold]{escape(words.text('terminal.routes', commodity=goods, **ends))}[/]")
    table = empty_table(words, "#", "corridor", "days", "waiting", "usd", "co2", "km", "countries")
    for route in routes:
        table.add_row(
            str(route.rank),
            escape(names[route.rank]),
            words.days(route.hours),
            words.percent(route.hours_waiting / route.hours if route.hours else None),
            words.usd(route.usd),
            f"{words.count(route.kg_co2)} {words.text('unit.kg')}",
            words.km(route.km),
            words.countries(route.countries),
        )
    console.print(table)
    for route in routes:
        console.print(_legs(route, names[route.rank], places, words))


def print_targets(console: Console, targets: pl.DataFrame, *, language: LanguageCode = "en") -> None:
    """Print promises by state: where each stands, what it needs, what it had.

    Parameters
    ----------
    console
        Where to print.
    targets
        Result of `jibek.targets.assess`.
    language
        Language of texts.
    """
    words = language_of(language)
    table = empty_table(words, "status", "promise", "latest", "target", "unit", "required", "observed", "reason")
    for status, style in _STATUS_STYLE.items():
        of_status = targets.filter(pl.col("status") == status).sort("due_year", "title", "id", nulls_last=True)
        for row in of_status.iter_rows(named=True):
            table.add_row(
                f"[{style}]{words.text(f'status.{status}')}[/]",
                escape(words.name("title", row["id"], row["title"])),
                _dated(row["latest"], row["latest_year"], words),
                _dated(row["target"], row["due_year"], words),
                row["unit"] or "",
                words.growth(row["required_growth"]),
                words.growth(row["observed_growth"]),
                words.word(f"reason.{row['reason']}", row["reason"] or ""),
            )
    console.print(table)


def print_faults(console: Console, faults: Sequence[Fault], *, language: LanguageCode = "en") -> None:
    """Print faults and notices of a corridor one by one, and how many there are."""
    words = language_of(language)
    for fault in faults:
        style = _SEVERITY_STYLE[fault.severity]
        console.print(f"[{style}]{words.text(f'terminal.{fault.severity}')}[/] {escape(str(fault))}", highlight=False)
    counts = {f"{name}s": sum(fault.severity == name for fault in faults) for name in _SEVERITY_STYLE}
    console.print(words.text("terminal.faults", **counts) if faults else words.text("terminal.no_faults"))


def print_grades(console: Console, grades: pl.DataFrame, *, language: LanguageCode = "en") -> None:
    """Print how much of each table is observed, official, derived and estimated."""
    words = language_of(language)
    share = {(table, grade): value for table, grade, value in grades.select("table", "grade", "share").iter_rows()}
    sizes = grades.group_by("table", maintain_order=True).agg(pl.col("rows").sum())
    levels = ("observed", "official", "derived", "estimate")
    output = Table(words.text("column.table"), box=None, header_style="bold")
    output.add_column(words.text("column.rows"), justify="right")
    for grade in levels:
        output.add_column(words.text(f"grade.{grade}"), justify="right")
    for table, rows in sizes.iter_rows():
        parts = [words.percent(share[table, grade]) if (table, grade) in share else "" for grade in levels]
        output.add_row(words.word(f"table.{table}", table), words.count(rows), *parts)
    console.print(output)


def print_comparison(console: Console, difference: pl.DataFrame, *, language: LanguageCode = "en") -> None:
    """Print what a second run changes for each pair and corridor; a dash where it has no such way.

    Parameters
    ----------
    console
        Where to print.
    difference
        Result of `jibek.study.compare`.
    language
        Language of texts.
    """
    words = language_of(language)
    table = empty_table(
        words, "pair", "corridor", "days_before", "days_after", "usd_before", "usd_after", "co2_before", "co2_after"
    )
    for row in difference.iter_rows(named=True):
        table.add_row(
            f"{escape(row['origin'])} – {escape(row['destination'])}",
            escape(words.way(row["corridor"], ())),
            *(words.days(row[f"hours_{when}"]) for when in ("before", "after")),
            *(words.usd(row[f"usd_{when}"]) for when in ("before", "after")),
            *(words.count(row[f"kg_co2_{when}"]) for when in ("before", "after")),
        )
    console.print(table)


def print_sources(console: Console, found: pl.DataFrame, *, language: LanguageCode = "en") -> None:
    """Print where figures come from: row or cell, source, grade, range and note."""
    words = language_of(language)
    table = empty_table(words, "element", "column", "grade", "range", "rule", "note")
    for row in found.iter_rows(named=True):
        bounds = [words.number(row[end]) for end in ("low", "high") if row[end] is not None]
        table.add_row(
            escape(f"{row['table']}/{row['id']}"),
            row["column"] or "",
            words.word(f"grade.{row['grade']}", row["grade"] or ""),
            " – ".join(bounds),
            escape("\n".join(part for part in (row["source"], row["url"]) if part)),
            escape(row["note"] or ""),
        )
    console.print(table)


def _legs(route: Route, name: str, places: dict[str, str], words: Language) -> Table:
    """Lay out one alternative leg by leg, each wait on a line of its own."""
    table = empty_table(words, "leg", "moving", "waiting_hours", "usd", "km")
    table.title, table.title_justify = f"{route.rank}  {escape(name)}", "left"
    for leg in route.legs:
        way = f"{places[leg.from_place]} – {places[leg.to_place]}, {words.mode(leg.mode)}"
        figures = (words.hours(leg.hours_moving), words.hours(leg.hours_waiting), words.usd(leg.usd), words.km(leg.km))
        table.add_row(escape(way), *figures)
        for wait in leg.stops:
            paid = words.usd(wait.usd) if wait.usd else ""
            table.add_row(f"  [dim]{escape(wait.name)}[/]", "", f"[dim]{words.hours(wait.hours)}[/]", f"[dim]{paid}[/]")
    table.add_row(words.text("terminal.payees"))
    for payee, usd in route.usd_by_payee.items():
        table.add_row(f"  [dim]{escape(words.name('payee', payee))}[/]", "", "", f"[dim]{words.usd(usd)}[/]")
    return table


def empty_table(words: Language, *columns: str, numbers: int = 0) -> Table:
    """Make an empty table with named columns; numbers stand to the right, at least in the last so many columns."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for place, column in enumerate(columns, 1):
        head = column if column == "#" else words.text(f"column.{column}")
        is_number = column in _NUMBERS or column.endswith(("_before", "_after")) or place > len(columns) - numbers
        table.add_column(head, justify="right" if is_number else "left", no_wrap=is_number)
    return table


def _names(corridor: Corridor, table: str, kind: str, words: Language) -> dict[str, str]:
    rows: Iterable[tuple[str, str]] = corridor[table].select("id", "name").iter_rows()
    return {key: words.name(kind, key, name) for key, name in rows}


def _dated(value: float | None, year: int | None, words: Language) -> str:
    return words.number(value) if value is None or year is None else f"{words.number(value)} ({year})"
