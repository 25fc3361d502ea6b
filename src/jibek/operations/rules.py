"""What no source gives and is estimated by rule: spreads, time in port, platoons; each with its range."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

__all__ = ["RANGES", "Range", "Rules"]


@dataclass(frozen=True)
class Rules:
    """Estimates by rule, as they are used.

    Attributes
    ----------
    cv_moving : float
        Spread of a consignment's time under way on land over its mean, the whole way taken together.
    cv_sailing : float
        Spread of a passage at sea over its mean.
    cv_standing : float
        Spread over the mean of formalities at one border, of work at one terminal, of the delay by formula at one
        station.
    cv_service : float
        Spread of the time for which a consignment occupies a server, over its mean.
    port_hours : float
        Time of a vessel at one call where its fleet and departures leave so much.
    weather : float
        Share of time shut by weather, over that of the profiles.
    platoon : float
        Lorries that travel together.
    """

    cv_moving: float = 0.25
    cv_sailing: float = 0.15
    cv_standing: float = 0.5
    cv_service: float = 0.5
    port_hours: float = 20.0
    weather: float = 1.0
    platoon: float = 10.0

    def with_value(self, name: str, value: float) -> Rules:
        """Return the rules with one of them changed."""
        return replace(self, **{name: value})


class Range(NamedTuple):
    """From where to where an estimate may reasonably lie.

    Attributes
    ----------
    name : str
        Of the rule.
    low, high : float
        Ends.
    """

    name: str
    low: float
    high: float


RANGES = (
    Range("cv_moving", 0.1, 0.5),
    Range("cv_sailing", 0.05, 0.3),
    Range("cv_standing", 0.25, 1.0),
    Range("cv_service", 0.25, 1.0),
    Range("port_hours", 12.0, 36.0),
    Range("weather", 0.5, 1.5),
    Range("platoon", 5.0, 20.0),
)
"""Ranges of all rules. Port hours: series of Alat and Kuryk tell 8 to 12 hours of work on a ferry, 20 on the mean and
30 as the norm for a vessel; table services takes 36 for two calls. The others are judgement: half to double."""
