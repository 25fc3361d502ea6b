"""The network: the tables of a corridor as one layered graph in flat arrays; hours and km.

A place becomes one *station* node per mode that touches it, and two gates: an *origin* that only
has arcs out and a *destination* that only has arcs in, so nothing passes through a gate. A link of
a mode that needs a service joins *departure* and *arrival* nodes of the services that call at both
its ends one after the other. Who leaves a service comes to a *landing*, from which only terminals
and the destination lead on: changing vessels takes a terminal between the mode and itself. A border
stands in series in its link, behind a *frontier* node.

Nodes and arcs are numbered by where things lie and what they are, never by their ids, so that
giving other ids to the same things changes no tie.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["ArcDescription", "ArcKind", "Network", "NodeKind"]


class NodeKind(IntEnum):
    """What a node is."""

    ORIGIN = 0
    STATION = 1
    ARRIVAL = 2
    DEPARTURE = 3
    LANDING = 4
    FRONTIER = 5
    DESTINATION = 6


class ArcKind(IntEnum):
    """What an arc is, and of which table its ``element`` is a row."""

    LINK = 0  # links: moving along a link
    BORDER = 1  # borders: the formalities at a frontier
    TERMINAL = 2  # terminals: from one mode to another at a place
    BOARDING = 3  # services: waiting for a departure
    DWELL = 4  # services: staying on board while the vessel or train stands at a stop
    ALIGHTING = 5  # services: leaving the vessel or train
    ACCESS = 6  # places: from the origin gate into a mode
    EGRESS = 7  # places: from a mode into the destination gate


@dataclass(frozen=True)
class ArcDescription:
    """An arc in names.

    Attributes
    ----------
    kind : ArcKind
        What it is.
    id : str
        Id of the link, border, terminal, service or place.
    direction : str
        ``forward`` as the row is written, else ``backward``.
    from_place, to_place : str
        Ids of the places at its ends (of a border: at the ends of its link).
    mode : str
        Id of the mode in which it ends (of an egress: in which it starts).
    """

    kind: ArcKind
    id: str
    direction: str
    from_place: str
    to_place: str
    mode: str


@dataclass(frozen=True)
class Network:
    """A layered graph in compressed sparse row form, built once per scenario and never changed.

    Attributes
    ----------
    node_place : int32 array, shape (n_nodes,)
        Row in ``places``; a frontier node belongs to the place that was left last.
    node_layer : int32 array, shape (n_nodes,)
        Row in ``modes``; -1 for gates.
    node_service : int32 array, shape (n_nodes,)
        Row in ``services``; -1 off board.
    node_kind : uint8 array, shape (n_nodes,)
        A `NodeKind`.
    first_out : int64 array, shape (n_nodes + 1,)
        The arcs out of node ``v`` are ``first_out[v]`` to ``first_out[v + 1] - 1``.
    arc_from, arc_to : int32 arrays, shape (n_arcs,)
        End nodes.
    start_place, end_place : int32 arrays, shape (n_arcs,)
        Rows in ``places``: the ends of a link (for a border, of its link), else the arc's place twice.
    kind : uint8 array, shape (n_arcs,)
        An `ArcKind`.
    element : int32 array, shape (n_arcs,)
        Row in the table of its kind.
    direction : uint8 array, shape (n_arcs,)
        0 forward, 1 backward.
    hours_moving, hours_waiting, km : float64 arrays, shape (n_arcs,)
        Time under way, time standing (without any queue), length.
    open_share : float64 array, shape (n_arcs,)
        Share of the year for which the element is open, above 0 and at most 1.
    ids : mapping of str to tuple of str
        Row to id, for places, modes, services, links, borders and terminals.
    place_index : mapping of str to int
        Id of a place to its row.
    origin_node, destination_node : int32 arrays, shape (n_places,)
        Gates of each place.
    """

    node_place: NDArray[np.int32]
    node_layer: NDArray[np.int32]
    node_service: NDArray[np.int32]
    node_kind: NDArray[np.uint8]
    first_out: NDArray[np.int64]
    arc_from: NDArray[np.int32]
    arc_to: NDArray[np.int32]
    start_place: NDArray[np.int32]
    end_place: NDArray[np.int32]
    kind: NDArray[np.uint8]
    element: NDArray[np.int32]
    direction: NDArray[np.uint8]
    hours_moving: NDArray[np.float64]
    hours_waiting: NDArray[np.float64]
    km: NDArray[np.float64]
    open_share: NDArray[np.float64]
    ids: Mapping[str, tuple[str, ...]]
    place_index: Mapping[str, int]
    origin_node: NDArray[np.int32]
    destination_node: NDArray[np.int32]

    def __post_init__(self) -> None:
        """Lock the arrays: a network never changes."""
        for name in self.__dataclass_fields__:
            array = getattr(self, name)
            if isinstance(array, np.ndarray):
                array.setflags(write=False)

    @property
    def n_nodes(self) -> int:
        """Count the nodes."""
        return len(self.node_place)

    @property
    def n_arcs(self) -> int:
        """Count the arcs."""
        return len(self.arc_from)

    def positions_in(self, other: Network) -> NDArray[np.int64]:
        """Find each arc in the network of another scenario of the same corridor.

        Returns
        -------
        int64 array, shape (n_arcs,)
            Arc of ``other`` that is the same passage; -1 where it is closed there.
        """
        mine, theirs = self._arc_keys(), other._arc_keys()
        order = np.argsort(theirs)
        slot = np.minimum(np.searchsorted(theirs, mine, sorter=order), len(theirs) - 1)
        found = order[slot] if len(theirs) else np.zeros(len(mine), dtype=np.int64)
        same = theirs[found] == mine if len(theirs) else np.zeros(len(mine), dtype=np.bool_)
        return np.where(same, found, -1)

    def _arc_keys(self) -> NDArray[np.int64]:
        """Encode what each arc is by rows of tables, which are the same in all scenarios of a corridor."""
        ends = (self.arc_from, self.arc_to)
        service = np.maximum(*(self.node_service[end] for end in ends)) + 1
        layer = np.maximum(*(self.node_layer[end] for end in ends)) + 1
        parts = (
            (self.kind, len(ArcKind)),
            (self.node_kind[self.arc_from], len(NodeKind)),
            (self.element, max((len(ids) for ids in self.ids.values()), default=0) + 1),
            (self.direction, 2),
            (service, len(self.ids["services"]) + 1),
            (layer, len(self.ids["modes"]) + 1),
            (self.start_place, len(self.ids["places"]) + 1),
        )
        key: NDArray[np.int64] = np.zeros(self.n_arcs, dtype=np.int64)
        for part, radix in parts:
            key = (key * radix + part).astype(np.int64)
        return key

    def element_id(self, arc: int) -> str:
        """Give the id of an arc's link, border, terminal, service or place."""
        return self.ids[_TABLES[ArcKind(self.kind[arc])]][int(self.element[arc])]

    def describe_arc(self, arc: int) -> ArcDescription:
        """Say in names what an arc is."""
        layer = self.node_layer[self.arc_to[arc]]
        if layer < 0:
            layer = self.node_layer[self.arc_from[arc]]
        return ArcDescription(
            kind=ArcKind(self.kind[arc]),
            id=self.element_id(arc),
            direction="backward" if self.direction[arc] else "forward",
            from_place=self.ids["places"][self.start_place[arc]],
            to_place=self.ids["places"][self.end_place[arc]],
            mode=self.ids["modes"][layer],
        )


_TABLES = {
    ArcKind.LINK: "links",
    ArcKind.BORDER: "borders",
    ArcKind.TERMINAL: "terminals",
    ArcKind.BOARDING: "services",
    ArcKind.DWELL: "services",
    ArcKind.ALIGHTING: "services",
    ArcKind.ACCESS: "places",
    ArcKind.EGRESS: "places",
}
