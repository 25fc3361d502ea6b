"""Charts: from result tables to Plotly figures, as plain data, in light colours, with the texts of a catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from jibek.present.palette import FONT, PAYEES, colour

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jibek.present.language import Language

__all__ = [
    "GRADES",
    "MOVING",
    "STATUSES",
    "WAITING",
    "Figure",
    "grade_chart",
    "money_chart",
    "payee_colours",
    "plain_layout",
    "target_chart",
    "time_chart",
    "time_parts",
]

Figure = dict[str, Any]
"""A figure as Plotly's JSON has it: ``data`` (traces) and ``layout``."""

MOVING = ("rail", "road", "sea")
WAITING = ("border", "terminal", "boarding")
STATUSES = ("met", "on_track", "behind", "unknown")
GRADES = ("observed", "official", "derived", "estimate")
OTHER_PAYEES = "other"
_SMALL = 0.005  # share of all rows below which a table has no bar of its own
_PAYEES = 11  # so many of a pair are shown, the rest together
_ROW = 58  # pixels a bar, with its heading above it


def time_parts(results: Mapping[str, pl.DataFrame], *, pair: int) -> pl.DataFrame:
    """Days of each alternative of a pair by part: moving by medium, waiting by kind; columns rank, part, days."""
    of_pair = pl.col("pair") == pair
    medium = dict(results["modes"].select("id", "medium").iter_rows())
    moving = (
        results["route_legs"]
        .filter(of_pair)
        .select("rank", part=pl.col("mode").replace_strict(medium), hours="hours_moving")
    )
    waiting = results["route_waits"].filter(of_pair).select("rank", part="kind", hours="hours")
    return (
        pl.concat([moving, waiting])
        .group_by("rank", "part")
        .agg(days=pl.col("hours").sum() / 24)
        .filter(pl.col("days") > 0)
        .sort("rank", "part")
    )


def time_chart(results: Mapping[str, pl.DataFrame], language: Language, *, pair: int) -> Figure:
    """Where the days of each alternative go: moving by medium, waiting at borders, in terminals, for a departure."""
    days = {(rank, part): value for rank, part, value in time_parts(results, pair=pair).iter_rows()}
    routes = results["routes"].filter(pl.col("pair") == pair).sort("rank")
    series = [
        (language.text(f"part.{part}"), colour(part), [days.get((rank, part), 0.0) for rank in routes["rank"]])
        for part in (*MOVING, *WAITING)
    ]
    totals = [language.days(value) for value in routes["hours"]]
    return _stacked(series, _route_headings(routes, totals), language, axis=language.text("axis.days"), decimals=1)


def money_chart(
    results: Mapping[str, pl.DataFrame], language: Language, *, pair: int, colours: Mapping[str, str]
) -> Figure:
    """Where the money of each alternative goes, by payee."""
    of_pair = pl.col("pair") == pair
    paid = (
        results["route_payments"]
        .filter(of_pair)
        .with_columns(
            pl.when(pl.col("payee").is_in(list(colours))).then("payee").otherwise(pl.lit(OTHER_PAYEES)).alias("payee")
        )
    )
    usd = {
        (rank, payee): value
        for rank, payee, value in paid.group_by("rank", "payee").agg(pl.col("usd").sum()).iter_rows()
    }
    routes = results["routes"].filter(of_pair).sort("rank")
    series = [
        (payee_name(payee, language), fill, [usd.get((rank, payee), 0.0) for rank in routes["rank"]])
        for payee, fill in colours.items()
    ]
    totals = [language.usd(value) for value in routes["usd"]]
    return _stacked(
        series, _route_headings(routes, totals), language, axis=language.text("axis.usd_per_teu"), decimals=0
    )


def payee_colours(payments: pl.DataFrame, *, pair: int) -> dict[str, str]:
    """Choose the colours of the largest payees of one pair, and one for all others.

    The largest payees of all pairs keep their colour from pair to pair; a small one takes a colour left free.
    """
    fills = [fill for fill, _ in PAYEES[:-1]]
    of_pair = _by_size(payments.filter((pl.col("pair") == pair) & (pl.col("usd") > 0)))
    chosen = of_pair[:_PAYEES]
    kept = {name: fill for name, fill in zip(_by_size(payments), fills, strict=False) if name in chosen}
    free = iter([fill for fill in fills if fill not in kept.values()])
    colours = {name: kept[name] if name in kept else next(free) for name in chosen}
    return colours | ({OTHER_PAYEES: PAYEES[-1][0]} if len(of_pair) > len(chosen) else {})


def _by_size(payments: pl.DataFrame) -> list[str]:
    """Payees, the one who gets most first."""
    totals = payments.group_by("payee").agg(pl.col("usd").sum())
    return totals.sort("usd", "payee", descending=[True, False])["payee"].to_list()


def payee_name(payee: str, language: Language) -> str:
    """Name of a payee."""
    return language.text("payee.other") if payee == OTHER_PAYEES else language.name("payee", payee)


def target_chart(targets: pl.DataFrame, language: Language) -> Figure:
    """How many promises of each sector are met, on track, behind or cannot be judged."""
    counts = {(sector, status): n for sector, status, n in targets.group_by("sector", "status").len().iter_rows()}
    sectors = targets.group_by("sector").len().sort("len", "sector", descending=[True, False])["sector"].to_list()
    headings = [f"<b>{language.word(f'sector.{sector}', sector)}</b>" for sector in sectors]
    series = [
        (
            language.text(f"status.{status}"),
            colour(status),
            [float(counts.get((sector, status), 0)) for sector in sectors],
        )
        for status in STATUSES
    ]
    return _stacked(series, headings, language, axis=language.text("axis.promises"), decimals=0, row=46)


def grade_chart(grades: pl.DataFrame, language: Language) -> Figure:
    """Draw the share of each grade of evidence in the rows of each table; small tables are taken together."""
    size = pl.col("rows").sum().over("table")
    table = pl.when(size < _SMALL * pl.col("rows").sum()).then(pl.lit("others")).otherwise("table").alias("table")
    counts = grades.with_columns(table).group_by("table", "grade").agg(pl.col("rows").sum())
    sizes = counts.group_by("table").agg(pl.col("rows").sum())
    ordered = list(sizes.sort(pl.col("table") == "others", -pl.col("rows"), "table").iter_rows())
    rows = {(table, grade): count for table, grade, count in counts.iter_rows()}
    headings = [
        f"<b>{language.word(f'table.{table}', table)}</b>  {language.format_field(count, 'noun.row')}"
        for table, count in ordered
    ]
    series = [
        (
            language.text(f"grade.{grade}"),
            colour(grade),
            [100 * rows.get((table, grade), 0) / n for table, n in ordered],
        )
        for grade in GRADES
    ]
    return _stacked(series, headings, language, axis=language.text("axis.percent_of_rows"), decimals=0, row=39)


def _route_headings(routes: pl.DataFrame, totals: Sequence[str]) -> list[str]:
    """Heading over the bar of each alternative: number, corridor, total."""
    return [
        f"<b>{rank}  {name}</b>  {total}"
        for rank, name, total in zip(routes["rank"], routes["corridor"], totals, strict=True)
    ]


def _stacked(
    series: Sequence[tuple[str, str, Sequence[float]]],
    headings: Sequence[str],
    language: Language,
    *,
    axis: str,
    decimals: int,
    row: int = _ROW,
    inside: bool = True,
) -> Figure:
    """Horizontal stacked bars, each with its heading above, so that long names never squeeze the bars."""
    position = list(range(len(headings)))
    traces = []
    for name, fill, values in series:
        texts = [language.fixed(value, decimals) if inside and value else "" for value in values]
        traces.append(
            {
                "type": "bar",
                "x": [round(value, 4) for value in values],
                "y": position,
                "orientation": "h",
                "name": name,
                "marker": {"color": fill, "line": {"width": 0}},
                "width": 22 / row,
                "text": texts,
                "textposition": "inside",
                "insidetextanchor": "middle",
                "textangle": 0,
                "hovertemplate": f"{name}: %{{x:,.{decimals}f}}<extra></extra>",
            }
        )
    notes = [
        {
            "x": 0,
            "y": i,
            "text": text,
            "xanchor": "left",
            "yanchor": "bottom",
            "yshift": 11,
            "xshift": -2,
            "showarrow": False,
            "align": "left",
        }
        for i, text in enumerate(headings)
    ]
    layout = {
        "barmode": "stack",
        "annotations": notes,
        "height": row * len(headings) + 58,
        "margin": {"l": 4, "r": 12, "t": 12, "b": 44},
        "xaxis": {
            "title": {"text": axis, "font": {"size": 12, "color": colour("quiet")}, "standoff": 6},
            "gridcolor": colour("rule"),
            "zeroline": False,
            "tickfont": {"color": colour("quiet")},
            "tickformat": ",",
            "nticks": 6,
            "fixedrange": True,
            "rangemode": "tozero",
        },
        "yaxis": {"visible": False, "range": [len(headings) - 0.55, -0.75], "fixedrange": True},
        "uniformtext": {"minsize": 10, "mode": "hide"},
        "separators": ",\u202f" if language.code == "ru" else ".\u202f",
        **plain_layout(),
    }
    return {"data": traces, "layout": layout}


def plain_layout() -> dict[str, Any]:
    """Give the layout that all charts share: no ground of their own, the page's type."""
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "color": colour("ink"), "size": 12},
        "hoverlabel": {
            "bgcolor": colour("paper"),
            "bordercolor": colour("rule"),
            "font": {"color": colour("ink"), "size": 13},
        },
    }
