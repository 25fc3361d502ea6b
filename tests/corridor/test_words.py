"""People's words find ids; ids lead to sources; goods know their parents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from jibek.corridor import Corridor, find_id, grade_shares, leaves, lineages, where_from
from jibek.errors import JibekError, RouteError

if TYPE_CHECKING:
    from example_folder import ExampleFolder


@pytest.mark.parametrize("text", ["aktau-port", "Aktau port", "AKTAU PORT", "aktau_port", "KZAKX", "kzakx"])
def test_a_place_is_found_by_id_name_or_code(example: Corridor, text: str) -> None:
    assert find_id(example, "places", text) == "aktau-port"


def test_accents_and_apostrophes_do_not_matter(folder: ExampleFolder) -> None:
    folder.set("places", "tbilisi", name="T'bilísi")
    assert find_id(folder.read(), "places", "TBILISI") == "tbilisi"


def test_projects_are_found_by_title(example: Corridor) -> None:
    assert find_id(example, "projects", "new quay at alat") == "alat-quay"


def test_an_id_wins_over_a_name(folder: ExampleFolder) -> None:
    folder.set("places", "tbilisi", name="Baku")
    assert find_id(folder.read(), "places", "baku") == "baku"
    with pytest.raises(RouteError, match="several places: baku, tbilisi"):
        find_id(folder.read(), "places", "Baku")


def test_an_unknown_word_names_the_nearest(example: Corridor) -> None:
    with pytest.raises(RouteError, match="Nearest: aktau-port"):
        find_id(example, "places", "aktauport1")
    with pytest.raises(RouteError, match=r"places\.csv"):
        find_id(example, "places", "")


def test_lineages_and_leaves(example: Corridor) -> None:
    lines = lineages(example["commodities"])
    assert lines["grain"] == ("grain", "freight")
    assert lines["freight"] == ("freight",)
    assert leaves(example["commodities"]) == ["containers", "flour", "grain", "water"]


def test_where_an_element_comes_from(example: Corridor) -> None:
    found = where_from(example, "border--aktau-baku")
    whole = found.filter(pl.col("column").is_null())
    assert whole["grade"].to_list() == ["estimate"]
    cell = found.filter(pl.col("column") == "hours").row(0, named=True)
    assert (cell["table"], cell["low"], cell["high"]) == ("borders", 6, 24)
    assert cell["source"].startswith("Worked example")


def test_where_a_series_comes_from_includes_its_observations(example: Corridor) -> None:
    found = where_from(example, "aktau-port-containers")
    assert (found["table"] == "observations").sum() == 3
    assert "series" in found["table"].to_list()


def test_a_row_without_id_is_named_by_its_key(example: Corridor) -> None:
    found = where_from(example, "almaty/poti-port/containers/2025")
    assert found["column"].to_list() == [None, "quantity"]


def test_a_source_leads_to_all_that_rests_on_it(example: Corridor) -> None:
    found = where_from(example, "example")
    rows = sum(example[table].height for table in example.tables)
    assert found.height == rows


def test_an_id_that_nothing_has_is_an_error_that_names_the_nearest(example: Corridor) -> None:
    with pytest.raises(JibekError, match="'aktau-berth'"):
        where_from(example, "aktau-birth")


def test_grade_shares_sum_to_one_for_every_table(example: Corridor) -> None:
    shares = grade_shares(example)
    assert set(shares["grade"]) == {"estimate"}
    assert shares.group_by("table").agg(pl.col("share").sum())["share"].to_list() == pytest.approx([1.0] * 33)
    assert shares["table"].to_list()[:2] == ["places", "regions"]
