"""Who uses a resource, as written-out cells: goods and pairs of places that load it, by resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.present.language import Language

__all__ = ["users_of"]

Row = dict[str, Any]

_IN_BRIEF = 3
_MOST_GOODS = 10


def users_of(results: Mapping[str, pl.DataFrame], language: Language) -> dict[str, Row]:
    """Write out who loads each resource at its busiest station.

    Returns
    -------
    dict of str to dict
        By resource: ``brief`` (the greatest users in a line), ``where`` (the busiest stretch of a line, else empty),
        ``goods`` and ``pairs`` (rows of ``name, quantity, share``; the greatest first).
    """
    places = dict(results["places"].select("id", "name").iter_rows())
    ends = {link: (start, end) for link, start, end in results["links"].select("id", "from_place", "to_place").rows()}
    found = {}
    for (resource,), users in results["flow_users"].partition_by("resource", as_dict=True, maintain_order=True).items():
        loads = users.filter(pl.col("kind") != "pair").sort("load", descending=True, maintain_order=True)
        goods = [_goods(row, language) for row in loads.head(_MOST_GOODS).iter_rows(named=True)]
        pairs = [
            _written(_joined(row["origin"], row["destination"], places), row, language)
            for row in users.filter(kind="pair").iter_rows(named=True)
        ]
        table, _, link = (users["member"][0] or "").partition("/")
        start, end = ends.get(link, ("", "")) if table == "links" else ("", "")
        if users["way"][0] == "backward":
            start, end = end, start
        found[str(resource)] = {
            "brief": " · ".join(f"{row['name']} {row['share']}" for row in goods[:_IN_BRIEF]),
            "where": _joined(start, end, places) if start else "",
            "goods": goods,
            "pairs": pairs,
        }
    return found


def _goods(row: Row, language: Language) -> Row:
    """Write out a commodity, or what moves outside the demand."""
    if row["kind"] == "background":
        return {"name": language.text("flows.background"), "quantity": "", "share": language.percent(row["share"])}
    return _written(language.word(f"commodity.{row['commodity']}", row["commodity"]), row, language)


def _written(name: str, row: Row, language: Language) -> Row:
    passes = row["quantity"] > 0
    quantity = language.amount(row["quantity"], row["unit"]) if passes else language.text("flows.users_empties")
    return {"name": name, "quantity": quantity, "share": language.percent(row["share"])}


def _joined(start: str, end: str, places: Mapping[str, str]) -> str:
    return f"{places.get(start, start)} – {places.get(end, end)}"
