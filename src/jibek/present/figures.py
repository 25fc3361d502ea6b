"""Charts: from result tables to Plotly figures in the report's light colours; every text from the language's catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl

from jibek.present.language import Language
from jibek.present.palette import FONT, PAYEES, colour

__all__ = ["GRADES", "MOVING", "STATUSES", "WAITING", "border_chart", "grade_chart", "money_chart", "payee_colours", "target_chart", "time_chart"]

MOVING = ("rail", "road", "sea")
WAITING = ("border", "terminal", "boarding")
STATUSES = ("met", "on_track", "behind", "unknown")
GRADES = ("observed", "official", "derived", "estimate")
OTHER_PAYEES = "other"
_ROW = 58  # pixels a bar, with its heading above it


def time_chart(results: Mapping[str, pl.DataFrame], language: Language, *, pair: str) -> go.Figure:
    """Where the days of each alternative go: moving by medium, waiting at borders, in terminals, for a departure."""
    of_pair = pl.col("pair") == pair
    medium = dict(results["modes"].select("id", "medium").iter_rows())
    moving = results["route_legs"].filter(of_pair).with_columns(part=pl.col("mode").replace_strict(medium, default="rail"), hours=pl.col("hours_moving"))
    waiting = results["route_waits"].filter(of_pair).with_columns(part=pl.col("kind"))
    parts = pl.concat([table.select("rank", "part", "hours") for table in (moving, waiting)]).group_by("rank", "part").agg(pl.col("hours").sum() / 24)
    hours = {(rank, part): value for rank, part, value in parts.iter_rows()}
    routes = results["routes"].filter(of_pair).sort("rank")
    series = [(language.text(f"part.{part}"), colour(part), [hours.get((rank, part), 0.0) for rank in routes["rank"]]) for part in (*MOVING, *WAITING)]
    totals = [language.days(value) for value in routes["hours"]]
    return _stacked(series, _route_headings(routes, totals), language, axis=language.text("axis.days"), decimals=1)


def money_chart(results: Mapping[str, pl.DataFrame], language: Language, *, pair: str, colours: Mapping[str, str]) -> go.Figure:
    """Where the money of each alternative goes, by payee."""
    of_pair = pl.col("pair") == pair
    payments = results["route_payments"].filter(of_pair)
    usd: dict[tuple[int, str], float] = {}
    for rank, payee, value in payments.select("rank", "payee", "usd").sort("rank", "payee").iter_rows():
        known = payee if payee in colours else OTHER_PAYEES
        usd[rank, known] = usd.get((rank, known), 0.0) + value
    routes = results["routes"].filter(of_pair).sort("rank")
    present = [payee for payee in colours if any(usd.get((rank, payee)) for rank in routes["rank"])]
    series = [(payee_name(payee, language), colours[payee], [usd.get((rank, payee), 0.0) for rank in routes["rank"]]) for payee in present]
    totals = [language.usd(value) for value in routes["usd"]]
    return _stacked(series, _route_headings(routes, totals), language, axis=language.text("axis.usd_per_teu"), decimals=0)


def payee_colours(payments: pl.DataFrame) -> dict[str, str]:
    """One colour for each of the largest payees over all routes, the same in every chart, and one for the others."""
    totals = payments.group_by("payee").agg(pl.col("usd").sum()).sort("usd", "payee", descending=[True, False])
    names = [name for name in totals["payee"] if name][: len(PAYEES) - 1]
    return {name: pair[0] for name, pair in zip(names, PAYEES, strict=False)} | {OTHER_PAYEES: PAYEES[-1][0]}


def payee_name(payee: str, language: Language) -> str:
    """Name of a payee."""
    return language.word(f"payee.{payee}", payee)


def border_chart(crossings: Sequence[tuple[str, str, float]], language: Language) -> go.Figure:
    """Bars of the crossings that take longest: (name, medium, hours), the longest first."""
    headings = [f"<b>{name}</b>  {language.hours(hours)}" for name, _, hours in crossings]
    series = [
        (language.text(f"medium.{medium}"), colour(medium), [hours if kind == medium else 0.0 for _, kind, hours in crossings])
        for medium in MOVING
        if any(kind == medium for _, kind, _ in crossings)
    ]
    return _stacked(series, headings, language, axis=language.text("axis.hours"), decimals=0, row=42, inside=False)


def target_chart(targets: pl.DataFrame, language: Language) -> go.Figure:
    """How many promises of each sector are met, on track, behind or cannot be judged."""
    counts = {(sector, status): n for sector, status, n in targets.group_by("sector", "status").len().iter_rows()}
    sectors = targets.group_by("sector").len().sort("len", "sector", descending=[True, False])["sector"].to_list()
    headings = [f"<b>{language.word(f'sector.{sector}', sector)}</b>" for sector in sectors]
    series = [(language.text(f"status.{status}"), colour(status), [float(counts.get((sector, status), 0)) for sector in sectors]) for status in STATUSES]
    return _stacked(series, headings, language, axis=language.text("axis.promises"), decimals=0, row=46)


def grade_chart(grades: pl.DataFrame, language: Language) -> go.Figure:
    """Share of each grade of evidence in the rows of each table."""
    sizes = grades.group_by("table").agg(pl.col("rows").sum()).filter(pl.col("rows") > 0).sort("rows", "table", descending=[True, False])
    rows = {(table, grade): count for table, grade, count in grades.select("table", "grade", "rows").iter_rows()}
    headings = [f"<b>{language.word(f'table.{table}', table)}</b>  {language.format_field(count, 'noun.row')}" for table, count in sizes.iter_rows()]
    series = [
        (language.text(f"grade.{grade}"), colour(grade), [100 * rows.get((table, grade), 0) / count for table, count in sizes.iter_rows()])
        for grade in GRADES
    ]
    return _stacked(series, headings, language, axis=language.text("axis.percent_of_rows"), decimals=0, row=44)


def _route_headings(routes: pl.DataFrame, totals: Sequence[str]) -> list[str]:
    """Heading over the bar of each alternative: number, corridor, total."""
    return [f"<b>{rank}  {name}</b>  {total}" for rank, name, total in zip(routes["rank"], routes["corridor"], totals, strict=True)]


def _stacked(
    series: Sequence[tuple[str, str, Sequence[float]]], headings: Sequence[str], language: Language, *, axis: str, decimals: int, row: int = _ROW, inside: bool = True
) -> go.Figure:
    """Horizontal stacked bars, each with its heading above, so that long names never squeeze the bars."""
    figure = go.Figure()
    position = list(range(len(headings)))
    for name, fill, values in series:
        texts = [language.fixed(value, decimals) if inside and value else "" for value in values]
        figure.add_trace(
            go.Bar(
                x=[round(value, 4) for value in values], y=position, orientation="h", name=name, marker={"color": fill, "line": {"width": 0}}, width=22 / row,
                text=texts, textposition="inside", insidetextanchor="middle", textangle=0, hovertemplate=f"{name}: %{{x:,.{decimals}f}}<extra></extra>",
            )
        )  # fmt: skip
    notes = [
        {"x": 0, "y": i, "text": text, "xanchor": "left", "yanchor": "bottom", "yshift": 11, "xshift": -2, "showarrow": False, "align": "left"}
        for i, text in enumerate(headings)
    ]
    figure.update_layout(
        template="none", barmode="stack", annotations=notes, height=row * len(headings) + 58, margin={"l": 4, "r": 12, "t": 12, "b": 44},
        xaxis={"title": {"text": axis, "font": {"size": 12, "color": colour("quiet")}, "standoff": 6}, "gridcolor": colour("rule"), "zeroline": False,
               "tickfont": {"color": colour("quiet")}, "tickformat": ",", "nticks": 6, "fixedrange": True, "rangemode": "tozero"},
        yaxis={"visible": False, "range": [len(headings) - 0.55, -0.75], "fixedrange": True},
        **_plain(), uniformtext={"minsize": 10, "mode": "hide"}, legend={"orientation": "h", "y": -0.2},
        separators=",\u202f" if language.code == "ru" else ".\u202f",
    )  # fmt: skip
    return figure


def _plain() -> dict[str, Any]:
    """Layout that all charts share: no ground of their own, the page's type."""
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "color": colour("ink"), "size": 12},
        "hoverlabel": {"bgcolor": colour("paper"), "bordercolor": colour("rule"), "font": {"color": colour("ink"), "size": 13}},
    }
