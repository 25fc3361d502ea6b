"""Time the assignment of road networks beside AequilibraE, SciPy and the goals, on the machine at hand.

    python benchmarks/assignment.py [SECTION]... [--aequilibrae PYTHON] [--json]

Both sides solve the same arrays in turn, A B A B, and medians count; reading is left out and kernels are compiled.
Jibek works with two threads, and its time holds the certificate. AequilibraE (``bfw``, the better of one and two cores)
runs in a process of its own, by an interpreter that has it (``pip install aequilibrae==1.7.2``); what counts is the
time inside ``execute()``. Gaps are those of Jibek's certificate, for both. Published networks are read from the folder
that JIBEK_BENCHMARK_DATA names. Sections that take long run only where they are named.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from jibek.assignment import read_network, read_problem, solve, to_gmns_texts
from jibek.assignment.graph import graph_of
from jibek.network.kernels import ALL, shortest_tree
from networks import chicago_regional, city
from peer import LIMIT, Peer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jibek.assignment import TrafficNetwork, TravelClass

    Row = dict[str, str | float | None]
    Timed = tuple[float, float | None]  # seconds and verified gap

THREADS, CORES = 2, (1, 2)
RUNS = 5
LONG = 10.0  # seconds; what takes longer is done once
GAPS, SMALL_GAPS = (1e-2, 1e-4, 1e-6), (1e-8, 1e-10)
FACTORS = {"SiouxFalls": (0.0, 0.0), "Anaheim": (0.0, 0.0), "ChicagoSketch": (0.02, 0.04)}  # of toll, of distance
CITIES, CITY_ZONES = (40, 60, 80), 1000  # crossings along an edge
GROWING, GROWING_ZONES = (16, 28, 50, 89, 158), 50

GOAL = {  # seconds
    ("SiouxFalls", 1e-8): 0.004,
    ("Anaheim", 1e-8): 0.012,
    ("ChicagoSketch", 1e-4): 0.10,
    ("ChicagoSketch", 1e-6): 0.14,
    ("ChicagoSketch", 1e-10): 0.23,
    ("ChicagoRegional", 1e-8): 45.0,
}
GOAL_TIMES = {("ChicagoSketch", 1e-4): 10.0}  # so many times as fast as AequilibraE; elsewhere once
GOAL_FIRST, GOAL_GIB = 10.0, 2.0


def medians(works: dict[str, Callable[[], Timed]]) -> dict[str, Timed]:
    """Time works in turn; give median seconds and the gap. The first round counts only for what takes long."""
    found = {name: [work()] for name, work in works.items()}
    quick = [name for name in works if found[name][0][0] < LONG]
    for _ in range(RUNS):
        for name in quick:
            found[name].append(works[name]())
    return {
        name: (statistics.median(seconds for seconds, _ in runs[1:] or runs), runs[-1][1])
        for name, runs in found.items()
    }


def jibek(network: TrafficNetwork, travel: TravelClass, gap: float) -> Timed:
    """Solve a problem by Jibek."""
    start = time.perf_counter()
    result = solve(network, [travel], gap=gap, threads=THREADS)
    return time.perf_counter() - start, result.certificate.gap


def compare(name: str, network: TrafficNetwork, travel: TravelClass, peer: Peer | None) -> Iterator[Row]:
    """Time both sides at some gaps, and Jibek alone at smaller ones."""
    if peer is not None:
        peer.take(network, travel)
    for gap in (*GAPS, *SMALL_GAPS):
        works: dict[str, Callable[[], Timed]] = {"jibek": partial(jibek, network, travel, gap)}
        if peer is not None and gap in GAPS:
            works |= {str(cores): partial(peer.solve, gap, cores) for cores in CORES}
        found = medians(works)
        seconds, reached = found.pop("jibek")
        its_seconds, its_gap = min(found.values(), key=lambda each: each[0], default=(None, None))
        yield {
            "network": name,
            "gap": gap,
            "Jibek, s": seconds,
            "goal, s": GOAL.get((name, gap)),
            "Jibek's gap": reached,
            "AequilibraE, s": its_seconds,
            "AequilibraE's gap": its_gap,
            "ratio": its_seconds and its_seconds / seconds,
            "goal of ratio": its_seconds and GOAL_TIMES.get((name, gap), 1.0),
        }
        if its_seconds == LIMIT:
            peer = None  # a smaller gap would take longer still


def published_folder() -> Path:
    """Find the published networks."""
    home = os.environ.get("JIBEK_BENCHMARK_DATA")
    if not home:
        raise RuntimeError("JIBEK_BENCHMARK_DATA does not name the folder of the published networks")
    return Path(home, "tntp")


def published(peer: Peer | None) -> Iterator[Row]:
    """Solve published networks."""
    for name, (toll, distance) in FACTORS.items():
        net, trips = (published_folder() / name / f"{name}_{kind}.tntp" for kind in ("net", "trips"))
        problem = read_problem(net, trips, toll_factor=toll, distance_factor=distance)
        yield from compare(name, problem.network, problem.classes[0], peer)


def cities(peer: Peer | None) -> Iterator[Row]:
    """Solve generated cities of 1,000 zones."""
    for side in CITIES:
        network, travel = city(side, CITY_ZONES)
        yield from compare(f"city, {network.n_links:,} links", network, travel, peer)


def regional(peer: Peer | None) -> Iterator[Row]:
    """Solve Chicago Regional with demand by gravity; memory is that of Jibek's process at its peak."""
    network, travel = chicago_regional(published_folder() / "ChicagoRegional")
    for row in compare("ChicagoRegional", network, travel, peer):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        yield row | {"memory, GiB": peak, "goal, GiB": GOAL_GIB}


def trees(_: Peer | None) -> Iterator[Row]:
    """Grow one-to-all shortest-path trees from every zone, and count how many a second."""
    yield trees_of("city", city(CITIES[-1], CITY_ZONES)[0])
    name = "ChicagoRegional"
    yield trees_of(name, read_network(published_folder() / name / f"{name}_net.tntp.gz"))


def trees_of(name: str, network: TrafficNetwork) -> Row:
    """Grow the trees of a network, after a look whether both sides give the same distances."""
    graph = graph_of(network)
    first_out, roots, cost = graph.first_out.astype(np.int64), graph.start.tolist(), network.free_time[graph.link]
    matrix = csr_array((cost, graph.head, graph.first_out), shape=(len(first_out) - 1, len(first_out) - 1))
    ours = partial(shortest_tree, first_out, graph.head.astype(np.int32), cost)
    theirs = partial(dijkstra, matrix, return_predecessors=True)
    np.testing.assert_allclose(ours(roots[0], ALL)[0], theirs(indices=roots[0])[0], rtol=1e-12)

    def by_jibek(threads: int) -> Timed:
        start = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda root: ours(root, ALL)[0][0], roots))
        return time.perf_counter() - start, None

    def by_scipy() -> Timed:
        start = time.perf_counter()
        for root in roots:
            theirs(indices=root)
        return time.perf_counter() - start, None

    found = medians({"one": partial(by_jibek, 1), "two": partial(by_jibek, 2), "SciPy": by_scipy})
    one, two, scipy = (len(roots) / seconds for seconds, _ in found.values())
    return {
        "network": name,
        "nodes": network.n_nodes,
        "Jibek, 1 thread": one,
        "Jibek, 2 threads": two,
        "SciPy": scipy,
        "ratio, 1 thread": one / scipy,
    }


def growth(_: Peer | None) -> Iterator[Row]:
    """Solve ever greater cities of 50 zones to 1e-6, and fit time to a power of the number of links."""
    sizes, times = [], []
    for side in GROWING:
        network, travel = city(side, GROWING_ZONES)
        seconds, gap = medians({"jibek": partial(jibek, network, travel, GAPS[-1])})["jibek"]
        sizes, times = [*sizes, network.n_links], [*times, seconds]
        exponent = None if len(sizes) == 1 else float(np.polyfit(np.log(sizes), np.log(times), 1)[0])
        yield {"links": network.n_links, "Jibek, s": seconds, "its gap": gap, "exponent up to here": exponent}


def first(_: Peer | None) -> Iterator[Row]:
    """Run the whole command on a small network, with an empty compile cache and with what that left in it."""
    network, travel = city(GROWING[0], GROWING_ZONES)
    with tempfile.TemporaryDirectory() as home:
        for name, text in to_gmns_texts(network, [travel]).items():
            Path(home, name).write_text(text, encoding="utf-8")
        environment = os.environ | {"NUMBA_CACHE_DIR": f"{home}/cache"}
        command = [sys.executable, "-m", "jibek.cli", "assign", home, "--threads", str(THREADS)]
        for cache, goal in (("empty", GOAL_FIRST), ("full", None)):
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
            seconds = time.perf_counter() - start
            yield {"compile cache": cache, "links": network.n_links, "first result, s": seconds, "goal, s": goal}


SECTIONS = {section.__name__: section for section in (published, trees, growth, first, cities, regional)}
USUAL = ("published", "trees", "growth", "first")


def show(row: Row, *, head: bool) -> None:
    """Print a row, below the names of its columns if it is the first; the first column is text."""
    widths = [24, *(max(len(name), 8) + 2 for name in list(row)[1:])]
    if head:
        print("".join(f"{name:>{width}}" for name, width in zip(row, widths, strict=True)))
    cells = ["" if each is None else f"{each:.3g}" if isinstance(each, float) else str(each) for each in row.values()]
    print("".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True)), flush=True)


def peer_of(python: str | None, folder: Path) -> Peer | None:
    """Start AequilibraE, or say why it is left out."""
    try:
        if python is None:
            raise RuntimeError("--aequilibrae names no interpreter that has it")  # noqa: TRY301
        peer = Peer(python, folder)
    except RuntimeError as error:
        print(f"Without AequilibraE: {error}.", file=sys.stderr)
        return None
    print(
        f"With AequilibraE {peer.version}; a ratio without its gap is a lower bound: it ran {LIMIT:g} s.",
        file=sys.stderr,
    )
    return peer


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", default=USUAL, metavar="SECTION", help=f"any of {', '.join(SECTIONS)}")
    parser.add_argument("--aequilibrae", metavar="PYTHON", help="interpreter that has AequilibraE")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    asked = parser.parse_args()
    if unknown := set(asked.sections) - set(SECTIONS):
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    if (load := os.getloadavg()[0]) > 1:
        print(f"Other work is running (load {load:.1f}): neither times nor ratios tell much.", file=sys.stderr)
    jibek(*city(GROWING[0], GROWING_ZONES), gap=GAPS[-1])  # kernels are compiled
    tables: dict[str, list[Row]] = {}
    with tempfile.TemporaryDirectory() as folder:
        peer = peer_of(asked.aequilibrae, Path(folder))
        for name in asked.sections:
            tables[name] = []
            if not asked.json:
                print(f"\n{SECTIONS[name].__doc__}")
            try:
                for row in SECTIONS[name](peer):
                    tables[name].append(row)
                    if not asked.json:
                        show(row, head=len(tables[name]) == 1)
            except RuntimeError as error:
                print(f"Not done: {error}.", file=sys.stderr)
        if peer is not None:
            peer.stop()
    if asked.json:
        print(json.dumps(tables, indent=2))


if __name__ == "__main__":
    main()
