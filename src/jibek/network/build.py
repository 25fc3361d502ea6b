"""Build the network: from the tables of a corridor to one layered graph; hours and km.

Every table adds a frame of arcs whose ends are node *keys*: a mixed-radix number of the place, the
kind of node, the mode, the service and, for frontier nodes, a running number. Closed arcs are
dropped, then the keys become dense node numbers in their order. A key is made of ranks by position
and name, so that ids have no say in the numbering.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.network.network import ArcKind, Network, NodeKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.corridor import Corridor

__all__ = ["build_network"]

_HOURS_PER_WEEK = 168.0
_ARC_COLUMNS = (
    *("from_key", "to_key", "start", "end", "kind", "element", "direction"),
    *("hours_moving", "hours_waiting", "km", "open_share"),
)
_AT_PLACE = (pl.col("at").alias("start"), pl.col("at").alias("end"))
_NO_MOVE = {"hours_moving": pl.lit(0.0), "km": pl.lit(0.0)}
_NO_TIME = {**_NO_MOVE, "hours_waiting": pl.lit(0.0), "direction": pl.lit(0)}


def build_network(corridor: Corridor) -> Network:
    """Join a corridor's links, borders, terminals and services into one graph.

    Parameters
    ----------
    corridor
        As `jibek.corridor.apply_scenario` returns it: links, borders, terminals and services carry
        ``open_share``; what is closed all year makes no arc.

    Returns
    -------
    Network
        Arcs sorted by tail, head, kind and time. A link of a mode that needs a service exists once
        for each service that calls at both its ends one after the other; boarding costs half the
        headway, at most ``max_wait_hours``.
    """
    ranks = _Ranks.of(corridor)
    rides = _rides(corridor, ranks)
    frontiers = _frontiers(corridor, rides)
    keys = _Keys(ranks, frontiers.height)
    arcs = [
        _link_arcs(rides, frontiers, keys),
        _border_arcs(rides, frontiers, keys),
        _terminal_arcs(corridor, ranks, keys),
        _service_arcs(corridor, ranks, keys),
    ]
    moving = pl.concat(arcs, how="diagonal").filter(pl.col("open_share") > 0)
    return _assemble(corridor, ranks, keys, pl.concat([moving, _gate_arcs(moving, ranks, keys)], how="diagonal"))


@dataclass(frozen=True)
class _Ranks:
    """Rows and label-free ranks of places, modes and services, as frames to join with."""

    places: pl.DataFrame
    modes: pl.DataFrame
    services: pl.DataFrame

    @classmethod
    def of(cls, corridor: Corridor) -> _Ranks:
        return cls(
            places=_ranked(corridor["places"], ["lat", "lon", "name"]),
            modes=_ranked(corridor["modes"], ["name", "speed_kmh"]),
            services=_ranked(corridor["services"], ["name", "departures_per_week"]),
        )

    def place(self, frame: pl.DataFrame, column: str, rank: str) -> pl.DataFrame:
        """Add the rank of the place that a column names."""
        ranks = self.places.select(pl.col("id").alias(column), pl.col("rank").alias(rank))
        return frame.join(ranks, on=column, how="left", maintain_order="left")

    def mode(self, frame: pl.DataFrame, column: str, rank: str) -> pl.DataFrame:
        """Add the rank of the mode that a column names."""
        ranks = self.modes.select(pl.col("id").alias(column), pl.col("rank").alias(rank))
        return frame.join(ranks, on=column, how="left", maintain_order="left")


def _ranked(table: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    ranks = table.select("id", *by).with_row_index("row").sort([*by, "id"]).with_row_index("rank")
    return ranks.select("id", pl.col("row", "rank").cast(pl.Int64)).sort("row")


@dataclass(frozen=True)
class _Keys:
    """Mixed-radix node keys that sort by place, kind of node, mode, service and running number."""

    ranks: _Ranks
    n_frontiers: int

    @property
    def radices(self) -> tuple[int, int, int, int]:
        return len(NodeKind), self.ranks.modes.height + 1, self.ranks.services.height + 1, self.n_frontiers + 1

    def __call__(
        self,
        kind: NodeKind,
        place: str,
        mode: str | None = None,
        service: str | None = None,
        frontier: pl.Expr | None = None,
    ) -> pl.Expr:
        """Encode a node; columns hold ranks, and what a node has not counts as -1."""
        kinds, modes, services, frontiers = self.radices
        key = pl.col(place) * kinds + int(kind)
        key = key * modes + (pl.col(mode) + 1 if mode else 0)
        key = key * services + (pl.col(service) + 1 if service else 0)
        return key * frontiers + (frontier + 1 if frontier is not None else 0)

    def decode(self, key: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
        """Give the ranks of place, mode and service (-1: none) and the kind of each key."""
        kinds, modes, services, frontiers = self.radices
        rest, _ = np.divmod(key, frontiers)
        rest, service = np.divmod(rest, services)
        rest, mode = np.divmod(rest, modes)
        place, kind = np.divmod(rest, kinds)
        return {"place": place, "kind": kind, "mode": mode - 1, "service": service - 1}


def _directed(table: pl.DataFrame, start: str, end: str) -> pl.DataFrame:
    """Give every row once per direction in which it is open, its ends swapped in the second."""
    rows = table.with_row_index("element").with_columns(pl.col("element").cast(pl.Int64))
    forward = rows.with_columns(pl.lit(0).alias("direction"))
    backward = rows.filter(~pl.col("oneway").fill_null(value=False)).with_columns(
        pl.col(start).alias(end), pl.col(end).alias(start), pl.lit(1).alias("direction")
    )
    return pl.concat([forward, backward])


def _rides(corridor: Corridor, ranks: _Ranks) -> pl.DataFrame:
    """List every directed link, once per service where its mode needs one, in label-free order."""
    modes = corridor["modes"].select(pl.col("id").alias("mode"), "speed_kmh", "needs_service")
    links = _directed(corridor["links"], "from_place", "to_place").join(modes, on="mode", how="left")
    links = links.with_columns(
        pl.coalesce("hours", pl.col("length_km") / pl.col("speed_kmh")).alias("hours"), pl.col("length_km").alias("km")
    )
    free = links.filter(~pl.col("needs_service")).with_columns(pl.lit(-1, dtype=pl.Int64).alias("service"))
    calls = _consecutive_calls(corridor, ranks)
    served = links.filter("needs_service").join(calls, on=["from_place", "to_place", "mode"], how="inner")
    rides = pl.concat([free, served.select(free.columns)])
    rides = ranks.mode(ranks.place(ranks.place(rides, "from_place", "tail"), "to_place", "head"), "mode", "layer")
    order = ["tail", "head", "layer", "service", "km", "hours", "id"]
    return rides.sort(order).with_row_index("ride").with_columns(pl.col("ride").cast(pl.Int64))


def _service_stops(corridor: Corridor, ranks: _Ranks) -> pl.DataFrame:
    """List the stops of the services that networks need, with the service's rank."""
    numbers = ranks.services.select("id", pl.col("rank").alias("service_rank"), pl.col("row").alias("element"))
    needed = corridor["modes"].filter("needs_service").select(pl.col("id").alias("mode"))
    services = corridor["services"].join(needed, on="mode", how="semi").join(numbers, on="id")
    columns = ["mode", "departures_per_week", "max_wait_hours", "open_share", "service_rank", "element"]
    stops = corridor["stops"].join(services.select(pl.col("id").alias("service"), *columns), on="service")
    return stops.sort("service_rank", "sequence").drop("service").rename({"service_rank": "service"})


def _consecutive_calls(corridor: Corridor, ranks: _Ranks) -> pl.DataFrame:
    """Pair the places at which a service calls one after the other, in either order."""
    stops = _service_stops(corridor, ranks).select(
        "service",
        "mode",
        pl.col("place").alias("from_place"),
        pl.col("place").shift(-1).over("service").alias("to_place"),
    )
    there = stops.drop_nulls("to_place")
    back = there.with_columns(pl.col("from_place").alias("to_place"), pl.col("to_place").alias("from_place"))
    return pl.concat([there, back]).unique(maintain_order=True)


def _frontiers(corridor: Corridor, rides: pl.DataFrame) -> pl.DataFrame:
    """List the borders that each ride meets, numbered as the frontier nodes before them.

    A border of one direction stands in for those of both directions. Borders of one commodity are
    met in series, those of different commodities lie parallel (`jibek.network.arc_costs` opens the
    most specific ones), so each commodity starts at the ride's first frontier node.
    """
    borders = (
        corridor["borders"]
        .with_row_index("element")
        .with_columns(
            pl.col("element").cast(pl.Int64),
            pl.col("direction").replace_strict({"forward": 0, "backward": 1}).alias("given"),
        )
    )
    borders = borders.select("element", "link", "given", "commodity", "hours", "hours_sd", "open_share", "id")
    met = rides.select("ride", pl.col("id").alias("link"), "direction").join(borders, on="link", how="inner")
    met = met.filter(pl.col("given").is_null() | (pl.col("given") == pl.col("direction")))
    group = ["ride", "commodity"]
    met = met.filter((pl.col("given").is_not_null()) | pl.col("given").is_null().all().over(group))
    met = met.sort("ride", "commodity", "hours", "hours_sd", "id").with_row_index("frontier")
    return met.with_columns(
        pl.col("frontier").cast(pl.Int64),
        pl.when(pl.col("frontier") == pl.col("frontier").min().over(group))
        .then(pl.col("frontier").min().over("ride"))
        .otherwise(pl.col("frontier"))
        .cast(pl.Int64)
        .alias("before"),
        pl.col("frontier").shift(-1).over(group).cast(pl.Int64).alias("after"),
    )


def _boards(keys: _Keys, on_board: NodeKind, place: str) -> pl.Expr:
    """Encode the end of a ride: a station, or on board where the ride needs a service."""
    return (
        pl.when(pl.col("service") < 0)
        .then(keys(NodeKind.STATION, place, "layer"))
        .otherwise(keys(on_board, place, "layer", "service"))
    )


def _frontier_key(keys: _Keys, number: str) -> pl.Expr:
    return keys(NodeKind.FRONTIER, "tail", "layer", "service", pl.col(number))


def _link_arcs(rides: pl.DataFrame, frontiers: pl.DataFrame, keys: _Keys) -> pl.DataFrame:
    first = frontiers.group_by("ride").agg(pl.col("before").min().alias("number"))
    arcs = rides.join(first, on="ride", how="left").with_columns(
        _boards(keys, NodeKind.DEPARTURE, "tail").alias("from_key"),
        pl.coalesce(_frontier_key(keys, "number"), _boards(keys, NodeKind.ARRIVAL, "head")).alias("to_key"),
        pl.lit(int(ArcKind.LINK)).alias("kind"),
        pl.col("hours").alias("hours_moving"),
        pl.lit(0.0).alias("hours_waiting"),
    )
    return arcs.rename({"tail": "start", "head": "end"}).select(*_ARC_COLUMNS)


def _border_arcs(rides: pl.DataFrame, frontiers: pl.DataFrame, keys: _Keys) -> pl.DataFrame:
    ends = rides.select("ride", "tail", "head", "layer", "service")
    arcs = frontiers.join(ends, on="ride", how="left").with_columns(
        _frontier_key(keys, "before").alias("from_key"),
        pl.coalesce(_frontier_key(keys, "after"), _boards(keys, NodeKind.ARRIVAL, "head")).alias("to_key"),
        pl.lit(int(ArcKind.BORDER)).alias("kind"),
        pl.col("hours").alias("hours_waiting"),
        **_NO_MOVE,
    )
    return arcs.rename({"tail": "start", "head": "end"}).select(*_ARC_COLUMNS)


def _terminal_arcs(corridor: Corridor, ranks: _Ranks, keys: _Keys) -> pl.DataFrame:
    rows = ranks.place(_directed(corridor["terminals"], "from_mode", "to_mode"), "place", "at")
    rows = ranks.mode(ranks.mode(rows, "from_mode", "layer"), "to_mode", "next_layer")
    served = corridor["modes"].filter("needs_service")["id"].to_list()
    arcs = rows.with_columns(
        pl.when(pl.col("from_mode").is_in(served))
        .then(keys(NodeKind.LANDING, "at", "layer"))
        .otherwise(keys(NodeKind.STATION, "at", "layer"))
        .alias("from_key"),
        keys(NodeKind.STATION, "at", "next_layer").alias("to_key"),
        *_AT_PLACE,
        pl.lit(int(ArcKind.TERMINAL)).alias("kind"),
        pl.col("hours").alias("hours_waiting"),
        **_NO_MOVE,
    )
    return arcs.select(*_ARC_COLUMNS)


def _service_arcs(corridor: Corridor, ranks: _Ranks, keys: _Keys) -> pl.DataFrame:
    """Board, stay on board and alight at every stop; a place called at twice costs the longer stop."""
    stops = ranks.mode(ranks.place(_service_stops(corridor, ranks), "place", "at"), "mode", "layer")
    stops = stops.sort("service", "at", "hours").unique(["service", "at"], keep="last", maintain_order=True)
    station = keys(NodeKind.STATION, "at", "layer")
    arrival = keys(NodeKind.ARRIVAL, "at", "layer", "service")
    departure = keys(NodeKind.DEPARTURE, "at", "layer", "service")
    landing = keys(NodeKind.LANDING, "at", "layer")
    half_headway = pl.min_horizontal(_HOURS_PER_WEEK / pl.col("departures_per_week") / 2, "max_wait_hours")
    steps = [
        (ArcKind.BOARDING, station, departure, half_headway),
        (ArcKind.DWELL, arrival, departure, pl.col("hours")),
        (ArcKind.ALIGHTING, arrival, landing, pl.lit(0.0)),
    ]
    arcs = [
        stops.with_columns(
            start.alias("from_key"),
            end.alias("to_key"),
            *_AT_PLACE,
            pl.lit(int(kind)).alias("kind"),
            hours.alias("hours_waiting"),
            pl.lit(0).alias("direction"),
            **_NO_MOVE,
        ).select(*_ARC_COLUMNS)
        for kind, start, end, hours in steps
    ]
    return pl.concat(arcs)


def _gate_arcs(moving: pl.DataFrame, ranks: _Ranks, keys: _Keys) -> pl.DataFrame:
    """Lead from the origin of each place to its stations, and to its destination from stations and landings."""
    used = np.unique(np.concatenate([moving["from_key"].to_numpy(), moving["to_key"].to_numpy()]))
    node = keys.decode(used)
    ends = pl.DataFrame({"node": used, "kind": node["kind"], "rank": node["place"]})
    ends = ends.filter(pl.col("kind").is_in([NodeKind.STATION, NodeKind.LANDING]))
    rows = ranks.places.select("rank", pl.col("row").alias("element"))
    ends = ends.join(rows, on="rank", how="left").with_columns(
        pl.col("rank").alias("start"), pl.col("rank").alias("end"), open_share=1.0, **_NO_TIME
    )
    access = ends.filter(pl.col("kind") == NodeKind.STATION).with_columns(
        keys(NodeKind.ORIGIN, "rank").alias("from_key"),
        pl.col("node").alias("to_key"),
        pl.lit(int(ArcKind.ACCESS)).alias("kind"),
    )
    egress = ends.with_columns(
        pl.col("node").alias("from_key"),
        keys(NodeKind.DESTINATION, "rank").alias("to_key"),
        pl.lit(int(ArcKind.EGRESS)).alias("kind"),
    )
    return pl.concat([access, egress]).select(*_ARC_COLUMNS)


def _assemble(corridor: Corridor, ranks: _Ranks, keys: _Keys, arcs: pl.DataFrame) -> Network:
    """Lay the arcs out by tail, the nodes numbered in the order of their keys."""
    gates = {
        kind: ranks.places.select(keys(kind, "rank").alias("key"))["key"].to_numpy()
        for kind in (NodeKind.ORIGIN, NodeKind.DESTINATION)
    }
    arcs = arcs.sort("from_key", "to_key", "kind", "hours_moving", "hours_waiting", "km", "element", "direction")
    tails, heads = arcs["from_key"].to_numpy(), arcs["to_key"].to_numpy()
    node_keys = np.unique(np.concatenate([tails, heads, *gates.values()]))
    node = keys.decode(node_keys)
    arc_from = np.searchsorted(node_keys, tails).astype(np.int32)
    return Network(
        node_place=_rows(ranks.places)[node["place"]],
        node_layer=_rows(ranks.modes)[node["mode"]],
        node_service=_rows(ranks.services)[node["service"]],
        node_kind=node["kind"].astype(np.uint8),
        first_out=np.searchsorted(arc_from, np.arange(len(node_keys) + 1)).astype(np.int64),
        arc_from=arc_from,
        arc_to=np.searchsorted(node_keys, heads).astype(np.int32),
        start_place=_rows(ranks.places)[arcs["start"].to_numpy()],
        end_place=_rows(ranks.places)[arcs["end"].to_numpy()],
        kind=arcs["kind"].to_numpy().astype(np.uint8),
        element=arcs["element"].to_numpy().astype(np.int32),
        direction=arcs["direction"].to_numpy().astype(np.uint8),
        hours_moving=arcs["hours_moving"].to_numpy(),
        hours_waiting=arcs["hours_waiting"].to_numpy(),
        km=arcs["km"].to_numpy(),
        open_share=arcs["open_share"].to_numpy(),
        ids={
            name: tuple(corridor[name]["id"].to_list())
            for name in ("places", "modes", "services", "links", "borders", "terminals")
        },
        place_index={place: row for row, place in enumerate(corridor["places"]["id"])},
        origin_node=np.searchsorted(node_keys, gates[NodeKind.ORIGIN]).astype(np.int32),
        destination_node=np.searchsorted(node_keys, gates[NodeKind.DESTINATION]).astype(np.int32),
    )


def _rows(ranks: pl.DataFrame) -> NDArray[np.int32]:
    """Give the row of each rank, and -1 at the end for rank -1."""
    return np.append(ranks.sort("rank")["row"].to_numpy(), -1).astype(np.int32)
