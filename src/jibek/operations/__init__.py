"""How late it will be: queues, vessels and weather simulated day by day, with intervals."""

from __future__ import annotations

from jibek.operations.corridor_elsewhere import ELSEWHERE
from jibek.operations.corridor_model import WARMUP_HOURS, YEAR_HOURS, CorridorModel, corridor_model
from jibek.operations.corridor_services import LANDING, SEA
from jibek.operations.corridor_stations import brought_to
from jibek.operations.delay_curves import DelayCurve, delay_curves
from jibek.operations.distributions import (
    Distribution,
    DistributionKind,
    constant,
    empirical,
    exponential,
    gamma,
    lognormal,
)
from jibek.operations.elements import (
    Calendar,
    Call,
    Closure,
    Ride,
    Route,
    Service,
    Station,
    Stoppage,
    Travel,
    Visit,
)
from jibek.operations.intervals import Estimates, means
from jibek.operations.model import Model
from jibek.operations.results import CallResults, LegResults, RouteResults, Simulation, StationResults, Times
from jibek.operations.rules import RANGES, Range, Rules
from jibek.operations.simulation import simulate
from jibek.operations.tally_kernels import class_hours
from jibek.operations.traffic import Passages, Traffic

__all__ = [
    "ELSEWHERE",
    "LANDING",
    "RANGES",
    "SEA",
    "WARMUP_HOURS",
    "YEAR_HOURS",
    "Calendar",
    "Call",
    "CallResults",
    "Closure",
    "CorridorModel",
    "DelayCurve",
    "Distribution",
    "DistributionKind",
    "Estimates",
    "LegResults",
    "Model",
    "Passages",
    "Range",
    "Ride",
    "Route",
    "RouteResults",
    "Rules",
    "Service",
    "Simulation",
    "Station",
    "StationResults",
    "Stoppage",
    "Times",
    "Traffic",
    "Travel",
    "Visit",
    "brought_to",
    "class_hours",
    "constant",
    "corridor_model",
    "delay_curves",
    "empirical",
    "exponential",
    "gamma",
    "lognormal",
    "means",
    "simulate",
]
