"""`kspec check FILE…`: arguments to `driver.check`, its result to the screen or to JSON.

stdout holds the result and nothing else; diagnostics, progress and times go to stderr.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import final

import click

from kspec.base.render import Style, render
from kspec.cli.terminal import ProgressLine, has_colour, paint_for
from kspec.driver.check import Given, Options, Watching, check
from kspec.driver.result import CheckResult, ExitCode, Require, Vacuity
from kspec.driver.search import ENGINES
from kspec.ir.text import print_system
from kspec.report.text import Asked, screen
from kspec.sources.files import STDIN, programs
from kspec.sources.imports import Home


@click.command("check", help="Judge the properties of programs in their scopes.")
@click.argument("files", nargs=-1, metavar="FILE...")
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
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True
)
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
    color: str,
    timings: bool,
    emit_system: bool,
) -> int:
    """Check files and print what came of it; the exit code is the result."""
    stop = Stop()
    progress = ProgressLine()
    options = Options(engine, patterns, max_states, emit_system, vacuity != "off", stop)
    with stop.listening():
        result = check(given(files), options, Watching(progress.scope, progress.level))
    progress.clear()
    floor = Require(require) if require else Require.DEFAULT
    asked = Asked(floor, Vacuity(vacuity))
    code = result.code(asked.require, asked.vacuity)
    _complain(result, color)
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


def given(files: tuple[str, ...]) -> Iterator[Given]:
    """The programs that the arguments name; those of a directory in order, each once."""
    seen: set[Path] = set()
    for name in files:
        path = Path(name)
        through = Home(path, "" if name == "." else path.as_posix()) if path.is_dir() else None
        found = programs(path, name) if through is not None else [(path, name)]
        for file, shown in found:
            real = file.resolve() if shown != STDIN else file
            if real not in seen:
                seen.add(real)
                yield Given(file, shown, through)


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


def _complain(result: CheckResult, color: str) -> None:
    """Every diagnostic, once, on stderr."""
    style = Style(colour=has_colour(color, sys.stderr))
    shown = {}
    sources = {}
    for file in result.files:
        sources.update({source.name: source for source in file.sources})
        shown.update(dict.fromkeys(file.diagnostics))
    if shown:
        sys.stdout.flush()
        sys.stderr.write(render(list(shown), sources.values(), style))
        sys.stderr.flush()


def _emit(result: CheckResult, code: ExitCode) -> int:
    systems = [system for file in result.files for system in file.systems]
    for title, system in systems:
        sys.stdout.write(f"; {title}\n{print_system(system)}\n")
    wrong = code in (ExitCode.WRONG_INPUT, ExitCode.INTERRUPTED)
    return int(code if wrong else ExitCode.OK if systems else ExitCode.NOTHING)
