"""Published times, prices and lengths beside the computed ones, from two tables of published figures and a corridor.

Hours are for one unit of the row's commodity, USD for one TEU. Nothing in Jibek is fitted to these figures.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import networkx as nx

import jibek

__all__ = ["Comparison", "compare_lengths", "compare_routes"]

_HERE = Path(__file__).parent
_LENGTHS = _HERE / "lengths.csv"
_ROUTES = _HERE.parents[1] / "docs" / "reference" / "published.csv"
_ALTERNATIVES = 10


@dataclass(frozen=True)
class Comparison:
    """A published range, what Jibek computes, and the row that says what was published.

    Attributes
    ----------
    row : dict of str
        As it stands in the table.
    low, high, computed : float
        In the row's quantity.
    """

    row: dict[str, str]
    low: float
    high: float
    computed: float

    @property
    def percent(self) -> float:
        """Deviation from the nearest end of the published range; 0 inside it."""
        nearest = min(max(self.computed, self.low), self.high)
        return 100 * (self.computed - nearest) / nearest

    @property
    def is_input(self) -> bool:
        """Whether an input rests on the published figure, so that agreement proves little."""
        return self.row["input"] == "yes"


def compare_routes(corridor: jibek.Corridor) -> list[Comparison]:
    """Compute every row of ``published.csv`` by the best route that bears the corridor's name, in the row's year.

    Raises
    ------
    LookupError
        If no alternative bears it.
    """
    names = dict(corridor["corridors"].select("id", "name").iter_rows())

    @cache
    def priced(year: int, commodity: str) -> tuple[jibek.Corridor, jibek.Network, object]:
        world = jibek.apply_scenario(corridor, jibek.Scenario(name="published", year=year))
        network = jibek.build_network(world)
        return world, network, jibek.arc_costs(network, world, commodity, year)

    @cache
    def alternatives(year: int, commodity: str, ends: tuple[str, str], avoid: str, count: int) -> list[jibek.Route]:
        world, network, costs = priced(year, commodity)
        avoided = tuple(filter(None, avoid.split(";")))
        return jibek.find_routes(network, costs, world, *ends, k=count, avoid=avoided)

    def compare(row: dict[str, str]) -> Comparison:
        count = _ALTERNATIVES if row["corridor"] else 1
        ends = row["from_place"], row["to_place"]
        found = alternatives(int(row["year"]), row["commodity"], ends, row["avoid"], count)
        named = [route for route in found if not row["corridor"] or route.corridor == names[row["corridor"]]]
        if not named:
            raise LookupError(f"{row['id']}: none of {len(found)} alternatives is {row['corridor']}.")
        attribute = {"usd_per_teu": "usd"}.get(row["quantity"], row["quantity"])
        return Comparison(row, float(row["low"]), float(row["high"]), getattr(named[0], attribute))

    return [compare(row) for row in _rows(_ROUTES)]


def compare_lengths(corridor: jibek.Corridor) -> list[Comparison]:
    """Sum the links of every row of ``lengths.csv``, the shortest way from each named place to the next."""

    @cache
    def graph(modes: str) -> nx.Graph:
        made = nx.Graph()
        # Of several links between two places the shortest comes last and stays.
        links = corridor["links"].sort("length_km", descending=True)
        links = links.filter(links["mode"].is_in(modes.split(";"))).select("from_place", "to_place", "length_km")
        made.add_weighted_edges_from(links.iter_rows())
        return made

    def compare(row: dict[str, str]) -> Comparison:
        stations = [row["from_place"], *filter(None, row["via"].split(";")), row["to_place"]]
        km = sum(nx.shortest_path_length(graph(row["modes"]), *ends, weight="weight") for ends in pairwise(stations))
        return Comparison(row, float(row["low_km"]), float(row["high_km"]), km)

    return [compare(row) for row in _rows(_LENGTHS)]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
