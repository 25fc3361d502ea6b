"""Compiled kernels of route choice on flat arrays: arithmetic only, no names, no checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from jibek.network.compiler import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Matrix = NDArray[np.float64]

__all__ = ["arc_sums", "load_response", "nested_logit", "route_entries", "route_sums", "shared_km", "station_sums"]

_FLOATS, _MATRIX = types.float64[::1], types.float64[:, ::1]
_TINY = 1e-300
_NEGLIGIBLE = 1e-5  # a share that does not move the direction of a step
_READ_INTS = types.Array(types.int64, 1, "C", readonly=True)
_READ_INT32S = types.Array(types.int32, 1, "C", readonly=True)
_READ_BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_READ_FLOATS = types.Array(types.float64, 1, "C", readonly=True)


@compiled(
    types.Tuple((types.int64, types.float64, types.float64))(
        types.int64, types.int64, _READ_BYTES, _READ_FLOATS, _READ_FLOATS, types.float64
    ),
    within=True,
)
def _utility(
    start: int, end: int, nest: NDArray[np.uint8], cost: Floats, log_size: Floats, spread: float
) -> tuple[int, float, float]:
    """Find where the nest that begins at a route stops, its greatest utility and the sum of exponentials less that.

    The two stay apart, since the logarithm of the sum would be lost beside a great utility. The sum is 0 where all is
    closed.
    """
    stop = start
    top = -np.inf
    while stop < end and nest[stop] == nest[start]:
        top = max(top, log_size[stop] - spread * cost[stop])
        stop += 1
    if top == -np.inf:
        return stop, top, 0.0
    total = 0.0
    for route in range(start, stop):
        total += np.exp(log_size[route] - spread * cost[route] - top)
    return stop, top, total


@compiled(types.UniTuple(_FLOATS, 2)(_READ_INTS, _READ_BYTES, _READ_FLOATS, _READ_FLOATS, _READ_FLOATS, _READ_FLOATS))
def nested_logit(
    first_route: Ints,
    nest: NDArray[np.uint8],
    cost: Floats,
    log_size: Floats,
    spread_nest: Floats,
    spread_route: Floats,
) -> tuple[Floats, Floats]:
    """Choose a nest, then a route in it.

    With ``c`` the cost of a route relative to the pair's cheapest and ``s`` its size, the utility of nest ``n`` is
    ``I_n = log(sum_r exp(log s_r - spread_route c_r))``; a route is chosen in its nest in proportion to the summand,
    the nest in proportion to ``exp(spread_nest / spread_route I_n)``.

    Parameters
    ----------
    first_route : int64 array, shape (n_pairs + 1,)
        Routes of each pair; those of one nest stand together.
    nest : uint8 array, shape (n_routes,)
        Nest of each route.
    cost : float64 array, shape (n_routes,)
        Cost relative to the cheapest; infinite where a route is closed.
    log_size : float64 array, shape (n_routes,)
        Logarithm of the size, of path and open share.
    spread_nest, spread_route : float64 arrays, shape (n_pairs,)
        Above 0; that of nests is the smaller one.

    Returns
    -------
    share : float64 array, shape (n_routes,)
        Probability of each route; all zero where every route of the pair is closed.
    least_cost : float64 array, shape (n_pairs,)
        Expected least cost (logsum over ``-spread_nest``), relative to the cheapest; infinite where all are closed.
    """
    n_pairs = len(first_route) - 1
    share = np.zeros(len(cost))
    least_cost = np.full(n_pairs, np.inf)
    for pair in range(n_pairs):
        begin, end = first_route[pair], first_route[pair + 1]
        scale = spread_nest[pair] / spread_route[pair]
        best = -np.inf
        start = begin
        while start < end:
            start, top, total = _utility(start, end, nest, cost, log_size, spread_route[pair])
            if total > 0.0:
                best = max(best, scale * (top + np.log(total)))
        if best == -np.inf:
            continue
        summed = 0.0
        start = begin
        while start < end:
            stop, top, total = _utility(start, end, nest, cost, log_size, spread_route[pair])
            if total > 0.0:
                weight = np.exp(scale * (top + np.log(total)) - best)
                summed += weight
                for route in range(start, stop):
                    share[route] = weight * np.exp(log_size[route] - spread_route[pair] * cost[route] - top) / total
            start = stop
        for route in range(begin, end):
            share[route] /= summed
        least_cost[pair] = -(best + np.log(summed)) / spread_nest[pair]
    return share, least_cost


@compiled(_MATRIX(_READ_INTS, _READ_INTS, _READ_FLOATS))
def shared_km(first: Ints, arcs: Ints, km: Floats) -> Matrix:
    """Add up the km that each two of some paths have in common.

    Parameters
    ----------
    first : int64 array, shape (n_paths + 1,)
        The arcs of path ``i`` are ``arcs[first[i]:first[i + 1]]``, none of them twice.
    arcs : int64 array
        Of all paths, one after the other.
    km : float64 array, shape (n_arcs,)
        Length of each arc.

    Returns
    -------
    float64 array, shape (n_paths, n_paths)
        Each path's own length on the diagonal.
    """
    n_paths = len(first) - 1
    shared = np.zeros((n_paths, n_paths))
    on_path = np.zeros(len(km))
    for one in range(n_paths):
        for arc in arcs[first[one] : first[one + 1]]:
            on_path[arc] = km[arc]
        for other in range(one, n_paths):
            for arc in arcs[first[other] : first[other + 1]]:
                shared[one, other] += on_path[arc]
            shared[other, one] = shared[one, other]
        for arc in arcs[first[one] : first[one + 1]]:
            on_path[arc] = 0.0
    return shared


@compiled(_FLOATS(_READ_INTS, _READ_INT32S, _READ_FLOATS, _READ_FLOATS))
def route_sums(first_entry: Ints, station: NDArray[np.int32], weight: Floats, value: Floats) -> Floats:
    """Add up for each route what it meets at its stations: weight of the entry times value of the station.

    Parameters
    ----------
    first_entry : int64 array, shape (n_routes + 1,)
        Entries of each route.
    station : int32 array, shape (n_entries,)
        Station of an entry.
    weight : float64 array, shape (n_entries,)
        What the route meets of it.
    value : float64 array, shape (n_stations,)
        At each station.

    Returns
    -------
    float64 array, shape (n_routes,)
        Sums.
    """
    sums = np.zeros(len(first_entry) - 1)
    for route in range(len(sums)):
        for entry in range(first_entry[route], first_entry[route + 1]):
            sums[route] += weight[entry] * value[station[entry]]
    return sums


@compiled(_FLOATS(_READ_INTS, _READ_INT32S, _READ_FLOATS, _READ_FLOATS, types.int64))
def station_sums(
    first_entry: Ints, station: NDArray[np.int32], weight: Floats, value: Floats, n_stations: int
) -> Floats:
    """Add up at each station what routes bring: weight of the entry times value of the route.

    Parameters
    ----------
    first_entry, station, weight
        As in `route_sums`.
    value : float64 array, shape (n_routes,)
        Of each route.
    n_stations : int
        Number of stations.

    Returns
    -------
    float64 array, shape (n_stations,)
        Sums.
    """
    sums = np.zeros(n_stations)
    for route in range(len(first_entry) - 1):
        if value[route] != 0.0:
            for entry in range(first_entry[route], first_entry[route + 1]):
                sums[station[entry]] += weight[entry] * value[route]
    return sums


@compiled(
    types.Tuple((types.int64[::1], types.int32[::1]))(_READ_INTS, _READ_INT32S, _READ_INT32S, _READ_INTS, types.int64)
)
def route_entries(
    first_arc: Ints, arcs: NDArray[np.int32], commodity: NDArray[np.int32], first_row: Ints, n_arcs: int
) -> tuple[Ints, NDArray[np.int32]]:
    """List the rows of a table of arcs that routes meet on their arcs, one arc after the other.

    Parameters
    ----------
    first_arc : int64 array, shape (n_routes + 1,)
        The arcs of route ``r`` are ``arcs[first_arc[r]:first_arc[r + 1]]``.
    arcs : int32 array
        Of all routes; -1 where closed, which has no rows.
    commodity : int32 array, shape (n_routes,)
        Commodity of each route.
    first_row : int64 array, shape (n_commodities * n_arcs + 1,)
        The rows of arc ``a`` for commodity ``k`` begin at ``first_row[k * n_arcs + a]`` and end where the next begin.
    n_arcs : int
        Number of arcs.

    Returns
    -------
    first_entry : int64 array, shape (n_routes + 1,)
        Entries of each route.
    row : int32 array, shape (n_entries,)
        Row of each entry.
    """
    first_entry = np.zeros(len(first_arc), np.int64)
    for route in range(len(commodity)):
        first_entry[route + 1] = first_entry[route]
        for arc in arcs[first_arc[route] : first_arc[route + 1]]:
            if arc >= 0:
                cell = commodity[route] * n_arcs + arc
                first_entry[route + 1] += first_row[cell + 1] - first_row[cell]
    row = np.empty(first_entry[-1], np.int32)
    entry = 0
    for route in range(len(commodity)):
        for arc in arcs[first_arc[route] : first_arc[route + 1]]:
            if arc >= 0:
                cell = commodity[route] * n_arcs + arc
                for met in range(first_row[cell], first_row[cell + 1]):
                    row[entry] = met
                    entry += 1
    return first_entry, row


@compiled(_FLOATS(_READ_INTS, _READ_INT32S, _READ_FLOATS, types.int64))
def arc_sums(first_arc: Ints, arcs: NDArray[np.int32], value: Floats, n_arcs: int) -> Floats:
    """Add up on each arc the values of the routes that use it; a route with a closed arc, -1, must have none."""
    sums = np.zeros(n_arcs)
    for route in range(len(value)):
        if value[route] != 0.0:
            for arc in arcs[first_arc[route] : first_arc[route + 1]]:
                sums[arc] += value[route]
    return sums


_ENTRIES = (_READ_FLOATS, _READ_INTS, _READ_INT32S, _READ_FLOATS, _READ_FLOATS)


@compiled(types.void(_MATRIX, types.int64, types.int64, *_ENTRIES, types.float64), within=True)
def _add_products(
    response: Matrix,
    begin: int,
    end: int,
    share: Floats,
    first_entry: Ints,
    station: NDArray[np.int32],
    load: Floats,
    delay: Floats,
    weight: float,
) -> None:
    """Add the outer product of loads and delays of each route, weighted by its share."""
    for route in range(begin, end):
        if share[route] < _NEGLIGIBLE:
            continue
        for j in range(first_entry[route], first_entry[route + 1]):
            if delay[j] != 0.0:
                met = weight * share[route] * delay[j]
                for i in range(first_entry[route], first_entry[route + 1]):
                    response[station[j], station[i]] += load[i] * met


@compiled(
    types.void(_MATRIX, types.int64, types.int64, *_ENTRIES, types.float64, _FLOATS, _FLOATS, types.int64[:, ::1]),
    within=True,
)
def _subtract_sums(
    response: Matrix,
    begin: int,
    end: int,
    share: Floats,
    first_entry: Ints,
    station: NDArray[np.int32],
    load: Floats,
    delay: Floats,
    weight: float,
    loads: Floats,
    delays: Floats,
    met: NDArray[np.int64],
) -> None:
    """Subtract the outer product of the summed loads and the summed delays of some routes.

    ``loads`` and ``delays`` are zero before and after; ``met`` is room for the stations that have either.
    """
    n_loads = n_delays = 0
    for route in range(begin, end):
        if share[route] < _NEGLIGIBLE:
            continue
        for i in range(first_entry[route], first_entry[route + 1]):
            if load[i] != 0.0:
                if loads[station[i]] == 0.0:
                    met[0, n_loads] = station[i]
                    n_loads += 1
                loads[station[i]] += share[route] * load[i] + _TINY  # so that it is marked as met
            if delay[i] != 0.0:
                if delays[station[i]] == 0.0:
                    met[1, n_delays] = station[i]
                    n_delays += 1
                delays[station[i]] += share[route] * delay[i] + _TINY
    for j in met[1, :n_delays]:
        for i in met[0, :n_loads]:
            response[j, i] -= weight * delays[j] * loads[i]
    loads[met[0, :n_loads]] = 0.0
    delays[met[1, :n_delays]] = 0.0


@compiled(_MATRIX(_READ_INTS, _READ_BYTES, *_ENTRIES, _READ_FLOATS, _READ_FLOATS, types.int64))
def load_response(
    first_route: Ints,
    nest: NDArray[np.uint8],
    share: Floats,
    first_entry: Ints,
    station: NDArray[np.int32],
    load: Floats,
    delay: Floats,
    sensitivity: Floats,
    scale: Floats,
    n_stations: int,
) -> Matrix:
    """Say how the loads of all stations fall when the delay at one rises: minus the derivative of loads by delays.

    For one pair with shares ``P_r``, nest shares ``P_n``, loads ``w_r`` and delays ``m_r`` it is ``sensitivity`` times
    ``sum_r P_r w_r m_r' - (1 - scale) sum_n P_n w_n m_n' - scale w m'``, where ``w_n, m_n`` are means within a nest and
    ``w, m`` means over all routes: the derivative of the nested logit (Train 2009, chapter 4).

    Parameters
    ----------
    first_route, nest
        As in `nested_logit`.
    share : float64 array, shape (n_routes,)
        Probability of each route.
    first_entry : int64 array, shape (n_routes + 1,)
        Entries of each route.
    station, load, delay : arrays, shape (n_entries,)
        Station of an entry, what a unit loads there, and the share of its delay that it meets.
    sensitivity : float64 array, shape (n_pairs,)
        Units a day times ``spread_route`` over the reference cost in hours.
    scale : float64 array, shape (n_pairs,)
        ``spread_nest / spread_route``.
    n_stations : int
        Number of stations.

    Returns
    -------
    float64 array, shape (n_stations, n_stations)
        Load at the first lost per hour of delay at the second.
    """
    fall = np.zeros((n_stations, n_stations))  # delayed station by loaded one: loads of a route stand together
    loads, delays, met = np.zeros(n_stations), np.zeros(n_stations), np.empty((2, n_stations), np.int64)
    entries = (first_entry, station, load, delay)
    for pair in range(len(first_route) - 1):
        begin, end = first_route[pair], first_route[pair + 1]
        weight = sensitivity[pair]
        if weight == 0.0:
            continue
        _add_products(fall, begin, end, share, *entries, weight)
        start, left = begin, scale[pair]
        while start < end:
            stop, of_nest = start, 0.0
            while stop < end and nest[stop] == nest[start]:
                of_nest += share[stop]
                stop += 1
            if of_nest > 0.0:
                within = (1.0 - scale[pair]) / of_nest
                if of_nest > 1.0 - _NEGLIGIBLE:  # the nest is the pair
                    within, left = within + left, 0.0
                _subtract_sums(fall, start, stop, share, *entries, weight * within, loads, delays, met)
            start = stop
        if left > 0.0:
            _subtract_sums(fall, begin, end, share, *entries, weight * left, loads, delays, met)
    return fall.T.copy()
