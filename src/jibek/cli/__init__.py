"""How it is asked: the commands. They read the question, call the packages, print the answer.

Answers go to standard output, everything else to standard error. Exit code 0: fine; 1: a fault in the
input, or a check that found faults; 2: wrong usage. Heavy imports come late, so that help answers at once.
"""

from __future__ import annotations

import sys
from io import TextIOWrapper

import typer
from rich.console import Console

from jibek.cli import corridor, study
from jibek.cli.adjust import adjust
from jibek.cli.assign import assign
from jibek.cli.output import drop_output, print_error
from jibek.errors import JibekError, RunError

__all__ = ["app", "main"]

_INTERRUPTED = 130  # with which Typer ends on Ctrl-C

app = typer.Typer(
    name="jibek",
    help="Open planning system for the corridor between China, Central Asia and Europe.",
    epilog="Start with: jibek routes xian duisburg",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    study.run,
    corridor.new,
    corridor.check,
    corridor.routes,
    study.flows,
    study.balances,
    study.trade,
    study.operations,
    assign,
    adjust,
    study.calibrate,
    corridor.targets,
    study.compare,
    study.export,
    corridor.sources,
):
    app.command()(command)


def main() -> None:
    """Run the command line; a fault of the input is a message and exit code 1, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # names and units do not fit the code pages of some machines
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except JibekError as error:
        print_error(error)
        sys.exit(1)
    except BrokenPipeError:
        drop_output()
        sys.exit(1)
    except OSError as error:
        drop_output()
        print_error(RunError(f"The answer cannot be written: {error}. Make room, or send it elsewhere."))
        sys.exit(1)
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            Console(stderr=True).print("Stopped. Earlier results are as they were.")
        raise
