"""Promises, projects and evidence as rows of written-out cells, in one language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from jibek.present.figures import STATUSES
from jibek.present.marks import progress, scale, span, sparkline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jibek.present.language import Language

__all__ = ["estimate_rows", "project_groups", "project_scale", "source_rows", "target_groups"]

Row = dict[str, Any]
PROJECT_STATUSES = ("construction", "planned", "study", "stopped", "completed")
_TELLING_SECTORS = ("connectivity", "trade")
_ESTIMATES_FIRST = ("borders", "terminals", "rates", "services", "resources", "links", "modes")


def target_groups(results: Mapping[str, pl.DataFrame], language: Language, *, year: int) -> list[tuple[str, list[Row]]]:
    """Rows of the promises by status, the most telling first in each.

    Connectivity and trade come before the other sectors, due years ahead before those past, long records before short
    ones, then early due years before late ones.
    """
    history = _history(results["target_observations"])
    known = pl.DataFrame(
        {"id": list(history), "known": [len(points) for points in history.values()]},
        schema={"id": results["targets"].schema["id"], "known": pl.Int64},
    )
    ordered = (
        results["targets"]
        .join(known, on="id", how="left")
        .sort(
            pl.col("sector").is_in(_TELLING_SECTORS).fill_null(value=False).not_(),
            (pl.col("due_year") > year).fill_null(value=False).not_(),
            -pl.col("known").fill_null(0),
            "due_year",
            "title",
            "id",
            nulls_last=True,
        )
    )
    groups = []
    for status in STATUSES:
        rows = ordered.filter(pl.col("status") == status)
        if rows.height:
            groups.append(
                (
                    status,
                    [
                        _target_row(row, history.get(row["id"], []), language, year)
                        for row in rows.iter_rows(named=True)
                    ],
                )
            )
    return groups


def _history(observations: pl.DataFrame) -> dict[str, list[tuple[int, float]]]:
    """Value by year of each promise: whole years where there are any, else the last value of each year."""
    whole = (pl.col("from_month").fill_null(1) == 1) & (pl.col("to_month").fill_null(12) == 12)
    ordered = observations.with_columns(whole=whole).sort("target", "year", "to_month", "from_month")
    chosen = ordered.filter(pl.col("whole") | ~pl.col("whole").any().over("target"))
    history: dict[str, dict[int, float]] = {}
    for target, year, value in chosen.select("target", "year", "value").iter_rows():
        history.setdefault(target, {})[year] = value
    return {target: list(values.items()) for target, values in history.items()}


def _target_row(row: Row, history: Sequence[tuple[int, float]], language: Language, year: int) -> Row:
    drawn = sparkline(
        history,
        language.text(
            "targets.history", title=row["title"], points="; ".join(f"{y}: {language.number(v)}" for y, v in history)
        ),
        target=row["target"],
    )
    return {
        "title": row["title"],
        "sector": language.word(f"sector.{row['sector']}", row["sector"] or ""),
        "baseline": _dated(row["baseline"], row["baseline_year"], language),
        "latest": _dated(row["latest"], row["latest_year"], language),
        "target": _dated(row["target"], row["due_year"], language),
        "unit": language.unit(row["unit"]),
        "required": language.growth(row["required_growth"]),
        "observed": language.growth(row["observed_growth"]),
        "reason": language.word(f"reason.{row['reason']}", row["reason"] or ""),
        "history": drawn,
        "progress": _progress(row, language, year),
    }


def _progress(row: Row, language: Language, year: int) -> Markup:
    """Bar from baseline to target; nothing where one of them is unknown or both are the same."""
    start, now, goal = row["baseline"], row["latest"], row["target"]
    if start is None or now is None or goal is None or goal == start:
        return Markup("")
    share = (now - start) / (goal - start)
    first, due = row["baseline_year"], row["due_year"]
    elapsed = ((row["latest_year"] or year) - first) / (due - first) if first and due and due > first else None
    return progress(share, elapsed, row["status"], language.text("targets.progress", share=max(share, 0.0)))


def _dated(value: float | None, year: int | None, language: Language) -> tuple[str, str]:
    return language.number(value), "" if year is None else str(year)


def project_groups(
    results: Mapping[str, pl.DataFrame], language: Language, *, year: int
) -> list[tuple[str, list[Row]]]:
    """Rows of the projects by status, each with its bar on one common scale of years."""
    years = _project_years(results["projects"], year)
    groups = []
    for status in PROJECT_STATUSES:
        rows = (
            results["projects"]
            .filter(pl.col("status") == status)
            .sort("finish", "start", "title", "id", nulls_last=True)
        )
        if rows.height:
            groups.append((status, [_project_row(row, language, years, year) for row in rows.iter_rows(named=True)]))
    return groups


def project_scale(projects: pl.DataFrame, *, year: int) -> Markup:
    """Write the years above the projects' bars."""
    years = _project_years(projects, year)
    return scale(years, f"{years[0]} – {years[1]}")


def _project_years(projects: pl.DataFrame, year: int) -> tuple[int, int]:
    """First and last year of the scale that all projects share."""
    days = [day.year for column in ("start", "finish") for day in projects[column] if day is not None]
    return max(min(days, default=year), year - 15), min(max(days, default=year) + 1, year + 20)


def _project_row(row: Row, language: Language, years: tuple[int, int], now: int) -> Row:
    start, finish = (str(row[end].year) if row[end] else "?" for end in ("start", "finish"))
    words = start if start == finish else language.text("projects.from_to", start=start, finish=finish)
    return {
        "title": row["title"],
        "countries": language.countries(row["countries"] or []),
        "sector": language.word(f"sector.{row['sector']}", row["sector"] or ""),
        "capex": language.money(row["capex_usd"]),
        "years": words if row["start"] or row["finish"] else language.text("number.missing"),
        "bar": span(row["start"], row["finish"], row["status"], words, years=years, now=now),
    }


def estimate_rows(results: Mapping[str, pl.DataFrame], language: Language, *, most: int) -> list[Row]:
    """Estimates with their ranges: those that decide times and costs first, and in a table the widest range first."""
    titles = dict(results["sources"].select("id", "title").iter_rows())

    def width(row: Row) -> float:
        known = row["value"] and row["low"] is not None and row["high"] is not None
        return abs((row["high"] - row["low"]) / row["value"]) if known else -1.0

    def order(row: Row) -> tuple[int, str, float, str, str]:
        rank = _ESTIMATES_FIRST.index(row["table"]) if row["table"] in _ESTIMATES_FIRST else len(_ESTIMATES_FIRST)
        return rank, row["table"], -width(row), row["id"], row["column"]

    return [
        {
            "table": language.word(f"table.{row['table']}", row["table"]),
            "id": row["id"],
            "column": row["column"],
            "value": language.number(row["value"]),
            "range": f"{language.number(row['low'])} – {language.number(row['high'])}"
            if row["low"] is not None and row["high"] is not None
            else language.text("number.missing"),
            "source": "; ".join(titles.get(source, source) for source in (row["source"] or "").split("; ")),
            "note": row["note"] or "",
        }
        for row in sorted(results["estimates"].iter_rows(named=True), key=order)[:most]
    ]


def source_rows(sources: pl.DataFrame) -> list[Row]:
    """List the sources that something rests on, the most used first."""
    used = sources.filter(pl.col("uses") > 0).sort("uses", "title", "id", descending=[True, False, False])
    return list(used.iter_rows(named=True))
