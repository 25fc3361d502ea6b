"""Pages made from the code (tables from the attribute files, commands from their help), and room for examples."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import mkdocs_gen_files
import polars as pl

import jibek

ROOT = Path(__file__).parents[1]
# Pages run their examples in folders of their own under this one, which is emptied before.
EXAMPLES = ROOT / "runs" / "docs"
PAGES_WITH_EXAMPLES = ("first-scenario", "own-network", "assign-own-network", "read-a-run", "write-a-scenario", "json")
ATTRIBUTES = Path(jibek.__file__).parent / "corridor" / "attributes"
COMMANDS = (
    *("run", "new", "check", "routes", "flows", "trade", "assign", "adjust", "calibrate", "targets", "compare"),
    *("export", "sources"),
)
# The tables in the order of the design, grouped by the question they answer.
GROUPS = {
    "Where and how things move": "places regions modes links borders terminals rates services stops corridors",
    "What is scarce": "resources resource_users conversions",
    "What moves, and how it chooses": "commodities demand zones preferences calibrations",
    "What is made, used, kept": "supplies needs processes process_flows stores profiles curves trade",
    "What changes, what was promised, what we know": (
        "changes projects disruptions series observations counts commitments evidence sources"
    ),
}


def write_tables() -> None:
    """Write the data dictionary."""
    every = pl.read_csv(ATTRIBUTES / "every_table.csv", infer_schema=False)
    with mkdocs_gen_files.open("reference/tables.md", "w") as page:
        page.write(
            "# Tables\n\nA corridor is a folder of CSV files in UTF-8, one per table. A blank cell means unknown, "
            "never zero. `key` columns make a row unique; a `key_or_blank` column may be blank and still belongs to "
            "the key. The column *hidden by `as_of`* says whether `as_of: 2022` hides later values.\n\n"
            "Every table but `sources` and `evidence` also has these columns:\n\n" + as_markdown(every)
        )
        for title, tables in GROUPS.items():
            page.write(f"\n## {title}\n")
            for table in tables.split():
                attributes = pl.read_csv(ATTRIBUTES / f"{table}.csv", infer_schema=False)
                page.write(f"\n### {table}\n\n{as_markdown(attributes)}")


def as_markdown(attributes: pl.DataFrame) -> str:
    """Turn an attribute file into a Markdown table."""
    lines = ["| column | type | unit | default | required | hidden by `as_of` | meaning |", "|" + "---|" * 7]
    for row in attributes.fill_null("").iter_rows(named=True):
        kind = row["type"].replace(";", ", ").replace(":", ": ", 1)
        hidden = "yes" if row["as_of"] == "hide" else ""
        cells = (
            f"`{row['attribute']}`",
            kind,
            row["unit"],
            row["default"],
            row["required"],
            hidden,
            row["description"],
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def write_commands() -> None:
    """Write each command's help, as the terminal shows it."""
    with mkdocs_gen_files.open("reference/commands.md", "w") as page:
        page.write(
            "# Commands\n\nExit code 0: fine; 1: a fault in the input, or a check that found faults; 2: wrong usage.\n"
        )
        for command in COMMANDS:
            page.write(f"\n## jibek {command}\n\n```text\n{help_of(command)}\n```\n")


def help_of(command: str) -> str:
    """Ask a command for its help."""
    environment = {"COLUMNS": "100", "TERM": "dumb", "PATH": "", "LANG": "C.UTF-8"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "jibek.cli", command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def prepare_examples() -> None:
    """Give the pages empty folders to work in, and let them find the installed commands and what they import."""
    shutil.rmtree(EXAMPLES, ignore_errors=True)
    for page in PAGES_WITH_EXAMPLES:
        (EXAMPLES / page).mkdir(parents=True)
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    sys.path += [str(ROOT / "docs"), str(ROOT / "tests" / "published"), str(ROOT / "tests" / "assignment")]


write_tables()
write_commands()
prepare_examples()
