"""Ctrl-C: the first one asks to stop and keeps what is known, the second one is not patient."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import final


@final
class Stop:
    """Whether somebody asked to stop."""

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
