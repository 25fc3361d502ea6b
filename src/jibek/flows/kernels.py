"""Compiled kernels of route choice on flat arrays: arithmetic only, no names, no checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit, types

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Matrix = NDArray[np.float64]

__all__ = ["first_return", "load_response", "nested_logit", "path_to", "paths_to", "route_sums", "station_sums"]

_FLOATS, _MATRIX = types.float64[::1], types.float64[:, ::1]
_TINY = 1e-300
_NEGLIGIBLE = 1e-5  # a share that does not move the direction of a step
_READ_INTS = types.Array(types.int64, 1, "C", readonly=True)
_READ_INT32S = types.Array(types.int32, 1, "C", readonly=True)
_READ_BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_READ_FLOATS = types.Array(types.float64, 1, "C", readonly=True)


@njit(  # type: ignore[untyped-decorator]
    types.Tuple((types.int64, types.float64, types.float64))(
        types.int64, types.int64, _READ_BYTES, _READ_FLOATS, _READ_FLOATS, types.float64
    ),
    cache=True,
    nogil=True,
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


@njit(  # type: ignore[untyped-decorator]
    types.UniTuple(_FLOATS, 2)(_READ_INTS, _READ_BYTES, _READ_FLOATS, _READ_FLOATS, _READ_FLOATS, _READ_FLOATS),
    cache=True,
    nogil=True,
)
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


@njit(types.int64[::1](_READ_INTS, _READ_INT32S, types.int64), cache=True, nogil=True)  # type: ignore[untyped-decorator]
def path_to(predecessor: Ints, tail: NDArray[np.int32], node: int) -> Ints:
    """Follow a shortest-path tree back from a node and give the arcs from its root.

    Parameters
    ----------
    predecessor : int64 array, shape (n_nodes,)
        Arc by which each node is reached; -1 for the root and for nodes out of reach.
    tail : int32 array, shape (n_arcs,)
        Node from which each arc leads.
    node : int
        Where the path ends.
    """
    length = 0
    end = node
    while predecessor[end] >= 0:
        end = tail[predecessor[end]]
        length += 1
    path = np.empty(length, np.int64)
    end = node
    for step in range(length):
        path[length - 1 - step] = predecessor[end]
        end = tail[predecessor[end]]
    return path


@njit(types.int64(_READ_INTS, _READ_INT32S, _READ_INT32S), cache=True, nogil=True)  # type: ignore[untyped-decorator]
def first_return(path: Ints, head_place: NDArray[np.int32], head_layer: NDArray[np.int32]) -> int:
    """Find where a path comes back to a place that it has left, in the mode in which it was there.

    A dry port on a spur is left in another gauge by the way it was come to, so the place alone is no return.

    Parameters
    ----------
    path : int64 array
        Arcs.
    head_place, head_layer : int32 arrays, shape (n_arcs,)
        Place and layer (mode) in which each arc ends.

    Returns
    -------
    int
        The arc that comes back, -1 where none does.
    """
    stay = 0  # where the stay at the place begins
    for step in range(len(path)):
        arc = path[step]
        if step > 0 and head_place[arc] != head_place[path[step - 1]]:
            stay = step
        for earlier in range(stay):
            if head_place[path[earlier]] == head_place[arc] and head_layer[path[earlier]] == head_layer[arc]:
                return int(arc)
    return -1


@njit(  # type: ignore[untyped-decorator]
    types.Tuple((types.int64[::1], types.int64[::1], types.boolean[::1]))(
        _READ_INTS, _READ_INT32S, types.int64[::1], _READ_INT32S, _READ_INT32S
    ),
    cache=True,
    nogil=True,
)
def paths_to(
    predecessor: Ints,
    tail: NDArray[np.int32],
    nodes: Ints,
    head_place: NDArray[np.int32],
    head_layer: NDArray[np.int32],
) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Follow a shortest-path tree back from many nodes.

    Parameters
    ----------
    predecessor, tail
        As in `path_to`.
    nodes : int64 array
        Where the paths end.
    head_place, head_layer
        As in `first_return`.

    Returns
    -------
    arcs : int64 array
        Those of all paths, one after the other.
    first : int64 array, shape (n_nodes + 1,)
        The arcs of path ``i`` are ``arcs[first[i]:first[i + 1]]``.
    comes_back : bool array
        Whether a path comes back to a place in the mode in which it was there.
    """
    first = np.zeros(len(nodes) + 1, np.int64)
    comes_back = np.zeros(len(nodes), np.bool_)
    for i in range(len(nodes)):
        end, length = nodes[i], 0
        while predecessor[end] >= 0:
            end = tail[predecessor[end]]
            length += 1
        first[i + 1] = first[i] + length
    arcs = np.empty(first[-1], np.int64)
    for i in range(len(nodes)):
        path = path_to(predecessor, tail, nodes[i])
        arcs[first[i] : first[i + 1]] = path
        comes_back[i] = first_return(path, head_place, head_layer) >= 0
    return arcs, first, comes_back


@njit(_FLOATS(_READ_INTS, _READ_INT32S, _READ_FLOATS, _READ_FLOATS), cache=True, nogil=True)  # type: ignore[untyped-decorator]
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


@njit(  # type: ignore[untyped-decorator]
    _FLOATS(_READ_INTS, _READ_INT32S, _READ_FLOATS, _READ_FLOATS, types.int64), cache=True, nogil=True
)
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


_ENTRIES = (_READ_FLOATS, _READ_INTS, _READ_INT32S, _READ_FLOATS, _READ_FLOATS)


@njit(  # type: ignore[untyped-decorator]
    types.void(_MATRIX, types.int64, types.int64, *_ENTRIES, types.float64), cache=True, nogil=True
)
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
        for i in range(first_entry[route], first_entry[route + 1]):
            for j in range(first_entry[route], first_entry[route + 1]):
                response[station[i], station[j]] += weight * share[route] * load[i] * delay[j]


@njit(  # type: ignore[untyped-decorator]
    types.void(_MATRIX, types.int64, types.int64, *_ENTRIES, types.float64, _FLOATS, _FLOATS, types.int64[::1]),
    cache=True,
    nogil=True,
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
    met: Ints,
) -> None:
    """Subtract the outer product of the summed loads and the summed delays of some routes.

    ``loads`` and ``delays`` are zero before and after; ``met`` is room for the stations that are met.
    """
    n_met = 0
    for route in range(begin, end):
        if share[route] < _NEGLIGIBLE:
            continue
        for i in range(first_entry[route], first_entry[route + 1]):
            if loads[station[i]] == 0.0 and delays[station[i]] == 0.0:
                met[n_met] = station[i]
                n_met += 1
            # A trace of load marks the station as met.
            loads[station[i]] += share[route] * load[i] + _TINY
            delays[station[i]] += share[route] * delay[i]
    for i in range(n_met):
        for j in range(n_met):
            response[met[i], met[j]] -= weight * loads[met[i]] * delays[met[j]]
    for i in range(n_met):
        loads[met[i]] = 0.0
        delays[met[i]] = 0.0


@njit(  # type: ignore[untyped-decorator]
    _MATRIX(_READ_INTS, _READ_BYTES, *_ENTRIES, _READ_FLOATS, _READ_FLOATS, types.int64), cache=True, nogil=True
)
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
    response = np.zeros((n_stations, n_stations))
    loads, delays, met = np.zeros(n_stations), np.zeros(n_stations), np.empty(n_stations, np.int64)
    entries = (first_entry, station, load, delay)
    for pair in range(len(first_route) - 1):
        begin, end = first_route[pair], first_route[pair + 1]
        weight = sensitivity[pair]
        if weight == 0.0:
            continue
        _add_products(response, begin, end, share, *entries, weight)
        start = begin
        while start < end:
            stop, of_nest = start, 0.0
            while stop < end and nest[stop] == nest[start]:
                of_nest += share[stop]
                stop += 1
            if of_nest > 0.0:
                within = weight * (1.0 - scale[pair]) / of_nest
                _subtract_sums(response, start, stop, share, *entries, within, loads, delays, met)
            start = stop
        _subtract_sums(response, begin, end, share, *entries, weight * scale[pair], loads, delays, met)
    return response
