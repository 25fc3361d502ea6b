"""Two runs side by side as tables of written-out cells: one description that terminal and page both follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jibek.present.language import Language
    from jibek.study import Comparison, FlowComparison

__all__ = ["ComparisonTable", "comparison_tables", "notice_texts", "route_table"]

_MOST = 15
_UNSERVED = 15
_SAME = 0.0005  # change below this share of the largest value is none
_MONEY = {"delay_usd", "payments_usd"}


@dataclass(frozen=True)
class ComparisonTable:
    """A table of a comparison.

    Attributes
    ----------
    key : str
        Its heading below ``compare`` in the catalogue.
    columns : tuple of str
        Keys below ``column`` in the catalogue.
    numbers : int
        So many of the last columns hold numbers.
    rows : list of list of str
        Written-out cells.
    more : int
        Rows left out.
    note : str
        What is to be said below; may be empty.
    """

    key: str
    columns: tuple[str, ...]
    numbers: int
    rows: list[list[str]]
    more: int = 0
    note: str = ""


def notice_texts(comparison: Comparison, language: Language) -> list[str]:
    """Write out what keeps the runs from being the same question."""
    texts = []
    for kind, values in comparison.notices:
        told = {key: ", ".join(value) if isinstance(value, list) else value for key, value in values.items()}
        texts.append(language.text(f"compare.notice_{kind}", **told))
    return texts


def comparison_tables(
    flows: FlowComparison, world: Mapping[str, pl.DataFrame], language: Language
) -> list[ComparisonTable]:
    """Lay out the comparison of flows, the most important table first.

    Parameters
    ----------
    flows
        What changes.
    world
        Tables ``places``, ``corridors``, ``modes`` of one of the runs, for names in the language.
    language
        Language of every text.
    """
    corridors = dict(world["corridors"].select("id", "name").iter_rows()) | {"": language.text("flows.unnamed")}
    by_land = {"": language.text("compare.at_sea")}
    tables = [
        _totals(flows.totals, language),
        _benefit(flows, language),
        _unserved(flows.unserved, world, language),
        _moved("modes", flows.tonne_km_by_mode, "mode", language.mode, language),
        _moved(
            "countries", flows.tonne_km_by_country, "country", lambda c: by_land.get(c) or language.country(c), language
        ),
        _corridors(flows.corridors, corridors, language),
        _resources(flows.resources, language),
        _paid("payees", flows.payments_by_payee, "payee", lambda name: language.name("payee", name), language),
        _paid(
            "pay_countries",
            flows.payments_by_country,
            "country",
            lambda code: language.country(code) if code else language.text("compare.at_sea"),
            language,
            note=language.text("compare.pay_countries_note"),
        ),
    ]
    return [table for table in tables if table.rows]


def route_table(routes: pl.DataFrame, world: Mapping[str, pl.DataFrame], language: Language) -> ComparisonTable:
    """Lay out the best way of each pair and corridor before and after."""
    places = dict(world["places"].select("id", "name").iter_rows())
    corridors = dict(world["corridors"].select("own", "name").iter_rows())
    rows = [
        [
            " – ".join(places.get(row[end], row[end]) for end in ("origin", "destination")),
            language.way(corridors.get(row["corridor"], row["corridor"]), ()),
            *(language.days(row[f"hours_{when}"]) for when in ("before", "after")),
            *(language.usd(row[f"usd_{when}"]) for when in ("before", "after")),
            *(language.count(row[f"kg_co2_{when}"]) for when in ("before", "after")),
        ]
        for row in routes.iter_rows(named=True)
    ]
    columns = ("pair", "corridor", "days_before", "days_after", "usd_before", "usd_after", "co2_before", "co2_after")
    return ComparisonTable("routes", columns, 6, rows)


def _totals(totals: pl.DataFrame, language: Language) -> ComparisonTable:
    rows = []
    for row in totals.iter_rows(named=True):
        write = language.money if row["measure"] in _MONEY else language.round
        rows.append(
            [
                language.text(f"measure.{row['measure']}"),
                write(row["before"]),
                write(row["after"]),
                language.change(row["change"], write),
            ]
        )
    return ComparisonTable("totals", ("measure", "before", "after", "change"), 3, rows)


def _benefit(flows: FlowComparison, language: Language) -> ComparisonTable:
    rows = [
        [_goods(group, language), language.count(pairs), language.change(usd, language.money)]
        for group, usd, pairs in flows.benefit.select("group", "usd", "pairs").iter_rows()
    ]
    if rows:
        total = language.change(flows.benefit_usd, language.money)
        rows.append([language.text("compare.all_goods"), language.count(flows.benefit["pairs"].sum()), total])
    note = language.text("compare.benefit_lead")
    return ComparisonTable("benefit", ("group", "pairs", "benefit"), 2, rows, note=note)


def _unserved(unserved: pl.DataFrame, world: Mapping[str, pl.DataFrame], language: Language) -> ComparisonTable:
    places = dict(world["places"].select("id", "name").iter_rows())
    heaviest = unserved.sort("tonnes", "origin", "destination", "commodity", descending=[True, False, False, False])
    rows = [
        [
            language.text(f"change.{row['change']}"),
            " – ".join(places.get(row[end], row[end]) for end in ("origin", "destination")),
            _goods(row["commodity"], language),
            language.amount(row["quantity"], row["unit"]),
        ]
        for row in heaviest.head(_UNSERVED).iter_rows(named=True)
    ]
    summed = unserved.group_by("change").agg(pl.col("tonnes").sum(), pl.len()).sort("change")
    told = [
        f"{language.text(f'change.{change}')}: {language.amount(tonnes, 't')} ({language.count(pairs)})"
        for change, tonnes, pairs in summed.iter_rows()
    ]
    columns = ("what", "pair", "commodity", "quantity")
    return ComparisonTable("unserved", columns, 1, rows, unserved.height - len(rows), "; ".join(told))


def _moved(
    key: str, moved: pl.DataFrame, column: str, name: Callable[[str], str], language: Language
) -> ComparisonTable:
    kept = _changed(moved, "change", "before", "after")
    rows = [
        [
            name(row[column]),
            *(language.amount(row[when], "t km") for when in ("before", "after")),
            language.change(row["change"], lambda value: language.amount(value, "t km")),
            language.change(row["kg_co2_change"] / 1000, lambda value: language.amount(value, "t")),
        ]
        for row in kept.head(_MOST).iter_rows(named=True)
    ]
    return ComparisonTable(key, (column, "before", "after", "change", "co2_change"), 4, rows, kept.height - len(rows))


def _paid(
    key: str, paid: pl.DataFrame, column: str, name: Callable[[str], str], language: Language, *, note: str = ""
) -> ComparisonTable:
    kept = _changed(paid, "change", "before", "after")
    rows = [
        [
            name(row[column]),
            language.money(row["before"]),
            language.money(row["after"]),
            language.change(row["change"], language.money),
        ]
        for row in kept.head(_MOST).iter_rows(named=True)
    ]
    return ComparisonTable(key, (column, "before", "after", "change"), 3, rows, kept.height - len(rows), note)


def _corridors(corridors: pl.DataFrame, names: Mapping[str, str], language: Language) -> ComparisonTable:
    """Compare corridors: containers together in TEU, all other goods in their own unit together."""
    summed = corridors.group_by("corridor", "unit").agg(pl.col("before", "after", "change").sum())
    kept = _changed(summed.sort(pl.col("change").abs(), "corridor", "unit", descending=[True, False, False]), "change")
    rows = [
        [
            names.get(row["corridor"], row["corridor"]),
            language.unit(row["unit"]),
            language.round(row["before"]),
            language.round(row["after"]),
            language.change(row["change"], language.round),
        ]
        for row in kept.sort("corridor", "unit").iter_rows(named=True)
    ]
    return ComparisonTable("corridors", ("corridor", "unit", "before", "after", "change"), 3, rows)


def _resources(resources: pl.DataFrame, language: Language) -> ComparisonTable:
    kept = resources.filter(pl.col("change").abs() >= _SAME)
    rows = [
        [
            language.name("resource", row["resource"], row["name"]),
            *(language.percent(row[when]) for when in ("before", "after")),
            *(language.hours(row[f"hours_{when}"]) for when in ("before", "after")),
            language.change(row["usd_delay_change"], language.money),
        ]
        for row in kept.head(_MOST).iter_rows(named=True)
    ]
    columns = ("resource", "before", "after", "delay_before", "delay_after", "usd_delay")
    return ComparisonTable("resources", columns, 5, rows, kept.height - len(rows))


def _changed(table: pl.DataFrame, change: str, *values: str) -> pl.DataFrame:
    """Keep the rows whose change matters beside the largest value of the table."""
    largest = max((float(table[name].abs().max() or 0.0) for name in (change, *values)), default=0.0)  # type: ignore[arg-type]
    return table.filter(pl.col(change).abs() > _SAME * _SAME * largest)


def _goods(name: str, language: Language) -> str:
    return language.word(f"commodity.{name}", name)
