"""Balances as rows of written-out cells: who runs short, what binds, what would have to grow, prices, counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from jibek.present.flow_maps import load_meaning
from jibek.present.marks import load_bar, share_bar
from jibek.study.balance_measures import SMALL, binding_in_year, goods_in_year, needs_in_year, prices_in_year

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.present.language import Language

__all__ = [
    "binding_rows",
    "check_rows",
    "goods_rows",
    "growth_rows",
    "hindcast_rows",
    "price_rows",
    "record_rows",
    "risk_rows",
    "shortage_rows",
    "written",
]

Row = dict[str, Any]

_CHANCE = 0.1  # of running short, below which nobody is named
_WORTH_NAMING = 1.0  # USD
_CLOSE = 0.1  # error that is set in colour
_NEAR = 0.15  # share of the live volume by which stocks may be off
_BASE = {"million m3": (1e6, "m3")}
"""Units that read better by their base unit: billions of cubic metres, not thousands of millions."""


def written(quantity: float, unit: str, language: Language) -> str:
    """Write a quantity of a balance."""
    size, base = _BASE.get(unit, (1.0, unit))
    return language.amount(quantity * size, base)


def goods_rows(results: Mapping[str, pl.DataFrame], system: str, language: Language) -> list[Row]:
    """List goods: supplied, made, used by plants, delivered, short."""
    rows = []
    for row in goods_in_year(results).filter(system=system).iter_rows(named=True):
        told = {name: row[name] for name in ("supplied", "made", "used", "delivered", "short")}
        if not any(told.values()):
            continue
        is_short = row["short"] > SMALL * (row["delivered"] + row["short"])
        told["short"] *= is_short
        size = _BASE.get(row["unit"], (1.0, ""))[0]
        rows.append(
            {
                "name": _goods(row["commodity"], language),
                "unit": language.unit(_BASE.get(row["unit"], (1.0, row["unit"]))[1]),
                **{name: language.round(value * size) if value else "" for name, value in told.items()},
                "is_short": is_short,
            }
        )
    return rows


def shortage_rows(results: Mapping[str, pl.DataFrame], system: str, language: Language, *, most: int) -> list[Row]:
    """List who runs short, the dearest shortage first: place, goods, wanted, short, share, periods, loss."""
    names = _names(results)
    found = needs_in_year(results).filter(pl.col("short") > SMALL * pl.col("wanted"), system=system)
    rows = []
    for row in found.head(most).iter_rows(named=True):
        share = row["short"] / row["wanted"]
        rows.append(
            {
                "place": names.get(row["place"], row["place"]),
                "goods": _goods(row["commodity"], language),
                "wanted": written(row["wanted"], row["unit"], language),
                "short": written(row["short"], row["unit"], language),
                "share": language.percent(share),
                "bar": share_bar(share, language.percent(share)),
                "periods": _periods(row["periods"], results, language),
                "usd": language.money(row["usd"]),
            }
        )
    return rows


def risk_rows(results: Mapping[str, pl.DataFrame], system: str, language: Language, *, most: int) -> list[Row]:
    """List who may run short in draws of uncertain inputs, the likeliest first: place, goods, chance, now, range."""
    if results["balance_ranges"].is_empty():
        return []
    names = _names(results)
    wanted = pl.col("delivered") + pl.col("short")
    found = (
        results["balance_ranges"]
        .filter(~pl.col("market") & (pl.col("short_share") >= _CHANCE), system=system)
        .with_columns(depth=pl.col("short_high") / wanted)
        .sort("short_share", "depth", "place", "commodity", descending=[True, True, False, False], nulls_last=True)
    )
    return [
        {
            "place": names.get(row["place"], row["place"]),
            "goods": _goods(row["commodity"], language),
            "chance": language.percent(row["short_share"]),
            "bar": share_bar(row["short_share"], language.percent(row["short_share"])),
            "now": written(row["short"], row["unit"], language) if row["short"] > SMALL * row["delivered"] else "",
            "range": language.text(
                "balances.range",
                **{end: written(row[f"short_{end}"], row["unit"], language) for end in ("low", "high")},
            ),
        }
        for row in found.head(most).iter_rows(named=True)
    ]


def binding_rows(results: Mapping[str, pl.DataFrame], system: str, language: Language, *, most: int) -> list[Row]:
    """List what binds, in order of what one per cent more is worth."""
    titles = dict(results["projects"].select("id", "title").iter_rows())
    # a limit of which other goods leave nothing has no hundredth part that could be worth something
    found = binding_in_year(results).filter(pl.col("usd").abs() >= _WORTH_NAMING, system=system).head(most)
    return [
        {
            "name": row["name"] or row["resource"],
            "kind": language.word(f"resource_kind.{row['kind']}", row["kind"] or ""),
            "goods": ", ".join(_goods(each, language) for each in row["commodities"]),
            "periods": _periods(row["periods"], results, language),
            "worth": _price(row["usd_per_unit"], row["unit"], language),
            "usd": language.money(row["usd"]),
            "grade": language.word(f"grade.{row['grade']}", row["grade"] or ""),
            "relief": [titles.get(project, project) for project in row["relieved_by"] or []],
        }
        for row in found.iter_rows(named=True)
    ]


def growth_rows(results: Mapping[str, pl.DataFrame], system: str, language: Language) -> list[Row]:
    """List what would have to grow to serve all that room can serve, and whether what is announced suffices."""
    titles = dict(results["projects"].select("id", "title").iter_rows())
    rows = []
    for row in results["balance_growth"].filter(system=system).iter_rows(named=True):
        per = language.word(f"per.{row['per']}", row["per"] or "")
        share = 1 + row["share"]
        rows.append(
            {
                "name": row["name"] or row["resource"],
                "capacity": f"{language.amount(row['capacity'], row['unit'])} {per}",
                "needed": f"{language.amount(row['needed'], row['unit'])} {per}",
                "growth": language.growth(row["share"]),
                "bar": load_bar(share, load_meaning(share), language.percent(share)),
                "announced": "" if row["announced"] is None else language.amount(row["announced"], row["unit"]),
                "projects": [titles.get(project, project) for project in row["projects"] or []],
                "suffices": row["suffices"],
            }
        )
    return rows


def price_rows(results: Mapping[str, pl.DataFrame], system: str, language: Language) -> list[Row]:
    """List for each commodity where a unit more is worth least and where most."""
    names = _names(results)
    unit_of = dict(results["commodities"].select("id", "unit").iter_rows())
    rows = []
    prices = prices_in_year(results).filter(system=system)
    for (commodity,), of in prices.group_by("commodity", maintain_order=True):
        ends = [of.row(0, named=True), of.row(-1, named=True)]
        rows.append(
            {
                "goods": _goods(str(commodity), language),
                "places": language.count(of.height),
                **{
                    side: {
                        "place": names.get(row["place"], row["place"]),
                        "usd": _price(row["usd_per_unit"], unit_of.get(str(commodity), ""), language),
                    }
                    for side, row in zip(("low", "high"), ends, strict=True)
                },
            }
        )
    return rows


def check_rows(results: Mapping[str, pl.DataFrame], system: str, language: Language) -> list[Row]:
    """List counts beside the model: those that it was not given first."""
    table = results["balance_checks"].filter(system=system).with_columns(given=pl.col("use") == "input")
    return [
        {
            "title": row["title"],
            "year": row["year"],
            "unit": language.unit(row["unit"]),
            "use": language.text(f"use.{row['use']}"),
            "given": row["given"],
            "observed": language.number(row["observed"]),
            "modelled": language.round(row["modelled"]),
            "error": language.growth(row["error"]),
            "close": abs(row["error"] or 0.0) <= _CLOSE,
            "naive": language.number(row["naive"]) if row["naive"] is not None else "",
            "naive_error": language.growth(row["naive_error"]) if row["naive_error"] is not None else "",
        }
        for row in table.sort("given", "year", "series", descending=[False, True, False]).iter_rows(named=True)
    ]


def hindcast_rows(results: Mapping[str, pl.DataFrame], language: Language) -> list[Row]:
    """List how far the stocks of reservoirs are off by the rule, as a share of the live volume, all of them last."""
    names = _names(results)
    off = pl.col("error", "naive_error").abs()
    table = results["balance_hindcast"]
    of_each = table.group_by("place", maintain_order=True).agg(off.mean(), pl.len(), years=pl.col("year").min())
    weighted = [(pl.col(name).abs() * pl.col("live")).sum() / pl.col("live").sum() for name in ("error", "naive_error")]
    of_all = table.select(pl.lit(None, pl.String).alias("place"), error=weighted[0], naive_error=weighted[1])
    rows = []
    for row in pl.concat([of_each, of_all.filter(pl.col("error").is_not_nan())], how="diagonal").iter_rows(named=True):
        place = row["place"]
        strip = table.filter(pl.col("place") == (place or "")).sort("year")
        rows.append(
            {
                "name": language.text("balances.all_reservoirs") if place is None else names.get(place, place),
                "sum": place is None,
                "error": language.percent(row["error"]),
                "close": row["error"] <= _NEAR,
                "naive": language.percent(row["naive_error"]),
                "years": ", ".join(
                    f"{year}: {language.growth(error)}" for year, error in strip.select("year", "error").iter_rows()
                ),
            }
        )
    return rows


def record_rows(results: Mapping[str, pl.DataFrame], language: Language) -> list[Row]:
    """List what reservoirs release and reaches use, beside the record."""
    names = _names(results)
    rows = []
    for row in results["balance_record"].iter_rows(named=True):
        above = ", ".join(names.get(each, each) for each in row["above"])
        told = {"place": names.get(row["place"], row["place"]), "above": above}
        rows.append(
            {
                "name": language.text(f"balances.{row['quantity']}", **told),
                "years": row["years"],
                "observed": written(row["observed"], row["unit"], language),
                "modelled": written(row["modelled"], row["unit"], language),
                "error": language.growth(row["error"]),
                "close": abs(row["error"]) <= _CLOSE,
            }
        )
    return rows


def _goods(commodity: str, language: Language) -> str:
    return language.word(f"commodity.{commodity}", commodity)


def _names(results: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """Name places without what stands in brackets."""
    return {place: name.split(" (")[0] for place, name in results["places"].select("id", "name").iter_rows()}


def _price(usd: float, unit: str | None, language: Language) -> str:
    """Write a price of a unit; small units by the thousand."""
    size, key = (1000.0, "balances.per_thousand") if unit == "m3" else (1.0, "balances.per_unit")
    return language.text(key, usd=language.number(usd * size), unit=language.word(f"symbol.{unit}", unit or ""))


def _periods(periods: list[str], results: Mapping[str, pl.DataFrame], language: Language) -> str:
    """Name months and seasons, or say that it is all year."""
    total = int(results["balance_solution"]["periods"][0])
    spans = [[period.rpartition("-")[2] for period in name.split(" to ")] for name in periods]
    if len(periods) >= total or spans == [["01", "12"]]:
        return language.text("balances.all_year")
    names = [[language.word(f"month.{month}", month) for month in span] for span in spans]
    return ", ".join("–".join(span) for span in names)
