"""What lies between two economies, by hand and on the embedded corridor."""

from __future__ import annotations

import polars as pl
import pytest

from jibek.corridor import Corridor, apply_scenario
from jibek.study.trade_terms import carriage, terms
from jibek.trade import economies_of
from small_corridor import make_corridor
from small_flows import GOODS, link, ways_between

CODES = {"AAA": "AAA", "BBB": "BBB"}


def two_countries(**more: list[dict[str, object]]) -> Corridor:
    """Join AAA and BBB by a way of 40 hours and a faster one over a third country."""
    rows = ways_between((40.0, 30.0))
    rows["places"][1]["country"] = "BBB"
    rows["zones"] = [{"zone": code, "place": at, "share": 1.0, "source": ["x"], "grade": "estimate"} for code, at in
                     (("AAA", "start"), ("BBB", "end"))]  # fmt: skip
    return make_corridor(**(rows | more))


def test_carriage_is_that_of_the_cheapest_way() -> None:
    world = apply_scenario(two_countries(), None)
    found = carriage(world, CODES)
    assert found.select("exporter", "importer", "group", "unit").rows() == [
        ("AAA", "BBB", "goods", GOODS["unit"]),
        ("BBB", "AAA", "goods", GOODS["unit"]),
    ]
    assert found["carriage_usd"].to_list() == pytest.approx([30.0 * 4.0] * 2)  # 4 USD an hour, nothing to pay


def test_who_has_no_way_or_no_place_has_no_carriage() -> None:
    world = apply_scenario(two_countries(links=[link("start", "middle-0", "rail", 64.0, hours=20.0)]), None)
    assert carriage(world, CODES).is_empty()
    assert carriage(world, {"CCC": "CCC"}).is_empty()


def test_terms_by_hand() -> None:
    """A degree of a great circle is 111.195 km; a country alone in a group shares nothing with the other."""
    rows = ways_between((40.0,))
    rows["places"] = [dict(place) for place in rows["places"]]
    for place, (country, lat, lon) in zip(rows["places"], (("AAA", 0, 0), ("BBB", 0, 10), ("AAA", 0, 0)), strict=True):
        place |= {"country": country, "lat": lat, "lon": lon}
    rows["links"].append(link("start", "end", "road", 1200.0))
    rows["modes"] = [*rows["modes"], rows["modes"][0] | {"id": "road"}]
    rows["regions"] = [
        {"region": region, "country": country, "source": ["x"], "grade": "official"}
        for region, country in (("EAEU", "AAA"), ("EAEU", "BBB"), ("RUSSIAN", "AAA"), ("LANDLOCKED", "BBB"))
    ]
    row = terms(make_corridor(**rows), CODES).row(0, named=True)
    assert row["distance_km"] == pytest.approx(1111.95, abs=0.01)
    assert (row["frontier"], row["agreement"], row["language"], row["landlocked"]) == (True, True, False, 1)


def test_terms_of_the_embedded_corridor(corridor: Corridor) -> None:
    world = apply_scenario(corridor, None)
    economy = economies_of(world, 2023)
    found = {(row["exporter"], row["importer"]): row for row in terms(world, economy).iter_rows(named=True)}
    assert len(found) == 27 * 26
    assert found["KAZ", "UZB"]["frontier"]
    assert not found["KAZ", "TUR"]["frontier"]
    assert found["KAZ", "KGZ"]["agreement"]
    assert found["KAZ", "KGZ"]["language"]
    assert not found["KAZ", "CHN"]["agreement"]
    assert (found["KAZ", "UZB"]["landlocked"], found["KAZ", "EU27"]["landlocked"]) == (2, 1)
    assert all(found[one, other]["distance_km"] == found[other, one]["distance_km"] for one, other in found)
    boxes = carriage(world, economy).filter(group="containers-medium", exporter="CHN")
    cost = dict(boxes.select("importer", "carriage_usd").iter_rows())
    assert 0 < cost["KAZ"] < cost["UZB"] < cost["EU27"]
    assert carriage(world, economy).filter(pl.col("carriage_usd") <= 0).is_empty()
