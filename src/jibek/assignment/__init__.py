"""Who goes where on a network of one's own: user equilibrium, certified."""

from __future__ import annotations

from jibek.assignment.problem import DelayKind, TrafficNetwork, TravelClass

__all__ = ["DelayKind", "TrafficNetwork", "TravelClass"]
