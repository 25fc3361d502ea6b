"""What the report reads: the tables of a run, complete and with names in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.present.language import Language

__all__ = ["FORECASTS", "complete", "localised"]

FORECASTS = ("blind", "conditional", "no_change", "last_growth")
"""Columns of the table ``flow_hindcast`` that hold forecasts."""

_TIMES = ("observed", "mean_days", "mean_days_low", "mean_days_high", "p50_days", "p80_days", "p95_days")
_COLUMNS = {
    "places": ("id", "name", "country", "lat", "lon", "kind"),
    "modes": ("id", "name", "medium"),
    "links": ("id", "from_place", "to_place", "mode", "length_km", "status", "open_share"),
    "borders": ("id", "link", "hours"),
    "border_dwell": (
        *("crossing", "from_place", "to_place", "countries", "medium", "hours_model", "low", "high", "latest"),
        *("latest_year", "first_year"),
    ),
    "services": ("id", "name"),
    "corridors": ("id", "name"),
    "routes": (
        *("pair", "rank", "origin", "destination", "commodity", "corridor", "hours", "hours_waiting"),
        *("usd", "kg_co2", "km", "countries"),
    ),
    "route_legs": (
        "pair",
        "rank",
        "leg",
        "from_place",
        "to_place",
        "mode",
        "hours_moving",
        "hours_waiting",
        "usd",
        "km",
    ),
    "route_waits": ("pair", "rank", "leg", "kind", "id", "place", "hours", "usd"),
    "route_payments": ("pair", "rank", "payee", "usd"),
    "route_paths": ("pair", "rank", "sequence", "place", "lat", "lon", "mode"),
    "published_times": ("pair", "corridor", "low", "high", "year"),
    "unrouted": ("pair", "origin", "destination", "reason"),
    "unpriced": (),
    "targets": (
        *("id", "title", "sector", "status", "reason", "unit", "baseline", "baseline_year", "latest", "latest_year"),
        *("target", "due_year", "required_growth", "observed_growth"),
    ),
    "target_observations": ("target", "year", "from_month", "to_month", "value"),
    "projects": ("id", "title", "countries", "sector", "capex_usd", "start", "finish", "status"),
    "project_places": ("project", "lat", "lon"),
    "grades": ("table", "grade", "rows"),
    "estimates": ("table", "id", "column", "value", "low", "high", "source", "note"),
    "notices": ("table", "row", "column", "value", "expected", "remedy"),
    "sources": ("id", "title", "publisher", "date", "url", "uses"),
    "regions": ("region", "country"),
    "commodities": ("id", "parent", "unit"),
    "flow_pairs": (
        *("pair", "origin", "destination", "commodity", "unit", "tonnes_per_unit", "usd_per_hour", "quantity"),
        *("routed", "least_hours"),
    ),
    "flow_routes": ("pair", "route", "quantity", "hours_delay"),
    "flow_arcs": ("kind", "id", "direction", "commodity", "quantity"),
    "flow_stations": (
        *("resource", "member", "way", "unit", "capacity", "load", "load_share", "hours", "usd_delay", "name", "kind"),
    ),
    "flow_relations": (
        *("origin_country", "destination_country", "commodity", "unit", "corridor", "nest", "quantity", "tonnes"),
    ),
    "flow_payments": ("payee", "country", "usd"),
    "flow_totals": ("country", "mode", "tonne_km", "kg_co2"),
    "flow_unrouted": ("origin", "destination", "commodity", "unit", "quantity", "reason"),
    "flow_counts": (
        *("year", "series", "title", "use", "base_unit", "observed", "modelled", "naive", "error", "naive_error"),
        *("group", "geh"),
        "reason",
    ),
    "flow_bottlenecks": (
        *("rank", "resource", "name", "kind", "load_share", "hours", "usd_delay", "grade", "relieved_by"),
    ),
    "flow_users": (
        *("resource", "member", "way", "kind", "origin", "destination", "commodity", "unit", "quantity", "load"),
        "share",
    ),
    "flow_waiting": ("pass", "largest_change_hours"),
    "flow_solution": (
        *("residual", "goal", "converged", "pairs", "routes", "certified_residual", "imbalance", "benefit_usd"),
    ),
    "flow_ranges": ("measure", "id", "unit", "value", "low", "high", "draws"),
    "flow_topten": ("resource", "share"),
    "flow_validation": ("sample", "method", "observations", "median_error", "within_40_percent", "median_geh"),
    "flow_goals": (
        *("goal", "corridor", "direction", "year", "since", "observed", "least", "most", "reached", "met"),
        "counted_by",
    ),
    "flow_hindcast": ("quantity", "title", "unit", "year", "observed", *FORECASTS),
    "flow_preferences": ("id", "name", "kind", "value", "low", "high", "fitted", "note"),
    "resource_places": ("resource", "lat", "lon"),
    "balance_sheet": ("system", "kind", "id", "direction", "place", "commodity", "period", "quantity", "unit"),
    "balance_flows": (
        *("system", "kind", "id", "direction", "from_place", "to_place", "mode", "commodity", "period", "quantity"),
        *("unit", "load_share"),
    ),
    "balance_needs": (
        *("system", "need", "place", "commodity", "priority", "period", "wanted", "delivered", "short", "usd", "unit"),
    ),
    "balance_stocks": ("system", "store", "place", "commodity", "period", "content", "dead", "capacity", "unit"),
    "balance_prices": ("system", "place", "commodity", "period", "usd_per_unit"),
    "balance_binding": (
        *("system", "commodities", "limit", "resource", "name", "kind", "unit", "period", "use", "most"),
        *("usd_per_unit", "usd", "grade", "relieved_by"),
    ),
    "balance_growth": (
        *("system", "limit", "resource", "name", "kind", "unit", "per", "capacity", "needed", "share", "announced"),
        *("projects", "suffices"),
    ),
    "balance_checks": (
        *("system", "year", "series", "title", "use", "unit", "observed", "modelled", "naive", "error", "naive_error"),
    ),
    "balance_hindcast": (*("store", "place", "year", "observed", "modelled", "naive", "live", "error", "naive_error"),),
    "balance_record": ("place", "quantity", "above", "years", "observed", "modelled", "error", "unit"),
    "balance_left_out": ("table", "row", "column", "value", "expected", "remedy"),
    "balance_ranges": (
        *("system", "place", "commodity", "unit", "market", "delivered", "short", "delivered_low", "delivered_high"),
        *("short_low", "short_high", "short_share", "draws", "unanswered"),
    ),
    "balance_passes": ("pass", "limits", "loaded", "largest_change", "usd"),
    "balance_conflicts": ("table", "row", "column", "value", "expected", "remedy"),
    "balance_solution": (
        *("status", "year", "periods", "accounts", "activities", "limits", "usd", "imbalance", "excess", "gap"),
    ),
    "trade_pairs": (
        *("exporter", "importer", "group", "baseline_usd", "baseline_low", "baseline_high", "counterfactual_usd"),
        *("low", "high", "cost_change", "tonnes", "usd_factor", "grade", "others"),
    ),
    "trade_countries": ("id", "exports_usd", "imports_usd", "real_income_change", "low", "high"),
    "trade_trace": ("pass", "largest_change", "trade_change", "tonnes", "delay_usd"),
    "trade_certificate": (
        *("converged", "reason", "passes", "clearing", "elasticity", "elasticity_low", "elasticity_high", "draws"),
        *("year", "matrix_year"),
    ),
    "trade_outlook": ("target", "year", "low", "base", "high"),
    "trade_hindcast_scores": ("sample", "method", "forecasts", "median_error", "low", "high"),
    "trade_left_out": ("exporter", "importer", "group", "reason", "tonnes"),
    "operations_routes": ("group", "corridor", "direction", "goods", "quantity", "unit", "consignments", *_TIMES),
    "operations_journeys": ("group", "corridor", "origin", "destination", "goods", "share", *_TIMES),
    "operations_days": ("group", "day", "share"),
    "operations_stations": (
        *("station", "resource", "name", "kind", "load", "simulated", "utilisation", "mean_wait_hours"),
        *("p95_wait_hours", "queue"),
    ),
    "operations_services": (
        *("service", "call", "load", "simulated", "departures_per_week", "share_full", "filled", "mean_wait_hours"),
        *("p95_wait_hours", "days_without"),
    ),
    "operations_queues": ("table", "id", "place", "month", "waiting", "waiting_low", "waiting_high"),
    "operations_checks": ("kind", "series", "title", "use", "unit", "year", "observed", "modelled", "p95", "reason"),
    "operations_reports": ("series", "title", "use", "unit", "year", "observed", "modelled", "most"),
    "operations_notices": ("table", "row", "column", "value", "expected", "remedy"),
    "operations_rules": ("rule", "value", "low", "high"),
    "operations_tornado": (
        *("rule", "corridor", "direction", "value_low", "value_high", "p95_low", "p95_high", "p95_base", "reach"),
        "replications",
    ),
    "operations_what_ifs": (
        *("scenario", "corridor", "direction", "mean_days", "p95_days", "p95_change", "share_full", "replications"),
    ),
    "operations_replays": (
        *("disruption", "title", "days", "days_lost", "delay_days", "delay_days_low", "delay_days_high", "tonnes_held"),
        *("tonnes_diverted", "usd", "recovery_days", "reason"),
    ),
    "operations_curves": ("station", "factor", "hours", "low", "high", "endless_from"),
    "operations_solution": ("replications", "events", "consignments", "overloaded", "full"),
}
_NUMBERS = {
    *("lat", "lon", "length_km", "open_share", "hours", "hours_moving", "hours_waiting", "usd", "kg_co2", "km", "rank"),
    *("leg", "sequence", "baseline", "baseline_year", "latest", "latest_year", "due_year", "required_growth"),
    *("observed_growth", "year", "from_month", "to_month", "capex_usd", "rows", "low", "high", "uses", "hours_model"),
    *(
        "first_year",
        "pair",
        "route",
        "tonnes_per_unit",
        "usd_per_hour",
        "quantity",
        "routed",
        "least_hours",
        "capacity",
    ),
    *("hours_delay", "load", "load_share", "usd_delay", "tonnes", "tonne_km", "observed", "modelled", "naive", "error"),
    *("naive_error", "group", "pass", "largest_change_hours", "residual", "pairs", "routes", "draws", "share", "value"),
    *("observations", "median_error", "within_40_percent", "median_geh", *FORECASTS),
    *("priority", "live", "wanted", "delivered", "short", "content", "dead", "usd_per_unit", "most", "use", "needed"),
    *("announced", "periods", "accounts", "activities", "limits", "excess", "gap"),
    *("baseline_usd", "baseline_low", "baseline_high", "counterfactual_usd", "cost_change", "exports_usd"),
    *("imports_usd", "real_income_change", "largest_change", "trade_change", "delay_usd", "passes", "clearing"),
    *("base", "forecasts", "usd_factor"),
    *("elasticity", "elasticity_low", "elasticity_high", "matrix_year"),
    *(
        "consignments",
        *_TIMES,
        "day",
        "utilisation",
        "mean_wait_hours",
        "p95_wait_hours",
        "queue",
        "departures_per_week",
    ),
    *("share_full", "filled", "days_without", "month", "waiting", "waiting_low", "waiting_high", "p95"),
    *("replications", "events", "overloaded", "full", "value_low", "value_high", "p95_low", "p95_high", "p95_base"),
    *("reach", "p95_change", "tonnes_held", "recovery_days"),
    *("geh", "since", "least", "most", "reached", "goal", "certified_residual", "imbalance", "benefit_usd"),
}
_LISTS = {"above", "relieved_by", "counted_by", "commodities", "projects"}
_NAMED = (
    ("places", "place", "name"),
    ("corridors", "corridor", "name"),
    ("services", "service", "name"),
    ("targets", "title", "title"),
    ("projects", "title", "title"),
)
_NAMED_IN_RESULTS = (
    ("flow_bottlenecks", "resource", "resource", "name"),
    ("flow_stations", "resource", "resource", "name"),
    ("flow_counts", "series", "series", "title"),
    ("flow_hindcast", "series", "quantity", "title"),
    ("flow_preferences", "preference", "id", "name"),
    ("balance_binding", "resource", "resource", "name"),
    ("balance_growth", "resource", "resource", "name"),
    ("balance_checks", "series", "series", "title"),
)


def complete(results: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Give the results with an empty table for each that this run did not make, and nulls for a missing column."""
    tables = {}
    for name, columns in _COLUMNS.items():
        table = results.get(name, pl.DataFrame(schema={column: _type(column) for column in columns}))
        missing = [column for column in columns if column not in table.columns]
        tables[name] = table.with_columns(pl.lit(None, _type(column)).alias(column) for column in missing)
    return tables


def _type(column: str) -> pl.DataType:
    if column in _LISTS:
        return pl.List(pl.String())
    return pl.Float64() if column in _NUMBERS else pl.String()


def localised(results: Mapping[str, pl.DataFrame], language: Language) -> dict[str, pl.DataFrame]:
    """Put names and titles of the tables into a language, where its catalogue has them."""
    tables = dict(results)
    for table, kind, key_column, column in (*((t, k, "id", c) for t, k, c in _NAMED), *_NAMED_IN_RESULTS):
        frame = tables[table]
        names = [language.name(kind, key, default) for key, default in frame.select(key_column, column).iter_rows()]
        tables[table] = frame.with_columns(pl.Series(column, names, dtype=pl.String))
    corridors = dict(zip(results["corridors"]["name"], tables["corridors"]["name"], strict=True))
    ways = [
        language.way(corridors.get(corridor, corridor), countries or ())
        for corridor, countries in tables["routes"].select("corridor", "countries").iter_rows()
    ]
    tables["routes"] = tables["routes"].with_columns(pl.Series("corridor", ways, dtype=pl.String))
    tables["published_times"] = tables["published_times"].with_columns(pl.col("corridor").replace(corridors))
    # A call on the way is a wait for the next departure to whoever travels.
    tables["route_waits"] = tables["route_waits"].with_columns(pl.col("kind").replace({"stop": "boarding"}))
    return tables
