"""What a run amounts to: from its tables to the facts and the headline of the report."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

import jibek
from jibek.present.flow_headline import flow_sentences
from jibek.present.language import LanguageCode, language_of
from jibek.present.trade_headline import trade_sentences

if TYPE_CHECKING:
    from jibek.study import Study

__all__ = ["ReportFacts", "Sentence", "headline", "report_facts"]

Sentence = tuple[str, Mapping[str, Any]]
"""Key below ``headline`` in the catalogue, and its values."""

_PAIRS = 2  # so many pairs are spoken of in the headline
_HISTORY = 3  # so many observations a promise must have to stand in the headline


@dataclass(frozen=True)
class ReportFacts:
    """What the report says of a run as a whole.

    Attributes
    ----------
    title : str
        Name of the corridor for people.
    corridor : str
        Id of the corridor.
    scenario : str
        Name of the scenario; empty for the corridor as it stands.
    year : int
        Year that is shown.
    version : str
        Version of Jibek.
    fingerprint : str
        Hash of all result tables, by which two runs can be told apart.
    counts : mapping
        Number of rows by table.
    km_by_medium : mapping
        Length in km of the links that carry traffic, by medium.
    headline : tuple of Sentence
        What is to be said first.
    """

    title: str
    corridor: str
    scenario: str
    year: int
    version: str
    fingerprint: str
    counts: Mapping[str, int] = field(default_factory=dict)
    km_by_medium: Mapping[str, float] = field(default_factory=dict)
    headline: tuple[Sentence, ...] = ()


def headline(facts: ReportFacts, *, language: LanguageCode = "en") -> list[str]:
    """Write the headline out in a language."""
    words = language_of(language)
    return [words.text(f"headline.{key}", **values) for key, values in facts.headline]


def report_facts(study: Study, *, title: str) -> ReportFacts:
    """Gather what the report says of a run as a whole.

    Parameters
    ----------
    study
        The run; the headline has a sentence for each stage that was run.
    title
        Name of the corridor for people.
    """
    tables = study.tables
    km = _km_by_medium(tables)
    sentences = [
        *_network_sentence(tables, km),
        *_scenario_sentence(study),
        *_route_sentences(tables),
        *flow_sentences(tables, study.corridor.year),
        *trade_sentences(tables),
        *_target_sentences(tables, study.corridor.year),
        *_project_sentence(tables),
        *_evidence_sentence(tables),
    ]
    return ReportFacts(
        title=title,
        corridor=study.corridor.name,
        scenario=study.scenario.name if study.scenario else "",
        year=study.corridor.year,
        version=jibek.__version__,
        fingerprint=_fingerprint(tables),
        counts={name: table.height for name, table in sorted(tables.items())},
        km_by_medium=km,
        headline=tuple(sentences),
    )


def _fingerprint(tables: Mapping[str, pl.DataFrame]) -> str:
    """First twelve digits of a hash over all tables."""
    digest = hashlib.sha256()
    for name, table in sorted(tables.items()):
        digest.update(f"{name}\n{table.write_json()}\n".encode())
    return digest.hexdigest()[:12]


def _km_by_medium(tables: Mapping[str, pl.DataFrame]) -> dict[str, float]:
    media = tables["modes"].select(mode="id", medium="medium")
    carrying = tables["links"].filter(pl.col("open_share") > 0).join(media, on="mode")
    return dict(carrying.group_by("medium").agg(pl.col("length_km").sum()).sort("medium").iter_rows())


def _network_sentence(tables: Mapping[str, pl.DataFrame], km: Mapping[str, float]) -> list[Sentence]:
    counts = {name: tables[name].height for name in ("places", "links", "borders")}
    return [("network", {**counts, "rail_km": km.get("rail", 0.0)})]


def _scenario_sentence(study: Study) -> list[Sentence]:
    if study.scenario is None or not study.scenario.close:
        return []
    return [("closed", {"count": len(study.scenario.close)})]


def _route_sentences(tables: Mapping[str, pl.DataFrame]) -> list[Sentence]:
    """Say what is fastest and cheapest for the first pairs, and how much of all time is waiting."""
    if "routes" not in tables or tables["routes"].is_empty():
        return []
    routes = tables["routes"]
    pairs = routes["pair"].unique(maintain_order=True).head(_PAIRS)
    sentences = [_pair_sentence(routes.filter(pl.col("pair") == pair), tables) for pair in pairs]
    hours = routes["hours"].sum()
    at_borders = tables["route_waits"].filter(pl.col("kind") == "border")["hours"].sum()
    shares = {"waiting_share": routes["hours_waiting"].sum() / hours, "border_share": at_borders / hours}
    return [*sentences, ("waiting", shares)]


def _pair_sentence(routes: pl.DataFrame, tables: Mapping[str, pl.DataFrame]) -> Sentence:
    fastest, cheapest = (routes.sort(column, "rank").row(0, named=True) for column in ("hours", "usd"))
    places = dict(tables["places"].select("id", "name").iter_rows())
    corridors = {name: i for i, name in tables["corridors"].select("id", "name").iter_rows()}
    ends = {end: {"id": fastest[end], "name": places[fastest[end]]} for end in ("origin", "destination")}

    def way(route: Mapping[str, Any]) -> dict[str, Any]:
        name = route["corridor"]
        return {"id": corridors.get(name, ""), "name": name, "countries": route["countries"]}

    if fastest["rank"] == cheapest["rank"]:
        return "one_best", {**ends, "corridor": way(fastest), "hours": fastest["hours"], "usd": fastest["usd"]}
    values: dict[str, Any] = {}
    for which, route in (("fastest", fastest), ("cheapest", cheapest)):
        values[f"{which}_corridor"] = way(route)
        values[f"{which}_hours"], values[f"{which}_usd"] = route["hours"], route["usd"]
    return "fastest_and_cheapest", {**ends, **values}


def _target_sentences(tables: Mapping[str, pl.DataFrame], year: int) -> list[Sentence]:
    """Count the promises by state; name the one kept earliest, and of those behind the one observed longest.

    Among equally long records the one that lacks most growth is named; only due years ahead count.
    """
    if "targets" not in tables or tables["targets"].is_empty():
        return []
    targets = tables["targets"]
    counts = dict(targets.group_by("status").len().iter_rows())
    states = {status: counts.get(status, 0) for status in ("met", "on_track", "behind", "unknown")}
    known = tables["target_observations"].group_by("target").agg(years=pl.col("year").n_unique())
    telling = targets.join(known.filter(pl.col("years") >= _HISTORY), left_on="id", right_on="target")
    early = telling.filter((pl.col("status") == "met") & (pl.col("due_year") > pl.col("latest_year")))
    sign = pl.when(pl.col("aim") == "at_most").then(-1).otherwise(1)
    gap = sign * (pl.col("required_growth") - pl.col("observed_growth"))
    late = telling.filter((pl.col("status") == "behind") & (pl.col("due_year") > year) & (gap > 0))
    sentences: list[Sentence] = [("targets", {"total": targets.height, **states})]
    if early.height:
        first = early.sort(pl.col("latest_year") - pl.col("due_year"), "id").row(0, named=True)
        title = {"id": first["id"], "name": first["title"]}
        sentences.append(("target_met", {"title": title, "latest_year": first["latest_year"]}))
    if late.height:
        worst = late.sort("years", gap, "id", descending=[True, True, False]).row(0, named=True)
        title = {"id": worst["id"], "name": worst["title"]}
        growth = {"required": worst["required_growth"], "observed": worst["observed_growth"]}
        sentences.append(("target_behind", {"title": title, **growth}))
    return sentences


def _project_sentence(tables: Mapping[str, pl.DataFrame]) -> list[Sentence]:
    ahead = tables["projects"].filter(pl.col("status").is_in(["construction", "planned"]))
    costed = ahead["capex_usd"].drop_nulls()
    if ahead.is_empty():
        return []
    states = {status: ahead.filter(pl.col("status") == status).height for status in ("construction", "planned")}
    return [("projects", {**states, "costed": len(costed), "capex": float(costed.sum())})]


def _evidence_sentence(tables: Mapping[str, pl.DataFrame]) -> list[Sentence]:
    if "grades" not in tables or tables["grades"].is_empty():
        return []
    rows = dict(tables["grades"].group_by("grade").agg(pl.col("rows").sum()).iter_rows())
    total = sum(rows.values())
    sourced = rows.get("observed", 0) + rows.get("official", 0)
    return [("evidence", {"sourced_share": sourced / total, "estimate_share": rows.get("estimate", 0) / total})]
