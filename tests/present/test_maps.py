"""Maps: an equal-area projection, names that do not overlap, ways over water."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import polars as pl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from jibek.present import map_traces, maps
from jibek.present.basemap import has_ground, read_basemap, sea_lanes
from jibek.present.figures import time_chart
from jibek.present.labels import POSITIONS, Layout, _box, text_width
from jibek.present.language import language_of
from jibek.present.projection import frame_around, project, unproject

Tables = dict[str, pl.DataFrame]

degrees = st.tuples(st.floats(-20, 145), st.floats(-1, 75))


@given(degrees)
def test_projection_can_be_undone(point: tuple[float, float]) -> None:
    x, y = project(np.array(point[0]), np.array(point[1]))
    assert unproject(float(x), float(y)) == pytest.approx(point, abs=1e-9)


@given(degrees)
def test_projection_keeps_areas(point: tuple[float, float]) -> None:
    step = 1e-4
    lon = np.array([point[0], point[0] + step, point[0]])
    lat = np.array([point[1], point[1], point[1] + step])
    x, y = project(lon, lat)
    area = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0])
    assert area == pytest.approx(np.radians(step) ** 2 * np.cos(np.radians(point[1])), rel=1e-4)


@given(st.lists(degrees, min_size=1, max_size=20))
def test_frame_holds_its_points(points: list[tuple[float, float]]) -> None:
    lon, lat = np.array(points).T
    frame = frame_around(lon, lat)
    assert frame.holds(lon, lat).all()
    assert 1.549 < frame.aspect < 2.301
    x, y = frame.pixels(lon, lat, 1000)
    assert ((x > 0) & (x < 1000) & (y > 0) & (y < 1000 / frame.aspect)).all()


@given(
    st.lists(st.tuples(st.floats(0, 400), st.floats(0, 300), st.text("abcЖЩ ", min_size=1, max_size=12)), max_size=40)
)
def test_names_never_overlap(names: list[tuple[float, float, str]]) -> None:
    layout = Layout(400, 300)
    x, y = np.array([n[0] for n in names]), np.array([n[1] for n in names])
    placed = layout.place_all(x, y, [n[2] for n in names], size=12, dot=3, most=40)
    boxes = [
        shapely.box(
            *_box(names[p.index][0], names[p.index][1], text_width(names[p.index][2], 12), 12 * 1.15, p.position)
        )
        for p in placed
    ]
    assert all(p.position in POSITIONS for p in placed)
    assert not any(a.intersection(b).area > 1e-6 for i, a in enumerate(boxes) for b in boxes[:i])
    frame = shapely.box(0, 0, 400, 300)
    assert all(frame.contains(box) for box in boxes)


def test_the_first_name_wins() -> None:
    layout = Layout(60, 22)
    placed = layout.place_all(np.array([5.0, 6.0]), np.array([11.0, 11.0]), ["First", "Second"], size=12, dot=3, most=5)
    assert [p.index for p in placed] == [0]


def test_a_lane_keeps_off_land() -> None:
    aktau, alat = (51.17, 43.6), (49.4, 39.97)
    lane = shapely.LineString(sea_lanes([(aktau, alat)])[aktau, alat])
    land = shapely.union_all(list(read_basemap().countries.values()))
    assert lane.coords[0] == aktau
    assert lane.coords[-1] == alat
    assert lane.intersection(land).length < 0.35 * lane.length


def test_lanes_go_round_continents() -> None:
    shanghai, cape, rotterdam, suez = (122.1, 30.6), (18.5, -34.4), (4.1, 51.9), (32.3, 30.5)
    lanes = sea_lanes([(shanghai, cape), (cape, rotterdam), (suez, rotterdam)])
    assert min(lat for _, lat in lanes[shanghai, cape]) < -30
    assert max(lon for lon, _ in lanes[cape, rotterdam]) < 20
    assert min(lon for lon, _ in lanes[suez, rotterdam]) < -5
    assert not has_ground(cape)


def test_no_lane_for_no_pair() -> None:
    assert sea_lanes([]) == {}


def test_network_map_shows_what_there_is(results: Tables) -> None:
    figure = maps.network_map(results, language_of("en"), media=("rail", "road", "sea"))
    layers = [trace["meta"] for trace in figure["data"] if isinstance(trace["meta"], str)]
    assert layers[0] == "basemap"
    assert {"rail", "road", "sea", "border", "construction"} <= set(layers)
    dashes = {trace["line"]["dash"] for trace in figure["data"] if trace["meta"] == "rail"}
    assert dashes == {"solid", "5px,4px"}
    dots = next(trace for trace in figure["data"] if trace["meta"] == "border")
    assert len(dots["lon"]) == 1  # the other border takes no time
    assert "4.2" in dots["text"][0]


def test_network_map_asks_for_nothing_from_outside(results: Tables) -> None:
    figure = maps.network_map(results, language_of("en"), media=("rail", "road", "sea"))
    assert figure["layout"]["geo"]["visible"] is False
    assert "template" not in figure["layout"]


def test_route_map_numbers_every_alternative(results: Tables) -> None:
    figure = maps.route_map(results, language_of("ru"), pair=1)
    assert [trace["text"] for trace in figure["data"] if trace["meta"] == "number"] == [["<b>1</b>", "<b>2</b>"]]
    sea = next(trace for trace in figure["data"] if trace["meta"] == "sea")
    assert "px" in sea["line"]["dash"]


def test_projects_at_one_place_share_a_diamond() -> None:
    sited = pl.DataFrame(
        {
            "title": ["Port", "Road", "Line"],
            "status": ["planned", "planned", "construction"],
            "lon": [50.0, 50.0, 50.0],
            "lat": [40.0, 40.0, 40.0],
        }
    )
    behind, front = map_traces.project_dots(sited, language_of("en"))
    assert (behind["meta"], front["meta"]) == ("planned", "construction")
    assert behind["text"] == ["<b>Port</b><br><b>Road</b><br>Planned"]
    assert behind["marker"]["size"][0] > front["marker"]["size"][0]


def test_a_figure_is_drawn_by_the_library(results: Tables) -> None:
    figures = [maps.route_map(results, language_of("en"), pair=1), time_chart(results, language_of("en"), pair=1)]
    for figure in figures:
        assert len(go.Figure(figure).data) == len(figure["data"])  # the library refuses what it does not know
