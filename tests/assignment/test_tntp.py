"""Files of the TransportationNetworks: what stands in them is read, what is wrong in them is told with its place."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tntp_files import FLOWS, NET, TRIPS, flows_of, network_of, trips_of

from jibek.assignment import class_of, read_flows, read_network, read_trips
from jibek.errors import AssignmentError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jibek.errors import Fault

READERS: dict[str, tuple[Callable[..., Any], str]] = {
    "net": (network_of, NET),
    "trips": (trips_of, TRIPS),
    "flow": (flows_of, FLOWS),
}
SETTINGS = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


def faults_of(read: Callable[..., Any], folder: Path, text: str | bytes) -> tuple[Fault, ...]:
    with pytest.raises(AssignmentError) as caught:
        read(folder, text)
    return caught.value.faults


def test_a_network_is_read_as_it_stands(tmp_path: Path) -> None:
    network = network_of(tmp_path)
    assert network.node_ids == ("1", "2", "3", "4")
    assert (network.n_zones, network.first_through) == (2, 2)
    assert network.link_ids == ("1", "2", "3", "4", "5")
    assert network.tail.tolist() == [0, 0, 2, 2, 3]
    assert network.head.tolist() == [2, 3, 3, 1, 1]
    assert network.tail.dtype == network.head.dtype == np.int32
    assert network.capacity.tolist() == [100, 200, 50, 100, 100.5]
    assert network.length.tolist() == [1.5, 2, 2, 2, 2]
    assert network.free_time.tolist() == [10, 0, 5.25, 10, 10]
    assert network.b.tolist() == [0.15, 0.15, 0, 0.15, 1]
    assert network.power.tolist() == [4, 4, 0, 4, 2.5]
    assert network.toll.tolist() == [0, 3, 0.5, 0, 0]


def test_trips_are_sparse_and_keep_those_within_a_zone(tmp_path: Path) -> None:
    trips = trips_of(tmp_path)
    assert trips.origin.tolist() == [0, 0, 1]
    assert trips.destination.tolist() == [0, 1, 0]
    assert trips.trips.tolist() == [2, 12.5, 3]


def test_flows_stand_in_the_order_of_the_links(tmp_path: Path) -> None:
    flows = flows_of(tmp_path)
    assert flows.flow.tolist() == [7.5, 5, 3, 4.5, 8]
    assert flows.cost.tolist() == [10.5, 0.25, 5.25, 10.125, 11]


def test_flows_may_have_metadata_and_semicolons(tmp_path: Path) -> None:
    head, *rows = FLOWS.splitlines()
    metadata = "<NUMBER OF LINKS> -1\n<END OF METADATA>\n"
    text = metadata + "\n".join([f"{head} ;", *(f"{row} ;" for row in rows)])
    assert flows_of(tmp_path, text).flow.tolist() == flows_of(tmp_path).flow.tolist()


def test_parallel_links_take_their_flows_in_order(tmp_path: Path) -> None:
    (tmp_path / "net.tntp").write_text(NET.replace("1\t4\t200", "1\t3\t200"), encoding="utf-8")
    (tmp_path / "flow.tntp").write_text(FLOWS.replace("1 \t4 \t5", "1 \t3 \t5"), encoding="utf-8")
    flows = read_flows(tmp_path / "flow.tntp", read_network(tmp_path / "net.tntp"))
    assert flows.flow.tolist() == [7.5, 5, 3, 4.5, 8]


@pytest.mark.parametrize("change", [lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text.upper()])
@pytest.mark.parametrize("kind", READERS)
def test_line_ends_byte_order_mark_and_case_do_not_matter(
    tmp_path: Path, kind: str, change: Callable[[str], str]
) -> None:
    read, text = READERS[kind]
    one, other = vars(read(tmp_path, text)), vars(read(tmp_path, change(text)))
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_a_packed_file_is_read_like_an_open_one(tmp_path: Path) -> None:
    packed = tmp_path / "net.tntp.gz"
    packed.write_bytes(gzip.compress(NET.encode()))
    assert read_network(packed).capacity.tolist() == network_of(tmp_path).capacity.tolist()
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(AssignmentError, match="gzip"):
        read_network(packed)


def test_a_class_pays_tolls_and_distance_in_time(tmp_path: Path) -> None:
    network = network_of(tmp_path)
    travellers = class_of(network, trips_of(tmp_path), toll_factor=0.5, distance_factor=2)
    assert travellers.fixed_cost.tolist() == [3, 5.5, 4.25, 4, 4]
    assert travellers.allowed.tolist() == [True] * 5
    assert travellers.load == 1
    assert travellers.trips.sum() == 17.5


# Each fault: file, what is replaced by what, and the row, column and value that the message names.
FAULTS = [
    ("net", "<NUMBER OF ZONES> 2\n", "", "", "NUMBER OF ZONES", "nothing"),
    ("net", "<NUMBER OF NODES> 4\n", "<NUMBER OF NODES> 4\n<number of  nodes> 4\n", "line 3", "NUMBER OF NODES", "4"),
    ("net", "ZONES> 2", "ZONES> 5", "line 1", "NUMBER OF ZONES", "5"),
    ("net", "ZONES> 2", "ZONES> 0", "line 1", "NUMBER OF ZONES", "0"),
    ("net", "ZONES> 2", "ZONES> two", "line 1", "NUMBER OF ZONES", "two"),
    ("net", "NODES> 4", "NODES> 400000000", "line 2", "NUMBER OF NODES", "400000000"),
    ("net", "NODES> 4", "NODES> " + "9" * 5000, "line 2", "NUMBER OF NODES", "9" * 59 + "…"),
    ("net", "NODE> 3", "NODE> 6", "line 3", "FIRST THRU NODE", "6"),
    ("net", "NODE> 3", "NODE> -1", "line 3", "FIRST THRU NODE", "-1"),
    ("net", "LINKS> 5", "LINKS> 6", "line 4", "NUMBER OF LINKS", "6"),
    ("net", "LINKS> 5", "LINKS> 4.5", "line 4", "NUMBER OF LINKS", "4.5"),
    ("net", "<END OF METADATA>\n", "", "line 8", "", "1 3 100 1.5 10 0.15 4 60 0 1 ;"),
    ("net", "1 3 100 ", "1 5 100 ", "line 9", "term_node", "5"),
    ("net", "1 3 100 ", "0 3 100 ", "line 9", "init_node", "0"),
    ("net", "1 3 100 ", "1.0 3 100 ", "line 9", "init_node", "1.0"),
    ("net", "1 3 100 ", "1 3 -100 ", "line 9", "capacity", "-100"),
    ("net", "1 3 100 ", "1 3 0 ", "line 9", "capacity", "0"),
    ("net", "1 3 100 ", "1 3 1e-300 ", "line 9", "capacity", "1e-300"),
    ("net", "1 3 100 1.5", "1 3 100 -1.5", "line 9", "length", "-1.5"),
    ("net", "5.25 0 0", "-5.25 0 0", "line 11", "free_flow_time", "-5.25"),
    ("net", "5.25 0 0", "NaN 0 0", "line 11", "free_flow_time", "NaN"),
    ("net", "5.25 0 0", "inf 0 0", "line 11", "free_flow_time", "inf"),
    ("net", "5.25 0 0", "1e308 0 0", "line 11", "free_flow_time", "1e308"),
    ("net", "5.25 0 0", "1e400 0 0", "line 11", "free_flow_time", "1e400"),
    ("net", "5.25 0 0", "fast 0 0", "line 11", "free_flow_time", "fast"),
    ("net", "5.25 0 0", "5.25 -1 0", "line 11", "b", "-1"),
    ("net", "5.25 0 0", "5.25 0 0.5", "line 11", "power", "0.5"),
    ("net", "5.25 0 0", "5.25 0 101", "line 11", "power", "101"),
    ("net", "60 0.5 1 ;", "60 -0.5 1 ;", "line 11", "toll", "-0.5"),
    ("net", "60 0.5 1 ;", "fast 0.5 1 ;", "line 11", "speed", "fast"),
    ("net", "60 0.5 1 ;", "60 0.5 1", "line 11", "", "3 4 50 2 5.25 0 0 60 0.5 1"),
    ("net", "60 0.5 1 ;", "60 0.5 ;", "line 11", "", "3 4 50 2 5.25 0 0 60 0.5 ;"),
    ("net", "60 0.5 1 ;", "60 0.5 1 ; 7", "line 11", "", "3 4 50 2 5.25 0 0 60 0.5 1 ; 7"),
    ("trips", "ZONES> 2", "ZONES> 3", "line 1", "NUMBER OF ZONES", "3"),
    ("trips", "<TOTAL OD FLOW> 17.5\n", "", "", "TOTAL OD FLOW", "nothing"),
    ("trips", "17.5", "17.6", "line 2", "TOTAL OD FLOW", "17.6"),
    ("trips", "17.5", "nan", "line 2", "TOTAL OD FLOW", "nan"),
    ("trips", "17.5", "1e308", "line 2", "TOTAL OD FLOW", "1e308"),
    ("trips", "Origin 1", "Origin 9", "line 5", "origin", "9"),
    ("trips", "Origin 1", "Origin", "line 5", "origin", ""),
    ("trips", "Origin 1", "Origin one", "line 5", "origin", "one"),
    ("trips", "Origin 1\n", "\n", "line 6", "origin", "1 :      2.0;    2 :     12.5;"),
    ("trips", "2 :     12.5", "3 :     12.5", "line 6", "destination", "3"),
    ("trips", "2 :     12.5", "1 :     12.5", "line 6", "destination", "1 to 1"),
    ("trips", "Origin  2", "Origin  1", "line 8", "destination", "1 to 1"),
    ("trips", "2 :     12.5", "2 :     -12.5", "line 6", "trips", "-12.5"),
    ("trips", "2 :     12.5", "2 :     NaN", "line 6", "trips", "NaN"),
    ("trips", "2 :     12.5", "2 :     1e308", "line 6", "trips", "1e308"),
    ("trips", "2 :     12.5", "2 :     many", "line 6", "trips", "many"),
    ("trips", "2 :     12.5", "2       12.5", "line 6", "trips", "2       12.5;"),
    ("trips", "2 :     12.5;", "2 :     12.5", "line 6", "trips", "    2 :     12.5"),
    ("trips", "2 :     12.5;", "2 :     12.5;;", "line 6", "trips", ";"),
    ("flow", "1 \t3 \t7.5", "1 \t2 \t7.5", "line 2", "from", "1 to 2"),
    ("flow", "1 \t3 \t7.5", "1 \t9 \t7.5", "line 2", "to", "9"),
    ("flow", "1 \t3 \t7.5", "1 \t3 \t-7.5", "line 2", "volume", "-7.5"),
    ("flow", "7.5 \t10.5", "7.5", "line 2", "", "1 \t3 \t7.5"),
    ("flow", "3 \t4 \t3 \t5.25\n", "", "", "from", "no link 3 to 4"),
    ("flow", "3 \t4 \t3 \t5.25\n", "3 \t4 \t3 \t5.25\n" * 2, "line 6", "from", "3 to 4"),
]


@pytest.mark.parametrize(("kind", "old", "new", "row", "column", "value"), FAULTS)
def test_a_fault_is_told_with_its_place(
    tmp_path: Path, kind: str, old: str, new: str, row: str, column: str, value: str
) -> None:
    read, text = READERS[kind]
    assert old in text
    faults = faults_of(read, tmp_path, text.replace(old, new, 1))
    assert (str(tmp_path / f"{kind}.tntp"), row, column, value) in {(f.table, f.row, f.column, f.value) for f in faults}
    assert all(fault.expected and fault.remedy for fault in faults)


@pytest.mark.parametrize("kind", READERS)
def test_no_file_an_empty_file_and_bytes_that_are_no_text_are_faults(tmp_path: Path, kind: str) -> None:
    read, text = READERS[kind]
    broken = text.encode().replace(b"\n", b"\n\xff", 1)
    assert [(f.row, f.value) for f in faults_of(read, tmp_path, broken)] == [("line 2", "byte 0xff")]
    for empty in ("", "\ufeff", " \n\n"):
        assert [f.value for f in faults_of(read, tmp_path, empty)] == ["an empty file"]
    with pytest.raises(AssignmentError, match="No such file"):
        read_network(tmp_path / "none.tntp")
    with pytest.raises(AssignmentError, match="Is a directory"):
        read_network(tmp_path)


def test_all_faults_come_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    text = NET.replace("1 3 100 1.5", "1 7 -100 x").replace("LINKS> 5", "LINKS> 7").replace("1 2.5 60", "-1 2.5 60")
    places = [(fault.row, fault.column) for fault in faults_of(network_of, tmp_path, text)]
    assert places == [
        ("line 4", "NUMBER OF LINKS"),
        ("line 9", "capacity"),
        ("line 9", "length"),
        ("line 9", "term_node"),
        ("line 14", "b"),
    ]


def test_of_very_many_faults_of_a_kind_the_first_are_listed_and_the_rest_counted(tmp_path: Path) -> None:
    rows = "1 3 -1 1 1 0 0 0 0 0 ;\n" * 2500
    head = NET.partition("~ init")[0].replace("LINKS> 5", "LINKS> 2500")
    faults = faults_of(network_of, tmp_path, head + rows)
    assert len(faults) == 1001
    assert [fault.value for fault in faults if not fault.row] == ["1500 more"]


@pytest.mark.parametrize("kind", ["net", "trips"])
def test_a_file_cut_anywhere_is_a_fault(tmp_path: Path, kind: str) -> None:
    read, text = READERS[kind]
    # A cut takes something away as long as it comes before the last cell that is not 0.
    needed = len(text.rstrip()) if kind == "net" else text.index("2 :      0.0")
    for end in range(needed - 1 - text[:needed][::-1].index(";"), 0, -1):
        faults_of(read, tmp_path, text[:end])


def test_a_total_may_be_rounded_in_its_last_digit(tmp_path: Path) -> None:
    cells = TRIPS.replace("12.5;", "12.46;")
    assert trips_of(tmp_path, cells.replace("17.5", "17.5")).trips[1] == 12.46
    faults_of(trips_of, tmp_path, cells.replace("17.5", "17.50"))
    faults_of(trips_of, tmp_path, cells.replace("17.5", "1.75e1"))


@SETTINGS
@given(kind=st.sampled_from(sorted(READERS)), content=st.binary(max_size=400))
def test_random_bytes_are_a_fault_and_no_traceback(tmp_path: Path, kind: str, content: bytes) -> None:
    faults_of(READERS[kind][0], tmp_path, content)


@settings(SETTINGS, max_examples=400)
@given(
    kind=st.sampled_from(sorted(READERS)),
    start=st.integers(0, 400),
    length=st.integers(0, 30),
    new=st.one_of(
        st.sampled_from(["", "-", "\n", ";", ":", "~", "<", ">", "\t", "nan", "1e308", "1e-400", "Origin", "\0", "٣"]),
        st.text(max_size=8),
    ),
)
def test_whatever_is_changed_in_a_good_file_gives_numbers_in_range_or_a_fault(
    tmp_path: Path, kind: str, start: int, length: int, new: str
) -> None:
    read, text = READERS[kind]
    changed = (text[:start] + new + text[start + length :]).encode("utf-8", "surrogatepass")
    try:
        found = read(tmp_path, changed)
    except AssignmentError:
        return
    for value in vars(found).values():
        if isinstance(value, np.ndarray):
            assert np.isfinite(value).all()
            assert (value >= 0).all()


@pytest.mark.parametrize(
    ("name", "nodes", "zones", "first_through", "links", "pairs", "total"),
    [
        ("SiouxFalls", 24, 24, 0, 76, 528, 360600.0),
        ("Anaheim", 416, 38, 38, 914, 1406, 104694.4),
        ("ChicagoSketch", 933, 387, 0, 2950, 93513, 1260907.44),
    ],
)
def test_published_networks_and_trips_are_read_whole(
    benchmark_data: Path, name: str, nodes: int, zones: int, first_through: int, links: int, pairs: int, total: float
) -> None:
    network = read_network(benchmark_data / name / f"{name}_net.tntp")
    assert (len(network.node_ids), network.n_zones, network.first_through) == (nodes, zones, first_through)
    assert len(network.link_ids) == links
    trips = read_trips(benchmark_data / name / f"{name}_trips.tntp", network)
    assert len(trips.trips) == pairs
    assert trips.trips.sum() == pytest.approx(total, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "toll_factor", "distance_factor", "objective"),
    [
        ("SiouxFalls", 0, 0, 4231335.28710744),
        ("Anaheim", 0, 0, 1286032.17109602),
        ("ChicagoSketch", 0.02, 0.04, 17313018.7387477),
        ("ChicagoRegional", 0.1, 0.25, 30792611.3864393),
    ],
)
def test_published_flows_on_published_networks_have_the_published_objective(
    benchmark_data: Path, name: str, toll_factor: float, distance_factor: float, objective: float
) -> None:
    packed = ".gz" if name == "ChicagoRegional" else ""
    network = read_network(benchmark_data / name / f"{name}_net.tntp{packed}")
    solution = read_flows(benchmark_data / name / f"{name}_flow.tntp{packed}", network)
    flow = solution.flow
    delay = 1 + network.b / (network.power + 1) * (flow / network.capacity) ** network.power
    fixed = toll_factor * network.toll + distance_factor * network.length
    assert np.sum(flow * (network.free_time * delay + fixed)) == pytest.approx(objective, rel=1e-13)
    time = network.free_time * (1 + network.b * (flow / network.capacity) ** network.power)
    # Where the file has the flow in full digits, its cost is the delay function of the network.
    np.testing.assert_allclose(solution.cost, time + fixed, rtol=1e-9, atol=1e-9)
