"""Write a page for every scenario that comes with the corridor: what it changes, and what that is worth.

    python docs/scenarios.py

Runs the flows or the balances of all of them, which takes some minutes; the pages are kept with the docs.
"""

from __future__ import annotations

from pathlib import Path

import jibek
from jibek.corridor import Scenario, packaged_scenarios
from jibek.present.comparison_balances import balance_tables
from jibek.present.comparison_page import world_of
from jibek.present.comparison_tables import ComparisonTable, comparison_tables
from jibek.present.language import language_of
from jibek.study import Comparison, balances, compare_flows
from jibek.study.assignment import assigned, tables_of
from jibek.study.balance_comparison import compare_needs, compare_stocks
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

BALANCES = {
    "shymkent-12": "The refinery at Shymkent takes 12 million tonnes",
    "kazakh-power-2029": "Kazakhstan's power in 2029",
    "kazakh-power-2036": "Kazakhstan's power in 2036, with a nuclear plant",
    "dry-year": "A dry year in the basin of the Aral Sea",
    "climate-2030": "The rivers of 2030",
    "qosh-tepa": "The Qosh Tepa canal takes all it is built for",
    "kazakh-water-saving": "Kazakhstan keeps its promises of saving water",
    "bad-harvest": "A bad harvest in Kazakhstan",
}
"""The same, of who gets enough energy, water and food."""

BEFORE = {
    "dostyk-moyynty-after": "dostyk-moyynty-before",
    "under-construction-2030": "today-in-2030",
    "kazakh-power-2036": "kazakh-power-2029",
}
SHOWN = ("totals", "benefit", "unserved", "corridors", "resources", "payees", "pay_countries", "modes")


def main() -> None:
    """Write all pages."""
    corridor = jibek.read_corridor()
    scenarios = packaged_scenarios(None, corridor)
    by_name = {scenario.name: scenario for scenario in scenarios}
    case = Case(corridor, None, scenarios)
    PAGES.mkdir(exist_ok=True)
    for titles, tables, page in ((TITLES, flow_tables, flow_page), (BALANCES, balanced_tables, balance_page)):
        known: dict[str, dict] = {}
        for name in titles:
            after = by_name[name]
            before = by_name.get(BEFORE.get(name, ""), Scenario(name=f"base-{after.year}", year=after.year))
            for scenario in (before, after):
                if scenario.name not in known:
                    print(scenario.name, flush=True)
                    one = case.beside(scenario)
                    known[scenario.name] = {**world_tables(one), **tables(one)}
            text = "\n".join(page(name, known[before.name], known[name])).rstrip() + "\n"
            (PAGES / f"{name}.md").write_text(text, encoding="utf-8")


def flow_tables(case: Case) -> dict:
    """Give the results of the stage of flows."""
    return tables_of(assigned(case))


def balanced_tables(case: Case) -> dict:
    """Give the results of the stage of balances."""
    return balances.balance_tables(case)


def world_tables(case: Case) -> dict:
    """Give the tables that name things."""
    return {name: case.world[name] for name in ("places", "corridors", "modes", "links", "resources", "commodities")}


def flow_page(name: str, before: dict, after: dict) -> list[str]:
    """Write the lines of a page on flows."""
    words = language_of("en")
    flows = compare_flows(before, after)
    tables = comparison_tables(flows, world_of(before, after, words), words)
    return [
        *_head(TITLES[name], name, compared=f" --map {name}.html"),
        f"**{words.text('compare.benefit_total', usd=words.change(flows.benefit_usd, words.money))}**",
        "",
        "The numbers are those of the model as calibrated for this release, for one year. How far it can be trusted",
        "says the section on validation of every report; how it works, [Flows](../explanation/flows.md).",
        "",
        *(line for table in tables if table.key in SHOWN for line in _table(table)),
    ]


def balance_page(name: str, before: dict, after: dict) -> list[str]:
    """Write the lines of a page on balances."""
    words = language_of("en")
    comparison = Comparison((), None, None, compare_needs(before, after), compare_stocks(before, after))
    tables = balance_tables(comparison, world_of(before, after, words), words)
    return [
        *_head(BALANCES[name], name, run=" --stages balances"),
        "The numbers are those of one year of months with foresight. How far the model can be trusted says what every",
        "report sets beside it; how it works, [Balances](../explanation/balances.md).",
        "",
        *(line for table in tables for line in _table(table)),
    ]


def _head(title: str, name: str, *, run: str = "", compared: str = "") -> list[str]:
    """Write title, scenario and the commands with their options."""
    against = BEFORE.get(name)
    texts = [(FILES / f"{each}.yaml").read_text(encoding="utf-8") for each in (against, name) if each]
    return [
        f"# {title}",
        "",
        *(line for text in texts for line in ("```yaml", text.rstrip(), "```", "")),
        "```text",
        f"jibek run {against}{run}" if against else f"jibek run{run}",
        f"jibek run {name}{run}",
        f"jibek compare runs/{against or 'central_asia'} runs/{name}{compared}",
        "```",
        "",
    ]


def _table(table: ComparisonTable) -> list[str]:
    """Write a table with its heading."""
    words = language_of("en")
    n_texts = len(table.columns) - table.numbers
    return [
        f"## {words.text(f'compare.{table.key}')}",
        "",
        "| " + " | ".join(words.text(f"column.{column}") for column in table.columns) + " |",
        "|" + "---|" * n_texts + "---:|" * table.numbers,
        *("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in table.rows),
        "",
        *([table.note, ""] if table.note else []),
        *([words.text("compare.more_rows", count=table.more), ""] if table.more > 0 else []),
    ]


if __name__ == "__main__":
    main()
