"""Replays: what shut or narrowed ways in the past does so again in the year of the run, on the same days.

Volumes and routes are those of the run, and nobody chooses another way: what is held up waits. Beside it stands how
much would rather have gone another way, by the route choice of flows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.flows import flow_at
from jibek.network import ArcKind
from jibek.operations import WARMUP_HOURS, YEAR_HOURS, Stoppage
from jibek.study.operations_losses import Losses, losses_of, worth_of
from jibek.study.operations_past import disruptions_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jibek.operations import Model
    from jibek.study.case import Case
    from jibek.study.operated import Operated
    from jibek.study.operations_losses import Worth
    from jibek.study.operations_past import Disruption

__all__ = ["STORMS", "replay_table"]

STORMS = "storms"
"""Stands for a disruption where the stormiest month is compared with a calm one."""

_DAY, _DAYS = 24.0, 365.0
_LONGEST = 60  # days of passage lost, above which goods would not wait: no replay with frozen routes
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_TABLES = {ArcKind.LINK: "links", ArcKind.BORDER: "borders", ArcKind.TERMINAL: "terminals"}
_REPLAYS = {
    **dict.fromkeys(("disruption", "title"), pl.String),
    **dict.fromkeys(
        (
            *("days", "days_lost", "delay_days", "delay_days_low", "delay_days_high", "tonnes_held"),
            *("tonnes_diverted", "usd", "usd_low", "usd_high", "recovery_days"),
        ),
        pl.Float64,
    ),
    "reason": pl.String,
    "replications": pl.Int64,
}


def replay_table(case: Case, base: Operated, *, replications: int, seed: int) -> pl.DataFrame:
    """Let what shut or narrowed ways in the past do so in the year of the run, on the same days.

    The stormiest month is not replayed but taken away: weather as it is, is compared with weather in which that month
    is as calm as the calmest.

    Returns
    -------
    polars.DataFrame
        ``disruption`` (`STORMS` for the stormiest month), ``title`` (for that: the number of the month), ``days`` (from
        the first to the last), ``days_lost`` (of passage, where most are lost), what `jibek.study.operations_losses`
        tells: ``delay_days, tonnes_held, usd, recovery_days``, the delay and its value with ``_low`` and ``_high``;
        ``tonnes_diverted`` (that would have gone another way, see `_diverted`), ``reason`` (why there is no replay:
        ``too_long``, ``unused``), ``replications``.
    """
    worth = worth_of(case, base)
    rows = [_replayed(case, base, each, worth, replications=replications, seed=seed) for each in disruptions_of(case)]
    rows += _storms(case, base, worth, replications=replications, seed=seed)
    return pl.DataFrame([row | {"replications": replications} for row in rows], schema=_REPLAYS, orient="row")


def _replayed(
    case: Case, base: Operated, disruption: Disruption, worth: Mapping[str, Worth], *, replications: int, seed: int
) -> dict[str, object]:
    """Replay a disruption."""
    lost = disruption.days_lost
    row: dict[str, object] = {"disruption": disruption.id, "title": disruption.title, "days": disruption.days}
    row["days_lost"] = lost
    case.progress(f"operations, replay of {disruption.id}")
    sets_out, diverted = _diverted(case, disruption)
    if sets_out == 0.0:
        return row | {"reason": "unused"}
    if lost > _LONGEST:
        return row | {"tonnes_diverted": diverted, "reason": "too_long"}
    closings = pl.concat([base.prepared.closings, disruption.closings])
    after = replace(base.prepared, closings=closings).model(base.rules).model
    usual = {closure.id for closure in base.made.model.closures}
    mine = [closure for closure in after.closures if closure.id not in usual]
    found = mine and losses_of(
        replace(after, closures=tuple(closure for closure in after.closures if closure.id in usual)),
        after,
        stations={station for closure in mine for station in closure.stations},
        hours=(min(closure.from_hour for closure in mine), max(closure.to_hour for closure in mine)),
        days_lost=lost,
        worth=worth,
        replications=replications,
        seed=seed,
    )
    return row | ({"tonnes_diverted": diverted} | _cells(found) if found else {"reason": "unused"})


def _cells(losses: Losses) -> dict[str, object]:
    """Write losses as cells."""
    cells: dict[str, object] = {"tonnes_held": losses.tonnes_held, "recovery_days": losses.recovery_days}
    for name, each in (("delay_days", losses.delay_days), ("usd", losses.usd)):
        for end, value in (("", each.value), ("_low", each.low), ("_high", each.high)):
            cells[name + end] = None if np.isnan(value) else float(value)
    return cells


def _diverted(case: Case, disruption: Disruption) -> tuple[float, float]:
    """Give the tonnes that set out on the days lost, and those that would rather go another way than wait.

    Who sets out while a way is shut waits half of the days lost on the mean; with so much more on all routes that pass
    it, others gain by the route choice of flows, at the loads of the run. No more than sets out on those days counts.
    """
    flows, pairs = case.assigned.flows, case.assigned.tables["flow_pairs"]
    routes, network, lost = flows.routes, flows.priced.network, disruption.days_lost
    shut = {(table, element) for table, element, *_ in disruption.closings.iter_rows()}
    passes = np.array(
        [
            (_TABLES.get(ArcKind(kind), ""), network.element_id(arc)) in shut
            for arc, kind in enumerate(network.kind.tolist())
        ]
        + [False]  # of arcs that the network does not have
    )[flows.priced.arcs]
    route = np.repeat(np.arange(routes.n_routes), np.diff(routes.first_arc))
    held = np.bincount(route, passes, minlength=routes.n_routes) > 0
    pair, load = routes.pair_of_route, flows.equilibrium.load
    wait = np.where(held, _DAY * lost / 2.0 / flows.reference[pair], 0.0)
    waiting = replace(flows.problem, cost=flows.problem.cost + wait)
    usual, left = flow_at(flows.problem, load)[held], flow_at(waiting, load)[held]
    per_unit = dict(pairs.group_by("commodity").agg(pl.col("tonnes_per_unit").first()).iter_rows())
    tonnes = np.array([per_unit.get(commodity) or 0.0 for commodity in routes.commodities])
    on_days_lost = tonnes[routes.commodity[pair[held]]] * lost / _DAYS
    return float(usual @ on_days_lost), float(np.maximum(usual - left, 0.0) @ on_days_lost)


def _storms(
    case: Case, base: Operated, worth: Mapping[str, Worth], *, replications: int, seed: int
) -> Iterator[dict[str, object]]:
    """Compare weather as it is with weather in which the stormiest month is as calm as the calmest."""
    model = base.made.model
    used = case.world["disruptions"].drop_nulls(["profile", "mean_hours"])["profile"].unique()
    profiles = case.world["profiles"].filter(pl.col("id").is_in(used.implode()))
    if profiles.is_empty() or not model.stoppages:
        return
    month = int(np.argmax(profiles.select(pl.col(_MONTHS).sum()).row(0)))
    case.progress("operations, the stormiest month")
    days, first = _MONTH_DAYS[month], sum(_MONTH_DAYS[:month]) * _DAY
    begin = first if first >= WARMUP_HOURS else first + YEAR_HOURS
    lost = max(profiles[_MONTHS[month]].to_list()) * days
    calm = [_with_month(row, month, min(row.share)) for row in model.stoppages]
    found = losses_of(
        replace(model, stoppages=tuple(calm)),
        _with_storms(model, calm, month),
        stations={station for row in model.stoppages for station in row.stations},
        hours=(begin, begin + days * _DAY),
        days_lost=lost,
        worth=worth,
        replications=replications,
        seed=seed,
    )
    if found is not None:
        row = {"disruption": STORMS, "title": f"{month + 1:02}", "days": float(days), "days_lost": lost}
        yield row | _cells(found) | {"recovery_days": None}  # the storms of the months after are others


def _with_month(row: Stoppage, month: int, share: float, others: float | None = None) -> Stoppage:
    """Give a stoppage with another share of time shut in a month, and in all others if that is given."""
    shares = row.share if others is None else (others,) * len(_MONTHS)
    return replace(row, share=(*shares[:month], share, *shares[month + 1 :]))


def _with_storms(model: Model, calm: list[Stoppage], month: int) -> Model:
    """Give a model whose weather is calm but for storms of their own in a month: the rest of it has the same luck."""
    more = [
        replace(_with_month(row, month, (row.share[month] - least) / (1.0 - least), 0.0), id=f"{row.id}, storms")
        for row, least in ((row, min(row.share)) for row in model.stoppages)
        if row.share[month] > least
    ]
    return replace(model, stoppages=(*calm, *more))
