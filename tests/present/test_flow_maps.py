"""Maps of flows: widths and colours say what the tables say."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jibek.present.flow_maps import bottleneck_spots, change_map, flow_map, load_meaning, widest_flow
from jibek.present.flow_strokes import SEA_WIDEST, WIDEST, scale_steps, width_of
from jibek.present.inputs import complete, localised
from jibek.present.language import language_of
from jibek.present.palette import colour
from jibek.present.projection import project
from jibek.study.flow_measures import link_flows

Tables = dict[str, pl.DataFrame]
STEP = 1.17  # widths are rounded to steps of 1.35: at most half a step off


@pytest.fixture
def local(flow_results: Tables) -> Tables:
    return localised(complete(flow_results), language_of("en"))


def lines(figure: dict, layer: str) -> dict[str, float]:
    """Width of the lines of a layer by colour."""
    return {t["line"]["color"]: t["line"]["width"] for t in figure["data"] if t.get("meta") == layer and "line" in t}


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.floats(1, 1e9))
def test_more_is_never_thinner(one: float, other: float, most: float) -> None:
    low, high = sorted((one, other))
    for medium in ("rail", "sea"):
        assert width_of(low, most, medium) <= width_of(high, most, medium) <= WIDEST
    assert width_of(one, most, "sea") <= SEA_WIDEST


@given(st.floats(1, 1e10))
def test_the_legend_has_round_steps_within_the_scale(most: float) -> None:
    steps = scale_steps(most)
    assert steps == sorted(steps)
    assert 0 < steps[0] <= steps[-1] <= most
    assert {f"{step:.0e}"[0] for step in steps} <= {"1", "2", "5"}


@pytest.mark.parametrize(
    ("share", "meaning"),
    [
        (0.0, "load_free"),
        (0.5, "load_busy"),
        (0.99, "load_full"),
        (1.0, "load_over"),
        (9.0, "load_far"),
        (None, "load_unknown"),
    ],
)
def test_a_load_has_its_colour(share: float | None, meaning: str) -> None:
    assert load_meaning(share) == meaning


def test_width_is_tonnes_and_colour_is_load(local: Tables) -> None:
    flows = link_flows(local)
    assert dict(flows.select("id", "tonnes").iter_rows()) == {"a": 2e6, "b": 980e3, "c": 600e3, "f": 12.6e6}
    assert widest_flow(flows, local["links"], local["modes"]) == 2e6
    figure = flow_map(local, flows, language_of("en"))
    rail = lines(figure, "flow-rail")
    assert rail[colour("load_over")] == pytest.approx(WIDEST, rel=STEP - 1)  # line a: 125 % in its busier direction
    assert rail[colour("load_busy")] == pytest.approx(WIDEST * 0.49, rel=STEP - 1)  # line b: 50 %
    assert set(lines(figure, "flow-road")) == {colour("load_unknown")}
    sea = lines(figure, "flow-sea")
    assert set(sea) == {colour("sea_flow")}
    assert max(sea.values()) <= SEA_WIDEST * STEP
    assert len(go.Figure(figure).data) == len(figure["data"])


def test_hovering_tells_name_tonnes_load_and_delay(local: Tables) -> None:
    figure = flow_map(local, link_flows(local), language_of("en"))
    texts = [
        text for t in figure["data"] if t.get("meta") == "flow-rail" and t["mode"] == "markers" for text in t["text"]
    ]
    told = next(text for text in texts if "East City" in text).replace("\u00a0", " ")
    for part in ("Post", "2 million tonnes a year", "back 420 thousand tonnes", "load 125% of capacity, delay 30 h"):
        assert part in told


def test_lines_between_the_same_places_lie_side_by_side(local: Tables) -> None:
    twin = (
        local["links"]
        .filter(pl.col("id") == "a")
        .with_columns(id=pl.lit("twin"), mode=pl.lit("road"), from_place=pl.lit("post"), to_place=pl.lit("east"))
    )
    links = pl.concat([local["links"], twin])
    flows = pl.concat(
        [link_flows(local), link_flows(local).filter(pl.col("id") == "a").with_columns(id=pl.lit("twin"))]
    )
    figure = flow_map(local | {"links": links}, flows, language_of("en"))
    ends = {}
    for layer, share in (("flow-rail", colour("load_over")), ("flow-road", colour("load_over"))):
        trace = next(t for t in figure["data"] if t.get("meta") == layer and t.get("line", {}).get("color") == share)
        ends[layer] = sorted(zip(trace["lon"][:2], trace["lat"][:2], strict=True))
    rail, road = (np.stack(project(*np.array(ends[layer]).T), axis=1) for layer in ("flow-rail", "flow-road"))
    along, across = rail[1] - rail[0], road - rail
    assert np.linalg.norm(across, axis=1).min() > 0.005
    assert np.abs(across @ along / np.linalg.norm(along)).max() < 0.002  # sideways only; points are rounded


def test_numbers_lie_where_bottlenecks_are(local: Tables) -> None:
    spots = bottleneck_spots(local, local["flow_stations"], ["line-a", "gate", "nowhere"])
    assert spots == {"1": (95.25, 40.1), "2": (82.5, 45.2)}
    near = local | {"resource_places": pl.DataFrame({"resource": ["gate"], "lat": [40.2], "lon": [95.3]})}
    assert list(bottleneck_spots(near, near["flow_stations"], ["line-a", "gate"])) == ["1·2"]


def test_a_change_is_red_where_more_and_blue_where_less(local: Tables) -> None:
    changes = pl.DataFrame({"id": ["a", "b", "c"], "before": [2e6, 1e6, 5e5], "after": [0.0, 2e6, 5e5]})
    changes = changes.with_columns(change=pl.col("after") - pl.col("before"))
    figure = change_map(local, changes, language_of("en"))
    rail = lines(figure, "flow-rail")
    assert rail[colour("less")] == pytest.approx(WIDEST, rel=STEP - 1)
    assert rail[colour("more")] == pytest.approx(WIDEST / 2, rel=STEP - 1)
    assert not lines(figure, "flow-road")
