"""A small made-up corridor with results: two land ways and a sea way between two cities."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest

from jibek.present import report_facts
from jibek.present.facts import ReportFacts

PLACES = [
    ("east", "East City (Yard)", "CHN", 35.0, 108.0, "city"),
    ("post", "Post", "KAZ", 45.2, 82.5, "border_post"),
    ("lake-port", "Lake port", "KAZ", 43.6, 51.2, "seaport"),
    ("west-port", "West port", "AZE", 40.0, 49.5, "seaport"),
    ("west", "West <City>", "DEU", 51.4, 6.8, "city"),
    ("ocean-port", "Ocean port", "CHN", 30.6, 122.1, "seaport"),
    ("cape", "Cape", None, -34.4, 18.5, "strait"),
    ("river-port", "River port", "NLD", 51.9, 4.1, "seaport"),
]
MODES = [
    ("rail_1520", "Rail", "rail"),
    ("road", "Road", "road"),
    ("feeder", "Feeder", "sea"),
    ("deep_sea", "Ocean ship", "sea"),
]
LINKS = [
    ("a", "east", "post", "rail_1520", 3000.0, "operating", 1.0),
    ("b", "post", "west", "rail_1520", 6000.0, "operating", 1.0),
    ("c", "post", "lake-port", "road", 2900.0, "operating", 1.0),
    ("d", "lake-port", "west-port", "feeder", 460.0, "operating", 1.0),
    ("e", "west-port", "west", "rail_1520", 4000.0, "planned", 0.0),
    ("f", "ocean-port", "cape", "deep_sea", 14000.0, "operating", 1.0),
    ("g", "cape", "river-port", "deep_sea", 11500.0, "operating", 1.0),
]
ROUTES = [
    (1, "Land", 200.0, 150.0, 50.0, 3000.0, 3100.0, 9000.0, ["CHN", "KAZ", "DEU"]),
    (2, "other", 700.0, 650.0, 50.0, 2000.0, 3500.0, 25500.0, ["CHN", "NLD", "DEU"]),
]
TARGETS = [
    (
        "kept",
        "Trade of 100 by 2030",
        "trade",
        "met",
        "reached",
        "BUSD/yr",
        70.0,
        2022,
        106.3,
        2025,
        100.0,
        2030,
        None,
        0.12,
    ),
    (
        "late",
        "Cargo of 10 Mt",
        "connectivity",
        "behind",
        "growth_too_small",
        "Mt/yr",
        2.8,
        2023,
        4.119,
        2025,
        10.0,
        2028,
        0.34,
        -0.08,
    ),
    ("open", "Friendship", "governance", "unknown", "no_target", None, None, None, None, None, None, None, None, None),
]


def table(rows: list[tuple[object, ...]], *columns: str, **types: pl.DataType) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=list(columns), orient="row", infer_schema_length=None, schema_overrides=types)


@pytest.fixture(scope="session")
def results() -> dict[str, pl.DataFrame]:
    where = {place[0]: place[3:5] for place in PLACES}
    paths = [(1, ["east", "post", "west"], "rail_1520"), (2, ["ocean-port", "cape", "river-port"], "deep_sea")]
    legs = [(1, 1, "east", "west", "rail_1520", 150.0, 50.0, 3000.0, 9000.0)]
    legs += [(2, 1, "ocean-port", "river-port", "deep_sea", 650.0, 50.0, 2000.0, 25500.0)]
    observations = [("kept", year, value) for year, value in ((2022, 70.0), (2023, 89.0), (2025, 106.3))]
    observations += [("late", year, value) for year, value in ((2023, 2.8), (2024, 4.484), (2025, 4.119))]
    return {
        "places": table(PLACES, "id", "name", "country", "lat", "lon", "kind"),
        "modes": table(MODES, "id", "name", "medium"),
        "links": table(LINKS, "id", "from_place", "to_place", "mode", "length_km", "status", "open_share"),
        "borders": table([("border-a", "a", 4.2), ("border-b", "b", 0.0)], "id", "link", "hours"),
        "terminals": table([("t", "post", "rail_1520", "road")], "id", "place", "from_mode", "to_mode"),
        "services": table([("line", "Ocean line")], "id", "name"),
        "corridors": table([("northern", "Land")], "id", "name"),
        "routes": table(
            [(1, rank, "east", "west", "containers", *rest) for rank, *rest in ROUTES],
            *("pair", "rank", "origin", "destination", "commodity", "corridor", "hours", "hours_moving"),
            *("hours_waiting", "usd", "kg_co2", "km", "countries"),
        ),
        "route_legs": table(
            [(1, *leg) for leg in legs],
            *("pair", "rank", "leg", "from_place", "to_place", "mode", "hours_moving", "hours_waiting", "usd", "km"),
        ),
        "route_waits": table(
            [(1, 1, 1, "border", "border-a", "east", 50.0, 120.0), (1, 2, 1, "stop", "line", "cape", 50.0, 0.0)],
            *("pair", "rank", "leg", "kind", "id", "place", "hours", "usd"),
        ),
        "route_payments": table(
            [(1, 1, "Railway", 2950.0), (1, 1, "Guards", 50.0), (1, 2, "Ocean carrier", 2000.0)],
            *("pair", "rank", "payee", "usd"),
        ),
        "route_paths": table(
            [
                (1, rank, number, place, *where[place], mode if number > 1 else "")
                for rank, places, mode in paths
                for number, place in enumerate(places, 1)
            ],
            *("pair", "rank", "sequence", "place", "lat", "lon", "mode"),
        ),
        "published_times": table([(1, "Land", 240.0, 312.0, 2024)], "pair", "corridor", "low", "high", "year"),
        "border_dwell": table(
            [("border-a", "east", "post", ["CHN", "KAZ"], "rail", 4.2, 30.5, 80.2, 30.5, 2022, 2021)],
            *("crossing", "from_place", "to_place", "countries", "medium", "hours_model", "low", "high", "latest"),
            *("latest_year", "first_year"),
        ),
        "targets": table(
            TARGETS,
            *("id", "title", "sector", "status", "reason", "unit", "baseline", "baseline_year", "latest"),
            *("latest_year", "target", "due_year", "required_growth", "observed_growth"),
        ).with_columns(aim=pl.lit("at_least")),
        "target_observations": table(
            [(target, year, 1, 12, value) for target, year, value in observations],
            *("target", "year", "from_month", "to_month", "value"),
        ),
        "projects": table(
            [
                (
                    "line-2",
                    "Second line",
                    ["KAZ"],
                    "transport",
                    1.5e9,
                    date(2023, 5, 1),
                    date(2027, 1, 1),
                    "construction",
                ),
                ("port-2", "Second port", ["AZE"], "transport", None, None, date(2029, 1, 1), "planned"),
                ("plan", "A plan", [], "energy", None, None, None, "study"),
            ],
            *("id", "title", "countries", "sector", "capex_usd", "start", "finish", "status"),
        ),
        "project_places": table([("line-2", 44.0, 66.0)], "project", "lat", "lon"),
        "grades": table(
            [("links", "observed", 3, 0.75), ("links", "estimate", 1, 0.25)], "table", "grade", "rows", "share"
        ),
        "estimates": table(
            [("borders", "border-a", "hours", 4.2, 2.0, 24.0, "rule", "by rule")],
            *("table", "id", "column", "value", "low", "high", "source", "note"),
        ),
        "unpriced": table([("road", "KAZ")], "mode", "country"),
        "sources": table(
            [
                ("paper", "A paper & more", "Press", "2024", "https://example.org/paper", 3),
                ("rule", "A rule", "", "", "", 1),
            ],
            *("id", "title", "publisher", "date", "url", "uses"),
        ),
    }


@pytest.fixture(scope="session")
def facts(results: dict[str, pl.DataFrame]) -> ReportFacts:
    corridor = SimpleNamespace(name="small", year=2025)
    study = SimpleNamespace(tables=results, corridor=corridor, scenario=None)
    return report_facts(study, title="East – West")


@pytest.fixture(scope="session")
def flow_results(results: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the corridor's results with flows: containers and coal over two lines, and coal that finds no way."""
    arcs = [
        ("link", "a", "forward", "boxes", 70_000.0),
        ("link", "a", "backward", "boxes", 30_000.0),
        ("link", "a", "forward", "coal", 600_000.0),
        ("link", "b", "forward", "boxes", 70_000.0),
        ("link", "c", "forward", "coal", 600_000.0),
        ("link", "f", "forward", "boxes", 900_000.0),
        ("border", "border-a", "forward", "boxes", 70_000.0),
    ]
    stations = [
        ("line-a", "links/a", "forward", "train", 40.0, 50.0, 1.25, 30.0, 6e6, "Line A <east>", "line"),
        ("line-a", "links/a", "backward", "train", 40.0, 20.0, 0.5, 1.0, 1e6, "Line A <east>", "line"),
        ("line-b", "links/b", "", "train", 24.0, 12.0, 0.5, 2.0, 2e6, "Line B", "line"),
        ("gate", "", "", "teu", 100.0, 90.0, 0.9, 12.0, 4e6, "Gate", "border"),
    ]
    bottlenecks = [
        (1, "line-a", "Line A <east>", "line", 1.25, 30.0, 7e6, "estimate", ["line-2"]),
        (2, "gate", "Gate", "border", 0.9, 12.0, 4e6, "official", None),
        (3, "line-b", "Line B", "line", 0.5, 2.0, 2e6, "estimate", None),
    ]
    users = [
        ("line-a", "links/a", "forward", "background", None, None, None, None, None, 5.0, 0.1),
        ("line-a", "links/a", "forward", "commodity", None, None, "coal", "t", 600_000.0, 25.0, 0.5),
        ("line-a", "links/a", "forward", "commodity", None, None, "boxes", "teu", 70_000.0, 15.0, 0.3),
        ("line-a", "links/a", "forward", "commodity", None, None, "ores", "t", 0.0, 5.0, 0.1),
        ("line-a", "links/a", "forward", "pair", "east", "lake-port", None, "t", 600_000.0, 25.0, 0.5),
        ("gate", "", "", "commodity", None, None, "boxes", "teu", 70_000.0, 90.0, 1.0),
    ]
    counts = [
        (2024, "good", "Good count", "check", "TEU", 100_000.0, 110_000.0, 300_000.0, 0.1, 2.0, 0, 3.0, None),
        (2025, "far", "Far count", "fit", "t", 600_000.0, 0.0, 700_000.0, -1.0, 1 / 6, 1, 57.0, None),
        (2024, "odd", "Odd count", "fit", "t", 5.0, None, None, None, None, None, None, "Oil is in it."),
    ]
    pairs = [
        (0, "east", "west", "boxes", "teu", 14.0, 2.0, 70_000.0, 70_000.0, 300.0),
        (1, "west", "east", "boxes", "teu", 14.0, 2.0, 30_000.0, 30_000.0, 320.0),
        (2, "east", "lake-port", "coal", "t", 1.0, 0.1, 600_000.0, 600_000.0, 900.0),
        (3, "ocean-port", "river-port", "boxes", "teu", 14.0, 2.0, 900_000.0, 900_000.0, 700.0),
        (4, "post", "west", "coal", "t", 1.0, 0.1, 50_000.0, 0.0, None),
    ]
    relations = [
        ("CHN", "DEU", "boxes", "teu", "northern", "overland", 70_000.0, 980_000.0),
        ("DEU", "CHN", "boxes", "teu", "northern", "overland", 30_000.0, 420_000.0),
        ("CHN", "NLD", "boxes", "teu", None, "sea", 900_000.0, 12_600_000.0),
        ("CHN", "KAZ", "coal", "t", None, "overland", 600_000.0, 600_000.0),
    ]
    preferences = [("wary", "Wary of <b>", "aversion", 0.2, 0.0, 0.5, True, None)]
    return results | {
        "regions": table([("EU27", "DEU"), ("EU27", "NLD")], "region", "country"),
        "flow_arcs": table(arcs, "kind", "id", "direction", "commodity", "quantity"),
        "flow_stations": table(
            stations,
            *("resource", "member", "way", "unit", "capacity", "load", "load_share", "hours", "usd_delay"),
            *("name", "kind"),
        ),
        "flow_bottlenecks": table(
            bottlenecks,
            *("rank", "resource", "name", "kind", "load_share", "hours", "usd_delay", "grade", "relieved_by"),
        ),
        "flow_users": table(
            users,
            *("resource", "member", "way", "kind", "origin", "destination", "commodity", "unit", "quantity", "load"),
            "share",
        ),
        "flow_counts": table(
            counts,
            *("year", "series", "title", "use", "base_unit", "observed", "modelled", "naive", "error", "naive_error"),
            *("group", "geh", "reason"),
        ),
        "flow_pairs": table(
            pairs,
            *("pair", "origin", "destination", "commodity", "unit", "tonnes_per_unit", "usd_per_hour", "quantity"),
            *("routed", "least_hours"),
        ),
        "flow_routes": table(
            [(0, 0, 70_000.0, 30.0), (1, 1, 30_000.0, 1.0), (2, 2, 600_000.0, 0.0), (3, 3, 900_000.0, 0.0)],
            *("pair", "route", "quantity", "hours_delay"),
        ),
        "flow_relations": table(
            relations,
            *("origin_country", "destination_country", "commodity", "unit", "corridor", "nest", "quantity", "tonnes"),
        ),
        "flow_payments": table(
            [("Railway", "KAZ", "boxes", 9e6), ("Ocean carrier", None, "boxes", 5e6)],
            *("payee", "country", "commodity", "usd"),
        ),
        "flow_totals": table(
            [("KAZ", "rail_1520", "boxes", 8e9, 9e7), (None, "deep_sea", "boxes", 3e11, 4e9)],
            *("country", "mode", "commodity", "tonne_km", "kg_co2"),
        ),
        "flow_unrouted": table(
            [("post", "west", "coal", "t", 50_000.0, "every route is closed")],
            *("origin", "destination", "commodity", "unit", "quantity", "reason"),
        ),
        "flow_solution": table(
            [(2e-8, 1e-6, True, 4, 4, 2.1e-8, 3e-15, -5e9)],
            *("residual", "goal", "converged", "pairs", "routes", "certified_residual", "imbalance", "benefit_usd"),
        ),
        "flow_waiting": table([(1, 9.0), (2, 0.1)], "pass", "largest_change_hours"),
        "flow_ranges": table(
            [("corridor_teu", "northern", "teu", 1e5, 7e4, 1.6e5, 50), ("delay_usd", "", "usd", 1.3e7, 9e6, 3e7, 50)],
            *("measure", "id", "unit", "value", "low", "high", "draws"),
        ),
        "flow_topten": table([("line-a", 0.98)], "resource", "share"),
        "flow_validation": table(
            [("check", "model", 1, 0.1, 1.0, 2.5), ("check", "naive", 1, 2.0, 0.0, 20.0)],
            *("sample", "method", "observations", "median_error", "within_40_percent", "median_geh"),
        ),
        "flow_goals": table(
            [
                ("median_error", None, None, None, None, None, None, 0.2, 0.1, True, None),
                ("direction", "northern", "westbound", 2025, None, 80_000.0, 68e3, 92e3, 60e3, False, ["far"]),
                ("response", "northern", None, 2023, 2021, -0.5, -1.0, -0.25, -0.4, True, ["far"]),
            ],
            *("goal", "corridor", "direction", "year", "since", "observed", "least", "most", "reached", "met"),
            "counted_by",
        ),
        "flow_hindcast": table(
            [("good", "Good count", "TEU", 2024, 90_000.0, 120_000.0, 99_000.0, 60_000.0, None)],
            *("quantity", "title", "unit", "year", "observed", "blind", "conditional", "no_change", "last_growth"),
        ),
        "flow_preferences": table(preferences, "id", "name", "kind", "value", "low", "high", "fitted", "note"),
        "resource_places": table([("gate", 45.2, 82.5)], "resource", "lat", "lon"),
    }


@pytest.fixture(scope="session")
def flow_facts(flow_results: dict[str, pl.DataFrame]) -> ReportFacts:
    corridor = SimpleNamespace(name="small", year=2025)
    study = SimpleNamespace(tables=flow_results, corridor=corridor, scenario=None)
    return report_facts(study, title="East – West")
