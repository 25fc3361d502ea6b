"""Border crossings as rows: the dwell that is published, beside the formalities that the model counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jibek.present.marks import dwell_bar, hour_scale

if TYPE_CHECKING:
    import polars as pl
    from markupsafe import Markup

    from jibek.present.language import Language

__all__ = ["DwellTable", "dwell_table"]

_MUCH = 2.0  # a dwell of more than so many times the formalities is spoken of as mostly waiting


@dataclass(frozen=True)
class DwellTable:
    """The crossings with a published dwell.

    Attributes
    ----------
    message : str
        What the table says, in one sentence.
    scale : Markup
        Hours above the bars.
    rows : list of dict
        One a crossing, the longest latest dwell first.
    """

    message: str
    scale: Markup
    rows: list[dict[str, Any]]


def dwell_table(dwell: pl.DataFrame, places: pl.DataFrame, language: Language) -> DwellTable:
    """Write the crossings out in a language, each with its bar on one common scale of hours."""
    names = dict(places.select("id", "name").iter_rows())
    longest = max([*dwell["high"], *dwell["hours_model"]], default=0.0)
    waiting = dwell.filter(dwell["latest"] > _MUCH * dwell["hours_model"]).height
    return DwellTable(
        message=language.text("borders.message", waiting=waiting, total=dwell.height),
        scale=hour_scale(longest, language.text("column.dwell"), language.text("unit.hour")),
        rows=[_row(row, names, longest, language) for row in dwell.iter_rows(named=True)],
    )


def _row(row: dict[str, Any], names: dict[str, str], longest: float, language: Language) -> dict[str, Any]:
    told = {name: row[name] for name in ("hours_model", "low", "high", "latest", "latest_year", "first_year")}
    ends = dict.fromkeys(names.get(row[end], row[end]).split(" (", maxsplit=1)[0] for end in ("from_place", "to_place"))
    years = dict.fromkeys(str(row[name]) for name in ("first_year", "latest_year"))
    low, high = language.hours(row["low"]), language.hours(row["high"])
    return {
        "name": " – ".join(ends),
        "where": " – ".join(language.country(code) for code in row["countries"]),
        "medium": row["medium"],
        "way": language.text(f"medium.{row['medium']}"),
        "model": language.hours(row["hours_model"]),
        "latest": language.hours(row["latest"]),
        "year": str(row["latest_year"]),
        "range": low if low == high else language.text("borders.range", low=low, high=high),
        "years": "–".join(years),
        "bar": dwell_bar(
            row["hours_model"], row["low"], row["high"], row["latest"], language.text("borders.bar", **told), longest
        ),
    }
