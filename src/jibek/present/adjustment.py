"""Trips adjusted to counts, as text on a terminal and as the stable JSON of the command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from rich.markup import escape

from jibek.assignment import geh
from jibek.present.language import LanguageCode, language_of
from jibek.present.terminal import empty_table

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from rich.console import Console

    from jibek.assignment import Adjustment, Counts, Problem

    Floats = NDArray[np.float64]

__all__ = ["adjustment_json", "print_adjustment"]

_GOOD = 5.0  # GEH that guidelines ask for
_BINS = 10
_SHOWN = 10


def adjustment_json(problem: Problem, counts: Counts, result: Adjustment, *, seconds: float) -> dict[str, Any]:
    """Write an adjustment as JSON has it.

    Parameters
    ----------
    problem, counts, result
        What was adjusted, to what, and how it went.
    seconds
        Time that it took, reading left out.

    Returns
    -------
    dict
        ``converged, steps, seconds, relative_gap, sum_before, sum_after, fit_before, fit_after``, classes with their
        trips, counts one by one, counts that no route reaches, pairs at bounds, and the distribution of trip lengths.
    """
    before, after = result.counted_before, result.counted_after
    rows = _counts(problem, counts, result)
    return {
        "converged": result.converged,
        "steps": len(result.trace) - 1,
        "seconds": seconds,
        "relative_gap": result.after.gap,
        "sum_before": result.trace[0],
        "sum_after": result.trace[-1],
        "fit_before": _fit(before, counts.count),
        "fit_after": _fit(after, counts.count),
        "classes": [
            {"name": each.name, "trips_before": float(each.trips.sum()), "trips_after": float(trips.sum())}
            for each, trips in zip(problem.classes, result.trips, strict=True)
        ],
        "pairs": result.pairs.height,
        "pairs_at_lower_bound": result.at_bounds[0],
        "pairs_at_upper_bound": result.at_bounds[1],
        "counts": rows,
        "unreached": [{"link": row["link"], "class": row["class"]} for row in rows if not row["reached"]],
        "mean_length_before": _mean_length(result, "prior"),
        "mean_length_after": _mean_length(result, "trips"),
        "trip_lengths": _lengths(result),
    }


def print_adjustment(
    console: Console,
    problem: Problem,
    counts: Counts,
    result: Adjustment,
    *,
    seconds: float,
    file: Path,
    language: LanguageCode = "en",
) -> None:
    """Print how near counts are met, what that changes in the trips, and which counts are worst.

    Parameters
    ----------
    console
        Where to print.
    problem, counts, result
        What was adjusted, to what, and how it went.
    seconds
        Time that it took.
    file
        Where the trips were written.
    language
        Language of texts.
    """
    words = language_of(language)
    sizes = {"zones": problem.network.n_zones, "pairs": result.pairs.height, "counts": len(counts.count)}
    console.print(words.text("adjust.problem", **sizes))
    told = {"steps": len(result.trace) - 1, "gap": f"{result.after.gap:.1e}", "seconds": seconds}
    line = words.text("adjust.reached" if result.converged else "adjust.not_reached", **told)
    console.print(line if result.converged else f"[yellow]{line}[/]")
    table = empty_table(words, "measure", "before", "after", numbers=2)
    for name, values in _summary(result, counts).items():
        cells = [words.percent(value) if name in {"error", "good"} else words.number(value) for value in values]
        table.add_row(words.text(f"adjust.{name}"), *cells)
    console.print(table)
    low, high = result.at_bounds
    console.print(words.text("adjust.at_bounds", low=low, high=high))
    rows = _counts(problem, counts, result)
    console.print(words.text("adjust.worst"))
    table = empty_table(words, "link", "class", "counted", "before", "after", "geh_before", "geh_after", numbers=5)
    for row in sorted(rows, key=lambda row: -row["geh_after"])[:_SHOWN]:
        numbers = (row[name] for name in ("count", "before", "after", "geh_before", "geh_after"))
        name = f"{row['link']} ({row['from']} – {row['to']})"
        table.add_row(escape(name), escape(row["class"] or ""), *(words.number(value) for value in numbers))
    console.print(table)
    unreached = [row["link"] for row in rows if not row["reached"]]
    if unreached:
        links = ", ".join(unreached[:_SHOWN]) + (", …" if len(unreached) > _SHOWN else "")
        lost = words.text("adjust.unreached", counts=len(unreached), links=links)
        console.print(f"[yellow]{escape(lost)}[/]")
    console.print(escape(words.text("adjust.written", file=file)), soft_wrap=True)


def _counts(problem: Problem, counts: Counts, result: Adjustment) -> list[dict[str, Any]]:
    """List counts with what flows there before and after."""
    network = problem.network
    before, after = result.counted_before, result.counted_after
    statistics = geh(before, counts.count), geh(after, counts.count)
    return [
        {
            "link": network.link_ids[link],
            "from": network.node_ids[network.tail[link]],
            "to": network.node_ids[network.head[link]],
            "class": None if travel < 0 else problem.classes[travel].name,
            "count": float(counts.count[row]),
            "weight": float(counts.weight[row]),
            "before": float(before[row]),
            "after": float(after[row]),
            "geh_before": float(statistics[0][row]),
            "geh_after": float(statistics[1][row]),
            "reached": bool(before[row] > 0 or after[row] > 0),
        }
        for row, (link, travel) in enumerate(zip(counts.link.tolist(), counts.travel.tolist(), strict=True))
    ]


def _summary(result: Adjustment, counts: Counts) -> dict[str, tuple[float | None, float | None]]:
    """Put what is compared before and after side by side."""
    fits = _fit(result.counted_before, counts.count), _fit(result.counted_after, counts.count)
    return {
        "sum": (result.trace[0], result.trace[-1]),
        "error": (fits[0]["relative_error"], fits[1]["relative_error"]),
        "good": (fits[0]["share_geh_below_5"], fits[1]["share_geh_below_5"]),
        "trips": (float(result.pairs["prior"].sum()), float(result.pairs["trips"].sum())),
        "length": (_mean_length(result, "prior"), _mean_length(result, "trips")),
    }


def _fit(flow: Floats, count: Floats) -> dict[str, float | None]:
    """Give the root mean square error over the mean count, and the share of counts that guidelines call good."""
    mean = float(count.mean())
    error = float(np.sqrt(np.mean((flow - count) ** 2)))
    return {
        "relative_error": error / mean if mean > 0 else None,
        "share_geh_below_5": float(np.mean(geh(flow, count) < _GOOD)),
    }


def _mean_length(result: Adjustment, trips: str) -> float | None:
    """Give the mean length of trips; None if there are none."""
    total = float(result.pairs[trips].sum())
    return float((result.pairs[trips] * result.pairs["length"]).sum()) / total if total > 0 else None


def _lengths(result: Adjustment) -> list[dict[str, float]]:
    """Give trips before and after by length, in bins of equal width."""
    length = result.pairs["length"].to_numpy()
    longest = float(length.max()) if len(length) else 0.0
    edges = np.linspace(0, longest if longest > 0 else 1.0, _BINS + 1)
    before, after = (
        np.histogram(length, edges, weights=result.pairs[name].to_numpy())[0] for name in ("prior", "trips")
    )
    return [
        {"from": float(low), "to": float(high), "trips_before": float(old), "trips_after": float(new)}
        for low, high, old, new in zip(edges[:-1], edges[1:], before, after, strict=True)
    ]
