"""Delay curves: how long the stations of a corridor make one wait, at less and more traffic than today's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.operations import WARMUP_HOURS, YEAR_HOURS, brought_to, delay_curves

if TYPE_CHECKING:
    from jibek.study.operated import Operated

__all__ = ["FACTORS", "curve_table"]

FACTORS = (0.5, 0.75, 1.0, 1.25, 1.5)
"""By which the volume of all routes is multiplied."""

_NUMBERS = ("factor", "load", "load_share", "hours", "low", "high", "moved", "endless_from")
_CURVES = {"station": pl.String, **dict.fromkeys(_NUMBERS, pl.Float64)}


def curve_table(base: Operated, *, replications: int, seed: int) -> pl.DataFrame:
    """Simulate the model at several volumes and write how the mean wait at each station grows with its load.

    Vessels and closings stay as they are. A station that takes the delay by formula at today's volume has no curve.

    Returns
    -------
    polars.DataFrame
        ``station, factor, load`` (consignments a day), ``load_share`` (of a busy day over capacity, as flows reckon,
        background and empties included: with ``hours`` a point of table ``curves``, by which flows may let a resource
        delay instead of by formula), ``hours`` (mean wait: increasing and convex in load), ``low``
        and ``high`` (interval of the wait that was simulated), ``moved`` (hours that the curve stands from what was
        simulated at most), ``endless_from`` (least of the `FACTORS` at which the queue had no end; null if it always
        had).
    """
    stations = set(base.made.queues.ids)
    found = delay_curves(
        base.made.model,
        FACTORS,
        hours=WARMUP_HOURS + YEAR_HOURS,
        warmup_hours=WARMUP_HOURS,
        replications=replications,
        seed=seed,
    )
    shares = _load_shares(base)
    rows = [
        (curve.station, *point, curve.moved, min(curve.overloaded, default=None))
        for curve in found
        if curve.station in stations
        for goods, beside in [shares[curve.station]]
        for point in np.stack(
            [curve.factor, curve.load, goods * curve.factor + beside, curve.hours, curve.low, curve.high], axis=1
        ).tolist()
    ]
    return pl.DataFrame(rows, schema=_CURVES, orient="row").with_columns(pl.col("low", "high").fill_nan(None))


def _load_shares(base: Operated) -> dict[str, tuple[float, float]]:
    """Give of each station the shares of its capacity that goods, and what moves beside them, take on a busy day."""
    traffic, brought = base.prepared.traffic, brought_to(base.prepared.traffic).sum(axis=0)
    peaks = base.prepared.world["resources"].select(resource="id", peak=pl.col("peak").fill_null(1.0))
    table = traffic.stations.with_columns(goods=pl.Series(brought)).join(peaks, on="resource", maintain_order="left")
    a_unit = pl.col("peak") / pl.col("capacity")
    shares = table.select("station", pl.col("goods") * a_unit, (pl.col("background") + pl.col("empties")) * a_unit)
    return {station: (goods, beside) for station, goods, beside in shares.iter_rows()}
