"""The report's section on operations: from result tables to figures and rows, each only where its table is filled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from jibek.present import operations_rows
from jibek.present.operations_figures import days_chart, tornado_chart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.present.figures import Figure
    from jibek.present.language import Language

__all__ = ["OperationsSection", "operations_section"]

Row = dict[str, Any]

_JOURNEYS = 3  # drawn: those with most ways
_STATIONS = 12
_SERVICES = 16


@dataclass(frozen=True)
class OperationsSection:
    """What the section shows; an empty list is a part that is left out.

    Attributes
    ----------
    figures : dict
        By name: ``late-1``, ``late-2``, ... and ``tornado``.
    journeys : list of (str, str)
        Figure and what it is of.
    times, stations, services, queues, checks, reports, overloads, rules, what_ifs, replays, curves : list of dict
        Rows of written-out cells.
    method, notices : str
        How it was simulated, and how many things could not be.
    tornado : str
        What the tornado is of.
    """

    figures: dict[str, Figure]
    journeys: list[tuple[str, str]]
    times: list[Row]
    stations: list[Row]
    services: list[Row]
    queues: list[Row]
    checks: list[Row]
    reports: list[Row]
    overloads: list[Row]
    rules: list[Row]
    what_ifs: list[Row]
    replays: list[Row]
    curves: list[Row]
    method: str
    notices: str
    tornado: str


def operations_section(results: Mapping[str, pl.DataFrame], words: Language) -> OperationsSection | None:
    """Make the section of operations.

    Parameters
    ----------
    results
        Result tables, complete and with names in the language.
    words
        Language of every text.

    Returns
    -------
    OperationsSection or None
        None where the run has no operations.
    """
    solution = results["operations_solution"]
    if solution.is_empty() or results["operations_routes"].is_empty():
        return None
    row = solution.row(0, named=True)
    told = {name: row[name] for name in ("replications", "events", "consignments")}
    journeys = _journeys(results, words)
    figures = {
        name: days_chart(results, words, origin=origin, destination=destination)
        for name, _, origin, destination in journeys
    }
    tornado = results["operations_tornado"]
    if tornado.height:
        figures["tornado"] = tornado_chart(tornado, words)
    return OperationsSection(
        figures=figures,
        journeys=[(name, title) for name, title, _, _ in journeys],
        times=operations_rows.time_rows(results, words),
        stations=operations_rows.station_rows(results, words, most=_STATIONS),
        services=operations_rows.service_rows(results, words, most=_SERVICES),
        queues=operations_rows.queue_rows(results, words),
        checks=operations_rows.check_rows(results, words),
        reports=operations_rows.report_rows(results, words),
        overloads=operations_rows.overload_rows(results, words),
        rules=operations_rows.rule_rows(results, words),
        what_ifs=operations_rows.what_if_rows(results, words),
        replays=operations_rows.replay_rows(results, words),
        curves=operations_rows.curve_rows(results, words, most=_STATIONS),
        method=words.text("operations.method", **told),
        notices=words.text("operations.notices", count=results["operations_notices"].height),
        tornado=_measured(results, words),
    )


def _journeys(results: Mapping[str, pl.DataFrame], words: Language) -> list[tuple[str, str, str, str]]:
    """List the journeys to draw: name of the figure, title, ends."""
    names = dict(results["places"].select("id", "name").iter_rows())
    ways = (
        results["operations_journeys"]
        .filter(pl.col("mean_days").is_not_null())
        .group_by("origin", "destination")
        .agg(ways=pl.len())
        .sort("ways", "origin", "destination", descending=[True, False, False])
        .head(_JOURNEYS)
    )
    return [
        (
            f"late-{number}",
            words.text(
                "operations.journey", origin=names.get(origin, origin), destination=names.get(destination, destination)
            ),
            origin,
            destination,
        )
        for number, (origin, destination, _) in enumerate(ways.iter_rows(), 1)
    ]


def _measured(results: Mapping[str, pl.DataFrame], words: Language) -> str:
    """Say of which group the tornado is."""
    tornado = results["operations_tornado"]
    if tornado.is_empty():
        return ""
    row = tornado.row(0, named=True)
    names = dict(results["corridors"].select("id", "name").iter_rows())
    return words.text(
        "operations.tornado_of",
        corridor=names.get(row["corridor"], row["corridor"]),
        direction=words.text(f"operations.{row['direction']}"),
        p95=row["p95_base"] * 24.0,
        replications=row["replications"],
    )
