"""Routes as tables: one row per route, leg, wait, payment and place passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jibek.routes.route import Route

__all__ = ["route_tables"]

_TEXTS = (
    *("origin", "destination", "commodity", "unit", "corridor", "from_place", "to_place", "mode"),
    *("name", "kind", "id", "place", "payee"),
)
_WHOLE = ("pair", "rank", "leg", "wait", "sequence")
_COLUMNS = {
    "routes": (
        *("pair", "rank", "origin", "destination", "commodity", "unit", "corridor", "hours", "hours_moving"),
        *("hours_waiting", "generalised_hours", "usd", "kg_co2", "km", "countries"),
    ),
    "route_legs": (
        *("pair", "rank", "leg", "from_place", "to_place", "mode"),
        *("hours_moving", "hours_waiting", "usd", "kg_co2", "km"),
    ),
    "route_waits": ("pair", "rank", "leg", "wait", "name", "kind", "id", "place", "hours", "usd"),
    "route_payments": ("pair", "rank", "payee", "usd"),
    "route_paths": ("pair", "rank", "sequence", "place", "lat", "lon", "mode"),
}


def route_tables(routes: Sequence[Route], pair: int) -> dict[str, pl.DataFrame]:
    """Lay routes out as tables.

    Parameters
    ----------
    routes
        Of one question.
    pair
        Number of the question, the first column of each table.

    Returns
    -------
    dict of str to pl.DataFrame
        ``routes`` (one row per route), ``route_legs``, ``route_waits`` (on a leg or before it),
        ``route_payments`` (by payee) and ``route_paths`` (places in order, with coordinates and the
        mode that reaches them, for maps). ``leg``, ``wait`` and ``sequence`` count from 1.
    """
    rows = {
        "routes": _of_routes(routes),
        "route_legs": _of_legs(routes),
        "route_waits": _of_waits(routes),
        "route_payments": _of_payments(routes),
        "route_paths": _of_paths(routes),
    }
    return {
        table: pl.DataFrame(
            [{"pair": pair} | row for row in rows[table]], schema={name: _type(name) for name in columns}
        )
        for table, columns in _COLUMNS.items()
    }


def _type(column: str) -> pl.DataType:
    if column == "countries":
        return pl.List(pl.String)
    if column in _TEXTS:
        return pl.String()
    return pl.Int64() if column in _WHOLE else pl.Float64()


def _fields(item: object, table: str) -> dict[str, Any]:
    return {name: getattr(item, name) for name in _COLUMNS[table] if hasattr(item, name)}


def _of_routes(routes: Sequence[Route]) -> Iterator[dict[str, Any]]:
    for route in routes:
        yield {**_fields(route, "routes"), "countries": list(route.countries)}


def _of_legs(routes: Sequence[Route]) -> Iterator[dict[str, Any]]:
    for route in routes:
        for number, leg in enumerate(route.legs, start=1):
            yield {"rank": route.rank, "leg": number, **_fields(leg, "route_legs")}


def _of_waits(routes: Sequence[Route]) -> Iterator[dict[str, Any]]:
    for route in routes:
        for number, leg in enumerate(route.legs, start=1):
            for count, wait in enumerate(leg.stops, start=1):
                yield {"rank": route.rank, "leg": number, "wait": count, **_fields(wait, "route_waits")}


def _of_payments(routes: Sequence[Route]) -> Iterator[dict[str, Any]]:
    for route in routes:
        for payee, usd in route.usd_by_payee.items():
            yield {"rank": route.rank, "payee": payee, "usd": usd}


def _of_paths(routes: Sequence[Route]) -> Iterator[dict[str, Any]]:
    for route in routes:
        for sequence, point in enumerate(route.path, start=1):
            yield {"rank": route.rank, "sequence": sequence, **_fields(point, "route_paths")}
