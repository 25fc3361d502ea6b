"""How it gets there: the best and really different routes between two places, leg by leg."""

from __future__ import annotations

from jibek.routes.find import find_routes
from jibek.routes.route import Leg, Point, Route, Wait
from jibek.routes.tables import route_tables

__all__ = ["Leg", "Point", "Route", "Wait", "find_routes", "route_tables"]
