"""What a question about routes means: gates, arcs that may be used, and why there is no answer."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np

from jibek.corridor import find_id
from jibek.errors import RouteError
from jibek.network import ArcKind

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        A place, link, border, terminal, service or mode by its id, a country by its code, the
        frontier between two countries by both (``BLR-POL``), or a place by its name.

    Raises
    ------
    RouteError
        If nothing is called so; it names the nearest.
    """
    country = np.array([code or "" for code in corridor["places"]["country"]])
    start, end = country[network.start_place], country[network.end_place]
    if item in network.place_index:
        place = network.place_index[item]
        return (network.start_place == place) | (network.end_place == place)
    for table, kinds in _ELEMENTS.items():
        if item in network.ids[table]:
            return np.isin(network.kind, kinds) & (network.element == network.ids[table].index(item))
    if item in network.ids["modes"]:
        layer = network.ids["modes"].index(item)
        return (network.node_layer[network.arc_from] == layer) | (network.node_layer[network.arc_to] == layer)
    code = item.upper()
    if code and code in country:
        return (start == code) | (end == code)
    one, _, other = code.partition("-")
    if other and one in country and other in country:
        return ((start == one) & (end == other)) | ((start == other) & (end == one))
    return avoided_arcs(network, corridor, _place_called(network, corridor, item, sorted(set(country) - {""})))


def _place_called(network: Network, corridor: Corridor, item: str, countries: Sequence[str]) -> str:
    """Find a place by its name, or name what comes nearest of everything that may be avoided."""
    try:
        return find_id(corridor, "places", item)
    except RouteError:
        known = [name for table in ("places", "modes", *_ELEMENTS) for name in network.ids[table]]
        close = get_close_matches(item.lower(), known, n=4, cutoff=0.5)
        close += get_close_matches(item.upper(), countries, n=2, cutoff=0.5)
        hint = f"nearest: {', '.join(close)}" if close else f"countries: {', '.join(countries)}"
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
    for place, here, verb in ((start, network.start_place == origin, "leaves"), (end, network.end_place == destination, "reaches")):
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
            f"No open way for commodity {costs.commodity!r} leads from {start!r} to {end!r}: from {start!r} it comes to "
            f"{len(far)} of {len(network.place_index)} places, and {end!r} is not among them."
        )
    alone = [item for item, arcs in closed_by.items() if not _leads(network, costs.allowed & ~arcs, origin, destination)]
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
