"""Source text and places in it.

A `Span` is three fields; line and column are computed by `LineIndex` when they are shown.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import final

from kspec.base.record import frozen


@final
@frozen
class Span:
    """Characters `start` up to, but not including, `end` of the file called `file`."""

    file: str
    start: int
    end: int

    def to(self, other: Span) -> Span:
        """From the beginning of this span to the end of `other`, in the same file."""
        return Span(self.file, min(self.start, other.start), max(self.end, other.end))


@final
@frozen
class SourceFile:
    """A name to show and the text behind it."""

    name: str
    text: str


@final
class LineIndex:
    """Offsets to lines and columns (both from 1) and back, for one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(i + 1 for i, c in enumerate(text) if c == "\n")]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset; columns count characters."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line, without its end."""
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self.text) + 1
        return self.text[start : end - 1].removesuffix("\r")
