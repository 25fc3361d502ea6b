"""Two runs side by side: what a scenario changes for routes, the flows of all goods, and who gets enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from jibek.errors import RunError
from jibek.study.balance_comparison import compare_needs, compare_stocks
from jibek.study.flow_comparison import FlowComparison, compare_flows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jibek.study.run_folder import Run

__all__ = ["Comparison", "compare", "compare_runs"]

_MEASURES = ("hours", "usd", "kg_co2", "km")
_FLOWS = ("pairs", "routes", "arcs", "stations", "relations", "payments", "totals")


@dataclass(frozen=True)
class Comparison:
    """What changes from one run to another.

    Attributes
    ----------
    notices : sequence of (str, mapping)
        What keeps the runs from being the same question: ``years``, ``route_sets``, ``inputs`` or ``balances`` (those
        of one run are missing or in conflict), with values.
    routes : polars.DataFrame or None
        Result of `compare`; None unless both runs hold routes.
    flows : FlowComparison or None
        None unless both runs hold flows.
    needs, stocks : polars.DataFrame or None
        Results of `jibek.study.balance_comparison`; None unless both runs hold balances.
    """

    notices: Sequence[tuple[str, Mapping[str, Any]]]
    routes: pl.DataFrame | None
    flows: FlowComparison | None
    needs: pl.DataFrame | None
    stocks: pl.DataFrame | None

    def as_json(self) -> dict[str, object]:
        """Give the comparison as JSON has it; what was not compared is null."""
        return {
            "notices": [{"kind": kind, **values} for kind, values in self.notices],
            "routes": None if self.routes is None else self.routes.to_dicts(),
            "flows": None if self.flows is None else self.flows.as_json(),
            "needs": None if self.needs is None else self.needs.to_dicts(),
            "stocks": None if self.stocks is None else self.stocks.to_dicts(),
        }


def compare_runs(before: Run, after: Run) -> Comparison:
    """Compare all that both runs hold.

    Raises
    ------
    RunError
        If one run holds flows and the other none, or if they have neither routes nor flows nor balances in common.
    """
    with_flows = [_has_flows(run) for run in (before, after)]
    with_routes = ["routes" in run.tables for run in (before, after)]
    with_balances = all(_is_balanced(run) for run in (before, after))
    if not with_balances and not all(flows or routes for flows, routes in zip(with_flows, with_routes, strict=True)):
        compare(before, after)  # says which run holds nothing, and what to do
    if any(with_flows) and not all(with_flows):
        without = after if with_flows[0] else before
        raise RunError(
            f"The run in {without.folder} holds no flows, the other one does. Run it with the stage `flows`."
        )
    routes = compare(before, after) if all(with_routes) else None
    flows = compare_flows(before.tables, after.tables) if all(with_flows) else None
    return Comparison(
        _notices(before, after),
        routes,
        flows,
        compare_needs(before.tables, after.tables) if with_balances else None,
        compare_stocks(before.tables, after.tables) if with_balances else None,
    )


def compare(before: Run, after: Run) -> pl.DataFrame:
    """Compare the best alternative of each corridor, pair by pair.

    Returns
    -------
    polars.DataFrame
        Columns ``origin, destination, commodity, corridor, rank_before, rank_after`` and for each of ``hours, usd,
        kg_co2, km`` the value before, after and the difference; blank where a run has no such alternative.

    Raises
    ------
    RunError
        If a run holds no routes.
    """
    for run in (before, after):
        if "routes" not in run.tables:
            raise RunError(f"The run in {run.folder} holds no routes. Run it with the stage `routes`.")
    keys = ["origin", "destination", "commodity", "corridor"]
    best = [_best_by_corridor(run.tables["routes"], keys) for run in (before, after)]
    joined = best[0].join(best[1], on=keys, how="full", coalesce=True, suffix="_after")
    columns = [pl.col(column) for column in keys]
    columns += [pl.col("rank").alias("rank_before"), pl.col("rank_after")]
    for measure in _MEASURES:
        earlier, later = pl.col(measure), pl.col(f"{measure}_after")
        columns += [earlier.alias(f"{measure}_before"), later, (later - earlier).alias(f"{measure}_change")]
    return joined.select(columns).sort(*keys)


def _best_by_corridor(routes: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Keep the best-ranked alternative of each pair and corridor."""
    return routes.sort("pair", "rank").group_by(keys, maintain_order=True).first().select(*keys, "rank", *_MEASURES)


def _has_flows(run: Run) -> bool:
    return all(f"flow_{name}" in run.tables for name in _FLOWS)


def _is_balanced(run: Run) -> bool:
    """Whether a run holds balances, and none whose limits conflict."""
    return "balance_needs" in run.tables and run.tables["balance_solution"]["status"].to_list() == ["optimal"]


def _notices(before: Run, after: Run) -> list[tuple[str, Mapping[str, Any]]]:
    """Say what differs beside the scenario: years, frozen route sets, input tables, balances."""
    notices: list[tuple[str, Mapping[str, Any]]] = []
    years = [run.manifest.get("year") for run in (before, after)]
    if years[0] != years[1]:
        notices.append(("years", {"before": years[0], "after": years[1]}))
    inputs = [run.manifest.get("inputs") for run in (before, after)]
    if isinstance(inputs[0], dict) and isinstance(inputs[1], dict):
        names = sorted(inputs[0].keys() | inputs[1].keys())
        changed = [name for name in names if inputs[0].get(name) != inputs[1].get(name)]
        if changed:
            notices.append(("inputs", {"tables": changed}))
    if all(_has_flows(run) for run in (before, after)) and _other_routes(before.tables, after.tables):
        notices.append(("route_sets", {}))
    balanced = [_is_balanced(run) for run in (before, after)]
    if any(balanced) and not all(balanced):
        notices.append(("balances", {"run": (after if balanced[0] else before).folder.name}))
    return notices


def _other_routes(before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame]) -> bool:
    """Whether a pair's number or a route's number means something else in the other run."""
    pair = ["pair", "origin", "destination", "commodity"]
    pairs = before["flow_pairs"].select(pair).join(after["flow_pairs"].select(pair), on="pair", suffix="_after")
    moved = pl.any_horizontal(pl.col(name) != pl.col(f"{name}_after") for name in pair[1:])
    routes = (
        before["flow_routes"]
        .select("route", "pair")
        .join(after["flow_routes"].select("route", "pair"), on="route", suffix="_after")
    )
    return not pairs.filter(moved).is_empty() or not routes.filter(pl.col("pair") != pl.col("pair_after")).is_empty()
