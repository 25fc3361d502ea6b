"""The report's section on flows: from result tables to figures, rows and texts, each only where its table is filled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jibek.present import flow_checks, flow_tables
from jibek.present.flow_figures import count_chart
from jibek.present.flow_maps import LOADS, bottleneck_spots, flow_map, widest_flow
from jibek.present.flow_strokes import scale_steps, width_of
from jibek.present.inputs import FORECASTS
from jibek.study.flow_measures import link_flows

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from jibek.present.figures import Figure
    from jibek.present.language import Language

__all__ = ["FlowSection", "certified", "flow_section", "missed_residual", "width_legend"]

Row = dict[str, Any]

_BOTTLENECKS = 15
_NUMBERED = 10  # bottlenecks with a number on the map
_UNROUTED = 60
_MIDDLE = 0.7  # share of the places that the enlarged map shows


@dataclass(frozen=True)
class FlowSection:
    """What the section shows; an empty list is a part that is left out.

    Attributes
    ----------
    figures : dict
        By name: ``flows``, ``flows-middle``, ``counts``.
    draws : int
        Number of draws behind the ranges; 0 where there are none.
    numbers, bottlenecks, corridors, union, goals, checks, fits, excluded, summary, hindcast : list of dict
        Rows of written-out cells.
    preferences : list of (str, list of dict)
        Rows by kind.
    unrouted : dict
        ``tonnes, pairs, rows``.
    loads : list of str
        Meanings of the loads' colours, as the legend has them.
    widths : list of (str, float)
        Legend of the widths: tonnes written out, pixels.
    forecasts : tuple of str
        Kinds of forecasts that are looked back at.
    more : int
        Bottlenecks beyond those shown.
    solution, certificate : str
        How well the equilibrium was solved, and what the flows are worth, worked out anew.
    converged : bool
        Whether it was.
    missed : str
        By how much the residual was missed, if it was.
    """

    figures: dict[str, Figure]
    draws: int
    numbers: list[Row]
    bottlenecks: list[Row]
    more: int
    corridors: list[Row]
    union: list[Row]
    goals: list[Row]
    checks: list[Row]
    fits: list[Row]
    excluded: list[Row]
    summary: list[Row]
    hindcast: list[Row]
    preferences: list[tuple[str, list[Row]]]
    unrouted: Row
    widths: list[tuple[str, float]]
    solution: str
    certificate: str
    converged: bool
    missed: str
    loads: list[str] = field(default_factory=lambda: [*(name for _, name in LOADS), "load_unknown"])
    forecasts: tuple[str, ...] = FORECASTS


def flow_section(results: Mapping[str, pl.DataFrame], language: Language) -> FlowSection | None:
    """Make the section of flows.

    Parameters
    ----------
    results
        Result tables, complete and with names in the language.
    language
        Language of every text.

    Returns
    -------
    FlowSection or None
        None where the run has no flows.
    """
    if results["flow_relations"].is_empty():
        return None
    counts = results["flow_counts"]
    bottlenecks = flow_tables.bottleneck_rows(results, language, most=_BOTTLENECKS)
    return FlowSection(
        figures=_figures(results, language),
        draws=_first(results["flow_ranges"], "draws") or 0,
        numbers=flow_tables.headline_numbers(results, language),
        bottlenecks=bottlenecks,
        more=results["flow_bottlenecks"].height - len(bottlenecks),
        corridors=flow_tables.corridor_rows(results, language),
        union=flow_tables.union_rows(results, language),
        goals=flow_checks.goal_rows(results, language),
        checks=flow_checks.count_rows(counts, "check", language),
        fits=flow_checks.count_rows(counts, "fit", language),
        excluded=flow_checks.excluded_rows(counts, language),
        summary=flow_checks.summary_rows(results, language),
        hindcast=flow_checks.hindcast_rows(results, language),
        preferences=flow_checks.preference_groups(results["flow_preferences"], language),
        unrouted=flow_tables.unrouted_rows(results, language, most=_UNROUTED),
        widths=width_legend(_most(results), language),
        solution=_solution(results, language),
        certificate=certified(results["flow_solution"], language),
        converged=_first(results["flow_solution"], "converged") is not False,
        missed=missed_residual(results["flow_solution"], language),
    )


def width_legend(most: float, language: Language) -> list[tuple[str, float]]:
    """Write round quantities out beside the width in pixels that stands for them."""
    return [(language.amount(step, "t"), round(width_of(step, most, "rail"), 1)) for step in scale_steps(most)]


def certified(solution: pl.DataFrame, language: Language) -> str:
    """Say what the flows are worth, worked out anew from them alone; empty where the run does not tell."""
    row = solution.row(0, named=True) if solution.height else {}
    if row.get("certified_residual") is None:
        return ""
    told = {"residual": f"{row['certified_residual']:.1e}", "imbalance": f"{row['imbalance']:.0e}"}
    return language.text("flows.certificate", **told, usd=-row["benefit_usd"])


def missed_residual(solution: pl.DataFrame, language: Language) -> str:
    """Say that the residual was not reached and which one was; empty where it was reached."""
    row = solution.row(0, named=True) if solution.height else {}
    if row.get("goal") is None or row["residual"] <= row["goal"]:
        return ""
    return language.text("flows.missed", residual=f"{row['residual']:.1e}", goal=f"{row['goal']:.0e}")


def _figures(results: Mapping[str, pl.DataFrame], language: Language) -> dict[str, Figure]:
    flows = link_flows(results)
    worst = results["flow_bottlenecks"].sort("rank")["resource"].head(_NUMBERED).to_list()
    spots = bottleneck_spots(results, results["flow_stations"], worst)
    drawn = {
        "flows": flow_map(results, flows, language, spots=spots),
        "flows-middle": flow_map(results, flows, language, core=_MIDDLE, spots=spots),
    }
    if flow_checks.compared(results["flow_counts"]).height:
        drawn["counts"] = count_chart(results["flow_counts"], language)
    return drawn


def _most(results: Mapping[str, pl.DataFrame]) -> float:
    return widest_flow(link_flows(results), results["links"], results["modes"])


def _solution(results: Mapping[str, pl.DataFrame], language: Language) -> str:
    solved = results["flow_solution"]
    if solved.is_empty():
        return ""
    passes = results["flow_waiting"].height
    waiting = language.text("flows.waiting", count=passes) if passes else ""
    row = solved.row(0, named=True)
    told = {"pairs": row["pairs"], "routes": row["routes"], "residual": f"{row['residual']:.0e}"}
    return language.text("flows.solution", waiting=waiting, **told)


def _first(table: pl.DataFrame, column: str) -> Any:  # noqa: ANN401 - the column's own type
    return table[column][0] if table.height else None
