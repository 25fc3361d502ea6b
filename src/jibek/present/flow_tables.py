"""Flows as rows of written-out cells: bottlenecks, corridors, containers of the union, goods without a way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from jibek.present.flow_headline import ranged
from jibek.present.flow_maps import load_meaning
from jibek.present.flow_users import users_of
from jibek.present.marks import load_bar, share_bar
from jibek.study.flow_measures import overland_containers, unrouted_tonnes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.present.language import Language

__all__ = [
    "bottleneck_rows",
    "corridor_rows",
    "headline_numbers",
    "names_of",
    "union_rows",
    "unrouted_rows",
]

Row = dict[str, Any]
_MEASURES = ("tonne_km", "delay_usd", "kg_co2", "payments_usd")
_LITTLE = 0.0005  # share of all goods below which a corridor has no row


def headline_numbers(results: Mapping[str, pl.DataFrame], language: Language) -> list[Row]:
    """Give the sums of a year with their ranges: ``label, value, range``."""
    sums = {
        "tonne_km": results["flow_totals"]["tonne_km"].sum(),
        "delay_usd": results["flow_bottlenecks"]["usd_delay"].sum(),
        "kg_co2": results["flow_totals"]["kg_co2"].sum(),
        "payments_usd": results["flow_payments"]["usd"].sum(),
    }
    tonnes = results["flow_relations"]["tonnes"].sum()
    rows = [{"label": language.text("flows.tonnes"), "value": language.amount(tonnes, "t"), "range": ""}]
    for measure in _MEASURES:
        numbers = ranged(results, measure, float(sums[measure]))
        value = _measure(numbers["value"], measure, language)
        range_ = _ends(numbers, language, size=1000.0 if measure == "kg_co2" else 1.0)
        rows.append({"label": language.text(f"flows.{measure}"), "value": value, "range": range_})
    return rows


def bottleneck_rows(results: Mapping[str, pl.DataFrame], language: Language, *, most: int) -> list[Row]:
    """List the dearest bottlenecks with who uses them, the dearest first."""
    titles = dict(results["projects"].select("id", "title").iter_rows())
    sure = dict(results["flow_topten"].select("resource", "share").iter_rows())
    users = users_of(results, language)
    rows = []
    for row in results["flow_bottlenecks"].sort("rank").head(most).iter_rows(named=True):
        label = language.text("flows.load_bar", load=row["load_share"])
        rows.append(
            {
                "rank": row["rank"],
                "name": row["name"],
                "kind": language.word(f"resource_kind.{row['kind']}", row["kind"] or ""),
                "load": language.percent(row["load_share"]),
                "bar": load_bar(row["load_share"] or 0.0, load_meaning(row["load_share"]), label),
                "hours": language.hours(row["hours"]),
                "usd": language.money(row["usd_delay"]),
                "grade": language.word(f"grade.{row['grade']}", row["grade"] or ""),
                "relief": [titles.get(project, project) for project in row["relieved_by"] or []],
                "sure": language.percent(sure.get(row["resource"], 0.0)) if sure else "",
                "users": users.get(row["resource"]),
            }
        )
    return rows


def corridor_rows(results: Mapping[str, pl.DataFrame], language: Language) -> list[Row]:
    """List what goes by each corridor: tonnes of all goods, containers, share, range; ways without a name come last."""
    names = names_of(results, language)
    boxes = pl.when(pl.col("unit") == "teu").then("quantity").otherwise(0.0)
    summed = (
        results["flow_relations"]
        .with_columns(pl.col("corridor").fill_null(""), boxes=boxes)
        .group_by("corridor")
        .agg(pl.col("tonnes", "boxes").sum())
        .with_columns(share=pl.col("tonnes") / pl.col("tonnes").sum())
        .sort(pl.col("corridor") == "", -pl.col("tonnes"), "corridor")
        .filter(pl.col("share") >= _LITTLE)
    )
    widest = max(summed["share"].to_list(), default=1.0)
    rows = []
    for row in summed.iter_rows(named=True):
        numbers = {
            measure: ranged(results, measure, row[column], of=row["corridor"] or "-")
            for measure, column in (("corridor_tonnes", "tonnes"), ("corridor_teu", "boxes"))
        }
        rows.append(
            {
                "name": names.get(row["corridor"], row["corridor"]),
                "tonnes": language.round(row["tonnes"]),
                "tonnes_range": _ends(numbers["corridor_tonnes"], language),
                "teu": language.round(row["boxes"]),
                "teu_range": _ends(numbers["corridor_teu"], language),
                "share": language.percent(row["share"]),
                "bar": share_bar(row["share"], language.percent(row["share"]), widest),
            }
        )
    return rows


def union_rows(results: Mapping[str, pl.DataFrame], language: Language) -> list[Row]:
    """List the containers between China and the European Union by corridor; sums by land and by sea at the end."""
    boxes = overland_containers(results["flow_relations"], results["regions"])
    if boxes.is_empty():
        return []
    names = names_of(results, language)
    total = {way: boxes.filter(pl.col("direction") == way)["teu"].sum() for way in ("westbound", "eastbound")}
    by_land = boxes.filter(pl.col("nest") == "overland")
    order = by_land.group_by("corridor").agg(pl.col("teu").sum()).sort("teu", "corridor", descending=[True, False])
    kept = [name for name, teu in order.iter_rows() if teu >= _LITTLE * sum(total.values())]
    rows = [
        _union_row(names.get(name, name), by_land.filter(pl.col("corridor") == name), total, language) for name in kept
    ]
    rows.append(_union_row(language.text("flows.overland"), by_land, total, language) | {"sum": True})
    by_sea = boxes.filter(pl.col("nest") != "overland")
    return [*rows, _union_row(language.text("flows.by_sea"), by_sea, total, language) | {"sum": True}]


def unrouted_rows(results: Mapping[str, pl.DataFrame], language: Language, *, most: int) -> dict[str, Any]:
    """List demand without a way by pair of places, the heaviest first: ``tonnes, pairs, rows``."""
    found = unrouted_tonnes(results)
    places = dict(results["places"].select("id", "name").iter_rows())
    pairs = (
        found.group_by("origin", "destination")
        .agg(pl.col("tonnes").sum(), pl.col("commodity"), pl.col("reason").first())
        .sort("tonnes", "origin", "destination", descending=[True, False, False])
    )
    rows = [
        {
            "pair": " – ".join(places.get(row[end], row[end]) for end in ("origin", "destination")),
            "goods": "; ".join(language.word(f"commodity.{name}", name) for name in row["commodity"]),
            "tonnes": language.round(row["tonnes"]),
            "reason": language.word(f"unrouted.{row['reason']}", row["reason"]),
        }
        for row in pairs.head(most).iter_rows(named=True)
    ]
    return {"tonnes": float(found["tonnes"].sum()), "pairs": pairs.height, "rows": rows}


def names_of(results: Mapping[str, pl.DataFrame], language: Language) -> dict[str, str]:
    """Name corridors by their id; the empty id is all ways without a name."""
    return dict(results["corridors"].select("id", "name").iter_rows()) | {"": language.text("flows.unnamed")}


def _union_row(name: str, boxes: pl.DataFrame, total: Mapping[str, float], language: Language) -> Row:
    row: Row = {"name": name, "sum": False}
    for way in ("westbound", "eastbound"):
        teu = boxes.filter(pl.col("direction") == way)["teu"].sum()
        row[way] = language.round(teu)
        row[f"{way}_share"] = language.percent(teu / total[way]) if total[way] else ""
    return row


def _ends(numbers: Mapping[str, float | None], language: Language, *, size: float = 1.0) -> str:
    low, high = numbers["low"], numbers["high"]
    return "" if low is None or high is None else f"{language.round(low / size)} – {language.round(high / size)}"


def _measure(value: float | None, measure: str, language: Language) -> str:
    if measure.endswith("_usd"):
        return language.money(value)
    if measure == "kg_co2":
        return language.amount(None if value is None else value / 1000, "t")
    return language.amount(value, "t km")
