"""The report: whole, safe, the same every time, and without anything from outside."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import polars as pl
import pytest

from jibek.present import ReportFacts, headline, report_html

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
    assert len(plots) >= 8
    for plot in plots:
        assert plot["aria-label"]
        assert plot["role"] == "img"
        spec = json.loads(page.scripts[plot["data-spec"]])
        assert spec["data"]
    assert all(a["aria-label"] for a in page.all("svg"))


def test_the_base_map_is_carried_once(text: str) -> None:
    page = Page(text)
    specs = [json.loads(content) for name, content in page.scripts.items() if name.startswith("spec-")]
    grounds = [trace for spec in specs for trace in spec["data"] if trace.get("meta") == "basemap"]
    assert len(grounds) >= 3
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
    assert {a["id"] for a in page.all("section")} == {"headline", "map", "borders", "projects", "evidence"}


def test_headline_tells_numbers(facts: ReportFacts) -> None:
    sentences = headline(facts)
    assert any("8.3\u00a0days" in s and "$3\u202f000" in s and "East City" in s for s in sentences)
    assert any("3 promises" in s.replace("\u00a0", " ") and "1 are met" in s for s in sentences)
    assert any("+34%" in s for s in sentences)
    assert 5 <= len(sentences) <= 9


def test_headline_in_russian(facts: ReportFacts) -> None:
    assert any("8,3\u00a0дня" in sentence for sentence in headline(facts, language="ru"))
