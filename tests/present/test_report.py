"""The report: whole, safe, the same every time, and without anything from outside."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import polars as pl
import pytest

from jibek.present import ReportFacts, headline, report_html
from jibek.present.language import language_of
from jibek.present.tables import target_groups

Tables = dict[str, pl.DataFrame]

LARGEST = 7_000_000  # bytes


class Page(HTMLParser):
    """Collects the elements and the JSON of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str, str] = {}
        self._script: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._script = dict(attrs).get("id") if tag == "script" else None

    def handle_data(self, data: str) -> None:
        if self._script:
            self.scripts[self._script] = data

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - as HTMLParser has it
        self._script = None

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module", params=["en", "ru"])
def text(request: pytest.FixtureRequest, results: Tables, facts: ReportFacts) -> str:
    return report_html(results, facts, language=request.param)


def test_nothing_comes_from_outside(text: str) -> None:
    page = Page(text)
    for tag, attributes in page.elements:
        assert "src" not in attributes, tag
        assert tag not in {"link", "iframe", "object", "embed"}
        if tag != "a":
            assert not any("http" in (value or "") for name, value in attributes.items() if name != "xmlns"), tag
    styles = re.search(r"<style>(.*?)</style>", text, re.DOTALL).group(1)
    assert "url(" not in styles
    assert "@import" not in styles
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy


def test_links_lead_to_sources_or_into_the_page(text: str) -> None:
    page = Page(text)
    identifiers = {a["id"] for _, a in page.elements if "id" in a}
    for link in page.all("a"):
        assert link["href"] == "https://example.org/paper" or link["href"].removeprefix("#") in identifiers


def test_identifiers_are_unique(text: str) -> None:
    identifiers = [a["id"] for _, a in Page(text).elements if "id" in a]
    assert len(identifiers) == len(set(identifiers))


def test_it_is_not_too_large(text: str) -> None:
    assert len(text.encode()) < LARGEST


def test_every_figure_has_its_data_and_a_text(text: str) -> None:
    page = Page(text)
    plots = [a for a in page.all("div") if "data-spec" in a]
    assert len(plots) >= 7
    for plot in plots:
        assert plot["aria-label"]
        assert plot["role"] == "img"
        spec = json.loads(page.scripts[plot["data-spec"]])
        assert spec["data"]
    assert all(a["aria-label"] for a in page.all("svg"))


def test_the_base_map_is_carried_once(text: str) -> None:
    page = Page(text)
    specs = [json.loads(content) for name, content in page.scripts.items() if name.startswith("spec-")]
    traces = [trace for spec in specs for trace in spec["data"] if not isinstance(trace, int)]
    grounds = [trace for trace in traces if trace.get("meta") == "basemap"]
    assert len(grounds) >= 2
    assert all(trace["lon"] == [] for trace in grounds)
    assert len(json.loads(page.scripts["basemap"])["lon"]) > 10_000


def test_tables_have_captions_and_scopes(text: str) -> None:
    page = Page(text)
    assert len(page.all("table")) == len(page.all("caption"))
    assert all(a.get("scope") in {"row", "col"} for a in page.all("th"))


def test_names_cannot_break_the_page(text: str) -> None:
    assert "West <City>" not in text
    assert "West &lt;City&gt;" in text
    assert "West \\u003cCity" in text


def test_no_raw_value_slips_through(text: str) -> None:
    page = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    for slip in (">None<", ">nan<", "NaN", "Undefined", "{fastest", "null"):
        assert slip not in page


def test_same_input_gives_the_same_text(results: Tables, facts: ReportFacts) -> None:
    assert report_html(results, facts) == report_html(dict(reversed(results.items())), facts)


def test_languages_differ(results: Tables, facts: ReportFacts) -> None:
    english, russian = (report_html(results, facts, language=code) for code in ("en", "ru"))
    assert '<html lang="ru">' in russian
    assert "Обязательства" in russian
    assert "Promises" in english
    assert not re.search("[а-яё]", re.sub(r"<script.*?</script>", "", english, flags=re.DOTALL))


def test_sections_of_stages_not_run_are_left_out(results: Tables, facts: ReportFacts) -> None:
    world = ("places", "modes", "links", "borders", "corridors", "services", "projects")
    text = report_html({name: results[name] for name in world}, facts)
    page = Page(text)
    assert {a["id"] for a in page.all("section")} == {"headline", "map", "projects", "evidence"}


def test_headline_tells_numbers(facts: ReportFacts) -> None:
    sentences = headline(facts)
    assert any("8.3\u00a0days" in s and "$3\u202f000" in s and "East City" in s for s in sentences)
    assert any("3 promises" in s.replace("\u00a0", " ") and "1 are met" in s for s in sentences)
    assert any("+34%" in s for s in sentences)
    assert 5 <= len(sentences) <= 9


def test_headline_in_russian(facts: ReportFacts) -> None:
    assert any("8,3\u00a0дня" in sentence for sentence in headline(facts, language="ru"))


def cells(text: str) -> str:
    """Text of the page with plain spaces, without scripts and elements."""
    page = re.sub(r"<(script|style).*?</\1>", "", text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_way_without_a_name_tells_its_countries(results: Tables, facts: ReportFacts) -> None:
    assert "another way (Netherlands)" in cells(report_html(results, facts))
    assert "другой путь (Нидерланды)" in cells(report_html(results, facts, language="ru"))


def test_a_published_time_stands_beside_the_computed_one(results: Tables, facts: ReportFacts) -> None:
    assert "8.3 days published: 10–13 days (2024)" in cells(report_html(results, facts))


def test_published_dwell_stands_beside_the_formalities(results: Tables, facts: ReportFacts) -> None:
    text = cells(report_html(results, facts))
    assert "At 1 of the 1 crossing with a published time" in text
    assert re.search(r"East City – Post China – Kazakhstan · Rail 30 h 2022 30 h – 80 h 2021–2022 4\.2 h", text)


def test_trade_and_connectivity_come_first_then_the_longest_record() -> None:
    rows = [("water", "water", 2030), ("short", "trade", 2028), ("past", "trade", 2024), ("long", "connectivity", 2029)]
    columns = ("baseline", "baseline_year", "latest", "latest_year", "target", "required_growth", "observed_growth")
    targets = pl.DataFrame(
        [{"id": i, "title": i, "sector": sector, "due_year": due} for i, sector, due in rows]
    ).with_columns(pl.lit("behind").alias("status"), *(pl.lit(None, pl.Float64).alias(name) for name in columns))
    targets = targets.with_columns(pl.lit(None, pl.String).alias(name) for name in ("unit", "reason"))
    observations = pl.DataFrame({"target": ["long", "long", "short", "past"], "year": [2023, 2024, 2024, 2024]})
    observations = observations.with_columns(from_month=1, to_month=12, value=1.0)
    groups = target_groups({"targets": targets, "target_observations": observations}, language_of("en"), year=2025)
    assert [row["title"] for row in groups[0][1]] == ["long", "short", "past", "water"]
