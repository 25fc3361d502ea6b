"""What a disruption costs: a model simulated with it and, with the same luck, without it, compared pair by pair.

Compared is what is touched: consignments on routes that pass what is shut, from the first day on until some months
after the last. The rest of the corridor and of the year would add chance, not knowledge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.operations import ELSEWHERE, SEA, YEAR_HOURS, Ride, Visit, means, simulate

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from jibek.operations import Estimates, Model, Route, Simulation
    from jibek.study.case import Case
    from jibek.study.operated import Operated

    Floats = NDArray[np.float64]

__all__ = ["Losses", "Worth", "losses_of", "worth_of"]

_DAY = 24.0
_AFTER = 120.0 * _DAY
"""Hours from the reopening on within which the time lost is looked for."""
_OVER = 0.05  # of the greatest excess, below which all is as before
_CONFIDENCE = 0.95

Worth = tuple[float, float]
"""Tonnes of a consignment, and what an hour of it is worth in USD."""


@dataclass(frozen=True)
class Losses:
    """What is lost.

    Attributes
    ----------
    delay_days : Estimates, shape ()
        Time lost over the consignments that set out for what is shut on the days lost, days.
    usd : Estimates, shape ()
        Value of the time lost.
    tonnes_held : float
        That wait at most more than they would, mean of the replications.
    recovery_days : float or None
        From the reopening until what waits is within a twentieth of the greatest excess; None if it is not within the
        time compared.
    """

    delay_days: Estimates
    usd: Estimates
    tonnes_held: float
    recovery_days: float | None


def worth_of(case: Case, base: Operated) -> dict[str, Worth]:
    """Give what a consignment of each route that is followed weighs and is worth."""
    pairs = case.assigned.tables["flow_pairs"]
    goods = pairs.group_by("commodity").agg(pl.col("tonnes_per_unit", "usd_per_hour").first())
    value = {name: (tonnes or 0.0, usd) for name, tonnes, usd in goods.iter_rows()}
    traffic = base.prepared.traffic
    routes = {route.id: route for route in base.made.model.routes if route.interval is not None}
    found = {}
    for number in range(traffic.n_routes):
        route = routes.get(f"route {number}")
        if route is not None:
            units = float(traffic.quantity[number]) / _a_year(route)
            tonnes, usd = value[traffic.commodities[traffic.commodity[number]]]
            found[route.id] = (units * tonnes, units * usd)
    return found


def losses_of(
    before: Model,
    after: Model,
    *,
    stations: Collection[str],
    hours: tuple[float, float],
    days_lost: float,
    worth: Mapping[str, Worth],
    replications: int,
    seed: int,
) -> Losses | None:
    """Simulate a model without and with a disruption and tell what is lost.

    Parameters
    ----------
    before, after
        The same routes, without and with it.
    stations
        That it shuts.
    hours
        When it begins, and when it is over.
    days_lost
        Of passage.
    worth
        As `worth_of` gives it.
    replications, seed
        Of both simulations.

    Returns
    -------
    losses : Losses or None
        None if nothing that is followed passes there.
    """
    held = [route for route in after.routes if route.id in worth and _passes(route, stations)]
    if not held:
        return None
    begin, over = hours
    without, found = (
        simulate(
            replace(model, routes=_regrouped(model.routes, {route.id for route in held})),
            hours=over + _AFTER,
            warmup_hours=begin,
            replications=replications,
            seed=seed,
        )
        for model in (before, after)
    )
    sums = _sums(held, worth)
    groups = [at for at, name in enumerate(found.routes.ids) if name in sums]
    number, tonnes, usd = np.array([sums[found.routes.ids[at]] for at in groups]).T
    extra = (found.routes.under_way_each - without.routes.under_way_each)[:, groups] * (over + _AFTER - begin)
    excess = _waiting(found, held)[int(begin // _DAY) :] - _waiting(without, held)[int(begin // _DAY) :]
    most = max(float(excess.max()), 0.0)
    clear = np.flatnonzero(excess[int((over - begin) // _DAY) :] <= _OVER * most)
    return Losses(
        delay_days=means(extra.sum(axis=1) / _DAY / (number.sum() / 365.0 * days_lost), _CONFIDENCE),
        usd=means(extra @ (usd / number), _CONFIDENCE),
        tonnes_held=most * float(tonnes.sum() / number.sum()),
        recovery_days=float(clear[0]) if len(clear) else None,
    )


def _a_year(route: Route) -> float:
    """Give the consignments of a year."""
    assert route.interval is not None  # noqa: S101 - routes that are followed arrive at random
    return YEAR_HOURS / route.interval.mean


def _passes(route: Route, stations: Collection[str]) -> bool:
    """Say whether a route passes stations that are shut, or boards services that they stop."""
    seas = {name.removeprefix(SEA) for name in stations if name.startswith(SEA)}
    return any(
        (isinstance(step, Visit) and step.station in stations) or (isinstance(step, Ride) and step.service in seas)
        for step in route.steps
    )


def _regrouped(routes: Sequence[Route], held: Collection[str]) -> tuple[Route, ...]:
    """Put all that is not held up into one group, so that the others are counted without it."""
    return tuple(route if route.id in held else replace(route, group=ELSEWHERE) for route in routes)


def _sums(held: Sequence[Route], worth: Mapping[str, Worth]) -> dict[str, Floats]:
    """Add up of each group the consignments of a year, their tonnes, and what an hour of them is worth."""
    sums: dict[str, Floats] = {}
    for route in held:
        number = _a_year(route)
        tonnes, usd = worth[route.id]
        sums[route.group] = sums.get(route.group, np.zeros(3)) + np.array([number, number * tonnes, number * usd])
    return sums


def _waiting(found: Simulation, held: Sequence[Route]) -> Floats:
    """Add up all that waits on each day where those pass who are held up."""
    visited = {step.station for route in held for step in route.steps if isinstance(step, Visit)}
    boarded = {(step.service, step.board) for route in held for step in route.steps if isinstance(step, Ride)}
    here = [at for at, name in enumerate(found.stations.ids) if name in visited]
    there = [at for at, name in enumerate(found.calls.ids) if name in boarded]
    return np.asarray(
        found.stations.queue_by_block.value[here].sum(axis=0) + found.calls.queue_by_block.value[there].sum(axis=0)
    )
