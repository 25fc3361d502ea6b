"""What if: small corridors in which it is known what a change, a range or a closure does."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from jibek.corridor import Scenario
from jibek.operations import RANGES
from jibek.study.case import Case
from jibek.study.operated import Operated, operate, prepared
from jibek.study.operations_replays import STORMS, replay_table
from jibek.study.operations_what_ifs import ESTIMATES, frozen_in, tornado_table, what_if_table
from small_corridor import MODES, make_corridor, mode, place
from small_flows import DAYS, resource, user, wants, ways_between

if TYPE_CHECKING:
    from small_corridor import Rows

BOXES = {"id": "containers", "name": "Containers", "unit": "teu", "modes": ["rail"]} | {
    "usd_per_unit": 2400.0,
    "time_cost_percent_per_day": 4.0,
}
TRAINS = [
    {"commodity": "containers", "unit": unit, "per_unit": per, "empty_return": 0.0}
    for unit, per in (("train", 100.0), ("t", 0.1))
]
GATE = "start--middle-0--rail"


def rows(capacity: float = 10.0, **more: object) -> Rows:
    """Send eight trains of containers a day along one way of 24 hours, past a station of so many trains a day."""
    tables = ways_between([24.0], DAYS * 800.0, commodities=[BOXES], conversions=TRAINS)
    tables["demand"] = [wants("start", "end", DAYS * 800.0, "containers")]
    tables["corridors"] = [{"id": "trans-caspian", "name": "Named", "via": ["middle-0"]}]
    tables["resources"] = [resource("gate", capacity, unit="train", kind="line")]
    tables["resource_users"] = [user("gate", "links", GATE)]
    return tables | more  # type: ignore[operator]


def of(tables: Rows) -> tuple[Case, Operated]:
    case = Case(make_corridor(**tables), None)
    return case, operate(prepared(case), replications=2)


def at_sea(profiles: dict[str, dict[str, float]], disruptions: list[tuple[str, str]]) -> Rows:
    """Send a ferry a day over a sea that disruptions shut by their profiles, of which other months are 0."""
    months = dict.fromkeys(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 0.0)
    sea = {"id": "sea", "from_place": "start", "to_place": "end", "mode": "ferry", "length_km": 240.0}
    ferry = {"id": "ferry", "name": "Ferry", "mode": "ferry", "unit": "teu", "vehicle_capacity": 200.0}
    shut = {"table": "links", "id": "sea", "operation": "close", "from_date": date(2000, 1, 1)}
    return {
        "places": [place("start", "AAA", 1, 1), place("end", "AAA", 2, 2)],
        "modes": [*MODES[:3], mode("ferry", "sea", 16.0, needs_service=True)],
        "links": [sea | {"status": "operating"}],
        "services": [ferry | {"rule": "timetable", "departures_per_week": 7.0}],
        "stops": [{"service": "ferry", "sequence": n, "place": end} for n, end in ((1, "start"), (2, "end"))],
        "corridors": [{"id": "trans-caspian", "name": "Named", "via": ["start", "end"]}],
        "commodities": [BOXES | {"modes": ["ferry"]}],
        "conversions": TRAINS,
        "demand": [wants("start", "end", DAYS * 100.0, "containers")],
        "disruptions": [
            {"id": id_, "title": id_, "profile": profile, "mean_hours": 40.0} for id_, profile in disruptions
        ],
        "profiles": [{"id": id_, "unit": "factor"} | months | shares for id_, shares in profiles.items()],
        "changes": [shut | {"owner": id_} for id_, _ in disruptions],
    }


def test_a_station_twice_as_wide_takes_the_queue_away() -> None:
    mill = resource("mill", 5.0)
    case, base = of(rows(9.0, resources=[resource("gate", 9.0, unit="train", kind="line"), mill]))
    wide = Scenario(name="wide", year=2025, scale={"resources/gate/capacity": 2.0})
    shut = Scenario(name="shut", year=2025, close=[GATE])
    same = Scenario(name="same", year=2025)
    other = Scenario(name="other", year=2025, scale={"resources/mill/capacity": 2.0})
    found = what_if_table(case, base, [wide, shut, same, other], replications=2, seed=0)
    assert found["scenario"].to_list() == ["base", "wide"], "what closes a way or changes nothing is not simulated"
    before, after = found.to_dicts()
    assert before["p95_change"] == 0.0
    assert after["p95_change"] < -0.2
    assert after["mean_days"] < before["mean_days"]


def test_a_replay_is_not_drowned_by_the_rest_of_the_year() -> None:
    """One day shut, eight trains: as a fluid each loses 1 / (2 (1 - 8 / 30)) days, with those who come as it clears."""
    shut = {"owner": "ban", "table": "resources", "id": "gate", "column": "capacity", "operation": "scale"}
    tables = rows(
        30.0,
        disruptions=[{"id": "ban", "title": "Ban"}],
        changes=[shut | {"value": 0.5, "from_date": date(2021, 6, 1), "to_date": date(2021, 6, 2)}],
    )
    row = replay_table(*of(tables), replications=64, seed=0).row(0, named=True)
    assert row["days_lost"] == 1.0
    assert row["delay_days_low"] < 0.5 / (1.0 - 8.0 / 30.0) < row["delay_days_high"]
    assert row["delay_days_high"] - row["delay_days_low"] < 0.5


def test_frozen_goods_meet_the_delays_of_another_world() -> None:
    """With a station half as wide the same trains wait longer: by the formula they were chosen with."""
    case, _ = of(rows(20.0))
    result = case.assigned
    other = frozen_in(result, make_corridor(**rows(10.0)))
    assert other.flows.equilibrium.flow.tolist() == result.flows.equilibrium.flow.tolist()
    assert other.flows.equilibrium.load.tolist() == pytest.approx(result.flows.equilibrium.load.tolist())
    assert other.flows.equilibrium.hours.item() == pytest.approx(
        result.flows.equilibrium.hours.item() * 2.0**4, rel=0.01
    )


def test_every_estimate_is_moved_alone_and_the_furthest_stands_first() -> None:
    evidence = [
        {"table": "links", "id": GATE, "column": "hours", "low": 6.0, "high": 96.0},
        {"table": "resources", "id": "gate", "column": "capacity", "low": 9.0, "high": 1000.0},
    ]
    case, base = of(rows(evidence=evidence))
    found = tornado_table(case, base, replications=2, seed=0)
    assert set(found["rule"]) == {each.name for each in RANGES} | {
        f"{table}-{column}".replace("_", "-") for table, column in ESTIMATES
    }
    first = found.row(0, named=True)
    assert first["rule"] == "links-hours"
    assert first["p95_high"] - first["p95_low"] > 2.5
    assert found["reach"].is_sorted(descending=True)
    assert found.filter(rule="weather")["reach"].item() == 0.0, "no weather, no difference: the luck is the same"
    assert found.filter(rule="cv_moving").select("p95_high").item() > found.filter(rule="cv_moving")["p95_low"].item()


def test_an_end_at_which_a_ferry_has_no_room_left_gives_no_time() -> None:
    """A thousand TEU a week where seven departures take 1,400: with half of the departures there is no room."""
    tables = at_sea({}, [])
    tables["demand"] = [wants("start", "end", DAYS * 1000.0 / 7.0, "containers")]
    tables["evidence"] = [
        {"table": "services", "id": "ferry", "column": "departures_per_week", "low": 3.5, "high": 14.0}
    ]
    case, base = of(tables)
    less = Scenario(name="less", year=2025, scale={"services/ferry/vehicle_capacity": 0.5})
    before, after = what_if_table(case, base, [less], replications=2, seed=0).to_dicts()
    assert before["p95_days"] > 0.0
    assert [after[name] for name in ("mean_days", "p95_days", "p95_change", "share_full")] == [None] * 4
    found = tornado_table(case, base, replications=2, seed=0).filter(rule="services-departures-per-week")
    low, high, used = found.select("p95_low", "p95_high", "p95_base").row(0)
    assert low is None
    assert high < used


def test_a_disruption_of_the_past_is_replayed_on_its_days() -> None:
    """Five days shut hold up to 40 trains of 1,000 t; ten a day can pass where eight come: it takes long to clear."""
    shut = {"owner": "storm", "table": "links", "id": GATE, "operation": "close"}
    tables = rows(
        disruptions=[{"id": "storm", "title": "Storm"}, {"id": "told", "title": "Only told"}],
        changes=[shut | {"from_date": date(2021, 6, 1), "to_date": date(2021, 6, 5)}],
    )
    case, _ = of(tables)
    base = operate(prepared(case), replications=8)
    found = replay_table(case, base, replications=8, seed=0)
    assert found["disruption"].to_list() == ["storm"]
    row = found.row(0, named=True)
    assert (row["days"], row["replications"]) == (5.0, 8)
    assert row["delay_days_low"] < row["delay_days"] < row["delay_days_high"] < 1.2 * row["delay_days"]
    assert row["tonnes_held"] == pytest.approx(36 * 1000.0, rel=0.2)
    assert 10.0 < row["recovery_days"] < 60.0
    assert row["delay_days"] > 2.5, "half of the five days for those who come then, and more for those after them"
    assert row["usd"] > 0.0


def test_half_a_capacity_for_ten_days_is_replayed_as_five_days_shut() -> None:
    change = {"owner": "ban", "table": "resources", "id": "gate", "column": "capacity"} | {
        "from_date": date(2021, 6, 1),
        "to_date": date(2021, 6, 10),
    }
    found = [
        replay_table(
            *of(rows(disruptions=[{"id": "ban", "title": "Ban"}], changes=[change | how])), replications=2, seed=0
        )
        for how in ({"operation": "scale", "value": 0.5}, {"operation": "set", "value": 5.0})
    ]
    for each in found:
        assert each.select("days", "days_lost").row(0) == (10.0, 5.0)
        assert each["tonnes_held"].item() == pytest.approx(36 * 1000.0, rel=0.3)
    assert found[0].equals(found[1])


def test_what_is_shut_too_long_or_unused_is_named_and_not_replayed() -> None:
    shut = {"table": "links", "operation": "close", "from_date": date(2021, 3, 1)}
    tables = rows(
        disruptions=[{"id": "long", "title": "Long"}, {"id": "unused", "title": "Unused"}],
        changes=[
            shut | {"owner": "long", "id": GATE, "to_date": date(2021, 6, 5)},
            shut | {"owner": "unused", "id": "spur", "to_date": date(2021, 3, 2)},
        ],
    )
    tables["links"] = [*tables["links"], tables["links"][0] | {"id": "spur", "to_place": "spur"}]
    tables["places"] = [*tables["places"], place("spur", "AAA", 5, 5)]
    found = replay_table(*of(tables), replications=1, seed=0)
    assert found.select("disruption", "reason").rows() == [("long", "too_long"), ("unused", "unused")]
    assert found["delay_days"].null_count() == 2
    assert found["tonnes_diverted"].to_list() == [0.0, None], "there is no other way"


@pytest.mark.parametrize(("days", "least", "most"), [(1, 0.2, 0.99), (30, 0.99, 1.0)])
def test_more_go_another_way_the_longer_one_is_shut(days: int, least: float, most: float) -> None:
    """Two ways of 24 and 25 hours: half a day of waiting moves some, fifteen days all, and no more than sets out."""
    shut = {"owner": "storm", "table": "links", "id": GATE, "operation": "close"}
    tables = rows(
        disruptions=[{"id": "storm", "title": "Storm"}],
        changes=[shut | {"from_date": date(2021, 6, 1), "to_date": date(2021, 6, days)}],
    )
    other = ways_between([24.0, 25.0], DAYS * 800.0, commodities=[BOXES], conversions=TRAINS)
    tables |= {name: other[name] for name in ("places", "links")}
    tables["corridors"] = [*tables["corridors"], {"id": "other", "name": "Other", "via": ["middle-1"]}]
    case, base = of(tables)
    flow = case.assigned.flows.equilibrium.flow
    assert len(flow) == 2
    diverted = replay_table(case, base, replications=1, seed=0)["tonnes_diverted"].item()
    assert least < diverted / (flow[0] / DAYS * days * 10.0) <= most + 1e-6


def test_the_stormiest_month_is_compared_with_a_calm_one() -> None:
    """Whole years with these storms and without weather, 192 of each, give 5.6 days, to half a day."""
    case, base = of(at_sea({"wind": {"oct": 0.5}}, [("wind", "wind")]))
    row = replay_table(case, base, replications=16, seed=0).row(0, named=True)
    assert (row["disruption"], row["title"], row["days"], row["days_lost"]) == (STORMS, "10", 31.0, 15.5)
    assert row["tonnes_held"] > 1000.0
    assert row["delay_days_low"] < 5.6 < row["delay_days_high"] < 9.0


def test_shores_of_one_sea_share_their_storms() -> None:
    """Shares of 0.3 and 0.1 shut the sea for 0.3 of the time, not for 0.37; two ports of one wind are one."""
    profiles = {"north": {"oct": 0.3, "nov": 0.2}, "south": {"oct": 0.1, "nov": 0.2}}
    _, base = of(at_sea(profiles, [("one", "north"), ("other", "north"), ("shore", "south")]))
    shares = {row.id: row.share[9:11] for row in base.made.model.stoppages}
    assert shares == {"north alone": pytest.approx((2 / 9, 0.0)), "north and south": pytest.approx((0.1, 0.2))}
    assert all(row.stations == ("sea of ferry",) for row in base.made.model.stoppages)


def test_without_the_measured_route_there_is_nothing_to_tell() -> None:
    tables = rows()
    tables["corridors"] = [{"id": "other", "name": "Other", "via": ["middle-0"]}]
    case, base = of(tables)
    assert what_if_table(case, base, [], replications=1, seed=0).is_empty()
    assert tornado_table(case, base, replications=1, seed=0).is_empty()
