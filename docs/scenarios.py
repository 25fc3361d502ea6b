"""Write a page for every scenario that comes with the corridor: what it changes, and what that is worth.

    python docs/scenarios.py

Runs the flows of all of them, which takes some minutes; the pages are kept with the docs.
"""

from __future__ import annotations

from pathlib import Path

import jibek
from jibek.corridor import Scenario, packaged_scenarios
from jibek.present.comparison_page import world_of
from jibek.present.comparison_tables import comparison_tables
from jibek.present.language import language_of
from jibek.study import compare_flows
from jibek.study.assignment import assigned, tables_of
from jibek.study.case import Case

PAGES = Path(__file__).parent / "scenarios"
FILES = Path(jibek.__file__).parent / "datasets" / "central_asia" / "scenarios"
TITLES = {
    "russia-closed": "The way through Russia is closed",
    "caspian-fortnight": "A fortnight without the Caspian",
    "digital-borders": "Border times halved by digital clearance",
    "second-dry-port": "A second dry port at Khorgos",
    "kuryk-joint-terminal": "The joint terminal at Kuryk",
    "dostyk-moyynty-after": "Dostyk–Moyynty before and after the second track",
    "china-kyrgyzstan-uzbekistan": "The China–Kyrgyzstan–Uzbekistan railway is open",
    "under-construction-2030": "2030 with all that is under construction",
}
"""Page by page; the others are what one of these is compared with."""

BEFORE = {"dostyk-moyynty-after": "dostyk-moyynty-before", "under-construction-2030": "today-in-2030"}
SHOWN = ("totals", "benefit", "unserved", "corridors", "resources", "payees", "pay_countries", "modes")


def main() -> None:
    """Write all pages."""
    corridor = jibek.read_corridor()
    scenarios = packaged_scenarios(None, corridor)
    by_name = {scenario.name: scenario for scenario in scenarios}
    case = Case(corridor, None, scenarios)
    PAGES.mkdir(exist_ok=True)
    known: dict[str, dict] = {}
    for name in TITLES:
        after = by_name[name]
        before = by_name.get(BEFORE.get(name, ""), Scenario(name=f"base-{after.year}", year=after.year))
        for scenario in (before, after):
            if scenario.name not in known:
                print(scenario.name, flush=True)
                one = case.beside(scenario)
                known[scenario.name] = {**world_tables(one), **tables_of(assigned(one))}
        (PAGES / f"{name}.md").write_text(page(name, known[before.name], known[name]), encoding="utf-8")


def world_tables(case: Case) -> dict:
    """Give the tables that name things."""
    return {name: case.world[name] for name in ("places", "corridors", "modes", "links", "resources", "commodities")}


def page(name: str, before: dict, after: dict) -> str:
    """Write one page."""
    words = language_of("en")
    against = BEFORE.get(name)
    texts = [(FILES / f"{each}.yaml").read_text(encoding="utf-8") for each in (against, name) if each]
    first = f"jibek run {against}" if against else "jibek run"
    base = f"runs/{against}" if against else "runs/central_asia"
    flows = compare_flows(before, after)
    lines = [
        f"# {TITLES[name]}",
        "",
        *(line for text in texts for line in ("```yaml", text.rstrip(), "```", "")),
        "```text",
        first,
        f"jibek run {name}",
        f"jibek compare {base} runs/{name} --map {name}.html",
        "```",
        "",
        f"**{words.text('compare.benefit_total', usd=words.change(flows.benefit_usd, words.money))}**",
        "",
        "The numbers are those of the model as calibrated for this release, for one year. How far it can be trusted",
        "says the section on validation of every report; how it works, [Flows](../explanation/flows.md).",
        "",
    ]
    for table in comparison_tables(flows, world_of(before, after, words), words):
        if table.key not in SHOWN:
            continue
        n_texts = len(table.columns) - table.numbers
        lines += [f"## {words.text(f'compare.{table.key}')}", ""]
        lines.append("| " + " | ".join(words.text(f"column.{column}") for column in table.columns) + " |")
        lines.append("|" + "---|" * n_texts + "---:|" * table.numbers)
        lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in table.rows]
        lines += ["", *([table.note, ""] if table.note else [])]
        if table.more > 0:
            lines += [words.text("compare.more_rows", count=table.more), ""]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    main()
