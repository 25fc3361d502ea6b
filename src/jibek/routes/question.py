"""What a question about routes means: gates, arcs that may be used, and why there is no answer."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np

from jibek.corridor import countries, find_id
from jibek.errors import RouteError
from jibek.network import ArcKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from jibek.corridor import Corridor
    from jibek.network import ArcCosts, Network

__all__ = ["avoided_arcs", "explain_no_route"]

_ELEMENTS = {
    "links": (ArcKind.LINK,),
    "borders": (ArcKind.BORDER,),
    "terminals": (ArcKind.TERMINAL,),
    "services": (ArcKind.BOARDING, ArcKind.DWELL, ArcKind.ALIGHTING),
}


def avoided_arcs(network: Network, corridor: Corridor, item: str) -> NDArray[np.bool_]:
    """Mark the arcs that are closed when something is avoided.

    Parameters
    ----------
    network, corridor
        Where.
    item
        A place, link, border, terminal, service or mode by its id, a country by its code or name, the
        frontier between two countries by both codes (``BLR-POL``), or a place by its name.

    Returns
    -------
    bool array, shape (n_arcs,)

    Raises
    ------
    RouteError
        If nothing is called so; it names the nearest.
    """
    marks = _marked_by_id(network, item)
    if marks is None:
        marks = _marked_by_country(network, corridor, _country_code(item))
    if marks is None:
        marks = _marked_by_id(network, _place_called(network, corridor, item))
    assert marks is not None  # noqa: S101  # the last was a place's id
    return marks


def _marked_by_id(network: Network, item: str) -> NDArray[np.bool_] | None:
    """Mark the arcs of a place, mode, link, border, terminal or service."""
    if item in network.place_index:
        return _either(network.start_place == network.place_index[item], network.end_place == network.place_index[item])
    if item in network.ids["modes"]:
        in_mode = network.node_layer == network.ids["modes"].index(item)
        return _either(in_mode[network.arc_from], in_mode[network.arc_to])
    for table, kinds in _ELEMENTS.items():
        if item in network.ids[table]:
            marks: NDArray[np.bool_] = network.element == network.ids[table].index(item)
            return marks & np.isin(network.kind, kinds)
    return None


def _country_code(item: str) -> str:
    """Give the code of a country that is named in words, or the item as a code."""
    wanted = item.casefold()
    named = (code for code, names in countries().items() if wanted in {name.casefold() for name in names})
    return next(named, item.upper())


def _marked_by_country(network: Network, corridor: Corridor, code: str) -> NDArray[np.bool_] | None:
    """Mark the arcs in a country, or those between two (``BLR-POL``)."""
    country = np.array([code or "" for code in corridor["places"]["country"]])
    start, end = country[network.start_place], country[network.end_place]
    one, dash, other = code.partition("-")
    named = {one, other} if dash else {one}
    if not named <= set(country) - {""}:
        return None
    if dash:
        return _either((start == one) & (end == other), (start == other) & (end == one))
    return _either(start == one, end == one)


def _either(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.logical_or(one, other)


def _place_called(network: Network, corridor: Corridor, item: str) -> str:
    """Find a place by its name, or name what comes nearest of everything that may be avoided."""
    try:
        return find_id(corridor, "places", item)
    except RouteError:
        codes = sorted(set(corridor["places"]["country"].drop_nulls()))
        known = [name for table in ("places", "modes", *_ELEMENTS) for name in network.ids[table]]
        close = get_close_matches(item.lower(), known, n=4, cutoff=0.5)
        close += get_close_matches(item.upper(), codes, n=2, cutoff=0.5)
        hint = f"nearest: {', '.join(close)}" if close else f"countries: {', '.join(codes)}"
        raise RouteError(
            f"Nothing called {item!r} can be avoided: give a place, link, border, terminal, service, mode, country "
            f"or two countries (BLR-POL); {hint}."
        ) from None


def explain_no_route(
    network: Network,
    costs: ArcCosts,
    closed_by: dict[str, NDArray[np.bool_]],
    origin: int,
    destination: int,
) -> RouteError:
    """Say why nothing leads from one place to another.

    Parameters
    ----------
    network, costs
        Where, and for which commodity.
    closed_by
        Arcs that each avoided item closes.
    origin, destination
        Rows in ``places``.
    """
    start, end = network.ids["places"][origin], network.ids["places"][destination]
    away_from, away_to = network.start_place == origin, network.end_place == destination
    for place, here, verb in ((start, away_from, "leaves"), (end, away_to, "reaches")):
        away = here & (network.start_place != network.end_place)
        if not np.any(away):
            return RouteError(f"No open link {verb} {place!r}.")
        if not np.any(away & costs.allowed):
            modes = sorted({network.describe_arc(int(arc)).mode for arc in np.flatnonzero(away)})
            return RouteError(
                f"Nothing {verb} {place!r} for commodity {costs.commodity!r}: the links there are of mode "
                f"{', '.join(modes)}, which cannot carry it."
            )
    if not _leads(network, costs.allowed, origin, destination):
        far = _reached_places(network, costs.allowed, origin)
        return RouteError(
            f"No open way for commodity {costs.commodity!r} leads from {start!r} to {end!r}: from there it comes "
            f"to {len(far)} of {len(network.place_index)} places, and {end!r} is not among them."
        )
    allowed = costs.allowed
    alone = [item for item, arcs in closed_by.items() if not _leads(network, allowed & ~arcs, origin, destination)]
    if alone:
        return RouteError(f"All ways from {start!r} to {end!r} pass {' and '.join(alone)}, to be avoided.")
    return RouteError(f"Every way from {start!r} to {end!r} passes one of {', '.join(closed_by)}, to be avoided.")


def _leads(network: Network, usable: NDArray[np.bool_], origin: int, destination: int) -> bool:
    return destination in _reached_places(network, usable, origin)


def _reached_places(network: Network, usable: NDArray[np.bool_], origin: int) -> set[int]:
    """Collect the places whose destination gate can be reached."""
    seen = np.zeros(network.n_nodes, dtype=np.bool_)
    front = np.array([network.origin_node[origin]])
    while len(front):
        seen[front] = True
        leaving = usable & np.isin(network.arc_from, front)
        heads = np.unique(network.arc_to[leaving])
        front = heads[~seen[heads]]
    return set(np.flatnonzero(seen[network.destination_node]).tolist()) - {origin}
