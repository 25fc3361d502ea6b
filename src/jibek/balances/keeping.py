"""Stores of a corridor as contents between dead and full volume, with what evaporates from their surface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from jibek.balances.system import Reading

    Floats = NDArray[np.float64]

__all__ = ["add_stores"]


def add_stores(reading: Reading) -> None:
    """Add the stores of the commodities; a surface is a straight line between the dead and the full volume.

    Dead, initial and final content have to lie within the capacity, and the area curve has to reach from the dead to
    the full volume: each store where one does not is a fault.
    """
    for row in reading.world["stores"].iter_rows(named=True):
        if row["commodity"] in reading.commodities:
            _check_contents(reading, row)
            # A capacity of 0 keeps nothing, as if there were no store: one that is not built yet.
            if (row["dead"] or 0.0) <= row["capacity"] > 0:
                _add_store(reading, row)


def _check_contents(reading: Reading, row: Mapping[str, Any]) -> None:
    """Name contents that do not fit."""
    dead, capacity = row["dead"] or 0.0, row["capacity"]
    within = {"dead": (0.0, capacity), "initial": (dead, capacity), "final": (dead, capacity)}
    for name, (low, high) in within.items():
        if row[name] is not None and not low <= row[name] <= high:
            what = "from 0 to the capacity" if name == "dead" else "from the dead volume to the capacity"
            reading.refuse("stores", row["id"], name, row[name], f"{what}, {low:.6g} to {high:.6g}")


def _add_store(reading: Reading, row: Mapping[str, Any]) -> None:
    """Add a store."""
    capacity, dead = row["capacity"], row["dead"] or 0.0
    metres = (row["evaporation_mm_year"] or 0.0) / 1000 * reading.calendar.share  # times km2: million m3
    low, full = _surface(reading, row, dead, capacity)
    slope = (full - low) / (capacity - dead) if capacity > dead else 0.0
    contents = tuple(np.nan if row[name] is None else row[name] for name in ("initial", "final"))
    reading.gathered.stores[f"stores/{row['id']}"] = (
        (row["place"], row["commodity"]),
        (capacity, dead, *contents),
        metres * (low - slope * dead),
        metres * slope,
    )


def _surface(reading: Reading, row: Mapping[str, Any], dead: float, capacity: float) -> tuple[float, float]:
    """Give the area at the dead and at the full volume, in km2; 0 where nothing evaporates."""
    if not row["evaporation_mm_year"]:
        if row["area_curve"]:
            reading.leave_out("stores", row["id"], "area_curve", row["area_curve"], "evaporation_mm_year too")
        return 0.0, 0.0
    curve = reading.world["curves"].filter(id=row["area_curve"] or "").sort("x")
    if curve.is_empty():
        reading.refuse("stores", row["id"], "area_curve", row["area_curve"] or "", "a curve, since water evaporates")
        return 0.0, 0.0
    first, last = curve["x"][0], curve["x"][-1]
    if first > dead or last < capacity:
        found = f"{row['area_curve']}, which reaches from {first:.6g} to {last:.6g}"
        reading.refuse("stores", row["id"], "area_curve", found, f"a curve from {dead:.6g} to {capacity:.6g}")
    low, full = np.interp([dead, capacity], curve["x"], curve["y"]).tolist()
    if not 0 <= low <= full:
        found = f"{row['area_curve']}, {low:.6g} km2 when empty, {full:.6g} when full"
        reading.refuse("stores", row["id"], "area_curve", found, "areas from 0 that do not shrink with content")
    return low, full
