"""Who goes where, and where it jams: route choice under congestion."""

from __future__ import annotations

from jibek.flows.assignment import (
    Flows,
    PricedRoutes,
    assign,
    cheapest_flow,
    equilibrium_of,
    price_routes,
    quantities,
    reference_costs,
    with_waiting,
)
from jibek.flows.calibration import Calibration, Sample, calibrate, folds_of
from jibek.flows.certificate import Certificate, certify
from jibek.flows.counts import Counts, counts_of, geh, observed_in
from jibek.flows.demand import Demand, demand_between_places, demand_in_year
from jibek.flows.equilibrium import Equilibrium, flow_at
from jibek.flows.preferences import Preference, RouteMarks, marks_of, place_zones, preferences_in
from jibek.flows.route_sets import RouteSets, build_route_sets
from jibek.flows.stations import incidences_of
from jibek.flows.tables import arc_flows, flow_tables, pair_table
from jibek.flows.users import station_users

__all__ = [
    "Calibration",
    "Certificate",
    "Counts",
    "Demand",
    "Equilibrium",
    "Flows",
    "Preference",
    "PricedRoutes",
    "RouteMarks",
    "RouteSets",
    "Sample",
    "arc_flows",
    "assign",
    "build_route_sets",
    "calibrate",
    "certify",
    "cheapest_flow",
    "counts_of",
    "demand_between_places",
    "demand_in_year",
    "equilibrium_of",
    "flow_at",
    "flow_tables",
    "folds_of",
    "geh",
    "incidences_of",
    "marks_of",
    "observed_in",
    "pair_table",
    "place_zones",
    "preferences_in",
    "price_routes",
    "quantities",
    "reference_costs",
    "station_users",
    "with_waiting",
]
