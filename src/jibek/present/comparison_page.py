"""Two runs side by side as one self-contained HTML page: the map of what changes, and the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jibek.present.comparison_balances import balance_tables
from jibek.present.comparison_tables import comparison_tables, notice_texts, route_table
from jibek.present.flow_maps import change_map, widest_flow
from jibek.present.flow_section import width_legend
from jibek.present.inputs import complete, localised
from jibek.present.language import LanguageCode, language_of
from jibek.present.page import render_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jibek.present.comparison_tables import ComparisonTable
    from jibek.present.language import Language
    from jibek.study import Comparison, FlowComparison, Run

__all__ = ["comparison_html", "world_of"]


def comparison_html(before: Run, after: Run, comparison: Comparison, *, language: LanguageCode = "en") -> str:
    """Write the page.

    Parameters
    ----------
    before, after
        The runs.
    comparison
        Result of `jibek.study.compare_runs` for them.
    language
        Language of every text.

    Returns
    -------
    str
        An HTML page without any outside resource; the same input gives the same text.
    """
    words = language_of(language)
    world = world_of(before.tables, after.tables, words)
    flows = comparison.flows
    names = [run.folder.name for run in (before, after)]
    years = {f"year_{when}": run.manifest.get("year") for when, run in (("before", before), ("after", after))}
    tables = [] if flows is None else comparison_tables(flows, world, words)
    if comparison.routes is not None and comparison.routes.height:
        tables.append(route_table(comparison.routes, world, words))
    tables += balance_tables(comparison, world, words)
    most = 0.0 if flows is None else widest_flow(flows.links, world["links"], world["modes"], "change")
    ends = dict(zip(("before", "after"), names, strict=True))
    return render_page(
        "comparison.html.j2",
        words,
        {} if flows is None or most <= 0 else {"changes": change_map(world, flows.links, words)},
        title=words.text("compare.title", **ends),
        subtitle=words.text("compare.subtitle", **ends, **years),
        notices=notice_texts(comparison, words),
        tables=tables,
        brief=_brief(flows, tables, words),
        widths=width_legend(most, words),
    )


def _brief(flows: FlowComparison | None, tables: Sequence[ComparisonTable], language: Language) -> list[str]:
    """Say what users gain or lose, and which demand is not in it."""
    if flows is None:
        return [language.text("compare.no_flows")]
    usd = language.change(flows.benefit_usd, language.money)
    outside = [f"{language.text('compare.unserved')}: {table.note}." for table in tables if table.key == "unserved"]
    return [language.text("compare.benefit_total", usd=usd), *outside]


def world_of(
    before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame], language: Language
) -> dict[str, pl.DataFrame]:
    """Give the places, links, modes and corridors that either run knows, with names in the language.

    Corridors keep the table's own name in ``own``.
    """
    tables = dict(before)
    for name in ("places", "links", "modes", "corridors"):
        both = [run[name] for run in (before, after) if name in run]
        if both:
            tables[name] = (
                pl.concat(both, how="diagonal_relaxed").unique("id", keep="last", maintain_order=True).sort("id")
            )
    plain = complete(tables)
    local = localised(plain, language)
    local["corridors"] = local["corridors"].with_columns(own=plain["corridors"]["name"])
    return local
