"""`kspec fmt FILE…`: programs in their canonical text, in place.

Exit code 0; 1 with `--check` where something would change; 2 where something cannot be read. Such
a file stays as it is, the others are formatted all the same.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click
from attrs import field

from kspec.base.diagnostic import Diagnostic
from kspec.base.record import define
from kspec.base.shell import command as next_command
from kspec.base.source import SourceFile
from kspec.cli.given import meant
from kspec.cli.streams import colour_option, complain, examples
from kspec.cli.terminal import paint_for
from kspec.driver.formatting import formatted
from kspec.sources.files import STDIN, read_text
from kspec.sources.imports import Given
from kspec.sources.write import unwritable, write_whole

CHANGES: Final = 1
WRONG: Final = 2
NOTHING: Final = 5


@define
class _Tally:
    """What became of the files."""

    changed: list[str] = field(factory=list)
    same: int = 0
    diagnostics: list[Diagnostic] = field(factory=list)
    sources: list[SourceFile] = field(factory=list)
    unread: int = 0


@click.command(
    "fmt",
    help="Lay programs out in the one canonical way, in place; `-` from stdin to stdout. Without "
    "a FILE, those of the project (kspec.toml).",
    epilog=examples("kspec fmt specs/", "kspec fmt --check specs/", "kspec fmt - < a.kspec"),
)
@click.argument("files", nargs=-1, metavar="[FILE|DIR|-]...")
@click.option("--check", "check_only", is_flag=True, help="Change nothing; show what would change.")
@colour_option
def command(files: tuple[str, ...], check_only: bool, color: str) -> int:
    """Format every file; the exit code is the result."""
    asked_for = meant(files)
    tally = _Tally(diagnostics=list(asked_for.diagnostics), sources=list(asked_for.sources))
    tally.unread = len(asked_for.diagnostics)
    lines: list[str] = []
    for given in asked_for.files:
        lines += _one(given, check_only, tally)
    complain(tally.diagnostics, tally.sources, color)
    paint = paint_for(color, sys.stdout)
    for line in lines:
        print(paint(line, _COLOURS[line[0]]) if line[:1] in _COLOURS else line)
    if STDIN not in [given.name for given in asked_for.files]:
        print(_summary(tally, files, check_only))
    return _code(tally, check_only)


def _one(given: Given, check_only: bool, tally: _Tally) -> Iterator[str]:
    source = read_text(given.path, given.name, None)
    if isinstance(source, Diagnostic):
        tally.diagnostics.append(source)
        tally.unread += 1
        return
    made = formatted(source)
    if made.text is None:
        tally.diagnostics += made.diagnostics
        tally.sources.append(source)
        tally.unread += 1
    elif given.name == STDIN and not check_only:
        sys.stdout.write(made.text)
        tally.same += 1
    elif made.text == source.text:
        tally.same += 1
    elif check_only:
        tally.changed.append(given.name)
        yield from _difference(given.name, source.text, made.text)
    else:
        yield from _replace(given.path, given.name, made.text, tally)


def _replace(path: Path, name: str, text: str, tally: _Tally) -> Iterator[str]:
    try:
        write_whole(path, text)
    except OSError as error:
        tally.diagnostics.append(unwritable(name, error))
        tally.unread += 1
        return
    tally.changed.append(name)
    yield f"formatted {name}"


def _difference(name: str, old: str, new: str) -> Sequence[str]:
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), name, f"{name} (formatted)", lineterm="", n=1
    )
    return list(lines)


_COLOURS: Final = {"-": "bad", "+": "good", "@": "dim"}
"""How the lines of a difference are painted, by how they begin."""


def _summary(tally: _Tally, files: tuple[str, ...], check_only: bool) -> str:
    would = "would change" if check_only else "formatted"
    parts = [f"{len(tally.changed)} {would}"] if tally.changed else []
    parts += [f"{tally.same} already canonical"] if tally.same else []
    parts += [f"{tally.unread} not read"] if tally.unread else []
    said = f"{', '.join(parts) or 'nothing to format'}   (exit {_code(tally, check_only)})"
    if tally.changed and check_only:
        said += f"\nnext  {next_command('fmt', *files)}"
    return said


def _code(tally: _Tally, check_only: bool) -> int:
    if tally.unread:
        return WRONG
    if tally.changed and check_only:
        return CHANGES
    return 0 if tally.changed or tally.same else NOTHING
