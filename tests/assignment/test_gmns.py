"""Folders of the General Modeling Network Specification: read, written and read again, faults told with their place."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from gmns_files import FILES, folder_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tntp_files import network_of, trips_of

from jibek.assignment import TrafficNetwork, class_of, link_flow_table, read_demand, read_gmns, to_gmns_texts
from jibek.errors import AssignmentError, RunError

if TYPE_CHECKING:
    from pathlib import Path

    from jibek.assignment import TravelClass
    from jibek.errors import Fault

SETTINGS = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


def problem_of(folder: Path) -> tuple[TrafficNetwork, tuple[TravelClass, ...]]:
    found = read_gmns(folder)
    demand = read_demand(folder / "demand.csv", found)
    return found.network, tuple(found.class_of_use(use, trips) for use, trips in demand.items())


def faults_of(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(AssignmentError) as caught:
        problem_of(folder)
    return caught.value.faults


def test_zones_come_first_in_the_order_of_their_table_and_centroids_are_not_passed_through(tmp_path: Path) -> None:
    found = read_gmns(folder_of(tmp_path))
    assert found.network.node_ids == ("n", "s", "crossing", "bridge")
    assert found.nodes.zone_ids == ("North", "South")
    assert found.nodes.unclear_zones == ("Forest",)
    assert (found.network.n_zones, found.network.first_through) == (2, 2)
    assert found.nodes.coordinates.tolist() == [[71.5, 51.3], [71.4, 51.1], [71.5, 51.25], [71.6, 51.2]]


def test_links_are_read_with_their_units_defaults_and_both_directions(tmp_path: Path) -> None:
    network = read_gmns(folder_of(tmp_path)).network
    assert network.link_ids == ("a", "b", "c--forward", "d", "e", "c--backward")
    assert network.tail.tolist() == [0, 0, 2, 3, 3, 1]
    assert network.head.tolist() == [2, 3, 1, 1, 2, 2]
    assert network.free_time.tolist() == [10, 4.5, 3, 2, 2, 3]
    assert network.capacity.tolist() == [2000, 800, 900, 1e15, 0, 900]
    assert network.b.tolist() == [0.15, 0.5, 0.15, 0, 0.15, 0.15]
    assert network.power.tolist() == [4, 1, 4, 4, 4, 4]
    assert network.length.tolist() == [10, 6, 2, 3, 1, 2]
    assert network.toll.tolist() == [0, 2.5, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("config", "minutes"),
    [
        (None, 10),
        ("long_length,speed\nmile,mph\n", 10),
        ("long_length,speed\nm,km/h\n", 0.01),
        ("long_length,speed\nkm,mph\n", 10 / 1.609344),
        ("long_length,speed\nkm,\n", 10),
    ],
)
def test_free_time_is_length_over_speed_in_minutes(tmp_path: Path, config: str | None, minutes: float) -> None:
    network = read_gmns(folder_of(tmp_path, config=config)).network
    assert network.free_time[0] == pytest.approx(minutes, rel=1e-15)
    assert network.free_time[1] == 4.5


def test_classes_have_their_own_links_weight_and_value_of_time(tmp_path: Path) -> None:
    _, (car, truck) = problem_of(folder_of(tmp_path))
    assert (car.name, car.load, truck.name, truck.load) == ("car", 1, "truck", 2.5)
    assert (car.origin.tolist(), car.destination.tolist(), car.trips.tolist()) == ([0, 1], [1, 1], [120.5, 7])
    assert (truck.origin.tolist(), truck.destination.tolist(), truck.trips.tolist()) == ([0], [1], [40])
    assert car.allowed.tolist() == [True, True, True, True, False, True]
    assert truck.allowed.all()
    assert car.fixed_cost.tolist() == [0] * 6
    # 30 an hour: a unit of money is worth 2 minutes.
    assert truck.fixed_cost.tolist() == [5, 3 + 5, 1, 1.5, 0.5, 1]


def test_factors_are_those_of_uses_without_a_value_of_time(tmp_path: Path) -> None:
    folder = read_gmns(folder_of(tmp_path))
    demand = read_demand(tmp_path / "folder" / "demand.csv", folder)
    car, truck = (folder.class_of_use(use, demand[use], toll_factor=2, distance_factor=1) for use in ("car", "truck"))
    assert car.fixed_cost.tolist() == [10, 11, 2, 3, 1, 2]
    assert truck.fixed_cost.tolist() == [5, 8, 1, 1.5, 0.5, 1]


def test_demand_without_uses_is_that_of_cars(tmp_path: Path) -> None:
    link = FILES["link.csv"].replace("car", "auto").replace("motor", "bike")
    demand = "o_zone_id,d_zone_id,volume\nNorth,South,3\n"
    folder = folder_of(tmp_path, link=link, demand=demand, use_definition=None, use_group=None)
    _, (travellers,) = problem_of(folder)
    assert travellers.name == "auto"
    assert travellers.allowed.tolist() == [True, True, True, False, False, True]


def test_a_folder_as_dtalite_writes_it(tmp_path: Path) -> None:
    link = (
        "link_id,from_node_id,to_node_id,dir_flag,length,free_speed,capacity,lanes,VDF_fftt1,VDF_alpha1,VDF_beta1\n"
        "1,1,2,1,10,60,1000,3,9.5,0.2,5\n2,2,1,1,10,60,1000,1,,,\n"
    )
    folder = tmp_path / "dtalite"
    folder.mkdir()
    (folder / "node.csv").write_text("node_id,zone_id,x_coord,y_coord\n1,1,0,0\n2,2,0,1\n", encoding="utf-8")
    (folder / "link.csv").write_text(link, encoding="utf-8")
    (folder / "demand.csv").write_text("o_zone_id,d_zone_id,volume\n1,2,700\n", encoding="utf-8")
    network, (travellers,) = problem_of(folder)
    assert network.link_ids == ("1", "2")
    assert network.free_time.tolist() == [9.5, 10]
    assert network.capacity.tolist() == [3000, 1000]
    assert (network.b.tolist(), network.power.tolist()) == ([0.2, 0.15], [5, 4])
    assert (travellers.name, travellers.trips.tolist()) == ("auto", [700])


def test_zones_may_be_ordinary_nodes(tmp_path: Path) -> None:
    node = "node_id,zone_id\ns,South\nn,North\nbridge,\ncrossing,\n"
    found = read_gmns(folder_of(tmp_path, node=node, zone=None))
    assert found.nodes.zone_ids == ("South", "North")
    assert (found.network.n_zones, found.network.first_through) == (2, 0)
    assert np.isnan(found.nodes.coordinates).all()


def test_blank_lines_and_the_order_of_rows_and_columns_do_not_matter(tmp_path: Path) -> None:
    network, classes = problem_of(folder_of(tmp_path))
    demand = FILES["demand.csv"].splitlines()
    lines = FILES["node.csv"].replace("\n", "\n\n").replace("Old\n\n", "Old\n")
    turned = ["\ufeffvolume,note,MODE_TYPE,d_zone_id,o_zone_id"]
    for row in reversed(demand[1:]):
        origin, destination, use, volume = row.split(",")
        turned += ["", f" {volume} ,x,{use},{destination},{origin}"]
    again, classes_again = problem_of(folder_of(tmp_path, node=lines, demand="\r\n".join(turned)))
    assert again.node_ids == network.node_ids
    for one, other in zip(classes, classes_again, strict=True):
        assert one.name == other.name
        assert one.trips.tolist() == other.trips.tolist()


def test_a_quote_within_a_cell_is_part_of_it(tmp_path: Path) -> None:
    node = FILES["node.csv"].replace("crossing", 'cro"ssing').replace("bridge,", 'brid"ge,', 1)
    link = FILES["link.csv"].replace("crossing", 'cro"ssing').replace("bridge", 'brid"ge')
    network = read_gmns(folder_of(tmp_path, node=node, link=link)).network
    assert network.node_ids == ("n", "s", 'cro"ssing', 'brid"ge')


# Each fault: file, what is replaced by what, and the row, column and value that the message names.
FAULTS = [
    ("node", "s,,71.4", "n,,71.4", "line 6", "node_id", "n"),
    ("node", "s,,71.4", ",,71.4", "line 3", "node_id", ""),
    ("node", "s,,71.4", "s,,east", "line 3", "x_coord", "east"),
    ("node", "s,,71.4", "s,71.4", "line 3", "", "5 cells"),
    ("node", "centroid,North", "centroid,Nord", "line 6", "zone_id", "Nord"),
    ("node", "51.3,centroid,North", "51.3,,North\nx,,1,1,centroid,", "line 7", "zone_id", ""),
    ("node", "node_id", "id", "line 1", "node_id", "no such column"),
    ("node", "name", "node_id", "line 1", "node_id", "node_id"),
    ("node", '"Old\nbridge"', '"Old\nbridge', "line 4", "", "unexpected end of data"),
    ("zone", "South", "North", "line 3", "zone_id", "North"),
    ("link", "b,n,", "a,n,", "line 3", "link_id", "a"),
    ("link", "b,n,", "c--backward,n,", "line 4", "link_id", "c--backward"),
    ("link", "b,n,bridge", "b,n,brigde", "line 3", "to_node_id", "brigde"),
    ("link", "b,n,bridge", "b,,bridge", "line 3", "from_node_id", ""),
    ("link", "TRUE,6", "yes,6", "line 3", "directed", "yes"),
    ("link", "TRUE,6", "TRUE,-6", "line 3", "length", "-6"),
    ("link", "TRUE,6", "TRUE,", "line 3", "length", ""),
    ("link", "1,10,60", "1,10,", "line 2", "free_speed", ""),
    ("link", "1,10,60", "1,10,0", "line 2", "free_speed", "0"),
    ("link", "1,10,60", "1,10,1e308", "line 2", "free_speed", "1e308"),
    ("link", "1000,2", "-1000,2", "line 2", "capacity", "-1000"),
    ("link", "1000,2", "1e10,1e10", "line 2", "capacity", "1e10"),
    ("link", "1000,2", "1000,-2", "line 2", "lanes", "-2"),
    ("link", "1000,2", ",2", "line 2", "capacity", ""),
    ("link", "0.5,1,4.5", "0.5,0.5,4.5", "line 3", "vdf_beta", "0.5"),
    ("link", "0.5,1,4.5", "-0.5,1,4.5", "line 3", "vdf_alpha", "-0.5"),
    ("link", "0.5,1,4.5", "0.5,1,inf", "line 3", "vdf_fftt", "inf"),
    ("link", "2.5,", "-2.5,", "line 3", "toll", "-2.5"),
    ("link", "car, truck", "car, trck", "line 3", "allowed_uses", "trck"),
    ("link", ",directed", ",oneway", "line 1", "directed", "no such column"),
    ("config", "kph", "knots", "line 2", "speed", "knots"),
    ("config", "small,km,kph\n", "", "", "", "0 rows"),
    ("use_definition", "truck,1,2.5", "truck,1,-2.5", "line 3", "pce", "-2.5"),
    ("use_definition", "truck,1,2.5", "truck,1,", "line 3", "pce", ""),
    ("use_definition", "2.5,30,", "2.5,,", "line 3", "distance_cost", "0.25"),
    ("use_definition", "2.5,30,", "2.5,0,", "line 3", "value_of_time", "0"),
    ("use_definition", "car,", "truck,", "line 3", "use", "truck"),
    ("use_group", '"car, truck"', "", "line 2", "uses", ""),
    ("demand", "North,South,truck,40", "West,South,truck,40", "line 2", "o_zone_id", "West"),
    ("demand", "North,South,truck,40", "North,Forest,truck,40", "line 2", "d_zone_id", "Forest"),
    ("demand", "North,South,truck,40", "North,,truck,40", "line 2", "d_zone_id", ""),
    ("demand", "North,South,truck,40", "North,South,lorry,40", "line 2", "use", "lorry"),
    ("demand", "North,South,truck,40", "North,South,,40", "line 2", "use", ""),
    ("demand", "North,South,truck,40", "North,South,car,40", "line 3", "d_zone_id", "North to South"),
    ("demand", "truck,40", "truck,-40", "line 2", "volume", "-40"),
    ("demand", "truck,40", "truck,NaN", "line 2", "volume", ""),
    ("demand", "truck,40", "truck,1e308", "line 2", "volume", "1e308"),
    ("demand", "truck,40", "truck,forty", "line 2", "volume", "forty"),
    ("demand", "truck,40", "truck", "line 2", "", "3 cells"),
    ("demand", "truck,40", "truck,40,", "line 2", "", "5 cells"),
]


@pytest.mark.parametrize(("file", "old", "new", "row", "column", "value"), FAULTS)
def test_a_fault_is_told_with_its_place(
    tmp_path: Path, file: str, old: str, new: str, row: str, column: str, value: str
) -> None:
    text = FILES[f"{file}.csv"]
    assert old in text
    folder = folder_of(tmp_path, **{file: text.replace(old, new, 1)})
    faults = faults_of(folder)
    assert (str(folder / f"{file}.csv"), row, column, value) in {(f.table, f.row, f.column, f.value) for f in faults}
    assert all(fault.expected and fault.remedy for fault in faults)


def test_faults_of_all_files_of_the_network_come_at_once(tmp_path: Path) -> None:
    node, link = FILES["node.csv"].replace("71.4", "x"), FILES["link.csv"].replace("TRUE,6", "TRUE,-6")
    use = FILES["use_definition.csv"].replace("2.5", "heavy")
    faults = faults_of(folder_of(tmp_path, node=node, link=link, use_definition=use))
    assert [(fault.column, fault.value) for fault in faults] == [("length", "-6"), ("x_coord", "x"), ("pce", "heavy")]


def test_a_use_without_any_link_is_a_fault(tmp_path: Path) -> None:
    link = FILES["link.csv"].replace("1000,2,", "1000,2,car").replace(",all,", ",car,")
    demand = FILES["demand.csv"].replace("truck", "bike")
    faults = faults_of(folder_of(tmp_path, link=link, demand=demand))
    assert [(fault.row, fault.column, fault.value) for fault in faults] == [("line 2", "use", "bike")]


@pytest.mark.parametrize("file", ["node", "link", "demand"])
def test_a_file_that_is_missing_or_no_text_is_a_fault(tmp_path: Path, file: str) -> None:
    for content, value in ((None, "No such file or directory"), (b"a\n\xff", "byte 0xff"), ("", "an empty file")):
        folder = folder_of(tmp_path, **{file: content})
        assert (str(folder / f"{file}.csv"), value) in {(fault.table, fault.value) for fault in faults_of(folder)}


@pytest.mark.parametrize("last_link_is_for", ["truck", "bike"])
def test_what_is_written_is_read_again(tmp_path: Path, last_link_is_for: str) -> None:
    link = FILES["link.csv"].replace("truck,,,,\n", f"{last_link_is_for},,,,\n")
    network, classes = problem_of(folder_of(tmp_path, link=link))
    assert [travellers.allowed[4] for travellers in classes] == [False, last_link_is_for == "truck"]
    nodes = read_gmns(tmp_path / "folder").nodes
    written = tmp_path / "written"
    written.mkdir()
    for name, text in to_gmns_texts(network, classes, nodes=nodes).items():
        (written / name).write_text(text, encoding="utf-8")
    same_problem((network, classes), problem_of(written), fixed_costs=False)
    assert np.array_equal(read_gmns(written).nodes.coordinates, nodes.coordinates)


def test_a_network_of_another_format_is_written_and_read_again_with_its_flows(tmp_path: Path) -> None:
    network = network_of(tmp_path)
    classes = (class_of(network, trips_of(tmp_path), name="car"),)
    flows = link_flow_table(network, classes, np.arange(5.0)[None], np.full(5, 0.1))
    written = tmp_path / "written"
    written.mkdir()
    for name, text in to_gmns_texts(network, classes, flows).items():
        (written / name).write_text(text, encoding="utf-8")
    same_problem((network, classes), problem_of(written))
    header, first = (written / "link.csv").read_text(encoding="utf-8").splitlines()[:2]
    assert header.endswith(",allowed_uses,flow,load,time,cost")
    assert first.endswith(",all,0.0,0.0,0.1,0.1")


def test_a_delay_that_the_format_cannot_hold_is_not_written(tmp_path: Path) -> None:
    network = network_of(tmp_path)
    conical = TrafficNetwork(**{**vars(network), "power": np.full(5, 2.0), "delay": np.full(5, 1, dtype=np.uint8)})
    with pytest.raises(RunError, match="Conical"):
        to_gmns_texts(conical, ())


def same_problem(
    one: tuple[TrafficNetwork, tuple[TravelClass, ...]],
    other: tuple[TrafficNetwork, tuple[TravelClass, ...]],
    *,
    fixed_costs: bool = True,
) -> None:
    """Compare network and classes value by value."""
    pairs = [(one[0], other[0]), *zip(one[1], other[1], strict=True)]
    for left, right in pairs:
        for name, value in vars(left).items():
            if fixed_costs or name != "fixed_cost":
                assert np.array_equal(value, getattr(right, name)), name


@SETTINGS
@given(
    file=st.sampled_from(sorted(FILES)),
    start=st.integers(0, 400),
    length=st.integers(0, 20),
    new=st.one_of(
        st.sampled_from(["", "-", "\n", '"', ",", "\t", "nan", "1e308", "1e-300", "\0", "\r", "all", "centroid"]),
        st.text(max_size=6),
    ),
)
def test_whatever_is_changed_in_a_good_folder_gives_numbers_in_range_or_a_fault(
    tmp_path: Path, file: str, start: int, length: int, new: str
) -> None:
    text = FILES[file]
    changed = (text[:start] + new + text[start + length :]).encode("utf-8", "surrogatepass")
    folder = folder_of(tmp_path, **{file.removesuffix(".csv"): changed})
    try:
        network, classes = problem_of(folder)
    except AssignmentError:
        return
    for part in (network, *classes):
        for value in vars(part).values():
            if isinstance(value, np.ndarray):
                assert np.isfinite(value).all()
                assert (value >= 0).all()


@settings(SETTINGS, max_examples=100)
@given(file=st.sampled_from(sorted(FILES)), content=st.binary(max_size=200))
def test_random_bytes_in_a_file_are_no_traceback(tmp_path: Path, file: str, content: bytes) -> None:
    folder = folder_of(tmp_path, **{file.removesuffix(".csv"): content})
    if file == "config.csv":  # it need not hold anything
        with contextlib.suppress(AssignmentError):
            problem_of(folder)
    else:
        faults_of(folder)
