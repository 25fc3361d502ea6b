"""Trade on the page and on a terminal: bands that add up, pairs in order, both languages."""

from __future__ import annotations

from io import StringIO

import polars as pl
import pytest
from rich.console import Console

from jibek.corridor import Corridor
from jibek.present import print_trade, report_facts, report_html, trade_json
from jibek.present.inputs import complete
from jibek.present.language import language_of
from jibek.present.trade_figures import sankey, trace_chart, trade_map
from jibek.present.trade_groups import OTHERS, shown_trade
from jibek.present.trade_headline import trade_sentences
from jibek.present.trade_rows import pair_rows
from jibek.present.trade_section import trade_section
from jibek.study import Study, run_study

Tables = dict[str, pl.DataFrame]
CHANGE = {"CHN": 1.1, "RUS": 0.9}
TRACE = pl.DataFrame(
    {
        "pass": [1, 2], "step": [1.0, 1.0], "largest_change": [0.1, 1e-4], "exporter": ["CHN", "CHN"],
        "importer": ["KAZ", "KAZ"], "trade_usd": [2e9, 1.9e9], "trade_change": [0.02, 0.015], "tonnes": [1e6, 1.1e6],
        "delay_usd": [1e6, 2e6], "flow_residual": [1e-7, 1e-7],
    }
)  # fmt: skip


@pytest.fixture(scope="module")
def study(corridor: Corridor) -> Study:
    return run_study(corridor, stages=["trade", "targets"])


@pytest.fixture(scope="module")
def plain(study: Study) -> Tables:
    return complete(study.tables)


@pytest.fixture(scope="module")
def changed(study: Study) -> Tables:
    """Return results as of a scenario: what China sells grows, what Russia sells shrinks."""
    factor = pl.col("exporter").replace_strict(CHANGE, default=1.0)
    after = pl.col("baseline_usd") * factor
    pairs = study.tables["trade_pairs"].with_columns(
        counterfactual_usd=after, low=after * 0.99, high=after * 1.01, cost_change=1 / factor, quantity_change=factor
    )
    countries = study.tables["trade_countries"].with_columns(
        real_income_change=pl.lit(1e-4), low=pl.lit(9e-5), high=pl.lit(2e-4)
    )
    certificate = study.tables["trade_certificate"].with_columns(
        converged=pl.Series([True]),
        reason=pl.lit(""),
        passes=pl.lit(2),
        clearing=pl.lit(1e-14),
        draws=pl.lit(200),
    )
    told = {"trade_pairs": pairs, "trade_countries": countries, "trade_certificate": certificate, "trade_trace": TRACE}
    return complete(study.tables | told)


def test_what_enters_a_group_of_goods_leaves_it(plain: Tables) -> None:
    shown = shown_trade(plain)
    link = sankey(shown, language_of("en"))["data"][0]["link"]
    into, out = ({} for _ in range(2))
    for source, target, value in zip(link["source"], link["target"], link["value"], strict=True):
        into[target] = into.get(target, 0.0) + value
        out[source] = out.get(source, 0.0) + value
    middle = into.keys() & out.keys()
    assert len(middle) == shown["goods"].n_unique()
    for node in middle:
        assert into[node] == pytest.approx(out[node], abs=0.01)
    assert sum(link["value"]) == pytest.approx(2 * shown["usd"].sum() / 1e9, rel=1e-4)


def test_shown_trade_is_all_trade_of_central_asia(plain: Tables) -> None:
    heart = ["KAZ", "KGZ", "TJK", "TKM", "UZB"]
    shown = shown_trade(plain)
    total = plain["trade_pairs"].filter(
        (pl.col("group") == "total") & (pl.col("exporter").is_in(heart) | pl.col("importer").is_in(heart))
    )
    assert shown["usd"].sum() == pytest.approx(total["baseline_usd"].sum())
    assert {"vehicles", "parcels", "minerals"} <= set(shown["goods"])
    assert OTHERS in set(shown["exporter"])


def test_pairs_come_by_size_and_with_a_scenario_by_change(plain: Tables, changed: Tables) -> None:
    words = language_of("en")
    assert pair_rows(plain, words, most=1)[0]["pair"] == "China – European Union"
    rows = pair_rows(changed, words, most=3)
    assert [row["change"] for row in rows] == ["+10%", "−10%", "+10%"]
    assert rows[0]["cost"] == "−9.1%"


def test_map_draws_countries_and_regions_whose_members_have_places(plain: Tables, changed: Tables) -> None:
    for results, meanings in ((plain, 1), (changed, 3)):
        figure = trade_map(results, shown_trade(results), language_of("en"))
        assert figure is not None
        lines = [trace for trace in figure["data"] if trace.get("meta") == "flow-trade"]
        assert len({line["line"]["color"] for line in lines}) == meanings
        told = " ".join(figure["data"][-1]["text"])
        assert "European Union" in told
        assert "rest of Europe" not in told


def test_trace_is_drawn_in_percent(changed: Tables) -> None:
    assert trace_chart(changed["trade_trace"], language_of("en"))["data"][0]["y"] == [2.0, 1.5]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_page_and_terminal_tell_it_in_both_languages(study: Study, changed: Tables, language: str) -> None:
    page = report_html(study.tables | changed, report_facts(study, title="Corridor"), language=language)  # type: ignore[arg-type]
    words = language_of(language)  # type: ignore[arg-type]
    for key in ("section.trade", "trade.sankey", "trade.promises", "trade.gains", "trade.trace_caption"):
        assert words.text(key) in page
    out = StringIO()
    print_trade(Console(file=out, width=200), changed, language=language)  # type: ignore[arg-type]
    for key in ("trade.terminal_countries", "trade.left_out", "trade.column.interval"):
        assert words.text(key) in out.getvalue()


def test_headline_tells_the_change_and_who_gains(study: Study, changed: Tables) -> None:
    assert trade_sentences(study.tables) == []
    (key, told), (other, gain) = trade_sentences(changed)
    assert (key, other) == ("trade_changed", "trade_gained")
    assert (told["seller"], told["buyer"], told["change"]) == ("CHN", "EU27", 0.015)
    words = language_of("en")
    assert words.text(f"headline.{key}", **told) == (
        "The scenario changes trade by +1.500% at prices before; most in value from China to European Union, by +10%."
    )
    assert words.text(f"headline.{other}", **gain).endswith(": +0.010%.")


def test_without_trade_there_is_no_section() -> None:
    assert trade_section(complete({}), language_of("en")) is None
    assert trade_json(complete({}))["pairs"] == []
