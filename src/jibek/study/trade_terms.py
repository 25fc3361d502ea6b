"""What lies between two economies: distance, frontier, agreement, language, the sea, and what carriage costs.

Gravity is estimated from such terms (`jibek.trade.estimate_gravity`). Carriage is what the network says of it, time and
money together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.network import build_network, costs_by_commodity
from jibek.network.kernels import ALL, shortest_tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.network import Network

    Floats = NDArray[np.float64]

__all__ = ["CARRIAGE", "TERMS", "carriage", "terms"]

TERMS = {
    "exporter": pl.String,
    "importer": pl.String,
    "distance_km": pl.Float64,
    "frontier": pl.Boolean,
    "agreement": pl.Boolean,
    "language": pl.Boolean,
    "landlocked": pl.Int64,
}
CARRIAGE = {
    "exporter": pl.String,
    "importer": pl.String,
    "group": pl.String,
    "unit": pl.String,
    "carriage_usd": pl.Float64,
}

_EARTH_KM = 6371.0
_AGREEMENTS = ("CIS", "EAEU")
_LANGUAGES = ("RUSSIAN",)
_LANDLOCKED = "LANDLOCKED"
_OVER_LAND = r"^(rail_\d+|road)$"


def terms(world: Corridor, economy: Mapping[str, str]) -> pl.DataFrame:
    """List what lies between any two economies.

    Parameters
    ----------
    world
        With the tables ``places``, ``links`` and ``regions``.
    economy
        As `jibek.trade.economies_of` gives it.

    Returns
    -------
    polars.DataFrame
        ``exporter, importer``, ``distance_km`` (between the mean places of both; null where the corridor has none),
        ``frontier`` (whether a railway or road of the corridor crosses one), ``agreement`` and ``language`` (whether
        all countries of both are in one of them), ``landlocked`` (how many of the two are), sorted.
    """
    codes = sorted(set(economy.values()))
    places = world["places"].with_columns(
        economy=pl.col("country").replace_strict(dict(economy), default=None, return_dtype=pl.String)
    )
    middles, touching = _middles(places), _touching(world, places)
    landlocked = _shared(world, economy, [_LANDLOCKED])
    agreement, language = (_shared(world, economy, names) for names in (_AGREEMENTS, _LANGUAGES))
    rows = [
        (
            one,
            other,
            _kilometres(middles.get(one), middles.get(other)),
            (one, other) in touching or (other, one) in touching,
            any({one, other} <= members for members in agreement),
            any({one, other} <= members for members in language),
            sum(code in members for members in landlocked for code in (one, other)),
        )
        for one in codes
        for other in codes
        if one != other
    ]
    return pl.DataFrame(rows, schema=TERMS, orient="row")


def carriage(world: Corridor, economy: Mapping[str, str]) -> pl.DataFrame:
    """Say what carriage costs between any two economies, good by good, where all is open and nothing is loaded.

    Parameters
    ----------
    world
        With the tables of the network, and ``zones``.
    economy
        As `jibek.trade.economies_of` gives it.

    Returns
    -------
    polars.DataFrame
        ``exporter, importer, group`` (each commodity of the demand), ``unit``, ``carriage_usd`` (of a unit by the
        cheapest way, money and time at its worth, the mean over the places at which the zones of both
        begin and end), sorted; pairs without a way are not in it.
    """
    network, found = build_network(world), []
    shares = _shares(world, economy, network)
    for costs in costs_by_commodity(network, world, _carried(world), world.year):
        hours = np.where(costs.allowed, costs.generalised_hours, np.inf)
        for one, begins in shares.items():
            trees = [
                shortest_tree(network.first_out, network.arc_to, hours, network.origin_node[at], ALL)[0]
                for at, _ in begins
            ]
            for other, ends in shares.items():
                each = np.array([[tree[network.destination_node[at]] for at, _ in ends] for tree in trees])
                weight = np.outer([share for _, share in begins], [share for _, share in ends]) * np.isfinite(each)
                if other != one and weight.any():
                    mean = float((weight * np.where(weight > 0, each, 0.0)).sum() / weight.sum())
                    found.append((one, other, costs.commodity, costs.unit, mean / costs.hours_per_usd))
    return pl.DataFrame(found, schema=CARRIAGE, orient="row").sort("exporter", "importer", "group")


def _carried(world: Corridor) -> list[str]:
    """List the commodities of the demand that flows carry."""
    left = world["commodities"].filter(pl.col("decided_by") == "balances")["id"]
    return world["demand"].filter(~pl.col("commodity").is_in(left.implode()))["commodity"].unique().sort().to_list()


def _shares(world: Corridor, economy: Mapping[str, str], network: Network) -> dict[str, list[tuple[int, float]]]:
    """Give for each economy the places where its trade begins and ends, as rows, and the share of each."""
    usual = world["zones"].filter(pl.col("commodity").is_null() & pl.col("side").is_null())
    shares: dict[str, list[tuple[int, float]]] = {}
    for zone, place, share in usual.select("zone", "place", "share").sort("zone", "place").iter_rows():
        if zone in economy:
            shares.setdefault(economy[zone], []).append((network.place_index[place], share))
    return dict(sorted(shares.items()))


def _middles(places: pl.DataFrame) -> dict[str, Floats]:
    """Give the mean direction of the places of each economy from the middle of the earth."""
    lat, lon = pl.col("lat").radians(), pl.col("lon").radians()
    found = (
        places.drop_nulls("economy")
        .with_columns(x=lat.cos() * lon.cos(), y=lat.cos() * lon.sin(), z=lat.sin())
        .sort("id")
        .group_by("economy", maintain_order=True)
        .agg(pl.col("x", "y", "z").mean())
    )
    return {code: np.array(xyz) / np.linalg.norm(xyz) for code, *xyz in found.iter_rows()}


def _kilometres(one: Floats | None, other: Floats | None) -> float | None:
    if one is None or other is None:
        return None
    return _EARTH_KM * float(np.arccos(np.clip(one @ other, -1.0, 1.0)))


def _touching(world: Corridor, places: pl.DataFrame) -> set[tuple[str, str]]:
    """Give the economies between which a railway or road leads."""
    at = dict(places.select("id", "economy").iter_rows())
    over_land = world["links"].filter(pl.col("mode").str.contains(_OVER_LAND))
    ends = ((at.get(one), at.get(other)) for one, other in over_land.select("from_place", "to_place").iter_rows())
    return {(one, other) for one, other in ends if one and other and one != other}


def _shared(world: Corridor, economy: Mapping[str, str], names: Sequence[str]) -> list[set[str]]:
    """Give, for each named region, the economies all of whose countries are in it."""
    countries: dict[str, set[str]] = {}
    for country, code in economy.items():
        countries.setdefault(code, set()).add(country)
    regions = world["regions"]
    members = [set(regions.filter(pl.col("region") == name)["country"]) for name in names]
    return [{code for code, own in countries.items() if (own - {code} or own) <= inside} for inside in members]
