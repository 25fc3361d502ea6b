"""Find routes: from two places and a commodity to the best and really different ways between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jibek.corridor import find_id
from jibek.errors import RouteError
from jibek.network import named_ways
from jibek.routes.alternatives import best_alternatives
from jibek.routes.graph import Graph, usable_graph
from jibek.routes.itinerary import Itineraries
from jibek.routes.pareto import pareto_paths, spread
from jibek.routes.question import avoided_arcs, explain_no_route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jibek.corridor import Corridor
    from jibek.network import ArcCosts, Network
    from jibek.routes.route import Route

__all__ = ["find_routes"]


def find_routes(
    network: Network,
    costs: ArcCosts,
    corridor: Corridor,
    origin: str,
    destination: str,
    *,
    k: int = 5,
    avoid: Sequence[str] = (),
    pareto: bool = False,
    most_overlap: float = 0.7,
) -> list[Route]:
    """Find the best ways to carry a commodity from one place to another.

    Parameters
    ----------
    network, costs, corridor
        As `jibek.network.build_network` and `jibek.network.arc_costs` made them from ``corridor``.
    origin, destination
        Ids, names or UN/LOCODEs of places.
    k
        How many routes at most.
    avoid
        Places, links, borders, terminals, services, modes, countries or frontiers (``BLR-POL``).
    pareto
        Give the routes that no other beats in hours, USD and kg CO2 at once (the extremes and the
        most different of them, if there are more than ``k``) instead of the k alternatives.
    most_overlap
        Largest share of km that two alternatives may have in common, of the shorter one.

    Returns
    -------
    list of Route
        By generalised cost, hours + USD / value of time, at least one.

    Raises
    ------
    RouteError
        If a name is unknown or nothing leads from origin to destination, with the reason.
    """
    start, end = (network.place_index[find_id(corridor, "places", name)] for name in (origin, destination))
    if start == end:
        raise RouteError(f"Origin and destination are the same place, {network.ids['places'][start]!r}.")
    closed_by = {item: avoided_arcs(network, corridor, item) for item in avoid}
    usable = costs.allowed.copy()
    for closed in closed_by.values():
        usable &= ~closed
    graph = usable_graph(network, costs, usable, int(network.origin_node[start]), int(network.destination_node[end]))
    ways = named_ways(corridor, network.place_index)
    itineraries = Itineraries(network, costs, corridor, ways)
    paths = (
        _pareto_set(graph, costs, k)
        if pareto
        else best_alternatives(
            graph,
            k=k,
            most_overlap=most_overlap,
            km_by_link=itineraries.km_by_link,
            named_ways=ways,
        )
    )
    if not paths:
        raise explain_no_route(network, costs, closed_by, start, end)
    return [itineraries.route(path, rank) for rank, path in enumerate(paths, start=1)]


def _pareto_set(graph: Graph, costs: ArcCosts, k: int) -> list[tuple[int, ...]]:
    """Give up to k paths of the Pareto set by generalised cost."""
    criteria = [
        (hours, usd, kg_co2, km)
        for hours, usd, kg_co2, (_, km, _, _) in zip(
            costs.hours.tolist(), costs.usd.tolist(), costs.kg_co2.tolist(), graph.cost, strict=True
        )
    ]
    paths = pareto_paths(graph, criteria)
    if not paths:
        return []
    points = [tuple(sum(criteria[arc][i] for arc in path) for i in range(3)) for path in paths]
    picked = [paths[position] for position in spread(points, k)]
    return sorted(picked, key=lambda path: sum(graph.cost[arc][0] for arc in path))
