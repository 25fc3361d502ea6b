"""How late it will be: queues, vessels and weather simulated day by day, with intervals."""

from __future__ import annotations

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
from jibek.operations.intervals import Estimates
from jibek.operations.model import Model
from jibek.operations.results import CallResults, LegResults, RouteResults, Simulation, StationResults, Times
from jibek.operations.simulation import simulate
from jibek.operations.tally_kernels import class_hours

__all__ = [
    "Calendar",
    "Call",
    "CallResults",
    "Closure",
    "DelayCurve",
    "Distribution",
    "DistributionKind",
    "Estimates",
    "LegResults",
    "Model",
    "Ride",
    "Route",
    "RouteResults",
    "Service",
    "Simulation",
    "Station",
    "StationResults",
    "Stoppage",
    "Times",
    "Travel",
    "Visit",
    "class_hours",
    "constant",
    "delay_curves",
    "empirical",
    "exponential",
    "gamma",
    "lognormal",
    "simulate",
]
