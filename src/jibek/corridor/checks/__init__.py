"""From typed tables to everything that is wrong (``fault``) or odd (``notice``) in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jibek.corridor.checks.balances import check_balances
from jibek.corridor.checks.changes import CLOSABLE, check_changes
from jibek.corridor.checks.connections import check_connections
from jibek.corridor.checks.conversions import check_conversions
from jibek.corridor.checks.demand import check_demand
from jibek.corridor.checks.geography import check_geography, country_shapes, great_circle_km
from jibek.corridor.checks.notices import check_plausibility
from jibek.corridor.checks.references import check_references
from jibek.corridor.checks.reporting import Tables
from jibek.corridor.checks.values import check_values

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    import polars as pl

    from jibek.errors import Fault

__all__ = ["CLOSABLE", "check_tables", "country_shapes", "great_circle_km"]

_CHECKS = (
    check_references,
    check_values,
    check_changes,
    check_geography,
    check_connections,
    check_conversions,
    check_demand,
    check_balances,
    check_plausibility,
)


def check_tables(frames: Mapping[str, pl.DataFrame], *, unreadable: AbstractSet[str] = frozenset()) -> list[Fault]:
    """Run every check.

    Parameters
    ----------
    frames
        All tables, typed, with the columns ``_line`` and ``_layer``.
    unreadable
        Tables whose file is missing or broken; references to them are not judged.

    Returns
    -------
    list of Fault
        All faults and notices.
    """
    tables = Tables(frames=frames, unreadable=frozenset(unreadable))
    return [fault for check in _CHECKS for fault in check(tables)]
