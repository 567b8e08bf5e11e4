"""One file: its bytes, its text, or what is wrong with it.

Nothing else in kspec opens a file to read it. Names are what is shown to people and may be
relative; nothing here changes the working directory or writes.
Next: `imports` for which file an import means, `manifests` for directories of YAML.
"""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.source import SourceFile, Span

MAX_BYTES: Final = 64 * 1024 * 1024
"""No file that a person or a cluster wrote is larger."""

SUFFIX: Final = ".kspec"
STDIN: Final = "-"


def real(path: Path) -> Path:
    """Where a path leads, links followed; itself, if that is nowhere."""
    return Path(os.path.realpath(path))  # unlike `resolve`, it does not raise in a loop of links


def read_bytes(path: Path, name: str, at: Span | None) -> bytes | Diagnostic:
    """What is in a file called `name`; the diagnostic points at `at`, where it was asked for."""
    try:
        if not path.is_file():
            return unreadable(name, _kind_of(path), at)
        if path.stat().st_size > MAX_BYTES:
            return unreadable(name, f"it is larger than {MAX_BYTES >> 20} MiB", at)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        return unreadable(name, _reason(error), at)


def read_text(path: Path, name: str, at: Span | None) -> SourceFile | Diagnostic:
    """A file as text in UTF-8, a byte-order mark left out."""
    data = sys.stdin.buffer.read() if name == STDIN else read_bytes(path, name, at)
    return data if isinstance(data, Diagnostic) else decoded(data, name, at)


def decoded(data: bytes, name: str, at: Span | None) -> SourceFile | Diagnostic:
    """Bytes as text in UTF-8; lines end in a single line feed."""
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        return unreadable(name, f"byte {error.start + 1} is not text in UTF-8", at)
    return SourceFile(name, text.replace("\r\n", "\n"))


def unreadable(name: str, why: str, at: Span | None) -> Diagnostic:
    """A file that cannot be read."""
    place = Label(at or Span(name, 0, 0), "asked for here" if at else "")
    return Diagnostic(codes.UNREADABLE_FILE, f"cannot read `{name}`: {why}", place)


def programs(directory: Path, name: str) -> Iterator[tuple[Path, str]]:
    """Every program below a directory, in order, with the name to show; hidden ones left out, and
    what links to directories lead to."""
    for at, inner, files in os.walk(directory):
        inner[:] = sorted(d for d in inner if not d.startswith("."))
        for file in sorted(files):
            path = Path(at, file)
            if path.suffix == SUFFIX and not file.startswith(".") and path.is_file():
                yield path, (Path(name) / path.relative_to(directory)).as_posix()


def _kind_of(path: Path) -> str:
    if path.is_dir():
        return "it is a directory"
    return "it is no plain file" if path.exists() else "there is no such file"


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "its name is not one that a file can have"
