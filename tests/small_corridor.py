"""Small corridors for tests: rows as dictionaries, filled up with the schema's defaults."""

from __future__ import annotations

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
        name="test", title="Test", year=2025, base_year=2024, tables={name: _table(name, tables.get(name, [])) for name in TABLES}
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
    "id": "goods", "name": "Goods", "unit": "t", "usd_per_unit": 2400.0, "time_cost_percent_per_day": 4.0,
    "modes": ["rail", "wide", "road", "ferry"],
}
MODES = [
    mode("rail", "rail", 64.0),
    mode("wide", "rail", 32.0),
    mode("road", "road", 64.0),
    mode("ferry", "sea", 16.0, needs_service=True),
]


@st.composite
def rows(draw: st.DrawFn, *, by_country: bool = True) -> Rows:
    """Draw the rows of a small corridor; lengths and rates are dyadic, so that sums are exact."""
    n = draw(st.integers(3, 7))
    names = [f"p{i}" for i in range(n)]
    spots = draw(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=n, max_size=n, unique=True))
    countries = draw(st.lists(st.sampled_from(["AAA", "BBB", "CCC"]), min_size=n, max_size=n))
    ends = st.tuples(st.sampled_from(names), st.sampled_from(names), st.sampled_from([m["id"] for m in MODES]))
    pairs = draw(
        st.lists(
            ends.filter(lambda end: end[0] != end[1]), min_size=2, max_size=14,
            unique_by=lambda end: (frozenset(end[:2]), end[2]),
        )
    )  # fmt: skip
    length = st.integers(1, 2**20).map(lambda number: number / 1024)
    links = [link(*pair, draw(length), oneway=draw(st.integers(0, 5)) == 0) for pair in pairs]
    country = dict(zip(names, countries, strict=True))
    borders = [
        {"id": f"border-{row['id']}", "link": row["id"], "hours": draw(st.integers(0, 64)) / 4}
        for row in links
        if country[row["from_place"]] != country[row["to_place"]]
    ]
    changes = st.tuples(st.sampled_from(names), st.sampled_from([("rail", "wide"), ("rail", "road"), ("road", "ferry"), ("wide", "ferry")]))
    terminals = [
        {"id": f"{where}-{one}-{other}", "place": where, "from_mode": one, "to_mode": other, "hours": draw(st.integers(0, 64)) / 4}
        for where, (one, other) in draw(st.lists(changes, max_size=12, unique=True))
    ]
    ferries = [row for row in links if row["mode"] == "ferry"]
    services = [
        {"id": f"service-{row['id']}", "name": f"Service {i}", "mode": "ferry", "unit": "t", "rule": "timetable", "departures_per_week": float(2**i)}
        for i, row in enumerate(ferries)
    ]
    stops = [
        {"service": f"service-{row['id']}", "sequence": number, "place": row[end], "hours": 0.5}
        for row in ferries
        for number, end in enumerate(("from_place", "to_place"), start=1)
    ]
    rates = [
        {"id": f"rate-{m['id']}", "table": "links", "mode": m["id"], "unit": "t", "usd_per_unit_km": draw(st.integers(0, 64)) / 64, "payee": f"carrier {m['id']}"}
        for m in MODES
    ]
    if by_country:
        rates.append({"id": "rate-rail-aaa", "table": "links", "mode": "rail", "country": "AAA", "unit": "t", "usd_per_unit_km": draw(st.integers(0, 64)) / 64, "payee": "railway of AAA"})
    rates.append({"id": "rate-terminals", "table": "terminals", "unit": "t", "usd_per_unit": 4.0, "payee": "terminals"})
    named = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    return {
        "places": [place(name, country[name], *spot) for name, spot in zip(names, spots, strict=True)],
        "modes": MODES,
        "links": links,
        "borders": borders,
        "terminals": terminals,
        "services": services,
        "stops": stops,
        "rates": rates,
        "commodities": [GOODS],
        "corridors": [{"id": "named", "name": "Named corridor", "via": named}],
    }
