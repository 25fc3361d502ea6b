"""The report's sections on energy, water and food: from result tables to figures, rows and texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from jibek.present import balance_rows
from jibek.present.balance_figures import shown_stores, stock_chart
from jibek.present.balance_maps import balance_map
from jibek.present.flow_maps import LOADS
from jibek.present.flow_strokes import scale_steps, width_of
from jibek.study.balance_measures import flows_in_year

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.present.figures import Figure
    from jibek.present.language import Language

__all__ = ["SYSTEMS", "BalanceSection", "balance_sections", "certified_balance"]

Row = dict[str, Any]

SYSTEMS = ("energy", "water", "food")

_SHORTAGES, _BINDING = 12, 12
_VISIBLE = 0.01  # of the busiest link of a map


@dataclass(frozen=True)
class BalanceSection:
    """What the section of a system shows; an empty list is a part that is left out.

    Attributes
    ----------
    system : str
        ``energy``, ``water`` or ``food``.
    year : int
        Whose supplies and needs are balanced.
    figures : dict
        By name: a map for each unit of what is carried, and ``stocks-<system>``.
    maps : list of dict
        Of each map: name, goods, legend of widths.
    stores : list of (str, str)
        Legend of the stocks: name and colour.
    goods, shortages, risks, binding, growth, prices, checks, hindcast, record : list of dict
        Rows of written-out cells.
    left_out : list of dict
        Rows of tables without effect in any system, told under the last one.
    certificate : str
        How well it was solved.
    """

    system: str
    year: int
    figures: dict[str, Figure]
    maps: list[Row]
    stores: list[tuple[str, str]]
    goods: list[Row]
    shortages: list[Row]
    risks: list[Row]
    draws: int
    binding: list[Row]
    growth: list[Row]
    prices: list[Row]
    checks: list[Row]
    hindcast: list[Row]
    record: list[Row]
    left_out: list[Row]
    certificate: str
    loads: tuple[str, ...] = (*(name for _, name in LOADS[:3]), "load_unknown")


def balance_sections(results: Mapping[str, pl.DataFrame], language: Language) -> list[BalanceSection]:
    """Make the sections of the systems that a run has balanced.

    Parameters
    ----------
    results
        Result tables, complete and with names in the language.
    language
        Language of every text.
    """
    told = [system for system in SYSTEMS if results["balance_sheet"].filter(system=system).height]
    return [_section(results, system, language, last=system == told[-1]) for system in told]


def certified_balance(results: Mapping[str, pl.DataFrame], language: Language) -> str:
    """Say how well the balances were solved, and which room flows left them; empty where there are none."""
    solution, passes = results["balance_solution"], results["balance_passes"]
    if solution.is_empty():
        return ""
    row = solution.row(0, named=True)
    told = {"imbalance": f"{row['imbalance']:.0e}", "gap": f"{row['gap']:.0e}"}
    certificate = language.text("balances.certificate", activities=row["activities"], accounts=row["accounts"], **told)
    if passes.is_empty():
        return f"{certificate} {language.text('balances.alone')}"
    last = passes.row(-1, named=True)
    shared = language.text("balances.shared", limits=last["limits"])
    if last["largest_change"] is None:
        return f"{certificate} {shared} {language.text('balances.one_pass')}"
    again = {"loaded": last["loaded"], "change": language.percent(last["largest_change"])}
    return f"{certificate} {shared} {language.text('balances.two_passes', **again)}"


def _section(results: Mapping[str, pl.DataFrame], system: str, language: Language, *, last: bool) -> BalanceSection:
    stocks = results["balance_stocks"].filter(system=system)
    places = {place: name.split(" (")[0] for place, name in results["places"].select("id", "name").iter_rows()}
    maps, figures = _maps(results, system, language)
    if shown_stores(stocks):
        figures[f"stocks-{system}"] = stock_chart(stocks, places, language)
    where = dict(stocks.select("store", "place").iter_rows())
    return BalanceSection(
        system=system,
        year=int(results["balance_solution"]["year"][0]),
        figures=figures,
        maps=maps,
        stores=[(places.get(where[store], store), light) for store, light in shown_stores(stocks)],
        goods=balance_rows.goods_rows(results, system, language),
        shortages=balance_rows.shortage_rows(results, system, language, most=_SHORTAGES),
        risks=balance_rows.risk_rows(results, system, language, most=_SHORTAGES),
        draws=int(results["balance_ranges"]["draws"].first() or 0),  # type: ignore[arg-type]
        binding=balance_rows.binding_rows(results, system, language, most=_BINDING),
        growth=balance_rows.growth_rows(results, system, language),
        prices=balance_rows.price_rows(results, system, language),
        checks=balance_rows.check_rows(results, system, language),
        hindcast=balance_rows.hindcast_rows(results, language) if system == "water" else [],
        record=balance_rows.record_rows(results, language) if system == "water" else [],
        left_out=list(results["balance_left_out"].iter_rows(named=True)) if last else [],
        certificate=certified_balance(results, language),
    )


def _maps(results: Mapping[str, pl.DataFrame], system: str, language: Language) -> tuple[list[Row], dict[str, Figure]]:
    """Draw a map for each unit in which something is carried, and one of their own for goods too few to be seen."""
    maps: list[Row] = []
    figures: dict[str, Figure] = {}
    carried = results["balance_flows"].filter(system=system, kind="links")
    for goods in _seen_together(carried):
        name = f"balance-{system}-{len(maps) + 1}"
        flows = flows_in_year({**results, "balance_flows": carried.filter(pl.col("commodity").is_in(goods))})
        unit, most = flows["unit"][0], float(flows["quantity"].max() or 0.0)  # type: ignore[arg-type]
        figures[name] = balance_map(results, flows, language)
        maps.append(
            {
                "name": name,
                "goods": ", ".join(language.word(f"commodity.{each}", each) for each in goods),
                "widths": [
                    (balance_rows.written(step, unit, language), round(width_of(step, most, "rail"), 1))
                    for step in scale_steps(most)
                ],
            }
        )
    return maps, figures


def _seen_together(carried: pl.DataFrame) -> list[list[str]]:
    """Group goods by unit, and within it so that the busiest link of each still shows beside that of the first."""
    by_link = carried.group_by("unit", "commodity", "id").agg(pl.col("quantity").sum())
    busiest = by_link.group_by("unit", "commodity").agg(pl.col("quantity").max())
    groups: list[tuple[str, float, list[str]]] = []
    for unit, commodity, most in busiest.sort("unit", "quantity", "commodity", descending=[False, True, False]).rows():
        if groups and groups[-1][0] == unit and most >= groups[-1][1] * _VISIBLE:
            groups[-1][2].append(commodity)
        else:
            groups.append((unit, most, [commodity]))
    return [sorted(goods) for _, most, goods in groups if most > 0]
