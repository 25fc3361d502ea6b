"""Resources as stations: who passes which, what a unit of goods loads there, and how long load makes it wait.

A row of ``resources`` is one station, or one for each direction, member, or member and direction, as its column
``each`` says. Loads, capacities and backgrounds are in the resource's unit per day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.corridor import lineages
from jibek.network import ArcKind
from jibek.network.delays import bpr, conical, measured, queue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.network import Network

    Floats = NDArray[np.float64]

__all__ = ["DAYS", "Incidence", "Stations", "incidences_of", "stations_of"]

DAYS = 365.0
"""Days of a year."""

_TABLES = {"links": ArcKind.LINK, "borders": ArcKind.BORDER, "terminals": ArcKind.TERMINAL}
_DAYS_PER = {"hour": None, "day": 1.0, "month": DAYS / 12, "season": DAYS / 2, "year": DAYS}
_KEY = ("resource", "member", "way")
_ARCS = {"table": pl.String, "id": pl.String, "towards": pl.String, "arc": pl.Int32}


@dataclass(frozen=True)
class Stations:
    """Where goods wait.

    Attributes
    ----------
    table : polars.DataFrame
        One row a station: ``resource, member`` (``table/id`` or empty), ``way`` (``forward``, ``backward`` or empty),
        ``unit``, ``per_day`` (days in one ``per``, for results in the resource's own terms).
    capacity, background : float64 arrays, shape (n_stations,)
        Units per day; capacity holds for the share of the year in which the resource is open.
    peak : float64 array, shape (n_stations,)
        Load of a busy day over that of the mean day.
    hours_at_capacity : float64 array, shape (n_stations,)
        Delay when load is at capacity.
    delay : str array, shape (n_stations,)
        ``none``, ``bpr``, ``conical``, ``queue`` or ``curve``.
    servers, cv_arrival, cv_service : float64 arrays, shape (n_stations,)
        For ``queue``.
    curve : tuple of (float64 array, float64 array) or None, one a station
        For ``curve``: load over capacity, and hours.
    """

    table: pl.DataFrame
    capacity: Floats
    background: Floats
    peak: Floats
    hours_at_capacity: Floats
    delay: NDArray[np.str_]
    servers: Floats
    cv_arrival: Floats
    cv_service: Floats
    curve: tuple[tuple[Floats, Floats] | None, ...]

    @property
    def n_stations(self) -> int:
        """Count the stations."""
        return len(self.capacity)

    def delays(self, load: Floats) -> tuple[Floats, Floats]:
        """Give the delay at each station and its derivative, hours and hours per unit of a busy day's load."""
        hours, slope = np.zeros(self.n_stations), np.zeros(self.n_stations)
        usable = self.capacity > 0
        for kind in ("bpr", "conical", "queue"):
            here = np.flatnonzero((self.delay == kind) & usable)
            if not len(here):
                continue
            v, c, h = load[here], self.capacity[here], self.hours_at_capacity[here]
            if kind == "queue":
                delay = queue(
                    v,
                    c,
                    servers=self.servers[here],
                    cv_arrival=self.cv_arrival[here],
                    cv_service=self.cv_service[here],
                    period_days=DAYS,
                )
            else:
                delay = (bpr if kind == "bpr" else conical)(v, c, h)
            hours[here], slope[here] = delay.value, delay.derivative
        for at in np.flatnonzero((self.delay == "curve") & usable).tolist():
            if (points := self.curve[at]) is not None:
                delay = measured(load[at], self.capacity[at], *points)
                hours[at], slope[at] = delay.value.item(), delay.derivative.item()
        return hours, slope


@dataclass(frozen=True)
class Incidence:
    """Which arcs pass which stations, for one commodity.

    Attributes
    ----------
    arc, station : int32 arrays, shape (n_entries,)
        An arc of the network and a station that it passes or, for the empties' way back, loads.
    load : float64 array, shape (n_entries,)
        Resource units that one unit of the commodity brings there, the busy day's peak included.
    empties : float64 array, shape (n_entries,)
        Part of ``load`` that is empties going back.
    delay : float64 array, shape (n_entries,)
        Share of the station's delay that the goods meet; 0 where only empties come.
    """

    arc: NDArray[np.int32]
    station: NDArray[np.int32]
    load: Floats
    empties: Floats
    delay: Floats


def stations_of(world: Corridor) -> Stations:
    """Make the stations of a corridor in a scenario: resources that links, borders or terminals use."""
    users = _users(world)
    table = users.select("resource", "member", "way").unique().sort(_KEY)
    joined = table.join(world["resources"], left_on="resource", right_on="id", how="left", maintain_order="left")
    days = pl.col("per").replace_strict(_DAYS_PER, return_dtype=pl.Float64)
    joined = joined.with_columns(
        pl.when(pl.col("per") == "hour").then(1 / pl.col("open_hours_per_day")).otherwise(days).alias("per_day")
    )

    def column(name: str, blank: float) -> Floats:
        return joined[name].fill_null(blank).to_numpy().astype(np.float64)

    per_day = column("per_day", 1.0)
    return Stations(
        table=joined.select(*_KEY, "unit", "per_day"),
        capacity=column("capacity", 0.0) / per_day * column("open_share", 1.0),
        background=column("background", 0.0) / per_day,
        peak=column("peak", 1.0),
        hours_at_capacity=column("hours_at_capacity", 0.0),
        delay=joined["delay"].fill_null("none").to_numpy().astype(str),
        servers=column("servers", 1.0),
        cv_arrival=column("cv_arrival", 1.0),
        cv_service=column("cv_service", 1.0),
        curve=_curves(world, joined["delay_curve"]),
    )


def _curves(world: Corridor, names: pl.Series) -> tuple[tuple[Floats, Floats] | None, ...]:
    """Give the points of curves by name; none where no name is."""
    points = world["curves"].sort("id", "x")
    known = {
        name: (mine["x"].to_numpy().astype(np.float64), mine["y"].to_numpy().astype(np.float64))
        for name in names.drop_nulls().unique().sort()
        for mine in (points.filter(id=name),)
    }
    return tuple(known.get(name) for name in names)


def incidences_of(
    network: Network, world: Corridor, stations: Stations, commodities: Sequence[str]
) -> tuple[Incidence, ...]:
    """List what one unit of each commodity loads where, and the delays that it meets.

    A user that names a commodity counts only that commodity and its children. Per loaded unit, ``empty_return`` units
    go back empty and load the opposite direction.

    Parameters
    ----------
    network
        Of the scenario.
    world
        The corridor in the scenario.
    stations
        Its stations.
    commodities
        Each with conversions to the units of the resources that it uses.
    """
    opposite = {"forward": "backward", "backward": "forward", "": ""}
    number = stations.table.select(*_KEY, "unit").with_columns(peak=pl.Series(stations.peak)).with_row_index("station")
    back = number.select("resource", "member", "way", back="station")
    passages = (
        _users(world)
        .join(_arcs_of_elements(network, world), on=["table", "id", "towards"])
        .join(number, on=_KEY)
        .with_columns(way_back=pl.col("way").replace_strict(opposite))
        .join(back, left_on=["resource", "member", "way_back"], right_on=_KEY, how="left")
    )
    lines = lineages(world["commodities"])
    entries = pl.collect_all([_loads(passages.lazy(), world, lines[commodity]) for commodity in commodities])
    return tuple(
        Incidence(
            arc=each["arc"].to_numpy().astype(np.int32),
            station=each["station"].to_numpy().astype(np.int32),
            load=each["load"].to_numpy(),
            empties=each["empties"].to_numpy(),
            delay=each["delay"].to_numpy(),
        )
        for each in entries
    )


def _loads(passages: pl.LazyFrame, world: Corridor, lineage: tuple[str, ...]) -> pl.LazyFrame:
    """Count what one unit of a commodity loads."""
    mine = passages.filter(pl.col("commodity").is_null() | pl.col("commodity").is_in(lineage))
    units = pl.col("weight") / pl.col("per_unit") * pl.col("peak")
    mine = mine.join(_conversions(world, lineage).lazy(), on="unit", how="left").with_columns(units=units)
    mine = mine.with_columns(empty=pl.col("units") * pl.col("empty_return"))
    going = mine.select("arc", "station", load="units", empties=pl.lit(0.0), delay="share")
    coming = mine.filter(pl.col("back").is_not_null() & (pl.col("empty") > 0)).select(
        "arc", station="back", load="empty", empties="empty", delay=pl.lit(0.0)
    )
    return (
        pl.concat([going, coming], how="vertical_relaxed")
        .group_by("arc", "station")
        .agg(pl.col("load", "empties").sum(), pl.col("delay").max())
        .sort("arc", "station")
    )


def _users(world: Corridor) -> pl.DataFrame:
    """List the elements that use resources, once per direction in which goods pass them.

    ``share`` is the part of the delay that a passage meets: on lines the extra hours are spread over the links by
    length, so that cutting a link changes nothing.
    """
    kinds = world["resources"].select("each", "kind", resource="id")
    lengths = world["links"].select(pl.lit("links").alias("table"), "id", km="length_km")
    used = (
        world["resource_users"]
        .filter(pl.col("table").is_in(list(_TABLES)))
        .join(kinds, on="resource")
        .join(lengths, on=["table", "id"], how="left")
        .with_columns(pl.col("weight").fill_null(1.0))
    )
    elements = used.select("resource", "table", "id", "km").unique()
    total = elements.group_by("resource").agg(pl.col("km").sum().alias("total_km"))
    on_line = (pl.col("kind") == "line") & (pl.col("table") == "links")
    used = used.join(total, on="resource").with_columns(
        share=pl.when(on_line).then(pl.col("km") / pl.col("total_km")).otherwise(1.0)
    )
    each = pl.col("each").fill_null("")
    towards = pl.DataFrame({"towards": ["forward", "backward"]})
    ways = used.join(towards, how="cross").filter(
        pl.col("direction").is_null() | (pl.col("direction") == pl.col("towards"))
    )
    return ways.select(
        "resource",
        pl.when(each.str.starts_with("member"))
        .then(pl.concat_str("table", "id", separator="/"))
        .otherwise(pl.lit(""))
        .alias("member"),
        pl.when(each.str.ends_with("direction")).then("towards").otherwise(pl.lit("")).alias("way"),
        "table",
        "id",
        "towards",
        "commodity",
        "weight",
        "share",
    )


def _arcs_of_elements(network: Network, world: Corridor) -> pl.DataFrame:
    """List the arcs of links, borders and terminals: ``table, id, towards, arc``."""
    frames = []
    for table, kind in _TABLES.items():
        arcs = np.flatnonzero(network.kind == kind)
        frames.append(
            pl.DataFrame(
                {
                    "table": [table] * len(arcs),
                    "id": world[table]["id"].gather(network.element[arcs]),
                    "towards": np.where(network.direction[arcs] == 0, "forward", "backward").tolist(),
                    "arc": arcs,
                },
                schema=_ARCS,
            )
        )
    return pl.concat(frames)


def _conversions(world: Corridor, lineage: tuple[str, ...]) -> pl.DataFrame:
    """Say how many units of a commodity fill one unit of a resource, and which share comes back empty."""
    units = dict(world["commodities"].select("id", "unit").iter_rows())
    found: Mapping[str, tuple[float, float]] = {units[lineage[0]]: (1.0, 0.0)}
    for ancestor in reversed(lineage):
        if units[ancestor] == units[lineage[0]]:
            rows = world["conversions"].filter(pl.col("commodity") == ancestor)
            found = {
                **found,
                **{
                    unit: (per, empty)
                    for unit, per, empty in rows.select("unit", "per_unit", "empty_return").iter_rows()
                },
            }
    schema = {"unit": pl.String, "per_unit": pl.Float64, "empty_return": pl.Float64}
    return pl.DataFrame([(unit, *values) for unit, values in sorted(found.items())], schema=schema, orient="row")
