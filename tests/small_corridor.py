"""Small corridors for tests: rows as dictionaries, filled up with the schema's defaults."""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any

import polars as pl
from hypothesis import strategies as st

from jibek.corridor import TABLES, Corridor, schema_of

_OPEN_SHARE = ("links", "borders", "terminals", "services", "resources")
_PARSE = {pl.Float64(): float, pl.Int64(): int, pl.Boolean(): lambda text: text == "yes"}

Rows = dict[str, list[dict[str, Any]]]


def make_corridor(**tables: list[dict[str, Any]]) -> Corridor:
    """Lay rows out as a corridor in the state that ``apply_scenario`` leaves; everything is open."""
    return Corridor(
        name="test",
        title="Test",
        year=2025,
        base_year=2024,
        tables={name: _table(name, tables.get(name, [])) for name in TABLES},
    )


def _table(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    schema = schema_of(name)
    defaults = {a.name: _PARSE.get(a.dtype, str)(a.default) for a in schema.attributes if a.default}
    defaults |= {"source": ["test"], "grade": "estimate"}
    dtypes = dict(schema.dtypes)
    if name in _OPEN_SHARE:
        dtypes["open_share"] = pl.Float64()
        defaults["open_share"] = 1.0
    filled = [{column: row.get(column, defaults.get(column)) for column in dtypes} for row in rows]
    return pl.DataFrame(filled, schema=dtypes).sort(schema.key)


def place(id_: str, country: str | None, lat: float, lon: float) -> dict[str, Any]:
    return {"id": id_, "name": id_.title(), "country": country, "lat": lat, "lon": lon, "kind": "city"}


def mode(id_: str, medium: str, speed_kmh: float, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"id": id_, "name": id_, "medium": medium, "speed_kmh": speed_kmh, "kg_co2_per_t_km": 0.03125, **more}


def link(from_place: str, to_place: str, mode: str, length_km: float, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    row = {"id": f"{from_place}--{to_place}--{mode}", "from_place": from_place, "to_place": to_place, "mode": mode}
    return row | {"length_km": length_km, "status": "operating"} | more


# A value of 2,400 USD a tonne and 4 % a day make a value of time of 4 USD an hour.
GOODS = {
    "id": "goods",
    "name": "Goods",
    "unit": "t",
    "usd_per_unit": 2400.0,
    "time_cost_percent_per_day": 4.0,
    "modes": ["rail", "wide", "road", "ferry"],
}
CHANGES = [("rail", "wide"), ("rail", "road"), ("road", "ferry"), ("wide", "ferry"), ("ferry", "ferry")]
MODES = [
    mode("rail", "rail", 64.0),
    mode("wide", "rail", 32.0),
    mode("road", "road", 64.0),
    mode("ferry", "sea", 16.0, needs_service=True),
]


def random_rows(seed: int, *, by_country: bool = True) -> Rows:
    """Draw the rows of a small, well connected corridor; lengths and rates are dyadic, so that sums are exact."""
    draw = random.Random(seed)
    names = [f"p{i}" for i in range(draw.randint(4, 7))]
    country = {name: draw.choice(["AAA", "BBB", "CCC"]) for name in names}
    spots = draw.sample([(lat, lon) for lat in range(60) for lon in range(60)], len(names))
    ends = [(*sorted(pair), kind) for pair in combinations(names, 2) for kind in ("rail", "wide", "road", "ferry")]
    links = [_random_link(draw, *end) for end in draw.sample(ends, draw.randint(8, 16))]
    ferries = [row for row in links if row["mode"] == "ferry"]
    rates = [_rate(draw, mode=row["id"]) for row in MODES]
    rates += [_rate(draw, mode="rail", country="AAA")] if by_country else []
    return {
        "places": [place(name, country[name], *spot) for name, spot in zip(names, spots, strict=True)],
        "modes": MODES,
        "links": links,
        "borders": [
            {"id": f"border-{row['id']}", "link": row["id"], "hours": draw.randrange(64) / 4}
            for row in links
            if country[row["from_place"]] != country[row["to_place"]]
        ],
        "terminals": [
            {"id": f"{at}-{pair[0]}-{pair[1]}", "place": at, "from_mode": pair[0], "to_mode": pair[1], "hours": 2.5}
            for at in names
            for pair in draw.sample(CHANGES, 3)
        ],
        "services": [_service(draw, row["id"]) for row in ferries],
        "stops": [
            {"service": f"service-{row['id']}", "sequence": number, "place": row[end], "hours": 0.5}
            for row in ferries
            for number, end in enumerate(("from_place", "to_place"), start=1)
        ],
        "rates": [*rates, {"id": "handling", "table": "terminals", "unit": "t", "usd_per_unit": 4.0, "payee": "ports"}],
        "commodities": [GOODS],
        "corridors": [{"id": "named", "name": "Named corridor", "via": draw.sample(names, 2)}],
    }


def _random_link(draw: random.Random, one: str, other: str, kind: str) -> dict[str, Any]:
    ends = (one, other) if draw.random() < 0.5 else (other, one)
    return link(*ends, kind, draw.randint(1, 2**20) / 1024, oneway=draw.random() < 0.1)


def _rate(draw: random.Random, **where: str) -> dict[str, Any]:
    name = "-".join(where.values())
    usd = draw.randrange(64) / 64
    return {"id": f"rate-{name}", "table": "links", "unit": "t", "usd_per_unit_km": usd, "payee": name} | where


def _service(draw: random.Random, link: str) -> dict[str, Any]:
    row = {"id": f"service-{link}", "name": f"Ship {link}", "mode": "ferry", "unit": "t", "rule": "timetable"}
    return row | {"departures_per_week": draw.choice([1.0, 2.0, 4.0])}


def rows(*, by_country: bool = True) -> st.SearchStrategy[Rows]:
    """Draw a random corridor; ``by_country`` lets railways charge by country."""
    return st.integers(0, 2**32).map(lambda seed: random_rows(seed, by_country=by_country))
