"""`kspec check FILE…`: arguments to `driver.check`, its result to the screen or to JSON.

stdout holds the result and nothing else; diagnostics, progress and times go to stderr.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import final

import click

from kspec.cli.given import meant
from kspec.cli.streams import colour_option, complain, examples
from kspec.cli.terminal import ProgressLine, paint_for
from kspec.driver.check import Options, Watching, check
from kspec.driver.result import CheckResult, ExitCode, FileResult, Require, Vacuity
from kspec.driver.search import ENGINES
from kspec.ir.text import print_system
from kspec.report.text import Asked, screen
from kspec.sources.project import FILE


@click.command(
    "check",
    help="Judge the properties of programs in their scopes. Without a FILE, those of the project "
    "(kspec.toml).",
    epilog=examples("kspec check models/demo.kspec", "kspec check specs/ -p 'never_*' -o json"),
)
@click.argument("files", nargs=-1, metavar="[FILE|DIR|-]...")
@click.option("-p", "--property", "patterns", multiple=True, metavar="GLOB", help="Only these.")
@click.option(
    "-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default=ENGINES[0],
    show_default=True,
    help="Who searches.",
)
@click.option("--max-states", type=click.IntRange(min=1), help="Stop before storing more.")
@click.option(
    "--require",
    type=click.Choice(["exhaustive", "bounded"]),
    help="How strong a verdict must be for exit code 0.",
)
@click.option(
    "--vacuity",
    type=click.Choice(["warn", "error", "off"]),
    default="warn",
    show_default=True,
    help="About properties that hold because nothing they speak of happened.",
)
@click.option(
    "--strict", is_flag=True, help="What is in a manifest and not modelled exactly is an error."
)
@colour_option
@click.option("--timings", is_flag=True, help="Say how long everything took.")
@click.option("--emit-system", is_flag=True, help="Print the systems, judge nothing.")
def command(
    files: tuple[str, ...],
    patterns: tuple[str, ...],
    output: str,
    engine: str,
    max_states: int | None,
    require: str | None,
    vacuity: str,
    strict: bool,
    color: str,
    timings: bool,
    emit_system: bool,
) -> int:
    """Check files and print what came of it; the exit code is the result."""
    stop = Stop()
    progress = ProgressLine()
    options = Options(engine, patterns, max_states, emit_system, vacuity != "off", stop, strict)
    asked_for = meant(files)
    if asked_for.diagnostics:
        unread = FileResult(FILE, (), asked_for.diagnostics, asked_for.sources)
        result = CheckResult((unread,), judged=False)
    else:
        with stop.listening():
            result = check(asked_for.files, options, Watching(progress.scope, progress.level))
        progress.clear()
    floor = Require(require) if require else Require.DEFAULT
    asked = Asked(floor, Vacuity(vacuity))
    code = result.code(asked.require, asked.vacuity)
    complain(
        (d for f in result.files for d in f.diagnostics),
        (source for f in result.files for source in f.sources),
        color,
    )
    if emit_system:
        return _emit(result, code)
    if output == "json":
        from kspec.report.json import document

        sys.stdout.write(document(result, code, timings=timings))
    else:
        sys.stdout.write(screen(result, code, paint_for(color, sys.stdout), asked))
    if timings and output != "json":
        for timing in result.timings:
            print(f"{timing.seconds * 1000:8.0f} ms  {timing.what}", file=sys.stderr)
    return int(code)


@final
class Stop:
    """Whether somebody asked to stop: the first Ctrl-C asks, the second one is not patient."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self) -> bool:
        """Asked for between batches of a search."""
        return self.asked

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While this is open, Ctrl-C ends the search and keeps what is known."""
        before = signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


def _emit(result: CheckResult, code: ExitCode) -> int:
    systems = [system for file in result.files for system in file.systems]
    for title, system in systems:
        sys.stdout.write(f"; {title}\n{print_system(system)}\n")
    wrong = code in (ExitCode.WRONG_INPUT, ExitCode.INTERRUPTED)
    return int(code if wrong else ExitCode.OK if systems else ExitCode.NOTHING)
