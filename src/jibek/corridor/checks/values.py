"""Is every value possible? Judged alone and beside its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from jibek.corridor.checks.reporting import Tables, report
from jibek.corridor.schema import TABLES, schema_of
from jibek.corridor.vocabulary import Limits, countries, limits_of, units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jibek.errors import Fault

__all__ = ["check_values"]

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
SHARE_TOLERANCE = 1e-6  # what twelve decimal shares may lose when they are added
_SLOPE_TOLERANCE = 1e-6  # what a slope may lose, since points are written with few decimals

_ORDERED = (
    ("observations", "from_month", "to_month"),
    ("changes", "from_date", "to_date"),
    ("projects", "start", "finish"),
    ("disruptions", "from_date", "to_date"),
    ("evidence", "low", "high"),
    ("process_flows", "yield_min", "yield_max"),
    ("stores", "dead", "capacity"),
    ("stores", "initial", "capacity"),
    ("stores", "final", "capacity"),
    ("supplies", "minimum", "quantity"),
    ("needs", "minimum", "quantity"),
    ("commitments", "baseline_year", "due_year"),
)
# Cells that only make sense together: if the first holds the value (None: anything), the second must be filled in.
_TOGETHER = (
    ("resources", "first_month", None, "last_month"),
    ("resources", "last_month", None, "first_month"),
    ("resources", "delay", "queue", "servers"),
    ("resources", "delay", "queue", "cv_arrival"),
    ("resources", "delay", "queue", "cv_service"),
    ("resources", "delay", "curve", "delay_curve"),
    ("services", "rule", "full_or_time", "max_wait_hours"),
    ("disruptions", "profile", None, "mean_hours"),
    ("disruptions", "mean_hours", None, "profile"),
    ("series", "scope_table", None, "scope_id"),
    ("series", "scope_id", None, "scope_table"),
)


# Limits that hold for some rows of a table only.
_UNDER_CONDITION = (
    (
        "modes",
        "speed_kmh",
        pl.col("medium") != "power",
        Limits(fault_above=1000, notice_above=150, reason="ground and water transport is slower"),
    ),
    (
        "trade",
        "usd",
        pl.col("exporter") != pl.col("importer"),
        Limits(fault_above=1e13, notice_above=5e12, reason="more than a third of the world's trade"),
    ),
    (
        "trade",
        "usd",
        (pl.col("exporter") != pl.col("importer"))
        & pl.col("exporter").is_in(list(countries()))
        & pl.col("importer").is_in(list(countries())),
        Limits(fault_above=1e12, notice_above=8e11, reason="no two countries trade this much"),
    ),
)


def check_values(tables: Tables) -> Iterator[Fault]:
    """Check magnitudes, ordered pairs, cells that belong together, profiles and changes."""
    for table in TABLES:
        for column in _columns_beyond(tables, table):
            yield from _too_large(table, _sized(tables[table], column), column, limits_of(table, column))
    for table, column, condition, limits in _UNDER_CONDITION:
        yield from _too_large(table, _sized(tables[table].filter(condition), column), column, limits)
    for column in ("low", "high"):
        yield from _by_limits_elsewhere(tables, "evidence", column, "column")
    yield from _by_limits_elsewhere(tables, "changes", "value", "column")
    yield from _by_unit(tables, "observations", "value")
    yield from _by_unit(tables, "commitments", "baseline")
    yield from _by_unit(tables, "commitments", "target")
    for table, low, high in _ORDERED:
        yield from _not_ordered(tables, table, low, high)
    for table, first, held, second in _TOGETHER:
        yield from _incomplete(tables, table, first, held, second)
    yield from _shares(tables)
    yield from _delay_curves(tables)


def _columns_beyond(tables: Tables, table: str) -> list[str]:
    """Name the columns of a table with a number beyond any of its limits."""
    numbers = [a.name for a in schema_of(table).attributes if a.is_number or a.is_whole_number]
    if not numbers:
        return []
    largest = tables[table].select(pl.col(numbers).cast(pl.Float64()).abs().max()).row(0, named=True)
    return [name for name in numbers if largest[name] is not None and largest[name] >= _least(limits_of(table, name))]


def _least(limits: Limits) -> float:
    return min(limits.fault_above, limits.notice_above)


def _sized(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Add the absolute value of a column as ``_size``."""
    return frame.with_columns(pl.col(column).cast(pl.Float64()).abs().alias("_size"))


def _too_large(table: str, rows: pl.DataFrame, column: str, limits: Limits) -> Iterator[Fault]:
    """Compare the absolute values in ``_size`` with one pair of limits."""
    if not (rows["_size"] >= _least(limits)).any():
        return
    yield from _beyond(table, rows.filter(pl.col("_size") >= limits.fault_above), column, limits, "fault")
    between = (pl.col("_size") >= limits.notice_above) & (pl.col("_size") < limits.fault_above)
    yield from _beyond(table, rows.filter(between), column, limits, "notice")


def _beyond(
    table: str, rows: pl.DataFrame, column: str, limits: Limits, severity: Literal["fault", "notice"]
) -> list[Fault]:
    bound = limits.fault_above if severity == "fault" else limits.notice_above
    return report(
        table,
        rows,
        column,
        expected=f"less than {bound:g}: {limits.reason}",
        remedy="Check the number and its unit.",
        severity=severity,
    )


def _by_limits_elsewhere(tables: Tables, table: str, column: str, named_by: str) -> Iterator[Fault]:
    """Hold values against the limits of the table and column that their rows name."""
    cells = tables[table].select("table", named_by, pl.col(column).abs()).rows()
    beyond = [None not in cell and cell[2] >= _least(limits_of(cell[0], cell[1])) for cell in cells]
    frame = tables[table].filter(pl.Series(beyond, dtype=pl.Boolean()))
    for (target, name), rows in sorted(frame.partition_by("table", named_by, as_dict=True).items()):
        yield from _too_large(table, _sized(rows, column), column, limits_of(str(target), str(name)))


def _by_unit(tables: Tables, table: str, column: str) -> Iterator[Fault]:
    """Hold values of series, turned into the base unit, against the limits of that unit."""
    base = {name: unit.base for name, unit in units().items()}
    factor = {name: unit.factor for name, unit in units().items()}
    series = (
        tables["series"]
        .unique("id")
        .select(
            pl.col("id").alias("series"),
            pl.col("unit").replace_strict(base, default=None, return_dtype=pl.String()).alias("_base"),
            pl.col("unit")
            .replace_strict(factor, default=1.0, return_dtype=pl.Float64())
            .fill_null(1.0)
            .alias("_factor"),
        )
    )
    joined = tables[table].join(series, on="series").filter(pl.col("_base").is_not_null())
    sized = joined.with_columns((pl.col(column) * pl.col("_factor")).abs().alias("_size"))
    for (unit,), rows in sorted(sized.partition_by("_base", as_dict=True).items()):
        yield from _too_large(table, rows, column, limits_of("units", str(unit)))


def _not_ordered(tables: Tables, table: str, low: str, high: str) -> list[Fault]:
    wrong = tables[table].filter(pl.col(low) > pl.col(high))
    expected = [f"at least {low} ({bound})" for bound in wrong[low]]
    return report(table, wrong, high, expected=expected, remedy=f"Check {low} and {high}; they may be exchanged.")


def _incomplete(tables: Tables, table: str, first: str, held: str | None, second: str) -> list[Fault]:
    condition = pl.col(first).is_not_null() if held is None else pl.col(first) == held
    wrong = tables[table].filter(condition & pl.col(second).is_null())
    reason = f"a value, since {first} is {'given' if held is None else held}"
    return report(table, wrong, second, expected=reason, remedy=f"Fill in {second} or change {first}.")


def _delay_curves(tables: Tables) -> list[Fault]:
    """Find the first point of each delay curve that lies below nought, does not rise, or rises less than before."""
    used = tables["resources"].drop_nulls("delay_curve")["delay_curve"].unique()
    points = tables["curves"].filter(pl.col("id").is_in(used.implode())).drop_nulls(["x", "y"]).sort("id", "x")
    before = [pl.col(name).shift(1, fill_value=0.0).over("id") for name in ("x", "y")]
    slope = (pl.col("y") - before[1]) / (pl.col("x") - before[0])
    sloped = points.with_columns(pl.when(pl.col("x") > before[0]).then(slope).alias("_slope"))
    flatter = pl.col("_slope") < pl.col("_slope").shift(1).over("id") * (1.0 - _SLOPE_TOLERANCE) - _SLOPE_TOLERANCE
    at_nought = ((pl.col("x") == 0) & (pl.col("y") > 0)) | (pl.col("x").max().over("id") <= 0)
    wrong = sloped.filter(at_nought | (pl.col("x") < 0) | (pl.col("y") < 0) | (pl.col("_slope") < 0) | flatter)
    wrong = wrong.unique("id", keep="first", maintain_order=True)
    expected = "hours that begin with 0 at no load, grow with it, and ever faster"
    return report("curves", wrong, "y", expected=expected, remedy="Take the increasing convex values below the points.")


def _shares(tables: Tables) -> list[Fault]:
    """Find shares by month that do not sum to one."""
    shares = tables["profiles"].filter(pl.col("kind") == "share").drop_nulls(MONTHS)
    wrong = shares.with_columns(pl.sum_horizontal(MONTHS).alias("_sum")).filter(
        (pl.col("_sum") - 1).abs() > SHARE_TOLERANCE
    )
    shown = [f"sum {total:.7g}" for total in wrong["_sum"]]
    remedy = "Divide every month by the sum, or write kind factor."
    return report("profiles", wrong, "kind", value=shown, expected="twelve shares that sum to 1", remedy=remedy)
