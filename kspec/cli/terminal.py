"""What the terminal can show: colour, signs, a line of progress."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from time import perf_counter
from typing import TextIO, final

from kspec.engines.api import Moment, Progress
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
    if not stream.isatty():
        return 0
    import shutil

    return shutil.get_terminal_size((80, 24)).columns


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
        self._wrote = 0.0
        self._levels: tuple[int, ...] = ()
        self._more = ""
        self._from: tuple[float, int] | None = None

    def scope(self, title: str) -> None:
        """A search begins."""
        self.title = title.rpartition("/")[2]
        self._from, self._levels, self._more = None, (), ""
        self._write(title)

    def level(self, progress: Progress) -> None:
        """A level is complete."""
        self._levels = (*self._levels[-2:], progress.frontier)
        more = ahead(self._levels)
        self._more = f", perhaps {short(more)} to come" if more else ""
        states = counted(progress.states, "state")
        self._often(f"{self.title}: depth {progress.depth}, {states}, {progress.frontier} next")

    def moment(self, moment: Moment) -> None:
        """A search is in the middle of a level."""
        # What a checkpoint had brought was there before the first moment.
        began, before = self._from = self._from or (perf_counter(), moment.states)
        seconds = perf_counter() - began
        rate = f", {short((moment.states - before) / seconds)}/s" if seconds > 0.1 else ""
        plural = "" if moment.states == 1 else "s"
        memory = f"{short(moment.memory)}B{' and files' if moment.in_files else ''}"
        self._often(
            f"{self.title}: {short(moment.states)} state{plural}{rate}, depth {moment.depth},"
            f" {short(moment.left)} left, {memory}{self._more}"
        )

    def clear(self) -> None:
        """Leave the line empty."""
        self._write("")

    def _often(self, text: str) -> None:
        """Write if it is time to: some times a second is enough for anybody."""
        if self.active and perf_counter() - self._wrote > 0.1:
            self._wrote = perf_counter()
            self._write(text)

    def _write(self, text: str) -> None:
        if self.active:
            self.stream.write(f"\r\x1b[2K{text[: columns(self.stream) - 1]}")
            self.stream.flush()


def ahead(levels: tuple[int, ...]) -> int:
    """A guess at the states to come, from the sizes of the last three levels; 0 for none.

    Only where levels get smaller: then as if they went on to do so at the same rate.
    """
    if len(levels) < 3 or not levels[0] > levels[1] > levels[2] > 0:
        return 0
    rate = levels[2] / levels[1]
    return int(levels[2] * rate / (1 - rate))


def short(number: float) -> str:
    """A number with three digits, or a few more: 812, 9.30 k, 104 M."""
    if number < 999.5:
        return f"{number:.0f}"
    power = 0
    while number >= 999.5 and power < 4:
        number, power = number / 1000, power + 1
    digits = 2 if number < 9.995 else 1 if number < 99.95 else 0
    return f"{number:.{digits}f} {'kMGT'[power - 1]}"
