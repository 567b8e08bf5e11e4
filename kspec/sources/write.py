"""Writing a file whole or not at all: beside it, then renamed over it.

The only module that writes what a user keeps. Links are followed, so that what they lead to is
what changes; the mode of a file stays as it was.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.source import Span


def write_whole(path: Path, text: str) -> None:
    """Replace a file's content, or make the file. Raises `OSError`; then nothing has changed."""
    target = path.resolve()
    handle, aside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        Path(aside).chmod(_mode(target))
        Path(aside).replace(target)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def write_new(path: Path, text: str) -> None:
    """Make a file with its directories. Raises `FileExistsError` rather than replace one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8", newline="\n") as stream:
        stream.write(text)


def unwritable(name: str, why: str | OSError) -> Diagnostic:
    """A file that cannot be written."""
    reason = why if isinstance(why, str) else (why.strerror or "something went wrong").lower()
    place = Label(Span(name, 0, 0))
    return Diagnostic(codes.UNREADABLE_FILE, f"cannot write `{name}`: {reason}", place)


def _mode(target: Path) -> int:
    if target.exists():
        return target.stat().st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
