"""Each check finds what it is for, says where, and finds nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
from example_folder import ExampleFolder

from jibek.corridor.checks import country_shapes, great_circle_km

if TYPE_CHECKING:
    from jibek.errors import Fault

LINE = "almaty--aktau-port--rail_1520"
SEA = "aktau-port--baku-alat-port--feeder"

Edit = Callable[[ExampleFolder], None]


def cell(table: str, key: str, /, **cells: str) -> Edit:
    return lambda folder: folder.set(table, key, **cells)


def row(table: str, /, **cells: str) -> Edit:
    return lambda folder: folder.add(table, **cells)


def gone(table: str, key: str) -> Edit:
    return lambda folder: folder.remove(table, key)


# What is done, and the one fault that follows: table, row, column, a part of what was expected or of the remedy.
CELLS = [
    (cell("places", "baku", name=""), "places", "baku", "name", "a text"),
    (cell("places", "baku", kind="town"), "places", "baku", "kind", "one of city"),
    (cell("places", "baku", country="AZEE"), "places", "baku", "country", "'AZE'"),
    (cell("places", "baku", lat="abc"), "places", "baku", "lat", "degrees from -90 to 90"),
    (cell("places", "baku", lon="181"), "places", "baku", "lon", "degrees from -180 to 180"),
    (cell("links", LINE, length_km="nan"), "links", LINE, "length_km", "above 0"),
    (cell("links", LINE, length_km="inf"), "links", LINE, "length_km", "above 0"),
    (cell("links", LINE, length_km="0"), "links", LINE, "length_km", "above 0"),
    (cell("links", LINE, length_km="3,100"), "links", LINE, "length_km", "above 0"),
    (cell("links", LINE, hours="-1"), "links", LINE, "hours", "at least 0"),
    (cell("links", LINE, loss="1.5"), "links", LINE, "loss", "a share from 0 to 1"),
    (cell("links", LINE, oneway="maybe"), "links", LINE, "oneway", "yes or no"),
    (cell("links", LINE, source="example;"), "links", LINE, "source", "sources joined by ;"),
    (cell("links", LINE, source="examplo"), "links", LINE, "source", "'example'"),
    (cell("links", LINE, from_place="almata"), "links", LINE, "from_place", "'almaty'"),
    (cell("series", "caspian-hours", unit="dayz"), "series", "caspian-hours", "unit", "'days'"),
    (cell("projects", "alat-quay", start="2023-13-01"), "projects", "alat-quay", "start", "YYYY-MM-DD"),
    (cell("projects", "alat-quay", countries="AZE;XXX"), "projects", "alat-quay", "countries", "country"),
    (cell("needs", "aktau-grain-june", month="13"), "needs", "aktau-grain-june", "month", "from 1 to 12"),
    (cell("needs", "aktau-grain-june", priority="1.5"), "needs", "aktau-grain-june", "priority", "a whole number"),
    (cell("corridors", "caspian", via="aktau-port/almata;baku"), "corridors", "caspian", "via", "'almaty'"),
    (cell("disruptions", "aktau-wind", id="Aktau Wind"), "disruptions", "Aktau Wind", "id", "lower-case"),
]
ROWS = [
    (row("regions", region="CAUCASUS", country="AZE"), "regions", "CAUCASUS/AZE", "region", "once"),
    (row("curves", id="kapchagay-area", x="6000.0", y="1"), "curves", "kapchagay-area/6000", "id", "once"),
    (
        row("observations", series="caspian-hours", year="2024", from_month="1", value="3"),
        "observations",
        "caspian-hours/2024/1/12",
        "series",
        "once",
    ),
    (
        row("corridors", id="almaty", name="Almaty", via="almaty"),
        "corridors",
        "almaty",
        "id",
        "unique over",
    ),
    (
        row("evidence", table="links", id=LINE, column="lenght_km", source="example", grade="estimate"),
        "evidence",
        f"links/{LINE}/lenght_km",
        "column",
        "'length_km'",
    ),
    (
        row("evidence", table="link", id=LINE, column="hours", source="example", grade="estimate"),
        "evidence",
        f"link/{LINE}/hours",
        "table",
        "'links'",
    ),
    (
        row("evidence", table="stops", id="aktau-baku-feeder/9", column="hours", source="example", grade="estimate"),
        "evidence",
        "stops/aktau-baku-feeder/9/hours",
        "id",
        "an id of stops",
    ),
    (
        row("resource_users", resource="aktau-birth", table="terminals", id="aktau-port--rail-sea"),
        "resource_users",
        "aktau-birth/terminals/aktau-port--rail-sea//",
        "resource",
        "'aktau-berth'",
    ),
    (
        row("demand", origin="almaty", destination="baku", commodity="freight", year="2025", quantity="1"),
        "demand",
        "almaty/baku/freight/2025",
        "commodity",
        "without children",
    ),
]
REFERENCES = [
    (cell("rates", "sea", id_of="the-sea"), "rates", "sea", "id_of", "an id of links"),
    (cell("series", "caspian-hours", scope_id="kaspian"), "series", "caspian-hours", "scope_id", "'caspian'"),
    (cell("series", "caspian-hours", scope_id=""), "series", "caspian-hours", "scope_id", "scope_table is given"),
    (
        cell("series", "caspian-hours", scope_table="countries", scope_id="KAZA"),
        "series",
        "caspian-hours",
        "scope_id",
        "'KAZ'",
    ),
    (cell("commodities", "freight", parent="grain"), "commodities", "freight", "parent", "leads back"),
    (cell("projects", "second-track", requires="second-track"), "projects", "second-track", "requires", "leads back"),
]
VALUES = [
    (cell("modes", "rail_1520", speed_kmh="2000"), "modes", "rail_1520", "speed_kmh", "less than 1000"),
    (cell("links", LINE, length_km="1e12"), "links", LINE, "length_km", "less than 30000"),
    (cell("resources", "irrigation-share", capacity="1e12"), "resources", "irrigation-share", "capacity", "less than"),
    (
        cell("observations", "aktau-port-containers/2023//", value="2e10"),
        "observations",
        "aktau-port-containers/2023/1/12",
        "value",
        "less than 1e+10",
    ),
    (cell("commitments", "caspian-fast", target="1e6"), "commitments", "caspian-fast", "target", "less than 1e+06"),
    (cell("trade", "KAZ/KAZ/GEO/total/2024", usd="1e12"), "trade", "KAZ/KAZ/GEO/total/2024", "usd", "no two countries"),
    (
        cell("evidence", "borders/border--aktau-baku/hours", high="1e4"),
        "evidence",
        "borders/border--aktau-baku/hours",
        "high",
        "half a year",
    ),
    (
        cell("evidence", "borders/border--aktau-baku/hours", low="30"),
        "evidence",
        "borders/border--aktau-baku/hours",
        "high",
        "at least low",
    ),
    (cell("profiles", "even-year", jan="0.09"), "profiles", "even-year", "kind", "sum to 1"),
    (cell("projects", "alat-quay", finish="2022-01-01"), "projects", "alat-quay", "finish", "at least start"),
    (cell("stores", "aktau-silo", initial="30000"), "stores", "aktau-silo", "capacity", "at least initial"),
    (cell("resources", "aktau-berth", servers=""), "resources", "aktau-berth", "servers", "delay is queue"),
    (cell("resources", "aktau-berth", delay="curve"), "resources", "aktau-berth", "delay_curve", "delay is curve"),
    (
        cell("resources", "aktau-berth", delay="curve", delay_curve="kapchagay-area"),
        "curves",
        "kapchagay-area/12000",
        "y",
        "ever faster",
    ),
    (
        lambda folder: (
            folder.add("curves", id="idle", x="0", y="0"),
            folder.set("resources", "aktau-berth", delay="curve", delay_curve="idle"),
        ),
        "curves",
        "idle/0",
        "y",
        "grow with it",
    ),
    (cell("resources", "aktau-berth", first_month="3"), "resources", "aktau-berth", "last_month", "first_month"),
    (
        cell("services", "aktau-baku-feeder", max_wait_hours=""),
        "services",
        "aktau-baku-feeder",
        "max_wait_hours",
        "rule is full_or_time",
    ),
]
CONTAINERS = "aktau-port-containers"
SHOWN = {"flow": "passing", "table": "links"}


def both(*edits: Edit) -> Edit:
    def apply(folder: ExampleFolder) -> None:
        for edit in edits:
            edit(folder)

    return apply


def counted_anew(**cells: str) -> Edit:
    """Put another row into the place of the one that counts containers."""
    empty = dict.fromkeys(("flow", "table", "elements", "commodity", "loaded"), "")
    return cell("counts", CONTAINERS, **(empty | cells))


def wanted(**cells: str) -> Edit:
    """Add demand."""
    ends = {"origin": "almaty", "destination": "poti-port", "commodity": "containers", "year": "2031"}
    return row("demand", **(ends | {"quantity": "1"} | cells))


DEMAND = [
    (wanted(destination="GEOO"), "demand", "almaty/GEOO", "destination", "'GEO'"),
    (wanted(origin="almata"), "demand", "almata/poti-port", "origin", "'almaty'"),
    (wanted(destination="KAZ"), "demand", "almaty/KAZ", "destination", "which places stand for KAZ"),
    (wanted(destination="CAUCASUS"), "demand", "almaty/CAUCASUS", "destination", "which places stand for CAUCASUS"),
    (cell("zones", "GEO///poti-port", share="0.7"), "zones", "GEO///poti-port", "share", "their sum"),
    (cell("zones", "GEO///poti-port", zone="GEOO"), "zones", "GEOO///poti-port", "zone", "'GEO'"),
    (cell("zones", "GEO///tbilisi", side="origin"), "zones", "GEO///poti-port", "share", "their sum"),
    (
        both(
            cell("commodities", "containers", modes=""), cell("demand", "almaty/poti-port/containers/2025", year="2026")
        ),
        "demand",
        "",
        "commodity",
        "modes of containers",
    ),
    (cell("commodities", "containers", usd_per_unit=""), "demand", "", "commodity", "usd_per_unit of containers"),
    (
        cell("commodities", "containers", time_cost_percent_per_day=""),
        "demand",
        "",
        "commodity",
        "time_cost_percent_per_day of containers",
    ),
    (
        cell("commodities", "containers", time_cost_percent_per_day="0"),
        "commodities",
        "containers",
        "time_cost_percent_per_day",
        "above 0",
    ),
    (cell("commodities", "containers", usd_per_unit="0"), "commodities", "containers", "usd_per_unit", "above 0"),
    (cell("preferences", "spread-nests", value="0"), "preferences", "spread-nests", "value", "above 0"),
    (cell("preferences", "spread-routes", value="-1"), "preferences", "spread-routes", "value", "above 0"),
    (
        cell("preferences", "trust-in-the-caspian", origin="almata"),
        "preferences",
        "trust-in-the-caspian",
        "origin",
        "'almaty'",
    ),
    (
        cell("preferences", "trust-in-the-caspian", destination="CAUCASIA"),
        "preferences",
        "trust-in-the-caspian",
        "destination",
        "'CAUCASUS'",
    ),
    (
        cell("preferences", "trust-in-the-caspian", corridor="kaspian"),
        "preferences",
        "trust-in-the-caspian",
        "corridor",
        "'caspian'",
    ),
    (cell("preferences", "spread-nests", kind="spread"), "preferences", "spread-nests", "kind", "spread_nest"),
    (counted_anew(**SHOWN, elements="aktau--baku"), "counts", CONTAINERS, "elements", "ids of links"),
    (counted_anew(**SHOWN, elements=f"{SEA};{LINE}x"), "counts", CONTAINERS, "elements", LINE),
    (counted_anew(**SHOWN), "counts", CONTAINERS, "elements", "joined by ;"),
    (counted_anew(flow="transit", table="countries", elements="KAZA"), "counts", CONTAINERS, "elements", "'KAZ'"),
    (counted_anew(flow="moving", origin="almaty"), "counts", CONTAINERS, "origin", "both ends"),
    (counted_anew(flow="moving", origin="almaty;GEOO", destination="KAZ"), "counts", CONTAINERS, "origin", "'GEO'"),
    (row("counts", series="caspian-ours", flow="none"), "counts", "caspian-ours", "series", "'caspian-hours'"),
    (cell("counts", CONTAINERS, commodity="container"), "counts", CONTAINERS, "commodity", "'containers'"),
    (
        both(
            row("places", id="astana", name="Astana", country="KAZ", lat="51.2", lon="71.4", kind="city"),
            cell("corridors", "caucasus", via="tbilisi;astana"),
        ),
        "corridors",
        "caucasus",
        "via",
        "places that links touch",
    ),
]
CHANGES = [
    (
        row("changes", table="links", id=LINE, operation="close", value="1", from_date="2025-01-01"),
        "value",
        "closes or opens",
    ),
    (
        row("changes", table="modes", id="feeder", operation="close", from_date="2025-01-01"),
        "table",
        "one of places, links",
    ),
    (
        row("changes", table="links", id=LINE, operation="set", value="1", from_date="2025-01-01"),
        "column",
        "sets, adds or scales",
    ),
    (
        row("changes", table="links", id=LINE, column="length", operation="set", value="1", from_date="2025-01-01"),
        "column",
        "'length_km'",
    ),
    (
        row("changes", table="links", id=LINE, column="status", operation="set", value="1", from_date="2025-01-01"),
        "column",
        "a quantity of links",
    ),
    (
        row("changes", table="links", id=LINE, column="loss", operation="set", value="2", from_date="2025-01-01"),
        "value",
        "a share",
    ),
    (
        row("changes", table="links", id=LINE, column="hours", operation="scale", value="-1", from_date="2025-01-01"),
        "value",
        "at least 0",
    ),
    (
        row("changes", table="links", id=LINE, column="hours", operation="set", value="1e9", from_date="2025-01-01"),
        "value",
        "a year under way",
    ),
    (
        row("changes", table="links", id="almaty", operation="close", from_date="2025-01-01"),
        "id",
        "an id of links",
    ),
    (
        row("changes", owner="quay", table="links", id=LINE, operation="close", from_date="2025-01-01"),
        "owner",
        "projects or disruptions",
    ),
]
GEOGRAPHY = [
    (cell("places", "almaty", lat="76.95", lon="43.24"), "places", "almaty", "country", "exchanged"),
    (cell("places", "tbilisi", country="AZE"), "places", "tbilisi", "country", "within 15 km"),
    (cell("links", LINE, length_km="1900"), "links", LINE, "length_km", "great circle"),
]
CONNECTIONS = [
    (gone("borders", "border--azerbaijan-georgia-new"), "links", "baku--tbilisi--rail_1520", "id", "a border on"),
    (
        cell("borders", "border--azerbaijan-georgia-forward", commodity="containers"),
        "links",
        "baku-alat-port--tbilisi--rail_1520",
        "id",
        "forward for flour, grain",
    ),
    (
        cell("terminals", "aktau-port--rail-sea", to_mode="rail_1520"),
        "terminals",
        "aktau-port--rail-sea",
        "to_mode",
        "",
    ),
    (
        row("conversions", commodity="flour", unit="train", per_unit=""),
        "conversions",
        "flour/train",
        "per_unit",
        "above 0",
    ),
    (gone("conversions", "containers/vessel"), "resource_users", "aktau-berth", "commodity", "containers"),
    (gone("conversions", "freight/train"), "resource_users", "almaty-aktau-line", "commodity", "flour"),
    (cell("rates", "rail-grain", unit="wagon", commodity="grain"), "rates", "rail-grain", "unit", "grain"),
]


WATER = "kapchagay-water"
IDLE = {"id": "idle", "name": "Idle", "place": "almaty", "activity_unit": "t"}
BALANCES = [
    (cell("supplies", "kapchagay-inflow", profile="winter-wind"), "supplies", "kapchagay-inflow", "profile", "share"),
    (cell("needs", "almaty-flour", profile="winter-wind"), "needs", "almaty-flour", "profile", "share"),
    (cell("needs", "aktau-grain-june", profile="snowmelt"), "needs", "aktau-grain-june", "profile", "a month is given"),
    (
        cell("process_flows", "almaty-fields/water/in", profile="winter-wind"),
        "process_flows",
        "almaty-fields/water/in",
        "profile",
        "kind share",
    ),
    (
        cell("process_flows", "almaty-mill/grain/in", profile="snowmelt"),
        "process_flows",
        "almaty-mill/grain/in",
        "profile",
        "kind factor",
    ),
    (
        cell("process_flows", "almaty-mill/flour/out", yield_max="0.5"),
        "process_flows",
        "almaty-mill/flour/out",
        "yield_max",
        "at least yield_min",
    ),
    (row("processes", **IDLE), "processes", "idle", "id", "goes in or out"),
    (cell("stores", WATER, area_curve=""), "stores", WATER, "area_curve", "evaporates"),
    (cell("stores", WATER, dead="19000"), "stores", WATER, "capacity", "at least dead"),
    (cell("stores", WATER, final="19000"), "stores", WATER, "capacity", "at least final"),
    (cell("resources", "irrigation-share", per="day"), "resources", "irrigation-share", "per", "limit is total"),
    (
        cell("resources", "irrigation-share", profile="winter-wind"),
        "resources",
        "irrigation-share",
        "profile",
        "limit is total",
    ),
    (
        cell("resources", "irrigation-share", unit="t"),
        "resource_users",
        "irrigation-share/processes/almaty-fields//water",
        "commodity",
        "a conversion of water",
    ),
    (
        cell("resources", "almaty-aktau-line", profile="snowmelt"),
        "resources",
        "almaty-aktau-line",
        "profile",
        "kind factor",
    ),
    (
        cell("resources", "almaty-aktau-line", first_month="4", last_month="9"),
        "resources",
        "almaty-aktau-line",
        "first_month",
        "limit is rate",
    ),
    (cell("needs", "almaty-flour", minimum="300000"), "needs", "almaty-flour", "quantity", "at least minimum"),
]
MISREAD = [
    (
        cell("process_flows", "almaty-mill/flour/out", yield_min="-0.1"),
        "process_flows",
        "almaty-mill/flour/out",
        "yield_min",
        "at least 0",
    ),
    (cell("profiles", "even-year", dec=""), "profiles", "even-year", "dec", "at least 0"),
    (cell("profiles", "even-year", dec="-0.08"), "profiles", "even-year", "dec", "at least 0"),
]


def the_only(faults: list[Fault]) -> Fault:
    assert len(faults) == 1, faults
    return faults[0]


@pytest.mark.parametrize(
    ("edit", "table", "key", "column", "words"),
    [*ROWS, *REFERENCES[:4], *VALUES, GEOGRAPHY[2], *CONNECTIONS[:4], *BALANCES],
)
def test_one_mistake_is_one_fault(
    folder: ExampleFolder, edit: Edit, table: str, key: str, column: str, words: str
) -> None:
    edit(folder)
    fault = the_only(folder.faults())
    assert (fault.table, fault.column) == (table, column)
    assert fault.row.startswith(f"{key} (line ")
    assert words in f"{fault.expected} {fault.remedy}"
    assert fault.remedy


@pytest.mark.parametrize(
    ("edit", "table", "key", "column", "words"),
    [*CELLS, *REFERENCES, *GEOGRAPHY, *CONNECTIONS, *DEMAND, *MISREAD],
    ids=lambda part: str(part)[:30],
)
def test_a_mistake_is_found_where_it_was_made(
    folder: ExampleFolder, edit: Edit, table: str, key: str, column: str, words: str
) -> None:
    edit(folder)
    found = [
        fault
        for fault in folder.faults()
        if (fault.table, fault.column) == (table, column) and fault.row.startswith(key)
    ]
    assert found
    assert any(words in f"{fault.expected} {fault.remedy}" for fault in found)


@pytest.mark.parametrize(("edit", "column", "words"), CHANGES)
def test_a_change_that_cannot_be_done_is_a_fault(folder: ExampleFolder, edit: Edit, column: str, words: str) -> None:
    edit(folder)
    fault = the_only(folder.faults())
    assert (fault.table, fault.column) == ("changes", column)
    assert words in f"{fault.expected} {fault.remedy}"


# Structure of the network.


def test_a_missing_direction_of_a_border_is_a_fault(folder: ExampleFolder) -> None:
    folder.remove("borders", "border--azerbaijan-georgia-backward")
    fault = the_only(folder.faults())
    assert (fault.table, fault.column) == ("links", "id")
    assert "in direction backward" in fault.expected


def test_a_oneway_link_needs_its_border_in_one_direction(folder: ExampleFolder) -> None:
    folder.remove("borders", "border--azerbaijan-georgia-backward")
    folder.set("links", "baku-alat-port--tbilisi--rail_1520", oneway="yes")
    assert folder.faults() == []


def test_a_border_inside_a_country_is_a_fault(folder: ExampleFolder) -> None:
    folder.add("borders", id="customs-inland", link=LINE, hours="1")
    fault = the_only(folder.faults())
    assert (fault.table, fault.column, fault.value) == ("borders", "link", f"{LINE} within KAZ")


def test_a_link_to_the_open_sea_needs_no_border(folder: ExampleFolder) -> None:
    folder.set("places", "poti-port", country="", kind="strait")
    assert folder.faults() == []


def test_a_link_that_ends_where_it_starts_is_a_fault(folder: ExampleFolder) -> None:
    folder.set("links", LINE, to_place="almaty")
    assert ("links", "to_place") in {(fault.table, fault.column) for fault in folder.faults()}


def test_a_link_that_no_commodity_may_use_is_a_fault(folder: ExampleFolder) -> None:
    folder.set("commodities", "containers", modes="rail_1520")
    assert ("links", "mode") in {(fault.table, fault.column) for fault in folder.faults()}


def test_a_mode_that_only_a_group_lists_is_used_by_its_members(folder: ExampleFolder) -> None:
    folder.set("commodities", "containers", modes="feeder")
    assert ("links", "mode") not in {(fault.table, fault.column) for fault in folder.faults()}


def test_a_link_without_the_service_it_needs_is_a_fault(folder: ExampleFolder) -> None:
    folder.set("stops", "aktau-baku-feeder/2", sequence="0", place="poti-port")
    found = {(fault.table, fault.column, fault.row.partition(" ")[0]) for fault in folder.faults()}
    assert ("links", "mode", SEA) in found
    assert ("stops", "place", "aktau-baku-feeder/1") in found


def test_a_planned_link_may_wait_for_its_service(folder: ExampleFolder) -> None:
    folder.set("links", SEA, status="planned")
    folder.write("stops", [])
    assert {(fault.table, fault.column) for fault in folder.faults()} == {("services", "id")}


def test_stops_in_either_order_serve_a_link(folder: ExampleFolder) -> None:
    folder.set("stops", "aktau-baku-feeder/1", sequence="3")
    assert folder.faults() == []


def test_a_oneway_link_is_not_served_backwards(folder: ExampleFolder) -> None:
    folder.set("stops", "aktau-baku-feeder/1", sequence="3")
    folder.set("links", SEA, oneway="yes")
    found = {(fault.table, fault.column) for fault in folder.faults()}
    assert found == {("links", "mode"), ("stops", "place")}


# Demand and what is counted of it.


@pytest.mark.parametrize("number", [0, 4, 8, 12, 18, 20, 26])
def test_one_mistake_in_demand_is_one_fault(folder: ExampleFolder, number: int) -> None:
    edit, table, key, column, _ = DEMAND[number]
    edit(folder)
    fault = the_only(folder.faults())
    assert (fault.table, fault.column) == (table, column)
    assert fault.row.startswith(key)


def test_a_commodity_that_nobody_wants_need_not_be_carried(folder: ExampleFolder) -> None:
    folder.set("commodities", "flour", usd_per_unit="")
    assert not any(fault.table == "demand" for fault in folder.faults())


def test_demand_that_a_place_of_a_zone_takes_is_no_fault(folder: ExampleFolder) -> None:
    wanted(destination="tbilisi")(folder)
    assert folder.faults() == []


@pytest.mark.parametrize("cells", [{"side": "origin"}, {"commodity": "freight"}])
def test_a_zone_needs_places_for_the_goods_and_the_side_that_are_wanted(
    folder: ExampleFolder, cells: dict[str, str]
) -> None:
    # The zone has rows, but none for containers that end there: they would have no place, and flows would fall over.
    for row in ("GEO///poti-port", "GEO///tbilisi"):
        folder.set("zones", row, **cells)
    assert ("demand", "destination") in {(fault.table, fault.column) for fault in folder.faults()}


def test_a_corridor_by_one_place_or_another_needs_a_link_at_one_of_them(folder: ExampleFolder) -> None:
    folder.add("places", id="astana", name="Astana", country="KAZ", lat="51.2", lon="71.4", kind="city")
    folder.set("corridors", "caucasus", via="tbilisi/astana")
    assert folder.faults() == []


# Geography, against known distances.


def test_great_circle_against_published_distances() -> None:
    """Ed Williams' Aviation Formulary: LAX to JFK is 0.623585 radians."""
    lax, jfk = (33 + 57 / 60, -(118 + 24 / 60)), (40 + 38 / 60, -(73 + 47 / 60))
    got = great_circle_km(*(np.array([x]) for x in (*lax, *jfk)))
    assert got[0] == pytest.approx(0.623585 * 6371.0088, rel=1e-5)


def test_great_circle_is_symmetric_and_bounded() -> None:
    rng = np.random.default_rng(7)
    lat, other_lat = rng.uniform(-90, 90, (2, 500))
    lon, other_lon = rng.uniform(-180, 180, (2, 500))
    there = great_circle_km(lat, lon, other_lat, other_lon)
    assert np.allclose(there, great_circle_km(other_lat, other_lon, lat, lon))
    assert there.max() <= np.pi * 6371.0088
    assert great_circle_km(lat, lon, lat, lon).max() == 0


def test_tolerances_allow_a_shorter_link(folder: ExampleFolder) -> None:
    folder.set("links", LINE, length_km="1900")
    folder.set("places", "almaty", tolerance_km="200")
    assert folder.faults() == []


def test_tolerance_allows_a_place_off_its_country(folder: ExampleFolder) -> None:
    folder.set("places", "tbilisi", lat="41.2", lon="45.4", tolerance_km="50")
    assert folder.faults() == []


def test_the_base_map_knows_the_corridor() -> None:
    assert {"CHN", "KAZ", "KGZ", "TJK", "TKM", "UZB", "IRN", "AZE", "GEO", "TUR", "RUS", "DEU"} <= set(country_shapes())


# Notices stop nothing.


def noticed(folder: ExampleFolder) -> set[tuple[str, str]]:
    assert folder.faults() == []
    assert folder.read().name == "example"
    return {(notice.table, notice.column) for notice in folder.notices()}


def test_an_implausible_value_is_noticed(folder: ExampleFolder) -> None:
    folder.set("borders", "border--aktau-baku", hours="300")
    assert ("borders", "hours") in noticed(folder)


def test_a_place_that_nothing_reaches_is_noticed(folder: ExampleFolder) -> None:
    cells = {"country": "KAZ", "lat": "47.1", "lon": "51.9", "kind": "city"}
    folder.add("places", id="atyrau", name="Atyrau", **cells)
    assert noticed(folder) == {("places", "id")}


def test_a_mode_without_a_rate_is_noticed(folder: ExampleFolder) -> None:
    folder.remove("rates", "sea")
    assert noticed(folder) == {("links", "id")}


def test_an_estimate_without_a_range_is_noticed(folder: ExampleFolder) -> None:
    folder.set("evidence", "borders/border--aktau-baku/hours", low="")
    assert noticed(folder) == {("borders", "grade")}


def test_a_disruption_that_changes_nothing_is_noticed(folder: ExampleFolder) -> None:
    folder.add("disruptions", id="strike", title="Strike", from_date="2025-03-01")
    assert noticed(folder) == {("disruptions", "id")}


def test_a_value_outside_its_range_is_noticed(folder: ExampleFolder) -> None:
    folder.set("borders", "border--aktau-baku", hours="48")
    assert noticed(folder) == {("evidence", "low")}


def test_parts_larger_than_the_whole_are_noticed(folder: ExampleFolder) -> None:
    folder.set("observations", "aktau-port-containers-transit/2024//", value="4000")
    assert ("observations", "value") in noticed(folder)


def test_hours_that_do_not_go_with_the_mode_are_noticed(folder: ExampleFolder) -> None:
    folder.set("links", LINE, hours="1000")
    assert ("links", "hours") in noticed(folder)


def test_two_users_in_series_of_a_shared_resource_are_noticed(folder: ExampleFolder) -> None:
    folder.add("resource_users", resource="aktau-berth", table="links", id=SEA, commodity="containers")
    notice = the_only([notice for notice in folder.notices() if notice.table == "resource_users"])
    assert notice.value == f"links/{SEA} and terminals/aktau-port--rail-sea"


def test_two_branches_of_a_oneway_network_are_not_in_series(folder: ExampleFolder) -> None:
    folder.add("resource_users", resource="irrigation-share", table="links", id=LINE)
    folder.add("resource_users", resource="irrigation-share", table="links", id="kapchagay--almaty--rail_1520")
    assert any(notice.table == "resource_users" for notice in folder.notices())
    folder.set("links", "kapchagay--almaty--rail_1520", from_place="almaty", to_place="kapchagay", oneway="yes")
    folder.set("links", LINE, oneway="yes")
    assert not any(notice.table == "resource_users" for notice in folder.notices())


def test_members_of_a_resource_may_follow_each_other(folder: ExampleFolder) -> None:
    folder.set("resources", "almaty-aktau-line", each="member")
    folder.add("resource_users", resource="almaty-aktau-line", table="links", id="kapchagay--almaty--rail_1520")
    assert folder.check() == []


# All at once, and quickly even when all is wrong.


def test_every_fault_of_a_table_is_named(folder: ExampleFolder) -> None:
    rows = folder.rows("links")
    for link in rows:
        link["from_place"] = f"{link['from_place']}x"
        link["length_km"] = "far"
    folder.write("links", rows)
    faults = folder.faults()
    assert sum(fault.column == "from_place" for fault in faults) == len(rows)
    assert sum(fault.column == "length_km" for fault in faults) == len(rows)


def test_thousands_of_faults_are_told_in_seconds(folder: ExampleFolder) -> None:
    rows = folder.rows("demand")
    many = [rows[0] | {"origin": f"plaec-{number}", "year": str(2000 + number % 100)} for number in range(3000)]
    folder.write("demand", many)
    assert sum(fault.column == "origin" for fault in folder.faults()) == 3000
