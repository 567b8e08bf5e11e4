"""`kspec.toml`: which files a command means that is given none.

The nearest one counts, from the directory where the command is run upward. It says one thing:

    files = ["cluster.kspec", "specs/"]

relative to its own directory, and nothing outside of it. What is not known is a mistake, so that
a word that a later version understands is never passed over in silence.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, final

from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.record import frozen
from kspec.base.source import SourceFile, Span
from kspec.sources.files import read_text

FILE: Final = "kspec.toml"


@final
@frozen
class Project:
    """The files that a project names, as they are called from where the command was run; the
    text of its `kspec.toml`."""

    files: tuple[str, ...]
    source: SourceFile | None
    diagnostics: tuple[Diagnostic, ...] = ()


def project(start: Path) -> Project | None:
    """The project that a directory is in; None if it is in none."""
    here = start.resolve()
    for up, directory in enumerate((here, *here.parents)):
        if (directory / FILE).is_file():
            return _read(directory, Path(*[".."] * up))
    return None


def _read(directory: Path, shown: Path) -> Project:
    name = (shown / FILE).as_posix()
    source = read_text(directory / FILE, name, None)
    if isinstance(source, Diagnostic):
        return Project((), None, (source,))
    import tomllib

    try:
        found = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        return Project((), source, (_unread(source, str(error)),))
    wrong = _mistake(found)
    if wrong is not None:
        return Project((), source, (_unlike(source, *wrong),))
    return Project(tuple((shown / file).as_posix() for file in found["files"]), source)


def _mistake(found: dict[str, object]) -> tuple[str, str] | None:
    """The first key that is wrong, and why."""
    for key in found:
        if key != "files":
            return key, f"`{key}` is not known here: `files` is all that can be said"
    files = found.get("files")
    if not isinstance(files, list) or not all(isinstance(file, str) for file in files):
        return "files", "`files` is a list of texts: the files and directories of the project"
    for file in files:
        if Path(file).is_absolute() or ".." in Path(file).parts or "\0" in file:
            return "files", f"`{file}` is not in the directory of the project"
    return None


def _unlike(source: SourceFile, key: str, why: str) -> Diagnostic:
    found = re.search(rf"^\s*\[?\s*({re.escape(key)})\b", source.text, re.MULTILINE)
    at = found.span(1) if found else (0, 0)
    return _cannot(source, why, Span(source.name, *at))


def _unread(source: SourceFile, message: str) -> Diagnostic:
    place = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    at = len(source.text)
    if place is not None:
        lines = source.text.splitlines(keepends=True)
        at = sum(map(len, lines[: int(place[1]) - 1])) + int(place[2]) - 1
        message = message[: place.start()]
    return _cannot(source, message[:1].lower() + message[1:], Span(source.name, at, at + 1))


def _cannot(source: SourceFile, why: str, at: Span) -> Diagnostic:
    message = f"cannot read `{source.name}`: {why}"
    help_ = ('an example: files = ["cluster.kspec"]',)
    return Diagnostic(codes.UNREADABLE_FILE, message, Label(at, "here"), help=help_)
