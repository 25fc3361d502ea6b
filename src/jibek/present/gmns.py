"""The network of a run in the General Modeling Network Specification: from tables to the texts of its CSV files.

Every passable direction of a link is a link of its own, as the specification's ``directed`` asks; lengths are
kilometres, speeds kilometres an hour. Flows are tonnes a year, capacities are per day in the unit that stands beside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from jibek.study.flow_measures import link_flows

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["to_gmns"]

_FLOWS = ("flow_arcs", "flow_pairs", "flow_stations")
_WAYS = ("forward", "backward")


def to_gmns(results: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """Write the network as ``node.csv``, ``link.csv`` and ``config.csv``.

    Parameters
    ----------
    results
        Tables ``places``, ``modes``, ``links``; with those of the flows, links carry capacity, flow and load.

    Returns
    -------
    dict of str
        Texts by file name.
    """
    return {
        "config.csv": _config().write_csv(),
        "node.csv": _nodes(results["places"]).write_csv(),
        "link.csv": _links(results).write_csv(float_precision=6),
    }


def _config() -> pl.DataFrame:
    columns = {"dataset_name": "jibek", "long_length": "km", "speed": "kph", "crs": "EPSG:4326", "currency": "USD"}
    return pl.DataFrame({name: [value] for name, value in columns.items()})


def _nodes(places: pl.DataFrame) -> pl.DataFrame:
    return places.sort("id").select(
        node_id="id", name="name", x_coord="lon", y_coord="lat", node_type="kind", country="country"
    )


def _links(results: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """List the directions of all links that carry traffic."""
    speeds = results["modes"].select(mode="id", _speed="speed_kmh")
    rows = results["links"].filter(pl.col("open_share") > 0).join(speeds, on="mode", how="left")
    rows = rows.join(_flows(results), on="id", how="left")
    timed = pl.col("hours").is_not_null() & (pl.col("hours") > 0) & (pl.col("length_km") > 0)
    speed = pl.when(timed).then(pl.col("length_km") / pl.col("hours")).otherwise(pl.col("_speed"))
    parts = [
        rows.filter(~pl.col("oneway") | (way == "forward")).select(
            link_id=pl.concat_str("id", pl.lit(f"--{way}")),
            from_node_id="from_place" if way == "forward" else "to_place",
            to_node_id="to_place" if way == "forward" else "from_place",
            directed=pl.lit(1),
            length="length_km",
            facility_type="mode",
            free_speed=speed,
            capacity=f"capacity_{way}",
            capacity_unit="unit",
            capacity_is_shared="shared",
            flow=way,
            load_share=f"load_{way}",
            delay_hours=f"delay_{way}",
            jibek_id="id",
        )
        for way in _WAYS
    ]
    return pl.concat(parts).sort("link_id")


def _flows(results: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Give flow, capacity, load and delay of each link by direction; without flows there are no rows."""
    by_way = [f"{name}_{way}" for name in ("capacity", "load", "delay") for way in _WAYS]
    if not all(name in results for name in _FLOWS):
        schema = {"id": pl.String, "unit": pl.String, "shared": pl.Boolean}
        return pl.DataFrame(schema=schema | dict.fromkeys((*_WAYS, *by_way), pl.Float64))
    flows = link_flows(results).select("id", *_WAYS)
    lines = results["flow_stations"].filter(pl.col("member").str.starts_with("links/")).sort("resource", "way")
    columns = {"capacity": "capacity", "load": "load_share", "delay": "hours"}
    of_way = {way: pl.col("way").is_in([way, ""]) for way in _WAYS}
    loads = lines.group_by(id=pl.col("member").str.strip_prefix("links/")).agg(
        pl.col("unit").first(),
        shared=(pl.col("way") == "").any(),
        **{
            f"{name}_{way}": pl.col(column).filter(of_way[way]).first()
            for name, column in columns.items()
            for way in _WAYS
        },
    )
    joined = flows.join(loads, on="id", how="full", coalesce=True)
    return joined.select("id", "unit", "shared", *_WAYS, *by_way)
