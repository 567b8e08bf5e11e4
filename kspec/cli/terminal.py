"""What the terminal can show: colour, signs, a line of progress."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from typing import TextIO, final

from kspec.engines.api import Progress
from kspec.report.fold import folded
from kspec.report.paint import Paint
from kspec.report.phrases import counted


def has_colour(flag: str, stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """The flag, then `NO_COLOR`, `FORCE_COLOR`, `CLICOLOR_FORCE`, `TERM=dumb`, then the stream."""
    if flag != "auto":
        return flag == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR") or environ.get("CLICOLOR_FORCE", "0") != "0":
        return True
    return environ.get("TERM") != "dumb" and stream.isatty()


def paint_for(flag: str, stream: TextIO) -> Paint:
    """How to write on a stream."""
    return Paint(has_colour(flag, stream), bool(os.environ.get("KSPEC_ASCII")))


def columns(stream: TextIO) -> int:
    """The width of the terminal that a stream leads to; 0 if it is none."""
    return shutil.get_terminal_size((80, 24)).columns if stream.isatty() else 0


def fitting(text: str, stream: TextIO) -> str:
    """The text as it goes to a stream: folded for a terminal, as it is for anything else."""
    width = columns(stream)
    return folded(text, width) if width else text


@final
class ProgressLine:
    """One line on stderr that is written over; nothing at all where that is no terminal."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.active = self.stream.isatty() and not os.environ.get("KSPEC_NO_PROGRESS")
        self.title = ""

    def scope(self, title: str) -> None:
        """A search begins."""
        self.title = title
        self._write(title)

    def level(self, progress: Progress) -> None:
        """A level is complete."""
        states = counted(progress.states, "state")
        self._write(f"{self.title}: depth {progress.depth}, {states}, {progress.frontier} next")

    def clear(self) -> None:
        """Leave the line empty."""
        self._write("")

    def _write(self, text: str) -> None:
        if self.active:
            self.stream.write(f"\r\x1b[2K{text[: columns(self.stream) - 1]}")
            self.stream.flush()
