"""The flows of two runs side by side: what a scenario is worth, to whom, and where loads change.

Money is US dollars a year. The benefit of the users is by the rule of half (Williams 1977): half of the sum of both
quantities times the change of the expected least generalised cost, pair by pair. A pair that loses or gains its last
route, or has demand in one run only, has no such change; it is listed instead.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import polars as pl

from jibek.study.flow_measures import (
    commodity_groups,
    corridor_quantities,
    delay_totals,
    link_flows,
    resource_loads,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["FlowComparison", "compare_flows", "users_benefit"]

_PAIR = ["origin", "destination", "commodity"]


@dataclass(frozen=True)
class FlowComparison:
    """What changes from one run to another.

    Attributes
    ----------
    totals : polars.DataFrame
        ``measure`` (``tonnes``, ``tonne_km``, ``kg_co2``, ``delay_usd``, ``delay_tonne_hours``, ``payments_usd``),
        ``before, after, change``.
    benefit : polars.DataFrame
        ``group, usd, pairs``: what users of a group of goods gain (+) or lose by the rule of half.
    unserved : polars.DataFrame
        Pairs without a comparison of cost: ``change`` (``lost``, ``gained``: the last or first route; ``only_before``,
        ``only_after``: demand in one run), ``origin, destination, commodity, unit, quantity, tonnes``.
    tonne_km_by_mode, tonne_km_by_country : polars.DataFrame
        ``mode`` or ``country`` (empty at sea), then ``before, after, change`` of tonne-km and ``kg_co2_before,
        kg_co2_after, kg_co2_change``.
    payments_by_payee, payments_by_country : polars.DataFrame
        ``payee`` or ``country``, ``before, after, change``.
    corridors : polars.DataFrame
        ``corridor`` (its id, empty for ways without a name), ``commodity, unit, before, after, change``.
    resources : polars.DataFrame
        ``resource, name, kind`` and ``before, after, change`` of the load as a share of capacity, then the same of
        ``hours_`` and ``usd_delay_``; the largest change of load first.
    links : polars.DataFrame
        ``id, before, after, change`` in tonnes.
    """

    totals: pl.DataFrame
    benefit: pl.DataFrame
    unserved: pl.DataFrame
    tonne_km_by_mode: pl.DataFrame
    tonne_km_by_country: pl.DataFrame
    payments_by_payee: pl.DataFrame
    payments_by_country: pl.DataFrame
    corridors: pl.DataFrame
    resources: pl.DataFrame
    links: pl.DataFrame

    @property
    def benefit_usd(self) -> float:
        """What all users together gain or lose in a year."""
        return float(self.benefit["usd"].sum())

    def as_json(self) -> dict[str, object]:
        """Give all tables as lists of records, and the benefit of all users."""
        tables = {column.name: getattr(self, column.name).to_dicts() for column in fields(self)}
        return {"benefit_usd": self.benefit_usd, **tables}


def compare_flows(before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame]) -> FlowComparison:
    """Compare the flows of two runs.

    Parameters
    ----------
    before, after
        Result tables of the stage of flows.
    """
    both = (before, after)
    pairs = _joined_pairs(before, after)
    return FlowComparison(
        totals=_totals(before, after),
        benefit=_benefit(pairs, commodity_groups(before), commodity_groups(after)),
        unserved=_unserved(pairs),
        tonne_km_by_mode=_moved(before, after, "mode"),
        tonne_km_by_country=_moved(before, after, "country"),
        payments_by_payee=_paid(before, after, "payee"),
        payments_by_country=_paid(before, after, "country"),
        corridors=_side_by_side(
            [corridor_quantities(run["flow_relations"]) for run in both], ["corridor", "commodity", "unit"], "quantity"
        ),
        resources=_resources(before, after),
        links=_side_by_side([link_flows(run) for run in both], ["id"], "tonnes"),
    )


def users_benefit(before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame]) -> float:
    """Add up what all users gain or lose from one run to another by the rule of half, USD a year.

    Parameters
    ----------
    before, after
        Result tables, of which only ``flow_pairs`` is needed.
    """
    return float(_gains(_joined_pairs(before, after))["usd"].sum())


def _joined_pairs(before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Join the demand of both runs by origin, destination and commodity; what a run lacks is null."""
    columns = (*_PAIR, "unit", "tonnes_per_unit", "usd_per_hour", "quantity", "routed", "least_hours")
    earlier, later = (run["flow_pairs"].select(columns) for run in (before, after))
    joined = earlier.join(later, on=_PAIR, how="full", coalesce=True, suffix="_after")
    same = ("unit", "tonnes_per_unit", "usd_per_hour")
    return joined.with_columns(pl.coalesce(name, f"{name}_after").alias(name) for name in same).sort(_PAIR)


def _gains(pairs: pl.DataFrame) -> pl.DataFrame:
    """Give each pair that has a route in both runs what it gains: ``commodity, usd``."""
    served = pairs.filter((pl.col("routed") > 0) & (pl.col("routed_after") > 0))
    usd = (
        (pl.col("routed") + pl.col("routed_after"))
        / 2
        * (pl.col("least_hours") - pl.col("least_hours_after"))
        * pl.col("usd_per_hour")
    )
    return served.select("commodity", usd=usd)


def _benefit(pairs: pl.DataFrame, *groups: pl.DataFrame) -> pl.DataFrame:
    group_of = pl.concat(groups).unique("commodity", keep="first", maintain_order=True)
    joined = _gains(pairs).join(group_of, on="commodity")
    summed = joined.group_by("group").agg(pl.col("usd").sum(), pairs=pl.len().cast(pl.Int64))
    return summed.sort(pl.col("usd").abs(), "group", descending=[True, False])


def _unserved(pairs: pl.DataFrame) -> pl.DataFrame:
    """List the pairs of which one run has no demand or no route."""
    had, has = pl.col("routed") > 0, pl.col("routed_after") > 0
    change = (
        pl.when(pl.col("quantity_after").is_null())
        .then(pl.lit("only_before"))
        .when(pl.col("quantity").is_null())
        .then(pl.lit("only_after"))
        .when(had & ~has)
        .then(pl.lit("lost"))
        .when(~had & has)
        .then(pl.lit("gained"))
    )
    quantity = pl.when(pl.col("change") == "lost").then("quantity").otherwise(pl.coalesce("quantity_after", "quantity"))
    return (
        pairs.with_columns(change=change)
        .drop_nulls("change")
        .with_columns(moved=quantity)
        .select(
            "change",
            *_PAIR,
            "unit",
            quantity=pl.col("moved"),
            tonnes=pl.col("moved") * pl.col("tonnes_per_unit"),
        )
        .sort("change", "tonnes", *_PAIR, descending=[False, True, False, False, False], nulls_last=True)
    )


def _totals(before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    earlier, later = (_sums(run) for run in (before, after))
    rows = [(measure, earlier[measure], later[measure], later[measure] - earlier[measure]) for measure in earlier]
    return pl.DataFrame(rows, schema=["measure", "before", "after", "change"], orient="row")


def _sums(tables: Mapping[str, pl.DataFrame]) -> dict[str, float]:
    delay = delay_totals(tables)
    sums = {
        "tonnes": tables["flow_relations"]["tonnes"].sum(),
        "tonne_km": tables["flow_totals"]["tonne_km"].sum(),
        "kg_co2": tables["flow_totals"]["kg_co2"].sum(),
        "delay_usd": delay["usd"],
        "delay_tonne_hours": delay["tonne_hours"],
        "payments_usd": tables["flow_payments"]["usd"].sum(),
    }
    return {measure: float(value) for measure, value in sums.items()}


def _moved(before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame], key: str) -> pl.DataFrame:
    """Compare tonne-km and emissions by mode or country; what moves at sea belongs to no country."""
    totals = [_on_land(run) if key == "country" else run["flow_totals"] for run in (before, after)]
    tonne_km = _side_by_side(totals, [key], "tonne_km")
    emitted = _side_by_side(totals, [key], "kg_co2")
    renamed = emitted.rename({name: f"kg_co2_{name}" for name in ("before", "after", "change")})
    return tonne_km.join(renamed, on=key, maintain_order="left")


def _on_land(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Give the totals with the empty text for the country of what moves at sea."""
    sea = tables["modes"].filter(pl.col("medium") == "sea")["id"]
    country = pl.when(pl.col("mode").is_in(sea.implode())).then(pl.lit("")).otherwise(pl.col("country").fill_null(""))
    return tables["flow_totals"].with_columns(country=country)


def _paid(before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame], key: str) -> pl.DataFrame:
    payments = [run["flow_payments"].with_columns(pl.col(key).fill_null("")) for run in (before, after)]
    return _side_by_side(payments, [key], "usd")


def _side_by_side(runs: Sequence[pl.DataFrame], key: list[str], column: str) -> pl.DataFrame:
    """Sum a column by key in both tables; what one lacks counts as nothing; the largest change first."""
    earlier, later = (table.group_by(key).agg(pl.col(column).sum()) for table in runs)
    joined = earlier.join(later, on=key, how="full", coalesce=True, suffix="_after").with_columns(
        pl.col(column, f"{column}_after").fill_null(0.0)
    )
    change = pl.col(f"{column}_after") - pl.col(column)
    return joined.select(*key, before=pl.col(column), after=pl.col(f"{column}_after"), change=change).sort(
        pl.col("change").abs(), *key, descending=[True, *(False for _ in key)]
    )


def _resources(before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Set loads side by side; a resource that only one run has keeps nulls for the other."""
    earlier, later = (resource_loads(run) for run in (before, after))
    joined = earlier.join(later, on="resource", how="full", coalesce=True, suffix="_after")
    columns: list[pl.Expr] = [
        pl.col("resource"),
        *(pl.coalesce(name, f"{name}_after").alias(name) for name in ("name", "kind")),
    ]
    for measure, prefix in (("load_share", ""), ("hours", "hours_"), ("usd_delay", "usd_delay_")):
        was, now = pl.col(measure), pl.col(f"{measure}_after")
        columns += [was.alias(f"{prefix}before"), now.alias(f"{prefix}after"), (now - was).alias(f"{prefix}change")]
    return joined.select(columns).sort(pl.col("change").abs(), "resource", descending=[True, False], nulls_last=True)
