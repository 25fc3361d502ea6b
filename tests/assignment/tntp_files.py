"""A small network, its trips and its flows as texts in the format of the TransportationNetworks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jibek.assignment import LinkFlows, TrafficNetwork, TripTable, read_flows, read_network, read_trips

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FLOWS", "NET", "TRIPS", "flows_of", "network_of", "trips_of"]

NET = """\
<NUMBER OF ZONES> 2
<NUMBER OF NODES> 4
<FIRST THRU NODE> 3
<NUMBER OF LINKS> 5
<ORIGINAL HEADER>~ Tail Head Capacity ;
<END OF METADATA>

~ init term capacity length free_flow_time b power speed toll link_type ;
1 3 100 1.5 10 0.15 4 60 0 1 ;
1\t4\t200\t2\t0\t0.15\t4\t60\t3\t1\t;
3 4 50 2 5.25 0 0 60 0.5 1 ;
3 2 1e2 2 10 0.15 4 60 0 1 ;
~ a comment between the links
4 2 100.5 2 10 1 2.5 60 0 1;
"""

TRIPS = """\
<NUMBER OF ZONES> 2
<TOTAL OD FLOW> 17.5
<END OF METADATA>

Origin 1
    1 :      2.0;    2 :     12.5;
Origin  2
    1 :      3.0;
    2 :      0.0;
"""

FLOWS = """\
From \tTo \tVolume \tCost
1 \t3 \t7.5 \t10.5
4 \t2 \t8 \t11
1 \t4 \t5 \t0.25
3 \t4 \t3 \t5.25
3 \t2 \t4.5 \t10.125
"""


def network_of(folder: Path, text: str | bytes = NET) -> TrafficNetwork:
    """Write a network and read it."""
    return read_network(_written(folder / "net.tntp", text))


def trips_of(folder: Path, text: str | bytes = TRIPS) -> TripTable:
    """Write trips on the small network and read them."""
    return read_trips(_written(folder / "trips.tntp", text), network_of(folder))


def flows_of(folder: Path, text: str | bytes = FLOWS) -> LinkFlows:
    """Write flows on the small network and read them."""
    return read_flows(_written(folder / "flow.tntp", text), network_of(folder))


def _written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path
