"""Maps of balances: width is what a link carries in a year, colour how full it is in its fullest month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jibek.present.balance_rows import written
from jibek.present.flow_maps import load_meaning, stroke_map
from jibek.present.flow_strokes import Stroke, width_of
from jibek.present.map_content import drawn_links

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from jibek.present.figures import Figure
    from jibek.present.language import Language

__all__ = ["balance_map"]

_FULL = 0.999
_MEDIA = ("rail", "road", "sea", "pipeline", "water", "power")


def balance_map(results: Mapping[str, pl.DataFrame], flows: pl.DataFrame, language: Language) -> Figure:
    """Draw what links carry.

    Parameters
    ----------
    results
        Tables ``places``, ``modes``, ``links``, ``routes``.
    flows
        Rows of `jibek.study.balance_measures.flows_in_year` of one unit.
    language
        Language of names and hover texts.
    """
    most = float(flows["quantity"].max() or 0.0)  # type: ignore[arg-type]
    by_link = {row["id"]: row for row in flows.iter_rows(named=True)}
    strokes = []
    for link in drawn_links(results, _MEDIA):
        row = by_link.get(link.row["id"])
        if row is None:
            continue
        lines = [
            f"<b>{link.name}</b><br>{language.mode(link.row['mode'])}",
            language.text("balances.hover_flow", quantity=written(row["quantity"], row["unit"], language)),
        ]
        if row["load_share"] is not None:
            lines.append(language.text("balances.hover_load", load=row["load_share"]))
        width = width_of(row["quantity"], most, link.medium)
        strokes.append(Stroke(link, width, _meaning(row["load_share"]), "<br>".join(lines)))
    strokes.sort(key=lambda stroke: (-stroke.width, stroke.link.row["id"]))
    return stroke_map(results, strokes, language)


def _meaning(share: float | None) -> str:
    """Give the meaning of a load; a balance never passes a limit, so a full line is full and not over."""
    return load_meaning(None if share is None else min(share, _FULL))
