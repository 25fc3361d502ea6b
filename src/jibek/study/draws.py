"""How far results may be off: the flows again and again, with inputs drawn from their ranges."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.corridor import schema_of
from jibek.flows import assign, flow_tables
from jibek.study.assignment import bottlenecks, demand_of
from jibek.study.case import Case
from jibek.study.threads import side_by_side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.study.assignment import Assigned

__all__ = ["DRAWN", "HIGH", "LOW", "draw_flows", "drawn_corridor"]

DRAWN: Mapping[str, tuple[str, ...]] = {
    "resources": ("capacity", "background", "hours_at_capacity"),
    "links": ("hours",),
    "borders": ("hours",),
    "terminals": ("hours",),
    "demand": ("quantity",),
    "preferences": ("value",),
    "commodities": ("usd_per_unit", "time_cost_percent_per_day"),
    "conversions": ("per_unit", "empty_return"),
}
"""Columns whose cells are drawn, by table."""

LOW, HIGH = 0.1, 0.9
"""Quantiles of the draws that a range shows."""

_TOP = 10
# One draw of a relation holds in all years: what is uncertain is its level.
_DRAWN_TOGETHER = {"demand": ("origin", "destination", "commodity")}


def draw_flows(case: Case, result: Assigned) -> dict[str, pl.DataFrame]:
    """Repeat the flows of a case with inputs drawn from their ranges.

    Waiting for departures stays as in the result; each cell follows a triangular distribution from its low end over its
    value to its high end.

    Parameters
    ----------
    case, result
        The case, and its flows with the values as given.

    Returns
    -------
    dict of polars.DataFrame
        ``flow_ranges`` (``measure, id, unit, value, low, high, draws``) and ``flow_topten`` (``resource, share`` of the
        draws in which it is among the ten costliest).
    """
    generators = np.random.default_rng(case.seed).spawn(case.draws)
    measured, top = [], []
    for number, (measures, costliest) in enumerate(
        side_by_side(lambda each: _drawn_once(case, result, each), generators)
    ):
        case.progress(f"flows, draw {number + 1} of {case.draws}")
        measured.append(measures.with_columns(draw=pl.lit(number)))
        top.append(costliest)
    central = _measures(result.tables)
    return {
        "flow_ranges": _ranges(central, pl.concat(measured), case.draws),
        "flow_topten": pl.concat(top)
        .group_by("resource")
        .agg(share=pl.len() / case.draws)
        .sort("share", "resource", descending=[True, False]),
    }


def _drawn_once(case: Case, result: Assigned, generator: np.random.Generator) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Draw once: give the measures, and the ten costliest bottlenecks."""
    drawn = Case(drawn_corridor(case.corridor, generator, DRAWN), case.scenario)
    flows = assign(
        drawn.world,
        drawn.base,
        result.routes,
        demand_of(drawn.world),
        waiting=result.waiting,
        start=result.flows.equilibrium,
    )
    tables = flow_tables(flows, drawn.world)
    return _measures(tables), bottlenecks(drawn.world, tables["flow_stations"]).head(_TOP).select("resource")


def drawn_corridor(
    corridor: Corridor, generator: np.random.Generator, drawn: Mapping[str, tuple[str, ...]]
) -> Corridor:
    """Draw every cell of some columns, by table, that has a range; in the order of tables, columns and keys."""
    ranges = corridor["evidence"].drop_nulls(["low", "high"])
    tables = dict(corridor.tables)
    for table, columns in drawn.items():
        for column in columns:
            cells = ranges.filter((pl.col("table") == table) & (pl.col("column") == column))
            tables[table] = _drawn(tables[table], table, column, cells, generator)
    return replace(corridor, tables=tables)


def _drawn(
    frame: pl.DataFrame, table: str, column: str, cells: pl.DataFrame, generator: np.random.Generator
) -> pl.DataFrame:
    """Draw the cells of one column."""
    key = [pl.col(name).cast(pl.String).fill_null("") for name in schema_of(table).key]
    together = [pl.col(name) for name in _DRAWN_TOGETHER.get(table, schema_of(table).key)]
    rows = frame.with_columns(_id=pl.concat_str(key, separator="/")).with_columns(
        _together=pl.concat_str([each.cast(pl.String).fill_null("") for each in together], separator="/")
    )
    rows = rows.join(cells.select(_id="id", _low="low", _high="high"), on="_id", how="left", maintain_order="left")
    names = rows["_together"].unique().sort()
    luck = pl.DataFrame({"_together": names, "_luck": generator.random(len(names))})
    rows = rows.join(luck, on="_together", how="left", maintain_order="left")
    ranged = rows[column].is_not_null() & rows["_low"].is_not_null()
    some = rows.filter(ranged)
    values = _triangular(*(some[name].to_numpy() for name in ("_luck", "_low", column, "_high")))
    drawn = rows[column].to_numpy().copy()
    drawn[ranged.to_numpy()] = values
    return frame.with_columns(pl.Series(column, drawn, dtype=pl.Float64).fill_nan(None))


def _triangular(
    luck: NDArray[np.float64], low: NDArray[np.float64], mode: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the quantile of a triangular distribution; a value outside its range widens the range."""
    low, high = np.minimum(low, mode), np.maximum(high, mode)
    width = np.maximum(high - low, 1e-300)
    left = (mode - low) / width
    rising = low + np.sqrt(luck * width * (mode - low))
    falling = high - np.sqrt((1 - luck) * width * (high - mode))
    return np.where(high > low, np.where(luck < left, rising, falling), mode)


def _ranges(central: pl.DataFrame, drawn: pl.DataFrame, draws: int) -> pl.DataFrame:
    """Put the range of its draws beside each headline number; what a draw does not have is zero in it."""
    key = ["measure", "id"]
    values = {(measure, name): np.zeros(draws) for measure, name in central.select(key).iter_rows()}
    for measure, name, value, number in drawn.select(*key, "value", "draw").iter_rows():
        if (measure, name) in values:
            values[measure, name][number] = value
    ends = [np.quantile(values[row], (LOW, HIGH)).tolist() for row in central.select(key).iter_rows()]
    low, high = (pl.Series([end[side] for end in ends], dtype=pl.Float64) for side in (0, 1))
    return central.with_columns(low=low, high=high, draws=pl.lit(draws, dtype=pl.Int64))


def _measures(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Take the headline numbers out of result tables: ``measure, id, unit, value``."""
    relations = tables["flow_relations"].drop_nulls("corridor")
    boxes = relations.filter(pl.col("unit") == "teu").group_by("corridor").agg(value=pl.col("quantity").sum())
    tonnes = relations.group_by("corridor").agg(value=pl.col("tonnes").sum())
    whole = [
        ("delay_usd", "usd", tables["flow_stations"]["usd_delay"].sum()),
        ("tonne_km", "t km", tables["flow_totals"]["tonne_km"].sum()),
        ("kg_co2", "kg", tables["flow_totals"]["kg_co2"].sum()),
        ("payments_usd", "usd", tables["flow_payments"]["usd"].sum()),
    ]
    parts = [
        frame.select(measure=pl.lit(measure), id=pl.col("corridor"), unit=pl.lit(unit), value=pl.col("value"))
        for measure, unit, frame in (("corridor_teu", "teu", boxes), ("corridor_tonnes", "t", tonnes))
    ]
    schema = {"measure": pl.String, "id": pl.String, "unit": pl.String, "value": pl.Float64}
    totals = pl.DataFrame(
        [(measure, "", unit, float(value)) for measure, unit, value in whole], schema=schema, orient="row"
    )
    return pl.concat([*parts, totals]).sort("measure", "id")
