"""Two balances side by side as tables of written-out cells: who gets more and who less, and what stores hold."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from jibek.present.balance_rows import written
from jibek.present.comparison_tables import ComparisonTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.present.language import Language
    from jibek.study import Comparison

__all__ = ["balance_tables"]

_MOST = 15
_SAME = 1e-4  # of what is wanted: no change
_SEEN = 1e-3  # of the largest store of the goods


def balance_tables(
    comparison: Comparison, world: Mapping[str, pl.DataFrame], language: Language
) -> list[ComparisonTable]:
    """Lay out the comparison of balances, system by system; nothing where a run holds none.

    Parameters
    ----------
    comparison
        What changes.
    world
        Table ``places`` of the runs, with names in the language.
    language
        Language of every text.
    """
    if comparison.needs is None or comparison.stocks is None:
        return []
    places = {place: name.split(" (")[0] for place, name in world["places"].select("id", "name").iter_rows()}
    systems = comparison.needs["system"].unique().sort()
    tables = {system: _needs(comparison.needs.filter(system=system), system, places, language) for system in systems}
    # where nobody gets more or less, only one of several answers as good as each other has changed
    moved = comparison.stocks.filter(pl.col("system").is_in([system for system, table in tables.items() if table.rows]))
    return [table for table in (*tables.values(), _stocks(moved, places, language)) if table.rows]


def _needs(needs: pl.DataFrame, system: str, places: Mapping[str, str], language: Language) -> ComparisonTable:
    """Compare what places get: who loses most money first, then who gets least of what it got."""
    change, shortage, loss = (
        pl.col(f"{name}_after") - pl.col(f"{name}_before") for name in ("delivered", "short", "usd")
    )
    most = pl.max_horizontal("wanted_before", "wanted_after", "delivered_before", "delivered_after")
    kept = (
        needs.with_columns(change=change, loss=loss, most=most)
        .filter(pl.max_horizontal(pl.col("change").abs(), shortage.abs()) > _SAME * pl.col("most"))
        .sort("loss", pl.col("change") / pl.col("most"), "place", "commodity", descending=[True, False, False, False])
    )
    rows = [
        [
            places.get(row["place"], row["place"]),
            language.word(f"commodity.{row['commodity']}", row["commodity"]),
            *(written(row[f"delivered_{when}"], row["unit"], language) for when in ("before", "after")),
            language.change(row["change"], partial(written, unit=row["unit"], language=language)),
            language.change(row["loss"], language.money) if row["loss"] else "",
        ]
        for row in kept.head(_MOST).iter_rows(named=True)
    ]
    columns = ("place", "commodity", "before", "after", "change", "loss_change")
    note = language.text("compare.needs_note")
    return ComparisonTable(f"needs_{system}", columns, 4, rows, kept.height - len(rows), note)


def _stocks(stocks: pl.DataFrame, places: Mapping[str, str], language: Language) -> ComparisonTable:
    """Compare what stores hold on average: first those whose change is large beside the largest store of the goods."""
    largest = pl.max_horizontal("mean_before", "mean_after").max().over("commodity")
    kept = (
        stocks.drop_nulls(["mean_before", "mean_after"])
        .with_columns(change=pl.col("mean_after") - pl.col("mean_before"))
        .with_columns(share=pl.col("change").abs() / largest)
        .filter(pl.col("share") > _SEEN)
        .sort("share", "store", descending=[True, False])
    )
    rows = [
        [
            places.get(row["place"], row["place"]),
            language.word(f"commodity.{row['commodity']}", row["commodity"]),
            *(written(row[f"mean_{when}"], row["unit"], language) for when in ("before", "after")),
            language.change(row["change"], partial(written, unit=row["unit"], language=language)),
        ]
        for row in kept.head(_MOST).iter_rows(named=True)
    ]
    columns = ("place", "commodity", "before", "after", "change")
    note = language.text("compare.stocks_note")
    return ComparisonTable("stocks", columns, 3, rows, kept.height - len(rows), note)
