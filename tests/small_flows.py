"""Small corridors with demand and scarce resources, and their flows; beside `small_corridor`."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from jibek.corridor import Corridor
from jibek.flows import (
    Demand,
    Flows,
    RouteSets,
    assign,
    build_route_sets,
    demand_between_places,
    demand_in_year,
    flow_tables,
)
from small_corridor import GOODS, MODES, Rows, link, make_corridor, place, random_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

YEAR = 2025
DAYS = 365.0
EXACT = 1e-10
"""Residual below which rounding may keep Newton's method from going on."""
GENERAL = GOODS | {"id": "general", "name": "General cargo", "usd_per_unit": 4800.0}
TRAIN = {"commodity": "goods", "unit": "train", "per_unit": 64.0, "empty_return": 0.25}


@dataclass(frozen=True)
class Solved:
    """A corridor and its flows."""

    world: Corridor
    demand: Demand
    routes: RouteSets
    flows: Flows

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        return flow_tables(self.flows, self.world)

    def quantity(self, table: str, element: str, *, direction: str = "forward") -> float:
        """Give what passes an element."""
        arcs = self.tables["flow_arcs"]
        kind = table.removesuffix("s")
        chosen = arcs.filter(id=element, kind=kind, direction=direction)
        return float(chosen["quantity"].sum())


def demand_of(world: Corridor) -> Demand:
    return demand_between_places(world, demand_in_year(world["demand"], YEAR), YEAR)


def frozen(tables: Rows, scenarios: Sequence[Rows] = ()) -> RouteSets:
    world = make_corridor(**tables)
    return build_route_sets(world, [], [make_corridor(**each) for each in scenarios], [demand_of(world)])


def solved(
    tables: Rows, *, routes: RouteSets | None = None, base: Rows | None = None, residual: float = EXACT
) -> Solved:
    """Assign the demand of a corridor to its routes."""
    world = make_corridor(**tables)
    demand = demand_of(world)
    routes = routes if routes is not None else frozen(tables)
    reference = world if base is None else make_corridor(**base)
    return Solved(world, demand, routes, assign(world, reference, routes, demand, residual=residual))


def wants(origin: str, destination: str, quantity: float, commodity: str = "goods", year: int = YEAR) -> dict[str, Any]:
    ends = {"origin": origin, "destination": destination}
    return ends | {"commodity": commodity, "year": year, "quantity": quantity}


def resource(id_: str, capacity: float, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Write a resource in tonnes a day with the BPR delay."""
    row = {"id": id_, "name": id_, "kind": "border", "capacity": capacity, "unit": "t", "per": "day"}
    return row | {"delay": "bpr", "hours_at_capacity": 8.0} | more


def user(resource: str, table: str, id_: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"resource": resource, "table": table, "id": id_} | more


def preference(kind: str, value: float, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    name = "-".join([kind, *(str(text) for text in more.values())]).lower().replace("_", "-")
    return {"id": name, "name": name, "kind": kind, "value": value} | more


def ways_between(hours: Sequence[float], quantity: float = 365.0, **more: Any) -> Rows:  # noqa: ANN401
    """Join ``start`` and ``end`` by ways without a common link, each with a name, of 128 km and these hours."""
    numbers = range(len(hours))
    return {
        "places": [place("start", "AAA", 1, 1), place("end", "AAA", 2, 2)]
        + [place(f"middle-{i}", "AAA", 10 + i, 10) for i in numbers],
        "modes": MODES,
        "links": [link("start", f"middle-{i}", "rail", 64.0, hours=hours[i] / 2) for i in numbers]
        + [link(f"middle-{i}", "end", "rail", 64.0, hours=hours[i] / 2) for i in numbers],
        "corridors": [{"id": f"way-{i}", "name": f"Way {i}", "via": [f"middle-{i}"]} for i in numbers],
        "commodities": [GOODS],
        "demand": [wants("start", "end", quantity)],
    } | more


def first_link(number: int) -> str:
    """Name the first link of one of `ways_between`, which no other uses."""
    return f"start--middle-{number}--rail"


def shares_of_ways(answer: Solved) -> list[float]:
    """Give the share of each of `ways_between`, in their order."""
    rows = answer.tables["flow_routes"].sort("corridor")
    return rows["share"].to_list()


def random_flow_rows(seed: int, *, congested: bool = True, by_country: bool = True) -> Rows:
    """Draw the rows of a small corridor with demand and, if wanted, resources that it fills or overfills."""
    tables = random_rows(seed, by_country=by_country)
    draw = random.Random(f"demand {seed}")
    names = [row["id"] for row in tables["places"]]
    pairs = draw.sample([(one, other) for one in names for other in names if one != other], 5)
    kinds = [draw.choice(["goods", "general"]) for _ in pairs]
    tables["commodities"] = [GOODS, GENERAL]
    tables["conversions"] = [TRAIN, TRAIN | {"commodity": "general", "per_unit": 32.0}]
    tables["demand"] = [
        wants(*ends, DAYS * draw.randint(1, 256), kind) for ends, kind in zip(pairs, kinds, strict=True)
    ]
    rails = [row["id"] for row in tables["links"] if row["mode"] == "rail"]
    line = {"unit": "train", "kind": "line", "peak": 1.25, "background": draw.choice([0.0, 1.0])}
    delays = [
        resource("track", draw.choice([2.0, 4.0, 8.0]), each=draw.choice(["member", "member_direction"]), **line),
        resource("crossing", draw.choice([64.0, 256.0]), each="direction", delay="conical"),
        resource("crane", 128.0, delay="queue", servers=2.0, cv_arrival=1.0, cv_service=0.5),
    ]
    if congested:
        tables["resources"] = delays
        tables["resource_users"] = [
            *(user("track", "links", row) for row in rails),
            *(user("crossing", "borders", row["id"]) for row in tables["borders"][:1]),
            *(user("crane", "terminals", row["id"]) for row in tables["terminals"][:2]),
        ]
    return tables


def flow_rows(*, congested: bool = True, by_country: bool = True) -> st.SearchStrategy[Rows]:
    """Draw a random corridor with demand."""
    return st.integers(0, 2**32).map(lambda seed: random_flow_rows(seed, congested=congested, by_country=by_country))
