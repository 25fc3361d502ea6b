"""What is to be said first of the flows: from result tables to sentences of the catalogue and their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from jibek.study.flow_measures import overland_containers, unrouted_tonnes

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["flow_sentences", "ranged"]

Sentence = tuple[str, dict[str, Any]]

_CORRIDORS = 3  # so many corridors are spoken of
_TOP = 10  # bottlenecks whose share of all delay is told
_SMALL = 0.001  # share of all demand below which goods without a way are not spoken of


def flow_sentences(tables: Mapping[str, pl.DataFrame], year: int) -> list[Sentence]:
    """Say how much moves on which corridor, where it jams and what the delay costs.

    Parameters
    ----------
    tables
        Result tables by name; without flows nothing is said.
    year
        Year of the run.
    """
    if "flow_relations" not in tables or tables["flow_relations"].is_empty():
        return []
    relations = tables["flow_relations"]
    tonnes = relations["tonnes"].sum()
    by_land = relations.filter(pl.col("nest") == "overland")["tonnes"].sum()
    moved = {"year": year, "tonnes": tonnes, "overland": by_land / tonnes if tonnes else 0.0}
    return [
        ("flows_moved", moved),
        *_union_sentence(tables),
        *_corridor_sentences(tables),
        *_jam_sentences(tables),
        *_unrouted_sentence(tables, tonnes),
    ]


def ranged(tables: Mapping[str, pl.DataFrame], measure: str, value: float, *, of: str = "") -> dict[str, float | None]:
    """Give a headline number with the range of the draws, where the run has one."""
    ranges = tables.get("flow_ranges")
    if ranges is None:
        return {"value": value, "low": None, "high": None}
    row = ranges.filter((pl.col("measure") == measure) & (pl.col("id").fill_null("") == of)).head(1)
    ends = {name: row[name][0] if row.height else None for name in ("low", "high")}
    return {"value": value, **ends}


def _union_sentence(tables: Mapping[str, pl.DataFrame]) -> list[Sentence]:
    """Tell of the containers between China and the European Union, where the run knows its members."""
    if "regions" not in tables:
        return []
    boxes = overland_containers(tables["flow_relations"], tables["regions"])
    by_land = boxes.filter(pl.col("nest") == "overland")
    if by_land["teu"].sum() <= 0:
        return []
    westbound = by_land.filter(pl.col("direction") == "westbound")["teu"].sum()
    share = by_land["teu"].sum() / boxes["teu"].sum()
    return [("flows_china_eu", {"teu": by_land["teu"].sum(), "share": share, "westbound": westbound})]


def _corridor_sentences(tables: Mapping[str, pl.DataFrame]) -> list[Sentence]:
    """Tell what the corridors carry that carry most containers by land."""
    relations = tables["flow_relations"].drop_nulls("corridor")
    names = dict(tables["corridors"].select("id", "name").iter_rows())
    boxes = pl.when(pl.col("unit") == "teu").then("quantity").otherwise(0.0)
    by_land = pl.col("nest") == "overland"
    largest = (
        relations.with_columns(boxes=boxes)
        .group_by("corridor")
        .agg(
            pl.col("boxes").sum(),
            by_land=pl.col("boxes").filter(by_land).sum(),
            land_share=pl.col("tonnes").filter(by_land).sum() / pl.col("tonnes").sum(),
        )
        .filter((pl.col("by_land") > 0) & (pl.col("land_share") > 0.1))
        .sort("by_land", "corridor", descending=[True, False])
        .head(_CORRIDORS)
    )
    carried = [
        {
            "corridor": {"id": row["corridor"], "name": names.get(row["corridor"], row["corridor"]), "countries": ()},
            "teu": ranged(tables, "corridor_teu", row["boxes"], of=row["corridor"]),
        }
        for row in largest.iter_rows(named=True)
    ]
    if len(carried) < _CORRIDORS:
        return [("flows_corridor", values) for values in carried[:1]]
    return [("flows_corridors", {f"{name}_{i}": row[name] for i, row in enumerate(carried, 1) for name in row})]


def _jam_sentences(tables: Mapping[str, pl.DataFrame]) -> list[Sentence]:
    worst = tables["flow_bottlenecks"].sort("rank")
    if worst.height < 3:
        return []
    first, second, third = (
        {"id": resource, "name": name} for resource, name in worst.head(3).select("resource", "name").iter_rows()
    )
    usd = worst["usd_delay"].sum()
    share = worst.head(_TOP)["usd_delay"].sum() / usd
    return [
        ("flows_jam", {"first": first, "second": second, "third": third, "load": worst["load_share"][0]}),
        ("flows_delay", {"usd": ranged(tables, "delay_usd", usd), "share": share}),
    ]


def _unrouted_sentence(tables: Mapping[str, pl.DataFrame], routed: float) -> list[Sentence]:
    tonnes = float(unrouted_tonnes(tables)["tonnes"].sum())
    return [("flows_unrouted", {"tonnes": tonnes})] if tonnes > _SMALL * (tonnes + routed) else []
