"""A model simulated: replications side by side, joined to estimates with intervals, and what could not be said."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numba import config

from jibek.errors import Fault, OperationsError
from jibek.operations.gathering import Gathered
from jibek.operations.intervals import Estimates, batch_ratios, means, ratios
from jibek.operations.notices import deadlocks, overloads, short_runs
from jibek.operations.overload import growing, is_seasonal, offered_load
from jibek.operations.records import BLOCK, NONE
from jibek.operations.replication import Replicator
from jibek.operations.results import CallResults, LegResults, RouteResults, Simulation, StationResults, Times
from jibek.operations.tally_kernels import quantiles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from jibek.operations.layout import Layout
    from jibek.operations.model import Model
    from jibek.operations.replication import Replication

    Records = NDArray[np.void]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

__all__ = ["simulate"]


def simulate(
    model: Model,
    *,
    hours: float,
    warmup_hours: float = 0.0,
    replications: int = 1,
    seed: int = 0,
    confidence: float = 0.95,
    threads: int | None = None,
) -> Simulation:
    """Simulate a model.

    Parameters
    ----------
    model
        What is simulated.
    hours
        When it ends, from hour 0 on.
    warmup_hours
        From when it is measured: before, queues only build up.
    replications
        How often, each with random numbers of its own. One alone gives intervals by batch means.
    seed
        Of all of them; it and the names of elements decide every random number.
    confidence
        Of intervals.
    threads
        How many run side by side, as many as there are processors if not given; the result does not depend on it.

    Raises
    ------
    OperationsError
        If the times or numbers asked for make no sense.
    """
    _check_request(hours, warmup_hours, replications, confidence)
    replicator = Replicator(model, hours=hours, warmup_hours=warmup_hours, seed=seed, alone=replications == 1)
    gathered = Gathered(replicator.layout, int(np.ceil(warmup_hours / BLOCK)), int(hours // BLOCK))
    for run in _in_turn(replicator, replications, threads or config.NUMBA_NUM_THREADS):
        gathered.add(run)
    summary = _Summary(replicator.layout, gathered, hours, warmup_hours, confidence)
    return summary.result(seed, seasonal=is_seasonal(model))


def _in_turn(replicator: Replicator, replications: int, threads: int) -> Iterator[Replication]:
    """Run replications side by side and give them one after the other; few wait, so that memory does not grow."""
    with ThreadPoolExecutor(threads) as pool:
        under_way = deque(pool.submit(replicator, number) for number in range(min(threads + 1, replications)))
        for number in range(len(under_way), replications + len(under_way)):
            yield under_way.popleft().result()
            if number < replications:
                under_way.append(pool.submit(replicator, number))


def _check_request(hours: float, warmup_hours: float, replications: int, confidence: float) -> None:
    """Check what is asked of a model."""
    asked = (
        ("hours", hours, 0 < hours < 1e9, "above 0"),
        ("warmup_hours", warmup_hours, 0 <= warmup_hours < hours, "at least 0 and less than hours"),
        ("replications", replications, replications >= 1, "at least 1"),
        ("confidence", confidence, 0 < confidence < 1, "between 0 and 1"),
    )
    faults = [
        Fault("fault", "simulation", "", name, str(value), expected, "Correct the number.")
        for name, value, valid, expected in asked
        if not valid
    ]
    if faults:
        raise OperationsError(faults)


class _Summary:
    """Replications, stacked."""

    def __init__(
        self,
        layout: Layout,
        gathered: Gathered,
        hours: float,
        warmup_hours: float,
        confidence: float,
    ) -> None:
        self.layout, self.gathered, self.confidence = layout, gathered, confidence
        self.hours, self.warmup_hours = hours, warmup_hours
        self.events = np.array(gathered.events)
        self.stations, self.stops = np.stack(gathered.stations), np.stack(gathered.stops)
        self.tallies, self.stuck = np.stack(gathered.tallies), np.stack(gathered.stuck)
        self.queues = gathered.queues(confidence)
        self.batches = gathered.batches if len(gathered.events) == 1 else None
        self.n_groups, self.n_stations = len(layout.group_ids), len(layout.station_ids)

    def result(self, seed: int, *, seasonal: bool) -> Simulation:
        """Join them."""
        endless = self._endless(seasonal=seasonal)
        times, short = self._times(np.concatenate([self._slow_groups(endless), endless, self._slow_legs(endless)]))
        offered = self._offered()
        n, notices = self.n_stations, overloads(self.layout, endless & ~self.stuck.any(axis=0), offered)
        notices += deadlocks(self.layout, self.stuck, np.array(self.gathered.stuck_since))
        notices += short_runs(self.layout, short)
        return Simulation(
            hours=self.hours,
            warmup_hours=self.warmup_hours,
            replications=len(self.events),
            seed=seed,
            confidence=self.confidence,
            events=self.events,
            routes=self._route_results(times),
            legs=self._leg_results(times),
            stations=self._station_results(times, offered, endless[:n]),
            calls=self._call_results(times, endless[n:-1]),
            little=self.gathered.little,
            notices=tuple(sorted(notices)),
        )

    @property
    def _measured(self) -> float:
        """Give the hours of measured time."""
        return self.hours - self.warmup_hours

    def _mean(self, values: Floats) -> Estimates:
        """Estimate a mean of replications."""
        return means(values.astype(np.float64), self.confidence)

    def _ratio(self, totals: Floats, counts: Floats) -> Estimates:
        """Estimate a mean of observations from replications."""
        return ratios(totals.astype(np.float64), counts.astype(np.float64), self.confidence)

    def _offered(self) -> Floats:
        """Give the load offered to stations by routes."""
        n = self.n_stations
        open_share = (self.stations["open_hours"][:, :n] / self._measured).mean(axis=0)
        return offered_load(self.layout, self.hours, open_share)

    def _endless(self, *, seasonal: bool) -> Bools:
        """Say which stations, waiting rooms among them, have no mean wait: overloaded, or stuck in a deadlock."""
        found = np.asarray(self.stuck.any(axis=0))
        if not seasonal:
            found |= growing(self.gathered.thirds, self.stations["arrived"])
        loses = self.layout.stations["loses"][: self.n_stations] == 1
        found[: self.n_stations] |= (self._offered() >= 1.0) & ~loses
        return found

    def _slow_steps(self, endless: Bools) -> NDArray[np.int64]:
        """List the steps of routes that wait at such stations."""
        station = self.layout.steps["station"]
        waits: NDArray[np.int64] = np.flatnonzero((self.layout.leg_route != NONE) & (station != NONE))
        slow: NDArray[np.int64] = waits[endless[station[waits]]]
        return slow

    def _slow_legs(self, endless: Bools) -> Bools:
        """Say which legs wait at such stations."""
        tallies = self.layout.steps["tally"][self._slow_steps(endless)]
        rows = tallies[tallies != NONE] - self.n_groups - self.stations.shape[1]
        return np.bincount(rows, minlength=len(self.layout.leg_ids)) > 0

    def _slow_groups(self, endless: Bools) -> Bools:
        """Say which groups have routes that pass such stations."""
        groups = self.layout.route_group[self.layout.leg_route[self._slow_steps(endless)]]
        return np.bincount(groups, minlength=self.n_groups) > 0

    def _times(self, endless: Bools) -> tuple[Times, Bools]:
        """Estimate hours row by row, and say where one run is too short for an interval."""
        tallies = self.tallies
        counts = tallies["count"].sum(axis=0)
        pooled = tallies[0].copy()
        pooled["count"] = counts
        pooled["least"], pooled["most"] = tallies["least"].min(axis=0), tallies["most"].max(axis=0)
        quantiles(self.gathered.histogram, pooled)
        mean = self._ratio(tallies["total"], tallies["count"])
        short: Bools = np.zeros(len(counts), np.bool_)
        if self.batches is not None:
            totals, numbers = self.batches[:, :, 0], self.batches[:, :, 1]
            mean, short = batch_ratios(totals, numbers, self.confidence)
        observed = counts > 0
        times = Times(
            count=counts,
            mean=mean.without(endless),
            p50=self._quantile("p50", pooled).without(endless | ~observed),
            p80=self._quantile("p80", pooled).without(endless | ~observed),
            p95=self._quantile("p95", pooled).without(endless | ~observed),
            least=np.where(observed, pooled["least"], np.nan),
            most=np.where(observed, pooled["most"], np.nan),
        )
        return times, short & observed & ~endless

    def _quantile(self, column: str, pooled: Records) -> Estimates:
        """Estimate a quantile of all replications together; its interval is as wide as they differ."""
        each = means(self.tallies[column], self.confidence)
        value = pooled[column]
        half = each.high - each.value
        return Estimates(value, np.maximum(value - half, 0.0), value + half)

    def _route_results(self, times: Times) -> RouteResults:
        """Give the results of routes."""
        under_way = self.gathered.of_routes("area") / self._measured
        return RouteResults(
            ids=self.layout.group_ids,
            arrived=self._mean(self.gathered.of_routes("arrived")),
            delivered=self._mean(self.gathered.of_routes("delivered")),
            turned_away=self._mean(self.gathered.of_routes("lost")),
            under_way=self._mean(under_way),
            under_way_each=under_way,
            hours=_rows(times, np.arange(self.n_groups)),
            histogram=self.gathered.histogram[: self.n_groups],
        )

    def _leg_results(self, times: Times) -> LegResults:
        """Give the results of steps."""
        ids = self.layout.leg_ids
        rows = self.n_groups + self.stations.shape[1] + np.arange(len(ids))
        return LegResults(ids, _rows(times, rows))

    def _station_results(self, times: Times, offered: Floats, endless: Bools) -> StationResults:
        """Give the results of stations."""
        n = self.n_stations
        stations = self.stations[:, :n]
        servers = stations["servers"].astype(np.float64)
        return StationResults(
            ids=self.layout.station_ids,
            offered_load=offered,
            arrived=self._mean(stations["arrived"]),
            turned_away=self._mean(stations["lost"]),
            wait=_rows(times, self.n_groups + np.arange(n)),
            queue=self._mean(stations["waiting_area"] / self._measured).without(endless),
            longest=stations["longest"].max(axis=0),
            utilisation=self._ratio(stations["busy_area"], servers * stations["open_hours"]),
            held=self._mean(stations["held_area"] / servers / self._measured),
            open_share=self._mean(stations["open_hours"] / self._measured),
            queue_by_block=_part(self.queues, slice(n)),
        )

    def _call_results(self, times: Times, endless: Bools) -> CallResults:
        """Give the results of calls."""
        stops, n = self.stops, self.n_stations
        yards = slice(n, n + len(self.layout.stop_ids))
        days = np.ceil(self.hours / BLOCK) - np.floor(self.warmup_hours / BLOCK)
        return CallResults(
            ids=self.layout.stop_ids,
            departures=self._mean(stops["sailed"]),
            share_full=self._ratio(stops["full"], stops["sailed"]),
            load=self._ratio(stops["carried"] / stops["capacity"], stops["sailed"]),
            left_behind=self._ratio(stops["left_behind"], stops["sailed"]),
            missed=self._mean(stops["missed"]),
            days_without=self._mean(days - stops["days"]),
            wait=_rows(times, self.n_groups + n + np.arange(len(self.layout.stop_ids))),
            queue=self._mean(self.stations[:, yards]["waiting_area"] / self._measured).without(endless),
            queue_by_block=_part(self.queues, yards),
        )


def _part(estimates: Estimates, rows: slice) -> Estimates:
    """Choose rows of estimates."""
    return Estimates(estimates.value[rows], estimates.low[rows], estimates.high[rows])


def _rows(times: Times, rows: NDArray[np.int64]) -> Times:
    """Choose rows."""
    chosen = {
        name: Estimates(column.value[rows], column.low[rows], column.high[rows])
        for name in ("mean", "p50", "p80", "p95")
        for column in (getattr(times, name),)
    }
    return Times(times.count[rows], least=times.least[rows], most=times.most[rows], **chosen)
