"""The stages of a run: journeys, what could not be done, what the results rest on, and two runs side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from jibek.corridor import Entry, Scenario, embedded_corridors, read_corridor, schema_of
from jibek.errors import RunError
from jibek.study import STAGES, Run, Study, compare, manifest_of, run_study

if TYPE_CHECKING:
    from jibek.corridor import Corridor

LINK = "baku-alat-port--tbilisi--rail_1520"


@pytest.fixture(scope="module")
def example() -> Corridor:
    return read_corridor(embedded_corridors()["example"])


@pytest.fixture(scope="module")
def plain(example: Corridor) -> Study:
    return run_study(example)


@pytest.fixture(scope="module")
def embedded(corridor: Corridor) -> Study:
    return run_study(corridor, stages=["routes", "targets", "evidence"])


def changed(corridor: Corridor, table: str, rows: pl.DataFrame) -> Corridor:
    """Put other rows in place of a table."""
    return replace(corridor, tables={**corridor.tables, table: rows})


def closing(*ids: str) -> Scenario:
    return Scenario(name="closed", close=tuple(Entry(id=i) for i in ids))


def as_run(study: Study) -> Run:
    return Run(Path("run"), {}, study.tables)


def test_stages_are_run_in_order_and_timed(example: Corridor) -> None:
    heard: list[str] = []
    study = run_study(example, stages=["evidence", "routes"], progress=heard.append)
    assert heard == ["routes", "evidence"] == list(study.seconds)
    assert "targets" not in study.tables


def test_an_unknown_stage_is_refused_before_any_work(example: Corridor) -> None:
    with pytest.raises(
        RunError,
        match=r"Unknown stage 'flow'\. Stages are: routes, flows, balances, trade, operations, validation, targets, ev",
    ):
        run_study(example, stages=["routes", "flow"], progress=pytest.fail)


def test_a_run_keeps_the_world_of_its_year(example: Corridor) -> None:
    study = run_study(example, Scenario(name="later", year=2031, close=(Entry(id=LINK),)), stages=[])
    links = study.tables["links"]
    assert links.filter(id=LINK)["open_share"].item() == 0.0
    assert set(study.tables) == set(run_study(example, stages=[]).tables)


def test_the_longest_journey_comes_first(embedded: Study) -> None:
    world = embedded.corridor
    lon = dict(world["places"].select("id", "lon").iter_rows())
    pairs = embedded.tables["routes"].select("pair", "origin", "destination").unique(maintain_order=True)
    assert [int(pair) for pair in pairs["pair"]] == list(range(1, pairs.height + 1))
    spans = [abs(lon[origin] - lon[destination]) for _, origin, destination in pairs.iter_rows()]
    assert spans == sorted(spans, reverse=True)


def test_every_journey_of_the_corridors_is_answered_or_named(embedded: Study) -> None:
    asked = set(embedded.corridor["corridors"].select("from_place", "to_place").drop_nulls().iter_rows())
    answered = {
        pair for name in ("routes", "unrouted") for pair in embedded.tables[name].select("origin", "destination").rows()
    }
    assert answered == asked


def test_more_than_nine_journeys_stay_in_order(example: Corridor) -> None:
    ends = ("almaty", "aktau-port", "baku-alat-port", "tbilisi")
    row = example["corridors"].filter(id="caspian")
    journeys = [(a, b) for a in ends for b in ends if a != b]
    rows = [
        row.with_columns(id=pl.lit(f"way-{n:02}"), from_place=pl.lit(a), to_place=pl.lit(b))
        for n, (a, b) in enumerate(journeys)
    ]
    tables = run_study(changed(example, "corridors", pl.concat(rows)), stages=["routes"]).tables
    numbers = [int(pair) for pair in tables["routes"]["pair"].unique(maintain_order=True)]
    assert len(numbers) == 12
    assert numbers == sorted(numbers)
    legs = tables["route_legs"].select(pl.col("pair").cast(pl.Int64), "rank", "leg").rows()
    assert legs == sorted(legs)


def test_a_journey_without_a_way_is_named_with_its_reason(example: Corridor) -> None:
    tables = run_study(example, closing("aktau-port"), stages=["routes"]).tables
    assert tables["unrouted"].select("origin", "destination").rows() == [("almaty", "poti-port")]
    assert "poti-port" in tables["unrouted"]["reason"].item()
    assert all(tables[name].is_empty() for name in tables if name.startswith("route"))


def test_the_tables_of_a_run_have_the_same_columns_with_and_without_routes(plain: Study, example: Corridor) -> None:
    shut = run_study(example, closing("aktau-port"))
    assert {name: table.schema for name, table in shut.tables.items()} == {
        name: table.schema for name, table in plain.tables.items()
    }


def test_what_has_no_price_is_named(example: Corridor, plain: Study) -> None:
    unpriced = run_study(
        changed(example, "rates", example["rates"].filter(pl.col("id") != "sea")), stages=["routes"]
    ).tables["unpriced"]
    before = set(plain.tables["unpriced"].rows())
    assert set(unpriced.rows()) - before == {("containers", "link", "aktau-port--baku-alat-port--feeder", "feeder")}
    assert unpriced.equals(unpriced.sort(pl.all()))


@pytest.mark.parametrize("closed", ["malaszewicze", "aktau-port", "suez-canal"])
def test_closing_makes_no_best_route_better(corridor: Corridor, embedded: Study, closed: str) -> None:
    after = run_study(corridor, closing(closed), stages=["routes"])
    best = [
        dict(study.tables["routes"].filter(rank=1).select("pair", "generalised_hours").iter_rows())
        for study in (embedded, after)
    ]
    assert best[1].keys() <= best[0].keys()
    assert all(best[1][pair] >= best[0][pair] - 1e-9 for pair in best[1])


def test_an_estimate_stands_beside_its_range(plain: Study) -> None:
    estimates = plain.tables["estimates"]
    row = estimates.filter(table="borders", id="border--aktau-baku", column="hours").row(0, named=True)
    hours = plain.corridor["borders"].filter(id="border--aktau-baku")["hours"].item()
    assert (row["value"], row["low"], row["high"]) == (hours, 6.0, 24.0)
    joined = estimates.filter(table="demand", id="almaty/poti-port/containers/2025")
    assert (
        joined["value"].item()
        == plain.corridor["demand"].filter(origin="almaty", destination="poti-port", year=2025)["quantity"].item()
    )


def test_every_numeric_estimate_has_its_value(embedded: Study) -> None:
    world, estimates = embedded.corridor, embedded.tables["estimates"]
    assert estimates.height == world["evidence"].filter(grade="estimate").height
    for table, column in estimates.select("table", "column").unique().sort(pl.all()).iter_rows():
        if world[table].schema[column].is_numeric():
            key = pl.concat_str([pl.col(k).cast(pl.String).fill_null("") for k in schema_of(table).key], separator="/")
            cells = dict(world[table].select(key.alias("id"), column).iter_rows())
            shown = estimates.filter(table=table, column=column).select("id", "value").iter_rows()
            assert all(value == cells[row] for row, value in shown), (table, column)


def test_sources_count_the_rows_that_cite_them(plain: Study) -> None:
    sources = plain.tables["sources"]
    tables = plain.corridor.tables.values()
    cited = sum(t["source"].list.len().sum() for t in tables if t.schema.get("source") == pl.List(pl.String))
    assert sources["uses"].sum() == cited
    assert sources["id"].to_list() == plain.corridor["sources"]["id"].to_list()


def test_notices_name_rows_and_no_lines_of_files(embedded: Study) -> None:
    notices = embedded.tables["notices"]
    assert notices.height == len(embedded.corridor.notices)
    assert not notices["row"].str.contains(r"\(line").any()


def test_projects_lie_where_they_change_something(plain: Study) -> None:
    points = plain.tables["project_places"]
    where = {i: (lat, lon) for i, lat, lon in plain.corridor["places"].select("id", "lat", "lon").iter_rows()}
    assert points.filter(project="alat-quay").select("lat", "lon").row(0) == where["baku-alat-port"]
    middle = tuple((a + b) / 2 for a, b in zip(where["baku"], where["tbilisi"], strict=True))
    assert points.filter(project="baku-tbilisi-line").select("lat", "lon").row(0) == pytest.approx(middle)
    assert points.filter(project="second-track").height > 0, "through the resource that the link uses"
    assert set(points["project"]) <= set(plain.corridor["projects"]["id"])


def test_a_run_compared_with_itself_does_not_change(plain: Study) -> None:
    rows = compare(as_run(plain), as_run(plain))
    assert rows.height == rows.select("origin", "destination", "commodity", "corridor").n_unique() > 0
    assert rows.select(pl.col("^.*_change$").abs().sum()).row(0) == (0.0,) * 4


def test_comparing_shows_what_is_lost_and_what_grows(corridor: Corridor, embedded: Study) -> None:
    after = run_study(corridor, closing("malaszewicze"), stages=["routes"])
    there = compare(as_run(embedded), as_run(after))
    back = compare(as_run(after), as_run(embedded))
    keys = ["origin", "destination", "commodity", "corridor"]
    assert there.select(keys).equals(back.select(keys))
    assert there["usd_change"].to_list() == (-back["usd_change"]).to_list()
    worse = there.filter((pl.col("hours_change") > 0) | pl.col("rank_after").is_null())
    assert worse.height > 0


def test_a_run_without_routes_cannot_be_compared(plain: Study, example: Corridor) -> None:
    without = as_run(run_study(example, stages=["targets"]))
    for pair in ((as_run(plain), without), (without, as_run(plain))):
        with pytest.raises(RunError, match="holds no routes"):
            compare(*pair)


def test_the_manifest_tells_runs_apart(example: Corridor, plain: Study) -> None:
    manifest = manifest_of(example, plain)
    assert manifest["stages"] == sorted(STAGES)
    assert manifest["rows"] == {name: plain.tables[name].height for name in sorted(plain.tables)}
    other = changed(example, "rates", example["rates"].with_columns(pl.col("usd_per_unit") + 1e-9))
    digests = [manifest_of(inputs, plain)["inputs"] for inputs in (example, other)]
    assert isinstance(digests[0], dict)
    assert isinstance(digests[1], dict)
    assert {name for name in digests[0] if digests[0][name] != digests[1][name]} == {"rates"}
