"""Operations as rows of written-out cells, for the report and the terminal alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jibek.present.language import Language

__all__ = [
    "VOLUMES",
    "check_rows",
    "curve_rows",
    "journey_rows",
    "overload_rows",
    "queue_rows",
    "replay_rows",
    "report_rows",
    "rule_rows",
    "service_rows",
    "station_rows",
    "time_rows",
    "tornado_rows",
    "what_if_rows",
]

Row = dict[str, Any]

_DAY = 24.0
_LEAST = 30  # consignments in all replications, below which a time is not shown
_TIMES = ("mean", "p50", "p80", "p95")
_MONTHS = (*range(3, 13), 1, 2)  # as they are simulated
VOLUMES = {"volume_50": 0.5, "volume_75": 0.75, "volume_100": 1.0, "volume_125": 1.25, "volume_150": 1.5}
"""Columns of `curve_rows`, and by which today's volume is multiplied there."""
_SHORTEST_QUEUE = 1.0  # consignments in any month


def time_rows(results: Mapping[str, pl.DataFrame], words: Language) -> list[Row]:
    """Write transit times of named corridors, those with most consignments first within each corridor."""
    corridors = dict(results["corridors"].select("id", "name").iter_rows())
    shown = results["operations_routes"].filter(pl.col("observed") >= _LEAST)
    total = pl.col("consignments").sum().over("corridor")
    rows = shown.with_columns(total=total).sort("total", "corridor", "consignments", descending=[True, False, True])
    return [
        {
            "name": corridors.get(row["corridor"], row["corridor"]),
            "direction": words.text(f"operations.{row['direction']}"),
            "goods": _goods(row["goods"], words),
            "quantity": words.amount(row["quantity"], row["unit"]),
            **_days(row, words),
        }
        for row in rows.iter_rows(named=True)
    ]


def journey_rows(results: Mapping[str, pl.DataFrame], words: Language) -> list[Row]:
    """Write transit times of journeys, the quickest way of each first."""
    corridors = dict(results["corridors"].select("id", "name").iter_rows())
    places = dict(results["places"].select("id", "name").iter_rows())
    rows = results["operations_journeys"].filter(pl.col("observed") >= _LEAST)
    return [
        {
            "journey": " – ".join(places.get(row[end], row[end]) for end in ("origin", "destination")),
            "name": corridors.get(row["corridor"], row["corridor"]),
            **_days(row, words),
        }
        for row in rows.sort("origin", "destination", "mean_days").iter_rows(named=True)
    ]


def station_rows(results: Mapping[str, pl.DataFrame], words: Language, *, most: int) -> list[Row]:
    """Write the stations at which consignments wait longest in the simulation."""
    waited = results["operations_stations"].filter(pl.col("simulated") & (pl.col("mean_wait_hours") > 0))
    return [
        {
            "name": _station(row, words),
            "load": words.percent(row["load"]),
            "utilisation": words.percent(row["utilisation"]),
            "wait": words.hours(row["mean_wait_hours"]),
            "p95": words.hours(row["p95_wait_hours"]),
            "queue": words.number(round(row["queue"], 1)),
        }
        for row in waited.sort("mean_wait_hours", "station", descending=[True, False]).head(most).iter_rows(named=True)
    ]


def overload_rows(results: Mapping[str, pl.DataFrame], words: Language) -> list[Row]:
    """Write the stations and services whose queue would have no end, the most loaded first."""
    stations = results["operations_stations"].filter(~pl.col("simulated"))
    services = results["operations_services"].filter(~pl.col("simulated")).unique("service", maintain_order=True)
    names = dict(results["services"].select("id", "name").iter_rows())
    rows = [(_station(row, words), row["load"], row["mean_wait_hours"]) for row in stations.iter_rows(named=True)]
    rows += [(names.get(name, name), load, None) for name, load in services.select("service", "load").iter_rows()]
    return [
        {
            "name": name,
            "load": words.text("operations.no_room") if load is None else words.percent(load),
            "wait": words.hours(hours) if hours is not None else "",
        }
        for name, load, hours in sorted(rows, key=lambda row: (row[1] is not None, -(row[1] or 0.0), row[0]))
    ]


def service_rows(results: Mapping[str, pl.DataFrame], words: Language, *, most: int) -> list[Row]:
    """Write the calls of services at which most departures are full, those that carry something."""
    names = dict(results["services"].select("id", "name").iter_rows())
    places = dict(results["places"].select("id", "name").iter_rows())
    calls = results["operations_services"].filter(pl.col("share_full") > 0)
    return [
        {
            "name": names.get(row["service"], row["service"]),
            "call": places.get(row["call"].removesuffix(" back"), row["call"]),
            "departures": words.fixed(row["departures_per_week"], 1),
            "full": words.percent(row["share_full"]),
            "filled": words.percent(row["filled"]),
            "wait": words.days(row["mean_wait_hours"]),
            "p95": words.days(row["p95_wait_hours"]),
            "days_without": words.count(row["days_without"]),
        }
        for row in calls.sort("share_full", "service", "call", descending=[True, False, False])
        .head(most)
        .iter_rows(named=True)
    ]


def check_rows(results: Mapping[str, pl.DataFrame], words: Language) -> list[Row]:
    """Write published times beside the simulated ones, where both stand."""
    both = results["operations_checks"].filter(pl.col("modelled").is_not_null() & pl.col("reason").is_null())
    return [
        {
            "title": words.name("series", row["series"], row["title"]),
            "use": words.text(f"use.{row['use']}"),
            "year": words.number(row["year"]) if row["year"] is None else str(int(row["year"])),
            "observed": _in(row["observed"], row["unit"], words),
            "modelled": _in(row["modelled"], row["unit"], words),
            "p95": _in(row["p95"], row["unit"], words),
        }
        for row in both.sort("kind", "use", "series", descending=[True, False, False]).iter_rows(named=True)
    ]


def report_rows(results: Mapping[str, pl.DataFrame], words: Language) -> list[Row]:
    """Write reported queues and counted loads of ferries beside the simulated ones."""
    return [
        {
            "title": words.name("series", row["series"], row["title"]),
            "use": words.text(f"use.{row['use']}"),
            "year": str(int(row["year"])),
            "observed": words.count(row["observed"]),
            "modelled": words.count(row["modelled"]),
            "most": words.count(row["most"]),
        }
        for row in results["operations_reports"].sort("use", "series", nulls_last=True).iter_rows(named=True)
    ]


def queue_rows(results: Mapping[str, pl.DataFrame], words: Language) -> list[Row]:
    """Write the calendar of queues: consignments that wait, month by month from March, and how full a cell is."""
    services = dict(results["services"].select("id", "name").iter_rows())
    places = dict(results["places"].select("id", "name").iter_rows())
    resources = {row["station"]: _station(row, words) for row in results["operations_stations"].iter_rows(named=True)}
    rows = []
    for frame in results["operations_queues"].partition_by("table", "id", "place", maintain_order=True):
        table, id_, place = frame.select("table", "id", "place").row(0)
        waiting = dict(frame.select("month", "waiting").iter_rows())
        most = max(waiting.values())
        if most < _SHORTEST_QUEUE:
            continue
        at_call = f"{services.get(id_, id_)}: {places.get(place, place)}"
        shut = words.text("operations.shut_by_weather", service=services.get(id_, id_))
        name = {"calls": at_call, "weather": shut}.get(table, resources.get(id_, id_))
        cells = [
            {"text": words.count(waiting.get(month, 0.0)), "share": round(waiting.get(month, 0.0) / most, 2)}
            for month in _MONTHS
        ]
        rows.append({"name": name, "months": cells})
    return rows


def what_if_rows(results: Mapping[str, pl.DataFrame], words: Language) -> list[Row]:
    """Write what scenarios on the frozen routes do to P95 and to full departures."""
    corridors = dict(results["corridors"].select("id", "name").iter_rows())
    return [
        {
            "scenario": words.word(f"operations.what_if.{row['scenario']}", row["scenario"]),
            "corridor": corridors.get(row["corridor"], row["corridor"]),
            "direction": words.text(f"operations.{row['direction']}"),
            "mean": words.days(_hours(row["mean_days"])),
            "p95": _p95(row["p95_days"], words),
            "change": words.change(row["p95_change"], lambda days: words.days(days * _DAY)),
            "full": words.percent(row["share_full"]),
        }
        for row in results["operations_what_ifs"].iter_rows(named=True)
    ]


def tornado_rows(results: Mapping[str, pl.DataFrame], words: Language) -> list[Row]:
    """Write the P95 of the measured route with each estimate at the ends of its range."""
    return [
        {
            "estimate": words.text(f"operations.rule.{row['rule']}"),
            "low": _p95(row["p95_low"], words),
            "high": _p95(row["p95_high"], words),
            "reach": words.days(_hours(row["reach"])),
        }
        for row in results["operations_tornado"].iter_rows(named=True)
    ]


def replay_rows(results: Mapping[str, pl.DataFrame], words: Language) -> list[Row]:
    """Write what disruptions of the past do: days lost, tonnes held and diverted, time to recover."""
    return [_replay_row(row, words) for row in results["operations_replays"].iter_rows(named=True)]


def _replay_row(row: Mapping[str, Any], words: Language) -> Row:
    is_storms = row["disruption"] == "storms"
    month = words.word(f"month.{row['title']}", row["title"])
    cells = {
        "disruption": words.text("operations.storms", month=month)
        if is_storms
        else words.name("disruption", row["disruption"], row["title"]),
        "days": words.count(row["days"]),
        "lost": words.count(row["days_lost"]),
    }
    cells["diverted"] = "–" if row["tonnes_diverted"] is None else words.amount(row["tonnes_diverted"], "t")
    if row["reason"] is not None:
        why = words.text(f"operations.no_replay.{row['reason']}")
        return cells | {"delay": why} | dict.fromkeys(("interval", "held", "usd", "recovered"), "–")
    return cells | {
        "delay": words.days(_hours(row["delay_days"])),
        "interval": _interval(row, "delay_days", words),
        "held": words.amount(row["tonnes_held"], "t"),
        "usd": words.money(row["usd"]),
        "recovered": _recovered(row["recovery_days"], words, told=not is_storms),
    }


def _recovered(days: float | None, words: Language, *, told: bool) -> str:
    if not told:
        return "–"
    return words.text("operations.never") if days is None else words.count(days)


def curve_rows(results: Mapping[str, pl.DataFrame], words: Language, *, most: int) -> list[Row]:
    """Write the mean wait at several volumes, those stations first whose queue loses its end soonest or grows most."""
    named = {row["station"]: _station(row, words) for row in results["operations_stations"].iter_rows(named=True)}
    curves = results["operations_curves"].sort("station", "factor")
    shown = (
        curves.group_by("station", maintain_order=True)
        .agg(most=pl.col("hours").max(), endless=pl.col("endless_from").first())
        .sort("endless", "most", "station", descending=[False, True, False], nulls_last=True)
        .head(most)
    )
    rows = []
    for station in shown["station"]:
        mine = {row["factor"]: row for row in curves.filter(station=station).iter_rows(named=True)}
        endless = next(iter(mine.values()))["endless_from"]
        ends = [mine[1.0][end] for end in ("low", "high") if 1.0 in mine and mine[1.0][end] is not None]
        rows.append(
            {
                "name": named[station],
                **{
                    name: words.hours(mine[factor]["hours"])
                    if factor in mine
                    else words.text("number.missing" if endless is None or factor < endless else "operations.endless")
                    for name, factor in VOLUMES.items()
                },
                "band": " – ".join(words.fixed(max(end, 0.0), 1) for end in ends) or words.text("number.missing"),
            }
        )
    return rows


def rule_rows(results: Mapping[str, pl.DataFrame], words: Language) -> list[Row]:
    """Write the estimates by rule with their ranges."""
    return [
        {
            "name": words.text(f"operations.rule.{row['rule']}"),
            "value": words.number(row["value"]),
            "range": f"{words.number(row['low'])} – {words.number(row['high'])}",
        }
        for row in results["operations_rules"].iter_rows(named=True)
    ]


def _p95(days: float | None, words: Language) -> str:
    """Write a P95, or that a service has no room left for a queue."""
    return words.text("operations.no_room") if days is None else words.days(_hours(days))


def _days(row: Mapping[str, Any], words: Language) -> Row:
    """Write a row's times, and the interval of the mean."""
    days = {name: words.days(_hours(row[f"{name}_days"])) for name in _TIMES}
    return {**days, "interval": _interval(row, "mean_days", words)}


def _interval(row: Mapping[str, Any], name: str, words: Language) -> str:
    """Write the interval of a mean of days, if one is told: a single replication has none."""
    ends = [row[f"{name}_low"], row[f"{name}_high"]]
    return "–" if None in ends else " – ".join(words.fixed(max(end, 0.0), 1) for end in ends)


def _hours(days: float | None) -> float | None:
    return None if days is None else days * _DAY


def _in(value: float | None, unit: str, words: Language) -> str:
    return words.days(_hours(value)) if unit == "days" else words.hours(value)


def _goods(goods: str, words: Language) -> str:
    return words.word(f"operations.goods.{goods}", words.word(f"commodity.{goods}", goods))


def _station(row: Mapping[str, Any], words: Language) -> str:
    """Name a station, with its direction where it has one."""
    name = words.name("resource", row["resource"], row["name"] or row["resource"])
    way = row["station"].rsplit("/", 1)[-1]
    return f"{name}, {words.text(f'operations.{way}')}" if way in ("forward", "backward") else name
